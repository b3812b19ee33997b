package implicitbias

import (
	"context"
	"fmt"
	"math"
)

// IdentifyConfig describes the problems on which a method is watched; its zero value runs.
type IdentifyConfig struct {
	Problems int           // random problems; 0 means 5
	Examples int           // n of each; 0 means 2
	Dim      int           // d of each; 0 means 5
	Start    float64       // every entry of w₀; 0 means 0.5
	Descent  DescentConfig // how the method is run; its Eta is scaled by 1/λ_max(XᵀX), 0 means 0.05
	Seed     uint64        // of the problems
}

// Fit is how well one family of potentials predicts the limits of a method.
type Fit struct {
	Family string
	At     float64 // the parameter that fits best, p or α; 0 for a family without
	Error  float64 // mean of ‖limit - argmin D_R(w, w₀)‖/‖limit - w₀‖
}

// Identification is what a method seems to minimize.
type Identification struct {
	Method   string
	Config   IdentifyConfig
	Fits     []Fit   // best first
	Residual float64 // largest loss at the end of a run: large means that there was no limit to explain
}

// Identify watches a method, as a black box, on random underdetermined problems and fits the potential whose
// Bregman divergence its limits minimize: ½‖w‖_p² with p in [1.05, 4], R_α with α in [0.03, 10], or the entropy.
// An error that stays large for all of them says that none describes the method.
func Identify(ctx context.Context, m Method, cfg IdentifyConfig) (*Identification, error) {
	const fn = "implicitbias.Identify"
	for _, v := range []struct {
		at *int
		or int
	}{{&cfg.Problems, 5}, {&cfg.Examples, 2}, {&cfg.Dim, 5}} {
		if *v.at == 0 {
			*v.at = v.or
		}
	}
	if cfg.Start == 0 {
		cfg.Start = .5
	}
	if cfg.Descent.Eta == 0 {
		cfg.Descent.Eta = .05
	}
	if cfg.Problems < 1 || cfg.Examples < 1 || cfg.Examples >= cfg.Dim || !(cfg.Start > 0) {
		return nil, fmt.Errorf("%s: %d problems, %d examples in R^%d, start %g, want at least one, fewer examples than dimensions, and a positive start", fn, cfg.Problems, cfg.Examples, cfg.Dim, cfg.Start)
	}
	out := &Identification{Method: m.Name(), Config: cfg}
	w0 := fill(cfg.Dim, cfg.Start)
	problems, ends := make([]*Regression, cfg.Problems), make([][]float64, cfg.Problems)
	for k := range problems {
		p := drawn(cfg.Seed, fmt.Sprint("identify/", k), cfg.Examples, cfg.Dim)
		d := cfg.Descent
		d.Eta /= p.top
		run, err := Descend(ctx, p, m, w0, d)
		if err != nil {
			return nil, fmt.Errorf("%s: problem %d: %w", fn, k, err)
		}
		if run.Status == Diverged {
			return nil, fmt.Errorf("%s: problem %d: %s diverges at step %d, η = %g", fn, k, m.Name(), run.Steps, d.Eta)
		}
		// Without noise of what is left of the loss, the nearest solution is the limit.
		end, err := p.Nearest(run.End())
		if err != nil {
			return nil, err
		}
		problems[k], ends[k] = p, end
		out.Residual = max(out.Residual, run.Loss)
	}
	gap := func(r Potential) (float64, error) {
		sum := 0.0
		for k, p := range problems {
			w, err := p.Closest(ctx, r, w0)
			if err != nil {
				return 0, err
			}
			sum += distance(w, ends[k]) / distance(ends[k], w0) / float64(len(problems))
		}
		return sum, nil
	}
	e, err := gap(Entropy{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	out.Fits = []Fit{{Family: "entropy", Error: e}}
	for _, f := range []struct {
		name   string
		lo, hi float64
		make   func(t float64) Potential
	}{
		{"½‖w‖_p²", math.Log(.05), math.Log(3), func(t float64) Potential { return SquaredNorm{1 + math.Exp(t)} }},
		{"R_α", math.Log(.03), math.Log(10), func(t float64) Potential { return Hyperbolic{math.Exp(t)} }},
	} {
		t, e, err := least(f.lo, f.hi, func(t float64) (float64, error) { return gap(f.make(t)) })
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", fn, f.name, err)
		}
		at := math.Exp(t)
		if f.name[0] != 'R' {
			at++
		}
		out.Fits = append(out.Fits, Fit{f.name, at, e})
	}
	for i := range out.Fits { // three of them
		for j := i; j > 0 && out.Fits[j].Error < out.Fits[j-1].Error; j-- {
			out.Fits[j], out.Fits[j-1] = out.Fits[j-1], out.Fits[j]
		}
	}
	return out, nil
}

// least minimizes f on [lo, hi]: the best of 13 points, then 30 steps of golden section around it.
func least(lo, hi float64, f func(t float64) (float64, error)) (at, value float64, err error) {
	const points = 13
	h := (hi - lo) / (points - 1)
	best := math.Inf(1)
	for k := range points {
		t := lo + h*float64(k)
		v, err := f(t)
		if err != nil {
			return 0, 0, err
		}
		if v < best {
			best, at = v, t
		}
	}
	a, b := max(lo, at-h), min(hi, at+h)
	const phi = .6180339887498949
	x, y := b-phi*(b-a), a+phi*(b-a)
	fx, err := f(x)
	if err != nil {
		return 0, 0, err
	}
	fy, err := f(y)
	if err != nil {
		return 0, 0, err
	}
	for range 30 {
		if fx < fy {
			b, y, fy = y, x, fx
			x = b - phi*(b-a)
			if fx, err = f(x); err != nil {
				return 0, 0, err
			}
		} else {
			a, x, fx = x, y, fy
			y = a + phi*(b-a)
			if fy, err = f(y); err != nil {
				return 0, 0, err
			}
		}
	}
	at = (a + b) / 2
	value, err = f(at)
	return at, value, err
}
