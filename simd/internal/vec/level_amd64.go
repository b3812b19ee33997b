//go:build amd64 && !noasm

package vec

import (
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"golang.org/x/sys/cpu"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// A level is an instruction set.
type level uint8

const (
	avx2 level = iota + 1
	avx512
)

// An entry is a function of the generated table: one of its last three fields is set.
type entry struct {
	level   level
	form    form
	op      ir.Op
	in, out dtypes.DType
	kernel  elem.Kernel
	counter counter
	reducer elem.Reducer
}

// current is the best set that this machine has.
var current = choose()

func choose() *set {
	if l := best(); l > 0 {
		return collect(l)
	}
	return &fallback
}

// best returns the highest level of this machine, 0 for none.
func best() level {
	x := &cpu.X86
	switch {
	case !(x.HasAVX2 && x.HasFMA && x.HasBMI2 && x.HasF16C):
		return 0
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL:
		return avx512
	}
	return avx2
}

// collect makes a set of the table.
func collect(l level) *set {
	s := &set{name: "avx2", kernels: map[key]elem.Kernel{}, reducers: map[key]elem.Reducer{}}
	if l == avx512 {
		s.name = "avx512"
	}
	for _, t := range table {
		k := key{t.form, t.op, t.in, t.out}
		switch {
		case t.level != l:
		case t.kernel != nil:
			s.kernels[k] = t.kernel
		case t.counter != nil:
			s.kernels[k] = withHard(t.counter, t)
		case t.reducer != nil:
			s.reducers[k] = t.reducer
		}
	}
	s.mulAdd = map[dtypes.DType]elem.Kernel{dtypes.Float32: mulAddF32AVX2, dtypes.Float64: mulAddF64AVX2}
	if l == avx512 {
		s.mulAdd = map[dtypes.DType]elem.Kernel{dtypes.Float32: mulAddF32AVX512, dtypes.Float64: mulAddF64AVX512}
	}
	return s
}
