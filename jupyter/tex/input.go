package tex

import "fmt"

// fail stops the parse; Converter.parse turns it into an error value.
func fail(pos int, format string, args ...any) {
	panic(&Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// input delivers the tokens of a formula with its macros expanded. Tokens pushed back or produced
// by a macro wait on a stack of frames above the source.
type input struct {
	lex        lexer
	frames     []frame
	user       map[string]macro
	tokens     int // read from the source so far, against maxTokens
	expansions int // so far, against maxExpansions
	produced   int // tokens that macros put out so far, against maxTokens
}

type frame struct {
	toks []token
	next int
}

// raw returns the next token, macros untouched.
func (in *input) raw() token {
	for n := len(in.frames); n > 0; n = len(in.frames) {
		f := &in.frames[n-1]
		if f.next < len(f.toks) {
			f.next++
			return f.toks[f.next-1]
		}
		in.frames = in.frames[:n-1]
	}
	if in.tokens++; in.tokens > maxTokens {
		fail(in.lex.pos, "formula of more than %d tokens", maxTokens)
	}
	return in.lex.next()
}

// push puts toks in front of what is still to come.
func (in *input) push(toks ...token) {
	if n := len(in.frames); n > 0 && in.frames[n-1].next == len(in.frames[n-1].toks) {
		in.frames = in.frames[:n-1] // an exhausted frame makes room: tail calls do not pile up
	}
	in.frames = append(in.frames, frame{toks: toks})
}

// next returns the next token that is not a macro call.
func (in *input) next() token {
	for {
		t := in.raw()
		m, ok := in.lookup(t)
		if !ok {
			return t
		}
		in.expand(t, m)
	}
}

// lookup finds the macro of a command: the user's own first, then TeX's.
func (in *input) lookup(t token) (macro, bool) {
	if t.kind != tokCommand {
		return macro{}, false
	}
	if m, ok := in.user[t.text]; ok {
		return m, true
	}
	m, ok := builtinMacros()[t.text]
	return m, ok
}

// peekSkip is peek behind white space, which is dropped.
func (in *input) peekSkip() token {
	for {
		t := in.next()
		if t.kind != tokSpace {
			in.push(t)
			return t
		}
	}
}

// nextSkip is next behind white space.
func (in *input) nextSkip() token {
	for {
		if t := in.next(); t.kind != tokSpace {
			return t
		}
	}
}

// expand reads the arguments of macro m called by t and pushes its body.
func (in *input) expand(t token, m macro) {
	if in.expansions++; in.expansions > maxExpansions {
		fail(t.pos, "more than %d macro calls, the last is %s", maxExpansions, t)
	}
	args := make([][]token, m.args)
	for i := range args {
		if i == 0 && m.optional {
			if opt, ok := in.bracket(); ok {
				args[i] = opt
			} else {
				args[i] = m.standard
			}
			continue
		}
		args[i] = in.argument(t)
	}
	body := make([]token, 0, len(m.body))
	for _, b := range m.body {
		if b.kind == tokParam {
			if i := int(b.text[0] - '1'); i < len(args) {
				body = append(body, args[i]...)
			}
		} else {
			b.pos = t.pos
			body = append(body, b)
		}
		if in.produced+len(body) > maxTokens {
			fail(t.pos, "%s expands to more than %d tokens", t, maxTokens)
		}
	}
	in.produced += len(body)
	if len(body) > 0 {
		in.push(body...)
	}
}

// argument reads one undelimited argument of command t: a token or a braced group, unexpanded,
// without its braces.
func (in *input) argument(t token) []token {
	first := in.raw()
	for first.kind == tokSpace {
		first = in.raw()
	}
	switch {
	case first.kind == tokEnd:
		fail(t.pos, "%s wants an argument", t)
	case first.char("}"):
		fail(first.pos, "%s wants an argument before }", t)
	case !first.char("{"):
		return []token{first}
	}
	var out []token
	for depth := 1; ; {
		a := in.raw()
		switch {
		case a.kind == tokEnd:
			fail(first.pos, "{ is not closed")
		case a.char("{"):
			depth++
		case a.char("}"):
			if depth--; depth == 0 {
				return out
			}
		}
		out = append(out, a)
	}
}

// bracket reads an optional argument [...], unexpanded, if one follows.
func (in *input) bracket() ([]token, bool) {
	open := in.raw()
	for open.kind == tokSpace {
		open = in.raw()
	}
	if !open.char("[") {
		in.push(open)
		return nil, false
	}
	var out []token
	for depth := 0; ; {
		a := in.raw()
		switch {
		case a.kind == tokEnd:
			fail(open.pos, "[ is not closed")
		case a.char("{"):
			depth++
		case a.char("}"):
			if depth--; depth < 0 {
				fail(a.pos, "unexpected } in [ ]")
			}
		case a.char("]") && depth == 0:
			return out, true
		}
		out = append(out, a)
	}
}
