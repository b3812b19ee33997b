package margin

import (
	"context"
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/rng"
)

// TestGoldens: largest margins and directions of five points.
func TestGoldens(t *testing.T) {
	for _, c := range []struct {
		name string
		norm Norm
		w    []float64
		want float64
		tol  float64
	}{
		{"ℓ₁ by one linear program", Sum, []float64{17. / 22, 5. / 22}, 18.5 / 22, 1e-10},
		{"ℓ₂ by cutting planes", Euclidean, []float64{.957826, .287348}, 1.0440307, 1e-6},
		{"ℓ∞ by one linear program", Largest, []float64{1, 1}, 1.3, 1e-10},
	} {
		s, err := MaxMargin(context.Background(), Five(), c.norm)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(s.Margin-c.want) > c.tol || s.Upper-s.Margin > 1e-9 || floats.Distance(s.W, c.w, 2) > max(c.tol, 1e-5) {
			t.Errorf("%s: margin %.10g ≤ %.10g at %v, want %g at %v", c.name, s.Margin, s.Upper, s.W, c.want, c.w)
		}
		e, _, err := Edge(Five(), c.norm)
		if err != nil || math.Abs(e-c.want) > c.tol {
			t.Errorf("%s: edge %.10g, %v", c.name, e, err)
		}
	}
	h, err := HardMargin(Five())
	if err != nil || floats.Distance(h.W, []float64{.917431, .275229}, 2) > 1e-6 {
		t.Errorf("hard margin %v, %v", h, err)
	}
	for n, want := range map[Norm][4]float64{
		Euclidean: {.961410, 1.027363, 1.043657, 1.044026},
		Sum:       {.732019, .807412, .838412, .840619},
		Largest:   {1.3, 1.3, 1.3, 1.3},
	} {
		r, err := Run(context.Background(), Five(), Config{Norm: n})
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range want {
			if got := r.At(int(math.Pow10(k + 1))).Margin; math.Abs(got-v) > 1e-5 {
				t.Errorf("%s after 10^%d: margin %.6f, want %.6f", n, k+1, got, v)
			}
		}
		t.Logf("%s %+v", n, r.Worst)
	}
	r, err := Run(context.Background(), Five(), Config{Rule: Capped, Steps: 100000})
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range []float64{.961410, .990349, 1.008339, 1.018941, 1.025529} {
		if got := r.At(int(math.Pow10(k + 1))).Margin; math.Abs(got-v) > 1e-5 {
			t.Errorf("capped after 10^%d: margin %.6f, want %.6f", k+1, got, v)
		}
	}
	t.Logf("%+v", r.Worst)
}

func TestBoostGoldens(t *testing.T) {
	for _, eps := range []float64{0, .02} {
		b, err := Boost(context.Background(), Boosting(), BoostConfig{Epsilon: eps, Rounds: 200000})
		if err != nil {
			t.Fatal(err)
		}
		k, diff := b.Period()
		t.Log(eps, b.T, b.Margin, k, diff, b.Learner)
	}
}

func TestNNLS(t *testing.T) {
	r := rng.Stream(0, "margin/test/nnls")
	for trial := range 200 {
		m, n := 1+trial%7, 1+trial%11
		var cols [][]float64
		for range n {
			cols = append(cols, rng.Normals(r, m))
		}
		if n > 3 {
			cols[3] = append([]float64(nil), cols[0]...) // a repeated column
		}
		b := rng.Normals(r, m)
		x, res, err := NNLS(cols, b)
		if err != nil {
			t.Fatal(err)
		}
		rest := append([]float64(nil), b...)
		for j, v := range x {
			if v < 0 {
				t.Fatalf("trial %d: x[%d] = %g", trial, j, v)
			}
			floats.AddScaled(rest, -v, cols[j])
		}
		if math.Abs(floats.Norm(rest, 2)-res) > 1e-9 {
			t.Errorf("trial %d: residual %g, stated %g", trial, floats.Norm(rest, 2), res)
		}
		for j, v := range x {
			g := floats.Dot(cols[j], rest)
			if g > 1e-9 || v > 0 && math.Abs(g) > 1e-9 {
				t.Errorf("trial %d: x[%d] = %g, ⟨a, r⟩ = %g: not optimal", trial, j, v, g)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	bad, err := NewData("both sides", [][]float64{{1, 2}, {-1, -2}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []Norm{Sum, Euclidean, Largest, 3} {
		if _, err := MaxMargin(context.Background(), bad, n); !errors.Is(err, ErrNotSeparable) {
			t.Errorf("%s: %v", n, err)
		}
	}
	if _, err := HardMargin(bad); !errors.Is(err, ErrNotSeparable) {
		t.Error(err)
	}
	for _, n := range []Norm{Sum, Largest, Euclidean} {
		if _, _, err := Edge(bad, n); !errors.Is(err, ErrNotSeparable) {
			t.Errorf("edge %s: %v", n, err)
		}
	}
}
