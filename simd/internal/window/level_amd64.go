//go:build !noasm

package window

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/cpu"
)

// A level is an instruction set.
type level uint8

const (
	plain  = level(cpu.Go) // nothing
	avx2   = level(cpu.AVX2)
	avx512 = level(cpu.AVX512)
)

// current is the best level of this machine.
var current = best()

func best() level { return level(cpu.Best()) }

type key struct {
	level level
	op    backends.ReduceOpType
	dtype dtypes.DType
}

var reducers = map[key]func(*Line){
	{avx2, backends.ReduceOpMax, dtypes.Float32}:   max32AVX2,
	{avx2, backends.ReduceOpMin, dtypes.Float32}:   min32AVX2,
	{avx2, backends.ReduceOpSum, dtypes.Float32}:   sum32AVX2,
	{avx2, backends.ReduceOpMax, dtypes.Float64}:   max64AVX2,
	{avx2, backends.ReduceOpMin, dtypes.Float64}:   min64AVX2,
	{avx2, backends.ReduceOpSum, dtypes.Float64}:   sum64AVX2,
	{avx512, backends.ReduceOpMax, dtypes.Float32}: max32AVX512,
	{avx512, backends.ReduceOpMin, dtypes.Float32}: min32AVX512,
	{avx512, backends.ReduceOpSum, dtypes.Float32}: sum32AVX512,
	{avx512, backends.ReduceOpMax, dtypes.Float64}: max64AVX512,
	{avx512, backends.ReduceOpMin, dtypes.Float64}: min64AVX512,
	{avx512, backends.ReduceOpSum, dtypes.Float64}: sum64AVX512,
}

var scatterers = map[key]func(*Line){
	{avx2, backends.ReduceOpMax, dtypes.Float32}:   maxScatter32AVX2,
	{avx2, backends.ReduceOpMin, dtypes.Float32}:   minScatter32AVX2,
	{avx2, backends.ReduceOpMax, dtypes.Float64}:   maxScatter64AVX2,
	{avx2, backends.ReduceOpMin, dtypes.Float64}:   minScatter64AVX2,
	{avx512, backends.ReduceOpMax, dtypes.Float32}: maxScatter32AVX512,
	{avx512, backends.ReduceOpMin, dtypes.Float32}: minScatter32AVX512,
	{avx512, backends.ReduceOpMax, dtypes.Float64}: maxScatter64AVX512,
	{avx512, backends.ReduceOpMin, dtypes.Float64}: minScatter64AVX512,
}

// Reduce returns the function that sets the runs at Dst to the maximum (NaN if there is one; -0 is less
// than +0), minimum or sum (tap after tap) of each window's runs; nil if there is none. They must not
// overlap the operand.
func Reduce(op backends.ReduceOpType, dtype dtypes.DType) func(*Line) {
	return reducers[key{current, op, dtype}]
}

// Scatter returns the function that goes through each window's runs and keeps of what it has selected
// and the next candidate the first if it is ≥ (Max) or ≤ (Min), then adds the run of Add to the
// elements at Dst where the selected ones are in the operand; nil if there is none. Windows may overlap;
// they add in order.
func Scatter(op backends.ReduceOpType, dtype dtypes.DType) func(*Line) {
	return scatterers[key{current, op, dtype}]
}
