package deepnet

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// exploreConfig is the run behind ExploreShares: masks and penalties at five rates, 40 hidden units.
func exploreConfig() Config {
	return Config{Hidden: []int{40}, Every: 10, Methods: append(Dropout(0, .1, .25, .5, .75), Explicit(.1, .25, .5, .75)...)}
}

// ExploreShares shows the share of each hidden unit in the penalty, sorted, at some rate and epoch, and
// how R̂/λ and the losses went. The networks are trained once, on the first drawing of any setting, about
// three seconds of one processor.
func ExploreShares(b backends.Backend) figure.Explorer {
	cfg := exploreConfig()
	run := keep.New(1, func(ctx context.Context, _ struct{}) (*Result, error) { return Run(ctx, b, cfg) })
	rate := figure.Slide("p", "rate p", 0, .1, .25, .5, .75).From(3)
	epoch := figure.Slide("epoch", "epoch", 0, 10, 20, 40, 80, 150, 300).From(6)
	return figure.Explorer{
		ID: "11.A2/shares", Title: "Dropout shares out the penalty",
		Try:      "Turn up $p$ at the last epoch: the bars level out, as every unit comes to carry its part. Play the epochs at $p=\\frac12$: masks and the explicit penalty go the same way.",
		Controls: []figure.Control{rate, epoch}, Play: "epoch",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			r, err := run.Get(ctx, struct{}{})
			if err != nil {
				return figure.Figure{}, err
			}
			return r.FigureShares(at["p"], int(at["epoch"]))
		},
	}
}

// FigureShares shows the shares of hidden units with masks of rate p at an epoch that was looked at, and
// the course of R̂/λ. The error names a rate or epoch that the result does not have.
func (r *Result) FigureShares(p float64, epoch int) (figure.Figure, error) {
	o := r.Outcome(Method{Rate: p})
	if o == nil {
		return figure.Figure{}, fmt.Errorf("deepnet.Result.FigureShares: no run with masks of rate %g", p)
	}
	k := slices.IndexFunc(o.Looks, func(l Look) bool { return l.Epoch == epoch })
	if k < 0 {
		return figure.Figure{}, fmt.Errorf("deepnet.Result.FigureShares: nobody looked at epoch %d; looks were %d epochs apart", epoch, r.Config.Every)
	}
	m := o.Looks[k].Train
	shares := slices.Clone(m.Shares)
	slices.Sort(shares)
	slices.Reverse(shares)
	units := make([]float64, len(shares))
	for j := range shares {
		units[j] = float64(j + 1)
		shares[j] *= float64(len(shares)) / m.Penalty
	}
	course := func(o *Outcome) (x, y []float64) {
		for _, l := range o.Looks[1:] {
			x, y = append(x, float64(l.Epoch)), append(y, l.Train.Penalty)
		}
		return x, y
	}
	x, y := course(o)
	right := []figure.Layer{figure.Points("masks", 1, x, y, nil, nil), figure.VRule("here", math.Max(float64(epoch), x[0]))}
	if e := r.Outcome(Method{Rate: p, Penalty: true}); e != nil {
		ex, ey := course(e)
		right = append([]figure.Layer{figure.Line("explicit penalty", 0, ex, ey)}, right...)
	}
	return figure.Figure{
		ID: "11.A2/shares", Title: "Who carries the penalty",
		Alt:     fmt.Sprintf("Left: bars of the shares of %d hidden units in the penalty, sorted, over the mean: from %.2f to %.2f. Right: R̂/λ against the epoch, with masks and with the explicit penalty.", len(shares), shares[0], shares[len(shares)-1]),
		Caption: fmt.Sprintf(`$p=%g$, epoch %d: $\hat R/\lambda=%.3f$; the coefficient of variation of $\|W_2(:,j)\|\hat a_j$ is %.3f. Training loss %.3f, validation loss %.3f.`, p, epoch, m.Penalty, m.Variation, m.Loss, o.Looks[k].Validation),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "hidden unit, sorted"}, Y: figure.Axis{Label: "share of R̂ over the mean share"}, Layers: []figure.Layer{
				figure.Bars("‖W₂(:,j)‖²â_j²", 1, units, shares).As(figure.Measured), figure.HRule("equal shares", 1)}},
			{X: figure.Axis{Label: "epoch"}, Y: figure.Axis{Label: "R̂/λ", Scale: figure.Log}, Layers: right},
		},
	}, nil
}

// PredictCorrelation asks for the mean absolute correlation of hidden units against p, from a result with
// masks at three rates or more.
func PredictCorrelation(r *Result) (lesson.Prediction, error) {
	const fn = "deepnet.PredictCorrelation"
	if r == nil {
		return lesson.Prediction{}, fmt.Errorf("%s: no result", fn)
	}
	p, corr := r.of(false, func(o *Outcome) float64 { return o.Final().Train.Correlation })
	if len(p) < 3 || !slices.IsSorted(p) {
		return lesson.Prediction{}, fmt.Errorf("%s: rates %v, want at least three, increasing", fn, p)
	}
	last := len(p) - 1
	baseline := make([]float64, len(p))
	for i := range p {
		baseline[i] = corr[0] * (1 - p[i])
	}
	return lesson.Prediction{
		ID: "11.A2/predict", Title: "Does dropout break up co-adaptation?",
		Question: fmt.Sprintf(`Dropout was introduced to keep hidden units from relying on each other. Without it the mean $|\mathrm{corr}|$ of two of the hidden units of a network trained on digits is %.3f. Draw it against the rate $p$.`, corr[0]),
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "11.A2/predict", Title: "Correlation of hidden units against p",
				Alt:     fmt.Sprintf("The mean absolute correlation against p: %.3f at p = 0, %.3f at p = %g, %.3f at p = %g.", corr[0], corr[1], p[1], corr[last], p[last]),
				Caption: fmt.Sprintf("Hidden layers %v, %d digits, seed %d.", r.Config.Hidden, r.Config.Train, r.Config.Seed),
				Panels: []figure.Panel{{
					X: figure.Axis{Label: "rate p"}.Range(0, p[last]), Y: figure.Axis{Label: "mean |corr|"}.Range(0, 2*slices.Max(corr)),
					Layers: []figure.Layer{figure.Line("hidden units", 0, p, corr), figure.Points("no dropout", 1, p[:1], corr[:1], nil, nil)},
				}},
			},
			Layer: 0, X: p, Before: fmt.Sprintf("One point at p = 0: %.3f.", corr[0]),
			Obvious: "it falls in proportion to 1 - p", Baseline: baseline,
		},
		Reading: fmt.Sprintf(`It does not fall: %.3f at $p=%g$. The penalty $\lambda\sum_j\|W_2(:,j)\|^2\hat a_j^2$ asks each unit to be small and all to be alike, and says nothing of two units together. "Breaking co-adaptation" is not what this statistic sees.`, corr[last], p[last]),
	}, nil
}
