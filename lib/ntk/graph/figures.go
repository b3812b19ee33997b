package graph

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/stat"
)

// words say what each task's classes are.
var words = map[Task]string{
	Hubs:      "uniform against hubs",
	Mixing:    "one sequence of degrees",
	Signal:    "one set of values",
	Triangles: "many against few triangles",
}

// FigureStudy draws the accuracy of each method on each task with Wilson's 95% intervals.
func FigureStudy(s *Study) figure.Figure {
	f := figure.Figure{
		ID: "9.E2", Title: "Telling families of graphs apart", Columns: 2,
		Caption: fmt.Sprintf(`Kernel regression by %d-fold cross-validation on %d graphs of %d nodes a task, with 95%% intervals; the line is guessing. The classes of all tasks have equal numbers of edges; in all but the first also equal degrees and equal features.`,
			s.Config.Folds, s.Scores[0][0].N, s.Config.Nodes),
	}
	names := short(s)
	for t, task := range s.Config.Tasks {
		x, y := make([]float64, len(names)), make([]float64, len(names))
		low, high := make([]float64, len(names)), make([]float64, len(names))
		best := 0
		for m, v := range s.Scores[t] {
			x[m], y[m], low[m], high[m] = float64(m), v.Accuracy(), v.Low, v.High
			if y[m] > y[best] {
				best = m
			}
		}
		f.Panels = append(f.Panels, figure.Panel{
			Title:  words[task],
			X:      figure.Axis{Label: "kernel", Categories: names},
			Y:      figure.Axis{Label: "accuracy"}.Range(.35, 1.05),
			Layers: []figure.Layer{figure.HRule("guessing", .5), figure.Points("", t, x, y, low, high)},
		})
		f.Alt += fmt.Sprintf("%s: the degree histogram reaches %.2f, Weisfeiler-Lehman %.2f, the best is %s with %.2f. ", words[task], y[0], y[1], names[best], y[best])
	}
	return f
}

// short names the methods in a few letters.
func short(s *Study) []string {
	names := []string{"degrees", "WL"}
	for _, k := range s.Config.Kernels {
		name := fmt.Sprintf("B=%d", k.Blocks)
		if k.Layers > 1 {
			name += fmt.Sprintf(" R=%d", k.Layers)
		}
		names = append(names, name)
	}
	return names
}

// Slope fits log Error against log m.
func (r *Networks) Slope() float64 {
	var x, y []float64
	for _, p := range r.Points {
		x, y = append(x, math.Log(float64(p.Width))), append(y, math.Log(p.Error))
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	return slope
}

// FigureNetworks draws the relative distance of the empirical kernel to its limit against width.
func FigureNetworks(r *Networks) figure.Figure {
	var m, y, low, high, ref []float64
	for _, p := range r.Points {
		m, y = append(m, float64(p.Width)), append(y, p.Error)
		low, high = append(low, p.Error-2*p.ErrorSE), append(high, p.Error+2*p.ErrorSE)
		ref = append(ref, r.Points[0].Error*math.Sqrt(float64(r.Points[0].Width)/float64(p.Width)))
	}
	last := len(m) - 1
	return figure.Figure{
		ID: "9.E2-networks", Title: "Finite graph networks approach the graph NTK",
		Alt:     fmt.Sprintf("Log-log plot: the relative distance of the empirical kernel to its limit falls from %.3f at width %g to %.3f at width %g, slope %.2f, beside a grey line of slope -0.5.", y[0], m[0], y[last], m[last], r.Slope()),
		Caption: fmt.Sprintf(`%s, gradients by autodiff on %d graphs; mean over random networks and two standard errors.`, r.Config.Kernel, len(r.Theta)),
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "‖Θ_m-Θ‖_F / ‖Θ‖_F", Scale: figure.Log},
			Layers: []figure.Layer{figure.Line("slope -1/2", 0, m, ref).As(figure.Reference), figure.Points("random networks", 1, m, y, low, high)},
		}},
	}
}
