package nn

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/lemma-ml/lemma/lib/rng"
	pkgerrors "github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// FullyConnected is the network of section 9.4 with L = len(Hidden) hidden layers,
//
//	f^{(h)} = W^{(h)}g^{(h-1)},  g^{(h)} = √(c_σ/d_h)·σ(f^{(h)}),  f(x) = W^{(L+1)}g^{(L)},   (9.12)
//
// g^{(0)} = x, every weight N(0, 1) at initialisation, all layers trained. L = 0 is a linear model.
type FullyConnected struct {
	Inputs     int        // d_0
	Hidden     []int      // d_1, ..., d_L
	Activation Activation // σ; empty means ReLU
	Normalizer float64    // c_σ; 0 means 1/E[σ(z)²]
}

// Uniform returns the network with depth hidden layers of the same width.
func Uniform(inputs, width, depth int, a Activation) FullyConnected {
	hidden := make([]int, depth)
	for h := range hidden {
		hidden[h] = width
	}
	return FullyConnected{Inputs: inputs, Hidden: hidden, Activation: a}
}

// Sigma is the activation with its default filled in.
func (n FullyConnected) Sigma() Activation {
	if n.Activation == "" {
		return ReLU
	}
	return n.Activation
}

// CSigma is c_σ with its default filled in.
func (n FullyConnected) CSigma() float64 {
	if n.Normalizer == 0 {
		return n.Sigma().Normalizer()
	}
	return n.Normalizer
}

// Validate reports every fault of the description.
func (n FullyConnected) Validate() error {
	var errs []error
	if n.Inputs < 1 {
		errs = append(errs, fmt.Errorf("nn.FullyConnected: %d inputs, want at least 1", n.Inputs))
	}
	for h, d := range n.Hidden {
		if d < 1 {
			errs = append(errs, fmt.Errorf("nn.FullyConnected: width %d of hidden layer %d, want at least 1", d, h+1))
		}
	}
	if !(n.Normalizer >= 0) || math.IsInf(n.Normalizer, 0) {
		errs = append(errs, fmt.Errorf("nn.FullyConnected: c_σ = %g, want a positive number", n.Normalizer))
	}
	return errors.Join(append(errs, n.Sigma().Validate())...)
}

// Shapes returns rows and columns of W^{(1)}, ..., W^{(L+1)}.
func (n FullyConnected) Shapes() [][2]int {
	out := make([][2]int, 0, len(n.Hidden)+1)
	in := n.Inputs
	for _, d := range n.Hidden {
		out = append(out, [2]int{d, in})
		in = d
	}
	return append(out, [2]int{1, in})
}

// Parameters is the number of weights, Σ_h d_h·d_{h-1}.
func (n FullyConnected) Parameters() int {
	total := 0
	for _, s := range n.Shapes() {
		total += s[0] * s[1]
	}
	return total
}

// Init draws every weight from N(0, 1), layer by layer.
func (n FullyConnected) Init(r *rand.Rand) ([]*mat.Dense, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	w := make([]*mat.Dense, 0, len(n.Hidden)+1)
	for _, s := range n.Shapes() {
		w = append(w, mat.NewDense(s[0], s[1], rng.Normals(r, s[0]*s[1])))
	}
	return w, nil
}

// scale is √(c_σ/d_h) for h = 1..L.
func (n FullyConnected) scale(h int) float64 { return math.Sqrt(n.CSigma() / float64(n.Hidden[h-1])) }

// Trace holds every layer of one forward pass: Pre[h-1] = f^{(h)} for h = 1..L, Act[h] = g^{(h)} for
// h = 0..L, both [n, d_h], and Output = f(x), [n, 1].
type Trace struct {
	Pre, Act []*graph.Node
	Output   *graph.Node
}

// Forward runs the network on x [n, d_0] with weights w[h-1] = W^{(h)} [d_h, d_{h-1}].
func (n FullyConnected) Forward(x *graph.Node, w []*graph.Node) *Trace {
	n.assertWeights("Forward", w)
	x.AssertDims(-1, n.Inputs)
	t := &Trace{Act: []*graph.Node{x}}
	for h := 1; h <= len(n.Hidden); h++ {
		f := graph.DotGeneral(t.Act[h-1], []int{1}, nil, w[h-1], []int{1}, nil) // [n, d_h]
		t.Pre = append(t.Pre, f)
		t.Act = append(t.Act, graph.MulScalar(n.Sigma().Apply(f), n.scale(h))) // (9.12)
	}
	t.Output = graph.DotGeneral(t.Act[len(n.Hidden)], []int{1}, nil, w[len(n.Hidden)], []int{1}, nil) // [n, 1]
	return t
}

// Backward returns the backward vectors b^{(1)}, ..., b^{(L+1)} of every example, [n, d_h] each,
//
//	b^{(L+1)} = 1,  b^{(h)} = √(c_σ/d_h)·D^{(h)}(W^{(h+1)})ᵀb^{(h+1)},  D^{(h)} = diag σ'(f^{(h)}),   (9.13), (9.14)
//
// so that ∂f(x_i)/∂W^{(h)} is the outer product of row i of b^{(h)} with row i of g^{(h-1)}.
func (n FullyConnected) Backward(w []*graph.Node, t *Trace) []*graph.Node {
	n.assertWeights("Backward", w)
	l := len(n.Hidden)
	b := make([]*graph.Node, l+1)
	b[l] = graph.OnesLike(t.Output) // [n, 1]
	for h := l; h >= 1; h-- {
		back := graph.DotGeneral(b[h], []int{1}, nil, w[h], []int{0}, nil) // [n, d_h]
		b[h-1] = graph.MulScalar(graph.Mul(n.Sigma().ApplySlope(t.Pre[h-1]), back), n.scale(h))
	}
	return b
}

// WeightGradients returns Σ_i c_i ∂f(x_i)/∂W^{(h)} for h = 1..L+1, [d_h, d_{h-1}] each, for
// coefficients c [n, 1]. With c = u - y it is the gradient of ½‖u-y‖². It equals autodiff.
func (n FullyConnected) WeightGradients(t *Trace, b []*graph.Node, c *graph.Node) []*graph.Node {
	c.AssertDims(-1, 1)
	out := make([]*graph.Node, len(b))
	for h := range b {
		out[h] = graph.DotGeneral(graph.Mul(b[h], c), []int{0}, nil, t.Act[h], []int{0}, nil) // [d_h, d_{h-1}]
	}
	return out
}

func (n FullyConnected) assertWeights(fn string, w []*graph.Node) {
	shapes := n.Shapes()
	if len(w) != len(shapes) {
		panic(pkgerrors.Errorf("nn.FullyConnected.%s: %d weight matrices, want %d", fn, len(w), len(shapes)))
	}
	for h, s := range shapes {
		w[h].AssertDims(s[0], s[1])
	}
}
