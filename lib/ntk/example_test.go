package ntk_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

// Two orthogonal unit inputs under kernels of growing depth.
func ExampleKernel() {
	for depth := range 4 {
		v, err := ntk.Kernel{Depth: depth}.At([]float64{1, 0}, []float64{0, 1})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.4f\n", v)
	}
	// Output:
	// 0.0000
	// 0.3183
	// 0.6857
	// 1.0604
}

func ExampleTwoLayer() {
	h, _ := ntk.TwoLayer(nil).At([]float64{1, 0}, []float64{0.6, 0.8})
	fmt.Printf("%.6f\n", h)
	// Output: 0.211450
}

func ExampleKernel_Layers() {
	layers, _ := ntk.Kernel{Depth: 2}.Layers(0.5)
	for h, l := range layers {
		fmt.Printf("%d: Σ %.4f  Θ %.4f\n", h, l.Sigma, l.Theta)
	}
	// Output:
	// 0: Σ 0.5000  Θ 0.5000
	// 1: Σ 0.6090  Θ 0.9423
	// 2: Σ 0.6839  Θ 1.3515
}

// Digits 3 against 8: the chapter's data.
func ExampleTrain() {
	s, err := ntk.DigitPair(3, 8, 200)
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := ntk.Train(context.Background(), ntk.TwoLayer(nil), s.X, s.Y, nil, ntk.Converged{})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, _ := t.Predict(s.TestX, nil)
	fmt.Println(ntk.SignErrors(f, s.TestY), "wrong of", len(f))
	// Output: 9 wrong of 157
}

func ExampleSpectrum_Loss() {
	s, _ := ntk.DigitPair(3, 8, 200)
	h, _ := ntk.TwoLayer(nil).Gram(s.X)
	spectrum, _ := ntk.NewSpectrum(h)
	for _, t := range []float64{1, 10} {
		loss, _ := spectrum.Loss(ntk.Flow{Time: t}, s.Y)
		fmt.Printf("t = %g: %.4f\n", t, loss)
	}
	// Output:
	// t = 1: 0.0768
	// t = 10: 0.0126
}

func ExampleCrossValidate() {
	iris, _ := data.Iris()
	for _, bias := range []bool{false, true} {
		s, err := ntk.CrossValidate(context.Background(), ntk.Validation{Kernel: ntk.Kernel{Depth: 3, Bias: bias}}, iris.X, iris.Y)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("bias %v: %d of %d, [%.2f, %.2f]\n", bias, s.Correct, s.N, s.Low, s.High)
	}
	// Output:
	// bias false: 127 of 150, [0.78, 0.90]
	// bias true: 142 of 150, [0.90, 0.97]
}

// A repeated input makes the Gram matrix singular; nothing is added to it unasked.
func ExampleRegress() {
	x := mat.NewDense(3, 2, []float64{1, 0, 0, 1, 0, 1})
	y := mat.NewDense(3, 1, []float64{1, -1, -1})
	_, err := ntk.Regress(context.Background(), ntk.Kernel{Depth: 2}, x, y, 0)
	var singular *linalg.NotPositiveDefiniteError
	fmt.Println(errors.As(err, &singular))
	r, err := ntk.Regress(context.Background(), ntk.Kernel{Depth: 2}, x, y, 1e-6)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, _ := r.Predict(x)
	fmt.Printf("%.3f\n", mat.Col(nil, 0, f))
	// Output:
	// true
	// [1.000 -1.000 -1.000]
}

func ExampleComplexityOf() {
	s, _ := ntk.DigitPair(0, 1, 200)
	h, _ := ntk.TwoLayer(nil).Gram(s.X)
	c, _ := ntk.ComplexityOf(h, s.Y)
	fmt.Printf("gap at most %.3f\n", c.Gap())
	// Output: gap at most 0.738
}

func ExampleEnsemble() {
	x := mat.NewDense(2, 2, []float64{1, 0, 0, 1})
	z := mat.NewDense(1, 2, []float64{0.6, 0.8})
	mean, cov, _ := ntk.Ensemble(context.Background(), ntk.Kernel{Depth: 1}, x, []float64{1, -1}, z, ntk.Converged{})
	fmt.Printf("mean %.3f, variance %.3f\n", mean[0], cov.At(0, 0))
	// Output: mean -0.216, variance 0.126
}
