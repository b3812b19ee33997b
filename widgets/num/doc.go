// Package num writes numbers the way a reader of a figure or a claim card sees them: a real minus
// sign, powers of ten with superscripts, narrow spaces between thousands, a fixed number of
// significant digits.
//
//	-0.00123   →  −0.00123
//	1.5e-07    →  1.5×10⁻⁷
//	1234567    →  1 234 567  (narrow spaces)
//	NaN, +Inf  →  NaN, ∞
//
//	output                                            function     test
//	v with d significant digits                       Format       TestFormat
//	v with d decimals, as on one axis                 Fixed        TestFixed
//	10⁻³                                              Power        ExamplePower
//	characters raised                                 Superscript  ExamplePower
//
// An example:
//
//	num.Format(-0.0123456, 3) // −0.0123
//	num.Fixed(0.5, 2)         // 0.50
package num
