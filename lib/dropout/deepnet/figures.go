package deepnet

import (
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
)

// pathFigure shows measured penalties over half the path norm for laws of inputs.
func pathFigure(names []string, ratio, low, high []float64) figure.Figure {
	at := make([]float64, len(names))
	for i := range at {
		at[i] = float64(i)
	}
	return figure.Figure{
		ID: "11.E3", Title: "Half the path norm, where inputs are symmetric",
		Alt:     fmt.Sprintf("R̂/λ over half the squared path norm for four laws of inputs: 1 within the intervals for the symmetric ones, %.2f for exponential entries.", ratio[len(ratio)-1]),
		Caption: "A ReLU network with nonnegative first-layer weights; intervals of four standard errors. All four laws have mean 0 and second moment $I$.",
		Panels: []figure.Panel{{X: figure.Axis{Label: "law of the entries", Categories: names}, Y: figure.Axis{Label: "R̂/λ over ½ path norm²"},
			Layers: []figure.Layer{figure.HRule("Proposition 11.2.2", 1), figure.Points("measured", 1, at, ratio, low, high)}}},
	}
}

// of returns a quantity of the outcomes of the methods with the given penalty flag and neither l1 nor l2,
// against their rates.
func (r *Result) of(penalty bool, f func(o *Outcome) float64) (p, v []float64) {
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		if o.Method.L1 == 0 && o.Method.L2 == 0 && o.Method.Layers == nil && (o.Method.Penalty == penalty || o.Method.Rate == 0) {
			p, v = append(p, o.Method.Rate), append(v, f(o))
		}
	}
	return p, v
}

// FigurePenalty shows where training ends, against p: R̂/λ with masks and with the penalty, beside half
// the weighted path norm, and the losses.
func (r *Result) FigurePenalty() figure.Figure {
	final := func(o *Outcome) float64 { return o.Final().Train.Penalty }
	p, masks := r.of(false, final)
	q, explicit := r.of(true, final)
	_, half := r.of(false, func(o *Outcome) float64 { return o.Final().Train.HalfPath })
	_, train := r.of(false, func(o *Outcome) float64 { return o.Final().Train.Loss })
	_, held := r.of(false, func(o *Outcome) float64 { return o.Loss })
	panels := []figure.Panel{
		{X: figure.Axis{Label: "rate p"}, Y: figure.Axis{Label: "R̂/λ at the end", Scale: figure.Log}, Layers: []figure.Layer{
			figure.Line("explicit penalty", 0, q, explicit), figure.Points("masks", 1, p, masks, nil, nil)}},
		{X: figure.Axis{Label: "rate p"}, Y: figure.Axis{Label: "squared loss at the end"}.Range(0, 1.1*slices.Max(append(slices.Clone(held), train...))), Layers: []figure.Layer{
			figure.Points("held-out digits", 1, p, held, nil, nil), figure.Points("training digits", 2, p, train, nil, nil)}},
	}
	if !slices.ContainsFunc(half, math.IsNaN) {
		panels[0].Layers = append(panels[0].Layers, figure.Points("½ weighted path norm²", 2, p, half, nil, nil))
	}
	least := p[slices.Index(held, slices.Min(held))]
	return figure.Figure{
		ID: "11.F14", Title: "Masks end where the penalty ends",
		Alt:     fmt.Sprintf("Left: R̂/λ against p on a logarithmic axis, from %.3g at p = 0 to %.3g at p = %g; points of masks lie on the line of the explicit penalty. Right: training loss rises with p, held-out loss is least at p = %g.", masks[0], masks[len(masks)-1], p[len(p)-1], least),
		Caption: fmt.Sprintf("%d digits, hidden layers %v, %d epochs, seed %d.", r.Config.Train, r.Config.Hidden, r.Config.Epochs, r.Config.Seed),
		Panels:  panels,
	}
}

// FigureBalance shows how alike hidden units are, and how correlated, against p.
func (r *Result) FigureBalance() figure.Figure {
	p, cv := r.of(false, func(o *Outcome) float64 { return o.Final().Train.Variation })
	_, corr := r.of(false, func(o *Outcome) float64 { return o.Final().Train.Correlation })
	last := len(p) - 1
	return figure.Figure{
		ID: "11.A2", Title: "Balanced, and as correlated as before",
		Alt:     fmt.Sprintf("Left: the coefficient of variation of unit shares falls from %.3f at p = 0 to %.3f at p = %g. Right: the mean absolute correlation of hidden units goes from %.3f to %.3f.", cv[0], cv[last], p[last], corr[0], corr[last]),
		Caption: `Shares are $\|W_2(:,j)\|\hat a_j$, whose squares add up to $\hat R/\lambda$.`,
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "rate p"}, Y: figure.Axis{Label: "coefficient of variation"}.Range(0, 1.1*slices.Max(cv)), Layers: []figure.Layer{figure.Points("shares of units", 0, p, cv, nil, nil)}},
			{X: figure.Axis{Label: "rate p"}, Y: figure.Axis{Label: "mean |corr| of two units"}.Range(0, 1.3*slices.Max(corr)), Layers: []figure.Layer{figure.Points("hidden units", 1, p, corr, nil, nil)}},
		},
	}
}

// FigureTable shows a Table: loss and error rate on test digits for each kind of regularizer.
func FigureTable(rows []Row) figure.Figure {
	var names []string
	var at, loss, wrong []float64
	words := ""
	for i, r := range rows {
		names = append(names, r.Kind)
		at, loss, wrong = append(at, float64(i)), append(loss, r.Score.Loss), append(wrong, 100*(1-r.Score.Accuracy))
		words += fmt.Sprintf(" %s %.3f and %.1f %%;", r.Kind, r.Score.Loss, 100*(1-r.Score.Accuracy))
	}
	return figure.Figure{
		ID: "11.A3", Title: "Regularizers, each at its best strength",
		Alt:     "Bars of squared loss and error rate on test digits:" + words[:len(words)-1] + ".",
		Caption: "Strengths chosen on the validation digits.",
		Columns: 1,
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "regularizer", Categories: names}, Y: figure.Axis{Label: "squared loss on test digits"}.Range(0, 1.1*slices.Max(loss)), Layers: []figure.Layer{figure.Bars("loss", 0, at, loss).As(figure.Measured)}},
			{X: figure.Axis{Label: "regularizer", Categories: names}, Y: figure.Axis{Label: "wrong classes", Unit: "%"}.Range(0, 1.1*slices.Max(wrong)), Layers: []figure.Layer{figure.Bars("error rate", 1, at, wrong).As(figure.Measured)}},
		},
	}
}
