package simd_test

import (
	"math"
	"math/big"
)

const precision = 160 // bits of what follows

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

// bigLog is ln x = e·ln 2 + 2·artanh((m-1)/(m+1)) with x = m·2^e, for x > 0.
func bigLog(x *big.Float) *big.Float {
	m := new(big.Float).SetPrec(precision)
	e := x.MantExp(m) // m in [0.5, 1)
	z := artanh2(m)
	return z.Add(z, new(big.Float).SetPrec(precision).Mul(bigFloat(float64(e)), ln2))
}

// artanh2 is ln m = 2·(t + t³/3 + t⁵/5 + …) with t = (m-1)/(m+1).
func artanh2(m *big.Float) *big.Float {
	one := bigFloat(1)
	t := new(big.Float).SetPrec(precision).Sub(m, one)
	t.Quo(t, new(big.Float).SetPrec(precision).Add(m, one))
	square := new(big.Float).SetPrec(precision).Mul(t, t)
	sum := new(big.Float).SetPrec(precision)
	for k := 1; k < 140 && t.Sign() != 0; k += 2 {
		sum.Add(sum, new(big.Float).SetPrec(precision).Quo(t, bigFloat(float64(k))))
		t.Mul(t, square)
	}
	return sum.Mul(sum, bigFloat(2))
}

var ln2 = func() *big.Float { // = -ln ½
	z := artanh2(bigFloat(0.5))
	return z.Neg(z)
}()

// bigExp is 2^k·e^r with |r| ≤ ln(2)/2, by its series.
func bigExp(x *big.Float) *big.Float {
	q, _ := new(big.Float).SetPrec(precision).Quo(x, ln2).Float64()
	k := math.Round(q)
	r := new(big.Float).SetPrec(precision).Mul(bigFloat(k), ln2)
	r.Sub(x, r)
	sum, term := bigFloat(1), bigFloat(1)
	for n := 1; n < 50; n++ {
		term.Mul(term, r)
		term.Quo(term, bigFloat(float64(n)))
		sum.Add(sum, term)
	}
	return sum.SetMantExp(sum, int(k))
}

// pow is x^y rounded once. math.Pow, which is tens of units in the last place off for large y, has the
// last word on signs, zeros, infinities and NaN.
func pow(x, y float64) float64 {
	p := math.Pow(x, y)
	if p != p || x == 0 || y == 0 || math.IsInf(x, 0) || math.IsInf(y, 0) || math.Abs(y*math.Log(math.Abs(x))) > 800 {
		return p
	}
	z := bigLog(bigFloat(math.Abs(x)))
	exact, _ := bigExp(z.Mul(z, bigFloat(y))).Float64()
	return math.Copysign(exact, p)
}
