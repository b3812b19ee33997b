package landscape

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Obstacle is one of the three things of figure 6.1 that stop gradient descent, in two variables so that
// it can be drawn.
type Obstacle struct {
	Name      string
	Objective *Objective
	Eta       float64                   // step size for descent on it
	Start     func(s float64) []float64 // the start that a slider at s means
	Low, High [2]float64                // of the picture
}

// Obstacles returns the three of figure 6.1: a double well ¼(w₁² - 1)² + ½w₂² tilted by tilt·w₁/3, of which
// one minimum is spurious for 0 < tilt < 2/√3; the saddle w₁² - w₂² + ¼w₂⁴; and the plateau of one sigmoid
// neuron that learns w* = 2 (its loss 6.4 for Gaussian inputs), with ½w₂² beside it.
func Obstacles(tilt float64) []Obstacle {
	t := tilt / 3
	well := plane("tilted double well",
		func(a, b float64) float64 { return (a*a-1)*(a*a-1)/4 + t*a + b*b/2 },
		func(a, b float64) (float64, float64) { return a*(a*a-1) + t, b },
		func(a, b float64) (float64, float64, float64) { return 3*a*a - 1, 0, 1 })
	saddle := plane("saddle",
		func(a, b float64) float64 { return a*a - b*b + b*b*b*b/4 },
		func(a, b float64) (float64, float64) { return 2 * a, -2*b + b*b*b },
		func(a, b float64) (float64, float64, float64) { return 2, 0, -2 + 3*b*b })
	neuron := must(GaussianLine(Sigmoid, 2, .02)).Loss()
	of := func(f func(dst, x []float64), a float64) float64 {
		dst := make([]float64, 1)
		f(dst, []float64{a})
		return dst[0]
	}
	plateau := plane("plateau",
		func(a, b float64) float64 { return neuron.Value([]float64{a}) + b*b/200 },
		func(a, b float64) (float64, float64) { return of(neuron.Gradient, a), b / 100 },
		func(a, b float64) (float64, float64, float64) {
			return of(func(dst, x []float64) { neuron.HessVec(dst, x, []float64{1}) }, a), 0, .01
		})
	return []Obstacle{
		{Name: "spurious minimum", Objective: well, Eta: .1, Low: [2]float64{-1.6, -1.2}, High: [2]float64{1.6, 1.2},
			Start: func(s float64) []float64 { return []float64{1.5 * s, .9} }},
		{Name: "saddle point", Objective: saddle, Eta: .05, Low: [2]float64{-1.6, -1.8}, High: [2]float64{1.6, 1.8},
			Start: func(s float64) []float64 { return []float64{1.3, .6 * s} }},
		{Name: "flat region", Objective: plateau, Eta: 4, Low: [2]float64{-2, -3}, High: [2]float64{13, 3},
			Start: func(s float64) []float64 { return []float64{6 + 6*s, 2} }},
	}
}

// plane is an objective of two variables from its value, gradient and the entries (1,1), (1,2), (2,2) of
// its Hessian.
func plane(name string, f func(a, b float64) float64, df func(a, b float64) (float64, float64), ddf func(a, b float64) (float64, float64, float64)) *Objective {
	return &Objective{
		Name: name, Dim: 2, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: math.NaN(),
		Value:    func(x []float64) float64 { return f(x[0], x[1]) },
		Gradient: func(dst, x []float64) { dst[0], dst[1] = df(x[0], x[1]) },
		HessVec: func(dst, x, v []float64) {
			aa, ab, bb := ddf(x[0], x[1])
			dst[0], dst[1] = aa*v[0]+ab*v[1], ab*v[0]+bb*v[1]
		},
	}
}

// panel draws an obstacle with the path of descent from a start.
func (o *Obstacle) panel(path [][]float64) figure.Panel {
	const side = 49
	x, y := make([]float64, side), make([]float64, side)
	for i := range side {
		s := float64(i) / (side - 1)
		x[i], y[i] = o.Low[0]+s*(o.High[0]-o.Low[0]), o.Low[1]+s*(o.High[1]-o.Low[1])
	}
	z := make([][]float64, side)
	for j := range y {
		z[j] = make([]float64, side)
		for i := range x {
			z[j][i] = o.Objective.Value([]float64{x[i], y[j]})
		}
	}
	px, py := make([]float64, 0, 60), make([]float64, 0, 60)
	stride := max(1, len(path)/60)
	for i := 0; i < len(path); i += stride {
		px, py = append(px, path[i][0]), append(py, path[i][1])
	}
	end := path[len(path)-1]
	return figure.Panel{
		Title: o.Name, X: figure.Axis{Label: "w₁"}.Range(o.Low[0], o.High[0]), Y: figure.Axis{Label: "w₂"}.Range(o.Low[1], o.High[1]),
		Layers: []figure.Layer{
			figure.Contour("", x, y, z, nil).Coloured(figure.Axis{Label: "f"}),
			figure.Line("gradient descent", 1, px, py).As(figure.Measured),
			figure.Points("where it is at the end", 1, []float64{end[0]}, []float64{end[1]}, nil, nil),
		},
	}
}

// obstacleSteps is how long descent runs on an obstacle.
const obstacleSteps = 400

// FigureObstacles draws figure 6.1 with descent from the starts that a slider at s means, and says what
// the ends are.
func FigureObstacles(ctx context.Context, s float64) (figure.Figure, error) {
	fig := figure.Figure{
		ID: "6.F1", Title: "Three obstacles",
		Alt: "Contours of three functions with the path of gradient descent: into one of two valleys, along the ridge line towards a saddle, across a plateau.",
	}
	caption := ""
	for i, o := range Obstacles(.3) {
		path, err := Descend(ctx, o.Objective, o.Start(s), o.Eta, obstacleSteps, nil)
		if err != nil {
			return figure.Figure{}, err
		}
		end := path[len(path)-1]
		g := make([]float64, 2)
		o.Objective.Gradient(g, end)
		kind, err := Classify(o.Objective.Hessian(end), g, 1e-6, 1e-6)
		if err != nil {
			return figure.Figure{}, err
		}
		word := string(kind)
		if kind == Regular {
			word = "still on its way"
		}
		if i == 0 && kind == LocalMin && end[0] > 0 {
			word = "a spurious minimum"
		}
		caption += fmt.Sprintf("%s: after %d steps %s, $f=%.3g$. ", o.Name, obstacleSteps, word, o.Objective.Value(end))
		fig.Panels = append(fig.Panels, o.panel(path))
	}
	fig.Caption = caption
	return fig, nil
}

// ExploreObstacles is figure 6.1 with a start to move.
func ExploreObstacles() figure.Explorer {
	var starts []float64
	for i := -10; i <= 10; i++ {
		starts = append(starts, float64(i)/10)
	}
	return figure.Explorer{
		ID: "6.F1/start", Title: "Three obstacles, from a start of yours",
		Try:      "Move the start through 0: the double well sends it into the spurious minimum on one side, and the saddle holds it exactly at 0, where nothing tells up from down.",
		Controls: []figure.Control{figure.Slide("start", "start, from left to right", starts...).From(17)},
		Play:     "start",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureObstacles(ctx, at["start"])
		},
	}
}

// curve is one line of curves.
type curve struct {
	name string
	y    []float64
}

// curves is a picture of some lines over one axis.
func curves(id, title, xlabel, ylabel string, x []float64, list ...curve) *figure.Figure {
	panel := figure.Panel{X: figure.Axis{Label: xlabel}, Y: figure.Axis{Label: ylabel}}
	for i, c := range list {
		panel.Layers = append(panel.Layers, figure.Line(c.name, i, x, c.y))
	}
	return &figure.Figure{ID: id, Title: title, Panels: []figure.Panel{panel}}
}
