package sensing

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// hessian puts the second derivatives of L̂ + λR̂ at x into h, upper triangle. With J_i the derivative of
// all q_ij by all entries, one vector because each entry belongs to one unit, and J_ij its part for unit j,
//
//	H = (2/n)·Σ_i J_iJ_iᵀ + (2λ/n)·Σ_ij J_ijJ_ijᵀ + Σ_j [0 B_j; B_jᵀ 0],   B_j = Σ_i c_ijA⁽ⁱ⁾.
func (s *sample) hessian(h *mat.SymDense, x []float64) {
	f := unflatten(x, s.d2, s.d0, s.d1)
	n, size, side := float64(s.n), (s.d2+s.d0)*s.d1, s.d2+s.d0
	block := s.d2 * s.d1
	s.av.Mul(s.a, f.V)
	j := mat.NewDense(s.n, size, nil)
	c := mat.NewDense(s.n, s.d1, nil)
	au := mat.NewDense(s.d0, s.d1, nil)
	for i, y := range s.y {
		row := j.RawRowView(i)
		copy(row, s.av.RawMatrix().Data[i*block:(i+1)*block])
		au.Mul(s.a.Slice(i*s.d2, (i+1)*s.d2, 0, s.d0).T(), f.U)
		copy(row[block:], au.RawMatrix().Data)
		q := c.RawRowView(i)
		res := -y
		for k, v := range row[:block] {
			q[k%s.d1] += v * x[k]
		}
		res += floats.Sum(q)
		for k := range q {
			q[k] = 2 / n * (res + s.lambda*q[k])
		}
	}
	blas64.Syrk(blas.Trans, 2/n, j.RawMatrix(), 0, h.RawSymmetric())
	var b mat.Dense // d₁×(d₂d₀), row j is B_j
	b.Mul(c.T(), mat.NewDense(s.n, s.d2*s.d0, s.a.RawMatrix().Data))
	part := mat.NewDense(s.n, side, nil)
	gram := mat.NewSymDense(side, nil)
	raw := h.RawSymmetric()
	for unit := range s.d1 {
		for i := range s.n {
			from, to := j.RawRowView(i), part.RawRowView(i)
			for k := range side {
				to[k] = from[k*s.d1+unit]
			}
		}
		blas64.Syrk(blas.Trans, 2*s.lambda/n, part.RawMatrix(), 0, gram.RawSymmetric())
		for k := range side {
			for l := k; l < side; l++ {
				v := gram.At(k, l)
				if k < s.d2 && l >= s.d2 {
					v += b.At(unit, k*s.d0+l-s.d2)
				}
				raw.Data[(k*s.d1+unit)*raw.Stride+l*s.d1+unit] += v
			}
		}
	}
}

// newton goes on from e by steps -(H + μI)⁻¹g, with μ up where the value would rise or the matrix is not
// positive definite and down where it falls: quadratic convergence near a minimum with a regular Hessian,
// which L_drop has for λ > 0, and L-BFGS takes thousands of iterations there.
func (s *sample) newton(ctx context.Context, e *ended, tol float64, most int) error {
	size := len(e.x)
	g, gNext, next := make([]float64, size), make([]float64, size), make([]float64, size)
	h, damped := mat.NewSymDense(size, nil), mat.NewSymDense(size, nil)
	value := s.objective(g, e.x)
	mu := 1e-2
	fresh := true
	for k := 0; k < most && floats.Norm(g, math.Inf(1)) > tol; k++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if fresh {
			s.hessian(h, e.x)
			fresh = false
		}
		damped.CopySym(h)
		for i := range size {
			damped.SetSym(i, i, damped.At(i, i)+mu)
		}
		e.iterations++
		var chol mat.Cholesky
		if !chol.Factorize(damped) {
			mu *= 8
			continue
		}
		step := mat.NewVecDense(size, nil)
		if err := chol.SolveVecTo(step, mat.NewVecDense(size, g)); err != nil {
			if _, poor := err.(mat.Condition); !poor {
				return err
			}
		}
		floats.SubTo(next, e.x, step.RawVector().Data)
		v := s.objective(gNext, next)
		// Near the end values no longer differ and the gradient decides.
		if !(v < value || v <= value+1e-13*math.Abs(value) && floats.Norm(gNext, 2) < floats.Norm(g, 2)) {
			if mu *= 8; mu > 1e12 {
				break
			}
			continue
		}
		copy(e.x, next)
		g, gNext = gNext, g
		value, fresh = v, true
		mu = max(mu/6, 1e-12)
	}
	e.value, e.gradient = value, floats.Norm(g, math.Inf(1))
	e.converged = e.gradient <= tol
	return nil
}
