package data

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the decoders of the formats that ReadImages takes
	_ "image/jpeg"
	_ "image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ImageOptions says how image files become a stack of one size; the zero value takes them as they are.
type ImageOptions struct {
	// Height and Width are the size that every image is brought to, by averaging over the area that each
	// new pixel covers; an image of other proportions is stretched. 0: that of the first image, and a
	// file of another size is an error.
	Height, Width int

	// Channels is 1 for grey (the luma of ITU-R BT.601) or 3 for red, green and blue. 0: 1 if all images
	// are grey, else 3.
	Channels int

	Classes []string // the classes and their numbers, as when a test set must agree with a training set; nil: the folders found, sorted
}

// pixelLimit is the largest image, in pixels, that is decoded: a small file can claim any size.
const pixelLimit = 1 << 26

// ReadImages reads images in PNG, JPEG or GIF (the first frame) from path: one file; a folder of files,
// in the order of their names; or a folder with a subfolder for each class, where the subfolder's name
// is the class. Without subfolders the set has no classes, and Y is nil. Names that begin with a point,
// and what Windows leaves in folders (Thumbs.db, desktop.ini), are passed over; any other file that is not an image is an error, as is one that cannot be decoded,
// and the error names it. Transparent pixels are seen before black. Orientation tags are not read.
func ReadImages(path string, opt ImageOptions) (*ImageSet, error) {
	const fn = "data.ReadImages"
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if !info.IsDir() {
		s, err := ReadImageFiles([]string{path}, nil, opt)
		if err == nil {
			s.Name = path
		}
		return s, err
	}
	files, folders, err := listing(fn, path)
	if err != nil {
		return nil, err
	}
	var labels []string
	if len(folders) > 0 {
		if len(files) > 0 {
			return nil, fmt.Errorf("%s: %s lies beside the folder %s; want images in a folder for each class, or images alone", fn, files[0], filepath.Base(folders[0]))
		}
		for _, folder := range folders {
			inside, deeper, err := listing(fn, folder)
			if err != nil {
				return nil, err
			}
			if len(deeper) > 0 {
				return nil, fmt.Errorf("%s: %s is a folder within the folder of a class, want images", fn, deeper[0])
			}
			if len(inside) == 0 {
				return nil, fmt.Errorf("%s: %s: the folder has no images", fn, folder)
			}
			for range inside {
				labels = append(labels, filepath.Base(folder))
			}
			files = append(files, inside...)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %s: the folder has no images", fn, path)
	}
	s, err := ReadImageFiles(files, labels, opt)
	if err == nil {
		s.Name = path
	}
	return s, err
}

// leftBehind are the files that Windows leaves in folders, in small letters.
var leftBehind = map[string]bool{"thumbs.db": true, "desktop.ini": true}

// listing returns the files and the folders of a folder, sorted, hidden ones and leftBehind aside.
func listing(fn, folder string) (files, folders []string, err error) {
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || leftBehind[strings.ToLower(e.Name())] {
			continue
		}
		path := filepath.Join(folder, e.Name())
		info, err := os.Stat(path) // follows links
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", fn, err)
		case info.IsDir():
			folders = append(folders, path)
		default:
			files = append(files, path)
		}
	}
	return files, folders, nil
}

// ReadImageFiles reads the files in the order given. labels holds the class of each, or is nil. See
// ReadImages for the formats and errors.
func ReadImageFiles(files, labels []string, opt ImageOptions) (*ImageSet, error) {
	const fn = "data.ReadImageFiles"
	switch {
	case len(files) == 0:
		return nil, fmt.Errorf("%s: no files, want at least one", fn)
	case labels != nil && len(labels) != len(files):
		return nil, fmt.Errorf("%s: %d files and %d labels, want the same number", fn, len(files), len(labels))
	case opt.Channels != 0 && opt.Channels != 1 && opt.Channels != 3:
		return nil, fmt.Errorf("%s: %d channels, want 1 for grey, 3 for colour or 0 to choose", fn, opt.Channels)
	case opt.Height < 0 || opt.Width < 0 || (opt.Height == 0) != (opt.Width == 0) || opt.Height > 1<<15 || opt.Width > 1<<15:
		return nil, fmt.Errorf("%s: size %d×%d, want both from 1 to 32768, or neither", fn, opt.Height, opt.Width)
	}
	s := &ImageSet{Height: opt.Height, Width: opt.Width, Channels: 3, Files: slices.Clone(files)}
	if labels != nil {
		var at int
		if s.Y, s.Classes, at = numberClasses(labels, opt.Classes); at >= 0 {
			return nil, fmt.Errorf("%s: %s: class %s is not one of %s", fn, files[at], short(labels[at]), list(opt.Classes))
		}
	}
	grey := true
	for i, file := range files {
		img, err := decodeImage(fn, file)
		if err != nil {
			return nil, err
		}
		b := img.Bounds()
		if s.Height == 0 {
			s.Height, s.Width = b.Dy(), b.Dx()
		}
		if opt.Height == 0 && (b.Dy() != s.Height || b.Dx() != s.Width) {
			return nil, fmt.Errorf("%s: %s is %d×%d pixels (rows by columns) and %s %d×%d; want one size, or a size to bring all to", fn, files[i], b.Dy(), b.Dx(), files[0], s.Height, s.Width)
		}
		rgb := resample(img, s.Height, s.Width)
		for p := 0; p < len(rgb) && grey; p += 3 {
			grey = rgb[p] == rgb[p+1] && rgb[p] == rgb[p+2]
		}
		s.Pixels = append(s.Pixels, rgb...)
	}
	if opt.Channels == 1 || opt.Channels == 0 && grey {
		s.Channels = 1
		for p := range len(s.Pixels) / 3 {
			s.Pixels[p] = color.GrayModel.Convert(color.RGBA{s.Pixels[3*p], s.Pixels[3*p+1], s.Pixels[3*p+2], 255}).(color.Gray).Y
		}
		s.Pixels = slices.Clip(s.Pixels[:len(s.Pixels)/3])
	}
	return s, nil
}

// numberClasses returns the class of each label among the given ones or, where they are nil, among the
// labels found, sorted. at is the first label that is none of them, or -1.
func numberClasses(labels, known []string) (y []int, names []string, at int) {
	names = slices.Clone(known)
	if names == nil {
		names = classes(labels)
	}
	for i, l := range labels {
		k := classIndex(names, l)
		if k < 0 {
			return nil, nil, i
		}
		y = append(y, k)
	}
	return y, names, -1
}

// NumberClasses returns the class of each label, an index into names: the given classes or, where they
// are nil, the labels found, sorted as numbers if all are, else as texts. A label outside the given
// classes is an error.
func NumberClasses(labels, known []string) (y []int, names []string, err error) {
	y, names, at := numberClasses(labels, known)
	if at >= 0 {
		return nil, nil, fmt.Errorf("data.NumberClasses: label %d, %s, is not one of the classes %s", at+1, short(labels[at]), list(known))
	}
	return y, names, nil
}

// ReadImageList reads a list of image files in CSV, with commas or tabs: the first field of a line is
// the path, seen from the folder of the list, and the second, which all lines have or none, the label.
// A first line whose first field does not end as an image is a header. labels is nil where there are
// none.
func ReadImageList(path string) (files, labels []string, err error) {
	const fn = "data.ReadImageList"
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	defer f.Close()
	s, err := newScanner(fn, f, path, ReadOptions{})
	if err != nil {
		return nil, nil, err
	}
	columns := 0
	for first := true; ; first = false {
		r, err := s.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		fields := trimmed(r.fields)
		if first && !IsImageFile(fields[0]) {
			continue
		}
		if !IsImageFile(fields[0]) {
			return nil, nil, s.fail(r.line(0), 1, "%s does not end in .png, .jpg, .jpeg or .gif", short(fields[0]))
		}
		if columns == 0 {
			columns = len(fields)
		}
		if len(fields) != columns || columns > 2 {
			return nil, nil, s.fail(r.line(0), 0, "%d fields, want a file and, in all lines or none, a label", len(fields))
		}
		name := fields[0]
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), filepath.FromSlash(name))
		}
		files = append(files, name)
		if columns == 2 {
			if fields[1] == "" {
				return nil, nil, s.fail(r.line(1), 2, "the label is missing")
			}
			labels = append(labels, fields[1])
		}
	}
	if len(files) == 0 {
		return nil, nil, s.fail(0, 0, "the list names no images")
	}
	return files, labels, nil
}

// decodeImage reads one file, after a look at the size it claims.
func decodeImage(fn, path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	defer f.Close()
	c, _, err := image.DecodeConfig(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %s: not an image in PNG, JPEG or GIF: %w", fn, path, err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > pixelLimit/c.Height {
		return nil, fmt.Errorf("%s: %s: %d×%d pixels, want at least one and at most %d", fn, path, c.Height, c.Width, pixelLimit)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	img, _, err := image.Decode(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", fn, path, err)
	}
	return img, nil
}

// resample returns the bytes of the image at h×w pixels, three a pixel: each is the mean over the part
// of the image that it covers.
func resample(img image.Image, h, w int) []byte {
	b := img.Bounds()
	out := make([]byte, 0, 3*h*w)
	if b.Dy() == h && b.Dx() == w {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				red, green, blue, _ := img.At(x, y).RGBA() // premultiplied: before black
				out = append(out, byte(red>>8), byte(green>>8), byte(blue>>8))
			}
		}
		return out
	}
	// Along the rows first: narrow holds h₀×w pixels.
	narrow := make([]float64, b.Dy()*w*3)
	for y := range b.Dy() {
		for x := range w {
			covered(b.Dx(), w, x, func(from int, share float64) {
				red, green, blue, _ := img.At(b.Min.X+from, b.Min.Y+y).RGBA()
				at := narrow[(y*w+x)*3:]
				at[0] += share * float64(red)
				at[1] += share * float64(green)
				at[2] += share * float64(blue)
			})
		}
	}
	for y := range h {
		for x := range 3 * w {
			sum := 0.0
			covered(b.Dy(), h, y, func(from int, share float64) { sum += share * narrow[from*w*3+x] })
			out = append(out, byte(math.Round(sum/0x101)))
		}
	}
	return out
}

// covered visits the pixels of n that pixel k of m covers, with their shares of it.
func covered(n, m, k int, visit func(from int, share float64)) {
	lo, hi := float64(k)*float64(n)/float64(m), float64(k+1)*float64(n)/float64(m)
	for i := int(lo); i < n && float64(i) < hi; i++ {
		if part := min(hi, float64(i+1)) - max(lo, float64(i)); part > 0 {
			visit(i, part/(hi-lo))
		}
	}
}

// IsImageFile reports whether a name ends as that of an image which ReadImages takes.
func IsImageFile(name string) bool {
	return slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif"}, strings.ToLower(filepath.Ext(name)))
}
