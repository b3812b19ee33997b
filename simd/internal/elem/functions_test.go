package elem

import (
	"math"
	"math/big"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// The functions and where their arguments are drawn from: the range in which the result is neither
// constant nor out of the type's range, in float64 (float32's is within).
var functionCases = []struct {
	op     ir.Op
	f      func(x *big.Float) *big.Float
	lo, hi float64 // of float64
	ulp    float64 // bound for float64
}{
	{backends.OpTypeExp, bigExp, -745, 709.7, 1},
	{backends.OpTypeExpm1, bigExpm1, -40, 709.7, 1},
	{backends.OpTypeLog, bigLog, 5e-324, math.MaxFloat64, 1},
	{backends.OpTypeLog1p, bigLog1p, -1 + 1e-16, math.MaxFloat64, 1},
	{backends.OpTypeLogistic, bigLogistic, -740, 40, 3},
	{backends.OpTypeTanh, bigTanh, -20, 20, 2},
	{backends.OpTypeErf, bigErf, -6, 6, 1},
	{backends.OpTypeSin, func(x *big.Float) *big.Float { return bigSin(x, 0) }, -1e6, 1e6, 1.5},
	{backends.OpTypeCos, func(x *big.Float) *big.Float { return bigSin(x, 1) }, -1e6, 1e6, 1.5},
	{backends.OpTypeSqrt, func(x *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Sqrt(x) }, 0, math.MaxFloat64, 0.5},
	{backends.OpTypeRsqrt, func(x *big.Float) *big.Float {
		return bigDiv(bigF(1), new(big.Float).SetPrec(precision).Sqrt(x))
	}, 5e-324, math.MaxFloat64, 1.5},
}

// TestFunctionsOfFloat32 holds float32 to half an ulp and the little that the float64 within errs.
func TestFunctionsOfFloat32(t *testing.T) {
	for _, c := range functionCases {
		k := Map(c.op, dtypes.Float32, dtypes.Float32)
		worst, at := 0.0, float32(0)
		for _, x := range arguments32(c.lo, c.hi, 1500) {
			var got float32
			k(unsafe.Pointer(&got), unsafe.Pointer(&x), nil, nil, 1)
			if e := ulps(float64(got), c.f(bigF(float64(x))), 24, -149); e > worst {
				worst, at = e, x
			}
		}
		if worst > 0.501 {
			t.Errorf("%s of float32 %g is %.4f ulp off, want at most 0.501", c.op, at, worst)
		}
	}
}

func TestFunctionsOfFloat64(t *testing.T) {
	for _, c := range functionCases {
		k := Map(c.op, dtypes.Float64, dtypes.Float64)
		worst, at := 0.0, 0.0
		for _, x := range arguments64(c.lo, c.hi, 1500) {
			var got float64
			k(unsafe.Pointer(&got), unsafe.Pointer(&x), nil, nil, 1)
			if e := ulps(got, c.f(bigF(x)), 53, -1074); e > worst {
				worst, at = e, x
			}
		}
		if worst > c.ulp {
			t.Errorf("%s of float64 %g is %.3f ulp off, want at most %g", c.op, at, worst, c.ulp)
		}
		t.Logf("%s: %.3f ulp at %g", c.op, worst, at)
	}
}

// ulps returns how far got is from want, in units of the last place of want in a format of the
// given bits whose least denormal is 2^least.
func ulps(got float64, want *big.Float, bits, least int) float64 {
	unit := least
	if want.Sign() != 0 {
		unit = max(least, want.MantExp(nil)-bits)
	}
	if math.IsInf(got, 0) { // right from half an ulp below 2^emax on
		top := new(big.Float).SetMantExp(bigF(math.Copysign(1, got)), -least-bits+3)
		if want.Sign() == top.Sign() && bigSub(want, top).Sign() == top.Sign() {
			return 0
		}
		d, _ := new(big.Float).SetMantExp(bigSub(top, want), -unit).Float64()
		return math.Abs(d)
	}
	d, _ := new(big.Float).SetMantExp(bigSub(bigF(got), want), -unit).Float64()
	return math.Abs(d)
}

// arguments64 lists n numbers of [lo, hi]: evenly spaced ones, and ones of all magnitudes.
func arguments64(lo, hi float64, n int) []float64 {
	var list []float64
	add := func(x float64) {
		if x >= lo && x <= hi {
			list = append(list, x)
		}
	}
	seed := uint64(3)
	for i := range n {
		seed = seed*6364136223846793005 + 1442695040888963407
		u := float64(seed>>11) / (1 << 53)
		if hi < 1e10 {
			add(lo + (hi-lo)*(float64(i)+u)/float64(n))
		}
		m := math.Ldexp(1+u, int(seed%2098)-1074)
		add(m)
		add(-m)
		m = math.Ldexp(1+u, int(seed%40)-30) // the usual magnitudes
		add(m)
		add(-m)
		add(1 + m/1000)
	}
	for _, x := range []float64{lo, hi, 0, 1, -1, 0.5, math.Pi, math.Pi / 2, 5e-324, 2.2250738585072014e-308} {
		add(x)
	}
	return list
}

// arguments32 lists float32 within [lo, hi] where float32 functions are not constant.
func arguments32(lo, hi float64, n int) []float32 {
	if hi == math.MaxFloat64 {
		hi = math.MaxFloat32
	}
	var list []float32
	for _, x := range arguments64(max(lo, -1e6), hi, n) {
		y := float32(x)
		if float64(y) < lo || float64(y) > hi || (y == 0 && lo > 0) || (hi == 709.7 && y > 88.8) {
			continue
		}
		list = append(list, y)
	}
	return list
}

// TestZerosOfSinAndCos takes the numbers next to zeros, where all that is left of the argument is what
// π lacks as a float64.
func TestZerosOfSinAndCos(t *testing.T) {
	for n := 1.0; n < 1e6; n = n*1.07 + 1 {
		n = math.Floor(n)
		for _, c := range []struct {
			op      ir.Op
			x       float64
			quarter int64
		}{
			{backends.OpTypeSin, n * math.Pi, 0}, {backends.OpTypeSin, -n * math.Pi, 0},
			{backends.OpTypeCos, (n - 0.5) * math.Pi, 1}, {backends.OpTypeCos, (0.5 - n) * math.Pi, 1},
		} {
			if e := ulps(call(c.op, dtypes.Float64, c.x), bigSin(bigF(c.x), c.quarter), 53, -1074); e > 1.5 {
				t.Errorf("%s(%g) of float64 is %.2f ulp off, want at most 1.5", c.op, c.x, e)
			}
			x := float64(float32(c.x))
			if e := ulps(call(c.op, dtypes.Float32, x), bigSin(bigF(x), c.quarter), 24, -149); e > 0.501 {
				t.Errorf("%s(%g) of float32 is %.4f ulp off, want at most 0.501", c.op, x, e)
			}
		}
	}
}

// TestPow compares with exp(y·log x).
func TestPow(t *testing.T) {
	for _, x := range arguments64(1e-3, 1e3, 60) {
		for _, y := range []float64{-20.5, -2, -1, -0.3, 1e-5, 0.5, 1, 2, 3.7, 17, 30} {
			want := bigExp(bigMul(bigF(y), bigLog(bigF(x))))
			if e := ulps(call(backends.OpTypePow, dtypes.Float64, x, y), want, 53, -1074); e > 1 {
				t.Errorf("pow(%g, %g) of float64 is %.2f ulp off, want at most 1", x, y, e)
			}
			x32, y32 := float64(float32(x)), float64(float32(y))
			want = bigExp(bigMul(bigF(y32), bigLog(bigF(x32))))
			if e := ulps(call(backends.OpTypePow, dtypes.Float32, x32, y32), want, 24, -149); e > 0.501 {
				t.Errorf("pow(%g, %g) of float32 is %.4f ulp off, want at most 0.501", x32, y32, e)
			}
		}
	}
}

// TestPowOfIntegersIsExact as far as float64 holds the result.
func TestPowOfIntegersIsExact(t *testing.T) {
	for base := 2.0; base < 40; base++ {
		want := 1.0
		for n := 1.0; want*base < 1<<53; n++ {
			want *= base
			if got := call(backends.OpTypePow, dtypes.Float64, base, n); got != want {
				t.Errorf("%g^%g is %g, want %g", base, n, got, want)
			}
			sign := 1 - 2*math.Mod(n, 2)
			if got := call(backends.OpTypePow, dtypes.Float64, -base, n); got != sign*want {
				t.Errorf("(-%g)^%g is %g, want %g", base, n, got, sign*want)
			}
			if got := call(backends.OpTypePow, dtypes.Float64, want, 1/n); n < 4 && n != 3 && got != base {
				t.Errorf("%g^(1/%g) is %g, want %g", want, n, got, base)
			}
		}
	}
}
