package linalg_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/mat"
)

func ExampleCholesky() {
	a := mat.NewSymDense(2, []float64{4, 2, 2, 3})
	f, err := linalg.Cholesky(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, _ := f.SolveVec([]float64{8, 8})
	q, _ := f.Quad([]float64{8, 8})
	fmt.Printf("x = %.3f, bᵀA⁻¹b = %.0f, ln det = %.4f\n", x, q, f.LogDet())
	// Output: x = [1.000 2.000], bᵀA⁻¹b = 24, ln det = 2.0794
}

func ExampleNotPositiveDefiniteError() {
	a := mat.NewSymDense(2, []float64{1, 2, 2, 1})
	_, err := linalg.Cholesky(a)
	var e *linalg.NotPositiveDefiniteError
	fmt.Println(errors.As(err, &e))
	fmt.Printf("λ_min is about %.3f: a ridge above %.3f would do\n", e.MinEigenvalue, -e.MinEigenvalue)
	// Output:
	// true
	// λ_min is about -1.000: a ridge above 1.000 would do
}

func ExampleEigenSym() {
	values, vectors, err := linalg.EigenSym(mat.NewSymDense(2, []float64{2, 1, 1, 2}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f\n%.4f\n", values, mat.Formatted(vectors))
	// Output:
	// [3.0 1.0]
	// ⎡ 0.7071   0.7071⎤
	// ⎣ 0.7071  -0.7071⎦
}

func ExampleLanczos() {
	// The second difference on 100 points, as an operator: its top eigenvalue is just below 4.
	n := 100
	op := func(dst, src []float64) {
		for i := range dst {
			dst[i] = 2 * src[i]
			if i > 0 {
				dst[i] -= src[i-1]
			}
			if i+1 < n {
				dst[i] -= src[i+1]
			}
		}
	}
	r, err := linalg.Lanczos(context.Background(), op, n, 2, linalg.LanczosConfig{MaxSteps: n})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v: %.6f\n", r.Status, r.Values)
	// Output: converged: [3.999033 3.996131]
}

func ExamplePSD() {
	// Three points on a line: their Gram matrix has rank 1.
	x := mat.NewDense(3, 1, []float64{1, 2, 2})
	k, _ := linalg.Gram(context.Background(), x)
	r, err := linalg.PSD(k, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	q, _ := r.Quad([]float64{1, 2, 2})
	fmt.Printf("rank %d, λ = %.0f, yᵀK⁺y = %.0f\n", r.Rank, r.Values[0], q)
	// Output: rank 1, λ = 9, yᵀK⁺y = 1
}

func ExampleSpectralNorm() {
	norm, err := linalg.SpectralNorm(mat.NewSymDense(2, []float64{0, 0, 0, -5}))
	fmt.Println(norm, err)
	// Output: 5 <nil>
}

func ExampleFillSym() {
	a, err := linalg.FillSym(context.Background(), 3, func(i int, row []float64) {
		for k := range row {
			row[k] = float64(10*i + i + k) // entry (i, i+k)
		}
	})
	fmt.Println(mat.Formatted(a), err)
	// Output:
	// ⎡ 0   1   2⎤
	// ⎢ 1  11  12⎥
	// ⎣ 2  12  22⎦ <nil>
}
