package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

func correctionClaims() []claim.Claim { return []claim.Claim{correctionsClaim()} }

// correctionVariant changes what is claimed: exponents that are multiplied, and coefficients.
type correctionVariant struct {
	power     float64 // multiplies every exponent
	spread    float64 // m·Var Θ_m/(E Θ_m)²
	kurtosis  float64 // m times the excess kurtosis
	bernoulli bool    // the variance p(1-p) of a gate product, not its mean p
}

func correctionsClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v correctionVariant) (*claim.Finding, error) {
		c, err := corrections.get(ctx, env.Backend, CorrectionsConfig{Seed: env.Seed, Progress: env.Progress})
		if err != nil {
			return nil, err
		}
		mean := 0.0
		if !v.bernoulli {
			if mean, err = meanGate(ctx, 20); err != nil {
				return nil, err
			}
		}
		f := &claim.Finding{Figure: CorrectionsFigure(c)}
		for i, k := range c.List {
			cause := fmt.Sprintf("sampling, 4 s.e. of a weighted fit over %d widths", len(k.Widths))
			if k.Slack > 0 {
				cause += fmt.Sprintf(", and %g for the next order in 1/√m", k.Slack)
			}
			f.Add(claim.Equals("exponent in m of "+k.Quantity, v.power*k.Exponent, k.Slope, claim.Because(4*k.SlopeSE+k.Slack, cause)))
			if k.Coefficient == nil {
				continue
			}
			want := *k.Coefficient
			switch {
			case i == 0:
				want = v.spread
			case i == 1:
				want = v.kurtosis
			case k.Quantity == bernoulli && !v.bernoulli:
				want = mean
			}
			f.Add(claim.Equals(fmt.Sprintf("coefficient of %s at exponent %g", k.Quantity, k.Exponent), want, k.Fitted, claim.Because(4*k.FittedSE, "sampling, 4 s.e. of a weighted fit, exact at every width")))
		}
		// Error·√m at L = 1, 2, 3 for other points, computed independently.
		for depth, want := range map[int]float64{1: 1.9, 2: 2.6, 3: 3.4} {
			if k := c.Find(fmt.Sprintf("‖Θ_m-Θ‖_F/‖Θ‖_F, L = %d", depth)); k != nil {
				f.Add(claim.Equals(fmt.Sprintf("coefficient of ‖Θ_m-Θ‖_F/‖Θ‖_F at exponent -0.5, L = %d", depth), want, k.Fitted, claim.Because(4*k.FittedSE+.1*want, "sampling, 4 s.e., and 10% for other points")))
			}
		}
		f.Note("One ReLU gate is not smooth: a share m^(-½) of the gates flips, √m of them, and their signs are random because neurons with a = 1 and a = -1 move against each other. The kernel drifts by (√m)^½/m = m^(-3/4), not by the 1/m of smooth activations, which is there as well. Three widths cannot tell the two apart; the reference values of 9.I4, five networks at each of m = 100 to 6400, have exponent -0.79 ± 0.04.")
		f.Note("A vector moves by m^(-½) times ‖∫Σ(u_i-y_i)x_iσ'(w·x_i)dt‖, which for ReLU is bounded over w: the largest movement grows like √(log m) only until it nears that bound; %.3g·m^(-½) is the fit here with the logarithm taken out.", c.Find("largest movement over √(log m)").Fitted)
		return f, nil
	}
	right := correctionVariant{1, 3, 15, true}
	wrong := func(edit func(*correctionVariant)) claim.Check {
		v := right
		edit(&v)
		return checkOf(v, check)
	}
	return claim.Claim{
		ID: "9.+/widths", Kind: claim.Limit, Title: "What finite width adds, quantity by quantity", Ref: "beyond Sections 9.2 and 9.4",
		Statement: `Each infinite-width statement of the chapter is missed by a power of the width: $\mathrm{Var}\,\hat\Theta/(E\hat\Theta)^2=3/m$, excess kurtosis $15/m$ and $E\|H(0)-H^*\|_F^2=\frac1m\sum K^2p(1-p)$ exactly; kernels at the start, trajectories, movement and flipped gates as $m^{-1/2}$; the kernel's drift as $1/m$ for smooth activations and $m^{-3/4}$ for ReLU.`,
		Source:    "finite.RunCorrections", NeedsBackend: true,
		Check: checkOf(right, check),
		Alternatives: []claim.Alternative{
			{Name: "twice the exponents", Check: wrong(func(v *correctionVariant) { v.power = 2 })},
			{Name: "half of the exponents", Check: wrong(func(v *correctionVariant) { v.power = .5 })},
			{Name: "Var 2/m", Check: wrong(func(v *correctionVariant) { v.spread = 2 })},
			{Name: "excess kurtosis 5/m", Check: wrong(func(v *correctionVariant) { v.kurtosis = 5 })},
			{Name: "ΣK²p, without the factor 1-p", Check: wrong(func(v *correctionVariant) { v.bernoulli = false })},
		},
	}
}

// meanGate is ΣK²p over the first n digits 3 and 8, p = H*/K the mean of a product of two gates.
func meanGate(ctx context.Context, n int) (float64, error) {
	x, _, _, _, err := digitPair(n)
	if err != nil {
		return 0, err
	}
	h, err := ntk.TwoLayer(ntk.ReLU).GramContext(ctx, x)
	if err != nil {
		return 0, err
	}
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	sum := 0.0
	for i := range n {
		for j := range n {
			sum += gram.At(i, j) * h.At(i, j)
		}
	}
	if math.IsNaN(sum) {
		return 0, fmt.Errorf("finite: ΣK²p over %d digits is not a number", n)
	}
	return sum, nil
}
