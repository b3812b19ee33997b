package feature

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// descent is full-batch gradient descent on the scaled and centred model. One compiled graph serves
// every α, seed and data set of one shape.
type descent struct {
	net       nn.TwoLayer
	one, many *nn.Exec // one step, and block steps
	evaluate  *nn.Exec // f at any inputs
}

// block is how many steps one execution takes where there are as many to go.
const block = 10

func newDescent(b backends.Backend, net nn.TwoLayer) (*descent, error) {
	steps := func(n int) (*nn.Exec, error) {
		return nn.NewExec(b, fmt.Sprintf("%d steps", n), func(in []*graph.Node) []*graph.Node {
			x, y, a, s, f0, alpha, rate, w := in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7]
			for range n {
				z := net.PreActivations(x, w)                                               // [n, m]
				r := graph.Sub(graph.Mul(graph.Sub(net.OutputFrom(z, a, s), f0), alpha), y) // α(f - f₀) - y, [n, 1]
				// The gradient of the loss over α² is α/α² times Σ r_i ∂f(x_i).
				w = graph.Sub(w, graph.Mul(net.WeightGradient(x, z, a, s, r), rate)) // [m, d]
			}
			return []*graph.Node{w}
		})
	}
	d := &descent{net: net}
	var err error
	if d.one, err = steps(1); err != nil {
		return nil, err
	}
	if d.many, err = steps(block); err != nil {
		d.close()
		return nil, err
	}
	d.evaluate, err = nn.NewExec(b, "outputs", func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{net.Output(in[0], in[1], in[2], in[3])}
	})
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *descent) close() {
	for _, e := range []*nn.Exec{d.one, d.many, d.evaluate} {
		if e != nil {
			e.Close()
		}
	}
}

// track trains one network and observes it at the given steps.
func (d *descent) track(ctx context.Context, cfg Config, alpha float64, steps []int, p *problem, start *nn.TwoLayerParams, l *linearised) (*Track, error) {
	scale := 1 / math.Sqrt(float64(cfg.Width))
	f0, err := d.outputs(p.x, start, scale)
	if err != nil {
		return nil, err
	}
	test0, err := d.outputs(p.testX, start, scale)
	if err != nil {
		return nil, err
	}
	if cfg.Uncentred {
		clear(f0)
		clear(test0)
	}
	args := []*tensors.Tensor{nn.Tensor(p.x), nn.Column(p.y), nn.Row(start.A), nn.Scalar(scale), nn.Column(f0), nn.Scalar(alpha), nn.Scalar(cfg.Rate / alpha), nn.Tensor(start.W)}
	defer func() { free(args) }()
	t := &Track{}
	k := 0
	for _, at := range steps {
		for k < at {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			exec, taken := d.one, 1
			if at-k >= block {
				exec, taken = d.many, block
			}
			out, err := exec.Run(args...)
			if err != nil {
				return nil, fmt.Errorf("α = %g, step %d: %w", alpha, k, err)
			}
			free(args[7:])
			args[7], k = out[0], k+taken
		}
		w, err := nn.Dense(args[7])
		if err != nil {
			return nil, err
		}
		now := &nn.TwoLayerParams{W: w, A: start.A}
		point, err := d.observe(alpha, scale, p, now, f0, test0, l, at)
		if err != nil {
			return nil, fmt.Errorf("α = %g, step %d: %w", alpha, at, err)
		}
		t.Points = append(t.Points, *point)
		if at == steps[len(steps)-1] {
			r, err := newRegression(ctx, p, symmetric(gradients(d.net, now, p.x, p.x)), gradients(d.net, now, p.testX, p.x))
			if err != nil {
				return nil, err
			}
			t.After = r.bestRidge()
		}
	}
	return t, nil
}

// observe measures the network after k steps.
func (d *descent) observe(alpha, scale float64, p *problem, now *nn.TwoLayerParams, f0, test0 []float64, l *linearised, k int) (*Point, error) {
	u, err := d.outputs(p.x, now, scale)
	if err != nil {
		return nil, err
	}
	test, err := d.outputs(p.testX, now, scale)
	if err != nil {
		return nil, err
	}
	model := func(f, start []float64) {
		floats.Sub(f, start)
		floats.Scale(alpha, f)
	}
	model(u, f0)
	model(test, test0)
	if floats.HasNaN(u) || math.IsInf(floats.Norm(u, 2), 0) {
		return nil, fmt.Errorf("outputs are not finite: descent diverged, want a smaller step size than %g", l.cfg.Rate)
	}
	point := &Point{Test: square(test, p.testY), Share: share(now.W, p.beta)}
	floats.Sub(u, p.y)
	point.Train = floats.Dot(u, u) / float64(len(u))
	kernel := l.test(k)
	floats.Sub(test, kernel)
	point.Distance = math.Sqrt(floats.Dot(test, test) / float64(len(test)) / variance(p.testY))
	h := gradients(d.net, now, p.x, p.x)
	var hy mat.VecDense
	y := mat.NewVecDense(len(p.y), p.y)
	hy.MulVec(h, y)
	point.Alignment = mat.Dot(y, &hy) / (mat.Norm(h, 2) * mat.Dot(y, y))
	h.Sub(h, l.h)
	point.Drift = mat.Norm(h, 2) / mat.Norm(l.h, 2)
	return point, nil
}

// outputs returns f at the rows of x.
func (d *descent) outputs(x *mat.Dense, p *nn.TwoLayerParams, scale float64) ([]float64, error) {
	args := []*tensors.Tensor{nn.Tensor(x), nn.Tensor(p.W), nn.Row(p.A), nn.Scalar(scale)}
	defer free(args)
	out, err := d.evaluate.Run(args...)
	if err != nil {
		return nil, err
	}
	defer free(out)
	return nn.Values(out[0])
}

func free(ts []*tensors.Tensor) {
	for _, t := range ts {
		_ = t.FinalizeAll() // what cannot be released now is left to the garbage collector
	}
}
