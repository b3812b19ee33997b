package linalg

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func TestEigenSym(t *testing.T) {
	for _, c := range []struct {
		name string
		a    *mat.SymDense
		want func(i int) float64 // λ_i, descending; nil: not known
	}{
		{"one by one, negative", mat.NewSymDense(1, []float64{-3}), func(int) float64 { return -3 }},
		{"[[2,1],[1,2]] has 3 and 1", mat.NewSymDense(2, []float64{2, 1, 1, 2}), func(i int) float64 { return 3 - 2*float64(i) }},
		{"the Laplacian's cosines", laplacian(60), func(i int) float64 { return 2 - 2*math.Cos(math.Pi*float64(60-i)/61) }},
		{"a repeated eigenvalue", withSpectrum([]float64{3, 3, 3, 1, 1, -2}, 5), func(i int) float64 { return []float64{3, 3, 3, 1, 1, -2}[i] }},
		{"zero", mat.NewSymDense(4, nil), func(int) float64 { return 0 }},
		{"random", spd(80, 0, 3), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.a.SymmetricDim()
			values, vectors, err := EigenSym(c.a)
			if err != nil {
				t.Fatal(err)
			}
			only, err := EigenvaluesSym(c.a)
			if err != nil {
				t.Fatal(err)
			}
			norm := math.Max(math.Abs(values[0]), math.Abs(values[n-1]))
			tol := 20 * float64(n) * eps * norm
			trace := 0.0
			for i, v := range values {
				trace += v
				near(t, "EigenvaluesSym against EigenSym", only[i], v, tol)
				if i > 0 && v > values[i-1] {
					t.Errorf("value %d rises: %g after %g", i, v, values[i-1])
				}
				if c.want != nil {
					near(t, "eigenvalue", v, c.want(i), max(tol, 1e-15))
				}
			}
			near(t, "sum of eigenvalues against the trace", trace, mat.Trace(c.a), tol*float64(n))
			// V·Λ·Vᵀ = A and VᵀV = I
			var vl, back, id mat.Dense
			vl.Mul(vectors, mat.NewDiagDense(n, values))
			back.Mul(&vl, vectors.T())
			if d := maxDiff(&back, c.a); d > max(tol, 1e-15) {
				t.Errorf("V·Λ·Vᵀ differs from A by %g", d)
			}
			id.Mul(vectors.T(), vectors)
			if d := maxDiff(&id, mat.NewDiagDense(n, ones(n))); d > 20*float64(n)*eps {
				t.Errorf("VᵀV differs from I by %g", d)
			}
			for i := range n {
				col := mat.Col(nil, i, vectors)
				low, high := floats.Min(col), floats.Max(col)
				if -low > high*(1+1e-7) {
					t.Errorf("vector %d spans [%g, %g], want the larger magnitude positive", i, low, high)
				}
			}
		})
	}
	t.Run("NaN and empty are refused", func(t *testing.T) {
		a := laplacian(3)
		a.SetSym(0, 2, math.Inf(-1))
		var nf *NonFiniteError
		if _, _, err := EigenSym(a); !errors.As(err, &nf) {
			t.Errorf("infinite: err = %v", err)
		}
		if _, err := EigenvaluesSym(a); !errors.As(err, &nf) {
			t.Errorf("values, infinite: err = %v", err)
		}
		if _, _, err := EigenSym(&mat.SymDense{}); err == nil {
			t.Error("empty: no error")
		}
	})
	t.Run("with a context: the same result, or the context's error", func(t *testing.T) {
		a := spd(40, 0, 2)
		want, _, err := EigenSym(a)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		got, _, err := EigenSymContext(ctx, a)
		if err != nil || !floats.Equal(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
		cancel()
		if _, _, err := EigenSymContext(ctx, a); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v", err)
		}
		if _, _, err := EigenSymContext(t.Context(), nil); err == nil {
			t.Error("nil: no error")
		}
	})
	t.Run("the same for any GOMAXPROCS", func(t *testing.T) {
		a := spd(150, 0, 2)
		one, many := atProcs(func() *mat.Dense {
			_, v, err := EigenSym(a)
			if err != nil {
				t.Error(err)
			}
			return v
		})
		if d := maxDiff(one, many); d != 0 {
			t.Errorf("differs by %g", d)
		}
	})
}

func TestSpectralNorm(t *testing.T) {
	n := 250
	flat := make([]float64, n)
	for i := range flat {
		flat[i] = 1
	}
	clustered := make([]float64, n) // the two top values agree to 1e-9
	for i := range clustered {
		clustered[i] = 1 - float64(i)/float64(n)
	}
	clustered[1] = 1 - 1e-9
	negative := make([]float64, n)
	copy(negative, clustered)
	negative[0] = -7
	for _, c := range []struct {
		name string
		a    *mat.SymDense
		want float64
		tol  float64 // relative; 1e-12 is the promise, a cluster costs no more than that in value
	}{
		{"small, dense route", laplacian(3), 2 + math.Sqrt2, 1e-12},
		{"the negative end is larger", withSpectrum(negative, 1), 7, 1e-12},
		{"a cluster at the top", withSpectrum(clustered, 2), 1, 1e-12},
		{"a multiple of the identity", withSpectrum(flat, 3), 1, 1e-12},
		{"the Laplacian's crowded end", laplacian(n), 2 - 2*math.Cos(math.Pi*float64(n)/float64(n+1)), 1e-12},
		{"zero", mat.NewSymDense(n, nil), 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := SpectralNorm(c.a)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "‖A‖", got, c.want, c.tol*c.want)
		})
	}
	t.Run("finite entries whose products overflow are refused or answered, never NaN", func(t *testing.T) {
		a := scaled(spd(120, 0, 4), 1e300)
		if got, err := SpectralNorm(a); err == nil && !finite(got) {
			t.Errorf("‖A‖ = %g", got)
		}
	})
	t.Run("NaN is refused", func(t *testing.T) {
		a := laplacian(3)
		a.SetSym(0, 0, math.NaN())
		var nf *NonFiniteError
		if _, err := SpectralNorm(a); !errors.As(err, &nf) {
			t.Errorf("err = %v", err)
		}
	})
}

func TestPSD(t *testing.T) {
	// A Gram matrix of 12 points in 5 dimensions has rank 5.
	x := gaussian(12, 5, 3)
	a, err := Gram(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	r, err := PSD(a, 0)
	if err != nil {
		t.Fatal(err)
	}
	if r.Rank != 5 || len(r.Dropped) != 7 {
		t.Fatalf("rank %d with %d dropped, want 5 and 7", r.Rank, len(r.Dropped))
	}
	// The four conditions of Penrose.
	p := r.Inverse()
	var ap, apa, pa, pap mat.Dense
	ap.Mul(a, p)
	pa.Mul(p, a)
	apa.Mul(&ap, a)
	pap.Mul(&pa, p)
	scale := mat.Norm(a, 2) * mat.Norm(p, 2)
	for _, c := range []struct {
		name string
		x, y mat.Matrix
	}{
		{"A·A⁺·A = A", &apa, a},
		{"A⁺·A·A⁺ = A⁺", &pap, p},
		{"A·A⁺ is symmetric", &ap, ap.T()},
		{"A⁺·A is symmetric", &pa, pa.T()},
	} {
		if d := maxDiff(c.x, c.y); d > 1e-14*scale*mat.Norm(a, 2) {
			t.Errorf("%s fails by %g", c.name, d)
		}
	}
	// y = Xβ lies in the range: yᵀ(XXᵀ)⁺y = ‖β‖² (exercise 3b for n > d).
	beta := []float64{1, -2, 0.5, 3, -1}
	y := mat.NewVecDense(12, nil)
	y.MulVec(x, mat.NewVecDense(5, beta))
	q, err := r.Quad(y.RawVector().Data)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "yᵀK⁺y", q, 1+4+0.25+9+1, 1e-11)
	proj, err := r.Project(y.RawVector().Data)
	if err != nil {
		t.Fatal(err)
	}
	if d := maxDiff(mat.NewVecDense(12, proj), y); d > 1e-12 {
		t.Errorf("a vector of the range moves by %g under Project", d)
	}
	sol, err := r.SolveVec(y.RawVector().Data)
	if err != nil {
		t.Fatal(err)
	}
	var back mat.VecDense
	back.MulVec(a, mat.NewVecDense(12, sol))
	if d := maxDiff(&back, y); d > 1e-12 {
		t.Errorf("A·A⁺y differs from y by %g", d)
	}

	t.Run("zero has rank 0", func(t *testing.T) {
		r, err := PSD(mat.NewSymDense(3, nil), 0)
		if err != nil || r.Rank != 0 {
			t.Fatalf("rank %v, err %v", r, err)
		}
		if x, err := r.SolveVec(ones(3)); err != nil || x[0] != 0 {
			t.Errorf("SolveVec = %v, %v", x, err)
		}
	})
	t.Run("a cutoff drops small directions", func(t *testing.T) {
		r, err := PSD(withSpectrum([]float64{1, 0.1, 1e-3, 1e-5}, 1), 1e-2)
		if err != nil || r.Rank != 2 {
			t.Errorf("rank %v, err %v; want 2", r, err)
		}
	})
	t.Run("a negative eigenvalue is refused with its value", func(t *testing.T) {
		_, err := PSD(withSpectrum([]float64{2, 1, -0.5}, 1), 0)
		var pd *NotPositiveDefiniteError
		if !errors.As(err, &pd) {
			t.Fatalf("err = %v", err)
		}
		near(t, "λ_min", pd.MinEigenvalue, -0.5, 1e-14)
	})
	t.Run("bad cutoffs and lengths", func(t *testing.T) {
		for _, cut := range []float64{-1, 1, math.NaN()} {
			if _, err := PSD(laplacian(2), cut); err == nil {
				t.Errorf("cutoff %g: no error", cut)
			}
		}
		if _, err := r.Quad(ones(3)); err == nil {
			t.Error("3 entries: no error")
		}
	})
}

func BenchmarkSpectralNorm1000(b *testing.B) {
	a := spd(1000, 0, 1)
	for b.Loop() {
		if _, err := SpectralNorm(a); err != nil {
			b.Fatal(err)
		}
	}
}
