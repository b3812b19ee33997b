package margin

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// ErrNotSeparable says that no w has y_i⟨w, x_i⟩ > 0 for all points.
var ErrNotSeparable = errors.New("the data are not separable")

// Separator is a direction of largest margin.
type Separator struct {
	W      []float64 // of norm 1
	Margin float64   // min_i y_i⟨W, x_i⟩, what W attains
	Upper  float64   // no direction of norm 1 has a larger margin than this
}

// mostCuts bounds the cutting planes of MaxMargin; the plane takes about twenty.
const mostCuts = 200

// MaxMargin returns γ = max_{‖w‖ ≤ 1} min_i y_i⟨w, x_i⟩ and where it is attained. For ℓ₁ and ℓ∞ it is one
// linear program; for other norms the ball is cut out of a cube by tangent planes, one more after each
// linear program, until Upper - Margin is below 1e-10. The error wraps ErrNotSeparable where γ ≤ 0.
// Cost: a simplex method on n + d constraints, for each cut.
func MaxMargin(ctx context.Context, data *Data, norm Norm) (*Separator, error) {
	if err := norm.Validate(); err != nil {
		return nil, err
	}
	n, d := data.Len(), data.Dim()
	// Columns: w⁺ [d], w⁻ [d], γ, slacks. Rows: one per point, then the ball. w = 0 is a vertex: its slacks
	// are a basis.
	var ball [][]float64
	switch norm.exponent() {
	case 1:
		row := make([]float64, 2*d)
		floats.AddConst(1, row)
		ball = append(ball, row)
	default:
		for j := range d {
			row := make([]float64, 2*d)
			row[j], row[d+j] = 1, 1
			ball = append(ball, row)
		}
	}
	best := &Separator{Upper: math.Inf(1)}
	for range mostCuts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows, cols := n+len(ball), 2*d+1+n+len(ball)
		a := mat.NewDense(rows, cols, nil)
		b := make([]float64, rows)
		c := make([]float64, cols)
		basis := make([]int, rows)
		c[2*d] = -1
		for i := range n {
			for j, v := range data.z[i] {
				a.Set(i, j, -v)
				a.Set(i, d+j, v)
			}
			a.Set(i, 2*d, 1) // γ - ⟨z_i, w⟩ + slack = 0
		}
		for k, row := range ball {
			for j, v := range row {
				a.Set(n+k, j, v)
			}
			b[n+k] = 1
		}
		for k := range rows {
			a.Set(k, 2*d+1+k, 1)
			basis[k] = 2*d + 1 + k
		}
		value, x, err := lp.Simplex(c, a, b, 1e-13, basis)
		if err != nil {
			if best.W != nil && best.Upper-best.Margin < 1e-6 { // rounding among nearly equal cuts
				return best, nil
			}
			return nil, fmt.Errorf("margin.MaxMargin: %q, %s: linear program with %d rows: %w", data.Name, norm, rows, err)
		}
		w := make([]float64, d)
		floats.SubTo(w, x[:d], x[d:2*d])
		length := norm.Length(w)
		if -value < 1e-12 || length == 0 {
			return nil, fmt.Errorf("margin.MaxMargin: %q, %s: largest margin %g: %w", data.Name, norm, -value, ErrNotSeparable)
		}
		best.Upper = min(best.Upper, -value)
		s := make([]float64, 2*d)
		norm.slope(s[:d], w)
		floats.Scale(1/length, w)
		if m := data.Smallest(w); best.W == nil || m > best.Margin {
			best.W, best.Margin = w, m
		}
		if best.Upper-best.Margin < 1e-10 {
			return best, nil
		}
		floats.ScaleTo(s[d:], -1, s[:d])
		ball = append(ball, s)
	}
	return best, nil
}

// Support is the hard-margin support vector machine (8.25).
type Support struct {
	W       []float64 // argmin ‖w‖² under y_i⟨w, x_i⟩ ≥ 1, so that γ = 1/‖W‖
	Weights []float64 // λ ≥ 0 with W = Σ λ_i y_i x_i, zero where y_i⟨W, x_i⟩ > 1
}

// HardMargin solves (8.25) by its dual as a problem of least distance (Lawson and Hanson 1974, chapter
// 23): one NNLS on n columns of length d+1. The error wraps ErrNotSeparable where there is no such w.
func HardMargin(data *Data) (*Support, error) {
	n, d := data.Len(), data.Dim()
	columns := make([][]float64, n)
	for i, z := range data.z {
		columns[i] = append(append([]float64(nil), z...), 1)
	}
	target := make([]float64, d+1)
	target[d] = 1
	u, residual, err := NNLS(columns, target)
	if err != nil {
		return nil, fmt.Errorf("margin.HardMargin: %q: %w", data.Name, err)
	}
	// The residual is (Σ u_i z_i, Σ u_i - 1) and its square is 1 - Σ u_i = 1/(1 + ‖W‖²).
	if residual < 1e-9 {
		return nil, fmt.Errorf("margin.HardMargin: %q: residual %g: %w", data.Name, residual, ErrNotSeparable)
	}
	s := &Support{W: make([]float64, d), Weights: u}
	gap := 1 - floats.Sum(u)
	for i, z := range data.z {
		s.Weights[i] /= gap
		floats.AddScaled(s.W, s.Weights[i], z)
	}
	return s, nil
}

// Edge returns min ‖Σ λ_i y_i x_i‖_* over weights λ ≥ 0, Σλ = 1, and such weights, for ℓ₁, ℓ₂ and ℓ∞: the
// dual of MaxMargin, with the same value. In boosting it is the best advantage over guessing that a weak
// learner has under the weights that make it smallest. Other exponents are an error.
func Edge(data *Data, norm Norm) (float64, []float64, error) {
	n, d := data.Len(), data.Dim()
	switch p := norm.exponent(); {
	case p == 2:
		s, err := HardMargin(data)
		if err != nil {
			return 0, nil, err
		}
		floats.Scale(1/floats.Sum(s.Weights), s.Weights)
		v := make([]float64, d)
		data.Gradient(v, s.Weights)
		return floats.Norm(v, 2), s.Weights, nil
	case p == 1: // min t, -t ≤ Σ λ_i z_ij ≤ t: columns λ [n], t, slacks [2d]
		a, b, c := mat.NewDense(2*d+1, n+1+2*d, nil), make([]float64, 2*d+1), make([]float64, n+1+2*d)
		c[n], b[2*d] = 1, 1
		for i := range n {
			a.Set(2*d, i, 1)
			for j, v := range data.z[i] {
				a.Set(j, i, v)
				a.Set(d+j, i, -v)
			}
		}
		for k := range 2 * d {
			a.Set(k, n, -1)
			a.Set(k, n+1+k, 1)
		}
		return edge(data, norm, a, b, c)
	case math.IsInf(p, 1): // min Σ(a + b), Σ λ_i z_ij = a_j - b_j
		a, b, c := mat.NewDense(d+1, n+2*d, nil), make([]float64, d+1), make([]float64, n+2*d)
		b[d] = 1
		for i := range n {
			a.Set(d, i, 1)
			for j, v := range data.z[i] {
				a.Set(j, i, v)
			}
		}
		for j := range d {
			a.Set(j, n+j, -1)
			a.Set(j, n+d+j, 1)
			c[n+j], c[n+d+j] = 1, 1
		}
		return edge(data, norm, a, b, c)
	}
	return 0, nil, fmt.Errorf("margin.Edge: %s, want ℓ₁, ℓ₂ or ℓ∞", norm)
}

func edge(data *Data, norm Norm, a *mat.Dense, b, c []float64) (float64, []float64, error) {
	value, x, err := lp.Simplex(c, a, b, 1e-13, nil)
	if err != nil {
		return 0, nil, fmt.Errorf("margin.Edge: %q, %s: %w", data.Name, norm, err)
	}
	if value < 1e-12 {
		return 0, nil, fmt.Errorf("margin.Edge: %q, %s: edge %g: %w", data.Name, norm, value, ErrNotSeparable)
	}
	return value, x[:data.Len()], nil
}
