package margin

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/floats"
)

// Norm is the ℓ_p norm of exponent p in [1, ∞]; 0 means 2.
type Norm float64

// The norms with names.
var (
	Sum       = Norm(1)           // ℓ₁: steepest descent is greedy coordinate descent
	Euclidean = Norm(2)           // ℓ₂: gradient descent
	Largest   = Norm(math.Inf(1)) // ℓ∞: descent along the signs
)

func (n Norm) exponent() float64 {
	if n == 0 {
		return 2
	}
	return float64(n)
}

// Validate returns an error unless p is in [1, ∞].
func (n Norm) Validate() error {
	if p := n.exponent(); !(p >= 1) {
		return fmt.Errorf("margin.Norm: exponent %g, want 1 ≤ p ≤ ∞", p)
	}
	return nil
}

// String is "ℓ₁", "ℓ₂", "ℓ∞" or "ℓ_p" with the exponent.
func (n Norm) String() string {
	switch p := n.exponent(); {
	case p == 1:
		return "ℓ₁"
	case p == 2:
		return "ℓ₂"
	case math.IsInf(p, 1):
		return "ℓ∞"
	default:
		return fmt.Sprintf("ℓ_%.4g", p)
	}
}

// MarshalText writes the exponent, as JSON has no number for ∞.
func (n Norm) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, n.exponent(), 'g', -1, 64), nil
}

// UnmarshalText reads what MarshalText wrote.
func (n *Norm) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return fmt.Errorf("margin.Norm: exponent %q: %w", text, err)
	}
	*n = Norm(v)
	return n.Validate()
}

// Dual is the norm of exponent q with 1/p + 1/q = 1: ‖x‖_* = sup{⟨x, v⟩: ‖v‖ ≤ 1}.
func (n Norm) Dual() Norm {
	switch p := n.exponent(); {
	case p == 1:
		return Largest
	case math.IsInf(p, 1):
		return Sum
	default:
		return Norm(p / (p - 1))
	}
}

// Length is ‖x‖.
func (n Norm) Length(x []float64) float64 { return floats.Norm(x, n.exponent()) }

// Steepest fills step [d] with the direction (8.5) of steepest descent for the gradient g,
//
//	argmin_v ⟨g, v⟩ + ½‖v‖²,
//
// that is -‖g‖_q^{2-q}·sgn(g)|g|^{q-1} for 1 < p < ∞, a step of -g_j along the largest |g_j| for p = 1 (the
// first such j, where several tie) and -‖g‖₁·sgn(g) for p = ∞. All satisfy (8.27),
// ⟨step, -g⟩ = ‖step‖² = ‖g‖_*².
func (n Norm) Steepest(step, g []float64) {
	p := n.exponent()
	switch {
	case p == 1:
		best := 0
		for j, v := range g {
			if math.Abs(v) > math.Abs(g[best]) {
				best = j
			}
		}
		clear(step)
		step[best] = -g[best]
		return
	case p == 2:
		floats.ScaleTo(step, -1, g)
		return
	}
	length := n.Dual().Length(g)
	q := float64(n.Dual())
	for j, v := range g {
		switch {
		case v == 0:
			step[j] = 0
		case q == 1:
			step[j] = -math.Copysign(length, v)
		default: // the quotient keeps the powers within range
			step[j] = -math.Copysign(length*math.Pow(math.Abs(v)/length, q-1), v)
		}
	}
}

// slope fills s with the gradient of ‖·‖ at w ≠ 0, one of them where it has several: ‖s‖_* = 1 and
// ⟨s, w⟩ = ‖w‖.
func (n Norm) slope(s, w []float64) {
	dual := n.Dual()
	dual.Steepest(s, w) // -‖w‖ times a vector of dual norm 1 whose product with w is ‖w‖
	floats.Scale(-1/n.Length(w), s)
}
