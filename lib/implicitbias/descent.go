package implicitbias

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Status is how a run ended.
type Status string

// The ends of a run.
const (
	Converged Status = "converged" // the loss is below the tolerance, or the method has no step left
	StepLimit Status = "step limit"
	Diverged  Status = "diverged"
)

// DescentConfig describes a run; its zero value runs.
type DescentConfig struct {
	Eta       float64                     // step size η; 0 means 0.02
	Schedule  func(step int) float64      `json:"-"` // η of each step from 0 on; nil means Eta
	Steps     int                         // at most; 0 means 200,000
	Tolerance float64                     // of L; 0 means 1e-22, less than rounding lets most problems reach
	Every     int                         // a point of the path each so many steps; 0 means the ends only
	OneByOne  bool                        // gradients of single examples, drawn at random (footnote 2)
	Seed      uint64                      // of the draws
	Change    func(g []float64, step int) `json:"-"` // what is done to gradients before the method sees them
}

// Run is what came out of Descend or Flow.
type Run struct {
	Path   [][]float64 // points of the path, the start first and the end last
	Steps  int         // made
	Time   float64     // of a flow; Σ η of a descent
	Loss   float64     // at the end
	Status Status
}

// End is the last point.
func (r *Run) End() []float64 { return r.Path[len(r.Path)-1] }

// Descend runs a method on a problem from w0. Divergence (points that are not finite, or a loss above 1e8
// times the first) is a Status with its step; errors are bad input and a done context.
func Descend(ctx context.Context, p *Regression, m Method, w0 []float64, cfg DescentConfig) (*Run, error) {
	const fn = "implicitbias.Descend"
	if err := p.at(fn, w0); err != nil {
		return nil, err
	}
	if cfg.Eta == 0 {
		cfg.Eta = .02
	}
	if cfg.Steps == 0 {
		cfg.Steps = 200_000
	}
	if cfg.Tolerance == 0 {
		cfg.Tolerance = 1e-22
	}
	if !(cfg.Eta > 0) || math.IsInf(cfg.Eta, 0) || cfg.Steps < 0 || !(cfg.Tolerance > 0) || cfg.Every < 0 {
		return nil, fmt.Errorf("%s: η = %g, %d steps, tolerance %g, a point every %d, want positive numbers", fn, cfg.Eta, cfg.Steps, cfg.Tolerance, cfg.Every)
	}
	step, err := m.Begin(w0)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", fn, m.Name(), err)
	}
	draws := rng.Stream(cfg.Seed, "implicitbias/examples")
	w, next, g := slices.Clone(w0), make([]float64, p.d), make([]float64, p.d)
	first := p.Loss(w)
	run := &Run{Path: [][]float64{slices.Clone(w)}, Status: StepLimit}
	for t := 0; ; t++ {
		loss := p.Loss(w)
		run.Steps, run.Loss = t, loss
		switch {
		case loss <= cfg.Tolerance:
			run.Status = Converged
		case !(loss <= 1e8*(1+first)):
			run.Status = Diverged
		case t < cfg.Steps:
			if t&255 == 0 && ctx.Err() != nil {
				return nil, fmt.Errorf("%s: step %d: %w", fn, t, ctx.Err())
			}
			if cfg.OneByOne {
				p.GradientOf(g, w, draws.IntN(p.n))
			} else {
				p.Gradient(g, w)
			}
			if cfg.Change != nil {
				cfg.Change(g, t)
			}
			eta := cfg.Eta
			if cfg.Schedule != nil {
				if eta = cfg.Schedule(t); !(eta > 0) || math.IsInf(eta, 0) {
					return nil, fmt.Errorf("%s: step %d has size %g, want a positive number", fn, t, eta)
				}
			}
			switch err := step(next, w, g, eta); {
			case errors.Is(err, errStop):
				run.Status = Converged
			case err != nil:
				return nil, fmt.Errorf("%s: %s, step %d: %w", fn, m.Name(), t, err)
			default:
				copy(w, next)
				run.Time += eta
				if cfg.Every > 0 && (t+1)%cfg.Every == 0 {
					run.Path = append(run.Path, slices.Clone(w))
				}
				continue
			}
		}
		if cfg.Every == 0 || t%cfg.Every != 0 {
			run.Path = append(run.Path, slices.Clone(w))
		}
		return run, nil
	}
}
