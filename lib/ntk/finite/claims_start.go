package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
)

func studentClaims() []claim.Claim {
	check := func(ctx context.Context, env claim.Env, cfg StudentsConfig) (*claim.Finding, error) {
		cfg.Seed, cfg.Progress = env.Seed, env.Progress
		r, err := students.Get(ctx, env.Backend, cfg)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: StudentsFigure(r)}
		f.Add(
			claim.Equals("training signs that disagree with the random labels", 0, float64(r.RandomWrong), claim.Exact),
			claim.Below("‖u-y‖²/n on random labels at the end", 0.2, r.RandomLoss,
				claim.Because(0, "t = 30 leaves e^{-2λt} of each eigendirection: the smallest eigenvalues of Θ keep a part")),
		)
		for i := 1; i < len(r.Loss); i++ {
			f.Add(claim.Below(fmt.Sprintf("median loss of width %d over that of width %d", r.Config.Widths[i], r.Config.Widths[i-1]),
				1, r.MedianLoss(i)/r.MedianLoss(i-1), claim.Exact))
		}
		f.Note("teacher of %d neurons; labels have mean square 1; %d steps of η = %g", r.Config.Teacher, r.Config.Steps, r.Config.LearningRate)
		return f, nil
	}
	return []claim.Claim{{
		ID: "9.R0", Kind: claim.Remark, Title: "Random labels and wide students", Ref: "Section 9.0",
		Statement: "Gradient descent from a random start fits random labels when the network is wide enough, and a student is easier to train the wider it is compared with the teacher that made its labels.",
		Source:    "finite.RunStudents", NeedsBackend: true,
		Check: checkOf(StudentsConfig{}, check),
		Alternatives: []claim.Alternative{
			{Name: "students whose output is divided by another √m", Check: checkOf(StudentsConfig{MeanField: true}, check)},
			{Name: "random labels on a network of two neurons", Check: checkOf(StudentsConfig{LabelWidth: 2}, check)},
		},
	}}
}

// evolutionVariant is what is put in place of -H(t)(u-y).
type evolutionVariant string

const (
	trueEvolution evolutionVariant = "-H(t)(u-y)"
	wrongSign     evolutionVariant = "+H(t)(u-y)"
	wrongTime     evolutionVariant = "-H(0)(u-y)"
	wrongFactor   evolutionVariant = "-H(t)(u-y), H without the factor xᵀx'"
	wrongLoss     evolutionVariant = "-2H(t)(u-y), as for a loss without ½"
)

func (v evolutionVariant) predict(c *EvolutionCase) []float64 {
	h := append([]float64(nil), c.H...)
	switch v {
	case wrongTime:
		copy(h, c.H0)
	case wrongFactor:
		for i, k := range c.Gram {
			h[i] /= k
		}
	}
	out := c.Predicted(h)
	for i := range out {
		switch v {
		case wrongSign:
			out[i] = -out[i]
		case wrongLoss:
			out[i] *= 2
		}
	}
	return out
}

func evolutionClaims() []claim.Claim {
	check := func(ctx context.Context, env claim.Env, v evolutionVariant) (*claim.Finding, error) {
		r, err := evolution.Get(ctx, env.Backend, EvolutionConfig{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{Figure: EvolutionFigure(r)}
		tiny := r.Config.Tiny
		for i := range r.Cases {
			c := &r.Cases[i]
			p := v.predict(c)
			last := len(tiny) - 1
			if c.Smooth {
				k := last - 1
				f.Add(
					claim.Below(fmt.Sprintf("%s: relative error of -H(t)(u-y) at η = %g", c.Name, tiny[k]), 1e-5, c.RelativeError(k, p),
						claim.Because(1e-9, "rounding of the difference quotient; the bound is for the step's second order, proportional to η")),
					claim.Equals(fmt.Sprintf("%s: error at η = %g over that at %g", c.Name, tiny[0], tiny[1]), tiny[0]/tiny[1], c.RelativeError(0, p)/c.RelativeError(1, p),
						claim.Because(0.02, "third order of the step and rounding of the difference quotient")),
				)
			} else {
				best := -1
				for k := range tiny {
					if c.Flips[k] == 0 && (best < 0 || tiny[k] > tiny[best]) {
						best = k
					}
				}
				if best < 0 {
					e := claim.Equals(c.Name+": no tiny step without a gate flip", 0, 0, claim.Exact)
					e.Coarse = "every step flipped a gate"
					f.Add(e)
					continue
				}
				f.Add(claim.Below(fmt.Sprintf("%s: relative error at η = %g, no gate flips", c.Name, tiny[best]), 0, c.RelativeError(best, p),
					claim.Because(1e-9, "rounding of the difference quotient; without a flip u is linear in w")))
			}
			for _, k := range c.Coarse {
				if k.Flips > 0 {
					f.Note("%s: a step of η = %g flips %d gates and is off by %.1e; such an error does not halve with η", c.Name, k.Eta, k.Flips, k.Error)
				}
			}
			f.Add(
				claim.Equals(c.Name+": autodiff gradient of ½‖u-y‖² against the formula", 0, c.Gradient, claim.Rounding(1, 1e4)),
				claim.Equals(c.Name+": J·Jᵀ by autodiff against the formula for H(t)", 0, c.Jacobian, claim.Rounding(1, 1e4)),
				claim.Above(c.Name+": smallest eigenvalue of H(t)", 0, c.MinEigen, claim.Rounding(c.MaxEigen, 1e3)),
			)
		}
		f.Note("n = %d digits 3 and 8, m = %d, %d steps of η = %g before the tiny one, so that H(t) differs from H(0)", r.Config.Train, r.Config.Width, r.Config.Steps, r.Config.LearningRate)
		return f, nil
	}
	c := claim.Claim{
		ID: "9.L1", Kind: claim.Lemma, Title: "Evolution of the outputs", Ref: "Lemma 9.1.1, Eq. 9.1-9.4",
		Statement: `Under gradient flow on $\frac12\sum_i(f(w,x_i)-y_i)^2$ the outputs on the training set obey $\frac{du}{dt}=-H(t)(u-y)$ with the positive semidefinite matrix $H_{ij}=\langle\partial_w f(w,x_i),\partial_w f(w,x_j)\rangle$, for any network.`,
		Source:    "finite.RunEvolution", NeedsBackend: true,
		Check: checkOf(trueEvolution, check),
	}
	for _, v := range []evolutionVariant{wrongSign, wrongTime, wrongFactor, wrongLoss} {
		c.Alternatives = append(c.Alternatives, claim.Alternative{Name: string(v), Check: checkOf(v, check)})
	}
	return []claim.Claim{c}
}

func modelClaims() []claim.Claim {
	check := func(ctx context.Context, env claim.Env, cfg StartConfig) (*claim.Finding, error) {
		cfg.Seed = env.Seed
		r, err := starts.Get(ctx, env.Backend, cfg)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for _, p := range r.Points {
			f.Add(
				claim.Equals(fmt.Sprintf("E f(x)² at m = %d, unit x", p.Width), 0.5, p.Square.Mean, claim.Sampling(p.Square.SD, p.Square.N)),
				claim.Equals(fmt.Sprintf("E f(x) at m = %d", p.Width), 0, p.Mean.Mean, claim.Sampling(p.Mean.SD, p.Mean.N)),
				claim.Equals(fmt.Sprintf("largest |f(x)| of paired neurons, m = %d", p.Width), 0, p.Pairing, claim.Rounding(math.Sqrt(float64(p.Width)), 8)),
				claim.Equals(fmt.Sprintf("output of the graph against loops on the host, m = %d", p.Width), 0, p.GraphError, claim.Rounding(math.Sqrt(float64(p.Width)), 64)),
			)
		}
		f.Note("E σ(wᵀx)² = ½ for ReLU and a unit x, whatever the width: that is what the factor 1/√m keeps")
		return f, nil
	}
	return []claim.Claim{{
		ID: "9.A2", Kind: claim.Model, Title: "The two-layer network", Ref: "Section 9.2, Eq. 9.7",
		Statement: `$f(a,W,x)=\frac1{\sqrt m}\sum_{r=1}^m a_r\sigma(w_r^\top x)$ with $a_r$ uniform on $\pm1$ and $w_r\sim N(0,I)$ has mean 0 and a variance that does not depend on $m$; drawing $m/2$ neurons and repeating each with the opposite $a_r$ makes $f$ vanish at the start.`,
		Source:    "nn.TwoLayer, finite.RunStart", NeedsBackend: true,
		Check: checkOf(StartConfig{}, check),
		Alternatives: []claim.Alternative{
			{Name: "scaled by 1/m", Check: checkOf(StartConfig{ScalePower: 1}, check)},
			{Name: "pairs with equal output weights", Check: checkOf(StartConfig{SameSign: true}, check)},
		},
	}}
}
