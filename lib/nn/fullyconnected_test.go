package nn

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// TestForward compares the graph with (9.12) written as loops.
func TestForward(t *testing.T) {
	b := claimtest.Backend(t)
	x := normals(1, "x", 3, 4)
	for _, a := range Activations() {
		net := FullyConnected{Inputs: 4, Hidden: []int{6, 5, 7}, Activation: a}
		w, err := net.Init(rng.Stream(5, "init"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewExec(b, "forward", func(in []*graph.Node) []*graph.Node {
			return []*graph.Node{net.Forward(in[0], in[1:]).Output}
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Run(append([]*tensors.Tensor{Tensor(x)}, weights(w)...)...)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := Values(out[0])
		want := make([]float64, 3)
		for i := range want {
			g := mat.Row(nil, i, x)
			for h := range w {
				rows, cols := w[h].Dims()
				next := make([]float64, rows)
				for r := range rows {
					for c := range cols {
						next[r] += w[h].At(r, c) * g[c]
					}
					if h < 3 {
						next[r] = math.Sqrt(a.Normalizer()/float64(rows)) * a.Value(next[r])
					}
				}
				g = next
			}
			want[i] = g[0]
		}
		if d := apart(got, want); d > roundoff {
			t.Errorf("%s: graph %v, loops %v", a, got, want)
		}
	}
}

// TestBackward holds ∂f/∂W^{(h)} = b^{(h)}(g^{(h-1)})ᵀ to autodiff, example by example, at a network
// whose widths all differ so that a wrong index cannot fit.
func TestBackward(t *testing.T) {
	b := claimtest.Backend(t)
	x := normals(1, "x", 3, 4)
	for _, a := range Activations() {
		net := FullyConnected{Inputs: 4, Hidden: []int{6, 5, 7}, Activation: a}
		w, err := net.Init(rng.Stream(6, "init"))
		if err != nil {
			t.Fatal(err)
		}
		params := weights(w)
		jac, err := Jacobian(context.Background(), b, func(p []*graph.Node, x *graph.Node) *graph.Node {
			return net.Forward(x, p).Output
		}, params, x)
		if err != nil {
			t.Fatal(err)
		}
		c := []float64{0.3, -1.7, 0.9}
		e, err := NewExec(b, "explicit", func(in []*graph.Node) []*graph.Node {
			tr := net.Forward(in[0], in[2:])
			return net.WeightGradients(tr, net.Backward(in[2:], tr), in[1])
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Run(append([]*tensors.Tensor{Tensor(x), Column(c)}, params...)...)
		if err != nil {
			t.Fatal(err)
		}
		for h := range out {
			got, _ := Values(out[h])
			want := make([]float64, len(got))
			for i := range c {
				for k, v := range jac[i][h] {
					want[k] += c[i] * v
				}
			}
			if d := apart(got, want); d > roundoff {
				t.Errorf("%s: layer %d: explicit gradient and autodiff differ by %g", a, h+1, d)
			}
		}
	}
}

func TestJacobianOfLinear(t *testing.T) {
	b := claimtest.Backend(t)
	net := FullyConnected{Inputs: 4}
	x := normals(1, "x", 2, 4)
	jac, err := Jacobian(context.Background(), b, func(p []*graph.Node, x *graph.Node) *graph.Node {
		return net.Forward(x, p).Output
	}, []*tensors.Tensor{Tensor(normals(2, "w", 1, 4))}, x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if d := apart(jac[i][0], x.RawRowView(i)); d != 0 {
			t.Errorf("example %d: gradient of a linear model differs from x by %g", i, d)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Jacobian(ctx, b, func(p []*graph.Node, x *graph.Node) *graph.Node {
		return net.Forward(x, p).Output
	}, []*tensors.Tensor{Tensor(normals(2, "w", 1, 4))}, x); err == nil {
		t.Error("a cancelled context must stop Jacobian")
	}
}

func TestParameters(t *testing.T) {
	if got := Uniform(10, 64, 3, ReLU).Parameters(); got != 640+2*64*64+64 {
		t.Errorf("got %d parameters", got)
	}
}

func TestFullyConnectedFaults(t *testing.T) {
	for name, net := range map[string]FullyConnected{
		"no inputs":          {Hidden: []int{3}},
		"empty layer":        {Inputs: 2, Hidden: []int{3, 0}},
		"negative c":         {Inputs: 2, Normalizer: -2},
		"infinite c":         {Inputs: 2, Normalizer: math.Inf(1)},
		"unknown activation": {Inputs: 2, Activation: "swoosh"},
	} {
		if _, err := net.Init(rng.Stream(1, "init")); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestGraphErrors: a wrong shape inside a graph comes back as an error of Run.
func TestGraphErrors(t *testing.T) {
	net := FullyConnected{Inputs: 4, Hidden: []int{3}}
	e, err := NewExec(claimtest.Backend(t), "wrong", func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{net.Forward(in[0], in[1:]).Output}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(Tensor(normals(1, "x", 2, 4)), Tensor(normals(1, "w", 3, 5)), Tensor(normals(1, "v", 1, 3))); err == nil {
		t.Error("no error for weights of the wrong shape")
	}
	if _, err := NewExec(nil, "none", func(in []*graph.Node) []*graph.Node { return in }); err == nil {
		t.Error("no error without a backend")
	}
}

func weights(w []*mat.Dense) []*tensors.Tensor {
	out := make([]*tensors.Tensor, len(w))
	for i := range w {
		out[i] = Tensor(w[i])
	}
	return out
}
