// Package window has the inner loops of pooling in assembly: windows next to each other along one axis,
// whose elements are dense runs (the channels of an image whose channels come last). [Reduce] finds the
// maximum, minimum or sum of each window; [Scatter] adds to the element that each window selects, the
// gradient of a maximum. float32 and float64, AVX2 and AVX-512; elsewhere there is nothing, and package
// generic does it by other means.
//
// A run goes through a window a vector at a time with its result in a register, so that memory is read
// as often as windows overlap, from the first-level cache but for the first time, and the result is
// written once. A run that fills no vector is loaded and stored by a mask: one of three floats costs
// as much as one of eight.
//
//	line.go      Line; Whole and Bundle, when to use it
//	level*.go    Reduce, Scatter
//	gen          the generator of line_amd64.s
package window

//go:generate go run ./gen
