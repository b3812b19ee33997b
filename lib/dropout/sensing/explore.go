package sensing

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
)

// ExploreEqualizer plays the construction of Theorem 11.1.1's proof: one diagonal entry after the other.
func ExploreEqualizer() figure.Explorer {
	var steps []float64
	for k := range 8 {
		steps = append(steps, float64(k))
	}
	return figure.Explorer{
		ID: "11.C5/steps", Title: "Equalizing eight units, one at a time",
		Try: "Press play. Each step makes one more bar as high as the goal, by an average of eigenvectors, and leaves those before it alone. The product $UV^\\top$ never changes; the penalty falls to $\\|M\\|_*^2/d_1$.",
		Controls: []figure.Control{
			figure.Slide("step", "step", steps...).From(3),
			figure.Choose("case", "singular values", "all five of F(1; 6, 5)", "one", "three equal"),
		},
		Play: "step",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			if err := ctx.Err(); err != nil {
				return figure.Figure{}, err
			}
			e, err := Equalize(equalizerCase(at.Int("case")), 8)
			if err != nil {
				return figure.Figure{}, err
			}
			return FigureEqualizer(e, at.Int("step"))
		},
	}
}

// equalizerCase is a matrix to equalize at width 8.
func equalizerCase(k int) *mat.Dense {
	switch k {
	case 1:
		return mat.NewDense(2, 2, []float64{4, 0, 0, 0})
	case 2:
		return mat.NewDense(3, 3, []float64{2, 0, 0, 0, 2, 0, 0, 0, 2})
	}
	return Fixture(1, 6, 5)
}

// ExploreWater moves the strength of dropout and the width over the spectrum of F(1; 6, 5).
func ExploreWater() figure.Explorer {
	return figure.Explorer{
		ID: "11.+/water", Title: "What dropout leaves of a spectrum",
		Try: "Turn up $\\lambda$: the same amount $\\tau$ comes off each singular value, and the smallest drown first. Then double $d_1$ and $\\lambda$ together: nothing changes, for the penalty is $\\frac\\lambda{d_1}\\|M\\|_*^2$.",
		Controls: []figure.Control{
			figure.Slide("lambda", "strength λ", .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 50, 100).From(7),
			figure.Slide("width", "width d₁", 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32).From(4),
		},
		Play: "lambda",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			if err := ctx.Err(); err != nil {
				return figure.Figure{}, err
			}
			return FigureWater(singular(Fixture(1, 6, 5)), at.Int("width"), at["lambda"])
		},
	}
}

// Explorers lists the pictures with sliders of this package.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreEqualizer(), ExploreWater(), ExplorePhase()}
}
