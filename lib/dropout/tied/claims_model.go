package tied

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

func modelClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.F1", Kind: claim.Identity, Title: "The population risk of a tied autoencoder", Ref: "Section 11.3",
			Statement: `For inputs with $\mathbb E\,xx^\top=I$, $\mathbb E\|y-UU^\top x\|^2=\|M-UU^\top\|_F^2+\operatorname{Tr}C_y-\|M\|_F^2$ with $M=\frac12(C_{yx}+C_{xy})$.`,
			Source:    "tied.Moments",
			Check:     checkRisk(riskTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "C_yx itself in place of M", Check: checkRisk(riskTheory{raw: true})},
				{Name: "the constant Tr C_y alone", Check: checkRisk(riskTheory{bare: true})},
				{Name: "inputs that are not white", Check: checkRisk(riskTheory{stretch: 1.1})},
			},
			Errata: []claim.Erratum{{
				Number: "11.4", Where: "Section 11.3, the population risk",
				Printed: `$\dots=\|M-UU^\top\|_F^2+\operatorname{Tr}(C_y)-\|C_{yx}\|_F^2$`,
				Correct: `$\operatorname{Tr}(C_y)-\|M\|_F^2$`,
				Why:     `$\langle C_{yx},UU^\top\rangle=\langle M,UU^\top\rangle$, and the square is completed with $M$. The two agree for a symmetric $C_{yx}$; else $\|C_{yx}\|_F^2$ is larger by the square of its antisymmetric part.`,
			}},
		},
		{
			ID: "11.F2", Kind: claim.Model, Title: "Dropout adds λΣ‖u_i‖⁴", Ref: "Section 11.3, Eq. 11.11",
			Statement: `Up to a constant, the mean over masks $B$ of $\mathbb E\|y-UBU^\top x\|^2$ is $L_\theta(U)=\|M-UU^\top\|_F^2+\lambda\sum_i\|u_i\|^4$, $\lambda=\frac p{1-p}$.`,
			Source:    "tied.Moments.Dropout, tied.Model",
			Check:     checkMasks(maskTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "λ = p", Check: checkMasks(maskTheory{strength: func(p float64) float64 { return p }})},
				{Name: "λ = (1-p)/p: p taken for the rate of keeping", Check: checkMasks(maskTheory{strength: func(p float64) float64 { return (1 - p) / p }})},
				{Name: "weight decay, ‖u_i‖² in place of ‖u_i‖⁴", Check: checkMasks(maskTheory{decay: true})},
			},
		},
		{
			ID: "11.F4", Kind: claim.Identity, Title: "Gradient and Hessian of the objective", Ref: "Section 11.3",
			Statement: `$\nabla L_\theta(U)=4(UU^\top-M)U+4\lambda U\operatorname{diag}(U^\top U)$ and $\nabla^2L_\theta(U)[E]=4((EU^\top+UE^\top)U+(UU^\top-M)E)+4\lambda(E\operatorname{diag}(U^\top U)+2U\operatorname{diag}(U^\top E))$. Along a line $L_\theta$ is a polynomial of degree four, so that differences of its values give both without truncation.`,
			Source:    "tied.Model.Objective",
			Check:     checkGradient(gradientTheory{4, 4, 2}),
			Alternatives: []claim.Alternative{
				{Name: "a factor 2 on the loss", Check: checkGradient(gradientTheory{2, 4, 2})},
				{Name: "a penalty of λ/2: factor 2", Check: checkGradient(gradientTheory{4, 2, 2})},
				{Name: "a Hessian without the change of the lengths", Check: checkGradient(gradientTheory{4, 4, 0})},
			},
		},
		{
			ID: "11.F15", Kind: claim.Remark, Title: "Width beyond d₀ adds no function, and weakens the penalty", Ref: "Section 11.3.2",
			Statement: `For $d_1\ge d_0$ the set of $UU^\top$ is that of all positive semidefinite matrices, so without dropout more width changes nothing. With dropout it does: the minimum depends on $\lambda/d_1$, and at fixed $\lambda$ falls with $d_1$.`,
			Source:    "tied.Model.Minimum, tied.Restarts",
			Check:     checkWidth(widthTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "width changes nothing at fixed λ either", Check: checkWidth(widthTheory{power: -1})},
				{Name: "λ/√d₁ decides", Check: checkWidth(widthTheory{power: .5})},
				{Name: "below d₀ width changes nothing", Check: checkWidth(widthTheory{narrow: 2})},
			},
		},
	}
}

type riskTheory struct {
	raw, bare bool
	stretch   float64 // of the inputs; 0 means 1
}

func checkRisk(h riskTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, d, width = 60, 4, 3
		r := rng.Stream(env.Seed, "tied/risk")
		var qr mat.QR
		qr.Factorize(mat.NewDense(n, d, rng.Normals(r, n*d)))
		var q mat.Dense
		qr.QTo(&q)
		x := mat.DenseCopyOf(q.Slice(0, n, 0, d))
		x.Scale(math.Sqrt(n), x)
		u := mat.NewDense(d, width, rng.Normals(r, d*width))
		f := &claim.Finding{}
		for _, symmetric := range []bool{false, true} {
			a := mat.NewDense(d, d, rng.Normals(r, d*d))
			if symmetric {
				s, err := Symmetrize(a)
				if err != nil {
					return nil, err
				}
				a.Copy(s)
			}
			// The noise is orthogonal to the inputs where C_yx has to be symmetric.
			y := mat.NewDense(n, d, nil)
			y.Mul(x, a.T())
			noise := mat.NewDense(n, d, rng.Normals(r, n*d))
			if symmetric {
				var in, part mat.Dense
				in.Mul(x.T(), noise)
				part.Mul(x, &in)
				part.Scale(1./n, &part)
				noise.Sub(noise, &part)
			}
			y.Add(y, noise)
			c, err := Empirical(x, y)
			if err != nil {
				return nil, err
			}
			m, err := Symmetrize(c.YX)
			if err != nil {
				return nil, err
			}
			// Measured: the loss of each example.
			in := mat.DenseCopyOf(x)
			if h.stretch != 0 {
				in.Scale(h.stretch, in)
			}
			var hidden, out mat.Dense
			hidden.Mul(in, u)
			out.Mul(&hidden, u.T())
			out.Sub(y, &out)
			size := mat.Norm(&out, 2)
			measured := size * size / n
			var p, gap mat.Dense
			p.Mul(u, u.T())
			gap.Sub(m, &p)
			if h.raw {
				gap.Sub(c.YX, &p)
			}
			loss := mat.Norm(&gap, 2) * mat.Norm(&gap, 2)
			constant := c.Constant()
			if h.bare {
				constant = mat.Trace(c.Y)
			}
			raw := mat.Norm(c.YX, 2)
			printed := loss + mat.Trace(c.Y) - raw*raw
			tol := claim.Rounding(measured, 512)
			if symmetric {
				f.Add(claim.Equals("risk over 60 examples, C_yx symmetric", loss+constant, measured, tol),
					claim.Equals("the printed constant, C_yx symmetric", loss+constant, printed, claim.Rounding(measured, 4096)))
				continue
			}
			f.Add(claim.Equals("risk over 60 examples", loss+constant, measured, tol),
				claim.Equals("risk by the second moments", c.Risk(&p), measured, tol),
				claim.Equals("risk with ‖C_yx‖² in the constant", printed, measured, tol).AsPrinted())
		}
		return f, nil
	}
}

type maskTheory struct {
	strength func(p float64) float64 // nil means p/(1-p)
	decay    bool
}

func checkMasks(h maskTheory) claim.Check {
	if h.strength == nil {
		h.strength = func(p float64) float64 { return p / (1 - p) }
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const d, width, draws = 4, 5, 20000
		r := rng.Stream(env.Seed, "tied/masks")
		u := mat.NewDense(d, width, rng.Normals(r, d*width))
		yx := mat.NewDense(d, d, rng.Normals(r, d*d))
		cy := mat.NewSymDense(d, nil)
		cy.SymOuterK(2, yx)
		c := &Moments{Y: cy, YX: yx}
		m, err := Symmetrize(yx)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, p := range []float64{0, .1, .5, .9} {
			model, err := New(m, width, h.strength(max(p, 1e-300)))
			if p == 0 {
				model, err = New(m, width, 0)
			}
			if err != nil {
				return nil, err
			}
			theory := model.Objective().Value(u.RawMatrix().Data) + c.Constant()
			if h.decay {
				theory += model.lambda * (floats.Sum(norms(u)) - Penalty(u))
			}
			measured, err := c.Dropout(u, p)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("risk with masks, mean of all 32, p = %g", p), theory, measured, claim.Rounding(measured, 512)))
			if p != .5 {
				continue
			}
			// Sampling asks neither formula nor enumeration.
			sum, square := 0.0, 0.0
			masked, prod := mat.NewDense(d, width, nil), mat.NewDense(d, d, nil)
			for t := range draws {
				if t&1023 == 0 && ctx.Err() != nil {
					return nil, ctx.Err()
				}
				for j := range width {
					keep := 0.0
					if r.Float64() >= p {
						keep = 1 / (1 - p)
					}
					for i := range d {
						masked.Set(i, j, keep*u.At(i, j))
					}
				}
				prod.Mul(masked, u.T())
				v := c.Risk(prod)
				sum, square = sum+v, square+v*v
			}
			mean := sum / draws
			f.Add(claim.Equals("the same over 20,000 masks drawn, p = 0.5", theory, mean, claim.Sampling(math.Sqrt(square/draws-mean*mean), draws)))
		}
		return f, nil
	}
}

type gradientTheory struct{ loss, penalty, lengths float64 }

func checkGradient(h gradientTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const d, width, lambda = 4, 3, 1.7
		r := rng.Stream(env.Seed, "tied/gradient")
		m, err := New(spectral(r, []float64{2, 1, .3, -1}), width, lambda)
		if err != nil {
			return nil, err
		}
		o := m.Objective()
		f := &claim.Finding{}
		for k := range 3 {
			u, e := mat.NewDense(d, width, rng.Normals(r, d*width)), mat.NewDense(d, width, rng.Normals(r, d*width))
			x, v := u.RawMatrix().Data, e.RawMatrix().Data
			at := func(t float64) float64 { return o.Value(floats.AddScaledTo(make([]float64, o.Dim), x, t, v)) }
			// Five points are exact for a polynomial of degree four.
			slope := (at(-2) - 8*at(-1) + 8*at(1) - at(2)) / 12
			bend := (-at(-2) + 16*at(-1) - 30*at(0) + 16*at(1) - at(2)) / 12
			scale := math.Abs(at(2)) + math.Abs(at(-2))
			// The formulas, term by term.
			var s, g, cross, sym, he mat.Dense
			s.Mul(u, u.T())
			s.Sub(&s, m.m)
			g.Mul(&s, u)
			cross.Mul(e, u.T())
			sym.Add(&cross, cross.T())
			he.Mul(&sym, u)
			var se mat.Dense
			se.Mul(&s, e)
			he.Add(&he, &se)
			n := norms(u)
			first, second := 0.0, 0.0
			for j := range width {
				inner := floats.Dot(mat.Col(nil, j, u), mat.Col(nil, j, e))
				for i := range d {
					first += e.At(i, j) * (h.loss*g.At(i, j) + h.penalty*lambda*n[j]*u.At(i, j))
					second += e.At(i, j) * (h.loss*he.At(i, j) + h.penalty*lambda*(e.At(i, j)*n[j]+h.lengths*u.At(i, j)*inner))
				}
			}
			tol := claim.Rounding(scale, 256)
			grad, hess := make([]float64, o.Dim), make([]float64, o.Dim)
			o.Gradient(grad, x)
			o.HessVec(hess, x, v)
			f.Add(claim.Equals(fmt.Sprintf("point %d: slope along E by formula and by five values", k+1), first, slope, tol),
				claim.Equals(fmt.Sprintf("point %d: slope along E in code", k+1), floats.Dot(grad, v), slope, tol),
				claim.Equals(fmt.Sprintf("point %d: curvature along E by formula and by five values", k+1), second, bend, tol),
				claim.Equals(fmt.Sprintf("point %d: curvature along E in code", k+1), floats.Dot(hess, v), bend, tol))
		}
		return f, ctx.Err()
	}
}

type widthTheory struct {
	power  float64 // of d₁ in λ/d₁^power; 0 means 1, -1 no dependence
	narrow int     // width called as good as d₀ without dropout; 0 means d₀
}

func checkWidth(h widthTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		values := []float64{4, 2, 1, .5, -1}
		a := spectral(rng.Stream(env.Seed, "tied/width"), values)
		search := func(width int, lambda float64) (*RestartResult, error) {
			m, err := New(a, width, lambda)
			if err != nil {
				return nil, err
			}
			return Restarts(ctx, m, RestartConfig{Starts: 6, Seed: env.Seed})
		}
		best := func(r *RestartResult) float64 {
			v := math.Inf(1)
			for _, e := range r.Ends {
				v = min(v, e.Value)
			}
			return v
		}
		f := &claim.Finding{}
		tol := claim.Because(1e-9, "where L-BFGS stops")
		widths := []int{5, 8, 12}
		if h.narrow != 0 {
			widths[0] = h.narrow
		}
		for _, w := range widths {
			r, err := search(w, 0)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("λ = 0, d₁ = %d: minimum, the squared negative eigenvalue", w), 1, best(r), tol))
		}
		last := math.Inf(1)
		ref := make([]float64, 2)
		for i, c := range []struct {
			width  int
			lambda float64
		}{{5, 1}, {10, 2}} {
			if h.power == .5 && i == 1 {
				c.lambda = math.Sqrt2
			} else if h.power == -1 && i == 1 {
				c.lambda = 1
			}
			r, err := search(c.width, c.lambda)
			if err != nil {
				return nil, err
			}
			ref[i] = best(r)
			if i == 1 {
				for k := range 3 {
					s, err := New(a, 5, 1)
					if err != nil {
						return nil, err
					}
					f.Add(claim.Equals(fmt.Sprintf("eigenvalue %d of UUᵀ, d₁ = 10, against d₁ = 5 with λ = 1", k+1), s.Minimum().Spectrum[k], r.Ends[0].Spectrum[k], claim.Because(1e-6, "where L-BFGS stops")))
				}
			}
		}
		f.Add(claim.Equals("the minimum at twice the width, the strength that should undo it", ref[0], ref[1], tol))
		for _, w := range []int{5, 8, 12} {
			r, err := search(w, 1)
			if err != nil {
				return nil, err
			}
			v := best(r)
			if !math.IsInf(last, 1) {
				f.Add(claim.Below(fmt.Sprintf("λ = 1: minimum at d₁ = %d, against the width before", w), last-.05, v, claim.Exact))
			}
			last = v
		}
		f.Note("The condition d₁ ≤ d₀ of Theorem 11.3.5 costs no function, but it is not without effect: at fixed λ a wider net is regularized less, by λ/d₁.")
		return f, nil
	}
}

// certify is the least eigenvalue of the Hessian at a point of a family.
func (m *Model) certify(ctx context.Context, u *mat.Dense) (float64, error) {
	c, err := landscape.Certify(ctx, m.Objective(), u.RawMatrix().Data)
	if err != nil {
		return 0, err
	}
	return c.Curvature, nil
}
