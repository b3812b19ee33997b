//go:build amd64 && !noasm

package gemm

import (
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/cpu"
)

//go:generate go run ./gen -out tiles_amd64.s

func init() {
	single := &copies{
		strip64: strip64, strip32: strip32, strip16: strip16, strip8: strip8, strip4: strip4,
		across24: across24, across48: across48,
		transpose8: transpose8F32, transpose6: transpose6F32, transpose4: transpose4F32, transpose2: transpose2F32,
		dots4: dotsF32x4, dots1: dotsF32x1,
	}
	double := &copies{
		strip64: strip64, strip32: strip32, strip16: strip16, strip8: strip8, strip4: strip4,
		across24: across24, across48: across48,
		transpose4: transpose4F64, transpose2: transpose2F64,
		dots4: dotsF64x4, dots1: dotsF64x1,
	}
	kernels["avx2"] = map[dtypes.DType]*kernel{
		dtypes.Float32: {"avx2 6x16", 4, 6, 16, tilesF32AVX2, wideF32, single},
		dtypes.Float64: {"avx2 6x8", 8, 6, 8, tilesF64AVX2, wideF64, double},
	}
	kernels["avx512"] = map[dtypes.DType]*kernel{
		dtypes.Float32: {"avx512 14x32", 4, 14, 32, tilesF32AVX512, wideF32, single},
		dtypes.Float64: {"avx512 14x16", 8, 14, 16, tilesF64AVX512, wideF64, double},
	}
	for l := cpu.AVX2; l <= cpu.Best(); l++ {
		levels = append(levels, l.String())
	}
}
