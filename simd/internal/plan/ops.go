package plan

import (
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// operandType is the element type that chooses an elementwise operation's kernel.
func operandType(n *ir.Node) dtypes.DType { return n.In[ir.DataOperand(n.Op)].Shape.DType }
