package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// concentrationClaims are Lemma 9.2.2 and what section 9.2 says of matrices.
func concentrationClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.L2", Kind: claim.Lemma, Title: "Concentration of H(0)", Ref: "Lemma 9.2.2",
			Statement: `If $m=\Omega(\varepsilon^{-2}n^2\log(n/\delta))$ then $\|H(0)-H^*\|_2\le\varepsilon$ with probability at least $1-\delta$. For ReLU, exactly, $\mathbb E\|H(0)-H^*\|_F^2=\frac1m\sum_{ij}K_{ij}^2p_{ij}(1-p_{ij})$ with $p=\frac12\kappa_0$.`,
			Source:    "ntk.RunConcentration, ntk.Variance, ntk.WidthFor",
			Check:     concentration(lawOfWidth{1, 1, WidthFor}),
			Alternatives: alternatives(concentration,
				named[lawOfWidth]{"the rate 1/√m for the square", lawOfWidth{.5, 1, WidthFor}},
				named[lawOfWidth]{"half the variance, as if H(0) had only its upper triangle", lawOfWidth{1, .5, WidthFor}},
				named[lawOfWidth]{"a width without the factor n²", lawOfWidth{1, 1, func(n int, epsilon, delta float64) int {
					return int(math.Ceil(float64(WidthFor(n, epsilon, delta)) / float64(n*n)))
				}}},
				named[lawOfWidth]{"a width with n in place of n²", lawOfWidth{1, 1, func(n int, epsilon, delta float64) int {
					return int(math.Ceil(float64(WidthFor(n, epsilon, delta)) / float64(n)))
				}}}),
			Errata: []claim.Erratum{{
				Number: "9.6", Where: "Proof of Lemma 9.2.2, after the union bound",
				Printed: `for all $(i,j)$, $|H(0)_{ij}-H^*_{ij}|\le\frac{\varepsilon}{n^2}$`,
				Correct: `$|H(0)_{ij}-H^*_{ij}|\le\frac\varepsilon n$`,
				Why:     `The display before it has $\varepsilon/n$, and the chain after it needs no more: $(n^2\varepsilon^2/n^2)^{1/2}=\varepsilon$. The step to $4\sqrt{\log(n/\delta)/m}$ is right as soon as $n/\delta\ge2^{1/6}$, so for all $n\ge2$.`,
			}},
		},
		{
			ID: "9.I3", Kind: claim.Bound, Title: "Hoeffding for every entry at once", Ref: "Proof of Lemma 9.2.2",
			Statement:    `With probability at least $1-\delta$ every entry obeys $|H(0)_{ij}-H^*_{ij}|\le|K_{ij}|\sqrt{\log(2n^2/\delta)/(2m)}$ (ReLU), and $\|H(0)-H^*\|_2\le\|H(0)-H^*\|_F$.`,
			Source:       "ntk.HoeffdingRadius",
			Check:        hoeffding(func(n, m int, delta float64) float64 { return HoeffdingRadius(n, m, delta) }),
			Alternatives: alternatives(hoeffding, named[radius]{"without the union bound over n² entries", func(_, m int, delta float64) float64 { return HoeffdingRadius(1, m, delta) }}),
		},
		{
			ID: "9.I4/entry", Kind: claim.Bound, Title: "How far one entry of H moves with the weights", Ref: "Proof of Lemma 9.2.3",
			Statement:    `If no weight vector moves by more than $R$ and inputs are unit, then $|H_{ij}(W)-H_{ij}(W_0)|\le2|x_i^\top x_j|\,\sup|\sigma'|\,\sup|\sigma''|\,R$. ReLU, whose $\sigma''$ is unbounded, is not covered: its entries move by flipped gates.`,
			Source:       "ntk.SampleGram",
			Check:        entryDrift(.25),
			Alternatives: alternatives(entryDrift, named[float64]{"0.09 in place of sup|σ''| = ¼ of softplus", .09}),
			Errata: []claim.Erratum{{
				Number: "9.7", Where: "Proof of Lemma 9.2.3, difference of a single entry",
				Printed: `with $s_i(t)=\dot\sigma(w_r(t)^\top x_i)$: $H(t)_{ij}-H(0)_{ij}=|\frac1m\sum_r(\dots)|\le\frac1m\sum_r|s_i(t)(s_j(t)-s_i(0))|+\dots$`,
				Correct: `$|H(t)_{ij}-H(0)_{ij}|\le\frac{|x_i^\top x_j|}m\sum_r|s_i(t)||s_j(t)-s_j(0)|+\frac{|x_i^\top x_j|}m\sum_r|s_j(0)||s_i(t)-s_i(0)|$`,
				Why:     `Adding and subtracting $s_i(t)s_j(0)$ compares each input with itself; the printed line compares $x_j$ with $x_i$, which does not become small, loses absolute values and the factor $|x_i^\top x_j|$. The argument needs a bounded $\sigma''$, which ReLU has not.`,
			}},
		},
		{
			ID: "9.R5/norms", Kind: claim.Remark, Title: "Spectral against Frobenius norm", Ref: "Section 9.2",
			Statement:    `$\|A-B\|_2\le\|A-B\|_F$, with equality for rank one: entries that are close make spectra close.`,
			Source:       "linalg.SpectralNorm",
			Check:        norms(1),
			Alternatives: alternatives(norms, named[float64]{"the Frobenius norm over √n as upper bound", 1 / math.Sqrt(20)}),
		},
	}
}

// lawOfWidth says how E‖H(0) - H*‖_F² depends on the width, scale·V/m^power, and which width is said
// to bring ‖H(0) - H*‖_2 down to ε with probability 1 - δ.
type lawOfWidth struct {
	power, scale float64
	width        func(n int, epsilon, delta float64) int
}

func concentration(law lawOfWidth) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := RunConcentration(ctx, ConcentrationConfig{Seed: env.Seed}, env.Report)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("Σ K²p(1-p), 20 digits", 65.54372, r.Variance, claim.Digits(1e-5)))
		for k, m := range r.Config.Widths {
			f.Add(claim.Equals(fmt.Sprintf("mean of ‖H(0) - H*‖_F² over %d networks, m = %d", r.Config.Seeds, m),
				law.scale*r.Variance/math.Pow(float64(m), law.power), r.Frobenius2[k], claim.Sampling(r.Frobenius2SD[k], r.Config.Seeds)))
		}
		relative := func(k int) float64 { return r.Frobenius2SD[k] / r.Frobenius2[k] / math.Sqrt(float64(r.Config.Seeds)) }
		f.Add(claim.Equals("slope of log ‖H(0) - H*‖_F² in log m", -law.power, Slope(Floats(r.Config.Widths), r.Frobenius2),
			claim.Because(4*math.Hypot(relative(0), relative(2))/math.Log(100), "sampling at both ends of two decades, four standard errors")))

		// The lemma's event at a width that the proof's constants give.
		const epsilon, delta, networks = 2.0, .05, 60
		s, err := digits38(20)
		if err != nil {
			return nil, err
		}
		k, err := Kernel{}.Gram(s.X)
		if err != nil {
			return nil, err
		}
		inputs := turned(s.X, k)
		m := law.width(20, epsilon, delta)
		norm, entry := make([]float64, networks), make([]float64, networks)
		err = linalg.Parallel(ctx, networks, 4, func(lo, hi int) {
			for j := lo; j < hi; j++ {
				h, err := SampleGram(ReLU, inputs, m, rng.Stream(env.Seed, fmt.Sprint("event ", j)))
				if err != nil {
					panic(err)
				}
				entry[j] = maxDiff(h, s.H)
				if norm[j], err = linalg.SpectralNorm(difference(h, s.H)); err != nil {
					panic(err)
				}
			}
		})
		if err != nil {
			return nil, err
		}
		outside := 0.0
		for _, v := range norm {
			if v > epsilon {
				outside++
			}
		}
		f.Add(
			claim.Below(fmt.Sprintf("share of %d networks with ‖H(0) - H*‖_2 > %g at m = %d", networks, epsilon, m), delta, outside/networks, claim.Exact),
			claim.Below("largest ‖H(0) - H*‖_2 among them", epsilon, floats.Max(norm), claim.Exact),
			claim.Below("largest entry among them against ε/n", epsilon/20, floats.Max(entry), claim.Exact),
			claim.Below("mean over them of the largest entry against ε/n² as printed", epsilon/400, floats.Sum(entry)/networks, claim.Exact).AsPrinted())
		worst := math.Inf(1)
		for n := 2; n < 2000; n *= 2 {
			for _, d := range []float64{1, .5, .05, 1e-6} {
				m := 1.0 // both sides scale alike with m
				worst = min(worst, 4*math.Sqrt(math.Log(float64(n)/d)/m)/math.Sqrt(2*math.Log(2*float64(n)*float64(n)/d)/m))
			}
		}
		f.Add(claim.Above("4√(log(n/δ)/m) over √(2 log(2n²/δ)/m), smallest over n >= 2 and δ <= 1", 1, worst, claim.Exact))
		f.Note("The union bound is loose: at m = %d it promises ‖H(0) - H*‖_2 <= %g, the largest of %d networks is %.3f.", m, epsilon, networks, floats.Max(norm))
		fig := FigureConcentration(r)
		f.Figure = &fig
		return f, nil
	}
}

func difference(a, b *mat.SymDense) *mat.SymDense {
	d := mat.NewSymDense(a.SymmetricDim(), nil)
	d.ScaleSym(-1, b)
	d.AddSym(a, d)
	return d
}

// radius is a bound on |H(0)_ij - H*_ij|/|K_ij| for all entries at once.
type radius func(n, m int, delta float64) float64

func hoeffding(bound radius) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, m, networks, delta = 20, 400, 200, .05
		s, err := digits38(n)
		if err != nil {
			return nil, err
		}
		k, err := Kernel{}.Gram(s.X)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		r := bound(n, m, delta)
		outside, worst := 0, 0.0
		loose := math.Inf(1)
		for j := range networks {
			h, err := SampleGram(ReLU, s.X, m, rng.Stream(env.Seed, fmt.Sprint("network ", j)))
			if err != nil {
				return nil, err
			}
			largest := 0.0
			for a := range n {
				for b := range n {
					largest = max(largest, math.Abs(h.At(a, b)-s.H.At(a, b))/math.Abs(k.At(a, b)))
				}
			}
			if largest > r {
				outside++
			}
			worst = max(worst, largest)
			d := difference(h, s.H)
			norm, err := linalg.SpectralNorm(d)
			if err != nil {
				return nil, err
			}
			loose = min(loose, mat.Norm(d, 2)/norm)
		}
		f.Add(
			claim.Below(fmt.Sprintf("share of %d networks with an entry outside its radius, δ = %g, m = %d", networks, delta, m), delta, float64(outside)/networks, claim.Exact),
			claim.Above("smallest ‖H(0) - H*‖_F/‖H(0) - H*‖_2 over them", 1, loose, claim.Rounding(1, 100)))
		f.Note("The largest deviation of any entry of any network was %.2f of the radius.", worst/r)
		return f, nil
	}
}

// entryDrift checks the entry bound for softplus with a given sup|σ”|, and shows ReLU breaking it.
func entryDrift(second float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, m, d = 12, 400, 64
		s, err := digits38(n)
		if err != nil {
			return nil, err
		}
		start := rng.Normals(rng.Stream(env.Seed, "init"), m*d)
		f := &claim.Finding{}
		// All weights move by R in the same direction: towards the mean input, which opens gates.
		direction := make([]float64, d)
		for i := range n {
			floats.Add(direction, s.X.RawRowView(i))
		}
		floats.Scale(1/floats.Norm(direction, 2), direction)
		// Neuron 1 starts just below the gate of input 1, which the smallest movement opens.
		const tiny = 1e-6
		first, x1 := start[:d], s.X.RawRowView(0)
		floats.AddScaled(first, -floats.Dot(first, x1)-tiny/2*floats.Dot(direction, x1), x1)
		gram := func(act Activation, move float64) *mat.SymDense {
			w := mat.NewDense(m, d, append([]float64(nil), start...))
			for r := range m {
				floats.AddScaled(w.RawRowView(r), move, direction)
			}
			net := &smallNet{act, w, rng.Signs(rng.Stream(env.Seed, "signs"), m)}
			var g mat.SymDense
			g.SymOuterK(1, net.features(s.X))
			return &g
		}
		ratio := func(act Activation, move float64) float64 {
			a, b := gram(act, 0), gram(act, move)
			worst := 0.0
			for i := range n {
				for j := range n {
					inner := math.Abs(floats.Dot(s.X.RawRowView(i), s.X.RawRowView(j)))
					worst = max(worst, math.Abs(a.At(i, j)-b.At(i, j))/(2*inner*move))
				}
			}
			return worst
		}
		for _, move := range []float64{.01, .1, 1} {
			f.Add(claim.Below(fmt.Sprintf("largest |ΔH_ij|/(2|x_iᵀx_j|R), softplus, R = %g", move), second, ratio(Softplus, move), claim.Exact))
		}
		// One gate of ReLU that flips changes entries by 1/m however small R is: no constant bounds σ''.
		f.Add(claim.Below("largest |ΔH_ij|/(2|x_iᵀx_j|R), ReLU with one neuron at its kink, R = 1e-6, against the assumption |σ''| <= 1", 1, ratio(ReLU, tiny), claim.Exact).AsPrinted())
		// The printed second factor compares x_j with x_i: it does not vanish with R.
		net := newSmallNet(Softplus, m, d, env.Seed)
		printed := 0.0
		for r := range m {
			w := net.w.RawRowView(r)
			printed += math.Abs(Softplus.Slope(floats.Dot(w, s.X.RawRowView(1))) - Softplus.Slope(floats.Dot(w, s.X.RawRowView(0))))
		}
		f.Add(claim.Below("printed mean of |σ'(w_r(t)ᵀx_j) - σ'(w_r(0)ᵀx_i)| at t = 0, where nothing has moved", 0, printed/m, claim.Rounding(1, 10)).AsPrinted())
		return f, nil
	}
}

// norms checks ‖A-B‖_2 <= c·‖A-B‖_F.
func norms(c float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := digits38(20)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, m := range []int{100, 1000} {
			h, err := SampleGram(ReLU, s.X, m, rng.Stream(env.Seed, fmt.Sprint("width ", m)))
			if err != nil {
				return nil, err
			}
			d := difference(h, s.H)
			norm, err := linalg.SpectralNorm(d)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Below(fmt.Sprintf("‖H(0) - H*‖_2, m = %d, against the Frobenius norm", m), c*mat.Norm(d, 2), norm, claim.Rounding(norm, 100)))
			values, err := linalg.EigenvaluesSym(d)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("‖H(0) - H*‖_F from entries and from eigenvalues, m = %d", m), mat.Norm(d, 2), floats.Norm(values, 2), claim.Rounding(norm, 1000)))
		}
		one := mat.NewSymDense(20, nil)
		one.SymRankOne(one, 1, mat.NewVecDense(20, s.Y))
		norm, err := linalg.SpectralNorm(one)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("‖yyᵀ‖_2 against ‖yyᵀ‖_F, rank one", c*mat.Norm(one, 2), norm, claim.Rounding(20, 100)))
		return f, nil
	}
}
