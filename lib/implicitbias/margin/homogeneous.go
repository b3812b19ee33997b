package margin

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Predictor is a family of functions y_i·f_i of parameters w, homogeneous of degree α in w: f_i(c·w) =
// c^α·f_i(w) for c > 0. Labels are absorbed.
type Predictor interface {
	Len() int                         // n functions
	Dim() int                         // parameters
	Degree() float64                  // α
	Value(w []float64, i int) float64 // y_i·f_i(w)
	Gradient(dst, w []float64, i int) // its gradient
	Smoothness() int                  // how many derivatives are continuous; 1<<30 means all
}

var (
	_ Predictor = Linear{}
	_ Predictor = Diagonal{}
	_ Predictor = Network{}
)

// Linear is f_i(w) = ⟨w, x_i⟩, of degree 1.
type Linear struct{ Data *Data }

// Len is n.
func (l Linear) Len() int { return l.Data.Len() }

// Dim is d.
func (l Linear) Dim() int { return l.Data.Dim() }

// Degree is 1.
func (l Linear) Degree() float64 { return 1 }

// Smoothness has no bound.
func (l Linear) Smoothness() int { return 1 << 30 }

// Value is y_i⟨w, x_i⟩.
func (l Linear) Value(w []float64, i int) float64 { return floats.Dot(l.Data.z[i], w) }

// Gradient is y_i·x_i.
func (l Linear) Gradient(dst, _ []float64, i int) { copy(dst, l.Data.z[i]) }

// Diagonal is the net f_i(u, v) = ⟨u⊙u - v⊙v, x_i⟩ with parameters (u, v) [2d], of degree 2. Its largest
// margin is the ℓ₁ margin of the data, as the least ‖u‖² + ‖v‖² for u⊙u - v⊙v = β is ‖β‖₁.
type Diagonal struct{ Data *Data }

// Len is n.
func (d Diagonal) Len() int { return d.Data.Len() }

// Dim is 2d.
func (d Diagonal) Dim() int { return 2 * d.Data.Dim() }

// Degree is 2.
func (d Diagonal) Degree() float64 { return 2 }

// Smoothness has no bound: f is a polynomial.
func (d Diagonal) Smoothness() int { return 1 << 30 }

// Value is y_i⟨u⊙u - v⊙v, x_i⟩.
func (d Diagonal) Value(w []float64, i int) float64 {
	s, n := 0.0, d.Data.Dim()
	for j, z := range d.Data.z[i] {
		s += z * (w[j]*w[j] - w[n+j]*w[n+j])
	}
	return s
}

// Gradient is 2·y_i·(u⊙x_i, -v⊙x_i).
func (d Diagonal) Gradient(dst, w []float64, i int) {
	n := d.Data.Dim()
	for j, z := range d.Data.z[i] {
		dst[j], dst[n+j] = 2*z*w[j], -2*z*w[n+j]
	}
}

// Induced is the linear predictor β = u⊙u - v⊙v.
func (d Diagonal) Induced(w []float64) []float64 {
	n := d.Data.Dim()
	out := make([]float64, n)
	for j := range out {
		out[j] = w[j]*w[j] - w[n+j]*w[n+j]
	}
	return out
}

// Network is the two-layer net f_i = Σ_k a_k·max(⟨v_k, x_i⟩, 0)^Power with Hidden units and parameters
// (a [Hidden], v [Hidden·d]), of degree Power + 1. Power 1 is ReLU, whose gradient jumps; only from power 3
// on is f twice continuously differentiable, as Assumption 8.4.2 asks.
type Network struct {
	Data   *Data
	Hidden int
	Power  int
}

// NewNetwork checks its arguments.
func NewNetwork(data *Data, hidden, power int) (Network, error) {
	if hidden < 1 || power < 1 || power > 8 {
		return Network{}, fmt.Errorf("margin.NewNetwork: %d hidden units of power %d, want at least 1 and a power of 1 to 8", hidden, power)
	}
	return Network{data, hidden, power}, nil
}

// Len is n.
func (m Network) Len() int { return m.Data.Len() }

// Dim is Hidden·(d + 1).
func (m Network) Dim() int { return m.Hidden * (m.Data.Dim() + 1) }

// Degree is Power + 1.
func (m Network) Degree() float64 { return float64(m.Power + 1) }

// Smoothness is Power - 1: max(s, 0)^k has k-1 continuous derivatives.
func (m Network) Smoothness() int { return m.Power - 1 }

// Value is y_i·f_i.
func (m Network) Value(w []float64, i int) float64 {
	s, d := 0.0, m.Data.Dim()
	for k := range m.Hidden {
		v := w[m.Hidden+k*d : m.Hidden+(k+1)*d]
		s += w[k] * power(max(floats.Dot(v, m.Data.X[i]), 0), m.Power)
	}
	return s * m.Data.Y[i]
}

// Gradient is that of y_i·f_i; the derivative of ReLU at 0 counts as 0.
func (m Network) Gradient(dst, w []float64, i int) {
	d, y := m.Data.Dim(), m.Data.Y[i]
	for k := range m.Hidden {
		v := w[m.Hidden+k*d : m.Hidden+(k+1)*d]
		into := dst[m.Hidden+k*d : m.Hidden+(k+1)*d]
		s := floats.Dot(v, m.Data.X[i])
		if s <= 0 {
			dst[k] = 0
			clear(into)
			continue
		}
		dst[k] = y * power(s, m.Power)
		floats.ScaleTo(into, y*w[k]*float64(m.Power)*power(s, m.Power-1), m.Data.X[i])
	}
}

func power(x float64, k int) float64 {
	p := 1.0
	for range k {
		p *= x
	}
	return p
}

// Ring is a data set that no line through 0 separates: n points on the circle, labelled by the sign of the
// cosine of twice their angle, which is jittered by up to 0.2. Stream "margin/ring".
func Ring(seed uint64, n int) (*Data, error) {
	if n < 4 {
		return nil, fmt.Errorf("margin.Ring: n=%d, want n ≥ 4", n)
	}
	r := rng.Stream(seed, "margin/ring")
	var x [][]float64
	var y []float64
	for i := range n {
		// The middle of a quarter keeps the points off the border between the classes.
		a := math.Pi/2*float64(i%4) + .4*(r.Float64()-.5)
		x, y = append(x, []float64{math.Cos(a), math.Sin(a)}), append(y, math.Copysign(1, math.Cos(2*a)))
	}
	return NewData(fmt.Sprintf("ring of %d points", n), x, y)
}

// NormalisedMargin is min_i y_i·f_i(w)/‖w‖₂^α.
func NormalisedMargin(f Predictor, w []float64) float64 {
	m := math.Inf(1)
	for i := range f.Len() {
		m = min(m, f.Value(w, i))
	}
	return m / math.Pow(floats.Norm(w, 2), f.Degree())
}

// Stationarity is how far a direction is from Definition 8.4.1.
type Stationarity struct {
	Margin      float64   // of w̄ = w/‖w‖₂, its own smallest y_i·f_i
	Support     []int     // points within the slack of it
	Multipliers []float64 // λ ≥ 0, one for each of Support
	Residual    float64   // min_λ ‖w̄ - Σ λ_i y_i∇f_i(w̄)‖₂, between 0 and 1; 0 where w̄ is stationary
	Independent float64   // smallest singular value of the unit vectors along y_i∇f_i(w̄), i in Support; 0 where LICQ fails
}

// Stationary measures the direction of w against the first-order conditions of Max-Margin. The support
// set is that of w̄ itself, {i: y_i·f_i(w̄) ≤ (1 + slack)·min}: with the best margin of all directions in
// place of its own, as printed, the set is empty for a stationary direction that is not optimal. A
// negative slack means 1e-3. The error says that w is 0 or misclassifies a point.
func Stationary(f Predictor, w []float64, slack float64) (*Stationarity, error) {
	if len(w) != f.Dim() {
		return nil, fmt.Errorf("margin.Stationary: w has length %d, the predictor %d parameters", len(w), f.Dim())
	}
	if slack < 0 {
		slack = 1e-3
	}
	length := floats.Norm(w, 2)
	if !(length > 0) || math.IsInf(length, 0) {
		return nil, fmt.Errorf("margin.Stationary: ‖w‖ = %g, want a positive number", length)
	}
	unit := append([]float64(nil), w...)
	floats.Scale(1/length, unit)
	s := &Stationarity{Margin: NormalisedMargin(f, unit)}
	if !(s.Margin > 0) {
		return nil, fmt.Errorf("margin.Stationary: smallest margin %g, want all points on the right side", s.Margin)
	}
	var columns [][]float64
	for i := range f.Len() {
		if f.Value(unit, i) <= (1+slack)*s.Margin {
			g := make([]float64, f.Dim())
			f.Gradient(g, unit, i)
			s.Support, columns = append(s.Support, i), append(columns, g)
		}
	}
	var err error
	if s.Multipliers, s.Residual, err = NNLS(columns, unit); err != nil {
		return nil, fmt.Errorf("margin.Stationary: %w", err)
	}
	if len(columns) > f.Dim() {
		return s, nil // more vectors than dimensions depend on each other
	}
	a := mat.NewDense(f.Dim(), len(columns), nil)
	for k, c := range columns {
		if l := floats.Norm(c, 2); l > 0 {
			floats.Scale(1/l, c)
		}
		a.SetCol(k, c)
	}
	var svd mat.SVD
	if svd.Factorize(a, mat.SVDNone) {
		v := svd.Values(nil)
		s.Independent = v[len(v)-1]
	}
	return s, nil
}
