package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/stat"
)

// deepClaims are those of section 9.4.
func deepClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.A3", Kind: claim.Model, Title: "The deep network and its normalisation", Ref: "Section 9.4, Eq. 9.12",
			Statement:    `$g^{(h)}=\sqrt{c_\sigma/d_h}\,\sigma(W^{(h)}g^{(h-1)})$ with $c_\sigma=1/\mathbb E_{z\sim N(0,1)}[\sigma(z)^2]$ keeps the squared norm of every layer; all layers are trained. Section 9.2's kernel is not its case $L=1$: $\Theta^{(1)}=c_\sigma H^*+\Sigma^{(1)}$.`,
			Source:       "ntk.Normalisation, ntk.Kernel",
			Check:        normalisation(Normalisation),
			Alternatives: alternatives(normalisation, named[func(Activation) (float64, error)]{"c_σ = 1/E[σ'(z)²]", slopeNormalisation}),
			Errata: []claim.Erratum{{
				Number: "9.11", Where: "Section 9.4, after Equation 9.12, and the formula for Θ",
				Printed: `$c_\sigma=(\mathbb E_{z\sim N(0,1)}[\sigma z^2])^{-1}$; $\dot\Sigma^{(h)}$ is used without a definition, up to $h=L+1$`,
				Correct: `$c_\sigma=(\mathbb E[\sigma(z)^2])^{-1}$; $\dot\Sigma^{(h)}(x,x')=c_\sigma\,\mathbb E_{(u,v)\sim N(0,\Lambda^{(h)})}[\dot\sigma(u)\dot\sigma(v)]$ and $\dot\Sigma^{(L+1)}=1$`,
				Why:     `A parenthesis was lost: read as printed, $\mathbb E[\sigma(z)z^2]$ is $\sqrt{2/\pi}$ for ReLU and $0$ for every odd $\sigma$. The last layer is linear, so that $b^{(L+1)}=1$ and its factor is 1.`,
			}},
		},
		{
			ID: "9.A4", Kind: claim.Algorithm, Title: "Covariance recursion of the Gaussian process", Ref: "Section 9.4, Eq. 9.15 and 9.16",
			Statement:    `$\Sigma^{(h)}(x,x')=c_\sigma\mathbb E_{(u,v)\sim N(0,\Lambda^{(h)})}[\sigma(u)\sigma(v)]$; for ReLU on unit inputs $\Sigma^{(h)}=\kappa_1(\Sigma^{(h-1)})$.`,
			Source:       "ntk.Kernel{NNGP: true}, ntk.Kernel.Layers",
			Check:        covarianceRecursion(2),
			Alternatives: alternatives(covarianceRecursion, named[float64]{"c_σ = 1", 1}),
		},
		{
			ID: "9.A4/nngp", Kind: claim.Limit, Title: "The output at initialisation is Gaussian in the limit", Ref: "Section 9.4, Eq. 9.16",
			Statement:    `At width $m$ the output of a ReLU net with one hidden layer and Gaussian weights has variance $\|x\|^2=\Sigma^{(1)}(x,x)$ exactly, and excess kurtosis $\frac{15}m$.`,
			Source:       "ntk.Kernel{NNGP: true}",
			Check:        gaussianOutput(15),
			Alternatives: alternatives(gaussianOutput, named[float64]{"excess kurtosis 3/m, as for sums with fixed signs", 3}),
		},
		{
			ID: "9.A5", Kind: claim.Algorithm, Title: "The tangent kernel of a deep net", Ref: "Section 9.4",
			Statement:    `$\Theta^{(L)}(x,x')=\sum_{h=1}^{L+1}\Sigma^{(h-1)}\prod_{h'=h}^{L+1}\dot\Sigma^{(h')}$ with $\dot\Sigma^{(L+1)}=1$, or $\Theta^{(h)}=\Theta^{(h-1)}\dot\Sigma^{(h)}+\Sigma^{(h)}$.`,
			Source:       "ntk.Kernel.Gram, ntk.Kernel.Layers",
			Check:        tangentKernel(func(layers []Layer) float64 { return 1 }),
			Alternatives: alternatives(tangentKernel, named[func([]Layer) float64]{"Σ̇^{(L+1)} continued by the recursion", nextSlope}),
		},
		{
			ID: "9.A5/depth", Kind: claim.Limit, Title: "The kernel of very deep nets forgets its inputs", Ref: "Section 9.4",
			Statement:    `For ReLU, $(1-\Sigma^{(L)})L^2\to\frac{9\pi^2}2$ and $\Theta^{(L)}/(L+1)\to\frac14$ for every pair of unit inputs with $\rho<1$.`,
			Source:       "ntk.Kernel.Layers",
			Check:        depthLimit(9*math.Pi*math.Pi/2, .25),
			Alternatives: []claim.Alternative{{Name: "1/3 in place of 1/4", Check: depthLimit(9*math.Pi*math.Pi/2, 1./3)}, {Name: "9π² in place of 9π²/2", Check: depthLimit(9*math.Pi*math.Pi, .25)}},
		},
	}
}

func slopeNormalisation(a Activation) (float64, error) {
	_, slope := a.Moments(1, 1, 1)
	return 1 / slope, nil
}

// normal is the mean of f(z), z ~ N(0, 1), by Simpson's rule on [-12, 12] with a node at 0, where ReLU
// has its kink.
func normal(f func(z float64) float64) float64 {
	const n, limit = 4800, 12.0
	sum := 0.0
	for k := 0; k <= n; k++ {
		z := -limit + 2*limit*float64(k)/n
		w := 2. / 3
		if k%2 == 1 {
			w = 4. / 3
		}
		if k == 0 || k == n {
			w = 1. / 3
		}
		sum += w * f(z) * math.Exp(-z*z/2)
	}
	return sum * 2 * limit / n / math.Sqrt(2*math.Pi)
}

// plane is the mean of f(u)f(v) for standard normals u, v of correlation rho by the trapezoid rule in
// the plane, which for a smooth f is exact to nearly all digits.
func plane(f func(float64) float64, rho float64) float64 {
	const limit, step = 10.0, .1
	rest := math.Sqrt((1 - rho) * (1 + rho))
	sum := 0.0
	for a := -limit; a < limit; a += step {
		inner := 0.0
		for b := -limit; b < limit; b += step {
			inner += f(rho*a+rest*b) * math.Exp(-b*b/2)
		}
		sum += f(a) * inner * math.Exp(-a*a/2)
	}
	return sum * step * step / (2 * math.Pi)
}

func normalisation(c func(Activation) (float64, error)) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		golden := map[string]float64{"relu": 2, "erf": 2.15257886061, "softplus": 1.08548650299, "tanh": 2.53617543322}
		for _, act := range Activations() {
			value, err := c(act)
			if err != nil {
				return nil, err
			}
			second := normal(func(z float64) float64 { return act.Value(z) * act.Value(z) })
			f.Add(claim.Equals("c_σ·E[σ(z)²] by Simpson's rule, "+act.Name(), 1, value*second, claim.Because(1e-7, "80-point quadrature; poles of tanh at ±iπ/2")))
			if want, ok := golden[act.Name()]; ok {
				f.Add(claim.Equals("c_σ, "+act.Name(), want, value, claim.Because(2e-8, "printed digits; 80-point quadrature for tanh")))
			}
			// The case L = 1 against section 9.2, whose H* is integrated apart from the recursion.
			const rho = .4
			slopes, tol := 0.0, claim.Because(1e-10, "trapezoid rule in the plane, and Mehler's series")
			if act == ReLU {
				_, slopes = polarMoments(rho)
				tol = claim.Because(2*value/(1<<17), "two ends of an arc counted in 2¹⁷ directions")
			} else {
				slopes = plane(act.Slope, rho)
			}
			x, z := []float64{1, 0}, []float64{rho, math.Sqrt(1 - rho*rho)}
			theta, err := Kernel{Depth: 1, Activation: act}.At(x, z)
			if err != nil {
				return nil, err
			}
			sigma, err := Kernel{Depth: 1, Activation: act, NNGP: true}.At(x, z)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("Θ¹ - Σ¹ against c_σ·H* = c_σ·ρ·E[σ'σ'] integrated, ρ = 0.4, "+act.Name(), value*rho*slopes, theta-sigma, tol))
		}
		// The printed E[σ(z)z²] for ReLU.
		printed := 1 / normal(func(z float64) float64 { return ReLU.Value(z) * z * z })
		second := normal(func(z float64) float64 { return ReLU.Value(z) * ReLU.Value(z) })
		f.Add(claim.Equals("1/E[σ(z)z²] as printed, times E[σ(z)²], ReLU", 1, printed*second, claim.Because(1e-7, "quadrature")).AsPrinted())
		return f, nil
	}
}

// covarianceRecursion compares the recursion with integrals over the plane, layer by layer; c is the
// normalisation that the integral is given.
func covarianceRecursion(c float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		golden := map[float64][3]float64{
			-1: {0, .3183098862, .4937310902}, -.5: {.1089977810, .3747014983, .5282793877}, 0: {.3183098862, .4937310902, .6048257201},
			.5: {.6089977810, .6839056509, .7381281923}, .9: {.9095383988, .9177411442, .9248508954}, 1: {1, 1, 1},
		}
		dots := map[float64][3]float64{
			-1: {0, .5, .6031152484}, -.5: {.3333333333, .5347641404, .6222548045}, 0: {.5, .6031152484, .6643672875},
			.5: {.6666666667, .7084281735, .7397200192}, .9: {.8564337069, .8635646634, .8699891952}, 1: {1, 1, 1},
		}
		for _, rho := range []float64{-1, -.5, 0, .5, .9, 1} {
			x, z := []float64{1, 0}, []float64{rho, math.Sqrt((1 - rho) * (1 + rho))}
			layers, err := Kernel{Depth: 3}.Layers(rho)
			if err != nil {
				return nil, err
			}
			for h := 1; h <= 3; h++ {
				value, slope := polarMoments(layers[h-1].Sigma)
				nngp, err := Kernel{Depth: h, NNGP: true}.At(x, z)
				if err != nil {
					return nil, err
				}
				f.Add(
					claim.Equals(fmt.Sprintf("Σ^(%d) at ρ = %g by the route of Gram matrices", h, rho), golden[rho][h-1], nngp, claim.Digits(1e-10)),
					claim.Equals(fmt.Sprintf("Σ̇^(%d) at ρ = %g", h, rho), dots[rho][h-1], layers[h].SigmaDot, claim.Digits(1e-10)),
					claim.Equals(fmt.Sprintf("Σ^(%d) at ρ = %g", h, rho), golden[rho][h-1], layers[h].Sigma, claim.Digits(1e-10)),
					claim.Equals(fmt.Sprintf("Σ^(%d) at ρ = %g as an integral over the plane", h, rho), c*value, layers[h].Sigma, claim.Because(1e-9, "trapezoid rule at a kink, O(n⁻²)")),
					claim.Equals(fmt.Sprintf("Σ̇^(%d) at ρ = %g as a share of directions", h, rho), c*slope, layers[h].SigmaDot, claim.Because(2*c/(1<<17), "two ends of an arc counted in 2¹⁷ directions")))
			}
		}
		// E[σσ] of other activations, as printed and integrated.
		for _, g := range []struct {
			act  Activation
			want float64
			tol  claim.Tolerance
		}{
			{Erf, .21634689594, claim.Digits(1e-11)},
			{Softplus, .78007816521, claim.Digits(1e-11)},
			{Tanh, .18632441320, claim.Because(2e-9, "the printed value is an 80-point rule; poles of tanh at ±iπ/2")},
		} {
			got, err := Kernel{Depth: 1, Activation: g.act, NNGP: true, Unscaled: true}.At([]float64{1, 0}, []float64{.5, math.Sqrt(.75)})
			if err != nil {
				return nil, err
			}
			f.Add(
				claim.Equals("E[σσ] at ρ = 0.5, "+g.act.Name(), g.want, got, g.tol),
				claim.Equals("E[σσ] at ρ = 0.5 as an integral over the plane, "+g.act.Name(), plane(g.act.Value, .5), got, claim.Because(1e-10, "trapezoid rule in the plane, and Mehler's series")))
		}
		// Erf, whose variances are not preserved by homogeneity: Gauss-Hermite against arcsin.
		series := Smooth("erf by quadrature", Erf.Value, Erf.Slope)
		x := Sphere(6, 3, rng.Stream(env.Seed, "data"))
		x.Scale(1.3, x)
		closed, err := Kernel{Depth: 3, Activation: Erf, NNGP: true}.Gram(x)
		if err != nil {
			return nil, err
		}
		integrated, err := Kernel{Depth: 3, Activation: series, NNGP: true}.Gram(x)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("largest difference of Σ^(3) for erf between arcsines and Mehler's series", 0, maxDiff(closed, integrated), claim.Because(1e-6, "share of the square that a cut series may miss")))
		fig := FigureKernel(5, ReLU)
		f.Figure = &fig
		return f, nil
	}
}

// polarMoments integrates E[σ(u)σ(v)] and E[σ'(u)σ'(v)] for ReLU over the plane in which the weight
// vector has angle φ: the radius contributes E[r²] = 2, the directions are uniform.
func polarMoments(rho float64) (value, slope float64) {
	const n = 1 << 17
	theta := math.Acos(rho)
	for k := range n {
		phi := 2 * math.Pi * float64(k) / n
		u, v := math.Cos(phi), math.Cos(phi-theta)
		if u > 0 && v > 0 {
			value += 2 * u * v / n
			slope += 1. / n
		}
	}
	return value, slope
}

// gaussianOutput samples networks at initialisation, unit input.
func gaussianOutput(kurtosis float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const draws, blocks = 400000, 100
		for _, m := range []int{5, 20} {
			out := make([]float64, draws)
			err := linalg.Parallel(ctx, blocks, 1, func(lo, hi int) {
				for b := lo; b < hi; b++ {
					r := rng.Stream(env.Seed, fmt.Sprintf("width %d block %d", m, b))
					for k := b * draws / blocks; k < (b+1)*draws/blocks; k++ {
						sum := 0.0
						for range m {
							if z := r.NormFloat64(); z > 0 { // w_rᵀx of a unit input
								sum += z * z
							}
						}
						// Given the hidden layer, the output is normal with variance ‖g‖² = (2/m)Σσ(z)²: (9.16).
						out[k] = math.Sqrt(2*sum/float64(m)) * r.NormFloat64()
					}
				}
			})
			if err != nil {
				return nil, err
			}
			square := make([]float64, draws)
			fourth := 0.0
			for k, v := range out {
				square[k] = v * v
				fourth += v * v * v * v / draws
			}
			variance, sd := stat.MeanStdDev(square, nil)
			excess := fourth/(variance*variance) - 3
			// The spread of a ratio of moments, from the influence of single draws on it.
			influence := make([]float64, draws)
			for k, x := range square {
				influence[k] = float64(m) * ((x*x-fourth)/(variance*variance) - 2*fourth*(x-variance)/math.Pow(variance, 3))
			}
			f.Add(
				claim.Equals(fmt.Sprintf("variance of the output of %d networks, m = %d", draws, m), 1, variance, claim.Sampling(sd, draws)),
				claim.Equals(fmt.Sprintf("m times its excess kurtosis, m = %d", m), kurtosis, float64(m)*excess, claim.Sampling(stat.StdDev(influence, nil), draws)))
		}
		return f, nil
	}
}

// nextSlope is what Σ̇^{(L+1)} would be if the recursion went on.
func nextSlope(layers []Layer) float64 { return Kappa0(layers[len(layers)-1].Sigma) }

// tangentKernel compares the book's sum of products, with the given last factor, with the recursion
// as Gram matrices run it, and with printed values.
func tangentKernel(last func(layers []Layer) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		golden := map[float64][3]float64{
			-1: {0, .3183098862, .6857086363}, -.5: {-.0576688856, .3438622463, .7422493226}, 0: {.3183098862, .6857086363, 1.0603881068},
			.5: {.9423311144, 1.3514795611, 1.7378446792}, .9: {1.6803287350, 2.3688136627, 2.9856931874}, 1: {2, 3, 4},
		}
		for _, rho := range []float64{-1, -.5, 0, .5, .9, 1} {
			x, z := []float64{1, 0}, []float64{rho, math.Sqrt((1 - rho) * (1 + rho))}
			for depth := 1; depth <= 3; depth++ {
				got, err := Kernel{Depth: depth}.At(x, z)
				if err != nil {
					return nil, err
				}
				layers, err := Kernel{Depth: depth}.Layers(rho)
				if err != nil {
					return nil, err
				}
				sum := 0.0
				for h := 1; h <= depth+1; h++ {
					term := layers[h-1].Sigma * last(layers)
					for q := h; q <= depth; q++ {
						term *= layers[q].SigmaDot
					}
					sum += term
				}
				f.Add(
					claim.Equals(fmt.Sprintf("Θ^(%d) at ρ = %g", depth, rho), golden[rho][depth-1], got, claim.Digits(1e-10)),
					claim.Equals(fmt.Sprintf("Θ^(%d) at ρ = %g as the sum of products", depth, rho), sum, got, claim.Rounding(float64(depth+1), 200)))
			}
		}
		x, z := []float64{.3, -2, 1}, []float64{1, .5, -.25}
		one, err := Kernel{Depth: 4}.At(x, z)
		if err != nil {
			return nil, err
		}
		scaled, err := Kernel{Depth: 4}.At([]float64{.9, -6, 3}, []float64{.2, .1, -.05})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("Θ^(4)(3x, x'/5)/Θ^(4)(x, x')", .6, scaled/one, claim.Rounding(1, 100)))
		fig := FigureKernel(5, ReLU)
		f.Figure = &fig
		return f, nil
	}
}

func depthLimit(spread, plateau float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const deep = 10000
		layers, err := Kernel{Depth: deep}.Layers(0)
		if err != nil {
			return nil, err
		}
		scaled := func(depth int) (sigma, theta float64) {
			l := float64(depth)
			return (1 - layers[depth].Sigma) * l * l, layers[depth].Theta / (l + 1)
		}
		s3, t3 := scaled(1000)
		s4, t4 := scaled(deep)
		f.Add(
			claim.Equals("(1 - Σ^(L))L² at L = 1000, ρ = 0", 43.1297, s3, claim.Digits(1e-4)),
			claim.Equals("(1 - Σ^(L))L² at L = 10000", 44.2520, s4, claim.Because(3e-4, "1 - Σ is 4e-7 at this depth, of which float64 keeps nine digits; printed to 1e-4")),
			claim.Equals("Θ^(L)/(L+1) at L = 1000", .253291, t3, claim.Digits(1e-6)),
			claim.Equals("Θ^(L)/(L+1) at L = 10000", .250417, t4, claim.Digits(1e-6)),
			claim.Equals("(1 - Σ^(L))L² at L = 10000 against its limit", spread, s4, claim.Because(.25, "next order, O(log L/L)")),
			claim.Equals("Θ^(L)/(L+1) at L = 10000 against its limit", plateau, t4, claim.Because(1e-3, "next order, O(log L/L)")))
		// From another pair of inputs the limit is the same.
		other, err := Kernel{Depth: deep}.Layers(-.9)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("Θ^(L)/(L+1) at L = 10000, ρ = -0.9", plateau, other[deep].Theta/(deep+1), claim.Because(1e-3, "next order, O(log L/L)")))
		f.Note("A kernel that is (L+1)/4 off the diagonal and L+1 on it tells inputs apart only by their being different: very deep fully-connected NTKs generalise badly.")
		return f, nil
	}
}
