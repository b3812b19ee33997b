package lesson

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Answer is one thing a reader works out and types into the page: a number, or a formula in some
// variables. A formula is checked at the sample points of its variables, so that any way to write it
// is right; so is a number, which may be typed as a formula: 1/4, sqrt(2)/2.
type Answer struct {
	Prompt    string     `json:"prompt"`              // what is asked, Markdown with TeX
	Reference string     `json:"reference"`           // the right answer as an expression
	Variables []Variable `json:"variables,omitempty"` // none: the answer is a number
	Tolerance float64    `json:"tolerance,omitempty"` // of a number: how far off is still right; 0 means 1e-6 of its size
	Cause     string     `json:"cause,omitempty"`     // why that tolerance, plain: "three digits are asked for"
	Right     string     `json:"right,omitempty"`     // said to a right answer: what it means
	Traps     []Trap     `json:"traps,omitempty"`     // wrong answers that many give, with what went wrong
}

// Variable is a variable of an answer with the range of its sample points.
type Variable struct {
	Name  string  `json:"name"`            // as typed: "rho"
	Also  string  `json:"also,omitempty"`  // another way to type it: "ρ"
	Low   float64 `json:"low"`             // sample points lie in [Low, High]
	High  float64 `json:"high"`            //
	Whole bool    `json:"whole,omitempty"` // whole numbers only
}

// Shown is the name of the variable in replies.
func (v Variable) Shown() string {
	if v.Also != "" {
		return v.Also
	}
	return v.Name
}

// Trap is a wrong answer that has a reason.
type Trap struct {
	Answer string `json:"answer"` // an expression in the same variables
	Say    string `json:"say"`    // what went wrong, plain text
}

// Verdict on an answer.
type Verdict string

// The verdicts.
const (
	Right     Verdict = "right"
	Wrong     Verdict = "wrong"
	Malformed Verdict = "malformed" // cannot be read: nothing is said about right or wrong
)

// Reply is what a reader hears.
type Reply struct {
	Verdict Verdict
	Text    string // plain; Answer.Right is shown beside it
}

// equalTo is the relative difference up to which two formulas are the same: rounding of any way to
// compute them, far below any difference that means something.
const equalTo = 1e-9

// closeTo is the relative difference of a number that was rounded by its reader rather than mistaken.
const closeTo = 0.01

// samples is the number of sample points of a formula.
const samples = 24

// Sampled is an expression at the sample points of an answer's variables: what a page needs to check
// a formula without the formula itself.
type Sampled struct {
	Points [][]float64 // by point, then variable
	Values []float64
	Scale  float64 // mean |value|
}

// Names are all ways to type the variables; index k stands for variable k % len(Variables).
func (a *Answer) Names() []string {
	var first, also []string
	for _, v := range a.Variables {
		first, also = append(first, v.Name), append(also, v.Shown())
	}
	return append(first, also...)
}

// at evaluates e at a sample point.
func (a *Answer) at(e *Expr, point []float64) float64 {
	return e.Eval(append(append(make([]float64, 0, 2*len(point)), point...), point...)...)
}

// Sample evaluates an expression in the answer's variables. For a number there is one point without
// coordinates.
func (a *Answer) Sample(expression string) (*Sampled, error) {
	e, err := ParseExpr(expression, a.Names()...)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", expression, err)
	}
	s := &Sampled{Points: a.points()}
	for _, p := range s.Points {
		v := a.at(e, p)
		s.Values = append(s.Values, v)
		s.Scale += math.Abs(v) / float64(len(s.Points))
	}
	return s, nil
}

// points of a Halton sequence in the box of the variables, rounded to three digits so that a
// counterexample can be read and tried.
func (a *Answer) points() [][]float64 {
	if len(a.Variables) == 0 {
		return [][]float64{{}}
	}
	out := make([][]float64, samples)
	for i := range out {
		for k, v := range a.Variables {
			x := v.Low + (v.High-v.Low)*radicalInverse(i+1, primes[k%len(primes)])
			if v.Whole {
				x = math.Round(x)
			} else {
				x = roundTo(x, 3)
			}
			out[i] = append(out[i], math.Min(math.Max(x, v.Low), v.High))
		}
	}
	return out
}

var primes = []int{2, 3, 5, 7, 11, 13}

func radicalInverse(n, base int) float64 {
	v, f := 0.0, 1/float64(base)
	for ; n > 0; n /= base {
		v += f * float64(n%base)
		f /= float64(base)
	}
	return v
}

// Margin is how far from a right value v another may be.
func (a *Answer) margin(v, scale float64) float64 {
	if len(a.Variables) > 0 {
		return equalTo * math.Max(math.Abs(v), scale)
	}
	return a.Within()
}

// Within is the tolerance of a number.
func (a *Answer) Within() float64 {
	if a.Tolerance > 0 {
		return a.Tolerance
	}
	e, err := ParseExpr(a.Reference, a.Names()...)
	if err != nil {
		return 0
	}
	return 1e-6 * math.Abs(a.at(e, make([]float64, len(a.Variables))))
}

// differs returns the first sample point at which values are not those of s, or -1.
func (a *Answer) differs(values []float64, s *Sampled) int {
	for i, v := range values {
		if d := math.Abs(v - s.Values[i]); !(d <= a.margin(s.Values[i], s.Scale)) {
			return i
		}
	}
	return -1
}

// Check says what a reader hears who typed text. The page's script says the same.
func (a *Answer) Check(text string) Reply {
	if strings.TrimSpace(text) == "" {
		return Reply{Malformed, "Nothing is typed yet."}
	}
	names := a.Names()
	e, err := ParseExpr(text, names...)
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return Reply{Malformed, fmt.Sprintf("Cannot be read: %v.", syntax)}
	}
	s, err := a.Sample(a.Reference)
	if err != nil {
		return Reply{Malformed, err.Error()}
	}
	values := make([]float64, len(s.Points))
	for i, p := range s.Points {
		values[i] = a.at(e, p)
	}
	bad := a.differs(values, s)
	if bad < 0 {
		return Reply{Right, "Right."}
	}
	for _, trap := range a.Traps {
		if t, err := a.Sample(trap.Answer); err == nil && a.differs(values, t) < 0 {
			return Reply{Wrong, "Not right: " + trap.Say}
		}
	}
	if len(a.Variables) == 0 {
		if !finite(values[0]) {
			return Reply{Wrong, "Not right: this is " + Short(values[0]) + "."}
		}
		if math.Abs(values[0]-s.Values[0]) <= closeTo*math.Abs(s.Values[0]) {
			return Reply{Wrong, fmt.Sprintf("Close, and not equal: %s. Give more digits, or a formula.", Short(values[0]))}
		}
		return Reply{Wrong, fmt.Sprintf("Not right: %s is too %s.", Short(values[0]), map[bool]string{true: "large", false: "small"}[values[0] > s.Values[0]])}
	}
	var where []string
	for k, v := range a.Variables {
		where = append(where, v.Shown()+" = "+Short(s.Points[bad][k]))
	}
	return Reply{Wrong, fmt.Sprintf("Not right: at %s yours is %s, the right value is %s.", strings.Join(where, ", "), Short(values[bad]), Short(s.Values[bad]))}
}

// Validate reports what is wrong with the description.
func (a *Answer) Validate() error {
	var errs []error
	if a.Prompt == "" {
		errs = append(errs, errors.New("no prompt"))
	}
	for _, v := range a.Variables {
		if v.Name == "" || !(v.Low < v.High) {
			errs = append(errs, fmt.Errorf("variable %q in [%g, %g], want a name and a range", v.Name, v.Low, v.High))
		}
	}
	s, err := a.Sample(a.Reference)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for i, v := range s.Values {
		if !finite(v) {
			errs = append(errs, fmt.Errorf("the right answer is %g at %v", v, s.Points[i]))
		}
	}
	if a.Tolerance > 0 && a.Cause == "" {
		errs = append(errs, errors.New("a tolerance without a cause"))
	}
	for _, trap := range a.Traps {
		t, err := a.Sample(trap.Answer)
		if err != nil {
			errs = append(errs, err)
		} else if a.differs(t.Values, s) < 0 {
			errs = append(errs, fmt.Errorf("the trap %q is right", trap.Answer))
		}
	}
	return errors.Join(errs...)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
