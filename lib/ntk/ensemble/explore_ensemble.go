package ensemble

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/lemma-ml/lemma/lib/figure"
)

// The grid of the explorer: times, which are multiples of the step size, and widths.
var (
	exploreTimes  = []float64{0, .3, 1, 3, 10}
	exploreWidths = []int{64, 256, 1024, 4096}
)

const (
	exploreRate  = .1
	exploreNets  = 60
	exploreLines = 8 // networks drawn one by one
)

// ExploreEnsemble lets a reader train ensembles of four widths and watch the band of the infinite-width
// law, single networks on it and the coverage of its intervals; a switch shows the posterior of the
// Gaussian process that the networks start from. Everything is trained on first use, about 4 s of one
// processor for the widest networks; a width is trained once.
func ExploreEnsemble() figure.Explorer {
	var mu sync.Mutex
	kept := map[int]*Result{}
	steps := make([]int, len(exploreTimes))
	for i, t := range exploreTimes {
		steps[i] = int(math.Round(t / exploreRate))
	}
	at := func(ctx context.Context, width int) (*Result, error) {
		mu.Lock()
		defer mu.Unlock()
		if r := kept[width]; r != nil {
			return r, nil
		}
		r, err := Run(ctx, Config{Width: width, Nets: exploreNets, Rate: exploreRate, Steps: steps})
		if err == nil {
			kept[width] = r
		}
		return r, err
	}
	names := make([]string, len(exploreWidths))
	for i, m := range exploreWidths {
		names[i] = fmt.Sprint(m)
	}
	return figure.Explorer{
		ID: "9.+/networks", Title: "An ensemble while it trains",
		Try: `Play the time: the band closes at the training points first. At width 64 and late times the networks leave the band there: the spread of their kernels is all that is left. Then switch on the posterior, which no time makes equal to the law.`,
		Controls: []figure.Control{
			figure.Slide("time", "training time t", exploreTimes...).From(2),
			figure.Choose("width", "width m", names...).From(2),
			figure.Switch("posterior", "NNGP posterior"),
		},
		Play: "time",
		Draw: func(ctx context.Context, s figure.Settings) (figure.Figure, error) {
			i, w := slices.Index(exploreTimes, s["time"]), s.Int("width")
			if i < 0 || w < 0 || w >= len(exploreWidths) {
				return figure.Figure{}, fmt.Errorf("ensemble.ExploreEnsemble: time %g, width %d, want a time of %v and a width of 0 to %d", s["time"], w, exploreTimes, len(exploreWidths)-1)
			}
			r, err := at(ctx, exploreWidths[w])
			if err != nil {
				return figure.Figure{}, err
			}
			return r.explored(i, s.On("posterior")), nil
		},
	}
}

// explored is the explorer's figure at one time.
func (r *Result) explored(i int, posterior bool) figure.Figure {
	m := r.Moments[i]
	band := r.bandPanel(i)
	for k := range exploreLines {
		l := figure.Line("", 3, r.At, m.Outputs[k]).As(figure.Reference)
		if k == 0 {
			l.Name = "single networks"
		}
		band.Layers = append(band.Layers, l)
	}
	if posterior {
		band.Layers = append(band.Layers, figure.Band("NNGP posterior", 2, r.At, bounds(r.Posterior, -2), bounds(r.Posterior, 2)).As(figure.Wrong))
	}
	c := r.Coverage(i, m.Law, .5, .95)
	reads := fmt.Sprintf(`Width %d, $t=%.2g$: the law's 50%% intervals hold %.0f%% of the networks' outputs, its 95%% intervals %.0f%% (Wilson %.0f to %.0f).`,
		r.Config.Width, m.Time, 100*c[0].Measured, 100*c[1].Measured, 100*c[1].Low, 100*c[1].High)
	if posterior {
		reads += fmt.Sprintf(" Those of the posterior hold %.0f%%.", 100*r.Coverage(i, r.Posterior, .95)[0].Measured)
	}
	return figure.Figure{
		ID: "9.+.networks", Title: "An ensemble while it trains", Caption: reads,
		Alt:    fmt.Sprintf("Left: band of the infinite-width law at time %.2g with %d single networks of width %d and five training points. Right: measured against nominal coverage, %.2f at 0.95.", m.Time, exploreLines, r.Config.Width, c[1].Measured),
		Panels: []figure.Panel{band, r.coveragePanel(i, posterior)},
	}
}
