package raster

import (
	"math"

	"github.com/lemma-ml/lemma/widgets/scene"
)

// stroke returns polygons whose union is the polyline widened by half on each side: a box for each
// segment, a disc at each bend, flat ends.
func stroke(p []scene.Point, half float64) [][]scene.Point {
	var out [][]scene.Point
	for i := 1; i < len(p); i++ {
		dx, dy := p[i].X-p[i-1].X, p[i].Y-p[i-1].Y
		l := math.Hypot(dx, dy)
		if l == 0 {
			continue
		}
		nx, ny := -dy/l*half, dx/l*half
		a, b := p[i-1], p[i]
		out = append(out, []scene.Point{{X: a.X + nx, Y: a.Y + ny}, {X: b.X + nx, Y: b.Y + ny}, {X: b.X - nx, Y: b.Y - ny}, {X: a.X - nx, Y: a.Y - ny}})
		if i+1 < len(p) && half > 0.6 {
			out = append(out, disc(b, half))
		}
	}
	return out
}

func disc(c scene.Point, r float64) []scene.Point {
	n := 8 + int(2*r)
	out := make([]scene.Point, n)
	for i := range out {
		s, k := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		out[i] = scene.Point{X: c.X + r*k, Y: c.Y + r*s}
	}
	return out
}

// dashes cuts a polyline by its length into the "on" parts of the pattern, given in user units.
func dashes(p []scene.Point, pattern []float64, k float64) [][]scene.Point {
	total := 0.0
	for _, d := range pattern {
		total += d
	}
	if total <= 0 || len(p) < 2 {
		return [][]scene.Point{p}
	}
	var out [][]scene.Point
	index, left, on := 0, pattern[0]*k, true
	cur := []scene.Point{p[0]}
	for i := 1; i < len(p); i++ {
		a, b := p[i-1], p[i]
		l := math.Hypot(b.X-a.X, b.Y-a.Y)
		for done := 0.0; l-done > left; {
			done += left
			q := scene.Point{X: a.X + (b.X-a.X)*done/l, Y: a.Y + (b.Y-a.Y)*done/l}
			if on {
				out = append(out, append(cur, q))
			}
			on, cur = !on, []scene.Point{q}
			index = (index + 1) % len(pattern)
			left = math.Max(pattern[index]*k, 1e-6)
			a, l, done = q, l-done, 0
		}
		left -= l
		if cur = append(cur, b); !on {
			cur = []scene.Point{b}
		}
	}
	if on && len(cur) > 1 {
		out = append(out, cur)
	}
	return out
}
