package tex

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// No formula may cost more than its bounds: macros that double, call themselves or nest.
func TestBounds(t *testing.T) {
	bomb := `\def\a{xx}`
	for c := 'b'; c <= 'z'; c++ {
		bomb += `\def\` + string(c) + `{\` + string(c-1) + `\` + string(c-1) + `}`
	}
	for _, row := range []struct{ reason, src string }{
		{"doubling", bomb + `\z`},
		{"endless", `\def\a{\a}\a`},
		{"endless and growing", `\def\a{x\a}\a`},
		{"endless and growing behind", `\def\a{\a x}\a`},
		{"nested groups", strings.Repeat("{", 10000) + strings.Repeat("}", 10000)},
		{"nested scripts", strings.Repeat("x^", 10000) + "x"},
		{"nested roots", strings.Repeat(`\sqrt`, 10000) + "x"},
		{"nested fences", strings.Repeat(`\left(`, 10000)},
		{"nested text", `\text{` + strings.Repeat(`{`, 10000)},
		{"nested text and mathematics", strings.Repeat(`\text{$`, 5000)},
		{"arguments that grow", `\def\a#1{\a{#1#1#1#1}}\a{xxxx}`},
		{"too long", strings.Repeat("x ", maxSource)},
		{"many tokens", strings.Repeat("x", maxTokens+1)},
	} {
		if s, err := New(nil).Convert(row.src, true); err == nil {
			t.Errorf("%s: %d bytes of output and no error", row.reason, len(s))
		}
	}
	// The longest formula that is accepted stays small.
	s, err := New(nil).Convert(strings.Repeat("+", maxTokens-1), true)
	if err != nil || len(s) > 4<<20 {
		t.Errorf("%d operators: %d bytes, %v", maxTokens-1, len(s), err)
	}
}

// wellFormed reports how the elements of s nest, and fails on any that HTML would move.
func wellFormed(t *testing.T, src, s string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(s))
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Fatalf("%q: not closed: %v in %s", src, open, s)
			}
			return
		case html.StartTagToken:
			name, _ := z.TagName()
			if string(name) != "wbr" {
				open = append(open, string(name))
			}
			if len(open) > 500 {
				t.Fatalf("%q: %d elements deep", src, len(open))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("%q: </%s> closes %v in %s", src, name, open, s)
			}
			open = open[:len(open)-1]
		}
	}
}

func FuzzConvert(f *testing.F) {
	for _, s := range formulas {
		f.Add(s)
	}
	for _, s := range []string{`\left(\middle|\right)`, `\begin{cases}&\\\end{cases}`, `x'^2_3`, `\text{$`, `\def\a#1{#1}\a\a\a`,
		`\\`, `\tag{1}`, `a\\b\tag*{x}`, "\x00\xff", `\sqrt[`, `\color{red}`, `\not`, `\kern3`, `{\bf x`, `\substack{a\\b}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, display := range []bool{true, false} {
			s, err := New(nil).Convert(src, display)
			var e *Error
			switch {
			case err == nil:
				wellFormed(t, src, s)
				if len(s) > 2000+len(src)*600 && len(s) > 8<<20 {
					t.Fatalf("%d bytes from %d", len(s), len(src))
				}
			case !errors.As(err, &e) || e.Pos < 0 || e.Pos > len(src):
				t.Fatalf("%q: error %v", src, err)
			default:
				wellFormed(t, src, ErrorBox(src, err))
			}
		}
		if s, err := New(nil).Inline(src, 5); err == nil {
			wellFormed(t, src, s)
		}
	})
}
