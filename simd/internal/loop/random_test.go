package loop

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// interpret computes a program one element at a time, from the definition.
func interpret(p Program, in, out []unsafe.Pointer) {
	rank := len(p.Dims)
	columns := p.Dims[rank-1]
	empty := columns == 0
	if empty { // rows still have values
		p.Dims = append(slices.Clone(p.Dims[:rank-1]), 1)
	}
	n := tensor.Size(p.Dims)
	index := make([]int, rank)
	each := func(f func(i int)) {
		for i := range n {
			x := i
			for d := rank - 1; d >= 0; d-- {
				index[d] = x % p.Dims[d]
				x /= p.Dims[d]
			}
			f(i)
		}
	}
	at := func(strides []int) (off int) {
		for d, s := range strides {
			if p.Dims[d] > 1 {
				off += index[d] * s
			}
		}
		return off
	}
	var values [][]value
	var types []dtypes.DType
	var wide []bool
	for i, a := range p.Inputs {
		v := make([]value, n)
		size := a.DType.Size()
		w := a.Strides[rank-1] != 0 && columns != 1
		if !empty || !w {
			each(func(j int) { move(unsafe.Pointer(&v[j]), unsafe.Add(in[i], at(a.Strides)*size), size) })
		}
		values, types, wide = append(values, v), append(types, a.DType), append(wide, w)
	}
	for _, o := range p.Instrs {
		v := make([]value, n)
		w := false
		if ir.IsReduction(o.Op) {
			x := values[o.Args[0]]
			r := elem.Reduce(o.Op, o.DType)
			for j := 0; j < n; j += max(columns, 1) {
				acc := identity(o.Op, o.DType)
				if empty {
					v[j] = acc
				}
				for c := range columns {
					r(unsafe.Pointer(&acc), unsafe.Pointer(&x[j+c]), 1)
				}
				for c := range columns {
					v[j+c] = acc
				}
			}
		} else {
			k := elem.Map(o.Op, operandType(o.Op, o.Args, func(a int) dtypes.DType { return types[a] }), o.DType)
			for j := range v {
				var x [3]unsafe.Pointer
				for i, a := range o.Args {
					x[i] = unsafe.Pointer(&values[a][j])
				}
				k(unsafe.Pointer(&v[j]), x[0], x[1], x[2], 1)
			}
			for _, a := range o.Args {
				w = w || wide[a]
			}
		}
		values, types, wide = append(values, v), append(types, o.DType), append(wide, w)
	}
	for i, o := range p.Outputs {
		dtype := types[o.Value]
		size := dtype.Size()
		if empty && (o.Strides[rank-1] != 0 || wide[o.Value] && o.Reduce == backends.OpTypeInvalid) {
			continue
		}
		if o.Reduce == backends.OpTypeInvalid {
			each(func(j int) { move(unsafe.Add(out[i], at(o.Strides)*size), unsafe.Pointer(&values[o.Value][j]), size) })
			continue
		}
		kept := 1
		for d, e := range p.Dims {
			if !o.Over[d] {
				kept *= e
			}
		}
		if kept > 0 { // identities wherever something is kept
			q := Program{Dims: slices.Clone(p.Dims), Inputs: []Input{{dtype, make([]int, rank)}}, Outputs: []Output{{Value: 0, Strides: o.Strides}}}
			for d := range q.Dims {
				if o.Over[d] {
					q.Dims[d] = 1
				}
			}
			id := identity(o.Reduce, dtype)
			interpret(q, []unsafe.Pointer{unsafe.Pointer(&id)}, out[i:i+1])
		}
		r := elem.Reduce(o.Reduce, dtype)
		once := !wide[o.Value] && !o.Over[rank-1] && o.Strides[rank-1] == 0
		each(func(j int) {
			if once && index[rank-1] > 0 || empty && o.Over[rank-1] {
				return
			}
			r(unsafe.Add(out[i], at(o.Strides)*size), unsafe.Pointer(&values[o.Value][j]), 1)
		})
	}
}

// arena is memory for an operand with margins that nobody may touch.
type arena struct {
	memory []byte
	first  unsafe.Pointer
}

// newArena returns memory for the elements of a box with these strides.
func newArena(dims, strides []int, size int) arena {
	lo, hi := 0, 0
	for d, n := range dims {
		if n > 1 {
			lo += min(0, (n-1)*strides[d])
			hi += max(0, (n-1)*strides[d])
		}
	}
	const margin = 3
	a := arena{memory: make([]byte, (hi-lo+1+2*margin)*size)}
	a.first = unsafe.Pointer(&a.memory[(margin-lo)*size])
	return a
}

func (a arena) clone() arena {
	m := bytes.Clone(a.memory)
	return arena{m, unsafe.Pointer(&m[uintptr(a.first)-uintptr(unsafe.Pointer(&a.memory[0]))])}
}

// source draws random programs whose results are exact: floats are small integers.
type source struct{ *rand.Rand }

func (r source) pick(list ...int) int { return list[r.IntN(len(list))] }

// strides draws a layout of the dimensions that are true in has: any order, with gaps, backwards.
func (r source) strides(dims []int, has []bool, plain bool) []int {
	s := make([]int, len(dims))
	order := r.Perm(len(dims))
	if plain || r.IntN(2) == 0 {
		slices.Sort(order)
	}
	step := 1
	if !plain && r.IntN(6) == 0 {
		step = 2
	}
	for _, d := range slices.Backward(order) {
		if !has[d] {
			continue
		}
		s[d] = step
		if !plain && r.IntN(10) == 0 {
			s[d] = -step
		}
		step *= max(dims[d], 1)
		if !plain && r.IntN(8) == 0 {
			step++
		}
	}
	return s
}

func (r source) dims() []int {
	rank := 1 + r.IntN(5)
	dims := make([]int, rank)
	budget := 3000
	for d := range dims {
		n := r.pick(1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 100, 1+r.IntN(400))
		if r.IntN(40) == 0 {
			n = 0
		}
		n = min(n, budget)
		budget /= max(n, 1)
		dims[d] = n
	}
	r.Shuffle(rank, func(i, j int) { dims[i], dims[j] = dims[j], dims[i] })
	return dims
}

// limit is what integers of a type stay exact below.
func limit(t dtypes.DType) float64 {
	switch t {
	case dtypes.Bool:
		return 1
	case dtypes.Float16:
		return 2048
	case dtypes.BFloat16:
		return 256
	case dtypes.Float32:
		return 1 << 24
	}
	return 1 << 52
}

var testTypes = []dtypes.DType{dtypes.Float32, dtypes.Float32, dtypes.Float32, dtypes.Float64, dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Int16,
	dtypes.Bool, dtypes.Float16, dtypes.BFloat16, dtypes.Complex128}

// program draws a program.
func (r source) program() Program {
	p := Program{Dims: r.dims()}
	rank := len(p.Dims)
	n := 1.0
	for _, d := range p.Dims {
		n *= float64(max(d, 1))
	}
	var types []dtypes.DType
	var bound []float64
	var wide []bool
	types2 := []dtypes.DType{testTypes[r.IntN(len(testTypes))], testTypes[r.IntN(len(testTypes))], dtypes.Float32, dtypes.Bool}
	length := r.IntN(12)
	if r.IntN(2) == 0 { // mostly floats, which chains are made of
		f := []dtypes.DType{dtypes.Float32, dtypes.Float64}[r.IntN(2)]
		types2 = []dtypes.DType{f, f, f, types2[0]}
		length *= 2
	}
	for range 1 + r.IntN(4) {
		has := make([]bool, rank)
		switch r.IntN(6) {
		case 0: // scalar
		case 1: // row value
			for d := range rank - 1 {
				has[d] = r.IntN(4) > 0
			}
		case 2: // the same for all rows
			has[rank-1] = true
		case 3:
			for d := range has {
				has[d] = r.IntN(2) == 0
			}
		default:
			for d := range has {
				has[d] = true
			}
		}
		in := Input{types2[r.IntN(4)], r.strides(p.Dims, has, r.IntN(2) == 0)}
		p.Inputs = append(p.Inputs, in)
		types, bound = append(types, in.DType), append(bound, min(4, limit(in.DType)))
		wide = append(wide, in.Strides[rank-1] != 0 && p.Dims[rank-1] != 1)
	}
	add := func(op ir.Op, t dtypes.DType, b float64, args ...int) {
		p.Instrs = append(p.Instrs, Instr{op, t, args})
		w := false
		for _, a := range args {
			w = w || wide[a]
		}
		types, bound, wide = append(types, t), append(bound, b), append(wide, w && !ir.IsReduction(op))
	}
	reduces := r.IntN(2) == 0
	for range length {
		a := r.IntN(len(types))
		if r.IntN(2) == 0 {
			a = len(types) - 1 - r.IntN(min(3, len(types)))
		}
		t := types[a]
		same := func() int {
			for range 10 {
				if b := r.IntN(len(types)); types[b] == t {
					return b
				}
			}
			return a
		}
		b := same()
		exact := limit(t)
		isComplex := t.IsComplex()
		switch r.IntN(9) {
		case 0, 1:
			op := []ir.Op{backends.OpTypeAdd, backends.OpTypeSub}[r.IntN(2)]
			if t != dtypes.Bool && bound[a]+bound[b] < exact {
				add(op, t, bound[a]+bound[b], a, b)
			}
		case 2:
			if t != dtypes.Bool && bound[a]*bound[b] < exact {
				add(backends.OpTypeMul, t, bound[a]*bound[b], a, b)
			}
		case 3:
			if t == dtypes.Bool {
				add([]ir.Op{backends.OpTypeLogicalAnd, backends.OpTypeLogicalOr, backends.OpTypeLogicalXor}[r.IntN(3)], t, 1, a, b)
			} else if !isComplex {
				add([]ir.Op{backends.OpTypeMax, backends.OpTypeMin}[r.IntN(2)], t, max(bound[a], bound[b]), a, b)
			}
		case 4:
			if t == dtypes.Bool {
				add(backends.OpTypeLogicalNot, t, 1, a)
			} else if !t.IsUnsigned() {
				add(backends.OpTypeNeg, t, bound[a], a)
			}
		case 5:
			if !isComplex && t != dtypes.Bool {
				add([]ir.Op{backends.OpTypeLessThan, backends.OpTypeEqual, backends.OpTypeGreaterOrEqual}[r.IntN(3)], dtypes.Bool, 1, a, b)
			}
		case 6:
			for c := range types {
				if types[c] == dtypes.Bool && r.IntN(2) == 0 {
					add(backends.OpTypeWhere, t, max(bound[a], bound[b]), c, a, b)
					break
				}
			}
		case 7:
			to := types2[r.IntN(4)]
			if !isComplex && !to.IsComplex() && bound[a] < limit(to) && (to != dtypes.Bool || t == dtypes.Bool) && !(to.IsInt() && to.Size() < 4) {
				add(backends.OpTypeConvertDType, to, bound[a], a)
			} else if !isComplex {
				add(backends.OpTypeClamp, t, max(bound[a], bound[b]), same(), a, b)
			}
		case 8:
			if !reduces {
				continue
			}
			op, nb := r.reduction(t, bound[a], float64(p.Dims[rank-1]))
			if op != backends.OpTypeInvalid {
				add(op, t, nb, a)
			}
		}
	}
	for range 1 + r.IntN(3) {
		v := r.IntN(len(types))
		if r.IntN(3) > 0 {
			v = len(types) - 1 - r.IntN(min(3, len(types)))
		}
		o := Output{Value: v, Over: make([]bool, rank)}
		has := make([]bool, rank)
		for d := range has {
			has[d] = true
		}
		if !wide[v] && r.IntN(4) > 0 {
			has[rank-1] = false
		}
		if reduces && r.IntN(2) == 0 {
			op, _ := r.reduction(types[v], bound[v], n)
			if op != backends.OpTypeInvalid {
				o.Reduce = op
				for d := range has {
					if (d < rank-1 || wide[v]) && r.IntN(2) == 0 {
						o.Over[d], has[d] = true, false
					}
				}
			}
		}
		o.Strides = r.strides(p.Dims, has, r.IntN(2) == 0)
		for _, in := range p.Inputs { // so that they may share memory
			full := in.DType == types[v] && o.Reduce == backends.OpTypeInvalid
			for d, s := range in.Strides {
				full = full && (s != 0) == has[d]
			}
			if full && r.IntN(3) > 0 {
				o.Strides = in.Strides
			}
		}
		p.Outputs = append(p.Outputs, o)
	}
	return p
}

// reduction draws one that is exact, or none.
func (r source) reduction(t dtypes.DType, bound, n float64) (ir.Op, float64) {
	switch {
	case t == dtypes.Bool:
		return []ir.Op{backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceLogicalOr, backends.OpTypeReduceLogicalXor}[r.IntN(3)], 1
	case t.IsComplex() || r.IntN(2) == 0:
		if bound*n < limit(t) {
			return backends.OpTypeReduceSum, max(1, bound*n)
		}
		return backends.OpTypeInvalid, 0
	case n == 0:
		return backends.OpTypeInvalid, 0 // infinities spoil exactness
	case t.IsInt() && r.IntN(2) == 0:
		return []ir.Op{backends.OpTypeReduceBitwiseAnd, backends.OpTypeReduceBitwiseOr, backends.OpTypeReduceBitwiseXor, backends.OpTypeReduceProduct}[r.IntN(4)], 1 << 60
	}
	return []ir.Op{backends.OpTypeReduceMax, backends.OpTypeReduceMin}[r.IntN(2)], bound
}

// fillRandom writes small integers.
func (r source) fillRandom(a arena, t dtypes.DType) {
	size := t.Size()
	convert := elem.Map(backends.OpTypeConvertDType, dtypes.Int32, t)
	for i := 0; i < len(a.memory); i += size {
		x := int32(r.IntN(9)) - 4
		if t == dtypes.Bool {
			x &= 1
		}
		if t.IsUnsigned() {
			x &= 3
		}
		convert(unsafe.Pointer(&a.memory[i]), unsafe.Pointer(&x), nil, nil, 1)
	}
}

// unsign makes -0 to 0: its sign may depend on the order of a sum.
func unsign(m []byte, t dtypes.DType) {
	n := t.Size()
	switch {
	case t.IsComplex():
		n /= 2
	case !t.IsFloat():
		return
	}
	for i := n - 1; i < len(m); i += n {
		if m[i] == 0x80 && bytes.Count(m[i-n+1:i], []byte{0}) == n-1 {
			m[i] = 0
		}
	}
}

// sharing counts outputs that share memory with an input.
var sharing int

// try compares a program with the interpreter.
func (r source) try(p Program, tune tuning, pools []*par.Pool) error {
	k, err := compile(p, tune)
	if err != nil {
		return err
	}
	types := make([]dtypes.DType, 0)
	for _, in := range p.Inputs {
		types = append(types, in.DType)
	}
	for _, in := range p.Instrs {
		types = append(types, in.DType)
	}
	rank := len(p.Dims)
	reduces := false
	for _, in := range p.Instrs {
		reduces = reduces || ir.IsReduction(in.Op)
	}
	for _, o := range p.Outputs {
		reduces = reduces || o.Reduce != backends.OpTypeInvalid
	}
	var ins, outs []arena
	for _, in := range p.Inputs {
		a := newArena(p.Dims, in.Strides, in.DType.Size())
		r.fillRandom(a, in.DType)
		ins = append(ins, a)
	}
	from := make([]int, len(p.Outputs)) // input that an output shares memory with, or -1
	used := map[int]bool{}
	for i, o := range p.Outputs {
		t := types[o.Value]
		a := newArena(p.Dims, o.Strides, t.Size())
		from[i] = -1
		for j, in := range p.Inputs {
			if !used[j] && r.IntN(2) == 0 && in.DType == t && o.Reduce == backends.OpTypeInvalid && slices.Equal(in.Strides, o.Strides) &&
				(!reduces || in.Strides[rank-1] != 0) {
				from[i], a = j, ins[j]
				used[j] = true
				sharing++
				break
			}
		}
		if from[i] < 0 {
			for j := range a.memory {
				a.memory[j] = 0xA5
			}
			if t == dtypes.Bool {
				clear(a.memory)
			}
		}
		outs = append(outs, a)
	}
	pointers := func(a []arena) (p []unsafe.Pointer) {
		for _, x := range a {
			p = append(p, x.first)
		}
		return p
	}
	copies := func() (in, out []arena) {
		for _, a := range ins {
			in = append(in, a.clone())
		}
		for i, a := range outs {
			if from[i] >= 0 {
				out = append(out, in[from[i]])
			} else {
				out = append(out, a.clone())
			}
		}
		return in, out
	}
	var want []arena
	for _, a := range outs {
		want = append(want, a.clone())
	}
	interpret(p, pointers(ins), pointers(want))
	for i, o := range p.Outputs {
		unsign(want[i].memory, types[o.Value])
	}
	check := func(what string, got []arena) error {
		for i := range got {
			unsign(got[i].memory, types[p.Outputs[i].Value])
			if !bytes.Equal(got[i].memory, want[i].memory) {
				j := 0
				for got[i].memory[j] == want[i].memory[j] {
					j++
				}
				return fmt.Errorf("%s: output %d differs at byte %d of %d (shares input %d)\n%s", what, i, j, len(got[i].memory), from[i], k)
			}
		}
		return nil
	}
	for _, pool := range pools {
		in, out := copies()
		k.Run(pool, pointers(in), pointers(out))
		if err := check(fmt.Sprint("pool of ", pool.Width()), out); err != nil {
			return err
		}
	}
	return nil
}

func TestRandomPrograms(t *testing.T) {
	pools := []*par.Pool{nil, par.New(2), par.New(5)}
	defer pools[1].Close()
	defer pools[2].Close()
	tunings := []tuning{tuned, {block: 32, short: 8, piece: 300}, {block: 16, short: 64, piece: 100}, {block: 64, short: 1, piece: 50}}
	count := 3000
	if testing.Short() {
		count = 300
	}
	sharing = 0
	defer func() { t.Logf("%d outputs in the memory of inputs", sharing) }()
	for seed := range count {
		r := source{rand.New(rand.NewPCG(uint64(seed), 7))}
		p := r.program()
		tune := tunings[seed%len(tunings)]
		func() {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("seed %d: %+v: %v", seed, p, v)
					panic(v)
				}
			}()
			if err := r.try(p, tune, pools); err != nil {
				t.Fatalf("seed %d, %+v:\n%+v\n%v", seed, tune, p, err)
			}
		}()
	}
}
