package sensing

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// sample is a Problem laid out for many evaluations of L̂ + λR̂ and its gradient: the sensing matrices one
// below the other, so that all A⁽ⁱ⁾v_j are one product. Not safe for concurrent use.
type sample struct {
	n, d2, d0, d1 int
	lambda        float64
	a             *mat.Dense // (n·d₂)×d₀
	y             []float64
	av, cu        *mat.Dense // (n·d₂)×d₁: A⁽ⁱ⁾v_j, and c_ij·u_j
	q             []float64  // d₁
	product       *mat.Dense // d₂×d₀
	res           []float64  // n
}

func newSample(p *Problem, width int, lambda float64) *sample {
	d2, d0 := p.A[0].Dims()
	s := &sample{n: len(p.A), d2: d2, d0: d0, d1: width, lambda: lambda, y: p.Y, q: make([]float64, width)}
	s.a = mat.NewDense(s.n*d2, d0, nil)
	for i, a := range p.A {
		s.a.Slice(i*d2, (i+1)*d2, 0, d0).(*mat.Dense).Copy(a)
	}
	s.product, s.res = mat.NewDense(d2, d0, nil), make([]float64, s.n)
	s.av, s.cu = mat.NewDense(s.n*d2, width, nil), mat.NewDense(s.n*d2, width, nil)
	return s
}

// objective returns L̂ + λR̂ at x, U and V one after the other, and puts the gradient into g.
func (s *sample) objective(g, x []float64) float64 {
	if s.lambda == 0 {
		return s.loss(g, x)
	}
	loss, penalty := s.parts(g, x)
	return loss + s.lambda*penalty
}

// loss is L̂ and its gradient, which need the product alone: for G = (2/n)·Σ_i res_i·A⁽ⁱ⁾ they are GV and GᵀU.
func (s *sample) loss(g, x []float64) float64 {
	f, d := unflatten(x, s.d2, s.d0, s.d1), unflatten(g, s.d2, s.d0, s.d1)
	m, pull := s.product, s.product
	m.Mul(f.U, f.V.T())
	flat := blas64.General{Rows: s.n, Cols: s.d2 * s.d0, Stride: s.d2 * s.d0, Data: s.a.RawMatrix().Data}
	res := blas64.Vector{N: s.n, Inc: 1, Data: s.res}
	vec := blas64.Vector{N: s.d2 * s.d0, Inc: 1, Data: m.RawMatrix().Data}
	copy(s.res, s.y)
	blas64.Gemv(blas.NoTrans, 1, flat, vec, -1, res)
	value := blas64.Dot(res, res) / float64(s.n)
	blas64.Gemv(blas.Trans, 2/float64(s.n), flat, res, 0, vec)
	d.U.Mul(pull, f.V)
	d.V.Mul(pull.T(), f.U)
	return value
}

// parts returns L̂ and R̂ with the gradient of L̂ + λR̂.
func (s *sample) parts(g, x []float64) (loss, penalty float64) {
	f, d := unflatten(x, s.d2, s.d0, s.d1), unflatten(g, s.d2, s.d0, s.d1)
	s.av.Mul(s.a, f.V)
	clear(g[:s.d2*s.d1])
	av, cu, u, du := s.av.RawMatrix().Data, s.cu.RawMatrix().Data, f.U.RawMatrix().Data, d.U.RawMatrix().Data
	block := s.d2 * s.d1
	n := float64(s.n)
	for i, y := range s.y {
		rows, out := av[i*block:(i+1)*block], cu[i*block:(i+1)*block]
		clear(s.q)
		for k := 0; k < block; k += s.d1 {
			for j, v := range rows[k : k+s.d1] {
				s.q[j] += u[k+j] * v
			}
		}
		res := -y
		for _, q := range s.q {
			res += q
			penalty += q * q / n
		}
		loss += res * res / n
		for j, q := range s.q {
			s.q[j] = 2 / n * (res + s.lambda*q) // c_ij
		}
		for k := 0; k < block; k += s.d1 {
			row, to, from, dst := rows[k:k+s.d1], out[k:k+s.d1], u[k:k+s.d1], du[k:k+s.d1]
			for j, c := range s.q {
				to[j] = c * from[j]
				dst[j] += c * row[j]
			}
		}
	}
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, s.a.RawMatrix(), s.cu.RawMatrix(), 0, d.V.RawMatrix())
	return loss, penalty
}
