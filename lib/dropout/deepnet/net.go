package deepnet

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Net is a network of section 11.2 on the host, f_w(x) = W_k σ(W_{k-1} ⋯ σ(W_1 x)), without biases.
type Net struct {
	Weights    []*mat.Dense  // W_1, ..., W_k, W_h of d_h×d_{h-1}
	Activation nn.Activation // σ; empty means ReLU
}

// NewNet draws a network of the widths d_0, ..., d_k with entries N(0, 2/d_{h-1}) below and N(0, 1/d_{k-1})
// on top, which keeps the size of ReLU activations.
func NewNet(r *rand.Rand, a nn.Activation, widths ...int) (Net, error) {
	if len(widths) < 2 || slices.Min(widths) < 1 {
		return Net{}, fmt.Errorf("deepnet.NewNet: widths %v, want at least two, all at least 1", widths)
	}
	n := Net{Activation: a}
	for h := 1; h < len(widths); h++ {
		in := widths[h-1]
		sd := math.Sqrt(2 / float64(in))
		if h == len(widths)-1 {
			sd = math.Sqrt(1 / float64(in))
		}
		v := rng.Normals(r, widths[h]*in)
		for i := range v {
			v[i] *= sd
		}
		n.Weights = append(n.Weights, mat.NewDense(widths[h], in, v))
	}
	return n, n.Validate()
}

// Validate reports every fault: no hidden layer is one, for there is nothing to drop.
func (n Net) Validate() error {
	var errs []error
	if len(n.Weights) < 2 {
		errs = append(errs, fmt.Errorf("deepnet.Net: %d weight matrices, want at least two", len(n.Weights)))
	}
	for h := 1; h < len(n.Weights); h++ {
		below, _ := n.Weights[h-1].Dims()
		if r, c := n.Weights[h].Dims(); c != below {
			errs = append(errs, fmt.Errorf("deepnet.Net: W_%d is %d×%d, want %d columns", h+1, r, c, below))
		}
	}
	return errors.Join(append(errs, n.sigma().Validate())...)
}

func (n Net) sigma() nn.Activation {
	if n.Activation == "" {
		return nn.ReLU
	}
	return n.Activation
}

// Layer returns the activations of hidden layer h = 1, ..., k-1 on the rows of x, n×d_h.
func (n Net) Layer(h int, x mat.Matrix) *mat.Dense {
	a := mat.DenseCopyOf(x)
	for _, w := range n.Weights[:h] {
		next := new(mat.Dense)
		next.Mul(a, w.T())
		next.Apply(func(_, _ int, v float64) float64 { return n.sigma().Value(v) }, next)
		a = next
	}
	return a
}

// Features returns a_{k-1}(x), the activations of the top hidden layer on the rows of x.
func (n Net) Features(x mat.Matrix) *mat.Dense { return n.Layer(len(n.Weights)-1, x) }

// Top returns W_k.
func (n Net) Top() *mat.Dense { return n.Weights[len(n.Weights)-1] }

// Output returns f_w on the rows of x, n×d_k.
func (n Net) Output(x mat.Matrix) *mat.Dense {
	out := new(mat.Dense)
	out.Mul(n.Features(x), n.Top().T())
	return out
}

// Head returns the top layer with its inputs, on which the three evaluators of the objective with
// dropout work, Eq. (11.8). A network without fault and targets of n rows are the caller's part;
// Head's methods say if they are not.
func (n Net) Head(x, y *mat.Dense) dropout.Head {
	return dropout.Head{Features: n.Features(x), Weights: n.Top(), Targets: y}
}

// Penalty returns λ Σ_j ‖W_k(:,j)‖² â_j² for squared loss, â_j² the mean of a_{j,k-1}(x_i)² over the rows
// of x (Proposition 11.2.1; λ is inside, as in section 11.2). It takes any activation and depth.
func (n Net) Penalty(lambda float64, x *mat.Dense) (float64, error) {
	if err := n.Validate(); err != nil {
		return 0, err
	}
	rows, d := x.Dims()
	if _, c := n.Weights[0].Dims(); c != d {
		return 0, fmt.Errorf("deepnet.Net.Penalty: inputs with %d columns, want %d", d, c)
	}
	k, _ := n.Top().Dims()
	return n.Head(x, mat.NewDense(rows, k, nil)).Penalty(lambda)
}

// forward is the network as a graph: features [n, d_{k-1}] of inputs [n, d_0], with drop applied to each
// hidden layer.
func forward(a nn.Activation, w []*graph.Node, x *graph.Node, drop func(h int, a *graph.Node) *graph.Node) (features *graph.Node) {
	for h, m := range w[:len(w)-1] {
		x = drop(h+1, a.Apply(graph.DotGeneral(x, []int{1}, nil, m, []int{1}, nil)))
	}
	return x
}

// output is W_k on features, [n, d_k].
func output(features, top *graph.Node) *graph.Node {
	return graph.DotGeneral(features, []int{1}, nil, top, []int{1}, nil)
}
