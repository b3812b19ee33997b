package data

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// ImageSet is a set of labelled images of one size, a byte a value: compact, so that all of CIFAR-10
// takes 184 MB. Image i is Pixels[i·h·w·c : (i+1)·h·w·c], row by row, the channels of a pixel together.
type ImageSet struct {
	Name                    string
	Height, Width, Channels int
	Pixels                  []byte
	Y                       []int // class of each image, an index into Classes; nil where there are none
	Classes                 []string
	Files                   []string // of each image, where it was read from a file of its own
	Source, Licence         string
}

// Len returns the number of images.
func (s *ImageSet) Len() int { return len(s.Pixels) / max(1, s.Height*s.Width*s.Channels) }

// Image returns the bytes of image i, which share the set's memory.
func (s *ImageSet) Image(i int) []byte {
	size := s.Height * s.Width * s.Channels
	return s.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// Table returns the images with the given indices (nil: all) as a table of values divided by 255. Eight
// bytes a value: choose rows, where a few do.
func (s *ImageSet) Table(rows []int) (*Table, error) {
	if rows == nil {
		rows = make([]int, s.Len())
		for i := range rows {
			rows[i] = i
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("data.ImageSet.Table: no rows asked for, want at least one")
	}
	d := s.Height * s.Width * s.Channels
	t := &Table{
		Name: s.Name, X: mat.NewDense(len(rows), d, nil), Classes: slices.Clone(s.Classes), Source: s.Source, Licence: s.Licence,
	}
	if s.Y != nil {
		t.Y, t.TargetName = make([]int, len(rows)), "class"
	}
	for j := range d {
		name := fmt.Sprintf("pixel %d,%d", j/s.Channels/s.Width, j/s.Channels%s.Width)
		if s.Channels > 1 {
			name += fmt.Sprintf(" channel %d", j%s.Channels)
		}
		t.Features = append(t.Features, name)
	}
	for k, i := range rows {
		if i < 0 || i >= s.Len() {
			return nil, fmt.Errorf("data.ImageSet.Table: image %d of %d, want 0..%d", i, s.Len(), s.Len()-1)
		}
		row := t.X.RawRowView(k)
		for j, p := range s.Image(i) {
			row[j] = float64(p) / 255
		}
		if s.Y != nil {
			t.Y[k] = s.Y[i]
		}
	}
	return t, nil
}

var (
	mnistClasses   = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	fashionClasses = []string{"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"}
	cifarClasses   = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
)

// MNIST reads the 60,000 training and 10,000 test digits from cacheDir ("": the user's cache). If they
// are not there, or not rightly, a *[MissingError] says how to get them; nothing is downloaded.
func MNIST(cacheDir string) (train, test *ImageSet, err error) {
	return readIDXSet("data.MNIST", "mnist", cacheDir, mnistClasses)
}

// FashionMNIST reads the 60,000 training and 10,000 test articles, like [MNIST].
func FashionMNIST(cacheDir string) (train, test *ImageSet, err error) {
	return readIDXSet("data.FashionMNIST", "fashion-mnist", cacheDir, fashionClasses)
}

func readIDXSet(fn, name, cacheDir string, classes []string) (train, test *ImageSet, err error) {
	d, err := lookup(fn, name)
	if err != nil {
		return nil, nil, err
	}
	return d.idx(fn, cacheDir, classes)
}

// idx reads a set whose files are train images, train labels, test images, test labels.
func (d dataset) idx(fn, cacheDir string, classes []string) (train, test *ImageSet, err error) {
	dir, err := d.dir(cacheDir)
	if err != nil {
		return nil, nil, err
	}
	if err := d.require(fn, dir); err != nil {
		return nil, nil, err
	}
	var sets [2]*ImageSet
	for k := range sets {
		images, labels := filepath.Join(dir, d.files[2*k].name), filepath.Join(dir, d.files[2*k+1].name)
		s := &ImageSet{Name: d.name, Channels: 1, Classes: slices.Clone(classes), Source: d.source, Licence: d.licence}
		dims, pixels, err := readIDX(fn, images, 3)
		if err != nil {
			return nil, nil, err
		}
		s.Height, s.Width, s.Pixels = dims[1], dims[2], pixels
		count, y, err := readIDX(fn, labels, 1)
		if err != nil {
			return nil, nil, err
		}
		if count[0] != dims[0] {
			return nil, nil, fmt.Errorf("%s: %d images and %d labels", fn, dims[0], count[0])
		}
		if s.Y, err = labelsOf(y, len(classes)); err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", fn, labels, err)
		}
		sets[k] = s
	}
	return sets[0], sets[1], nil
}

func labelsOf(raw []byte, classes int) ([]int, error) {
	y := make([]int, len(raw))
	for i, c := range raw {
		if int(c) >= classes {
			return nil, fmt.Errorf("label %d is %d, want 0..%d", i, c, classes-1)
		}
		y[i] = int(c)
	}
	return y, nil
}

// readIDX reads a gzipped IDX file of bytes with the given number of dimensions.
func readIDX(fn, path string, rank int) (dims []int, values []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s: not a gzip file: %w", fn, path, err)
	}
	return parseIDX(fn, path, z, rank)
}

// parseIDX reads the IDX format of MNIST's makers: two zero bytes, the type (8: bytes), the number of
// dimensions, each dimension as a big-endian uint32, the values. Memory is taken as data arrive.
func parseIDX(fn, file string, r io.Reader, rank int) (dims []int, values []byte, err error) {
	fail := func(offset int64, format string, args ...any) error {
		return &ParseError{Func: fn, File: file, Offset: offset, Msg: fmt.Sprintf(format, args...)}
	}
	head := make([]byte, 4+4*rank)
	if n, err := io.ReadFull(r, head); err != nil {
		return nil, nil, fail(int64(n), "the file ends within its header")
	}
	if want := []byte{0, 0, 8, byte(rank)}; !bytes.Equal(head[:4], want) {
		return nil, nil, fail(0, "the file begins with %v, want %v for bytes of %d dimensions", head[:4], want, rank)
	}
	count := int64(1)
	for i := range rank {
		d := int64(binary.BigEndian.Uint32(head[4+4*i:]))
		if d == 0 || count > (1<<40)/d {
			return nil, nil, fail(int64(4+4*i), "dimension %d is %d, want at least 1 and fewer than 2^40 values in all", i+1, d)
		}
		count *= d
		dims = append(dims, int(d))
	}
	values, err = io.ReadAll(io.LimitReader(r, count+1))
	if err != nil {
		return nil, nil, &ParseError{Func: fn, File: file, Offset: int64(len(head) + len(values)), Msg: "the data cannot be read", Err: err}
	}
	if int64(len(values)) != count {
		return nil, nil, fail(int64(len(head)), "the file holds %d values or more, want %d for dimensions %v", len(values), count, dims)
	}
	return dims, values, nil
}

const (
	cifarSide   = 32
	cifarPixels = cifarSide * cifarSide
	cifarRecord = 1 + 3*cifarPixels
)

// CIFAR10 reads the 50,000 training and 10,000 test images from cacheDir ("": the user's cache), like
// [MNIST]. The file has one colour plane after another; here the colours of a pixel lie together.
func CIFAR10(cacheDir string) (train, test *ImageSet, err error) {
	d, err := lookup("data.CIFAR10", "cifar-10")
	if err != nil {
		return nil, nil, err
	}
	return d.cifar(cacheDir)
}

func (d dataset) cifar(cacheDir string) (train, test *ImageSet, err error) {
	const fn = "data.CIFAR10"
	dir, err := d.dir(cacheDir)
	if err != nil {
		return nil, nil, err
	}
	if err := d.require(fn, dir); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, d.files[0].name)
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s: not a gzip file: %w", fn, path, err)
	}
	batches := map[string][]byte{}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", fn, path, err)
		}
		name := h.Name[strings.LastIndexByte(h.Name, '/')+1:]
		if !strings.HasSuffix(name, ".bin") {
			continue
		}
		if batches[name], err = io.ReadAll(t); err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %s: %w", fn, path, name, err)
		}
	}
	var sets [2]*ImageSet
	for k, names := range [][]string{
		{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
		{"test_batch.bin"},
	} {
		s := &ImageSet{Name: d.name, Height: cifarSide, Width: cifarSide, Channels: 3, Classes: slices.Clone(cifarClasses), Source: d.source, Licence: d.licence}
		for _, name := range names {
			if err := s.appendCIFAR(batches[name]); err != nil {
				return nil, nil, fmt.Errorf("%s: %s: %s: %w", fn, path, name, err)
			}
		}
		sets[k] = s
	}
	return sets[0], sets[1], nil
}

// appendCIFAR adds the images of one batch: a byte of label, then 1024 of red, green and blue each.
func (s *ImageSet) appendCIFAR(b []byte) error {
	if len(b) == 0 || len(b)%cifarRecord != 0 {
		return fmt.Errorf("the batch has %d bytes, want a positive multiple of %d", len(b), cifarRecord)
	}
	s.Pixels = slices.Grow(s.Pixels, len(b)/cifarRecord*3*cifarPixels)
	for ; len(b) > 0; b = b[cifarRecord:] {
		y, err := labelsOf(b[:1], len(s.Classes))
		if err != nil {
			return fmt.Errorf("image %d: %w", s.Len(), err)
		}
		s.Y = append(s.Y, y[0])
		for p := range cifarPixels {
			s.Pixels = append(s.Pixels, b[1+p], b[1+cifarPixels+p], b[1+2*cifarPixels+p])
		}
	}
	return nil
}

// TinyShakespeare reads the text from cacheDir ("": the user's cache), 1,115,394 ASCII characters, 65
// of them distinct. If it is not there, a *[MissingError] says how to get it.
func TinyShakespeare(cacheDir string) (string, error) {
	const fn = "data.TinyShakespeare"
	d, err := lookup(fn, "tiny-shakespeare")
	if err != nil {
		return "", err
	}
	dir, err := d.dir(cacheDir)
	if err != nil {
		return "", err
	}
	if err := d.require(fn, dir); err != nil {
		return "", err
	}
	b, err := os.ReadFile(filepath.Join(dir, d.files[0].name))
	if err != nil {
		return "", fmt.Errorf("%s: %w", fn, err)
	}
	return string(b), nil
}
