package saddle

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/landscape"
)

// RaceConfig is one saddle for all methods; the zero value runs: the cosine with d = 10, γ = ½, ε = 0.05,
// r = ε/10, 400 steps, started at the saddle.
type RaceConfig struct {
	Dim     int     // d
	Gamma   float64 // γ
	Epsilon float64 // ε
	Radius  float64 // r of every kind of noise
	Steps   int
	Seed    uint64
}

// Racer is one method's run.
type Racer struct {
	Method     string    // "GD", "PGD-I", "PGD-II", "SGD"
	Gap        []float64 // f - f* at each step
	FirstOrder int       // first step with ‖∇f‖ ≤ ε, -1 if none
	SOSP       int       // first certified ε-SOSP, -1 if none
	Curvature  float64   // λ_min at the end
	Gradients  int       // evaluated up to the ε-SOSP, or in all
	Floor      float64   // mean f - f* over the last quarter
}

// Race is what they did.
type Race struct {
	Config RaceConfig
	Racers []Racer
}

// RunRace starts gradient descent, PGD-I, PGD-II and SGD at the saddle of Cosine. SGD's gradients carry an
// error along one random coordinate of length r, of mean square r² as PGD-I's but not Gaussian: the error of
// a minibatch of one.
func RunRace(ctx context.Context, cfg RaceConfig) (*Race, error) {
	const fn = "saddle.RunRace"
	for _, p := range []struct {
		v *float64
		d float64
	}{{&cfg.Gamma, .5}, {&cfg.Epsilon, .05}} {
		if *p.v == 0 {
			*p.v = p.d
		}
	}
	if cfg.Dim == 0 {
		cfg.Dim = 10
	}
	if cfg.Radius == 0 {
		cfg.Radius = cfg.Epsilon / 10
	}
	if cfg.Steps == 0 {
		cfg.Steps = 400
	}
	o, err := Cosine(cfg.Dim, cfg.Gamma)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if !(cfg.Radius > 0) || cfg.Steps < 1 {
		return nil, fmt.Errorf("%s: r = %g and %d steps, want positive numbers", fn, cfg.Radius, cfg.Steps)
	}
	x0 := make([]float64, cfg.Dim)
	opt := Options{Epsilon: cfg.Epsilon, Steps: cfg.Steps, Seed: cfg.Seed}
	sgd := opt
	sgd.Batch = func(r *rand.Rand, dst, x []float64) {
		o.Gradient(dst, x)
		dst[r.IntN(len(dst))] += math.Copysign(cfg.Radius, r.Float64()-.5)
	}
	race := &Race{Config: cfg}
	for _, m := range []struct {
		name string
		run  func() (*Result, error)
	}{
		{"GD", func() (*Result, error) { return GD(ctx, o, x0, opt) }},
		{"PGD-I", func() (*Result, error) { return PGD1(ctx, o, x0, cfg.Radius, opt) }},
		{"PGD-II", func() (*Result, error) { return PGD2(ctx, o, x0, Kick{Radius: cfg.Radius}, opt) }},
		{"SGD", func() (*Result, error) { return GD(ctx, o, x0, sgd) }},
	} {
		res, err := m.run()
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", fn, m.name, err)
		}
		end, err := landscape.Certify(ctx, o, res.Last)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", fn, m.name, err)
		}
		q := Racer{Method: m.name, FirstOrder: res.FirstOrder, SOSP: res.First, Curvature: end.Curvature, Gradients: res.Steps()}
		if res.Found {
			q.Gradients = res.First
		}
		for t, f := range res.Values {
			q.Gap = append(q.Gap, f-o.Min)
			if tail := cfg.Steps / 4; t > cfg.Steps-tail {
				q.Floor += (f - o.Min) / float64(tail)
			}
		}
		race.Racers = append(race.Racers, q)
	}
	return race, nil
}

// races keeps those of the explorer's slider.
var races = keep.New(40, func(ctx context.Context, logR float64) (*Race, error) {
	return RunRace(ctx, RaceConfig{Radius: math.Pow(10, logR)})
})

// Figure draws f - f* of each method against the step, and the escape times and noise floors that r means.
func (r *Race) Figure() (figure.Figure, error) {
	const fn = "saddle.Race.Figure"
	cfg := r.Config
	lowest := 1e-16
	left := figure.Panel{Title: "four methods at one saddle", X: figure.Axis{Label: "step"}.Range(0, float64(cfg.Steps)), Y: figure.Axis{Label: "f − f*", Scale: figure.Log}.Range(1e-16, 2)}
	caption := fmt.Sprintf("Noise of size $r=%.2g$. ", cfg.Radius)
	for i, q := range r.Racers {
		var x, y []float64
		for t, g := range q.Gap {
			x, y = append(x, float64(t)), append(y, max(g, lowest))
		}
		left.Layers = append(left.Layers, figure.Line(q.Method, i, x, y).As(figure.Measured))
		switch {
		case q.SOSP < 0:
			caption += fmt.Sprintf("%s: no ε-SOSP. ", q.Method)
		default:
			caption += fmt.Sprintf("%s: ε-SOSP after %d steps, then a gap of %.1g. ", q.Method, q.SOSP, q.Floor)
		}
	}
	// What r does: escape by its logarithm, the floor by its square.
	var x, escape, floor []float64
	mu := make([]float64, cfg.Dim)
	for i := range mu {
		mu[i] = 1
	}
	mu[0] = cfg.Gamma
	for k := -12.; k <= 0; k += .5 {
		size := math.Pow(10, k)
		// Leaving means a gradient of ε: γ·x₁ = ε.
		if target := cfg.Epsilon / cfg.Gamma; target > size {
			law, err := Escape{Dim: cfg.Dim, Gamma: cfg.Gamma, Radius: size, Target: target}.Law()
			if err != nil {
				return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
			}
			x, escape = append(x, size), append(escape, law)
		}
	}
	var fx []float64
	for k := -8.; k <= 0; k += .5 {
		v, err := NoiseFloor(mu, 1, math.Pow(10, k))
		if err != nil {
			return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
		}
		fx, floor = append(fx, math.Pow(10, k)), append(floor, v)
	}
	pgd1, pgd2 := r.Racers[1], r.Racers[2]
	axis := figure.Axis{Label: "size of the noise r", Scale: figure.Log}.Range(1e-12, 1)
	middle := figure.Panel{Title: "the price of little noise", X: axis, Y: figure.Axis{Label: "steps"}.Range(0, 90), Layers: []figure.Layer{figure.Line("mean steps to ‖∇f‖ = ε, law", 2, x, escape)}}
	if pgd2.SOSP >= 0 {
		middle.Layers = append(middle.Layers, figure.Points("PGD-II to an ε-SOSP", 2, []float64{cfg.Radius}, []float64{float64(pgd2.SOSP)}, nil, nil))
	}
	right := figure.Panel{Title: "the price of much noise", X: axis, Y: figure.Axis{Label: "f − f* at the end", Scale: figure.Log}.Range(1e-17, 2), Layers: []figure.Layer{
		figure.Line("floor of PGD-I, ∝ r²", 1, fx, floor),
		figure.Points("PGD-I, last quarter", 1, []float64{cfg.Radius}, []float64{max(pgd1.Floor, lowest)}, nil, nil)}}
	return figure.Figure{
		ID: "7.A1", Title: "Out of a saddle",
		Alt:     "Left: the gap against the step; gradient descent stays level, the others drop. Middle: escape time falls along a straight line in the logarithm of the noise. Right: the final gap grows with its square.",
		Caption: caption,
		Panels:  []figure.Panel{left, middle, right},
	}, nil
}
