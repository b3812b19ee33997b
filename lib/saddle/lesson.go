package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// Predictions returns what chapter 7 asks its readers to predict.
func Predictions(ctx context.Context) ([]lesson.Prediction, error) {
	p, err := PredictDimension(ctx)
	if err != nil {
		return nil, err
	}
	return []lesson.Prediction{p}, nil
}

// PredictDimension asks for the escape time against the dimension.
func PredictDimension(ctx context.Context) (lesson.Prediction, error) {
	const fn = "saddle.PredictDimension"
	fig, err := FigureDimension(ctx, .5, 0)
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("%s: %w", fn, err)
	}
	fig.ID = "7.R3/predict"
	panel := &fig.Panels[0]
	panel.Y = panel.Y.Range(0, 100)
	line := panel.Layers[0]
	var x, baseline []float64
	for _, d := range line.X {
		if d == 1 || d == 10 || d == 100 || d == 1000 || d == 10_000 {
			x = append(x, d)
			// As if a random direction had to be hit: steps in proportion to √d.
			baseline = append(baseline, min(100, line.Y[0]*math.Sqrt(d)))
		}
	}
	first, last := line.Y[0], line.Y[len(line.Y)-1]
	return lesson.Prediction{
		ID: "7.R3/predict", Title: "One way down among 10,000",
		Question: fmt.Sprintf(`$f(x)=\frac12\cos x_1+\frac12\sum_{i\ge2}x_i^2$ has a saddle at 0 with one direction down. Gradient descent with $\eta=1$ starts at a uniform point of a ball of radius $10^{-3}$ around it, and has left when $|x_1|\ge0.1$. For $d=1$ that takes %.1f steps on average. Draw the mean number of steps for $d$ up to 10,000.`, first),
		Curve: &lesson.Curve{
			Figure: fig, Layer: 0, Hide: []int{1}, X: x,
			Before:  "Empty axes: the dimension from 1 to 10,000, logarithmic, and 0 to 100 steps.",
			Obvious: "in proportion to √d: a random direction has hardly anything of the one that counts", Baseline: baseline,
		},
		Reading: fmt.Sprintf(`A straight line in $\log d$: %.1f steps at $d=10^4$. A random direction does have only $1/\sqrt d$ along $x_1$, but growth is exponential: a start smaller by a factor of ten costs $\log10/\log1.5=5.7$ steps. So each tenfold $d$ costs half of that.`, last),
	}, nil
}

// Breaks returns the claims of chapter 7 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakNoise()} }

// BreakNoise is Theorem 7.2.1 without its noise, or without a strict saddle.
func BreakNoise() lesson.Break {
	return lesson.Break{
		ID: "7.T1/break", Title: "What noise is for",
		Claim: `Started at a saddle of $\frac12\cos x_1+\frac12\sum_{i\ge2}x_i^2$ in $\mathbb R^{10}$, perturbed gradient descent meets a 0.05-second-order stationary point within 800 steps, $2\ell(f(x_0)-f^*)/\epsilon^2$.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "noise", Held: "the first step is perturbed", Drop: "leave the noise out"},
			{Name: "start", Held: "the start is the saddle itself", Drop: "start $10^{-12}$ beside it"},
		},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			const epsilon, limit = .05, 800
			o, err := Cosine(10, .5)
			if err != nil {
				return nil, err
			}
			x0 := make([]float64, 10)
			if dropped["start"] {
				x0[0] = 1e-12
			}
			opt := Options{Epsilon: epsilon, Stop: true, Steps: limit}
			var res *Result
			if dropped["noise"] {
				res, err = GD(ctx, o, x0, opt)
			} else {
				res, err = PGD2(ctx, o, x0, Kick{}, opt)
			}
			if err != nil {
				return nil, fmt.Errorf("saddle.BreakNoise: %w", err)
			}
			var x, y []float64
			for t, f := range res.Values {
				x, y = append(x, float64(t)), append(y, f)
			}
			s := &lesson.State{Holds: res.Found}
			role := figure.Measured
			switch {
			case !res.Found:
				role = figure.Wrong
				s.Verdict = "The gradient is exactly 0, and every step is: after 800 steps, and after any number, $f=\\frac12$."
				s.Counterexample = "x₀ = 0: ∇f(x₀) = 0 and λ_min = −½ < −√(ρε) = −0.16"
			case dropped["noise"]:
				s.Verdict = fmt.Sprintf("It leaves after all, %d steps to an ε-SOSP: the saddle holds only what lies on its stable manifold, here $x_1=0$, a set of measure zero. A start at a distance of $10^{-12}$ costs $\\log10^{9}/\\log1.5\\approx51$ steps more than one at $10^{-3}$.", res.First)
			default:
				s.Verdict = fmt.Sprintf("An ε-SOSP after %d steps, with $f=%.3f$.", res.First, res.Values[res.First])
			}
			s.Figure = figure.Figure{
				ID: "7.T1/break", Title: "f against the step",
				Alt: fmt.Sprintf("f starts at one half and is %.3f after %d steps.", res.Values[len(res.Values)-1], res.Steps()),
				Panels: []figure.Panel{{X: figure.Axis{Label: "step"}, Y: figure.Axis{Label: "f"}.Range(-.6, .6), Layers: []figure.Layer{
					figure.Line("f(x_t)", 0, x, y).As(role), figure.HRule("f*", -.5)}}},
			}
			return s, nil
		},
	}
}
