package elem

import (
	"math"
	"math/big"
	"sync"
)

// Functions to 300 bits, from their series: what kernels are compared with. They are written for
// finite arguments; special values have tables.

const precision = 300

func bigF(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func bigOp(f func(z, x, y *big.Float) *big.Float, x, y *big.Float) *big.Float {
	return f(new(big.Float).SetPrec(precision), x, y)
}

func bigAdd(x, y *big.Float) *big.Float { return bigOp((*big.Float).Add, x, y) }
func bigSub(x, y *big.Float) *big.Float { return bigOp((*big.Float).Sub, x, y) }
func bigMul(x, y *big.Float) *big.Float { return bigOp((*big.Float).Mul, x, y) }
func bigDiv(x, y *big.Float) *big.Float { return bigOp((*big.Float).Quo, x, y) }

// negligible reports whether a term no longer changes the sum.
func negligible(term, sum *big.Float) bool {
	return term.Sign() == 0 || (sum.Sign() != 0 && term.MantExp(nil) < sum.MantExp(nil)-precision-8)
}

// bigExp is exp(x) = exp(x/2^k)^(2^k), the inner one by Taylor.
func bigExp(x *big.Float) *big.Float {
	const halvings = 24
	y := new(big.Float).SetPrec(precision+64).SetMantExp(x, -halvings)
	sum, term := bigF(1).SetPrec(precision+64), bigF(1).SetPrec(precision+64)
	for i := 1; ; i++ {
		term.Mul(term, y)
		term.Quo(term, bigF(float64(i)))
		sum.Add(sum, term)
		if negligible(term, sum) {
			break
		}
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum.SetPrec(precision)
}

// bigExpm1 is exp(x)-1; by Taylor where the difference would cancel.
func bigExpm1(x *big.Float) *big.Float {
	if x.Sign() == 0 || x.MantExp(nil) > -20 {
		return bigSub(bigExp(x), bigF(1))
	}
	sum, term := bigF(0), bigF(1)
	for i := 1; ; i++ {
		term = bigDiv(bigMul(term, x), bigF(float64(i)))
		sum = bigAdd(sum, term)
		if negligible(term, sum) {
			return sum
		}
	}
}

// bigLog is Newton's iteration for exp(y) = x, from the nearest float64.
func bigLog(x *big.Float) *big.Float {
	if d := bigSub(x, bigF(1)); d.Sign() == 0 || d.MantExp(nil) <= -3 {
		return bigLog1p(d)
	}
	mant := new(big.Float)
	e := x.MantExp(mant)
	f, _ := mant.Float64()
	y := bigF(math.Log(f))
	for range 4 { // y += x·exp(-y) - 1 squares the error
		y = bigAdd(y, bigSub(bigMul(mant, bigExp(bigSub(bigF(0), y))), bigF(1)))
	}
	if e != 0 {
		y = bigAdd(y, bigMul(bigF(float64(e)), ln2()))
	}
	return y
}

var ln2 = sync.OnceValue(func() *big.Float {
	sum := bigF(0) // Σ 1/(k·2^k)
	for k := 1; k < precision+20; k++ {
		sum = bigAdd(sum, new(big.Float).SetMantExp(bigDiv(bigF(1), bigF(float64(k))), -k))
	}
	return sum
})

// bigLog1p is 2·atanh(x/(2+x)) near 0.
func bigLog1p(x *big.Float) *big.Float {
	if x.Sign() == 0 {
		return x
	}
	if x.MantExp(nil) > -3 {
		return bigLog(bigAdd(bigF(1), x))
	}
	r := bigDiv(x, bigAdd(bigF(2), x))
	square, power, sum := bigMul(r, r), r, bigF(0)
	for k := 1; ; k += 2 {
		term := bigDiv(power, bigF(float64(k)))
		sum = bigAdd(sum, term)
		if negligible(term, sum) {
			return bigMul(bigF(2), sum)
		}
		power = bigMul(power, square)
	}
}

// bigErf is 2/√π·exp(-x²)·Σ 2^k·x^(2k+1)/(1·3·…·(2k+1)), whose terms are all positive.
func bigErf(x *big.Float) *big.Float {
	if f, _ := x.Float64(); math.Abs(f) > 12 {
		return bigF(math.Copysign(1, f))
	}
	square := bigMul(x, x)
	term, sum := x, x
	for k := 1; !negligible(term, sum); k++ {
		term = bigDiv(bigMul(term, bigMul(bigF(2), square)), bigF(float64(2*k+1)))
		sum = bigAdd(sum, term)
	}
	sum = bigMul(sum, bigExp(bigSub(bigF(0), square)))
	return bigDiv(bigMul(bigF(2), sum), new(big.Float).SetPrec(precision).Sqrt(pi()))
}

// pi is Machin's 16·atan(1/5) - 4·atan(1/239), to enough bits to reduce any float64.
var pi = sync.OnceValue(func() *big.Float {
	const bits = 1500
	atan := func(n int64) *big.Float {
		x := new(big.Float).SetPrec(bits).Quo(new(big.Float).SetPrec(bits).SetInt64(1), new(big.Float).SetPrec(bits).SetInt64(n))
		square := new(big.Float).Mul(x, x)
		sum, power := new(big.Float).SetPrec(bits), new(big.Float).Set(x)
		for k := int64(1); power.MantExp(nil) > -bits-10; k += 2 {
			term := new(big.Float).Quo(power, new(big.Float).SetPrec(bits).SetInt64(k))
			if k%4 == 3 {
				term.Neg(term)
			}
			sum.Add(sum, term)
			power.Mul(power, square)
		}
		return sum
	}
	a, b := atan(5), atan(239)
	a.Mul(a, new(big.Float).SetInt64(16))
	return a.Sub(a, b.Mul(b, new(big.Float).SetInt64(4)))
})

// bigSin is the series after x is reduced by multiples of π/2; quarter adds quarters of a turn.
func bigSin(x *big.Float, quarter int64) *big.Float {
	half := new(big.Float).Quo(pi(), new(big.Float).SetInt64(2))
	n, _ := new(big.Float).SetPrec(2500).Quo(x, half).Int(nil)
	r := new(big.Float).SetPrec(2500).SetInt(n)
	r.Sub(new(big.Float).SetPrec(2500).Set(x), r.Mul(r, half)) // |r| < π/2
	r.SetPrec(precision)
	turn := new(big.Int).Mod(new(big.Int).Add(n, big.NewInt(quarter)), big.NewInt(4)).Int64()
	term, first := new(big.Float).Set(r), int64(1)
	if turn&1 == 1 { // cosine
		term, first = bigF(1), 0
	}
	sum, square := new(big.Float).Set(term), bigMul(r, r)
	for k := first + 1; !negligible(term, sum); k += 2 {
		term = bigDiv(bigMul(term, square), bigF(-float64(k*(k+1))))
		sum = bigAdd(sum, term)
	}
	if turn&2 != 0 {
		sum.Neg(sum)
	}
	return sum
}

func bigTanh(x *big.Float) *big.Float {
	e := bigExpm1(bigMul(bigF(2), x)) // tanh x = expm1(2x)/(expm1(2x)+2)
	return bigDiv(e, bigAdd(e, bigF(2)))
}

func bigLogistic(x *big.Float) *big.Float {
	return bigDiv(bigF(1), bigAdd(bigF(1), bigExp(bigSub(bigF(0), x))))
}
