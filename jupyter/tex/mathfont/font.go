package mathfont

import (
	"encoding/base64"
	"slices"
	"sync"
)

// Family is the font's name.
const Family = "Lemma Math"

// unitsPerEm is the size of the em in which everything here is measured.
const unitsPerEm = 1000

// axis is the height of the line through fraction bars and minus signs, about which brackets are
// symmetric.
const axis = 250

// thin is the thickness of rules: fraction bars, roots, the lines of arrows.
const thin = 44

// glyph is one drawing.
type glyph struct {
	advance  int
	contours [][]point
}

// point is a point of a contour; off points are control points of quadratic curves.
type point struct {
	x, y int
	off  bool
}

// construction is how a character grows: through variants, then by assembly.
type construction struct {
	char       rune
	horizontal bool
	variants   []int // glyph ids, the character's own first
	parts      []part
}

// part is a piece of an assembly, in the order from bottom to top or from left to right.
type part struct {
	glyph    int
	repeats  bool
	from, to int // how far it may overlap its neighbours at its beginning and end
}

// font is everything that the tables are made from.
type font struct {
	glyphs        []glyph
	chars         map[rune]int // glyph ids
	constructions []construction
	italic        map[int]int // italic corrections by glyph id
}

// Font returns the font as a TrueType file. It is drawn once; do not change the slice.
var Font = sync.OnceValue(func() []byte { return draw().encode() })

// Face returns the CSS rule that carries the font within itself, some 20 kB.
var Face = sync.OnceValue(func() string {
	return `@font-face{font-family:"` + Family + `";src:url(data:font/ttf;base64,` + base64.StdEncoding.EncodeToString(Font()) + `) format("truetype")}`
})

// heights are the sizes in which delimiters are drawn: the line's own, those of \big to \Bigg, and
// two beyond.
var heights = []int{1000, 1200, 1500, 1800, 2400, 3000}

// draw draws the font.
func draw() *font {
	f := &font{chars: map[rune]int{}, italic: map[int]int{}}
	f.glyphs = []glyph{{advance: 500, contours: [][]point{rect(60, 0, 440, 700), reverse(rect(110, 50, 390, 650))}}, {advance: 250}}
	f.chars[' '] = 1

	type growing struct {
		char  rune
		shape func(height int) glyph
		// ends are the assembly's top, middle and bottom; middle nil where there is none.
		top, middle, bottom func() glyph
		repeat              func() glyph
	}
	vertical := []growing{
		{'(', parenthesis, parenTop, nil, parenBottom, parenStem},
		{')', mirrored(parenthesis), flip(parenTop), nil, flip(parenBottom), flip(parenStem)},
		{'[', bracket(true, true), bracketEnd(true), nil, bracketEnd(false), bracketStem},
		{']', mirrored(bracket(true, true)), flip(bracketEnd(true)), nil, flip(bracketEnd(false)), flip(bracketStem)},
		{'⌊', bracket(false, true), bracketStem, nil, bracketEnd(false), bracketStem},
		{'⌋', mirrored(bracket(false, true)), flip(bracketStem), nil, flip(bracketEnd(false)), flip(bracketStem)},
		{'⌈', bracket(true, false), bracketEnd(true), nil, bracketStem, bracketStem},
		{'⌉', mirrored(bracket(true, false)), flip(bracketEnd(true)), nil, flip(bracketStem), flip(bracketStem)},
		{'{', brace, braceTop, braceMiddle, braceBottom, braceStem},
		{'}', mirrored(brace), flip(braceTop), flip(braceMiddle), flip(braceBottom), flip(braceStem)},
		{'|', bar(1), nil, nil, nil, barPiece(1)},
		{'‖', bar(2), nil, nil, nil, barPiece(2)},
		{'⟨', angle, nil, nil, nil, nil},
		{'⟩', mirrored(angle), nil, nil, nil, nil},
		{'/', slash, nil, nil, nil, nil},
		{'\\', mirrored(slash), nil, nil, nil, nil},
	}
	for _, g := range vertical {
		c := construction{char: g.char}
		for _, h := range heights {
			c.variants = append(c.variants, f.add(g.shape(h)))
		}
		f.chars[g.char] = c.variants[0]
		if g.repeat != nil {
			stem := f.add(g.repeat())
			if g.top == nil {
				c.parts = []part{{stem, false, overlap, overlap}, {stem, true, overlap, overlap}}
			} else {
				c.parts = append(c.parts, part{f.add(g.bottom()), false, 0, overlap}, part{stem, true, overlap, overlap})
				if g.middle != nil {
					c.parts = append(c.parts, part{f.add(g.middle()), false, overlap, overlap}, part{stem, true, overlap, overlap})
				}
				c.parts = append(c.parts, part{f.add(g.top()), false, overlap, 0})
			}
		}
		f.constructions = append(f.constructions, c)
	}
	root := construction{char: '√'}
	for _, h := range []int{720, 850, 1000, 1150, 1350, 1600, 1900, 2300, 2800, 3400, 4200, 5200} {
		root.variants = append(root.variants, f.add(radical(h)))
	}
	f.chars['√'] = root.variants[0]
	f.constructions = append(f.constructions, root)

	for _, o := range []struct {
		char          rune
		shape         func(height int) glyph
		text, display int
		slant         int // italic correction for each 1000 units of height
	}{
		{'∑', sum, 1000, 1400, 0}, {'∏', product(true), 1000, 1400, 0}, {'∐', product(false), 1000, 1400, 0},
		{'⋃', cup(false), 1000, 1400, 0}, {'⋂', cup(true), 1000, 1400, 0}, {'∫', integral, 1150, 2200, 190},
	} {
		c := construction{char: o.char, variants: []int{f.add(o.shape(o.text)), f.add(o.shape(o.display))}}
		f.chars[o.char] = c.variants[0]
		if o.slant > 0 {
			f.italic[c.variants[0]], f.italic[c.variants[1]] = o.slant*o.text/1000, o.slant*o.display/1000
		}
		f.constructions = append(f.constructions, c)
	}

	line := f.add(arrowLine())
	head := f.add(arrowHead())
	tail := f.add(flip(arrowHead)())
	for _, a := range []struct {
		char  rune
		shape glyph
		parts []part
	}{
		{'→', arrow(), []part{{line, true, overlap, overlap}, {head, false, overlap, 0}}},
		{'←', mirror(arrow()), []part{{tail, false, 0, overlap}, {line, true, overlap, overlap}}},
		{'↔', doubleArrow(), []part{{tail, false, 0, overlap}, {line, true, overlap, overlap}, {head, false, overlap, 0}}},
	} {
		id := f.add(a.shape)
		f.chars[a.char] = id
		f.constructions = append(f.constructions, construction{char: a.char, horizontal: true, variants: []int{id}, parts: a.parts})
	}
	for _, a := range []struct {
		char  rune
		shape func(width int) glyph
	}{{'^', hat}, {'~', tilde}} {
		c := construction{char: a.char, horizontal: true}
		for _, w := range []int{360, 560, 900, 1350, 1900} {
			c.variants = append(c.variants, f.add(a.shape(w)))
		}
		f.chars[a.char] = c.variants[0]
		f.constructions = append(f.constructions, c)
	}
	for _, over := range []bool{true, false} {
		char := map[bool]rune{true: '⏞', false: '⏟'}[over]
		lay := func(g glyph) glyph { return lying(g, over) }
		c := construction{char: char, horizontal: true}
		for _, w := range []int{1000, 1500, 2000, 2600} {
			c.variants = append(c.variants, f.add(lay(brace(w))))
		}
		f.chars[char] = c.variants[0]
		stem := f.add(lay(braceStem()))
		c.parts = []part{{f.add(lay(braceBottom())), false, 0, overlap}, {stem, true, overlap, overlap},
			{f.add(lay(braceMiddle())), false, overlap, overlap}, {stem, true, overlap, overlap}, {f.add(lay(braceTop())), false, overlap, 0}}
		f.constructions = append(f.constructions, c)
	}
	f.sort()
	return f
}

// add keeps a glyph and returns its id.
func (f *font) add(g glyph) int {
	f.glyphs = append(f.glyphs, g)
	return len(f.glyphs) - 1
}

// sort orders the constructions by the ids of their characters, as coverage tables want them.
func (f *font) sort() {
	slices.SortFunc(f.constructions, func(a, b construction) int { return f.chars[a.char] - f.chars[b.char] })
}

// extent is the size of a glyph in the direction in which it grows.
func (f *font) extent(id int, horizontal bool) int {
	x0, y0, x1, y1 := f.glyphs[id].box()
	if horizontal {
		return x1 - x0
	}
	return y1 - y0
}
