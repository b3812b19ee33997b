package sensing

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// objectiveClaims are the claims on what dropout minimizes.
func objectiveClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.B1", Kind: claim.Model, Title: "Matrix sensing with two factors", Ref: "Section 11.1, Eq. 11.1",
			Statement: `$\widehat L(U,V)=\frac1n\sum_i(y_i-\langle UV^\top,A^{(i)}\rangle)^2$ depends on the product alone: $\widehat L(UG,VG^{-\top})=\widehat L(U,V)$ for every invertible $G$. For Gaussian $A^{(i)}$ and $y_i=\langle M_*,A^{(i)}\rangle$ its expectation is $\|UV^\top-M_*\|_F^2$.`,
			Source:    "sensing.Problem.Objective, sensing.Gaussian",
			Check:     checkModel(true, 1),
			Alternatives: []claim.Alternative{
				{Name: "VG in place of VG^{-T}", Check: checkModel(false, 1)},
				{Name: "half of the expectation", Check: checkModel(true, .5)},
			},
		},
		{
			ID: "11.B4", Kind: claim.Definition, Title: "The objective with dropout", Ref: "Section 11.1, Eq. 11.2",
			Statement: `$\widehat L_{\mathrm{drop}}(U,V)=\frac1n\sum_i\mathbb E_B(y_i-\langle UBV^\top,A^{(i)}\rangle)^2$ with $B_{jj}=0$ with probability $p$, else $\frac1{1-p}$. The sum over all $2^{d_1}$ masks and the mean of random masks agree; $p=0$ leaves $\widehat L$; $p\ge1$ and widths above 20 are refused.`,
			Source:    "sensing.Problem.Enumerate, sensing.Problem.Sample",
			Check:     checkMasks(maskTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "units that stay are not scaled by 1/(1-p)", Check: checkMasks(maskTheory{unscaled: true})},
				{Name: "p is the probability to stay", Check: checkMasks(maskTheory{keep: true})},
			},
		},
		{
			ID: "11.B5", Kind: claim.Identity, Title: "Dropout is the loss and a penalty", Ref: "Section 11.1, Eq. 11.3 to 11.5",
			Statement: `$\widehat L_{\mathrm{drop}}=\widehat L+\frac p{1-p}\widehat R$ with $\widehat R=\frac1n\sum_{ij}(u_j^\top A^{(i)}v_j)^2$: the square of the mean over masks is $\widehat L$, the variance is $\frac p{1-p}\widehat R$. The mean over masks of the gradient under a mask is the gradient of $\widehat L_{\mathrm{drop}}$, so that training with masks is stochastic gradient descent on it.`,
			Source:    "sensing.Problem.Objective, sensing.Problem.Gradient",
			Check:     checkIdentity(identityTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the strength p", Check: checkIdentity(identityTheory{strength: func(p float64) float64 { return p }})},
				{Name: "the strength p/(1-p)²", Check: checkIdentity(identityTheory{strength: func(p float64) float64 { return p / (1 - p) / (1 - p) }})},
				{Name: "the square of the sum over units, not the sum of squares", Check: checkIdentity(identityTheory{whole: true})},
			},
		},
		{
			ID: "11.B6", Kind: claim.Remark, Title: "The penalty concentrates", Ref: "Section 11.1, footnote 4",
			Statement: `For Gaussian sensing matrices $\widehat R$ has the mean $R$ and the variance $\frac2n\|(U^\top U)\circ(V^\top V)\|_F^2$: it is off by $O(1/\sqrt n)$. This is for given factors; minimizers of $\widehat L_{\mathrm{drop}}$ are chosen after the sample, and there $\widehat R$ can lie below $R$ and below $\Theta$.`,
			Source:    "sensing.Factors.PenaltyVariance",
			Check:     checkConcentration(concentrationTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "without the factor 2", Check: checkConcentration(concentrationTheory{half: true})},
				{Name: "units taken as independent", Check: checkConcentration(concentrationTheory{diagonal: true})},
				{Name: "falls as 1/n", Check: checkConcentration(concentrationTheory{slope: -1})},
			},
		},
		{
			ID: "11.B7", Kind: claim.Definition, Title: "The induced regularizer", Ref: "Section 11.1",
			Statement: `$\Theta(M)=\min\{R(U,V):UV^\top=M\}$. For the rank $d_1$ all factors are $\hat UG$, $\hat VG^{-\top}$; minimizing over $G$ reaches $\Theta$, and no $G$ is below. $\Theta(0)=0$, $\Theta(cM)=c^2\Theta(M)$. If the rank of $M$ is above $d_1$ there are no such factors and $\Theta(M)=\infty$; the convex envelope of $\Theta$ is $\|M\|_*^2/d_1$ for all $M$.`,
			Source:    "sensing.Theta, sensing.Envelope, sensing.Mixture",
			Check:     checkInduced(inducedTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the least of all rotations of a given pair", Check: checkInduced(inducedTheory{rotations: true})},
				{Name: "every M has factors of every width", Check: checkInduced(inducedTheory{anyWidth: true})},
				{Name: "an envelope with the Frobenius norm", Check: checkInduced(inducedTheory{frobenius: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.B7", Where: "Section 11.1, definition of Θ, and Equation 11.6",
				Printed: `$\Theta(M):=\min_{UV^\top=M}R(U,V)=\frac1{d_1}\|M\|_*^2$ for every $M$`,
				Correct: `for the rank of $M$ up to $d_1$; above it the set is empty and $\Theta(M)=\infty$`,
				Why:     `$\mathrm{diag}(3,1)$ is no product of two vectors. The right-hand side is the convex envelope of $\Theta$, whatever the rank.`,
			}},
		},
	}
}

func checkModel(inverse bool, factor float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, f := golden()
		here, err := p.Objective(f, 0)
		if err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "sensing/model")
		g, h := mat.NewDense(3, 3, rng.Normals(r, 9)), &mat.Dense{}
		for i := range 3 {
			g.Set(i, i, g.At(i, i)+4)
		}
		if err := h.Inverse(g); err != nil {
			return nil, err
		}
		moved := &Factors{&mat.Dense{}, &mat.Dense{}}
		moved.U.Mul(f.U, g)
		if inverse {
			moved.V.Mul(f.V, h.T())
		} else {
			moved.V.Mul(f.V, g)
		}
		there, err := p.Objective(moved, 0)
		if err != nil {
			return nil, err
		}
		star := Fixture(5, 4, 3)
		var diff mat.Dense
		diff.Sub(f.Product(), star)
		risk := math.Pow(mat.Norm(&diff, 2), 2)
		const n = 40000
		v, err := Gaussian(r, star, n).Objective(f, 0)
		if err != nil {
			return nil, err
		}
		fd := &claim.Finding{}
		fd.Add(
			claim.Equals("L̂ of the golden problem", 2.6491233262459972, here.Loss, claim.Rounding(2.6, 64)),
			claim.Equals("L̂ at (UG, VG^{-T}), G random", here.Loss, there.Loss, claim.Because(1e-11, "rounding of the inverse of a 3×3 matrix")),
			claim.Equals("L̂ on 40,000 Gaussian matrices", factor*risk, v.Loss, claim.Sampling(math.Sqrt2*risk, n)),
		)
		return fd, nil
	}
}

type maskTheory struct{ unscaled, keep bool }

func checkMasks(h maskTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		p, f := golden()
		fd := &claim.Finding{}
		for _, c := range []struct{ rate, want float64 }{{0, 2.6491233262459972}, {.3, 4.17157499905589}, {.5, 6.201510562802415}, {.9, 34.620608455253766}} {
			rate, g := c.rate, f
			if h.keep {
				rate = min(1-rate, .999)
			}
			if h.unscaled {
				g = &Factors{mat.DenseCopyOf(f.U), f.V}
				g.U.Scale(1-rate, g.U)
			}
			e, err := p.Enumerate(ctx, g, rate)
			if err != nil {
				return nil, err
			}
			fd.Add(claim.Equals("all masks, p = "+trim(c.rate), c.want, e.Total, claim.Rounding(c.want, 64)))
			if c.rate == 0 {
				continue
			}
			mean, se, err := p.Sample(ctx, g, rate, 100000, rng.Stream(env.Seed, "sensing/masks/"+trim(c.rate)))
			if err != nil {
				return nil, err
			}
			fd.Add(claim.Equals("100,000 random masks, p = "+trim(c.rate), c.want, mean, claim.Because(4*se, "four standard errors of the mean")))
		}
		refused := 0.0
		for _, rate := range []float64{1, -.1, math.NaN()} {
			if _, err := p.Enumerate(ctx, f, rate); err != nil {
				refused++
			}
		}
		wide := &Factors{mat.NewDense(4, 21, nil), mat.NewDense(3, 21, nil)}
		if _, err := p.Enumerate(ctx, wide, .5); err != nil && ctx.Err() == nil {
			refused++
		}
		fd.Add(claim.Equals("refused of: p = 1, p < 0, p = NaN, width 21", 4, refused, claim.Exact))
		return fd, ctx.Err()
	}
}

type identityTheory struct {
	strength func(p float64) float64 // nil means p/(1-p)
	whole    bool
}

func checkIdentity(h identityTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		p, f := golden()
		v, err := p.Objective(f, 0)
		if err != nil {
			return nil, err
		}
		penalty := v.Penalty
		if h.whole {
			q, err := p.responses("sensing", f)
			if err != nil {
				return nil, err
			}
			penalty = 0
			for i := range p.Y {
				penalty += math.Pow(floats.Sum(q.RawRowView(i)), 2) / float64(len(p.Y))
			}
		}
		fd := &claim.Finding{}
		fd.Add(
			claim.Equals("L̂", 2.6491233262459972, v.Loss, claim.Rounding(2.6, 64)),
			claim.Equals("R̂", 3.5523872365564175, penalty, claim.Rounding(3.6, 64)),
		)
		for _, rate := range []float64{.3, .5, .9} {
			e, err := p.Enumerate(ctx, f, rate)
			if err != nil {
				return nil, err
			}
			g, err := p.Gradient(f, rate)
			if err != nil {
				return nil, err
			}
			lambda, err := dropout.Lambda(rate)
			if err != nil {
				return nil, err
			}
			if h.strength != nil {
				lambda = h.strength(rate)
			}
			var du, dv mat.Dense
			du.Sub(g.U, e.Gradient.U)
			dv.Sub(g.V, e.Gradient.V)
			fd.Add(
				claim.Equals("L̂ + λR̂ and the mean over all masks, p = "+trim(rate), v.Loss+lambda*penalty, e.Total, claim.Because(1e-12*e.Total, "rounding of sums over masks")),
				claim.Equals("variance over the masks, p = "+trim(rate), lambda*penalty, e.Variance, claim.Because(1e-12*e.Total, "rounding of sums over masks")),
				claim.Equals("largest difference of the mean gradient from the gradient, p = "+trim(rate), 0, max(mat.Max(&du), -mat.Min(&du), mat.Max(&dv), -mat.Min(&dv)), claim.Because(1e-10, "rounding of sums over masks")),
			)
		}
		// Derivatives against differences, at one entry of each factor.
		g, err := p.Gradient(f, .3)
		if err != nil {
			return nil, err
		}
		quotient := func(m *mat.Dense) (float64, error) {
			const e = 1e-5
			defer m.Set(1, 2, m.At(1, 2))
			x := m.At(1, 2)
			m.Set(1, 2, x+e)
			up, err := p.Objective(f, .3)
			if err != nil {
				return 0, err
			}
			m.Set(1, 2, x-e)
			down, err := p.Objective(f, .3)
			return (up.Total - down.Total) / (2 * e), err
		}
		qu, err := quotient(f.U)
		if err != nil {
			return nil, err
		}
		qv, err := quotient(f.V)
		if err != nil {
			return nil, err
		}
		fd.Add(claim.Equals("∂/∂U₂₃ and a difference quotient", g.U.At(1, 2), qu, claim.Because(1e-7, "h² of the third derivative, h = 1e-5")),
			claim.Equals("∂/∂V₂₃ and a difference quotient", g.V.At(1, 2), qv, claim.Because(1e-7, "h² of the third derivative, h = 1e-5")))
		return fd, nil
	}
}

type concentrationTheory struct {
	half, diagonal bool
	slope          float64 // 0 means -½
}

func checkConcentration(h concentrationTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		_, f := golden()
		variance := f.PenaltyVariance()
		if h.half {
			variance /= 2
		}
		if h.diagonal {
			variance = 0
			for _, s := range f.Shares() {
				variance += 2 * math.Pow(s, 4)
			}
		}
		c, err := concentrations.Get(ctx, nil, ConcentrationConfig{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		r := f.Penalty()
		n := c.Draws
		fd := &claim.Finding{}
		fd.Add(
			claim.Equals("mean of R̂ for one matrix", r, c.Mean, claim.Sampling(math.Sqrt(f.PenaltyVariance()), n)),
			claim.Equals("n·Var(R̂)", 20.092421264853257, variance, claim.Rounding(20, 64)),
			claim.Equals("variance of R̂ for one matrix over the theory's", 1, c.Variance/variance, claim.Because(.03, "sampling: the square of R̂ has a kurtosis of about 15, so 2·10⁵ draws or more leave 0.8%")),
			claim.Equals("slope of log sd(R̂) against log n, n from 50 to 3200", or(h.slope, -.5), c.Slope, claim.Because(.05, "sampling: each sd is of 600 draws, off by 3%, and the slope by 0.01")),
			claim.Equals("√n·sd(R̂) at n = 3200", math.Sqrt(variance), math.Sqrt(3200)*c.SD[len(c.SD)-1], claim.Because(.12*math.Sqrt(variance), "sampling: four times 3%")),
		)
		fd.Note("This is for factors that do not look at the sample. After training they do, and R̂ can be well below R: see 11.+/sensing.")
		fd.Figure = c.Figure(f)
		return fd, nil
	}
}

type inducedTheory struct{ rotations, anyWidth, frobenius bool }

func checkInduced(h inducedTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		_, f := golden()
		m := f.Product()
		theta, err := Theta(m, 3)
		if err != nil {
			return nil, err
		}
		lowest, err := leastOverFactors(ctx, f, env.Seed)
		if err != nil {
			return nil, err
		}
		if h.rotations {
			b, err := BestRotation(ctx, f, 20, env.Seed)
			if err != nil {
				return nil, err
			}
			lowest = b.Penalty()
		}
		r := rng.Stream(env.Seed, "sensing/induced")
		least := math.Inf(1)
		convex := math.Inf(-1)
		for k := range 2000 {
			if k%100 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			g := mat.NewDense(3, 3, rng.Normals(r, 9))
			if o, err := pushed(f, g); err == nil {
				least = min(least, o.Penalty())
			}
			a, b := mat.NewDense(3, 3, rng.Normals(r, 9)), mat.NewDense(3, 3, rng.Normals(r, 9))
			var mid mat.Dense
			mid.Add(a, b)
			mid.Scale(.5, &mid)
			ta, _ := Envelope(a, 3)
			tb, _ := Envelope(b, 3)
			tm, _ := Envelope(&mid, 3)
			convex = max(convex, tm-(ta+tb)/2)
		}
		tripled := mat.DenseCopyOf(m)
		tripled.Scale(3, tripled)
		t3, err := Theta(tripled, 3)
		if err != nil {
			return nil, err
		}
		zero, err := Theta(mat.NewDense(4, 3, nil), 2)
		if err != nil {
			return nil, err
		}
		d := mat.NewDense(2, 2, []float64{3, 0, 0, 1})
		two, err := Theta(d, 2)
		if err != nil {
			return nil, err
		}
		one, err := Theta(d, 1)
		var infeasible *InfeasibleError
		refused := 0.0
		if errors.As(err, &infeasible) && math.IsInf(one, 1) {
			refused = 1
		}
		// How near products of width 1 come to diag(3, 1): the population objective without a penalty.
		ends, err := Descend(ctx, d, 1, 0, DescentConfig{Starts: 6, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		gap := math.Inf(1)
		for _, e := range ends {
			gap = min(gap, e.Value)
		}
		wantGap := 1.0
		if h.anyWidth {
			wantGap = 0
		}
		// At width 1 the envelope of diag(3, 1) is the mean of Θ over the parts of the mixture.
		weights, parts, err := Mixture(d)
		if err != nil {
			return nil, err
		}
		mean, whole := 0.0, mat.NewDense(2, 2, nil)
		for i, part := range parts {
			t, err := Theta(part, 1)
			if err != nil {
				return nil, err
			}
			mean += weights[i] * t
			var s mat.Dense
			s.Scale(weights[i], part)
			whole.Add(whole, &s)
		}
		whole.Sub(whole, d)
		envelope, err := Envelope(d, 1)
		if err != nil {
			return nil, err
		}
		if h.frobenius {
			envelope = math.Pow(mat.Norm(d, 2), 2)
		}
		fd := &claim.Finding{}
		fd.Add(
			claim.Equals("least R over all factors of M, by descent on G", theta, lowest, claim.Because(1e-9, "descent stops at a gradient of 1e-8")),
			claim.Above("least R of 2000 random factorizations of M", theta, least, claim.Rounding(theta, 64)),
			claim.Equals("Θ(3M)/Θ(M)", 9, t3/theta, claim.Rounding(9, 16)),
			claim.Equals("Θ(0)", 0, zero, claim.Exact),
			claim.Equals("Θ(diag(3, 1)) at width 2", 8, two, claim.Rounding(8, 8)),
			claim.Equals("at width 1: refused, with the value +∞", 1, refused, claim.Exact),
			claim.Equals("least ‖diag(3, 1) - uvᵀ‖², by descent", wantGap, gap, claim.Because(1e-9, "descent stops at a gradient of 1e-9")),
			claim.Equals("least ‖diag(3, 1) - uvᵀ‖², if 11.6 held at width 1", 0, gap, claim.Because(1e-9, "descent stops at a gradient of 1e-9")).AsPrinted(),
			claim.Equals("mean of Θ over a mixture that is diag(3, 1), width 1", envelope, mean, claim.Rounding(16, 16)),
			claim.Equals("the mixture's distance from diag(3, 1)", 0, mat.Norm(whole, 2), claim.Rounding(4, 16)),
			claim.Below("envelope at a midpoint less the mean at the ends, 2000 pairs", 0, convex, claim.Rounding(10, 16)),
		)
		return fd, nil
	}
}

// pushed returns UG and VG^{-T}, with the same product.
func pushed(f *Factors, g *mat.Dense) (*Factors, error) {
	var inv mat.Dense
	if err := inv.Inverse(g); err != nil {
		return nil, err
	}
	o := &Factors{&mat.Dense{}, &mat.Dense{}}
	o.U.Mul(f.U, g)
	o.V.Mul(f.V, inv.T())
	return o, nil
}

// leastOverFactors minimizes R(UG, VG^{-T}) over invertible G by L-BFGS, from several starts. It knows
// nothing of singular values.
func leastOverFactors(ctx context.Context, f *Factors, seed uint64) (float64, error) {
	d1 := f.Width()
	var gu, gv mat.Dense
	gu.Mul(f.U.T(), f.U)
	gv.Mul(f.V.T(), f.V)
	objective := func(grad, x []float64) float64 {
		g := mat.NewDense(d1, d1, x)
		var inv, h, ug, vh mat.Dense
		if err := inv.Inverse(g); err != nil {
			return math.Inf(1)
		}
		h.CloneFrom(inv.T())
		ug.Mul(&gu, g)
		vh.Mul(&gv, &h)
		nu, nv := make([]float64, d1), make([]float64, d1)
		total := 0.0
		for j := range d1 {
			nu[j], nv[j] = mat.Dot(g.ColView(j), ug.ColView(j)), mat.Dot(h.ColView(j), vh.ColView(j))
			total += nu[j] * nv[j]
		}
		// dR = ⟨P, dG⟩ + ⟨S, dH⟩ with dH = -H·dGᵀ·H.
		for j := range d1 {
			for i := range d1 {
				ug.Set(i, j, 2*nv[j]*ug.At(i, j))
				vh.Set(i, j, 2*nu[j]*vh.At(i, j))
			}
		}
		var back mat.Dense
		back.Product(&h, vh.T(), &h)
		out := mat.NewDense(d1, d1, grad)
		out.Sub(&ug, &back)
		return total
	}
	r := rng.Stream(seed, "sensing/least")
	best := math.Inf(1)
	for range 4 {
		x := rng.Normals(r, d1*d1)
		for i := range d1 {
			x[i*d1+i] += 3
		}
		e, err := minimize(ctx, objective, x, 1e-8, 3000)
		if err != nil {
			return 0, err
		}
		best = min(best, e.value)
	}
	return best, nil
}

// ConcentrationConfig describes the sampling of R̂ at the golden factors.
type ConcentrationConfig struct {
	Sizes []int // n, increasing; nil means 50, 200, 800, 3200
	Draws int   // samples of the largest size; 0 means 600
	Seed  uint64
}

// Concentration holds how far R̂ is from R.
type Concentration struct {
	Config   ConcentrationConfig
	Draws    int       // single matrices drawn
	Mean     float64   // of R̂ for one matrix
	Variance float64   // of R̂ for one matrix
	SD       []float64 // of R̂ at each size
	Slope    float64   // of log SD against log n
}

// RunConcentration draws Gaussian sensing matrices and measures R̂ of the golden factors on samples of
// several sizes; a smaller sample is the beginning of a larger one.
func RunConcentration(ctx context.Context, cfg ConcentrationConfig) (*Concentration, error) {
	const fn = "sensing.RunConcentration"
	if cfg.Sizes == nil {
		cfg.Sizes = []int{50, 200, 800, 3200}
	}
	cfg.Draws = or(cfg.Draws, 600)
	last := 0
	for _, n := range cfg.Sizes {
		if n <= last {
			return nil, errors.New(fn + ": want increasing sizes of at least 1")
		}
		last = n
	}
	if len(cfg.Sizes) < 2 || cfg.Draws < 2 {
		return nil, errors.New(fn + ": want at least two sizes and two draws")
	}
	_, f := golden()
	d2, d1 := f.U.Dims()
	d0, _ := f.V.Dims()
	// q_j = ⟨u_jv_jᵀ, A⟩: rows of w are the u_jv_jᵀ.
	w := make([][]float64, d1)
	for j := range d1 {
		for k := range d2 {
			for l := range d0 {
				w[j] = append(w[j], f.U.At(k, j)*f.V.At(l, j))
			}
		}
	}
	values := make([][]float64, cfg.Draws) // R̂ at each size
	squares := make([]float64, cfg.Draws)
	err := linalg.Parallel(ctx, cfg.Draws, 8, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			if ctx.Err() != nil {
				return
			}
			r := rng.Stream(cfg.Seed, "sensing/concentration/"+trim(float64(t)))
			a := make([]float64, d2*d0)
			sum, at := 0.0, 0
			for i := 1; i <= last; i++ {
				for k := range a {
					a[k] = r.NormFloat64()
				}
				one := 0.0
				for _, row := range w {
					q := floats.Dot(row, a)
					one += q * q
				}
				sum += one
				squares[t] += one * one
				if i == cfg.Sizes[at] {
					values[t] = append(values[t], sum/float64(i))
					at++
				}
			}
		}
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	c := &Concentration{Config: cfg, Draws: cfg.Draws * last}
	var logN, logSD []float64
	for k, n := range cfg.Sizes {
		var s1, s2 float64
		for _, v := range values {
			s1 += v[k]
			s2 += v[k] * v[k]
		}
		m := float64(cfg.Draws)
		sd := math.Sqrt((s2 - s1*s1/m) / (m - 1))
		c.SD = append(c.SD, sd)
		logN, logSD = append(logN, math.Log(float64(n))), append(logSD, math.Log(sd))
		c.Mean = s1 / m
	}
	c.Variance = floats.Sum(squares)/float64(c.Draws) - c.Mean*c.Mean
	c.Slope = slope(logN, logSD)
	return c, nil
}

// Figure shows sd(R̂) against n with the line of the theory.
func (c *Concentration) Figure(f *Factors) *figure.Figure {
	var x, line, low, high []float64
	v := f.PenaltyVariance()
	for k, n := range c.Config.Sizes {
		x, line = append(x, float64(n)), append(line, math.Sqrt(v/float64(n)))
		r := 2 * c.SD[k] / math.Sqrt(2*float64(c.Config.Draws))
		low, high = append(low, c.SD[k]-r), append(high, c.SD[k]+r)
	}
	return &figure.Figure{
		ID: "11.B6", Title: "The penalty on a sample and its expectation",
		Alt:     "Standard deviation of the sampled penalty against the number of samples on logarithmic axes: the points lie on a line of slope -1/2.",
		Caption: `$\mathrm{sd}(\widehat R)=\sqrt{2/n}\,\|(U^\top U)\circ(V^\top V)\|_F$ for factors that do not depend on the sample.`,
		Panels: []figure.Panel{{X: figure.Axis{Label: "samples n", Scale: figure.Log}, Y: figure.Axis{Label: "sd of R̂", Scale: figure.Log},
			Layers: []figure.Layer{figure.Line("theory", 0, x, line), figure.Points("measured", 0, x, c.SD, low, high)}}},
	}
}

// slope is that of the least-squares line.
func slope(x, y []float64) float64 {
	mx, my := floats.Sum(x)/float64(len(x)), floats.Sum(y)/float64(len(y))
	num, den := 0.0, 0.0
	for i := range x {
		num += (x[i] - mx) * (y[i] - my)
		den += (x[i] - mx) * (x[i] - mx)
	}
	return num / den
}
