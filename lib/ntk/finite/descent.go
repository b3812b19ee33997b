package finite

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/mat"
)

// descent is full-batch gradient descent on ½‖u-y‖² over the first layer of two-layer networks of one
// shape. Several steps run in one call of the executable.
type descent struct {
	net      nn.TwoLayer
	x        *mat.Dense
	block    int      // steps an execution
	step     *nn.Exec // block steps
	evaluate *nn.Exec // outputs at any inputs
	xt       *tensors.Tensor
}

// newDescent compiles the steps. Outputs can be observed every `every` steps; the number of steps in
// one execution divides it and is kept small enough for cancellation within a fraction of a second.
func newDescent(b backends.Backend, net nn.TwoLayer, x *mat.Dense, every int) (*descent, error) {
	if err := net.Validate(); err != nil {
		return nil, err
	}
	if every < 1 {
		return nil, fmt.Errorf("finite: outputs wanted every %d steps, want at least 1", every)
	}
	n, d := x.Dims()
	block := 1
	for k := 1; k <= 20; k++ {
		if every%k == 0 && float64(k)*4*float64(n*d*net.Width) <= 1e9 {
			block = k
		}
	}
	// path accumulates Σ_k η·Σ_i|u_i-y_i|, the integral in the proof of Lemma 9.2.3.
	step, err := nn.NewExec(b, "gradient descent", func(in []*graph.Node) []*graph.Node {
		x, y, a, s, eta, w, path := in[0], in[1], in[2], in[3], in[4], in[5], in[6]
		var first *graph.Node
		for k := range block {
			z := net.PreActivations(x, w)          // [n, m]
			u := net.OutputFrom(z, a, s)           // [n, 1]
			r := graph.Sub(u, y)                   // [n, 1]
			g := net.WeightGradient(x, z, a, s, r) // [m, d]
			w = graph.Sub(w, graph.Mul(g, eta))
			path = graph.Add(path, graph.Mul(graph.ReduceAllSum(graph.Abs(r)), eta))
			if k == 0 {
				first = u
			}
		}
		return []*graph.Node{w, path, first}
	})
	if err != nil {
		return nil, err
	}
	evaluate, err := nn.NewExec(b, "outputs", func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{net.Output(in[0], in[1], in[2], in[3])}
	})
	if err != nil {
		step.Close()
		return nil, err
	}
	return &descent{net: net, x: x, block: block, step: step, evaluate: evaluate, xt: nn.Tensor(x)}, nil
}

func (d *descent) close() {
	d.step.Close()
	d.evaluate.Close()
	free(d.xt)
}

// track is one run of gradient descent.
type track struct {
	Steps []int       // 0, every, 2·every, ..., the last one
	U     [][]float64 // training outputs at those steps
	Path  []float64   // Σ η·Σ_i|u_i-y_i| up to those steps
	W     *mat.Dense  // first layer at the end
}

// run descends from p, which is left alone, for the given number of steps, a multiple of every.
// visit, if not nil, is called at each observed step with the weights there.
func (d *descent) run(ctx context.Context, p *nn.TwoLayerParams, y []float64, scale, eta float64, steps, every int, visit func(step int, u []float64, w *mat.Dense) error) (*track, error) {
	if steps < 0 || every < 1 || steps%every != 0 || every%d.block != 0 {
		return nil, fmt.Errorf("finite: %d steps observed every %d, want a multiple", steps, every)
	}
	yt, at, st, et := nn.Column(y), nn.Row(p.A), nn.Scalar(scale), nn.Scalar(eta)
	w, path := nn.Tensor(p.W), nn.Scalar(0)
	defer func() { free(yt, at, st, et, w, path) }()
	t := &track{}
	observe := func(k int, u []float64) error {
		so, err := nn.Values(path)
		if err != nil {
			return err
		}
		t.Steps, t.U, t.Path = append(t.Steps, k), append(t.U, u), append(t.Path, so[0])
		if visit == nil {
			return nil
		}
		now, err := nn.Dense(w)
		if err != nil {
			return err
		}
		return visit(k, u, now)
	}
	for k := 0; k < steps; k += d.block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out, err := d.step.Run(d.xt, yt, at, st, et, w, path)
		if err != nil {
			return nil, fmt.Errorf("finite: step %d: %w", k, err)
		}
		if k%every == 0 { // w and path are still those of step k
			u, err := nn.Values(out[2])
			if err != nil {
				return nil, err
			}
			if err := observe(k, u); err != nil {
				return nil, err
			}
		}
		free(w, path, out[2])
		w, path = out[0], out[1]
	}
	final, err := nn.Dense(w)
	if err != nil {
		return nil, err
	}
	t.W = final
	u, err := d.outputs(d.x, &nn.TwoLayerParams{W: final, A: p.A}, scale)
	if err != nil {
		return nil, err
	}
	return t, observe(steps, u)
}

// outputs returns f at the rows of x.
func (d *descent) outputs(x *mat.Dense, p *nn.TwoLayerParams, scale float64) ([]float64, error) {
	args := []*tensors.Tensor{nn.Tensor(x), nn.Tensor(p.W), nn.Row(p.A), nn.Scalar(scale)}
	defer free(args...)
	out, err := d.evaluate.Run(args...)
	if err != nil {
		return nil, err
	}
	defer free(out...)
	return nn.Values(out[0])
}
