package implicitbias

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// FlowConfig describes the solution of an ordinary differential equation; its zero value runs.
type FlowConfig struct {
	Tolerance float64                      // error of a step, relative to 1 + |x|; 0 means 1e-10
	Time      float64                      // to run for; 0 means until Stop
	Stop      func(x []float64) bool       // ends it; nil means never
	Steps     int                          // at most; 0 means 200,000
	Watch     func(t float64, x []float64) // called at the start and after each step; x must be left alone
}

// Flow solves x' = f(x) from x0 by the classical Runge-Kutta method of order 4, with steps whose size follows
// from comparing one step with two of half the size. f sets its first argument. The path has both ends.
func Flow(ctx context.Context, f func(dst, x []float64), x0 []float64, cfg FlowConfig) (*Run, error) {
	const fn = "implicitbias.Flow"
	if cfg.Tolerance == 0 {
		cfg.Tolerance = 1e-10
	}
	if cfg.Steps == 0 {
		cfg.Steps = 200_000
	}
	if cfg.Time == 0 {
		cfg.Time = math.Inf(1)
	}
	if !(cfg.Tolerance > 0) || cfg.Steps < 0 || !(cfg.Time > 0) || math.IsInf(cfg.Time, 1) && cfg.Stop == nil {
		return nil, fmt.Errorf("%s: tolerance %g, time %g, %d steps, want positive numbers and an end", fn, cfg.Tolerance, cfg.Time, cfg.Steps)
	}
	d := len(x0)
	x, whole, half := slices.Clone(x0), make([]float64, d), make([]float64, d)
	k, at := mat.NewDense(4, d, nil), make([]float64, d)
	rk4 := func(dst, x []float64, h float64) {
		f(k.RawRowView(0), x)
		for i, c := range []float64{.5, .5, 1} {
			floats.AddScaledTo(at, x, c*h, k.RawRowView(i))
			f(k.RawRowView(i+1), at)
		}
		copy(dst, x)
		for i, b := range []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6} {
			floats.AddScaled(dst, b*h, k.RawRowView(i))
		}
	}
	run := &Run{Path: [][]float64{slices.Clone(x)}, Status: StepLimit}
	h := min(1e-3, cfg.Time)
	if cfg.Watch != nil {
		cfg.Watch(0, x)
	}
	for run.Steps < cfg.Steps {
		if run.Steps&255 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, run.Steps, ctx.Err())
		}
		if run.Time >= cfg.Time || cfg.Stop != nil && cfg.Stop(x) {
			run.Status = Converged
			break
		}
		h = min(h, cfg.Time-run.Time)
		rk4(whole, x, h)
		rk4(half, x, h/2)
		rk4(half, half, h/2)
		e := 0.0
		for i := range x {
			e = max(e, math.Abs(whole[i]-half[i])/15/(1+math.Abs(half[i])))
		}
		run.Steps++
		switch {
		case math.IsNaN(e) || e > cfg.Tolerance:
			if h < 1e-14*(1+run.Time) {
				run.Status = Diverged
				run.Path = append(run.Path, slices.Clone(x))
				return run, nil
			}
		default:
			run.Time += h
			if cfg.Time-run.Time < 1e-14*cfg.Time {
				run.Time = cfg.Time
			}
			copy(x, half)
			if cfg.Watch != nil {
				cfg.Watch(run.Time, x)
			}
		}
		if math.IsNaN(e) {
			h /= 10
		} else {
			h *= min(4, max(.2, .9*math.Pow(cfg.Tolerance/max(e, 1e-300), .2)))
		}
	}
	run.Path = append(run.Path, x)
	return run, nil
}

// MirrorFlow is the right side of (8.8), -(∇²R(w))⁻¹∇L(w), for Flow.
func MirrorFlow(p *Regression, r Potential) func(dst, w []float64) {
	return func(dst, w []float64) {
		g, u := make([]float64, len(w)), make([]float64, len(w))
		p.Gradient(g, w)
		r.Gradient(u, w)
		var v mat.VecDense
		v.MulVec(r.InverseHessian(u), mat.NewVecDense(len(g), g))
		for i := range dst {
			dst[i] = -v.AtVec(i)
		}
	}
}

// DualFlow is the right side of (8.6) for the dual point u = ∇R(w): u' = -∇L(w).
func DualFlow(p *Regression, r Potential) func(dst, u []float64) {
	return func(dst, u []float64) {
		w := make([]float64, len(u))
		r.Inverse(w, u)
		p.Gradient(dst, w)
		floats.Scale(-1, dst)
	}
}

// SteepestFlow is w' = Δ, steepest descent in ℓ_p with steps of size 0.
func SteepestFlow(p *Regression, norm float64) func(dst, w []float64) {
	return func(dst, w []float64) {
		g := make([]float64, len(w))
		p.Gradient(g, w)
		Direction(dst, g, norm)
	}
}

// Solved returns a Stop for flows in w: L(w) ≤ tol.
func (p *Regression) Solved(tol float64) func(w []float64) bool {
	return func(w []float64) bool { return p.Loss(w) <= tol }
}
