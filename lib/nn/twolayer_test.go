package nn

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

func TestTwoLayer(t *testing.T) {
	b := claimtest.Backend(t)
	x := normals(1, "x", 7, 5)
	for _, a := range Activations() {
		for _, anti := range []bool{false, true} {
			net := TwoLayer{Inputs: 5, Width: 12, Activation: a, Antisymmetric: anti}
			p, err := net.Init(rng.Stream(2, "init"))
			if err != nil {
				t.Fatal(err)
			}
			scale := 1 / math.Sqrt(12)
			e, err := NewExec(b, "two layers", func(in []*graph.Node) []*graph.Node {
				return []*graph.Node{net.Output(in[0], in[1], in[2], in[3])}
			})
			if err != nil {
				t.Fatal(err)
			}
			out, err := e.Run(Tensor(x), Tensor(p.W), Row(p.A), Scalar(scale))
			if err != nil {
				t.Fatal(err)
			}
			got, _ := Values(out[0])
			if d := apart(got, net.HostOutput(x, p, scale)); d > roundoff {
				t.Errorf("%s: graph and host outputs differ by %g", a, d)
			}
			if anti {
				if d := apart(got, make([]float64, 7)); d > roundoff {
					t.Errorf("%s: antisymmetric network is %g at initialisation, want 0", a, d)
				}
			}
		}
	}
}

// TestWeightGradient holds the gradient written as a matrix product to autodiff.
func TestWeightGradient(t *testing.T) {
	b := claimtest.Backend(t)
	x, y := normals(1, "x", 7, 5), normals(1, "y", 7, 1)
	for _, a := range Activations() {
		net := TwoLayer{Inputs: 5, Width: 9, Activation: a}
		p, err := net.Init(rng.Stream(3, "init"))
		if err != nil {
			t.Fatal(err)
		}
		e, err := NewExec(b, "gradients", func(in []*graph.Node) []*graph.Node {
			x, w, a, s, y := in[0], in[1], in[2], in[3], in[4]
			z := net.PreActivations(x, w)
			r := graph.Sub(net.OutputFrom(z, a, s), y)
			loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(r)), 0.5)
			return []*graph.Node{net.WeightGradient(x, z, a, s, r), graph.Gradient(loss, w)[0]}
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Run(Tensor(x), Tensor(p.W), Row(p.A), Scalar(1.0/3), Tensor(y))
		if err != nil {
			t.Fatal(err)
		}
		explicit, _ := Values(out[0])
		auto, _ := Values(out[1])
		if d := apart(explicit, auto); d > roundoff {
			t.Errorf("%s: explicit gradient and autodiff differ by %g", a, d)
		}
	}
}

func TestTwoLayerInit(t *testing.T) {
	net := TwoLayer{Inputs: 400, Width: 50, InitScale: 0.1, Antisymmetric: true}
	p, err := net.Init(rng.Stream(4, "init"))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range p.W.RawMatrix().Data {
		sum += v * v
	}
	// 10,000 distinct draws: relative s.d. of the mean square is √(2/10⁴) = 1.4%.
	if got := sum / (400 * 50) / 0.01; math.Abs(got-1) > 4*math.Sqrt(2.0/1e4) {
		t.Errorf("variance of the weights is %g times InitScale²", got)
	}
	for k := 0; k < 50; k += 2 {
		if p.A[k] != -p.A[k+1] || mat.Dot(p.W.RowView(k), p.W.RowView(k+1)) != mat.Dot(p.W.RowView(k), p.W.RowView(k)) {
			t.Fatalf("neurons %d and %d are not a pair", k, k+1)
		}
	}
}

func TestTwoLayerFaults(t *testing.T) {
	for name, net := range map[string]TwoLayer{
		"no inputs":            {Width: 3},
		"no width":             {Inputs: 3},
		"odd antisymmetric":    {Inputs: 3, Width: 3, Antisymmetric: true},
		"negative scale":       {Inputs: 3, Width: 3, InitScale: -1},
		"scale not a number":   {Inputs: 3, Width: 3, InitScale: math.NaN()},
		"unknown nonlinearity": {Inputs: 3, Width: 3, Activation: "swoosh"},
	} {
		if _, err := net.Init(rng.Stream(1, "init")); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
