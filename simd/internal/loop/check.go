package loop

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// operandType returns the type that elem.Map calls in: that of the first operand that is data.
func operandType(op ir.Op, args []int, dtype func(v int) dtypes.DType) dtypes.DType {
	return dtype(args[ir.DataOperand(op)])
}

// check reports what is wrong with a program, nil if nothing is.
func (p *Program) check() error {
	rank := len(p.Dims)
	if rank == 0 {
		return fmt.Errorf("loop.Compile: Dims is empty, want at least one dimension")
	}
	for i, n := range p.Dims {
		if n < 0 {
			return fmt.Errorf("loop.Compile: Dims[%d]=%d, want 0 or more", i, n)
		}
	}
	types := make([]dtypes.DType, 0, len(p.Inputs)+len(p.Instrs))
	columns := make([]bool, 0, cap(types)) // has columns
	dtype := func(v int) dtypes.DType { return types[v] }
	for i, in := range p.Inputs {
		if len(in.Strides) != rank {
			return fmt.Errorf("loop.Compile: input %d has %d strides, want one for each of %d dimensions", i, len(in.Strides), rank)
		}
		if elem.Map(backends.OpTypeIdentity, in.DType, in.DType) == nil {
			return fmt.Errorf("loop.Compile: input %d is of type %s, which no kernel takes", i, in.DType)
		}
		types = append(types, in.DType)
		columns = append(columns, in.Strides[rank-1] != 0 && p.Dims[rank-1] != 1)
	}
	for i, in := range p.Instrs {
		want := max(1, ir.Arity(in.Op)) // reductions, Identity and Bitcast have one
		if len(in.Args) != want {
			return fmt.Errorf("loop.Compile: instruction %d, %s, has %d operands, want %d", i, ir.Name(in.Op), len(in.Args), want)
		}
		wide := false
		for _, a := range in.Args {
			if a < 0 || a >= len(types) {
				return fmt.Errorf("loop.Compile: instruction %d, %s, has operand %d, want a value before it, below %d", i, ir.Name(in.Op), a, len(types))
			}
			wide = wide || columns[a]
		}
		if ir.IsReduction(in.Op) {
			if in.DType != types[in.Args[0]] || elem.Reduce(in.Op, in.DType) == nil {
				return fmt.Errorf("loop.Compile: instruction %d: %s from %s to %s has no kernel", i, ir.Name(in.Op), types[in.Args[0]], in.DType)
			}
			wide = false
		} else {
			t := operandType(in.Op, in.Args, dtype)
			for k, a := range in.Args {
				need := t
				if in.Op == backends.OpTypeWhere && k == 0 {
					need = dtypes.Bool
				}
				if types[a] != need {
					return fmt.Errorf("loop.Compile: instruction %d, %s, has operand %d of type %s, want %s", i, ir.Name(in.Op), k, types[a], need)
				}
			}
			if elem.Map(in.Op, t, in.DType) == nil {
				return fmt.Errorf("loop.Compile: instruction %d: %s from %s to %s has no kernel", i, ir.Name(in.Op), t, in.DType)
			}
		}
		types = append(types, in.DType)
		columns = append(columns, wide)
	}
	if len(p.Outputs) == 0 {
		return fmt.Errorf("loop.Compile: no outputs")
	}
	for i, o := range p.Outputs {
		if o.Value < 0 || o.Value >= len(types) {
			return fmt.Errorf("loop.Compile: output %d is value %d, want one below %d", i, o.Value, len(types))
		}
		if len(o.Strides) != rank {
			return fmt.Errorf("loop.Compile: output %d has %d strides, want one for each of %d dimensions", i, len(o.Strides), rank)
		}
		over := func(d int) bool { return o.Reduce != backends.OpTypeInvalid && o.Over[d] }
		if o.Reduce != backends.OpTypeInvalid {
			if len(o.Over) != rank {
				return fmt.Errorf("loop.Compile: output %d has Over of length %d, want one for each of %d dimensions", i, len(o.Over), rank)
			}
			if !ir.IsReduction(o.Reduce) || elem.Reduce(o.Reduce, types[o.Value]) == nil {
				return fmt.Errorf("loop.Compile: output %d: %s of %s has no kernel", i, ir.Name(o.Reduce), types[o.Value])
			}
		}
		for d, n := range p.Dims {
			last := d == rank-1
			switch {
			case n <= 1:
			case over(d) && o.Strides[d] != 0:
				return fmt.Errorf("loop.Compile: output %d is reduced over dimension %d and has stride %d there, want 0", i, d, o.Strides[d])
			case !over(d) && o.Strides[d] == 0 && (!last || columns[o.Value]):
				return fmt.Errorf("loop.Compile: output %d has stride 0 in dimension %d of extent %d, want another", i, d, n)
			}
		}
	}
	return nil
}
