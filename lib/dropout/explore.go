package dropout

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Explorers returns what a reader can move here.
func Explorers() []figure.Explorer { return []figure.Explorer{ExploreLosses()} }

// FigureLosses shows, for one loss and weights of the given size, the penalty against p: by all masks,
// by the quadratic form of Regularizer and by one missing unit.
func FigureLosses(ctx context.Context, loss Loss, size float64) (figure.Figure, error) {
	const outputs, units, examples = 3, 6, 4
	h := randomHead(0, loss, examples, units, outputs, size)
	base := h.Value(nil)
	var p, exact, quadratic, first, ratioQ, ratioF []float64
	for k := 1; k <= 18; k++ {
		rate := .05 * float64(k)
		lambda, err := Lambda(rate)
		if err != nil {
			return figure.Figure{}, err
		}
		e, err := h.Exact(ctx, rate)
		if err != nil {
			return figure.Figure{}, err
		}
		q, err := h.Penalty(lambda)
		if err != nil {
			return figure.Figure{}, err
		}
		f, err := h.FirstOrder(lambda)
		if err != nil {
			return figure.Figure{}, err
		}
		p, exact, quadratic, first = append(p, rate), append(exact, e-base), append(quadratic, q), append(first, f)
		ratioQ, ratioF = append(ratioQ, q/(e-base)), append(ratioF, f/(e-base))
	}
	half := 9 // p = 1/2
	x := figure.Axis{Label: "rate p"}.Range(0, .95)
	caption := fmt.Sprintf(`%s loss, weights of size %.3g. At $p=\frac12$ the quadratic form is %.2f of the penalty. `, loss, size, ratioQ[half])
	if loss == Squared {
		caption += `Squared loss is quadratic: all three are one.`
	} else {
		caption += `Its miss at small $p$ does not go away with $p$: one missing unit is no small change. Smaller weights mend it.`
	}
	return figure.Figure{
		ID: "11.+/losses", Title: "The penalty of masks, and two ways to write it down",
		Alt:     fmt.Sprintf("Left: the penalty against p, by all masks, from %.2g to %.2g on a logarithmic axis, with two curves near it. Right: the curves over the exact penalty; at p = 1/2 the quadratic form is %.2f of it, the one of a single missing unit %.2f.", exact[0], exact[len(exact)-1], ratioQ[half], ratioF[half]),
		Caption: caption,
		Panels: []figure.Panel{
			{X: x, Y: figure.Axis{Label: "penalty", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Points("all 64 masks", 0, p, exact, nil, nil), figure.Line("quadratic form", 1, p, quadratic), figure.Line("one missing unit", 2, p, first)}},
			{X: x, Y: figure.Axis{Label: "over the exact penalty"}.Range(0, 3), Layers: []figure.Layer{
				figure.HRule("exact", 1), figure.Line("quadratic form", 1, p, ratioQ), figure.Line("one missing unit", 2, p, ratioF)}},
		},
	}, nil
}

// ExploreLosses changes the loss and the size of the weights.
func ExploreLosses() figure.Explorer {
	losses := []Loss{Logistic, Softmax, Squared}
	var sizes []float64
	for k := range 13 {
		sizes = append(sizes, math.Round(1e3*math.Pow(2, float64(k-8)/2))/1e3)
	}
	return figure.Explorer{
		ID: "11.+/losses", Title: "When is dropout its quadratic penalty?",
		Try:      "Make the weights small: the quadratic form becomes exact. Make them large: it is off even at small $p$, where the curve of one missing unit is right. Choose squared loss: nothing is missed.",
		Controls: []figure.Control{figure.Choose("loss", "loss", "logistic", "softmax", "squared"), figure.Slide("size", "size of the weights", sizes...).From(9)},
		Play:     "size",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			k := int(at["loss"])
			if k < 0 || k >= len(losses) {
				return figure.Figure{}, fmt.Errorf("dropout.ExploreLosses: loss %g, want 0 to %d", at["loss"], len(losses)-1)
			}
			return FigureLosses(ctx, losses[k], at["size"])
		},
	}
}
