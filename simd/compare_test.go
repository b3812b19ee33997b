package simd_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/dtypes/bfloat16"
	"github.com/x448/float16"
)

// comparison makes a definition from what it says of -1, 0 and 1, the sign of lhs - rhs, and of NaN.
func comparison(ok func(sign int) bool, ofNaN bool) definition {
	return definition{
		unsigned: true,
		ip:       func(_ dtypes.DType, x ...*big.Int) bool { return ok(x[0].Cmp(x[1])) },
		b:        func(x ...bool) bool { return ok(number(x[0]) - number(x[1])) },
		fp: func(x ...float64) bool {
			switch {
			case x[0] < x[1]:
				return ok(-1)
			case x[0] > x[1]:
				return ok(1)
			case x[0] == x[1]:
				return ok(0)
			}
			return ofNaN
		},
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func equal(s int) bool          { return s == 0 }
func notEqual(s int) bool       { return s != 0 }
func less(s int) bool           { return s < 0 }
func greater(s int) bool        { return s > 0 }
func lessOrEqual(s int) bool    { return s <= 0 }
func greaterOrEqual(s int) bool { return s >= 0 }

// of adds what a comparison says of complex numbers.
func of(d definition, c func(x ...complex128) bool) definition {
	d.cp = c
	return d
}

// totalOrder compares floats by their bits: -NaN < -Inf < … < -0 < 0 < … < Inf < NaN.
func totalOrder(ok func(sign int) bool) definition {
	d := comparison(ok, false)
	d.fp = func(x ...float64) bool {
		a, b := totalKey(x[0]), totalKey(x[1])
		switch {
		case a < b:
			return ok(-1)
		case a > b:
			return ok(1)
		}
		return ok(0)
	}
	return d
}

// totalKey is a number whose order is the total order. All NaNs of one sign have one key: the tests
// have no others.
func totalKey(x float64) int64 {
	b := int64(math.Float64bits(x))
	if x != x {
		b = int64(math.Float64bits(math.NaN()))
		if math.Signbit(x) {
			b |= math.MinInt64
		}
	}
	if b < 0 {
		b = math.MinInt64 - b - 1
	}
	return b
}

// compareTests are comparisons, selections and conversions.
var compareTests = map[string]func(t *testing.T){
	"Equal":                    binary(backends.Builder.Equal, of(comparison(equal, false), func(x ...complex128) bool { return x[0] == x[1] })),
	"NotEqual":                 binary(backends.Builder.NotEqual, of(comparison(notEqual, true), func(x ...complex128) bool { return x[0] != x[1] })),
	"LessThan":                 binary(backends.Builder.LessThan, comparison(less, false)),
	"LessOrEqual":              binary(backends.Builder.LessOrEqual, comparison(lessOrEqual, false)),
	"GreaterThan":              binary(backends.Builder.GreaterThan, comparison(greater, false)),
	"GreaterOrEqual":           binary(backends.Builder.GreaterOrEqual, comparison(greaterOrEqual, false)),
	"EqualTotalOrder":          binary(backends.Builder.EqualTotalOrder, totalOrder(equal)),
	"NotEqualTotalOrder":       binary(backends.Builder.NotEqualTotalOrder, totalOrder(notEqual)),
	"LessThanTotalOrder":       binary(backends.Builder.LessThanTotalOrder, totalOrder(less)),
	"LessOrEqualTotalOrder":    binary(backends.Builder.LessOrEqualTotalOrder, totalOrder(lessOrEqual)),
	"GreaterThanTotalOrder":    binary(backends.Builder.GreaterThanTotalOrder, totalOrder(greater)),
	"GreaterOrEqualTotalOrder": binary(backends.Builder.GreaterOrEqualTotalOrder, totalOrder(greaterOrEqual)),

	"Real": unary(backends.Builder.Real, definition{result: realPart, f: f1(func(x float64) float64 { return x }),
		c: func(x ...complex128) complex128 { return complex(real(x[0]), 0) }}),
	"Imag": unary(backends.Builder.Imag, definition{result: realPart, f: f1(func(float64) float64 { return 0 }),
		c: func(x ...complex128) complex128 { return complex(imag(x[0]), 0) }}),
	"Complex":      testComplex,
	"Clamp":        testClamp,
	"Where":        testWhere,
	"ConvertDType": testConvert,
	"Bitcast":      testBitcast,
}

func testComplex(t *testing.T) {
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Complex(in[0], in[1]) })
	for part, dtype := range map[dtypes.DType]dtypes.DType{dtypes.Float32: dtypes.Complex64, dtypes.Float64: dtypes.Complex128} {
		for k, p := range pairs {
			s := newSampler(uint64(k), true)
			x, y := s.array(part, p.a...), s.array(part, p.b...)
			check(t, f, tolerance{}, []array{build(dtype, p.to, func(idx []int) val {
				return val{c: complex(spread(x, idx).f, spread(y, idx).f)}
			})}, x, y)
		}
	}
	s := newSampler(1, false)
	fails(t, "half", f, []string{"Complex", "Float32"}, s.array(dtypes.Float16, 2), s.array(dtypes.Float16, 2))
	fails(t, "types differ", f, []string{"type"}, s.array(dtypes.Float32, 2), s.array(dtypes.Float64, 2))
}

func testClamp(t *testing.T) {
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Clamp(in[0], in[1], in[2]) })
	for _, dtype := range realTypes {
		for k, dims := range [][]int{{}, {9}, {3, 0}, {4, 33}, {2, 3, 5}} {
			for _, wild := range []bool{false, true} {
				s := newSampler(uint64(k), wild)
				x := s.array(dtype, dims...)
				for _, bounds := range [][][]int{{{}, {}}, {dims, {}}, {{}, dims}, {dims, dims}} {
					low, high := s.array(dtype, bounds[0]...), s.array(dtype, bounds[1]...)
					check(t, f, tolerance{}, []array{build(dtype, dims, func(idx []int) val {
						lo, v, hi := spread(low, idx), x.at(idx), spread(high, idx)
						if isInt(dtype) {
							if v.i.Cmp(lo.i) < 0 {
								v = lo
							}
							if v.i.Cmp(hi.i) > 0 {
								v = hi
							}
							return v
						}
						return val{f: minNaN(maxNaN(lo.f, v.f), hi.f)}
					})}, low, x, high)
				}
			}
		}
	}
	s := newSampler(1, false)
	fails(t, "complex", f, []string{"Complex64"}, s.array(dtypes.Complex64), s.array(dtypes.Complex64), s.array(dtypes.Complex64))
	fails(t, "dimensions", f, []string{"axis 0"}, s.array(dtypes.Float32, 2), s.array(dtypes.Float32, 3), s.array(dtypes.Float32))
}

func testWhere(t *testing.T) {
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Where(in[0], in[1], in[2]) })
	for _, dtype := range allTypes {
		for k, dims := range [][]int{{}, {9}, {3, 0}, {4, 33}, {2, 1, 3, 2, 1, 5}} {
			s := newSampler(uint64(k), !dtype.IsComplex())
			for mask := range 8 { // which operands are scalars
				in := make([]array, 3)
				to := []int{}
				for i, of := range []dtypes.DType{dtypes.Bool, dtype, dtype} {
					if mask>>i&1 == 0 {
						in[i], to = s.array(of, dims...), dims
					} else {
						in[i] = s.array(of)
					}
				}
				check(t, f, tolerance{}, []array{build(dtype, to, func(idx []int) val {
					if spread(in[0], idx).b {
						return spread(in[1], idx)
					}
					return spread(in[2], idx)
				})}, in...)
				if dtype == dtypes.Int32 {
					like(t, f, tolerance{}, in...)
				}
			}
		}
	}
	s := newSampler(1, false)
	x := s.array(dtypes.Float32, 2)
	fails(t, "condition is no boolean", f, []string{"Where", "Bool"}, x, x, x)
	fails(t, "types differ", f, []string{"type"}, s.array(dtypes.Bool, 2), x, s.array(dtypes.Float64, 2))
	fails(t, "scalars' types differ", f, []string{"type"}, s.array(dtypes.Bool, 2), x, s.array(dtypes.Float64))
	fails(t, "dimensions differ", f, []string{"dimensions"}, s.array(dtypes.Bool, 2), x, s.array(dtypes.Float32, 3))
	fails(t, "condition's dimensions differ", f, []string{"dimensions"}, s.array(dtypes.Bool, 3), x, x)
}

// converted is what an element becomes as another type.
func converted(from, to dtypes.DType, v val) val {
	// To a float, or a wrapped integer, of exact value.
	var f float64
	var i *big.Int
	switch {
	case from == dtypes.Bool:
		f = float64(number(v.b))
	case from.IsInt():
		i = v.i
		f, _ = new(big.Float).SetInt(v.i).Float64()
		if to == dtypes.Float32 { // rounded once
			f32, _ := new(big.Float).SetInt(v.i).Float32()
			f = float64(f32)
		}
	case from.IsFloat():
		f = v.f
	default:
		f = real(v.c)
	}
	switch {
	case to == dtypes.Bool:
		if from.IsComplex() {
			return val{b: v.c != 0}
		}
		return val{b: f != 0}
	case to.IsInt():
		if i == nil {
			lo, hi := limits(to)
			switch x, _ := new(big.Float).SetInt(lo).Float64(); {
			case f != f:
				return val{i: new(big.Int)}
			case math.IsInf(f, -1) || f < x:
				return val{i: lo}
			case math.IsInf(f, 1):
				return val{i: hi}
			}
			i, _ = big.NewFloat(f).Int(nil)
			if i.Cmp(hi) > 0 {
				return val{i: hi}
			}
		}
		return val{i: wrap(to, i)}
	case to.IsFloat():
		return val{f: store(to, f)}
	case from.IsComplex():
		part := to.RealDType()
		return val{c: complex(store(part, real(v.c)), store(part, imag(v.c)))}
	}
	return val{c: complex(store(to.RealDType(), f), 0)}
}

func testConvert(t *testing.T) {
	for _, from := range allTypes {
		for _, to := range allTypes {
			f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.ConvertDType(in[0], to) })
			for k, dims := range [][]int{{}, {3, 0}, {1030}} {
				for _, wild := range []bool{false, true} {
					x := newSampler(uint64(k), wild).array(from, dims...)
					tol := tolerance{}
					if to.IsFloat16() && (from == dtypes.Float64 || from.IsInt() || from == dtypes.Complex128) {
						tol.ulp = 1 // by way of float32
					}
					check(t, f, tol, []array{build(to, dims, func(idx []int) val { return converted(from, to, x.at(idx)) })}, x)
				}
			}
		}
	}
	f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) {
		return b.ConvertDType(in[0], dtypes.F8E5M2)
	})
	fails(t, "unknown type", f, []string{"ConvertDType", "Float32"}, newSampler(1, false).array(dtypes.Float32, 2))
}

// bytesOf returns an element's bytes, the lowest first.
func bytesOf(t dtypes.DType, v val) []byte {
	var bits []uint64 // words
	size := t.Size()
	switch {
	case t == dtypes.Bool:
		bits = []uint64{uint64(number(v.b))}
	case t.IsInt():
		bits = []uint64{pattern(t, v.i)}
	case t == dtypes.Float16:
		bits = []uint64{uint64(float16.Fromfloat32(float32(v.f)))}
	case t == dtypes.BFloat16:
		bits = []uint64{uint64(roundBF16(v.f))}
	case t == dtypes.Float32:
		bits = []uint64{uint64(math.Float32bits(float32(v.f)))}
	case t == dtypes.Float64:
		bits = []uint64{math.Float64bits(v.f)}
	case t == dtypes.Complex64:
		bits = []uint64{uint64(math.Float32bits(float32(real(v.c)))) | uint64(math.Float32bits(float32(imag(v.c))))<<32}
	default:
		bits = []uint64{math.Float64bits(real(v.c)), math.Float64bits(imag(v.c))}
	}
	var b []byte
	for i := range size {
		b = append(b, byte(bits[i/8]>>(8*(i%8))))
	}
	return b
}

// fromBytes is bytesOf's inverse.
func fromBytes(t dtypes.DType, b []byte) val {
	words := make([]uint64, 2)
	for i, x := range b {
		words[i/8] |= uint64(x) << (8 * (i % 8))
	}
	w := words[0]
	switch {
	case t.IsInt():
		return val{i: wrap(t, new(big.Int).SetUint64(w))}
	case t == dtypes.Float16:
		return val{f: float64(float16.Frombits(uint16(w)).Float32())}
	case t == dtypes.BFloat16:
		return val{f: fromBF16(bfloat16.BFloat16(w))}
	case t == dtypes.Float32:
		return val{f: float64(math.Float32frombits(uint32(w)))}
	case t == dtypes.Float64:
		return val{f: math.Float64frombits(w)}
	case t == dtypes.Complex64:
		return val{c: complex(float64(math.Float32frombits(uint32(w))), float64(math.Float32frombits(uint32(w>>32))))}
	}
	return val{c: complex(math.Float64frombits(w), math.Float64frombits(words[1]))}
}

func testBitcast(t *testing.T) {
	for _, from := range allTypes {
		for _, to := range numberTypes {
			f := one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Bitcast(in[0], to) })
			for k, dims := range [][]int{{}, {17}, {2, 0, 3}, {3, 5}} {
				in := dims
				parts := 1
				out := dims
				if from.Size() < to.Size() {
					parts = to.Size() / from.Size()
					in = append(append([]int{}, dims...), parts)
				} else if from.Size() > to.Size() {
					out = append(append([]int{}, dims...), from.Size()/to.Size())
				}
				x := newSampler(uint64(k), false).array(from, in...)
				var all []byte
				for _, v := range x.v {
					all = append(all, bytesOf(from, v)...)
				}
				size := to.Size()
				check(t, f, tolerance{}, []array{build(to, out, func(idx []int) val {
					at := position(out, idx) * size
					return fromBytes(to, all[at:at+size])
				})}, x)
			}
		}
	}
	to := func(dtype dtypes.DType) program {
		return one(func(b backends.Builder, in []backends.Op) (backends.Op, error) { return b.Bitcast(in[0], dtype) })
	}
	s := newSampler(1, false)
	fails(t, "no last axis of 2", to(dtypes.Float64), []string{"Bitcast", "dimension 2"}, s.array(dtypes.Float32, 2, 3))
	fails(t, "a scalar has no parts", to(dtypes.Float64), []string{"dimension 2"}, s.array(dtypes.Float32))
	fails(t, "any bits are no boolean", to(dtypes.Bool), []string{"Bool"}, s.array(dtypes.Uint8, 2))
}
