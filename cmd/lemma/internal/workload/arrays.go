package workload

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"
)

// normals returns a tensor of independent normal numbers of type T.
func normals[T float32 | float64](seed uint64, dims ...int) *tensors.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	n := 1
	for _, d := range dims {
		n *= d
	}
	flat := make([]T, n)
	for i := range flat {
		flat[i] = T(r.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

// classes returns a tensor of integers below n.
func classes(seed uint64, n int, dims ...int) *tensors.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	flat := make([]int32, shapes.Make(dtypes.Int32, dims...).Size())
	for i := range flat {
		flat[i] = r.Int32N(int32(n))
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

// program returns a step that runs one compiled graph on the tensors and frees its results.
func program(backend backends.Backend, f func(in []*graph.Node) []*graph.Node, in ...*tensors.Tensor) (func() error, error) {
	exec, err := graph.NewExec(backend, f)
	if err != nil {
		return nil, fmt.Errorf("workload: %w", err)
	}
	args := make([]any, len(in))
	for i := range in {
		args[i] = in[i]
	}
	return func() error {
		out, err := exec.Exec(args...)
		for _, t := range out {
			t.MustFinalizeAll()
		}
		return err
	}, nil
}
