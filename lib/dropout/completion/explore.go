package completion

import (
	"context"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Explorers lists the pictures with sliders of section 11.1.2.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreTerms(), ExploreHeavy(), ExploreRate()}
}

// ExploreRate shows the estimates of one sweep, rate by rate.
func ExploreRate() figure.Explorer {
	return figure.Explorer{
		ID: "11.D8/rate", Title: "Completion with dropout, rate by rate",
		Try:      "From 0 to 0.05 the hidden cells fall into place: the penalty chooses among the matrices that fit. Beyond, the estimate shrinks, and at 0.9 most of it is gone. $\\alpha$ falls all the way.",
		Controls: []figure.Control{figure.Slide("rate", "rate of dropping", Rates()...).From(4)},
		Play:     "rate",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			s, err := sweeps.Get(ctx, nil, SweepConfig{})
			if err != nil {
				return figure.Figure{}, err
			}
			return *figureSweep(s, nearest(Rates(), at["rate"])), nil
		},
	}
}

// nearest is the index of the value closest to x.
func nearest(values []float64, x float64) int {
	best := 0
	for i, v := range values {
		if math.Abs(v-x) < math.Abs(values[best]-x) {
			best = i
		}
	}
	return best
}

// ExploreHeavy moves the size of a unit on a hidden cell.
func ExploreHeavy() figure.Explorer {
	var sizes []float64
	for i := range 41 {
		sizes = append(sizes, float64(i)/4)
	}
	return figure.Explorer{
		ID: "11.D7/heavy", Title: "What the objective does not see",
		Try:      "Turn up $t$: the objective stays as it is, to the last digit, while the risk grows without bound. Only a bound on the rows stops it.",
		Controls: []figure.Control{figure.Slide("t", "t", sizes...).From(8)},
		Play:     "t",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			h, err := heavies.Get(ctx, nil, SweepConfig{})
			if err != nil {
				return figure.Figure{}, err
			}
			return *figureHeavy(h, nearest(sizes, at["t"])), nil
		},
	}
}

// ExploreTerms shows the terms of Theorem 11.1.2 as n and γ grow, at the rates of the sweep.
func ExploreTerms() figure.Explorer {
	return figure.Explorer{
		ID: "11.D3/terms", Title: "The bound as the sample and γ grow",
		Try: "Let $n$ grow with everything else as measured: both terms fall alike, and neither takes over. It takes about 100,000 samples before the bound is below the risk of predicting 0, of 600 cells.",
		Controls: []figure.Control{
			figure.Slide("n", "samples n", 400, 1000, 1e4, 1e5, 1e6, 1e7),
			figure.Slide("gamma", "γ", 1, 1.2, 2, 5, 10, 75).From(1)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			s, err := sweeps.Get(ctx, nil, SweepConfig{})
			if err != nil {
				return figure.Figure{}, err
			}
			t := *s
			t.Runs = append([]Outcome(nil), s.Runs...)
			shrink := math.Sqrt(float64(len(s.Table.Cells)) / at["n"])
			g := at["gamma"]
			for i := range t.Runs {
				b := &t.Runs[i].Bound
				b.Complexity *= shrink * (1 + g) / (1 + b.Gamma)
				b.Confidence *= shrink * (1 + g*g) / (1 + b.Gamma*b.Gamma)
				b.Gamma = g
			}
			return *figureTerms(&t), nil
		},
	}
}
