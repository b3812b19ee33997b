package raster

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"

	"github.com/lemma-ml/lemma/widgets/scene"
)

// Paint returns the page as an image of the given width in pixels; the height follows.
// Cost: proportional to width² for each shape, some tens of milliseconds at 1200.
func Paint(page scene.Page, width int) *image.RGBA {
	k := float64(width) / page.W
	c := &canvas{img: image.NewRGBA(image.Rect(0, 0, width, int(math.Round(page.H*k)))), k: k}
	draw.Draw(c.img, c.img.Bounds(), image.NewUniform(paint(scene.PaintSurface, 1)), image.Point{}, draw.Src)
	for _, part := range page.Parts {
		c.dx, c.dy = part.X, part.Y
		for _, s := range part.Shapes {
			switch s := s.(type) {
			case scene.Path:
				c.path(s)
			case scene.Dots:
				c.dots(s)
			case scene.Text:
				c.text(s)
			case scene.Picture:
				c.picture(s)
			}
		}
	}
	return c.img
}

type canvas struct {
	img    *image.RGBA
	k      float64 // pixels per user unit
	dx, dy float64 // origin of the part
}

func paint(p scene.Paint, alpha float64) color.NRGBA {
	r, g, b := scene.ParseHex(scene.Light.Hex(p))
	if alpha <= 0 {
		alpha = 1
	}
	return color.NRGBA{r, g, b, uint8(math.Round(255 * math.Min(alpha, 1)))}
}

// at is the place of a point in pixels.
func (c *canvas) at(p scene.Point) scene.Point {
	return scene.Point{X: (p.X + c.dx) * c.k, Y: (p.Y + c.dy) * c.k}
}

func (c *canvas) all(p []scene.Point) []scene.Point {
	out := make([]scene.Point, len(p))
	for i := range p {
		out[i] = c.at(p[i])
	}
	return out
}

func (c *canvas) path(p scene.Path) {
	if p.Style.Fill != scene.PaintNone && p.Closed {
		var polygons [][]scene.Point
		for _, line := range p.Lines {
			line = c.all(line)
			for i := range line {
				if p.Style.Crisp {
					line[i] = scene.Point{X: math.Round(line[i].X), Y: math.Round(line[i].Y)}
				}
			}
			polygons = append(polygons, line)
		}
		c.fill(polygons, paint(p.Style.Fill, p.Style.Alpha))
	}
	if p.Style.Stroke == scene.PaintNone || p.Style.Width <= 0 {
		return
	}
	var outline [][]scene.Point
	for _, line := range p.Lines {
		line = c.all(line)
		if p.Closed && len(line) > 0 {
			line = append(line, line[0])
		}
		for _, piece := range dashes(line, p.Style.Dash, c.k) {
			outline = append(outline, stroke(piece, p.Style.Width*c.k/2)...)
		}
	}
	c.fill(outline, paint(p.Style.Stroke, p.Style.Alpha))
}

func (c *canvas) dots(d scene.Dots) {
	lines, closed := d.Marker.Outline(d.R)
	var shapes, margin, outline [][]scene.Point
	for _, at := range d.At {
		for _, line := range lines {
			moved := make([]scene.Point, len(line), len(line)+1)
			for i, q := range line {
				moved[i] = c.at(scene.Point{X: at.X + q.X, Y: at.Y + q.Y})
			}
			if !closed {
				outline = append(outline, stroke(moved, 0.9*c.k)...)
				continue
			}
			shapes = append(shapes, moved)
			ring := append(moved, moved[0])
			margin = append(margin, stroke(ring, 0.8*c.k)...)
			outline = append(outline, stroke(ring, 0.8*c.k)...)
		}
	}
	switch {
	case !closed:
		c.fill(outline, paint(d.Paint, 1))
	case d.Hollow:
		c.fill(shapes, paint(scene.PaintSurface, 1))
		c.fill(outline, paint(d.Paint, 1))
	default:
		if len(d.At) <= scene.SparseDots {
			c.fill(margin, paint(scene.PaintSurface, 1))
		}
		c.fill(shapes, paint(d.Paint, 1))
	}
}

func (c *canvas) picture(p scene.Picture) {
	a, b := c.at(scene.Point{X: p.Box.X0, Y: p.Box.Y0}), c.at(scene.Point{X: p.Box.X1, Y: p.Box.Y1})
	src := p.Image.Bounds()
	for y := int(math.Round(a.Y)); y < int(math.Round(b.Y)); y++ {
		for x := int(math.Round(a.X)); x < int(math.Round(b.X)); x++ {
			u := min(int((float64(x)+0.5-a.X)/(b.X-a.X)*float64(src.Dx())), src.Dx()-1)
			v := min(int((float64(y)+0.5-a.Y)/(b.Y-a.Y)*float64(src.Dy())), src.Dy()-1)
			if px := p.Image.RGBAAt(src.Min.X+max(u, 0), src.Min.Y+max(v, 0)); px.A > 0 {
				c.img.SetRGBA(x, y, px)
			}
		}
	}
}

// fill paints the union of polygons. The rasterizer adds signed areas, so that polygons of opposite
// sense would cancel: all are turned the same way first.
func (c *canvas) fill(polygons [][]scene.Point, col color.NRGBA) { c.rasterize(polygons, col, true) }

func (c *canvas) rasterize(polygons [][]scene.Point, col color.NRGBA, align bool) {
	if len(polygons) == 0 {
		return
	}
	lo, hi := scene.Point{X: math.Inf(1), Y: math.Inf(1)}, scene.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, p := range polygons {
		for _, q := range p {
			lo.X, lo.Y = math.Min(lo.X, q.X), math.Min(lo.Y, q.Y)
			hi.X, hi.Y = math.Max(hi.X, q.X), math.Max(hi.Y, q.Y)
		}
	}
	box := image.Rect(int(math.Floor(lo.X)), int(math.Floor(lo.Y)), int(math.Ceil(hi.X))+1, int(math.Ceil(hi.Y))+1).Intersect(c.img.Bounds())
	if box.Empty() {
		return
	}
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	move := func(p scene.Point) (x, y float32) {
		return float32(p.X - float64(box.Min.X)), float32(p.Y - float64(box.Min.Y))
	}
	for _, p := range polygons {
		if len(p) < 3 {
			continue
		}
		backwards := align && area(p) < 0
		for i := range p {
			q := p[i]
			if backwards {
				q = p[len(p)-1-i]
			}
			if x, y := move(q); i == 0 {
				z.MoveTo(x, y)
			} else {
				z.LineTo(x, y)
			}
		}
		z.ClosePath()
	}
	z.Draw(c.img, box, image.NewUniform(col), image.Point{})
}

func area(p []scene.Point) float64 {
	a := 0.0
	for i := range p {
		q := p[(i+1)%len(p)]
		a += p[i].X*q.Y - q.X*p[i].Y
	}
	return a
}
