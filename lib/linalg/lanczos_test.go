package linalg

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestLanczos(t *testing.T) {
	decaying := make([]float64, 200)
	for i := range decaying {
		decaying[i] = 60 * math.Pow(float64(i+1), -1.5)
	}
	signs := make([]float64, 100)
	for i := range signs {
		signs[i] = float64(i) - 49.5
	}
	for _, c := range []struct {
		name string
		a    *mat.SymDense
		k    int
		cfg  LanczosConfig
	}{
		{"one by one", mat.NewSymDense(1, []float64{4}), 1, LanczosConfig{}},
		{"a decaying spectrum, as kernels have", withSpectrum(decaying, 1), 8, LanczosConfig{}},
		{"both signs, the smallest", withSpectrum(signs, 2), 5, LanczosConfig{Smallest: true}},
		{"all of them", spd(30, 0, 3), 30, LanczosConfig{}},
		{"a repeated top eigenvalue, space exhausted", withSpectrum([]float64{2, 2, 2, 1, 1, 0, 0, 0, 0, 0}, 4), 4, LanczosConfig{}},
		{"the identity", withSpectrum([]float64{1, 1, 1, 1, 1, 1}, 5), 3, LanczosConfig{}},
		{"zero", mat.NewSymDense(7, nil), 2, LanczosConfig{}},
		{"a start vector in an invariant subspace", mat.NewSymDense(3, []float64{1, 0, 0, 0, 5, 0, 0, 0, 3}), 2, LanczosConfig{Start: []float64{1, 0, 0}}},
		{"rank one in many dimensions", withSpectrum(append([]float64{3}, make([]float64, 79)...), 6), 2, LanczosConfig{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.a.SymmetricDim()
			r, err := Lanczos(t.Context(), SymOp(c.a), n, c.k, c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if r.Status != LanczosConverged {
				t.Fatalf("status %v after %d steps, residuals %g", r.Status, r.Steps, r.Residuals)
			}
			want, _, err := EigenSym(c.a)
			if err != nil {
				t.Fatal(err)
			}
			norm := max(math.Abs(want[0]), math.Abs(want[n-1]))
			for i, got := range r.Values {
				w := want[i]
				if c.cfg.Smallest {
					w = want[n-1-i]
				}
				near(t, "eigenvalue", got, w, 2e-10*norm)
			}
			// Residuals are what they say, and the vectors are orthonormal.
			for i := range c.k {
				v := mat.NewVecDense(n, mat.Col(nil, i, r.Vectors))
				var av mat.VecDense
				av.MulVec(c.a, v)
				av.AddScaledVec(&av, -r.Values[i], v)
				near(t, "residual", mat.Norm(&av, 2), r.Residuals[i], 1e-13*max(norm, 1))
			}
			var id mat.Dense
			id.Mul(r.Vectors.T(), r.Vectors)
			if d := maxDiff(&id, mat.NewDiagDense(c.k, ones(c.k))); d > 1e-10 {
				t.Errorf("VᵀV differs from I by %g", d)
			}
		})
	}
}

func TestLanczosStops(t *testing.T) {
	a := spd(200, 0, 1)
	t.Run("the step limit is an outcome with a partial result", func(t *testing.T) {
		r, err := Lanczos(t.Context(), SymOp(a), 200, 5, LanczosConfig{MaxSteps: 8})
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != LanczosStepLimit || r.Steps != 8 || r.Products != 13 {
			t.Errorf("status %v, %d steps, %d products", r.Status, r.Steps, r.Products)
		}
		top, _ := EigenvaluesSym(a)
		if r.Values[0] > top[0]*(1+1e-14) {
			t.Errorf("Ritz value %g beyond the spectrum's end %g", r.Values[0], top[0])
		}
	})
	t.Run("an operator that rounds to float32 gives float32 digits", func(t *testing.T) {
		op := func(dst, src []float64) {
			SymOp(a)(dst, src)
			for i, v := range dst {
				dst[i] = float64(float32(v))
			}
		}
		r, err := Lanczos(t.Context(), op, 200, 2, LanczosConfig{Tolerance: 1e-5})
		if err != nil || r.Status != LanczosConverged {
			t.Fatalf("%+v, %v", r, err)
		}
		top, _ := EigenvaluesSym(a)
		near(t, "eigenvalue", r.Values[0], top[0], 1e-5*top[0])
	})
	t.Run("a seed repeats, another differs", func(t *testing.T) {
		get := func(seed uint64) float64 {
			r, err := Lanczos(t.Context(), SymOp(a), 200, 1, LanczosConfig{MaxSteps: 5, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			return r.Values[0]
		}
		if get(3) != get(3) || get(3) == get(4) {
			t.Errorf("seed 3: %g, %g; seed 4: %g", get(3), get(3), get(4))
		}
	})
	t.Run("a context stops it", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		_, err := Lanczos(ctx, func(dst, src []float64) {
			if calls++; calls == 3 {
				cancel()
			}
			SymOp(a)(dst, src)
		}, 200, 2, LanczosConfig{})
		if !errors.Is(err, context.Canceled) || calls != 3 {
			t.Errorf("err = %v after %d products", err, calls)
		}
	})
	for _, c := range []struct {
		name string
		op   func(dst, src []float64)
		n, k int
		cfg  LanczosConfig
		want string
	}{
		{"k = 0", SymOp(a), 200, 0, LanczosConfig{}, "want 1 ≤ k ≤ n"},
		{"k > n", SymOp(a), 200, 201, LanczosConfig{}, "want 1 ≤ k ≤ n"},
		{"a short start", SymOp(a), 200, 1, LanczosConfig{Start: []float64{1}}, "start vector has 1 entries"},
		{"a zero start", SymOp(a), 200, 1, LanczosConfig{Start: make([]float64, 200)}, "start vector is 0"},
		{"a negative limit", SymOp(a), 200, 1, LanczosConfig{MaxSteps: -1}, "want neither negative"},
		{"an operator of NaN", func(dst, src []float64) { dst[0] = math.NaN() }, 3, 1, LanczosConfig{}, "non-finite"},
		{"a shift is not symmetric", func(dst, src []float64) { copy(dst[1:], src); dst[0] = 0 }, 9, 1, LanczosConfig{}, "not symmetric"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Lanczos(t.Context(), c.op, c.n, c.k, c.cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want it to contain %q", err, c.want)
			}
		})
	}
}
