package svg

import (
	"image"
	"image/color"
)

// paletted returns the image with a palette if it has at most 256 colours, as heat maps have: a
// quarter of the bytes.
func paletted(m *image.RGBA) image.Image {
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	b := m.Bounds()
	out := image.NewPaletted(b, nil)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := m.RGBAAt(x, y)
			i, ok := index[c]
			if !ok {
				if len(palette) == 256 {
					return m
				}
				i = uint8(len(palette))
				index[c] = i
				palette = append(palette, c)
			}
			out.Pix[out.PixOffset(x, y)] = i
		}
	}
	out.Palette = palette
	return out
}
