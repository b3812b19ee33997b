package sensing

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// gradientDescent goes down from x0 by plain steps along the gradient, whose bias from small starts is what
// claim 11.B3 is about: a quasi-Newton method would take another way. The step size is halved where the
// objective would rise and grows by a hundredth where it falls, so that it stays near the largest stable
// one. It ends where no entry of the gradient is above tol.
func (s *sample) gradientDescent(ctx context.Context, x0 []float64, tol float64, most int) (*ended, error) {
	e := &ended{x: slices.Clone(x0)}
	g, gNext, next := make([]float64, len(x0)), make([]float64, len(x0)), make([]float64, len(x0))
	e.value = s.objective(g, e.x)
	eta := 1e-3
	for e.gradient = floats.Norm(g, math.Inf(1)); e.gradient > tol && e.iterations < most; e.iterations++ {
		if e.iterations&63 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		floats.AddScaledTo(next, e.x, -eta, g)
		v := s.objective(gNext, next)
		if !(v <= e.value) {
			if eta /= 2; eta < 1e-12 {
				return nil, fmt.Errorf("sensing: no step from gradient %g lowers the objective, after %d iterations", e.gradient, e.iterations)
			}
			continue
		}
		e.value, eta = v, eta*1.01
		copy(e.x, next)
		g, gNext = gNext, g
		e.gradient = floats.Norm(g, math.Inf(1))
	}
	e.converged = e.gradient <= tol
	return e, nil
}
