package finite

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// TestEmpiricalKernel compares the kernel without a Jacobian with J·Jᵀ by autodiff, layer by layer.
func TestEmpiricalKernel(t *testing.T) {
	b := claimtest.Backend(t)
	x := mat.NewDense(5, 4, rng.Normals(rng.Stream(1, "x"), 20))
	for _, a := range []nn.Activation{nn.ReLU, nn.Tanh, nn.Erf} {
		for _, hidden := range [][]int{nil, {6}, {7, 3}, {5, 8, 4}} {
			net := nn.FullyConnected{Inputs: 4, Hidden: hidden, Activation: a}
			w, err := net.Init(rng.Stream(2, "init"))
			if err != nil {
				t.Fatal(err)
			}
			var params []*tensors.Tensor
			for _, m := range w {
				params = append(params, nn.Tensor(m))
			}
			model := func(p []*graph.Node, x *graph.Node) *graph.Node { return net.Forward(x, p).Output }
			got, err := EmpiricalKernel(b, net, w, x)
			if err != nil {
				t.Fatal(err)
			}
			want, err := JacobianKernel(context.Background(), b, model, params, x)
			if err != nil {
				t.Fatal(err)
			}
			if d := largest(flat(got), flat(want)) / largest(flat(want), nil); d > 1e-13 {
				t.Errorf("%s %v: kernels differ by %g", a, hidden, d)
			}
			probe, err := NewProbe(b, net)
			if err != nil {
				t.Fatal(err)
			}
			l, err := probe.Run(x, w)
			probe.Close()
			if err != nil {
				t.Fatal(err)
			}
			for h := range w {
				one, err := JacobianKernel(context.Background(), b, model, params, x, h)
				if err != nil {
					t.Fatal(err)
				}
				if d := largest(flat(l.Kernel(h+1)), flat(one)) / largest(flat(want), nil); d > 1e-13 {
					t.Errorf("%s %v: kernel of layer %d differs by %g", a, hidden, h+1, d)
				}
			}
			host := hostLayers(net, w, x, Right)
			for h := range l.B {
				if d := largest(l.B[h].RawMatrix().Data, host.B[h].RawMatrix().Data); d > 1e-12 {
					t.Errorf("%s %v: b^(%d) of graph and host differ by %g", a, hidden, h+1, d)
				}
			}
		}
	}
}

// TestLinearKernel: without hidden layers the kernel is xᵀx' whatever the weights.
func TestLinearKernel(t *testing.T) {
	x := mat.NewDense(2, 3, []float64{1, 2, 3, -1, 0, 4})
	k, err := EmpiricalKernel(claimtest.Backend(t), nn.FullyConnected{Inputs: 3}, []*mat.Dense{mat.NewDense(1, 3, []float64{5, 6, 7})}, x)
	if err != nil {
		t.Fatal(err)
	}
	if d := largest(flat(k), []float64{14, 11, 11, 17}); d != 0 {
		t.Errorf("kernel of a linear model: %v", flat(k))
	}
	if _, err := EmpiricalKernel(claimtest.Backend(t), nn.FullyConnected{}, nil, x); err == nil {
		t.Error("a network without inputs must be an error")
	}
	if _, err := EmpiricalKernel(claimtest.Backend(t), nn.FullyConnected{Inputs: 3}, []*mat.Dense{mat.NewDense(1, 2, nil)}, x); err == nil {
		t.Error("weights of the wrong shape must be an error")
	}
}

// TestFirstLayerKernel holds the average over neurons to the definition written as loops.
func TestFirstLayerKernel(t *testing.T) {
	net := nn.TwoLayer{Inputs: 3, Width: 5}
	p, err := net.Init(rng.Stream(3, "init"))
	if err != nil {
		t.Fatal(err)
	}
	x := mat.NewDense(2, 3, []float64{1, 2, 3, -1, 0, 4})
	h := FirstLayerKernel(net, x, p, 1/math.Sqrt(5))
	for i := range 2 {
		for j := range 2 {
			count := 0.0
			for r := range 5 {
				if mat.Dot(p.W.RowView(r), x.RowView(i)) > 0 && mat.Dot(p.W.RowView(r), x.RowView(j)) > 0 {
					count++
				}
			}
			if want := mat.Dot(x.RowView(i), x.RowView(j)) * count / 5; math.Abs(h.At(i, j)-want) > 1e-14 {
				t.Errorf("H[%d][%d] = %g, want %g", i, j, h.At(i, j), want)
			}
		}
	}
}
