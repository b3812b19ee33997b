package num

import (
	"math"
	"strconv"
	"strings"
)

const (
	minus = "−"      // U+2212, as wide as a plus
	thin  = "\u202f" // between thousands; does not break
)

// Format returns v with at most the given number of significant digits, trailing zeros dropped.
// Magnitudes below 10⁻⁴ and from 10⁷ on are written as a power of ten; digits below 1 count as 1.
func Format(v float64, digits int) string {
	digits = max(digits, 1)
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return minus + "∞"
	case v == 0:
		return "0"
	}
	mantissa, exp := split(v, digits)
	sign := ""
	if v < 0 {
		sign = minus
	}
	if exp < -4 || exp >= 7 {
		if mantissa == "1" {
			return sign + Power(exp)
		}
		return sign + mantissa + "×" + Power(exp)
	}
	decimals := max(digits-1-exp, 0)
	// Round to the significant digits first: 123456 with three digits is 123 000.
	scale := math.Pow10(exp - digits + 1)
	r := math.Abs(v)
	if decimals == 0 {
		r = math.Round(r/scale) * scale
	}
	return sign + group(trim(strconv.FormatFloat(r, 'f', decimals, 64)))
}

// Fixed returns v with the given number of decimals, for the labels of one axis or one column.
func Fixed(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Format(v, 1)
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	if v < 0 && strings.Trim(s, "0.") != "" {
		return minus + group(s)
	}
	return group(s)
}

// Power returns ten to the power n: "10⁻³".
func Power(n int) string { return "10" + Superscript(strconv.Itoa(n)) }

// Superscript returns s with digits and signs raised; other characters are left alone.
func Superscript(s string) string {
	const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹"
	up := []rune(digits)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return up[r-'0']
		case r == '-' || r == '−':
			return '⁻'
		case r == '+':
			return '⁺'
		}
		return r
	}, s)
}

// split returns the mantissa of |v| with its trailing zeros dropped, and the exponent.
func split(v float64, digits int) (string, int) {
	s := strconv.FormatFloat(math.Abs(v), 'e', digits-1, 64)
	m, e, _ := strings.Cut(s, "e")
	exp, _ := strconv.Atoi(e)
	return trim(m), exp
}

func trim(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// group puts a thin space between thousands from 10 000 on; 1234 stays together, as in print.
func group(s string) string {
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) > 4 {
		var b strings.Builder
		for i, r := range whole {
			if i > 0 && (len(whole)-i)%3 == 0 {
				b.WriteString(thin)
			}
			b.WriteRune(r)
		}
		whole = b.String()
	}
	if frac != "" {
		return whole + "." + frac
	}
	return whole
}
