package implicitbias

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// SteepestLimits is figure 8.1: steepest descent in ℓ_p on the data of Example 2, from 0.
type SteepestLimits struct {
	P     float64
	Eta   []float64     // step sizes
	Path  [][][]float64 // trajectory for each
	W     [][]float64   // limit for each; nil where the run did not converge
	Flow  [][]float64   // trajectory of the flow η → 0
	Least []float64     // the solution of least ‖·‖_p
}

// Limit is where the flow ends.
func (s *SteepestLimits) Limit() []float64 { return s.Flow[len(s.Flow)-1] }

// bookEtas are the step sizes of figure 8.1 with golden values.
var bookEtas = []float64{.003, .01, .03, .05, .07, .1}

// RunSteepest runs steepest descent in ℓ_p, p > 1, on Book for the given step sizes, and its flow. Steps at
// which descent oscillates or diverges have no limit.
func RunSteepest(ctx context.Context, p float64, etas []float64) (*SteepestLimits, error) {
	const fn = "implicitbias.RunSteepest"
	if !(p > 1) || math.IsInf(p, 0) || len(etas) == 0 {
		return nil, fmt.Errorf("%s: p = %g and %d step sizes, want p > 1, finite, and at least one", fn, p, len(etas))
	}
	b := Book()
	s := &SteepestLimits{P: p, Eta: etas}
	var err error
	if s.Least, err = b.LeastNorm(ctx, p); err != nil {
		return nil, err
	}
	for _, eta := range etas {
		run, err := Descend(ctx, b, Steepest{p}, zeros(3), DescentConfig{Eta: eta, Every: max(1, int(.05/eta)), Steps: 20_000})
		if err != nil {
			return nil, err
		}
		w := run.End()
		if run.Status != Converged {
			w = nil
		}
		s.Path, s.W = append(s.Path, run.Path), append(s.W, w)
	}
	f := SteepestFlow(b, p)
	next := 0.0
	run, err := Flow(ctx, f, zeros(3), FlowConfig{Stop: b.Solved(1e-18), Tolerance: 1e-11, Watch: func(t float64, x []float64) {
		if t >= next {
			s.Flow = append(s.Flow, append([]float64(nil), x...))
			next = t + .05
		}
	}})
	if err != nil {
		return nil, err
	}
	s.Flow = append(s.Flow, run.End())
	return s, nil
}

// Figure draws the trajectories of chosen step sizes, by index, on the plane of w₁ and w₂ (w₃ follows from
// them on 𝒢), and w₁ of all limits against η.
func (s *SteepestLimits) Figure(chosen ...int) figure.Figure {
	left := figure.Panel{X: figure.Axis{Label: "w₁"}.Range(-.3, 2.2), Y: figure.Axis{Label: "w₂"}.Range(-.2, 5.4)}
	left.Layers = append(left.Layers, figure.Line("all solutions", 0, []float64{-.3, 2.2}, []float64{5.15, 3.9}).As(figure.Reference))
	column := func(path [][]float64, j int) []float64 {
		out := make([]float64, len(path))
		for i, w := range path {
			out[i] = w[j]
		}
		return out
	}
	for k, i := range chosen {
		path := thinned(s.Path[i])
		left.Layers = append(left.Layers, figure.Line(fmt.Sprintf("η = %g", s.Eta[i]), k+2, column(path, 0), column(path, 1)).As(figure.Measured))
	}
	flow := thinned(s.Flow)
	left.Layers = append(left.Layers, figure.Line("η → 0", 1, column(flow, 0), column(flow, 1)),
		figure.Points(fmt.Sprintf("least ‖·‖_{%.3g}", s.P), 0, s.Least[:1], s.Least[1:2], nil, nil))
	var eta, at, low []float64
	for i, w := range s.W {
		if w != nil {
			eta, at = append(eta, s.Eta[i]), append(at, w[0])
		}
	}
	for range s.Eta {
		low = append(low, s.Limit()[0])
	}
	right := figure.Panel{X: figure.Axis{Label: "step size η", Scale: figure.Log}.Range(s.Eta[0]*.8, s.Eta[len(s.Eta)-1]*1.25), Y: figure.Axis{Label: "w₁ of the limit"}.Range(-.05, 1.05), Layers: []figure.Layer{
		figure.Line("limit of the flow η → 0", 1, s.Eta, low), figure.HRule(fmt.Sprintf("least ‖·‖_{%.3g}", s.P), s.Least[0]),
		figure.Points("steepest descent", 2, eta, at, nil, nil)}}
	for k, i := range chosen { // the chosen ones in the colours of their trajectories
		if s.W[i] != nil && len(chosen) < len(s.Eta) {
			right.Layers = append(right.Layers, figure.Points(fmt.Sprintf("η = %g", s.Eta[i]), k+2, []float64{s.Eta[i]}, []float64{s.W[i][0]}, nil, nil))
		}
	}
	return figure.Figure{
		ID: "8.F1", Title: "Figure 8.1: steepest descent in " + ell(s.P),
		Alt:     fmt.Sprintf("Left: trajectories from 0 to the line of solutions, which end at different points. Right: w₁ of the limit for each step size, and for the flow (%.4f), against that of the least norm (%.4f).", s.Limit()[0], s.Least[0]),
		Caption: s.reading(),
		Panels:  []figure.Panel{left, right},
	}
}

// thinned keeps the points of a path that are far enough apart to be seen, and its end.
func thinned(path [][]float64) [][]float64 {
	out := path[:1:1]
	for _, w := range path[1:] {
		if distance(w, out[len(out)-1]) > .02 {
			out = append(out, w)
		}
	}
	return append(out, path[len(path)-1])
}

func (s *SteepestLimits) reading() string {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, w := range s.W {
		if w != nil {
			lo, hi = min(lo, w[0]), max(hi, w[0])
		}
	}
	if math.Abs(s.P-2) < 1e-9 {
		return `In $\ell_2$ steepest descent is gradient descent: every step size ends at the solution of least norm, $w_1=\frac13$.`
	}
	out := fmt.Sprintf(`The solution of least $\|w\|_{%.3g}$ has $w_1=%.4f$; the flow $\eta\to0$ ends at %.4f`, s.P, s.Least[0], s.Limit()[0])
	if lo <= hi {
		out += fmt.Sprintf(", the step sizes between %.4f and %.4f", lo, hi)
	}
	if missing := func() (n int) {
		for _, w := range s.W {
			if w == nil {
				n++
			}
		}
		return
	}(); missing > 0 {
		out += fmt.Sprintf(" (%d of them are too large to converge)", missing)
	}
	return out + "."
}

// steepest keeps the runs that figures with sliders share.
var steepest = keep.New(16, func(ctx context.Context, p float64) (*SteepestLimits, error) { return RunSteepest(ctx, p, bookEtas) })

// Figure81 is figure 8.1 with the step sizes of the book's picture and more.
func Figure81(ctx context.Context) (figure.Figure, error) {
	s, err := steepest.Get(ctx, 4./3)
	if err != nil {
		return figure.Figure{}, err
	}
	return s.Figure(0, 2, 4, 5), nil
}
