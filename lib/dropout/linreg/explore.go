package linreg

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/linalg"
)

// FigureRate shows the coefficients of the fixture over the rate, with inputs dropped and as the book
// prints them, and the expected losses of both, with a mark at one rate.
func FigureRate(ctx context.Context, rate float64) (figure.Figure, error) {
	p := Fixture()
	ols, err := p.Least()
	if err != nil {
		return figure.Figure{}, err
	}
	var x, low, printed []float64
	coef, book := make([][]float64, 3), make([][]float64, 3)
	var at, atBook float64
	for i := range 46 {
		if err := ctx.Err(); err != nil {
			return figure.Figure{}, err
		}
		r := float64(i) / 50
		u, err := p.Input(r)
		if err != nil {
			return figure.Figure{}, err
		}
		v, err := p.Hidden(r, 1)
		if err != nil {
			return figure.Figure{}, err
		}
		a, err := p.InputLoss(u, r)
		if err != nil {
			return figure.Figure{}, err
		}
		b, err := p.InputLoss(v, r)
		if err != nil {
			return figure.Figure{}, err
		}
		x, low, printed = append(x, r), append(low, a), append(printed, b)
		for j := range 3 {
			coef[j], book[j] = append(coef[j], u[j]), append(book[j], v[j])
		}
		if math.Abs(r-rate) < 1e-9 {
			at, atBook = a, b
		}
	}
	px := figure.Axis{Label: "rate p of dropping"}.Range(0, .9)
	left := []figure.Layer{}
	for j := range 3 {
		left = append(left, figure.Line(fmt.Sprintf("u%d, inputs dropped", j+1), j, x, coef[j]), figure.Line("", j, x, book[j]).As(figure.Wrong))
	}
	u, err := p.Input(rate)
	if err != nil {
		return figure.Figure{}, err
	}
	return figure.Figure{
		ID: "11.G1", Title: "Dropping inputs is not rescaling",
		Alt:     "Left: three coefficients against the rate; with inputs dropped they fall fast and by different factors, the printed ones fall together by 1 - p. Right: the expected loss of the printed solution is above that of the minimizer.",
		Caption: fmt.Sprintf("$p=%.2f$: coefficients are %.2f, %.2f, %.2f of least squares; the printed text says %.2f of each. Expected loss %.3f, of the printed solution %.3f.", rate, u[0]/ols[0], u[1]/ols[1], u[2]/ols[2], 1-rate, at, atBook),
		Panels: []figure.Panel{
			{X: px, Y: figure.Axis{Label: "coefficient"}.Range(-.2, 1.5), Layers: append(left, figure.VRule("", rate))},
			{X: px, Y: figure.Axis{Label: "expected loss"}.Range(0, 1), Layers: []figure.Layer{
				figure.Line("minimizer", 0, x, low), figure.Line("printed: least squares/(1+λ)", 1, x, printed).As(figure.Wrong), figure.VRule("", rate)}},
		},
	}, nil
}

// ExploreRate moves the rate.
func ExploreRate() figure.Explorer {
	var rates []float64
	for i := range 46 {
		rates = append(rates, float64(i)/50)
	}
	return figure.Explorer{
		ID: "11.G1/rate", Title: "What dropping inputs does to least squares",
		Try:      "Move the rate from 0: the second coefficient is the first to go, since the others can speak for it. Rescaling alone would keep their ratios.",
		Controls: []figure.Control{figure.Slide("rate", "rate p", rates...).From(20)},
		Play:     "rate",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureRate(ctx, at["rate"])
		},
	}
}

// FigurePath shows the errors of a path with standard errors and coefficients in standardised size.
func FigurePath(r *Result) figure.Figure { return r.at(r.Best) }

// at draws the path with a mark at rate k.
func (r *Result) at(k int) figure.Figure {
	var x, cv, low, high, train []float64
	for _, f := range r.Dropout {
		x, cv, train = append(x, f.Rate), append(cv, f.CV), append(train, f.Train)
		low, high = append(low, f.CV-f.SE), append(high, f.CV+f.SE)
	}
	// A coefficient in units of its largest value on the path, so that all fit one panel.
	var lines []figure.Layer
	for j := range r.Dropout[0].Coef {
		top := 0.0
		for _, f := range r.Dropout {
			top = max(top, math.Abs(f.Coef[j]))
		}
		if top == 0 {
			continue
		}
		var y []float64
		for _, f := range r.Dropout {
			y = append(y, f.Coef[j]/top)
		}
		lines = append(lines, figure.Line("", j, x, y))
	}
	f := r.Dropout[k]
	return figure.Figure{
		ID: "11.path", Title: "The path over the rate",
		Alt:     "Left: training and cross-validated error against the rate, with the best ridge error as a level. Right: coefficients against the rate, each over its largest value; some change sign on the way to 0.",
		Caption: fmt.Sprintf("$p=%.2f$: cross-validated error %.4f ± %.4f. Best rate %.2f with %.4f; least squares %.4f; ridge in raw units %.4f at best.", f.Rate, f.CV, f.SE, r.Dropout[r.Best].Rate, r.Dropout[r.Best].CV, r.Dropout[0].CV, r.Ridge[r.Ridged].CV),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "rate p of dropping"}.Range(0, 1), Y: figure.Axis{Label: "mean squared error"}, Layers: []figure.Layer{
				figure.Line("on all rows", 1, x, train), figure.Points("cross-validated", 0, x, cv, low, high), figure.HRule("best ridge", r.Ridge[r.Ridged].CV), figure.VRule("", f.Rate)}},
			{X: figure.Axis{Label: "rate p of dropping"}.Range(0, 1), Y: figure.Axis{Label: "coefficient over its largest"}.Range(-1.05, 1.05), Layers: append(lines, figure.VRule("", f.Rate))},
		},
	}
}

// ExplorePath moves along the path of the wine table.
func ExplorePath() figure.Explorer {
	run := keep.New(1, func(ctx context.Context, _ struct{}) (*Result, error) {
		x, y, _, err := Wine()
		if err != nil {
			return nil, err
		}
		return Path(ctx, x, y, Config{})
	})
	rates := Config{}.withDefaults().Rates
	return figure.Explorer{
		ID: "11.+/path", Title: "Choosing the rate by cross-validation",
		Try:      "Alcohol of 178 wines from twelve other measurements. Move $p$: coefficients shrink at different speeds, some change sign, and the error has its minimum at a small rate.",
		Controls: []figure.Control{figure.Slide("rate", "rate p", rates...).From(2)},
		Play:     "rate",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			r, err := run.Get(ctx, struct{}{})
			if err != nil {
				return figure.Figure{}, err
			}
			for k, f := range r.Dropout {
				if f.Rate == at["rate"] {
					return r.at(k), nil
				}
			}
			return figure.Figure{}, fmt.Errorf("linreg.ExplorePath: rate %v is not on the grid", at["rate"])
		},
	}
}

// plane is a regression of two correlated features whose iterates can be drawn.
func plane() *Problem {
	x, y := mat.NewDense(12, 2, nil), make([]float64, 12)
	for i := range 12 {
		t := float64(i)
		a, b := math.Sin(1.7*t+.3), math.Cos(2.9*t)
		x.SetRow(i, []float64{a, .6*a + .7*b})
		y[i] = 1.2*x.At(i, 0) - .5*x.At(i, 1) + .3*math.Sin(5*t)
	}
	p, err := New(x, y)
	if err != nil {
		panic(err) // a constant of this package
	}
	return p
}

// FigureNoise shows where iterates of two coefficients end: runs, their mean, and the ellipses of one and
// two standard deviations of the exact covariance.
func FigureNoise(ctx context.Context, rate, step float64) (figure.Figure, error) {
	p := plane()
	n, err := p.Noise(rate, step)
	if err != nil {
		return figure.Figure{}, err
	}
	s, err := n.Limit()
	if err != nil {
		return figure.Figure{}, err
	}
	ols, err := p.Least()
	if err != nil {
		return figure.Figure{}, err
	}
	ends, err := n.Simulate(ctx, s.Mean, int(min(4/step, 400)), 150, 0)
	if err != nil {
		return figure.Figure{}, err
	}
	var ex, ey []float64
	for _, u := range ends {
		ex, ey = append(ex, u[0]), append(ey, u[1])
	}
	values, q, err := linalg.EigenSym(s.Covariance)
	if err != nil {
		return figure.Figure{}, err
	}
	layers := []figure.Layer{figure.Points("iterates of 150 runs", 1, ex, ey, nil, nil)}
	for r := 1.; r <= 2; r++ {
		var x, y []float64
		for k := range 61 {
			t := 2 * math.Pi * float64(k) / 60
			a, b := r*math.Sqrt(max(values[0], 0))*math.Cos(t), r*math.Sqrt(max(values[1], 0))*math.Sin(t)
			x, y = append(x, s.Mean[0]+a*q.At(0, 0)+b*q.At(0, 1)), append(y, s.Mean[1]+a*q.At(1, 0)+b*q.At(1, 1))
		}
		name := ""
		if r == 1 {
			name = "one and two standard deviations, exact"
		}
		layers = append(layers, figure.Line(name, 0, x, y))
	}
	layers = append(layers, figure.Points("minimizer of the expected loss", 2, s.Mean[:1], s.Mean[1:], nil, nil), figure.Points("least squares", 3, ols[:1], ols[1:], nil, nil))
	excess, err := p.excess(n, s)
	if err != nil {
		return figure.Figure{}, err
	}
	return figure.Figure{
		ID: "11.noise", Title: "Where the iterates of dropout live",
		Alt:     fmt.Sprintf("A cloud of iterates around the minimizer of the expected loss with the ellipses of the exact covariance, at rate %g and step %g; least squares lies apart.", rate, step),
		Caption: fmt.Sprintf("$p=%.2g$, $\\eta=%.3g$: standard deviations %.3f and %.3f along the axes; the cloud costs %.3g more than its centre.", rate, step, math.Sqrt(max(values[0], 0)), math.Sqrt(max(values[1], 0)), excess),
		Panels:  []figure.Panel{{X: figure.Axis{Label: "u₁"}.Range(.1, 1.5), Y: figure.Axis{Label: "u₂"}.Range(-.8, .4), Layers: layers}},
	}, nil
}

// ExploreNoise moves rate and step.
func ExploreNoise() figure.Explorer {
	return figure.Explorer{
		ID: "11.+/noise", Title: "Dropout never sits still",
		Try:      "Halve the step: the cloud shrinks by √2 and its centre stays. Raise the rate: the centre leaves least squares for 0, and the cloud turns.",
		Controls: []figure.Control{figure.Slide("rate", "rate p", .05, .1, .2, .3, .4, .5, .6, .7).From(4), figure.Slide("step", "step η", .01, .02, .05, .1, .15).From(3)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureNoise(ctx, at["rate"], at["step"])
		},
	}
}

// Explorers lists the pictures with sliders of this package.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreRate(), ExploreNoise(), ExplorePath()}
}
