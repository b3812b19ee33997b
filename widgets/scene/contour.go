package scene

import (
	"math"
)

// contours returns the level lines of z over the grid (x[c], y[r]) in place coordinates, by marching
// squares: each cell contributes the segments that separate corners above the level from corners
// below, ends interpolated along the cell's sides; the ambiguous cell of two opposite corners is
// settled by the mean of the four. Cells with a NaN corner are left out. Cost: cells per level.
func contours(x, y []float64, z [][]float64, level float64) [][]Point {
	type edge struct {
		r, c int
		down bool // the side from (r, c) to (r+1, c); else to (r, c+1)
	}
	at := func(e edge) Point {
		r2, c2 := e.r, e.c+1
		if e.down {
			r2, c2 = e.r+1, e.c
		}
		a, b := z[e.r][e.c], z[r2][c2]
		t := clamp01((level/2 - a/2) / (b/2 - a/2)) // halves, for b-a may overflow
		return Point{x[e.c] + t*(x[c2]-x[e.c]), y[e.r] + t*(y[r2]-y[e.r])}
	}
	next := map[edge][]edge{} // each edge meets at most two segments
	var order []edge
	link := func(a, b edge) {
		for _, p := range [2][2]edge{{a, b}, {b, a}} {
			if _, seen := next[p[0]]; !seen {
				order = append(order, p[0])
			}
			next[p[0]] = append(next[p[0]], p[1])
		}
	}
	for r := 0; r+1 < len(z); r++ {
		for c := 0; c+1 < len(z[r]); c++ {
			v := [4]float64{z[r][c], z[r][c+1], z[r+1][c+1], z[r+1][c]} // clockwise from top left
			mean := v[0]/4 + v[1]/4 + v[2]/4 + v[3]/4
			if math.IsNaN(mean) {
				continue
			}
			sides := [4]edge{{r, c, false}, {r, c + 1, true}, {r + 1, c, false}, {r, c, true}}
			var crossed []int
			for k := range 4 {
				if (v[k] >= level) != (v[(k+1)%4] >= level) {
					crossed = append(crossed, k)
				}
			}
			switch len(crossed) {
			case 2:
				link(sides[crossed[0]], sides[crossed[1]])
			case 4:
				if (v[0] >= level) == (mean >= level) { // the diagonal through corner 0 is one region
					link(sides[0], sides[1])
					link(sides[2], sides[3])
				} else {
					link(sides[3], sides[0])
					link(sides[1], sides[2])
				}
			}
		}
	}
	used := map[edge]bool{}
	walk := func(start edge) []Point {
		line := []Point{at(start)}
		used[start] = true
		for e := start; ; {
			moved := false
			for _, n := range next[e] {
				if !used[n] {
					used[n], moved = true, true
					line = append(line, at(n))
					e = n
					break
				}
			}
			if !moved {
				for _, n := range next[e] {
					if n == start && len(line) > 2 {
						line = append(line, line[0]) // a closed curve
					}
				}
				return line
			}
		}
	}
	var out [][]Point
	for _, open := range []bool{true, false} { // curves that end at the border first, from an end
		for _, e := range order {
			if !used[e] && (len(next[e]) == 1 || !open) {
				if line := walk(e); len(line) > 1 {
					out = append(out, line)
				}
			}
		}
	}
	return out
}
