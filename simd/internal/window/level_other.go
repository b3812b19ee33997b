//go:build !amd64 || noasm

package window

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// Reduce returns nil: there is no assembly.
func Reduce(backends.ReduceOpType, dtypes.DType) func(*Line) { return nil }

// Scatter returns nil: there is no assembly.
func Scatter(backends.ReduceOpType, dtypes.DType) func(*Line) { return nil }
