package scene

import "strings"

// Page is the whole figure on one sheet: title, legend, panels in rows. The pictures in files are
// pages; on screen the panels stand in a grid of their own that reflows.
type Page struct {
	W, H  float64
	Parts []Part
}

// Part is some shapes with their origin on the page. Panel and Layer say what they belong to; Layer
// is -1 for axes, legends and titles.
type Part struct {
	X, Y         float64
	Panel, Layer int
	Shapes       []Shape
}

// Page lays the figure out on a sheet under the given title. Layers that are switched off are left
// out, and so are their entries in the legend.
func (f *Figure) Page(title string) Page {
	const margin, gap = 12.0, 18.0
	cell := f.Panels[0].W
	width := 2*margin + float64(f.Columns)*cell + float64(f.Columns-1)*gap
	y := margin
	var parts []Part
	if title != "" {
		const size = 16
		for _, line := range wrap(title, size, width-2*margin, true) {
			parts = append(parts, Part{Panel: -1, Layer: -1, Shapes: []Shape{Text{At: Point{margin + 2, y + size}, Label: line, Size: size, Bold: true, Paint: PaintInk}}})
			y += size * 1.3
		}
		y += 6
	}
	legend, h := legendShapes(f.Legend, width-2*margin)
	if len(legend) > 0 {
		parts = append(parts, Part{X: margin, Y: y, Panel: -1, Layer: -1, Shapes: legend})
		y += h + 4
	}
	for row := 0; row < len(f.Panels); row += f.Columns {
		top, rowH := 0.0, 0.0
		for i := row; i < min(row+f.Columns, len(f.Panels)); i++ {
			_, h := legendShapes(f.Panels[i].Legend, cell)
			top = max(top, h)
			rowH = max(rowH, f.Panels[i].H)
		}
		for i := row; i < min(row+f.Columns, len(f.Panels)); i++ {
			p := &f.Panels[i]
			x := margin + float64(i-row)*(cell+gap)
			if legend, h := legendShapes(p.Legend, cell); len(legend) > 0 {
				parts = append(parts, Part{X: x, Y: y + top - h, Panel: i, Layer: -1, Shapes: legend})
			}
			at := func(layer int, shapes []Shape) {
				parts = append(parts, Part{X: x, Y: y + top, Panel: i, Layer: layer, Shapes: shapes})
			}
			at(-1, p.Under)
			for j := range p.Groups {
				if !p.Groups[j].Hidden {
					at(j, p.Groups[j].Shapes)
				}
			}
			at(-1, p.Over)
		}
		y += top + rowH + gap
	}
	return Page{W: width, H: y - gap + margin, Parts: parts}
}

// legendShapes sets the entries in rows of the given width and returns their height.
func legendShapes(keys []Key, width float64) ([]Shape, float64) {
	const row, between = 20.0, 18.0
	x, y := 0.0, 0.0
	var out []Shape
	for _, k := range keys {
		if k.Hidden {
			continue
		}
		w := KeyW + 6 + Width(k.Name, SizeLabel, false)
		if x > 0 && x+w > width {
			x, y = 0, y+row
		}
		for _, s := range k.Swatch {
			out = append(out, Move(s, x, y+3))
		}
		out = append(out, Text{At: Point{x + KeyW + 6, y + 14.5}, Label: k.Name, Size: SizeLabel, Paint: PaintInk})
		x += w + between
	}
	if len(out) == 0 {
		return nil, 0
	}
	return out, y + row
}

// Move returns the shape displaced by (dx, dy).
func Move(s Shape, dx, dy float64) Shape {
	shift := func(p []Point) []Point {
		out := make([]Point, len(p))
		for i := range p {
			out[i] = Point{p[i].X + dx, p[i].Y + dy}
		}
		return out
	}
	switch s := s.(type) {
	case Path:
		lines := make([][]Point, len(s.Lines))
		for i := range s.Lines {
			lines[i] = shift(s.Lines[i])
		}
		s.Lines = lines
		return s
	case Dots:
		s.At = shift(s.At)
		return s
	case Text:
		s.At = Point{s.At.X + dx, s.At.Y + dy}
		return s
	case Picture:
		s.Box = Rect{s.Box.X0 + dx, s.Box.Y0 + dy, s.Box.X1 + dx, s.Box.Y1 + dy}
		return s
	}
	return s
}

// wrap breaks a text into lines of at most the given width at its spaces.
func wrap(text string, size, width float64, bold bool) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && Width(next, size, bold) > width {
			lines, next = append(lines, line), word
		}
		line = next
	}
	return append(lines, line)
}
