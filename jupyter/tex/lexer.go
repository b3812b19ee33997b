package tex

import (
	"unicode/utf8"
)

// tokenKind tells the four things that TeX source consists of, once comments are gone.
type tokenKind uint8

const (
	tokEnd     tokenKind = iota
	tokChar              // one character that is not a space
	tokCommand           // \name or \, without its backslash in text
	tokSpace             // a run of white space; mathematics skips it, \text keeps it
	tokParam             // #1 ... #9 in the body of a macro, the digit in text
)

// token is one token and the byte offset in the formula where it (or the macro it came from) stands.
type token struct {
	kind tokenKind
	text string
	pos  int
}

func (t token) char(c string) bool       { return t.kind == tokChar && t.text == c }
func (t token) command(name string) bool { return t.kind == tokCommand && t.text == name }

// String shows the token as it stood in the source.
func (t token) String() string {
	switch t.kind {
	case tokCommand:
		return `\` + t.text
	case tokSpace:
		return "space"
	case tokParam:
		return "#" + t.text
	case tokEnd:
		return "end of formula"
	}
	return t.text
}

// lexer cuts a formula into tokens, one at a time.
type lexer struct {
	src string
	pos int
}

// next returns the next token; at the end it returns tokEnd for ever.
func (l *lexer) next() token {
	for l.pos < len(l.src) && l.src[l.pos] == '%' { // a comment ends with its line
		for l.pos < len(l.src) && l.src[l.pos] != '\n' {
			l.pos++
		}
		if l.pos < len(l.src) {
			l.pos++
		}
	}
	start := l.pos
	if start >= len(l.src) {
		return token{kind: tokEnd, pos: len(l.src)}
	}
	switch c := l.src[start]; {
	case isSpace(c):
		l.skipSpace()
		return token{tokSpace, " ", start}
	case c == '\\':
		return l.controlSequence()
	case c == '#' && start+1 < len(l.src) && l.src[start+1] >= '1' && l.src[start+1] <= '9':
		l.pos += 2
		return token{tokParam, l.src[start+1 : start+2], start}
	}
	_, n := utf8.DecodeRuneInString(l.src[start:])
	l.pos += n
	return token{tokChar, l.src[start:l.pos], start}
}

// controlSequence reads \letters, whose following space is swallowed, or \ and one character.
func (l *lexer) controlSequence() token {
	start := l.pos
	l.pos++
	for l.pos < len(l.src) && isLetter(l.src[l.pos]) {
		l.pos++
	}
	if l.pos > start+1 {
		name := l.src[start+1 : l.pos]
		l.skipSpace()
		return token{tokCommand, name, start}
	}
	if l.pos >= len(l.src) {
		return token{tokCommand, "", start}
	}
	if isSpace(l.src[l.pos]) { // backslash, newline is a space too
		l.pos++
		return token{tokCommand, " ", start}
	}
	_, n := utf8.DecodeRuneInString(l.src[l.pos:])
	l.pos += n
	return token{tokCommand, l.src[start+1 : l.pos], start}
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.src) && isSpace(l.src[l.pos]) {
		l.pos++
	}
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// tokenize cuts src whole; macro bodies are kept this way.
func tokenize(src string) []token {
	l := lexer{src: src}
	var out []token
	for t := l.next(); t.kind != tokEnd; t = l.next() {
		out = append(out, t)
	}
	return out
}
