package implicitbias

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// PredictLimit asks where steepest descent in ℓ_{4/3} goes as its steps shrink: figure 8.1.
func PredictLimit(ctx context.Context) (lesson.Prediction, error) {
	s, err := steepest.Get(ctx, 4./3)
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("implicitbias.PredictLimit: %w", err)
	}
	fig := s.Figure(0, 2, 4, 5)
	fig.ID = "8.F1/predict"
	return lesson.Prediction{
		ID: "8.F1/predict", Title: "Where does the limit go as the steps shrink?",
		Question: fmt.Sprintf(`Fit $x=(1,1,1)$, $y=1$ and $x=(1,2,0)$, $y=10$ from $w=0$ by **steepest descent in $\ell_{4/3}$**. The solutions form a line, on which $w_1$ tells the place. Gradient descent ends at $w_1=\frac13$ for every step size, the solution of least $\|w\|_2$. The solution of least $\|w\|_{4/3}$ has $w_1=%.4f$.

Steepest descent with $\eta=0.1$ ends at $w_1=%.3f$, with $\eta=0.07$ at %.3f. Where does it end as $\eta\to0$?`, s.Least[0], s.W[5][0], s.W[4][0]),
		Guess: &lesson.Guess{
			Answer: s.Limit()[0], Shown: fmt.Sprintf("%.4f", s.Limit()[0]), Worst: .3,
			Obvious: "at the least norm, as gradient descent does in its own", Baseline: s.Least[0], Figure: &fig,
		},
		Reading: fmt.Sprintf(`At %.4f: nearer to the solution of least $\|w\|_2$ than to that of least $\|w\|_{4/3}$. Mirror descent keeps $\nabla R(w_t)$ in $\nabla R(w_0)+\operatorname{span}\{x_i\}$, and that names the limit. Steepest descent adds up $\Delta_t$, each a nonlinear image of a vector in that span, and a sum of images is not the image of a sum. Only quadratic norms, where the map is linear, escape.`, s.Limit()[0]),
	}, nil
}

// Breaks returns the claims of section 8.1 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakNorm(), BreakCommuting()} }

// BreakNorm drops the quadratic norm of the remark after (8.5).
func BreakNorm() lesson.Break {
	return lesson.Break{
		ID: "8.R2/break", Title: "Does steepest descent find the nearest solution in its norm?",
		Claim:      `Steepest descent in a norm ends at the solution nearest to its start in that norm, whatever the step size.`,
		Hypotheses: []lesson.Hypothesis{{Name: "quadratic", Held: "the norm is quadratic, here $\\ell_2$", Drop: "take $\\ell_{4/3}$"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			p := 2.
			if dropped["quadratic"] {
				p = 4. / 3
			}
			r, err := steepest.Get(ctx, p)
			if err != nil {
				return nil, fmt.Errorf("implicitbias.BreakNorm: %w", err)
			}
			worst, at := 0.0, 0
			for i, w := range r.W {
				if w == nil {
					continue
				}
				if d := math.Abs(w[0] - r.Least[0]); d > worst {
					worst, at = d, i
				}
			}
			fig := r.Figure(0, 2, 4, 5)
			fig.ID = "8.R2/break"
			s := &lesson.State{Holds: worst < 1e-6, Figure: fig}
			if s.Holds {
				s.Verdict = "Six step sizes and the flow all end at $w_1=\\frac13$, the solution of least $\\|w\\|_2$."
			} else {
				s.Verdict = fmt.Sprintf("Each step size has a limit of its own, and none is the solution of least $\\|w\\|_{4/3}$, at $w_1=%.4f$; as $\\eta\\to0$ it is %.4f.", r.Least[0], r.Limit()[0])
				s.Counterexample = fmt.Sprintf("η = %g ends at w₁ = %.4f", r.Eta[at], r.W[at][0])
			}
			return s, nil
		},
	}
}

// BreakCommuting drops the hypothesis under which a parametrization has a mirror map.
func BreakCommuting() lesson.Break {
	return lesson.Break{
		ID: "8.D2/break", Title: "Does every parametrization have a mirror map?",
		Claim:      `Gradient flow on $\theta$ moves $w=G(\theta)$ as mirror flow: following $\psi_1\nabla G_1+\psi_2\nabla G_2+\dots$, $w$ depends on the sums of $\psi$ alone, so that closed loops in $\psi$ bring it back.`,
		Hypotheses: []lesson.Hypothesis{{Name: "commuting", Held: "$G=\\theta_+^{\\odot2}-\\theta_-^{\\odot2}$, which commutes", Drop: "take $G=UU^\\top$"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			g, theta := Differences(3), symmetricStart(3, .5)
			if dropped["commuting"] {
				g, theta = Factored(2, 2), []float64{1, 0, .5, 1}
			}
			var x, y []float64
			for k := 1; k <= 12; k++ {
				t := .04 * float64(k)
				d, err := Discover(ctx, g, theta, [][]float64{{t, -t, t}})
				if err != nil {
					return nil, fmt.Errorf("implicitbias.BreakCommuting: %w", err)
				}
				x, y = append(x, t), append(y, d.Loop)
			}
			end := y[len(y)-1]
			s := &lesson.State{Holds: end < 1e-6, Figure: figure.Figure{
				ID: "8.D2/break", Title: "How far from closed a loop in ψ ends",
				Alt:     fmt.Sprintf("Relative gap of w after a closed loop in ψ against its side: %.2g at side %.2g.", end, x[len(x)-1]),
				Caption: "Four legs along two coordinates of $\\psi$, there and back.",
				Panels: []figure.Panel{{X: figure.Axis{Label: "side of the loop"}, Y: figure.Axis{Label: "gap of w, relative"}.Range(-.02, .5), Layers: []figure.Layer{
					figure.HRule("closed", 0), figure.Points(g.Name, 0, x, y, nil, nil)}}},
			}}
			if s.Holds {
				s.Verdict = "Every loop closes: $\\psi$ is a function of $w$, the gradient of $R_\\alpha$ with α = ½."
			} else {
				s.Verdict = "No loop closes: the order of the legs matters, and no $\\nabla R(w)$ can be what $\\psi$ adds up to."
				s.Counterexample = fmt.Sprintf("a loop of side %.2g leaves w off by %.1f %%", x[len(x)-1], 100*end)
			}
			return s, nil
		},
	}
}
