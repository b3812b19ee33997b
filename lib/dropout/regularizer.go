package dropout

import (
	"fmt"

	"github.com/gomlx/gomlx/pkg/core/graph"
)

// Loss is how outputs are compared with targets, summed over outputs and averaged over examples.
type Loss string

// The losses. z is the output, y the target.
const (
	Squared  Loss = "squared"  // Σ_c (y_c - z_c)²
	Logistic Loss = "logistic" // Σ_c ln(1 + e^{z_c}) - y_c·z_c, y_c in [0,1]: outputs apart
	Softmax  Loss = "softmax"  // ln Σ_c e^{z_c} - Σ_c y_c·z_c, y a distribution
)

// Validate returns an error that lists the losses if l is none of them.
func (l Loss) Validate() error {
	if l != Squared && l != Logistic && l != Softmax {
		return fmt.Errorf("dropout.Loss: %q, want %q, %q or %q", string(l), Squared, Logistic, Softmax)
	}
	return nil
}

// Regularizer returns the penalty that dropout on the last hidden layer is, as a term to add to the
// loss of any network,
//
//	squared:            λ Σ_j ‖W(:,j)‖² mean_i a_j(x_i)²                          (Proposition 11.2.1)
//	logistic, softmax:  ½λ Σ_j mean_i a_j(x_i)²·W(:,j)ᵀ H_i W(:,j)
//
// with H_i the second derivative of the loss in the outputs: diag(s(1-s)) or diag(π) - ππᵀ, so that the
// second line is ½λ times the diagonal of the Fisher matrix in the scales of the units. The first is
// exact on every minibatch: training with it in place of masks is descent on the mean over masks. The
// second is the quadratic approximation of Wager, Wang and Liang (2013), exact to second order in
// W(:,j)·a_j; claim 11.+/layers measures what it misses.
//
// features [..., d] are the a_j(x_i), with any number of axes for examples, positions and so on, over
// all of which means are taken; weights [k, d] is W, GoMLX's Dense weights transposed; logits [..., k]
// are the outputs without dropout, biases included, which squared loss does not look at (nil will do).
// lambda is Lambda(p). Gradients flow through everything, H included. It panics with an error value on
// an unknown loss or a wrong shape.
func Regularizer(loss Loss, lambda float64, features, weights, logits *graph.Node) *graph.Node {
	const fn = "dropout.Regularizer"
	a, z := flatten(fn, loss, features, weights, logits)
	energy := graph.Square(a) // [n, d]
	n := 1 / float64(a.Shape().Dimensions[0])
	switch loss {
	case Squared:
		norms := graph.ReduceSum(graph.Square(weights), 0) // [d]
		return graph.MulScalar(graph.ReduceAllSum(graph.Mul(graph.ReduceSum(energy, 0), norms)), lambda*n)
	case Logistic:
		s := graph.Sigmoid(z)
		curvature := graph.Mul(s, graph.OneMinus(s)) // [n, k]
		return graph.MulScalar(graph.ReduceAllSum(graph.Mul(graph.Dot(energy, graph.Transpose(graph.Square(weights), 0, 1)), curvature)), lambda*n/2)
	}
	// Σ_c π_c W_cj² - (Σ_c π_c W_cj)², the variance over classes of column j.
	pi := graph.Softmax(z)
	variance := graph.Sub(graph.Dot(pi, graph.Square(weights)), graph.Square(graph.Dot(pi, weights))) // [n, d]
	return graph.MulScalar(graph.ReduceAllSum(graph.Mul(energy, variance)), lambda*n/2)
}

// ConnectRegularizer is Regularizer for DropConnect, which drops the entries of W instead of units. For
// squared and logistic loss the two are one, for softmax the noise of different outputs is no longer
// correlated, and only the diagonal of H counts: ½λ Σ_cj W_cj² mean_i a_j(x_i)²·π_c(1-π_c).
func ConnectRegularizer(loss Loss, lambda float64, features, weights, logits *graph.Node) *graph.Node {
	if loss != Softmax {
		return Regularizer(loss, lambda, features, weights, logits)
	}
	a, z := flatten("dropout.ConnectRegularizer", loss, features, weights, logits)
	pi := graph.Softmax(z)
	n := 1 / float64(a.Shape().Dimensions[0])
	noise := graph.Dot(graph.Square(a), graph.Transpose(graph.Square(weights), 0, 1)) // [n, k]
	return graph.MulScalar(graph.ReduceAllSum(graph.Mul(noise, graph.Mul(pi, graph.OneMinus(pi)))), lambda*n/2)
}

// flatten checks the shapes and returns features [n, d] and logits [n, k], nil for squared loss.
func flatten(fn string, loss Loss, features, weights, logits *graph.Node) (a, z *graph.Node) {
	if err := loss.Validate(); err != nil {
		panic(fmt.Errorf("%s: %w", fn, err))
	}
	f, w := features.Shape(), weights.Shape()
	if f.Rank() < 1 || w.Rank() != 2 || w.Dimensions[1] != f.Dimensions[f.Rank()-1] {
		panic(fmt.Errorf("%s: features %s and weights %s, want [..., d] and [k, d]", fn, f, w))
	}
	d := w.Dimensions[1]
	n := f.Size() / d
	a = graph.Reshape(features, n, d)
	if loss == Squared {
		return a, nil
	}
	if logits == nil || logits.Shape().Size() != n*w.Dimensions[0] || logits.Shape().Dimensions[logits.Rank()-1] != w.Dimensions[0] {
		panic(fmt.Errorf("%s: %s loss wants logits [..., k] of the features %s and weights %s", fn, loss, f, w))
	}
	return a, graph.Reshape(logits, n, w.Dimensions[0])
}
