package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
)

// readNPY reads a stack of images, or a table of pixels with -size.
func (o *ntkOptions) readNPY(path string) (*conv.Images, error) {
	a, err := openNPY(path)
	if err != nil {
		return nil, err
	}
	var s *conv.Images
	if len(a.Shape) == 2 && o.images.size != "" {
		x, err := a.Dense()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		_, d := x.Dims()
		s, err = conv.FromRows(x, o.images.height, o.images.width, o.channelsOf(d))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return s, nil
	}
	if s, err = conv.FromArray(a, conv.Layout(o.images.layout)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if o.images.size != "" && (s.H != o.images.height || s.W != o.images.width) {
		return nil, fmt.Errorf("%s: images of %d×%d pixels, and -size %s; an .npy stack is taken as it is", path, s.H, s.W, o.images.size)
	}
	return s, nil
}

// channelsOf is the number of channels of a row of d pixels: -channels, or what fits.
func (o *ntkOptions) channelsOf(d int) int {
	if o.images.channels != 0 {
		return o.images.channels
	}
	if d == 3*o.images.height*o.images.width {
		return 3
	}
	return 1
}

// readPixels reads a table whose rows are pixels.
func (o *ntkOptions) readPixels(path, labels string, out *imagesIn) error {
	if labels != "" {
		return fmt.Errorf("%s is a table: its labels are a column, given with -label", path)
	}
	opt := data.ReadOptions{Label: o.label}
	if o.drop != "" {
		opt.Drop = strings.Split(o.drop, ",")
	}
	tab, err := data.ReadTable(path, opt)
	if err != nil {
		return err
	}
	for _, c := range tab.Y {
		out.labels = append(out.labels, tab.Classes[c])
	}
	if out.Images, err = conv.FromRows(tab.X, o.images.height, o.images.width, o.channelsOf(tab.Width())); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// readLabels reads one label an image: an .npy array of numbers, or one a line.
func readLabels(path string) ([]string, error) {
	if ending := strings.ToLower(strings.TrimSuffix(path, ".gz")); strings.HasSuffix(ending, ".npy") {
		a, err := openNPY(path)
		if err != nil {
			return nil, err
		}
		out := make([]string, len(a.Data))
		for i, v := range a.Data {
			out[i] = strconv.FormatFloat(v, 'g', -1, 64)
		}
		return out, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := strings.Split(strings.TrimRight(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n"), "\n")
	for i := range out {
		if out[i] = strings.TrimSpace(out[i]); out[i] == "" {
			return nil, fmt.Errorf("%s:%d: the label is missing", path, i+1)
		}
	}
	return out, nil
}

// openNPY reads an array from a file, which may be compressed.
func openNPY(path string) (*data.Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(strings.ToLower(path), ".gz") {
		z, err := gzip.NewReader(bufio.NewReader(f))
		if err != nil {
			return nil, fmt.Errorf("%s: not a gzip file: %w", path, err)
		}
		defer z.Close()
		r = z
	}
	return data.ReadNPY(r, path)
}
