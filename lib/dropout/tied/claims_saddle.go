package tied

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

func saddleClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.F9", Kind: claim.Definition, Title: "Strict saddles", Ref: "Definition 11.3.4",
			Statement: `A critical point is a strict saddle if $\lambda_{\min}(\nabla^2f)<0$; local maxima are among them. A strict one multiplies a small distance by $1+\eta|\lambda_{\min}|$ a step, so that leaving takes a time of order $\log(1/\text{distance})$. The saddles of figure 11.1 are strict by $\frac{4m\lambda}{1+\lambda}$, which goes to 0 with $\lambda$. At a saddle that is not strict, as 0 of $w_1^2-w_2^4$, the time is $\approx1/(8\eta w_2^2)$.`,
			Source:    "tied.Plane, landscape.Certify, landscape.Descend",
			Check:     checkStrict(strictTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "λ_min = -4mλ/(2+λ) at the saddles", Check: checkStrict(strictTheory{shift: 1})},
				{Name: "0 of w₁² - w₂⁴ called strict", Check: checkStrict(strictTheory{degenerate: true})},
				{Name: "leaving in a time of order 1/distance", Check: checkStrict(strictTheory{slow: true})},
			},
		},
		{
			ID: "11.F12", Kind: claim.Lemma, Title: "Critical points that are not equalized are strict saddles", Ref: "Lemma 11.3.6",
			Statement: `At a critical point columns with $\|u_1\|\ne\|u_2\|$ are orthogonal. Along $U+\Delta(t)$, with columns $\sqrt{1-t^2}u_1+tu_2$ and $\sqrt{1-t^2}u_2-tu_1$, the loss is constant and $g''(0)=-4\lambda(\|u_1\|^2-\|u_2\|^2)^2<0$.`,
			Source:    "tied.Model.Families, tied.Model.Directions",
			Check:     checkUnequal(unequalTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "g''(0) = -2λ(...)²", Check: checkUnequal(unequalTheory{factor: .5})},
				{Name: "the difference not squared", Check: checkUnequal(unequalTheory{power: 1})},
				{Name: "equalized points too", Check: checkUnequal(unequalTheory{equalized: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.7b", Where: "Section 11.3.2, proof of Lemma 11.3.6",
				Printed: `$g''(0)=-4(\|u_1\|^2-\|u_2\|^2)^2$`,
				Correct: `$g''(0)=-4\lambda(\|u_1\|^2-\|u_2\|^2)^2$`,
				Why:     `$g=L+\lambda R$, and only $R$ moves: $\lambda$ is missing from $g$, $g'$ and $g''$. For $\lambda=0$ the curvature is 0, as it must be where the loss does not change.`,
			}},
		},
		{
			ID: "11.F13", Kind: claim.Lemma, Title: "Equalized critical points, in four cases", Ref: "Lemma 11.3.7, Eq. 11.14 and 11.15",
			Statement: `They span eigenvectors $\mathcal E$ of $M$, $|\mathcal E|=r'$, with $\sigma_i^2=\lambda_i-\frac{\lambda\sum_{\mathcal E}\lambda_k}{d_1+\lambda r'}$. (0) $\mathcal E=[r']$ with $r'>\rho$ does not occur; (1) $\mathcal E=[\rho]$ is the global minimum; (2) for $\mathcal E=[r']$, $r'<\rho$, $d_1\le d_0$, the curve that adds $t^2$ to the first $d_1$ eigenvalues has $g''(0)=-4\sum_{i\le d_1}\lambda_i+4(1+\lambda)\|U\|_F^2$; (3) for any other the curve that turns $w_j$ to a missing $w'$ of larger eigenvalue has $g''(0)=-4\sigma_j^2(\lambda(w')-\lambda_j)$.`,
			Source:    "tied.Model.Equalized, tied.Model.Case",
			Check:     checkCases(caseTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a denominator d₁ + r'", Check: checkCases(caseTheory{denominator: true})},
				{Name: "(11.15) with 4λ‖U‖²", Check: checkCases(caseTheory{second: true})},
				{Name: "case 3 with a factor 2", Check: checkCases(caseTheory{third: .5})},
			},
			Errata: []claim.Erratum{{
				Number: "11.9", Where: "Section 11.3.2, proof of Lemma 11.3.7",
				Printed: `$(I-\frac{\lambda}{d_1+\lambda r'})\vec\lambda$; "$U^\top U=V^\top V=I_{r'}$"; $L_\theta(U(t))-L_\theta(U)=-2\sigma_j^2t^2(w_j(t)^\top Mw_j(t)-w_j^\top Mw_j)$`,
				Correct: `$(I-\frac{\lambda}{d_1+\lambda r'}11^\top)\vec\lambda$; $W^\top W=V^\top V=I_{r'}$; $-2\sigma_j^2(w_j(t)^\top Mw_j(t)-w_j^\top Mw_j)=-2\sigma_j^2t^2(\lambda(w')-\lambda_j)$`,
				Why:     `The inverse of $I+\frac\lambda{d_1}11^\top$ has the matrix of ones in it. The bracket of case 3 is $t^2(\lambda(w')-\lambda_j)$ already: with a second $t^2$ the curvature at 0 would vanish.`,
			}},
		},
	}
}

type strictTheory struct {
	shift      float64
	degenerate bool
	slow       bool
}

// flatSaddle is w₁² - w₂⁴, whose Hessian at 0 has no negative eigenvalue.
func flatSaddle() *landscape.Objective {
	return &landscape.Objective{
		Name: "w₁² - w₂⁴", Dim: 2, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: math.Inf(-1),
		Value:    func(x []float64) float64 { return x[0]*x[0] - math.Pow(x[1], 4) },
		Gradient: func(dst, x []float64) { dst[0], dst[1] = 2*x[0], -4*x[1]*x[1]*x[1] },
		HessVec:  func(dst, x, v []float64) { dst[0], dst[1] = 2*v[0], -12*x[1]*x[1]*v[1] },
	}
}

func checkStrict(h strictTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const m, eta = 1., .01
		for _, lambda := range []float64{1e-3, .6, 2, 50} {
			p, err := NewPlane(m, lambda)
			if err != nil {
				return nil, err
			}
			s := p.Saddles().Points[0]
			c, err := landscape.Certify(ctx, p.Model().Objective(), s[:])
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("saddle, λ = %g: λ_min", lambda), -4*m*lambda/(1+h.shift+lambda), c.Curvature, claim.Rounding(8*m, 64)),
				claim.Equals(fmt.Sprintf("saddle, λ = %g: ‖gradient‖", lambda), 0, c.Gradient, claim.Rounding(8*m, 64)))
		}
		p, err := NewPlane(m, 2)
		if err != nil {
			return nil, err
		}
		o := p.Model().Objective()
		zero, err := landscape.Certify(ctx, o, []float64{0, 0})
		if err != nil {
			return nil, err
		}
		flat, err := landscape.Certify(ctx, flatSaddle(), []float64{0, 0})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("0, a local maximum: λ_min, strict by the definition", -4*m, zero.Curvature, claim.Rounding(4, 16)))
		if h.degenerate {
			f.Add(claim.Below("0 of w₁² - w₂⁴: λ_min", -1e-6, flat.Curvature, claim.Exact))
		} else {
			f.Add(claim.Equals("0 of w₁² - w₂⁴: λ_min", 0, flat.Curvature, claim.Rounding(1, 16)))
		}
		f.Add(claim.Below("w₁² - w₂⁴ at (0, 0.1): lower than at 0 all the same", -1e-6, flatSaddle().Value([]float64{0, .1}), claim.Exact))
		leave := func(o *landscape.Objective, start []float64, far float64) (float64, error) {
			path, err := landscape.Descend(ctx, o, start, eta, 200000, func(_ int, x []float64) bool { return math.Abs(x[1]) > far })
			return float64(len(path) - 1), err
		}
		rate := math.Log1p(eta * 4 * m * 2 / 3)
		at := p.Saddles().Points[0][0]
		var steps [2]float64
		for i, d := range []float64{1e-3, 1e-7} {
			if steps[i], err = leave(o, []float64{at, d}, .05); err != nil {
				return nil, err
			}
		}
		more := math.Log(1e4) / rate
		if h.slow {
			more = 1e4 * steps[0]
		}
		f.Add(claim.Equals("steps that a start 10,000 times nearer to a strict saddle takes more", more, steps[1]-steps[0], claim.Because(2, "whole steps")))
		for i, d := range []float64{.02, .01} {
			if steps[i], err = leave(flatSaddle(), []float64{0, d}, 1); err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("w₁² - w₂⁴ from w₂ = %g: steps to leave times 8ηw₂²", d), 1, steps[i]*8*eta*d*d, claim.Because(.01, "the end of the way, of order w₂²")))
		}
		f.Note("The definition calls every critical point with a negative eigenvalue a strict saddle, a local maximum as well. What matters is only that gradient methods leave.")
		return f, nil
	}
}

type unequalTheory struct {
	factor, power float64 // 0 means 1 and 2
	equalized     bool
}

func checkUnequal(h unequalTheory) claim.Check {
	if h.factor == 0 {
		h.factor = 1
	}
	if h.power == 0 {
		h.power = 2
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/unequal")
		f := &claim.Finding{}
		for _, lambda := range []float64{.05, 1, 5} {
			m, err := New(spectral(r, []float64{3, 2, 1, -1}), 3, lambda)
			if err != nil {
				return nil, err
			}
			families, err := m.Families()
			if err != nil {
				return nil, err
			}
			o := m.Objective()
			seen := 0
			var inner, off, wrong, loss, highest float64
			highest = math.Inf(-1)
			for k := range families {
				if families[k].Equalized(3) != h.equalized {
					continue
				}
				u := m.Point(&families[k], r)
				n := norms(u)
				i, j := 0, 2
				if h.equalized {
					n[j] = 0 // as if the columns differed
				} else if math.Abs(n[i]-n[j]) < 1e-9 {
					continue
				}
				seen++
				inner = max(inner, math.Abs(floats.Dot(mat.Col(nil, i, u), mat.Col(nil, j, u))))
				g := func(t float64) float64 {
					q := Rotate(u, i, j, t)
					loss = max(loss, math.Abs(o.Value(q.RawMatrix().Data)-lambda*Penalty(q)-(o.Value(u.RawMatrix().Data)-lambda*Penalty(u))))
					return o.Value(q.RawMatrix().Data)
				}
				const s = .02
				second := (-g(-2*s) + 16*g(-s) - 30*g(0) + 16*g(s) - g(2*s)) / (12 * s * s)
				want := -4 * math.Pow(math.Abs(n[i]-n[j]), h.power)
				off = max(off, math.Abs(second-h.factor*lambda*want))
				wrong = max(wrong, math.Abs(second-want))
				least, err := m.certify(ctx, u)
				if err != nil {
					return nil, err
				}
				highest = max(highest, least)
			}
			at := fmt.Sprintf("λ = %g, %d families: ", lambda, seen)
			tol := claim.Because(1e-5, "differences of fourth order with steps of 0.02")
			f.Add(claim.Below(at+"largest |u₁ᵀu₂|", 0, inner, claim.Rounding(4, 64)),
				claim.Below(at+"largest change of the loss along the curve", 0, loss, claim.Rounding(16, 256)),
				claim.Below(at+"largest error of g''(0) = -4λ(‖u₁‖² - ‖u₂‖²)²", 0, off, tol),
				claim.Below(at+"highest λ_min", -1e-9, highest, claim.Exact))
			if lambda != 1 {
				f.Add(claim.Below(at+"largest error of g''(0) without λ", 0, wrong, tol).AsPrinted())
			}
		}
		return f, nil
	}
}

type caseTheory struct {
	denominator, second bool
	third               float64 // factor; 0 means 1
}

func checkCases(h caseTheory) claim.Check {
	if h.third == 0 {
		h.third = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/cases")
		values := []float64{4, 2, 1, .5, .1}
		f := &claim.Finding{}
		for _, lambda := range []float64{.1, 1, 5} {
			const width = 3
			m, err := New(spectral(r, values), width, lambda)
			if err != nil {
				return nil, err
			}
			families, err := m.Equalized()
			if err != nil {
				return nil, err
			}
			o := m.Objective()
			var count [4]int
			var off, printed, curve2, curve3, value3, print3, even float64
			for k := range families {
				fam := &families[k]
				which := m.Case(fam)
				count[which]++
				u := m.Point(fam, r)
				x := u.RawMatrix().Data
				// (11.14) against what the point itself has: its own UUᵀ along the eigenvectors.
				var e []int
				if len(fam.Blocks) > 0 {
					e = fam.Blocks[0].Support
				}
				sum := 0.0
				for _, i := range e {
					sum += values[i]
				}
				below := width + lambda*float64(len(e))
				if h.denominator {
					below = float64(width + len(e))
				}
				var p mat.Dense
				p.Mul(u, u.T())
				for _, i := range e {
					w := mat.NewVecDense(m.d0, m.eigenvector(i))
					got := mat.Inner(w, &p, w)
					off = max(off, math.Abs(got-(values[i]-lambda*sum/below)))
					printed = max(printed, math.Abs(got-(1-lambda/(width+lambda*float64(len(e))))*values[i]))
				}
				off = max(off, o.GradientNorm(x))
				second := func(g func(t float64) float64) float64 {
					const s = .02
					return (-g(-2*s) + 16*g(-s) - 30*g(0) + 16*g(s) - g(2*s)) / (12 * s * s)
				}
				switch which {
				case 2:
					g := func(t float64) float64 {
						q := m.lift(fam, u, t)
						even = max(even, Gap(q))
						return o.Value(q.RawMatrix().Data)
					}
					size := floats.Sum(fam.Spectrum)
					want := -4*floats.Sum(values[:width]) + 4*(1+lambda)*size
					if h.second {
						want -= 4 * size
					}
					curve2 = max(curve2, math.Abs(second(g)-want))
				case 3:
					j := e[len(e)-1]
					w := 0
					for slices.Contains(e, w) {
						w++
					}
					if values[w] <= values[j] {
						return nil, fmt.Errorf("tied: support %s is no case 3", fam.Name(width))
					}
					g := func(t float64) float64 { return o.Value(m.swing(u, j, w, t).RawMatrix().Data) }
					s := fam.Spectrum[j]
					curve3 = max(curve3, math.Abs(second(g)+h.third*4*s*(values[w]-values[j])))
					change := g(.5) - g(0)
					value3 = max(value3, math.Abs(change+2*s*.25*(values[w]-values[j])))
					print3 = max(print3, math.Abs(change+2*s*.25*.25*(values[w]-values[j])))
				}
			}
			at := fmt.Sprintf("λ = %g: ", lambda)
			best := m.Minimum()
			tol := claim.Because(1e-5, "differences of fourth order with steps of 0.02")
			f.Add(claim.Below(at+"largest error of (11.14), gradient among them", 0, off, claim.Rounding(16, 64)),
				claim.Equals(at+"families in case 0", 0, float64(count[0]), claim.Exact),
				claim.Equals(at+"families in case 1", 1, float64(count[1]), claim.Exact),
				claim.Equals(at+"families in case 2: one for each r' < ρ", float64(best.Rank), float64(count[2]), claim.Exact),
				claim.Equals(at+"value in case 1", best.Value, families[0].Value, claim.Rounding(20, 16)))
			if best.Rank > 1 { // else all supports are single eigenvectors, for which 11ᵀ is 1
				f.Add(claim.Below(at+"largest error of (11.14) without 11ᵀ", 0, printed, claim.Rounding(16, 64)).AsPrinted())
			}
			for k := best.Rank + 1; k <= width; k++ {
				sum := floats.Sum(values[:k])
				f.Add(claim.Below(fmt.Sprintf("%scase 0, r' = %d: σ² of the last", at, k), 0, values[k-1]-lambda*sum/(width+lambda*float64(k)), claim.Exact))
			}
			f.Add(claim.Below(at+"largest error of (11.15)", 0, curve2, tol),
				claim.Below(at+"gap of the lengths along its curve", 0, even, claim.Because(1e-7, "rounding of lengths near 0, squared")),
				claim.Below(at+"largest error of g''(0) in case 3", 0, curve3, tol),
				claim.Below(at+"largest error of the change at t = ½ in case 3", 0, value3, claim.Rounding(20, 256)),
				claim.Below(at+"largest error of the printed change at t = ½", 0, print3, claim.Rounding(20, 256)).AsPrinted())
			f.Note("λ = %g: %d equalized families: %d global, %d in case 2, %d in case 3.", lambda, len(families), count[1], count[2], count[3])
		}
		return f, nil
	}
}

// lift is the curve of case 2: U(t)ᵀU(t) = UᵀU + t²I, eigenvectors in order, for d₁ ≤ d₀.
func (m *Model) lift(f *Family, u *mat.Dense, t float64) *mat.Dense {
	out := mat.NewDense(m.d0, m.d1, nil)
	var e []int
	if len(f.Blocks) > 0 {
		e = f.Blocks[0].Support
	}
	// Right singular vectors: rows of U along the eigenvectors of E, then a basis of the rest.
	v := mat.NewDense(m.d1, m.d1, nil)
	for k, i := range e {
		w := mat.NewVecDense(m.d0, m.eigenvector(i))
		row := mat.NewVecDense(m.d1, nil)
		row.MulVec(u.T(), w)
		row.ScaleVec(1/mat.Norm(row, 2), row)
		v.SetCol(k, row.RawVector().Data)
	}
	at := len(e)
	for c := 0; at < m.d1 && c < m.d1; c++ {
		z := make([]float64, m.d1)
		z[c] = 1
		for range 2 {
			for k := range at {
				q := mat.Col(nil, k, v)
				floats.AddScaled(z, -floats.Dot(z, q), q)
			}
		}
		if n := floats.Norm(z, 2); n > 1e-3 {
			floats.Scale(1/n, z)
			v.SetCol(at, z)
			at++
		}
	}
	for k := range m.d1 {
		s := t
		if k < len(e) {
			s = math.Sqrt(f.Spectrum[e[k]] + t*t)
		}
		var part mat.Dense
		part.Outer(s, mat.NewVecDense(m.d0, m.eigenvector(k)), mat.NewVecDense(m.d1, mat.Col(nil, k, v)))
		out.Add(out, &part)
	}
	return out
}

// swing is the curve of case 3: w_j becomes √(1-t²)w_j + tw'.
func (m *Model) swing(u *mat.Dense, j, w int, t float64) *mat.Dense {
	a, b := mat.NewVecDense(m.d0, m.eigenvector(j)), mat.NewVecDense(m.d0, m.eigenvector(w))
	row := mat.NewVecDense(m.d1, nil)
	row.MulVec(u.T(), a)
	turn := mat.NewVecDense(m.d0, nil)
	turn.AddScaledVec(turn, math.Sqrt(1-t*t)-1, a)
	turn.AddScaledVec(turn, t, b)
	var part mat.Dense
	part.Outer(1, turn, row)
	part.Add(u, &part)
	return &part
}
