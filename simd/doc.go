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
package simd
