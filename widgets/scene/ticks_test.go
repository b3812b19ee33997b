package scene

import (
	"math"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
)

func labels(ticks []Tick) string {
	var out []string
	for _, t := range ticks {
		if t.Label != "" {
			out = append(out, t.Label)
		}
	}
	return strings.Join(out, " ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		why    string
		kind   figure.Scale
		lo, hi float64
		n      int
		want   string
		power  int
	}{
		{"a unit interval in fifths", "", 0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0", 0},
		{"steps of five", "", -10, 12, 5, "−10 −5 0 5 10", 0},
		{"ends that are not round", "", 0.13, 0.87, 4, "0.2 0.4 0.6 0.8", 0},
		{"rounding must not lose the last tick", "", 0, 0.3, 3, "0.0 0.1 0.2 0.3", 0},
		{"as many decimals as the step has", "", 0.99, 1.01, 4, "0.990 0.995 1.000 1.005 1.010", 0},
		{"one power for all large labels", "", 0, 3e6, 4, "0 1 2 3", 6},
		{"one power for all small labels", "", 0, 2e-6, 4, "0.0 0.5 1.0 1.5 2.0", -6},
		{"a large offset keeps its digits", "", 1e6, 1e6 + 4, 4, "1.000000 1.000001 1.000002 1.000003 1.000004", 6},
		{"decades, plain where short", figure.Log, 1, 1000, 6, "1 10 100 1000", 0},
		{"decades, as powers where long", figure.Log, 1e-8, 1e-2, 8, "10⁻⁸ 10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻²", 0},
		{"every second decade where many", figure.Log, 1e-12, 1, 7, "10⁻¹² 10⁻¹⁰ 10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 10⁰", 0},
		{"1-2-5 within a decade or so", figure.Log, 1, 12, 6, "1 2 5 10", 0},
		{"even steps within half a decade", figure.Log, 2, 4, 5, "2.0 2.5 3.0 3.5 4.0", 0},
		{"both signs about zero", figure.SymLog, -100, 100, 6, "−100 −10 −1 0 1 10 100", 0},
		{"one sign of symlog", figure.SymLog, 0, 1000, 8, "0 1 10 100 1000", 0},
	} {
		s := Scale{Kind: c.kind, Lo: c.lo, Hi: c.hi, A: 0, B: 100, Threshold: 1}
		ticks, power := s.Ticks(c.n)
		if got := labels(ticks); got != c.want || power != c.power {
			t.Errorf("%s: %q, power %d; want %q, power %d", c.why, got, power, c.want, c.power)
		}
		for i := 1; i < len(ticks); i++ {
			if ticks[i].Value <= ticks[i-1].Value {
				t.Errorf("%s: tick %g after %g", c.why, ticks[i].Value, ticks[i-1].Value)
			}
		}
	}
}

func TestScaleInverts(t *testing.T) {
	for _, s := range []Scale{
		{Lo: -3, Hi: 7, A: 50, B: 450},
		{Lo: 0, Hi: 1, A: 300, B: 20},
		{Kind: figure.Log, Lo: 1e-5, Hi: 1e3, A: 300, B: 20},
		{Kind: figure.SymLog, Lo: -1e4, Hi: 1e2, A: 0, B: 500, Threshold: 0.1},
	} {
		for i := range 21 {
			p := s.A + (s.B-s.A)*float64(i)/20
			if got := s.Place(s.Value(p)); math.Abs(got-p) > 1e-9 {
				t.Errorf("%q: place %g became %g", s.Kind, p, got)
			}
		}
		if math.Abs(s.Place(s.Lo)-s.A) > 1e-9 || math.Abs(s.Place(s.Hi)-s.B) > 1e-9 {
			t.Errorf("%q: the ends are at %g and %g, want %g and %g", s.Kind, s.Place(s.Lo), s.Place(s.Hi), s.A, s.B)
		}
	}
}

func TestRanges(t *testing.T) {
	five := 5.0
	for _, c := range []struct {
		why    string
		axis   figure.Axis
		data   []float64
		lo, hi float64
	}{
		{"no data", figure.Axis{}, nil, 0, 1},
		{"no data on a logarithmic axis", figure.Axis{Scale: figure.Log}, nil, 1, 10},
		{"one value", figure.Axis{}, []float64{4}, 2, 6},
		{"one value, zero", figure.Axis{}, []float64{0}, -0.5, 0.5},
		{"never negative: from zero, not below", figure.Axis{}, []float64{0, 10}, 0, 11},
		{"air on both sides", figure.Axis{}, []float64{-10, 10}, -12, 12},
		{"an end that is asked for has no air", figure.Axis{Max: &five}, []float64{0, 10}, 0, 5},
		{"the smallest positive value starts a logarithmic axis", figure.Axis{Scale: figure.Log, Max: &five}, []float64{-1, 0, 5}, 5 / math.Sqrt(10), 5 * math.Sqrt(10)},
		{"categories", figure.Axis{Categories: []string{"a", "b"}}, nil, -0.6, 1.6},
		{"gaps and infinities do not count", figure.Axis{}, []float64{math.NaN(), math.Inf(1), -10, 10}, -12, 12},
	} {
		e := newExtent()
		e.add(c.data...)
		s := newScale(c.axis, e, 0.1)
		if math.Abs(s.Lo-c.lo) > 1e-9 || math.Abs(s.Hi-c.hi) > 1e-9 {
			t.Errorf("%s: [%g, %g], want [%g, %g]", c.why, s.Lo, s.Hi, c.lo, c.hi)
		}
	}
}

// Labels of many axes, long and short, never touch, whatever the panel.
func TestLabelsNeverTouch(t *testing.T) {
	for _, scale := range []figure.Scale{figure.Linear, figure.Log, figure.SymLog} {
		for _, ends := range [][2]float64{{1, 10}, {0.001, 1e5}, {1e-9, 1}, {12345, 98765}, {1e6, 1.00001e6}, {0.99999, 1.00001}, {1, 1e12}} {
			for columns := 1; columns <= 4; columns++ {
				w, h := panelSize(columns)
				p := newPanel(&figure.Panel{X: figure.Axis{Label: "x", Scale: scale}.Range(ends[0], ends[1]), Y: figure.Axis{Label: "y", Scale: scale}.Range(ends[0], ends[1]),
					Layers: []figure.Layer{figure.Line("", 0, []float64{ends[0], ends[1]}, []float64{ends[0], ends[1]})}}, w, h, columns == 1, false)
				var texts []Text
				for _, s := range p.Over {
					if s, ok := s.(Text); ok && s.Size == SizeTick {
						texts = append(texts, s)
					}
				}
				if len(texts) < 4 {
					t.Errorf("%q %v, %d columns: only %d labels", scale, ends, columns, len(texts))
				}
				for i, a := range texts {
					for _, b := range texts[:i] {
						if overlap(a, b) {
							t.Errorf("%q %v, %d columns: %q touches %q", scale, ends, columns, a.Label, b.Label)
						}
					}
					if x0 := a.At.X - a.Anchor*Width(a.Label, a.Size, false); x0 < 0 || x0+Width(a.Label, a.Size, false) > p.W {
						t.Errorf("%q %v, %d columns: %q leaves the panel", scale, ends, columns, a.Label)
					}
				}
			}
		}
	}
}

func overlap(a, b Text) bool {
	wa, wb := Width(a.Label, a.Size, false), Width(b.Label, b.Size, false)
	ax, bx := a.At.X-a.Anchor*wa, b.At.X-b.Anchor*wb
	return ax < bx+wb && bx < ax+wa && math.Abs(a.At.Y-b.At.Y) < a.Size*0.8
}
