package eigenlearning

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/lemma-ml/lemma/lib/figure"
)

// exploreSizes are the training sizes of the explorer, exploreDegrees its targets.
var (
	exploreSizes   = []int{4, 8, 16, 24, 32, 48, 64, 96}
	exploreDegrees = []int{1, 2, 3, 4}
)

// exploreDraws is the number of training sets a size; the error bars say that it is enough.
const exploreDraws = 40

// ExploreLearning lets a reader set the number of examples, the depth of the kernel and the parity to
// learn: which levels are learned, where the n units of learnability go, and what error is left. All
// points are measured. The whole grid takes about 2 s on two cores; a depth is computed once.
func ExploreLearning() figure.Explorer {
	var mu sync.Mutex
	kept := map[int]*Result{}
	at := func(ctx context.Context, depth int) (*Result, error) {
		mu.Lock()
		defer mu.Unlock()
		if r := kept[depth]; r != nil {
			return r, nil
		}
		r, err := Run(ctx, Config{Depth: depth, Sizes: exploreSizes, Degrees: exploreDegrees, Draws: exploreDraws})
		if err == nil {
			kept[depth] = r
		}
		return r, err
	}
	sizes := make([]float64, len(exploreSizes))
	for i, n := range exploreSizes {
		sizes[i] = float64(n)
	}
	return figure.Explorer{
		ID: "9.+/learning", Title: "What a kernel learns from n examples",
		Try: `Add examples and watch the levels fill from the left: the $n$ units of learnability go to the largest eigenvalues first. Then choose depth 1, whose kernel has no odd parities beyond one bit, and ask it for three.`,
		Controls: []figure.Control{
			figure.Slide("n", "examples n", sizes...).From(slices.Index(exploreSizes, 32)),
			figure.Slide("depth", "depth L", 1, 2, 3, 5).From(2),
			figure.Choose("target", "target", "one bit", "parity of 2 bits", "parity of 3 bits", "parity of 4 bits").From(1),
		},
		Play: "n",
		Draw: func(ctx context.Context, s figure.Settings) (figure.Figure, error) {
			i, target := slices.Index(exploreSizes, s.Int("n")), s.Int("target")
			if i < 0 || target < 0 || target >= len(exploreDegrees) {
				return figure.Figure{}, fmt.Errorf("eigenlearning.ExploreLearning: n = %d, target %d, want n of %v and a target of 0 to %d", s.Int("n"), target, exploreSizes, len(exploreDegrees)-1)
			}
			r, err := at(ctx, s.Int("depth"))
			if err != nil {
				return figure.Figure{}, err
			}
			return r.explored(i, target), nil
		},
	}
}

// explored is the explorer's figure at one size and target.
func (r *Result) explored(i, target int) figure.Figure {
	p, k := &r.Points[i], r.Config.Degrees[target]
	learn := figure.Panel{Title: "Learnability of one parity", X: r.levelAxis(), Y: figure.Axis{Label: "learnability"}.Range(-.03, 1.05)}
	line, points := r.learnabilities(p, 0)
	learn.Layers = []figure.Layer{line, points, figure.VRule("target", float64(k))}
	budget := figure.Panel{Title: "All parities of a level, measured as bars", X: r.levelAxis(), Y: figure.Axis{Label: "parities × learnability"}}
	x, want, mean, half := r.budget(p)
	bars := figure.Bars("", 1, x, mean)
	bars.Low, bars.High = figure.PlusMinus(mean, half)
	top := slices.Max(mean)
	budget.Layers = []figure.Layer{bars, figure.Line("", 0, x, want), figure.Annotation(5.2, .93*top, fmt.Sprintf("sum %.6f", p.Sum.Mean))}
	// The zero function has error 1; beyond twice that the picture need not go.
	curve := r.curvePanel()
	curve.Y = curve.Y.Range(0, 2)
	line, points = r.curve(target, 0)
	for j, v := range points.Y {
		if v > 2 {
			points.Y[j], points.Low[j], points.High[j] = math.NaN(), math.NaN(), math.NaN()
		}
	}
	for j, v := range line.Y {
		if v > 2 {
			line.Y[j] = math.NaN()
		}
	}
	line.Name = ""
	curve.Layers = []figure.Layer{line, points, figure.VRule("n", float64(p.N))}
	sum := fmt.Sprintf("the learnabilities add up to %.6f", p.Sum.Mean)
	if p.Singular > 0 {
		sum = fmt.Sprintf("%d of %d training sets have a kernel matrix without inverse, so the learnabilities add up to its mean rank %.1f", p.Singular, r.Config.Draws, p.Sum.Mean)
	}
	reads := fmt.Sprintf(`$n=%d$, depth %d: %s. The %s has learnability %.3f and an error of %.3f ± %.3f, predicted %.3f.`,
		p.N, r.Config.Depth, sum, r.target(k), p.Learn[k].Mean, p.MSE[target].Mean, 2*p.MSE[target].SE, p.Want[target])
	if r.Levels[k].Lambda < 1e-15 {
		reads += " Its eigenvalue is zero: no number of examples teaches it."
	}
	return figure.Figure{
		ID: "9.eigenlearning.explore", Title: "What a kernel learns from n examples", Caption: reads,
		Alt:    fmt.Sprintf("With %d examples and depth %d, learnability falls from %.2f at level 0 to %.3f at level %d; the error of the %s is %.3f.", p.N, r.Config.Depth, p.Learn[0].Mean, p.Learn[len(p.Learn)-1].Mean, len(p.Learn)-1, r.target(k), p.MSE[target].Mean),
		Panels: []figure.Panel{learn, budget, curve},
	}
}
