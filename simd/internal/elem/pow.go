package elem

import "math"

// pow is x^y within 1 ulp, and exact where the result is a float64. It takes the logarithm to about
// 100 bits, since what it errs the power errs y·ln x times; package math's is 10 ulps off at x^30.
func pow(x, y float64) float64 { return powBy(x, y, precisePow) }

// shortPow is x^y for float32, within 2^-44 of it: what y·ln x loses as a float64.
func shortPow(x, y float64) float64 {
	return powBy(x, y, func(x, y float64) float64 { return exp(y * log(x)) })
}

// powBy leaves special values to package math and negative bases to their absolute values; positive
// finite ones go to f.
func powBy(x, y float64, f func(x, y float64) float64) float64 {
	switch {
	case x-x != 0 || y-y != 0 || x == 0 || y == 0 || x == 1:
		return math.Pow(x, y)
	case x < 0:
		if y != math.Trunc(y) {
			return math.NaN()
		}
		if math.Mod(y, 2) != 0 {
			return -f(-x, y)
		}
		x = -x
	}
	return f(x, y)
}

// precisePow is pow for finite x > 0 and finite y.
func precisePow(x, y float64) float64 {
	l := preciseLog(x)
	p := float64(y * l.hi)
	if p-p != 0 || math.Abs(p) > 800 {
		return exp(p) // out of range
	}
	return expSum(p, math.FMA(y, l.hi, -p)+y*l.lo)
}

// A double is hi+lo, an unevaluated sum with |lo| at most half an ulp of hi or a little more.
type double struct{ hi, lo float64 }

// sum adds two numbers exactly. A product that is an operand must be rounded first, float64(x*y): on
// some processors Go fuses x*y+z.
func sum(a, b float64) double {
	s := a + b
	v := s - a
	return double{s, (a - (s - v)) + (b - v)}
}

// plus adds a constant's two parts.
func (a double) plus(hi, lo float64) double {
	s := sum(hi, a.hi)
	return sum(s.hi, s.lo+(lo+a.lo))
}

func (a double) times(b double) double {
	p := float64(a.hi * b.hi)
	return sum(p, math.FMA(a.hi, b.hi, -p)+(a.hi*b.lo+a.lo*b.hi))
}

// preciseLog is ln x for finite x > 0. With x = 2^e·m, √½ ≤ m < √2, and s = (m-1)/(m+1), it is
//
//	e·ln 2 + 2s·(1 + s²/3 + s⁴/5 + …),  s² < 0.0295,
//
// of which the first four terms need more than a float64.
func preciseLog(x float64) double {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	below, above := m-1, sum(m, 1) // the first is exact
	s := double{hi: below / above.hi}
	s.lo = (math.FMA(-s.hi, above.hi, below) - s.hi*above.lo) / above.hi
	z := s.times(s)
	t := 1./15 + z.hi*(1./17+z.hi*(1./19+z.hi*(1./21+z.hi*(1./23))))
	t = z.hi * (1./9 + z.hi*(1./11+z.hi*(1./13+z.hi*t)))
	l := double{hi: float64(t)}.plus(1./7, 0x1.2492492492492p-57)
	l = l.times(z).plus(1./5, -0x1.999999999999ap-57)
	l = l.times(z).plus(1./3, 0x1.5555555555555p-56)
	l = l.times(z).plus(1, 0).times(double{2 * s.hi, 2 * s.lo})
	n := float64(e)
	low := float64(n * ln2Lo)
	l = l.plus(low, math.FMA(n, ln2Lo, -low))
	return l.plus(float64(n*ln2Hi), 0)
}
