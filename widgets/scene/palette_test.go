package scene

import (
	"fmt"
	"math"
	"testing"
)

func linear(hex string) [3]float64 {
	r, g, b := ParseHex(hex)
	var out [3]float64
	for i, v := range [3]uint8{r, g, b} {
		c := float64(v) / 255
		if c <= 0.04045 {
			out[i] = c / 12.92
		} else {
			out[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return out
}

// contrast is WCAG 2.1's ratio of relative luminances.
func contrast(a, b string) float64 {
	l := func(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	x, y := l(linear(a)), l(linear(b))
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func oklab(c [3]float64) [3]float64 {
	root := func(a, b, d float64) float64 { return math.Cbrt(math.Max(0, a*c[0]+b*c[1]+d*c[2])) }
	l := root(0.4122214708, 0.5363325363, 0.0514459929)
	m := root(0.2119034982, 0.6806995451, 0.1073969566)
	s := root(0.0883024619, 0.2817188376, 0.6299787005)
	return [3]float64{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, 1.9779984951*l - 2.4285922050*m + 0.4505937099*s, 0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
}

// visions are linear RGB as seen with full sight and with each dichromacy: the matrices of severity 1
// of Machado, Oliveira and Fernandes 2009, table 1.
var visions = map[string][3][3]float64{
	"full":   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deutan": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritan": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func seen(hex string, m [3][3]float64) [3]float64 {
	c := linear(hex)
	var out [3]float64
	for i := range out {
		out[i] = clamp01(m[i][0]*c[0] + m[i][1]*c[1] + m[i][2]*c[2])
	}
	return oklab(out)
}

// Colours are told from the page (contrast 3, text 4.5; WCAG 2.1, 1.4.11 and 1.4.3) and from each
// other with any vision. A distance of 0.02 in OKLab is just noticed side by side; the series are at
// least 0.07 apart, the first four 0.1.
func TestPalette(t *testing.T) {
	for name, theme := range map[string]Theme{"light": Light, "dark": Dark} {
		pages := []string{theme[PaintSurface]}
		if name == "dark" {
			pages = append(pages, "#000000", "#111111", "#1e1e1e") // JupyterLab's and VS Code's
		}
		var series []Paint
		for i := range NumSeries {
			series = append(series, Series(i))
		}
		for _, page := range pages {
			for _, p := range append(append([]Paint{}, series...), PaintWrong, PaintRef) {
				if c := contrast(theme[p], page); c < 3 {
					t.Errorf("%s: %s %s has contrast %.2f on %s, want 3", name, p, theme[p], c, page)
				}
			}
			for _, p := range []Paint{PaintInk, PaintMuted} {
				if c := contrast(theme[p], page); c < 4.5 {
					t.Errorf("%s: text %s has contrast %.2f on %s, want 4.5", name, p, c, page)
				}
			}
		}
		for vision, m := range visions {
			for i, a := range append(append([]Paint{}, series...), PaintWrong) {
				for j, b := range series[:min(i, NumSeries)] {
					p, q := seen(theme[a], m), seen(theme[b], m)
					d := math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
					want := 0.07
					if i < 4 && j < 4 {
						want = 0.1
					}
					if d < want {
						t.Errorf("%s, %s vision: %s and %s are %.3f apart, want %.2f", name, vision, a, b, d, want)
					}
				}
			}
		}
	}
}

// The sequential map gets lighter all the way, so that it reads in grey and in print; the diverging
// one gets darker to both sides, equally.
func TestMapsAreOrderedByLightness(t *testing.T) {
	light := func(r, g, b uint8) float64 { return oklab(linear(fmt.Sprintf("#%02x%02x%02x", r, g, b)))[0] }
	for i := 1; i <= 100; i++ {
		if a, b := light(Sequential(float64(i-1)/100)), light(Sequential(float64(i)/100)); b <= a {
			t.Errorf("sequential: lightness %.3f then %.3f at %d %%", a, b, i)
		}
	}
	for i := 0; i <= 20; i++ {
		v := float64(i) / 20
		if a, b := light(Diverging(v)), light(Diverging(-v)); math.Abs(a-b) > 0.01 {
			t.Errorf("diverging: lightness %.3f at %g, %.3f at %g", a, v, b, -v)
		}
		if v > 0 && light(Diverging(v)) >= light(Diverging(v-0.05)) {
			t.Errorf("diverging: not darker at %g", v)
		}
	}
}
