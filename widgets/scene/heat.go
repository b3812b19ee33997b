package scene

import (
	"image"
	"image/color"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// maxCells is the number of cells up to which a heat map is drawn as rectangles, which scale and
// print best; larger ones become a picture.
const maxCells = 500

func (out *Panel) heat(g *Group, l figure.Layer) {
	g.Name = newRamp(l).label
	ex, ey := cellEdges(l.X, out.X.Kind), cellEdges(l.Y, out.Y.Kind)
	if len(l.X) == 0 || len(l.Y) == 0 {
		return
	}
	px, py := make([]float64, len(ex)), make([]float64, len(ey))
	for i, v := range ex {
		px[i] = out.X.Place(v)
	}
	for i, v := range ey {
		py[i] = out.Y.Place(v)
	}
	r := newRamp(l)
	if n := len(l.X) * len(l.Y); n <= 2500 && !(out.moving && n > movingCells) {
		g.Grid = &Grid{X: px, Y: py, Z: l.Z, Name: r.label}
	}
	if len(l.X)*len(l.Y) <= maxCells && !out.moving {
		out.cells(g, l.Z, px, py, r)
		return
	}
	// One pixel a cell where the cells are equal, else enough pixels to show the smallest.
	w, h := len(l.X), len(l.Y)
	whole := Rect{math.Min(px[0], px[len(px)-1]), math.Min(py[0], py[len(py)-1]), math.Max(px[0], px[len(px)-1]), math.Max(py[0], py[len(py)-1])}
	box := Rect{math.Max(whole.X0, out.Plot.X0), math.Max(whole.Y0, out.Plot.Y0), math.Min(whole.X1, out.Plot.X1), math.Min(whole.Y1, out.Plot.Y1)}
	if box.W() <= 0 || box.H() <= 0 {
		return
	}
	if !even(px) || math.Abs(box.W()-whole.W()) > 0.01 {
		w = int(2*box.W()) + 1
	}
	if !even(py) || math.Abs(box.H()-whole.H()) > 0.01 {
		h = int(2*box.H()) + 1
	}
	w, h = min(w, int(2*box.W())+1), min(h, int(2*box.H())+1)
	if out.moving { // every pixel is told anew in every frame
		w, h = min(w, max(len(l.X), 160)), min(h, max(len(l.Y), 160))
	}
	pic := Picture{Box: box, Image: image.NewRGBA(image.Rect(0, 0, w, h)), Levels: make([]int, w*h), Ramp: make([]color.RGBA, levels)}
	for k := range pic.Ramp {
		red, green, blue := r.rgb(r.scale.Value(float64(k) / (levels - 1)))
		pic.Ramp[k] = color.RGBA{red, green, blue, 255}
	}
	for j := range h {
		row := cellAt(py, box.Y0+(float64(j)+0.5)/float64(h)*box.H())
		for i := range w {
			v := l.Z[row][cellAt(px, box.X0+(float64(i)+0.5)/float64(w)*box.W())]
			if math.IsNaN(v) {
				pic.Levels[j*w+i] = -1 // transparent: no value
				continue
			}
			k := int(math.Round(clamp01(r.scale.Place(v)) * (levels - 1)))
			pic.Levels[j*w+i] = k
			pic.Image.SetRGBA(i, j, pic.Ramp[k])
		}
	}
	g.Shapes = append(g.Shapes, pic)
}

// levels of colour are more than an eye tells apart, and a picture of few colours is small.
const levels = 64

// cells draws rectangles, one path a colour.
func (out *Panel) cells(g *Group, z [][]float64, px, py []float64, r ramp) {
	byColour := map[Paint][][]Point{}
	var order []Paint
	for j, row := range z {
		for i, v := range row {
			if math.IsNaN(v) {
				continue
			}
			c := RGB(r.rgb(v))
			x0, x1 := math.Min(px[i], px[i+1]), math.Max(px[i], px[i+1])
			y0, y1 := math.Min(py[j], py[j+1]), math.Max(py[j], py[j+1])
			box := clipPolygon([]Point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, out.Plot)
			if len(box) < 3 {
				continue
			}
			if _, seen := byColour[c]; !seen {
				order = append(order, c)
			}
			byColour[c] = append(byColour[c], box)
		}
	}
	for _, c := range order {
		g.Shapes = append(g.Shapes, Path{Lines: byColour[c], Closed: true, Style: Style{Fill: c, Crisp: true}})
	}
}

func even(p []float64) bool {
	d := (p[len(p)-1] - p[0]) / float64(len(p)-1)
	for i := 1; i < len(p); i++ {
		if math.Abs(p[i]-p[i-1]-d) > 0.02*math.Abs(d) {
			return false
		}
	}
	return true
}

// cellAt finds the cell that holds place v among monotone edges.
func cellAt(edges []float64, v float64) int {
	up := edges[len(edges)-1] > edges[0]
	for i := 1; i < len(edges); i++ {
		if up && v < edges[i] || !up && v > edges[i] {
			return i - 1
		}
	}
	return len(edges) - 2
}

const (
	barGap   = 14.0
	barWidth = 11.0
)
