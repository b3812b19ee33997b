package scene

import (
	"fmt"
	"math"
	"strconv"
)

// Paint names a colour by its use, so that one scene serves light and dark pages: PaintInk,
// Series(2), ... or a literal RGB(...).
type Paint string

// The paints that depend on the theme.
const (
	PaintNone    Paint = ""
	PaintInk     Paint = "ink"     // text, axes
	PaintMuted   Paint = "muted"   // axis labels, tick labels
	PaintGrid    Paint = "grid"    // grid lines
	PaintSurface Paint = "surface" // the page behind the figure
	PaintWrong   Paint = "wrong"   // what fails
	PaintRef     Paint = "ref"     // something to compare with
)

// NumSeries is the number of distinct series colours; series numbers wrap around, with other dashes.
const NumSeries = 6

// Series returns the paint of a series number.
func Series(n int) Paint { return Paint("s" + strconv.Itoa(mod(n, NumSeries))) }

// RGB returns a literal colour.
func RGB(r, g, b uint8) Paint { return Paint(fmt.Sprintf("#%02x%02x%02x", r, g, b)) }

// Theme gives each paint its colour as #rrggbb.
type Theme map[Paint]string

// Light and Dark are the two themes. The six series colours start from Okabe and Ito's ("Color
// universal design", 2008), moved until each has a contrast of at least 3 to the page (WCAG 2.1,
// 1.4.11) and any two differ for readers with protan, deutan and tritan vision; text has at least
// 4.5. TestPalette computes both.
var (
	Light = Theme{
		PaintInk: "#1b1f24", PaintMuted: "#4d5560", PaintGrid: "#e4e7eb", PaintSurface: "#ffffff",
		PaintWrong: "#c8102e", PaintRef: "#7a828c",
		"s0": "#3259da", "s1": "#df6f17", "s2": "#35a384", "s3": "#a34a8a", "s4": "#234a72", "s5": "#39380c",
	}
	Dark = Theme{
		PaintInk: "#e8eaed", PaintMuted: "#b4bac2", PaintGrid: "#343a42", PaintSurface: "#14161a",
		PaintWrong: "#ff5f5f", PaintRef: "#8a929c",
		"s0": "#5a9dff", "s1": "#f7b90d", "s2": "#5eeac1", "s3": "#c66fbc", "s4": "#9fc0ee", "s5": "#ecea6e",
	}
)

// Hex returns the colour of a paint; literal paints are their own colour.
func (t Theme) Hex(p Paint) string {
	if c, ok := t[p]; ok {
		return c
	}
	return string(p)
}

// ParseHex returns the channels of #rrggbb; anything else is black.
func ParseHex(s string) (r, g, b uint8) {
	if len(s) != 7 {
		return 0, 0, 0
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return 0, 0, 0
	}
	return uint8(n >> 16), uint8(n >> 8), uint8(n)
}

// Sequential returns the colour of t in [0, 1] on the map for values of one sign: dark blue over
// green to pale yellow, lightness rising evenly, so that it also reads in grey.
func Sequential(t float64) (r, g, b uint8) {
	t = clamp01(t)
	// A path through OKLCh: lightness .25 to .95, hue from blue through green to yellow; the
	// chroma bulges in the middle, where sRGB has room for it.
	return oklch(0.25+0.70*t, 0.085+0.075*math.Sin(math.Pi*t), 4.75-2.95*t)
}

// Diverging returns the colour of t in [-1, 1]: blue below, near white at zero, orange-brown above,
// the two arms equally light at equal distance.
func Diverging(t float64) (r, g, b uint8) {
	t = math.Max(-1, math.Min(1, t))
	hue := 4.35 // blue
	if t > 0 {
		hue = 0.85 // orange
	}
	a := math.Abs(t)
	return oklch(0.96-0.55*a, 0.16*math.Sin(math.Pi/2*a)*(1-0.25*a), hue)
}

func clamp01(t float64) float64 { return math.Max(0, math.Min(1, t)) }

// oklch converts from lightness, chroma and hue (radians) of Ottosson's OKLab (2020) to sRGB;
// chroma is lowered until the colour exists there.
func oklch(l, c, h float64) (r, g, b uint8) {
	for {
		x, y, z := linearRGB(l, c*math.Cos(h), c*math.Sin(h))
		const eps = 1e-3
		if c < 1e-3 || (x >= -eps && x <= 1+eps && y >= -eps && y <= 1+eps && z >= -eps && z <= 1+eps) {
			return encode(x), encode(y), encode(z)
		}
		c *= 0.97
	}
}

func linearRGB(l, a, b float64) (x, y, z float64) {
	cube := func(v float64) float64 { return v * v * v }
	p := cube(l + 0.3963377774*a + 0.2158037573*b)
	q := cube(l - 0.1055613458*a - 0.0638541728*b)
	s := cube(l - 0.0894841775*a - 1.2914855480*b)
	return 4.0767416621*p - 3.3077115913*q + 0.2309699292*s,
		-1.2684380046*p + 2.6097574011*q - 0.3413193965*s,
		-0.0041960863*p - 0.7034186147*q + 1.7076147010*s
}

func encode(v float64) uint8 {
	v = clamp01(v)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(255 * v))
}
