package implicitbias

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
)

// figureLasso draws the coordinates of the lasso path and of ε-boosting over ‖w‖₁. The problem must be in
// general position, as those of this package are.
func figureLasso(p *Regression, epsilon float64) *figure.Figure {
	ctx := context.Background()
	l := must(LassoPath(ctx, p))
	run := must(Descend(ctx, p, Boosting{p, epsilon}, zeros(p.d), DescentConfig{Every: 1, Steps: 100_000}))
	panel := figure.Panel{X: figure.Axis{Label: "‖w‖₁"}, Y: figure.Axis{Label: "w_j"}}
	for j := range p.d {
		var x, y, bx, by []float64
		for k := range l.W {
			x, y = append(x, Norm(l.W[k], 1)), append(y, l.W[k][j])
		}
		stride := max(1, len(run.Path)/40)
		for k := 0; k < len(run.Path); k += stride {
			bx, by = append(bx, Norm(run.Path[k], 1)), append(by, run.Path[k][j])
		}
		bx, by = append(bx, Norm(run.End(), 1)), append(by, run.End()[j])
		panel.Layers = append(panel.Layers, figure.Line(coordinate(j)+", lasso", j, x, y), figure.Points(coordinate(j)+", ε-boosting", j, bx, by, nil, nil))
	}
	a, b := Norm(l.At(0), 1), Norm(run.End(), 1)
	caption := fmt.Sprintf(`The lasso ends at $\|w\|_1=%.3f$, ε-boosting with ε = %g at %.3f. `, a, epsilon, b)
	if l.Monotone() {
		caption += "No coordinate of the path ever turns back, and the two agree."
	} else {
		caption += "A coordinate of the path turns back; ε-boosting does not give back what it has taken until it has to, and ends elsewhere."
	}
	return &figure.Figure{
		ID: "8.E1", Title: "The path of the lasso and ε-boosting",
		Alt:     fmt.Sprintf("Coordinates over the ℓ₁ norm: lines of the lasso path to norm %.3f, points of ε-boosting to norm %.3f.", a, b),
		Caption: caption, Panels: []figure.Panel{panel},
	}
}
