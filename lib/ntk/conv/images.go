package conv

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/data"
)

// Images is a stack of N images of one size with C channels, H rows and W columns. Value (i, j) of
// channel c of image n is Data[((n·C+c)·H+i)·W+j].
type Images struct {
	N, C, H, W int
	Data       []float64
}

// largest is the limit on the size of a value: kernels are of second order in the pixels, and a sum of
// squares must not overflow.
const largest = 1e150

// Validate reports what is wrong with the stack: a size below 1, a length that does not match, a value
// that is not finite or beyond 1e150 in size, each with its place.
func (s *Images) Validate() error {
	switch {
	case s == nil:
		return fmt.Errorf("conv.Images: nil, want a stack of images")
	case s.N < 1 || s.C < 1 || s.H < 1 || s.W < 1:
		return fmt.Errorf("conv.Images: %s, want at least 1 of each", s.size())
	case s.H > 1<<15 || s.W > 1<<15 || s.C > 1<<20:
		return fmt.Errorf("conv.Images: %s, want images of at most 32768×32768 pixels", s.size())
	case len(s.Data) != s.N*s.C*s.H*s.W:
		return fmt.Errorf("conv.Images: %d values for %s, want %d", len(s.Data), s.size(), s.N*s.C*s.H*s.W)
	}
	for k, v := range s.Data {
		if !(math.Abs(v) <= largest) {
			p := k % (s.H * s.W)
			k /= s.H * s.W
			return fmt.Errorf("conv.Images: image %d, channel %d, pixel (%d,%d) is %g, want a finite number of at most %g", k/s.C, k%s.C, p/s.W, p%s.W, v, float64(largest))
		}
	}
	return nil
}

// size is the shape in words.
func (s *Images) size() string {
	return fmt.Sprintf("%d images of %d×%d pixels with %d channels", s.N, s.H, s.W, s.C)
}

// FromRows reads each row of x as an image of h rows and w columns whose c channels lie together at
// each pixel, as the tables of data.ImageSet have them: column (i·w+j)·c+k is channel k of pixel (i, j).
func FromRows(x mat.Matrix, h, w, c int) (*Images, error) {
	n, d := x.Dims()
	if h < 1 || w < 1 || c < 1 || d != h*w*c {
		return nil, fmt.Errorf("conv.FromRows: %d columns for images of %d×%d pixels with %d channels, want %d", d, h, w, c, h*w*c)
	}
	s := &Images{N: n, C: c, H: h, W: w, Data: make([]float64, n*d)}
	for i := range n {
		for p := range h * w {
			for k := range c {
				s.Data[(i*c+k)*h*w+p] = x.At(i, p*c+k)
			}
		}
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("conv.FromRows: %w", err)
	}
	return s, nil
}

// Layout says where an array of images has its channels.
type Layout string

// The layouts of an array of four dimensions. Auto takes the dimension of at most 4 among the second
// and the last, and refuses an array where both are, or neither.
const (
	Auto          Layout = ""
	ChannelsLast  Layout = "nhwc"
	ChannelsFirst Layout = "nchw"
)

// FromArray reads an array (n, h, w), (n, h, w, c) or (n, c, h, w) as a stack of images.
func FromArray(a *data.Array, layout Layout) (*Images, error) {
	const fn = "conv.FromArray"
	shape := a.Shape
	switch {
	case len(shape) == 3:
		shape = []int{shape[0], 1, shape[1], shape[2]}
		layout = ChannelsFirst
	case len(shape) != 4:
		return nil, fmt.Errorf("%s: shape %v, want (n, h, w), (n, h, w, c) or (n, c, h, w)", fn, shape)
	case layout == Auto:
		first, last := shape[1] <= 4, shape[3] <= 4
		if first == last {
			return nil, fmt.Errorf("%s: shape %v does not tell which dimension holds the channels, want layout nhwc or nchw", fn, shape)
		}
		if layout = ChannelsLast; first {
			layout = ChannelsFirst
		}
	case layout != ChannelsLast && layout != ChannelsFirst:
		return nil, fmt.Errorf("%s: layout %q, want nhwc or nchw", fn, layout)
	}
	s := &Images{N: shape[0], C: shape[1], H: shape[2], W: shape[3], Data: a.Data}
	if layout == ChannelsLast {
		s = &Images{N: shape[0], C: shape[3], H: shape[1], W: shape[2], Data: make([]float64, len(a.Data))}
		p := s.H * s.W
		for k, v := range a.Data {
			image, place, channel := k/(p*s.C), k/s.C%p, k%s.C
			s.Data[(image*s.C+channel)*p+place] = v
		}
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return s, nil
}

// FromSet takes the images of a set of files or of a data set, bytes divided by 255.
func FromSet(s *data.ImageSet) (*Images, error) {
	t, err := s.Table(nil)
	if err != nil {
		return nil, fmt.Errorf("conv.FromSet: %w", err)
	}
	return FromRows(t.X, s.Height, s.Width, s.Channels)
}

// Rows returns the images as rows of values for a kernel that knows nothing of places, channel after
// channel. It shares the memory of s.
func (s *Images) Rows() *mat.Dense { return mat.NewDense(s.N, s.C*s.H*s.W, s.Data) }

// Slice returns the images from lo up to hi, which share the memory of s.
func (s *Images) Slice(lo, hi int) (*Images, error) {
	if lo < 0 || hi > s.N || lo >= hi {
		return nil, fmt.Errorf("conv.Images.Slice: images %d up to %d of %d, want at least one of them", lo, hi, s.N)
	}
	d := s.C * s.H * s.W
	return &Images{N: hi - lo, C: s.C, H: s.H, W: s.W, Data: s.Data[lo*d : hi*d : hi*d]}, nil
}

// Digits returns the 1797 UCI digits in file order as 8×8 images with values pixels/16 in [0, 1], and
// their classes 0 to 9.
func Digits() (*Images, []int, error) {
	t, err := data.Digits()
	if err != nil {
		return nil, nil, fmt.Errorf("conv.Digits: %w", err)
	}
	s, err := FromRows(t.X, 8, 8, 1)
	if err != nil {
		return nil, nil, fmt.Errorf("conv.Digits: %w", err)
	}
	for k := range s.Data {
		s.Data[k] /= 16
	}
	return s, t.Y, nil
}
