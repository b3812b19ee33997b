package rewrite

import (
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// nonNegative reports whether no element of x can be negative or -0, as far as depth steps tell. They
// may be NaN.
func nonNegative(x *ir.Node, depth int) bool {
	if depth == 0 || x.Shape.DType.IsComplex() {
		return false
	}
	if v, ok := splat(x); ok {
		if v.float {
			return !math.Signbit(v.f) || math.IsNaN(v.f)
		}
		return v.i >= 0
	}
	all := func(xs ...*ir.Node) bool {
		for _, y := range xs {
			if !nonNegative(y, depth-1) {
				return false
			}
		}
		return true
	}
	switch x.Op {
	case backends.OpTypeExp, backends.OpTypeLogistic:
		return true
	case backends.OpTypeAbs:
		return x.Shape.DType.IsFloat() // the least integer stays negative
	case backends.OpTypeMul:
		if !x.Shape.DType.IsFloat() {
			return false // may wrap around
		}
		return x.In[0] == x.In[1] || all(x.In...)
	case backends.OpTypeAdd, backends.OpTypeDiv, backends.OpTypeMax, backends.OpTypeMin:
		return x.Shape.DType.IsFloat() && all(x.In...)
	case backends.OpTypeSqrt, backends.OpTypeBroadcastInDim, backends.OpTypeReshape, backends.OpTypeTranspose,
		backends.OpTypeSlice, backends.OpTypeReverse:
		return all(x.In[0])
	case backends.OpTypeReduceSum:
		return x.Shape.DType.IsFloat() && all(x.In[0])
	case backends.OpTypeReduceMax, backends.OpTypeReduceMin:
		return x.In[0].Shape.Size() > 0 && all(x.In[0]) // the greatest of nothing is -∞
	case backends.OpTypeWhere:
		return all(x.In[1], x.In[2])
	case backends.OpTypeConvertDType:
		from := x.In[0].Shape.DType
		return from == dtypes.Bool || from.IsUnsigned() && x.Shape.DType.IsFloat()
	}
	return false
}
