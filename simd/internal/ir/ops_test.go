package ir_test

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// TestOperationsAreKernels holds the lists to package elem: what has a kernel is on them, what is on
// them has one.
func TestOperationsAreKernels(t *testing.T) {
	types := []dtypes.DType{dtypes.Bool, dtypes.Int32, dtypes.Uint32, dtypes.Float32, dtypes.Complex64}
	for op := range ir.OpEnd {
		maps, reduces := false, false
		for _, in := range types {
			reduces = reduces || elem.Reduce(op, in) != nil
			for _, out := range types {
				maps = maps || elem.Map(op, in, out) != nil
			}
		}
		// Identity and Bitcast have kernels, but a plan makes views of them.
		if moves := op == backends.OpTypeIdentity || op == backends.OpTypeBitcast; maps != (ir.Arity(op) > 0) && !moves {
			t.Errorf("%s: a kernel %t, %d operands", ir.Name(op), maps, ir.Arity(op))
		}
		if reduces != ir.IsReduction(op) {
			t.Errorf("%s: a reducer %t, on the list %t", ir.Name(op), reduces, ir.IsReduction(op))
		}
	}
	if n := len(ir.Elementwise()) + len(ir.Reductions()); n < 60 {
		t.Errorf("%d operations: too few to be all", n)
	}
	if ir.DataOperand(backends.OpTypeWhere) != 1 || ir.DataOperand(backends.OpTypeClamp) != 0 {
		t.Error("a condition is no data")
	}
}
