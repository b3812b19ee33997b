// Package loop runs fused programs of elementwise operations and reductions: [Compile] turns a
// [Program], plain data, into a [Kernel].
//
// A kernel is a vector machine. It walks a box of rows and columns in blocks of about a thousand
// elements and calls one kernel of package vec for each instruction and block, so that values between
// instructions stay in a first-level cache and each element of an array is read and written once.
// Runs of cheap float instructions are joined to chains, which hand values on in registers.
//
// # How a program becomes code
//
//	check.go     what a program must be
//	lower.go     values once each, nothing that is not needed, 16-bit sums in float32
//	algebra.go   sums of terms from sums that can be had earlier, common divisors
//	split.go     tasks that run one after the other
//	layout.go    which dimension is the columns; dimensions that every operand walks alike are one
//	form.go      a task as code
//	blocks.go    blocks, batches of short rows, pieces for the pool
//	fuse.go      a·b + c
//	emit.go      operands as wide as kernels want them, results
//	schedule.go  steps in phases: a phase ends where a reduction's result is needed
//	chain.go     chains, and the assembly that gen writes for them
//	links.go     which links compute a value
//	join.go      steps joined to chains, in an order that keeps values in registers
//	merge.go     chains joined with what is done between them
//	twin.go      rows two at a time
//	allocate.go  registers: blocks that die are used again; writing to outputs in place
//
//	run.go       Run
//	piece.go     one piece: rows, blocks
//	exec.go      steps
//	stage.go     transposed operands
//	accum.go     results over rows
//	rowsum.go    nothing but sums over rows
//	float.go     arithmetic on one value a row
//	kernels.go   what is called of vec; moving elements
//
// # Reductions
//
// If nothing along the columns needs a reduction's result, the box is walked in any order that is
// cheap, and reductions of long rows are cut into pieces. Otherwise (softmax, layer norm and their
// gradients) a piece has whole rows: a row's values are in blocks if it is short, else in buffers as
// long as the row. Results over rows (the gradients of a bias or a gain) are sums of pieces' sums.
//
// How sums are cut depends on the program alone, so results are the same bit for bit for every pool
// and every run. Sums are trees: at most eight blocks of rows are added one after the other, then
// eight of those sums, so that rounding errors grow with the logarithm of the number of rows. Runs in
// which an output shares its memory with an input may differ in the last bits from others.
//
// # Accuracy
//
// Values are those of package vec's kernels, with these exceptions. A product that only one addition or
// sum wants is not rounded before it. Divisions by a row's value or a scalar are off by 0.5001 ulp at
// most, and half the smallest number. In programs with whole rows, a sum of vectors that are all scaled
// by rows' values is made from the sums of the vectors: its error is bounded by the sum of the terms'
// magnitudes, as it was when each term was rounded.
//
// # Cost
//
// A call costs about 0.1 µs, each instruction about 10 ns per block, and memory is allocated only
// when goroutines run a kernel for the first time. A matrix whose columns lie dense is read where it
// is; others are copied block by block, transposed ones 16 rows at a time (about 1 ns an element).
package loop
