package simd

import (
	"slices"
	"strings"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// capabilities is everything that builders have a method for.
var capabilities = func() backends.Capabilities {
	c := backends.Capabilities{
		Operations: make(map[backends.OpType]bool),
		DTypes:     make(map[dtypes.DType]bool),
	}
	for op := backends.OpTypeInvalid + 1; op < backends.OpTypeLast; op++ {
		c.Operations[op] = true
	}
	// Of these the interface of builders has no method.
	for _, op := range []backends.OpType{
		backends.OpTypeBroadcast, backends.OpTypeSelectAndScatterSum,
		backends.OpTypeCollectiveBroadcast, backends.OpTypeAllGather,
	} {
		delete(c.Operations, op)
	}
	for _, t := range []dtypes.DType{
		dtypes.Bool,
		dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64,
		dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64,
		dtypes.Float16, dtypes.BFloat16, dtypes.Float32, dtypes.Float64,
		dtypes.Complex64, dtypes.Complex128,
	} {
		c.DTypes[t] = true
	}
	return c
}()

// dtypeNames lists the types of arrays, for errors.
func dtypeNames() string {
	var names []string
	for t := range capabilities.DTypes {
		names = append(names, t.String())
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
