// Package raster paints laid out figures as images, in the light theme, with the Go fonts. It paints
// the same shapes at the same places as package svg.
//
// # Notation
//
// A page is W by H user units (1/96 inch, as package scene lays it out); an image of width w has
// k = w/W pixels a unit and is H·k high, rounded. Places and widths of lines are multiplied by k.
//
//	step                                              function      test
//	a page becomes an image, values at their places   Paint         TestPixelsCarryTheData
//	a line is a box a segment, a disc at a bend       stroke        TestPixelsCarryTheData
//	a dashed line is cut along its length             dashes        TestDashes
//	overlapping polygons are painted as their union   canvas.fill   TestUnionOfPolygons
//	labels are outlines of glyphs, at any angle       canvas.text   TestTextIsPainted
//
// An example:
//
//	s, err := scene.New(f)
//	...
//	png.Encode(w, raster.Paint(s.Page(f.Title), 1200))
package raster
