package implicitbias

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
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

// ExploreBrackets maps the brackets of the parametrizations of the chapter.
func ExploreBrackets() figure.Explorer {
	list := []struct {
		g     *Parametrization
		theta []float64 // base point; its first entries are the axes
		axes  [2]int
		name  [2]string
	}{
		{Squares(2), []float64{1, 1}, [2]int{0, 1}, [2]string{"θ₁", "θ₂"}},
		{Differences(2), []float64{1, 1, -1, -1}, [2]int{0, 2}, [2]string{"θ₊₁", "θ₋₁"}},
		{Products(2), []float64{1, 1, 1, 1}, [2]int{0, 2}, [2]string{"u₁", "v₁"}},
		{Factored(2, 2), []float64{1, 2, 3, 5}, [2]int{1, 2}, [2]string{"U₁₂", "U₂₁"}},
		{Factored(2, 1), []float64{1, 1}, [2]int{0, 1}, [2]string{"u₁", "u₂"}},
	}
	var names []string
	for i, l := range list {
		name := l.g.Name
		if i == len(list)-1 {
			name = "uuᵀ"
		}
		names = append(names, name)
	}
	return figure.Explorer{
		ID: "8.D2/brackets", Title: "Where a parametrization fails to commute",
		Try:      "Choose a parametrization. Where each weight has parameters of its own, the bracket is 0 everywhere; $UU^\\top$ has it only at special points.",
		Controls: []figure.Control{figure.Choose("g", "parametrization", names...).From(3)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			l := list[at.Int("g")]
			const side = 31
			axis := make([]float64, side)
			for k := range axis {
				axis[k] = -3 + .2*float64(k)
			}
			z := make([][]float64, side)
			top := 0.0
			for i := range z {
				z[i] = make([]float64, side)
				for j := range z[i] {
					theta := append([]float64(nil), l.theta...)
					theta[l.axes[0]], theta[l.axes[1]] = axis[j], axis[i]
					v, err := l.g.NonCommuting([][]float64{theta})
					if err != nil {
						return figure.Figure{}, err
					}
					z[i][j] = v
					top = max(top, v)
				}
			}
			caption := fmt.Sprintf("The largest bracket on this plane is %.3g: not commuting.", top)
			if top < 1e-12 {
				caption = "All brackets vanish on this plane, as they do everywhere."
			}
			return figure.Figure{
				ID: "8.D2", Title: "Largest bracket ‖[∇G_i, ∇G_j]‖, " + names[at.Int("g")],
				Alt:     fmt.Sprintf("Heat map of the largest bracket over two parameters, between 0 and %.3g.", top),
				Caption: caption,
				Panels: []figure.Panel{{X: figure.Axis{Label: l.name[0]}, Y: figure.Axis{Label: l.name[1]}, Layers: []figure.Layer{
					figure.Heat("bracket", axis, axis, z).Coloured(figure.Axis{Label: "largest bracket"}.Range(0, 30))}}},
			}, ctx.Err()
		},
	}
}

// frontiers keeps the comparisons that the explorer shows.
var frontiers = keep.New(8, func(ctx context.Context, k int) (*Frontier, error) {
	return RunFrontier(ctx, drawn(0, "frontier", 3, 5), frontierFamily()[k], fill(5, .5), falling(1e3, 1e-3, 25))
})

func frontierFamily() []Potential {
	return []Potential{Quadratic{}, Entropy{}, Hyperbolic{.3}, SquaredNorm{1.5}, SquaredNorm{1.2}}
}

// ExploreFrontier compares early stopping with a penalty for each potential.
func ExploreFrontier() figure.Explorer {
	var names []string
	for _, r := range frontierFamily() {
		names = append(names, r.Name())
	}
	return figure.Explorer{
		ID: "8.+/frontier", Title: "Stopping early against a penalty",
		Try:      "Choose a potential: the paths always meet at both ends, and part by a few percent in between.",
		Controls: []figure.Control{figure.Choose("r", "potential R", names...)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			f, err := frontiers.Get(ctx, at.Int("r"))
			if err != nil {
				return figure.Figure{}, err
			}
			return f.Figure(), nil
		},
	}
}

// Explorers lists the pictures with sliders of sections 8.1 and beyond.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreSteepest(), ExploreLasso(), ExploreAlpha(), ExploreBrackets(), ExploreFrontier()}
}
