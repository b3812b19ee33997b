package deepnet

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// checkObjective compares, matrix by matrix, the mean over all masks of the gradient of the masked loss
// with the gradient of loss plus penalty, both by autodiff, and the values with the host's.
func checkObjective(v objectiveVariant) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, p, units = 6, .3, 6
		widths := []int{4, 6, units, 3}
		net, err := NewNet(rng.Stream(env.Seed, "net"), nn.Tanh, widths...)
		if err != nil {
			return nil, err
		}
		x, y := inputs(env.Seed, n, widths[0]), targets(env.Seed, n, 3)
		lambda, err := dropout.Lambda(p)
		if err != nil {
			return nil, err
		}
		layers := len(net.Weights)
		build := func(name string, loss func(w []*graph.Node, x, y, u *graph.Node) *graph.Node) (*nn.Exec, error) {
			return nn.NewExec(env.Backend, name, func(in []*graph.Node) []*graph.Node {
				w := in[:layers]
				l := loss(w, in[layers], in[layers+1], in[layers+2])
				return append([]*graph.Node{l}, graph.Gradient(l, w...)...)
			})
		}
		squared := func(a, top, y *graph.Node) *graph.Node {
			return graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(y, output(a, top)))), 1./n)
		}
		keep := func(_ int, a *graph.Node) *graph.Node { return a }
		dropped := layers - 1
		if v.below {
			dropped--
		}
		masked, err := build("masked", func(w []*graph.Node, x, y, u *graph.Node) *graph.Node {
			a := forward(net.sigma(), w, x, func(h int, a *graph.Node) *graph.Node {
				if h == dropped {
					return dropout.Layer{Rate: p}.Forward(a, u)
				}
				return a
			})
			return squared(a, w[layers-1], y)
		})
		if err != nil {
			return nil, err
		}
		defer masked.Close()
		closed, err := build("closed", func(w []*graph.Node, x, y, u *graph.Node) *graph.Node {
			a := forward(net.sigma(), w, x, keep)
			l := squared(a, w[layers-1], y)
			if v.topOnly {
				a = graph.StopGradient(a)
			}
			penalty := dropout.Regularizer(dropout.Squared, lambda, a, w[layers-1], nil)
			if v.noPenalty {
				penalty = graph.StopGradient(penalty)
			}
			return graph.Add(graph.Add(l, penalty), graph.MulScalar(graph.ReduceAllSum(u), 0)) // u keeps the inputs of both alike
		})
		if err != nil {
			return nil, err
		}
		defer closed.Close()
		run := func(e *nn.Exec, mask []float64) ([][]float64, error) {
			var in []*tensors.Tensor
			for _, w := range net.Weights {
				in = append(in, nn.Tensor(w))
			}
			u := make([]float64, 0, n*units)
			for range n {
				for _, m := range mask {
					if m == 0 {
						u = append(u, p/2)
					} else {
						u = append(u, (1+p)/2)
					}
				}
			}
			in = append(in, nn.Tensor(x), nn.Tensor(y), tensors.FromFlatDataAndDimensions(u, n, units))
			out, err := e.Run(in...)
			free(in)
			if err != nil {
				return nil, err
			}
			defer free(out)
			values := make([][]float64, len(out))
			for i, o := range out {
				if values[i], err = nn.Values(o); err != nil {
					return nil, err
				}
			}
			return values, nil
		}
		want, err := run(closed, make([]float64, units))
		if err != nil {
			return nil, err
		}
		mean := make([][]float64, len(want))
		for i := range want {
			mean[i] = make([]float64, len(want[i]))
		}
		masks, err := dropout.Enumerate(p, units)
		if err != nil {
			return nil, err
		}
		for mask, q := range masks {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			got, err := run(masked, mask)
			if err != nil {
				return nil, err
			}
			for i := range got {
				floats.AddScaled(mean[i], q, got[i])
			}
		}
		f := &claim.Finding{}
		for h := range layers {
			scale := floats.Norm(want[h+1], 2)
			f.Add(claim.Equals(fmt.Sprintf("W_%d: distance of the mean gradient over 64 masks to that of loss plus penalty", h+1), 0,
				floats.Distance(want[h+1], mean[h+1], 2), claim.Rounding(scale, 400)))
		}
		host, err := net.Head(x, y).Exact(ctx, p)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("mean loss over masks by the graph against the host's", host, mean[0][0], claim.Rounding(host, 400)))
		return f, nil
	}
}
