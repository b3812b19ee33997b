// Package elem computes elementwise operations on blocks of memory in plain Go, for every type: the
// reference that faster kernels are held to, and what runs where there are none.
//
// [Map] gives the kernel of an operation, [Reduce] that of a reduction. Kernels know nothing of
// shapes: they see n elements that lie one after the other. They allocate nothing that lasts, keep
// no state and may run on many goroutines at once.
//
// # What the operations mean
//
//	floats      IEEE 754. Max, Min and Clamp give NaN if any operand is NaN, and +0 is above -0.
//	            Round goes to the even neighbour. Denormals are kept.
//	functions   Exp, Tanh, … of float32 are computed in float64 and rounded once, which leaves less
//	            than 0.501 ulp of error; those of float64 err 1 ulp at most, Rsqrt, Sin and Cos 1.5,
//	            Logistic and Tanh 2.
//	16 bits     float16 and bfloat16 are computed in float32 and rounded to nearest even.
//	integers    Overflow wraps. x/0 is -1 (all bits set), x rem 0 is x, MinInt/-1 is MinInt. A
//	            negative power is 0 unless the base is 1 or -1. Shifts by the width or more, or by
//	            a negative count, give 0 (ShiftRightArithmetic: copies of the top bit).
//	            ShiftRightArithmetic of an unsigned type copies its top bit, as XLA's does.
//	bool        One byte, 0 or 1. Max is or, Min is and; false is below true.
//	complex     complex64 functions are computed in complex128. Equal and NotEqual are the only
//	            comparisons; Sign is x/|x|, and 0 at 0.
//	total order -NaN < -Inf < … < -0 < +0 < … < +Inf < +NaN for floats, the usual one for the rest.
//	conversion  Float to integer truncates and saturates, NaN gives 0. Anything to bool is x ≠ 0 (NaN
//	            is true). Complex to real drops the imaginary part. Everything else rounds once, to
//	            nearest even; integers wrap.
//
// # What is where
//
//	elem.go     Kernel, Map and which types an operation takes and gives
//	loops.go    from functions on slices to kernels
//	arith.go    Add … Clamp, Where, comparisons: what all numbers share
//	integer.go  division, powers, bits, shifts
//	float.go    the operations of floats, total order
//	exp.go      exp and log where package math's are wrong
//	pow.go      powers
//	trig.go     sin and cos next to their zeros
//	half.go     float16, bfloat16
//	complex.go  complex64, complex128
//	convert.go  ConvertDType, all pairs
//	reduce.go   Reducer, Reduce, Binary
//	identity.go Identity
package elem
