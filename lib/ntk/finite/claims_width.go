package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
)

func widthClaims() []claim.Claim { return []claim.Claim{outputClaim(), empiricalClaim()} }

// outputVariant is the constant of the kurtosis, the variance over ‖x‖² and what is said of the hidden
// layers.
type outputVariant struct {
	kurtosis, variance float64
	exponent           float64 // of the distance of ⟨g,g'⟩ to Σ in m
	below              bool    // Σ^{(h-1)} in place of Σ^{(h)}
}

func outputClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v outputVariant) (*claim.Finding, error) {
		r, err := outputs.Get(ctx, env.Backend, OutputConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: OutputFigure(r)}
		square := r.Config.Input * r.Config.Input
		for _, p := range r.Points {
			cause := fmt.Sprintf("sampling, 4 s.e. over %d networks", p.Draws)
			m := float64(p.Width)
			f.Add(
				claim.Equals(fmt.Sprintf("variance of f(x) over ‖x‖², m = %d", p.Width), v.variance, p.Variance.Value/square, claim.Because(4*p.Variance.SE/square, cause)),
				claim.Equals(fmt.Sprintf("m times the excess kurtosis of f(x), m = %d", p.Width), v.kurtosis, m*p.Kurtosis.Value, claim.Because(4*m*p.Kurtosis.SE, cause)),
				claim.Equals(fmt.Sprintf("the same by way of ‖g‖², 3m·Var‖g‖²/(E‖g‖²)², m = %d", p.Width), v.kurtosis, m*p.NormKurtosis.Value, claim.Because(4*m*p.NormKurtosis.SE, cause)),
			)
		}
		// The covariance recursion: Σ^{(h)} at orthogonal unit inputs, and networks against it.
		for h, want := range []float64{0, 1 / math.Pi, .4937310902003716, .6048257201129446} {
			got, err := ntk.Kernel{Depth: h, NNGP: true}.At([]float64{1, 0}, []float64{0, 1})
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("Σ^(%d) at orthogonal unit inputs", h), want, got, claim.Rounding(1, 64)))
		}
		w, err := widths.Get(ctx, env.Backend, WidthConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		for _, depth := range w.Config.Depths {
			for h := 1; h <= depth; h++ {
				slope, se := w.Slope(depth, func(p *WidthPoint) Sample {
					if v.below {
						return p.Below[h-1]
					}
					return p.Forward[h-1]
				})
				f.Add(claim.Equals(fmt.Sprintf("exponent in m of ‖⟨g^(%d),g'^(%d)⟩-Σ^(%d)‖_F, L = %d", h, h, h, depth), v.exponent, slope,
					claim.Because(4*se+0.03, "sampling, 4 s.e. of the fit, and 0.03 for the next order in 1/√m")))
			}
		}
		exact := hiddenSquare(w)
		for _, m := range w.Config.Widths {
			s := w.At(1, m).Forward[0]
			// The mean of squares, whose s.d. is 2·mean·s.d. to first order.
			square := float64(m) * (s.Mean*s.Mean + s.SD*s.SD*float64(s.N-1)/float64(s.N))
			f.Add(claim.Equals(fmt.Sprintf("m·E‖⟨g^(1),g'^(1)⟩-Σ^(1)‖²_F/‖Σ^(1)‖²_F, m = %d, against its exact value", m), exact, square,
				claim.Because(4*2*float64(m)*s.Mean*s.SE(), fmt.Sprintf("sampling, 4 s.e. over %d networks", s.N))))
		}
		f.Note("given the hidden layer f is N(0, ‖g‖²) and ‖g‖² is a mean of m terms of relative variance 5: the law is a scale mixture of normals, Gaussian only as m → ∞")
		return f, nil
	}
	return claim.Claim{
		ID: "9.A4/output", Kind: claim.Limit, Title: "Outputs become Gaussian", Ref: "Section 9.4, Eq. 9.15 and 9.16",
		Statement: `At the start, $f(x)$ of a ReLU network with one hidden layer has variance $\Sigma^{(1)}(x,x)=\|x\|^2$ at every width and excess kurtosis exactly $15/m$; in deeper networks $\langle g^{(h)},g'^{(h)}\rangle$ is within $O(m^{-1/2})$ of $\Sigma^{(h)}$.`,
		Source:    "finite.RunOutput, finite.RunWidth", NeedsBackend: true,
		Check: checkOf(outputVariant{15, 1, -0.5, false}, check),
		Alternatives: []claim.Alternative{
			{Name: "excess kurtosis 5/m, the relative variance of ‖g‖² without the factor 3", Check: checkOf(outputVariant{5, 1, -0.5, false}, check)},
			{Name: "variance ‖x‖²/2, without c_σ", Check: checkOf(outputVariant{15, 0.5, -0.5, false}, check)},
			{Name: "hidden covariances with an error of order 1/m", Check: checkOf(outputVariant{15, 1, -1, false}, check)},
			{Name: "Σ^(h-1) in place of Σ^(h)", Check: checkOf(outputVariant{15, 1, -0.5, true}, check)},
		},
	}
}

// empiricalVariant says what the empirical kernel is said to do.
type empiricalVariant struct {
	exponent float64
	spread   float64 // m·Var Θ̂(x,x)/(E Θ̂(x,x))² at L = 1
	shallow  bool    // compare with Θ^{(L-1)}
}

func empiricalClaim() claim.Claim {
	// error·√m at L = 1, 2, 3 for eight random unit points in R¹⁰, computed independently.
	golden := []float64{1.9, 2.6, 3.4}
	check := func(ctx context.Context, env claim.Env, v empiricalVariant) (*claim.Finding, error) {
		r, err := widths.Get(ctx, env.Backend, WidthConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		o, err := outputs.Get(ctx, env.Backend, OutputConfig{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: WidthFigure(r)}
		for i, depth := range r.Config.Depths {
			slope, se := r.Slope(depth, func(p *WidthPoint) Sample { return p.Kernel })
			f.Add(claim.Equals(fmt.Sprintf("exponent in m of ‖Θ_m-Θ‖_F/‖Θ‖_F, L = %d", depth), v.exponent, slope,
				claim.Because(4*se+0.03, "sampling, 4 s.e. of the fit, and 0.03 for the next order in 1/√m")))
			for _, m := range r.Config.Widths {
				p := r.At(depth, m)
				if depth <= len(golden) {
					root := math.Sqrt(float64(m))
					f.Add(claim.Equals(fmt.Sprintf("√m·‖Θ_m-Θ‖_F/‖Θ‖_F, L = %d, m = %d", depth, m), golden[depth-1], root*p.Kernel.Mean,
						claim.Because(4*root*p.Kernel.SE()+0.1*golden[depth-1], fmt.Sprintf("sampling, 4 s.e. over %d networks, and 10%% for other points", p.Kernel.N))))
				}
				theory := r.Theta[i]
				if v.shallow {
					k, err := ntk.Kernel{Depth: depth - 1}.GramContext(ctx, unitPoints(rng.Stream(env.Seed, "points"), r.Config.Points, r.Config.Inputs))
					if err != nil {
						return nil, err
					}
					theory = flat(k)
				}
				if m == r.Config.Widths[len(r.Config.Widths)-1] {
					f.Add(claim.Below(fmt.Sprintf("relative distance of the mean of %d kernels to Θ, L = %d, m = %d", p.Kernel.N, depth, m), 3*math.Sqrt(p.KernelSquare.Mean/float64(p.Kernel.N)), frobenius(p.MeanKernel, theory),
						claim.Because(float64(depth-1)/float64(m), "E Θ_m = Θ + O(1/m) beyond L = 1; the bound is 3 times the RMS distance of a mean of so many networks")))
				}
			}
		}
		exact, err := oneLayerSquare(r)
		if err != nil {
			return nil, err
		}
		for _, m := range r.Config.Widths {
			p := r.At(1, m)
			f.Add(claim.Equals(fmt.Sprintf("m·E‖Θ_m-Θ‖²_F/‖Θ‖²_F at L = 1, m = %d, against its exact value", m), exact, float64(m)*p.KernelSquare.Mean,
				claim.Because(4*float64(m)*p.KernelSquare.SE(), fmt.Sprintf("sampling, 4 s.e. over %d networks", p.KernelSquare.N))))
		}
		square := o.Config.Input * o.Config.Input
		for _, p := range o.Points {
			cause := fmt.Sprintf("sampling, 4 s.e. over %d networks", p.Draws)
			f.Add(
				claim.Equals(fmt.Sprintf("E Θ_m(x,x)/‖x‖² at L = 1, m = %d", p.Width), 2, p.KernelMean.Value/square, claim.Because(4*p.KernelMean.SE/square, cause)),
				claim.Equals(fmt.Sprintf("m·Var Θ_m(x,x)/(E Θ_m(x,x))² at L = 1, m = %d", p.Width), v.spread, p.KernelSpread.Value, claim.Because(4*p.KernelSpread.SE, cause)),
			)
		}
		return f, nil
	}
	return claim.Claim{
		ID: "9.A5/empirical", Kind: claim.Limit, Title: "The empirical kernel reaches Θ", Ref: "Section 9.4",
		Statement: `At the start $\sum_h\langle g^{(h-1)},g'^{(h-1)}\rangle\langle b^{(h)},b'^{(h)}\rangle$ is within $O(m^{-1/2})$ of $\Theta^{(L)}$, at $L=1$ with mean exactly $\Theta^{(1)}$ and $\mathrm{Var}\,\hat\Theta(x,x)/(E\hat\Theta(x,x))^2=3/m$.`,
		Source:    "finite.RunWidth, finite.EmpiricalKernel", NeedsBackend: true,
		Check: checkOf(empiricalVariant{-0.5, 3, false}, check),
		Alternatives: []claim.Alternative{
			{Name: "exponent -1", Check: checkOf(empiricalVariant{-1, 3, false}, check)},
			{Name: "variance 2/m", Check: checkOf(empiricalVariant{-0.5, 2, false}, check)},
			{Name: "the kernel of one layer less", Check: checkOf(empiricalVariant{-0.5, 3, true}, check)},
		},
	}
}

// oneLayerSquare is m·E‖Θ̂-Θ‖²_F/‖Θ‖²_F at L = 1 for ReLU and unit inputs, exactly: an entry of Θ̂ is a
// mean over neurons of t = 2ρ·v²·1[u>0]1[u'>0] + 2·max(u,0)·max(u',0), v the output weight, so m times
// its variance is
//
//	E t² - (E t)² = 4ρ²·3·κ₀/2 + 8ρ·κ₁/2 + 4·E[max(u,0)²max(u',0)²] - (ρκ₀+κ₁)²,
//
// the last mean being the arc-cosine function of degree two over 2π, (3 sinθ cosθ + (π-θ)(1+2cos²θ))/2π.
func oneLayerSquare(r *WidthResult) (float64, error) {
	if r.Config.Depths[0] != 1 || r.Config.Activation != "relu" {
		return 0, fmt.Errorf("finite: known for one ReLU layer only")
	}
	total, size := 0.0, 0.0
	for _, rho := range r.Gram {
		rho = max(-1, min(1, rho))
		theta := math.Acos(rho)
		k0, k1 := ntk.Kappa0(rho), ntk.Kappa1(rho)
		second := (3*math.Sin(theta)*rho + (math.Pi-theta)*(1+2*rho*rho)) / (2 * math.Pi)
		mean := rho*k0 + k1
		total += 6*rho*rho*k0 + 4*rho*k1 + 4*second - mean*mean
		size += mean * mean
	}
	return total / size, nil
}

// hiddenSquare is m·E‖⟨g,g'⟩-Σ^{(1)}‖²_F/‖Σ^{(1)}‖²_F at L = 1 for ReLU and unit inputs, exactly: an
// entry is a mean over neurons of 2·max(u,0)·max(u',0), of mean κ₁, whose second moment oneLayerSquare
// names.
func hiddenSquare(r *WidthResult) float64 {
	total, size := 0.0, 0.0
	for _, rho := range r.Gram {
		rho = max(-1, min(1, rho))
		theta := math.Acos(rho)
		second := (3*math.Sin(theta)*rho + (math.Pi-theta)*(1+2*rho*rho)) / (2 * math.Pi)
		mean := ntk.Kappa1(rho)
		total += 4*second - mean*mean
		size += mean * mean
	}
	return total / size
}
