package implicitbias

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// NotRealizableError says that Xw = y has no solution.
type NotRealizableError struct {
	Residual float64 // ‖XX⁺y - y‖/‖y‖
}

func (e *NotRealizableError) Error() string {
	return fmt.Sprintf("implicitbias: the labels are not realizable: ‖XX⁺y - y‖ = %.3g·‖y‖, want at most 1e-10", e.Residual)
}

// Regression is the loss L(w) = Σ(w·x_i - y_i)² of (8.1) where it can be brought to zero. It is not changed
// after NewRegression.
type Regression struct {
	x    *mat.Dense
	y    []float64
	n, d int
	pinv *mat.Dense // X⁺, d×n
	null *mat.Dense // orthonormal basis of {v : Xv = 0} as columns, nil where that is {0}
	top  float64    // largest eigenvalue of XᵀX
}

// NewRegression returns the regression problem of the rows of x and labels y, which are copied. Errors are
// wrong sizes, entries that are not finite, and a *NotRealizableError.
func NewRegression(x *mat.Dense, y []float64) (*Regression, error) {
	const fn = "implicitbias.NewRegression"
	if x == nil || x.IsEmpty() {
		return nil, fmt.Errorf("%s: no data", fn)
	}
	n, d := x.Dims()
	if len(y) != n {
		return nil, fmt.Errorf("%s: %d labels for %d rows", fn, len(y), n)
	}
	for i := range n {
		for j, v := range append(mat.Row(nil, i, x), y[i]) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%s: row %d, entry %d is %g, want a number", fn, i, j, v)
			}
		}
	}
	var s mat.SVD
	if !s.Factorize(x, mat.SVDFull) {
		return nil, fmt.Errorf("%s: the singular values of X did not converge", fn)
	}
	v := s.Values(nil)
	if v[0] == 0 {
		return nil, fmt.Errorf("%s: X is zero", fn)
	}
	rank := 0
	for rank < len(v) && v[rank] > 1e-12*v[0] {
		rank++
	}
	var left, right mat.Dense
	s.UTo(&left)
	s.VTo(&right)
	p := &Regression{x: mat.DenseCopyOf(x), y: slices.Clone(y), n: n, d: d, pinv: mat.NewDense(d, n, nil), top: v[0] * v[0]}
	scaled := mat.DenseCopyOf(right.Slice(0, d, 0, rank))
	for j := range rank {
		for i := range d {
			scaled.Set(i, j, scaled.At(i, j)/v[j])
		}
	}
	p.pinv.Mul(scaled, left.Slice(0, n, 0, rank).T())
	if rank < d {
		p.null = mat.DenseCopyOf(right.Slice(0, d, rank, d))
	}
	if scale := floats.Norm(y, 2); scale > 0 {
		if r := floats.Norm(p.Residual(p.apply(y)), 2) / scale; r > 1e-10 {
			return nil, &NotRealizableError{r}
		}
	}
	return p, nil
}

// must is for problems written in this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// rows makes a problem of equal rows.
func rows(y []float64, x ...[]float64) *Regression {
	m := mat.NewDense(len(x), len(x[0]), nil)
	for i, r := range x {
		m.SetRow(i, r)
	}
	return must(NewRegression(m, y))
}

// Book returns the data of Example 2 and figure 8.1: (1,1,1) with label 1 and (1,2,0) with label 10. Its
// solutions are (⅓, 29/6, -25/6) + s(2, -1, -1).
func Book() *Regression { return rows([]float64{1, 10}, []float64{1, 1, 1}, []float64{1, 2, 0}) }

// Dims returns the numbers n of examples and d of weights.
func (p *Regression) Dims() (n, d int) { return p.n, p.d }

// Residual returns Xw - y.
func (p *Regression) Residual(w []float64) []float64 {
	r := make([]float64, p.n)
	for i := range r {
		r[i] = floats.Dot(p.x.RawRowView(i), w) - p.y[i]
	}
	return r
}

// Loss returns L(w) = ‖Xw - y‖².
func (p *Regression) Loss(w []float64) float64 {
	r := p.Residual(w)
	return floats.Dot(r, r)
}

// Gradient sets dst = ∇L(w) = 2Xᵀ(Xw - y).
func (p *Regression) Gradient(dst, w []float64) {
	clear(dst)
	for i := range p.n {
		x := p.x.RawRowView(i)
		floats.AddScaled(dst, 2*(floats.Dot(x, w)-p.y[i]), x)
	}
}

// GradientOf sets dst = 2(w·x_i - y_i)x_i, the gradient on example i alone.
func (p *Regression) GradientOf(dst, w []float64, i int) {
	x := p.x.RawRowView(i)
	floats.ScaleTo(dst, 2*(floats.Dot(x, w)-p.y[i]), x)
}

// Null returns an orthonormal basis of the directions in which L is constant, d×(d - rank X); nil if there
// is none.
func (p *Regression) Null() *mat.Dense {
	if p.null == nil {
		return nil
	}
	return mat.DenseCopyOf(p.null)
}

// apply returns X⁺r.
func (p *Regression) apply(r []float64) []float64 {
	w := mat.NewVecDense(p.d, nil)
	w.MulVec(p.pinv, mat.NewVecDense(p.n, r))
	return w.RawVector().Data
}

// Nearest returns the solution nearest to w0, w0 + X⁺(y - Xw0): where gradient descent ends
// (Proposition 8.1.1).
func (p *Regression) Nearest(w0 []float64) ([]float64, error) {
	if err := p.at("implicitbias.Nearest", w0); err != nil {
		return nil, err
	}
	w := slices.Clone(w0)
	floats.Sub(w, p.apply(p.Residual(w0)))
	return w, nil
}

// at checks that w is a point of R^d.
func (p *Regression) at(fn string, w []float64) error {
	if len(w) != p.d {
		return fmt.Errorf("%s: point of %d entries, want %d", fn, len(w), p.d)
	}
	for i, v := range w {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: entry %d of the point is %g, want a number", fn, i, v)
		}
	}
	return nil
}

// Norm returns ‖w‖_p for 1 ≤ p ≤ ∞.
func Norm(w []float64, p float64) float64 {
	if math.IsInf(p, 1) {
		m := 0.0
		for _, v := range w {
			m = max(m, math.Abs(v))
		}
		return m
	}
	m := Norm(w, math.Inf(1))
	if m == 0 {
		return 0
	}
	s := 0.0
	for _, v := range w {
		s += math.Pow(math.Abs(v)/m, p) // scaled, so that no power overflows
	}
	return m * math.Pow(s, 1/p)
}

// ell writes the name of a norm: ℓ_{1.333}, ℓ_∞.
func ell(p float64) string {
	if math.IsInf(p, 1) {
		return "ℓ_∞"
	}
	return fmt.Sprintf("ℓ_{%.4g}", p)
}

// conjugate returns q with 1/p + 1/q = 1.
func conjugate(p float64) float64 {
	switch {
	case p == 1:
		return math.Inf(1)
	case math.IsInf(p, 1):
		return 1
	}
	return p / (p - 1)
}

// power returns sgn(v)·|v|^e, 0 at 0.
func power(v, e float64) float64 {
	if v == 0 {
		return 0
	}
	return math.Copysign(math.Pow(math.Abs(v), e), v)
}

// errNorm refuses p < 1 and NaN.
func errNorm(fn string, p float64) error {
	if !(p >= 1) {
		return fmt.Errorf("%s: p = %g, want at least 1: below that ‖·‖_p is no norm", fn, p)
	}
	return nil
}

// distance is the Euclidean distance of two points.
func distance(a, b []float64) float64 { return floats.Distance(a, b, 2) }

var errStop = errors.New("no step is left")
