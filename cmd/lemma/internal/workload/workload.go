package workload

import "github.com/gomlx/gomlx/backends"

// A Workload is one piece of work.
type Workload struct {
	Name string // as `lemma bench -backend` and the PyTorch side know it
	What string // for people: shapes, what is done
	// What the ratio to PyTorch, its time over ours, should not fall below: in processor time on one
	// thread, and in time on the clock on all cores. 0: none is stated.
	FloorOne, FloorAll float64
	FLOP               float64 // multiplications and additions of matrix products; 0 where others dominate
	Bytes              float64 // that must be read and written at least; 0 where arithmetic dominates
	Double             bool    // float64
	N                  int     // of a product of n×n matrices, whose time grows as n³; else 0
	// New prepares the work; step does it once and frees what it computed.
	New func(backend backends.Backend) (step func() error, err error)
}

// All returns every workload, in the order of the table.
func All() []Workload {
	var all []Workload
	for _, n := range []int{128, 256, 512, 1024, 2048} {
		all = append(all, gemm(n, n, n, false))
	}
	for _, s := range [][3]int{{64, 784, 256}, {128, 784, 256}, {784, 128, 256}, {128, 256, 10}, {1024, 128, 512}, {1024, 512, 128}} {
		all = append(all, gemm(s[0], s[1], s[2], false))
	}
	for _, n := range []int{512, 1024, 2048} {
		all = append(all, gemm(n, n, n, true))
	}
	return append(all,
		chain(), softmax(), layerNorm(),
		mlp("sgd", 1.5), mlp("adam", 2),
		transformer(), convnet(), trivial())
}
