package rewrite

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// arithConvert drops conversions to the same type, and the first of two if it loses nothing and the
// second then gives the same.
func arithConvert(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	if x.Shape.DType == n.Shape.DType {
		return x
	}
	if x.Op != backends.OpTypeConvertDType {
		return nil
	}
	from, via, to := x.In[0].Shape.DType, x.Shape.DType, n.Shape.DType
	if !contains(via, from) {
		return nil
	}
	// Floats too large for an integer type become its limit, integers wrap around.
	if from.IsInt() && via.IsFloat() && to.IsInt() && !contains(to, from) {
		return nil
	}
	return e.convert(x.In[0], to)
}

// contains reports whether every value of type b is one of type a.
func contains(a, b dtypes.DType) bool {
	if a == b {
		return true
	}
	switch {
	case b == dtypes.Bool:
		return a.IsInt() || a.IsFloat()
	case b.IsInt() && a.IsInt():
		if a.IsUnsigned() {
			return b.IsUnsigned() && a.Size() >= b.Size()
		}
		return a.Size() > b.Size() || a.Size() == b.Size() && !b.IsUnsigned()
	case b.IsInt() && a.IsFloat():
		bits := b.Bits()
		if !b.IsUnsigned() {
			bits--
		}
		return bits <= mantissa(a)
	case b.IsFloat() && a.IsFloat():
		return a == dtypes.Float64 || a == dtypes.Float32 && b.IsFloat16()
	}
	return false
}

// mantissa returns a float type's precision in bits.
func mantissa(dtype dtypes.DType) int {
	switch dtype {
	case dtypes.BFloat16:
		return 8
	case dtypes.Float16:
		return 11
	case dtypes.Float32:
		return 24
	}
	return 53
}
