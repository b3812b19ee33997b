package elem

import "math"

// ln 2 in two parts: the last 21 bits of ln2Hi are 0, so that its product with an exponent is exact.
const (
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = 0x1.a39ef35793c76p-33
)

// exp is e^x within 0.8 ulp for all x. Package math's assembly for amd64 overflows from 709.44 on, not
// at 709.78.
func exp(x float64) float64 { return expSum(x, 0) }

// expSum is e^(x+d) for small d. With k = round(x/ln 2) and r = x+d - k·ln 2, |r| ≤ ln(2)/2, it is
// 2^k·(1 + r + r²/2! + …); terms from r^14 on are below 2^-57.
func expSum(x, d float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.79:
		return math.Inf(1)
	case x < -745.2:
		return 0
	}
	k := math.RoundToEven(x * math.Log2E)
	hi, lo := x-float64(k*ln2Hi), float64(k*ln2Lo)-d
	r := hi - lo
	rest := (hi - r) - lo // what r lacks
	q := 1./39916800 + r*(1./479001600+r*(1./6227020800))
	q = 1./362880 + r*(1./3628800+r*q)
	q = 1./5040 + r*(1./40320+r*q)
	q = 1./120 + r*(1./720+r*q)
	q = 0.5 + r*(1./6+r*(1./24+r*q))
	y := 1 + (r + (rest + r*(rest+r*q)))
	// In two steps, since 2^k may be out of range where the result is not; the first is exact.
	half := int(k) >> 1
	return y * power2(half) * power2(int(k)-half)
}

// power2 is 2^k for normal numbers.
func power2(k int) float64 { return math.Float64frombits(uint64(k+1023) << 52) }

// log is ln x. Package math's assembly for amd64 takes denormals for normal numbers.
func log(x float64) float64 {
	if x >= 0x1p-1022 || !(x > 0) {
		return math.Log(x)
	}
	const up = 54
	return math.Log(x*(1<<up)) - up*math.Ln2
}
