package linreg

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks returns the claims of section 11.4 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakRescaling()} }

// BreakRescaling is erratum E10: dropping inputs rescales least squares only where features are
// uncorrelated.
func BreakRescaling() lesson.Break {
	return lesson.Break{
		ID: "11.G1/break", Title: "Does dropping inputs merely rescale?",
		Claim:      `Linear regression with its inputs dropped at rate $p$ gives the least-squares solution times $1/(1+\lambda)=1-p$.`,
		Hypotheses: []lesson.Hypothesis{{Name: "uncorrelated", Held: "features are uncorrelated: $X^\\top X$ is diagonal", Drop: "let features be correlated, as the printed text does"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			p, err := uncorrelated(0)
			if err != nil {
				return nil, fmt.Errorf("linreg.BreakRescaling: %w", err)
			}
			if dropped["uncorrelated"] {
				p = Fixture()
			}
			ols, err := p.Least()
			if err != nil {
				return nil, fmt.Errorf("linreg.BreakRescaling: %w", err)
			}
			var x, line []float64
			shares := make([][]float64, len(ols))
			worst, where, which := 0.0, 0.0, 0
			for i := range 46 {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				rate := float64(i) / 50
				u, err := p.Input(rate)
				if err != nil {
					return nil, fmt.Errorf("linreg.BreakRescaling: %w", err)
				}
				x, line = append(x, rate), append(line, 1-rate)
				for j := range u {
					shares[j] = append(shares[j], u[j]/ols[j])
					if d := math.Abs(u[j]/ols[j] - (1 - rate)); d > worst {
						worst, where, which = d, rate, j
					}
				}
			}
			layers := []figure.Layer{figure.Line("1 - p", 0, x, line).As(figure.Bound)}
			for j, s := range shares {
				layers = append(layers, figure.Points(fmt.Sprintf("coefficient %d", j+1), j+1, x, s, nil, nil))
			}
			s := &lesson.State{Holds: worst < 1e-9, Figure: figure.Figure{
				ID: "11.G1/break", Title: "Coefficients as shares of least squares",
				Alt:     "The share of its least-squares value that each of three coefficients keeps, against the rate, with the line 1 - p.",
				Caption: "If dropout merely rescaled, all points would lie on the line.",
				Panels:  []figure.Panel{{X: figure.Axis{Label: "rate p of dropping"}, Y: figure.Axis{Label: "coefficient over least squares"}, Layers: layers}},
			}}
			if s.Holds {
				s.Verdict = "Each coefficient keeps the share $1-p$, at every rate."
			} else {
				s.Verdict = fmt.Sprintf("Coefficients shrink at different speeds: at $p=%.2f$ coefficient %d misses its share by %.2f.", where, which+1, worst)
				s.Counterexample = fmt.Sprintf("three correlated features, 8 examples, p = %.2f: coefficient %d keeps %.3f of its least-squares value, not %.3f", where, which+1, shares[which][int(math.Round(50*where))], 1-where)
			}
			return s, nil
		},
	}
}
