package completion

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Status says how a fit ended.
type Status string

// The ends of a fit.
const (
	Converged Status = "converged"  // the projected gradient is below Config.Tolerance
	StepLimit Status = "step limit" // Config.Steps were made
	Stalled   Status = "stalled"    // no step lowers the objective any more in float64
)

// Config says how to minimise. The zero value runs.
type Config struct {
	Init      float64 // standard deviation of the entries at the start; 0 means 0.01
	Gamma     float64 // max-norm: ‖row‖² ≤ Gamma in U and V after every step; 0 means no constraint
	Steps     int     // at most; 0 means 20,000
	Tolerance float64 // on the largest entry of x - P(x - D∇f), D the inverse of the weight on a row; 0 means 1e-7
	Starts    int     // random starts; the lowest after 500 steps goes on; 0 means 3
	Seed      uint64  // of the starts, stream "completion/init"
}

func (c Config) withDefaults() (Config, error) {
	const fn = "completion.Config"
	if c.Init == 0 {
		c.Init = .01
	}
	if c.Steps == 0 {
		c.Steps = 20_000
	}
	if c.Tolerance == 0 {
		c.Tolerance = 1e-7
	}
	if c.Starts == 0 {
		c.Starts = 3
	}
	switch {
	case c.Starts < 0:
		return c, fmt.Errorf("%s: Starts %d, want a positive number, or 0 for 3", fn, c.Starts)
	case !(c.Init > 0) || math.IsInf(c.Init, 0):
		return c, fmt.Errorf("%s: Init %v, want a positive number, or 0 for 0.01", fn, c.Init)
	case !(c.Gamma >= 0):
		return c, fmt.Errorf("%s: Gamma %v, want a positive squared norm, or 0 for no constraint", fn, c.Gamma)
	case c.Steps < 0 || !(c.Tolerance > 0):
		return c, fmt.Errorf("%s: Steps %d and Tolerance %v, want positive numbers, or 0 for the defaults", fn, c.Steps, c.Tolerance)
	}
	if c.Gamma == 0 {
		c.Gamma = math.Inf(1)
	}
	return c, nil
}

// Fitted is what a fit found.
type Fitted struct {
	Factors  Factors
	Parts            // L̂ and R̂ at the end
	Residual float64 // of the projected gradient, as Config.Tolerance measures it
	Steps    int
	Status   Status
}

// Fit minimises the objective of the problem from a random start by the spectral projected gradient
// method (Birgin, Martínez, Raydan 2000): a Barzilai-Borwein step, projected to the max-norm balls, with
// a line search that looks back ten values. The metric is the weight of the cells of each row, a
// multiple of the identity within a row, so that projecting in it is projecting as always. A step costs
// O(cells·width). The result is a stationary point; nothing promises a global minimum, and a large start
// often ends in another one: a hidden unit stuck on a cell that was never observed costs nothing
// (AddUnit). Hence several small starts.
func Fit(ctx context.Context, p *Problem, cfg Config) (*Fitted, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	o := newObjective(p)
	r := rng.Stream(cfg.Seed, "completion/init")
	start := func() []float64 {
		x := rng.Normals(r, o.dim())
		for i := range x {
			x[i] *= cfg.Init
		}
		return x
	}
	if cfg.Starts == 1 {
		return o.minimise(ctx, start(), cfg)
	}
	pilot := cfg
	pilot.Steps = min(cfg.Steps, pilotSteps)
	var best *Fitted
	least, g := math.Inf(1), make([]float64, o.dim())
	for range cfg.Starts {
		f, err := o.minimise(ctx, start(), pilot)
		if err != nil {
			return nil, err
		}
		if v := o.value(g, o.pack(f.Factors)); v < least {
			best, least = f, v
		}
	}
	if best.Status != StepLimit || best.Steps == cfg.Steps {
		return best, nil
	}
	rest := cfg
	rest.Steps -= best.Steps
	out, err := o.minimise(ctx, o.pack(best.Factors), rest)
	if err != nil {
		return nil, err
	}
	out.Steps += best.Steps
	return out, nil
}

// pilotSteps is how long each of several starts runs before one is chosen.
const pilotSteps = 500

// FitFrom is Fit from given factors; Config.Init, Starts and Seed are not used.
func FitFrom(ctx context.Context, p *Problem, start Factors, cfg Config) (*Fitted, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if err := p.fits(start); err != nil {
		return nil, fmt.Errorf("completion.FitFrom: %w", err)
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	o := newObjective(p)
	return o.minimise(ctx, o.pack(start), cfg)
}

// look is the number of past values that the line search may stay under.
const look = 10

func (o *objective) minimise(ctx context.Context, x []float64, cfg Config) (*Fitted, error) {
	n := len(x)
	metric := make([]float64, o.d2+o.d0) // weight on a row; a row without cells moves by the decay alone
	for i := range metric {
		w := o.decay * o.prob(i) / 2
		if i < o.d2 {
			w += o.row[i]
		} else {
			w += o.col[i-o.d2]
		}
		metric[i] = max(w, 1e-12)
	}
	project := func(x []float64) {
		for i := range metric {
			projectRow(o.u(x, i), cfg.Gamma)
		}
	}
	project(x)
	g, d, y, gy := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	f := o.value(g, x)
	past := []float64{f}
	alpha := .1 // a first step that does not overshoot leaves fewer units stuck on hidden cells
	out := &Fitted{Status: StepLimit}
	for step := 0; ; step++ {
		if step%64 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		out.Steps = step
		// residual: x - P(x - D∇f)
		out.Residual = 0
		for i, w := range metric {
			u, gu, t := o.u(x, i), o.u(g, i), o.u(y, i)
			for j := range u {
				t[j] = u[j] - gu[j]/w
			}
			projectRow(t, cfg.Gamma)
			for j := range u {
				out.Residual = max(out.Residual, math.Abs(u[j]-t[j]))
			}
		}
		if math.IsNaN(f) || math.IsNaN(out.Residual) {
			return nil, fmt.Errorf("completion.Fit: the objective is not a number at step %d", step)
		}
		if out.Residual <= cfg.Tolerance {
			out.Status = Converged
			break
		}
		if step == cfg.Steps {
			break
		}
		slope := 0.0
		for i, w := range metric {
			u, gu, t := o.u(x, i), o.u(g, i), o.u(d, i)
			for j := range u {
				t[j] = u[j] - alpha*gu[j]/w
			}
			projectRow(t, cfg.Gamma)
			for j := range u {
				t[j] -= u[j]
				slope += t[j] * gu[j]
			}
		}
		most := past[0]
		for _, v := range past {
			most = max(most, v)
		}
		s, fy := 1.0, 0.0
		for {
			for i := range y {
				y[i] = x[i] + s*d[i]
			}
			fy = o.value(gy, y)
			if fy <= most+1e-4*s*slope {
				break
			}
			// the minimum of the parabola through f, slope and fy, kept within [0.1, 0.5]·s
			next := .1 * s
			if q := -slope * s * s / (2 * (fy - f - s*slope)); q >= .1*s && q <= .5*s {
				next = q
			} else if q > .5*s {
				next = .5 * s
			}
			if s = next; s < 1e-12 {
				out.Status = Stalled
				break
			}
		}
		if out.Status == Stalled {
			break
		}
		// Barzilai-Borwein in the metric: α = ⟨s, Ds⟩/⟨s, y⟩.
		ss, sy := 0.0, 0.0
		for i, w := range metric {
			a, b, ga, gb := o.u(x, i), o.u(y, i), o.u(g, i), o.u(gy, i)
			for j := range a {
				e := b[j] - a[j]
				ss += w * e * e
				sy += e * (gb[j] - ga[j])
			}
		}
		alpha = 1e3
		if sy > 0 {
			alpha = min(max(ss/sy, 1e-6), 1e3)
		}
		x, y, g, gy, f = y, x, gy, g, fy
		if len(past) == look {
			past = append(past[:0], past[1:]...)
		}
		past = append(past, f)
	}
	project(x) // s < 1 may leave the balls by rounding
	out.Factors, out.Parts = o.unpack(x), o.parts(x)
	return out, nil
}
