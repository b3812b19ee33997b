package implicitbias

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// Closest returns argmin D_R(w, w0) over the solutions of Xw = y, the limit of mirror descent (Theorem
// 8.1.2). It solves the dual problem in n variables, min R*(∇R(w0) + Xᵀν) - y·ν, by damped Newton steps with
// the Hessian X(∇²R)⁻¹Xᵀ, until ‖Xw - y‖ is at most 1e-11·(1 + ‖y‖) or rounding stops the progress; cost is
// O(n²d + nd²) a step. The error tells of a residual that stays above 1e-8, as where no solution lies in the
// domain of R. For SquaredNorm with p > 2 it makes Newton steps on D_R in the null space of X instead.
func (p *Regression) Closest(ctx context.Context, r Potential, w0 []float64) ([]float64, error) {
	const fn = "implicitbias.Closest"
	if s, ok := r.(SquaredNorm); ok && s.P > 2 && p.null != nil {
		return p.leastSmooth(ctx, fn, s, w0)
	}
	return p.dual(ctx, fn, r, w0, 0)
}

// Penalized returns argmin L(w) + λ·D_R(w, w0) for λ > 0: a point of the regularization path of R, whose end
// for λ → 0 is Closest. With ν = -(2/λ)(Xw - y) it is the same dual problem, with λ/4·‖ν‖² added.
func (p *Regression) Penalized(ctx context.Context, r Potential, w0 []float64, lambda float64) ([]float64, error) {
	const fn = "implicitbias.Penalized"
	if !(lambda > 0) || math.IsInf(lambda, 0) {
		return nil, fmt.Errorf("%s: λ = %g, want a positive number", fn, lambda)
	}
	return p.dual(ctx, fn, r, w0, lambda)
}

func (p *Regression) dual(ctx context.Context, fn string, r Potential, w0 []float64, lambda float64) ([]float64, error) {
	if err := p.at(fn, w0); err != nil {
		return nil, err
	}
	if err := r.Check(w0); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	u0 := make([]float64, p.d)
	r.Gradient(u0, w0)
	nu, u, w := make([]float64, p.n), make([]float64, p.d), make([]float64, p.d)
	value := func(nu []float64) float64 {
		copy(u, u0)
		for i, v := range nu {
			floats.AddScaled(u, v, p.x.RawRowView(i))
		}
		r.Inverse(w, u)
		return floats.Dot(u, w) - r.Value(w) - floats.Dot(nu, p.y) + lambda/4*floats.Dot(nu, nu)
	}
	if mat.Trace(r.InverseHessian(u0)) == 0 {
		// The dual of a squared norm has no curvature at 0: begin where Xᵀν is the solution of least ‖·‖₂.
		w2 := mat.NewVecDense(p.d, p.apply(p.y))
		v := mat.NewVecDense(p.n, nil)
		v.MulVec(p.pinv.T(), w2)
		copy(nu, v.RawVector().Data)
	}
	f := value(nu)
	const steps = 500
	scale := 1 + floats.Norm(p.y, 2)
	for t := 0; ; t++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		slopeOf := func() []float64 {
			g := p.Residual(w)
			floats.AddScaled(g, lambda/2, nu)
			return g
		}
		grad := slopeOf()
		res := floats.Norm(grad, 2) / scale
		if res <= 1e-11 {
			return w, nil
		}
		old, accepted := slices.Clone(nu), false
		if t < steps {
			dir, err := p.newton(r.InverseHessian(u), lambda/2, grad)
			if err != nil {
				return nil, fmt.Errorf("%s: step %d: %w", fn, t, err)
			}
			slope := floats.Dot(dir, grad)
			for s := 1.0; s > 1e-40; s /= 2 { // exponentials make first steps far too long
				floats.AddScaledTo(nu, old, s, dir)
				v := value(nu)
				// Near the end the objective no longer changes in float64; the residual still tells.
				if v <= f+1e-4*s*slope || s == 1 && floats.Norm(slopeOf(), 2) < floats.Norm(grad, 2)/2 && !math.IsNaN(v) {
					f, accepted = v, true
					break
				}
			}
		}
		if !accepted {
			copy(nu, old)
			value(nu)
			if res <= 1e-8 {
				return w, nil
			}
			return nil, fmt.Errorf("%s: %s: residual %.3g after %d Newton steps, want 1e-8: is there a solution in its domain?", fn, r.Name(), res, t)
		}
	}
}

// newton solves (X·h·Xᵀ + extra·I)·dir = -grad, with as much of the identity added as it takes.
func (p *Regression) newton(h *mat.SymDense, extra float64, grad []float64) ([]float64, error) {
	var xh, full mat.Dense
	xh.Mul(p.x, h)
	full.Mul(&xh, p.x.T())
	a := linalg.Symmetrize(&full)
	for i := range p.n {
		a.SetSym(i, i, a.At(i, i)+extra)
	}
	trace := mat.Trace(a)
	for ridge := 0.0; ridge < 1; ridge = max(1e-14, ridge*100) {
		b := mat.NewSymDense(p.n, nil)
		b.CopySym(a)
		for i := range p.n {
			b.SetSym(i, i, b.At(i, i)+ridge*trace)
		}
		var c mat.Cholesky
		if !c.Factorize(b) {
			continue
		}
		v := mat.NewVecDense(p.n, nil)
		if c.SolveVecTo(v, mat.NewVecDense(p.n, grad)) != nil && ridge == 0 {
			continue
		}
		v.ScaleVec(-1, v)
		return v.RawVector().Data, nil
	}
	return nil, fmt.Errorf("the Hessian of the dual is singular, trace %g", trace)
}

// LeastNorm returns the solution of least ‖w‖_q for 1 ≤ q ≤ ∞: linear programs at both ends, Newton's method
// on the dual between them. At the ends there may be several; it is one of them.
func (p *Regression) LeastNorm(ctx context.Context, q float64) ([]float64, error) {
	const fn = "implicitbias.LeastNorm"
	if err := errNorm(fn, q); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := p.d
	switch {
	case q == 1: // w = u - v with u, v ≥ 0, least Σu + Σv
		c := make([]float64, 2*d)
		a := mat.NewDense(p.n, 2*d, nil)
		for j := range 2 * d {
			c[j] = 1
		}
		p.place(a)
		z, err := p.program(fn, c, a, p.y)
		if err != nil {
			return nil, err
		}
		floats.Sub(z[:d], z[d:2*d])
		return z[:d], nil
	case math.IsInf(q, 1): // u - v - t + s = 0, v - u - t + s' = 0, least t
		c := make([]float64, 4*d+1)
		c[2*d] = 1
		a := mat.NewDense(p.n+2*d, 4*d+1, nil)
		p.place(a)
		for j := range d {
			for k, sign := range []float64{1, -1} {
				row := p.n + 2*j + k
				a.Set(row, j, sign)
				a.Set(row, d+j, -sign)
				a.Set(row, 2*d, -1)
				a.Set(row, 2*d+1+2*j+k, 1)
			}
		}
		z, err := p.program(fn, c, a, append(append([]float64(nil), p.y...), make([]float64, 2*d)...))
		if err != nil {
			return nil, err
		}
		floats.Sub(z[:d], z[d:2*d])
		return z[:d], nil
	case q == 2:
		return p.Nearest(make([]float64, d))
	}
	return p.Closest(ctx, SquaredNorm{q}, make([]float64, d))
}

// leastSmooth is Closest for ½‖w‖_p² with p > 2, which has two derivatives while its dual does not: damped
// Newton steps along the null space of X, from the nearest solution.
func (p *Regression) leastSmooth(ctx context.Context, fn string, r SquaredNorm, w0 []float64) ([]float64, error) {
	if err := r.Check(w0); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	w, err := p.Nearest(w0)
	if err != nil {
		return nil, err
	}
	conj, u0 := SquaredNorm{conjugate(r.P)}, make([]float64, p.d)
	r.Gradient(u0, w0)
	value := func(w []float64) float64 { return r.Value(w) - floats.Dot(u0, w) }
	u, next := make([]float64, p.d), make([]float64, p.d)
	_, k := p.null.Dims()
	for t := 0; t < 500; t++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.Gradient(u, w)
		scale := floats.Norm(u, 2) + floats.Norm(u0, 2)
		floats.Sub(u, u0)
		var grad, dir, full mat.VecDense
		grad.MulVec(p.null.T(), mat.NewVecDense(p.d, u))
		if mat.Norm(&grad, 2) <= 1e-13*scale {
			return w, nil
		}
		var left, h mat.Dense
		left.Mul(p.null.T(), conj.InverseHessian(w)) // the Hessian of ½‖·‖_q² at w
		h.Mul(&left, p.null)
		for i := range k {
			h.Set(i, i, h.At(i, i)+1e-14*mat.Trace(&h))
		}
		if err := dir.SolveVec(&h, &grad); err != nil && dir.Len() == 0 {
			return nil, fmt.Errorf("%s: step %d: %w", fn, t, err)
		}
		full.MulVec(p.null, &dir)
		f, slope, accepted := value(w), mat.Dot(&dir, &grad), false
		for s := 1.0; s > 1e-12; s /= 2 {
			floats.AddScaledTo(next, w, -s, full.RawVector().Data)
			if value(next) < f-1e-4*s*slope {
				copy(w, next)
				accepted = true
				break
			}
		}
		if !accepted {
			return w, nil // rounding hides any further descent
		}
	}
	return w, nil
}

// place writes X(u - v) into the first rows of a.
func (p *Regression) place(a *mat.Dense) {
	for i := range p.n {
		for j, v := range p.x.RawRowView(i) {
			a.Set(i, j, v)
			a.Set(i, p.d+j, -v)
		}
	}
}

// program solves min c·z, az = b, z ≥ 0.
func (p *Regression) program(fn string, c []float64, a *mat.Dense, b []float64) ([]float64, error) {
	_, z, err := lp.Simplex(c, a, b, 1e-12, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: linear program of %d variables: %w", fn, len(c), err)
	}
	return z, nil
}
