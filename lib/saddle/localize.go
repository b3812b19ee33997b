package saddle

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/landscape"
)

// Reach is √(2ηt·(f(x₀) - f(x_t))), the distance from x₀ that t steps of gradient descent with η ≤ 1/ℓ cannot
// exceed at any time (Lemma 7.3.2, improve or localize).
func Reach(eta float64, t int, drop float64) float64 {
	return math.Sqrt(2 * eta * float64(t) * max(drop, 0))
}

// Localize compares a path of gradient descent with Lemma 7.3.2: the largest of max_τ‖x_τ - x₀‖/Reach over the
// given times t, and the time of it. A ratio above 1 refutes the lemma or its hypothesis η ≤ 1/ℓ. Errors are
// times outside the path and paths without movement.
func Localize(o *landscape.Objective, path [][]float64, eta float64, times ...int) (ratio float64, at int, err error) {
	const fn = "saddle.Localize"
	if len(path) < 2 || len(times) == 0 {
		return 0, 0, fmt.Errorf("%s: %d points and %d times, want at least 2 and 1", fn, len(path), len(times))
	}
	f0 := o.Value(path[0])
	far := make([]float64, len(path))
	for i := 1; i < len(path); i++ {
		far[i] = max(far[i-1], floats.Distance(path[i], path[0], 2))
	}
	for _, t := range times {
		if t < 1 || t >= len(path) {
			return 0, 0, fmt.Errorf("%s: time %d, want 1 to %d", fn, t, len(path)-1)
		}
		reach := Reach(eta, t, f0-o.Value(path[t]))
		if reach == 0 && far[t] == 0 {
			continue
		}
		if r := far[t] / reach; r > ratio || at == 0 {
			ratio, at = r, t
		}
	}
	if at == 0 {
		return 0, 0, fmt.Errorf("%s: the path does not move", fn)
	}
	return ratio, at, nil
}
