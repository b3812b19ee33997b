package dropout

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Layer is dropout as a graph operation with inverted scaling: in training each entry is multiplied by
// an independent factor of mean 1, in evaluation nothing happens. Applied to activations it is dropout,
// applied to a weight matrix DropConnect, with one mask for the whole batch.
//
// The random numbers come in from outside, from Draw or any other source, so that a run can be
// repeated. Rate is the probability of dropping, as in GoMLX's layers.Dropout.
type Layer struct {
	Rate  float64 // p
	Noise Noise   // empty means Bernoulli
}

func (l Layer) noise() Noise {
	if l.Noise == "" {
		return Bernoulli
	}
	return l.Noise
}

// Validate reports every fault of the description.
func (l Layer) Validate() error {
	_, err := Lambda(l.Rate)
	return errors.Join(err, l.noise().Validate())
}

// Draw returns what Forward and Backward need beside an input with the given dimensions, float64:
// uniform on [0,1) for Bernoulli noise, standard normal for Gaussian.
func (l Layer) Draw(r *rand.Rand, dims ...int) (*tensors.Tensor, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	size := 1
	for _, d := range dims {
		if d < 1 {
			return nil, fmt.Errorf("dropout.Layer.Draw: dimensions %v, want all at least 1", dims)
		}
		size *= d
	}
	var v []float64
	if l.noise() == Gaussian {
		v = rng.Normals(r, size)
	} else {
		v = make([]float64, size)
		for i := range v {
			v[i] = r.Float64()
		}
	}
	return tensors.FromFlatDataAndDimensions(v, dims...), nil
}

// Factors returns the factors that the draws u stand for, of the shape of u: 0 where u < p and 1/(1-p)
// elsewhere, or 1 + √λ·u. No gradient flows through them. It panics with the error of Validate.
func (l Layer) Factors(u *graph.Node) *graph.Node {
	if err := l.Validate(); err != nil {
		panic(err)
	}
	if l.noise() == Gaussian {
		lambda, _ := Lambda(l.Rate) // validated
		return graph.StopGradient(graph.AddScalar(graph.MulScalar(u, math.Sqrt(lambda)), 1))
	}
	kept := graph.MulScalar(graph.OnesLike(u), 1/(1-l.Rate))
	return graph.StopGradient(graph.Where(graph.LessThan(u, graph.MulScalar(graph.OnesLike(u), l.Rate)), graph.ZerosLike(u), kept))
}

// Forward returns x times the factors of the draws u, which have the shape of x. u = nil is evaluation,
// and rate 0 is no dropout: x itself comes back. It panics with an error value on a wrong shape.
func (l Layer) Forward(x, u *graph.Node) *graph.Node {
	if u == nil || l.Rate == 0 {
		return x
	}
	if !u.Shape().Equal(x.Shape()) {
		panic(fmt.Errorf("dropout.Layer.Forward: draws of shape %s, want the input's %s", u.Shape(), x.Shape()))
	}
	return graph.Mul(x, l.Factors(u))
}

// Backward returns the gradient with respect to x from the gradient v with respect to Forward(x, u): the
// factors of the same draws, for what was dropped took no part in the prediction. It is what autodiff
// makes of Forward, for who writes gradients out.
func (l Layer) Backward(v, u *graph.Node) *graph.Node { return l.Forward(v, u) }
