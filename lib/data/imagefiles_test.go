package data

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// encode returns an image in the format that the file's ending names.
func encode(t *testing.T, name string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch filepath.Ext(name) {
	case ".png":
		err = png.Encode(&b, img)
	case ".jpg":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	case ".gif":
		err = gif.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// flat is an image of one colour.
func flat(h, w int, c color.Color) image.Image {
	m := image.NewNRGBA(image.Rect(3, 5, 3+w, 5+h)) // images need not begin at (0, 0)
	for y := 5; y < 5+h; y++ {
		for x := 3; x < 3+w; x++ {
			m.Set(x, y, c)
		}
	}
	return m
}

// folder makes a folder of files.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, b := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestReadImages(t *testing.T) {
	grey := func(v uint8) image.Image { return flat(2, 3, color.Gray{v}) }
	root := folder(t, map[string][]byte{
		"b/2.png":     encode(t, "2.png", grey(10)),
		"b/1.gif":     encode(t, "1.gif", flat(2, 3, color.Gray{255})),
		"a/x.jpg":     encode(t, "x.jpg", grey(128)),
		".hidden":     []byte("not an image"),
		"a/.hidden":   []byte("not an image"),
		"b/Thumbs.db": []byte("not an image"), "a/Desktop.ini": []byte("not an image"), "thumbs.db": []byte("not an image"),
	})
	s, err := ReadImages(root, ImageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 3 || s.Height != 2 || s.Width != 3 || s.Channels != 1 || !slices.Equal(s.Classes, []string{"a", "b"}) || !slices.Equal(s.Y, []int{0, 1, 1}) {
		t.Fatalf("got %d images of %d×%d×%d, classes %v, labels %v", s.Len(), s.Height, s.Width, s.Channels, s.Classes, s.Y)
	}
	for i, want := range []byte{128, 255, 10} {
		if got := s.Image(i); got[0] != want || got[5] != want {
			t.Errorf("%s: pixels %v, want %d", s.Files[i], got, want)
		}
	}
	if _, err := ReadImages(root, ImageOptions{Classes: []string{"a"}}); err == nil || !strings.Contains(err.Error(), "1.gif") {
		t.Errorf("a class that is not known: %v", err)
	}
	// Images alone have no classes.
	s, err = ReadImages(filepath.Join(root, "b"), ImageOptions{})
	if err != nil || s.Len() != 2 || s.Y != nil {
		t.Errorf("a folder of images: %v, %v", s, err)
	}
	if tab, err := s.Table(nil); err != nil || tab.Y != nil || tab.Len() != 2 {
		t.Errorf("as a table: %v, %v", tab, err)
	}
	if s, err = ReadImages(filepath.Join(root, "a", "x.jpg"), ImageOptions{}); err != nil || s.Len() != 1 {
		t.Errorf("one file: %v, %v", s, err)
	}
}

func TestImagesAreBroughtToOneSize(t *testing.T) {
	half := image.NewGray(image.Rect(0, 0, 4, 2)) // left half 0, right half 200
	for y := range 2 {
		half.SetGray(2, y, color.Gray{200})
		half.SetGray(3, y, color.Gray{200})
	}
	root := folder(t, map[string][]byte{
		"half.png": encode(t, "x.png", half),
		"red.png":  encode(t, "x.png", flat(5, 7, color.NRGBA{255, 0, 0, 255})),
		"veil.png": encode(t, "x.png", flat(1, 1, color.NRGBA{255, 255, 255, 128})),
	})
	for _, c := range []struct {
		reason string
		file   string
		opt    ImageOptions
		want   []byte
	}{
		{"halves stay halves", "half.png", ImageOptions{Height: 1, Width: 2}, []byte{0, 200}},
		{"a pixel across the edge is a mean", "half.png", ImageOptions{Height: 1, Width: 1}, []byte{100}},
		{"three of four: the middle one covers both", "half.png", ImageOptions{Height: 1, Width: 3}, []byte{0, 100, 200}},
		{"enlarging repeats", "half.png", ImageOptions{Height: 1, Width: 8}, []byte{0, 0, 0, 0, 200, 200, 200, 200}},
		{"colour stays", "red.png", ImageOptions{Height: 1, Width: 1}, []byte{255, 0, 0}},
		{"red is 30 % bright", "red.png", ImageOptions{Height: 1, Width: 1, Channels: 1}, []byte{76}},
		{"half transparent white before black", "veil.png", ImageOptions{}, []byte{128}},
		{"grey in three channels when asked", "half.png", ImageOptions{Height: 1, Width: 1, Channels: 3}, []byte{100, 100, 100}},
	} {
		s, err := ReadImages(filepath.Join(root, c.file), c.opt)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(s.Pixels, c.want) {
			t.Errorf("%s: %v, want %v", c.reason, s.Pixels, c.want)
		}
	}
}

// Whatever is wrong, the error names the file.
func TestReadImagesErrors(t *testing.T) {
	small, large := encode(t, "x.png", flat(2, 2, color.Black)), encode(t, "x.png", flat(3, 2, color.Black))
	bomb := slices.Clone(small)
	copy(bomb[16:], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // width and height of the header
	for _, c := range []struct {
		reason string
		files  map[string][]byte
		opt    ImageOptions
		want   string
	}{
		{"two sizes", map[string][]byte{"a.png": small, "b.png": large}, ImageOptions{}, "b.png is 3×2 pixels"},
		{"a text", map[string][]byte{"a.png": small, "notes.txt": []byte("hello")}, ImageOptions{}, "notes.txt: not an image"},
		{"a picture cut short", map[string][]byte{"a.png": small[:len(small)-20]}, ImageOptions{}, "a.png"},
		{"a claim of a huge size", map[string][]byte{"a.png": bomb}, ImageOptions{}, "a.png"},
		{"files beside folders", map[string][]byte{"a.png": small, "c/b.png": small}, ImageOptions{}, "a.png lies beside"},
		{"a folder too deep", map[string][]byte{"c/d/b.png": small}, ImageOptions{}, "folder within"},
		{"no images", map[string][]byte{".x": small}, ImageOptions{}, "no images"},
		{"half a size", map[string][]byte{"a.png": small}, ImageOptions{Height: 4}, "want both"},
		{"two channels", map[string][]byte{"a.png": small}, ImageOptions{Channels: 2}, "2 channels"},
	} {
		_, err := ReadImages(folder(t, c.files), c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
	if _, err := ReadImages(filepath.Join(t.TempDir(), "gone"), ImageOptions{}); err == nil {
		t.Error("a folder that is not there was read")
	}
	if _, err := ReadImageFiles([]string{"a", "b"}, []string{"c"}, ImageOptions{}); err == nil {
		t.Error("two files with one label were read")
	}
}

func TestReadImageList(t *testing.T) {
	root := folder(t, map[string][]byte{
		"labelled.csv": []byte("file,label\na.png,cat\nsub/b.JPG,dog\n"),
		"bare.csv":     []byte("a.png\nb.gif\n"),
		"tabs.tsv":     []byte("a b.png\t1\n"),
		"header.csv":   []byte("file\n"),
		"words.csv":    []byte("a.png,1\nb.txt,2\n"),
		"ragged.csv":   []byte("a.png,1\nb.png\n"),
		"wide.csv":     []byte("a.png,1,2\n"),
		"missing.csv":  []byte("a.png,1\nb.png,\n"),
		"empty.csv":    nil,
	})
	for _, c := range []struct {
		file          string
		files, labels []string
	}{
		{"labelled.csv", []string{"a.png", "sub/b.JPG"}, []string{"cat", "dog"}},
		{"bare.csv", []string{"a.png", "b.gif"}, nil},
		{"tabs.tsv", []string{"a b.png"}, []string{"1"}},
	} {
		files, labels, err := ReadImageList(filepath.Join(root, c.file))
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			rel, _ := filepath.Rel(root, files[i])
			files[i] = filepath.ToSlash(rel)
		}
		if !slices.Equal(files, c.files) || !slices.Equal(labels, c.labels) {
			t.Errorf("%s: %v, %v; want %v, %v", c.file, files, labels, c.files, c.labels)
		}
	}
	for _, c := range []struct{ reason, file, want string }{
		{"a header alone", "header.csv", "names no images"},
		{"nothing", "empty.csv", "names no images"},
		{"a file that is no image", "words.csv", `words.csv:2: column 1: "b.txt"`},
		{"a label in one line alone", "ragged.csv", "ragged.csv:2: 1 fields"},
		{"three columns", "wide.csv", "wide.csv:1: 3 fields"},
		{"a label that is missing", "missing.csv", "missing.csv:2: column 2: the label is missing"},
		{"a list that is not there", "gone.csv", "gone.csv"},
	} {
		if _, _, err := ReadImageList(filepath.Join(root, c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
}

func TestNumberClasses(t *testing.T) {
	y, names, err := NumberClasses([]string{"10", "9", "9.0"}, nil)
	if err != nil || !slices.Equal(y, []int{1, 0, 0}) || !slices.Equal(names, []string{"9", "10"}) {
		t.Errorf("numbers are sorted as such: %v, %v, %v", y, names, err)
	}
	if _, _, err := NumberClasses([]string{"a", "c"}, []string{"a", "b"}); err == nil || !strings.Contains(err.Error(), `label 2, "c"`) {
		t.Errorf("a label outside the classes: %v", err)
	}
}

func FuzzReadImageList(f *testing.F) {
	f.Add("a.png,1\nb.png,2\n")
	f.Add("file\n\"a\nb.png\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "list.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		files, labels, err := ReadImageList(path)
		if err == nil && (len(files) == 0 || labels != nil && len(labels) != len(files)) {
			t.Errorf("%d files and %d labels of %q", len(files), len(labels), text)
		}
	})
}

func FuzzReadImage(f *testing.F) {
	f.Add([]byte("GIF89a"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x.png")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		s, err := ReadImages(path, ImageOptions{Height: 3, Width: 2})
		if err == nil && (s.Len() != 1 || len(s.Pixels) != 6*s.Channels) {
			t.Errorf("%d images, %d bytes", s.Len(), len(s.Pixels))
		}
	})
}
