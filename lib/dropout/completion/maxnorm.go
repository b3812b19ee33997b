package completion

import "math"

// Project brings every row of U and V back to the ball ‖row‖² ≤ gamma, in place: the max-norm
// constraint of section 11.1.2. A row inside keeps its bits; projecting twice changes nothing. gamma
// must be positive; +Inf is no constraint.
func (f Factors) Project(gamma float64) {
	n, _ := f.U.Dims()
	for i := range n {
		projectRow(f.U.RawRowView(i), gamma)
	}
	n, _ = f.V.Dims()
	for i := range n {
		projectRow(f.V.RawRowView(i), gamma)
	}
}

// projectRow scales a row outside the ball onto its surface, to the inside by rounding, so that a
// second projection finds it inside.
func projectRow(x []float64, gamma float64) {
	s := square(x)
	for s > gamma {
		k := math.Sqrt(gamma/s) * (1 - 0x1p-52)
		for j := range x {
			x[j] *= k
		}
		s = square(x)
	}
}
