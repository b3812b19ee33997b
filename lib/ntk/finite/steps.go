package finite

import (
	"context"
	"errors"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// StepsConfig describes gradient descent with steps η, η/2, η/4, ... to the same time t = kη (Remark
// 4): one network, tanh, first layer trained. The zero value is Quick, under a second: differences of
// successive outputs halve with η, and H(t) stays as close to H* as it started.
type StepsConfig struct {
	Width      int           // m; 0 means 256
	Train      int           // n; 0 means 20
	Time       float64       // t; 0 means 4
	First      float64       // η of the coarsest run as a fraction of 2/λ₁, beyond which descent diverges; 0 means 0.25
	Halvings   int           // 0 means 4: η, η/2, ..., η/16
	Activation nn.Activation // σ; empty means tanh
	Seed       uint64        // stream "init"
}

// StepsResult holds the runs, coarsest first.
type StepsResult struct {
	Config StepsConfig
	Eta    []float64   // η
	Steps  []int       // t/η
	U      [][]float64 // u(t)
	Drift  []float64   // ‖H(t)-H(0)‖/λ₁
	Limit  []float64   // ‖H(t)-H*‖/λ₁
	Kernel [][]float64 // H(t), n×n row-major
	Start  float64     // ‖H(0)-H*‖/λ₁
	Loss   []float64   // ‖u(t)-y‖²/n
}

// Difference is ‖u_{η_k}(t) - u_{η_{k+1}}(t)‖/√n.
func (r *StepsResult) Difference(k int) float64 { return rms(r.U[k], r.U[k+1]) }

// toFlow returns, for every run, the distance of one of its results to gradient flow's, which is taken
// from the two finest runs by Richardson's extrapolation 2v_{η/2}-v_η. With an error of first order it
// is halved with η. The ratio of the last two is 2 by construction.
func toFlow(v [][]float64) []float64 {
	fine, coarse := v[len(v)-1], v[len(v)-2]
	flow := make([]float64, len(fine))
	for i := range flow {
		flow[i] = 2*fine[i] - coarse[i]
	}
	out := make([]float64, len(v))
	for k := range v {
		out[k] = rms(v[k], flow)
	}
	return out
}

// RunSteps trains the network once for each step size.
func RunSteps(ctx context.Context, b backends.Backend, cfg StepsConfig) (*StepsResult, error) {
	setDefault(&cfg.Width, 256)
	setDefault(&cfg.Train, 20)
	setDefault(&cfg.Time, 4)
	setDefault(&cfg.First, 0.25)
	setDefault(&cfg.Halvings, 4)
	if cfg.Activation == "" {
		cfg.Activation = nn.Tanh
	}
	if !(cfg.Time > 0) || !(cfg.First > 0) || cfg.Halvings < 2 {
		return nil, errors.New("finite.RunSteps: want a positive time and first step and at least two halvings")
	}
	x, y, limit, err := pairKernel(ctx, cfg.Train, cfg.Activation)
	if err != nil {
		return nil, err
	}
	th, err := newTheory(limit, 1e-6)
	if err != nil {
		return nil, err
	}
	lambda := th.lambda[0]
	_, d := x.Dims()
	net := nn.TwoLayer{Inputs: d, Width: cfg.Width, Activation: cfg.Activation, Antisymmetric: true}
	p, err := net.Init(rng.Stream(cfg.Seed, "init"))
	if err != nil {
		return nil, err
	}
	scale := 1 / math.Sqrt(float64(cfg.Width))
	h0 := FirstLayerKernel(net, x, p, scale)
	res := &StepsResult{Config: cfg}
	if res.Start, err = distance(h0, limit); err != nil {
		return nil, err
	}
	res.Start /= lambda
	coarse := max(1, int(math.Round(cfg.Time/(cfg.First*2/lambda))))
	for k := 0; k <= cfg.Halvings; k++ {
		steps := coarse << k
		eta := cfg.Time / float64(steps)
		ds, err := newDescent(b, net, x, steps)
		if err != nil {
			return nil, err
		}
		t, err := ds.run(ctx, p, y, scale, eta, steps, steps, nil)
		ds.close()
		if err != nil {
			return nil, err
		}
		hT := FirstLayerKernel(net, x, &nn.TwoLayerParams{W: t.W, A: p.A}, scale)
		u := t.U[len(t.U)-1]
		drift, limitDistance := math.Inf(1), math.Inf(1) // a diverged run has no kernel
		if finiteSym(hT) {
			if drift, err = distance(hT, h0); err != nil {
				return nil, err
			}
			if limitDistance, err = distance(hT, limit); err != nil {
				return nil, err
			}
		}
		res.Eta, res.Steps, res.U = append(res.Eta, eta), append(res.Steps, steps), append(res.U, u)
		res.Drift, res.Limit = append(res.Drift, drift/lambda), append(res.Limit, limitDistance/lambda)
		res.Kernel = append(res.Kernel, flat(hT))
		res.Loss = append(res.Loss, math.Pow(rms(u, y), 2))
	}
	return res, nil
}

func finiteSym(h *mat.SymDense) bool {
	for _, v := range flat(h) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
