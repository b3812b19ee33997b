package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// localClaims are the claims on the introduction and section 6.1.
func localClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "6.D0", Kind: claim.Identity, Title: "Chords lie above a convex function", Ref: "Section 6.0, Eq. 6.1",
			Statement:    `A convex $f$ has $f(\alpha w+(1-\alpha)w')\le\alpha f(w)+(1-\alpha)f(w')$; between two minimizers it is minimal.`,
			Source:       "landscape.Objective",
			Check:        checkChords(softplusSum()),
			Alternatives: []claim.Alternative{{Name: "w² + 3 sin² w, which is not convex", Check: checkChords(Wavy(3))}},
		},
		{
			ID: "6.D0b", Kind: claim.Identity, Title: "Tangents lie below a convex function", Ref: "Section 6.0, Eq. 6.2",
			Statement:    `A convex $f$ has $f(w')\ge f(w)+\langle\nabla f(w),w'-w\rangle$; where $\nabla f=0$ it is minimal.`,
			Source:       "landscape.Objective",
			Check:        checkTangents(softplusSum()),
			Alternatives: []claim.Alternative{{Name: "w² + 3 sin² w, which is not convex", Check: checkTangents(Wavy(3))}},
		},
		{
			ID: "6.D1", Kind: claim.Definition, Title: "Minima, maxima, critical points", Ref: "Definition 6.1.1",
			Statement:    `$w$ is a local minimum if $f(w)\le f(w')$ for all $w'$ within some $\epsilon$, a local maximum if $f(w)\ge f(w')$, and critical if $\nabla f(w)=0$, as both are.`,
			Source:       "landscape.Classify",
			Check:        checkNeighbourhoods(false),
			Alternatives: []claim.Alternative{{Name: "minima and maxima exchanged", Check: checkNeighbourhoods(true)}},
		},
		{
			ID: "6.D2", Kind: claim.Definition, Title: "A spurious minimum of one neuron", Ref: "Definition 6.1.2",
			Statement:    `The squared loss of one sigmoid neuron on the two examples $(1,0.99)$ and $(-8,0.8)$ has its minimum at $w=-0.1179$ and a spurious one at $w=4.5951$; its convex surrogate has one minimum.`,
			Source:       "landscape.GLM",
			Check:        checkSpurious([]float64{.99, .8}),
			Alternatives: []claim.Alternative{{Name: "realizable labels: w* = 1", Check: checkSpurious([]float64{sigmoid(1), sigmoid(-8)})}},
		},
		{
			ID: "6.D3", Kind: claim.Definition, Title: "Saddle points", Ref: "Definition 6.1.3",
			Statement:    `$w_1^2-w_2^2$ has a saddle point at 0: within every radius there are points with larger and with smaller values.`,
			Source:       "landscape.Classify",
			Check:        checkSaddle(-1),
			Alternatives: []claim.Alternative{{Name: "w₁² + w₂²", Check: checkSaddle(1)}},
		},
		{
			ID: "6.C1", Kind: claim.Theorem, Title: "What the Hessian decides", Ref: "Claim 6.1.4",
			Statement: `At a critical point a positive definite Hessian means a local minimum, a negative definite one a local maximum, eigenvalues of both signs a saddle, whatever terms of higher order there are.`,
			Source:    "landscape.Classify",
			Check:     checkHessian(1),
			Alternatives: []claim.Alternative{
				{Name: "higher-order terms as large as the second", Check: checkHessian(1e9)},
			},
		},
		{
			ID: "6.N1", Kind: claim.Remark, Title: "Where the Hessian does not decide", Ref: "Section 6.1, footnote 2",
			Statement:    `At 0 the functions $w^4$, $-w^4$ and $w^3$ have the same gradient and Hessian, and a minimum, a maximum and a saddle.`,
			Source:       "landscape.Power, landscape.Classify",
			Check:        checkDegenerate(0),
			Alternatives: []claim.Alternative{{Name: "w² among them", Check: checkDegenerate(2)}},
		},
		{
			ID: "6.N2", Kind: claim.Remark, Title: "A flat region", Ref: "Section 6.1",
			Statement:    `A small gradient does not mean a small value: the loss of one sigmoid neuron has at $w=10$ half the slope of $w=4$ and three times its value. For the convex surrogate of the same neuron a larger value comes with a larger slope.`,
			Source:       "landscape.GLM",
			Check:        checkFlat(false),
			Alternatives: []claim.Alternative{{Name: "the surrogate called flat", Check: checkFlat(true)}},
		},
		{
			ID: "6.F1", Kind: claim.Figure, Title: "Three obstacles", Ref: "Figure 6.1",
			Statement:    `Gradient descent ends in the spurious minimum of a tilted double well from one side; from $w_2=0$ it ends on the saddle of $w_1^2-w_2^2+\frac14w_2^4$; and on a plateau it takes over twenty times as many steps as beside the minimum.`,
			Source:       "landscape.Obstacles, landscape.ExploreObstacles",
			Check:        checkObstacles(.3, 0),
			Alternatives: []claim.Alternative{{Name: "a tilt that leaves one well", Check: checkObstacles(2, 0)}, {Name: "a start beside the saddle's axis", Check: checkObstacles(.3, 1e-3)}},
		},
	}
}

// softplusSum is a convex function with a whole segment of minimizers: Σ over signs of
// max(|w| - 1, 0)², smooth enough for chords and tangents.
func softplusSum() *Objective {
	return line("max(|w| - 1, 0)²", 2, math.NaN(), 0,
		func(w float64) float64 { r := max(math.Abs(w)-1, 0); return r * r },
		func(w float64) float64 { return 2 * math.Copysign(max(math.Abs(w)-1, 0), w) },
		func(w float64) float64 { return 2 * indicator(math.Abs(w) > 1) })
}

func checkChords(o *Objective) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "landscape/chords")
		worst := math.Inf(-1)
		for range 5000 {
			a, b, alpha := 4*r.NormFloat64(), 4*r.NormFloat64(), r.Float64()
			mid := []float64{alpha*a + (1-alpha)*b}
			worst = max(worst, o.Value(mid)-alpha*o.Value([]float64{a})-(1-alpha)*o.Value([]float64{b}))
		}
		f := &claim.Finding{}
		f.Add(claim.Below("largest excess of f over a chord, 5000 chords", 0, worst, claim.Rounding(100, 16)))
		for _, w := range []float64{-1, -.4, .3, 1} {
			f.Add(claim.Equals(fmt.Sprintf("f at w = %g, between the minimizers -1 and 1", w), 0, o.Value([]float64{w}), claim.Exact))
		}
		return f, nil
	}
}

func checkTangents(o *Objective) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "landscape/tangents")
		worst, least := math.Inf(1), math.Inf(1)
		g := make([]float64, 1)
		for range 5000 {
			a, b := []float64{4 * r.NormFloat64()}, []float64{4 * r.NormFloat64()}
			o.Gradient(g, a)
			worst = min(worst, o.Value(b)-o.Value(a)-g[0]*(b[0]-a[0]))
			least = min(least, o.Value(b))
		}
		f := &claim.Finding{}
		f.Add(claim.Above("least excess of f over a tangent, 5000 pairs", 0, worst, claim.Rounding(100, 16)),
			claim.Above("least of 5000 values, against the value at the critical point 0", o.Value([]float64{0}), least, claim.Exact))
		return f, nil
	}
}

// around returns the share of 400 points at distance h of w with values above and below f(w).
func around(o *Objective, w []float64, h float64, env claim.Env, name string) (above, below float64) {
	r := rng.Stream(env.Seed, name)
	for range 400 {
		d := rng.Normals(r, o.Dim)
		floats.Scale(h/floats.Norm(d, 2), d)
		floats.Add(d, w)
		if v := o.Value(d); v > o.Value(w) {
			above++
		} else if v < o.Value(w) {
			below++
		}
	}
	return above / 400, below / 400
}

func checkNeighbourhoods(exchanged bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o := exampleM().Objective()
		// A maximum besides: -f has one wherever f has a minimum.
		points, err := exampleM().CriticalPoints()
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, i := range []int{0, 1, 3} {
			p := points[i]
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			kind, err := Classify(o.Hessian(p.X), make([]float64, 4), 1e-9, 1e-9)
			if err != nil {
				return nil, err
			}
			above, below := around(o, p.X, 1e-3, env, "landscape/around")
			want := map[Kind][2]float64{LocalMin: {1, 0}, LocalMax: {0, 1}}[kind]
			if exchanged {
				want[0], want[1] = want[1], want[0]
			}
			f.Add(claim.Equals("gradient at "+p.Name, 0, o.GradientNorm(p.X), claim.Rounding(3, 64)))
			if kind == Saddle {
				f.Add(claim.Above("share of larger values around the saddle "+p.Name, 0, above-.01, claim.Exact),
					claim.Above("share of smaller values around it", 0, below-.01, claim.Exact))
				continue
			}
			f.Add(claim.Equals(fmt.Sprintf("share of larger values around the %s %s", kind, p.Name), want[0], above, claim.Exact),
				claim.Equals("share of smaller values around it", want[1], below, claim.Exact))
		}
		return f, nil
	}
}

// twoExamples is the squared loss, mean over the examples (1, y₁) and (-8, y₂) with one weight.
func twoExamples(y []float64) *GLM {
	return &GLM{Link: Sigmoid, X: mat.NewDense(2, 1, []float64{1, -8}), Y: y}
}

// minimaOnLine finds the local minima of an objective of one variable on [lo, hi] by its values on a grid
// of 20,001 points, refined by Newton's method on the gradient.
func minimaOnLine(o *Objective, lo, hi float64) []float64 {
	grid := Grid(lo, hi, (hi-lo)/20000)
	var out []float64
	v := make([]float64, len(grid))
	for i, w := range grid {
		v[i] = o.Value(w)
	}
	for i := 1; i+1 < len(v); i++ {
		if v[i] < v[i-1] && v[i] <= v[i+1] {
			w := []float64{grid[i][0]}
			newton(o, w, .01)
			out = append(out, w[0])
		}
	}
	return out
}

func checkSpurious(y []float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := twoExamples(y)
		loss := m.Loss()
		minima := minimaOnLine(loss, -3, 12)
		f := &claim.Finding{}
		f.Add(claim.Equals("local minima of the squared loss", 2, float64(len(minima)), claim.Exact),
			claim.Equals("minima of the surrogate", 1, float64(len(minimaOnLine(m.Surrogate(), -3, 12))), claim.Exact))
		if len(minima) == 2 {
			f.Add(claim.Equals("the minimum", -.1179, minima[0], claim.Digits(1e-4)), claim.Equals("its value", .06906, loss.Value(minima[:1]), claim.Digits(1e-5)),
				claim.Equals("the spurious minimum", 4.5951, minima[1], claim.Digits(1e-4)), claim.Equals("its value", .1600, loss.Value(minima[1:]), claim.Digits(1e-4)))
			grid := Grid(-3, 12, .1)
			x, v, s := make([]float64, len(grid)), make([]float64, len(grid)), make([]float64, len(grid))
			for i, w := range grid {
				x[i], v[i], s[i] = w[0], loss.Value(w), m.Surrogate().Value(w)
			}
			f.Figure = curves("6.D2", "One neuron, two minima", "weight w", "loss", x, curve{"squared loss", v}, curve{"convex surrogate", s})
			f.Figure.Alt = "The squared loss has two valleys, the right one higher; the surrogate has one."
			f.Figure.Caption = "Two examples that no weight fits both: the squared loss has a spurious minimum on the right, the convex surrogate has none."
		}
		return f, nil
	}
}

func checkSaddle(sign float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o := quadratic(1, sign)
		f := &claim.Finding{}
		for _, h := range []float64{1, 1e-3, 1e-6} {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			above, below := around(o, []float64{0, 0}, h, env, "landscape/saddle")
			f.Add(claim.Above(fmt.Sprintf("share of points at distance %g with a larger value", h), .4, above, claim.Exact),
				claim.Above(fmt.Sprintf("share of points at distance %g with a smaller value", h), .4, below, claim.Exact))
		}
		return f, nil
	}
}

// quadratic is Σ c_i·w_i².
func quadratic(c ...float64) *Objective {
	l := 0.0
	for _, v := range c {
		l = max(l, 2*math.Abs(v))
	}
	return &Objective{
		Name: "a quadratic form", Dim: len(c), Lipschitz: l, HessLipschitz: 0, Min: math.NaN(),
		Value: func(x []float64) float64 {
			s := 0.0
			for i, v := range x {
				s += c[i] * v * v
			}
			return s
		},
		Gradient: func(dst, x []float64) {
			for i, v := range x {
				dst[i] = 2 * c[i] * v
			}
		},
		HessVec: func(dst, _, v []float64) {
			for i := range v {
				dst[i] = 2 * c[i] * v[i]
			}
		},
	}
}

// checkHessian takes random Hessians with eigenvalues at least ½ from 0 and random cubic terms, and
// compares Classify with what the values around 0 say at distance 1e-3.
func checkHessian(cubic float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "landscape/hessian")
		const d, trials = 3, 300
		wrong, kinds := 0, map[Kind]int{}
		for range trials {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var q mat.QR
			q.Factorize(mat.NewDense(d, d, rng.Normals(r, d*d)))
			var rot, full mat.Dense
			q.QTo(&rot)
			spectrum := rng.Signs(r, d)
			if r.IntN(2) == 0 { // both definite kinds often enough
				for i := range spectrum {
					spectrum[i] = spectrum[0]
				}
			}
			for i := range spectrum {
				spectrum[i] *= .5 + r.Float64()
			}
			full.Product(&rot, mat.NewDiagDense(d, spectrum), rot.T())
			c := rng.Normals(r, d)
			value := func(x []float64) float64 {
				v := mat.NewVecDense(d, x)
				third := floats.Dot(c, x)
				return mat.Inner(v, &full, v)/2 + cubic*third*third*third
			}
			kind, err := Classify(&full, make([]float64, d), 0, 1e-9)
			if err != nil {
				return nil, err
			}
			kinds[kind]++
			above, below := false, false
			for range 300 {
				x := rng.Normals(r, d)
				floats.Scale(1e-3/floats.Norm(x, 2), x)
				if v := value(x); v > 0 {
					above = true
				} else if v < 0 {
					below = true
				}
			}
			for i := range d { // along the eigenvectors: a narrow cone must not be missed
				x := mat.Col(nil, i, &rot)
				floats.Scale(1e-3, x)
				above, below = above || value(x) > 0, below || value(x) < 0
			}
			seen := map[[2]bool]Kind{{true, false}: LocalMin, {false, true}: LocalMax, {true, true}: Saddle}[[2]bool{above, below}]
			if seen != kind {
				wrong++
			}
		}
		f := &claim.Finding{}
		f.Add(claim.Equals(fmt.Sprintf("of %d random functions, those whose values at distance 1e-3 contradict the Hessian", trials), 0, float64(wrong), claim.Exact))
		for _, k := range []Kind{LocalMin, LocalMax, Saddle} {
			f.Add(claim.Above("functions with a "+string(k), 30, float64(kinds[k]), claim.Exact))
		}
		return f, nil
	}
}

func checkDegenerate(extra int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list := []*Objective{Power(4, 1), Power(4, -1), Power(3, 1)}
		if extra > 0 {
			list[0] = Power(extra, 1)
		}
		f := &claim.Finding{}
		for i, want := range [][2]float64{{1, 0}, {0, 1}, {.5, .5}} {
			o := list[i]
			kind, err := Classify(o.Hessian([]float64{0}), []float64{0}, 0, 1e-12)
			if err != nil {
				return nil, err
			}
			above, below := around(o, []float64{0}, 1e-2, env, "landscape/degenerate")
			f.Add(claim.Equals(o.Name+": whether the Hessian leaves it open", 1, indicator(kind == Degenerate), claim.Exact),
				claim.Equals(o.Name+": share of larger values around 0", want[0], above, claim.Because(.1, "which side a random direction takes, 4·√(¼/400)")),
				claim.Equals(o.Name+": share of smaller values around 0", want[1], below, claim.Because(.1, "which side a random direction takes, 4·√(¼/400)")))
		}
		return f, nil
	}
}

func checkFlat(surrogate bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := GaussianLine(Sigmoid, 2, 1e-3)
		if err != nil {
			return nil, err
		}
		o, g := m.Loss(), m.Surrogate()
		if surrogate {
			o = g
		}
		low := g.Value([]float64{2})
		four, ten := []float64{4}, []float64{10}
		f := &claim.Finding{}
		f.Add(claim.Below("slope at w = 10 over that at w = 4", .5, o.GradientNorm(ten)/o.GradientNorm(four), claim.Exact),
			claim.Above("value at w = 10 over that at w = 4", 3, o.Value(ten)/o.Value(four), claim.Exact),
			claim.Above("surrogate: slope at w = 10 over that at w = 4", 1, g.GradientNorm(ten)/g.GradientNorm(four), claim.Exact),
			claim.Above("surrogate: value above the minimum at w = 10 over that at w = 4", 1, (g.Value(ten)-low)/(g.Value(four)-low), claim.Exact))
		return f, nil
	}
}

// checkObstacles descends on the obstacles. aside moves the saddle's start off the axis.
func checkObstacles(tilt, aside float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		list := Obstacles(tilt)
		well, saddle, flat := list[0], list[1], list[2]
		end := func(o Obstacle, start []float64, steps int) ([]float64, error) {
			path, err := Descend(ctx, o.Objective, start, o.Eta, steps, nil)
			if err != nil {
				return nil, err
			}
			return path[len(path)-1], nil
		}
		left, err := end(well, well.Start(-.9), 2000)
		if err != nil {
			return nil, err
		}
		right, err := end(well, well.Start(.9), 2000)
		if err != nil {
			return nil, err
		}
		on, err := end(saddle, []float64{1.3, aside}, 2000)
		if err != nil {
			return nil, err
		}
		count := func(w float64) (float64, error) {
			path, err := Descend(ctx, flat.Objective, []float64{w, 0}, flat.Eta, 20000, func(_ int, x []float64) bool { return math.Abs(x[0]-2) < .5 })
			return float64(len(path) - 1), err
		}
		near, err := count(3)
		if err != nil {
			return nil, err
		}
		far, err := count(12)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Above("double well: value where descent from the right ends, above that from the left", .1, well.Objective.Value(right)-well.Objective.Value(left), claim.Exact),
			claim.Equals("gradient at the right end", 0, well.Objective.GradientNorm(right), claim.Because(1e-12, "2000 steps of a geometric rate")),
			claim.Equals("saddle: distance of the end from 0", 0, floats.Norm(on, 2), claim.Because(1e-12, "2000 steps of a geometric rate")),
			claim.Above("plateau: steps to |w - 2| < ½ from w = 12 over those from w = 3", 20, far/near, claim.Exact))
		fig, err := FigureObstacles(ctx, .7)
		f.Figure = &fig
		return f, err
	}
}
