package saddle

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// TestDerivatives compares every objective's gradient and Hessian with differences of its values and
// gradients.
func TestDerivatives(t *testing.T) {
	chain := must(Chain{Dim: 4, L: 1.3, Gamma: .7, Tau: 1}.Objective())
	for _, c := range []struct {
		name string
		o    *landscape.Objective
		x    []float64
	}{
		{"cosine", must(Cosine(3, .5)), []float64{.7, -.3, .2}},
		{"quadratic", must(Quadratic(-1, 2, .5)), []float64{.7, -.3, .2}},
		{"rescaled cosine", must(Rescale(must(Cosine(3, .5)), 2, 3)), []float64{.2, -.1, .2}},
		{"bent saddle", bentObjective(.1, .3), []float64{.7, -.3, .2}},
		{"quartic", Quartic(mat.NewSymDense(3, []float64{1, -2, .5, -2, .3, 1, .5, 1, 2})), []float64{.7, -.3, .2}},
		{"chain, at the first saddle", chain, []float64{.5, .2, -.1, .3}},
		{"chain, leaving it", chain, []float64{1.4, .2, -.1, .3}},
		{"chain, leaving the second on the other side", chain, []float64{3.5, -1.7, -.1, .3}},
		{"chain, at the last", chain, []float64{3.5, -4.2, 3.9, .3}},
		{"chain, done", chain, []float64{3.5, -4.2, 3.9, 4.4}},
	} {
		d := c.o.Dim
		g, hv := make([]float64, d), make([]float64, d)
		c.o.Gradient(g, c.x)
		num := fd.Gradient(nil, c.o.Value, c.x, &fd.Settings{Formula: fd.Central})
		if dist := floats.Distance(g, num, 2); dist > 1e-6 {
			t.Errorf("%s: gradient %v, by differences %v", c.name, g, num)
		}
		v := rng.Normals(rng.Stream(1, "v"), d)
		c.o.HessVec(hv, c.x, v)
		const h = 1e-5
		up, down := make([]float64, d), make([]float64, d)
		gu, gd := make([]float64, d), make([]float64, d)
		for i := range v {
			up[i], down[i] = c.x[i]+h*v[i], c.x[i]-h*v[i]
		}
		c.o.Gradient(gu, up)
		c.o.Gradient(gd, down)
		for i := range gu {
			gu[i] = (gu[i] - gd[i]) / (2 * h)
		}
		if dist := floats.Distance(hv, gu, 2); dist > 1e-5 {
			t.Errorf("%s: Hessian-vector product %v, by differences %v", c.name, hv, gu)
		}
	}
}

// TestChainJoints: value, slope and curvature of the chain agree on both sides of τ and 2τ.
func TestChainJoints(t *testing.T) {
	c := Chain{Dim: 3}
	o := must(c.Objective())
	for _, at := range []float64{math.E, 2 * math.E} {
		const h = 1e-9
		a, b := []float64{at - h, 0, 0}, []float64{at + h, 0, 0}
		if d := math.Abs(o.Value(a) - o.Value(b)); d > 1e-6 {
			t.Errorf("value jumps by %g at %g", d, at)
		}
		ga, gb := make([]float64, 3), make([]float64, 3)
		o.Gradient(ga, a)
		o.Gradient(gb, b)
		if d := floats.Distance(ga, gb, 2); d > 1e-6 {
			t.Errorf("gradient jumps by %g at %g", d, at)
		}
		v := []float64{1, 1, 1}
		o.HessVec(ga, a, v)
		o.HessVec(gb, b, v)
		if d := floats.Distance(ga, gb, 2); d > 1e-6 {
			t.Errorf("curvature jumps by %g at %g", d, at)
		}
	}
	if f := o.Value([]float64{4 * math.E, -4 * math.E, 4 * math.E}); math.Abs(f-o.Min) > 1e-12 {
		t.Errorf("f = %g at the minimum, want %g", f, o.Min)
	}
}

func TestStuckCases(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Stuck
	}{
		{"ellipsoid within the ball, G > 1", Stuck{Dim: 4, Gamma: .1, Reach: .7, Steps: 20}},
		{"ellipsoid within the ball, G < 1", Stuck{Dim: 4, Gamma: .1, Reach: .3, Steps: 5}},
		{"crossing, S < 1", Stuck{Dim: 4, Gamma: .1, Reach: .8, Steps: 4}},
		{"crossing, S > 1", Stuck{Dim: 4, Gamma: .1, Reach: 1.2, Steps: 20}},
		{"whole ball", Stuck{Dim: 4, Gamma: .1, Reach: 1.2, Steps: 3}},
		{"whole ball, G > 1", Stuck{Dim: 4, Gamma: .1, Reach: 3, Steps: 10}},
		{"a line", Stuck{Dim: 1, Gamma: .1, Reach: 1.2, Steps: 20}},
		{"a thousand dimensions", Stuck{Dim: 1000, Gamma: .1, Reach: 1.2, Steps: 25}},
	} {
		p, err := c.s.Probability()
		if err != nil {
			t.Fatal(err)
		}
		q, err := c.s.Integral()
		if err != nil {
			t.Fatal(err)
		}
		share, err := c.s.Shares(context.Background(), []int{c.s.Steps}, 3000, 1)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(p-q) > 1e-6 || math.Abs(share[0]-p) > 4*math.Sqrt(.25/3000) {
			t.Errorf("%s: %g by beta functions, %g by quadrature, %g by sampling", c.name, p, q, share[0])
		}
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	o := must(Cosine(3, .5))
	unknown := bentObjective(.1, .3)
	zero := make([]float64, 3)
	for _, c := range []struct {
		want string
		err  func() error
	}{
		{"0 < γ ≤ 1", func() error { _, err := Cosine(3, 2); return err }},
		{"d ≥ 1", func() error { _, err := Cosine(0, .5); return err }},
		{"at least one", func() error { _, err := Quadratic(); return err }},
		{"curvature 1 is NaN", func() error { _, err := Quadratic(1, math.NaN()); return err }},
		{"positive numbers", func() error { _, err := Rescale(o, 0, 1); return err }},
		{"ε = 0", func() error { _, err := Test(ctx, o, zero, 0); return err }},
		{"ℓ = NaN", func() error { _, err := Test(ctx, unknown, zero, .1); return err }},
		{"2 entries, want 3", func() error { _, err := Test(ctx, o, zero[:2], .1); return err }},
		{"name a step size", func() error { _, err := GD(ctx, unknown, zero, Options{}); return err }},
		{"nothing would be tested", func() error { _, err := GD(ctx, o, zero, Options{Stop: true}); return err }},
		{"diverges", func() error { _, err := GD(ctx, o, []float64{0, 1, 1}, Options{Eta: 3}); return err }},
		{"r = -1", func() error { _, err := PGD1(ctx, o, zero, -1, Options{}); return err }},
		{"ε = 0", func() error { _, err := PGD2(ctx, o, zero, Kick{}, Options{}); return err }},
		{"name 𝒯", func() error {
			_, err := PGD2(ctx, must(Quadratic(-1, 1)), zero[:2], Kick{}, Options{Epsilon: .1})
			return err
		}},
		{"between 0 and 2", func() error { _, err := NoiseFloor([]float64{1, 3}, 1, .1); return err }},
		{"at most a million", func() error { _, err := Escape{Gamma: 1e-9}.Mean(); return err }},
		{"R < δ₀", func() error { _, err := Escape{Radius: 1}.Law(); return err }},
		{"time 9", func() error { _, _, err := Localize(o, [][]float64{zero, {1, 0, 0}}, 1, 9); return err }},
		{"does not move", func() error { _, _, err := Localize(o, [][]float64{zero, zero}, 1, 1); return err }},
		{"S = -1", func() error { _, err := Stuck{Reach: -1}.Probability(); return err }},
		{"increasing", func() error { _, err := Stuck{}.Shares(ctx, []int{3, 2}, 10, 0); return err }},
		{"want a saddle", func() error {
			_, err := Couple(ctx, o, []float64{math.Pi, 0, 0}, Pair{Start: zero, Omega: 1, Steps: 1, Radius: 1})
			return err
		}},
		{"ω = 0", func() error { _, err := Couple(ctx, o, zero, Pair{Start: zero, Steps: 1, Radius: 1}); return err }},
		{"0 < η < 1/(2L)", func() error { _, err := Chain{}.Exits(ctx, 1, 0, 0, 0); return err }},
		{"δ = 0", func() error { _, err := NegativeCurvature(ctx, o, zero, Search{}); return err }},
		{"at most 14", func() error { _, _, err := Copositive(mat.NewSymDense(15, nil)); return err }},
		{"1 to 60", func() error { _, err := FigureStuck(ctx, 0, 3); return err }},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "saddle.") && !strings.HasPrefix(err.Error(), "landscape") {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
	}
}

// TestBest: run on with noise after an ε-SOSP, the result is the best certified iterate, not the last.
func TestBest(t *testing.T) {
	o := must(Cosine(5, .5))
	res, err := PGD1(context.Background(), o, make([]float64, 5), .05, Options{Epsilon: .05, Steps: 400, Seed: 3, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Found || res.At == res.Steps() || o.Value(res.X) > res.Values[res.Steps()] || res.First > res.At {
		t.Errorf("found %v at %d, first %d, of %d steps", res.Found, res.At, res.First, res.Steps())
	}
	for i, v := range res.Path[res.At] {
		if v != res.X[i] {
			t.Fatal("X is not the iterate of step At")
		}
	}
	a, err := Test(context.Background(), o, res.X, .05)
	if err != nil || !a.Yes || !a.Certain {
		t.Errorf("X is no certified ε-SOSP: %+v, %v", a, err)
	}
}

func TestRace(t *testing.T) {
	r, err := RunRace(context.Background(), RaceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := RunRace(context.Background(), RaceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Race
	if err := json.Unmarshal(a, &back); err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(again)
	c, _ := json.Marshal(back)
	if string(a) != string(b) || string(a) != string(c) {
		t.Error("a second run, or a trip through JSON, gives other numbers")
	}
	for _, q := range r.Racers {
		if (q.SOSP >= 0) != (q.Method != "GD") {
			t.Errorf("%s: ε-SOSP at %d", q.Method, q.SOSP)
		}
	}
	mu := []float64{.5, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	if want := must(NoiseFloor(mu, 1, .005)); math.Abs(r.Racers[1].Floor/want-1) > .25 {
		t.Errorf("floor of PGD-I %g over 100 steps, want %g within 4 standard errors, 25%%", r.Racers[1].Floor, want)
	}
	fig, err := r.Figure()
	if err != nil {
		t.Fatal(err)
	}
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
}

func TestCopositive(t *testing.T) {
	for _, c := range []struct {
		name string
		a    []float64
		want bool
	}{
		{"positive entries, indefinite", []float64{1, 5, 5, 1}, true},
		{"semidefinite", []float64{1, -1, -1, 1}, true},
		{"a negative diagonal", []float64{1, 0, 0, -1e-3}, false},
		{"too much between them", []float64{1, -1.01, -1.01, 1}, false},
	} {
		yes, y, err := Copositive(mat.NewSymDense(2, c.a))
		if err != nil || yes != c.want || yes != (y == nil) {
			t.Errorf("%s: %v, witness %v, %v", c.name, yes, y, err)
		}
	}
}

func BenchmarkPGD1(b *testing.B) {
	o, x := must(Cosine(1000, .5)), make([]float64, 1000)
	for b.Loop() {
		if _, err := PGD1(context.Background(), o, x, .005, Options{Steps: 100}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPGD2(b *testing.B) {
	o, x := must(Cosine(1000, .5)), make([]float64, 1000)
	for b.Loop() {
		if _, err := PGD2(context.Background(), o, x, Kick{}, Options{Epsilon: .05, Stop: true}); err != nil {
			b.Fatal(err)
		}
	}
}
