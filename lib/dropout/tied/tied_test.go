package tied

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// turned returns a matrix of the given eigenvalues in a random basis.
func turned(t testing.TB, seed uint64, values ...float64) *mat.SymDense {
	t.Helper()
	return spectral(rng.Stream(seed, "tied/test"), values)
}

var golden = []float64{4, 2, 1, .5, .1}

// TestMinimum: the values of the specification, by water-filling, at the U returned, and from random starts.
func TestMinimum(t *testing.T) {
	for _, c := range []struct {
		reason     string
		values     []float64
		width      int
		lambda     float64
		value, tau float64
		rank       int
	}{
		{"weak dropout keeps what the width allows", golden, 3, .1, 1.7448484848, .21212121, 3},
		{"strength 1", golden, 3, 1, 8.46, 1.2, 2},
		{"strength 5 keeps one", golden, 3, 5, 15.26, 2.5, 1},
		{"strength 50", golden, 3, 50, 20.3543396226, 3.77358491, 1},
		{"a narrower net", golden, 2, 1, 10.26, 1.5, 2},
		{"as wide as the input", golden, 5, 1, 6.385, .875, 3},
		{"wider than the input", golden, 8, .1, .6795294118, math.NaN(), 5},
		{"wider, strong", golden, 8, 5, 11.26, math.NaN(), 2},
		{"indefinite M", []float64{2, 1, -1, -3}, 3, 1, 11.8, .6, 2},
	} {
		m, err := New(turned(t, 3, c.values...), c.width, c.lambda)
		if err != nil {
			t.Fatal(err)
		}
		best := m.Minimum()
		if math.Abs(best.Value-c.value) > 1e-10*c.value+5e-11 || best.Rank != c.rank {
			t.Errorf("%s: value %.12g, ρ = %d, want %.12g, %d", c.reason, best.Value, best.Rank, c.value, c.rank)
		}
		if !math.IsNaN(c.tau) && math.Abs(best.Threshold-c.tau) > 5e-9 {
			t.Errorf("%s: τ = %.12g, want %.12g", c.reason, best.Threshold, c.tau)
		}
		o := m.Objective()
		x := best.U.RawMatrix().Data
		if v := o.Value(x); math.Abs(v-c.value) > 1e-9 {
			t.Errorf("%s: value %.12g at the returned U", c.reason, v)
		}
		if g := o.GradientNorm(x); g > 1e-12 || Gap(best.U) > 1e-12 {
			t.Errorf("%s: gradient %g, gap %g at the returned U", c.reason, g, Gap(best.U))
		}
		r, err := Restarts(context.Background(), m, RestartConfig{})
		if err != nil {
			t.Fatal(err)
		}
		value, gap := r.Worst()
		grad := 0.0
		for _, e := range r.Ends {
			grad = max(grad, e.Gradient)
		}
		t.Logf("%s: value within %.2g, gap %.2g, gradient %.2g", c.reason, value, gap, grad)
		if value > 1e-9 || gap > 1e-6 {
			t.Errorf("%s: random starts end within %g of the minimum, with a gap of %g", c.reason, value, gap)
		}
	}
}

// TestFamilies: every family is critical, its directions have the curvatures of their formulas, and all but
// the minimum have one that leads down.
func TestFamilies(t *testing.T) {
	r := rng.Stream(1, "tied/test/families")
	total := 0
	for _, values := range [][]float64{golden, {2, 1, -1, -3}, {3, 1, 1, .2}, {1, 1, 1}, {-1, -2}, {1}} {
		for _, width := range []int{1, 2, 3, 5} {
			for _, lambda := range []float64{0, .01, 1, 7, 300} {
				m, err := New(turned(t, 5, values...), width, lambda)
				if err != nil {
					t.Fatal(err)
				}
				families, err := m.Families()
				if err != nil {
					t.Fatal(err)
				}
				o := m.Objective()
				best := m.Minimum()
				for k := range families {
					f := &families[k]
					total++
					at := fmt.Sprintf("%v, d₁ = %d, λ = %g, %s", values, width, lambda, f.Name(width))
					u := m.Point(f, r)
					x := u.RawMatrix().Data
					if g := o.GradientNorm(x); g > 1e-10 {
						t.Errorf("%s: gradient %g", at, g)
					}
					if v := o.Value(x); math.Abs(v-f.Value) > 1e-10*(1+v) {
						t.Errorf("%s: value %g, by formula %g", at, v, f.Value)
					}
					for _, d := range m.Directions(f, u) {
						got := o.Curvature(x, d.E.RawMatrix().Data)
						if math.Abs(got-d.Curvature) > 1e-9*(1+math.Abs(got)) || math.Abs(mat.Norm(d.E, 2)-1) > 1e-12 {
							t.Errorf("%s: %s: curvature %g, by formula %g, length %g", at, d.Words, got, d.Curvature, mat.Norm(d.E, 2))
						}
					}
					down := m.Down(f, u)
					if f.Global != (down == nil) {
						t.Errorf("%s: global %t, way down %v", at, f.Global, down)
					}
					if f.Global && math.Abs(f.Value-best.Value) > 1e-12*(1+best.Value) {
						t.Errorf("%s: called global at %g, the minimum is %g", at, f.Value, best.Value)
					}
				}
			}
		}
	}
	t.Logf("%d families", total)
}

// TestGoldenSaddles: supports, values and least eigenvalues of the specification.
func TestGoldenSaddles(t *testing.T) {
	for _, c := range []struct {
		lambda  float64
		support string
		value   float64
		least   float64
	}{
		{5, "{}", 21.26, -16}, {5, "{1}", 19.76, -11}, {5, "{2}", 20.885, -13.5}, {5, "{3}", 21.16625, -14.75},
		{5, "{4}", 21.25625, -15.75}, {5, "{0}", 15.26, 2}, {1, "{0}", 9.26, -4}, {1, "{0,1}", 8.46, 0},
	} {
		m, err := New(turned(t, 9, golden...), 3, c.lambda)
		if err != nil {
			t.Fatal(err)
		}
		families, err := m.Equalized()
		if err != nil {
			t.Fatal(err)
		}
		if c.lambda == 5 && len(families) != 6 {
			t.Errorf("%d equalized families at λ = 5, want 6", len(families))
		}
		found := false
		for k := range families {
			f := &families[k]
			if f.Name(3) != c.support {
				continue
			}
			found = true
			cert, err := landscape.Certify(context.Background(), m.Objective(), m.Point(f, nil).RawMatrix().Data)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(f.Value-c.value) > 1e-10*c.value || math.Abs(cert.Curvature-c.least) > 1e-10 {
				t.Errorf("λ = %g, %s: value %.12g and λ_min %.12g, want %g and %g", c.lambda, c.support, f.Value, cert.Curvature, c.value, c.least)
			}
		}
		if !found {
			t.Errorf("λ = %g: no family %s", c.lambda, c.support)
		}
	}
}

// TestDerivatives: gradient and Hessian against differences, at a point without symmetry.
func TestDerivatives(t *testing.T) {
	m, err := New(turned(t, 2, 2, .7, -1), 4, .8)
	if err != nil {
		t.Fatal(err)
	}
	o := m.Objective()
	r := rng.Stream(2, "tied/test/derivatives")
	x, v := rng.Normals(r, o.Dim), rng.Normals(r, o.Dim)
	g, h := make([]float64, o.Dim), make([]float64, o.Dim)
	o.Gradient(g, x)
	o.HessVec(h, x, v)
	const step = 1e-5
	at := func(s float64) []float64 { return floats.AddScaledTo(make([]float64, o.Dim), x, s, v) }
	if slope := (o.Value(at(step)) - o.Value(at(-step))) / (2 * step); math.Abs(slope-floats.Dot(g, v)) > 1e-5 {
		t.Errorf("slope %g by differences, %g by the gradient", slope, floats.Dot(g, v))
	}
	a, b := make([]float64, o.Dim), make([]float64, o.Dim)
	o.Gradient(a, at(step))
	o.Gradient(b, at(-step))
	for i := range a {
		if d := (a[i] - b[i]) / (2 * step); math.Abs(d-h[i]) > 1e-5 {
			t.Errorf("entry %d of the product with the Hessian: %g by differences, %g", i, d, h[i])
		}
	}
}

// TestEqualize: lengths become one, UUᵀ stays, also where columns are parallel, orthogonal or 0.
func TestEqualize(t *testing.T) {
	r := rng.Stream(4, "tied/test/equalize")
	for name, u := range map[string]*mat.Dense{
		"random":           mat.NewDense(4, 7, rng.Normals(r, 28)),
		"one column":       mat.NewDense(3, 1, []float64{1, 2, 3}),
		"orthogonal":       mat.NewDense(2, 2, []float64{3, 0, 0, 1}),
		"zeros beside one": mat.NewDense(2, 5, []float64{1, 0, 0, 0, 0, 2, 0, 0, 0, 0}),
		"parallel":         mat.NewDense(1, 3, []float64{1, -2, 5}),
		"nothing":          mat.NewDense(2, 3, nil),
	} {
		var before, after mat.Dense
		before.Mul(u, u.T())
		Equalize(u)
		after.Mul(u, u.T())
		after.Sub(&after, &before)
		if gap := Gap(u); gap > 1e-12 {
			t.Errorf("%s: gap %g", name, gap)
		}
		if d := mat.Norm(&after, 2); d > 1e-12*(1+mat.Norm(&before, 2)) {
			t.Errorf("%s: UUᵀ moved by %g", name, d)
		}
	}
}

func TestErrors(t *testing.T) {
	id := mat.NewDiagDense(2, []float64{1, 1})
	m, err := New(id, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := New(mat.NewDiagDense(20, make([]float64, 20)), 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	done, cancel := context.WithCancel(ctx)
	cancel()
	white := mat.NewDense(2, 1, []float64{1, -1})
	moments, err := Empirical(white, white)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"asymmetric M":     func() error { _, err := New(mat.NewDense(2, 2, []float64{1, 2, 3, 4}), 2, 1); return err },
		"M not square":     func() error { _, err := New(mat.NewDense(2, 3, nil), 2, 1); return err },
		"NaN in M":         func() error { _, err := New(mat.NewDense(1, 1, []float64{math.NaN()}), 2, 1); return err },
		"infinite M":       func() error { _, err := New(mat.NewDense(1, 1, []float64{math.Inf(1)}), 2, 1); return err },
		"no width":         func() error { _, err := New(id, 0, 1); return err },
		"negative λ":       func() error { _, err := New(id, 2, -1); return err },
		"λ is NaN":         func() error { _, err := New(id, 2, math.NaN()); return err },
		"λ infinite":       func() error { _, err := New(id, 2, math.Inf(1)); return err },
		"scale 0":          func() error { _, err := Restarts(ctx, m, RestartConfig{Scales: []float64{0}}); return err },
		"negative starts":  func() error { _, err := Restarts(ctx, m, RestartConfig{Starts: -1}); return err },
		"done context":     func() error { _, err := Restarts(done, m, RestartConfig{}); return err },
		"large census":     func() error { _, err := wide.Families(); return err },
		"larger census":    func() error { _, err := wide.Equalized(); return err },
		"not white":        func() error { _, err := Empirical(mat.NewDense(2, 1, []float64{1, 2}), white); return err },
		"other shapes":     func() error { _, err := Empirical(white, mat.NewDense(2, 2, nil)); return err },
		"C not square":     func() error { _, err := Symmetrize(mat.NewDense(1, 2, nil)); return err },
		"rate 1":           func() error { _, err := moments.Dropout(mat.NewDense(1, 2, nil), 1); return err },
		"rate NaN":         func() error { _, err := moments.Dropout(mat.NewDense(1, 2, nil), math.NaN()); return err },
		"too many masks":   func() error { _, err := moments.Dropout(mat.NewDense(1, 21, nil), .5); return err },
		"SGD, batch -1":    func() error { _, err := SGD(ctx, m, make([]float64, 4), SGDConfig{Eta: .1, Batch: -1}); return err },
		"SGD, no step":     func() error { _, err := SGD(ctx, m, make([]float64, 4), SGDConfig{}); return err },
		"SGD, short start": func() error { _, err := SGD(ctx, m, make([]float64, 3), SGDConfig{Eta: .1}); return err },
		"SGD, done":        func() error { _, err := SGD(done, m, make([]float64, 4), SGDConfig{Eta: .1}); return err },
		"SGD, diverges":    func() error { _, err := SGD(ctx, m, []float64{9, 9, 9, 9}, SGDConfig{Eta: 1}); return err },
		"a plane without m": func() error {
			_, err := NewPlane(-1, 1)
			return err
		},
		"a plane of negative λ": func() error { _, err := NewPlane(1, -1); return err },
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// BenchmarkRestarts is the landscape of 40 starts at d₀ = 5, d₁ = 3, λ = 5.
func BenchmarkRestarts(b *testing.B) {
	m, err := New(turned(b, 3, golden...), 3, 5)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Restarts(context.Background(), m, RestartConfig{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFamilies is the census of all critical families at d₀ = 5, d₁ = 5.
func BenchmarkFamilies(b *testing.B) {
	m, err := New(turned(b, 3, golden...), 5, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Families(); err != nil {
			b.Fatal(err)
		}
	}
}
