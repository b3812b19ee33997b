package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// twoLayerClaims are those of section 9.2 up to the kernel H*.
func twoLayerClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.I2", Kind: claim.Identity, Title: "H(0) is an average over neurons", Ref: "Section 9.2",
			Statement:    `With $a_r=\pm1$ and the scaling $1/\sqrt m$, $H(0)_{ij}=\sum_r\langle\partial_{w_r}f(x_i),\partial_{w_r}f(x_j)\rangle=x_i^\top x_j\cdot\frac1m\sum_r\sigma'(w_r^\top x_i)\sigma'(w_r^\top x_j)$.`,
			Source:       "ntk.SampleGram",
			Check:        neuronAverage(averageSlopes),
			Alternatives: alternatives(neuronAverage, named[averageOf]{"σ in place of σ'", averageValues}, named[averageOf]{"without the factor xᵀx'", averageWithoutInner}),
			Errata: []claim.Erratum{{
				Number: "9.5", Where: "Section 9.2, display of H(0), and the assumptions before it",
				Printed: `$\langle\frac{1}{\sqrt m}a_rx_i\dot\sigma(w_r^\top x_i),\frac1{\sqrt m}a_rx_j\sigma'(w_r^\top x_i)\rangle$; "for all $z$ and For example"`,
				Correct: `the second slope is taken at $x_j$, $\sigma'(w_r^\top x_j)$; the sentence lacks "$\in\mathbb R$, with small constants": softplus has $|\sigma'|<1$ and $|\sigma''|\le\frac14$`,
				Why:     `The gradient of $f(x_j)$ with respect to $w_r$ is $\frac{1}{\sqrt m}a_rx_j\sigma'(w_r^\top x_j)$; the display's last line has it right.`,
			}},
		},
		{
			ID: "9.D1", Kind: claim.Definition, Title: "The limit kernel H*", Ref: "Section 9.2",
			Statement:    `$H^*_{ij}=x_i^\top x_j\,\mathbb E_{w\sim N(0,I)}[\sigma'(w^\top x_i)\sigma'(w^\top x_j)]$ is a kernel, in closed form for ReLU and erf and by quadrature for softplus and tanh.`,
			Source:       "ntk.TwoLayer, ntk.Kernel.Gram",
			Check:        limitKernel(1, true),
			Alternatives: []claim.Alternative{{Name: "the factor c_σ of section 9.4 included", Check: limitKernel(2, true)}, {Name: "without the factor xᵀx'", Check: limitKernel(1, false)}},
		},
		{
			ID: "9.D1/circle", Kind: claim.Definition, Title: "Spectrum of H* on the circle", Ref: "Section 9.2",
			Statement:    `On the unit circle the ReLU kernel has $\lambda_0=\frac1{\pi^2}$, $\lambda_1=\frac18$, $\lambda_k=\frac{k^2+1}{\pi^2(k^2-1)^2}$ for even $k$ and $0$ for odd $k\ge3$; frequency $k$ takes time $\propto1/\lambda_k\approx\pi^2k^2$ to learn. A bias makes odd frequencies learnable.`,
			Source:       "ntk.CircleSpectrum, ntk.CircleHStar",
			Check:        circleSpectrum(CircleHStar),
			Alternatives: alternatives(circleSpectrum, named[func(int) float64]{"the even formula at odd k too", evenFormula}),
		},
		{
			ID: "9.X1", Kind: claim.Exercise, Title: "E[σ'σ'] for ReLU", Ref: "Problem 9.2.1 and Exercise 1, Eq. 9.8",
			Statement: `For ReLU, $\mathbb E_w[\dot\sigma(w^\top x)\dot\sigma(w^\top x')]=\frac{\pi-\arccos\rho}{2\pi}$, the probability that both neurons are active, and $H^*_{ij}=x_i^\top x_j\cdot\frac{\pi-\arccos\rho}{2\pi}$.`,
			Source:    "ntk.Kappa0",
			Check:     bothActive(func(rho float64) float64 { return Kappa0(rho) / 2 }),
			Alternatives: alternatives(bothActive,
				named[func(float64) float64]{"(π - arccos ρ)/π", Kappa0},
				named[func(float64) float64]{"(π - 2·arccos ρ)/2π", func(rho float64) float64 { return (math.Pi - 2*math.Acos(rho)) / (2 * math.Pi) }}),
			Errata: []claim.Erratum{{
				Number: "9.1", Where: "Problem 9.2.1 (Eq. 9.8) and Exercise 3",
				Printed: `$H^*_{ij}=\mathbb E[\dot\sigma w^\top x\,\dot\sigma w^\top x']=\frac{\pi-\arccos(\cdot)}{2\pi}$`,
				Correct: `$H^*_{ij}=x_i^\top x_j\cdot\frac{\pi-\arccos(\cdot)}{2\pi}$`,
				Why:     `The gradient with respect to $w_r$ carries the input $x_i$, so that inner products carry $x_i^\top x_j$. At $\rho=0$ the printed form gives $\frac14$ while the gradients are orthogonal. The Taylor series of Exercise 3a is right only with the factor.`,
			}},
		},
	}
}

// averageOf is a rule for H(0)_ij from the inner product of the inputs and the pre-activations of
// all neurons on both.
type averageOf func(act Activation, inner float64, zi, zj []float64) float64

func averageSlopes(act Activation, inner float64, zi, zj []float64) float64 {
	return inner * meanProduct(act.Slope, zi, act.Slope, zj)
}

func averageValues(act Activation, inner float64, zi, zj []float64) float64 {
	return inner * meanProduct(act.Value, zi, act.Value, zj)
}

func averageWithoutInner(act Activation, _ float64, zi, zj []float64) float64 {
	return meanProduct(act.Slope, zi, act.Slope, zj)
}

func meanProduct(f func(float64) float64, zi []float64, g func(float64) float64, zj []float64) float64 {
	sum := 0.0
	for r := range zi {
		sum += f(zi[r]) * g(zj[r])
	}
	return sum / float64(len(zi))
}

// neuronAverage compares a rule with gradients by central differences of the network's output.
func neuronAverage(rule averageOf) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, d, m, step = 4, 5, 7, 1e-5
		x := Sphere(n, d, rng.Stream(env.Seed, "data"))
		f := &claim.Finding{}
		for _, act := range []Activation{Softplus, Tanh, ReLU} {
			net := newSmallNet(act, m, d, env.Seed)
			gradients := mat.NewDense(n, m*d, nil)
			for i := range n {
				for p := range m * d {
					w := mat.DenseCopyOf(net.w)
					w.Set(p/d, p%d, net.w.At(p/d, p%d)+step)
					up := net.output(w, x.RawRowView(i))
					w.Set(p/d, p%d, net.w.At(p/d, p%d)-step)
					gradients.Set(i, p, (up-net.output(w, x.RawRowView(i)))/(2*step))
				}
			}
			var measured mat.SymDense
			measured.SymOuterK(1, gradients)
			z := mat.NewDense(n, m, nil)
			z.Mul(x, net.w.T())
			worst := 0.0
			for i := range n {
				for j := range n {
					inner := floats.Dot(x.RawRowView(i), x.RawRowView(j))
					worst = max(worst, math.Abs(measured.At(i, j)-rule(act, inner, z.RawRowView(i), z.RawRowView(j))))
				}
			}
			f.Add(claim.Equals("largest difference of the average from gradients by central differences, "+act.Name(), 0, worst,
				claim.Because(1e-8, "differences with step 1e-5: truncation h², rounding ε/h")))
			if act == Softplus {
				inner := floats.Dot(x.RawRowView(0), x.RawRowView(1))
				f.Add(claim.Equals("entry (1,2) with the second slope at x_i, as the display has it",
					inner*meanProduct(act.Slope, z.RawRowView(0), act.Slope, z.RawRowView(0)), measured.At(0, 1),
					claim.Because(1e-8, "as above")).AsPrinted())
			}
			// SampleGram draws the same weights from the same stream.
			sampled, err := SampleGram(act, x, m, rng.Stream(env.Seed, "init"))
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("largest difference of SampleGram from the same, "+act.Name(), 0, maxDiff(sampled, &measured),
				claim.Because(1e-8, "as above")))
		}
		// The assumptions |σ'|, |σ''| <= 1 of the section, for its example.
		slope, second := 0.0, 0.0
		for z := -20.0; z <= 20; z += 1. / 64 {
			slope = max(slope, Softplus.Slope(z))
			second = max(second, (Softplus.Slope(z+1e-4)-Softplus.Slope(z-1e-4))/2e-4)
		}
		f.Add(claim.Below("largest slope of softplus", 1, slope, claim.Exact),
			claim.Equals("largest second derivative of softplus", .25, second, claim.Because(1e-8, "differences with step 1e-4, and their rounding")))
		return f, nil
	}
}

// limitKernel compares H* with its printed values, with direct sampling, and across scales; the
// arguments make it wrong.
func limitKernel(c float64, inner bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		kernel := func(act Activation, x, z []float64) (float64, error) {
			h, err := TwoLayer(act).At(x, z)
			if !inner {
				h /= floats.Dot(x, z)
			}
			return c * h, err
		}
		for _, g := range []struct {
			act       Activation
			rho, want float64
			tol       claim.Tolerance
		}{
			{ReLU, -1, 0, claim.Digits(1e-10)},
			{ReLU, -.5, -.0833333333, claim.Digits(1e-10)},
			{ReLU, 0, 0, claim.Digits(1e-10)},
			{ReLU, .5, .1666666667, claim.Digits(1e-10)},
			{ReLU, .9, .3853951681, claim.Digits(1e-10)},
			{ReLU, 1, .5, claim.Digits(1e-10)},
			{Erf, .5, .45015815808 / 2, claim.Digits(1e-10)},
			{Softplus, .5, .13571416282, claim.Digits(1e-10)},
			{Tanh, .5, .38474702844 / 2, claim.Because(1e-8, "the printed value is an 80-point rule; poles of tanh at ±iπ/2")},
		} {
			h, err := kernel(g.act, []float64{1, 0}, []float64{g.rho, math.Sqrt((1 - g.rho) * (1 + g.rho))})
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("H*(ρ = %g), %s", g.rho, g.act.Name()), g.want, h, g.tol))
		}
		// Away from unit inputs, where the two variances differ: weights are drawn.
		const draws = 200000
		x, z := []float64{1.2, -.4, .3}, []float64{.5, .6, .2}
		r := rng.Stream(env.Seed, "weights")
		products := make([][]float64, 4)
		acts := []Activation{ReLU, Erf, Softplus, Tanh}
		for range draws {
			w := rng.Normals(r, 3)
			u, v := floats.Dot(w, x), floats.Dot(w, z)
			for i, act := range acts {
				products[i] = append(products[i], floats.Dot(x, z)*act.Slope(u)*act.Slope(v))
			}
		}
		for i, act := range acts {
			h, err := kernel(act, x, z)
			if err != nil {
				return nil, err
			}
			m, sd := stat.MeanStdDev(products[i], nil)
			f.Add(claim.Equals(fmt.Sprintf("H* at norms 1.30 and 0.81 from %d drawn weights, %s", draws, act.Name()), h, m, claim.Sampling(sd, draws)))
		}
		return f, nil
	}
}

// evenFormula is λ_k of even k carried over to all k >= 2.
func evenFormula(k int) float64 {
	if k < 2 {
		return CircleHStar(k)
	}
	s := float64(k * k)
	return (s + 1) / (math.Pi * math.Pi * (s - 1) * (s - 1))
}

// circleSpectrum compares closed eigenvalues with a discrete Fourier transform of the kernel.
func circleSpectrum(eigenvalue func(k int) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		got, err := CircleSpectrum(TwoLayer(nil), 24, 4096)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, k := range []int{0, 1, 2, 3, 4, 5, 6, 7, 24} {
			f.Add(claim.Equals(fmt.Sprintf("λ_%d from 4096 angles", k), eigenvalue(k), got[k], claim.Because(1e-7, "aliasing, about 2λ_4096")))
		}
		f.Add(claim.Equals("π²k²λ_k at k = 24", 1, math.Pi*math.Pi*24*24*got[24], claim.Because(.01, "next order, 3/k²")))
		bias := TwoLayer(nil)
		bias.Bias, bias.BiasValue = true, 1
		if got, err = CircleSpectrum(bias, 5, 4096); err != nil {
			return nil, err
		}
		for k, want := range []float64{.200385, .115770, .018684, .004696, .002511, .001532} {
			// The inputs (x, 1) have norm √2, and the kernel is homogeneous of degree 2.
			f.Add(claim.Equals(fmt.Sprintf("λ_%d with a bias, inputs (x,1)/√2", k), want, got[k]/2, claim.Digits(1e-6)))
		}
		// Learning itself: frequencies under gradient descent, against their eigenvalues.
		for _, bias := range []bool{false, true} {
			r, err := RunFrequencies(ctx, FrequencyConfig{Bias: bias})
			if err != nil {
				return nil, err
			}
			for c, k := range r.Config.Frequencies {
				rate := r.Theory[c]
				if !bias {
					rate = float64(r.Config.Points) * eigenvalue(k)
				}
				worst := 0.0
				for j, t := range r.Time {
					worst = max(worst, math.Abs(r.Left[c][j]-math.Exp(-rate*t)))
				}
				f.Add(claim.Equals(fmt.Sprintf("share of cos %dθ left by gradient descent, largest distance from e^{-nλt}, bias %v", k, bias), 0, worst,
					claim.Because(.03, "steps of η = 0.05/λ_1, and aliasing at 64 points")))
			}
		}
		fig := FigureCircle()
		f.Figure = &fig
		return f, nil
	}
}

// bothActive compares a formula for the probability that both neurons are active with geometry and
// with sampled gradients.
func bothActive(probability func(rho float64) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		// Only the direction of w in the plane of x and x' matters, and it is uniform.
		const directions = 1 << 20
		for _, rho := range []float64{-.9, -.5, 0, .5, .9} {
			theta, both := math.Acos(rho), 0
			for k := range directions {
				phi := 2 * math.Pi * (float64(k) + .5) / directions
				if math.Cos(phi) > 0 && math.Cos(phi-theta) > 0 {
					both++
				}
			}
			f.Add(claim.Equals(fmt.Sprintf("share of %d directions with both neurons active, ρ = %g", directions, rho),
				probability(rho), float64(both)/directions, claim.Because(2./directions, "two ends of an arc, one direction each")))
		}
		// H* itself, from the gradients of one very wide network in five dimensions.
		x := mat.NewDense(2, 5, []float64{1, 0, 0, 0, 0, .5, math.Sqrt(.75), 0, 0, 0})
		const m = 400000
		h, err := SampleGram(ReLU, x, m, rng.Stream(env.Seed, "weights"))
		if err != nil {
			return nil, err
		}
		p := probability(.5)
		tol := claim.Sampling(.5*math.Sqrt(p*(1-p)), m)
		f.Add(
			claim.Equals(fmt.Sprintf("entry of H(0) at ρ = 0.5, m = %d", m), .5*p, h.At(0, 1), tol),
			claim.Equals("the same against (9.8) as printed, without xᵀx'", p, h.At(0, 1), tol).AsPrinted())
		return f, nil
	}
}
