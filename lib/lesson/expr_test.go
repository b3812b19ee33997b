package lesson

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
)

// exprCase is a row of testdata/expr.json, which the test of the page's script shares.
type exprCase struct {
	Why   string
	In    string
	Vars  []string
	At    []float64
	Value float64
	Text  string // the value in words, where it is no number
	Pos   int
	Error string
}

func exprCases(t testing.TB) []exprCase {
	data, err := os.ReadFile("testdata/expr.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []exprCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestParseExpr(t *testing.T) {
	for _, c := range exprCases(t) {
		t.Run(c.Why, func(t *testing.T) {
			e, err := ParseExpr(c.In, c.Vars...)
			if c.Error != "" {
				var s *SyntaxError
				if !errors.As(err, &s) || s.Msg != c.Error || s.Pos != c.Pos {
					t.Errorf("%q: got %v, want character %d: %s", c.In, err, c.Pos, c.Error)
				}
				return
			}
			if err != nil {
				t.Fatalf("%q: %v", c.In, err)
			}
			got := e.Eval(c.At...)
			if c.Text != "" {
				if Short(got) != c.Text {
					t.Errorf("%q = %v, want %s", c.In, got, c.Text)
				}
			} else if !(math.Abs(got-c.Value) <= 1e-14*math.Max(1, math.Abs(c.Value))) {
				t.Errorf("%q = %v, want %v", c.In, got, c.Value)
			}
		})
	}
}

// Depth and length are bounded, so that nothing a reader pastes can exhaust a stack.
func TestExprLimits(t *testing.T) {
	for why, src := range map[string]string{
		"parentheses": strings.Repeat("(", 400) + "1" + strings.Repeat(")", 90),
		"signs":       strings.Repeat("-", 400) + "1",
		"powers":      strings.Repeat("2^", 200) + "1",
		"roots":       strings.Repeat("√", 400) + "1",
		"calls":       strings.Repeat("sin(", 110) + "1" + strings.Repeat(")", 50),
		"length":      strings.Repeat("1+", 300) + "1",
	} {
		if _, err := ParseExpr(src); err == nil {
			t.Errorf("%s: no error", why)
		}
	}
	if _, err := ParseExpr(strings.Repeat("1+", 240) + "1"); err != nil {
		t.Errorf("a long sum: %v", err)
	}
}

func TestEvalOfAnotherNumberOfVariables(t *testing.T) {
	e, err := ParseExpr("x+y", "x", "y")
	if err != nil {
		t.Fatal(err)
	}
	if v := e.Eval(1); !math.IsNaN(v) {
		t.Errorf("got %g, want NaN", v)
	}
}

func FuzzParseExpr(f *testing.F) {
	for _, c := range exprCases(f) {
		f.Add(c.In)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := ParseExpr(src, "x", "rho", "ρ")
		if err != nil {
			var s *SyntaxError
			if !errors.As(err, &s) || s.Pos < 1 || s.Pos > len([]rune(src))+1 || s.Msg == "" {
				t.Errorf("%q: %#v", src, err)
			}
			return
		}
		e.Eval(1, 2, 3)
		again, err := ParseExpr("("+src+")", "x", "rho", "ρ")
		if len([]rune(src)) > maxLength-2 || err != nil && strings.Contains(err.Error(), "deep") {
			return
		}
		if err != nil {
			t.Fatalf("%q can be read, in parentheses it cannot: %v", src, err)
		}
		if a, b := e.Eval(.3, .4, .5), again.Eval(.3, .4, .5); a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
			t.Errorf("%q = %v, in parentheses %v", src, a, b)
		}
	})
}
