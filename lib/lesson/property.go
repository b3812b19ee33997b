package lesson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Property is what must hold for every input of a function.
type Property[I any] struct {
	Name  string              // plain: "Φ(ρ) + Φ(-ρ) = 1/2"
	Check func(I) *Difference // nil where it holds; must not keep or change the input
}

// Difference is what was found in place of what must be.
type Difference struct{ Got, Want string }

// Gen makes inputs.
type Gen[I any] struct {
	Corners []I                  // tried first, the simplest first
	Draw    func(r *rand.Rand) I // one at random
	Smaller func(I) []I          // inputs simpler than this, the simplest first; each chain of them ends
	Show    func(I) string       // as a reader would write it: "rho = 0.5"
}

// Checker says how to look. The zero value is what lemma check takes.
type Checker struct {
	Seed   uint64             // of the streams named after the properties
	Cases  int                // random inputs for each property; 0 means 200
	Before func(input string) // told each input before the function sees it; may be nil

	Properties, Inputs int // counts what was looked at
}

// Counterexample is an input for which a property fails.
type Counterexample struct {
	Property string `json:"property"`
	Input    string `json:"input"`
	Got      string `json:"got"`
	Want     string `json:"want"`
	Smaller  int    `json:"smaller,omitempty"` // how often the input was made smaller
}

// String is the counterexample in four lines.
func (c *Counterexample) String() string {
	return fmt.Sprintf("property  %s\ninput     %s\ngot       %s\nwant      %s", c.Property, c.Input, c.Got, c.Want)
}

// maxSmaller bounds the inputs that are tried to make a counterexample smaller.
const maxSmaller = 2000

// Find returns the smallest input it can find on which a property fails, or nil. Properties are
// looked at in their order, each on the corners and on random inputs of its own stream. A panic of
// the function is a failure of the property: it is got in place of a value.
func Find[I any](c *Checker, g Gen[I], properties ...Property[I]) *Counterexample {
	cases := c.Cases
	if cases == 0 {
		cases = 200
	}
	try := func(p Property[I], in I) (d *Difference) {
		c.Inputs++
		if c.Before != nil {
			c.Before(g.Show(in))
		}
		defer func() {
			if err := recover(); err != nil {
				d = &Difference{Got: "a panic: " + panicText(err), Want: "a value"}
			}
		}()
		return p.Check(in)
	}
	for _, p := range properties {
		c.Properties++
		r := rng.Stream(c.Seed, "property "+p.Name)
		for i := range len(g.Corners) + cases {
			var in I
			if i < len(g.Corners) {
				in = g.Corners[i]
			} else {
				in = g.Draw(r)
			}
			d := try(p, in)
			if d == nil {
				continue
			}
			smaller := 0
			for tried := 0; tried < maxSmaller; {
				next := false
				for _, s := range g.Smaller(in) {
					if tried++; tried > maxSmaller {
						break
					}
					if e := try(p, s); e != nil {
						in, d, next = s, e, true
						smaller++
						break
					}
				}
				if !next {
					break
				}
			}
			return &Counterexample{Property: p.Name, Input: g.Show(in), Got: d.Got, Want: d.Want, Smaller: smaller}
		}
	}
	return nil
}

// panicText is the message of a panic in one line.
func panicText(v any) string {
	s := fmt.Sprint(v)
	if err, ok := v.(runtime.Error); ok {
		s = strings.TrimPrefix(err.Error(), "runtime error: ")
	}
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// Near is the difference of two numbers that must agree to tol, or nil. NaN agrees with nothing.
func Near(got, want, tol float64) *Difference {
	if math.Abs(got-want) <= tol {
		return nil
	}
	g, w := Short(got), Short(want)
	if math.IsNaN(got) && math.IsNaN(want) {
		w = "a number"
	} else if g == w { // differ beyond the sixth digit
		g, w = fmt.Sprintf("%.15g", got), fmt.Sprintf("%.15g", want)
	}
	return &Difference{g, w}
}

// Real returns inputs in [lo, hi], shown as "name = 0.5". Corners outside of it are an error of the
// caller's that Draw does not see: they are tried as they are, for inputs that rounding makes.
func Real(name string, lo, hi float64, corners ...float64) Gen[float64] {
	return Gen[float64]{
		Corners: corners,
		Draw:    func(r *rand.Rand) float64 { return lo + (hi-lo)*r.Float64() },
		Smaller: func(x float64) []float64 { return SmallerReals(x, lo, hi) },
		Show:    func(x float64) string { return name + " = " + exact(x) },
	}
}

// SmallerReals returns numbers of [lo, hi] simpler than x: fewer digits, then closer to 0, then
// positive. The simplest come first.
func SmallerReals(x, lo, hi float64) []float64 {
	var out []float64
	add := func(v float64) {
		if v >= lo && v <= hi && simpler(v, x) {
			for _, o := range out {
				if o == v {
					return
				}
			}
			out = append(out, v)
		}
	}
	for _, v := range []float64{0, 1, -1, 2, -2, 3, -3, .5, -.5, math.Trunc(x), roundTo(x, 1), roundTo(x, 2), roundTo(x, 3), roundTo(x, 5), math.Round(10*x) / 10, math.Trunc(x / 2)} {
		add(v)
	}
	return out
}

// simpler orders numbers by how a person would write them.
func simpler(a, b float64) bool {
	if la, lb := len(exact(math.Abs(a))), len(exact(math.Abs(b))); la != lb {
		return la < lb
	}
	if math.Abs(a) != math.Abs(b) {
		return math.Abs(a) < math.Abs(b)
	}
	return a > b
}

// exact writes a float64 with all its digits.
func exact(x float64) string {
	if x == 0 {
		return "0"
	}
	return fmt.Sprintf("%v", x)
}

// SmallerInts returns whole numbers from lo up that are below n, for inputs such as a count.
func SmallerInts(n, lo int) []int {
	var out []int
	for _, v := range []int{lo, lo + 1, lo + 2, (lo + n) / 2, n - 1} {
		if v >= lo && v < n && (len(out) == 0 || v > out[len(out)-1]) {
			out = append(out, v)
		}
	}
	return out
}

// ShowVector writes a vector as Go would: {0.5, 1}.
func ShowVector(v []float64) string {
	words := make([]string, len(v))
	for i, x := range v {
		words[i] = exact(x)
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// ShowRows writes a matrix by its rows: {{1, 0}, {0, 1}}.
func ShowRows(x [][]float64) string {
	words := make([]string, len(x))
	for i, row := range x {
		words[i] = ShowVector(row)
	}
	return "{" + strings.Join(words, ", ") + "}"
}

// SmallerVectors returns vectors of the same length in which one entry is a simpler number of
// [-most, most].
func SmallerVectors(v []float64, most float64) [][]float64 {
	var out [][]float64
	for i := range v {
		for _, s := range SmallerReals(v[i], -most, most) {
			w := append([]float64(nil), v...)
			w[i] = s
			out = append(out, w)
		}
	}
	return out
}
