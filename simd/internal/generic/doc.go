// Package generic evaluates one operation of the graph at a time, on contiguous arrays of any
// element type, in plain Go: the meaning of every operation, and what runs where no faster kernel
// fits. [Eval] does it all; [Copy], which moves elements between any two layouts, is used on its own
// as well.
//
// Operations that only move elements know nothing of their type but its size in bytes. Those that
// add do it in an order fixed by the shapes alone, so that results are the same bit for bit for every
// width of the pool.
//
//	what                                             where
//	Eval, Known                                      generic.go
//	Copy, Transpose, Reshape, Broadcast…, Identity   copy.go, tiles.go, views.go
//	Slice, Reverse, Concatenate, Pad                 slice.go, concatenate.go, pad.go
//	DynamicSlice, DynamicUpdateSlice                 dynamic.go
//	Iota                                             iota.go
//	Gather                                           gather.go
//	ScatterSum, ScatterMax, ScatterMin               scatter.go
//	ReduceWindow                                     window.go
//	SelectAndScatterSum, …Max, …Min                  selectscatter.go
//	DotGeneral, ConvGeneral, Contract                contract.go
//	FFT                                              fft.go
//	elementwise operations and conversions           elementwise.go (by the kernels of package elem)
//	Bitcast                                          bits.go
//	reductions, ArgMinMax                            reduce.go, argminmax.go
//	random bits                                      rng.go
package generic
