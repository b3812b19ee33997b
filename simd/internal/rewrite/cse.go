package rewrite

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// key appends to b what two nodes share only if they have the same value: operation, operands,
// shape and parameters. Constants count by their bits, so that NaN equals itself and -0 differs
// from 0; large ones by a hash of them.
func key(b []byte, n *ir.Node) []byte {
	ints := func(open byte, list ...int) {
		b = append(b, open, byte(len(list)))
		for _, v := range list {
			b = binary.AppendVarint(b, int64(v))
		}
	}
	ints('#', int(n.Op), int(n.Shape.DType))
	ints('[', n.Shape.Dimensions...)
	b = append(b, '(')
	in := n.In
	if commutes(n.Op) && in[0].ID > in[1].ID {
		in = []*ir.Node{in[1], in[0]}
	}
	for _, x := range in {
		ints('%', x.ID)
	}
	switch a := n.Attr.(type) {
	case nil:
	case ir.Constant:
		bits := unsafe.Slice((*byte)(a.Value.Data), bytesOf(n.Shape))
		if len(bits) > sha256.Size {
			sum := sha256.Sum256(bits)
			bits = sum[:]
		}
		b = append(b, bits...)
	case ir.Axes:
		ints('{', a.Axes...)
	case ir.Permutation:
		ints('{', a.Axes...)
	case ir.BroadcastInDim:
		ints('{', a.Axes...)
	case ir.Slice:
		ints('{', a.Starts...)
		ints('{', a.Limits...)
		ints('{', a.Strides...)
	case ir.Contract:
		for _, i := range a.Indices {
			ints('{', i.Size, i.A.Axis, i.A.Step, i.B.Axis, i.B.Step, i.Out.Axis, i.Out.Step)
		}
	default:
		b = fmt.Appendf(b, "%+v", a)
	}
	return b
}

// commutes reports whether the operation's operands may be swapped without changing a bit of the
// result (but for which of two NaNs it takes). Max and Min of 0 and -0 may depend on the order.
func commutes(op ir.Op) bool {
	switch op {
	case backends.OpTypeAdd, backends.OpTypeMul, backends.OpTypeEqual, backends.OpTypeNotEqual,
		backends.OpTypeLogicalAnd, backends.OpTypeLogicalOr, backends.OpTypeLogicalXor,
		backends.OpTypeBitwiseAnd, backends.OpTypeBitwiseOr, backends.OpTypeBitwiseXor:
		return true
	}
	return false
}
