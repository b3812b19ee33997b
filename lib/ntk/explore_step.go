package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// stepDigits is the number of training digits of ExploreStep and ExploreDirections.
const stepDigits = 50

// ExploreStep shows gradient descent at the edge η = 2/λ_1: every eigendirection is multiplied by
// 1 - ηλ_i in a step, and training blows up as soon as the largest eigenvalue leaves (-1, 1), however
// well all others do. Lines are Σ(1-ηλ_i)^{2k}(v_iᵀy)²/n, points are steps really taken under H*.
func ExploreStep() figure.Explorer {
	eta := figure.Slide("eta", "step size η, in units of 2/λ₁", .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99, 1, 1.01, 1.05, 1.1).From(11)
	eta.Between = true
	return figure.Explorer{
		ID: "9.R4/step", Title: "The largest eigenvalue decides how large a step may be",
		Try:      "Raise the step size past 1: one dot on the right leaves the band, and the loss explodes along that direction alone. The fastest training is a little below.",
		Controls: []figure.Control{eta},
		Draw:     drawStep,
	}
}

func drawStep(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn, steps, most = "ntk.ExploreStep", 100, 1e3
	unit := at["eta"]
	if !(unit > 0 && unit <= 2) {
		return outside(fn, "eta", unit, "above 0, at most 2")
	}
	s, err := digits38(stepDigits)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	n, lambda := s.S.N(), s.S.Values
	eta := unit * 2 / lambda[0]
	c := s.S.Project(s.Y)
	loss := func(k int) float64 {
		sum := 0.0
		for i, l := range lambda {
			sum += c[i] * c[i] * math.Pow(1-eta*l, 2*float64(k))
		}
		return sum / float64(n)
	}
	var line, x, taken, places []float64
	residual, g := append([]float64(nil), s.Y...), mat.NewVecDense(n, nil)
	for k := range steps + 1 {
		if err := ctx.Err(); err != nil {
			return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
		}
		if v := loss(k); v <= most {
			x, line = append(x, float64(k)), append(line, v)
		}
		if v := floats.Dot(residual, residual) / float64(n); k%5 == 0 && v <= most {
			places, taken = append(places, float64(k)), append(taken, v)
		}
		g.MulVec(s.H, mat.NewVecDense(n, residual))
		floats.AddScaled(residual, -eta, g.RawVector().Data)
	}
	factor, beyond := make([]float64, n), 0
	for i, l := range lambda {
		if factor[i] = 1 - eta*l; math.Abs(factor[i]) > 1 {
			beyond++
		}
	}
	band := []float64{lambda[n-1], lambda[0] * 1.1}
	story := fmt.Sprintf("the loss falls to %.4f in %d steps", loss(steps), steps)
	switch {
	case unit > 1:
		story = fmt.Sprintf("the top direction is multiplied by %.3f in each step: the loss is %.3g after %d steps, though %d of %d directions shrink", factor[0], loss(steps), steps, n-beyond, n)
	case unit == 1:
		story = "the top direction changes sign in each step and neither shrinks nor grows"
	case factor[0] < 0:
		story += fmt.Sprintf("; the top direction changes sign in each step, by the factor %.3f", factor[0])
	}
	return figure.Figure{
		ID: "9.R4.step", Title: fmt.Sprintf("η = %.4g, which is %.3g of 2/λ₁", eta, unit),
		Alt: fmt.Sprintf("Left: loss against steps for a step size of %.3g times 2/λ₁, formula as a line and steps taken as points: %.3g after 20 steps, %.3g after %d. Right: the factor 1-ηλ of each eigendirection; %d of %d lie outside the band from -1 to 1.",
			unit, loss(20), loss(steps), steps, beyond, n),
		Caption: fmt.Sprintf(`$\eta=%.4g=%.3g\cdot2/\lambda_1$, $\lambda_1=%.3f$, $\lambda_{%d}=%.4f$: %s. Digits 3 and 8, $n=%d$, under the kernel $H^*$.`, eta, unit, lambda[0], n, lambda[n-1], story, n),
		Panels: []figure.Panel{
			{Title: "Loss", X: figure.Axis{Label: "steps k"}.Range(0, steps), Y: figure.Axis{Label: "‖u - y‖²/n", Scale: figure.Log}.Range(.002, most), Layers: []figure.Layer{
				figure.Line("Σ(1-ηλ_{i})^{2k}(v_{i}ᵀy)²/n", 0, x, line), figure.Points("gradient descent", 0, places, taken, nil, nil),
			}},
			{Title: "Factor of each direction in a step", X: figure.Axis{Label: "eigenvalue λ_{i}", Scale: figure.Log}, Y: figure.Axis{Label: "1 - ηλ_{i}"}.Range(-1.35, 1.15), Layers: []figure.Layer{
				figure.Band("shrinks", 2, band, []float64{-1, -1}, []float64{1, 1}),
				figure.Points("directions", 1, lambda, factor, nil, nil),
			}},
		},
	}, nil
}
