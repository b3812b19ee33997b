package num

import (
	"math"
	"testing"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		why    string
		v      float64
		digits int
		want   string
	}{
		{"zero has no sign", math.Copysign(0, -1), 4, "0"},
		{"trailing zeros go", 0.5, 4, "0.5"},
		{"a real minus", -1.25, 4, "−1.25"},
		{"rounds to the digits asked for", 63.352768, 4, "63.35"},
		{"rounds up into a new digit", 9.9996, 4, "10"},
		{"rounds whole numbers too", 123456, 3, "123" + thin + "000"},
		{"four digits stay together", 4002, 4, "4002"},
		{"small", 0.00012345, 3, "0.000123"},
		{"smaller: a power of ten", 1.5e-7, 4, "1.5×10⁻⁷"},
		{"a mantissa of one is left out", -1e-9, 4, "−10⁻⁹"},
		{"large", 2.5e9, 4, "2.5×10⁹"},
		{"not a number", math.NaN(), 4, "NaN"},
		{"infinite", math.Inf(-1), 4, "−∞"},
	} {
		if got := Format(c.v, c.digits); got != c.want {
			t.Errorf("%s: Format(%g, %d) = %q, want %q", c.why, c.v, c.digits, got, c.want)
		}
	}
}

func TestFixed(t *testing.T) {
	for _, c := range []struct {
		why      string
		v        float64
		decimals int
		want     string
	}{
		{"zeros are kept, so that an axis lines up", 0.5, 2, "0.50"},
		{"what rounds to zero has no sign", -0.001, 2, "0.00"},
		{"thousands", -25000, 0, "−25" + thin + "000"},
	} {
		if got := Fixed(c.v, c.decimals); got != c.want {
			t.Errorf("%s: Fixed(%g, %d) = %q, want %q", c.why, c.v, c.decimals, got, c.want)
		}
	}
}
