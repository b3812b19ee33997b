package hessian

import (
	"testing"

	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// BenchmarkProduct: a product with the Hessian of a network 784-128-10 (101,632 parameters, batch 128)
// against a gradient. The floor is 2 gradients; more than 3 is too slow.
func BenchmarkProduct(b *testing.B) {
	const n, d, m, k = 128, 784, 128, 10
	r := rng.Stream(1, "bench")
	dense := func(rows, cols int) *tensors.Tensor {
		x := mat.NewDense(rows, cols, rng.Normals(r, rows*cols))
		x.Scale(.05, x)
		return nn.Tensor(x)
	}
	loss := func(params, inputs []*Node) *Node {
		return ReduceAllMean(Square(Sub(Dot(Tanh(Dot(inputs[0], params[0])), params[1]), inputs[1])))
	}
	op, err := New(claimtest.Backend(b), loss, []*tensors.Tensor{dense(d, m), dense(m, k)}, dense(n, d), dense(n, k))
	if err != nil {
		b.Fatal(err)
	}
	v, dst := rng.Normals(r, op.Dim()), make([]float64, op.Dim())
	b.Run("gradient", func(b *testing.B) {
		for b.Loop() {
			if _, err := op.Gradient(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("product", func(b *testing.B) {
		for b.Loop() {
			if err := op.Product(dst, v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
