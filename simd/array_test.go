package simd_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/dtypes/bfloat16"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/x448/float16"
)

// val is an element: i of integers, f of floats, c of complex numbers, b of booleans.
type val struct {
	i *big.Int
	f float64
	c complex128
	b bool
}

// array is what the tests compute with: exact integers and float64, of elements that are to be
// stored with type t.
type array struct {
	t    dtypes.DType
	dims []int
	v    []val
}

func (a array) shape() shapes.Shape { return shapes.Make(a.t, a.dims...) }
func (a array) String() string      { return a.shape().String() }

func sizeOf(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// each calls f with all indices of an array in row-major order.
func each(dims []int, f func(idx []int)) {
	if sizeOf(dims) == 0 {
		return
	}
	idx := make([]int, len(dims))
	for {
		f(idx)
		k := len(dims) - 1
		for ; k >= 0; k-- {
			if idx[k]++; idx[k] < dims[k] {
				break
			}
			idx[k] = 0
		}
		if k < 0 {
			return
		}
	}
}

// at returns the element at idx.
func (a array) at(idx []int) val { return a.v[position(a.dims, idx)] }

func position(dims, idx []int) int {
	k := 0
	for i, d := range dims {
		k = k*d + idx[i]
	}
	return k
}

// build makes an array of f's values.
func build(t dtypes.DType, dims []int, f func(idx []int) val) array {
	a := array{t: t, dims: slices.Clone(dims)}
	each(dims, func(idx []int) { a.v = append(a.v, f(idx)) })
	return a
}

func isInt(t dtypes.DType) bool { return t.IsInt() }
func bitsOf(t dtypes.DType) int { return t.Size() * 8 }

// wrap brings an integer into the range of a type, modulo 2^bits.
func wrap(t dtypes.DType, x *big.Int) *big.Int {
	w := uint(bitsOf(t))
	m := new(big.Int).Lsh(big.NewInt(1), w)
	r := new(big.Int).Mod(x, m) // 0 ≤ r < m
	if !t.IsUnsigned() && r.Bit(int(w)-1) == 1 {
		r.Sub(r, m)
	}
	return r
}

// least and greatest value of an integer type.
func limits(t dtypes.DType) (lo, hi *big.Int) {
	w := uint(bitsOf(t))
	one := big.NewInt(1)
	if t.IsUnsigned() {
		return big.NewInt(0), new(big.Int).Sub(new(big.Int).Lsh(one, w), one)
	}
	half := new(big.Int).Lsh(one, w-1)
	return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
}

// roundBF16 rounds to the nearest bfloat16, ties to even.
func roundBF16(x float64) bfloat16.BFloat16 {
	b := math.Float32bits(float32(x))
	if x != x {
		return bfloat16.BFloat16(0x7fc0)
	}
	b += 0x7fff + b>>16&1
	return bfloat16.BFloat16(b >> 16)
}

func fromBF16(x bfloat16.BFloat16) float64 { return float64(math.Float32frombits(uint32(x) << 16)) }

// store rounds a float to a type.
func store(t dtypes.DType, x float64) float64 {
	switch t {
	case dtypes.Float32:
		return float64(float32(x))
	case dtypes.Float16:
		return float64(float16.Fromfloat32(float32(x)).Float32())
	case dtypes.BFloat16:
		return fromBF16(roundBF16(x))
	}
	return x
}

// flat returns the elements as GoMLX takes them.
func (a array) flat() any {
	s := reflect.MakeSlice(reflect.SliceOf(a.t.GoType()), len(a.v), len(a.v))
	for k, v := range a.v {
		e := s.Index(k)
		switch {
		case a.t == dtypes.Bool:
			e.SetBool(v.b)
		case a.t.IsUnsigned():
			e.SetUint(v.i.Uint64())
		case a.t.IsInt():
			e.SetInt(v.i.Int64())
		case a.t == dtypes.Float16:
			e.SetUint(uint64(float16.Fromfloat32(float32(v.f))))
		case a.t == dtypes.BFloat16:
			e.SetUint(uint64(roundBF16(v.f)))
		case a.t.IsFloat():
			e.SetFloat(v.f)
		default:
			e.SetComplex(v.c)
		}
	}
	return s.Interface()
}

// read makes an array of elements as GoMLX gives them.
func read(shape shapes.Shape, flat any) array {
	s := reflect.ValueOf(flat)
	a := array{t: shape.DType, dims: shape.Dimensions, v: make([]val, s.Len())}
	for k := range a.v {
		e, v := s.Index(k), &a.v[k]
		switch {
		case a.t == dtypes.Bool:
			v.b = e.Bool()
		case a.t.IsUnsigned():
			v.i = new(big.Int).SetUint64(e.Uint())
		case a.t.IsInt():
			v.i = big.NewInt(e.Int())
		case a.t == dtypes.Float16:
			v.f = float64(float16.Frombits(uint16(e.Uint())).Float32())
		case a.t == dtypes.BFloat16:
			v.f = fromBF16(bfloat16.BFloat16(e.Uint()))
		case a.t.IsFloat():
			v.f = e.Float()
		default:
			v.c = e.Complex()
		}
	}
	return a
}

// order maps a float of a type to an integer such that neighbours differ by 1.
func order(t dtypes.DType, x float64) float64 {
	switch t {
	case dtypes.Float32:
		b := int32(math.Float32bits(float32(x)))
		if b < 0 {
			b = math.MinInt32 - b
		}
		return float64(b)
	case dtypes.Float16:
		b := int16(float16.Fromfloat32(float32(x)))
		if b < 0 {
			b = math.MinInt16 - b
		}
		return float64(b)
	case dtypes.BFloat16:
		b := int16(roundBF16(x))
		if b < 0 {
			b = math.MinInt16 - b
		}
		return float64(b)
	}
	b := int64(math.Float64bits(x))
	if b < 0 {
		b = math.MinInt64 - b
	}
	return float64(b) // close enough for differences: see ulps
}

// ulps is how many representable values got is from the value of the type nearest to want.
func ulps(t dtypes.DType, got, want float64) float64 {
	want = store(t, want)
	switch {
	case got != got && want != want, got == want:
		return 0
	case got != got || want != want:
		return math.Inf(1)
	case t == dtypes.Float64 && math.Signbit(got) == math.Signbit(want):
		a, b := math.Float64bits(math.Abs(got)), math.Float64bits(math.Abs(want))
		return math.Abs(float64(int64(a - b)))
	}
	return math.Abs(order(t, got) - order(t, want))
}

// eps is the distance from 1 to the next number of the type.
func eps(t dtypes.DType) float64 {
	switch t {
	case dtypes.Float16:
		return 0x1p-10
	case dtypes.BFloat16:
		return 0x1p-7
	case dtypes.Float32, dtypes.Complex64:
		return 0x1p-23
	}
	return 0x1p-52
}

// tolerance says how far a result may be from what is wanted: by ulp units in the last place, or by
// abs; for complex numbers by ulp·eps of the absolute value.
type tolerance struct{ ulp, abs float64 }

// differ describes the first element in which two arrays differ; "" if there is none.
func differ(got, want array, tol tolerance) string {
	if got.t != want.t || !slices.Equal(got.dims, want.dims) {
		return fmt.Sprintf("got %s, want %s", got, want)
	}
	for k, g := range got.v {
		w := want.v[k]
		ok := true
		var what string
		switch {
		case got.t == dtypes.Bool:
			ok, what = g.b == w.b, fmt.Sprintf("got %t, want %t", g.b, w.b)
		case isInt(got.t):
			ok, what = g.i.Cmp(w.i) == 0, fmt.Sprintf("got %s, want %s", g.i, w.i)
		case got.t.IsFloat():
			u := ulps(got.t, g.f, w.f)
			ok = u <= tol.ulp || math.Abs(g.f-w.f) <= tol.abs
			what = fmt.Sprintf("got %.9g, want %.9g: %g ulp, within %g or %g", g.f, w.f, u, tol.ulp, tol.abs)
		default:
			ok = closeComplex(g.c, w.c, math.Max(tol.ulp, 1)*eps(got.t), tol.abs)
			what = fmt.Sprintf("got %.9g, want %.9g", g.c, w.c)
		}
		if !ok {
			return fmt.Sprintf("element %d of %s: %s", k, got, what)
		}
	}
	return ""
}

func closeComplex(g, w complex128, rel, abs float64) bool {
	same := func(a, b float64) bool { return a == b || a != a && b != b }
	if same(real(g), real(w)) && same(imag(g), imag(w)) {
		return true
	}
	size := math.Hypot(real(w), imag(w))
	return math.Hypot(real(g)-real(w), imag(g)-imag(w)) <= math.Max(rel*size, abs)
}

// sampler draws elements.
type sampler struct {
	*rand.Rand
	wild bool // also NaN, infinities, denormal numbers and the limits of integers
}

func newSampler(seed uint64, wild bool) *sampler {
	return &sampler{rand.New(rand.NewPCG(seed, 7)), wild}
}

// special floats; those that a type does not have are rounded to what it has.
var special = []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 2, 3, -2, math.Inf(1), math.Inf(-1), math.NaN(),
	math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -3 * math.SmallestNonzeroFloat32, 0x1p-126, 0x1.8p-127,
	88.8, -88.8, -104, 709.9, -745.2, 0x1p-1060, 65504, 1e-7, -1e-7, 1e5, -1e5, 1.5, 2.5, -2.5, 1e30, 255, 256, 32768, 3e9, -3e9, 2e19}

// element draws one element of a type: small numbers, and special ones if wild.
func (s *sampler) element(t dtypes.DType) val {
	switch {
	case t == dtypes.Bool:
		return val{b: s.IntN(2) == 1}
	case t.IsInt():
		if s.wild && s.IntN(3) == 0 {
			lo, hi := limits(t)
			x := []*big.Int{lo, hi, new(big.Int).Add(lo, big.NewInt(1)), new(big.Int).Sub(hi, big.NewInt(1)), big.NewInt(0)}[s.IntN(5)]
			return val{i: x}
		}
		if s.wild && s.IntN(3) == 0 {
			return val{i: wrap(t, new(big.Int).SetUint64(s.Uint64()))}
		}
		return val{i: wrap(t, big.NewInt(int64(s.IntN(21))-10))}
	case t.IsFloat():
		if s.wild && s.IntN(3) == 0 {
			return val{f: store(t, special[s.IntN(len(special))])}
		}
		if s.wild && s.IntN(3) == 0 {
			return val{f: store(t, s.NormFloat64()*math.Exp2(float64(s.IntN(60)-30)))}
		}
		return val{f: store(t, 2*s.NormFloat64())}
	}
	part := dtypes.Float64
	if t == dtypes.Complex64 {
		part = dtypes.Float32
	}
	return val{c: complex(store(part, s.NormFloat64()), store(part, s.NormFloat64()))}
}

func (s *sampler) array(t dtypes.DType, dims ...int) array {
	return build(t, dims, func([]int) val { return s.element(t) })
}

// indices draws integers from lo to hi.
func (s *sampler) indices(t dtypes.DType, lo, hi int, dims ...int) array {
	return build(t, dims, func([]int) val { return val{i: wrap(t, big.NewInt(int64(lo+s.IntN(hi-lo+1))))} })
}
