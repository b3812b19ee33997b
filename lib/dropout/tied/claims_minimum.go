package tied

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/dropout/sensing"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

func minimumClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.F3", Kind: claim.Theorem, Title: "The global minimum is a soft threshold of the spectrum", Ref: "Theorem 11.3.1",
			Statement: `For the eigenvalues $\lambda_1\ge\lambda_2\ge\dots$ of $M$, $\kappa_j$ the mean of the first $j$ and $\rho=\max\{j\le\min(d_0,d_1):\lambda_j>\frac{\lambda j\kappa_j}{d_1+\lambda j}\}$, the global minima of (11.11) have the spectrum $(\lambda_i-\tau)_+$, $\tau=\frac{\lambda\rho\kappa_\rho}{d_1+\lambda\rho}$, on the first $\rho$ eigenvectors and 0 elsewhere. The value is $\sum_i(\lambda_i-s_i)^2+\frac\lambda{d_1}(\sum_is_i)^2$. $M$ may be indefinite.`,
			Source:    "tied.Model.Minimum, sensing.WaterFill, tied.Restarts",
			Check:     checkMinimum(minimumTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a threshold without the factor j", Check: checkMinimum(minimumTheory{level: func(l, sum, d float64, j int) float64 { return l * sum / float64(j) / (d + l*float64(j)) }})},
				{Name: "a denominator d₁ + λ", Check: checkMinimum(minimumTheory{level: func(l, sum, d float64, j int) float64 { return l * sum / (d + l) }})},
				{Name: "a width of 1 in the threshold", Check: checkMinimum(minimumTheory{level: func(l, sum, d float64, j int) float64 { return l * sum / (1 + l*float64(j)) }})},
				{Name: "all eigenvalues kept that the width allows", Check: checkMinimum(minimumTheory{keep: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.5", Where: "Theorem 11.3.1",
				Printed: `$\rho:=\max\{j\in[r]:\lambda_j(C_{yx})>\frac{\lambda_j\kappa_j}{r+\lambda_j}\}$, $U_*U_*^\top=\mathcal S_{\frac{\lambda\rho\kappa_\rho}{r+\lambda_0}}(C_{yx})$`,
				Correct: `$\lambda_j(M)>\frac{\lambda j\kappa_j}{d_1+\lambda j}$ and $\mathcal S_\tau(M)$, $\tau=\frac{\lambda\rho\kappa_\rho}{d_1+\lambda\rho}$`,
				Why:     `The strength times $j$ became the eigenvalue with the index $j$. The objective knows $C_{yx}$ through $M$ alone. And $r$ means the width here, in Lemma 11.3.3 and in figure 11.1, but the rank of $M$ in Theorem 11.3.5.`,
			}},
		},
		{
			ID: "11.F5", Kind: claim.Lemma, Title: "Critical points lie below M and commute with it", Ref: "Lemma 11.3.2, Eq. 11.12",
			Statement: `At a critical point $MUU^\top=UU^\top UU^\top+\lambda U\operatorname{diag}(U^\top U)U^\top$, so that $M$ and $UU^\top$ commute. If $M\succeq0$, then $UU^\top\preceq M$.`,
			Source:    "tied.Model.Below",
			Check:     checkBelow(belowTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "below M - UUᵀ already", Check: checkBelow(belowTheory{twice: true})},
				{Name: "points that are not critical", Check: checkBelow(belowTheory{anywhere: true})},
				{Name: "an indefinite M", Check: checkBelow(belowTheory{indefinite: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.6", Where: "Lemma 11.3.2",
				Printed: `"If $U$ is a critical point of Problem 11.11, then it holds that $UU^\top\preceq M$"`,
				Correct: `if $M\succeq0$; for any $M$, $W^\top MW\succeq W^\top UU^\top W$ on the range $W$ of $U$`,
				Why:     `$U=0$ is critical, and $0\preceq M$ says that $M$ has no negative eigenvalue. The proof ends on the range of $U$. What the chapter says of minima and saddles does not need it.`,
			}},
		},
		{
			ID: "11.F6", Kind: claim.Lemma, Title: "Local minima are equalized, however weak the dropout", Ref: "Lemma 11.3.3",
			Statement: `For every $\lambda>0$ all columns of a local minimum of (11.11) have the same length. Without dropout, or with weight decay in its place, they need not.`,
			Source:    "tied.Restarts, tied.Gap",
			Check:     checkEqualized(equalizedTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "without dropout", Check: checkEqualized(equalizedTheory{scale: 0, changed: true})},
				{Name: "weight decay in place of dropout", Check: checkEqualized(equalizedTheory{decay: true, changed: true})},
				{Name: "where the starts are, not where they end", Check: checkEqualized(equalizedTheory{steps: 1, changed: true})},
			},
		},
		{
			ID: "11.F7", Kind: claim.Algorithm, Title: "A small rotation that equalizes", Ref: "Section 11.3.1, Eq. 11.13",
			Statement: `$\hat U=UQ_\delta$ keeps $UU^\top$ and $\|u_1\|^2+\|u_2\|^2$, moves $U$ by $\|U-UQ_\delta\|_F^2=2(1-\sqrt{1-\delta^2})(\|u_1\|^2+\|u_2\|^2)$, at most $\epsilon^2$ at a critical point of $M\succeq0$ if $\delta^2\le\epsilon^2/(2\operatorname{Tr}M)$, and for $\|u_1\|>\|u_2\|$ lowers $\sum\|u_i\|^4$ if $\delta$ is small and has the sign of $-u_1^\top u_2$, either sign if that is 0.`,
			Source:    "tied.Rotate",
			Check:     checkRotation(rotationTheory{factor: 2, sign: -1}),
			Alternatives: []claim.Alternative{
				{Name: "a distance without the factor 2", Check: checkRotation(rotationTheory{factor: 1, sign: -1})},
				{Name: "δ with the sign of u₁ᵀu₂", Check: checkRotation(rotationTheory{factor: 2, sign: 1})},
				{Name: "a δ three times as large", Check: checkRotation(rotationTheory{factor: 2, sign: -1, reach: 3})},
			},
			Errata: []claim.Erratum{{
				Number: "11.7", Where: "Section 11.3.1, proof of Lemma 11.3.3",
				Printed: `"Let $\delta=-c\cdot\operatorname{sgn}(u_1^\top u_2)$ for a small enough $c>0$ such that $\|u_2\|<\|\hat u_2\|\le\|\hat u_1\|<\|u_1\|$"`,
				Correct: `$\delta=-c\operatorname{sgn}(u_1^\top u_2)$ if $u_1^\top u_2\ne0$, any $\delta=\pm c$ if it is 0`,
				Why:     `At a critical point columns of different lengths are orthogonal (Lemma 11.3.6), so that the printed $\delta$ is 0 in every case that the proof needs. $\|\hat u_1\|^2=\|u_1\|^2-\delta^2(\|u_1\|^2-\|u_2\|^2)$ then.`,
			}},
		},
		{
			ID: "11.F8", Kind: claim.Figure, Title: "Two weights: minima, saddles, and how dropout finds its way", Ref: "Figure 11.1",
			Statement: `$f(w)=(m-w_1^2-w_2^2)^2+\lambda(w_1^4+w_2^4)$ has nine critical points for $\lambda>0$: four minima $w_i^2=\frac m{2+\lambda}$ of value $\frac{m^2\lambda}{2+\lambda}$ and curvatures $8m$, $\frac{8m\lambda}{2+\lambda}$; four saddles at distance $\sqrt{m/(1+\lambda)}$ on the axes, of value $\frac{m^2\lambda}{1+\lambda}$ and curvatures $8m$, $-\frac{4m\lambda}{1+\lambda}$; and the maximum 0. For $\lambda=0$ the circle $|w|^2=m$ is all minima.`,
			Source:    "tied.Plane",
			Check:     checkPlane(planeTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "minima at w² = m/(1+λ)", Check: checkPlane(planeTheory{minimum: 1})},
				{Name: "saddles of curvature -8mλ/(1+λ)", Check: checkPlane(planeTheory{bend: 2})},
				{Name: "eight critical points", Check: checkPlane(planeTheory{count: 8})},
				{Name: "minima on the axes", Check: checkPlane(planeTheory{swap: true})},
			},
		},
	}
}

// row is a line of the table of minima.
type row struct {
	values []float64
	width  int
	lambda float64
	value  float64 // golden, to 10 digits
	digits float64
	rank   int
}

func table() []row {
	g := []float64{4, 2, 1, .5, .1}
	return []row{
		{g, 3, .1, 1.7448484848, 1e-10, 3}, {g, 3, 1, 8.46, 1e-12, 2}, {g, 3, 5, 15.26, 1e-12, 1}, {g, 3, 50, 20.3543396226, 1e-10, 1},
		{g, 2, 1, 10.26, 1e-12, 2}, {g, 5, 1, 6.385, 1e-12, 3}, {g, 8, .1, .6795294118, 1e-10, 5}, {g, 8, 5, 11.26, 1e-12, 2},
		{[]float64{2, 1, -1, -3}, 3, 1, 11.8, 1e-12, 2},
	}
}

type minimumTheory struct {
	level func(lambda, sum, width float64, j int) float64 // nil means λ·sum/(d₁ + λj)
	keep  bool
}

// spectrum is soft thresholding at a level.
func (h minimumTheory) spectrum(values []float64, width int, lambda float64) ([]float64, int) {
	level := h.level
	if level == nil {
		level = func(l, sum, d float64, j int) float64 { return l * sum / (d + l*float64(j)) }
	}
	s := make([]float64, len(values))
	sum, tau, rho := 0.0, 0.0, 0
	for j := 1; j <= min(width, len(values)); j++ {
		sum += values[j-1]
		if t := level(lambda, sum, float64(width), j); h.keep || values[j-1] > t {
			rho, tau = j, t
		}
	}
	for i := range rho {
		s[i] = max(values[i]-tau, 0)
	}
	return s, rho
}

func risk(values, s []float64, width int, lambda float64) float64 {
	v := 0.0
	for i := range values {
		v += (values[i] - s[i]) * (values[i] - s[i])
	}
	t := floats.Sum(s)
	return v + lambda/float64(width)*t*t
}

func checkMinimum(h minimumTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for k, c := range table() {
			m, err := New(spectral(rng.Stream(env.Seed, "tied/minimum"), c.values), c.width, c.lambda)
			if err != nil {
				return nil, err
			}
			r, err := Restarts(ctx, m, RestartConfig{Starts: 6, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			s, rho := h.spectrum(c.values, c.width, c.lambda)
			at := fmt.Sprintf("%s, d₁ = %d, λ = %g: ", list(c.values), c.width, c.lambda)
			theory := risk(c.values, s, c.width, c.lambda)
			worst, off := r.Ends[0].Value, 0.0
			for _, e := range r.Ends {
				if math.Abs(e.Value-theory) > math.Abs(worst-theory) {
					worst = e.Value
				}
				for i := range s {
					off = max(off, math.Abs(e.Spectrum[i]-s[i]))
				}
			}
			f.Add(claim.Equals(at+"value where the farthest of 6 random starts ends", theory, worst, claim.Because(1e-9, "where L-BFGS stops")),
				claim.Equals(at+"value, golden", c.value, m.Minimum().Value, claim.Digits(c.digits)),
				claim.Equals(at+"ρ", float64(c.rank), float64(rho), claim.Exact),
				claim.Below(at+"largest error of an eigenvalue of UUᵀ", 0, off, claim.Because(2e-6, "where L-BFGS stops")))
			if k == 1 {
				// The printed formula read as it stands: λ_j an eigenvalue.
				printed := minimumTheory{level: func(_, sum, d float64, j int) float64 {
					v := c.values[j-1]
					return v * sum / float64(j) / (d + v)
				}}
				p, _ := printed.spectrum(c.values, c.width, c.lambda)
				f.Add(claim.Equals(at+"largest eigenvalue of UUᵀ with the printed threshold", p[0], r.Ends[0].Spectrum[0], claim.Because(1e-6, "where L-BFGS stops")).AsPrinted())
			}
		}
		// A C_yx that is not symmetric, with eigenvalues 3 and 1; those of M are 2 ± √2.
		cyx := mat.NewDense(2, 2, []float64{3, 2, 0, 1})
		a, err := Symmetrize(cyx)
		if err != nil {
			return nil, err
		}
		m, err := New(a, 2, .5)
		if err != nil {
			return nil, err
		}
		r, err := Restarts(ctx, m, RestartConfig{Starts: 3, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		s, _ := h.spectrum([]float64{2 + math.Sqrt2, 2 - math.Sqrt2}, 2, .5)
		p, _, _, _, err := sensing.WaterFill([]float64{3, 1}, 2, .5)
		if err != nil {
			return nil, err
		}
		tol := claim.Because(1e-6, "where L-BFGS stops")
		f.Add(claim.Equals("C_yx = [3 2; 0 1]: largest eigenvalue of UUᵀ, from those of M", s[0], r.Ends[0].Spectrum[0], tol),
			claim.Equals("C_yx = [3 2; 0 1]: the same from the eigenvalues of C_yx", p[0], r.Ends[0].Spectrum[0], tol).AsPrinted())
		fig, err := FigureSpectrum(ctx, 3, 1)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}

// list writes numbers with commas between.
func list(values []float64) string {
	s := "("
	for i, v := range values {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%.3g", v)
	}
	return s + ")"
}

type belowTheory struct{ twice, anywhere, indefinite bool }

func checkBelow(h belowTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/below")
		values := []float64{4, 2, 1, .5, 0}
		if h.indefinite {
			values[4] = -.5
		}
		f := &claim.Finding{}
		for _, lambda := range []float64{.1, 1, 5} {
			m, err := New(spectral(r, values), 3, lambda)
			if err != nil {
				return nil, err
			}
			families, err := m.Families()
			if err != nil {
				return nil, err
			}
			low, off, eq := math.Inf(1), 0.0, 0.0
			for k := range families {
				u := m.Point(&families[k], r)
				if h.anywhere {
					u = mat.NewDense(m.d0, m.d1, rng.Normals(r, m.d0*m.d1))
				}
				least, commutator, err := m.Below(u)
				if err != nil {
					return nil, err
				}
				var p, left, right, part mat.Dense
				p.Mul(u, u.T())
				left.Mul(m.m, &p)
				right.Mul(&p, &p)
				part.Mul(u, mat.NewDiagDense(m.d1, norms(u)))
				var pen mat.Dense
				pen.Mul(&part, u.T())
				pen.Scale(lambda, &pen)
				right.Add(&right, &pen)
				left.Sub(&left, &right)
				eq = max(eq, mat.Norm(&left, 2))
				if h.twice {
					double := mat.DenseCopyOf(u)
					double.Scale(math.Sqrt2, double)
					if least, _, err = m.Below(double); err != nil {
						return nil, err
					}
				}
				low, off = min(low, least), max(off, commutator)
			}
			at := fmt.Sprintf("λ = %g, %d families of critical points: ", lambda, len(families))
			f.Add(claim.Above(at+"least eigenvalue of M - UUᵀ", 0, low, claim.Rounding(4, 64)),
				claim.Below(at+"largest entry of MUUᵀ - UUᵀM", 0, off, claim.Rounding(16, 64)),
				claim.Below(at+"largest ‖difference of the sides of (11.12)‖", 0, eq, claim.Rounding(16, 256)))
		}
		// Errata: a negative eigenvalue.
		m, err := New(mat.NewDiagDense(2, []float64{1, -1}), 2, 1)
		if err != nil {
			return nil, err
		}
		zero := mat.NewDense(2, 2, nil)
		least, _, err := m.Below(zero)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("M = diag(1, -1), U = 0: ‖gradient‖", 0, m.Objective().GradientNorm(zero.RawMatrix().Data), claim.Exact),
			claim.Above("M = diag(1, -1), U = 0: least eigenvalue of M - UUᵀ", 0, least, claim.Rounding(1, 8)).AsPrinted())
		return f, nil
	}
}

type equalizedTheory struct {
	changed bool
	scale   float64
	decay   bool
	steps   int
}

func checkEqualized(h equalizedTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		values := []float64{4, 2, 1, .5, .1}
		for _, lambda := range []float64{.01, .1, 1, 5} {
			for _, width := range []int{2, 3, 7} {
				l, v := lambda, slices.Clone(values)
				if h.changed && h.steps == 0 {
					l = h.scale * lambda
				}
				if h.decay { // ‖M - UUᵀ‖² + λ‖U‖² is ‖M - λ/2·I - UUᵀ‖² and a constant
					for i := range v {
						v[i] -= lambda / 2
					}
				}
				m, err := New(spectral(rng.Stream(env.Seed, "tied/equalized"), v), width, l)
				if err != nil {
					return nil, err
				}
				r, err := Restarts(ctx, m, RestartConfig{Starts: 6, Seed: env.Seed, Steps: h.steps})
				if err != nil {
					return nil, err
				}
				_, gap := r.Worst()
				tol := 2e-6
				if lambda < .1 {
					tol = 2e-4
				}
				f.Add(claim.Below(fmt.Sprintf("λ = %g, d₁ = %d: largest gap of the squared lengths over their mean, 6 starts", lambda, width), 0, gap,
					claim.Because(tol, "where L-BFGS stops, its gradient over the curvature, which is of order λ")))
			}
		}
		return f, nil
	}
}

type rotationTheory struct{ factor, sign, reach float64 }

func checkRotation(h rotationTheory) claim.Check {
	if h.reach == 0 {
		h.reach = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/rotation")
		f := &claim.Finding{}
		longFirst := func(u *mat.Dense) *mat.Dense {
			if n := norms(u); n[0] < n[1] {
				turn(u, 0, 1, 0, 1)
			}
			return u
		}
		moved := func(u, q *mat.Dense) float64 {
			var d mat.Dense
			d.Sub(u, q)
			return mat.Norm(&d, 2)
		}
		for k := range 3 {
			u := longFirst(mat.NewDense(4, 3, rng.Normals(r, 12)))
			n := norms(u)
			inner := floats.Dot(mat.Col(nil, 0, u), mat.Col(nil, 1, u))
			delta := h.sign * .02 * math.Copysign(1, inner)
			q := Rotate(u, 0, 1, delta)
			d := moved(u, q)
			var a, b mat.Dense
			a.Mul(u, u.T())
			b.Mul(q, q.T())
			b.Sub(&b, &a)
			nq := norms(q)
			f.Add(claim.Equals(fmt.Sprintf("point %d: ‖U - UQ‖²", k+1), h.factor*(1-math.Sqrt(1-delta*delta))*(n[0]+n[1]), d*d, claim.Rounding(n[0]+n[1], 64)),
				claim.Equals(fmt.Sprintf("point %d: ‖û₁‖² + ‖û₂‖², (11.13)", k+1), n[0]+n[1], nq[0]+nq[1], claim.Rounding(n[0]+n[1], 16)),
				claim.Below(fmt.Sprintf("point %d: change of UUᵀ", k+1), 0, mat.Norm(&b, 2), claim.Rounding(n[0]+n[1]+n[2], 64)),
				claim.Below(fmt.Sprintf("point %d: change of Σ‖u_i‖⁴", k+1), -1e-6, Penalty(q)-Penalty(u), claim.Exact))
		}
		// Critical points that are not equalized.
		m, err := New(spectral(r, []float64{4, 2, 1, .5}), 3, 1)
		if err != nil {
			return nil, err
		}
		families, err := m.Families()
		if err != nil {
			return nil, err
		}
		trace, seen := floats.Sum(m.values), 0
		worst, reach, inner, drop := 0.0, 0.0, 0.0, math.Inf(-1)
		const epsilon = .3
		for k := range families {
			if families[k].Equalized(3) {
				continue
			}
			u := m.Point(&families[k], r)
			n := norms(u)
			i, j := 0, 2 // of different blocks: the first and the last
			if n[i] < n[j] {
				i, j = j, i
			}
			if n[i]-n[j] < 1e-6 {
				continue
			}
			seen++
			inner = max(inner, math.Abs(floats.Dot(mat.Col(nil, i, u), mat.Col(nil, j, u))))
			delta := h.reach * epsilon / math.Sqrt(2*trace)
			q := Rotate(u, i, j, delta)
			worst = max(worst, moved(u, q))
			reach = max(reach, n[i]+n[j])
			drop = max(drop, Penalty(q)-Penalty(u))
		}
		f.Add(claim.Below(fmt.Sprintf("%d critical points, not equalized: ‖u₁‖² + ‖u₂‖² against Tr M", seen), trace, reach, claim.Rounding(trace, 16)),
			claim.Below("‖U - UQ‖ at δ² = ε²/(2 Tr M), ε = 0.3", epsilon, worst, claim.Exact),
			claim.Below("‖u₁ᵀu₂‖ of columns of different lengths", 0, inner, claim.Rounding(trace, 64)),
			claim.Below("change of Σ‖u_i‖⁴ for this δ, whatever its sign", -1e-6, drop, claim.Exact))
		u := mat.NewDense(2, 2, []float64{2, 0, 0, 1})
		sgn := 0.0 // of u₁ᵀu₂ = 0
		f.Add(claim.Below("U = diag(2, 1): change of Σ‖u_i‖⁴ for δ = -c·sgn(u₁ᵀu₂)", -1e-6, Penalty(Rotate(u, 0, 1, -.1*sgn))-Penalty(u), claim.Exact).AsPrinted(),
			claim.Below("U = diag(2, 1): the same for δ = c", -1e-6, Penalty(Rotate(u, 0, 1, .1))-Penalty(u), claim.Exact),
			claim.Below("U = diag(2, 1): the same for δ = -c", -1e-6, Penalty(Rotate(u, 0, 1, -.1))-Penalty(u), claim.Exact))
		return f, ctx.Err()
	}
}

type planeTheory struct {
	minimum float64 // the 2 of m/(2+λ); 0 means 2
	bend    float64 // factor on the saddles' curvature; 0 means 1
	count   int     // 0 means 9
	swap    bool
}

func checkPlane(h planeTheory) claim.Check {
	if h.minimum == 0 {
		h.minimum = 2
	}
	if h.bend == 0 {
		h.bend = 1
	}
	if h.count == 0 {
		h.count = 9
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		tol := claim.Because(1e-9, "where Newton's method stops")
		for _, c := range []struct {
			m, lambda float64
			golden    []float64 // |w_i| at the minima, value, curvatures; distance of the saddles, value, curvature
			digits    float64
		}{
			{1, 1, []float64{.5773503, 1. / 3, 8. / 3, 8, .7071068, .5, -2, 8}, 1e-7},
			{1, 6, []float64{.3535534, .75, 6, 8}, 1e-7},
			{2.5, .6, nil, 0},
		} {
			p, err := NewPlane(c.m, c.lambda)
			if err != nil {
				return nil, err
			}
			census, err := landscape.Census(ctx, p.Model().Objective(), landscape.CensusConfig{Radius: 2 * math.Sqrt(c.m), Starts: 200, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			at := fmt.Sprintf("m = %g, λ = %g: ", c.m, c.lambda)
			f.Add(claim.Equals(at+"critical points that Newton's method finds", float64(h.count), float64(len(census.Points)), claim.Exact),
				claim.Equals(at+"Σ(-1)^index, 1 if none is missing", 1, float64(census.Euler), claim.Exact))
			number := map[landscape.Kind]int{}
			for _, q := range census.Points {
				number[q.Kind]++
				a, b := math.Abs(q.X[0]), math.Abs(q.X[1])
				kind := q.Kind
				if h.swap && kind != landscape.LocalMax {
					kind = map[landscape.Kind]landscape.Kind{landscape.LocalMin: landscape.Saddle, landscape.Saddle: landscape.LocalMin}[kind]
				}
				switch kind {
				case landscape.LocalMin:
					f.Add(claim.Equals(at+"minimum, w₁²", c.m/(h.minimum+c.lambda), a*a, tol), claim.Equals(at+"minimum, w₂²", c.m/(h.minimum+c.lambda), b*b, tol),
						claim.Equals(at+"minimum, f", c.m*c.m*c.lambda/(h.minimum+c.lambda), q.Value, tol),
						claim.Equals(at+"minimum, small curvature", p.Minima().Curvatures[0], q.Spectrum[0], tol),
						claim.Equals(at+"minimum, large curvature", p.Minima().Curvatures[1], q.Spectrum[1], tol))
				case landscape.Saddle:
					f.Add(claim.Equals(at+"saddle, distance²", c.m/(1+c.lambda), max(a, b)*max(a, b), tol), claim.Equals(at+"saddle, off the axis", 0, min(a, b), tol),
						claim.Equals(at+"saddle, f", p.Saddles().Value, q.Value, tol),
						claim.Equals(at+"saddle, curvature down", h.bend*p.Saddles().Curvatures[0], q.Spectrum[0], tol),
						claim.Equals(at+"saddle, curvature up", p.Saddles().Curvatures[1], q.Spectrum[1], tol))
				case landscape.LocalMax:
					f.Add(claim.Equals(at+"0, f", p.Origin().Value, q.Value, tol), claim.Equals(at+"0, curvature", -4*c.m, q.Spectrum[1], tol))
				}
			}
			f.Add(claim.Equals(at+"minima", 4, float64(number[landscape.LocalMin]), claim.Exact), claim.Equals(at+"saddles", 4, float64(number[landscape.Saddle]), claim.Exact))
			low, high := p.Minima(), p.Saddles()
			for i, got := range []float64{low.Points[0][0], low.Value, low.Curvatures[0], low.Curvatures[1], high.Points[0][0], high.Value, high.Curvatures[0], high.Curvatures[1]} {
				if i < len(c.golden) {
					f.Add(claim.Equals(fmt.Sprintf("%sgolden number %d", at, i+1), c.golden[i], got, claim.Digits(c.digits)))
				}
			}
		}
		flat, err := NewPlane(1, 0)
		if err != nil {
			return nil, err
		}
		off := 0.0
		for k := range 12 {
			s, c := math.Sincos(float64(k))
			off = max(off, flat.Value(c, s), flat.Model().Objective().GradientNorm([]float64{c, s}))
		}
		f.Add(claim.Below("λ = 0: largest value and gradient on the circle |w|² = m", 0, off, claim.Rounding(1, 16)))
		fig, err := FigurePanels(ctx)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}
