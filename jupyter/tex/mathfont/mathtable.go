package mathfont

import (
	"maps"
	"slices"
)

// constants are the MathValueRecords of the MATH table in their order, in units of the em. They are
// the parameters of TeX's Computer Modern (The TeXbook, appendix G) where that has one.
var constants = []int{
	154,      // leading
	axis,     // axis height
	450, 664, // accent base height, flattened
	200, 344, 100, // subscript: shift down, top at most, drop at least
	390, 300, 112, 300, // superscript: shift up, cramped, bottom at least, drop at most
	160, 344, 40, // both: gap, superscript bottom, space behind
	170, 111, 167, 600, // limits: above gap and rise, below gap and drop
	444, 677, 345, 686, 120, 280, // stacks: top, display, bottom, display, gap, display
	111, 600, 180, 167, // stretched stacks
	394, 677, 345, 686, // fractions: numerator, display, denominator, display
	50, 120, thin, 50, 120, // gaps and rule
	350, 96, // skewed fractions
	120, thin, thin, // overbar
	120, thin, thin, // underbar
	60, 130, thin, thin, // roots: gap, display, rule, above
	278, -556, // degree of a root
}

// mathTable writes the MATH table.
func (f *font) mathTable() (b buf) {
	var c buf
	c.list16(70, 55, 1300, 1300) // scripts in percent; least height of fences and display operators
	for _, v := range constants {
		c.list16(v, 0)
	}
	c.u16(60) // how far up a root its degree stands, in percent
	info := f.glyphInfo()
	b.u32(0x00010000)
	b.list16(10, 10+len(c), 10+len(c)+len(info))
	return append(append(append(b, c...), info...), f.variants()...)
}

// glyphInfo holds the italic corrections of the integrals: a subscript stands under the slant.
func (f *font) glyphInfo() (b buf) {
	ids := slices.Sorted(maps.Keys(f.italic))
	b.list16(8, 0, 0, 0)
	b.list16(4+4*len(ids), len(ids))
	for _, id := range ids {
		b.list16(f.italic[id], 0)
	}
	return append(b, coverage(ids)...)
}

func coverage(ids []int) (b buf) {
	b.list16(1, len(ids))
	b.list16(ids...)
	return b
}

// variants says how characters grow.
func (f *font) variants() (b buf) {
	var ids [2][]int
	var tables [2][]buf
	for _, c := range f.constructions {
		i := 0
		if c.horizontal {
			i = 1
		}
		ids[i] = append(ids[i], f.chars[c.char])
		tables[i] = append(tables[i], f.growth(c))
	}
	n := len(ids[0]) + len(ids[1])
	at := 10 + 2*n
	vertical, horizontal := coverage(ids[0]), coverage(ids[1])
	b.list16(overlap/2, at, at+len(vertical), len(ids[0]), len(ids[1]))
	at += len(vertical) + len(horizontal)
	body := append(slices.Clone(vertical), horizontal...)
	for _, list := range tables {
		for _, t := range list {
			b.u16(at)
			at += len(t)
			body = append(body, t...)
		}
	}
	return append(b, body...)
}

// growth is the construction of one character.
func (f *font) growth(c construction) (b buf) {
	assembly := 0
	if c.parts != nil {
		assembly = 4 + 4*len(c.variants)
	}
	b.list16(assembly, len(c.variants))
	for _, id := range c.variants {
		b.list16(id, f.extent(id, c.horizontal))
	}
	if c.parts == nil {
		return b
	}
	b.list16(0, 0, len(c.parts))
	for _, p := range c.parts {
		flag := 0
		if p.repeats {
			flag = 1
		}
		b.list16(p.glyph, p.from, p.to, f.extent(p.glyph, c.horizontal), flag)
	}
	return b
}
