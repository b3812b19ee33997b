// Package philox makes random bits with Philox-4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011), a block cipher applied to a counter.
//
// Block j encrypts the counter plus j (mod 2^128) and gives bytes 16j … 16j+15 of the stream, low bytes
// first. So every byte depends on the [State] and on its place alone: pieces of an array can be made in
// any order, by anybody, and by any instruction set.
//
// # Speed
//
// One thread on Zen 3, in cycles for a block of 16 bytes: AVX2 5.5, Go 50. AVX2 is bound by the
// processor's four vector units: a round takes two of them twice, for four blocks at a time. AVX-512
// does eight blocks with three quarters of the instructions.
//
//	philox.go    State, Fill, After; blocks in Go
//	level*.go    which assembly there is
//	gen          the generator of fill_amd64.s
package philox

//go:generate go run ./gen -out fill_amd64.s -stubs fill_amd64.go -pkg philox
