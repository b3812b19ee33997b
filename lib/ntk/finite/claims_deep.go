package finite

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
)

func deepClaims() []claim.Claim {
	return []claim.Claim{deepModelClaim(), normClaim(), gradientClaim(), layerKernelClaim(), backwardLimitClaim()}
}

// modelVariant says what the mean empirical kernel is compared with and which c_σ the network has.
type modelVariant struct {
	firstLayer bool    // H* of section 9.2 in place of Θ^{(1)}
	factor     float64 // multiplies c_σ in the theory
}

func deepModelClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v modelVariant) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, c := range []struct {
			a    nn.Activation
			want float64
		}{{nn.ReLU, 2}, {nn.Erf, 2.15257886061}, {nn.Softplus, 1.08548650299}, {nn.Tanh, 2.53617543322}} {
			f.Add(claim.Equals(fmt.Sprintf("c_σ of %s", c.a), c.want*v.factor, c.a.Normalizer(), claim.Digits(1e-10)))
		}
		r, err := widths.Get(ctx, env.Backend, WidthConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		// E Θ̂ = Θ^{(1)} exactly at L = 1, so the mean over networks may be compared with both kernels.
		n := r.Config.Points
		x := unitPoints(rng.Stream(env.Seed, "points"), n, r.Config.Inputs)
		hstar, err := ntk.TwoLayer(ntk.ReLU).GramContext(ctx, x)
		if err != nil {
			return nil, err
		}
		sigma, err := ntk.Kernel{Depth: 1, NNGP: true}.GramContext(ctx, x)
		if err != nil {
			return nil, err
		}
		theory := make([]float64, n*n)
		for i, h := range flat(hstar) {
			theory[i] = 2*h*v.factor + flat(sigma)[i]*v.factor
			if v.firstLayer {
				theory[i] = h
			}
		}
		for _, m := range r.Config.Widths {
			p := r.At(1, m)
			// The mean of N networks is √N times nearer than one; the square of its distance averages
			// to E‖Θ̂-Θ‖²/N.
			tol := claim.Because(3*math.Sqrt(p.KernelSquare.Mean/float64(p.Kernel.N)), fmt.Sprintf("sampling, 3 times the RMS distance of a mean of %d networks", p.Kernel.N))
			f.Add(claim.Equals(fmt.Sprintf("relative distance of the mean kernel of all layers to 2H*+Σ, m = %d", m), 0, frobenius(p.MeanKernel, theory), tol))
			if m == r.Config.Widths[0] {
				f.Add(claim.Equals("the same to H*, as if section 9.2 were the case L = 1", 0, frobenius(p.MeanKernel, flat(hstar)), tol).AsPrinted())
			}
		}
		o, err := outputs.Get(ctx, env.Backend, OutputConfig{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		square := o.Config.Input * o.Config.Input
		for _, p := range o.Points {
			f.Add(claim.Equals(fmt.Sprintf("E f(x)² at L = 1, m = %d", p.Width), square*v.factor, p.Variance.Value, claim.Because(4*p.Variance.SE, fmt.Sprintf("sampling, 4 s.e. over %d networks", p.Draws))))
		}
		f.Note("Θ^{(1)} = 2H*+Σ^{(1)}: the deep model trains its output layer too and carries c_σ, section 9.2 does neither")
		return f, nil
	}
	return claim.Claim{
		ID: "9.A3/networks", Kind: claim.Model, Title: "Networks with L hidden layers", Ref: "Section 9.4, Eq. 9.12",
		Statement: `$f^{(h)}=W^{(h)}g^{(h-1)}$, $g^{(h)}=\sqrt{c_\sigma/d_h}\,\sigma(f^{(h)})$, $c_\sigma=1/E[\sigma(z)^2]$, $f=W^{(L+1)}g^{(L)}$, every weight $N(0,1)$ and trained; at $L=1$ its kernel has mean $2H^*+\Sigma^{(1)}$ for ReLU, at every width.`,
		Source:    "nn.FullyConnected, finite.RunWidth", NeedsBackend: true,
		Check: checkOf(modelVariant{factor: 1}, check),
		Alternatives: []claim.Alternative{
			{Name: "H* of section 9.2 as the case L = 1", Check: checkOf(modelVariant{firstLayer: true, factor: 1}, check)},
			{Name: "c_σ halved", Check: checkOf(modelVariant{factor: 0.5}, check)},
		},
		Errata: []claim.Erratum{{
			Number: "9.14", Where: "Section 9.4 beside Section 9.2",
			Printed: `nothing is said of the difference; taking the network of Section 9.2 for the case $L=1$ of Section 9.4 would give $\Theta^{(1)}=H^*$`,
			Correct: `$\Theta^{(1)}=2H^*+\Sigma^{(1)}$ for ReLU: $c_\sigma=2$ doubles the first layer's part and the trained output layer adds $\Sigma^{(1)}$`,
			Why:     `The two sections train different layers, with different scales. The mean kernel of sampled networks is at $2H^*+\Sigma^{(1)}$ at every width and nowhere near $H^*$.`,
		}},
	}
}

// normVariant is c_σ, 0 for the right one, the relative variance of a neuron's square, and how much is
// taken from the exponent h.
type normVariant struct {
	normalizer, spread float64
	less               int
}

func normClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v normVariant) (*claim.Finding, error) {
		r, err := norms.Get(ctx, env.Backend, NormsConfig{Normalizer: v.normalizer, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for i, m := range r.Config.Widths {
			for h := 1; h <= r.Config.Depth; h++ {
				q := make([]float64, len(r.Ratio[i]))
				for k := range q {
					q[k] = r.Ratio[i][k][h-1]
				}
				name := fmt.Sprintf("‖g^(%d)‖²/‖x‖² at m = %d, mean of %d", h, m, len(q))
				mean := sum(q) / float64(len(q))
				// Var = (1+5/m)^h - 1: each layer multiplies by a mean of m terms of relative variance 5.
				sd := math.Sqrt(math.Pow(1+v.spread/float64(m), float64(h-v.less)) - 1)
				f.Add(claim.Equals(name, 1, mean, claim.Sampling(sd, len(q))))
				if len(q) >= 100 {
					f.Add(claim.Equals(fmt.Sprintf("variance of it over (1+5/m)^%d - 1", h), 1, sample(q).SD*sample(q).SD/(sd*sd),
						claim.Because(4*math.Sqrt((kurtosis(q)-1)/float64(len(q))), fmt.Sprintf("sampling, 4 s.e. of a variance over %d networks", len(q)))))
				}
			}
		}
		return f, nil
	}
	return claim.Claim{
		ID: "9.I5", Kind: claim.Identity, Title: "Hidden layers keep the squared norm", Ref: "Section 9.4",
		Statement: `For ReLU with $c_\sigma=2$, $E\|g^{(h)}(x)\|^2=\|x\|^2$ at every width and layer; the variance of the ratio is $(1+5/m)^h-1$.`,
		Source:    "finite.RunNorms", NeedsBackend: true,
		Check: checkOf(normVariant{0, 5, 0}, check),
		Alternatives: []claim.Alternative{
			{Name: "c_σ = 1", Check: checkOf(normVariant{1, 5, 0}, check)},
			{Name: "c_σ = 2.5", Check: checkOf(normVariant{2.5, 5, 0}, check)},
			{Name: "variance (1+3/m)^h - 1", Check: checkOf(normVariant{0, 3, 0}, check)},
			{Name: "variance (1+5/m)^(h-1) - 1", Check: checkOf(normVariant{0, 5, 1}, check)},
		},
	}
}

func sum(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}

// kurtosis is the fourth central moment over the square of the second.
func kurtosis(v []float64) float64 {
	mean := sum(v) / float64(len(v))
	m2, m4 := 0.0, 0.0
	for _, x := range v {
		d := (x - mean) * (x - mean)
		m2, m4 = m2+d, m4+d*d
	}
	return m4 / (m2 * m2) * float64(len(v))
}

func gradientClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v Variant) (*claim.Finding, error) {
		r, err := backward.Get(ctx, env.Backend, BackwardConfig{Variant: v, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, c := range r.Cases {
			for h, e := range c.Gradient {
				f.Add(claim.Equals(fmt.Sprintf("%s: ∂f/∂W^(%d) by autodiff against b gᵀ on the host, largest difference", c.Activation, h+1), 0, e, claim.Rounding(1, 1e4)))
			}
		}
		f.Note("widths %v, %d inputs, autodiff one example at a time", r.Config.Hidden, r.Config.Points)
		return f, nil
	}
	return claim.Claim{
		ID: "9.I6", Kind: claim.Identity, Title: "Backward vectors", Ref: "Section 9.4, Eq. 9.13 and 9.14",
		Statement: `$\partial f/\partial W^{(h)}=b^{(h)}(x)\,g^{(h-1)}(x)^\top$ with $b^{(L+1)}=1$, $b^{(h)}=\sqrt{c_\sigma/d_h}\,D^{(h)}(W^{(h+1)})^\top b^{(h+1)}$, $D^{(h)}=\mathrm{diag}\,\dot\sigma(f^{(h)})$.`,
		Source:    "nn.FullyConnected.Backward, finite.RunBackward", NeedsBackend: true,
		Check: checkOf(Right, check),
		Alternatives: []claim.Alternative{
			{Name: string(NoScale), Check: checkOf(NoScale, check)},
			{Name: string(NoGate), Check: checkOf(NoGate, check)},
			{Name: string(LateGate), Check: checkOf(LateGate, check)},
		},
	}
}

func layerKernelClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v Variant) (*claim.Finding, error) {
		r, err := backward.Get(ctx, env.Backend, BackwardConfig{Variant: v, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, c := range r.Cases {
			for h, e := range c.Kernel {
				f.Add(claim.Equals(fmt.Sprintf("%s: kernel of W^(%d) by autodiff against ⟨g,g'⟩⟨b,b'⟩", c.Activation, h+1), 0, e, claim.Rounding(1, 1e4)))
			}
			f.Add(claim.Equals(fmt.Sprintf("%s: J·Jᵀ of all layers against the sum", c.Activation), 0, c.Total, claim.Rounding(1, 1e4)))
		}
		return f, nil
	}
	return claim.Claim{
		ID: "9.I7", Kind: claim.Identity, Title: "A layer's kernel is a product", Ref: "Section 9.4",
		Statement: `$\langle\partial f(x)/\partial W^{(h)},\partial f(x')/\partial W^{(h)}\rangle=\langle g^{(h-1)}(x),g^{(h-1)}(x')\rangle\cdot\langle b^{(h)}(x),b^{(h)}(x')\rangle$.`,
		Source:    "finite.Layers.Kernel, finite.RunBackward", NeedsBackend: true,
		Check: checkOf(Right, check),
		Alternatives: []claim.Alternative{
			{Name: string(NoB), Check: checkOf(NoB, check)},
			{Name: string(NextInput), Check: checkOf(NextInput, check)},
		},
	}
}

// limitVariant says which product ⟨b,b'⟩ is compared with and what exponent is claimed.
type limitVariant struct {
	offByOne bool
	exponent float64
}

func backwardLimitClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v limitVariant) (*claim.Finding, error) {
		r, err := widths.Get(ctx, env.Backend, WidthConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		fresh, err := widths.Get(ctx, env.Backend, WidthConfig{Seed: env.Seed, Fresh: true, Depths: []int{2}, Widths: []int{64, 256}, Nets: []int{240, 120}})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, depth := range r.Config.Depths {
			for h := 1; h <= depth; h++ {
				of := func(p *WidthPoint) Sample {
					if v.offByOne {
						return p.OffByOne[h-1]
					}
					return p.Backward[h-1]
				}
				slope, se := r.Slope(depth, of)
				f.Add(claim.Equals(fmt.Sprintf("exponent in m of the distance of ⟨b,b'⟩ to ΠΣ̇, L = %d, h = %d", depth, h), v.exponent, slope,
					claim.Because(4*se+0.03, "sampling, 4 s.e. of the fit, and 0.03 for the next order in 1/√m")))
			}
		}
		for _, m := range fresh.Config.Widths {
			a, b := fresh.At(2, m), r.At(2, m)
			// ⟨b,b'⟩ of one network is off by RMS Backward; two means over N networks differ by √(2/N) of that.
			rel := math.Sqrt(b.Backward[0].Mean*b.Backward[0].Mean + b.Backward[0].SD*b.Backward[0].SD)
			f.Add(claim.Equals(fmt.Sprintf("mean ⟨b,b'⟩ with a fresh W in the backward pass against the true one, L = 2, m = %d", m), 0, frobenius(a.MeanBackward, b.MeanBackward),
				claim.Because(3*rel*math.Sqrt(2/float64(a.Kernel.N)), fmt.Sprintf("sampling, 3 times the RMS distance of two means of %d networks", a.Kernel.N))))
		}
		for _, m := range fresh.Config.Widths {
			limit := r.Product[slices.Index(r.Config.Depths, 2)]
			for _, c := range []struct {
				name string
				p    *WidthPoint
			}{{"a fresh", fresh.At(2, m)}, {"the true", r.At(2, m)}} {
				rel := math.Hypot(c.p.Backward[0].Mean, c.p.Backward[0].SD)
				f.Add(claim.Equals(fmt.Sprintf("mean ⟨b,b'⟩ with %s W in the backward pass against ΠΣ̇, L = 2, m = %d", c.name, m), 0, frobenius(c.p.MeanBackward, limit),
					claim.Because(3*rel/math.Sqrt(float64(c.p.Kernel.N)), fmt.Sprintf("sampling, 3 times the RMS distance of a mean of %d networks", c.p.Kernel.N))))
			}
		}
		f.Note("the argument behind (9.17) replaces W by an independent copy: both means agree and both reach the product")
		return f, nil
	}
	return claim.Claim{
		ID: "9.I8", Kind: claim.Limit, Title: "Backward inner products", Ref: "Section 9.4, Eq. 9.17",
		Statement: `$\langle b^{(h)}(x),b^{(h)}(x')\rangle\to\prod_{h'=h}^{L}\dot\Sigma^{(h')}(x,x')$ as the widths grow, with an error of order $m^{-1/2}$, and the same with an independent copy of $W^{(h+1)}$ in the backward pass.`,
		Source:    "finite.RunWidth", NeedsBackend: true,
		Check: checkOf(limitVariant{false, -0.5}, check),
		Alternatives: []claim.Alternative{
			{Name: "the product from h+1 on", Check: checkOf(limitVariant{true, -0.5}, check)},
			{Name: "an error of order 1/m", Check: checkOf(limitVariant{false, -1}, check)},
		},
	}
}
