package linalg

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func TestCholesky(t *testing.T) {
	for _, c := range []struct {
		name   string
		a      *mat.SymDense
		logdet float64 // NaN: compare with gonum's
	}{
		{"one by one", mat.NewSymDense(1, []float64{9}), math.Log(9)},
		{"determinant of the Laplacian is n+1", laplacian(130), math.Log(131)},
		{"one panel exactly", spd(64, 0.1, 1), math.NaN()},
		{"several panels and a rest", spd(203, 0.1, 2), math.NaN()},
		{"far from 1 in scale", scaled(spd(50, 0.1, 3), 1e-200), math.NaN()},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.a.SymmetricDim()
			before := mat.NewSymDense(n, nil)
			before.CopySym(c.a)
			f, err := Cholesky(c.a)
			if err != nil {
				t.Fatal(err)
			}
			if maxDiff(before, c.a) != 0 {
				t.Error("the input was written to")
			}
			// L·Lᵀ = A within n·eps·‖A‖: Higham, Accuracy and Stability, theorem 10.3.
			l := mat.NewDense(n, n, nil)
			for i := range n {
				for j := range n {
					l.Set(i, j, f.At(i, j))
					if j > i && f.At(i, j) != 0 {
						t.Fatalf("L(%d,%d) = %g above the diagonal", i, j, f.At(i, j))
					}
				}
			}
			var ll mat.Dense
			ll.Mul(l, l.T())
			norm := mat.Max(c.a)
			if d := maxDiff(&ll, c.a); d > float64(n)*eps*norm {
				t.Errorf("L·Lᵀ differs from A by %g", d)
			}
			want := c.logdet
			var g mat.Cholesky
			if !g.Factorize(c.a) {
				t.Fatal("gonum refuses the matrix")
			}
			if math.IsNaN(want) {
				want = g.LogDet()
			}
			near(t, "LogDet", f.LogDet(), want, 1e-12*max(1, math.Abs(want)))

			b := gaussian(n, 11, 7)
			x, err := f.Solve(b)
			if err != nil {
				t.Fatal(err)
			}
			var gx mat.Dense
			if err := g.SolveTo(&gx, b); err != nil {
				t.Fatal(err)
			}
			tol := 20 * eps * f.Cond() * mat.Max(x)
			if d := maxDiff(x, &gx); d > max(tol, 1e-11*mat.Max(x)) {
				t.Errorf("Solve differs from gonum's by %g", d)
			}
			col := mat.Col(nil, 4, b)
			v, err := f.SolveVec(col)
			if err != nil {
				t.Fatal(err)
			}
			for i := range v {
				if v[i] != x.At(i, 4) {
					t.Fatalf("SolveVec and Solve differ at %d", i)
				}
			}
			q, err := f.Quad(col)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "bᵀA⁻¹b", q, floats.Dot(col, v), 1e-10*q)
			inv := f.Inverse()
			var id mat.Dense
			id.Mul(c.a, inv)
			if d := maxDiff(&id, mat.NewDiagDense(n, ones(n))); d > 50*eps*f.Cond()*float64(n) {
				t.Errorf("A·A⁻¹ differs from I by %g", d)
			}
			w, err := f.Whiten(col)
			if err != nil {
				t.Fatal(err)
			}
			back, err := f.Color(w)
			if err != nil {
				t.Fatal(err)
			}
			if !floats.EqualApprox(back, col, 1e-10) {
				t.Error("Color does not undo Whiten")
			}
		})
	}
}

func TestCholeskyRefuses(t *testing.T) {
	duplicate := gaussian(90, 90, 4)
	duplicate.SetRow(80, duplicate.RawRowView(10))
	twice := mat.NewSymDense(90, nil)
	twice.SymOuterK(1, duplicate)
	falling := make([]float64, 120) // λ from 1 down to 1e-20: below rounding
	for i := range falling {
		falling[i] = math.Pow(10, -20*float64(i)/119)
	}
	indefinite := []float64{5, 4, 3, 2, 1, 0.5, 0.25, -0.125}
	for _, c := range []struct {
		name      string
		a         *mat.SymDense
		low, high float64 // the estimate of λ_min must lie between
	}{
		{"zero matrix: λ_min is 0", mat.NewSymDense(3, nil), 0, 0},
		{"minus the identity: λ_min is -1", mat.NewSymDense(2, []float64{-1, 0, 0, -1}), -1, -1},
		{"[[1,2],[2,1]]: λ_min is -1", mat.NewSymDense(2, []float64{1, 2, 2, 1}), -1 - 1e-12, -1 + 1e-12},
		{"a known negative eigenvalue", withSpectrum(indefinite, 6), -0.125 - 1e-12, -0.125 + 1e-12},
		{"the same row twice: λ_min is 0 to rounding", twice, -1e-11, 1e-11},
		{"eigenvalues that fall below rounding", withSpectrum(falling, 8), -1e-14, 1e-14},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Cholesky(c.a)
			var pd *NotPositiveDefiniteError
			if !errors.As(err, &pd) || f != nil {
				t.Fatalf("Cholesky = %v, %v; want a NotPositiveDefiniteError", f, err)
			}
			if !(pd.MinEigenvalue >= c.low && pd.MinEigenvalue <= c.high) {
				t.Errorf("λ_min estimate %g, want in [%g, %g]", pd.MinEigenvalue, c.low, c.high)
			}
			if !strings.Contains(err.Error(), "λ_min") {
				t.Errorf("message lacks λ_min: %v", err)
			}
		})
	}
	t.Run("NaN is found before any work", func(t *testing.T) {
		a := laplacian(5)
		a.SetSym(1, 3, math.NaN())
		_, err := Cholesky(a)
		var nf *NonFiniteError
		if !errors.As(err, &nf) || nf.Row != 1 || nf.Col != 3 {
			t.Errorf("err = %v", err)
		}
		const want = "linalg.Cholesky: entry (1,3) is NaN, want a finite matrix"
		if err.Error() != want {
			t.Errorf("err = %v, want %s", err, want)
		}
		if err := CheckFinite(a); !errors.As(err, &nf) {
			t.Errorf("CheckFinite: %v", err)
		}
	})
	t.Run("empty", func(t *testing.T) {
		if _, err := Cholesky(&mat.SymDense{}); err == nil {
			t.Error("no error")
		}
		if _, err := Cholesky(nil); err == nil {
			t.Error("nil: no error")
		}
	})
	t.Run("a done context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := CholeskyContext(ctx, laplacian(300)); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
	})
	t.Run("wrong right-hand sides", func(t *testing.T) {
		f, err := Cholesky(laplacian(4))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.SolveVec(ones(3)); err == nil {
			t.Error("3 entries: no error")
		}
		if _, err := f.Solve(mat.NewDense(5, 1, nil)); err == nil {
			t.Error("5 rows: no error")
		}
		if _, err := f.Quad([]float64{1, math.Inf(1), 0, 0}); err == nil {
			t.Error("infinite: no error")
		}
		if _, err := f.Solve(mat.NewDense(4, 1, []float64{0, 0, math.NaN(), 0})); err == nil {
			t.Error("NaN: no error")
		}
	})
}

func TestCholeskyExtremes(t *testing.T) {
	n := 300
	f, err := Cholesky(withSpectrum(floats.Span(make([]float64, n), 0.01, 5), 2))
	if err != nil {
		t.Fatal(err)
	}
	low, high := f.Extremes()
	// 8 steps from a random start: one digit, and from the safe side.
	if low < 0.01*(1-1e-9) || low > 0.02 || high > 5*(1+1e-12) || high < 4 {
		t.Errorf("Extremes = %g, %g; want near 0.01 from above and 5 from below", low, high)
	}
}

func TestCholeskyDeterminism(t *testing.T) {
	a := spd(333, 0.01, 12)
	b := gaussian(333, 19, 3)
	one, many := atProcs(func() *mat.Dense {
		f, err := Cholesky(a)
		if err != nil {
			t.Fatal(err)
		}
		x, err := f.Solve(b)
		if err != nil {
			t.Fatal(err)
		}
		return x
	})
	if d := maxDiff(one, many); d != 0 {
		t.Errorf("differs by %g", d)
	}
}

func scaled(a *mat.SymDense, s float64) *mat.SymDense {
	a.ScaleSym(s, a)
	return a
}

func ones(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

func BenchmarkCholesky(b *testing.B) {
	a := spd(1000, 0.1, 1)
	b.Run("ours-1000", func(b *testing.B) {
		for b.Loop() {
			if _, err := Cholesky(a); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("gonum-1000", func(b *testing.B) {
		var c mat.Cholesky
		for b.Loop() {
			c.Factorize(a)
		}
	})
}

func BenchmarkSolve(b *testing.B) {
	f, err := Cholesky(spd(1000, 0.1, 1))
	if err != nil {
		b.Fatal(err)
	}
	rhs := gaussian(1000, 200, 1)
	for b.Loop() {
		if _, err := f.Solve(rhs); err != nil {
			b.Fatal(err)
		}
	}
}
