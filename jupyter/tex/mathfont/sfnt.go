package mathfont

import (
	"encoding/binary"
	"maps"
	"slices"
	"unicode/utf16"
)

// buf builds a big-endian table.
type buf []byte

func (b *buf) u8(v int)  { *b = append(*b, byte(v)) }
func (b *buf) u16(v int) { *b = binary.BigEndian.AppendUint16(*b, uint16(v)) }
func (b *buf) u32(v int) { *b = binary.BigEndian.AppendUint32(*b, uint32(v)) }
func (b *buf) list16(vs ...int) {
	for _, v := range vs {
		b.u16(v)
	}
}

// encode writes the font file: a directory of tables, each padded to four bytes.
func (f *font) encode() []byte {
	glyf, loca := f.outlines()
	tables := map[string]buf{
		"OS/2": f.os2(), "cmap": f.cmap(), "glyf": glyf, "head": f.head(), "hhea": f.hhea(), "hmtx": f.hmtx(),
		"loca": loca, "maxp": f.maxp(), "name": name(), "post": post(), "MATH": f.mathTable(),
	}
	tags := slices.Sorted(maps.Keys(tables))
	n := len(tags)
	log := 0
	for 2<<log <= n {
		log++
	}
	var out buf
	out.u32(0x00010000)
	out.list16(n, 16<<log, log, 16*n-16<<log)
	at := 12 + 16*n
	for _, tag := range tags {
		t := tables[tag]
		out = append(out, tag...)
		out.u32(int(checksum(t)))
		out.u32(at)
		out.u32(len(t))
		at += (len(t) + 3) &^ 3
	}
	headAt := 0
	for _, tag := range tags {
		if tag == "head" {
			headAt = len(out)
		}
		out = append(out, tables[tag]...)
		for len(out)%4 != 0 {
			out.u8(0)
		}
	}
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for i := 0; i < len(b); i += 4 {
		var word [4]byte
		copy(word[:], b[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}

// outlines writes glyf and loca.
func (f *font) outlines() (glyf, loca buf) {
	for _, g := range f.glyphs {
		loca.u32(len(glyf))
		if len(g.contours) == 0 {
			continue
		}
		x0, y0, x1, y1 := g.box()
		glyf.list16(len(g.contours), x0, y0, x1, y1)
		end := -1
		for _, c := range g.contours {
			end += len(c)
			glyf.u16(end)
		}
		glyf.u16(0) // no instructions
		var flags, xs, ys buf
		px, py := 0, 0
		for _, c := range g.contours {
			for _, p := range c {
				flag := 0
				if !p.off {
					flag = 1
				}
				flag |= coordinate(&xs, p.x-px, 0x02, 0x10)
				flag |= coordinate(&ys, p.y-py, 0x04, 0x20)
				flags.u8(flag)
				px, py = p.x, p.y
			}
		}
		glyf = append(append(append(glyf, flags...), xs...), ys...)
		for len(glyf)%4 != 0 {
			glyf.u8(0)
		}
	}
	loca.u32(len(glyf))
	return glyf, loca
}

// coordinate writes a step in the shortest of its three forms and returns its flags.
func coordinate(b *buf, d, short, same int) int {
	switch {
	case d == 0:
		return same
	case -256 < d && d < 0:
		b.u8(-d)
		return short
	case 0 < d && d < 256:
		b.u8(d)
		return short | same
	}
	b.u16(d)
	return 0
}

// bounds is the box of all glyphs.
func (f *font) bounds() (x0, y0, x1, y1 int) {
	for _, g := range f.glyphs {
		a, b, c, d := g.box()
		x0, y0, x1, y1 = min(x0, a), min(y0, b), max(x1, c), max(y1, d)
	}
	return
}

func (f *font) head() (b buf) {
	x0, y0, x1, y1 := f.bounds()
	b.u32(0x00010000)
	b.u32(0x00010000)
	b.u32(0) // the checksum comes last
	b.u32(0x5F0F3CF5)
	b.list16(0x0003, unitsPerEm)
	b.u32(0)
	b.u32(3786912000) // 2024-01-01, since 1904
	b.u32(0)
	b.u32(3786912000)
	b.list16(x0, y0, x1, y1, 0, 8, 2, 1, 0)
	return b
}

// ascent and descent are those of a line of text; growing glyphs are beyond.
const ascent, descent = 760, 240

func (f *font) hhea() (b buf) {
	wide, left, right, extent := 0, 0, 0, 0
	for _, g := range f.glyphs {
		x0, _, x1, _ := g.box()
		wide, left, right, extent = max(wide, g.advance), min(left, x0), min(right, g.advance-x1), max(extent, x1)
	}
	b.u32(0x00010000)
	b.list16(ascent, -descent, 90, wide, left, right, extent, 1, 0, 0, 0, 0, 0, 0, 0, len(f.glyphs))
	return b
}

func (f *font) hmtx() (b buf) {
	for _, g := range f.glyphs {
		x0, _, _, _ := g.box()
		b.list16(g.advance, x0)
	}
	return b
}

func (f *font) maxp() (b buf) {
	points, contours := 0, 0
	for _, g := range f.glyphs {
		n := 0
		for _, c := range g.contours {
			n += len(c)
		}
		points, contours = max(points, n), max(contours, len(g.contours))
	}
	b.u32(0x00010000)
	b.list16(len(f.glyphs), points, contours, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	return b
}

// cmap is format 4: a segment for each run of characters, here for each character.
func (f *font) cmap() (b buf) {
	chars := slices.Sorted(maps.Keys(f.chars))
	n := len(chars) + 1
	log := 0
	for 2<<log <= n {
		log++
	}
	var sub buf
	sub.list16(4, 16+8*n, 0, 2*n, 2<<log, log, 2*n-2<<log)
	for _, c := range chars {
		sub.u16(int(c))
	}
	sub.list16(0xFFFF, 0)
	for _, c := range chars {
		sub.u16(int(c))
	}
	sub.u16(0xFFFF)
	for _, c := range chars {
		sub.u16(f.chars[c] - int(c))
	}
	sub.u16(1)
	for range n {
		sub.u16(0)
	}
	b.list16(0, 2, 0, 3)
	b.u32(20)
	b.list16(3, 1)
	b.u32(20)
	return append(b, sub...)
}

func (f *font) os2() (b buf) {
	chars := slices.Sorted(maps.Keys(f.chars))
	b.list16(4, 500, 400, 5, 0) // version, average width, weight, width, embedding
	b.list16(650, 600, 0, 75, 650, 600, 0, 350, thin, 258, 0)
	b = append(b, make([]byte, 10)...)                               // panose
	b = append(b, 0, 0, 0, 1, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0) // ranges: Latin, mathematics
	b = append(b, "LEMM"...)
	b.list16(0x0040, int(chars[0]), int(chars[len(chars)-1]), ascent, -descent, 90, 1200, 500)
	b.u32(1)
	b.u32(0)
	b.list16(xHeight, 700, 0, 32, 1)
	return b
}

// xHeight is what the letters beside these glyphs are scaled to.
const xHeight = 450

func name() (b buf) {
	entries := []struct {
		id   int
		text string
	}{{1, Family}, {2, "Regular"}, {3, Family + " 1"}, {4, Family}, {5, "Version 1.0"}, {6, "LemmaMath"}}
	var text buf
	b.list16(0, len(entries), 6+12*len(entries))
	for _, e := range entries {
		start := len(text)
		for _, u := range utf16.Encode([]rune(e.text)) {
			text.u16(int(u))
		}
		b.list16(3, 1, 0x409, e.id, len(text)-start, start)
	}
	return append(b, text...)
}

func post() (b buf) {
	b.u32(0x00030000)
	b.u32(0)
	b.list16(-100, thin)
	for range 5 {
		b.u32(0)
	}
	return b
}
