package landscape

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
)

// Descend makes steps x ← x - η∇f(x) from x0 and returns all iterates, x0 first. stop, if not nil, ends
// it at the first iterate for which it returns true, which is the last returned. Errors are a bad point
// or step size, an iterate that is not finite, with its step, and a done context.
func Descend(ctx context.Context, o *Objective, x0 []float64, eta float64, steps int, stop func(t int, x []float64) bool) ([][]float64, error) {
	const fn = "landscape.Descend"
	if err := o.At(fn, x0); err != nil {
		return nil, err
	}
	if !(eta > 0) || math.IsInf(eta, 0) || steps < 0 {
		return nil, fmt.Errorf("%s: step size %g and %d steps, want a positive number and no negative", fn, eta, steps)
	}
	path := [][]float64{slices.Clone(x0)}
	g := make([]float64, o.Dim)
	for t := 0; ; t++ {
		x := path[t]
		if t == steps || stop != nil && stop(t, x) {
			return path, nil
		}
		if t&255 == 0 && ctx.Err() != nil {
			return path, fmt.Errorf("%s: step %d: %w", fn, t, ctx.Err())
		}
		o.Gradient(g, x)
		next := slices.Clone(x)
		floats.AddScaled(next, -eta, g)
		if s := floats.Sum(next); math.IsNaN(s) || math.IsInf(s, 0) {
			return path, fmt.Errorf("%s: step %d of size %g leaves the finite numbers: descent diverges", fn, t+1, eta)
		}
		path = append(path, next)
	}
}

// subscript writes a number in lower digits.
func subscript(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + '₀' }, fmt.Sprint(n))
}
