package deepnet

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Method is what stochastic gradient descent on the squared loss is given beside the examples.
type Method struct {
	Rate    float64 // p of dropout; 0 means none
	Layers  []int   // hidden layers with masks, from 1; nil means the top one alone
	Penalty bool    // the penalty of Proposition 11.2.1 on each minibatch in place of masks on the top layer
	L1, L2  float64 // added to the loss: L1·Σ|w| + L2·Σw² over all weights
}

// Name says the method in words.
func (m Method) Name() string {
	switch {
	case m.L1 > 0:
		return fmt.Sprintf("l1 penalty %g", m.L1)
	case m.L2 > 0:
		return fmt.Sprintf("l2 penalty %g", m.L2)
	case m.Rate == 0:
		return "plain"
	case m.Penalty:
		return fmt.Sprintf("explicit penalty, p = %g", m.Rate)
	case m.Layers != nil:
		return fmt.Sprintf("dropout in layers %v, p = %g", m.Layers, m.Rate)
	}
	return fmt.Sprintf("dropout, p = %g", m.Rate)
}

// trainer runs one method on one data set: an epoch is one execution of a graph.
type trainer struct {
	method  Method
	layer   dropout.Layer
	net     Net // present weights
	x, y    *mat.Dense
	batch   int
	step    float64
	dropped []int // hidden layers with masks

	order, masks *rand.Rand
	exec         *nn.Exec
}

// newTrainer compiles the epoch of a method. All methods of one seed start at the same weights and see
// the same batches. Close it when done.
func newTrainer(b backends.Backend, m Method, net Net, x, y *mat.Dense, batch int, step float64, seed uint64) (*trainer, error) {
	n, _ := x.Dims()
	if batch < 1 || n%batch != 0 {
		return nil, fmt.Errorf("deepnet: %d examples in batches of %d, want a divisor", n, batch)
	}
	lambda, err := dropout.Lambda(m.Rate)
	if err != nil {
		return nil, err
	}
	t := &trainer{method: m, layer: dropout.Layer{Rate: m.Rate}, x: x, y: y, batch: batch, step: step,
		order: rng.Stream(seed, "order"), masks: rng.Stream(seed, fmt.Sprintf("masks/%g/%v", m.Rate, m.Layers)),
		net: Net{Activation: net.sigma()}}
	for _, w := range net.Weights {
		t.net.Weights = append(t.net.Weights, mat.DenseCopyOf(w))
	}
	top := len(net.Weights) - 1
	if m.Rate > 0 && !m.Penalty {
		if t.dropped = m.Layers; t.dropped == nil {
			t.dropped = []int{top}
		}
	}
	for _, h := range t.dropped {
		if h < 1 || h > top {
			return nil, fmt.Errorf("deepnet: dropout in layer %d, want 1 to %d", h, top)
		}
	}
	layers := len(net.Weights)
	t.exec, err = nn.NewExec(b, "epoch of "+m.Name(), func(in []*graph.Node) []*graph.Node {
		w, xs, ys, draws := append([]*graph.Node(nil), in[:layers]...), in[layers], in[layers+1], in[layers+2:]
		for k := range n / batch {
			part := func(v *graph.Node) *graph.Node { return graph.Slice(v, graph.AxisRange(k*batch, (k+1)*batch)) }
			a := forward(t.net.sigma(), w, part(xs), func(h int, a *graph.Node) *graph.Node {
				for i, d := range t.dropped {
					if d == h {
						a = t.layer.Forward(a, part(draws[i]))
					}
				}
				return a
			})
			residual := graph.Sub(part(ys), output(a, w[top]))
			loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(residual)), 1/float64(batch))
			if m.Penalty {
				loss = graph.Add(loss, dropout.Regularizer(dropout.Squared, lambda, a, w[top], nil))
			}
			for _, v := range w {
				if m.L1 > 0 {
					loss = graph.Add(loss, graph.MulScalar(graph.ReduceAllSum(graph.Abs(v)), m.L1))
				}
				if m.L2 > 0 {
					loss = graph.Add(loss, graph.MulScalar(graph.ReduceAllSum(graph.Square(v)), m.L2))
				}
			}
			for h, g := range graph.Gradient(loss, w...) {
				w[h] = graph.Sub(w[h], graph.MulScalar(g, step))
			}
		}
		return w
	})
	return t, err
}

func (t *trainer) close() { t.exec.Close() }

// epoch visits every example once, in a new order.
func (t *trainer) epoch(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n, d := t.x.Dims()
	_, k := t.y.Dims()
	xs, ys := make([]float64, 0, n*d), make([]float64, 0, n*k)
	for _, i := range t.order.Perm(n) {
		xs, ys = append(xs, t.x.RawRowView(i)...), append(ys, t.y.RawRowView(i)...)
	}
	var in []*tensors.Tensor
	for _, w := range t.net.Weights {
		in = append(in, nn.Tensor(w))
	}
	in = append(in, tensors.FromFlatDataAndDimensions(xs, n, d), tensors.FromFlatDataAndDimensions(ys, n, k))
	for _, h := range t.dropped {
		width, _ := t.net.Weights[h-1].Dims()
		u, err := t.layer.Draw(t.masks, n, width)
		if err != nil {
			return err
		}
		in = append(in, u)
	}
	out, err := t.exec.Run(in...)
	free(in)
	if err != nil {
		return err
	}
	defer free(out)
	for h, o := range out {
		if t.net.Weights[h], err = nn.Dense(o); err != nil {
			return err
		}
	}
	if v := t.net.Top().At(0, 0); math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("deepnet: %s diverged at step size %g", t.method.Name(), t.step)
	}
	return nil
}

func free(ts []*tensors.Tensor) {
	for _, t := range ts {
		_ = t.FinalizeAll() // what cannot be released now is left to the garbage collector
	}
}
