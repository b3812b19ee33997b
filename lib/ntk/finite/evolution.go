package finite

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/mat"
)

// EvolutionConfig describes the test of Lemma 9.1.1: train for a while, take one tiny step of gradient
// descent, and compare the change of the outputs with -H(t)(u-y). The zero value is Quick, under a
// second: the relative error is below 1e-5 at η = 1e-5 and proportional to η for smooth networks, and
// rounding for a ReLU network whose step flips no gate.
type EvolutionConfig struct {
	Train        int       // n digits 3 and 8; 0 means 20
	Width        int       // m of the two-layer networks; 0 means 64
	Deep         []int     // widths of the deep network; nil means 16, 12
	LearningRate float64   // of the steps before; 0 means 0.02
	Steps        int       // before the tiny step; 0 means 30
	Tiny         []float64 // the tiny steps; nil means 4e-5, 2e-5, 1e-5, 5e-6
	Seed         uint64    // streams "init/<case>" derive from it
}

func (c EvolutionConfig) withDefaults() EvolutionConfig {
	setDefault(&c.Train, 20)
	setDefault(&c.Width, 64)
	if c.Deep == nil {
		c.Deep = []int{16, 12}
	}
	setDefault(&c.LearningRate, 0.02)
	setDefault(&c.Steps, 30)
	if c.Tiny == nil {
		c.Tiny = []float64{4e-5, 2e-5, 1e-5, 5e-6}
	}
	return c
}

// EvolutionCase is one network. Vectors have n entries, matrices n×n row-major.
type EvolutionCase struct {
	Name     string
	Smooth   bool        // σ is differentiable: the error is of first order in the step
	Residual []float64   // u(t)-y before the tiny step
	H        []float64   // H(t), from formulas
	H0       []float64   // H(0)
	Gram     []float64   // x_iᵀx_j
	Change   [][]float64 // by tiny step: (u(w-η∇ℓ)-u(w))/η, all in the graph
	Flips    []int       // gates that the tiny step flips
	Coarse   []FlipStep  // larger steps of a network with kinks
	Gradient float64     // largest difference of the autodiff gradient and the formula, relative to the largest entry
	Jacobian float64     // largest entry of |J·Jᵀ - H(t)| relative to λ₁: autodiff, one example at a time, against the formula
	MinEigen float64     // smallest eigenvalue of H(t)
	MaxEigen float64
}

// FlipStep is a step large enough to flip gates: its relative error against -H(t)(u-y).
type FlipStep struct {
	Eta   float64
	Flips int
	Error float64
}

// EvolutionResult holds the cases.
type EvolutionResult struct {
	Config EvolutionConfig
	Cases  []EvolutionCase
}

// Predicted returns -H·r for an n×n row-major matrix.
func (c *EvolutionCase) Predicted(h []float64) []float64 {
	n := len(c.Residual)
	out := make([]float64, n)
	for i := range out {
		for j, r := range c.Residual {
			out[i] -= h[i*n+j] * r
		}
	}
	return out
}

// RelativeError is ‖change - predicted‖/‖predicted‖ at tiny step k.
func (c *EvolutionCase) RelativeError(k int, predicted []float64) float64 {
	return rms(c.Change[k], predicted) / rms(predicted, nil)
}

// RunEvolution runs four networks: two-layer tanh and ReLU with the first layer trained, tanh with
// both layers trained, and a deep tanh network with all layers trained.
func RunEvolution(ctx context.Context, b backends.Backend, cfg EvolutionConfig) (*EvolutionResult, error) {
	cfg = cfg.withDefaults()
	for _, eta := range cfg.Tiny {
		if !(eta > 0) {
			return nil, fmt.Errorf("finite.RunEvolution: tiny step %g, want > 0", eta)
		}
	}
	if cfg.Steps < 0 || cfg.Width < 1 {
		return nil, errors.New("finite.RunEvolution: negative steps or no neurons")
	}
	x, y, _, _, err := digitPair(cfg.Train)
	if err != nil {
		return nil, err
	}
	res := &EvolutionResult{Config: cfg}
	for _, s := range []struct {
		name string
		make func(name string) (*subject, error)
	}{
		{"tanh, first layer", func(n string) (*subject, error) { return twoLayerSubject(n, cfg, nn.Tanh, x, false) }},
		{"relu, first layer", func(n string) (*subject, error) { return twoLayerSubject(n, cfg, nn.ReLU, x, false) }},
		{"tanh, both layers", func(n string) (*subject, error) { return twoLayerSubject(n, cfg, nn.Tanh, x, true) }},
		{fmt.Sprintf("tanh, widths %v, all layers", cfg.Deep), func(n string) (*subject, error) { return deepSubject(n, b, cfg, x) }},
	} {
		sub, err := s.make(s.name)
		if err != nil {
			return nil, err
		}
		c, err := evolve(ctx, b, sub, cfg, x, y)
		if err != nil {
			return nil, fmt.Errorf("finite.RunEvolution: %s: %w", s.name, err)
		}
		res.Cases = append(res.Cases, *c)
	}
	return res, nil
}

func evolve(ctx context.Context, b backends.Backend, s *subject, cfg EvolutionConfig, x *mat.Dense, y []float64) (*EvolutionCase, error) {
	// One step by autodiff: u before, u after, gradients, parameters after.
	exec, err := nn.NewExec(b, s.name, func(in []*graph.Node) []*graph.Node {
		x, y, eta, p := in[0], in[1], in[2], in[3:]
		u := s.model(p, x)
		loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(u, y))), 0.5)
		grads := graph.Gradient(loss, p[:s.trained]...)
		next := append([]*graph.Node(nil), p...)
		for k, g := range grads {
			next[k] = graph.Sub(p[k], graph.Mul(g, eta))
		}
		out := append([]*graph.Node{u, s.model(next, x)}, grads...)
		return append(out, next[:s.trained]...)
	})
	if err != nil {
		return nil, err
	}
	defer exec.Close()
	step := func(p []*mat.Dense, eta float64) (u, after, grad []float64, next []*mat.Dense, err error) {
		args := []*tensors.Tensor{nn.Tensor(x), nn.Column(y), nn.Scalar(eta)}
		for _, m := range p {
			args = append(args, nn.Tensor(m))
		}
		out, err := exec.Run(args...)
		if err != nil {
			return nil, nil, nil, nil, err
		}
		defer free(append(args, out...)...)
		var vals [][]float64
		for _, t := range out {
			v, err := nn.Values(t)
			if err != nil {
				return nil, nil, nil, nil, err
			}
			vals = append(vals, v)
		}
		next = append([]*mat.Dense(nil), p...)
		for k := range s.trained {
			grad = append(grad, vals[2+k]...)
			r, c := p[k].Dims()
			next[k] = mat.NewDense(r, c, vals[2+s.trained+k])
		}
		return vals[0], vals[1], grad, next, nil
	}

	c := &EvolutionCase{Name: s.name, Smooth: s.smooth}
	h0, err := s.kernel(s.params)
	if err != nil {
		return nil, err
	}
	p := s.params
	for range cfg.Steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, _, _, p, err = step(p, cfg.LearningRate); err != nil {
			return nil, err
		}
	}
	h, err := s.kernel(p)
	if err != nil {
		return nil, err
	}
	for _, eta := range cfg.Tiny {
		u, after, grad, next, err := step(p, eta)
		if err != nil {
			return nil, err
		}
		change := make([]float64, len(u))
		c.Residual = make([]float64, len(u))
		for i := range u {
			change[i] = (after[i] - u[i]) / eta
			c.Residual[i] = u[i] - y[i]
		}
		c.Change = append(c.Change, change)
		c.Flips = append(c.Flips, s.flipped(p, next))
		formula, err := s.grad(p, c.Residual)
		if err != nil {
			return nil, err
		}
		c.Gradient = largest(grad, formula) / largest(formula, nil)
	}
	c.H, c.H0 = flat(h), flat(h0)
	for _, eta := range []float64{4e-3, 2e-3, 1e-3, 5e-4} {
		if s.gates == nil {
			break
		}
		u, after, _, next, err := step(p, eta)
		if err != nil {
			return nil, err
		}
		for i := range u {
			after[i] = (after[i] - u[i]) / eta
		}
		c.Coarse = append(c.Coarse, FlipStep{eta, s.flipped(p, next), rms(after, c.Predicted(c.H)) / rms(c.Predicted(c.H), nil)})
	}
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	c.Gram = flat(&gram)
	lambda, err := linalg.EigenvaluesSym(h)
	if err != nil {
		return nil, err
	}
	c.MaxEigen, c.MinEigen = lambda[0], lambda[len(lambda)-1]
	params := make([]*tensors.Tensor, len(p))
	trained := make([]int, s.trained)
	for k := range p {
		params[k] = nn.Tensor(p[k])
	}
	for k := range trained {
		trained[k] = k
	}
	jjt, err := JacobianKernel(ctx, b, s.model, params, x, trained...)
	if err != nil {
		return nil, err
	}
	c.Jacobian = largest(flat(jjt), c.H) / c.MaxEigen
	return c, nil
}
