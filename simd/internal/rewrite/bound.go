package rewrite

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// atLeast returns a number that no element of x is below, as far as depth steps tell; elements may be
// NaN, and 0 where the divisor of a masked softmax has no terms. It is 0 if nothing is known.
func atLeast(x *ir.Node, depth int) float64 {
	if depth == 0 {
		return 0
	}
	if v, ok := splat(x); ok {
		return max(0, v.f)
	}
	switch x.Op {
	case backends.OpTypeBroadcastInDim, backends.OpTypeReshape, backends.OpTypeTranspose:
		return atLeast(x.In[0], depth-1)
	case backends.OpTypeSqrt:
		return math.Sqrt(atLeast(x.In[0], depth-1))
	case backends.OpTypeMul:
		return atLeast(x.In[0], depth-1) * atLeast(x.In[1], depth-1)
	case backends.OpTypeAdd:
		if nonNegative(x.In[0], depth) && nonNegative(x.In[1], depth) {
			return max(atLeast(x.In[0], depth-1), atLeast(x.In[1], depth-1))
		}
	case backends.OpTypeReduceSum:
		if softmaxSum(x) {
			return 1
		}
	}
	return 0
}

// softmaxSum reports whether every element of x is the divisor of a softmax,
//
//	s = Σ_j exp(z_j - max_j z_j)  or  s = Σ_j Where(c_j, exp(z_j - max_j Where(c_j, z_j, ·)), 0),
//
// which is at least 1, since one term is, and at most the number of terms; NaN if a z is infinite or
// NaN, and 0 or NaN if no c is true.
func softmaxSum(x *ir.Node) bool {
	if x.Op != backends.OpTypeReduceSum {
		return false
	}
	term := x.In[0]
	var mask *ir.Node
	if term.Op == backends.OpTypeWhere {
		if zero, ok := splat(term.In[2]); !ok || zero.f != 0 {
			return false
		}
		mask, term = term.In[0], term.In[1]
	}
	if term.Op != backends.OpTypeExp || term.In[0].Op != backends.OpTypeSub {
		return false
	}
	z, top := term.In[0].In[0], factorOf(term.In[0].In[1])
	if top.x.Op != backends.OpTypeReduceMax {
		return false
	}
	over := top.x.Attr.(ir.Axes).Axes
	of := top.x.In[0]
	if mask != nil && of.Op == backends.OpTypeWhere && of.In[0] == mask {
		of = of.In[1]
	}
	if of != z || !slices.Equal(over, x.Attr.(ir.Axes).Axes) {
		return false
	}
	for i, a := range without(z.Shape.Rank(), over) { // the maximum of its own line
		if z.Shape.Dimensions[a] != 1 && top.axes[a] != i {
			return false
		}
	}
	return true
}
