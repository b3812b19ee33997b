// Package generic evaluates one operation of the graph at a time, on contiguous arrays of any
// element type: the meaning of every operation, and what runs where no faster kernel fits. It is
// written in Go over the block kernels of packages elem and vec. [Eval] does it all; [Copy], which
// moves elements between any two layouts, is used on its own as well.
//
// Operations that only move elements know nothing of their type but its size in bytes. Those that
// add do it in an order fixed by the shapes alone, so that results are the same bit for bit for every
// width of the pool. Floats of 16 bits are computed in float32 and rounded once, at the end of the
// operation.
//
// Where GoMLX leaves the meaning open it is XLA's: Gather moves windows that do not fit inside,
// Scatter leaves them out; the starts of dynamic slices are moved inside; SelectAndScatter keeps the
// first of equals.
//
//	what                                             where
//	Eval, Known                                      generic.go
//	Copy                                             copy.go, tiles.go; package transpose
//	Identity, Reshape, Transpose, Broadcast…         views.go
//	Slice, Reverse, Concatenate, Pad                 slice.go, concatenate.go, pad.go
//	DynamicSlice, DynamicUpdateSlice                 dynamic.go
//	Iota                                             iota.go
//	Gather, Scatter…                                 gather.go, scatter.go; their indices: indices.go
//	ReduceWindow                                     window.go; windows that share work: slidelong.go
//	small windows, by package window                 windowlines.go, windowbundle.go
//	SelectAndScatter…                                selectscatter.go; of floats: selectlines.go
//	DotGeneral, Dot, Contract, ConvGeneral           contract.go, conv.go
//	FFT                                              fft.go; of one line: fourier.go
//	elementwise operations and conversions           elementwise.go, bits.go
//	reductions, ArgMinMax                            reduce.go, folder.go, argminmax.go
//	random bits: package philox                      rng.go
//	float16 and bfloat16, scratch memory             half.go
package generic
