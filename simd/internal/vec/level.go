//go:build (amd64 || arm64) && !noasm

package vec

import (
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/cpu"
	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// A level is an instruction set.
type level = cpu.Level

const (
	avx2   = cpu.AVX2
	avx512 = cpu.AVX512
	neon   = cpu.NEON
)

// An entry is a function of the generated table: one of its last three fields is set. Without an
// operation it is MulAdd.
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
	if l := cpu.Best(); l > cpu.Go {
		return collect(l)
	}
	return &fallback
}

// collect makes a set of the table.
func collect(l level) *set {
	s := &set{
		name:    l.String(),
		kernels: map[key]elem.Kernel{}, reducers: map[key]elem.Reducer{}, mulAdd: map[dtypes.DType]elem.Kernel{},
	}
	for _, t := range table {
		k := key{t.form, t.op, t.in, t.out}
		switch {
		case t.level != l:
		case t.op == backends.OpTypeInvalid:
			s.mulAdd[t.in] = t.kernel
		case t.kernel != nil:
			s.kernels[k] = t.kernel
		case t.counter != nil:
			s.kernels[k] = withHard(t.counter, t)
		case t.reducer != nil:
			s.reducers[k] = t.reducer
		}
	}
	return s
}
