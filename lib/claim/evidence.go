package claim

import (
	"fmt"
	"math"
)

// Relation says how the measured value must stand to the theory's.
type Relation string

// The relations. A tolerance t widens each: |measured-theory| ≤ t, measured ≤ theory + t,
// measured ≥ theory - t.
const (
	Equal   Relation = "="
	AtMost  Relation = "<="
	AtLeast Relation = ">="
)

// Tolerance is how far apart the two values may be, and why.
type Tolerance struct {
	Value float64
	Cause string
}

// Exact is no tolerance at all, for counts and for bounds that hold without slack.
var Exact = Tolerance{0, "exact"}

// Rounding is the tolerance of float64 arithmetic: the given number of units of 2⁻⁵² times scale.
func Rounding(scale, units float64) Tolerance {
	return Tolerance{math.Abs(scale) * units * 0x1p-52, fmt.Sprintf("float64 rounding, %g units of 2⁻⁵² at scale %.3g", units, math.Abs(scale))}
}

// Sampling is 4·sd/√n, four standard errors of a mean of n draws with standard deviation sd.
func Sampling(sd float64, n int) Tolerance {
	return Tolerance{4 * sd / math.Sqrt(float64(n)), fmt.Sprintf("sampling, 4·sd/√n with sd = %.3g, n = %d", sd, n)}
}

// Printed digits of a golden value: half a unit of the last one would be exact, a whole unit allows
// for the way it was rounded.
func Digits(unit float64) Tolerance {
	return Tolerance{unit, fmt.Sprintf("one unit of the last printed digit, %g", unit)}
}

// Because is a tolerance with a cause in words: "truncation at O(η)", "finite width c/√m".
func Because(value float64, cause string) Tolerance { return Tolerance{value, cause} }

// Evidence is one comparison of a theory value with a measured one, reached by separate routes.
type Evidence struct {
	Name      string    // what is compared: "λ₁ of H*, n = 200"
	Theory    float64   // what the statement says
	Measured  float64   // what was found
	Relation  Relation  // Equal unless set
	Tolerance Tolerance // and its cause
	Printed   bool      // Theory is the book's wrong text: this comparison must fail
	Trivial   float64   // for bounds: the value that holds without any theorem, such as 1 for an error rate; 0 means none
	Coarse    string    // why the measurement cannot tell, if it cannot; makes a pass inconclusive
}

// Equals returns evidence that measured equals theory within tol.
func Equals(name string, theory, measured float64, tol Tolerance) Evidence {
	return Evidence{Name: name, Theory: theory, Measured: measured, Relation: Equal, Tolerance: tol}
}

// Below returns evidence that measured is at most bound.
func Below(name string, bound, measured float64, tol Tolerance) Evidence {
	return Evidence{Name: name, Theory: bound, Measured: measured, Relation: AtMost, Tolerance: tol}
}

// Above returns evidence that measured is at least bound.
func Above(name string, bound, measured float64, tol Tolerance) Evidence {
	return Evidence{Name: name, Theory: bound, Measured: measured, Relation: AtLeast, Tolerance: tol}
}

// AsPrinted marks the evidence as the book's wrong text, which must be seen to fail.
func (e Evidence) AsPrinted() Evidence {
	e.Printed = true
	return e
}

// Within reports whether the comparison itself is satisfied. Values that are not finite never are.
func (e Evidence) Within() bool {
	d := e.Measured - e.Theory
	if math.IsNaN(d) || math.IsInf(d, 0) || !(e.Tolerance.Value >= 0) || math.IsInf(e.Tolerance.Value, 0) {
		return false
	}
	switch e.Relation {
	case AtMost:
		return d <= e.Tolerance.Value
	case AtLeast:
		return -d <= e.Tolerance.Value
	default:
		return math.Abs(d) <= e.Tolerance.Value
	}
}

// Verdict of this piece alone. A printed statement holds its place in the evidence by failing, and
// fails it by being within tolerance or by not being a number.
func (e Evidence) Verdict() Verdict {
	ok := e.Within()
	if e.Printed {
		d := e.Measured - e.Theory
		ok = !ok && !math.IsNaN(d)
	}
	switch {
	case !ok:
		return Fails
	case e.Coarse != "":
		return Inconclusive
	}
	return Holds
}

// Tightness of a bound: bound / measured for AtMost, measured / bound for AtLeast, so that 1 is
// tight and larger is looser; NaN for an equality, or where either of the two is zero.
func (e Evidence) Tightness() float64 {
	r := math.NaN()
	switch {
	case e.Relation == AtMost && e.Measured != 0:
		r = e.Theory / e.Measured
	case e.Relation == AtLeast && e.Theory != 0:
		r = e.Measured / e.Theory
	}
	if math.IsInf(r, 0) || r == 0 {
		return math.NaN()
	}
	return r
}

// Vacuous reports whether a bound says no more than what holds without it.
func (e Evidence) Vacuous() bool {
	return e.Trivial != 0 && !e.Printed && (e.Relation == AtMost && e.Theory >= e.Trivial || e.Relation == AtLeast && e.Theory <= e.Trivial)
}
