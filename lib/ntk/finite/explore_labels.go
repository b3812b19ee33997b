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
)

// The experiment of figure 9.1 as ExploreLabels shows it: LabelsConfig's, to 200 steps.
const (
	exploreTrain = 200
	exploreEta   = .02
)

// exploreSteps are the observed steps, evenly spaced in the logarithm, with those of the reference table.
var exploreSteps = []int{1, 2, 3, 5, 8, 13, 20, 32, 50, 72, 100, 140, 200}

// labelProblem is the training set with H* taken apart.
type labelProblem struct {
	x *mat.Dense
	y []float64
	*theory
}

var labelProblems = keep.New(1, func(ctx context.Context, n int) (*labelProblem, error) {
	x, y, th, err := digitTheory(ctx, n, exploreEta)
	if err != nil {
		return nil, err
	}
	return &labelProblem{x, y, th}, nil
})

// digitTheory returns the first n digits 3 and 8 with H* taken apart for steps of size eta.
func digitTheory(ctx context.Context, n int, eta float64) (x *mat.Dense, y []float64, th *theory, err error) {
	if x, y, _, _, err = digitPair(n); err != nil {
		return nil, nil, nil, err
	}
	h, err := ntk.TwoLayer(ntk.ReLU).GramContext(ctx, x)
	if err != nil {
		return nil, nil, nil, err
	}
	if th, err = newTheory(h, eta); err != nil {
		return nil, nil, nil, err
	}
	return x, y, th, nil
}

// labels returns a label set of LabelNames: the true ones, each replaced by a random sign with
// probability q; what they become at q = 1; the worst ones.
func (p *labelProblem) labels(set int, q float64, seed uint64) []float64 {
	switch n := len(p.y); LabelNames[set] {
	case "random":
		q = 1
	case "worst":
		worst := mat.Col(nil, n-1, p.v)
		for i := range worst {
			worst[i] *= math.Sqrt(float64(n))
		}
		return worst
	}
	return ntk.Resample(p.y, q, seed, "noise")
}

// labelKey names one network and its labels.
type labelKey struct {
	width, set int
	noise      float64
	seed       uint64
}

// labelRun holds ‖u-y‖²/n of one network at exploreSteps, and how many of its gates have flipped.
type labelRun struct {
	loss    []float64
	flipped float64
}

func (r *labelRun) at(step int) float64 { return r.loss[slices.Index(exploreSteps, step)] }

var labelNets = keep.New(64, func(ctx context.Context, key labelKey) (*labelRun, error) {
	p, err := labelProblems.Get(ctx, exploreTrain)
	if err != nil {
		return nil, err
	}
	return trainLabels(ctx, p, key)
})

// trainLabels trains one network. The initialisation is RunLabels', the same for all label sets.
func trainLabels(ctx context.Context, p *labelProblem, key labelKey) (*labelRun, error) {
	y := p.labels(key.set, key.noise, key.seed)
	net := nn.TwoLayer{Inputs: 64, Width: key.width, Antisymmetric: true}
	w, err := net.Init(rng.Stream(key.seed, fmt.Sprintf("init/%d", key.width)))
	if err != nil {
		return nil, err
	}
	g, err := newGated(net, p.x, w, 1/math.Sqrt(float64(key.width)))
	if err != nil {
		return nil, err
	}
	run := &labelRun{}
	err = g.run(ctx, y, exploreEta, exploreSteps, func(int) error {
		run.loss = append(run.loss, math.Pow(rms(g.u, y), 2))
		return nil
	})
	run.flipped = g.flipped()
	return run, err
}

// ExploreLabels is figure 9.1 to be touched: the loss of three label sets under the kernel, (I-ηH*)^k,
// as lines and on networks that are really trained as dots; beside it the eigenvalues and the labels'
// projections that explain the lines. The sliders are the width, under which the dots come to the
// lines, and the share of true labels that a random sign replaces.
//
// A network of 4096 neurons takes about 0.5 s of one core, all 20 figures about 3 s on two.
func ExploreLabels() figure.Explorer {
	width := figure.Slide("m", "width m", 64, 256, 1024, 4096).From(2)
	width.Between, width.Whole, width.Log = true, true, true
	noise := figure.Slide("q", "share of random labels q", 0, .25, .5, .75, 1)
	noise.Between = true
	return figure.Explorer{
		ID: "9.F1/width", Title: "True labels train fast, random ones slowly, and wide networks do what the kernel says",
		Try:      "Make the network narrow and see its dots leave the lines, late ones first. Then turn labels into noise and watch their energy leave the top eigenvectors while the blue curve climbs to the random one.",
		Controls: []figure.Control{width, noise},
		Draw:     drawLabels,
	}
}

func drawLabels(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	m, q := 2*int(math.Round(at["m"]/2)), at["q"] // neurons come in pairs
	if m < 2 || m > 1<<16 || !(q >= 0 && q <= 1) {
		return figure.Figure{}, fmt.Errorf("finite.ExploreLabels: width %g, share %g, want a width from 2 to %d and a share in [0, 1]", at["m"], q, 1<<16)
	}
	p, err := labelProblems.Get(ctx, exploreTrain)
	if err != nil {
		return figure.Figure{}, err
	}
	runs := make([]*labelRun, len(LabelNames))
	err = each(ctx, len(runs), nil, func(ctx context.Context, s int) (err error) {
		key := labelKey{width: m, set: s}
		switch {
		case LabelNames[s] == "true" && q == 1:
			key.set = slices.Index(LabelNames, "random") // the same labels, hence the same network
		case LabelNames[s] == "true":
			key.noise = q
		}
		runs[s], err = labelNets.Get(ctx, key)
		return err
	})
	if err != nil {
		return figure.Figure{}, err
	}
	n := len(p.y)
	name := []string{"true labels", "random labels", "worst labels"}
	if q > 0 {
		name[0] = fmt.Sprintf("%.0f%% random, the rest true", 100*q)
	}
	left := figure.Panel{
		Title: "Loss during training",
		X:     figure.Axis{Label: "time t = η·steps", Scale: figure.Log}.Range(.018, 4.5),
		Y:     figure.Axis{Label: "‖u - y‖²/n", Scale: figure.Log}.Range(.02, 1.15),
	}
	right := figure.Panel{
		Title: "Eigenvalues, and where the labels lie",
		X:     figure.Axis{Label: "index i", Scale: figure.Log},
		Y:     figure.Axis{Label: "λ_{i}, and |v_{i}ᵀy|/√n", Scale: figure.Log}.Range(1e-3, 100),
	}
	dots := make([]float64, len(exploreSteps))
	for j, k := range exploreSteps {
		dots[j] = exploreEta * float64(k)
	}
	fine := ntk.LogSpace(exploreEta, 200*exploreEta, 49)
	index := spread(n, 44)
	var lambda, place []float64
	for _, i := range index {
		lambda, place = append(lambda, p.lambda[i]), append(place, float64(i+1))
	}
	right.Layers = append(right.Layers, figure.Line("eigenvalues λ_{i}", 3, place, lambda))
	var top [3]float64 // energy in the first ten eigenvectors
	for s, run := range runs {
		c := p.project(p.labels(s, q, 0), nil)
		line := make([]float64, len(fine))
		for j, t := range fine {
			line[j] = p.left(c, t/exploreEta)
		}
		left.Layers = append(left.Layers, figure.Line(name[s], s, fine, line), figure.Points("", s, dots, run.loss, nil, nil))
		var x, y []float64
		for i, v := range c {
			if i < 10 {
				top[s] += v * v / float64(n)
			}
			if v = math.Abs(v) / math.Sqrt(float64(n)); v >= 1e-3 && (slices.Contains(index, i) || v > .5) {
				x, y = append(x, float64(i+1)), append(y, v)
			}
		}
		right.Layers = append(right.Layers, figure.Points(name[s], s, x, y, nil, nil))
	}
	truth := p.project(p.y, nil)
	ones := slices.Repeat([]float64{1}, n)
	keepShare := (1 - q) * (1 - q)
	if q > 0 {
		mean := make([]float64, len(fine))
		for j, t := range fine {
			mean[j] = keepShare*p.left(truth, t/exploreEta) + (1-keepShare)*p.left(ones, t/exploreEta)
		}
		left.Layers = append(left.Layers, figure.Line("mean over draws of the noise", 0, fine, mean).As(figure.Reference))
	}
	theory := func(set, step int) float64 {
		return p.left(p.project(p.labels(set, q, 0), nil), float64(step))
	}
	t0, m0 := theory(0, 200), runs[0].at(200)
	return figure.Figure{
		ID: "9.F1.width", Title: "Loss of three label sets: kernel (lines) and networks of width " + fmt.Sprint(m) + " (dots)",
		Alt: fmt.Sprintf("Left: training loss against time on logarithmic axes. At t = 4 the kernel has %.3g of the loss left for %s, %.3g for random and %.3g for the worst labels; networks of width %d have %.3g, %.3g and %.3g. Right: eigenvalues of H* fall from %.3g to %.3g; the first ten eigenvectors hold %.0f%%, %.0f%% and %.0f%% of the three label sets.",
			t0, name[0], theory(1, 200), theory(2, 200), m, m0, runs[1].at(200), runs[2].at(200), p.lambda[0], p.lambda[n-1], 100*top[0], 100*top[1], 100*top[2]),
		Caption: fmt.Sprintf(`Width $m=%d$: after 50 steps ($t=1$) the kernel leaves %.4f of the loss, the network %.4f; after 200 steps ($t=4$) %.4f and %.4f: the network is %s. %.1f%% of its gates have flipped. The first ten eigenvectors of $H^*$ hold %.0f%% of these labels, %.0f%% of random ones. Lines: $(I-\eta H^*)^k$, $\eta=%g$, $n=%d$ digits 3 and 8, $u(0)=0$.`,
			m, theory(0, 50), runs[0].at(50), t0, m0, lag(m0, t0), 100*runs[0].flipped, 100*top[0], 100*top[1], exploreEta, n),
		Panels: []figure.Panel{left, right},
	}, nil
}

// lag says in words how a measured loss stands to the theory's.
func lag(measured, theory float64) string {
	switch d := measured/theory - 1; {
	case d > .02:
		return fmt.Sprintf("%.0f%% behind, for small eigenvalues suffer most from finite width", 100*d)
	case d < -.02:
		return fmt.Sprintf("%.0f%% ahead", -100*d)
	}
	return "level with it to 2%"
}

// left is ‖(I-ηH)^k y‖²/n for labels with coordinates c; k need not be whole.
func (t *theory) left(c []float64, k float64) float64 {
	sum := 0.0
	for i, v := range c {
		sum += v * v * math.Pow(math.Abs(1-t.eta*t.lambda[i]), 2*k)
	}
	return sum / float64(len(c))
}

// spread returns up to count of the indices 0..n-1, evenly in the logarithm of the index plus 1, with
// both ends.
func spread(n, count int) []int {
	var out []int
	for _, v := range ntk.LogSpace(1, float64(n), count) {
		if i := int(math.Round(v)) - 1; len(out) == 0 || i > out[len(out)-1] {
			out = append(out, i)
		}
	}
	return out
}
