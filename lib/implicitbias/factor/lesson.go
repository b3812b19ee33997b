package factor

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks returns the claims of section 8.2 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakFactorization()} }

// BreakFactorization drops the small start, and the shortage of measurements that makes it matter.
func BreakFactorization() lesson.Break {
	return lesson.Break{
		ID: "8.A5/break", Title: "Does a factorisation find low rank by itself?",
		Claim:      `Gradient descent on $\frac1m\sum(\langle A_i,UU^\top\rangle-y_i)^2$ from $U=aI$ finds the matrix of rank one behind 25 measurements, although 55 numbers are unknown and nothing asks for low rank.`,
		Hypotheses: []lesson.Hypothesis{{Name: "small", Held: "the start is small, $a=10^{-3}$", Drop: "start at $a=1$"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			a := 1e-3
			if dropped["small"] {
				a = 1
			}
			r, err := sensings.Get(ctx, nil, SensingConfig{Scales: []float64{a}, Draws: 3})
			if err != nil {
				return nil, fmt.Errorf("factor.BreakFactorization: %w", err)
			}
			var x, y []float64
			worst := 0.0
			for k, draw := range r.Runs {
				x, y = append(x, float64(k+1)), append(y, draw[0].Error)
				worst = max(worst, draw[0].Error)
			}
			s := &lesson.State{Holds: worst < .1, Figure: figure.Figure{
				ID: "8.A5/break", Title: "Distance from the matrix of rank one",
				Alt:     "The distance of the solution found from the true matrix for three draws, on a logarithmic axis, with the level of a tenth.",
				Caption: "Each run fits its measurements; $\\|M\\|_F=1$.",
				Panels: []figure.Panel{{X: figure.Axis{Label: "draw"}.Range(0, 4), Y: figure.Axis{Label: "‖UUᵀ - M‖", Scale: figure.Log}.Range(1e-4, 10), Layers: []figure.Layer{
					figure.HRule("a tenth", .1), figure.Points(fmt.Sprintf("a = %g", a), 1, x, y, nil, nil)}}},
			}}
			if s.Holds {
				s.Verdict = fmt.Sprintf("All three runs end within %.3f of the matrix, and have nuclear norm %.3f or less where the least is 1.", worst, largest(r))
			} else {
				s.Verdict = fmt.Sprintf("The measurements are fitted just as well, by another matrix: it is up to %.2f away and has nuclear norm up to %.1f. The bias is one of the start and the algorithm, not of the factorisation.", worst, largest(r))
				s.Counterexample = fmt.Sprintf("U = I, 25 measurements in ten dimensions: error %.2f with a mean squared residual of %.1g", r.Runs[0][0].Error, r.Runs[0][0].Residual)
			}
			return s, nil
		},
	}
}

// largest nuclear norm of the runs.
func largest(r *SensingResult) float64 {
	out := 0.0
	for _, draw := range r.Runs {
		out = max(out, draw[0].Nuclear)
	}
	return out
}

// PredictMissing asks what the unknown entry becomes.
func PredictMissing(ctx context.Context) (lesson.Prediction, error) {
	path, err := RunProduct(ctx, ProductConfig{})
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("factor.PredictMissing: %w", err)
	}
	other, err := RunProduct(ctx, ProductConfig{Depth: 3})
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("factor.PredictMissing: %w", err)
	}
	end, deeper := path[len(path)-1], other[len(other)-1]
	fig := FigureProduct([][]ProductPoint{path, other})
	return lesson.Prediction{
		ID: "8.A5/predict", Title: "The entry that nobody knows",
		Question: `Three entries of $\begin{pmatrix}x&1\\1&0\end{pmatrix}$ are known. Gradient descent fits them with a product $W^\top W$ from $W=\sqrt{0.1}\,I$, in 10,000 steps of 0.02. The nuclear norm of the completion is $\sqrt{x^2+4}$. What is $x$ at the end?`,
		Guess: &lesson.Guess{
			Answer: end.P[0][0], Worst: 10, Obvious: "0, where the norm is least", Figure: &fig,
		},
		Reading: fmt.Sprintf(`$x=%.2f$, and it grows without end (depth 3: %.1f). The start has $\det W^\top W>0$, which the flow keeps, while $\begin{pmatrix}x&1\\1&0\end{pmatrix}$ has determinant $-1$: only an infinite $x$ lets the loss go to 0. No norm is minimized; the rank is, $\sigma_2/\sigma_1\to0$.`, end.P[0][0], deeper.P[0][0]),
	}, nil
}
