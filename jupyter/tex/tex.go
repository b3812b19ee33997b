package tex

import (
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
)

// Bounds of one formula. A real formula stays below a hundredth of each.
const (
	maxSource     = 64 << 10 // bytes
	maxTokens     = 20000    // tokens in the source, and as many from macros
	maxExpansions = 5000     // macro calls
	maxDepth      = 60       // nested groups; a browser gives up at 512 nested elements
)

// Error says what is wrong with a formula and where.
type Error struct {
	Source string // the formula
	Pos    int    // byte offset in Source, 0 <= Pos <= len(Source)
	Msg    string // for example: unknown command \foo
}

// Error returns for example "tex: unknown command \foo at 12".
func (e *Error) Error() string { return fmt.Sprintf("tex: %s at %d", e.Msg, e.Pos) }

// Converter converts formulas and remembers the macros they define, as a notebook's readers
// expect of its first cell. It is not safe for concurrent use; the zero value is ready.
type Converter struct {
	macros map[string]macro
}

// New returns a Converter that knows the given macros beside TeX's own, from name (with or without
// its backslash) to body; a body with #1 ... #9 takes as many arguments. A body is not checked
// before it is used.
func New(macros map[string]string) *Converter {
	c := &Converter{macros: make(map[string]macro, len(macros))}
	for _, name := range slices.Sorted(maps.Keys(macros)) {
		body := tokenize(macros[name])
		m := macro{body: body}
		for _, t := range body {
			if t.kind == tokParam {
				m.args = max(m.args, int(t.text[0]-'0'))
			}
		}
		c.macros[strings.TrimPrefix(name, `\`)] = m
	}
	return c
}

// Convert returns the <math> element for TeX source without its dollar signs, in display style or
// inline. The element ends with the source as an annotation, so that it can be copied and read by
// other programs. The error is a *Error; definitions made before it are kept.
// The cost is linear in the tokens read; a display formula of 40 symbols takes some 20 µs.
func (c *Converter) Convert(src string, display bool) (string, error) {
	list, err := c.parse(src)
	if err != nil {
		return "", err
	}
	return writeMath(list, src, display), nil
}

// Inline returns the formula in inline style as one or more <math> elements, between which a
// browser may break the line: a formula wider than about width em is cut after its outermost
// relations, and where that is not enough after its binary operators. MathML has no line breaking
// of its own in today's browsers, and a phone shows some 20 em. Zero width never cuts.
func (c *Converter) Inline(src string, width float64) (string, error) {
	list, err := c.parse(src)
	if err != nil {
		return "", err
	}
	return writePieces(list, src, width), nil
}

func (c *Converter) parse(src string) (list []node, err error) {
	if len(src) > maxSource {
		return nil, &Error{src, maxSource, fmt.Sprintf("formula of %d bytes, at most %d are read", len(src), maxSource)}
	}
	if c.macros == nil {
		c.macros = map[string]macro{}
	}
	p := &parser{in: input{lex: lexer{src: src}, user: c.macros}}
	// Inside the parser an error is a panic of *Error: every function of it would otherwise
	// carry a second result that only this one looks at. Other panics are bugs and pass.
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			e.Source, e.Pos = src, min(e.Pos, len(src))
			list, err = nil, e
		}
	}()
	return p.formula(), nil
}

// ErrorBox returns the source of a formula that could not be converted, with err as its tooltip,
// as a <code class="math-error"> element for the page to style.
func ErrorBox(src string, err error) string {
	return `<code class="math-error" title="` + html.EscapeString(err.Error()) + `">` + html.EscapeString(src) + `</code>`
}
