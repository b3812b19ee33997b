package rewrite

import (
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// key returns a string that two nodes share only if they have the same value: operation, operands,
// shape and parameters. Constants count by their bits, so that NaN equals itself and -0 differs
// from 0.
func key(n *ir.Node) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(int(n.Op)))
	b.WriteByte(' ')
	b.WriteString(strconv.Itoa(int(n.Shape.DType)))
	for _, d := range n.Shape.Dimensions {
		b.WriteByte(',')
		b.WriteString(strconv.Itoa(d))
	}
	in := n.In
	if commutes(n.Op) && in[0].ID > in[1].ID {
		in = []*ir.Node{in[1], in[0]}
	}
	b.WriteByte('(')
	for _, x := range in {
		b.WriteString(strconv.Itoa(x.ID))
		b.WriteByte(' ')
	}
	b.WriteByte(')')
	switch a := n.Attr.(type) {
	case nil:
	case ir.Constant:
		b.WriteString(unsafe.String((*byte)(a.Value.Data), bytesOf(n.Shape)))
	default:
		fmt.Fprintf(&b, "%+v", a)
	}
	return b.String()
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
