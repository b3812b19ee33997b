package mathfont

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	hint "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A parser that is not ours reads the font: names, metrics, characters and their outlines.
func TestFont(t *testing.T) {
	f, err := sfnt.Parse(Font())
	if err != nil {
		t.Fatal(err)
	}
	var b sfnt.Buffer
	if name, err := f.Name(&b, sfnt.NameIDFamily); err != nil || name != Family {
		t.Errorf("name %q, %v", name, err)
	}
	if got := f.UnitsPerEm(); got != unitsPerEm {
		t.Errorf("%d units per em", got)
	}
	for r := range draw().chars {
		id, err := f.GlyphIndex(&b, r)
		if err != nil || id == 0 {
			t.Errorf("%c: glyph %d, %v", r, id, err)
			continue
		}
		segments, err := f.LoadGlyph(&b, id, fixed.I(unitsPerEm), nil)
		if err != nil || r != ' ' && len(segments) == 0 {
			t.Errorf("%c: %d segments, %v", r, len(segments), err)
		}
		if adv, err := f.GlyphAdvance(&b, id, fixed.I(unitsPerEm), hint.HintingNone); err != nil || adv <= 0 {
			t.Errorf("%c: advance %v, %v", r, adv, err)
		}
	}
	// Delimiters are as high as asked for, and symmetric about the axis.
	for _, row := range []struct {
		name  string
		shape func(int) glyph
	}{{"parenthesis", parenthesis}, {"bracket", bracket(true, true)}, {"brace", brace}, {"bar", bar(1)}, {"angle", angle}, {"sum", sum}, {"radical", radical}} {
		for _, h := range heights {
			if _, y0, _, y1 := row.shape(h).box(); y1-y0 != h || y1+y0 != 2*axis {
				t.Errorf("%s of %d goes from %d to %d", row.name, h, y0, y1)
			}
		}
	}
	if len(Face()) > 24<<10 {
		t.Errorf("the rule has %d bytes", len(Face()))
	}
	if strings.Contains(Face(), "http") {
		t.Error("the rule leads elsewhere")
	}
}

// reader reads a table by the specification, apart from the code that wrote it.
type reader []byte

func (r reader) u16(at int) int { return int(binary.BigEndian.Uint16(r[at:])) }
func (r reader) i16(at int) int { return int(int16(binary.BigEndian.Uint16(r[at:]))) }

// table returns a table of the font file by its tag.
func table(file []byte, tag string) reader {
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		rec := file[12+16*i:]
		if string(rec[:4]) == tag {
			at, n := binary.BigEndian.Uint32(rec[8:]), binary.BigEndian.Uint32(rec[12:])
			return reader(file[at : at+n])
		}
	}
	return nil
}

func (r reader) coverage(at int) (ids []int) {
	for i := range r.u16(at + 2) {
		ids = append(ids, r.u16(at+4+2*i))
	}
	return ids
}

func TestMathTable(t *testing.T) {
	m := table(Font(), "MATH")
	f := draw()
	c, info, v := m.u16(4), m.u16(6), m.u16(8)
	if m.u16(0) != 1 || info != c+8+51*4+2 {
		t.Fatalf("version %d, constants of %d bytes, want 214", m.u16(0), info-c)
	}
	// MathConstants: four numbers, 51 records, one number. Spot checks by the specification's order.
	for _, row := range []struct {
		name  string
		index int
		want  int
	}{{"AxisHeight", 1, axis}, {"AccentBaseHeight", 2, 450}, {"SuperscriptShiftUp", 7, 390}, {"UpperLimitGapMin", 14, 170},
		{"StackTopShiftUp", 18, 444}, {"FractionRuleThickness", 34, thin}, {"RadicalRuleThickness", 47, thin}, {"RadicalKernAfterDegree", 50, -556}} {
		if got := m.i16(c + 8 + 4*row.index); got != row.want {
			t.Errorf("%s = %d, want %d", row.name, got, row.want)
		}
	}
	if got := m.u16(c + 8 + 4*51); got != 60 {
		t.Errorf("RadicalDegreeBottomRaisePercent = %d", got)
	}
	corr := info + m.u16(info)
	if ids := m.coverage(corr + m.u16(corr)); len(ids) != 2 || m.i16(corr+4) <= 0 {
		t.Errorf("italic corrections of %v", ids)
	}

	n, at := m.u16(v+6), v+10
	vertical, horizontal := m.coverage(v+m.u16(v+2)), m.coverage(v+m.u16(v+4))
	if len(vertical) != n || len(horizontal) != m.u16(v+8) || !slices.IsSorted(vertical) || !slices.IsSorted(horizontal) {
		t.Fatalf("coverage %v, %v", vertical, horizontal)
	}
	for i, id := range append(slices.Clone(vertical), horizontal...) {
		g := v + m.u16(at+2*i)
		last := 0
		for j := range m.u16(g + 2) {
			variant, size := m.u16(g+4+4*j), m.u16(g+6+4*j)
			if size < last || variant >= len(f.glyphs) || size != f.extent(variant, i >= n) {
				t.Errorf("glyph %d: variant %d of size %d after %d", id, variant, size, last)
			}
			if j == 0 && variant != id {
				t.Errorf("glyph %d begins with %d", id, variant)
			}
			last = size
		}
		if m.u16(g) == 0 {
			continue
		}
		a := g + m.u16(g)
		repeats := 0
		for j := range m.u16(a + 4) {
			p := a + 6 + 10*j
			if m.u16(p+2) > m.u16(p+6) || m.u16(p+4) > m.u16(p+6) {
				t.Errorf("glyph %d: part %d overlaps by more than its size", id, j)
			}
			repeats += m.u16(p + 8)
		}
		if repeats == 0 {
			t.Errorf("glyph %d: no part of its assembly repeats", id)
		}
	}
}

func TestDeterminism(t *testing.T) {
	if !slices.Equal(draw().encode(), Font()) {
		t.Error("two fonts differ")
	}
}

func ExampleFace() {
	fmt.Println(Face()[:60])
	// Output: @font-face{font-family:"Lemma Math";src:url(data:font/ttf;ba
}
