package plan

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/generic"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// A runner executes a step once; the slices it was made with hold the addresses of its operands and
// results.
type runner func(pool *par.Pool)

// A step is one piece of work of the plan.
type step struct {
	kind   string // "loop", "gemm", "copy" or the operation evaluated
	about  string // what is in it
	flop   float64
	reads  []ref
	writes []ref
	// over lists pairs (w, r): writes[w] may lie on the memory of reads[r] if nobody needs that
	// afterwards.
	over [][2]int
	// start returns the step's runner for one set of memory. in and out stay the same slices; what
	// they hold changes between runs.
	start func(in, out []unsafe.Pointer) runner
}

// A ref is an address: an array and a distance in bytes.
type ref struct {
	array  *array
	offset int
}

// refTo returns where a node's first element lies.
func refTo(n *node) ref {
	return ref{n.root.array, n.mem.offset * n.dtype().Size()}
}

// tensorOf returns the node's view without an address.
func tensorOf(n *node) tensor.Tensor {
	return tensor.Tensor{DType: n.dtype(), Dims: n.mem.dims, Strides: n.mem.strides}
}

// evalStep evaluates one node by package generic.
func evalStep(n *node) *step {
	s := &step{kind: ir.Name(n.Op), about: n.String(), writes: []ref{refTo(n)}}
	template := make([]tensor.Tensor, len(n.in))
	for i, o := range n.in {
		s.reads = append(s.reads, refTo(o))
		template[i] = tensor.Of(o.dtype(), o.dims(), nil)
	}
	switch n.Op {
	case backends.OpTypeScatterSum, backends.OpTypeScatterMax, backends.OpTypeScatterMin:
		// They begin with a copy of the array, which is left out where that is the result's.
		s.over = [][2]int{{0, 0}}
	}
	result := tensorOf(n)
	s.start = func(in, out []unsafe.Pointer) runner {
		tensors := append([]tensor.Tensor(nil), template...)
		result := result
		return func(pool *par.Pool) {
			for i := range tensors {
				tensors[i].Data = in[i]
			}
			result.Data = out[0]
			generic.Eval(pool, n.Node, tensors, result)
			for i := range tensors { // the frame outlives the memory
				tensors[i].Data = nil
			}
			result.Data = nil
		}
	}
	return s
}

// copyStep copies a view to where n lies.
func copyStep(n *node) *step {
	o := n.in[0]
	s := &step{kind: "copy", about: n.String(), reads: []ref{refTo(o)}, writes: []ref{refTo(n)}}
	dense := o.mem.contiguous()
	if dense {
		s.over = [][2]int{{0, 0}}
	}
	src, dst := tensorOf(o), tensorOf(n)
	s.start = func(in, out []unsafe.Pointer) runner {
		return func(pool *par.Pool) {
			if dense && in[0] == out[0] {
				return
			}
			src, dst := src, dst
			src.Data, dst.Data = in[0], out[0]
			generic.Copy(pool, dst, src)
		}
	}
	return s
}
