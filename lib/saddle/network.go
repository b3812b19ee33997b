package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// AuditConfig is a network that learns another of the same size from a start at which its neurons are equal;
// the zero value runs: 3 ReLU neurons, η = 0.1, 3000 steps, a look at the curvature every 50.
type AuditConfig struct {
	Neurons int     // of the network and of its teacher, whose weights are orthonormal
	Noise   float64 // r of PGD-I; 0 means gradient descent
	Eta     float64
	Steps   int
	Every   int // steps between two looks at the curvature
	Seed    uint64
}

// Audit is a run with its lowest curvature.
type Audit struct {
	Step      []int     // of each look
	Loss      []float64 // there
	Gradient  []float64 // ‖∇f‖
	Curvature []float64 // λ_min(∇²f), by all eigenvalues or Lanczos steps with a residual of 1e-8 of the largest
	Symmetric float64   // largest distance between two neurons at the end
}

// RunAudit trains on the exact loss over Gaussian inputs, landscape.Neurons. A start with equal neurons stays
// so under gradient descent: it ends on a saddle.
func RunAudit(ctx context.Context, cfg AuditConfig) (*Audit, error) {
	const fn = "saddle.RunAudit"
	if cfg.Neurons == 0 {
		cfg.Neurons = 3
	}
	if cfg.Eta == 0 {
		cfg.Eta = .1
	}
	if cfg.Steps == 0 {
		cfg.Steps = 3000
	}
	if cfg.Every == 0 {
		cfg.Every = 50
	}
	k := cfg.Neurons
	if k < 2 || k > 20 || !(cfg.Noise >= 0) || cfg.Every < 1 {
		return nil, fmt.Errorf("%s: %d neurons, noise %g, a look every %d steps, want 2 to 20, not negative, at least 1", fn, k, cfg.Noise, cfg.Every)
	}
	teacher := mat.NewDense(k, k, nil)
	for i := range k {
		teacher.Set(i, i, 1)
	}
	net, err := landscape.NewNeurons(teacher, k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	o := net.Objective()
	one := rng.Normals(rng.Stream(cfg.Seed, "saddle/audit"), k)
	var x0 []float64
	for range k {
		x0 = append(x0, one...)
	}
	opt := Options{Eta: cfg.Eta, Steps: cfg.Steps, Keep: true, Seed: cfg.Seed}
	var res *Result
	if cfg.Noise > 0 {
		res, err = PGD1(ctx, o, x0, cfg.Noise, opt)
	} else {
		res, err = GD(ctx, o, x0, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	a := &Audit{}
	for t := 0; t < len(res.Path); t += cfg.Every {
		c, err := landscape.Certify(ctx, o, res.Path[t])
		if err != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, t, err)
		}
		a.Step, a.Loss = append(a.Step, t), append(a.Loss, res.Values[t])
		a.Gradient, a.Curvature = append(a.Gradient, c.Gradient), append(a.Curvature, c.Curvature)
	}
	for i := range k {
		for j := range i {
			s := 0.0
			for m := range k {
				d := res.Last[i*k+m] - res.Last[j*k+m]
				s += d * d
			}
			a.Symmetric = max(a.Symmetric, math.Sqrt(s))
		}
	}
	return a, nil
}

// figureAudit draws loss and lowest curvature of a run without noise and one with.
func figureAudit(gd, pgd *Audit) figure.Figure {
	left := figure.Panel{X: figure.Axis{Label: "step"}, Y: figure.Axis{Label: "loss", Scale: figure.Log}}
	right := figure.Panel{X: figure.Axis{Label: "step"}, Y: figure.Axis{Label: "lowest curvature"}}
	for i, a := range []*Audit{gd, pgd} {
		var x, loss []float64
		for k, t := range a.Step {
			x, loss = append(x, float64(t)), append(loss, max(a.Loss[k], 1e-16))
		}
		name := []string{"gradient descent", "PGD-I"}[i]
		left.Layers = append(left.Layers, figure.Line(name, i, x, loss).As(figure.Measured))
		right.Layers = append(right.Layers, figure.Line(name, i, x, a.Curvature).As(figure.Measured))
	}
	right.Layers = append(right.Layers, figure.HRule("", 0))
	return figure.Figure{
		ID: "7.+/network", Title: "The saddle of equal neurons",
		Alt:     "Left: the loss of gradient descent stays level, with noise it falls to 0 after a while. Right: the lowest curvature stays negative without noise and turns positive with it.",
		Caption: "Three ReLU neurons learn three others from a start at which they are equal. Rounding does not part them: their gradients are equal to the last bit.",
		Panels:  []figure.Panel{left, right},
	}
}
