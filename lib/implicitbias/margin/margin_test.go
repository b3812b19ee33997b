package margin

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
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
		if r.Worst.Decrease < 0 || r.Worst.Step < 0 || r.Worst.Telescope < 0 {
			t.Errorf("%s: a bound of the proof is violated: %+v", n, r.Worst)
		}
		for k, v := range want {
			if got := r.At(int(math.Pow10(k + 1))).Margin; math.Abs(got-v) > 1e-5 {
				t.Errorf("%s after 10^%d: margin %.6f, want %.6f", n, k+1, got, v)
			}
		}
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
}

// TestPlane: in the plane the largest margin of any norm can be found by turning a direction, which knows
// nothing of linear programs.
func TestPlane(t *testing.T) {
	for _, n := range []Norm{Sum, 1.1, 4. / 3, Euclidean, 3, 8, Largest} {
		s, err := MaxMargin(context.Background(), Five(), n)
		if err != nil {
			t.Fatal(err)
		}
		value := func(angle float64) float64 {
			w := []float64{math.Cos(angle), math.Sin(angle)}
			return Five().Smallest(w) / n.Length(w)
		}
		best := 0.0
		for k := range 1000 {
			if a := 2 * math.Pi * float64(k) / 1000; value(a) > value(best) {
				best = a
			}
		}
		for h := .01; h > 1e-13; h /= 2 { // the margin has one hill where it is positive
			for value(best+h) > value(best) {
				best += h
			}
			for value(best-h) > value(best) {
				best -= h
			}
		}
		if math.Abs(value(best)-s.Margin) > 1e-9 || s.Upper < s.Margin-1e-12 {
			t.Errorf("%s: margin %.12g by turning, %.12g to %.12g by linear programs", n, value(best), s.Margin, s.Upper)
		}
	}
}

// TestLineSearch: the exact step on entries that are not ±1, against halving an interval.
func TestLineSearch(t *testing.T) {
	r := rng.Stream(0, "margin/test/line")
	for trial := range 100 {
		data, err := Cloud(uint64(trial), 12, 3, 0)
		if err != nil {
			t.Fatal(err)
		}
		p := make([]float64, data.Len())
		for i := range p {
			p[i] = r.ExpFloat64()
		}
		floats.Scale(1/floats.Sum(p), p)
		lo, hi := -200.0, 200.0
		positive, negative := false, false
		for _, z := range data.z {
			positive, negative = positive || z[0] > 0, negative || z[0] < 0
		}
		got, err := lineSearch(data, p, 0)
		if !positive || !negative {
			if err == nil {
				t.Errorf("trial %d: one sign on all points and no error", trial)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			mid, slope := (lo+hi)/2, 0.0
			for i, z := range data.z {
				slope -= p[i] * z[0] * math.Exp(-mid*z[0])
			}
			if slope < 0 {
				lo = mid
			} else {
				hi = mid
			}
		}
		if math.Abs(got-lo) > 1e-9*(1+math.Abs(lo)) {
			t.Errorf("trial %d: step %.15g, by bisection %.15g", trial, got, lo)
		}
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

// TestBadInput: each is refused before any work, with the argument's name or value in the message.
func TestBadInput(t *testing.T) {
	ctx := context.Background()
	nan := math.NaN()
	net := Diagonal{Five()}
	for name, f := range map[string]func() error{
		"no points":        func() error { _, err := NewData("x", nil, nil); return err },
		"ragged rows":      func() error { _, err := NewData("x", [][]float64{{1, 2}, {3}}, nil); return err },
		"a NaN feature":    func() error { _, err := NewData("x", [][]float64{{nan}}, nil); return err },
		"a label of 0":     func() error { _, err := NewData("x", [][]float64{{1}}, []float64{0}); return err },
		"too few labels":   func() error { _, err := NewData("x", [][]float64{{1}, {2}}, []float64{1}); return err },
		"a gap above 1":    func() error { _, err := Cloud(0, 3, 3, 2); return err },
		"a norm below ℓ₁":  func() error { _, err := Run(ctx, Five(), Config{Norm: .5}); return err },
		"a NaN norm":       func() error { _, err := MaxMargin(ctx, Five(), Norm(nan)); return err },
		"an unknown rule":  func() error { _, err := Run(ctx, Five(), Config{Rule: "fast"}); return err },
		"a negative cap":   func() error { _, err := Run(ctx, Five(), Config{Rule: Capped, Cap: -1}); return err },
		"a start too long": func() error { _, err := Run(ctx, Five(), Config{Start: []float64{1, 2, 3}}); return err },
		"points at 0": func() error {
			_, err := Run(ctx, must(NewData("zero", [][]float64{{0, 0}}, nil)), Config{})
			return err
		},
		"a NaN step": func() error { _, err := Boost(ctx, Boosting(), BoostConfig{Epsilon: nan}); return err },
		"a perfect learner": func() error {
			_, err := Boost(ctx, must(NewData("one", [][]float64{{1}, {1}}, nil)), BoostConfig{})
			return err
		},
		"the edge of ℓ₃":       func() error { _, _, err := Edge(Five(), 3); return err },
		"a net of power 0":     func() error { _, err := NewNetwork(Five(), 2, 0); return err },
		"a ring of 3":          func() error { _, err := Ring(0, 3); return err },
		"w = 0":                func() error { _, err := Stationary(net, make([]float64, 4), -1); return err },
		"w of another length":  func() error { _, err := Stationary(net, []float64{1}, -1); return err },
		"w that misclassifies": func() error { _, err := Stationary(net, []float64{0, 0, 1, 1}, -1); return err },
		"a negative step":      func() error { _, err := Flow(ctx, net, make([]float64, 4), FlowConfig{Step: -1}); return err },
		"a start at 0":         func() error { _, err := Flow(ctx, net, make([]float64, 4), FlowConfig{}); return err },
		"NNLS, ragged":         func() error { _, _, err := NNLS([][]float64{{1, 2}}, []float64{1}); return err },
		"NNLS, NaN":            func() error { _, _, err := NNLS([][]float64{{nan}}, []float64{1}); return err },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), "margin.") {
			t.Errorf("%s: %v, want an error of this package", name, err)
		}
	}
}

// TestJSON: results are plain data, ∞ among the norms included.
func TestJSON(t *testing.T) {
	r, err := Run(context.Background(), Five(), Config{Norm: Largest, Steps: 100})
	if err != nil {
		t.Fatal(err)
	}
	flow, err := Flow(context.Background(), Diagonal{Five()}, []float64{.5, .5, .5, .5}, FlowConfig{Steps: 100})
	if err != nil {
		t.Fatal(err)
	}
	boost, err := Boost(context.Background(), Boosting(), BoostConfig{Rounds: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ value, back any }{{r, &Result{}}, {flow, &FlowResult{}}, {boost, &BoostResult{}}} {
		raw, err := json.Marshal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, c.back); err != nil || !reflect.DeepEqual(c.value, c.back) {
			t.Errorf("%T does not survive JSON: %v", c.value, err)
		}
	}
}

// TestSupport: the multipliers of the support vector machine are those of its KKT conditions, and 1/‖ŵ‖ is
// the margin of the cutting planes.
func TestSupport(t *testing.T) {
	for seed := range uint64(20) {
		data, err := Cloud(seed, 5+int(seed), 2+int(seed)%5, .2)
		if err != nil {
			t.Fatal(err)
		}
		h, err := HardMargin(data)
		if err != nil {
			t.Fatal(err)
		}
		for i, z := range data.z {
			m := floats.Dot(z, h.W)
			if m < 1-1e-9 || h.Weights[i] > 1e-9 && m > 1+1e-7 {
				t.Errorf("seed %d, point %d: margin %.12g with weight %g", seed, i, m, h.Weights[i])
			}
		}
		s, err := MaxMargin(context.Background(), data, Euclidean)
		if err != nil || math.Abs(s.Margin*floats.Norm(h.W, 2)-1) > 1e-8 {
			t.Errorf("seed %d: cutting planes %v, support vector machine %g, %v", seed, s, 1/floats.Norm(h.W, 2), err)
		}
	}
}

// FuzzNorm: what is read back from text is the norm that was written, or an error.
func FuzzNorm(f *testing.F) {
	for _, s := range []string{"1", "2", "+Inf", "0.5", "NaN", "x", "1e400", "1.3333"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var n Norm
		if n.UnmarshalText([]byte(s)) != nil {
			return
		}
		text, err := n.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Norm
		if err := back.UnmarshalText(text); err != nil || back.exponent() != n.exponent() {
			t.Errorf("%q reads as %v, writes as %q, reads as %v: %v", s, n, text, back, err)
		}
	})
}
