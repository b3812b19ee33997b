package sensing

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// ended is where a minimization stopped.
type ended struct {
	x          []float64
	value      float64
	gradient   float64 // largest entry
	iterations int
	converged  bool // gradient ≤ tolerance
}

// minimize runs L-BFGS on f, which returns the value at x and puts the gradient into g, until no entry of
// the gradient is above tol or the iterations are used up. A line search that can no longer tell values
// apart starts again from where it is, with an empty memory, as long as that helps.
func minimize(ctx context.Context, f func(g, x []float64) float64, x0 []float64, tol float64, most int) (*ended, error) {
	e := &ended{x: slices.Clone(x0)}
	g := make([]float64, len(x0))
	at := make([]float64, len(x0))
	value := math.NaN()
	eval := func(x []float64) {
		if math.IsNaN(value) || !slices.Equal(x, at) {
			copy(at, x)
			value = f(g, x)
		}
	}
	problem := optimize.Problem{
		Func: func(x []float64) float64 { eval(x); return value },
		Grad: func(dst, x []float64) { eval(x); copy(dst, g) },
	}
	largest := func() float64 { eval(e.x); return floats.Norm(g, math.Inf(1)) }
	e.gradient = largest()
	for e.iterations < most && e.gradient > tol {
		settings := &optimize.Settings{GradientThreshold: tol, MajorIterations: most - e.iterations, Converger: optimize.NeverTerminate{}, Recorder: stopper{ctx}}
		r, err := optimize.Minimize(problem, e.x, settings, &optimize.LBFGS{Store: 20})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if r == nil {
			return nil, fmt.Errorf("sensing: L-BFGS: %w", err)
		}
		before := e.gradient
		e.iterations += max(r.MajorIterations, 1)
		copy(e.x, r.X)
		if e.gradient = largest(); math.IsNaN(e.gradient) {
			return nil, fmt.Errorf("sensing: the objective is not finite after %d iterations", e.iterations)
		}
		if err != nil && r.MajorIterations < 3 && e.gradient > before/2 {
			break
		}
	}
	if e.iterations < most {
		polish(e, f, tol)
	}
	value = math.NaN()
	eval(e.x)
	e.value, e.converged = value, e.gradient <= tol
	return e, nil
}

// polish makes steps along the gradient alone, of the length of Barzilai and Borwein, where values are too
// close to be told apart, and keeps the point of the smallest gradient.
func polish(e *ended, f func(g, x []float64) float64, tol float64) {
	n := len(e.x)
	x, g := slices.Clone(e.x), make([]float64, n)
	before, gBefore := make([]float64, n), make([]float64, n)
	f(g, x)
	length := 1e-3
	for k := 0; k < 2000 && e.gradient > tol; k++ {
		copy(before, x)
		copy(gBefore, g)
		floats.AddScaled(x, -length, g)
		f(g, x)
		now := floats.Norm(g, math.Inf(1))
		if !(now < 1e-3) {
			return // no minimum near by
		}
		if now < e.gradient {
			e.gradient = now
			copy(e.x, x)
		}
		ss, sy := 0.0, 0.0
		for i := range n {
			s := x[i] - before[i]
			ss, sy = ss+s*s, sy+s*(g[i]-gBefore[i])
		}
		if !(sy > 0) || ss == 0 {
			return
		}
		length = ss / sy
	}
}

// stopper ends a minimization with its context.
type stopper struct{ ctx context.Context }

func (s stopper) Init() error { return nil }
func (s stopper) Record(*optimize.Location, optimize.Operation, *optimize.Stats) error {
	return s.ctx.Err()
}
