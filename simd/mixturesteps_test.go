package simd_test

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// A named operation of n operands of one shape; some are for few types, which the builder tells.
type named[F any] struct {
	name string
	f    F
}

type (
	unaryOp  = func(b backends.Builder, x backends.Op) (backends.Op, error)
	binaryOp = func(b backends.Builder, x, y backends.Op) (backends.Op, error)
	reduceOp = func(b backends.Builder, x backends.Op, axes ...int) (backends.Op, error)
)

var mixtureBinary = []named[binaryOp]{
	{"Add", backends.Builder.Add}, {"Sub", backends.Builder.Sub}, {"Mul", backends.Builder.Mul}, {"Div", backends.Builder.Div},
	{"Rem", backends.Builder.Rem}, {"Max", backends.Builder.Max}, {"Min", backends.Builder.Min},
	{"And", backends.Builder.BitwiseAnd}, {"Or", backends.Builder.BitwiseOr}, {"Xor", backends.Builder.BitwiseXor},
	{"ShiftLeft", backends.Builder.ShiftLeft}, {"ShiftRight", backends.Builder.ShiftRightArithmetic}, {"ShiftRightLogical", backends.Builder.ShiftRightLogical},
	{"LogicalAnd", backends.Builder.LogicalAnd}, {"LogicalOr", backends.Builder.LogicalOr}, {"LogicalXor", backends.Builder.LogicalXor},
	{"Equal", backends.Builder.Equal}, {"NotEqual", backends.Builder.NotEqual}, {"Less", backends.Builder.LessThan},
	{"LessOrEqual", backends.Builder.LessOrEqual}, {"Greater", backends.Builder.GreaterThan}, {"GreaterOrEqual", backends.Builder.GreaterOrEqual},
	{"EqualTotalOrder", backends.Builder.EqualTotalOrder}, {"LessTotalOrder", backends.Builder.LessThanTotalOrder},
	{"GreaterOrEqualTotalOrder", backends.Builder.GreaterOrEqualTotalOrder}, {"Pow", backends.Builder.Pow},
}

var mixtureUnary = []named[unaryOp]{
	{"Abs", backends.Builder.Abs}, {"Neg", backends.Builder.Neg}, {"Sign", backends.Builder.Sign}, {"Floor", backends.Builder.Floor},
	{"Ceil", backends.Builder.Ceil}, {"Round", backends.Builder.Round}, {"Sqrt", backends.Builder.Sqrt}, {"Not", backends.Builder.BitwiseNot},
	{"LogicalNot", backends.Builder.LogicalNot}, {"Clz", backends.Builder.Clz}, {"BitCount", backends.Builder.BitCount},
	{"IsNaN", backends.Builder.IsNaN}, {"IsFinite", backends.Builder.IsFinite}, {"Identity", backends.Builder.Identity},
	{"Exp", backends.Builder.Exp}, {"Log", backends.Builder.Log}, {"Tanh", backends.Builder.Tanh}, {"Rsqrt", backends.Builder.Rsqrt},
	{"Conj", backends.Builder.Conj}, {"Real", backends.Builder.Real}, {"Imag", backends.Builder.Imag},
}

var mixtureReductions = []named[reduceOp]{
	{"Sum", backends.Builder.ReduceSum}, {"Product", backends.Builder.ReduceProduct}, {"Max", backends.Builder.ReduceMax}, {"Min", backends.Builder.ReduceMin},
	{"LogicalAnd", backends.Builder.ReduceLogicalAnd}, {"LogicalOr", backends.Builder.ReduceLogicalOr}, {"LogicalXor", backends.Builder.ReduceLogicalXor},
	{"And", backends.Builder.ReduceBitwiseAnd}, {"Or", backends.Builder.ReduceBitwiseOr}, {"Xor", backends.Builder.ReduceBitwiseXor},
}

// exempt tells whether compiling may change an operation's bits, and why.
func exempt(name string, t dtypes.DType) bool {
	switch name {
	case "Mul":
		return t == dtypes.Float32 || t == dtypes.Float64 || t.IsComplex() // x·y+z may round once
	case "Div":
		return t.IsComplex() // is products and sums of parts
	case "Exp", "Log", "Tanh", "Rsqrt":
		return !t.IsComplex() // approximated in vectors, and more closely at the end of a line
	case "Pow":
		return !t.IsInt() // small exponents become products
	case "Sum", "Product":
		return !t.IsInt() // in another order
	case "EqualTotalOrder", "LessTotalOrder", "GreaterOrEqualTotalOrder":
		return !t.IsInt() // orders NaNs by sign and payload, which may change
	}
	return false
}

// allowed picks an operation that may be used on a type.
func allowed[F any](m *mixture, ops []named[F], t dtypes.DType) named[F] {
	for {
		if o := ops[m.IntN(len(ops))]; !exempt(o.name, t) {
			return o
		}
	}
}

// step adds an operation, or none if it was not for the type of what was picked.
func (m *mixture) step() {
	b, i := m.b, m.pick()
	x, s := m.values[i], m.shapes[i]
	axis := m.IntN(max(1, s.Rank()))
	switch m.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		j := m.mate(i)
		y := m.values[j]
		for range 8 {
			o := allowed(m, mixtureBinary, s.DType)
			if r, err := o.f(b, y, x); m.push(r, err, "%s(%d, %d)", o.name, j, i) {
				break
			}
		}
	case 6, 7, 8:
		for range 8 {
			o := allowed(m, mixtureUnary, s.DType)
			if r, err := o.f(b, x); m.push(r, err, "%s(%d)", o.name, i) {
				break
			}
		}
	case 9:
		r, err := b.ConvertDType(x, allTypes[m.IntN(len(allTypes))])
		m.push(r, err, "convert %d", i)
	case 10, 11:
		c := m.find(func(c shapes.Shape) bool { return c.DType == dtypes.Bool && slices.Equal(c.Dimensions, s.Dimensions) })
		if c < 0 {
			j := m.mate(i)
			if r, err := b.LessThan(x, m.values[j]); !m.push(r, err, "Less(%d, %d)", i, j) {
				return
			}
			c = len(m.values) - 1
		}
		j := m.mate(i)
		r, err := b.Where(m.values[c], x, m.values[j])
		m.push(r, err, "Where(%d, %d, %d)", c, i, j)
	case 12:
		lo, hi := m.mate(i), m.mate(i)
		r, err := b.Clamp(m.values[lo], x, m.values[hi])
		m.push(r, err, "Clamp(%d, %d, %d)", lo, i, hi)
	case 13, 14, 15:
		m.move(i, axis)
	case 16, 17:
		var axes []int
		for a := range s.Rank() {
			if m.IntN(2) == 0 {
				axes = append(axes, a)
			}
		}
		for range 8 {
			o := allowed(m, mixtureReductions, s.DType)
			if r, err := o.f(b, x, axes...); m.push(r, err, "reduce %s(%d over %v)", o.name, i, axes) {
				break
			}
		}
	case 18:
		m.dynamic(i)
	case 19:
		if s.Rank() > 0 {
			r, err := b.ArgMinMax(x, axis, dtypes.Int32, m.IntN(2) == 0)
			m.push(r, err, "ArgMinMax(%d along %d)", i, axis)
		}
	}
}

// move adds an operation that moves elements.
func (m *mixture) move(i, axis int) {
	b, x, s := m.b, m.values[i], m.shapes[i]
	rank, dims := s.Rank(), s.Dimensions
	switch kind := m.IntN(7); {
	case kind == 0:
		p := m.Perm(rank)
		r, err := b.Transpose(x, p...)
		m.push(r, err, "Transpose(%d, %v)", i, p)
	case kind == 1 && rank < 5: // a new axis
		at := m.IntN(rank + 1)
		to := slices.Insert(slices.Clone(dims), at, 1+m.IntN(4))
		var axes []int
		for a := range to {
			if a != at {
				axes = append(axes, a)
			}
		}
		r, err := b.BroadcastInDim(x, shapes.Make(s.DType, to...), axes)
		m.push(r, err, "Broadcast(%d along %d)", i, at)
	case kind == 2:
		to := [][]int{{s.Size()}, append([]int{1}, dims...), append(slices.Clone(dims), 1)}[m.IntN(3)]
		r, err := b.Reshape(x, to...)
		m.push(r, err, "Reshape(%d)", i)
	case kind == 3:
		var starts, limits, strides []int
		for _, n := range dims {
			from, to := 0, n
			if m.IntN(3) == 0 {
				from = m.IntN(n + 1)
				to = from + m.IntN(n-from+1)
			}
			starts, limits, strides = append(starts, from), append(limits, to), append(strides, 1+m.IntN(2))
		}
		r, err := b.Slice(x, starts, limits, strides)
		m.push(r, err, "Slice(%d, %v, %v, %v)", i, starts, limits, strides)
	case kind == 4:
		c := m.splat(shapes.Make(s.DType))
		var p []backends.PadAxis
		for range dims {
			p = append(p, backends.PadAxis{Start: m.IntN(4) - 1, End: m.IntN(4) - 1, Interior: m.IntN(2) * m.IntN(2)})
		}
		r, err := b.Pad(x, m.values[c], p...)
		m.push(r, err, "Pad(%d, %d, %v)", i, c, p)
	case kind == 5 && rank > 0:
		r, err := b.Reverse(x, axis)
		m.push(r, err, "Reverse(%d, %d)", i, axis)
	case kind == 6 && rank > 0:
		j := m.mate(i)
		r, err := b.Concatenate(axis, x, m.values[j], x)
		m.push(r, err, "Concatenate(%d, %d, %d along %d)", i, j, i, axis)
	}
}

// dynamic adds a DynamicSlice, and sometimes writes it elsewhere.
func (m *mixture) dynamic(i int) {
	j := m.find(func(s shapes.Shape) bool { return s.Rank() == 0 && s.DType == dtypes.Int32 })
	if j < 0 {
		j = m.splat(shapes.Make(dtypes.Int32))
	}
	var starts []backends.Op
	var sizes []int
	for _, n := range m.shapes[i].Dimensions {
		starts, sizes = append(starts, m.values[j]), append(sizes, min(n, 1+m.IntN(n+1)))
	}
	part, err := m.b.DynamicSlice(m.values[i], starts, sizes)
	if !m.push(part, err, "DynamicSlice(%d at %d, %v)", i, j, sizes) || m.IntN(2) == 0 {
		return
	}
	to := m.mate(i)
	r, err := m.b.DynamicUpdateSlice(m.values[to], part, starts)
	m.push(r, err, "DynamicUpdateSlice(%d, %d at %d)", to, len(m.values)-1, j)
}
