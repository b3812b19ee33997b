package lesson

import (
	"math"
	"strconv"
	"strings"
)

// Short writes a number with up to six significant digits: 0.25, 1234.5, 1.5e-7, -3. It is how
// replies and counterexamples write numbers; the page's script writes the same.
func Short(v float64) string {
	switch {
	case math.IsNaN(v):
		return "not a number"
	case math.IsInf(v, 1):
		return "infinite"
	case math.IsInf(v, -1):
		return "-infinite"
	case v == 0:
		return "0"
	}
	mantissa, power, _ := strings.Cut(strconv.FormatFloat(v, 'e', 5, 64), "e")
	exp, _ := strconv.Atoi(power) // its own output
	if exp < -5 || exp > 7 {
		return strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".") + "e" + strconv.Itoa(exp)
	}
	r, _ := strconv.ParseFloat(mantissa+"e"+power, 64)
	return strconv.FormatFloat(r, 'f', -1, 64)
}

// roundTo rounds to the given number of significant digits.
func roundTo(v float64, digits int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', digits-1, 64), 64)
	if err != nil {
		return v
	}
	return r
}
