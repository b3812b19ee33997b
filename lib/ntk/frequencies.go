package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// FrequencyConfig describes learning a sum of cosines on the circle under the kernel H*: each
// frequency at its own rate, odd ones from 3 on never, unless there is a bias. The zero value takes
// about 0.2 s.
type FrequencyConfig struct {
	Frequencies []int // of the target Σ cos kθ; nil means 1, 2, 3, 4, 8
	Points      int   // evenly spaced training inputs; 0 means 64, at least twice the largest frequency + 1
	Steps       int   // gradient descent steps of η = 0.05/λ_1; 0 means 20000
	Bias        bool  // inputs (x, 1)/√2
}

// Frequencies is the result. Left[k][j] is the amplitude of frequency k in the residual after the
// time Time[j], measured on a run of gradient descent; Theory[k] holds the rates nλ_k, so that
// e^{-nλ_k t} is what gradient flow leaves.
type Frequencies struct {
	Config FrequencyConfig
	Time   []float64
	Left   [][]float64
	Theory []float64
}

// RunFrequencies runs gradient descent in function space, u ← u - ηH(u - y), and takes the residual
// apart by projection: no eigenvalue enters the measured part.
func RunFrequencies(ctx context.Context, cfg FrequencyConfig) (*Frequencies, error) {
	const fn = "ntk.RunFrequencies"
	if cfg.Frequencies == nil {
		cfg.Frequencies = []int{1, 2, 3, 4, 8}
	}
	if cfg.Points == 0 {
		cfg.Points = 64
	}
	if cfg.Steps == 0 {
		cfg.Steps = 20000
	}
	highest := 0
	for _, k := range cfg.Frequencies {
		if k < 1 {
			return nil, fmt.Errorf("%s: frequency %d, want >= 1", fn, k)
		}
		highest = max(highest, k)
	}
	if cfg.Points <= 2*highest || cfg.Steps < 1 {
		return nil, fmt.Errorf("%s: %d points for frequencies up to %d and %d steps, want more than twice as many points, and a step", fn, cfg.Points, highest, cfg.Steps)
	}
	kernel := TwoLayer(nil)
	if cfg.Bias {
		kernel.Bias, kernel.BiasValue, kernel.InputScale = true, 1, 1/math.Sqrt2
	}
	n := cfg.Points
	h, err := kernel.GramContext(ctx, Circle(n))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s, err := NewSpectrum(h)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	lambda, err := CircleSpectrum(kernel, highest, max(4096, 4*highest))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := &Frequencies{Config: cfg, Left: make([][]float64, len(cfg.Frequencies))}
	waves := make([][]float64, len(cfg.Frequencies))
	residual := make([]float64, n)
	for c, k := range cfg.Frequencies {
		r.Theory = append(r.Theory, float64(n)*lambda[k])
		waves[c] = make([]float64, n)
		for i := range n {
			waves[c][i] = math.Cos(2 * math.Pi * float64(k*i%n) / float64(n))
		}
		floats.Add(residual, waves[c])
	}
	eta := .05 / s.Values[0] // close to gradient flow even in the top direction
	next := 1.0              // steps are looked at when their number has grown by a sixth
	g := mat.NewVecDense(n, nil)
	for step := 1; step <= cfg.Steps; step++ {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		g.MulVec(h, mat.NewVecDense(n, residual))
		floats.AddScaled(residual, -eta, g.RawVector().Data)
		if float64(step) < next && step != cfg.Steps {
			continue
		}
		next = float64(step) * 7 / 6
		r.Time = append(r.Time, eta*float64(step))
		for c := range waves {
			r.Left[c] = append(r.Left[c], 2*floats.Dot(waves[c], residual)/float64(n))
		}
	}
	return r, nil
}

// FigureFrequencies draws what is left of each frequency against time.
func FigureFrequencies(r *Frequencies) figure.Figure {
	p := figure.Panel{
		X: figure.Axis{Label: "time t = η·steps", Scale: figure.Log},
		Y: figure.Axis{Label: "share of the frequency not yet learned"}.Range(-.03, 1.05),
	}
	last := len(r.Time) - 1
	fine := LogSpace(r.Time[0], r.Time[last], 121)
	alt := "What is left of each frequency of the target against training time."
	for c, k := range r.Config.Frequencies {
		theory := make([]float64, len(fine))
		for i, t := range fine {
			theory[i] = math.Exp(-r.Theory[c] * t)
		}
		p.Layers = append(p.Layers, figure.Line(fmt.Sprintf("k = %d", k), c, fine, theory), figure.Points("", c, r.Time, r.Left[c], nil, nil))
		alt += fmt.Sprintf(" k = %d: %.2f at the end.", k, math.Abs(r.Left[c][last]))
	}
	f := figure.Figure{
		ID: "9.D1.frequencies", Title: "Low frequencies first; odd ones from 3 on never", Alt: alt,
		Caption: fmt.Sprintf("Target $\\sum_k\\cos k\\theta$ at %d points of the circle. Lines: $e^{-n\\lambda_kt}$. Points: gradient descent.", r.Config.Points),
		Panels:  []figure.Panel{p},
	}
	if r.Config.Bias {
		f.ID, f.Title = f.ID+".bias", "With a bias every frequency is learned, low ones first"
	}
	return f
}
