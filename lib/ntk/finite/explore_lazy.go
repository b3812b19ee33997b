package finite

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// The monitor of Lemma 9.2.3 as ExploreLazy shows it: LazyConfig's experiment at the widths of
// PaperLazy.
var (
	lazyWidths = []int{100, 400, 1600, 6400}
	lazySteps  = []int{1, 2, 4, 7, 12, 20, 35, 60, 100, 170, 260, 400}
)

const (
	lazyNets  = 4 // a width
	lazyTrain = 50
	lazyEta   = .05
)

// The quantities of the monitor, in the order of its select.
var lazyQuantities = []struct{ name, short, axis, says string }{
	{"weights: largest movement", "largest ‖w(t) - w(0)‖", "max_{r} ‖w_{r}(t) - w_{r}(0)‖", "the neuron that moved most has moved by"},
	{"gates: share flipped", "gates flipped", "share of flipped gates", "the share of gates that have flipped is"},
	{"kernel: drift of H", "‖H(t) - H(0)‖/λ_{1}", "‖H(t) - H(0)‖/λ_{1}", "H has drifted, over λ₁, by"},
	{"outputs: distance to the kernel's", "outputs to the kernel's", "RMS distance of u(t) to the kernel's", "the outputs are off the kernel's by"},
}

// The ends of its axes.
const lazyLow, lazyHigh = 2e-4, 3

type lazyKey struct {
	width, net int
	random     bool
}

// lazyTrack holds the quantities, in the order of lazyQuantities, at lazySteps.
type lazyTrack [][]float64

// lazyProblem is the training set of the monitor with H* taken apart.
type lazyProblem struct {
	x      *mat.Dense
	labels map[bool][]float64 // by whether they are random
	*theory
}

var lazyProblems = keep.New(1, func(ctx context.Context, n int) (*lazyProblem, error) {
	x, y, th, err := digitTheory(ctx, n, lazyEta)
	if err != nil {
		return nil, err
	}
	return &lazyProblem{x, map[bool][]float64{false: y, true: rng.Signs(rng.Stream(0, "labels"), n)}, th}, nil
})

// lazyTracks trains the networks, RunLazy's at seed 0.
var lazyTracks = keep.New(64, func(ctx context.Context, key lazyKey) (lazyTrack, error) {
	p, err := lazyProblems.Get(ctx, lazyTrain)
	if err != nil {
		return nil, err
	}
	y := p.labels[key.random]
	net := nn.TwoLayer{Inputs: 64, Width: key.width, Antisymmetric: true}
	w, err := net.Init(rng.Stream(0, fmt.Sprintf("init/%d/%d", key.width, key.net)))
	if err != nil {
		return nil, err
	}
	g, err := newGated(net, p.x, w, 1/math.Sqrt(float64(key.width)))
	if err != nil {
		return nil, err
	}
	start := g.kernel()
	out := make(lazyTrack, len(lazyQuantities))
	err = g.run(ctx, y, lazyEta, lazySteps, func(step int) error {
		most, _ := g.moved()
		drift, err := distance(g.kernel(), start)
		if err != nil {
			return err
		}
		for i, v := range []float64{most, g.flipped(), drift / p.lambda[0], rms(g.u, p.outputs(y, nil, step))} {
			out[i] = append(out[i], v)
		}
		return nil
	})
	return out, err
})

// ExploreLazy is the monitor of lazy training, Lemma 9.2.3 and its proof: how far weights, gates, the
// kernel and the outputs have left the linearisation, against the width at one time and against time
// for each width. The wider the network the less of it changes, and it learns all the same: weights and
// gates about as m^(-1/2), the kernel faster; for random labels these widths are too small for the rate.
//
// Four networks of each of four widths and two label sets take about 2 s on two cores, trained once.
func ExploreLazy() figure.Explorer {
	times := make([]float64, len(lazySteps))
	for i, k := range lazySteps {
		times[i] = math.Round(1e9*lazyEta*float64(k)) / 1e9 // 0.35, not 0.35000000000000003
	}
	names := make([]string, len(lazyQuantities))
	for i, q := range lazyQuantities {
		names[i] = q.name
	}
	return figure.Explorer{
		ID: "9.L3/lazy", Title: "Lazy training: the wider the network, the less of it moves",
		Try: "Let the time run: each quantity grows, and at every time wider networks have moved less. With true labels weights and gates fall about as the grey line of slope -1/2, the outputs a little slower, the drift of the kernel faster. Random labels need more movement, and these widths are not yet wide for them: switch them on.",
		Controls: []figure.Control{
			figure.Choose("what", "watch", names...),
			figure.Slide("t", "time t = η·steps", times...).From(len(times) - 1),
			figure.Switch("random", "random labels"),
		},
		Play: "t",
		Draw: drawLazy,
	}
}

// lazyMean is the mean of one quantity over networks at one time, and two standard errors.
func lazyMean(tracks []lazyTrack, what, step int) (mean, radius float64) {
	v := make([]float64, len(tracks))
	for k := range v {
		v[k] = tracks[k][what][step]
	}
	mean, sd := stat.MeanStdDev(v, nil)
	return mean, 2 * sd / math.Sqrt(float64(len(v)))
}

func drawLazy(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	what, random, now := at.Int("what"), at.On("random"), -1
	for i, k := range lazySteps {
		if math.Abs(at["t"]-lazyEta*float64(k)) < lazyEta/2 {
			now = i
		}
	}
	if what < 0 || what >= len(lazyQuantities) || now < 0 {
		return figure.Figure{}, fmt.Errorf("finite.ExploreLazy: quantity %g at t = %g, want one of %d, at η = %g times one of the steps %v", at["what"], at["t"], len(lazyQuantities), lazyEta, lazySteps)
	}
	p, err := lazyProblems.Get(ctx, lazyTrain)
	if err != nil {
		return figure.Figure{}, err
	}
	tracks := make([]lazyTrack, len(lazyWidths)*lazyNets)
	err = each(ctx, len(tracks), nil, func(ctx context.Context, j int) (err error) {
		tracks[j], err = lazyTracks.Get(ctx, lazyKey{lazyWidths[j/lazyNets], j % lazyNets, random})
		return err
	})
	if err != nil {
		return figure.Figure{}, err
	}
	q := lazyQuantities[what]
	widths, times := ntk.Floats(lazyWidths), make([]float64, len(lazySteps))
	for i, k := range lazySteps {
		times[i] = lazyEta * float64(k)
	}
	// One pair of ends holds for all quantities, times and label sets.
	y := func(label string) figure.Axis {
		return figure.Axis{Label: label, Scale: figure.Log}.Range(lazyLow, lazyHigh)
	}
	left := figure.Panel{Title: "Everything against width, now", X: figure.Axis{Label: "width m", Scale: figure.Log}.Range(80, 8000), Y: y("change since the start")}
	right := figure.Panel{Title: "Against time", X: figure.Axis{Label: "time t = η·steps", Scale: figure.Log}.Range(.045, 110), Y: y(q.axis)}
	mean := make([]float64, len(widths)) // of the watched quantity, now
	for i, other := range lazyQuantities {
		var x, v, low, high []float64
		for w := range lazyWidths {
			average, radius := lazyMean(tracks[w*lazyNets:(w+1)*lazyNets], i, now)
			if i == what {
				mean[w] = average
			}
			if average >= lazyLow { // nothing has flipped yet: a logarithmic axis cannot show it
				x, v = append(x, widths[w]), append(v, average)
				low, high = append(low, max(average-radius, lazyLow)), append(high, average+radius)
			}
		}
		left.Layers = append(left.Layers, figure.Points(other.short, i, x, v, low, high))
	}
	for w, m := range lazyWidths {
		track := make([]float64, len(times))
		for k := range times {
			if track[k], _ = lazyMean(tracks[w*lazyNets:(w+1)*lazyNets], what, k); track[k] < lazyLow {
				track[k] = math.NaN()
			}
		}
		right.Layers = append(right.Layers, figure.Line("", what, times, track).As(figure.Measured))
		if end := track[len(track)-1]; end >= lazyLow && (w == 0 || w == len(lazyWidths)-1) { // those between would overlap
			right.Layers = append(right.Layers, figure.Annotation(times[len(times)-1]*1.15, end, fmt.Sprintf("m = %d", m)))
		}
	}
	right.Layers = append(right.Layers, figure.VRule("", times[now]))
	slope, says := "", "nothing has changed yet at some widths"
	if slices.Min(mean) > 0 {
		fit := ntk.Slope(widths, mean)
		left.Layers = append(left.Layers, halfSlope(widths, mean[0]))
		slope = fmt.Sprintf(" Fitted: $m^{%.2f}$.", fit)
		says = fmt.Sprintf("the fitted slope is %.2f", fit)
	}
	set := "true labels"
	if random {
		set = "random labels"
	}
	last := len(mean) - 1
	return figure.Figure{
		ID: "9.L3.lazy", Title: q.name + ", " + set,
		Alt: fmt.Sprintf("Log-log plots for %s at t = %.3g. Left, four quantities against the width, all falling: %s %.3g at m = %d and %.3g at m = %d; %s, beside a reference of slope -0.5. Right: that one against time, one line a width, wider ones lower.",
			set, times[now], q.says, mean[0], lazyWidths[0], mean[last], lazyWidths[last], says),
		Caption: fmt.Sprintf(`At $t=%.3g$ (%d steps), %s: %s %.3g at $m=%d$ and %.3g at $m=%d$.%s First layer trained on $n=%d$ digits 3 and 8, $\eta=%g$, $\lambda_1=%.2f$.`,
			times[now], lazySteps[now], set, q.says, mean[0], lazyWidths[0], mean[last], lazyWidths[last], slope, lazyTrain, lazyEta, p.lambda[0]),
		Panels: []figure.Panel{left, right},
	}, nil
}
