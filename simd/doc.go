// Package simd is a GoMLX backend in Go and assembly. Importing it registers the backend "simd":
//
//	import _ "github.com/lemma-ml/lemma/simd"
//
// after which GOMLX_BACKEND=simd, or backends.NewWithConfig("simd:parallelism=2"), chooses it. It
// needs no library and no cgo. Every operation of GoMLX's builders works, on booleans, integers,
// floats and complex numbers; nothing is delegated to another backend.
//
// A computation is recorded by [Builder] as a graph of operations with one result each (internal/ir),
// rewritten into a cheaper one (internal/rewrite), laid out as steps over memory (internal/plan), and
// executed by [Executable].
//
//	what                                             where
//	New, Backend, options                            backend.go, config.go, capabilities.go
//	buffers, memory, how large both may be           buffer.go, memory.go, limit.go
//	Builder: parameters, constants, errors           builder.go
//	  elementwise operations                         elementwise.go, compare.go
//	  reshaping, cutting, joining                    move.go
//	  reductions, windows                            reduce.go
//	  gather and scatter                             index.go
//	  products and convolutions                      contract.go
//	  batch normalisation                            batchnorm.go
//	  random bits, FFT, one device                   special.go
//	Executable, compilation                          executable.go, program.go
//	Explain, traces, Peak                            explain.go, usage.go, trace.go, peak.go
//
// # Numbers
//
// Arithmetic is IEEE: NaN passes through Max, Min, Clamp and the reductions with them, exp overflows
// to infinity and underflows through denormal numbers to 0. Sums are taken in several lanes or in
// pairs, in an order that depends on the shapes alone: results are the same bit for bit for every
// number of goroutines and every run. Float16 and BFloat16 are computed in float32 and rounded to
// nearest even. Integers wrap; x/0 = -1 and x%0 = x; shifts by the width or more give 0, or the sign.
// Floats become integers by dropping the fraction; what does not fit becomes the nearest that does,
// and NaN 0.
//
// Compiling may change the last bits of a result, never by more than the error of the operations
// themselves, and not whether it is finite: a product that is only added is added before it is rounded,
// quotients by a row's value are products with its reciprocal and a correction, sums of products are
// contractions. The exceptions are listed in internal/rewrite; passes=off computes each operation by
// itself.
//
// Random bits depend on the state alone, but differ from those of other backends: draw what must be
// the same everywhere on the host.
//
// # Memory
//
// Buffers are Go memory, aligned to 64 bytes and shared with the caller. What is finalized waits for
// the next buffer of about its size, and is given back once a garbage collection finds it unused.
// Donated inputs are finalized by the execution, which may put outputs in their place. Intermediate
// values share one arena for each running execution. [Backend.Memory] tells how much there is.
//
// Go ends a program that asks for memory which is not there, so that what can never succeed is an error
// before: of the operation if its result has more than 2^40 bytes, stored or not, and of Compile if the
// outputs and intermediate values of one execution have more than the machine's memory and swap space
// (2^40 bytes where the system is not Linux). That there is enough left is not looked at.
//
// An execution runs to its end: GoMLX gives a backend no context to be cancelled by, so programs that
// take long are cancelled between executions. Finalize waits for those that run.
//
// # What is slow
//
// [Backend.Explain] lists the executables, those that took most time first: how often each was executed
// and for how long, and its steps: what was fused into which, how large the products are, what is read
// and written. A program that has made a graph.Exec of a backend, or has trained with it, ends with
//
//	fmt.Print(backend.(*simd.Backend).Explain())
//
// before it finalizes what it made ([Explain], the function, is for those who hold an executable). The
// option trace=file, or GOMLX_SIMD_TRACE=file, writes the time of every step
// of every execution as a Chrome trace, which chrome://tracing and ui.perfetto.dev show. The option
// passes=-name,… leaves parts of the compiler out; an unknown name lists them all. [Peak] measures
// what the processor could do.
//
// # Tests
//
// Every operation is compared with its definition in float64, exact integers or sets of bits, and
// with GoMLX's backend go: arrays of all types and of ranks 0 to 6, without elements, broadcast in all
// ways, with NaN, infinities and denormal numbers; compiled, with all passes off, on constants, and bit
// for bit on one and on three goroutines. Programs drawn at random follow: with their gradients, on go,
// on simd and with all passes off (random_test.go); of all types and nearly all operations, bit for bit
// as without passes (mixture_test.go); of products, sums, windows and convolutions of whole numbers, by
// their definitions (structure_test.go). range_test.go has numbers near the ends of the range, which no
// pass may make infinite or NaN. Package tests/gomlx runs GoMLX's own tests:
// 450 tests and subtests pass on go and on simd, 121 on simd alone, none on go alone; 5 fail on both, as
// they compare with random numbers and rounding errors of XLA's own.
//
// Instructions are chosen at run time. The tests pass with fewer of them, and on other processors:
//
//	GODEBUG=cpu.avx512f=off go test -short ./simd/...           AVX2
//	GODEBUG=cpu.avx2=off,cpu.avx512f=off go test -short ./simd/...
//	                                                            Go, for want of AVX2
//	go test -short -tags noasm ./simd/...                       Go, without assembly in the program
//	go run ./tests/avx512 ./simd/internal/gemm                  AVX-512, on an emulated processor
//	GOARCH=arm64 go test -short -timeout 1h -exec qemu-aarch64 ./simd/...
//	                                                            NEON, under QEMU: 15 minutes of one processor
//
// # Speed
//
// PyTorch's time over ours, the median and the quartiles of seven rounds, as
//
//	lemma bench -backend simd -rounds 7 -time 400ms
//
// prints it: PyTorch 1.13 (eager, OpenBLAS) on two cores of an AMD EPYC Milan, float32 where nothing else
// is said. One thread is compared by processor time, two by the clock.
//
//	work                      1 thread            floor   2 threads            floor
//	gemm 128x128x128          1.21 (1.16 to 1.24)  1.00    1.07 (0.85 to  1.14)  0.95
//	gemm 256x256x256          1.12 (1.05 to 1.13)  1.00    1.00 (0.89 to  1.01)  0.95
//	gemm 512x512x512          1.07 (0.96 to 1.08)  1.00    1.08 (1.05 to  1.08)  0.95
//	gemm 1024x1024x1024       0.93 (0.87 to 0.93)  1.00    1.02 (0.98 to  1.03)  0.95
//	gemm 2048x2048x2048       0.93 (0.87 to 0.96)  1.00    0.99 (0.91 to  0.99)  0.95
//	gemm 64x784x256           1.08 (0.99 to 1.12)  1.00    1.12 (1.10 to  1.26)  0.95
//	gemm 128x784x256          1.13 (1.09 to 1.13)  1.00    1.11 (1.05 to  1.11)  0.95
//	gemm 784x128x256          1.12 (1.10 to 1.16)  1.00    1.23 (1.22 to  1.23)  0.95
//	gemm 128x256x10           1.40 (1.33 to 1.43)  1.00    2.13 (1.74 to  2.87)  0.95
//	gemm 1024x128x512         1.19 (1.15 to 1.20)  1.00    1.36 (1.17 to  1.47)  0.95
//	gemm 1024x512x128         1.15 (1.08 to 1.26)  1.00    1.29 (1.12 to  1.34)  0.95
//	gemm 512x512x512 f64      0.98 (0.95 to 0.99)  0.95    0.99 (0.97 to  1.04)  0.95
//	gemm 1024x1024x1024 f64   0.90 (0.78 to 0.90)  0.95    0.97 (0.89 to  1.02)  0.95
//	gemm 2048x2048x2048 f64   0.84 (0.83 to 0.87)  0.95    0.90 (0.87 to  1.02)  0.95
//	chain                     5.53 (5.49 to 5.96)  5.00    5.77 (5.05 to  6.69)  5.00
//	softmax                   1.67 (1.62 to 1.83)  2.00    1.57 (1.39 to  1.87)  2.00
//	layer norm                1.24 (1.13 to 1.43)  2.00    1.29 (1.25 to  1.54)  2.00
//	mlp sgd                   1.39 (1.31 to 1.47)  1.50   15.02 (5.07 to 17.17)  1.50
//	mlp adam                  1.74 (1.61 to 1.75)  2.00   16.21 (4.52 to 16.31)  2.00
//	transformer               1.14 (1.04 to 1.31)  1.30    4.95 (3.21 to  5.24)  1.30
//	convnet                   1.91 (1.82 to 1.93)  1.00    1.83 (1.27 to  2.16)  1.00
//	trivial                   3.20 (2.94 to 3.22)  -       3.47 (3.37 to  3.56)  -
//
// Floors are what we want to reach. Of the multiply-adds that the processor can do, products reach 70 to
// 87 % in float32 and 63 to 69 % in float64, where OpenBLAS has 74 to 82 and 67 to 75: beyond 512 rows
// the tiles wait for the caches. A step of the MLP is 105 MFLOP, 1.0 ms of the 1.4 that it takes, so that
// 2x PyTorch would be the peak itself. Softmax and layer norm move at 30 and 20 % of what a copy does: they
// are limited by instructions, about 17 and 20 cycles for a vector of eight numbers, of which 13 are loads
// in layer norm. A machine that runs other work loses the second thread first: nobody here spins, and a
// thread that sleeps has to be woken, 7 µs at best. The large ratios of training on two threads say more
// of PyTorch's threads on that machine, whose steps took twice as long on two as on one.
package simd
