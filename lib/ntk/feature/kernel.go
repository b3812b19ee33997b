package feature

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

// gradients returns the kernel of first-layer gradients between the rows of z and of x,
//
//	zᵀx·(1/m)Σ_r σ'(w_rᵀz)σ'(w_rᵀx),
//
// from the weights, on the host. Output weights are ±1.
func gradients(net nn.TwoLayer, p *nn.TwoLayerParams, z, x *mat.Dense) *mat.Dense {
	slopes := func(x *mat.Dense) *mat.Dense {
		h := net.HostPreActivations(x, p)
		h.Apply(func(_, _ int, v float64) float64 { return net.Sigma().Slope(v) }, h)
		return h
	}
	var inner, gates mat.Dense
	inner.Mul(z, x.T())
	gates.Mul(slopes(z), slopes(x).T())
	gates.Scale(1/float64(net.Width), &gates)
	inner.MulElem(&inner, &gates)
	return &inner
}

// symmetric returns a square matrix as a symmetric one.
func symmetric(a *mat.Dense) *mat.SymDense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, a.At(i, j))
		}
	}
	return s
}

// regression is a kernel with the data that it is used on, in its own eigenbasis: predictions at the
// test points are reach·g(Λ)·c for a rule g of stopping or regularising.
type regression struct {
	p      *problem
	lambda []float64  // descending
	c      []float64  // Vᵀy
	reach  *mat.Dense // cross·V, test×n
}

func newRegression(ctx context.Context, p *problem, h *mat.SymDense, cross *mat.Dense) (*regression, error) {
	lambda, v, err := linalg.EigenSymContext(ctx, h)
	if err != nil {
		return nil, err
	}
	var c mat.VecDense
	c.MulVec(v.T(), mat.NewVecDense(len(p.y), p.y))
	r := &regression{p: p, lambda: lambda, c: c.RawVector().Data, reach: &mat.Dense{}}
	r.reach.Mul(cross, v)
	return r, nil
}

// predict returns Σ_i reach_i·g(λ_i)·c_i at the test points.
func (r *regression) predict(g func(lambda float64) float64) []float64 {
	w := make([]float64, len(r.c))
	for i, l := range r.lambda {
		w[i] = g(l) * r.c[i]
	}
	var f mat.VecDense
	f.MulVec(r.reach, mat.NewVecDense(len(w), w))
	return f.RawVector().Data
}

// bestRidge returns the smallest test error over ridges of 10^-8 to 10^2 times the largest
// eigenvalue, four a decade.
func (r *regression) bestRidge() float64 {
	best := math.Inf(1)
	for e := -8.; e <= 2; e += .25 {
		ridge := r.lambda[0] * math.Pow(10, e)
		best = min(best, square(r.predict(func(l float64) float64 { return 1 / (max(l, 0) + ridge) }), r.p.testY))
	}
	return best
}

// descended returns (1-(1-ηλ)^k)/λ: the weight of an eigenvector after k steps, kη at λ = 0.
func descended(eta, lambda float64, k int) float64 {
	el := eta * lambda
	switch {
	case math.Abs(el) < 1e-12:
		return eta * float64(k)
	case el < 1:
		return -math.Expm1(float64(k)*math.Log1p(-el)) / lambda
	}
	return (1 - math.Pow(1-el, float64(k))) / lambda
}

// linearised is the network's linearisation at its start.
type linearised struct {
	cfg   Config
	p     *problem
	start *nn.TwoLayerParams
	h     *mat.SymDense // H(0)
	r     *regression
}

func linearise(ctx context.Context, cfg Config, p *problem, start *nn.TwoLayerParams) (*linearised, error) {
	net := cfg.network()
	l := &linearised{cfg: cfg, p: p, start: start, h: symmetric(gradients(net, start, p.x, p.x))}
	var err error
	if l.r, err = newRegression(ctx, p, l.h, gradients(net, start, p.testX, p.x)); err != nil {
		return nil, err
	}
	if top := l.r.lambda[0]; cfg.Rate*top >= 2 {
		return nil, fmt.Errorf("step size %g, want < 2/λ₁ = %.3g: descent under H(0) diverges", cfg.Rate, 2/top)
	}
	return l, nil
}

// test returns the predictions under H(0) after k steps.
func (l *linearised) test(k int) []float64 {
	return l.r.predict(func(lambda float64) float64 { return descended(l.cfg.Rate, lambda, k) })
}

// train returns the mean square of the residual on the training set after k steps.
func (l *linearised) train(k int) float64 {
	sum := 0.0
	for i, lambda := range l.r.lambda {
		sum += math.Pow(1-l.cfg.Rate*lambda, 2*float64(k)) * l.r.c[i] * l.r.c[i]
	}
	return sum / float64(len(l.r.c))
}

// activations maps the networks' activations to those whose Gaussian means package ntk knows.
var activations = map[nn.Activation]ntk.Activation{nn.ReLU: ntk.ReLU, nn.Tanh: ntk.Tanh, nn.Erf: ntk.Erf, nn.Softplus: ntk.Softplus}

func (l *linearised) baseline(ctx context.Context, steps []int) (Baseline, error) {
	var b Baseline
	for _, k := range steps {
		b.Train, b.Test = append(b.Train, l.train(k)), append(b.Test, square(l.test(k), l.p.testY))
	}
	b.Ridge, b.Stopped = l.r.bestRidge(), math.Inf(1)
	for v := 1.; v < 1e7; v *= 1.25 {
		b.Stopped = min(b.Stopped, square(l.test(int(v)), l.p.testY))
	}
	act, ok := activations[l.cfg.Activation]
	if !ok {
		b.Limit = math.Inf(1) // a linear network's kernel is XXᵀ at every width: b.Ridge has it
		return b, nil
	}
	k := ntk.TwoLayer(act)
	h, err := k.GramContext(ctx, l.p.x)
	if err != nil {
		return b, err
	}
	cross, err := k.CrossContext(ctx, l.p.testX, l.p.x)
	if err != nil {
		return b, err
	}
	r, err := newRegression(ctx, l.p, h, cross)
	if err != nil {
		return b, err
	}
	b.Limit = r.bestRidge()
	return b, nil
}
