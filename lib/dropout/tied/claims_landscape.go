package tied

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

func landscapeClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.F10", Kind: claim.Theorem, Title: "No spurious minima, every saddle strict", Ref: "Theorem 11.3.5",
			Statement: `For $d_1\le d_0$ and $\lambda<\frac{r\lambda_r}{\sum_{i\le r}\lambda_i-r\lambda_r}$, $r=\operatorname{Rank}M$, every critical point of (11.11) that is not a global minimum has a direction of negative curvature, and random starts end at the global value.`,
			Source:    "tied.Threshold, tied.Model.Families, tied.Restarts",
			Check:     checkSmall(smallTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "every critical point a strict saddle, minima too", Check: checkSmall(smallTheory{all: true})},
				{Name: "critical points are global minima", Check: checkSmall(smallTheory{global: true})},
				{Name: "ends equal to the minimum without dropout", Check: checkSmall(smallTheory{plain: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.8", Where: "Theorem 11.3.5 and the proof of Lemma 11.3.7, case 2",
				Printed: `"it suffices to make sure that $\lambda$ is smaller than the right hand side for the choice of $r'=r-1$"; "$g''(0)<0\implies\dots$"`,
				Correct: `the bound makes $g''(0)<0$ for $d_1=r$ only, where $h$ averages up to $d_1$; the implications run backwards ($\impliedby$). No bound is needed: the direction $w_{r'+1}z^\top$ leads down for every $\lambda$`,
				Why:     `For $M=\operatorname{diag}(10,2,1,\dots,1)$ of rank 10, $d_1=3$ and $\lambda=0.6$, below the bound 1, the book's curve at the support of $w_1$ leads up, $g''(0)=\frac43$. The theorem holds there all the same.`,
			}},
		},
		{
			ID: "11.F11", Kind: claim.Remark, Title: "The condition on λ is not needed", Ref: "Section 11.3.2",
			Statement: `"It is not clear if it is necessary": it is not. At an equalized point on the first $r'<\rho$ eigenvectors take $w_{r'+1}$ and a unit $z\perp$ the rows of $U$: along $U+t\,w_{r'+1}z^\top$ the curvature is $4(\lambda c-\lambda_{r'+1})$, $c=\frac{\sum_{i\le r'}\lambda_i}{d_1+\lambda r'}$, and $r'+1\le\rho$ says exactly that it is negative. For $M$ with eigenvalues 4, 2, 1, ½, 0.1 and $\lambda$ up to 700 times beyond the book's bound of 0.0704, 40 random starts all end at the global value.`,
			Source:    "tied.Model.Down, tied.Threshold, tied.Restarts",
			Check:     checkCondition(conditionTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a curvature 4(λc - λ_r')", Check: checkCondition(conditionTheory{index: -1})},
				{Name: "c without λr' in its denominator", Check: checkCondition(conditionTheory{bare: true})},
				{Name: "a spurious minimum beyond the bound", Check: checkCondition(conditionTheory{spurious: true})},
			},
		},
		{
			ID: "11.F16", Kind: claim.Remark, Title: "Descent leaves strict saddles, and so does dropout", Ref: "Section 11.3.2",
			Statement: `From near a saddle of figure 11.1 gradient descent leaves by the factor $1+\eta\frac{4m\lambda}{1+\lambda}$ a step, and stochastic descent with dropout ends near the minima from any such start. But masks are noise that multiplies: from a start exactly on the axis neither ever leaves it. For $\lambda=0$, $d_1=1$ the objective is four times that of section 6.4, with its saddles.`,
			Source:    "tied.SGD, landscape.Descend",
			Check:     checkEscape(escapeTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a factor 1 + 4ηmλ", Check: checkEscape(escapeTheory{factor: func(m, lambda float64) float64 { return 4 * m * lambda }})},
				{Name: "masks shake it off the axis by themselves", Check: checkEscape(escapeTheory{shaken: true})},
				{Name: "the objective of section 6.4 itself", Check: checkEscape(escapeTheory{ratio: 1})},
			},
		},
		{
			ID: "11.+/lambda-free", Kind: claim.Experiment, Title: "Every critical point with its certificate, for any λ", Ref: "beyond Theorem 11.3.5",
			Statement: `For every symmetric $M$, width and $\lambda>0$, all critical points of (11.11) are blocks of columns of equal length $\sqrt c$ that span eigenvectors of $M$, $s_i=\lambda_i-\lambda c$. Each but the global minima is a strict saddle, by one of three directions: swap, $-4(\lambda(w')-\lambda_j)$; grow, $4(\lambda c-\lambda(w'))$; equalize, $-4\lambda\frac{(c_1-c_2)^2}{c_1+c_2}$. Newton's method finds no other critical value.`,
			Source:    "tied.Model.Families, tied.Model.Down",
			Check:     checkCertificates(certificateTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "swaps alone", Check: checkCertificates(certificateTheory{ways: []Way{Swap}})},
				{Name: "no growth", Check: checkCertificates(certificateTheory{ways: []Way{Swap, Equalizing}})},
				{Name: "no equalizing", Check: checkCertificates(certificateTheory{ways: []Way{Swap, Grow}})},
				{Name: "equalized points are all there is", Check: checkCertificates(certificateTheory{equalized: true})},
			},
		},
	}
}

type smallTheory struct{ all, global, plain bool }

func checkSmall(h smallTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/small")
		f := &claim.Finding{}
		for _, c := range []struct {
			values []float64
			width  int
			bound  float64
		}{
			{[]float64{4, 2, 1, .5, .1}, 5, .5 / 7.1}, {[]float64{4, 2, 1, .5, .1}, 3, .5 / 7.1}, {[]float64{3, 2, 1, 0, 0}, 3, 1},
		} {
			bound := Threshold(c.values)
			lambda := .9 * bound
			m, err := New(spectral(r, c.values), c.width, lambda)
			if err != nil {
				return nil, err
			}
			at := fmt.Sprintf("%s, d₁ = %d, λ = %.3g: ", list(c.values), c.width, lambda)
			f.Add(claim.Equals(at+"the bound of the theorem", c.bound, bound, claim.Rounding(1, 64)))
			families, err := m.Families()
			if err != nil {
				return nil, err
			}
			highest, seen, lowest := math.Inf(-1), 0, math.Inf(1)
			for k := range families {
				if families[k].Global && !h.all {
					least, err := m.certify(ctx, m.Point(&families[k], r))
					if err != nil {
						return nil, err
					}
					lowest = min(lowest, least)
					continue
				}
				if k%7 != 0 && !families[k].Equalized(c.width) && !h.global { // a full diagonalisation each
					continue
				}
				least, err := m.certify(ctx, m.Point(&families[k], r))
				if err != nil {
					return nil, err
				}
				seen++
				highest = max(highest, least)
				if h.global {
					f.Add(claim.Equals(at+families[k].Name(c.width)+": value", families[0].Value, families[k].Value, claim.Rounding(20, 64)))
				}
			}
			f.Add(claim.Below(fmt.Sprintf("%shighest λ_min of %d families of other critical points", at, seen), -1e-4, highest, claim.Exact))
			if !h.all {
				f.Add(claim.Above(at+"λ_min at the global minimum", 0, lowest, claim.Rounding(16, 256)))
			}
			ends, err := Restarts(ctx, m, RestartConfig{Starts: 9, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			if h.plain {
				ends.Least = risk(c.values, c.values, c.width, 0)
				for _, v := range c.values[min(c.width, len(c.values)):] {
					ends.Least += v * v
				}
			}
			value, _ := ends.Worst()
			f.Add(claim.Below(at+"farthest end of 9 random starts from the global value", 0, value, claim.Because(1e-9, "where L-BFGS stops")))
		}
		// The proof's curve below its bound, for d₁ < r.
		values := []float64{10, 2, 1, 1, 1, 1, 1, 1, 1, 1}
		m, err := New(mat.NewDiagDense(10, values), 3, .6)
		if err != nil {
			return nil, err
		}
		fam, ok := m.family([]Block{{Columns: 3, Support: []int{0}}})
		if !ok || m.Case(&fam) != 2 {
			return nil, fmt.Errorf("tied: the support of w₁ is no case 2")
		}
		u := m.Point(&fam, nil)
		o := m.Objective()
		g := func(t float64) float64 { return o.Value(m.lift(&fam, u, t).RawMatrix().Data) }
		const s = .02
		second := (-g(-2*s) + 16*g(-s) - 30*g(0) + 16*g(s) - g(2*s)) / (12 * s * s)
		tol := claim.Because(1e-5, "differences of fourth order with steps of 0.02")
		f.Add(claim.Below("diag(10, 2, 1, ..., 1), d₁ = 3: λ = 0.6 against the bound", Threshold(values), m.lambda, claim.Exact),
			claim.Below("the same: g''(0) of the book's curve at the support of w₁", 0, second, tol).AsPrinted(),
			claim.Equals("the same: g''(0) by (11.15)", 4./3, second, tol))
		if down := m.Down(&fam, u); down == nil {
			f.Add(claim.Above("the same: directions that lead down", 1, 0, claim.Exact))
		} else {
			f.Add(claim.Equals("the same: curvature as w₂ enters", -4./3, o.Curvature(u.RawMatrix().Data, down.E.RawMatrix().Data), claim.Rounding(16, 64)))
		}
		return f, nil
	}
}

type conditionTheory struct {
	index          int
	bare, spurious bool
}

func checkCondition(h conditionTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/condition")
		values := []float64{4, 2, 1, .5, .1}
		f := &claim.Finding{}
		f.Add(claim.Equals("the book's bound", .0704, Threshold(values), claim.Digits(1e-4)))
		// 40 starts for each line of the table.
		for _, c := range table() {
			m, err := New(spectral(r, c.values), c.width, c.lambda)
			if err != nil {
				return nil, err
			}
			res, err := Restarts(ctx, m, RestartConfig{Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			value, gap := res.Worst()
			other := 0
			for _, e := range res.Ends {
				if math.Abs(e.Value-c.value) > 1e-6 {
					other++
				}
			}
			at := fmt.Sprintf("%s, d₁ = %d, λ = %g, 40 starts: ", list(c.values), c.width, c.lambda)
			f.Add(claim.Below(at+"farthest end from the global value", 0, value, claim.Because(1e-9, "where L-BFGS stops")),
				claim.Below(at+"largest gap of the lengths", 0, gap, claim.Because(1e-6, "where L-BFGS stops")))
			if h.spurious {
				f.Add(claim.Above(at+"ends of another value", 1, float64(other), claim.Exact))
			} else {
				f.Add(claim.Equals(at+"ends of another value", 0, float64(other), claim.Exact))
			}
		}
		// Golden saddles.
		for _, c := range []struct {
			lambda float64
			e      []int
			value  float64
			least  float64
			global bool
		}{
			{5, nil, 21.26, -16, false}, {5, []int{1}, 19.76, -11, false}, {5, []int{2}, 20.885, -13.5, false}, {5, []int{3}, 21.16625, -14.75, false},
			{5, []int{4}, 21.25625, -15.75, false}, {5, []int{0}, 15.26, 2, true}, {1, []int{0}, 9.26, -4, false}, {1, []int{0, 1}, 8.46, 0, true},
		} {
			m, err := New(spectral(r, values), 3, c.lambda)
			if err != nil {
				return nil, err
			}
			fam, ok := m.family([]Block{{Columns: 3, Support: c.e}})
			at := fmt.Sprintf("d₁ = 3, λ = %g, support %s: ", c.lambda, fam.Name(3))
			if !ok || fam.Global != c.global {
				return nil, fmt.Errorf("tied: %sno such family, or global %t", at, fam.Global)
			}
			u := m.Point(&fam, nil)
			least, err := m.certify(ctx, u)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(at+"value", c.value, m.Objective().Value(u.RawMatrix().Data), claim.Rounding(c.value, 256)),
				claim.Equals(at+"λ_min", c.least, least, claim.Because(1e-10, "rounding of eigenvalues")))
			if d := m.Down(&fam, u); d != nil {
				f.Note("λ = %g, support %s, value %.6g: %s (%s), curvature %.4g.", c.lambda, fam.Name(3), c.value, d.Words, d.Way, d.Curvature)
			}
		}
		// The curvature of growth and membership r'+1 ≤ ρ are one condition, for λ on both sides of each change.
		agree, seen, off := 0, 0, 0.0
		for k := range 60 {
			lambda := math.Pow(10, -2+float64(k)/15)
			for _, width := range []int{2, 3, 5} {
				m, err := New(spectral(r, values), width, lambda)
				if err != nil {
					return nil, err
				}
				rho := m.Minimum().Rank
				var support []int
				sum := 0.0
				for i := range min(rho+1, width) { // support of the first i, and w_{i+1} to enter
					fam, ok := m.family([]Block{{Columns: width, Support: support}})
					if !ok {
						break
					}
					u := m.Point(&fam, r)
					e := m.direction(Grow, "", i, kernel(u, 0, width), 0).E
					measured := m.Objective().Curvature(u.RawMatrix().Data, e.RawMatrix().Data)
					below := float64(width) + lambda*float64(i)
					if h.bare {
						below = float64(width)
					}
					theory := 4 * (lambda*sum/below - values[max(i+h.index, 0)])
					off = max(off, math.Abs(measured-theory))
					seen++
					if (measured < 0) == (i < rho) {
						agree++
					}
					support = append(append([]int(nil), support...), i)
					sum += values[i]
				}
			}
		}
		f.Add(claim.Below(fmt.Sprintf("largest error of the curvature 4(λc - λ_{r'+1}) at %d points", seen), 0, off, claim.Rounding(64, 256)),
			claim.Equals("points where it is negative just if r'+1 ≤ ρ", float64(seen), float64(agree), claim.Exact))
		return f, nil
	}
}

type escapeTheory struct {
	factor func(m, lambda float64) float64 // |λ_min|; nil means 4mλ/(1+λ)
	shaken bool
	ratio  float64 // to the objective of section 6.4; 0 means 4
}

func checkEscape(h escapeTheory) claim.Check {
	if h.factor == nil {
		h.factor = func(m, lambda float64) float64 { return 4 * m * lambda / (1 + lambda) }
	}
	if h.ratio == 0 {
		h.ratio = 4
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const m, eta = 1., .01
		for _, lambda := range []float64{.6, 2} {
			p, err := NewPlane(m, lambda)
			if err != nil {
				return nil, err
			}
			model := p.Model()
			saddle := p.Saddles().Points[0][0]
			path, err := landscape.Descend(ctx, model.Objective(), []float64{saddle, 1e-8}, eta, 4000, nil)
			if err != nil {
				return nil, err
			}
			growth := math.Pow(path[200][1]/path[0][1], 1./200)
			at := fmt.Sprintf("λ = %g: ", lambda)
			f.Add(claim.Equals(at+"factor a step as descent leaves the saddle", 1+eta*h.factor(m, lambda), growth, claim.Because(1e-8, "w₂² over 1")),
				claim.Equals(at+"value where descent ends", p.Minima().Value, model.Objective().Value(path[len(path)-1]), claim.Because(1e-9, "4000 steps")))
			const runs = 12
			near, on := 0, 0.0
			for k := range runs {
				path, err := SGD(ctx, model, []float64{saddle, 1e-4}, SGDConfig{Eta: eta / 2, Steps: 4000, Batch: 4, Seed: env.Seed*1000 + uint64(k)})
				if err != nil {
					return nil, err
				}
				// Where the last quarter is on average: one iterate shakes.
				a, b := 0.0, 0.0
				for _, x := range path[3000:] {
					a, b = a+math.Abs(x[0])/1001, b+math.Abs(x[1])/1001
				}
				want := p.Minima().Points[0][0]
				if math.Abs(a-want) < .1 && math.Abs(b-want) < .1 {
					near++
				}
			}
			path, err = SGD(ctx, model, []float64{saddle, 0}, SGDConfig{Eta: eta / 2, Steps: 4000, Batch: 4, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			for _, x := range path {
				on = max(on, math.Abs(x[1]))
			}
			f.Add(claim.Equals(fmt.Sprintf("%sruns of dropout from beside the saddle that end near a minimum, of %d", at, runs), runs, float64(near), claim.Exact))
			if h.shaken {
				f.Add(claim.Above(at+"largest |w₂| of dropout from the axis", .1, on, claim.Exact))
			} else {
				f.Add(claim.Equals(at+"largest |w₂| of dropout from the axis", 0, on, claim.Exact))
			}
		}
		// Without dropout and with one unit it is the problem of section 6.4.
		a := spectral(rng.Stream(env.Seed, "tied/escape"), []float64{3, 2, 1})
		one, err := New(a, 1, 0)
		if err != nil {
			return nil, err
		}
		top, err := landscape.NewTopEigenvector(a)
		if err != nil {
			return nil, err
		}
		points, err := top.CriticalPoints()
		if err != nil {
			return nil, err
		}
		for _, q := range points {
			least, err := landscape.Certify(ctx, one.Objective(), q.X)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("section 6.4, "+q.Name+": value here over there", h.ratio, one.Objective().Value(q.X)/q.Value, claim.Rounding(4, 256)),
				claim.Below("section 6.4, "+q.Name+": gradient", 0, least.Gradient, claim.Rounding(16, 64)))
		}
		f.Note("Theorems of the same kind in this book: the top eigenvector and symmetric low rank (section 6.4), matrix completion (footnote 10 there). The factor that multiplies w₂ in a step of dropout has no additive part: a unit that is exactly 0 stays 0. Random starts never are.")
		return f, nil
	}
}

type certificateTheory struct {
	ways      []Way // nil means all
	equalized bool
}

func checkCertificates(h certificateTheory) claim.Check {
	if h.ways == nil {
		h.ways = []Way{Swap, Grow, Equalizing}
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "tied/certificates")
		f := &claim.Finding{}
		var critical, value, curvature, least float64
		points, saddles, certified, spurious, models := 0, 0, 0, 0, 0
		by := map[Way]int{}
		for k := range 40 {
			d := 2 + k%3
			values := rng.Normals(r, d)
			switch k % 4 {
			case 1:
				for i := range values { // M ⪰ 0
					values[i] = math.Abs(values[i])
				}
			case 2:
				values[1] = values[0] // repeated
			}
			lambda := math.Pow(10, -2+5*r.Float64())
			width := 1 + r.IntN(4)
			m, err := New(spectral(r, values), width, lambda)
			if err != nil {
				return nil, err
			}
			models++
			families, err := m.Families()
			if err != nil {
				return nil, err
			}
			o := m.Objective()
			best := m.Minimum().Value
			for i := range families {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				fam := &families[i]
				u := m.Point(fam, r)
				x := u.RawMatrix().Data
				points++
				scale := 1 + math.Abs(o.Value(x))
				critical = max(critical, o.GradientNorm(x)/scale)
				value = max(value, math.Abs(o.Value(x)-fam.Value)/scale)
				var down *Direction
				for _, dir := range m.Directions(fam, u) {
					got := o.Curvature(x, dir.E.RawMatrix().Data)
					curvature = max(curvature, math.Abs(got-dir.Curvature)/(scale+math.Abs(got)))
					for _, way := range h.ways {
						if dir.Way == way && dir.Curvature < -8*m.zero() && (down == nil || dir.Curvature < down.Curvature) {
							down = &dir
						}
					}
				}
				if fam.Global {
					low, err := m.certify(ctx, u)
					if err != nil {
						return nil, err
					}
					least = min(least, low/scale)
					if math.Abs(fam.Value-best) > 1e-10*scale || down != nil {
						spurious++
					}
					continue
				}
				saddles++
				if down != nil && o.Curvature(x, down.E.RawMatrix().Data) < 0 {
					certified++
					by[down.Way]++
				}
			}
		}
		tol := claim.Because(1e-9, "rounding, relative to value and curvature")
		f.Add(claim.Below(fmt.Sprintf("%d problems, %d families: largest gradient over 1 + value", models, points), 0, critical, tol),
			claim.Below("largest relative error of a value", 0, value, tol),
			claim.Below("largest relative error of the curvature of a direction", 0, curvature, tol),
			claim.Equals("families, not global, with a direction certified to lead down", float64(saddles), float64(certified), claim.Exact),
			claim.Equals("global minima of another value, or with such a direction", 0, float64(spurious), claim.Exact),
			claim.Above("least λ_min over 1 + value at a global minimum", 0, least, tol))
		f.Note("%d ways out: %d by a swap, %d by growth, %d by equalizing are the steepest.", certified, by[Swap], by[Grow], by[Equalizing])
		// Does the list miss any? Newton's method from everywhere, in few dimensions.
		m, err := New(spectral(r, []float64{2, 1}), 2, .7)
		if err != nil {
			return nil, err
		}
		families, err := m.Families()
		if h.equalized {
			families, err = m.Equalized()
		}
		if err != nil {
			return nil, err
		}
		census, err := landscape.Census(ctx, m.Objective(), landscape.CensusConfig{Radius: 2.5, Starts: 500, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		met := make([]bool, len(families))
		missed := 0
		for _, q := range census.Points {
			found := false
			for i := range families {
				if math.Abs(q.Value-families[i].Value) < 1e-8 {
					found, met[i] = true, true
				}
			}
			if !found {
				missed++
			}
		}
		seen := 0
		for _, ok := range met {
			if ok {
				seen++
			}
		}
		f.Add(claim.Equals("critical points of Newton's method, M = (2, 1), d₁ = 2, λ = 0.7, of a value that no family has", 0, float64(missed), claim.Exact),
			claim.Equals("families that it meets", float64(len(families)), float64(seen), claim.Exact))
		// The certificates of the golden problem, printed.
		golden, err := New(mat.NewDiagDense(5, []float64{4, 2, 1, .5, .1}), 3, 5)
		if err != nil {
			return nil, err
		}
		all, err := golden.Families()
		if err != nil {
			return nil, err
		}
		highest := math.Inf(-1)
		for i := range all {
			u := golden.Point(&all[i], nil)
			d := golden.Down(&all[i], u)
			if d == nil {
				f.Note("M = (4, 2, 1, ½, 0.1), d₁ = 3, λ = 5: %d families; %s is the minimum, %.6g.", len(all), all[i].Name(3), all[i].Value)
				continue
			}
			highest = max(highest, d.Curvature)
			if i < 8 {
				f.Note("%s, value %.6g: %s (%s), curvature %.4g.", all[i].Name(3), all[i].Value, d.Words, d.Way, d.Curvature)
			}
		}
		f.Add(claim.Below("M = (4, 2, 1, ½, 0.1), d₁ = 3, λ = 5: highest of the curvatures that lead down", -1, highest, claim.Exact))
		fig, err := FigureSpectrum(ctx, 3, 5)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}
