package implicitbias

import (
	"context"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// ExploreAlpha slides the start from ℓ₁ to ℓ₂: the most instructive slider of the chapter.
func ExploreAlpha() figure.Explorer {
	var values []float64
	for k := -16; k <= 8; k++ {
		values = append(values, math.Pow(10, float64(k)/8))
	}
	slide := figure.Slide("alpha", "size α of the start", values...).From(12)
	slide.Between, slide.Log = true, true
	return figure.Explorer{
		ID: "8.T4/alpha", Title: "One parametrization, every norm between ℓ₁ and ℓ₂",
		Try:      "Shrink α: the kink of $|w|$ appears in $R_\\alpha$ and the solution becomes sparse. Enlarge it: the parabola appears, and the solution of gradient descent.",
		Controls: []figure.Control{slide}, Play: "alpha",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureAlpha(ctx, at["alpha"])
		},
	}
}

// ExploreSteepest is figure 8.1 with the norm and the step size to choose.
func ExploreSteepest() figure.Explorer {
	return figure.Explorer{
		ID: "8.F1/norm", Title: "Figure 8.1: steepest descent in a norm of yours",
		Try: "Move $p$ to 2: all trajectories end at one point, the least norm. For every other $p$ the limit moves with η, and even η → 0 misses the least norm.",
		Controls: []figure.Control{
			figure.Slide("p", "norm p", 1.1, 1.2, 4./3, 1.5, 1.75, 2, 2.5, 3, 4).From(2),
			figure.Slide("eta", "step size η", bookEtas...).From(4),
		},
		Play: "p",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			s, err := steepest.Get(ctx, at["p"])
			if err != nil {
				return figure.Figure{}, err
			}
			for i, eta := range s.Eta {
				if eta == at["eta"] {
					return s.Figure(i), nil
				}
			}
			return s.Figure(0), nil
		},
	}
}

// ExploreLasso lays ε-boosting over the path of the lasso.
func ExploreLasso() figure.Explorer {
	return figure.Explorer{
		ID: "8.E1/lasso", Title: "The lasso and ε-boosting",
		Try: "Shrink ε: on the second data the points close in on the lines; on the first they stay away, however small the steps.",
		Controls: []figure.Control{
			figure.Choose("data", "data", "path not monotone", "monotone path"),
			figure.Slide("epsilon", "step ε", .002, .005, .01, .02, .05, .1, .2).From(3),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			p := notMonotone()
			if at.Int("data") == 1 {
				p = monotone()
			}
			return *figureLasso(p, at["epsilon"]), ctx.Err()
		},
	}
}

// Explorers lists the pictures with sliders of sections 8.1 and beyond.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreSteepest(), ExploreLasso(), ExploreAlpha()}
}
