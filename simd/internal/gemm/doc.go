// Package gemm computes sums of products of two arrays of numbers, float32 or float64: matrix products,
// batches of them, their gradients, convolutions and theirs, all written as
//
//	C[b, m, n] = Σ_k A[b, m, k]·B[b, k, n]
//
// where b, m, n and k are lists of axes with any strides ([Problem]). A transposed operand, a view, a
// window that slides over an image (two axes over one) need no copy of their own: operands are read where
// they are, or packed as the product reads them.
//
// Lemma's lib/linalg has products of its own: its decompositions add to parts of one float64 matrix, often
// to a triangle alone, by other numbers in every step, where here a product is planned once and overwrites
// C; and package simd imports nothing of Lemma's.
//
// # How
//
// [New] decides once: axes are merged where they continue each other; A and B change places where that
// makes the numbers of a tile's row neighbours in C, or a vector A; batch axes that B lacks become rows.
// Then C is computed in tiles of a few rows by two vectors, whose sums stay in registers for a block of at
// most 320 terms. A panel of B as wide as a tile stays in the first cache, a block of A in the second.
//
//	operand         is read                                         or packed
//	A               in place if few panels meet it; terms that are  in strips, where rows lie side by side;
//	                not evenly apart, through a table of offsets    by transposing, where terms do
//	B               in place if few tiles meet it, and the lines    the same; once for all goroutines, or by
//	                of memory do not collide in the cache           each for itself if it has one block of rows
//	few rows with columns whose terms lie side by side: sums of products, no tiles
//	C that is not even: tiles are made aside and scattered
//
// # What is here
//
//	what                                file               checked by
//	the question, its checks            problem.go         TestMistakes, TestRandomAxes
//	walking an array                    lane.go            TestLane
//	decisions                           plan.go            TestMatrices, TestWindows
//	blocks, goroutines, the epilogue    run.go, block.go   TestEpilogue, TestManyGoroutines
//	packing                             pack.go            TestRandomAxes
//	vectors                             dots.go            TestMatrices
//	table of kernels                    kernel*.go         all of these, for each kernel
//	assembly, written by the command gen   gen, tiles_amd64.*
//
// # Kernels
//
// Tiles are 6×16 (float32) and 6×8 (float64) with AVX2 and FMA, 14×32 and 14×16 with AVX-512 (F, DQ, BW,
// VL), 4×4 in plain Go (4 GFLOP/s); [Level] names the best of this machine, as package cpu has it. GODEBUG=cpu.avx512f=off and
// cpu.avx2=off, and the build tag noasm, choose others. With AVX2 one core reaches 90 to 97 % of its peak
// for squares from 64 on.
//
// # Numbers
//
// Every element is a chain of fused multiply-adds in the order of k, one for each block of terms, and the
// blocks are added in order; sums of products of vectors have several such chains. Blocks depend on the
// shape alone, so that results are the same for every number of goroutines. (K axes are taken with the
// largest strides first.) Nothing is left out: NaN and infinities propagate, also from products with
// zero; denormals are kept.
package gemm
