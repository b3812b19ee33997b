package mathfont

// Outlines. A shape of height h is symmetric about the axis; y grows upwards. Strokes of brackets
// become a little heavier with their height, as in metal type.

// overlap is how far the pieces of an assembly may run into one another.
const overlap = 100

func rect(x0, y0, x1, y1 int) []point {
	return []point{{x0, y0, false}, {x0, y1, false}, {x1, y1, false}, {x1, y0, false}}
}

func reverse(c []point) []point {
	out := make([]point, len(c))
	for i, p := range c {
		out[len(c)-1-i] = p
	}
	return out
}

// path makes a contour of x, y, on triples: on 1 is a corner, 0 a control point.
func path(v ...int) []point {
	var out []point
	for i := 0; i < len(v); i += 3 {
		out = append(out, point{v[i], v[i+1], v[i+2] == 0})
	}
	return out
}

// mirror turns a glyph about the vertical through the middle of its advance.
func mirror(g glyph) glyph {
	out := glyph{advance: g.advance}
	for _, c := range g.contours {
		m := reverse(c)
		for i := range m {
			m[i].x = g.advance - m[i].x
		}
		out.contours = append(out.contours, m)
	}
	return out
}

func mirrored(shape func(int) glyph) func(int) glyph {
	return func(h int) glyph { return mirror(shape(h)) }
}

func flip(shape func() glyph) func() glyph { return func() glyph { return mirror(shape()) } }

// shift moves a glyph up.
func shift(g glyph, dy int) glyph {
	for _, c := range g.contours {
		for i := range c {
			c[i].y += dy
		}
	}
	return g
}

// box is the bounding box; control points count, so it may be a little wide.
func (g glyph) box() (x0, y0, x1, y1 int) {
	first := true
	for _, c := range g.contours {
		for _, p := range c {
			if first {
				x0, y0, x1, y1, first = p.x, p.y, p.x, p.y, false
			}
			x0, x1, y0, y1 = min(x0, p.x), max(x1, p.x), min(y0, p.y), max(y1, p.y)
		}
	}
	return
}

// span is the bottom and top of a shape of height h.
func span(h int) (int, int) { return axis - h/2, axis + h/2 }

// stroke is the thickness of a bracket of height h at its thickest.
func stroke(h int) int { return 58 + (h-1000)/60 }

func parenthesis(h int) glyph {
	bottom, top := span(h)
	t := stroke(h) + 14
	bulge := 205 + (h-1000)/26
	left, right := 70, 70+bulge
	k := h * 27 / 100
	return glyph{right + 55, [][]point{path(
		right, top, 1, left, top-k, 0, left, axis, 1, left, bottom+k, 0, right, bottom, 1,
		right+20, bottom+12, 1, left+t, bottom+k+10, 0, left+t, axis, 1, left+t, top-k-10, 0, right+20, top-12, 1)}}
}

// The ends of an assembled parenthesis are the ends of one of 3000 units.
const endHeight = 3000

func parenEnd(up bool) glyph {
	g := parenthesis(endHeight)
	t := stroke(endHeight) + 14
	right := 70 + 205 + (endHeight-1000)/26
	_, top := span(endHeight)
	k := endHeight * 27 / 100
	c := path(right, top, 1, 70, top-k, 0, 70, axis, 1, 70, axis-2*overlap, 1, 70+t, axis-2*overlap, 1, 70+t, axis, 1, 70+t, top-k-10, 0, right+20, top-12, 1)
	if !up {
		for i := range c {
			c[i].y = 2*axis - c[i].y
		}
		c = reverse(c)
	}
	return glyph{g.advance, [][]point{c}}
}

func parenTop() glyph    { return parenEnd(true) }
func parenBottom() glyph { return parenEnd(false) }
func parenStem() glyph {
	t := stroke(endHeight) + 14
	return glyph{parenTop().advance, [][]point{rect(70, 0, 70+t, 600)}}
}

// bracket is [ with the arms asked for, so that it makes ⌊ and ⌈ as well.
func bracket(up, down bool) func(int) glyph {
	return func(h int) glyph {
		bottom, top := span(h)
		t := stroke(h) - 4
		arm := 250 + (h-1000)/26
		g := glyph{advance: arm + 50, contours: [][]point{rect(90, bottom, 90+t, top)}}
		if up {
			g.contours = append(g.contours, rect(90, top-thin, arm, top))
		}
		if down {
			g.contours = append(g.contours, rect(90, bottom, arm, bottom+thin))
		}
		return g
	}
}

func bracketEnd(up bool) func() glyph {
	return func() glyph {
		full := bracket(true, true)(endHeight)
		t := stroke(endHeight) - 4
		arm := full.advance - 50
		y := 0
		if up {
			y = 600 - thin
		}
		return glyph{full.advance, [][]point{rect(90, 0, 90+t, 600), rect(90, y, arm, y+thin)}}
	}
}

func bracketStem() glyph {
	return glyph{bracket(true, true)(endHeight).advance, [][]point{rect(90, 0, 90+stroke(endHeight)-4, 600)}}
}

// The measures of a brace: the left and right edge of its stem, the point of its middle, the
// ends of its arms, and how far a curve reaches along the stem.
func braceMeasures(h int) (l, r, point, end, reach, t int) {
	t = stroke(h) + 8
	l = 210 + (h-1000)/22
	r = l + t
	return l, r, 60, l + 230, min(h/4-10, 330), t / 2
}

func brace(h int) glyph {
	bottom, top := span(h)
	l, r, tip, end, k, t := braceMeasures(h)
	return glyph{end + 60, [][]point{path(
		end, top, 1, l, top, 0, l, top-k, 1, l, axis+k, 1, l, axis+t/2, 0, tip, axis+t/2, 1,
		tip, axis-t/2, 1, l, axis-t/2, 0, l, axis-k, 1, l, bottom+k, 1, l, bottom, 0, end, bottom, 1,
		end, bottom+t, 1, r, bottom+t, 0, r, bottom+k, 1, r, axis-k, 1, r, axis-t/2, 0, tip+t+90, axis, 1,
		r, axis+t/2, 0, r, axis+k, 1, r, top-k, 1, r, top-t, 0, end, top-t, 1)}}
}

func braceTop() glyph {
	l, r, _, end, k, t := braceMeasures(endHeight)
	top := k + 2*overlap
	return glyph{end + 60, [][]point{path(end, top, 1, l, top, 0, l, top-k, 1, l, 0, 1, r, 0, 1, r, top-k, 1, r, top-t, 0, end, top-t, 1)}}
}

func braceBottom() glyph {
	l, r, _, end, k, t := braceMeasures(endHeight)
	return glyph{end + 60, [][]point{path(l, k+2*overlap, 1, r, k+2*overlap, 1, r, k, 1, r, t, 0, end, t, 1, end, 0, 1, l, 0, 0, l, k, 1)}}
}

func braceMiddle() glyph {
	l, r, tip, end, k, t := braceMeasures(endHeight)
	mid := k + 2*overlap
	return glyph{end + 60, [][]point{path(l, 2*mid, 1, l, mid+k, 1, l, mid+t/2, 0, tip, mid+t/2, 1, tip, mid-t/2, 1, l, mid-t/2, 0, l, mid-k, 1,
		l, 0, 1, r, 0, 1, r, mid-k, 1, r, mid-t/2, 0, tip+t+90, mid, 1, r, mid+t/2, 0, r, mid+k, 1, r, 2*mid, 1)}}
}

func braceStem() glyph {
	l, r, _, end, _, _ := braceMeasures(endHeight)
	return glyph{end + 60, [][]point{rect(l, 0, r, 500)}}
}

// lying lays a brace down: as an overbrace its point is up, as an underbrace down.
func lying(g glyph, over bool) glyph {
	_, y0, _, y1 := g.box()
	out := glyph{advance: y1 - y0}
	for _, c := range g.contours {
		n := make([]point, len(c))
		for i, p := range c {
			y := (g.advance - p.x) * 6 / 10
			if !over {
				y = -y
			}
			n[i] = point{p.y - y0, y, p.off}
		}
		if !over {
			n = reverse(n)
		}
		out.contours = append(out.contours, n)
	}
	dy := 60
	if !over {
		dy = -60
	}
	return shift(out, dy)
}

func bar(n int) func(int) glyph {
	return func(h int) glyph {
		bottom, top := span(h)
		g := glyph{advance: 278 + (n-1)*200}
		for i := range n {
			x := 139 + i*200 - 24
			g.contours = append(g.contours, rect(x, bottom, x+48, top))
		}
		return g
	}
}

func barPiece(n int) func() glyph {
	return func() glyph { return shift(bar(n)(600), 300-axis) }
}

func angle(h int) glyph {
	bottom, top := span(h)
	t := 50 + (h-1000)/80
	w := 235 + (h-1000)/16
	return glyph{w + 130, [][]point{path(60+w-t, top, 1, 60, axis, 1, 60+w-t, bottom, 1, 60+w, bottom, 1, 60+t, axis, 1, 60+w, top, 1)}}
}

func slash(h int) glyph {
	bottom, top := span(h)
	w := 390 * h / 1000
	return glyph{w + 110, [][]point{path(55, bottom, 1, 55+w-52, top, 1, 55+w, top, 1, 107, bottom, 1)}}
}

// radical is a root whose top is where its bar begins. It is as wide at every height: a browser
// keeps room for the widest.
func radical(h int) glyph {
	bottom, top := span(h)
	w := 700
	t := min(h*58/1000, 64)
	hook := axis + min(h/10, 150)
	return glyph{w, [][]point{path(
		w, top, 1, w-thin, top, 1, 330+t/5, bottom+t*3, 1, 200, hook+t/2, 1, 60, hook-t/2, 1, 74, hook-t, 1, 140, hook-t/2, 1,
		330-t/3, bottom, 1, 330+t/3, bottom, 1, w, top-thin*2, 1)}}
}

func sum(h int) glyph {
	bottom, top := span(h)
	w := h * 92 / 100
	t, serif := h*45/1000, h*150/1000
	stem := h * 95 / 1000
	l, r := 60, 60+w
	tip := l + w*52/100
	return glyph{w + 120, [][]point{path(
		l, top, 1, r-25, top, 1, r, top-serif-t, 1, r-22, top-serif-t, 1, r-90, top-t, 0, r-w/4, top-t, 1,
		l+stem+60, top-t, 1, tip, axis, 1, l+stem, bottom+t*2, 1, r-w/4, bottom+t*2, 1, r-80, bottom+t*2, 0, r-22, bottom+serif+t*2, 1,
		r, bottom+serif+t*2, 1, r-25, bottom, 1, l, bottom, 1, l, bottom+t/2, 1, tip-stem, axis-t/2, 1, l, top-t/2, 1)}}
}

func product(up bool) func(int) glyph {
	return func(h int) glyph {
		bottom, top := span(h)
		w := h * 85 / 100
		t, stem, serif := h*40/1000, h*92/1000, h*85/1000
		l, r := 60, 60+w
		bars := [][]point{rect(l+serif, bottom, l+serif+stem, top), rect(r-serif-stem, bottom, r-serif, top)}
		if up {
			bars = append(bars, rect(l, top-t, r, top), rect(l, bottom, l+2*serif+stem, bottom+t), rect(r-2*serif-stem, bottom, r, bottom+t))
		} else {
			bars = append(bars, rect(l, bottom, r, bottom+t), rect(l, top-t, l+2*serif+stem, top), rect(r-2*serif-stem, top-t, r, top))
		}
		return glyph{w + 120, bars}
	}
}

func cup(down bool) func(int) glyph {
	return func(h int) glyph {
		bottom, top := span(h)
		w := h * 72 / 100
		t := h * 62 / 1000
		l, r, m := 60, 60+w, 60+w/2
		k := w / 2
		c := path(l, top, 1, l+t, top, 1, l+t, bottom+k, 1, l+t, bottom+t, 0, m, bottom+t, 1, r-t, bottom+t, 0, r-t, bottom+k, 1, r-t, top, 1,
			r, top, 1, r, bottom+k, 1, r, bottom, 0, m, bottom, 1, l, bottom, 0, l, bottom+k, 1)
		if down {
			for i := range c {
				c[i].y = 2*axis - c[i].y
			}
			c = reverse(c)
		}
		return glyph{w + 120, [][]point{c}}
	}
}

// integral is a slanted stem that ends in two hooks.
func integral(h int) glyph {
	_, top := span(h)
	slant := h * 20 / 100
	m := 90 + slant + h/22
	t := 40 + h/60
	hook := h * 11 / 100
	// Upper half, right edge down, then the lower half turned by 180 degrees about the middle.
	upper := path(
		m+slant+hook, top-hook, 1, m+slant+hook, top, 0, m+slant*62/100+hook/2, top, 1, // over the top
		m+slant*34/100, top, 0, m+slant*22/100-t/2, top-h*20/100, 1, // down the left edge
	)
	inner := path(
		m+slant*22/100+t/2, top-h*18/100, 1, m+slant*36/100+t/2, top-t*8/10, 0, m+slant*62/100+hook/2, top-t*8/10, 1, // back up inside
		m+slant+hook-t*7/10, top-t*8/10, 0, m+slant+hook-t*6/10, top-hook, 1,
	)
	turn := func(c []point) []point {
		out := make([]point, len(c))
		for i, p := range c {
			out[i] = point{2*m - p.x, 2*axis - p.y, p.off}
		}
		return out
	}
	c := append([]point{}, upper...)
	c = append(c, turn(inner)...)
	c = append(c, turn(upper)...)
	c = append(c, inner...)
	return glyph{2*m + 20, [][]point{c}}
}

// The accents stand at the height of the letters of a line, from where a browser lifts them.

func hat(w int) glyph {
	return glyph{w, [][]point{path(0, 520, 1, w/2-18, 660, 1, w/2+18, 660, 1, w, 520, 1, w-20, 494, 1, w/2, 612, 1, 20, 494, 1)}}
}

func tilde(w int) glyph {
	return glyph{w, [][]point{path(0, 530, 1, w*22/100, 715, 0, w/2, 618, 1, w*78/100, 521, 0, w, 685, 1,
		w, 636, 1, w*78/100, 462, 0, w/2, 565, 1, w*22/100, 668, 0, 0, 481, 1)}}
}

// The head of an arrow is 300 units long; its line is thin.
func barbs(x int) []point {
	return path(x, axis+thin/2-6, 1, x-110, axis+70, 0, x-190, axis+205, 1, x-232, axis+190, 1, x-190, axis+90, 0, x-120, axis, 1,
		x-190, axis-90, 0, x-232, axis-190, 1, x-190, axis-205, 1, x-110, axis-70, 0, x, axis-thin/2+6, 1)
}

func arrow() glyph {
	return glyph{1000, [][]point{rect(60, axis-thin/2, 900, axis+thin/2), barbs(945)}}
}

func doubleArrow() glyph {
	g := glyph{1000, [][]point{rect(100, axis-thin/2, 900, axis+thin/2), barbs(945)}}
	g.contours = append(g.contours, mirror(glyph{1000, [][]point{barbs(945)}}).contours...)
	return g
}

func arrowHead() glyph {
	return glyph{400, [][]point{rect(0, axis-thin/2, 360, axis+thin/2), barbs(400)}}
}

func arrowLine() glyph { return glyph{400, [][]point{rect(0, axis-thin/2, 400, axis+thin/2)}} }
