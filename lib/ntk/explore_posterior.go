package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/mat"
)

// posteriorTimes are the times of ExplorePosterior.
var posteriorTimes = []float64{0, .1, .2, .5, 1, 2, 5, 10, 30, 100, 1000}

// posteriorActivations are the activations of ExplorePosterior.
var posteriorActivations = []Activation{ReLU, Erf}

// ExplorePosterior shows the law of infinitely wide networks during training on five points of a sine:
// mean and two standard deviations over random initialisations. Left only the last layer is trained,
// which ends in the posterior of the NNGP; right all layers are, which ends in no posterior at all.
// Both are exact (Ensemble).
func ExplorePosterior() figure.Explorer {
	t := figure.Slide("t", "time t", posteriorTimes...).From(len(posteriorTimes) - 1)
	t.Between = true
	return figure.Explorer{
		ID: "9.A1/posterior", Title: "From the prior to trained networks: what all layers add to the last one",
		Try: "Let the time run from 0, where both laws are the prior: at the training points certainty comes first. At the end the left band is a Gaussian process's posterior; the right one is what an ensemble of networks does.",
		Controls: []figure.Control{
			t,
			figure.Slide("L", "depth L", 1, 2, 4).From(1),
			figure.Choose("act", "activation σ", "relu", "erf"),
		},
		Play: "t",
		Draw: drawPosterior,
	}
}

func drawPosterior(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn, points = "ntk.ExplorePosterior", 61
	depth, act, t := at.Int("L"), at.Int("act"), at["t"]
	switch {
	case depth < 1 || depth > 100:
		return outside(fn, "L", at["L"], "1 to 100")
	case act < 0 || act >= len(posteriorActivations):
		return outside(fn, "act", at["act"], "0 or 1")
	case !(t >= 0):
		return outside(fn, "t", t, "at least 0")
	}
	p := &Posterior{X: []float64{-1, -.6, -.1, .5, .9}}
	for _, x := range p.X {
		p.Y = append(p.Y, math.Sin(3*x))
	}
	for i := range points {
		p.At = append(p.At, -1.5+3*float64(i)/(points-1))
	}
	all := Kernel{Depth: depth, Activation: posteriorActivations[act], Bias: true, BiasValue: 1}
	last := all
	last.FixedLayers = depth // Θ is then the NNGP kernel
	x, z := mat.NewDense(len(p.X), 1, append([]float64(nil), p.X...)), mat.NewDense(points, 1, append([]float64(nil), p.At...))
	for _, law := range []struct {
		k        Kernel
		mean, sd *[]float64
	}{{last, &p.NNGPMean, &p.NNGP}, {all, &p.NTKMean, &p.NTK}} {
		mean, cov, err := Ensemble(ctx, law.k, x, p.Y, z, Flow{t})
		if err != nil {
			return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
		}
		*law.mean = mean
		for i := range mean {
			*law.sd = append(*law.sd, math.Sqrt(max(0, cov.At(i, i))))
		}
	}
	f := FigurePosterior(p)
	f.ID, f.Title = "9.A1.posterior.time", fmt.Sprintf("%s, depth %d, t = %g", posteriorActivations[act].Name(), depth, t)
	f.Panels[0].Title, f.Panels[1].Title = "Only the last layer trained (NNGP)", "All layers trained (NTK)"
	for i := range f.Panels {
		f.Panels[i].Y = f.Panels[i].Y.Range(-4, 4)
	}
	const gap, edge = 24, points - 1 // x = -0.3, between training points; x = 1.5, outside
	story := "Each band is the spread of the initial network seen through training."
	if t == 0 {
		story = "Nothing is trained yet: both are the prior."
	}
	f.Alt = fmt.Sprintf("Two laws of wide networks at time %g on five training points, mean and band of two standard deviations. Last layer trained: standard deviation %.3f between the points and %.3f at the right edge. All layers trained: %.3f and %.3f.",
		t, p.NNGP[gap], p.NNGP[edge], p.NTK[gap], p.NTK[edge])
	f.Caption = fmt.Sprintf(`At $t=%g$ the standard deviation at $x=-0.3$, between training points, is %.3f with the last layer trained and %.3f with all, at $x=1.5$, beyond them, %.3f and %.3f; at $x=%.1f$, a training point, %.3f and %.3f. %s`,
		t, p.NNGP[gap], p.NTK[gap], p.NNGP[edge], p.NTK[edge], p.At[40], p.NNGP[40], p.NTK[40], story)
	return f, nil
}
