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
