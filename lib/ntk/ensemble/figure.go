package ensemble

import (
	"fmt"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// coverageLevels are the nominal levels drawn.
var coverageLevels = []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99}

// FigureEnsemble draws moment i: the law's band with the networks' mean and spread, nominal against
// measured coverage, and the quantiles of the squared distances at the probes. The posterior of the
// Gaussian process stands beside it as what the law is not.
func FigureEnsemble(r *Result, i int) (figure.Figure, error) {
	m := r.Moments[i]
	band := r.bandPanel(i)
	mean, low, high := make([]float64, len(r.At)), make([]float64, len(r.At)), make([]float64, len(r.At))
	for p := range r.At {
		v := make([]float64, len(m.Outputs))
		for k, f := range m.Outputs {
			v[k] = f[p]
		}
		mu, sd := stat.MeanStdDev(v, nil)
		mean[p], low[p], high[p] = mu, mu-2*sd, mu+2*sd
	}
	networks := figure.Points(fmt.Sprintf("%d networks, mean and two s.d.", r.Config.Nets), 0, r.At, mean, low, high)
	band.Layers = slices.Insert(band.Layers, 2, networks)
	posterior := figure.Band("NNGP posterior", 2, r.At, bounds(r.Posterior, -2), bounds(r.Posterior, 2)).As(figure.Wrong)
	posterior.Hidden = true
	band.Layers = append(band.Layers, posterior)

	quantiles := figure.Panel{Title: "Squared distance at the probes", X: figure.Axis{Label: "quantile of χ²"}, Y: figure.Axis{Label: "quantile of the networks"}}
	d, err := r.Mahalanobis(i, m.Law)
	if err != nil {
		return figure.Figure{}, err
	}
	slices.Sort(d)
	chi := distuv.ChiSquared{K: float64(len(r.Config.Probes))}
	x := make([]float64, len(d))
	for k := range x {
		x[k] = chi.Quantile((float64(k) + .5) / float64(len(d)))
	}
	ends := []float64{x[0], x[len(x)-1]}
	quantiles.Layers = []figure.Layer{figure.Line("equal", 0, ends, ends), figure.Points("networks", 0, x, d, nil, nil)}

	c := r.Coverage(i, m.Law, .5, .9, .95)
	wrong := r.Coverage(i, r.Posterior, .95)[0]
	return figure.Figure{
		ID: "9.ensemble", Title: "The uncertainty of an ensemble, exactly",
		Alt: fmt.Sprintf("Left: the band of the infinite-width law with mean and spread of %d networks on it. Middle: measured against nominal coverage, %.3f at 0.5, %.3f at 0.9, %.3f at 0.95, on the diagonal; the posterior's 95%% intervals hold %.2f. Right: squared distances against χ² quantiles, on the diagonal.",
			r.Config.Nets, c[0].Measured, c[1].Measured, c[2].Measured, wrong.Measured),
		Caption: fmt.Sprintf("%d networks of depth %d and width %d, all layers trained to $t=%.3g$ on five points; law of Lee et al. 2019. Intervals of the coverage are Wilson's, with the networks as clusters.",
			r.Config.Nets, r.Config.Depth, r.Config.Width, m.Time),
		Panels: []figure.Panel{band, r.coveragePanel(i, true), quantiles},
	}, nil
}

// bandPanel is the law at moment i with the training points.
func (r *Result) bandPanel(i int) figure.Panel {
	l := r.Moments[i].Law
	return figure.Panel{
		Title: "Function", X: figure.Axis{Label: "input x"}, Y: figure.Axis{Label: "output f(x)"},
		Layers: []figure.Layer{
			figure.Band("law, two s.d.", 0, r.At, bounds(l, -2), bounds(l, 2)),
			figure.Line("law, mean", 0, r.At, l.Mean),
			figure.Points("training points", 1, r.Config.X, r.Config.Y, nil, nil),
		},
	}
}

func bounds(l Law, times float64) []float64 {
	out := make([]float64, len(l.Mean))
	for i := range out {
		out[i] = l.Mean[i] + times*l.SD[i]
	}
	return out
}

// coveragePanel is nominal against measured coverage at moment i.
func (r *Result) coveragePanel(i int, posterior bool) figure.Panel {
	p := figure.Panel{
		Title: "Coverage", X: figure.Axis{Label: "nominal"}.Range(0, 1), Y: figure.Axis{Label: "measured"}.Range(0, 1),
		Layers: []figure.Layer{figure.Line("equal", 0, []float64{0, 1}, []float64{0, 1}), r.coverageLayer(i, r.Moments[i].Law, "law", 0)},
	}
	if posterior {
		p.Layers = append(p.Layers, r.coverageLayer(i, r.Posterior, "NNGP posterior", 2).As(figure.Wrong))
	}
	return p
}

func (r *Result) coverageLayer(i int, l Law, name string, series int) figure.Layer {
	var y, low, high []float64
	for _, c := range r.Coverage(i, l, coverageLevels...) {
		y, low, high = append(y, c.Measured), append(low, c.Low), append(high, c.High)
	}
	return figure.Points(name, series, coverageLevels, y, low, high)
}
