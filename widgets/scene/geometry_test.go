package scene

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The level lines of a cone are circles of the level's radius, closed and complete.
func TestContourOfCone(t *testing.T) {
	const n = 81
	x := make([]float64, n)
	z := make([][]float64, n)
	for i := range x {
		x[i] = -2 + 4*float64(i)/(n-1)
	}
	for r := range z {
		for c := range x {
			z[r] = append(z[r], math.Hypot(x[c], x[r]))
		}
	}
	for _, level := range []float64{0.5, 1, 1.7} {
		lines := contours(x, x, z, level)
		if len(lines) != 1 {
			t.Fatalf("level %g: %d lines, want one circle", level, len(lines))
		}
		line := lines[0]
		if line[0] != line[len(line)-1] {
			t.Errorf("level %g: the circle is not closed", level)
		}
		for _, p := range line {
			// Linear interpolation in cells of 0.05 is within h²/(8r) of the circle.
			if d := math.Abs(math.Hypot(p.X, p.Y) - level); d > 0.05*0.05/(4*level) {
				t.Errorf("level %g: a point at distance %g", level, d)
			}
		}
		if l, want := length(line), 2*math.Pi*level; math.Abs(l-want) > 0.01*want {
			t.Errorf("level %g: length %g, want %g", level, l, want)
		}
	}
}

func TestContourEndsAtBorderAndGaps(t *testing.T) {
	x, y := []float64{0, 1, 2, 3}, []float64{0, 1, 2}
	z := [][]float64{{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}} // z = x
	lines := contours(x, y, z, 1.5)
	if len(lines) != 1 || len(lines[0]) != 3 || lines[0][0].X != 1.5 || math.Abs(lines[0][0].Y-lines[0][2].Y) != 2 {
		t.Errorf("the level of a plane: %v, want one straight line from border to border", lines)
	}
	z[0][1] = math.NaN()
	lines = contours(x, y, z, 1.5)
	if len(lines) != 1 || len(lines[0]) != 2 {
		t.Errorf("with a gap: %v, want the line through the cell that is left", lines)
	}
	if saddle := contours([]float64{0, 1}, []float64{0, 1}, [][]float64{{1, 0}, {0, 1}}, 0.4); len(saddle) != 2 {
		t.Errorf("a saddle has %d lines, want 2", len(saddle))
	}
}

func TestDecimateKeepsExtremes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	p := make([]Point, 20000)
	for i := range p {
		p[i] = Point{400 * float64(i) / float64(len(p)), 100 + 30*r.NormFloat64()}
	}
	q := decimate(p, 400)
	if len(q) > 4*400 {
		t.Errorf("%d points are left, want at most 1600", len(q))
	}
	for c := range 400 {
		lo, hi, qlo, qhi := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		for _, a := range p {
			if int(a.X) == c {
				lo, hi = math.Min(lo, a.Y), math.Max(hi, a.Y)
			}
		}
		for _, a := range q {
			if int(a.X) == c {
				qlo, qhi = math.Min(qlo, a.Y), math.Max(qhi, a.Y)
			}
		}
		if lo != qlo || hi != qhi {
			t.Fatalf("column %d spans [%g, %g], was [%g, %g]", c, qlo, qhi, lo, hi)
		}
	}
	if short := decimate(p[:1000], 400); len(short) != 1000 {
		t.Errorf("a line of 1000 points lost %d", 1000-len(short))
	}
}

func TestSimplifyStaysClose(t *testing.T) {
	var p []Point
	for i := range 2001 {
		x := float64(i) / 5
		p = append(p, Point{x, 150 + 100*math.Sin(x/30)})
	}
	q := simplify(p, 0.1)
	if len(q) > 200 {
		t.Errorf("%d points are left of 2001", len(q))
	}
	if q[0] != p[0] || q[len(q)-1] != p[len(p)-1] {
		t.Error("the ends moved")
	}
	for _, a := range p {
		d := math.Inf(1)
		for i := 1; i < len(q); i++ {
			d = math.Min(d, distance(a, q[i-1], q[i]))
		}
		if d > 0.1+1e-12 {
			t.Fatalf("(%g, %g) is %g from the line", a.X, a.Y, d)
		}
	}
}

func TestClip(t *testing.T) {
	box := Rect{0, 0, 10, 10}
	for _, c := range []struct {
		why  string
		in   []Point
		want [][]Point
	}{
		{"inside", []Point{{1, 1}, {9, 9}}, [][]Point{{{1, 1}, {9, 9}}}},
		{"outside", []Point{{-5, -1}, {15, -1}}, nil},
		{"through", []Point{{-5, 5}, {15, 5}}, [][]Point{{{0, 5}, {10, 5}}}},
		{"out and in again", []Point{{5, 5}, {5, 20}, {6, 20}, {6, 5}}, [][]Point{{{5, 5}, {5, 10}}, {{6, 10}, {6, 5}}}},
		{"across a corner", []Point{{-1, 1}, {1, -1}}, [][]Point{{{0, 0}, {0, 0}}}},
	} {
		got := clipLine(c.in, box)
		same := len(got) == len(c.want)
		for i := 0; same && i < len(got); i++ {
			same = len(got[i]) == len(c.want[i])
			for j := 0; same && j < len(got[i]); j++ {
				same = math.Hypot(got[i][j].X-c.want[i][j].X, got[i][j].Y-c.want[i][j].Y) < 1e-12
			}
		}
		if !same {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
	if p := clipPolygon([]Point{{-5, -5}, {5, -5}, {5, 5}, {-5, 5}}, box); len(p) != 4 {
		t.Errorf("a square over a corner: %v, want its quarter", p)
	}
	if p := clipPolygon([]Point{{-5, -5}, {-1, -5}, {-1, -1}}, box); len(p) != 0 {
		t.Errorf("a triangle outside: %v, want nothing", p)
	}
}

func TestRuns(t *testing.T) {
	for _, c := range []struct {
		why, in string
		want    []Run
	}{
		{"braces", "m^{-1/2}", []Run{{"m", 0}, {"−1/2", 1}}},
		{"one letter", "x_1 + y", []Run{{"x", 0}, {"1", -1}, {" + y", 0}}},
		{"a word with an underscore", "first_layer", []Run{{"first_layer", 0}}},
		{"Unicode's own", "λ₁₀ = 10⁻³", []Run{{"λ", 0}, {"10", -1}, {" = 10", 0}, {"−3", 1}}},
		{"transposed", "vᵢᵀy", []Run{{"v", 0}, {"i", -1}, {"T", 1}, {"y", 0}}},
		{"a brace that does not close", "x_{1", []Run{{"x_{1", 0}}},
		{"a sign at the end", "x^", []Run{{"x^", 0}}},
		{"a number", "λ_10ᵀ", []Run{{"λ", 0}, {"10", -1}, {"T", 1}}},
		{"a negative power", "10^-3·n", []Run{{"10", 0}, {"−3", 1}, {"·n", 0}}},
		{"two in a row", "‖H‖_F²", []Run{{"‖H‖", 0}, {"F", -1}, {"2", 1}}},
		{"as typed", "a - b >= 0", []Run{{"a − b ≥ 0", 0}}},
		{"a hyphen stays", "Runge-Kutta", []Run{{"Runge-Kutta", 0}}},
		{"a layer in parentheses", "Θ^(L)(ρ)", []Run{{"Θ", 0}, {"(L)", 1}, {"(ρ)", 0}}},
		{"empty", "", nil},
	} {
		got := Runs(c.in)
		same := len(got) == len(c.want)
		for i := 0; same && i < len(got); i++ {
			same = got[i] == c.want[i]
		}
		if !same {
			t.Errorf("%s: Runs(%q) = %v, want %v", c.why, c.in, got, c.want)
		}
	}
}

func FuzzRuns(f *testing.F) {
	for _, s := range []string{"x_{1}", "m^{-1/2}", "a__b", "^^", "₁²", "\xff_{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Runs(s) {
			if r.Text == "" {
				t.Errorf("an empty run in %q", s)
			}
		}
		if w := Width(s, 12, false); !(w >= 0) {
			t.Errorf("Width(%q) = %g", s, w)
		}
	})
}
