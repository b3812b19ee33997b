package raster_test

import (
	"fmt"
	"image/color"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/raster"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// The image is as wide as asked for, its height follows from the page, and it lies on white.
func ExamplePaint() {
	f := &figure.Figure{
		ID: "example", Title: "A line", Alt: "A straight line from the origin to (10, 5).",
		Panels: []figure.Panel{{
			X:      figure.Axis{Label: "x"}.Range(0, 10),
			Y:      figure.Axis{Label: "y"}.Range(0, 5),
			Layers: []figure.Layer{figure.Line("y = x/2", 0, []float64{0, 10}, []float64{0, 5})},
		}},
	}
	s, err := scene.New(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	page := s.Page(f.Title)
	img := raster.Paint(page, 1200)
	fmt.Println("wide:", img.Bounds().Dx())
	fmt.Printf("as high for its width as the page: %t\n", img.Bounds().Dy() == int(1200*page.H/page.W+0.5))
	fmt.Println("corner:", img.RGBAAt(0, 0) == color.RGBA{255, 255, 255, 255})
	// Output:
	// wide: 1200
	// as high for its width as the page: true
	// corner: true
}
