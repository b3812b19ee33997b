package tied

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// PredictRestarts asks how many random starts end above the global minimum, far beyond the condition of
// Theorem 11.3.5. It takes a result of Restarts for m.
func PredictRestarts(m *Model, r *RestartResult) (lesson.Prediction, error) {
	const fn = "tied.PredictRestarts"
	if m == nil || r == nil || len(r.Ends) == 0 {
		return lesson.Prediction{}, fmt.Errorf("%s: want a model and a result of Restarts for it", fn)
	}
	bound := Threshold(m.values)
	if !(m.lambda > bound) {
		return lesson.Prediction{}, fmt.Errorf("%s: λ = %g, want one beyond the bound %.4g of Theorem 11.3.5", fn, m.lambda, bound)
	}
	families, err := m.Families()
	if err != nil {
		return lesson.Prediction{}, err
	}
	above := 0
	var index, value []float64
	for i, e := range r.Ends {
		if e.Value > r.Least+1e-6 {
			above++
		}
		index, value = append(index, float64(i+1)), append(value, e.Value)
	}
	var levels []figure.Layer
	top := r.Least
	for i, f := range families {
		name := ""
		if i == 1 {
			name = "values of saddles"
		}
		if f.Global || i > 12 {
			continue
		}
		levels = append(levels, figure.HRule(name, f.Value).As(figure.Reference))
		top = max(top, f.Value)
	}
	n := float64(len(r.Ends))
	fig := figure.Figure{
		ID: "11.F11/predict-starts", Title: "Where random starts end",
		Alt:     fmt.Sprintf("The values of L_θ at the ends of %d random starts lie on one line, the global minimum %.6g, below those of all saddles.", len(r.Ends), r.Least),
		Caption: fmt.Sprintf("There are %d families of critical points; these starts end at one.", len(families)),
		Panels: []figure.Panel{{X: figure.Axis{Label: "start"}.Range(0, n+1), Y: figure.Axis{Label: "L_θ at the end"}.Range(r.Least-.1*(top-r.Least)-.01, top+.1*(top-r.Least)+.01),
			Layers: append(levels, figure.Line("global minimum", 0, []float64{0, n + 1}, []float64{r.Least, r.Least}), figure.Points("ends", 0, index, value, nil, nil))}},
	}
	return lesson.Prediction{
		ID: "11.F11/predict-starts", Title: "Beyond the book's condition",
		Question: fmt.Sprintf(`A tied autoencoder of width %d with dropout learns $M$ with the eigenvalues %s. Theorem 11.3.5 promises that all local minima are global for $\lambda<%.3g$; whether that is necessary the book leaves open. Here $\lambda=%.3g$, %.0f times the bound, and there are %d families of critical points. Of %d random starts, how many end at a **spurious** local minimum?`,
			m.d1, list(m.values), bound, m.lambda, m.lambda/bound, len(families), len(r.Ends)),
		Guess:   &lesson.Guess{Answer: float64(above), Worst: n / 2, Obvious: "half of them", Baseline: n / 2, Figure: &fig},
		Reading: `None, and none would for any $\lambda$. At a support that is too small the next eigenvector $w$ can enter along a unit $z$ of no use so far: the curvature along $wz^\top$ is $4(\lambda c-\lambda(w))$, and the global minimum keeps $w$ exactly when that is negative. The book's proof moves all units at once and so needs more.`,
	}, nil
}

// PredictSaddle asks for the least eigenvalue of the Hessian at the critical point that spans w₁ alone, for
// M with the eigenvalues 4, 2, 1, ½, 0.1 and width 3, against λ. It takes 25 small eigenvalue problems.
func PredictSaddle(ctx context.Context) (lesson.Prediction, error) {
	var x, y, zero []float64
	for k := range 25 {
		lambda := .1 + 9.9*float64(k)/24
		m, err := New(mat.NewDiagDense(len(exampleSpectrum), exampleSpectrum), 3, lambda)
		if err != nil {
			return lesson.Prediction{}, err
		}
		f, ok := m.family([]Block{{Columns: 3, Support: []int{0}}})
		if !ok {
			return lesson.Prediction{}, fmt.Errorf("tied.PredictSaddle: no critical point spans w₁ at λ = %g", lambda)
		}
		c, err := landscape.Certify(ctx, m.Objective(), m.Point(&f, nil).RawMatrix().Data)
		if err != nil {
			return lesson.Prediction{}, fmt.Errorf("tied.PredictSaddle: %w", err)
		}
		x, y, zero = append(x, lambda), append(y, c.Curvature), append(zero, 0)
	}
	end := len(x) - 1
	return lesson.Prediction{
		ID: "11.F13/predict-saddle", Title: "When a saddle becomes the minimum",
		Question: `$M$ has the eigenvalues 4, 2, 1, ½, 0.1, and the width is 3. For every $\lambda>0$ there is a critical point whose columns are equal in length and span the first eigenvector alone. Draw the **least eigenvalue of the Hessian** there, from $\lambda=0.1$ to $\lambda=10$. The book's condition is $\lambda<0.0704$.`,
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "11.F13/predict-saddle", Title: "The least curvature at the support of w₁",
				Alt:     fmt.Sprintf("The curvature rises from %.3g at λ = 0.1 through 0 at λ = 3 to %.3g at λ = 10.", y[0], y[end]),
				Caption: `$4(\lambda c-\lambda_2)$ with $c=\frac{4}{3+\lambda}$.`,
				Panels: []figure.Panel{{X: figure.Axis{Label: "strength λ"}.Range(0, 10), Y: figure.Axis{Label: "λ_min of the Hessian"}.Range(-10, 10), Layers: []figure.Layer{
					figure.HRule("", 0), figure.Line("least curvature", 0, x, y)}}},
			},
			Layer: 1, X: x, Before: "Empty axes: λ from 0 to 10, the least eigenvalue of the Hessian from -10 to 10, and a line at 0.",
			Obvious: "flat at 0: degenerate beyond the book's bound", Baseline: zero,
		},
		Reading: `The direction that leads down lets $w_2$ enter: $4(\lambda c-\lambda_2)$, $\lambda c=\frac{4\lambda}{3+\lambda}$. It is a strict saddle up to $\lambda=3$, more than 40 times the book's bound. At $\lambda=3$ the threshold $\tau=\lambda c$ reaches $\lambda_2=2$, $w_2$ drops out of the global minimum, and this point **is** the global minimum from there on. It never is a spurious one.`,
	}, nil
}

// BreakCondition is the landscape with its two printed conditions to drop: λ small, which nothing needs, and
// M ⪰ 0, which Lemma 11.3.2 forgets to ask for.
func BreakCondition() lesson.Break {
	return lesson.Break{
		ID: "11.F11/break", Title: "Which conditions does the landscape need?",
		Claim: `At every equalized critical point of $\|M-UU^\top\|_F^2+\lambda\sum\|u_i\|^4$ (order 5, width 3) $UU^\top\preceq M$, and every one that is not a global minimum has a direction of negative curvature.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "small", Held: `$\lambda<\frac{r\lambda_r}{\sum\lambda_i-r\lambda_r}$, as Theorem 11.3.5 asks`, Drop: "take λ = 5"},
			{Name: "psd", Held: `$M\succeq0$, as Lemma 11.3.2 does not ask`, Drop: "let one eigenvalue be -1"},
		},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			values := append([]float64(nil), exampleSpectrum...)
			if dropped["psd"] {
				values[4] = -1
			}
			lambda := .9 * Threshold(values)
			if dropped["small"] {
				lambda = 5
			}
			m, err := New(mat.NewDiagDense(len(values), values), 3, lambda)
			if err != nil {
				return nil, err
			}
			families, err := m.Equalized()
			if err != nil {
				return nil, err
			}
			var good, bad [2][]float64
			low, highest := math.Inf(1), math.Inf(-1)
			where, stuck := "", 0
			for k := range families {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				f := &families[k]
				u := m.Point(f, nil)
				least, _, err := m.Below(u)
				if err != nil {
					return nil, err
				}
				if least < low {
					low, where = least, f.Name(3)
				}
				curvature := 0.0
				if d := m.Down(f, u); d != nil {
					curvature = d.Curvature
				}
				if !f.Global {
					highest = max(highest, curvature)
					if curvature >= 0 {
						stuck++
					}
				}
				to := &good
				if least < -1e-9 {
					to = &bad
				}
				to[0], to[1] = append(to[0], least), append(to[1], curvature)
			}
			s := &lesson.State{Holds: low >= -1e-9 && stuck == 0}
			s.Verdict = fmt.Sprintf(`$\lambda=%.3g$: %d equalized critical points, one of them global; at the others the steepest way down has a curvature of %.3g or less. The least eigenvalue of $M-UU^\top$ anywhere is %.3g.`, lambda, len(families), highest, math.Round(low*1e6)/1e6+0)
			if !s.Holds {
				s.Verdict += ` The saddles are strict as before; Lemma 11.3.2 is what fails.`
				s.Counterexample = fmt.Sprintf("at support %s the least eigenvalue of M - UUᵀ is %.3g; already U = 0 has it", where, low)
			}
			layers := []figure.Layer{figure.HRule("", 0)}
			if len(good[0]) > 0 {
				layers = append(layers, figure.Points("UUᵀ ⪯ M", 0, good[0], good[1], nil, nil))
			}
			if len(bad[0]) > 0 {
				layers = append(layers, figure.Points("not UUᵀ ⪯ M", 1, bad[0], bad[1], nil, nil).As(figure.Wrong))
			}
			s.Figure = figure.Figure{
				ID: "11.F11/break", Title: "Equalized critical points",
				Alt:     fmt.Sprintf("Each critical point: the least eigenvalue of M - UUᵀ against the curvature of its steepest way down, 0 for the global minimum. %d points.", len(families)),
				Caption: "At height 0 lies the global minimum, everything else below.",
				Panels:  []figure.Panel{{X: figure.Axis{Label: "least eigenvalue of M - UUᵀ"}.Range(-1.1, 1), Y: figure.Axis{Label: "steepest curvature down"}.Range(-17, 1), Layers: layers}},
			}
			return s, nil
		},
	}
}
