package conv

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
)

// On images of one pixel everything is as for rows: regression, folds and posterior of package ntk.
func TestRegressionAgreesWithRows(t *testing.T) {
	ctx := context.Background()
	x, z := noise(1, 20, 4, 1, 1), noise(2, 5, 4, 1, 1)
	y := rng.Normals(rng.Stream(1, "values"), 20)
	labels := make([]int, 20)
	for i := range labels {
		labels[i] = i % 3
	}
	k, rows := Kernel{Depth: 2, Filter: 1, NNGP: true}, ntk.Kernel{Depth: 2, NNGP: true}
	g, err := k.Gram(ctx, x)
	if err != nil {
		t.Fatal(err)
	}
	fit, err := Fit(ctx, g, mat.NewDense(20, 1, y), .1)
	if err != nil {
		t.Fatal(err)
	}
	cross, err := k.Cross(ctx, z, x)
	if err != nil {
		t.Fatal(err)
	}
	diag, err := k.Diag(ctx, z)
	if err != nil {
		t.Fatal(err)
	}
	mean, err := fit.Predict(cross)
	if err != nil {
		t.Fatal(err)
	}
	variance, err := fit.Variance(cross, diag)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ntk.Regress(ctx, rows, x.Rows(), mat.NewDense(20, 1, y), .1)
	if err != nil {
		t.Fatal(err)
	}
	wantMean, wantVariance, err := r.Posterior(z.Rows())
	if err != nil {
		t.Fatal(err)
	}
	for i := range variance {
		if math.Abs(mean.At(i, 0)-wantMean.At(i, 0)) > 1e-10 || math.Abs(variance[i]-wantVariance[i]) > 1e-10 {
			t.Errorf("image %d: %g ± %g, want %g ± %g", i, mean.At(i, 0), variance[i], wantMean.At(i, 0), wantVariance[i])
		}
	}
	v := ntk.Validation{Kernel: rows, Ridge: .1, Folds: 4, Raw: true}
	score, err := CrossValidate(ctx, g, labels, 4, .1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := ntk.CrossValidate(ctx, v, x.Rows(), labels)
	if err != nil {
		t.Fatal(err)
	}
	for i := range labels {
		if score.Predicted[i] != want.Predicted[i] {
			t.Errorf("image %d is %d, want %d", i, score.Predicted[i], want.Predicted[i])
		}
	}
	if score.Correct != want.Correct || score.Low != want.Low {
		t.Errorf("%d right, want %d", score.Correct, want.Correct)
	}
	named := make([]int, len(labels)) // the same classes by other names, in the same order
	for i, l := range labels {
		named[i] = l*1_000_000_000 - 5
	}
	other, err := CrossValidate(ctx, g, named, 4, .1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range labels {
		if other.Predicted[i] != score.Predicted[i]*1_000_000_000-5 {
			t.Errorf("image %d is %d, want what stands for %d", i, other.Predicted[i], score.Predicted[i])
		}
	}
	values, err := CrossValidateValues(ctx, g, y, 4, .1)
	if err != nil {
		t.Fatal(err)
	}
	wantValues, err := ntk.CrossValidateValues(ctx, v, x.Rows(), y)
	if err != nil {
		t.Fatal(err)
	}
	for i := range values {
		if math.Abs(values[i]-wantValues.Predicted[i]) > 1e-10 {
			t.Errorf("image %d: %g, want %g", i, values[i], wantValues.Predicted[i])
		}
	}
}

func TestRegressionErrors(t *testing.T) {
	ctx := context.Background()
	g := mat.NewSymDense(3, []float64{1, 1, 0, 1, 1, 0, 0, 0, 1}) // two equal images
	y := mat.NewDense(3, 1, nil)
	var singular *linalg.NotPositiveDefiniteError
	if _, err := Fit(ctx, g, y, 0); !errors.As(err, &singular) {
		t.Errorf("a singular kernel: %v", err)
	}
	r, err := Fit(ctx, g, y, .1)
	if err != nil {
		t.Fatal(err)
	}
	fails := func(_ any, err error) error { return err }
	for _, c := range []struct {
		reason string
		err    error
		want   string
	}{
		{"no outputs", fails(Fit(ctx, g, nil, 0)), "no outputs"},
		{"another number of outputs", fails(Fit(ctx, g, mat.NewDense(2, 1, nil), 0)), "3 images and 2 outputs"},
		{"a negative ridge", fails(Fit(ctx, g, y, -1)), "ridge -1"},
		{"kernels with others", fails(r.Predict(mat.NewDense(1, 2, nil))), "with 2 images, want 3"},
		{"no diagonal", fails(r.Variance(mat.NewDense(1, 3, nil), nil)), "1 rows and 0"},
		{"another number of labels", fails(CrossValidate(ctx, g, []int{0}, 2, .1)), "3 images and 1 labels"},
		{"one class", fails(CrossValidate(ctx, g, []int{7, 7, 7}, 2, .1)), "labels of 1 classes"},
		{"one fold", fails(CrossValidateValues(ctx, g, []float64{1, 2, 3}, 1, .1)), "1 folds of 3"},
		{"another number of values", fails(CrossValidateValues(ctx, g, []float64{1}, 2, .1)), "3 images and 1 values"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, c.err, c.want)
		}
	}
}

func TestImagesFromArrays(t *testing.T) {
	value := make([]float64, 2*3*4*5)
	for k := range value {
		value[k] = float64(k)
	}
	for _, c := range []struct {
		reason string
		shape  []int
		layout Layout
		want   [4]int // n, c, h, w
		at     func(n, c, i, j int) int
	}{
		{"a stack without channels", []int{6, 4, 5}, Auto, [4]int{6, 1, 4, 5}, func(n, _, i, j int) int { return (n*4+i)*5 + j }},
		{"channels first, by the shape", []int{2, 3, 4, 5}, Auto, [4]int{2, 3, 4, 5}, func(n, c, i, j int) int { return ((n*3+c)*4+i)*5 + j }},
		{"channels last, by the shape", []int{2, 5, 4, 3}, Auto, [4]int{2, 3, 5, 4}, func(n, c, i, j int) int { return ((n*5+i)*4+j)*3 + c }},
		{"channels last, as told", []int{2, 3, 4, 5}, ChannelsLast, [4]int{2, 5, 3, 4}, func(n, c, i, j int) int { return ((n*3+i)*4+j)*5 + c }},
	} {
		s, err := FromArray(&data.Array{Shape: c.shape, Data: value}, c.layout)
		if err != nil {
			t.Fatal(err)
		}
		if got := [4]int{s.N, s.C, s.H, s.W}; got != c.want {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
			continue
		}
		for n := range s.N {
			for ch := range s.C {
				for i := range s.H {
					for j := range s.W {
						if got := s.Data[((n*s.C+ch)*s.H+i)*s.W+j]; int(got) != c.at(n, ch, i, j) {
							t.Fatalf("%s: value (%d,%d,%d,%d) is %g", c.reason, n, ch, i, j, got)
						}
					}
				}
			}
		}
	}
	for _, a := range []data.Array{{Shape: []int{2, 60}, Data: value}, {Shape: []int{2, 3, 5, 4}, Data: value}, {Shape: []int{2, 5, 3, 4}, Data: value, DType: ""}} {
		_, err := FromArray(&a, Auto)
		if wantError := len(a.Shape) == 2 || a.Shape[1] <= 4; (err != nil) != wantError {
			t.Errorf("shape %v: %v", a.Shape, err)
		}
	}
	if _, err := FromArray(&data.Array{Shape: []int{2, 3, 4, 5}, Data: value}, "hwcn"); err == nil {
		t.Error("an unknown layout was taken")
	}
	s, err := FromSet(&data.ImageSet{Height: 1, Width: 2, Channels: 3, Pixels: []byte{0, 51, 102, 153, 204, 255}})
	if err != nil || s.N != 1 || s.C != 3 || s.Data[1] != .6 || s.Data[5] != 1 {
		t.Errorf("bytes: %v, %v", s, err)
	}
}
