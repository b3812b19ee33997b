package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
)

const ntkImageFormats = `For images (-kernel cntk, cnngp) -train and -test take a folder with a subfolder for each class; a folder
of images or one file, without labels; a list, .csv or .tsv, of image files and labels; an .npy stack
(n,h,w), (n,h,w,c) or (n,c,h,w), with -labels file; @digits; and, with -size, any table whose rows are
pixels. Images are PNG, JPEG or GIF, and -size brings them to one size.`

// imageInput says how images are read and which kernel is taken of them.
type imageInput struct {
	set                *flag.FlagSet
	pool               bool
	filter             int
	size               string
	channels           int
	layout             string
	labels, testLabels string

	height, width int // of size; 0 where it is not given
}

// imageFlags are the flags that only images take, and tableFlags those that only tables take.
var (
	imageFlags = []string{"pool", "filter", "size", "channels", "layout", "labels", "test-labels"}
	tableFlags = []string{"activation", "bias", "input-scale", "fixed", "scale", "keep-constant"}
)

func (in *imageInput) flags(fs *flag.FlagSet) {
	in.set = fs
	fs.BoolVar(&in.pool, "pool", false, "images: average over places before the readout (global average pooling)")
	fs.IntVar(&in.filter, "filter", 3, "images: filters are `q` by q pixels, q odd")
	fs.StringVar(&in.size, "size", "", "images: bring files to `HxW` pixels, or read the rows of a table as such")
	fs.IntVar(&in.channels, "channels", 0, "images: take `c` channels, 1 for grey, 3 for colour, 0 as the files are")
	fs.StringVar(&in.layout, "layout", "", "images: the `order` in a stack of four dimensions, nhwc or nchw, where its shape\ndoes not tell")
	fs.StringVar(&in.labels, "labels", "", "images: the `file` of the labels of the -train stack, .npy or one a line")
	fs.StringVar(&in.testLabels, "test-labels", "", "images: the `file` of the labels of the -test stack")
}

// given returns the first flag of the list that was set.
func (in *imageInput) given(names []string) string {
	first := ""
	in.set.Visit(func(f *flag.Flag) {
		if first == "" && slices.Contains(names, f.Name) {
			first = f.Name
		}
	})
	return first
}

// unused refuses flags of images where there are none.
func (in *imageInput) unused() error {
	if f := in.given(imageFlags); f != "" {
		return badUsage("-%s goes with -kernel cntk and cnngp", f)
	}
	return nil
}

// convolutional reports whether the kernel is one of images.
func (o *ntkOptions) convolutional() bool { return o.kernel == "cntk" || o.kernel == "cnngp" }

// maxImageDepth bounds -depth for images, where each layer costs.
const maxImageDepth = 1000

// maxSide bounds -size: the kernel's cost grows with the square of the pixels.
const maxSide = 4096

// parseImages returns the kernel that the flags describe.
func (o *ntkOptions) parseImages(args []string) (conv.Kernel, error) {
	in := &o.images
	k := conv.Kernel{Depth: o.depth, Filter: in.filter, Pool: in.pool, NNGP: o.kernel == "cnngp"}
	if len(args) > 0 {
		return k, badUsage("unexpected argument %q; images are given with -train and -test", args[0])
	}
	if o.train == "" {
		return k, badUsage("-train is required: a folder, a list, an .npy stack or @digits")
	}
	if f := in.given(tableFlags); f != "" {
		return k, badUsage("-%s has no use with -kernel %s", f, o.kernel)
	}
	switch {
	case o.depth < 0 || o.depth > maxImageDepth:
		return k, badUsage("-depth %d, want 0 to %d", o.depth, maxImageDepth)
	case in.filter < 1 || in.filter%2 == 0 || in.filter > 1001:
		return k, badUsage("-filter %d, want an odd number from 1 to 1001", in.filter)
	case in.channels != 0 && in.channels != 1 && in.channels != 3:
		return k, badUsage("-channels %d, want 1 for grey, 3 for colour or 0", in.channels)
	case !slices.Contains([]string{"", "nhwc", "nchw"}, in.layout):
		return k, badUsage("-layout %q, want nhwc or nchw", in.layout)
	case !(o.ridge >= 0) || o.ridge > 1e300:
		return k, badUsage("-ridge %g, want a number >= 0", o.ridge)
	}
	if in.size != "" {
		h, w, ok := strings.Cut(in.size, "x")
		var errH, errW error
		in.height, errH = strconv.Atoi(h)
		in.width, errW = strconv.Atoi(w)
		if !ok || errH != nil || errW != nil || in.height < 1 || in.width < 1 || in.height > maxSide || in.width > maxSide {
			return k, badUsage("-size %q, want HxW in pixels, each from 1 to %d, such as 8x8", in.size, maxSide)
		}
	}
	return k, o.checkFormat()
}

// imagesIn is a stack of images as read.
type imagesIn struct {
	*conv.Images
	name    string
	labels  []string // as they stand, nil where there are none
	y       []int    // class of each, an index into classes, for classify
	classes []string
	target  []float64 // for regress
}

// readImages reads the training images and, where -test is given, the test images, with labels as
// classes or numbers. What is wrong is told before any work.
func (o *ntkOptions) readImages(kind data.TargetKind, needLabel bool) (train, test *imagesIn, err error) {
	wrong := func(flag string, err error) error {
		return badUsage("-%s: %s", flag, withFlags.Replace(plain(err).Error()))
	}
	if train, err = o.readStack(o.train, o.images.labels, 0); err != nil {
		return nil, nil, wrong("train", err)
	}
	if train.N < 2 {
		return nil, nil, badUsage("-train: %s holds one image; want at least two", train.name)
	}
	if needLabel && train.labels == nil {
		return nil, nil, badUsage("-train: %s has no labels; want a folder for each class, a list with labels, or -labels", train.name)
	}
	if o.test == "" && o.images.testLabels != "" {
		return nil, nil, badUsage("-test-labels goes with -test")
	}
	if o.test != "" {
		if test, err = o.readStack(o.test, o.images.testLabels, train.C); err != nil {
			return nil, nil, wrong("test", err)
		}
		if test.C != train.C || test.H != train.H || test.W != train.W {
			return nil, nil, badUsage("-test: %s holds images of %d×%d pixels with %s, and %s of %d×%d with %d; want one size, or -size", test.name, test.H, test.W, plural(test.C, "channel"), train.name, train.H, train.W, train.C)
		}
	}
	for _, s := range []*imagesIn{train, test} {
		if s == nil || s.labels == nil || !needLabel {
			continue
		}
		if kind == data.TargetClass {
			if s.y, s.classes, err = data.NumberClasses(s.labels, train.classes); err != nil {
				return nil, nil, wrong("test", fmt.Errorf("%s: %w", s.name, err))
			}
		} else if s.target, err = numbersOf(s.labels); err != nil {
			return nil, nil, badUsage("%s: %v; classes go with classify", s.name, err)
		}
	}
	if needLabel && kind == data.TargetClass && len(train.classes) < 2 {
		return nil, nil, badUsage("-train: %s holds the single class %q; want at least two", train.name, train.classes[0])
	}
	return train, test, nil
}

// withFlags puts the flags into what the library says that it wants.
var withFlags = strings.NewReplacer(
	"want one size, or a size to bring all to", "want one size, or -size HxW to bring all to one",
	"want layout nhwc or nchw", "want -layout nhwc or nchw",
)

// numbersOf reads labels as finite numbers.
func numbersOf(labels []string) ([]float64, error) {
	out := make([]float64, len(labels))
	for i, l := range labels {
		v, err := strconv.ParseFloat(l, 64)
		if err != nil || v-v != 0 {
			return nil, fmt.Errorf("label %d is %q, want a finite number", i+1, l)
		}
		out[i] = v
	}
	return out, nil
}

// readStack reads images from whatever path names. channels is what they should have, 0 for any.
func (o *ntkOptions) readStack(path, labels string, channels int) (*imagesIn, error) {
	in := &o.images
	if channels == 0 || in.channels != 0 {
		channels = in.channels
	}
	if channels != 1 && channels != 3 {
		channels = 0
	}
	opt := data.ImageOptions{Height: in.height, Width: in.width, Channels: channels}
	out := &imagesIn{name: path}
	info, err := os.Stat(path)
	ending := strings.ToLower(filepath.Ext(strings.TrimSuffix(path, ".gz")))
	var set *data.ImageSet
	switch {
	case path == "@digits":
		y := []int(nil)
		if out.Images, y, err = conv.Digits(); err == nil {
			for _, c := range y {
				out.labels = append(out.labels, strconv.Itoa(c))
			}
		}
	case strings.HasPrefix(path, "@"):
		err = fmt.Errorf("%s is no set of images, want @digits", path)
	case err != nil:
	case info.IsDir() || data.IsImageFile(path):
		if set, err = data.ReadImages(path, opt); err == nil && set.Y != nil {
			for _, c := range set.Y {
				out.labels = append(out.labels, set.Classes[c])
			}
		}
	case ending == ".npy":
		if out.Images, err = o.readNPY(path); err != nil && in.size == "" && isTable(path) {
			err = fmt.Errorf("%w; if each row is the pixels of an image, -size HxW says how they stand", err)
		}
	case in.size != "" && !listsImages(path):
		return out, o.readPixels(path, labels, out)
	default:
		var files []string
		if files, out.labels, err = data.ReadImageList(path); err == nil {
			set, err = data.ReadImageFiles(files, nil, opt)
		}
	}
	if f := in.given([]string{"label", "drop", "header"}); f != "" && err == nil {
		return nil, fmt.Errorf("-%s is for tables, and %s is none; labels of a stack come with -labels", f, path)
	}
	if err == nil && set != nil {
		out.Images, err = conv.FromSet(set)
	}
	if err != nil {
		return nil, err
	}
	if labels != "" {
		if out.labels != nil {
			return nil, fmt.Errorf("%s has labels of its own; -labels is for an .npy stack", path)
		}
		if out.labels, err = readLabels(labels); err != nil {
			return nil, err
		}
		if len(out.labels) != out.N {
			return nil, fmt.Errorf("%s holds %d labels and %s %d images; want the same number", labels, len(out.labels), path, out.N)
		}
	}
	return out, nil
}

// isTable reports whether an .npy file has two dimensions.
func isTable(path string) bool {
	a, err := openNPY(path)
	return err == nil && len(a.Shape) == 2
}

// listsImages reports whether one of the first two lines of a file, of which one may be a header, begins
// with the name of an image.
func listsImages(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for i := 0; i < 2 && lines.Scan(); i++ {
		first, _, _ := strings.Cut(strings.NewReplacer("\t", ",", ";", ",").Replace(lines.Text()), ",")
		if data.IsImageFile(strings.Trim(first, ` "`)) {
			return true
		}
	}
	return false
}
