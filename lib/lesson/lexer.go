package lesson

import (
	"strconv"
	"strings"
	"unicode"
)

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokNumber
	tokName
	tokRaised // ², ⁻¹
	tokSign   // one of + - * / ^ ( ) , √
)

type token struct {
	kind  tokenKind
	text  string
	value float64 // of a number or a raised one
	pos   int     // character, from 1
	space bool    // white space stands before it
}

// raised are the raised digits in order.
const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹"

// same are other ways to write a sign.
var same = map[rune]string{'−': "-", '–': "-", '·': "*", '×': "*", '⋅': "*", '÷': "/"}

// lex splits an expression into tokens; the last is tokEnd. White space separates.
func lex(src string) ([]token, error) {
	s := []rune(src)
	if len(s) > maxLength {
		return nil, &SyntaxError{maxLength + 1, "longer than 500 characters"}
	}
	var out []token
	space := false
	for i := 0; i < len(s); {
		r, start := s[i], i
		t := token{pos: i + 1, space: space}
		space = false
		switch {
		case unicode.IsSpace(r):
			space = true
			i++
			continue
		case digit(r) || r == '.':
			i = number(s, i)
			v, err := strconv.ParseFloat(string(s[start:i]), 64)
			if err != nil && v == 0 { // an overflow is an infinity, as in the page
				return nil, &SyntaxError{t.pos, string(s[start:i]) + " is not a number"}
			}
			t.kind, t.value = tokNumber, v
		case r == 'π': // a name by itself, so that 2πx is three factors
			t.kind = tokName
			i++
		case letter(r):
			for i < len(s) && s[i] != 'π' && (letter(s[i]) || digit(s[i]) || s[i] == '_') {
				i++
			}
			t.kind = tokName
		case r == '⁻' || indexRune(raised, r) >= 0:
			n := 0.0
			sign := 1.0
			if r == '⁻' {
				sign = -1
				i++
			}
			first := i
			for ; i < len(s) && indexRune(raised, s[i]) >= 0; i++ {
				n = 10*n + float64(indexRune(raised, s[i]))
			}
			if i == first {
				return nil, &SyntaxError{t.pos, "no digit follows the raised sign"}
			}
			t.kind, t.value = tokRaised, sign*n
		case strings.ContainsRune("+-*/^(),√", r) || same[r] != "":
			t.kind, t.text = tokSign, string(r)
			if o := same[r]; o != "" {
				t.text = o
			}
			i++
			if t.text == "*" && r == '*' && i < len(s) && s[i] == '*' {
				t.text = "^"
				i++
			}
			out = append(out, t)
			continue
		default:
			return nil, &SyntaxError{t.pos, string(r) + " is no part of a formula"}
		}
		t.text = string(s[start:i])
		out = append(out, t)
	}
	return append(out, token{kind: tokEnd, pos: len(s) + 1, space: space}), nil
}

// number returns where the number that starts at i ends: digits, a point, an exponent with digits.
func number(s []rune, i int) int {
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && digit(s[i]) {
			i++
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && digit(s[j]) {
			for j < len(s) && digit(s[j]) {
				j++
			}
			i = j
		}
	}
	return i
}

// letter says whether names may contain r: the Latin and Greek alphabets, and ℓ.
func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '\u0370' && r <= '\u03ff' || r == 'ℓ'
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func indexRune(s string, r rune) int {
	for i, c := range []rune(s) {
		if c == r {
			return i
		}
	}
	return -1
}
