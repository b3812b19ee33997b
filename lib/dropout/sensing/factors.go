package sensing

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Factors are a point of the search: U, d₂×d₁, and V, d₀×d₁. Column j of both is hidden unit j.
type Factors struct {
	U, V *mat.Dense
}

// Fixture returns F(a; r, c), the r×c matrix with entries sin(a + 1.7t + 0.3t²), t = ic + j, to which the
// golden numbers of chapter 11 refer.
func Fixture(a float64, r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for t, row := 0, m.RawMatrix().Data; t < len(row); t++ {
		s := float64(t)
		row[t] = math.Sin(a + 1.7*s + .3*s*s)
	}
	return m
}

// check says what is wrong with the shapes, or finds an entry that is no number.
func (f *Factors) check(fn string) error {
	if f == nil || f.U == nil || f.V == nil || f.U.IsEmpty() || f.V.IsEmpty() {
		return fmt.Errorf("%s: want both factors U and V", fn)
	}
	d2, d1 := f.U.Dims()
	d0, w := f.V.Dims()
	if d1 != w {
		return fmt.Errorf("%s: U is %d×%d and V is %d×%d, want the same number of columns", fn, d2, d1, d0, w)
	}
	if err := finite(fn, "U", f.U); err != nil {
		return err
	}
	return finite(fn, "V", f.V)
}

func finite(fn, name string, m mat.Matrix) error {
	r, c := m.Dims()
	for i := range r {
		for j := range c {
			if v := m.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("%s: entry (%d, %d) of %s is %g, want a number", fn, i, j, name, v)
			}
		}
	}
	return nil
}

// Width returns d₁.
func (f *Factors) Width() int {
	_, d1 := f.U.Dims()
	return d1
}

// Product returns UVᵀ, d₂×d₀.
func (f *Factors) Product() *mat.Dense {
	m := &mat.Dense{}
	m.Mul(f.U, f.V.T())
	return m
}

// Shares returns ‖u_j‖·‖v_j‖ of each unit, which the equalizer makes equal.
func (f *Factors) Shares() []float64 {
	s := make([]float64, f.Width())
	for j := range s {
		s[j] = mat.Norm(f.U.ColView(j), 2) * mat.Norm(f.V.ColView(j), 2)
	}
	return s
}

// Penalty returns the expected penalty of Gaussian sensing,
//
//	R(U, V) = Σ_j ‖u_j‖²‖v_j‖²,
//
// the expectation of R̂ over matrices A of independent N(0, 1) entries (section 11.1.1).
func (f *Factors) Penalty() float64 {
	s := f.Shares()
	return floats.Dot(s, s)
}

// PenaltyVariance returns n·Var(R̂) of Gaussian sensing, 2‖(UᵀU)∘(VᵀV)‖_F² (∘ entrywise): for one Gaussian
// A the numbers u_jᵀAv_j are jointly normal with that covariance, and the variance of a squared norm of a
// normal vector with covariance C is 2‖C‖_F².
func (f *Factors) PenaltyVariance() float64 {
	var gu, gv, c mat.Dense
	gu.Mul(f.U.T(), f.U)
	gv.Mul(f.V.T(), f.V)
	c.MulElem(&gu, &gv)
	n := mat.Norm(&c, 2)
	return 2 * n * n
}

// PenaltyUnder returns R for sensing matrices of any law with the second moments E[vec A vec Aᵀ], the rows
// of A one after another, of order d₂d₀:
//
//	R(U, V) = Σ_j (u_j⊗v_j)ᵀ E[vec A vec Aᵀ] (u_j⊗v_j).
//
// The error is a matrix of another order.
func (f *Factors) PenaltyUnder(moments mat.Symmetric) (float64, error) {
	const fn = "sensing.Factors.PenaltyUnder"
	if err := f.check(fn); err != nil {
		return 0, err
	}
	d2, d1 := f.U.Dims()
	d0, _ := f.V.Dims()
	if n := moments.SymmetricDim(); n != d2*d0 {
		return 0, fmt.Errorf("%s: moments of order %d, want %d·%d = %d", fn, n, d2, d0, d2*d0)
	}
	total := 0.0
	z := mat.NewVecDense(d2*d0, nil)
	for j := range d1 {
		for k := range d2 {
			for l := range d0 {
				z.SetVec(k*d0+l, f.U.At(k, j)*f.V.At(l, j))
			}
		}
		total += mat.Inner(z, moments, z)
	}
	return total, nil
}

// rotated returns the factors UQ and VQ, with the same product.
func (f *Factors) rotated(q mat.Matrix) *Factors {
	r := &Factors{&mat.Dense{}, &mat.Dense{}}
	r.U.Mul(f.U, q)
	r.V.Mul(f.V, q)
	return r
}

// singular returns the singular values of m, largest first.
func singular(m mat.Matrix) []float64 {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return nil
	}
	return svd.Values(nil)
}

// NuclearNorm returns ‖M‖_*, the sum of the singular values.
func NuclearNorm(m mat.Matrix) float64 { return floats.Sum(singular(m)) }
