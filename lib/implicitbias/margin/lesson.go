package margin

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks returns the claims of sections 8.3 and 8.4 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakBoost(), BreakStart()} }

// BreakBoost drops the bound on the steps of Theorem 8.3.2 in ℓ₁: AdaBoost.
func BreakBoost() lesson.Break {
	return lesson.Break{
		ID: "8.E6/break", Title: "Does boosting find the largest margin?",
		Claim:      `Coordinate descent on the exponential loss, one weak learner a round, tends to the largest $\ell_1$ margin, here $\frac38$.`,
		Hypotheses: []lesson.Hypothesis{{Name: "bounded", Held: "each round moves one weight by 0.02", Drop: "take the exact minimum along the learner, as AdaBoost does"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			epsilon := .02
			if dropped["bounded"] {
				epsilon = 0
			}
			r, err := boosts.Get(ctx, nil, BoostConfig{Epsilon: epsilon, Rounds: 10000})
			if err != nil {
				return nil, fmt.Errorf("margin.BreakBoost: %w", err)
			}
			fig, err := FigureCycle(ctx, epsilon)
			if err != nil {
				return nil, err
			}
			m := r.at(10000)
			s := &lesson.State{Holds: 3./8-m < .005, Figure: *fig}
			used := 0
			for _, v := range r.W {
				if v != 0 {
					used++
				}
			}
			if s.Holds {
				s.Verdict = fmt.Sprintf("After 10,000 rounds the margin is %.4f, and the gap to $\\frac38$ falls like $1/t$. %d of 8 learners carry weight.", m, used)
				return s, nil
			}
			k, _ := r.Period()
			s.Verdict = fmt.Sprintf("The margin stops at %.4f. The weights of the points repeat every %d rounds, so that the same learners are chosen for ever, each with the same step: their votes average to a margin of $\\frac13$.", m, k)
			s.Counterexample = "eight points, eight learners with answers ±1: margin 1/3 by AdaBoost, 3/8 possible (Rudin, Daubechies and Schapire 2004)"
			return s, nil
		},
	}
}

// BreakStart: stationary directions of a homogeneous net need not be the best.
func BreakStart() lesson.Break {
	return lesson.Break{
		ID: "8.T7/break", Title: "Is the limit direction the best one?",
		Claim:      `Gradient flow on the exponential loss of the net $\langle u\odot u-v\odot v,x\rangle$ ends in the direction of largest margin.`,
		Hypotheses: []lesson.Hypothesis{{Name: "start", Held: "all parameters start at $\\frac12$", Drop: "start with $u_2=v_2=0$"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			j := journey{Net: "diagonal", FlowConfig: FlowConfig{Steps: 20000}}
			if dropped["start"] {
				j.Start = []float64{.5, 0, .4, 0}
			}
			run, err := flows.Get(ctx, nil, j)
			if err != nil {
				return nil, fmt.Errorf("margin.BreakStart: %w", err)
			}
			var x, y, res []float64
			for _, row := range run.Rows {
				if row.T > 0 && row.Margin > 0 {
					x, y, res = append(x, float64(row.T)), append(y, row.Margin), append(res, max(row.Residual, 1e-6))
				}
			}
			last := run.Last()
			s := &lesson.State{Holds: last.Margin > .84, Figure: figure.Figure{
				ID: "8.T7/break", Title: "Margin and distance from stationarity",
				Alt:     fmt.Sprintf("The margin rises to %.3f, with a rule at 0.841; the KKT residual falls towards 0.", last.Margin),
				Caption: "Left the margin, with the largest one as a rule; right the KKT residual, small in both cases.",
				Panels: []figure.Panel{
					{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "margin"}.Range(0, .9), Layers: []figure.Layer{
						figure.HRule("largest margin", 18.5/22), figure.Points("descent", 0, x, y, nil, nil)}},
					{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "KKT residual", Scale: figure.Log}, Layers: []figure.Layer{
						figure.Points("descent", 0, x, res, nil, nil)}},
				},
			}}
			if s.Holds {
				s.Verdict = fmt.Sprintf("The margin reaches %.4f of 0.8409, the largest $\\ell_1$ margin of the points; the residual is %.2g.", last.Margin, last.Residual)
				return s, nil
			}
			s.Verdict = fmt.Sprintf("The gradient at $u_2=v_2=0$ has no second component: the run stays there. Its limit is stationary (residual %.2g), as Theorem 8.4.5 says, with the margin %.3f.", last.Residual, last.Margin)
			s.Counterexample = "(u, v) = (0.5, 0, 0.4, 0) ends at (1, 0, 0, 0) with margin ½; the largest is 18.5/22 = 0.841"
			return s, nil
		},
	}
}

// Predictions returns what a reader is asked before it is shown.
func Predictions(ctx context.Context) ([]lesson.Prediction, error) {
	crawl, err := PredictCrawl(ctx)
	if err != nil {
		return nil, err
	}
	boost, err := PredictBoost(ctx)
	if err != nil {
		return nil, err
	}
	return []lesson.Prediction{crawl, boost}, nil
}

// PredictCrawl asks for the margin of gradient descent with bounded steps, beside that of the steps 1/(B²L).
func PredictCrawl(ctx context.Context) (lesson.Prediction, error) {
	fast, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{}})
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("margin.PredictCrawl: %w", err)
	}
	slow, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Rule: Capped, Steps: 10000}})
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("margin.PredictCrawl: %w", err)
	}
	best, err := targets.Get(ctx, Euclidean)
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("margin.PredictCrawl: %w", err)
	}
	var x, y, other []float64
	for k, row := range slow.Rows {
		if row.T >= 10 {
			x, y, other = append(x, float64(row.T)), append(y, row.Margin), append(other, fast.Rows[k].Margin)
		}
	}
	third := func(v []float64) []float64 {
		var out []float64
		for i := 0; i < len(v); i += 3 {
			out = append(out, v[i])
		}
		return out
	}
	return lesson.Prediction{
		ID: "8.T5/predict", Title: "How fast does gradient descent find the margin?",
		Question: `The line shows the $\ell_2$ margin of gradient descent on five points with the steps $\eta_t=1/(B^2L(w_t))$, which grow without bound. Theorem 8.3.2 wants them bounded: $\eta_t\le1$. Both are equal for the first steps. Draw the margin with bounded steps.`,
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "8.T5/predict", Title: "The margin with bounded steps and without a bound",
				Alt:     fmt.Sprintf("With bounded steps the margin rises almost straight on a logarithmic axis of steps, to %.4f after 10,000; without a bound it is at %.4f of %.4f.", y[len(y)-1], other[len(other)-1], best.Margin),
				Caption: `Bounded steps: the gap to the largest margin closes like a power of $1/\log t$.`,
				Panels: []figure.Panel{{
					X: figure.Axis{Label: "step", Scale: figure.Log}.Range(10, 10000), Y: figure.Axis{Label: "margin over ℓ₂ norm"}.Range(.94, 1.05),
					Layers: []figure.Layer{figure.Line("steps of at most 1", 1, x, y), figure.Line("steps 1/(B²L)", 0, x, other), figure.HRule("largest margin", best.Margin)},
				}},
			},
			X: third(x), Before: "The margin with unbounded steps against the step on a logarithmic axis: at its largest value after about a thousand steps.",
			Obvious: "the same curve", Baseline: third(other),
		},
		Reading: fmt.Sprintf(`$\|w_t\|$ grows by $\eta_t\|\nabla L\|$ a step, and the gradient falls with the loss: with bounded steps $\|w_t\|$ is of order $\log t$ (%.3g after 10,000 steps; %.4g without the bound). What the first steps did across the right direction fades like $1/\|w_t\|$.`, slow.Last().Length, fast.Last().Length),
	}, nil
}

// PredictBoost asks for the margin at which AdaBoost ends.
func PredictBoost(ctx context.Context) (lesson.Prediction, error) {
	fig, err := FigureCycle(ctx, 0)
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("margin.PredictBoost: %w", err)
	}
	return lesson.Prediction{
		ID: "8.E6/predict", Title: "Where AdaBoost ends",
		Question: `Eight weak learners vote on eight points; the largest $\ell_1$ margin of a vote is $\frac38=0.375$, and every learner is needed for it. AdaBoost takes in each round the learner that is best on the weighted points, with the step that minimizes the exponential loss. What margin does it tend to?`,
		Guess: &lesson.Guess{
			Answer: 1. / 3, Shown: "1/3", Worst: .1,
			Obvious: "the largest, 3/8", Baseline: 3. / 8, Figure: fig,
		},
		Reading: `The rounds fall into a cycle: learners 1, 3 and 2 take turns with equal steps, and on the hardest points two of three are right, $\frac{1+1-1}3$. Other learners never get to move. Steps of a fixed small size break the cycle and go on to $\frac38$.`,
	}, nil
}
