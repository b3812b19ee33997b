package tied

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout/sensing"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/linalg"
)

// Model is the problem (11.11) for one M, width and strength of dropout. It never changes.
type Model struct {
	m       *mat.SymDense
	d0, d1  int
	lambda  float64
	values  []float64  // of M, falling
	vectors *mat.Dense // column i belongs to value i
}

// New returns the model of the symmetric d₀×d₀ matrix m, the width d₁ and the strength λ = p/(1-p) of
// dropout. M may have eigenvalues below 0, and λ = 0 is no dropout. Errors are a matrix that is not
// square and finite, or whose entries (i, j) and (j, i) differ by more than 1e-12 of the largest
// (Symmetrize makes one symmetric), a width below 1, a λ that is negative or not finite.
// Cost: one symmetric eigenvalue problem.
func New(m mat.Matrix, width int, lambda float64) (*Model, error) {
	const fn = "tied.New"
	rows, cols := m.Dims()
	switch {
	case rows != cols || rows == 0:
		return nil, fmt.Errorf("%s: M is %d×%d, want a square matrix", fn, rows, cols)
	case width < 1:
		return nil, fmt.Errorf("%s: width %d, want at least 1", fn, width)
	case !(lambda >= 0) || math.IsInf(lambda, 1):
		return nil, fmt.Errorf("%s: strength λ = %g, want a number of at least 0", fn, lambda)
	}
	largest := 0.0
	for i := range rows {
		for j := range rows {
			v := m.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%s: entry (%d, %d) of M is %g, want a number", fn, i, j, v)
			}
			largest = max(largest, math.Abs(v))
		}
	}
	s := mat.NewSymDense(rows, nil)
	for i := range rows {
		for j := i; j < rows; j++ {
			a, b := m.At(i, j), m.At(j, i)
			if math.Abs(a-b) > 1e-12*largest {
				return nil, fmt.Errorf("%s: entries (%d, %d) and (%d, %d) of M are %g and %g, want it symmetric; tied.Symmetrize takes (C + Cᵀ)/2", fn, i, j, j, i, a, b)
			}
			s.SetSym(i, j, a/2+b/2)
		}
	}
	values, vectors, err := linalg.EigenSym(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return &Model{m: s, d0: rows, d1: width, lambda: lambda, values: values, vectors: vectors}, nil
}

// Eigenvalues returns the eigenvalues of M in falling order.
func (m *Model) Eigenvalues() []float64 { return append([]float64(nil), m.values...) }

// eigenvector returns w_i, counted from 0.
func (m *Model) eigenvector(i int) []float64 { return mat.Col(nil, i, m.vectors) }

// point reads x, U by rows, without copying.
func (m *Model) point(x []float64) *mat.Dense { return mat.NewDense(m.d0, m.d1, x) }

// state is what value, gradient and Hessian need of U.
type state struct {
	u *mat.Dense
	s *mat.Dense // UUᵀ - M
	n []float64  // ‖u_j‖²
}

func (m *Model) at(x []float64) state {
	u := m.point(x)
	s := mat.NewDense(m.d0, m.d0, nil)
	s.Mul(u, u.T())
	s.Sub(s, m.m)
	return state{u, s, norms(u)}
}

// norms returns the squared lengths of the columns.
func norms(u *mat.Dense) []float64 {
	rows, cols := u.Dims()
	n := make([]float64, cols)
	for i := range rows {
		for j, v := range u.RawRowView(i) {
			n[j] += v * v
		}
	}
	return n
}

// Objective returns (11.11) with its derivatives,
//
//	∇L_θ(U) = 4(UUᵀ - M)U + 4λU·diag(UᵀU),
//	∇²L_θ(U)[E] = 4((EUᵀ + UEᵀ)U + (UUᵀ - M)E) + 4λ(E·diag(UᵀU) + 2U·diag(UᵀE)).
//
// A point is U by rows. Cost O(d₀²d₁) each.
func (m *Model) Objective() *landscape.Objective {
	_, _, _, least, err := sensing.WaterFill(m.values, m.d1, m.lambda)
	if err != nil {
		least = math.NaN() // New excludes it
	}
	return &landscape.Objective{
		Name: fmt.Sprintf("tied autoencoder of width %d, λ = %.3g", m.d1, m.lambda), Dim: m.d0 * m.d1,
		Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: least,
		Value: func(x []float64) float64 {
			a := m.at(x)
			v := 0.0
			for _, e := range a.s.RawMatrix().Data {
				v += e * e
			}
			for _, n := range a.n {
				v += m.lambda * n * n
			}
			return v
		},
		Gradient: func(dst, x []float64) {
			a := m.at(x)
			g := m.point(dst)
			g.Mul(a.s, a.u)
			for i := range m.d0 {
				row, u := g.RawRowView(i), a.u.RawRowView(i)
				for j := range row {
					row[j] = 4 * (row[j] + m.lambda*a.n[j]*u[j])
				}
			}
		},
		HessVec: func(dst, x, v []float64) {
			a := m.at(x)
			e, h := m.point(v), m.point(dst)
			cross := mat.NewDense(m.d0, m.d0, nil) // EUᵀ + UEᵀ
			cross.Mul(e, a.u.T())
			for i := range m.d0 {
				for j := range i + 1 {
					s := cross.At(i, j) + cross.At(j, i)
					cross.Set(i, j, s)
					cross.Set(j, i, s)
				}
			}
			inner := make([]float64, m.d1) // u_j·e_j
			for i := range m.d0 {
				for j, u := range a.u.RawRowView(i) {
					inner[j] += u * e.At(i, j)
				}
			}
			second := mat.NewDense(m.d0, m.d1, nil)
			second.Mul(a.s, e)
			h.Mul(cross, a.u)
			for i := range m.d0 {
				for j := range m.d1 {
					h.Set(i, j, 4*(h.At(i, j)+second.At(i, j)+m.lambda*(e.At(i, j)*a.n[j]+2*a.u.At(i, j)*inner[j])))
				}
			}
		},
	}
}

// Penalty returns Σ_j‖u_j‖⁴, without λ.
func Penalty(u *mat.Dense) float64 {
	p := 0.0
	for _, n := range norms(u) {
		p += n * n
	}
	return p
}

// Below returns the least eigenvalue of M - UUᵀ, which Lemma 11.3.2 says is at least 0 at a critical point
// of an M ⪰ 0, and the largest entry of MUUᵀ - UUᵀM, which is 0 at every critical point (11.12).
func (m *Model) Below(u *mat.Dense) (least, commutator float64, err error) {
	p := mat.NewDense(m.d0, m.d0, nil)
	p.Mul(u, u.T())
	var mp mat.Dense
	mp.Mul(m.m, p)
	d := mat.NewSymDense(m.d0, nil)
	for i := range m.d0 {
		for j := i; j < m.d0; j++ {
			commutator = max(commutator, math.Abs(mp.At(i, j)-mp.At(j, i)))
			d.SetSym(i, j, m.m.At(i, j)-p.At(i, j))
		}
	}
	values, err := linalg.EigenvaluesSym(d)
	if err != nil {
		return 0, 0, fmt.Errorf("tied.Below: %w", err)
	}
	return values[m.d0-1], commutator, nil
}
