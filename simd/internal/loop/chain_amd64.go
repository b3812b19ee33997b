//go:build !noasm

package loop

import (
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/vec"
)

//go:noescape
func runF32(code *link, n int)

//go:noescape
func runF64(code *link, n int)

func tableF32() *linkCode
func tableF64() *linkCode

// hasChains reports whether chains can run here.
var hasChains = vec.Level() != "go"

// linkTable returns the code of the operations for a type, nil if there is none.
func linkTable(dtype dtypes.DType) *linkCode {
	switch {
	case !hasChains:
		return nil
	case dtype == dtypes.Float32:
		return tableF32()
	case dtype == dtypes.Float64:
		return tableF64()
	}
	return nil
}

// runChain runs code on n elements, 1 or more.
func runChain(dtype dtypes.DType, code *link, n int) {
	if dtype == dtypes.Float32 {
		runF32(code, n)
	} else {
		runF64(code, n)
	}
}
