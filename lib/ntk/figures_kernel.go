package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/mat"
)

// FigureKernel draws Θ^{(L)}(ρ)/(L+1) and Σ^{(L)}(ρ) on [-1, 1] for L = 1 to depth, normalised to 1 at
// ρ = 1, with the plateau 1/4 that ReLU kernels sink to. It panics on a negative depth or an
// activation without normalisation; Kernel.Validate says so beforehand.
func FigureKernel(depth int, act Activation) figure.Figure {
	const points = 161
	rho := make([]float64, points)
	theta, sigma := make([][]float64, depth+1), make([][]float64, depth+1)
	atOne, err := Kernel{Depth: depth, Activation: act}.Layers(1)
	if err != nil {
		panic(err)
	}
	for i := range rho {
		rho[i] = -math.Cos(math.Pi * float64(i) / (points - 1)) // denser where the kernel is steep
		layers, err := Kernel{Depth: depth, Activation: act}.Layers(rho[i])
		if err != nil {
			panic(err)
		}
		for h, l := range layers {
			theta[h] = append(theta[h], l.Theta/atOne[h].Theta)
			sigma[h] = append(sigma[h], l.Sigma/atOne[h].Sigma)
		}
	}
	name := Kernel{Activation: act}.activation().Name()
	x := figure.Axis{Label: "cosine ρ of two unit inputs"}.Range(-1, 1)
	left := figure.Panel{Title: "NTK, Θ^(L)(ρ)/Θ^(L)(1)", X: x, Y: figure.Axis{Label: "Θ^(L)(ρ)/Θ^(L)(1)"}}
	right := figure.Panel{Title: "NNGP, Σ^(L)(ρ)/Σ^(L)(1)", X: x, Y: figure.Axis{Label: "Σ^(L)(ρ)/Σ^(L)(1)"}}
	for h := range depth + 1 {
		legend := fmt.Sprintf("L = %d", h)
		left.Layers = append(left.Layers, figure.Line(legend, h, rho, theta[h]))
		right.Layers = append(right.Layers, figure.Line(legend, h, rho, sigma[h]))
	}
	alt := fmt.Sprintf("Kernels of %s networks against the cosine of their inputs for depths 0 to %d, scaled to 1 at cosine 1. The deeper, the flatter: at cosine 0 the tangent kernel is %.3f and the Gaussian-process kernel %.3f of its largest value.",
		name, depth, theta[depth][points/2], sigma[depth][points/2])
	if name == ReLU.Name() {
		left.Layers = append(left.Layers, figure.HRule("1/4, the limit of infinite depth", .25))
	}
	return figure.Figure{
		ID: "9.A5." + name, Title: "Depth flattens the kernel", Alt: alt, Panels: []figure.Panel{left, right},
		Caption: "$\\Theta^{(h)}=\\Theta^{(h-1)}\\dot\\Sigma^{(h)}+\\Sigma^{(h)}$ on unit inputs, activation " + name + ".",
	}
}

// FigureCircle draws the eigenvalues of the two-layer ReLU kernel on the circle, without and with a
// bias, and the time 1/λ_k to learn a frequency.
func FigureCircle() figure.Figure {
	const most = 16
	plain, err := CircleSpectrum(TwoLayer(nil), most, 4096)
	if err != nil {
		panic(err) // the arguments are constant
	}
	k := TwoLayer(nil)
	k.Bias, k.BiasValue = true, 1
	bias, err := CircleSpectrum(k, most, 4096)
	if err != nil {
		panic(err)
	}
	var ks, closed, all, measured, even, withBias []float64
	for f := range most + 1 {
		all, withBias = append(all, float64(f)), append(withBias, bias[f]/2)
		if CircleHStar(f) > 0 {
			ks, closed, measured = append(ks, float64(f)), append(closed, CircleHStar(f)), append(measured, plain[f])
		}
		if f >= 2 {
			even = append(even, math.Pi*math.Pi*float64(f*f))
		}
	}
	time := func(lambda []float64) []float64 {
		out := make([]float64, len(lambda))
		for i, l := range lambda {
			out[i] = 1 / l
		}
		return out
	}
	x := figure.Axis{Label: "frequency k"}.Range(-.5, most+.5)
	return figure.Figure{
		ID: "9.D1.circle", Title: "What a two-layer ReLU kernel sees on the circle",
		Alt: fmt.Sprintf("Left: eigenvalues of the kernel on the circle against frequency, falling from %.3f like 1/k² at even frequencies; odd frequencies from 3 on have eigenvalue 0 and are never learned. With a bias they are there, at %.4f for k = 3. Right: time to learn each frequency, 1/λ, growing like π²k².",
			plain[1], bias[3]/2),
		Caption: "Line: $\\lambda_k=\\frac{k^2+1}{\\pi^2(k^2-1)^2}$, even $k$. Points: Fourier transform of the kernel at 4096 angles; with bias for inputs $(x,1)/\\sqrt2$.",
		Panels: []figure.Panel{
			{Title: "Eigenvalues", X: x, Y: figure.Axis{Label: "eigenvalue λ_{k}", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Line("closed form", 0, ks, closed),
				figure.Points("H*", 0, ks, measured, nil, nil),
				figure.Points("H* with a bias", 1, all, withBias, nil, nil),
			}},
			{Title: "Time to learn", X: x, Y: figure.Axis{Label: "1/λ_{k}", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Points("H*", 0, ks, time(measured), nil, nil),
				figure.Points("H* with a bias", 1, all, time(withBias), nil, nil),
				figure.Line("π²k²", 2, all[2:], even).As(figure.Reference),
			}},
		},
	}
}

// FigureTables draws the accuracies of the UCI comparison with Wilson's 95% intervals, one panel a
// table.
func FigureTables(r *Tables) figure.Figure {
	f := figure.Figure{
		ID: "9.E1", Title: "Kernel regression on small tables", Columns: 2,
		Caption: "Five folds without random numbers, columns standardised by the training rows, ridge $0.01$ of the mean diagonal. Intervals: Wilson, 95%.",
	}
	names := make([]string, len(r.Config.Methods))
	x := make([]float64, len(names))
	for m, method := range r.Config.Methods {
		names[m], x[m] = method.Name, float64(m)
	}
	for t, table := range r.Names {
		y, low, high := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
		best := 0
		for m, s := range r.Scores[t] {
			y[m], low[m], high[m] = s.Accuracy(), s.Low, s.High
			if y[m] > y[best] {
				best = m
			}
		}
		f.Panels = append(f.Panels, figure.Panel{
			Title:  fmt.Sprintf("%s, n = %d", table, r.Scores[t][0].N),
			X:      figure.Axis{Label: "method", Categories: names},
			Y:      figure.Axis{Label: "accuracy"},
			Layers: []figure.Layer{figure.Points("", t, x, y, low, high)},
		})
		f.Alt += fmt.Sprintf("On %s the accuracies run over %d methods and %s is best with %.1f%%, interval %.1f to %.1f. ", table, len(x), names[best], 100*y[best], 100*low[best], 100*high[best])
	}
	f.Alt += "Most intervals overlap."
	return f
}

// PosteriorConfig describes the comparison of the two laws over functions of one variable: the
// Gaussian-process posterior of the NNGP kernel, and the law of trained networks (Ensemble). The
// zero value is five points of a sine.
type PosteriorConfig struct {
	Depth      int        // 0 means 2
	Activation Activation // nil means ReLU
	X, Y       []float64  // training points; nil means sin 3x at five places
	Noise      float64    // relative ridge of the NNGP posterior; 0 means 1e-6
	Points     int        // 0 means 121
	Low, High  float64    // range of the picture; both 0 means [-1.5, 1.5]
}

// Posterior holds both laws: mean and standard deviation at each place.
type Posterior struct {
	At             []float64
	X, Y           []float64
	NNGPMean, NNGP []float64
	NTKMean, NTK   []float64
	Kernel         string
}

// RunPosterior computes them. Inputs x are mapped to (x, 1), so that the networks have a bias.
func RunPosterior(ctx context.Context, cfg PosteriorConfig) (*Posterior, error) {
	if cfg.Depth == 0 {
		cfg.Depth = 2
	}
	if cfg.X == nil {
		cfg.X = []float64{-1, -.6, -.1, .5, .9}
		cfg.Y = nil
		for _, x := range cfg.X {
			cfg.Y = append(cfg.Y, math.Sin(3*x))
		}
	}
	if cfg.Noise == 0 {
		cfg.Noise = 1e-6
	}
	if cfg.Points == 0 {
		cfg.Points = 121
	}
	if cfg.Low == 0 && cfg.High == 0 {
		cfg.Low, cfg.High = -1.5, 1.5
	}
	if len(cfg.X) != len(cfg.Y) || len(cfg.X) == 0 || cfg.Points < 2 || !(cfg.Low < cfg.High) {
		return nil, fmt.Errorf("ntk.RunPosterior: %d inputs, %d labels, %d points on [%g, %g]: want as many labels as inputs, at least one, and two points or more",
			len(cfg.X), len(cfg.Y), cfg.Points, cfg.Low, cfg.High)
	}
	r := &Posterior{X: cfg.X, Y: cfg.Y}
	for i := range cfg.Points {
		r.At = append(r.At, cfg.Low+(cfg.High-cfg.Low)*float64(i)/float64(cfg.Points-1))
	}
	k := Kernel{Depth: cfg.Depth, Activation: cfg.Activation, Bias: true, BiasValue: 1}
	r.Kernel = k.String()
	x, z := mat.NewDense(len(cfg.X), 1, append([]float64(nil), cfg.X...)), mat.NewDense(cfg.Points, 1, append([]float64(nil), r.At...))
	prior := k
	prior.NNGP = true
	g, err := Regress(ctx, prior, x, mat.NewDense(len(cfg.Y), 1, append([]float64(nil), cfg.Y...)), cfg.Noise)
	if err != nil {
		return nil, fmt.Errorf("ntk.RunPosterior: %w", err)
	}
	mean, variance, err := g.Posterior(z)
	if err != nil {
		return nil, fmt.Errorf("ntk.RunPosterior: %w", err)
	}
	r.NNGPMean = mat.Col(nil, 0, mean)
	for _, v := range variance {
		r.NNGP = append(r.NNGP, math.Sqrt(v))
	}
	mu, cov, err := Ensemble(ctx, k, x, cfg.Y, z, Converged{})
	if err != nil {
		return nil, fmt.Errorf("ntk.RunPosterior: %w", err)
	}
	r.NTKMean = mu
	for i := range mu {
		r.NTK = append(r.NTK, math.Sqrt(max(0, cov.At(i, i))))
	}
	return r, nil
}

// FigurePosterior draws both laws with bands of two standard deviations.
func FigurePosterior(r *Posterior) figure.Figure {
	panel := func(title string, series int, mean, sd []float64) figure.Panel {
		low, high := make([]float64, len(mean)), make([]float64, len(mean))
		for i := range mean {
			low[i], high[i] = mean[i]-2*sd[i], mean[i]+2*sd[i]
		}
		return figure.Panel{
			Title: title, X: figure.Axis{Label: "input x"}, Y: figure.Axis{Label: "output f(x)"},
			Layers: []figure.Layer{
				figure.Band("two standard deviations", series, r.At, low, high),
				figure.Line("mean", series, r.At, mean),
				figure.Points("training points", 2, r.X, r.Y, nil, nil),
			},
		}
	}
	last := len(r.At) - 1
	return figure.Figure{
		ID: "9.A1.posterior", Title: "Two kinds of certainty: a Gaussian process and an ensemble of trained nets",
		Alt: fmt.Sprintf("Two panels with five training points. Left the Gaussian-process posterior, right the law of infinitely wide trained networks. Both pass through the points without spread; at the right edge their standard deviations are %.2f and %.2f.",
			r.NNGP[last], r.NTK[last]),
		Caption: "Left: conditioning on the data. Right: all layers trained to the end from random initialisation; the spread is that of $f_0$ seen through training.",
		Panels: []figure.Panel{
			panel("NNGP posterior", 0, r.NNGPMean, r.NNGP),
			panel("Trained networks (NTK)", 1, r.NTKMean, r.NTK),
		},
	}
}
