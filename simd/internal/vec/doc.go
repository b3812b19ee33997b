// Package vec has the block kernels of package elem in assembly: elementwise operations and reductions
// of dense blocks, for float32 and float64 and, where a few instructions do it, for integers, booleans
// and 16-bit floats. What it does not have it gets from elem, so [Map] and [Reduce] have a kernel for
// whatever elem has one for.
//
// # Instruction sets
//
//	avx512  amd64 with AVX512F, DQ, BW and VL
//	avx2    amd64 with AVX2, FMA, BMI2 and F16C
//	neon    arm64: arithmetic, functions and reductions of floats
//	go      everything else, and everything under the build tag noasm: package elem
//
// The best one that the machine has is chosen when the program starts. GODEBUG=cpu.avx512f=off and
// GODEBUG=cpu.avx2=off choose a lower one. [Level] names it.
//
// # What holds for every kernel
//
// Pointers need no alignment. A result may overwrite an operand whose elements have its size, if the
// two begin at the same place. An element's result depends on its operands alone: not on its place in
// the block, the block's length or its neighbours. The remainder of a block that fills no vector goes
// through the same instructions, with loads and stores that leave out what is beyond the end (AVX), or
// an element at a time (NEON).
//
// Results do differ in the last places between instruction sets, and from elem: see below.
//
// # Accuracy
//
// Add, Sub, Mul, Div, Max, Min, Clamp, Neg, Abs, Sign, Floor, Ceil, Round, Sqrt, comparisons, Where,
// conversions, integers and booleans give the bits that elem gives; NaN may have other bits. MulAdd
// rounds once. Denormal operands and results are kept.
//
// The greatest errors of functions, in units of the last place: of float32 over all 2^32 arguments (e),
// or every 4,099th, of float64 over some 12,000 numbers of all magnitudes, against 200 bits and more.
//
//	           float32   float64
//	Exp        3.58 e    1.3
//	Expm1      1.61 e    1.5
//	Log        0.95 e    0.73
//	Log1p      1.50 e    1.3
//	Tanh       3.63 e    2.0
//	Logistic   3.20 e    2.6
//	Erf        2.45 e    0.91
//	Sin        1.44      1.5
//	Cos        1.55      1.4
//	Rsqrt      1.48      1.4
//	Pow        0.51      1.7
//
// Tanh is never beyond 1, and 1 from 9.01 on. NEON's errors are no greater (float32: over every 65,537th
// argument). Sin and Cos of |x| >= 2^30, and Pow of infinities, NaN and denormals (float64), are computed by elem, an
// element at a time; for NEON so are all of Erf, Sin, Cos and Pow of float32, and Pow of float64.
//
// Sums and products are those of [Reduce]: several partial results, in an order that is a function of
// the length alone.
//
// # Speed
//
// Billions of elements a second on one thread, of blocks of 1,024 in cache, and beside it PyTorch 1.13
// (tensors of 16,384, results in place); AVX2 on Zen 3, while other programs kept the machine busy:
//
//	           float32        float64
//	Add        19.2   5.4     9.9   2.8
//	Max        12.3   5.5     6.3   3.0
//	Div         7.6           2.9
//	Sqrt        5.2   4.0     1.5   1.3
//	Exp         3.9   1.3     1.0   0.50
//	Expm1       3.1   0.46    1.0   0.23
//	Log         2.5   0.73    0.89  0.28
//	Log1p       1.9   0.70    0.66  0.26
//	Tanh        3.7   0.37    0.87  0.17
//	Logistic    2.9   1.2     0.76  0.44
//	Erf         1.9   0.25    0.29  0.08
//	Sin         1.3   0.81    0.90  0.37
//	Pow         0.35  0.19    0.01  0.09
//	LessThan   13.6   1.4
//	Where      14.1
//	ReduceSum  28.9   6.3
//	ReduceMax  14.0   6.4
//
// Arithmetic is bound by loads and stores in the first level of cache. go test -bench . repeats it.
//
// # What is where
//
//	vec.go       Map, MapScalar, Reduce, MulAdd, Level
//	fill.go      Fill
//	half.go      16-bit floats by way of float32
//	logic.go     booleans, eight at a time
//	hard.go      kernels that leave some elements to elem
//	level*.go    which instruction set, and its table of kernels
//	gen          the generator, where kernels are described
//	*_amd64.s, *_arm64.s, kernels_*.go   generated
package vec

//go:generate sh -c "cd gen && go run ."
