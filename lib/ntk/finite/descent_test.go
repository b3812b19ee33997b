package finite

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// TestDescent holds gradient descent with explicit gradients, several steps in one execution, to
// single steps by autodiff.
func TestDescent(t *testing.T) {
	b := claimtest.Backend(t)
	x := mat.NewDense(6, 4, rng.Normals(rng.Stream(1, "x"), 24))
	y := rng.Normals(rng.Stream(1, "y"), 6)
	for _, a := range []nn.Activation{nn.ReLU, nn.Tanh, nn.Softplus} {
		net := nn.TwoLayer{Inputs: 4, Width: 10, Activation: a}
		p, err := net.Init(rng.Stream(2, "init"))
		if err != nil {
			t.Fatal(err)
		}
		before := mat.DenseCopyOf(p.W)
		scale, eta, steps, every := 1/math.Sqrt(10), 0.05, 12, 4
		d, err := newDescent(b, net, x, every)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		got, err := d.run(context.Background(), p, y, scale, eta, steps, every, func(k int, u []float64, w *mat.Dense) error {
			seen++
			// The weights handed to visit are those that made u.
			if e := largest(u, net.HostOutput(x, &nn.TwoLayerParams{W: w, A: p.A}, scale)); e > 1e-12 {
				t.Errorf("%s, step %d: outputs and weights do not belong together, apart %g", a, k, e)
			}
			return nil
		})
		d.close()
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(before, p.W) {
			t.Error("the initial weights were written to")
		}
		one, err := nn.NewExec(b, "autodiff", func(in []*graph.Node) []*graph.Node {
			x, y, w, a := in[0], in[1], in[2], in[3]
			u := net.Output(x, w, a, graph.Scalar(x.Graph(), x.DType(), scale))
			loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(u, y))), 0.5)
			return []*graph.Node{u, graph.Sub(w, graph.MulScalar(graph.Gradient(loss, w)[0], eta))}
		})
		if err != nil {
			t.Fatal(err)
		}
		w := nn.Tensor(p.W)
		path := 0.0
		for k := 0; k <= steps; k++ {
			out, err := one.Run(nn.Tensor(x), nn.Column(y), w, nn.Row(p.A))
			if err != nil {
				t.Fatal(err)
			}
			u, _ := nn.Values(out[0])
			if k%every == 0 {
				i := k / every
				if got.Steps[i] != k || largest(got.U[i], u) > 1e-12 || math.Abs(got.Path[i]-path) > 1e-12 {
					t.Errorf("%s, step %d: outputs apart %g, path %g against %g", a, k, largest(got.U[i], u), got.Path[i], path)
				}
			}
			for i := range u {
				path += eta * math.Abs(u[i]-y[i])
			}
			if k < steps {
				w = out[1]
			}
		}
		one.Close()
		final, _ := nn.Values(w)
		if e := largest(got.W.RawMatrix().Data, final); e > 1e-12 || seen != 4 {
			t.Errorf("%s: final weights apart %g after %d observations", a, e, seen)
		}
	}
}

func TestDeepDescent(t *testing.T) {
	b := claimtest.Backend(t)
	x := mat.NewDense(6, 4, rng.Normals(rng.Stream(1, "x"), 24))
	y := rng.Normals(rng.Stream(1, "y"), 6)
	net := nn.FullyConnected{Inputs: 4, Hidden: []int{7, 5}}
	w, err := net.Init(rng.Stream(2, "init"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDeepDescent(b, net, 6, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	u, final, err := d.run(context.Background(), w, x, y, 0.02, 9, 3)
	if err != nil {
		t.Fatal(err)
	}
	one, err := nn.NewExec(b, "autodiff", func(in []*graph.Node) []*graph.Node {
		x, y, w := in[0], in[1], in[2:]
		out := net.Forward(x, w).Output
		loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(out, y))), 0.5)
		res := []*graph.Node{out}
		for k, g := range graph.Gradient(loss, w...) {
			res = append(res, graph.Sub(w[k], graph.MulScalar(g, 0.02)))
		}
		return res
	})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	var now []*tensors.Tensor
	for _, m := range w {
		now = append(now, nn.Tensor(m))
	}
	for k := 0; k <= 9; k++ {
		out, err := one.Run(append([]*tensors.Tensor{nn.Tensor(x), nn.Column(y)}, now...)...)
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := nn.Values(out[0]); k%3 == 0 && largest(u[k/3], v) > 1e-12 {
			t.Errorf("step %d: outputs apart %g", k, largest(u[k/3], v))
		}
		if k < 9 {
			now = out[1:]
		}
	}
	for h := range now {
		if v, _ := nn.Values(now[h]); largest(final[h].RawMatrix().Data, v) > 1e-12 {
			t.Errorf("final weights of layer %d differ", h+1)
		}
	}
}

func TestDescentFaults(t *testing.T) {
	b := claimtest.Backend(t)
	x := mat.NewDense(2, 3, []float64{1, 2, 3, -1, 0, 4})
	net := nn.TwoLayer{Inputs: 3, Width: 4}
	if _, err := newDescent(b, net, x, 0); err == nil {
		t.Error("observing every 0 steps must be an error")
	}
	if _, err := newDescent(b, nn.TwoLayer{Inputs: 3}, x, 1); err == nil {
		t.Error("a network without neurons must be an error")
	}
	if _, err := newDescent(nil, net, x, 1); err == nil {
		t.Error("no backend must be an error")
	}
	d, err := newDescent(b, net, x, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	p, err := net.Init(rng.Stream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.run(context.Background(), p, []float64{1, 2}, 1, 0.1, 5, 2, nil); err == nil {
		t.Error("5 steps observed every 2 must be an error")
	}
	if _, err := d.run(context.Background(), p, []float64{1, 2, 3}, 1, 0.1, 4, 2, nil); err == nil {
		t.Error("three labels for two inputs must be an error")
	}
}

// TestCancel: every experiment stops soon after its context is cancelled and says so.
func TestCancel(t *testing.T) {
	b := claimtest.Backend(t)
	for name, run := range map[string]func(context.Context) error{
		"lazy":   func(ctx context.Context) error { _, err := RunLazy(ctx, b, PaperLazy()); return err },
		"labels": func(ctx context.Context) error { _, err := RunLabels(ctx, b, PaperLabels()); return err },
		"deep":   func(ctx context.Context) error { _, err := RunDeep(ctx, b, DeepConfig{Steps: 10000}); return err },
		"students": func(ctx context.Context) error {
			_, err := RunStudents(ctx, b, StudentsConfig{Steps: 100000})
			return err
		},
		"width": func(ctx context.Context) error { _, err := RunWidth(ctx, b, PaperWidth()); return err },
		"output": func(ctx context.Context) error {
			_, err := RunOutput(ctx, b, OutputConfig{Widths: []int{100}, Draws: []int{4000000}})
			return err
		},
		"norms": func(ctx context.Context) error {
			_, err := RunNorms(ctx, b, NormsConfig{Nets: []int{100000, 100}})
			return err
		},
		"evolution": func(ctx context.Context) error {
			_, err := RunEvolution(ctx, b, EvolutionConfig{Steps: 1000000})
			return err
		},
		"steps": func(ctx context.Context) error { _, err := RunSteps(ctx, b, StepsConfig{Time: 1e5}); return err },
		"start": func(ctx context.Context) error { _, err := RunStart(ctx, b, StartConfig{Nets: 1000000}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			err := run(ctx)
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
		})
	}
}
