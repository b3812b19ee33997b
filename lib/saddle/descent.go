package saddle

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Options are common to the methods of this package. The zero value makes 10 000 steps of size 1/ℓ and looks
// for nothing.
type Options struct {
	Eta     float64                                  // step size η; 0 means 1/ℓ
	Steps   int                                      // at most so many; 0 means 10 000
	Epsilon float64                                  // ε: iterates with ‖∇f‖ ≤ ε are tested as ε-SOSPs, unless a better one is known; 0 means no tests
	Stop    bool                                     // end at the first certified ε-SOSP
	Until   func(t int, x []float64, f float64) bool // ends the run at the first iterate for which it is true
	Keep    bool                                     // keep all iterates in Result.Path
	Batch   func(r *rand.Rand, dst, x []float64)     // a gradient estimate for the steps in place of ∇f, such as that of a minibatch
	Seed    uint64                                   // of all noise
}

// Result is what a run met. Theorem 7.2.1 promises that one of the iterates is an ε-SOSP, not the last: X is
// the best that was certified.
type Result struct {
	X             []float64      // certified iterate of smallest value; the last iterate where there is none
	At            int            // its step
	Found         bool           // whether X was certified
	Answer        *Answer        // of X if Found, else of the last iterate tested; nil without tests
	First         int            // first certified iterate, -1 if none
	FirstOrder    int            // first iterate with ‖∇f‖ ≤ ε, -1 if none
	Values        []float64      // f at each iterate, Values[0] at the start
	Gradients     []float64      // ‖∇f‖ at each iterate but the last
	Last          []float64      // the last iterate
	Path          [][]float64    // all iterates if kept
	Perturbations []Perturbation // of PGD-II
	Products      int            // Hessian-vector products spent on tests; no method needs them to move
}

// Steps is the number of steps made, each of one gradient.
func (r *Result) Steps() int { return len(r.Values) - 1 }

// Perturbation is a kick of PGD-II and what came of it.
type Perturbation struct {
	Step   int     // iterate that was perturbed
	Before float64 // f there, before
	After  float64 // f 𝒯 steps later, or at the end of the run
	Moved  float64 // distance in that time
}

// Drop is what the perturbation gained.
func (p Perturbation) Drop() float64 { return p.Before - p.After }

// descent is the loop that all methods share. kick may move x before the step; noise may add to the gradient.
func descent(ctx context.Context, fn string, o *landscape.Objective, x0 []float64, opt Options,
	kick func(t int, x []float64, slope float64, res *Result) bool, noise func(g []float64)) (*Result, error) {
	if err := o.At(fn, x0); err != nil {
		return nil, err
	}
	if opt.Eta == 0 {
		if !(o.Lipschitz > 0) {
			return nil, fmt.Errorf("%s: objective %q has ℓ = %g: name a step size η", fn, o.Name, o.Lipschitz)
		}
		opt.Eta = 1 / o.Lipschitz
	}
	if opt.Steps == 0 {
		opt.Steps = 10_000
	}
	if !(opt.Eta > 0) || math.IsInf(opt.Eta, 0) || opt.Steps < 0 || !(opt.Epsilon >= 0) {
		return nil, fmt.Errorf("%s: η = %g, %d steps, ε = %g, want η > 0 and neither of the others negative", fn, opt.Eta, opt.Steps, opt.Epsilon)
	}
	if opt.Stop && opt.Epsilon == 0 {
		return nil, fmt.Errorf("%s: Stop without ε: nothing would be tested", fn)
	}
	batch := rng.Stream(opt.Seed, "saddle/batch")
	x, g := slices.Clone(x0), make([]float64, o.Dim)
	res := &Result{First: -1, FirstOrder: -1}
	best := math.Inf(1)
	var down, product []float64 // a direction of negative curvature met before: often the next point's too
	for t := 0; ; t++ {
		if t&255 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, t, ctx.Err())
		}
		f := o.Value(x)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%s: f = %g after %d steps of size %g: the run diverges", fn, f, t, opt.Eta)
		}
		res.Values = append(res.Values, f)
		if opt.Keep {
			res.Path = append(res.Path, slices.Clone(x))
		}
		end := t == opt.Steps || opt.Until != nil && opt.Until(t, x, f)
		o.Gradient(g, x)
		slope := floats.Norm(g, 2)
		if opt.Epsilon > 0 && slope <= opt.Epsilon {
			if res.FirstOrder < 0 {
				res.FirstOrder = t
			}
			var a *Answer
			if res.Found && f >= best {
				a = res.Answer // no better than what is certified: it need not be tested
			}
			if a == nil && down != nil {
				o.HessVec(product, x, down)
				res.Products++
				limit := math.Sqrt(o.HessLipschitz * opt.Epsilon)
				if c := floats.Dot(down, product); c < -limit-slack*o.Lipschitz {
					a = &Answer{Certain: true, Gradient: slope, Curvature: c, Residual: math.Inf(1), Direction: down, Threshold: -limit}
				}
			}
			if a == nil {
				var err error
				if a, err = Test(ctx, o, x, opt.Epsilon); err != nil {
					return nil, fmt.Errorf("%s: step %d: %w", fn, t, err)
				}
				res.Products += a.Products
				if !a.Yes && a.Direction != nil {
					down, product = a.Direction, make([]float64, o.Dim)
				}
			}
			if a.Yes && a.Certain && f < best {
				if res.First < 0 {
					res.First = t
				}
				best, res.Found, res.X, res.At, res.Answer = f, true, slices.Clone(x), t, a
				end = end || opt.Stop
			} else if !res.Found {
				res.Answer = a
			}
		}
		if end {
			break
		}
		res.Gradients = append(res.Gradients, slope)
		moved := kick != nil && kick(t, x, slope, res)
		switch {
		case opt.Batch != nil:
			opt.Batch(batch, g, x)
		case moved: // PGD-II steps from the perturbed point
			o.Gradient(g, x)
		}
		if noise != nil {
			noise(g)
		}
		floats.AddScaled(x, -opt.Eta, g)
	}
	res.Last = x
	if !res.Found {
		res.X, res.At = slices.Clone(x), res.Steps()
	}
	return res, nil
}

// GD is gradient descent, x ← x - η∇f(x). On a saddle it stays for ever.
func GD(ctx context.Context, o *landscape.Objective, x0 []float64, opt Options) (*Result, error) {
	return descent(ctx, "saddle.GD", o, x0, opt, nil, nil)
}
