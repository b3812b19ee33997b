package vec

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
)

var exhaustive = flag.String("exhaustive", "", "functions of float32, as Exp,Log, of which to try all 2^32 arguments, a minute or two each")

// functions are those of float32, with their definition and the error, in ulps, that doc.go states.
var functions = []struct {
	op    ir.Op
	f     func(float64) float64
	bound float64
}{
	{backends.OpTypeExp, math.Exp, 3.8},
	{backends.OpTypeExpm1, math.Expm1, 2},
	{backends.OpTypeLog, math.Log, 1.1},
	{backends.OpTypeLog1p, math.Log1p, 2},
	{backends.OpTypeTanh, math.Tanh, 3.7},
	{backends.OpTypeLogistic, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 3.5},
	{backends.OpTypeErf, math.Erf, 3},
	{backends.OpTypeSin, math.Sin, 1.6},
	{backends.OpTypeCos, math.Cos, 1.6},
	{backends.OpTypeRsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }, 1.5},
	{backends.OpTypeSqrt, math.Sqrt, 0.500001},
}

// deviation is the distance of got from want in units of the last place of float32 at want.
func deviation(got float32, want float64) float64 {
	near := float32(want)
	switch {
	case want != want || got != got:
		if want != want && got != got {
			return 0
		}
		return math.Inf(1)
	case math.IsInf(float64(near), 0) || math.IsInf(float64(got), 0):
		// The next number after the largest would be 2^128: up to half a place below is not infinite.
		if got == near {
			return 0
		}
		if math.IsInf(float64(got), 0) {
			return (0x1p128 - math.Abs(want)) / 0x1p104
		}
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

func TestAccuracy32(t *testing.T) {
	const size = 4096
	stride := uint64(4099)
	if testing.Short() {
		stride = 65537
	}
	each(t, func(t *testing.T) {
		x, y := make([]float32, size), make([]float32, size)
		for _, f := range functions {
			k := Map(f.op, dtypes.Float32, dtypes.Float32)
			stride := stride
			if slices.Contains(strings.Split(*exhaustive, ","), f.op.String()) {
				stride = 1
			}
			worst, at := 0.0, float32(0)
			for b := uint64(0); b < 1<<32; b += size * stride {
				for i := range x {
					x[i] = math.Float32frombits(uint32(b + uint64(i)*stride))
				}
				k(ptr(y), ptr(x), nil, nil, size)
				for i, v := range x {
					if d := deviation(y[i], f.f(float64(v))); d > worst {
						worst, at = d, v
					}
				}
			}
			t.Logf("%v: at most %.3f ulp, at %g", f.op, worst, at)
			if worst > f.bound {
				t.Errorf("%v: %.3f ulp at %g, want at most %g", f.op, worst, at, f.bound)
			}
		}
	})
}

// Functions of float64 agree with plain Go, which is good to about an ulp.
func TestAccuracy64(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	x := samples[float64](rng, 100000)
	got, want := make([]float64, len(x)), make([]float64, len(x))
	each(t, func(t *testing.T) {
		for _, f := range functions {
			Map(f.op, dtypes.Float64, dtypes.Float64)(ptr(got), ptr(x), nil, nil, len(x))
			elem.Map(f.op, dtypes.Float64, dtypes.Float64)(ptr(want), ptr(x), nil, nil, len(x))
			worst, at := 0.0, 0
			for i := range x {
				if d := ulps(got[i], want[i]); d > worst {
					worst, at = d, i
				}
			}
			t.Logf("%v: at most %g apart, at %g", f.op, worst, x[at])
			if worst > 4 {
				t.Errorf("%v(%g) = %g, want %g", f.op, x[at], got[at], want[at])
			}
		}
	})
}

// Values of float64 functions from 60 digits.
func TestGolden64(t *testing.T) {
	rows := []struct {
		why  string
		op   ir.Op
		x    float64
		want float64
	}{
		{"next to a zero", backends.OpTypeSin, math.Pi, 1.2246467991473532e-16},
		{"next to a zero", backends.OpTypeCos, math.Pi / 2, 6.123233995736766e-17},
		{"next to a zero, far out", backends.OpTypeSin, 355 * 1048576, 0.1915282014203035},
		{"next to a zero of the other", backends.OpTypeCos, 355 * 1048576, 0.9814871104913725},
		{"the smallest denormal", backends.OpTypeLog, 0x1p-1074, -744.4400719213812},
		{"the largest denormal", backends.OpTypeLog, 0x1p-1022 - 0x1p-1074, -708.3964185322641},
		{"the largest that does not overflow", backends.OpTypeExp, 709.782712893384, 1.7976931348622732e+308},
		{"a denormal result", backends.OpTypeExp, -740, 4.2e-322},
		{"rounds up to the smallest denormal", backends.OpTypeExp, -745, 0x1p-1074},
		{"rounds down to 0", backends.OpTypeExp, -745.14, 0},
	}
	each(t, func(t *testing.T) {
		for _, r := range rows {
			got := make([]float64, 1)
			Map(r.op, dtypes.Float64, dtypes.Float64)(ptr(got), ptr([]float64{r.x}), nil, nil, 1)
			if ulps(got[0], r.want) > 2 {
				t.Errorf("%s: %v(%v) = %v, want %v", r.why, r.op, r.x, got[0], r.want)
			}
		}
	})
}

func TestPow64(t *testing.T) {
	rows := []struct {
		why        string
		x, y, want float64
	}{
		{"a square", 3, 2, 9},
		{"below zero, odd", -2, 3, -8},
		{"below zero, even", -2, -2, 0.25},
		{"below zero, not whole", -2, 0.5, math.NaN()},
		{"zero to the zero", 0, 0, 1},
		{"zero to a tiny power", 0, 0x1p-1074, 0},
		{"zero to a tiny negative power", 0, -0x1p-1074, math.Inf(1)},
		{"the sign of zero, odd", math.Copysign(0, -1), 3, math.Copysign(0, -1)},
		{"one to infinity", 1, math.Inf(1), 1},
		{"a denormal", 0x1p-1074, 0.5, 0x1p-537},
		{"to a denormal", 2, -1070, 0x1p-1070},
		{"beyond", 2, 1024, math.Inf(1)},
		{"far beyond", 10, 1e308, math.Inf(1)},
		{"far below", 10, -1e308, 0},
		{"NaN to the zero", math.NaN(), 0, 1},
		{"close to one, to a large power", 1.0005570298551714, 1134166.5930108468, 1.974760238136654e+274},
		{"a large result", 0.6153593345546661, -1400.5, 2.1140999781125333e+295},
		{"a root", 2, 1. / 3, 1.2599210498948732},
	}
	each(t, func(t *testing.T) {
		x, y, z := make([]float64, len(rows)), make([]float64, len(rows)), make([]float64, len(rows))
		for i, r := range rows {
			x[i], y[i] = r.x, r.y
		}
		Map(backends.OpTypePow, dtypes.Float64, dtypes.Float64)(ptr(z), ptr(x), ptr(y), nil, len(x))
		for i, r := range rows {
			if d := ulps(z[i], r.want); d > 2 || r.want == 0 && !same(z[i], r.want) {
				t.Errorf("%s: Pow(%v, %v) = %v, want %v", r.why, r.x, r.y, z[i], r.want)
			}
		}
	})
}

func TestPow32(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	e := append(edges[float32](), -1, -2, -3, 0.5, -0.5, 1e-45)
	var x, y []float32
	for _, a := range e {
		for _, b := range e {
			x, y = append(x, a), append(y, b)
		}
	}
	for range 200000 {
		a := float32(math.Exp(rng.NormFloat64() * 10))
		x, y = append(x, a), append(y, float32(rng.NormFloat64()*60/math.Max(1, math.Abs(math.Log(float64(a))))))
	}
	z := make([]float32, len(x))
	each(t, func(t *testing.T) {
		Map(backends.OpTypePow, dtypes.Float32, dtypes.Float32)(ptr(z), ptr(x), ptr(y), nil, len(x))
		worst, at := 0.0, 0
		for i := range x {
			want := math.Pow(float64(x[i]), float64(y[i]))
			if d := deviation(z[i], want); d > worst {
				worst, at = d, i
			}
			if want == 0 && z[i] == 0 && math.Signbit(want) != math.Signbit(float64(z[i])) {
				t.Errorf("Pow(%g, %g) = %g, want %g", x[i], y[i], z[i], want)
			}
		}
		t.Logf("at most %.4f ulp, at %g, %g", worst, x[at], y[at])
		if worst > 0.51 {
			t.Errorf("Pow(%g, %g) = %g: %.3f ulp", x[at], y[at], z[at], worst)
		}
	})
}
