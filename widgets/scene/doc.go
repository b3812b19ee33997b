// Package scene lays a figure.Figure out: it turns values into places on a page, in user units of
// 1/96 inch, and leaves a list of shapes. Package svg writes the shapes as SVG and package raster
// paints them, so that a picture on screen and a picture in a file agree by construction.
//
//	figure.Figure --New--> Figure{Panels, Legends} --svg, raster--> picture
//
// # How values become places
//
//	statement                                        function           test
//	linear: p = a + (v-lo)/(hi-lo)·(b-a)             Scale.Place        TestScaleInverts
//	log: the same in log₁₀ v
//	symlog: v/T inside ±T, ±(1+log₁₀|v|/T) outside
//	ticks at 1, 2, 5 times a power of ten            Scale.Ticks        TestTicks
//	labels that touch are dropped, ticks kept        thin               TestLabelsNeverTouch
//	level sets by marching squares                   contours           TestContourOfCone
//	a noisy line keeps each column's extremes        decimate           TestDecimateKeepsExtremes
//	a smooth line loses what bends less than 0.1     simplify           TestSimplifyStaysClose
//	figures of a moving picture share their axes     Share, Frame       TestShare
//
// # How much is drawn
//
// A line of more points than four for each unit of width is reduced to the first, last, lowest and
// highest of each unit; what remains is thinned where the line would move by less than a tenth of a
// unit. Points that fall on the same half unit are drawn once; on the same unit beyond a thousand
// points, on the same two units where more than 6000 would be left. What is drawn is therefore what
// the page can show. Panel.Groups[i].Data keeps at most 120 values for the readout.
// A frame of a moving picture (Frame) keeps the points of smooth lines, and 48 values.
package scene
