package generic

import (
	"fmt"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// evaluator computes one operation; see [Eval].
type evaluator = func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor)

// evaluators is filled by the init functions of this package and not changed afterwards.
var evaluators [ir.OpEnd]evaluator

// register makes f the evaluator of op.
func register(op ir.Op, f func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor)) {
	if evaluators[op] != nil {
		panic(fmt.Errorf("generic: %s is registered twice", ir.Name(op)))
	}
	evaluators[op] = f
}

// known reports whether Eval can compute the operation. It cannot give parameters and constants
// their values, nor compute what the builder makes of simpler operations.
func known(op ir.Op) bool {
	return op >= 0 && op < ir.OpEnd && evaluators[op] != nil
}

// Eval computes node n: it writes to out the operation applied to in, the values of n.In in order.
// All tensors are contiguous, out has n's shape and shares no memory with in; but for Scatter… and
// DynamicUpdateSlice out may be the memory of the first operand, which then need not be copied. Only
// n.Op, n.Attr and n.Shape are read. Nothing is retained. Results are the same for every pool, nil included.
// It panics with an error value if the operation is not known or not defined for the element type;
// a graph whose shapes were checked does not get there.
func Eval(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	if !known(n.Op) {
		panic(fmt.Errorf("generic.Eval: no evaluator for %s", ir.Name(n.Op)))
	}
	evaluators[n.Op](pool, n, in, out)
}

// unsupported panics: an operation is not defined for the type of its operand.
func unsupported(n *ir.Node, t tensor.Tensor) {
	panic(fmt.Errorf("generic.Eval: %s is not defined for %s%v", ir.Name(n.Op), t.DType, t.Dims))
}

// params returns the node's parameters, which must have type T.
func params[T any](n *ir.Node) T {
	p, ok := n.Attr.(T)
	if !ok {
		panic(fmt.Errorf("generic.Eval: %s has parameters of type %T, want %T", ir.Name(n.Op), n.Attr, p))
	}
	return p
}
