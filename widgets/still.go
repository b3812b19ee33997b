package widgets

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/raster"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// A notebook that its reader has not run is untrusted: Jupyter takes style, script and SVG out of its
// outputs, and leaves the text of the labels without their places. So that every figure is seen
// there too, a notebook's output carries a picture of it, an <img>, which stays; and the drawing is
// marked hidden, which the style sheet takes back where there is one. An exported page keeps only
// the drawing.

const stillScale = 1.5 // pixels a unit: sharp enough to read, small enough to carry

// still is the picture of a figure as an <img>, or nothing outside notebooks.
func still(f *figure.Figure, s *scene.Figure) string {
	if !gonbui.IsNotebook {
		return ""
	}
	page := s.Page("")
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&b, fewColours(raster.Paint(page, int(stillScale*page.W)))); err != nil {
		panic(err) // memory buffers do not fail, and the image is ours
	}
	return fmt.Sprintf(`<img class="lemma-still" width="%d" alt="%s" src="data:image/png;base64,%s">`+"\n",
		int(page.W), html.EscapeString(strings.TrimSpace(scene.Plain(f.Alt))), base64.StdEncoding.EncodeToString(b.Bytes()))
}

// fewColours gives the image a palette of the 64 colours that it has most of; the others, at the edges
// of letters and lines, become the nearest of them.
func fewColours(m *image.RGBA) image.Image {
	count := map[color.RGBA]int{}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[m.RGBAAt(x, y)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	key := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	slices.SortFunc(all, func(p, q color.RGBA) int {
		if n := count[q] - count[p]; n != 0 {
			return n
		}
		return key(p) - key(q)
	})
	top := all[:min(64, len(all))]
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	for _, c := range top {
		palette = append(palette, c)
	}
	for _, c := range all {
		best, least := 0, 1<<30
		for i, p := range top {
			r, g, b := int(c.R)-int(p.R), int(c.G)-int(p.G), int(c.B)-int(p.B)
			if d := r*r + g*g + b*b; d < least {
				best, least = i, d
			}
		}
		index[c] = uint8(best)
	}
	out := image.NewPaletted(b, palette)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.Pix[out.PixOffset(x, y)] = index[m.RGBAAt(x, y)]
		}
	}
	return out
}
