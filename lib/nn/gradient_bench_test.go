package nn

import (
	"fmt"
	"testing"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego" // "go", to compare with
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/rng"
)

// BenchmarkGradient takes five steps of gradient descent with WeightGradients and with autodiff. On two
// shared cores, minima of two runs, autodiff takes as long on simd at 100x64-256-256-256 and at
// 100x64-784-784 and 1.26 times as long at 40x10-64; on go 19, 12 and 1 times as long.
func BenchmarkGradient(b *testing.B) {
	for _, c := range []struct{ n, inputs, width, depth int }{{40, 10, 64, 1}, {100, 64, 256, 3}, {100, 64, 784, 2}} {
		for _, name := range []string{"simd:parallelism=1", "go:ops_sequential"} {
			for _, how := range []string{"products", "autodiff"} {
				b.Run(fmt.Sprintf("%dx%d-%dx%d/%s/%s", c.n, c.inputs, c.depth, c.width, name, how), func(b *testing.B) {
					backend, err := backends.NewWithConfig(name)
					if err != nil {
						b.Fatal(err)
					}
					defer backend.Finalize()
					net := Uniform(c.inputs, c.width, c.depth, ReLU)
					steps, err := NewExec(backend, "steps", func(in []*graph.Node) []*graph.Node {
						w := append([]*graph.Node(nil), in[2:]...)
						for range 5 {
							t := net.Forward(in[0], w)
							residual := graph.Sub(t.Output, in[1])
							var grads []*graph.Node
							if how == "products" {
								grads = net.WeightGradients(t, net.Backward(w, t), residual)
							} else {
								grads = graph.Gradient(graph.MulScalar(graph.ReduceAllSum(graph.Square(residual)), 0.5), w...)
							}
							for h, g := range grads {
								w[h] = graph.Sub(w[h], graph.MulScalar(g, 0.01))
							}
						}
						return w
					})
					if err != nil {
						b.Fatal(err)
					}
					defer steps.Close()
					weights, err := net.Init(rng.Stream(1, "init"))
					if err != nil {
						b.Fatal(err)
					}
					in := []*tensors.Tensor{Tensor(normals(1, "x", c.n, c.inputs)), Tensor(normals(1, "y", c.n, 1))}
					for _, w := range weights {
						in = append(in, Tensor(w))
					}
					for b.Loop() {
						out, err := steps.Run(in...)
						if err != nil {
							b.Fatal(err)
						}
						for _, t := range out {
							t.MustFinalizeAll()
						}
					}
				})
			}
		}
	}
}
