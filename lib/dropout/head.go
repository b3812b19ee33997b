package dropout

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Head is the last layer of a network on the host, with what the layers below made of n examples. With
// it any objective whose last hidden layer is dropped has three evaluators that must agree: Loss plus
// Penalty in closed form, Exact by all masks, Estimate by some.
type Head struct {
	Loss     Loss       // empty means Squared
	Features *mat.Dense // n×d, a_j(x_i)
	Weights  *mat.Dense // k×d, W
	Targets  *mat.Dense // n×k
}

// Validate reports what is wrong with the shapes.
func (h Head) Validate() error {
	if h.Features == nil || h.Weights == nil || h.Targets == nil {
		return errors.New("dropout.Head: features, weights or targets missing")
	}
	n, d := h.Features.Dims()
	k, dw := h.Weights.Dims()
	if nt, kt := h.Targets.Dims(); d != dw || n != nt || k != kt {
		return fmt.Errorf("dropout.Head: features %d×%d, weights %d×%d, targets %d×%d, want n×d, k×d, n×k", n, d, k, dw, nt, kt)
	}
	return h.loss().Validate()
}

func (h Head) loss() Loss {
	if h.Loss == "" {
		return Squared
	}
	return h.Loss
}

// Value is the mean loss with unit j multiplied by mask[j] for all examples; nil multiplies by 1.
func (h Head) Value(mask []float64) float64 {
	n, d := h.Features.Dims()
	k, _ := h.Weights.Dims()
	z := make([]float64, k)
	sum := 0.0
	for i := range n {
		a := h.Features.RawRowView(i)
		for c := range z {
			w := h.Weights.RawRowView(c)
			z[c] = 0
			if mask == nil {
				for j := range d {
					z[c] += w[j] * a[j]
				}
				continue
			}
			for j := range d {
				z[c] += w[j] * mask[j] * a[j]
			}
		}
		sum += h.loss().value(z, h.Targets.RawRowView(i))
	}
	return sum / float64(n)
}

// value is the loss of one example.
func (l Loss) value(z, y []float64) float64 {
	sum := 0.0
	switch l {
	case Squared:
		for c := range z {
			sum += (y[c] - z[c]) * (y[c] - z[c])
		}
	case Logistic:
		for c := range z {
			sum += max(z[c], 0) + math.Log1p(math.Exp(-math.Abs(z[c]))) - y[c]*z[c]
		}
	case Softmax:
		sum = logSumExp(z)
		for c := range z {
			sum -= y[c] * z[c]
		}
	}
	return sum
}

func logSumExp(z []float64) float64 {
	top := math.Inf(-1)
	for _, v := range z {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}

// Shares returns the part of each unit in the penalty over λ, the terms of Σ_j in Regularizer:
// ‖W(:,j)‖²·mean_i a_j(x_i)² for squared loss.
func (h Head) Shares() ([]float64, error) {
	if err := h.Validate(); err != nil {
		return nil, err
	}
	n, d := h.Features.Dims()
	k, _ := h.Weights.Dims()
	out, z, curve := make([]float64, d), make([]float64, k), make([]float64, d)
	for i := range n {
		a := h.Features.RawRowView(i)
		for c := range z {
			z[c] = 0
			for j, w := range h.Weights.RawRowView(c) {
				z[c] += w * a[j]
			}
		}
		h.curvature(curve, z)
		for j := range out {
			out[j] += curve[j] * a[j] * a[j] / float64(n)
		}
	}
	return out, nil
}

// curvature sets dst[j] = ½W(:,j)ᵀ H W(:,j), H the second derivative of the loss at outputs z.
func (h Head) curvature(dst, z []float64) {
	clear(dst)
	switch h.loss() {
	case Squared:
		for c := range z {
			for j, w := range h.Weights.RawRowView(c) {
				dst[j] += w * w
			}
		}
	case Logistic:
		for c, v := range z {
			e := math.Exp(-math.Abs(v))
			slope := e / ((1 + e) * (1 + e))
			for j, w := range h.Weights.RawRowView(c) {
				dst[j] += slope * w * w / 2
			}
		}
	case Softmax:
		total := logSumExp(z)
		mean := make([]float64, len(dst))
		for c, v := range z {
			pi := math.Exp(v - total)
			for j, w := range h.Weights.RawRowView(c) {
				dst[j] += pi * w * w / 2
				mean[j] += pi * w
			}
		}
		for j, m := range mean {
			dst[j] -= m * m / 2
		}
	}
}

// Penalty is the closed form, Regularizer on the host: λ times the sum of Shares.
func (h Head) Penalty(lambda float64) (float64, error) {
	shares, err := h.Shares()
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	return lambda * sum, err
}

// FirstOrder is the penalty to first order in λ for any loss and Bernoulli masks, when at most one unit
// is missing: λ Σ_j mean_i [ℓ(z - W(:,j)a_j) - ℓ(z) + ℓ'(z)·W(:,j)a_j], the excess of the loss without
// unit j over its tangent. For squared loss it is the exact penalty; for the others it keeps what the
// quadratic form drops, that a missing unit is no small change. Cost n·d·k.
func (h Head) FirstOrder(lambda float64) (float64, error) {
	if err := h.Validate(); err != nil {
		return 0, err
	}
	n, d := h.Features.Dims()
	k, _ := h.Weights.Dims()
	z, slope, without := make([]float64, k), make([]float64, k), make([]float64, k)
	sum := 0.0
	for i := range n {
		a, y := h.Features.RawRowView(i), h.Targets.RawRowView(i)
		for c := range z {
			z[c] = mat.Dot(h.Weights.RowView(c), h.Features.RowView(i))
		}
		h.loss().gradient(slope, z, y)
		whole := h.loss().value(z, y)
		for j := range d {
			along := 0.0
			for c := range z {
				step := h.Weights.At(c, j) * a[j]
				without[c] = z[c] - step
				along += slope[c] * step
			}
			sum += h.loss().value(without, y) - whole + along
		}
	}
	return lambda * sum / float64(n), nil
}

// gradient sets dst to the derivative of the loss of one example in its outputs.
func (l Loss) gradient(dst, z, y []float64) {
	total := 0.0
	if l == Softmax {
		total = logSumExp(z)
	}
	for c := range z {
		switch l {
		case Squared:
			dst[c] = 2 * (z[c] - y[c])
		case Logistic:
			dst[c] = 1/(1+math.Exp(-z[c])) - y[c]
		case Softmax:
			dst[c] = math.Exp(z[c]-total) - y[c]
		}
	}
}

// Exact is the mean of Value over all masks of rate p: loss and penalty together. It costs
// 2^d·n·d·k and refuses more than MostUnits units.
func (h Head) Exact(ctx context.Context, p float64) (float64, error) {
	if err := h.Validate(); err != nil {
		return 0, err
	}
	_, d := h.Features.Dims()
	return Expect(ctx, p, d, h.Value)
}

// Estimate is the mean of Value over some masks, with its standard error.
func (h Head) Estimate(ctx context.Context, r *rand.Rand, noise Noise, p float64, draws int) (mean, se float64, err error) {
	if err := h.Validate(); err != nil {
		return 0, 0, err
	}
	_, d := h.Features.Dims()
	return Estimate(ctx, r, noise, p, d, draws, h.Value)
}
