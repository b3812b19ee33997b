package main

import (
	"fmt"
	"math"
)

// erf32[i][j] is the coefficient of t^i where |x| = erfStep·j + t, |t| <= erfStep/2 (the last reaches to where the
// function rounds to 1). Errors are below 2e-8, relative for j = 0.
var erf32 = [7][8]float64{
	{0.0, 0.5475284453995446, 0.8670582694349528, 0.9757977205900914,
		0.9973459706405177, 0.999827697014685, 0.999993449849224, 0.9999998552542834},
	{1.1283791713683087, 0.8509141945219163, 0.36490336896628783, 0.08898750271780166,
		0.012340747245495503, 0.0009732638230738392, 4.365547785937052e-05, 1.113459508068159e-06},
	{-1.1582936574551385e-06, -0.45204765739363983, -0.38770953262141444, -0.1418242283869075,
		-0.02622419109168898, -0.0025851634997189465, -0.00013912880671985257, -4.1445184703292935e-06},
	{-0.3760753838082796, -0.12357053586932092, 0.15293897675537155, 0.12105101458919451,
		0.03304570501415929, 0.0042505596096846674, 0.0002801423578186958, 9.84683300911732e-06},
	{-0.0008238906940185424, 0.18345713748265333, 0.0479827533740948, -0.049163102024876254,
		-0.02636680413895912, -0.004787446250440932, -0.0004011939858180096, -1.669131827701771e-05},
	{0.11888095989915642, -0.00099169525320933, -0.06474303304286856, -0.005687232508522524,
		0.012261364726456598, 0.0038937681052086956, 0.00045453166916078417, 2.4037963625986582e-05},
	{-0.020601925461808942, -0.04744720568538218, 0.01000402086456561, 0.01562271655984386,
		-0.0016517864356421865, -0.002097191325552945, -0.0003592912100172408, -2.8606373751269883e-05},
}

// erfStep is such that |x| rounds to a j of at most 7.
const erfStep = 0.53125

// erfSmall is erf(x)/x - 1 in x² for |x| <= 1, with an error of 2e-19.
var erfSmall = []float64{
	0.1283791670955126, -0.3761263890318375, 0.11283791670954879, -0.026866170645076792,
	0.0052239776248180145, -0.000854832698083379, 0.0001205533111164271, -1.4925595266831182e-05,
	1.6461000484121368e-06, -1.6350312701054695e-07, 1.4659775274047436e-08, -1.1372848856791674e-09,
	5.957176147748911e-11,
}

// erfcLarge is erfc(x)·exp(x²) in (x-2)/(x+2) for 1 <= x <= 6, with an error of 3e-19.
var erfcLarge = []float64{
	0.25539567631050575, -0.4271858474139584, 0.24165819424246646, -0.07897858101573213,
	0.003732892404327764, 0.006997461739200444, -0.0008471432509203844, -0.000981977026567889,
	4.355560219515472e-05, 0.00017436116545392264, 2.7525480361206068e-05, -2.7579864674305787e-05,
	-1.396807230177146e-05, 1.392621183618803e-06, 3.789215643758464e-06, 1.1780775215625583e-06,
	-5.322696855655786e-07, -4.215301054238321e-07,
}

// erf is the error function. In float32 a lookup in registers chooses one of eight polynomials.
func (e *emitter) erf(x vec) vec {
	if e.f64 {
		return e.erf64(x)
	}
	z := e.minX(e.f(3.92), e.abs(x)) // erf rounds to 1 from 3.92 on
	near := e.copy(e.f(1 / erfStep))
	e.mulAddTo(near, z, e.f(e.magic())) // j in the low bits
	t := e.copy(z)
	e.subMulTo(t, e.sub(near, e.f(e.magic())), e.f(erfStep))
	var y vec
	for i := len(erf32) - 1; i >= 0; i-- {
		words := make([]uint64, e.lanes())
		for j := range words {
			words[j] = uint64(math.Float32bits(float32(erf32[i][j%8])))
		}
		c := e.v()
		e.do("VPERMPS", row{fmt.Sprintf("erf%d_%d", i, len(words)), words}, near, c)
		if y == nil {
			y = c
			continue
		}
		e.mulAddTo(y, t, c)
	}
	return e.or(y, e.and(x, e.sign()))
}

// erf64 computes x + x·P(x²) and 1 - e^(-x²)·Q and takes the first for |x| < 1.
func (e *emitter) erf64(x vec) vec {
	small := e.poly(e.mul(x, x), erfSmall)
	e.mulAddTo(small, x, x)
	z := e.minX(e.f(6), e.abs(x))
	s := e.div(e.sub(z, e.f(2)), e.add(z, e.f(2)))
	q := e.poly(s, erfcLarge)
	q = e.mul(q, e.expClamped(e.neg(e.mul(z, z))))
	large := e.or(e.sub(e.f(1), q), e.and(x, e.sign()))
	return e.blend(e.cmp(lt, z, e.f(1)), small, large)
}

func errorFunction(e *emitter) {
	if e.isa == neon && !e.f64 {
		return // has no such lookup
	}
	e.function("Erf", 1, e.erf)
}
