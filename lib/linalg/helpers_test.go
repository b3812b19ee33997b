package linalg

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func gaussian(n, d int, seed uint64) *mat.Dense {
	r := rand.New(rand.NewPCG(seed, 1))
	x := mat.NewDense(n, d, nil)
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] = r.NormFloat64()
		}
	}
	return x
}

// spd returns G·Gᵀ/n + ridge·I for a Gaussian n×n matrix G.
func spd(n int, ridge float64, seed uint64) *mat.SymDense {
	a := mat.NewSymDense(n, nil)
	a.SymOuterK(1/float64(n), gaussian(n, n, seed))
	for i := range n {
		a.SetSym(i, i, a.At(i, i)+ridge)
	}
	return a
}

// withSpectrum returns Q·diag(values)·Qᵀ for a random orthogonal Q.
func withSpectrum(values []float64, seed uint64) *mat.SymDense {
	n := len(values)
	var qr mat.QR
	qr.Factorize(gaussian(n, n, seed))
	var q mat.Dense
	qr.QTo(&q)
	a := mat.NewSymDense(n, nil)
	for i, v := range values {
		a.SymRankOne(a, v, q.ColView(i))
	}
	return a
}

// laplacian returns the matrix with 2 on the diagonal and -1 beside it; its eigenvalues are
// 2-2cos(πk/(n+1)), k = 1..n, and its determinant is n+1.
func laplacian(n int) *mat.SymDense {
	a := mat.NewSymDense(n, nil)
	for i := range n {
		a.SetSym(i, i, 2)
		if i > 0 {
			a.SetSym(i-1, i, -1)
		}
	}
	return a
}

func maxDiff(a, b mat.Matrix) float64 {
	n, m := a.Dims()
	d := 0.0
	for i := range n {
		for j := range m {
			d = max(d, math.Abs(a.At(i, j)-b.At(i, j)))
		}
	}
	return d
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.17g, want %.17g within %g", what, got, want, tol)
	}
}

// atProcs runs f with one processor and with several, and returns both results.
func atProcs[T any](f func() T) (one, many T) {
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	one = f()
	runtime.GOMAXPROCS(4)
	return one, f()
}
