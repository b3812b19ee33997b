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

// deepDescent is full-batch gradient descent on ½‖u-y‖² over all layers of fully-connected networks of
// one shape, several steps in one call of the executable.
type deepDescent struct {
	net   nn.FullyConnected
	block int
	step  *nn.Exec
}

func newDeepDescent(b backends.Backend, net nn.FullyConnected, rows, every int) (*deepDescent, error) {
	if err := net.Validate(); err != nil {
		return nil, err
	}
	block := 1
	for k := 1; k <= 20; k++ {
		if every%k == 0 && float64(k)*6*float64(rows*net.Parameters()) <= 1e9 {
			block = k
		}
	}
	step, err := nn.NewExec(b, "gradient descent, all layers", func(in []*graph.Node) []*graph.Node {
		x, y, eta, w := in[0], in[1], in[2], append([]*graph.Node(nil), in[3:]...)
		var first *graph.Node
		for k := range block {
			t := net.Forward(x, w)
			if k == 0 {
				first = t.Output
			}
			grads := net.WeightGradients(t, net.Backward(w, t), graph.Sub(t.Output, y))
			for h, g := range grads {
				w[h] = graph.Sub(w[h], graph.Mul(g, eta))
			}
		}
		return append([]*graph.Node{first}, w...)
	})
	if err != nil {
		return nil, err
	}
	return &deepDescent{net, block, step}, nil
}

func (d *deepDescent) close() { d.step.Close() }

// run descends from the weights, which are left alone, and returns the outputs after 0, every,
// 2·every, ... steps with the final weights. The last outputs are those before the last block of steps
// ends, so steps/every+1 outputs need one block more than steps; it is not kept.
func (d *deepDescent) run(ctx context.Context, weights []*mat.Dense, x *mat.Dense, y []float64, eta float64, steps, every int) (u [][]float64, final []*mat.Dense, err error) {
	if steps < 0 || every < 1 || steps%every != 0 || every%d.block != 0 {
		return nil, nil, fmt.Errorf("finite: %d steps observed every %d, want a multiple", steps, every)
	}
	fixed := []*tensors.Tensor{nn.Tensor(x), nn.Column(y), nn.Scalar(eta)}
	defer free(fixed...)
	var w []*tensors.Tensor
	for _, m := range weights {
		w = append(w, nn.Tensor(m))
	}
	defer func() { free(w...) }()
	for k := 0; k <= steps; k += d.block {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		out, err := d.step.Run(append(append([]*tensors.Tensor(nil), fixed...), w...)...)
		if err != nil {
			return nil, nil, fmt.Errorf("finite: step %d: %w", k, err)
		}
		if k%every == 0 {
			v, err := nn.Values(out[0])
			if err != nil {
				return nil, nil, err
			}
			u = append(u, v)
		}
		free(out[0])
		if k == steps {
			free(out[1:]...)
			break
		}
		free(w...)
		w = out[1:]
	}
	for _, t := range w {
		m, err := nn.Dense(t)
		if err != nil {
			return nil, nil, err
		}
		final = append(final, m)
	}
	return u, final, nil
}
