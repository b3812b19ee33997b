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

// correctionVariant changes what is claimed: the exponent of one row, and coefficients.
type correctionVariant struct {
	row       string  // the quantity whose exponent is replaced; empty for none
	exponent  float64 // what replaces it
	spread    float64 // m·Var Θ_m/(E Θ_m)²
	kurtosis  float64 // m times the excess kurtosis
	bernoulli bool    // the variance p(1-p) of a gate product, not its mean p
}

func correctionsClaim() claim.Claim {
	check := func(ctx context.Context, env claim.Env, v correctionVariant) (*claim.Finding, error) {
		c, err := corrections.Get(ctx, env.Backend, CorrectionsConfig{Seed: env.Seed, Progress: env.Progress})
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
			want := k.Exponent
			if k.Quantity == v.row {
				want = v.exponent
			}
			cause := fmt.Sprintf("sampling, 4 s.e. of a weighted fit over %d widths", len(k.Widths))
			if k.Next {
				cause += " with a term of the next order, 1/√m"
			}
			if k.AtMost {
				f.Add(claim.Below("exponent in m of "+k.Quantity+", plus 4 s.e.", want, k.Slope+4*k.SlopeSE, claim.Exact))
			} else {
				f.Add(claim.Equals("exponent in m of "+k.Quantity, want, k.Slope, claim.Because(4*k.SlopeSE, cause)))
			}
			if k.Coefficient == nil {
				continue
			}
			want = *k.Coefficient
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
		for i, want := range []float64{1.9, 2.6, 3.4} {
			depth := i + 1
			if k := c.Find(fmt.Sprintf("‖Θ_m-Θ‖_F/‖Θ‖_F, L = %d", depth)); k != nil {
				f.Add(claim.Equals(fmt.Sprintf("coefficient of ‖Θ_m-Θ‖_F/‖Θ‖_F at exponent -0.5, L = %d", depth), want, k.Fitted, claim.Because(4*k.FittedSE+.1*want, "sampling, 4 s.e., and 10% for other points")))
			}
		}
		f.Note("One ReLU gate is not smooth: a share m^(-½) of the gates flips, √m of them, and their signs are random because neurons with a = 1 and a = -1 move against each other. The kernel drifts by (√m)^½/m = m^(-3/4), not by the 1/m of smooth activations, which is there as well.")
		f.Note("Outputs, movement and gates reach m^(-½) late, and from above: without the term of the next order their exponents over m = 100 to 6400 are about -0.43, -0.40 (the largest movement) and -0.44. Test outputs are later still, because small eigenvalues of the kernel reach theirs last, and are not claimed.")
		f.Note("A vector moves by m^(-½) times ‖∫Σ(u_i-y_i)x_iσ'(w·x_i)dt‖, which for ReLU is bounded over w: the largest movement grows like √(log m)·m^(-½) only until it nears that bound.")
		return f, nil
	}
	right := correctionVariant{spread: 3, kurtosis: 15, bernoulli: true}
	wrong := func(edit func(*correctionVariant)) claim.Check {
		v := right
		edit(&v)
		return checkOf(v, check)
	}
	row := func(name, row string, exponent float64) claim.Alternative {
		return claim.Alternative{Name: name, Check: wrong(func(v *correctionVariant) { v.row, v.exponent = row, exponent })}
	}
	return claim.Claim{
		ID: "9.+/widths", Kind: claim.Limit, Title: "What finite width adds, quantity by quantity", Ref: "beyond Sections 9.2 and 9.4",
		Statement: `Each infinite-width statement of the chapter is missed by a power of the width: $\mathrm{Var}\,\hat\Theta/(E\hat\Theta)^2=3/m$, excess kurtosis $15/m$ and $E\|H(0)-H^*\|_F^2=\frac1m\sum K^2p(1-p)$ exactly; kernels at the start, training outputs, RMS movement of a weight vector and flipped gates as $m^{-1/2}$, to leading order, and the largest movement a little slower, at least as $m^{-0.35}$ up to $m=6400$; the kernel's drift in one hidden layer as $1/m$ for softplus and $m^{-3/4}$ for ReLU.`,
		Source:    "finite.RunCorrections", NeedsBackend: true,
		Check: checkOf(right, check),
		Alternatives: []claim.Alternative{
			row("the drift of ReLU as 1/m, like smooth activations", rowReLU, -1),
			row("the drift of ReLU as m^(-1/2)", rowReLU, -.5),
			row("the drift of softplus as m^(-3/4), like ReLU", rowSoftplus, -.75),
			row("flipped gates as 1/m", rowGates, -1),
			row("flipped gates as m^(-1/4)", rowGates, -.25),
			row("training outputs as 1/m", rowOutputs, -1),
			row("movement as m^(-3/4)", rowRMS, -.75),
			row("largest movement at least as fast as m^(-1/2) at these widths", rowMost, -.5),
			row("the kernel of three hidden layers at the start as m^(-3/4)", "‖Θ_m-Θ‖_F/‖Θ‖_F, L = 3", -.75),
			row("excess kurtosis as m^(-1/2)", "excess kurtosis of f(x), L = 1", -.5),
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
