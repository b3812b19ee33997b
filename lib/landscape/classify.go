package landscape

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Kind says what a point is, as far as gradient and Hessian tell (Definitions 6.1.1 and 6.1.3, Claim
// 6.1.4).
type Kind string

const (
	Regular    Kind = "regular"       // the gradient does not vanish
	LocalMin   Kind = "local minimum" // the Hessian is positive definite
	LocalMax   Kind = "local maximum" // it is negative definite
	Saddle     Kind = "saddle"        // it has eigenvalues of both signs, whatever the others
	Degenerate Kind = "degenerate"    // it does not decide: w⁴, -w⁴ and w³ have the same at 0
)

// Classify applies Claim 6.1.4 to a point with Hessian h and gradient grad. The gradient vanishes if
// ‖∇f‖ ≤ tolG, an eigenvalue if it lies within ±tolH. Errors are a Hessian that is not square and finite,
// one that is not symmetric to 1e-10 of its largest entry, a gradient of another length, a tolerance that
// is negative or NaN. Cost: one symmetric eigenvalue problem.
func Classify(h mat.Matrix, grad []float64, tolG, tolH float64) (Kind, error) {
	const fn = "landscape.Classify"
	n, c := h.Dims()
	switch {
	case n != c || n != len(grad):
		return "", fmt.Errorf("%s: Hessian of %d×%d and gradient of %d entries, want n×n and n", fn, n, c, len(grad))
	case !(tolG >= 0) || !(tolH >= 0):
		return "", fmt.Errorf("%s: tolerances %g and %g, want neither negative", fn, tolG, tolH)
	}
	largest := 0.0
	for i := range n {
		if math.IsNaN(grad[i]) || math.IsInf(grad[i], 0) {
			return "", fmt.Errorf("%s: entry %d of the gradient is %g", fn, i, grad[i])
		}
		for j := range n {
			v := h.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return "", fmt.Errorf("%s: entry (%d, %d) of the Hessian is %g", fn, i, j, v)
			}
			largest = max(largest, math.Abs(v))
		}
	}
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a, b := h.At(i, j), h.At(j, i)
			if math.Abs(a-b) > 1e-10*largest {
				return "", fmt.Errorf("%s: entries (%d, %d) and (%d, %d) of the Hessian are %g and %g, want it symmetric", fn, i, j, j, i, a, b)
			}
			s.SetSym(i, j, (a+b)/2)
		}
	}
	if floats.Norm(grad, 2) > tolG {
		return Regular, nil
	}
	values, err := linalg.EigenvaluesSym(s)
	if err != nil {
		return "", fmt.Errorf("%s: %w", fn, err)
	}
	top, bottom := values[0], values[n-1]
	switch {
	case top > tolH && bottom < -tolH:
		return Saddle, nil
	case bottom > tolH:
		return LocalMin, nil
	case top < -tolH:
		return LocalMax, nil
	}
	return Degenerate, nil
}
