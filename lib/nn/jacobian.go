package nn

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"
)

// Model is any scalar-valued network: it maps parameters and inputs x [n, d] to outputs [n, 1].
type Model func(params []*graph.Node, x *graph.Node) *graph.Node

// Jacobian returns ∂f(x_i)/∂w for each row of x by reverse-mode autodiff, one example at a time:
// out[i][k] is the gradient with respect to params[k], flattened. One graph is compiled and run n
// times; memory is n times the number of parameters. It is meant for checking the formulas that avoid
// it, and for small networks.
func Jacobian(ctx context.Context, b backends.Backend, f Model, params []*tensors.Tensor, x *mat.Dense) ([][][]float64, error) {
	e, err := NewExec(b, "jacobian", func(in []*graph.Node) []*graph.Node {
		p := in[1:]
		return graph.Gradient(graph.ReduceAllSum(f(p, in[0])), p...)
	})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	n, d := x.Dims()
	out := make([][][]float64, n)
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		args := append([]*tensors.Tensor{tensors.FromFlatDataAndDimensions(x.RawRowView(i), 1, d)}, params...)
		grads, err := e.Run(args...)
		if err != nil {
			return nil, fmt.Errorf("nn.Jacobian: example %d: %w", i, err)
		}
		for _, g := range grads {
			v, err := Values(g)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], v)
		}
	}
	return out, nil
}
