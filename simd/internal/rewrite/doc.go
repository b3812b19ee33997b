// Package rewrite turns a program into a cheaper one with the same values: ir to ir. It executes
// nothing by itself; constant folding calls the evaluator it is given.
//
// Nodes are visited once in order, and each is offered to the rules before it is added to the new
// graph. A rule sees operands that are in their final form, and may answer with another node. What
// a rule creates is offered to the rules again. Rounds follow until no rule fires.
//
// # Passes
//
//	name      file         what
//	dead      dead.go      nodes that no output needs are dropped; parameters stay
//	cse       cse.go       equal operations on equal operands become one, constants by value
//	fold      fold.go      operations on constants are computed, in bounded memory
//	mask      mask.go      Where(c, f(Where(c, x, y)), z) without the inner choice
//	arith     arith.go,    x·1, x/1, x-0, --x, x^2, x/2^k, min and max of one value
//	          convert.go,  conversions that lose nothing
//	          sign.go      what cannot be negative
//	select    select.go    Where and logic with known conditions, chains of Where
//	views     views.go,    transpose, broadcast, slice, reverse, pad, concatenate in chains
//	          reshape.go   reshape of reshape and of broadcast
//	reduce    reduce.go    reductions over single elements, broadcasts, transposes, reductions
//	sink      sink.go      f(broadcast x, broadcast y) = broadcast f(x, y), and the same for reshapes
//	join      join.go      sums of arrays padded with zeros as concatenations
//	dot       dot.go       DotGeneral of floats as Contract
//	conv      conv.go      ConvGeneral of floats as Pad and Contract
//	dilated   dilated.go   convolutions of dilated inputs without the multiplications by zero
//	pool      pool.go      pooling over small windows as elementwise work on slices
//	scale     scale.go,    constant factors joined, and taken out of sums; in sums,
//	          bound.go     divisions as multiplications
//	contract  contract.go  ReduceSum(Mul(x, y)) as Contract where it is like a matrix product
//	absorb    absorb.go    Transpose, Reshape and BroadcastInDim around a Contract become its indices
//
// # What stays the same
//
// Values of integers, booleans and bits are the same. Floating point values are the same bit for bit,
// but for the sign and payload of NaNs, if the same functions evaluate both programs, with the exceptions
// below. Compiled programs are evaluated by others than single operations and folded constants: Exp, Log,
// Tanh and what else packages vec and elem say they do not round correctly differ by the sum of the two
// errors given there, mostly a unit in the last place.
//
//   - Pow with the exponents -2, 3 and 4 becomes at most two multiplications and a division: an error
//     of at most 1.5 ulp.
//   - A sum of k equal elements becomes a product, which rounds once instead of k times.
//   - Sums of sums, of windows and of products add in another order, and a sum with zeros may keep the
//     sign of a -0, as join does. Sums of products of 16-bit floats are rounded once, at the end.
//   - Constant factors are multiplied with each other first, and those of a sum that make its terms no
//     smaller are applied to the sum; in sums, divisors that are not tiny become factors. That changes
//     roundings. What would not have been infinite or NaN is not, but for products of matrices with a
//     scalar between 2^-100 and 2^100 (2^±1000 for float64) or one that is not constant, which is applied
//     to the sums; of float16, with a constant that makes no term smaller.
//   - A sum that only one factor of a product depends on is made before the multiplication: of infinite
//     factors there are fewer NaN, since ∞·1 + ∞·0 is one and ∞·(1+0) is not.
//   - The zeros between the elements of a dilated convolution's input may be left out, where evaluation
//     multiplies with them: of infinite kernels there are fewer NaN.
//
// Operations on infinities and NaN are never dropped: x·0 stays.
package rewrite
