package landscape

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// TopEigenvector is the objective f(x) = ¼‖M - xxᵀ‖_F² of section 6.4 (6.6) for a symmetric positive
// semidefinite M: a minimizer is the top eigenvector, of length √λ₁. It is made by NewTopEigenvector.
type TopEigenvector struct {
	m       *mat.SymDense
	values  []float64  // λ_1 ≥ … ≥ λ_d
	vectors *mat.Dense // v_i in columns
}

// NewTopEigenvector diagonalises M. An M with an eigenvalue below -1e-10·λ₁ is refused: (6.6) then has
// critical points for its positive eigenvalues only, and other values.
func NewTopEigenvector(m *mat.SymDense) (*TopEigenvector, error) {
	const fn = "landscape.NewTopEigenvector"
	values, vectors, err := linalg.EigenSym(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	low := values[len(values)-1]
	if low < -1e-10*math.Abs(values[0]) {
		return nil, fmt.Errorf("%s: M has the eigenvalue %g, want a positive semidefinite matrix", fn, low)
	}
	return &TopEigenvector{m: m, values: values, vectors: vectors}, nil
}

// Eigenvalue returns λ_i, i from 1.
func (t *TopEigenvector) Eigenvalue(i int) float64 { return t.values[i-1] }

// Eigenvector returns v_i, i from 1.
func (t *TopEigenvector) Eigenvector(i int) []float64 { return mat.Col(nil, i-1, t.vectors) }

// Min returns f* = ¼·Σ_{i≥2} λ_i² (Eckart and Young).
func (t *TopEigenvector) Min() float64 {
	tail := t.values[1:]
	return floats.Dot(tail, tail) / 4
}

// Objective returns f with ∇f = (xxᵀ - M)x and ∇²f = ‖x‖²I + 2xxᵀ - M (6.7). Its value is the sum over
// all entries of M - xxᵀ, by no formula of section 6.4. f is a polynomial of degree 4: neither ∇f nor
// ∇²f is Lipschitz on all of R^d.
func (t *TopEigenvector) Objective() *Objective {
	d := len(t.values)
	times := func(x []float64) []float64 { // M·x
		y := mat.NewVecDense(d, nil)
		y.MulVec(t.m, mat.NewVecDense(d, x))
		return y.RawVector().Data
	}
	return &Objective{
		Name: "¼‖M - xxᵀ‖²", Dim: d, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: t.Min(),
		Value: func(x []float64) float64 {
			sum := 0.0
			for i := range d {
				for j := range d {
					r := t.m.At(i, j) - x[i]*x[j]
					sum += r * r
				}
			}
			return sum / 4
		},
		Gradient: func(dst, x []float64) {
			mx := times(x)
			norm2 := floats.Dot(x, x)
			for i := range dst {
				dst[i] = norm2*x[i] - mx[i]
			}
		},
		HessVec: func(dst, x, v []float64) {
			mv := times(v)
			norm2, along := floats.Dot(x, x), floats.Dot(x, v)
			for i := range dst {
				dst[i] = norm2*v[i] + 2*along*x[i] - mv[i]
			}
		},
	}
}

// CriticalPoint is a critical point with what Claim 6.4.1 says about it.
type CriticalPoint struct {
	X         []float64
	Name      string    // "0", "+√λ₁v₁", …
	Value     float64   // f there
	Spectrum  []float64 // eigenvalues of the Hessian, ascending
	Curvature float64   // along v₁: λ_i - λ₁ at ±√λ_i·v_i, -λ₁ at 0, 2λ₁ at the minimizers
}

// Index is the number of negative eigenvalues of the Hessian.
func (p *CriticalPoint) Index() int { return index(p.Spectrum) }

// index counts the negative ones of eigenvalues in any order.
func index(spectrum []float64) int {
	n := 0
	for _, v := range spectrum {
		if v < 0 {
			n++
		}
	}
	return n
}

// CriticalPoints lists all critical points by formula (Claim 6.4.1), first 0, then ±√λ_i·v_i for each
// λ_i > 0: f = ¼(Σ_j λ_j² - λ_i²), and the Hessian has the eigenvalues 2λ_i and λ_i - λ_j, j ≠ i. The
// error says which eigenvalues coincide: with a repeated positive eigenvalue the critical points are
// whole spheres, and with λ₁ = λ₂ the minimizers are.
func (t *TopEigenvector) CriticalPoints() ([]CriticalPoint, error) {
	const fn = "landscape.CriticalPoints"
	top := t.values[0]
	all := floats.Dot(t.values, t.values) / 4
	zero := CriticalPoint{X: make([]float64, len(t.values)), Name: "0", Value: all, Curvature: -top}
	for _, l := range t.values {
		zero.Spectrum = append(zero.Spectrum, -l)
	}
	points := []CriticalPoint{zero}
	for i, l := range t.values {
		if l <= 1e-10*top {
			break
		}
		if i > 0 && t.values[i-1]-l <= 1e-10*top {
			if i == 1 {
				return nil, fmt.Errorf("%s: the eigengap λ₁ - λ₂ is zero, at %g: the minimizers are a sphere", fn, l)
			}
			return nil, fmt.Errorf("%s: eigenvalues %d and %d are both %g: the critical points are not isolated", fn, i, i+1, l)
		}
		p := CriticalPoint{Value: all - l*l/4, Curvature: l - top}
		if i == 0 {
			p.Curvature = 2 * top
		}
		for j := len(t.values) - 1; j >= 0; j-- {
			if j == i {
				p.Spectrum = append(p.Spectrum, 2*l)
			} else {
				p.Spectrum = append(p.Spectrum, l-t.values[j])
			}
		}
		slices.Sort(p.Spectrum)
		for _, sign := range []float64{1, -1} {
			q := p
			q.X = t.Eigenvector(i + 1)
			floats.Scale(sign*math.Sqrt(l), q.X)
			q.Name = fmt.Sprintf("%c√λ%s v%s", map[float64]rune{1: '+', -1: '-'}[sign], subscript(i+1), subscript(i+1))
			points = append(points, q)
		}
	}
	slices.Sort(points[0].Spectrum)
	return points, nil
}

// EscapeSteps is how many steps of size η gradient descent takes from x₀ near 0 to |⟨x, v₁⟩| = c·√λ₁ while
// ‖x‖ is small: log(c√λ₁/|⟨x₀, v₁⟩|)/log(1 + ηλ₁).
func (t *TopEigenvector) EscapeSteps(x0 []float64, eta, c float64) float64 {
	a := math.Abs(floats.Dot(x0, t.Eigenvector(1)))
	return math.Log(c*math.Sqrt(t.values[0])/a) / math.Log1p(eta*t.values[0])
}

// Rate is the factor by which one step of size η shrinks f - f* near a minimizer, (1 - η(λ₁ - λ₂))²: the
// slowest direction is v₂, as long as η is so small that 2λ₁ does not overshoot.
func (t *TopEigenvector) Rate(eta float64) float64 {
	r := 1 - eta*(t.values[0]-t.values[1])
	return r * r
}

// Expand returns the parts of f(x + δ) of degree 0 to 4 in δ. Section 6.4.1 keeps the first three; the
// others are ½⟨xδᵀ + δxᵀ, δδᵀ⟩ and ¼‖δ‖⁴, so that their sum is exact.
func (t *TopEigenvector) Expand(x, delta []float64) [5]float64 {
	var out [5]float64
	d := len(x)
	for i := range d {
		for j := range d {
			r := t.m.At(i, j) - x[i]*x[j]
			a := x[i]*delta[j] + delta[i]*x[j]
			b := delta[i] * delta[j]
			out[0] += r * r / 4
			out[1] -= r * a / 2
			out[2] += a*a/4 - r*b/2
			out[3] += a * b / 2
			out[4] += b * b / 4
		}
	}
	return out
}
