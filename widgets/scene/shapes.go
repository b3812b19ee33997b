package scene

import (
	"image"
	"image/color"
)

// Point is a place in user units, y downwards.
type Point struct{ X, Y float64 }

// Rect is the area from (X0, Y0) to (X1, Y1), top left to bottom right.
type Rect struct{ X0, Y0, X1, Y1 float64 }

// W and H are width and height.
func (r Rect) W() float64 { return r.X1 - r.X0 }

// H is the height.
func (r Rect) H() float64 { return r.Y1 - r.Y0 }

// Style says how a shape is painted. Width 0 or no Stroke means no outline.
type Style struct {
	Stroke Paint
	Width  float64
	Dash   []float64 // on, off, ...; nil is solid
	Fill   Paint
	Alpha  float64 // 0 means 1
	Crisp  bool    // edges fall on pixels, so that neighbours leave no seam
}

// Shape is one of Path, Dots, Text, Picture.
type Shape interface{ shape() }

// Path is polylines or, if Closed, polygons; all have one style.
type Path struct {
	Lines  [][]Point
	Closed bool
	Style  Style
}

// Dots is a marker at each place.
type Dots struct {
	At     []Point
	Marker Marker
	R      float64 // half the size
	Hollow bool
	Paint  Paint
}

// SparseDots is the number of dots up to which each has a margin in the page's colour; more would
// hide one another by it.
const SparseDots = 120

// Text is one label. Anchor 0 puts its left end at At, 0.5 its middle, 1 its right end; Baseline is
// always alphabetic. Angle turns it counter-clockwise, in degrees, about At.
type Text struct {
	At     Point
	Label  string
	Size   float64
	Anchor float64
	Angle  float64
	Bold   bool
	Paint  Paint
	Halo   bool // drawn over data: leave a margin in the surface colour
}

// Picture is an image whose pixels keep their edges.
type Picture struct {
	Box    Rect
	Image  *image.RGBA
	Levels []int        // by rows, the index in Ramp of each pixel, -1 for none
	Ramp   []color.RGBA // the colours
}

func (Path) shape()    {}
func (Dots) shape()    {}
func (Text) shape()    {}
func (Picture) shape() {}

// Marker is the form of a point, chosen by series number so that colour is never the only
// difference.
type Marker int

// The markers in the order of the series.
const (
	Circle Marker = iota
	Square
	Triangle
	Diamond
	TriangleDown
	Pentagon
	Cross // for what fails
)

// Outline returns the marker around (0, 0) as a polygon, or as two strokes for Cross. The area is
// about that of a circle of radius r.
func (m Marker) Outline(r float64) (lines [][]Point, closed bool) {
	switch m {
	case Square:
		a := 0.88 * r
		return [][]Point{{{-a, -a}, {a, -a}, {a, a}, {-a, a}}}, true
	case Triangle:
		return [][]Point{{{0, -1.25 * r}, {1.15 * r, 0.85 * r}, {-1.15 * r, 0.85 * r}}}, true
	case TriangleDown:
		return [][]Point{{{0, 1.25 * r}, {1.15 * r, -0.85 * r}, {-1.15 * r, -0.85 * r}}}, true
	case Diamond:
		a := 1.28 * r
		return [][]Point{{{0, -a}, {a, 0}, {0, a}, {-a, 0}}}, true
	case Pentagon:
		return [][]Point{ngon(5, 1.12*r)}, true
	case Cross:
		a := 0.95 * r
		return [][]Point{{{-a, -a}, {a, a}}, {{-a, a}, {a, -a}}}, false
	}
	return [][]Point{ngon(24, r)}, true
}
