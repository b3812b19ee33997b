package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func zipped(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

func idx(values []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, values...)
}

// place writes files into a cache and returns a catalogue entry that knows their sums.
func place(t *testing.T, cache string, files ...any) dataset {
	t.Helper()
	d := dataset{name: "toy", source: "made up", licence: "none", mirrors: []string{"http://unused.invalid/"}}
	if err := os.MkdirAll(filepath.Join(cache, "toy"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		name, b := files[i].(string), files[i+1].([]byte)
		if err := os.WriteFile(filepath.Join(cache, "toy", name), b, 0o644); err != nil {
			t.Fatal(err)
		}
		d.files = append(d.files, sumsOf(name, b))
	}
	return d
}

func TestIDX(t *testing.T) {
	cache := t.TempDir()
	d := place(t, cache,
		"a", zipped(idx([]byte{0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6}, 2, 2, 3)),
		"b", zipped(idx([]byte{9, 0}, 2)),
		"c", zipped(idx([]byte{7, 7, 7, 7, 7, 7}, 1, 2, 3)),
		"d", zipped(idx([]byte{1}, 1)))
	train, test, err := d.idx("data.MNIST", cache, mnistClasses)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 2 || test.Len() != 1 || train.Height != 2 || train.Width != 3 || !slices.Equal(train.Y, []int{9, 0}) {
		t.Errorf("train %+v, test %+v", train, test)
	}
	if got := train.Image(1); !slices.Equal(got, []byte{1, 2, 3, 4, 5, 6}) {
		t.Errorf("image 1 = %v", got)
	}
	a, err := train.Table([]int{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	check(t, a)
	if a.X.At(1, 1) != 0.2 || a.X.At(1, 5) != 1 || a.Y[1] != 9 || a.Features[5] != "pixel 1,2" {
		t.Errorf("%v, %v, %v", a.X, a.Y, a.Features)
	}
	if all, err := train.Table(nil); err != nil || all.Len() != 2 {
		t.Errorf("all: %v, %v", all, err)
	}
	for _, rows := range [][]int{{}, {2}, {-1}} {
		if _, err := train.Table(rows); err == nil {
			t.Errorf("rows %v: no error", rows)
		}
	}

	for _, c := range []struct {
		name           string
		images, labels []byte
		want           string
	}{
		{"labels for fewer images", idx(make([]byte, 6), 1, 2, 3), idx([]byte{1, 2}, 2), "1 images and 2 labels"},
		{"a label outside the classes", idx(make([]byte, 6), 1, 2, 3), idx([]byte{10}, 1), "label 0 is 10, want 0..9"},
		{"labels where images should be", idx([]byte{1}, 1), idx([]byte{1}, 1), "the file ends within its header"},
		{"the magic of other numbers", append([]byte{0, 0, 13, 3}, make([]byte, 20)...), idx([]byte{1}, 1), "begins with [0 0 13 3]"},
		{"values that are not there", idx(make([]byte, 5), 1, 2, 3), idx([]byte{1}, 1), "holds 5 values or more, want 6"},
		{"too many values", idx(make([]byte, 9), 1, 2, 3), idx([]byte{1}, 1), "holds 7 values or more, want 6"},
		{"dimensions beyond memory", idx(nil, 1<<31, 1<<31, 1<<31), idx([]byte{1}, 1), "fewer than 2^40"},
		{"a dimension of 0", idx(nil, 0, 2, 3), idx([]byte{1}, 1), "want at least 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cache := t.TempDir()
			d := place(t, cache, "a", zipped(c.images), "b", zipped(c.labels), "c", zipped(c.images), "d", zipped(c.labels))
			_, _, err := d.idx("data.MNIST", cache, mnistClasses)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "data.MNIST: ") {
				t.Errorf("err = %v, want %q", err, c.want)
			}
		})
	}
}

func tarOf(files map[string][]byte) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range []string{"readme.html", "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"} {
		if c, ok := files[name]; ok {
			w.WriteHeader(&tar.Header{Name: "cifar-10-batches-bin/" + name, Size: int64(len(c)), Mode: 0o644})
			w.Write(c)
		}
	}
	w.Close()
	return b.Bytes()
}

func TestCIFAR(t *testing.T) {
	image := func(label, red, green, blue byte) []byte {
		b := []byte{label}
		for _, c := range []byte{red, green, blue} {
			b = append(b, bytes.Repeat([]byte{c}, 1024)...)
		}
		return b
	}
	files := map[string][]byte{"readme.html": []byte("hello"), "test_batch.bin": image(9, 7, 8, 9)}
	for i := range 5 {
		files["data_batch_"+string(rune('1'+i))+".bin"] = append(image(byte(i), 10, 20, 30), image(5, 1, 2, 3)...)
	}
	files["data_batch_1.bin"][1+33] = 99 // red of pixel (1,1) of the first image
	cache := t.TempDir()
	d := place(t, cache, "cifar.tar.gz", zipped(tarOf(files)))
	train, test, err := d.cifar(cache)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 10 || test.Len() != 1 || test.Classes[test.Y[0]] != "truck" || !slices.Equal(train.Y, []int{0, 5, 1, 5, 2, 5, 3, 5, 4, 5}) {
		t.Errorf("train labels %v, test %v", train.Y, test.Y)
	}
	im := train.Image(0)
	if !slices.Equal(im[:3], []byte{10, 20, 30}) || im[3*(32+1)] != 99 {
		t.Errorf("image 0 begins %v and has red %d at (1,1); want 10 20 30 and 99", im[:3], im[99])
	}
	a, err := test.Table(nil)
	if err != nil || a.Features[3*33+2] != "pixel 1,1 channel 2" {
		t.Errorf("features %v, %v", a.Features[99:102], err)
	}

	for name, c := range map[string]struct {
		change func()
		want   string
	}{
		"a batch is missing": {func() { delete(files, "data_batch_3.bin") }, "data_batch_3.bin: the batch has 0 bytes"},
		"a batch is cut":     {func() { files["data_batch_3.bin"] = make([]byte, 5000) }, "the batch has 5000 bytes"},
		"a label is wrong":   {func() { files["data_batch_3.bin"] = image(10, 0, 0, 0) }, "label 0 is 10"},
	} {
		c.change()
		cache := t.TempDir()
		d := place(t, cache, "cifar.tar.gz", zipped(tarOf(files)))
		if _, _, err := d.cifar(cache); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: err = %v, want %q", name, err, c.want)
		}
	}
}

// Without the files, each reader says what to do, and a file that is not the right one counts as
// missing.
func TestMissing(t *testing.T) {
	cache := t.TempDir()
	for name, read := range map[string]func() error{
		"mnist":            func() error { _, _, err := MNIST(cache); return err },
		"fashion-mnist":    func() error { _, _, err := FashionMNIST(cache); return err },
		"cifar-10":         func() error { _, _, err := CIFAR10(cache); return err },
		"tiny-shakespeare": func() error { _, err := TinyShakespeare(cache); return err },
	} {
		err := read()
		var missing *MissingError
		if !errors.As(err, &missing) || !errors.Is(err, fs.ErrNotExist) || missing.Dataset != name {
			t.Errorf("%s: err = %v", name, err)
			continue
		}
		for _, f := range missing.Files {
			if !strings.HasPrefix(f.Path, filepath.Join(cache, name)) || !strings.Contains(err.Error(), "curl -fL --create-dirs -o '"+f.Path+"' "+f.URL) {
				t.Errorf("%s: the message lacks the command for %s:\n%v", name, f.Path, err)
			}
		}
		if !strings.Contains(err.Error(), `data.Download(ctx, "`+name+`"`) {
			t.Errorf("%s: the message lacks the call", name)
		}
	}
	if entries, _ := os.ReadDir(cache); len(entries) != 0 {
		t.Errorf("reading made %d files", len(entries))
	}
	path := filepath.Join(cache, "tiny-shakespeare", "input.txt")
	os.MkdirAll(filepath.Dir(path), 0o755)
	os.WriteFile(path, []byte("To be or not to be"), 0o644)
	_, err := TinyShakespeare(cache)
	var sum *ChecksumError
	if !errors.As(err, &sum) || sum.Kind != "size" || !strings.Contains(err.Error(), "has size 18, want 1115394") {
		t.Errorf("a wrong file: err = %v", err)
	}
}

func TestCacheDir(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", base)
	t.Setenv("HOME", base)
	t.Setenv("LocalAppData", base)
	dir, err := CacheDir()
	if err != nil || !strings.HasPrefix(dir, base) || !strings.HasSuffix(dir, filepath.Join("lemma", "data")) {
		t.Errorf("CacheDir = %q, %v", dir, err)
	}
	_, _, err = MNIST("")
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Dir != filepath.Join(dir, "mnist") {
		t.Errorf("err = %v", err)
	}
	if entries, _ := os.ReadDir(base); len(entries) != 0 {
		t.Error("asking made a folder")
	}
}

func FuzzIDX(f *testing.F) {
	f.Add(idx([]byte{1, 2, 3, 4, 5, 6}, 1, 2, 3))
	f.Add(idx(nil, 1<<31, 1<<31, 1<<31))
	f.Add([]byte{0, 0, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		dims, values, err := parseIDX("data.MNIST", "f", bytes.NewReader(b), 3)
		if err == nil && dims[0]*dims[1]*dims[2] != len(values) {
			t.Fatalf("dimensions %v for %d values", dims, len(values))
		}
	})
}
