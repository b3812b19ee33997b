// Package transpose transposes dense squares of 4 and 8 bytes an element with AVX2: eight rows of eight
// words, or four of four, go through registers. Elsewhere it does nothing, and its caller does it all.
//
//	tiles.go     Tiles
//	level*.go    whether there is assembly
//	gen          the generator of tiles_amd64.s
package transpose

//go:generate go run ./gen -out tiles_amd64.s -stubs tiles_amd64.go -pkg transpose
