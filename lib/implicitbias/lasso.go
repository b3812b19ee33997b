package implicitbias

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Lasso is the path ŵ(λ) = argmin L(w) + λ‖w‖₁, which is linear in λ between its knots.
type Lasso struct {
	Lambda []float64   // of the knots, falling from the λ below which w leaves 0 to 0
	W      [][]float64 // ŵ at the knots
}

// LassoPath follows the lasso path from λ = 2·max|x_j·y| down to 0 by homotopy: between knots the active
// weights solve 2X_Aᵀ(X_Aw_A - y) = -λs, a knot is where a coordinate joins, |2X_jᵀ(Xw - y)| = λ, or leaves at
// w_j = 0. It supposes that no two events fall together and that active columns are independent, as for data
// in general position; else it is an error.
func LassoPath(ctx context.Context, p *Regression) (*Lasso, error) {
	const fn = "implicitbias.LassoPath"
	w := make([]float64, p.d)
	c := make([]float64, p.d) // -∇L(w)
	p.Gradient(c, w)
	floats.Scale(-1, c)
	j := largest(c)
	lambda := math.Abs(c[j])
	path := &Lasso{Lambda: []float64{lambda}, W: [][]float64{slices.Clone(w)}}
	active := []int{j}
	signs := []float64{power(c[j], 0)}
	left, leftSign := -1, 0.0 // who has just left, and its sign
	for steps := 0; lambda > 0; steps++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if steps > 100*(p.d+p.n) {
			return nil, fmt.Errorf("%s: %d knots and λ = %g still: the data are not in general position", fn, steps, lambda)
		}
		xa := mat.NewDense(p.n, len(active), nil)
		for k, j := range active {
			xa.SetCol(k, mat.Col(nil, j, p.x))
		}
		g := mat.NewSymDense(len(active), nil)
		g.SymOuterK(2, xa.T())
		var f mat.Cholesky
		if !f.Factorize(g) {
			return nil, fmt.Errorf("%s: the active columns %v are dependent at λ = %g", fn, active, lambda)
		}
		dir := mat.NewVecDense(len(active), nil) // dw_A/d(-λ)
		if err := f.SolveVecTo(dir, mat.NewVecDense(len(signs), signs)); err != nil {
			return nil, fmt.Errorf("%s: active columns %v at λ = %g: %w", fn, active, lambda, err)
		}
		var moved mat.VecDense
		moved.MulVec(xa, dir)
		step, who, sign, joins := lambda, -1, 0.0, false
		for j := range p.d {
			if k := slices.Index(active, j); k >= 0 {
				if s := -w[j] / dir.AtVec(k); s > 1e-12*lambda && s < step {
					step, who, joins = s, j, false
				}
				continue
			}
			a := 2 * mat.Dot(p.x.ColView(j), &moved)
			for _, b := range []float64{1, -1} { // b·(c_j - step·a) = λ - step
				s := (lambda - b*c[j]) / (1 - b*a)
				if j == left && b == leftSign && s < 1e-9*lambda || b*a >= 1 || s < -1e-9*lambda {
					continue
				}
				if s = max(s, 0); s < step {
					step, who, sign, joins = s, j, b, true
				}
			}
		}
		for k, j := range active {
			w[j] += step * dir.AtVec(k)
		}
		lambda -= step
		if who >= 0 && !joins {
			w[who] = 0
		}
		p.Gradient(c, w)
		floats.Scale(-1, c)
		left = -1
		switch {
		case who < 0 || lambda <= 1e-12*path.Lambda[0]: // an event at λ = 0 is the end
			lambda = 0
		case joins:
			active, signs = append(active, who), append(signs, sign)
		default:
			k := slices.Index(active, who)
			left, leftSign = who, signs[k]
			active, signs = slices.Delete(active, k, k+1), slices.Delete(signs, k, k+1)
		}
		path.Lambda, path.W = append(path.Lambda, lambda), append(path.W, slices.Clone(w))
	}
	return path, nil
}

// At returns ŵ(λ) for λ ≥ 0.
func (l *Lasso) At(lambda float64) []float64 {
	for k := 1; k < len(l.Lambda); k++ {
		if lambda >= l.Lambda[k] {
			s := 0.0
			if gap := l.Lambda[k-1] - l.Lambda[k]; gap > 0 {
				s = max(0, l.Lambda[k-1]-lambda) / gap
			}
			return between(l.W[k-1], l.W[k], s)
		}
	}
	return slices.Clone(l.W[len(l.W)-1])
}

// between is a + s(b - a).
func between(a, b []float64, s float64) []float64 {
	out := slices.Clone(a)
	for i := range out {
		out[i] += s * (b[i] - a[i])
	}
	return out
}

// Monotone reports whether |ŵ_j| never falls as λ falls, for every coordinate: when it does not, ε-boosting
// follows the path (Efron et al. 2004).
func (l *Lasso) Monotone() bool {
	for k := 1; k < len(l.W); k++ {
		for j := range l.W[k] {
			if math.Abs(l.W[k][j]) < math.Abs(l.W[k-1][j])-1e-12 {
				return false
			}
		}
	}
	return true
}

// Violation is the largest excess of the optimality conditions of ŵ(λ) over the knots, as a share of the
// largest λ: |∂_jL| ≤ λ, and ∂_jL = -λ·sgn(w_j) where w_j ≠ 0.
func (l *Lasso) Violation(p *Regression) float64 {
	worst := 0.0
	g := make([]float64, p.d)
	for k, w := range l.W {
		p.Gradient(g, w)
		for j, v := range w {
			e := math.Abs(g[j]) - l.Lambda[k]
			if v != 0 {
				e = math.Abs(g[j] + l.Lambda[k]*power(v, 0))
			}
			worst = max(worst, e/l.Lambda[0])
		}
	}
	return worst
}
