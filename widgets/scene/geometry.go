package scene

import "math"

func ngon(n int, r float64) []Point {
	out := make([]Point, n)
	for i := range out {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		out[i] = Point{r * s, -r * c}
	}
	return out
}

// runs splits a series at NaN places.
func runs(p []Point) [][]Point {
	var out [][]Point
	start := 0
	for i := 0; i <= len(p); i++ {
		if i == len(p) || math.IsNaN(p[i].X) || math.IsNaN(p[i].Y) {
			if i > start {
				out = append(out, p[start:i])
			}
			start = i + 1
		}
	}
	return out
}

// clipLine returns the parts of a polyline inside r.
func clipLine(p []Point, r Rect) [][]Point {
	var out [][]Point
	var cur []Point
	flush := func() {
		if len(cur) > 1 {
			out = append(out, cur)
		}
		cur = nil
	}
	for i := 1; i < len(p); i++ {
		a, b, ok := clipSegment(p[i-1], p[i], r)
		if !ok {
			flush()
			continue
		}
		if len(cur) == 0 {
			cur = append(cur, a)
		}
		cur = append(cur, b)
		if b != p[i] { // left the area
			flush()
		}
	}
	flush()
	return out
}

// clipSegment is Liang and Barsky's: the parameters at which the segment enters and leaves.
func clipSegment(a, b Point, r Rect) (Point, Point, bool) {
	t0, t1 := 0.0, 1.0
	dx, dy := b.X-a.X, b.Y-a.Y
	for _, e := range [4][2]float64{{-dx, a.X - r.X0}, {dx, r.X1 - a.X}, {-dy, a.Y - r.Y0}, {dy, r.Y1 - a.Y}} {
		p, q := e[0], e[1]
		switch {
		case p == 0 && q < 0:
			return a, b, false
		case p < 0:
			t0 = math.Max(t0, q/p)
		case p > 0:
			t1 = math.Min(t1, q/p)
		}
	}
	if t0 > t1 {
		return a, b, false
	}
	in, out := a, b
	if t0 > 0 {
		in = Point{a.X + t0*dx, a.Y + t0*dy}
	}
	if t1 < 1 {
		out = Point{a.X + t1*dx, a.Y + t1*dy}
	}
	return in, out, true
}

// clipPolygon is Sutherland and Hodgman's, side by side.
func clipPolygon(p []Point, r Rect) []Point {
	sides := []struct {
		inside func(Point) bool
		cut    func(a, b Point) Point
	}{
		{func(q Point) bool { return q.X >= r.X0 }, func(a, b Point) Point { return atX(a, b, r.X0) }},
		{func(q Point) bool { return q.X <= r.X1 }, func(a, b Point) Point { return atX(a, b, r.X1) }},
		{func(q Point) bool { return q.Y >= r.Y0 }, func(a, b Point) Point { return atY(a, b, r.Y0) }},
		{func(q Point) bool { return q.Y <= r.Y1 }, func(a, b Point) Point { return atY(a, b, r.Y1) }},
	}
	for _, s := range sides {
		var out []Point
		for i := range p {
			a, b := p[(i+len(p)-1)%len(p)], p[i]
			switch {
			case s.inside(b):
				if !s.inside(a) {
					out = append(out, s.cut(a, b))
				}
				out = append(out, b)
			case s.inside(a):
				out = append(out, s.cut(a, b))
			}
		}
		p = out
	}
	return p
}

func atX(a, b Point, x float64) Point { return Point{x, a.Y + (x-a.X)/(b.X-a.X)*(b.Y-a.Y)} }
func atY(a, b Point, y float64) Point { return Point{a.X + (y-a.Y)/(b.Y-a.Y)*(b.X-a.X), y} }

func inside(p Point, r Rect) bool {
	return p.X >= r.X0 && p.X <= r.X1 && p.Y >= r.Y0 && p.Y <= r.Y1
}

func grow(r Rect, d float64) Rect { return Rect{r.X0 - d, r.Y0 - d, r.X1 + d, r.Y1 + d} }

// decimate keeps, of the points that share a unit of width, the first, the last, the lowest
// and the highest: what a pen of that width would have drawn. Lines of up to four points a unit are
// returned as they are, and so are those that turn back.
func decimate(p []Point, width float64) []Point {
	if float64(len(p)) <= 4*width {
		return p
	}
	var out []Point
	for i := 0; i < len(p); {
		column := math.Floor(p[i].X)
		lo, hi, j := i, i, i
		for ; j < len(p) && math.Floor(p[j].X) == column; j++ {
			if p[j].Y < p[lo].Y {
				lo = j
			}
			if p[j].Y > p[hi].Y {
				hi = j
			}
		}
		last := -1
		for _, k := range []int{i, min(lo, hi), max(lo, hi), j - 1} {
			if k > last {
				out, last = append(out, p[k]), k
			}
		}
		i = j
	}
	return out
}

// simplify removes points that lie within tol of the line through those that stay (Ramer, Douglas
// and Peucker), iteratively, so that long lines do not nest deeply.
func simplify(p []Point, tol float64) []Point {
	if len(p) < 3 {
		return p
	}
	keep := make([]bool, len(p))
	keep[0], keep[len(p)-1] = true, true
	stack := [][2]int{{0, len(p) - 1}}
	for len(stack) > 0 {
		i, j := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		far, at := tol, -1
		for k := i + 1; k < j; k++ {
			if d := distance(p[k], p[i], p[j]); d > far {
				far, at = d, k
			}
		}
		if at >= 0 {
			keep[at] = true
			stack = append(stack, [2]int{i, at}, [2]int{at, j})
		}
	}
	var out []Point
	for i, k := range keep {
		if k {
			out = append(out, p[i])
		}
	}
	return out
}

// distance of p from the segment a b.
func distance(p, a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = clamp01(((p.X-a.X)*dx + (p.Y-a.Y)*dy) / l)
	}
	return math.Hypot(p.X-a.X-t*dx, p.Y-a.Y-t*dy)
}
