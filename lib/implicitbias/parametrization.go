package implicitbias

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Parametrization is a map w = G(θ) from R^D to R^d with its derivatives.
type Parametrization struct {
	Name     string
	In, Out  int                                        // D and d
	Map      func(dst, theta []float64)                 // dst = G(θ)
	Jacobian func(theta []float64) *mat.Dense           // ∂G(θ), d×D; row i is ∇G_i
	Hessian  func(i int, theta []float64) *mat.SymDense // ∇²G_i(θ), D×D
}

// At returns G(θ).
func (g *Parametrization) At(theta []float64) []float64 {
	w := make([]float64, g.Out)
	g.Map(w, theta)
	return w
}

// Metric returns ∂G∂Gᵀ at θ, by which the loss gradient is multiplied in (8.9).
func (g *Parametrization) Metric(theta []float64) *mat.SymDense {
	m := mat.NewSymDense(g.Out, nil)
	j := g.Jacobian(theta)
	m.SymOuterK(1, j)
	return m
}

// Pull sets dst = ∂G(θ)ᵀv, the gradient in θ of a loss with gradient v in w.
func (g *Parametrization) Pull(dst, theta, v []float64) {
	var out mat.VecDense
	out.MulVec(g.Jacobian(theta).T(), mat.NewVecDense(len(v), v))
	copy(dst, out.RawVector().Data)
}

// Flow is the right side of (8.7), θ' = -∇(L∘G)(θ).
func (g *Parametrization) Flow(p *Regression) func(dst, theta []float64) {
	return func(dst, theta []float64) {
		v := make([]float64, g.Out)
		p.Gradient(v, g.At(theta))
		g.Pull(dst, theta, v)
		floats.Scale(-1, dst)
	}
}

// Solved returns a Stop for flows in θ: L(G(θ)) ≤ tol.
func (g *Parametrization) Solved(p *Regression, tol float64) func(theta []float64) bool {
	return func(theta []float64) bool { return p.Loss(g.At(theta)) <= tol }
}

// Commutator returns the Lie bracket [∇G_i, ∇G_j](θ) = ∇²G_i∇G_j - ∇²G_j∇G_i, a vector of R^D (Definition
// 8.1.8; the printed second term is ∇²G_i∇G_i).
func (g *Parametrization) Commutator(i, j int, theta []float64) []float64 {
	jac := g.Jacobian(theta)
	var a, b mat.VecDense
	a.MulVec(g.Hessian(i, theta), jac.RowView(j))
	b.MulVec(g.Hessian(j, theta), jac.RowView(i))
	a.SubVec(&a, &b)
	return a.RawVector().Data
}

// NonCommuting returns the largest norm of a commutator over all pairs i < j at the given points. A value
// above rounding refutes that G is commuting; a small one proves nothing for other points.
func (g *Parametrization) NonCommuting(points [][]float64) (float64, error) {
	worst := 0.0
	for k, theta := range points {
		if len(theta) != g.In {
			return 0, fmt.Errorf("implicitbias.NonCommuting: point %d has %d entries, want %d for %s", k, len(theta), g.In, g.Name)
		}
		for i := range g.Out {
			for j := range i {
				worst = max(worst, floats.Norm(g.Commutator(j, i, theta), 2))
			}
		}
	}
	return worst, nil
}

// Linear is G(θ) = Aθ, such as A = √Σ of Example 8.1.3.
func Linear(a *mat.Dense) *Parametrization {
	d, in := a.Dims()
	a = mat.DenseCopyOf(a)
	return &Parametrization{
		Name: "Aθ", In: in, Out: d,
		Map: func(dst, theta []float64) {
			for i := range dst {
				dst[i] = floats.Dot(a.RawRowView(i), theta)
			}
		},
		Jacobian: func([]float64) *mat.Dense { return mat.DenseCopyOf(a) },
		Hessian:  func(int, []float64) *mat.SymDense { return mat.NewSymDense(in, nil) },
	}
}

// Root returns the symmetric square root of a positive semidefinite matrix.
func Root(sigma *mat.SymDense) *mat.Dense {
	n := sigma.SymmetricDim()
	w := make([]float64, n*n)
	for i := range n {
		for j := range n {
			w[i*n+j] = sigma.At(i, j)
		}
	}
	SpectralEntropy{n}.spectral(w, w, func(v float64) float64 { return math.Sqrt(max(v, 0)) })
	return mat.NewDense(n, n, w)
}

// Squares is G(θ) = θ⊙θ of Example 8.1.4, onto w ≥ 0.
func Squares(d int) *Parametrization {
	return entrywise("θ⊙θ", d, 1, func(t []float64) float64 { return t[0] * t[0] },
		func(t []float64) []float64 { return []float64{2 * t[0]} },
		[]float64{2})
}

// Differences is G(θ) = θ₊⊙θ₊ - θ₋⊙θ₋ of Example 8.1.5, θ = (θ₊, θ₋).
func Differences(d int) *Parametrization {
	return entrywise("θ₊² - θ₋²", d, 2, func(t []float64) float64 { return t[0]*t[0] - t[1]*t[1] },
		func(t []float64) []float64 { return []float64{2 * t[0], -2 * t[1]} },
		[]float64{2, 0, 0, -2})
}

// Products is G(θ) = u⊙v, θ = (u, v): Differences in coordinates turned by 45° and scaled by √2.
func Products(d int) *Parametrization {
	return entrywise("u⊙v", d, 2, func(t []float64) float64 { return t[0] * t[1] },
		func(t []float64) []float64 { return []float64{t[1], t[0]} },
		[]float64{0, 1, 1, 0})
}

// entrywise makes w_i a quadratic function of the k numbers θ_i, θ_{d+i}, ..., with a constant Hessian.
func entrywise(name string, d, k int, f func(t []float64) float64, df func(t []float64) []float64, hess []float64) *Parametrization {
	pick := func(i int, theta []float64) []float64 {
		t := make([]float64, k)
		for a := range t {
			t[a] = theta[a*d+i]
		}
		return t
	}
	return &Parametrization{
		Name: name, In: k * d, Out: d,
		Map: func(dst, theta []float64) {
			for i := range dst {
				dst[i] = f(pick(i, theta))
			}
		},
		Jacobian: func(theta []float64) *mat.Dense {
			j := mat.NewDense(d, k*d, nil)
			for i := range d {
				for a, v := range df(pick(i, theta)) {
					j.Set(i, a*d+i, v)
				}
			}
			return j
		},
		Hessian: func(i int, theta []float64) *mat.SymDense {
			h := mat.NewSymDense(k*d, nil)
			for a := range k {
				for b := a; b < k; b++ {
					h.SetSym(a*d+i, b*d+i, hess[a*k+b])
				}
			}
			return h
		},
	}
}

// Factored is G(U) = UUᵀ for an n×k matrix U, row by row in θ; w holds the upper triangle of the product row
// by row. It does not commute for n ≥ 2.
func Factored(n, k int) *Parametrization {
	var at [][2]int
	for a := range n {
		for b := a; b < n; b++ {
			at = append(at, [2]int{a, b})
		}
	}
	row := func(theta []float64, a int) []float64 { return theta[a*k : (a+1)*k] }
	return &Parametrization{
		Name: "UUᵀ", In: n * k, Out: len(at),
		Map: func(dst, theta []float64) {
			for i, e := range at {
				dst[i] = floats.Dot(row(theta, e[0]), row(theta, e[1]))
			}
		},
		Jacobian: func(theta []float64) *mat.Dense {
			j := mat.NewDense(len(at), n*k, nil)
			for i, e := range at {
				floats.Add(j.RawRowView(i)[e[0]*k:(e[0]+1)*k], row(theta, e[1]))
				floats.Add(j.RawRowView(i)[e[1]*k:(e[1]+1)*k], row(theta, e[0]))
			}
			return j
		},
		Hessian: func(i int, _ []float64) *mat.SymDense {
			h := mat.NewSymDense(n*k, nil)
			a, b := at[i][0], at[i][1]
			for l := range k {
				v := 1.0
				if a == b {
					v = 2
				}
				h.SetSym(a*k+l, b*k+l, v)
			}
			return h
		},
	}
}

// Isometric returns the parametrization that makes a separable potential of gradient flow: G_i depends on θ_i
// alone, G_i(0) = w0_i and G_i' = √m(G_i) with the metric m = 1/R_i”, so that ∂G∂Gᵀ = (∇²R)⁻¹ everywhere
// (8.11). It is solved by 64 Runge-Kutta steps for each value; m must be positive between w0 and the values
// asked for. (A potential that is not separable needs Nash's embedding theorem.)
func Isometric(m func(w float64) float64, w0 []float64) *Parametrization {
	at := func(i int, t float64) float64 {
		const steps = 64
		w, h := w0[i], t/steps
		slope := func(w float64) float64 { return math.Sqrt(m(w)) }
		for range steps {
			a := slope(w)
			b := slope(w + h/2*a)
			c := slope(w + h/2*b)
			w += h / 6 * (a + 2*b + 2*c + slope(w+h*c))
		}
		return w
	}
	d := len(w0)
	return &Parametrization{
		Name: "G' = √m(G)", In: d, Out: d,
		Map: func(dst, theta []float64) {
			for i := range dst {
				dst[i] = at(i, theta[i])
			}
		},
		Jacobian: func(theta []float64) *mat.Dense {
			j := mat.NewDense(d, d, nil)
			for i := range d {
				j.Set(i, i, math.Sqrt(m(at(i, theta[i]))))
			}
			return j
		},
		Hessian: func(i int, theta []float64) *mat.SymDense { // G” = m'(G)/2
			const h = 1e-6
			w := at(i, theta[i])
			out := mat.NewSymDense(d, nil)
			out.SetSym(i, i, (m(w+h)-m(w-h))/(4*h))
			return out
		},
	}
}
