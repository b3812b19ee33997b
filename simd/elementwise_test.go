package simd_test

import (
	"math"
	"math/big"
	"math/bits"
	"math/cmplx"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// definition is an elementwise operation: what it is for each kind of element. nil: not defined.
// Integers are exact; the harness wraps them.
type definition struct {
	i func(t dtypes.DType, x ...*big.Int) *big.Int
	f func(x ...float64) float64
	c func(x ...complex128) complex128
	b func(x ...bool) bool

	// predicates
	ip func(t dtypes.DType, x ...*big.Int) bool
	fp func(x ...float64) bool
	cp func(x ...complex128) bool

	unsigned bool // integers: also unsigned ones
	tol      tolerance
	result   func(t dtypes.DType) dtypes.DType // nil: the operands' type
}

// apply computes one element.
func (d *definition) apply(t dtypes.DType, x ...val) (val, bool) {
	var v val
	switch {
	case t == dtypes.Bool && d.b != nil:
		args := make([]bool, len(x))
		for k := range x {
			args[k] = x[k].b
		}
		v.b = d.b(args...)
	case t.IsInt() && (d.i != nil || d.ip != nil):
		args := make([]*big.Int, len(x))
		for k := range x {
			args[k] = x[k].i
		}
		if d.ip != nil {
			v.b = d.ip(t, args...)
		} else {
			v.i = wrap(t, d.i(t, args...))
		}
	case t.IsFloat() && (d.f != nil || d.fp != nil):
		args := make([]float64, len(x))
		for k := range x {
			args[k] = x[k].f
		}
		if d.fp != nil {
			v.b = d.fp(args...)
		} else {
			v.f = d.f(args...)
		}
	case t.IsComplex() && (d.c != nil || d.cp != nil):
		args := make([]complex128, len(x))
		for k := range x {
			args[k] = x[k].c
		}
		if d.cp != nil {
			v.b = d.cp(args...)
		} else {
			v.c = d.c(args...)
			v.f = real(v.c) // for those whose result is real
		}
	default:
		return v, false
	}
	return v, true
}

// has reports whether the operation is defined for a type.
func (d *definition) has(t dtypes.DType) bool {
	switch {
	case t == dtypes.Bool:
		return d.b != nil
	case t.IsUnsigned():
		return (d.i != nil || d.ip != nil) && d.unsigned
	case t.IsInt():
		return d.i != nil || d.ip != nil
	case t.IsFloat():
		return d.f != nil || d.fp != nil
	}
	return d.c != nil || d.cp != nil
}

func (d *definition) resultType(t dtypes.DType) dtypes.DType {
	switch {
	case d.fp != nil || d.ip != nil || d.cp != nil:
		return dtypes.Bool
	case d.result != nil:
		return d.result(t)
	}
	return t
}

// unary makes the test of an operation of one operand.
func unary(method func(b backends.Builder, x backends.Op) (backends.Op, error), d definition) func(t *testing.T) {
	return func(t *testing.T) {
		f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return method(b, in[0]) })
		for _, dtype := range allTypes {
			if !d.has(dtype) {
				fails(t, dtype.String(), f, []string{"(" + dtype.String() + ")"}, newSampler(1, false).array(dtype, 2))
				continue
			}
			dims := fewDims
			if dtype == dtypes.Float32 {
				dims = manyDims
			}
			for k, dims := range dims {
				for _, wild := range []bool{false, true} {
					x := newSampler(uint64(k), wild).array(dtype, dims...)
					want := build(d.resultType(dtype), dims, func(idx []int) val {
						v, _ := d.apply(dtype, x.at(idx))
						return v
					})
					check(t, f, d.tol, []array{want}, x)
					if !wild && dtype != dtypes.BFloat16 {
						like(t, f, tolerance{ulp: d.tol.ulp + 8, abs: 8 * eps(dtype)}, x)
					}
				}
			}
		}
	}
}

// Pairs of dimensions that broadcast, and what to.
var pairs = []struct{ a, b, to []int }{
	{[]int{}, []int{}, []int{}},
	{[]int{}, []int{9}, []int{9}},
	{[]int{17}, []int{}, []int{17}},
	{[]int{5}, []int{5}, []int{5}},
	{[]int{1}, []int{5}, []int{5}},
	{[]int{0}, []int{1}, []int{0}},
	{[]int{3, 0}, []int{}, []int{3, 0}},
	{[]int{4, 1}, []int{1, 6}, []int{4, 6}},
	{[]int{4, 33}, []int{1, 33}, []int{4, 33}},
	{[]int{4, 33}, []int{4, 1}, []int{4, 33}},
	{[]int{2, 1, 7}, []int{2, 3, 1}, []int{2, 3, 7}},
	{[]int{2, 1, 2, 1, 2, 3}, []int{1, 3, 2, 1, 1, 3}, []int{2, 3, 2, 1, 2, 3}},
	{[]int{1, 1030}, []int{3, 1030}, []int{3, 1030}},
}

// spread returns the element of a at an index of the broadcast array.
func spread(a array, idx []int) val {
	if len(a.dims) == 0 {
		return a.v[0]
	}
	own := make([]int, len(idx))
	for k := range idx {
		if a.dims[k] != 1 {
			own[k] = idx[k]
		}
	}
	return a.at(own)
}

// binary makes the test of an operation of two operands that are broadcast.
func binary(method func(b backends.Builder, x, y backends.Op) (backends.Op, error), d definition) func(t *testing.T) {
	return func(t *testing.T) {
		f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return method(b, in[0], in[1]) })
		for _, dtype := range allTypes {
			s := newSampler(1, false)
			if !d.has(dtype) {
				fails(t, dtype.String(), f, []string{"(" + dtype.String() + ")"}, s.array(dtype, 2), s.array(dtype, 2))
				continue
			}
			for k, p := range pairs {
				for _, wild := range []bool{false, true} {
					s := newSampler(uint64(k), wild)
					x, y := s.array(dtype, p.a...), s.array(dtype, p.b...)
					want := build(d.resultType(dtype), p.to, func(idx []int) val {
						v, _ := d.apply(dtype, spread(x, idx), spread(y, idx))
						return v
					})
					check(t, f, d.tol, []array{want}, x, y)
				}
			}
			x, y := positive(dtype, 4, 33), positive(dtype, 1, 33)
			if dtype != dtypes.BFloat16 {
				like(t, f, tolerance{ulp: d.tol.ulp + 8, abs: 8 * eps(dtype)}, x, y)
			}
		}
		s := newSampler(1, false)
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Int32, dtypes.Bool} {
			if !d.has(dtype) {
				continue
			}
			fails(t, "dimensions differ", f, []string{"axis 0"}, s.array(dtype, 2), s.array(dtype, 3))
			fails(t, "ranks differ", f, []string{"rank"}, s.array(dtype, 2), s.array(dtype, 1, 2))
			other := dtypes.Int16
			fails(t, "types differ", f, []string{"type"}, s.array(dtype, 2), s.array(other, 2))
		}
	}
}

// positive draws numbers that all operations can take.
func positive(t dtypes.DType, dims ...int) array {
	s := newSampler(5, false)
	return build(t, dims, func([]int) val {
		switch {
		case t == dtypes.Bool:
			return s.element(t)
		case t.IsInt():
			return val{i: big.NewInt(int64(1 + s.IntN(3)))}
		case t.IsFloat():
			return val{f: store(t, 0.5+s.Float64())}
		}
		return s.element(t)
	})
}

func realPart(t dtypes.DType) dtypes.DType {
	if t.IsComplex() {
		return t.RealDType()
	}
	return t
}

func logistic(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 with its sign, NaN
}

// maxNaN and minNaN are NaN if an argument is; Go's math.Max prefers +Inf.
func maxNaN(x ...float64) float64 {
	if x[0] != x[0] || x[1] != x[1] {
		return math.NaN()
	}
	return math.Max(x[0], x[1])
}

func minNaN(x ...float64) float64 {
	if x[0] != x[0] || x[1] != x[1] {
		return math.NaN()
	}
	return math.Min(x[0], x[1])
}

func f1(f func(float64) float64) func(x ...float64) float64 {
	return func(x ...float64) float64 { return f(x[0]) }
}

func f2(f func(a, b float64) float64) func(x ...float64) float64 {
	return func(x ...float64) float64 { return f(x[0], x[1]) }
}

func c1(f func(complex128) complex128) func(x ...complex128) complex128 {
	return func(x ...complex128) complex128 { return f(x[0]) }
}

func c2(f func(a, b complex128) complex128) func(x ...complex128) complex128 {
	return func(x ...complex128) complex128 { return f(x[0], x[1]) }
}

func i1(f func(z, x *big.Int) *big.Int) func(dtypes.DType, ...*big.Int) *big.Int {
	return func(_ dtypes.DType, x ...*big.Int) *big.Int { return f(new(big.Int), x[0]) }
}

func i2(f func(z, x, y *big.Int) *big.Int) func(dtypes.DType, ...*big.Int) *big.Int {
	return func(_ dtypes.DType, x ...*big.Int) *big.Int { return f(new(big.Int), x[0], x[1]) }
}

// pattern is an integer's bits.
func pattern(t dtypes.DType, x *big.Int) uint64 {
	m := new(big.Int).Lsh(big.NewInt(1), uint(bitsOf(t)))
	return new(big.Int).Mod(x, m).Uint64()
}

// shift makes a shift's definition from what it does by less than the number of bits, and beyond.
func shift(f func(t dtypes.DType, x *big.Int, by uint) *big.Int, beyond func(x *big.Int) *big.Int) definition {
	return definition{unsigned: true, i: func(t dtypes.DType, x ...*big.Int) *big.Int {
		if x[1].Sign() < 0 || x[1].Cmp(big.NewInt(int64(bitsOf(t)))) >= 0 {
			return beyond(x[0])
		}
		return f(t, x[0], uint(x[1].Int64()))
	}}
}

func zero(*big.Int) *big.Int { return new(big.Int) }

// power is x^y of integers modulo 2^bits; with y < 0 it is 0 but for x = ±1, as in XLA.
func power(t dtypes.DType, x ...*big.Int) *big.Int {
	if x[1].Sign() >= 0 {
		return new(big.Int).Exp(x[0], x[1], new(big.Int).Lsh(big.NewInt(1), uint(bitsOf(t))))
	}
	switch {
	case x[0].Cmp(big.NewInt(1)) == 0:
		return big.NewInt(1)
	case x[0].Cmp(big.NewInt(-1)) == 0:
		if x[1].Bit(0) == 0 {
			return big.NewInt(1)
		}
		return big.NewInt(-1)
	}
	return new(big.Int)
}

// arithmetic of floats and integers, exact to the last bit.
func arithmetic(i func(z, x, y *big.Int) *big.Int, f func(a, b float64) float64, c func(a, b complex128) complex128) definition {
	return definition{unsigned: true, i: i2(i), f: f2(f), c: c2(c), tol: tolerance{ulp: 0}}
}

// elementwiseTests are the operations on elements.
var elementwiseTests = map[string]func(t *testing.T){
	"Abs": unary(backends.Builder.Abs, definition{unsigned: true, i: i1((*big.Int).Abs), f: f1(math.Abs),
		c: func(x ...complex128) complex128 { return complex(cmplx.Abs(x[0]), 0) }, result: realPart, tol: tolerance{ulp: 2}}),
	"Neg": unary(backends.Builder.Neg, definition{
		i: i1((*big.Int).Neg), f: f1(func(x float64) float64 { return -x }), c: c1(func(x complex128) complex128 { return -x })}),
	"Sign": unary(backends.Builder.Sign, definition{unsigned: true, f: f1(sign),
		i: func(_ dtypes.DType, x ...*big.Int) *big.Int { return big.NewInt(int64(x[0].Sign())) }}),
	"Ceil":     unary(backends.Builder.Ceil, definition{f: f1(math.Ceil)}),
	"Floor":    unary(backends.Builder.Floor, definition{f: f1(math.Floor)}),
	"Round":    unary(backends.Builder.Round, definition{f: f1(math.RoundToEven)}),
	"Exp":      unary(backends.Builder.Exp, definition{f: f1(math.Exp), c: c1(cmplx.Exp), tol: tolerance{ulp: 4}}),
	"Expm1":    unary(backends.Builder.Expm1, definition{f: f1(math.Expm1), c: c1(expm1), tol: tolerance{ulp: 4}}),
	"Log":      unary(backends.Builder.Log, definition{f: f1(log), c: c1(cmplx.Log), tol: tolerance{ulp: 4}}),
	"Log1p":    unary(backends.Builder.Log1p, definition{f: f1(math.Log1p), c: c1(log1p), tol: tolerance{ulp: 4}}),
	"Logistic": unary(backends.Builder.Logistic, definition{f: f1(logistic), tol: tolerance{ulp: 4}}),
	"Tanh":     unary(backends.Builder.Tanh, definition{f: f1(math.Tanh), c: c1(cmplx.Tanh), tol: tolerance{ulp: 4}}),
	"Erf":      unary(backends.Builder.Erf, definition{f: f1(math.Erf), tol: tolerance{ulp: 4}}),
	"Sin":      unary(backends.Builder.Sin, definition{f: f1(math.Sin), c: c1(cmplx.Sin), tol: tolerance{ulp: 4}}),
	"Cos":      unary(backends.Builder.Cos, definition{f: f1(math.Cos), c: c1(cmplx.Cos), tol: tolerance{ulp: 4}}),
	"Sqrt":     unary(backends.Builder.Sqrt, definition{f: f1(math.Sqrt), c: c1(cmplx.Sqrt), tol: tolerance{ulp: 2}}),
	"Rsqrt": unary(backends.Builder.Rsqrt, definition{f: f1(func(x float64) float64 { return 1 / math.Sqrt(x) }),
		c: c1(func(x complex128) complex128 { return 1 / cmplx.Sqrt(x) }), tol: tolerance{ulp: 4}}),
	"Conj":       unary(backends.Builder.Conj, definition{c: c1(cmplx.Conj)}),
	"LogicalNot": unary(backends.Builder.LogicalNot, definition{b: func(x ...bool) bool { return !x[0] }}),
	"BitwiseNot": unary(backends.Builder.BitwiseNot, definition{unsigned: true, i: i1((*big.Int).Not)}),
	"BitCount": unary(backends.Builder.BitCount, definition{unsigned: true,
		i: func(t dtypes.DType, x ...*big.Int) *big.Int {
			return big.NewInt(int64(bits.OnesCount64(pattern(t, x[0]))))
		}}),
	"Clz": unary(backends.Builder.Clz, definition{unsigned: true,
		i: func(t dtypes.DType, x ...*big.Int) *big.Int {
			return big.NewInt(int64(bits.LeadingZeros64(pattern(t, x[0])) - 64 + bitsOf(t)))
		}}),
	"IsFinite": unary(backends.Builder.IsFinite, definition{
		fp: func(x ...float64) bool { return !math.IsNaN(x[0]) && !math.IsInf(x[0], 0) },
		cp: func(x ...complex128) bool { return !cmplx.IsNaN(x[0]) && !cmplx.IsInf(x[0]) }}),
	"IsNaN": unary(backends.Builder.IsNaN, definition{unsigned: true,
		fp: func(x ...float64) bool { return math.IsNaN(x[0]) },
		cp: func(x ...complex128) bool { return math.IsNaN(real(x[0])) || math.IsNaN(imag(x[0])) },
		ip: func(dtypes.DType, ...*big.Int) bool { return false }, b: func(...bool) bool { return false }}),
	"Identity": unary(backends.Builder.Identity, definition{unsigned: true, i: i1((*big.Int).Set),
		f: f1(func(x float64) float64 { return x }), c: c1(func(x complex128) complex128 { return x }), b: func(x ...bool) bool { return x[0] }}),

	"Add": binary(backends.Builder.Add, arithmetic((*big.Int).Add,
		func(a, b float64) float64 { return a + b }, func(a, b complex128) complex128 { return a + b })),
	"Sub": binary(backends.Builder.Sub, arithmetic((*big.Int).Sub,
		func(a, b float64) float64 { return a - b }, func(a, b complex128) complex128 { return a - b })),
	"Mul": binary(backends.Builder.Mul, definition{unsigned: true, i: i2((*big.Int).Mul),
		f: f2(func(a, b float64) float64 { return a * b }), c: c2(func(a, b complex128) complex128 { return a * b }), tol: tolerance{ulp: 0}}),
	"Div": binary(backends.Builder.Div, definition{unsigned: true,
		i: func(_ dtypes.DType, x ...*big.Int) *big.Int {
			if x[1].Sign() == 0 {
				return big.NewInt(-1)
			}
			return new(big.Int).Quo(x[0], x[1])
		},
		f: f2(func(a, b float64) float64 { return a / b }), c: c2(func(a, b complex128) complex128 { return a / b }), tol: tolerance{ulp: 0}}),
	"Rem": binary(backends.Builder.Rem, definition{unsigned: true, f: f2(math.Mod),
		i: func(_ dtypes.DType, x ...*big.Int) *big.Int {
			if x[1].Sign() == 0 {
				return x[0]
			}
			return new(big.Int).Rem(x[0], x[1])
		}}),
	"Pow": binary(backends.Builder.Pow, definition{unsigned: true, i: power, f: f2(pow), c: c2(cmplx.Pow), tol: tolerance{ulp: 4}}),
	"Max": binary(backends.Builder.Max, definition{unsigned: true, f: maxNaN, b: func(x ...bool) bool { return x[0] || x[1] },
		i: func(_ dtypes.DType, x ...*big.Int) *big.Int {
			if x[0].Cmp(x[1]) > 0 {
				return x[0]
			}
			return x[1]
		}}),
	"Min": binary(backends.Builder.Min, definition{unsigned: true, f: minNaN, b: func(x ...bool) bool { return x[0] && x[1] },
		i: func(_ dtypes.DType, x ...*big.Int) *big.Int {
			if x[0].Cmp(x[1]) < 0 {
				return x[0]
			}
			return x[1]
		}}),
	"BitwiseAnd": binary(backends.Builder.BitwiseAnd, definition{unsigned: true, i: i2((*big.Int).And)}),
	"BitwiseOr":  binary(backends.Builder.BitwiseOr, definition{unsigned: true, i: i2((*big.Int).Or)}),
	"BitwiseXor": binary(backends.Builder.BitwiseXor, definition{unsigned: true, i: i2((*big.Int).Xor)}),
	"LogicalAnd": binary(backends.Builder.LogicalAnd, definition{b: func(x ...bool) bool { return x[0] && x[1] }}),
	"LogicalOr":  binary(backends.Builder.LogicalOr, definition{b: func(x ...bool) bool { return x[0] || x[1] }}),
	"LogicalXor": binary(backends.Builder.LogicalXor, definition{b: func(x ...bool) bool { return x[0] != x[1] }}),
	"ShiftLeft": binary(backends.Builder.ShiftLeft, shift(func(_ dtypes.DType, x *big.Int, by uint) *big.Int {
		return new(big.Int).Lsh(x, by)
	}, zero)),
	"ShiftRightLogical": binary(backends.Builder.ShiftRightLogical, shift(func(t dtypes.DType, x *big.Int, by uint) *big.Int {
		return new(big.Int).SetUint64(pattern(t, x) >> by)
	}, zero)),
	"ShiftRightArithmetic": binary(backends.Builder.ShiftRightArithmetic, definition{unsigned: true, i: arithmeticShift}),
}

// arithmeticShift repeats the highest bit, also of unsigned integers, as XLA does.
func arithmeticShift(t dtypes.DType, x ...*big.Int) *big.Int {
	signed := new(big.Int).SetUint64(pattern(t, x[0]))
	if signed.Bit(bitsOf(t)-1) == 1 {
		signed.Sub(signed, new(big.Int).Lsh(big.NewInt(1), uint(bitsOf(t))))
	}
	by := uint(64)
	if x[1].Sign() >= 0 && x[1].Cmp(big.NewInt(64)) < 0 {
		by = uint(x[1].Int64())
	}
	return signed.Rsh(signed, by)
}

// log is math.Log, which on amd64 takes denormal numbers for the least normal one.
func log(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		m, e := math.Frexp(x)
		return math.Log(m) + float64(e)*math.Ln2
	}
	return math.Log(x)
}

// expm1 is e^z-1 without cancellation: e^x·cos y - 1 = expm1(x)·cos y - 2·sin²(y/2).
func expm1(z complex128) complex128 {
	x, y := real(z), imag(z)
	s := math.Sin(y / 2)
	return complex(math.Expm1(x)*math.Cos(y)-2*s*s, math.Exp(x)*math.Sin(y))
}

// log1p is log(1+z), whose real part is log1p(|1+z|²-1)/2 where |1+z| is near 1.
func log1p(z complex128) complex128 {
	x, y := real(z), imag(z)
	r := math.Hypot(1+x, y)
	re := math.Log(r)
	if r > 0.5 && r < 2 {
		re = math.Log1p(x*(2+x)+y*y) / 2
	}
	return complex(re, math.Atan2(y, 1+x))
}
