package raster

import (
	"image/color"
	"math"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/lemma-ml/lemma/widgets/scene"
)

var fonts = sync.OnceValue(func() [2]*sfnt.Font {
	var out [2]*sfnt.Font
	for i, ttf := range [2][]byte{goregular.TTF, gobold.TTF} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic(err) // an embedded font that does not parse is a broken build
		}
		out[i] = f
	}
	return out
})

// spelled replaces characters that the Go fonts lack by what a reader takes for them.
var spelled = strings.NewReplacer("‖", "||", "⟨", "<", "⟩", ">", "ℝ", "R", "ℕ", "N", "𝔼", "E", "ℙ", "P", "∈", "in", "∥", "||",
	"⋅", "·", "∑", "Σ", "∏", "Π", "ℓ", "l", "★", "*", "\u202f", " ", "≪", "<<", "≫", ">>", "∝", "~", "∗", "*")

// accents are the combining marks of mathematics and what the fonts have for them.
var accents = map[rune]rune{'\u0302': 'ˆ', '\u0303': '˜', '\u0304': '¯', '\u0305': '¯', '\u0307': '˙', '\u0308': '¨'}

func width(font *sfnt.Font, buf *sfnt.Buffer, g sfnt.GlyphIndex, size float64) float64 {
	a, err := font.GlyphAdvance(buf, g, fixed.I(1000), 0)
	if err != nil {
		return 0
	}
	return float64(a) / 64 / 1000 * size
}

// text draws glyph outlines, so that turned text and any size look alike.
func (c *canvas) text(t scene.Text) {
	font := fonts()[0]
	if t.Bold {
		font = fonts()[1]
	}
	var buf sfnt.Buffer
	type glyph struct {
		index sfnt.GlyphIndex
		x, y  float64 // of the origin, user units from the text's start
		size  float64
	}
	var line []glyph
	pen := 0.0
	for _, run := range scene.Runs(spelled.Replace(t.Label)) {
		size, shift := t.Size, 0.0
		switch {
		case run.Shift > 0:
			size, shift = t.Size*scene.SmallRun, -0.36*t.Size
		case run.Shift < 0:
			size, shift = t.Size*scene.SmallRun, 0.2*t.Size
		}
		before := ' '
		for _, r := range run.Text {
			if accent, ok := accents[r]; ok && len(line) > 0 {
				// The fonts have no combining marks: the mark that stands alone is centred over
				// the letter before it, higher over a capital.
				under := line[len(line)-1]
				g, err := font.GlyphIndex(&buf, accent)
				if err == nil && g != 0 {
					rise := 0.0
					if unicode.IsUpper(before) {
						rise = 0.2 * size
					}
					x := (under.x + pen - width(font, &buf, g, size)) / 2
					line = append(line, glyph{g, x, shift - rise, size})
				}
				continue
			}
			before = r
			g, err := font.GlyphIndex(&buf, r)
			if err != nil || g == 0 {
				g, _ = font.GlyphIndex(&buf, '?')
			}
			line = append(line, glyph{g, pen, shift, size})
			pen += width(font, &buf, g, size)
		}
	}
	sin, cos := math.Sincos(-t.Angle * math.Pi / 180)
	start := -t.Anchor * pen
	var contours [][]scene.Point
	for _, g := range line {
		segments, err := font.LoadGlyph(&buf, g.index, fixed.I(1000), nil)
		if err != nil {
			continue
		}
		place := func(p fixed.Point26_6) scene.Point {
			x := start + g.x + float64(p.X)/64/1000*g.size
			y := g.y + float64(p.Y)/64/1000*g.size
			return c.at(scene.Point{X: t.At.X + x*cos - y*sin, Y: t.At.Y + x*sin + y*cos})
		}
		contours = append(contours, outline(segments, place)...)
	}
	if t.Halo {
		var rings [][]scene.Point
		for _, p := range contours {
			if len(p) > 1 {
				rings = append(rings, stroke(append(p, p[0]), 1.5*c.k)...)
			}
		}
		c.fill(rings, paint(scene.PaintSurface, 1))
	}
	c.glyphs(contours, paint(t.Paint, 1))
}

// outline flattens the curves of a glyph.
func outline(segments sfnt.Segments, place func(fixed.Point26_6) scene.Point) [][]scene.Point {
	const steps = 6
	var out [][]scene.Point
	var cur []scene.Point
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if len(cur) > 2 {
				out = append(out, cur)
			}
			cur = []scene.Point{place(s.Args[0])}
		case sfnt.SegmentOpLineTo:
			cur = append(cur, place(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			a, b, d := cur[len(cur)-1], place(s.Args[0]), place(s.Args[1])
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				u := 1 - t
				cur = append(cur, scene.Point{X: u*u*a.X + 2*u*t*b.X + t*t*d.X, Y: u*u*a.Y + 2*u*t*b.Y + t*t*d.Y})
			}
		case sfnt.SegmentOpCubeTo:
			a, b, d, e := cur[len(cur)-1], place(s.Args[0]), place(s.Args[1]), place(s.Args[2])
			for i := 1; i <= steps; i++ {
				t := float64(i) / steps
				u := 1 - t
				cur = append(cur, scene.Point{
					X: u*u*u*a.X + 3*u*u*t*b.X + 3*u*t*t*d.X + t*t*t*e.X,
					Y: u*u*u*a.Y + 3*u*u*t*b.Y + 3*u*t*t*d.Y + t*t*t*e.Y})
			}
		}
	}
	if len(cur) > 2 {
		out = append(out, cur)
	}
	return out
}

// glyphs fills contours as they are wound: the inside of an o stays open.
func (c *canvas) glyphs(contours [][]scene.Point, col color.NRGBA) { c.rasterize(contours, col, false) }
