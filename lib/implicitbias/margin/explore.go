package margin

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/figure"
)

// exploredNorms are the norms of ExploreRace, in the order of its options.
var exploredNorms = []Norm{Euclidean, Sum, 4. / 3, 3, Largest}

// FigureDirection shows five points in the plane with the classifier that steepest descent has after the
// given number of steps, one of those of Result.Rows, beside the margin on the way.
func FigureDirection(ctx context.Context, n Norm, rule Rule, steps int) (figure.Figure, error) {
	run, err := runs.Get(ctx, nil, setting{Data: "five", Config: Config{Norm: n, Rule: rule, Steps: 10000}})
	if err != nil {
		return figure.Figure{}, err
	}
	row := run.At(steps)
	if row == nil || steps == 0 {
		return figure.Figure{}, fmt.Errorf("margin.FigureDirection: no record at step %d, want one of the steps of Result.Rows above 0", steps)
	}
	data := Five()
	best, err := targets.Get(ctx, n)
	if err != nil {
		return figure.Figure{}, err
	}
	w := append([]float64(nil), row.W...)
	floats.Scale(1/row.Length, w)
	var px, py []float64
	for _, x := range data.X {
		px, py = append(px, x[0]), append(py, x[1])
	}
	plane := figure.Panel{Title: "the points and the classifier", X: figure.Axis{Label: "first feature"}.Range(-1, 3.2), Y: figure.Axis{Label: "second feature"}.Range(-1, 2.2)}
	across := func(name string, series int, v []float64, level float64) figure.Layer { // {x: ⟨v, x⟩ = level}
		l := floats.Dot(v, v)
		x0, y0 := v[0]*level/l, v[1]*level/l
		return figure.Line(name, series, []float64{x0 - 4*v[1], x0 + 4*v[1]}, []float64{y0 + 4*v[0], y0 - 4*v[0]})
	}
	border, edge := across("border after these steps", 1, w, 0), across("parallel through the nearest point", 1, w, row.Margin).As(figure.Bound)
	goal := across("border of the largest margin", 0, best.W, 0).As(figure.Reference)
	plane.Layers = append(plane.Layers, clip(goal), clip(border), clip(edge), figure.Points("points of one class", 2, px, py, nil, nil))
	race := figure.Panel{Title: "the margin in " + n.String(), X: figure.Axis{Label: "step", Scale: figure.Log}.Range(1, 10000), Y: figure.Axis{Label: "margin over " + n.String() + " norm"}}
	var x, y []float64
	for _, r := range run.Rows {
		if r.T > 0 && r.T <= steps {
			x, y = append(x, float64(r.T)), append(y, r.Margin)
		}
	}
	race.Layers = append(race.Layers, figure.Points("so far", 1, x, y, nil, nil), figure.HRule("largest margin", best.Margin))
	angle := func(v []float64) float64 { return 180 / math.Pi * math.Atan2(v[1], v[0]) }
	return figure.Figure{
		ID: "8.T6", Title: fmt.Sprintf("Steepest descent in %s after %d steps", n, steps),
		Alt:     fmt.Sprintf("Left: five points and a border through the origin. Right: the margin up to step %d, %.4f, below a rule at %.4f.", steps, row.Margin, best.Margin),
		Caption: fmt.Sprintf("$w$ points to %.1f° (the largest margin to %.1f°), is %.3g long in its norm and has the margin %.4f of %.4f.", angle(w), angle(best.W), row.Length, row.Margin, best.Margin),
		Panels:  []figure.Panel{plane, race},
	}, nil
}

// clip keeps the part of a segment that lies in the window of FigureDirection.
func clip(l figure.Layer) figure.Layer {
	lo, hi := 0.0, 1.0
	for _, c := range []struct{ a, b, min, max float64 }{{l.X[0], l.X[1], -1, 3.2}, {l.Y[0], l.Y[1], -1, 2.2}} {
		d := c.b - c.a
		if d == 0 {
			continue
		}
		s, e := (c.min-c.a)/d, (c.max-c.a)/d
		lo, hi = max(lo, min(s, e)), min(hi, max(s, e))
	}
	x, y := l.X, l.Y
	l.X = []float64{x[0] + lo*(x[1]-x[0]), x[0] + hi*(x[1]-x[0])}
	l.Y = []float64{y[0] + lo*(y[1]-y[0]), y[0] + hi*(y[1]-y[0])}
	return l
}

// ExploreRace chooses the norm and the time.
func ExploreRace() figure.Explorer {
	var names []string
	for _, n := range exploredNorms {
		names = append(names, n.String())
	}
	var times []float64
	for k := range 21 {
		times = append(times, math.Round(math.Pow(10, float64(k)/5)))
	}
	// 1.58 and 2.51 round to 2 and 3; all are steps that a run records.
	return figure.Explorer{
		ID: "8.T6/race", Title: "Norm and time",
		Try:      "Play: the border turns to that of the largest margin. Then change the norm: each has its own border. Bounded steps, as in the theorem, crawl.",
		Controls: []figure.Control{figure.Choose("norm", "norm", names...), figure.Slide("steps", "steps", times...).From(10), figure.Switch("bounded", "steps of at most 1")},
		Play:     "steps",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			rule := Adaptive
			if at.On("bounded") {
				rule = Capped
			}
			return FigureDirection(ctx, exploredNorms[at.Int("norm")], rule, at.Int("steps"))
		},
	}
}

// ExploreBoost turns exact line search into small steps.
func ExploreBoost() figure.Explorer {
	lengths := []float64{0, .5, .2, .1, .05, .02, .01}
	rounds := []float64{30, 100, 300, 1000, 3000, 10000}
	return figure.Explorer{
		ID: "8.E6/steps", Title: "AdaBoost's cycle, and how small steps leave it",
		Try: "With exact steps the weights of the points repeat every three rounds and the margin stops at 1/3. Choose a fixed step: the cycle dissolves and the margin goes on to 3/8.",
		Controls: []figure.Control{
			figure.Choose("step", "step of each round", "exact (AdaBoost)", "0.5", "0.2", "0.1", "0.05", "0.02", "0.01"),
			figure.Slide("rounds", "rounds", rounds...).From(3),
		},
		Play: "rounds",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			f, err := figureCycle(ctx, lengths[at.Int("step")], at.Int("rounds"))
			if err != nil {
				return figure.Figure{}, err
			}
			return *f, nil
		},
	}
}

// ExploreProof sets what the proof of Theorem 8.3.2 says beside what happens.
func ExploreProof() figure.Explorer {
	var names []string
	for _, n := range exploredNorms {
		names = append(names, n.String())
	}
	return figure.Explorer{
		ID: "8.I7/proof", Title: "What the proof knows, and what happens",
		Try:      "Switch the bound on the steps off: the run gets faster, and the proof gives up half of the margin.",
		Controls: []figure.Control{figure.Choose("norm", "norm", names...), figure.Choose("rule", "steps", "at most 1, as in the theorem", "1/(B²L)")},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			f, err := FigureProof(ctx, exploredNorms[at.Int("norm")], []Rule{Capped, Adaptive}[at.Int("rule")])
			if err != nil {
				return figure.Figure{}, err
			}
			return *f, nil
		},
	}
}

// Explorers lists the pictures with controls of sections 8.3 and 8.4.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreRace(), ExploreBoost(), ExploreProof()}
}
