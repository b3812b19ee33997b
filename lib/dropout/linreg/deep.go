package linreg

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Deep is a linear network with scalar output, f(x) = w·B_L·W_L···B_1·W_1·x, whose L hidden layers are
// dropped with one rate. Widths are those of the hidden layers.
type Deep struct {
	p      *Problem
	Widths []int
	Rate   float64
	lambda float64
}

// Deep returns the network over the problem.
func (p *Problem) Deep(rate float64, widths ...int) (*Deep, error) {
	lambda, err := dropout.Lambda(rate)
	if err != nil {
		return nil, fmt.Errorf("linreg.Deep: %w", err)
	}
	if len(widths) == 0 {
		return nil, fmt.Errorf("linreg.Deep: no hidden layer, want at least one")
	}
	for i, w := range widths {
		if w < 1 {
			return nil, fmt.Errorf("linreg.Deep: hidden layer %d has width %d, want at least 1", i+1, w)
		}
	}
	return &Deep{p, widths, rate, lambda}, nil
}

// Shrinkage is ∏(1 + λ/d_i) over the hidden layers: the minimizer of the expected loss is least squares
// divided by it. Mianjy and Arora 2019, for one output.
func (n *Deep) Shrinkage() float64 {
	out := 1.0
	for _, w := range n.Widths {
		out *= 1 + n.lambda/float64(w)
	}
	return out
}

// Params is the number of weights: layer after layer, matrices by rows, the output's last.
func (n *Deep) Params() int {
	_, in := n.p.Dims()
	total := 0
	for _, w := range n.Widths {
		total += w * in
		in = w
	}
	return total + in
}

// Predictor is the vector u of the network without dropping.
func (n *Deep) Predictor(weights []float64) []float64 {
	u, _ := n.walk(weights)
	return u
}

// Loss is the expected loss over all masks, by second moments: those of a layer are S = W·S'·Wᵀ, and
// dropping it makes them S' = S + λ·diag(S). O(Σ d_i³).
func (n *Deep) Loss(weights []float64) float64 {
	u, second := n.walk(weights)
	cross := 0.0
	for j, c := range n.p.Cross {
		cross += c * u[j]
	}
	return n.p.Power - 2*cross + second
}

// walk returns the predictor and the second moment of the output.
func (n *Deep) walk(weights []float64) ([]float64, float64) {
	_, d := n.p.Dims()
	s := mat.DenseCopyOf(n.p.Moment)
	var upto *mat.Dense // from inputs to the layer
	in, at := d, 0
	for _, w := range append(append([]int(nil), n.Widths...), 1) {
		layer := mat.NewDense(w, in, weights[at:at+w*in])
		at += w * in
		var next, half mat.Dense
		if upto == nil {
			next.CloneFrom(layer)
		} else {
			next.Mul(layer, upto)
		}
		upto = &next
		half.Mul(layer, s)
		s = mat.NewDense(w, w, nil)
		s.Mul(&half, layer.T())
		in = w
		if at < len(weights) {
			for j := range w {
				s.Set(j, j, (1+n.lambda)*s.At(j, j))
			}
		}
	}
	return upto.RawRowView(0), s.At(0, 0)
}

// Enumerate is Loss by every mask of every layer; more than 16 hidden units are an error.
func (n *Deep) Enumerate(weights []float64) (float64, error) {
	units := 0
	for _, w := range n.Widths {
		units += w
	}
	if units > 16 {
		return 0, fmt.Errorf("linreg.Enumerate: 2^%d masks, want at most 16 hidden units", units)
	}
	if len(weights) != n.Params() {
		return 0, fmt.Errorf("linreg.Enumerate: %d weights, want %d", len(weights), n.Params())
	}
	_, d := n.p.Dims()
	total := 0.0
	masked := make([]float64, len(weights))
	for mask := range 1 << units {
		// A mask on a layer's units scales the rows that make them.
		copy(masked, weights)
		prob, in, at, unit := 1.0, d, 0, 0
		for _, w := range n.Widths {
			for range w {
				b := 0.0
				if mask>>unit&1 == 1 {
					b = 1 / (1 - n.Rate)
					prob *= 1 - n.Rate
				} else {
					prob *= n.Rate
				}
				for k := range in {
					masked[at+k] *= b
				}
				at += in
				unit++
			}
			in = w
		}
		if prob > 0 {
			total += prob * n.p.Loss(n.Predictor(masked))
		}
	}
	return total, nil
}

// Minimize looks for the least Loss by L-BFGS from random weights of stream "linreg/deep", with
// derivatives by differences. It returns the best weights of the starts.
func (n *Deep) Minimize(ctx context.Context, starts int, seed uint64) ([]float64, error) {
	if starts < 1 {
		return nil, fmt.Errorf("linreg.Minimize: %d starts, want at least 1", starts)
	}
	src := rng.Stream(seed, "linreg/deep")
	grad := func(dst, x []float64) { fd.Gradient(dst, n.Loss, x, &fd.Settings{Formula: fd.Central}) }
	var best []float64
	low := math.Inf(1)
	for range starts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := optimize.Minimize(optimize.Problem{Func: n.Loss, Grad: grad}, rng.Normals(src, n.Params()),
			&optimize.Settings{MajorIterations: 500, GradientThreshold: 1e-8}, &optimize.LBFGS{})
		if r == nil {
			return nil, fmt.Errorf("linreg.Minimize: %w", err)
		}
		if r.F < low { // a line search that stalls at rounding still leaves its best point
			low, best = r.F, r.X
		}
	}
	return best, nil
}
