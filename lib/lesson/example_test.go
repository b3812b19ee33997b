package lesson_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/lib/lesson"
)

func ExampleParseExpr() {
	e, err := lesson.ParseExpr("(π - arccos(ρ))/(2π)", "ρ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Eval(0), e.Eval(1))
	_, err = lesson.ParseExpr("1/2ρ", "ρ")
	fmt.Println(err)
	// Output:
	// 0.25 0.5
	// character 4: not clear what ρ belongs to: write parentheses, or *
}

func ExampleAnswer_Check() {
	a := lesson.Answer{
		Prompt: "the trace of $H^*$ for $n$ unit inputs", Reference: "n/2",
		Variables: []lesson.Variable{{Name: "n", Low: 1, High: 50, Whole: true}},
		Traps:     []lesson.Trap{{Answer: "n", Say: "the factor 1/2 is missing."}},
	}
	for _, typed := range []string{"n/2", "0.5 n", "n", "n^2/2", "n/"} {
		fmt.Println(a.Check(typed).Text)
	}
	// Output:
	// Right.
	// Right.
	// Not right: the factor 1/2 is missing.
	// Not right: at n = 26 yours is 338, the right value is 13.
	// Cannot be read: character 3: something is missing at the end.
}

// A property that fails is shown on the simplest input that breaks it.
func ExampleFind() {
	square := func(x float64) float64 { return x * x }
	wrong := lesson.Find(&lesson.Checker{}, lesson.Real("x", -10, 10), lesson.Property[float64]{
		Name: "f(x) >= |x|",
		Check: func(x float64) *lesson.Difference {
			if got := square(x); got < max(x, -x) {
				return &lesson.Difference{Got: lesson.Short(got), Want: "at least " + lesson.Short(max(x, -x))}
			}
			return nil
		},
	})
	fmt.Println(wrong)
	// Output:
	// property  f(x) >= |x|
	// input     x = 0.5
	// got       0.25
	// want      at least 0.5
}
