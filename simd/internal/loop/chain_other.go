//go:build !amd64 || noasm

package loop

import "github.com/gomlx/gomlx/pkg/core/dtypes"

func linkTable(dtypes.DType) *linkCode { return nil }

func runChain(dtypes.DType, *link, int) {}
