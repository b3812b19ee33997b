package nn_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	_ "github.com/lemma-ml/lemma/simd"
	"gonum.org/v1/gonum/mat"
)

// One step of gradient descent on ½(f(x)-1)² for a two-layer network that starts at f = 0.
func ExampleTwoLayer() {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		panic(err)
	}
	net := nn.TwoLayer{Inputs: 2, Width: 1000, Antisymmetric: true}
	p, err := net.Init(rng.Stream(1, "init"))
	if err != nil {
		panic(err)
	}
	step, err := nn.NewExec(b, "step", func(in []*graph.Node) []*graph.Node {
		x, y, w, a, s := in[0], in[1], in[2], in[3], in[4]
		z := net.PreActivations(x, w)
		u := net.OutputFrom(z, a, s)
		g := net.WeightGradient(x, z, a, s, graph.Sub(u, y))
		return []*graph.Node{u, net.Output(x, graph.Sub(w, graph.MulScalar(g, 0.5)), a, s)}
	})
	if err != nil {
		panic(err)
	}
	defer step.Close()
	x := mat.NewDense(1, 2, []float64{0.6, 0.8})
	out, err := step.Run(nn.Tensor(x), nn.Column([]float64{1}), nn.Tensor(p.W), nn.Row(p.A), nn.Scalar(0.0316228))
	if err != nil {
		panic(err)
	}
	before, _ := nn.Values(out[0])
	after, _ := nn.Values(out[1])
	// H(x,x) is near 1/2, so a step of 0.5 closes about a quarter of the distance to 1.
	fmt.Printf("before %.2f, after %.1f\n", before[0], after[0])
	// Output: before 0.00, after 0.3
}

// The gradient of a linear model is its input.
func ExampleJacobian() {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		panic(err)
	}
	net := nn.FullyConnected{Inputs: 2}
	w := []*tensors.Tensor{nn.Tensor(mat.NewDense(1, 2, []float64{5, -1}))}
	x := mat.NewDense(2, 2, []float64{1, 2, 3, 4})
	j, err := nn.Jacobian(context.Background(), b, func(p []*graph.Node, x *graph.Node) *graph.Node {
		return net.Forward(x, p).Output
	}, w, x)
	if err != nil {
		panic(err)
	}
	fmt.Println(j[0][0], j[1][0])
	// Output: [1 2] [3 4]
}

func ExampleFullyConnected_Parameters() {
	fmt.Println(nn.Uniform(64, 128, 2, nn.ReLU).Parameters())
	// Output: 24704
}
