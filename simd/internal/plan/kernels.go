package plan

import (
	"encoding/binary"

	"github.com/lemma-ml/lemma/simd/internal/gemm"
	"github.com/lemma-ml/lemma/simd/internal/loop"
)

// kernels are what steps run, by what they compute: the steps of an unrolled loop share them.
type kernels struct {
	loops    map[string]*loop.Kernel
	products map[string]*gemm.Plan
	key      []byte
}

// ints adds numbers to the key, and how many they are.
func (k *kernels) ints(list ...int) {
	k.key = binary.AppendVarint(k.key, int64(len(list)))
	for _, v := range list {
		k.key = binary.AppendVarint(k.key, int64(v))
	}
}

// loop compiles a program, or returns the kernel of its equal.
func (k *kernels) loop(p loop.Program) (*loop.Kernel, error) {
	k.key = k.key[:0]
	k.ints(p.Dims...)
	k.ints(len(p.Inputs), len(p.Instrs), len(p.Outputs))
	for _, in := range p.Inputs {
		k.ints(int(in.DType))
		k.ints(in.Strides...)
	}
	for _, in := range p.Instrs {
		k.ints(int(in.Op), int(in.DType))
		k.ints(in.Args...)
	}
	for _, o := range p.Outputs {
		k.ints(o.Value, int(o.Reduce))
		k.ints(o.Strides...)
		over := 0
		for i, v := range o.Over {
			if v {
				over |= 1 << i
			}
		}
		k.ints(over)
	}
	if kernel := k.loops[string(k.key)]; kernel != nil {
		return kernel, nil
	}
	kernel, err := loop.Compile(p)
	if err != nil {
		return nil, err
	}
	if k.loops == nil {
		k.loops = map[string]*loop.Kernel{}
	}
	k.loops[string(k.key)] = kernel
	return kernel, nil
}

// product plans a contraction, or returns the plan of its equal.
func (k *kernels) product(p gemm.Problem) (*gemm.Plan, error) {
	k.key = k.key[:0]
	k.ints(int(p.DType), len(p.Batch), len(p.M), len(p.N), len(p.K))
	for _, axes := range [][]gemm.Axis{p.Batch, p.M, p.N, p.K} {
		for _, a := range axes {
			k.ints(a.Size, a.A, a.B, a.C)
		}
	}
	if plan := k.products[string(k.key)]; plan != nil {
		return plan, nil
	}
	plan, err := gemm.New(p)
	if err != nil {
		return nil, err
	}
	if k.products == nil {
		k.products = map[string]*gemm.Plan{}
	}
	k.products[string(k.key)] = plan
	return plan, nil
}
