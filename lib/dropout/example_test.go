package dropout_test

import (
	"context"
	"fmt"
	"log"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	_ "github.com/lemma-ml/lemma/simd"
)

func ExampleLambda() {
	for _, p := range []float64{0, .1, .5, .9} {
		lambda, err := dropout.Lambda(p)
		fmt.Printf("%.4f %v\n", lambda, err)
	}
	_, err := dropout.Lambda(1)
	fmt.Println(err)
	// Output:
	// 0.0000 <nil>
	// 0.1111 <nil>
	// 1.0000 <nil>
	// 9.0000 <nil>
	// dropout.Lambda: rate 1, want a probability of dropping in [0,1)
}

func ExampleHead() {
	// Two examples, three units, one output.
	h := dropout.Head{
		Features: mat.NewDense(2, 3, []float64{1, 2, 0, .5, 0, 1}),
		Weights:  mat.NewDense(1, 3, []float64{1, -1, 2}),
		Targets:  mat.NewDense(2, 1, []float64{0, 1}),
	}
	penalty, _ := h.Penalty(1) // p = 1/2
	exact, _ := h.Exact(context.Background(), .5)
	shares, _ := h.Shares()
	fmt.Println("loss and penalty", h.Value(nil), penalty, "all masks", exact)
	fmt.Println("shares", shares)
	// Output:
	// loss and penalty 1.625 4.625 all masks 6.25
	// shares [0.625 2 2]
}

// parameters draws tensors of the given shapes with entries of variance 1/√size of the first axis.
func parameters(shapes ...[]int) []*tensors.Tensor {
	r := rng.Stream(1, "example")
	var out []*tensors.Tensor
	for _, s := range shapes {
		size := 1
		for _, d := range s {
			size *= d
		}
		v := rng.Normals(r, size)
		for i := range v {
			v[i] /= math.Sqrt(float64(s[len(s)-1]))
		}
		out = append(out, tensors.FromFlatDataAndDimensions(v, s...))
	}
	return out
}

// compare prints the loss with the penalty and the mean loss over all masks of the features, for a
// network that makes features [..., d] of its inputs; the last two inputs are W and the targets.
func compare(loss dropout.Loss, p float64, features func(in []*graph.Node) *graph.Node, in ...*tensors.Tensor) {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		log.Fatal(err)
	}
	defer b.Finalize()
	lambda, err := dropout.Lambda(p)
	if err != nil {
		log.Fatal(err)
	}
	e, err := nn.NewExec(b, "compare", func(in []*graph.Node) []*graph.Node {
		w, y := in[len(in)-2], in[len(in)-1]
		a := features(in[:len(in)-2])
		task := func(a *graph.Node) (z, mean *graph.Node) {
			z = graph.DotGeneral(a, []int{-1}, nil, w, []int{-1}, nil)
			n := float64(z.Shape().Size() / w.Shape().Dimensions[0])
			if loss == dropout.Squared {
				return z, graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(y, z))), 1/n)
			}
			return z, graph.MulScalar(graph.ReduceAllSum(graph.Mul(y, graph.LogSoftmax(z))), -1/n)
		}
		z, plain := task(a)
		penalized := graph.Add(plain, dropout.Regularizer(loss, lambda, a, w, z))
		d := w.Shape().Dimensions[1]
		masks, err := dropout.Enumerate(p, d)
		if err != nil {
			panic(err)
		}
		mean := graph.ScalarZero(a.Graph(), a.DType())
		for mask, q := range masks {
			factors := graph.BroadcastToShape(graph.ExpandLeftToRank(graph.Const(a.Graph(), append([]float64(nil), mask...)), a.Rank()), a.Shape())
			_, l := task(graph.Mul(a, factors))
			mean = graph.Add(mean, graph.MulScalar(l, q))
		}
		return []*graph.Node{plain, penalized, mean}
	})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	out, err := e.Run(in...)
	if err != nil {
		log.Fatal(err)
	}
	for i, name := range []string{"loss", "with the penalty", "mean over masks"} {
		v, err := nn.Values(out[i])
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %.6f\n", name, v[0])
	}
}

// A network of two hidden layers: its last is dropped.
func ExampleRegularizer_mlp() {
	in := parameters([]int{8, 5}, []int{6, 5}, []int{6, 6}, []int{3, 6}, []int{8, 3}) // x, W1, W2, W3, y
	compare(dropout.Squared, .5, func(in []*graph.Node) *graph.Node {
		dense := func(x, w *graph.Node) *graph.Node {
			return graph.MaxScalar(graph.DotGeneral(x, []int{1}, nil, w, []int{1}, nil), 0)
		}
		return dense(dense(in[0], in[1]), in[2])
	}, in...)
	// Output:
	// loss 1.550498
	// with the penalty 1.637194
	// mean over masks 1.637194
}

// A transformer block, attention and a layer of ReLU, each with a residual path, on 2 sequences of 4
// tokens; the features [2, 4, 6] that a linear readout sees are dropped.
func ExampleRegularizer_transformer() {
	const d = 6
	in := parameters([]int{2, 4, d}, []int{d, d}, []int{d, d}, []int{d, d}, []int{8, d}, []int{d, 8}, []int{3, d}, []int{2, 4, 3}) // x, Q, K, V, up, down, W, y
	compare(dropout.Squared, .1, func(in []*graph.Node) *graph.Node {
		x := in[0]
		dense := func(x, w *graph.Node) *graph.Node { return graph.DotGeneral(x, []int{2}, nil, w, []int{1}, nil) }
		scores := graph.Einsum("bqd,bkd->bqk", dense(x, in[1]), dense(x, in[2]))
		attention := graph.Softmax(graph.MulScalar(scores, 1/math.Sqrt(d)))
		x = graph.Add(x, graph.Einsum("bqk,bkd->bqd", attention, dense(x, in[3])))
		return graph.Add(x, dense(graph.MaxScalar(dense(x, in[4]), 0), in[5]))
	}, in...)
	// Output:
	// loss 1.466625
	// with the penalty 1.580769
	// mean over masks 1.580769
}

// A convnet: one convolution of 6 channels, ReLU, the mean over the image, a linear readout under
// softmax, where the penalty is an approximation.
func ExampleRegularizer_convnet() {
	in := parameters([]int{4, 6, 6, 2}, []int{3, 3, 2, 6}, []int{3, 6}) // images, kernel, W
	y := tensors.FromFlatDataAndDimensions([]float64{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0}, 4, 3)
	compare(dropout.Softmax, .5, func(in []*graph.Node) *graph.Node {
		maps := graph.MaxScalar(graph.Convolve(in[0], in[1]).PadSame().Done(), 0)
		return graph.ReduceMean(maps, 1, 2) // [4, 6]
	}, append(in, y)...)
	// Output:
	// loss 1.147363
	// with the penalty 1.220423
	// mean over masks 1.217950
}
