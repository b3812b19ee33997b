package workload

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
)

// gemm is a product of [m, k] and [k, n].
func gemm(m, k, n int, double bool) Workload {
	w := Workload{
		Name:     fmt.Sprintf("gemm %dx%dx%d", m, k, n),
		What:     fmt.Sprintf("product of [%d, %d] and [%d, %d], float32", m, k, k, n),
		FloorOne: 1, FloorAll: .95, FLOP: 2 * float64(m) * float64(k) * float64(n), Double: double,
	}
	make2 := normals[float32]
	if double {
		w.Name, w.What = w.Name+" f64", fmt.Sprintf("product of [%d, %d] and [%d, %d], float64", m, k, k, n)
		w.FloorOne, make2 = .95, normals[float64]
	}
	if m == k && k == n {
		w.N = n
	}
	w.New = func(b backends.Backend) (func() error, error) {
		return program(b, func(in []*Node) []*Node { return []*Node{Dot(in[0], in[1])} }, make2(1, m, k), make2(2, k, n))
	}
	return w
}

// chain is an elementwise expression on a million elements.
func chain() Workload {
	const n = 1 << 20
	return Workload{
		Name: "chain", What: "tanh(a*b + exp(a)), 1M elements", FloorOne: 5, FloorAll: 5, Bytes: 3 * 4 * n,
		New: func(b backends.Backend) (func() error, error) {
			return program(b, func(in []*Node) []*Node {
				return []*Node{Tanh(Add(Mul(in[0], in[1]), Exp(in[0])))}
			}, normals[float32](1, n), normals[float32](2, n))
		},
	}
}

// softmax is the softmax of rows and its product with a given gradient, back to the logits.
func softmax() Workload {
	const rows, columns = 1024, 512
	return Workload{
		Name: "softmax", What: "softmax and its gradient, [1024, 512]", FloorOne: 2, FloorAll: 2, Bytes: 4 * 4 * rows * columns,
		New: func(b backends.Backend) (func() error, error) {
			return program(b, func(in []*Node) []*Node {
				y := Softmax(in[0], -1)
				return append(Gradient(ReduceAllSum(Mul(y, in[1])), in[0]), y)
			}, normals[float32](1, rows, columns), normals[float32](2, rows, columns))
		},
	}
}

// layerNorm is layer normalisation of rows with gain and offset, and its gradients in all three.
func layerNorm() Workload {
	const rows, columns = 1024, 512
	return Workload{
		Name: "layer norm", What: "layer norm and its gradients, [1024, 512]", FloorOne: 2, FloorAll: 2, Bytes: 4 * 4 * rows * columns,
		New: func(b backends.Backend) (func() error, error) {
			return program(b, func(in []*Node) []*Node {
				x, gain, offset, v := in[0], in[1], in[2], in[3]
				centred := Sub(x, ReduceAndKeep(x, ReduceMean, -1))
				variance := ReduceAndKeep(Square(centred), ReduceMean, -1)
				y := Div(centred, Sqrt(AddScalar(variance, 1e-5)))
				y = Add(Mul(y, ExpandLeftToRank(gain, 2)), ExpandLeftToRank(offset, 2))
				return append(Gradient(ReduceAllSum(Mul(y, v)), x, gain, offset), y)
			}, normals[float32](1, rows, columns), normals[float32](2, columns), normals[float32](3, columns), normals[float32](4, rows, columns))
		},
	}
}

// trivial is a program of one addition: what is left is overhead.
func trivial() Workload {
	return Workload{
		Name: "trivial", What: "x + 1 on one number: the overhead of a call",
		New: func(b backends.Backend) (func() error, error) {
			return program(b, func(in []*Node) []*Node { return []*Node{OnePlus(in[0])} }, tensors.FromScalar(float32(1)))
		},
	}
}
