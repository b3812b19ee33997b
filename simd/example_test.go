package simd_test

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	. "github.com/gomlx/gomlx/pkg/core/graph"

	_ "github.com/lemma-ml/lemma/simd"
)

// The backend is chosen by its name; programs are GoMLX's.
func Example() {
	backend, err := backends.NewWithConfig("simd:parallelism=2")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer backend.Finalize()
	exec := MustNewExec(backend, func(x *Node) []*Node {
		loss := ReduceAllSum(Square(x)) // Σ x²
		return []*Node{loss, Gradient(loss, x)[0]}
	})
	results := exec.MustExec([]float32{1, 2, 3})
	fmt.Println(results[0].Value(), results[1].Value())
	// Output: 14 [2 4 6]
}
