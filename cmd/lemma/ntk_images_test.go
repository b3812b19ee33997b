package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
)

// writeNPY writes an array of the given shape.
func writeNPY(t *testing.T, name string, values []float64, shape ...int) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := data.WriteNPY(f, &data.Array{Shape: shape, Data: values}); err != nil {
		t.Fatal(err)
	}
}

// writePNG writes a digit with each pixel as a square of side by side.
func writePNG(t *testing.T, path string, pixels []float64, side int) {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 8*side, 8*side))
	for y := range 8 * side {
		for x := range 8 * side {
			m.SetGray(x, y, color.Gray{uint8(math.Round(pixels[y/side*8+x/side] * 16 * 15))})
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

// gallery makes the first digits 0, 1 and 2 in every form that the command reads, and moves there.
func gallery(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	images, labels, err := conv.Digits()
	if err != nil {
		t.Fatal(err)
	}
	var values, kinds []float64
	list := "file,label\n"
	n := 0
	for i := 0; n < 18; i++ {
		c := labels[i]
		if c > 2 {
			continue
		}
		pixels := images.Data[i*64 : (i+1)*64]
		split := "train"
		if n >= 12 {
			split = "test"
		}
		path := fmt.Sprintf("%s/%d/%02d.png", split, c, n)
		writePNG(t, path, pixels, 1+n%3) // files of three sizes
		if n < 12 {
			values, kinds = append(values, pixels...), append(kinds, float64(c))
			list += fmt.Sprintf("%s,%d\n", path, c)
		}
		n++
	}
	writeNPY(t, "stack.npy", values, 12, 8, 8)
	writeNPY(t, "last.npy", values, 12, 8, 8, 1)
	writeNPY(t, "flat.npy", values, 12, 64)
	writeNPY(t, "two.npy", images.Data[:128], 2, 1, 8, 8)
	writeNPY(t, "unclear.npy", make([]float64, 16), 1, 2, 2, 4)
	writeNPY(t, "y.npy", kinds, 12)
	var numbers strings.Builder
	for i := range 12 {
		for _, v := range values[i*64 : (i+1)*64] {
			fmt.Fprintf(&numbers, "%g,", v)
		}
		fmt.Fprintf(&numbers, "%g\n", kinds[i])
	}
	for name, text := range map[string]string{
		"list.csv": list, "pixels.csv": numbers.String(), "short.txt": "0\n1\n",
		"broken/0/a.png": "not an image", "mixed/a.png": "x",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The goldens of the kernel, through the command.
func TestGramOfImages(t *testing.T) {
	gallery(t)
	for _, c := range []struct {
		args []string
		want float64 // entry (0, 1)
	}{
		{[]string{"-depth", "2"}, 16.126620},
		{[]string{"-depth", "2", "-pool"}, .19281244},
	} {
		out, errs, code := lemma(t, "", append([]string{"ntk", "gram", "-kernel", "cntk", "-train", "two.npy", "-format", "json"}, c.args...)...)
		var doc struct{ Rows [][]float64 }
		if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 {
			t.Fatalf("exit code %d, %v: %s", code, err, errs)
		}
		if got := doc.Rows[0][1]; math.Abs(got-c.want) > 1e-7*100 || doc.Rows[1][0] != got {
			t.Errorf("%v: got %g, want %g", c.args, got, c.want)
		}
	}
	out, errs, code := lemma(t, "", "ntk", "gram", "-kernel", "cnngp", "-train", "two.npy", "-test", "stack.npy")
	if code != 0 || strings.Count(out, "\n") != 12 {
		t.Errorf("exit code %d, %s\n%s", code, errs, out)
	}
}

// The same images give the same predictions, however they come.
func TestClassifyImages(t *testing.T) {
	gallery(t)
	classify := func(args ...string) classifyJSON {
		t.Helper()
		out, errs, code := lemma(t, "", append([]string{"ntk", "classify", "-kernel", "cntk", "-pool", "-depth", "2", "-format", "json"}, args...)...)
		var doc classifyJSON
		if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 {
			t.Fatalf("%v: exit code %d, %v: %s", args, code, err, errs)
		}
		return doc
	}
	files := classify("-train", "train", "-size", "8x8", "-test", "test")
	if files.Total != 6 || files.Correct < 5 || len(files.Classes) != 3 {
		t.Errorf("files: %d of %d right in classes %v", files.Correct, files.Total, files.Classes)
	}
	// A folder lists its images by class; the stack has them in the file's order.
	want := classify("-train", "stack.npy", "-labels", "y.npy", "-folds", "3")
	for _, args := range [][]string{
		{"-train", "last.npy", "-labels", "y.npy"},
		{"-train", "flat.npy", "-labels", "y.npy", "-size", "8x8"},
		{"-train", "list.csv", "-size", "8x8"},
		{"-train", "pixels.csv", "-label", "-1", "-size", "8x8"},
	} {
		got := classify(append(args, "-folds", "3")...)
		if got.Total != 12 || got.Correct != want.Correct {
			t.Errorf("%v: %d of %d right, want %d", args, got.Correct, got.Total, want.Correct)
		}
		for i := range want.Predictions {
			if got.Predictions[i].Class != want.Predictions[i].Class {
				t.Errorf("%v: image %d is %s, and %s from the stack", args, i+1, got.Predictions[i].Class, want.Predictions[i].Class)
			}
		}
	}
	one := classify("-train", "list.csv", "-size", "8x8", "-test", "test/0")
	if one.Accuracy != nil || one.Total == 0 {
		t.Errorf("images without labels: accuracy %v of %d", one.Accuracy, one.Total)
	}
}

func TestRegressImages(t *testing.T) {
	gallery(t)
	for _, kernel := range []string{"cntk", "cnngp"} {
		out, errs, code := lemma(t, "", "ntk", "regress", "-kernel", kernel, "-train", "list.csv", "-size", "8x8", "-ridge", "1e-6", "-test", "list.csv", "-format", "json")
		var doc regressJSON
		if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 {
			t.Fatalf("exit code %d, %v: %s", code, err, errs)
		}
		if doc.RMSE == nil || *doc.RMSE > 1e-3 || (doc.SD != nil) != (kernel == "cnngp") {
			t.Errorf("%s on its own images: %s", kernel, out)
		}
		if out, errs, code = lemma(t, "", "ntk", "regress", "-kernel", kernel, "-train", "list.csv", "-size", "8x8"); code != 0 || !strings.Contains(out, "R²") {
			t.Errorf("%s, folds: exit code %d, %s%s", kernel, code, out, errs)
		}
	}
}

// Whatever is wrong with images is told before any work, with the file, and exit code 2.
func TestBadImages(t *testing.T) {
	gallery(t)
	run := func(args ...string) []string {
		return append([]string{"ntk", "classify", "-kernel", "cntk"}, args...)
	}
	for _, c := range []struct {
		reason string
		args   []string
		want   string
	}{
		{"files of several sizes", run("-train", "train"), "want one size, or -size HxW"},
		{"a file that is no image", run("-train", "broken"), "broken/0/a.png"},
		{"no labels", run("-train", "stack.npy"), "stack.npy has no labels"},
		{"another number of labels", run("-train", "stack.npy", "-labels", "short.txt"), "short.txt holds 2 labels and stack.npy 12 images"},
		{"labels beside labels", run("-train", "list.csv", "-size", "8x8", "-labels", "y.npy"), "labels of its own"},
		{"a shape that does not tell", run("-train", "unclear.npy", "-labels", "short.txt"), "unclear.npy: shape [1 2 2 4] does not tell which dimension holds the channels, want -layout nhwc"},
		{"rows of pixels without a size", run("-train", "flat.npy", "-labels", "y.npy"), "flat.npy: shape [12 64]"},
		{"the same for gram", []string{"ntk", "gram", "-kernel", "cntk", "-train", "flat.npy"}, "if each row is the pixels of an image, -size HxW"},
		{"a size beyond all reason", run("-train", "train", "-size", "100000x100000"), "each from 1 to 4096"},
		{"rows of another size", run("-train", "flat.npy", "-labels", "y.npy", "-size", "7x9"), "64 columns for images of 7×9"},
		{"a test set of another size", run("-train", "stack.npy", "-labels", "y.npy", "-test", "train/0/00.png", "-size", "9x9"), "-size 9x9"},
		{"a test file of another size", run("-train", "stack.npy", "-labels", "y.npy", "-test", "train/1/01.png"), "want one size"},
		{"a size that is none", run("-train", "train", "-size", "8"), `-size "8"`},
		{"an even filter", run("-train", "stack.npy", "-filter", "4"), "-filter 4"},
		{"an activation", run("-train", "stack.npy", "-activation", "erf"), "-activation has no use"},
		{"a label column of no table", run("-train", "stack.npy", "-label", "y"), "-label is for tables"},
		{"pooling of a table", []string{"ntk", "classify", "-train", "@iris", "-pool"}, "-pool goes with -kernel cntk"},
		{"a spectrum of images", []string{"ntk", "spectrum", "-train", "@digits", "-kernel", "cntk"}, "goes with gram, classify and regress"},
		{"a table that is no set of images", run("-train", "@iris"), "want @digits"},
		{"a folder that is not there", run("-train", "gone"), "gone"},
		{"a list that names other files", run("-train", "pixels.csv"), "pixels.csv"},
		{"one class", run("-train", "list.csv", "-size", "8x8", "-folds", "1"), "-folds 1"},
		{"words as numbers", []string{"ntk", "regress", "-kernel", "cntk", "-train", "mixed"}, "mixed"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			out, errs, code := lemma(t, "", c.args...)
			if code != 2 || !strings.Contains(errs, c.want) || out != "" || libraryName.MatchString(errs) {
				t.Errorf("lemma %s: exit code %d, want 2 and %q in\n%s%s", strings.Join(c.args, " "), code, c.want, errs, out)
			}
		})
	}
}
