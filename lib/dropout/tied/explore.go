package tied

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/landscape"
)

// planeStarts are where the paths of figure 11.1 begin, for m = 1.
var planeStarts = []struct {
	name string
	at   [2]float64
}{
	{"beside a saddle", [2]float64{.95, .03}},
	{"beside 0", [2]float64{-.02, .05}},
	{"far from both", [2]float64{-.3, -.95}},
}

const planeSteps = 500

// planeEta is a step size that masks of size 1 + λ leave stable on the picture.
func planeEta(lambda float64) float64 { return .06 / math.Pow(1+lambda, 1.5) }

// tracks returns the paths of descent and of dropout from a start, and says so where one is missing.
func (p *Plane) tracks(ctx context.Context, start [2]float64, batch int) (gd, sgd [][]float64, err error) {
	m := p.Model()
	eta := planeEta(p.Lambda)
	if gd, err = landscape.Descend(ctx, m.Objective(), start[:], eta, planeSteps, nil); err != nil {
		return nil, nil, err
	}
	sgd, err = SGD(ctx, m, start[:], SGDConfig{Eta: eta, Steps: planeSteps, Batch: batch, Seed: 1})
	return gd, sgd, err
}

// planeSide is half the width of the picture.
const planeSide = 1.25

// contour draws f, its critical points and the paths; f at the grid is log₁₀(f - f* + 0.02), which shows the
// flat valley.
func (p *Plane) contour(gd, sgd [][]float64) figure.Panel {
	const side = 41
	at := make([]float64, side)
	for i := range at {
		at[i] = planeSide * (2*float64(i)/(side-1) - 1)
	}
	low := p.Minima()
	z := make([][]float64, side)
	for j, b := range at {
		z[j] = make([]float64, side)
		for i, a := range at {
			z[j][i] = math.Log10(p.Value(a, b) - low.Value + .02)
		}
	}
	layers := []figure.Layer{figure.Contour("", at, at, z, nil).Coloured(figure.Axis{Label: "log₁₀(f - f* + 0.02)"}.Range(-1.8, 1.5))}
	if p.Lambda == 0 {
		var x, y []float64
		for i := range 65 {
			s, c := math.Sincos(2 * math.Pi * float64(i) / 64)
			x, y = append(x, math.Sqrt(p.M)*c), append(y, math.Sqrt(p.M)*s)
		}
		layers = append(layers, figure.Line("minima", 2, x, y))
	} else {
		for i, c := range []struct {
			name string
			s    Spot
		}{{"minima", low}, {"saddles", p.Saddles()}} {
			var x, y []float64
			for _, q := range c.s.Points {
				x, y = append(x, q[0]), append(y, q[1])
			}
			layers = append(layers, figure.Points(c.name, 2+i, x, y, nil, nil))
		}
	}
	layers = append(layers, figure.Points("0, the maximum", 4, []float64{0}, []float64{0}, nil, nil))
	for i, c := range []struct {
		name string
		path [][]float64
	}{{"dropout", sgd}, {"gradient descent", gd}} {
		var x, y []float64
		for t := 0; t < len(c.path); t += 4 {
			x, y = append(x, clip(c.path[t][0])), append(y, clip(c.path[t][1]))
		}
		layers = append(layers, figure.Line(c.name, 1-i, x, y).As(figure.Measured))
	}
	return figure.Panel{
		Title: fmt.Sprintf("λ = %.3g", p.Lambda),
		X:     figure.Axis{Label: "w₁"}.Range(-planeSide, planeSide), Y: figure.Axis{Label: "w₂"}.Range(-planeSide, planeSide), Layers: layers,
	}
}

// clip keeps a path within the picture.
func clip(v float64) float64 { return max(-planeSide, min(planeSide, v)) }

// cuts draws f along an axis and along the diagonal: the profile of the surface.
func (p *Plane) cuts() figure.Panel {
	var x, axis, diagonal []float64
	for i := range 61 {
		s := planeSide * (2*float64(i)/60 - 1)
		x = append(x, s)
		axis, diagonal = append(axis, p.Value(s, 0)), append(diagonal, p.Value(s/math.Sqrt2, s/math.Sqrt2))
	}
	d := math.Sqrt2 * p.Minima().Points[0][0]
	a := p.Saddles().Points[0][0]
	return figure.Panel{
		Title: "the surface, cut through 0", X: figure.Axis{Label: "distance from 0"}.Range(-planeSide, planeSide), Y: figure.Axis{Label: "f"}.Range(0, 3),
		Layers: []figure.Layer{
			figure.Line("along the diagonal", 0, x, capped(diagonal, 3)), figure.Line("along an axis", 1, x, capped(axis, 3)),
			figure.Points("minima", 0, []float64{-d, d}, []float64{p.Minima().Value, p.Minima().Value}, nil, nil),
			figure.Points("saddles", 1, []float64{-a, a}, []float64{p.Saddles().Value, p.Saddles().Value}, nil, nil),
		},
	}
}

// capped leaves a gap where a value is beyond the picture.
func capped(v []float64, top float64) []float64 {
	for i := range v {
		if v[i] > top {
			v[i] = math.NaN()
		}
	}
	return v
}

// FigurePanels is figure 11.1 for m = 1 and λ = 0, 0.6 and 2: cuts of the surface above, contours below, with
// the critical points of their formulas and the paths of gradient descent and of dropout from beside a saddle.
func FigurePanels(ctx context.Context) (figure.Figure, error) {
	var above, below []figure.Panel
	for _, lambda := range []float64{0, .6, 2} {
		p, err := NewPlane(1, lambda)
		if err != nil {
			return figure.Figure{}, err
		}
		gd, sgd, err := p.tracks(ctx, planeStarts[0].at, 4)
		if err != nil {
			return figure.Figure{}, fmt.Errorf("tied.FigurePanels: %w", err)
		}
		above, below = append(above, p.cuts()), append(below, p.contour(gd, sgd))
	}
	return figure.Figure{
		ID: "11.F8", Title: "Dropout breaks the circle of minima into four", Columns: 3,
		Alt:     "Three columns for λ = 0, 0.6 and 2. Without dropout the minima are a circle. With it they are four points on the diagonals, nearer to 0 the larger λ is, and four saddles lie between them on the axes. Paths from beside a saddle stay there for λ = 0 and run to a diagonal otherwise.",
		Caption: `$f=(1-w_1^2-w_2^2)^2+\lambda(w_1^4+w_2^4)$. For $\lambda>0$ the minima are at $|w_i|=1/\sqrt{2+\lambda}$, the saddles at $1/\sqrt{1+\lambda}$ on the axes. Both paths start beside the saddle on the right, 500 steps.`,
		Panels:  append(above, below...),
	}, nil
}

// FigurePlane is figure 11.1 for one λ, with paths from one of three starts.
func FigurePlane(ctx context.Context, lambda float64, start, batch int) (figure.Figure, error) {
	const fn = "tied.FigurePlane"
	if start < 0 || start >= len(planeStarts) {
		return figure.Figure{}, fmt.Errorf("%s: start %d, want 0 to %d", fn, start, len(planeStarts)-1)
	}
	p, err := NewPlane(1, lambda)
	if err != nil {
		return figure.Figure{}, err
	}
	gd, sgd, err := p.tracks(ctx, planeStarts[start].at, batch)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	low, high := p.Minima(), p.Saddles()
	a, b := gd[len(gd)-1], sgd[len(sgd)-1]
	caption := fmt.Sprintf(`$\lambda=%.3g$: minima at $|w_i|=%.4f$, value %.4f, curvatures %.3g and %.3g; saddles at %.4f on the axes, value %.4f, curvature %.3g. After %d steps of %.3g descent is at (%.2f, %.2f), dropout at (%.2f, %.2f).`,
		lambda, low.Points[0][0], low.Value, low.Curvatures[0], low.Curvatures[1], high.Points[0][0], high.Value, high.Curvatures[0], planeSteps, planeEta(lambda), a[0], a[1], b[0], b[1])
	if lambda == 0 {
		caption = fmt.Sprintf(`Without dropout the minima are the circle $|w|=1$: descent stops where it meets it, at (%.2f, %.2f).`, a[0], a[1])
	}
	return figure.Figure{
		ID: "11.F8", Title: "The landscape for two weights",
		Alt:     fmt.Sprintf("Left: contours of f at λ = %.3g with minima at distance %.3f from 0, saddles at %.3f, and two paths from a start %s. Right: f along an axis and along the diagonal.", lambda, math.Sqrt2*low.Points[0][0], high.Points[0][0], planeStarts[start].name),
		Caption: caption,
		Panels:  []figure.Panel{p.contour(gd, sgd), p.cuts()},
	}, nil
}

// ExplorePlane is figure 11.1 with λ to move.
func ExplorePlane() figure.Explorer {
	var lambdas []float64
	for i := range 25 {
		lambdas = append(lambdas, float64(i)/4)
	}
	var names []string
	for _, s := range planeStarts {
		names = append(names, s.name)
	}
	return figure.Explorer{
		ID: "11.F8/lambda", Title: "What dropout does to a landscape",
		Try:  "Start at $\\lambda=0$ and raise it: the circle of minima breaks into four points, all equalized, and the paths leave the axis for one of them. The larger $\\lambda$, the nearer they are to 0. With a single mask a step you see the noise of dropout: it shakes the path and does not keep it from getting there.",
		Play: "lambda",
		Controls: []figure.Control{
			figure.Slide("lambda", "strength λ", lambdas...).From(8),
			figure.Choose("start", "start", names...),
			figure.Slide("batch", "masks a step", 1, 4, 16).From(1),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigurePlane(ctx, at["lambda"], at.Int("start"), at.Int("batch"))
		},
	}
}

// exampleSpectrum is the M of the figures.
var exampleSpectrum = []float64{4, 2, 1, .5, .1}

// FigureSpectrum shows the threshold that dropout puts on the spectrum (4, 2, 1, ½, 0.1), and all equalized
// critical points: value against the curvature of the steepest direction down, or of the flattest up.
func FigureSpectrum(ctx context.Context, width int, lambda float64) (figure.Figure, error) {
	m, err := New(mat.NewDiagDense(len(exampleSpectrum), exampleSpectrum), width, lambda)
	if err != nil {
		return figure.Figure{}, err
	}
	best := m.Minimum()
	families, err := m.Equalized()
	if err != nil {
		return figure.Figure{}, err
	}
	var index, kept []float64
	for i := range exampleSpectrum {
		index, kept = append(index, float64(i+1)), append(kept, best.Spectrum[i])
	}
	var gx, gy, sx, sy []float64
	words := ""
	shown := 0
	for k := range families {
		if err := ctx.Err(); err != nil {
			return figure.Figure{}, err
		}
		f := &families[k]
		u := m.Point(f, nil)
		if f.Global {
			flattest := math.Inf(1) // curvature of the easiest way up among the same directions
			for _, d := range m.Directions(f, u) {
				flattest = min(flattest, d.Curvature)
			}
			if math.IsInf(flattest, 1) {
				flattest = 0
			}
			gx, gy = append(gx, f.Value), append(gy, flattest)
			continue
		}
		d := m.Down(f, u)
		sx, sy = append(sx, f.Value), append(sy, d.Curvature)
		if shown < 2 {
			words += fmt.Sprintf(` At support %s, value %.4g: %s, curvature %.3g.`, braces(f.Name(width)), f.Value, d.Words, d.Curvature)
			shown++
		}
	}
	layers := []figure.Layer{
		figure.Points("global minimum", 0, gx, gy, nil, nil), figure.HRule("", 0),
	}
	if len(sx) > 0 {
		layers = append(layers, figure.Points("strict saddles", 1, sx, sy, nil, nil))
	}
	return figure.Figure{
		ID: "11.F3", Title: "Which directions survive dropout, and what the others become",
		Alt:     fmt.Sprintf("Left: the five eigenvalues of M as bars and what the global minimum keeps of them: %d stay, each less %.3g. Right: the value of each of %d equalized critical points against the curvature of its best direction, which is below 0 for all but the global minimum.", best.Rank, best.Threshold, len(families)),
		Caption: fmt.Sprintf(`$d_1=%d$, $\lambda=%.3g$: $\rho=%d$, $\tau=%.4g$, value %.6g. The book's condition asks for $\lambda<0.0704$.%s`, width, lambda, best.Rank, best.Threshold, best.Value, words),
		Panels: []figure.Panel{
			{Title: "spectrum", X: figure.Axis{Label: "eigenvector i"}.Range(.3, 5.7), Y: figure.Axis{Label: "eigenvalue"}.Range(0, 4.4), Layers: []figure.Layer{
				figure.Bars("M", 2, index, exampleSpectrum).As(figure.Reference), figure.Bars("UUᵀ at the minimum", 0, index, kept), figure.HRule("threshold τ", best.Threshold)}},
			{Title: "equalized critical points", X: figure.Axis{Label: "value of L_θ"}.Range(0, 22), Y: figure.Axis{Label: "curvature"}.Range(-17, 17), Layers: layers},
		},
	}, nil
}

// braces makes a set TeX.
func braces(s string) string {
	if s == "{}" {
		return `$\varnothing$`
	}
	return `$\{` + s[1:len(s)-1] + `\}$`
}

// ExploreSpectrum moves λ and the width over the landscape of an M of order 5.
func ExploreSpectrum() figure.Explorer {
	return figure.Explorer{
		ID: "11.F3/spectrum", Title: "Water-filling, and the saddles around it",
		Try:  "Turn up $\\lambda$: the threshold rises and eigenvectors drop out, one at a time. On the right every critical point but one stays below 0, far beyond the condition of Theorem 11.3.5.",
		Play: "lambda",
		Controls: []figure.Control{
			figure.Slide("lambda", "strength λ", 0, .02, .05, .1, .2, .3, .5, .7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100).From(12),
			figure.Slide("width", "width d₁", 1, 2, 3, 5, 8).From(2),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureSpectrum(ctx, at.Int("width"), at["lambda"])
		},
	}
}

// Explorers lists the pictures with controls of section 11.3.
func Explorers() []figure.Explorer { return []figure.Explorer{ExploreSpectrum(), ExplorePlane()} }
