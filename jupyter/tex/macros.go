package tex

import (
	"strings"
	"sync"
)

// macro is a command that stands for other tokens.
type macro struct {
	args     int     // 0 to 9
	optional bool    // the first argument stands in [ ] and may be missing
	standard []token // what it then is
	body     []token // tokParam marks where an argument goes
}

// builtinMacros are the commands of TeX, amsmath and friends that are shorthands for others.
var builtinMacros = sync.OnceValue(func() map[string]macro {
	out := map[string]macro{}
	for _, line := range strings.Split(strings.TrimSpace(builtinSource), "\n") {
		name, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		m := macro{body: tokenize(strings.TrimSpace(body))}
		for _, t := range m.body {
			if t.kind == tokParam {
				m.args = max(m.args, int(t.text[0]-'0'))
			}
		}
		out[strings.TrimPrefix(name, `\`)] = m
	}
	return out
})

const builtinSource = `
\bra       \mathinner{\langle{#1}|}
\ket       \mathinner{|{#1}\rangle}
\braket    \mathinner{\langle{#1}\rangle}
\set       \mathinner{\lbrace\,{#1}\,\rbrace}
\implies   \;\Longrightarrow\;
\impliedby \;\Longleftarrow\;
\iff       \;\Longleftrightarrow\;
\dfrac     \genfrac{}{}{}{0}{#1}{#2}
\tfrac     \genfrac{}{}{}{1}{#1}{#2}
\binom     \genfrac{(}{)}{0pt}{}{#1}{#2}
\dbinom    \genfrac{(}{)}{0pt}{0}{#1}{#2}
\tbinom    \genfrac{(}{)}{0pt}{1}{#1}{#2}
\bmod      \mathbin{\operatorname{mod}}
\pmod      \mkern18mu({\operatorname{mod}}\,\,#1)
\pod       \mkern18mu(#1)
\mod       \mkern18mu{\operatorname{mod}}\,\,#1
\injlim    \operatorname*{inj\,lim}
\projlim   \operatorname*{proj\,lim}
\varinjlim \operatorname*{\underrightarrow{lim}}
\varprojlim \operatorname*{\underleftarrow{lim}}
\varliminf \operatorname*{\underline{lim}}
\varlimsup \operatorname*{\overline{lim}}
\colonequals \mathrel{≔}
\coloneqq  \mathrel{≔}
\eqqcolon  \mathrel{≕}
\notin     \mathrel{∉}
\negthinspace \!
\thinspace \,
\medspace  \:
\thickspace \;
\negmedspace \mkern-4mu
\negthickspace \mkern-5mu
\enspace   \kern.5em
\nobreakspace ~
\TeX       \text{TeX}
\LaTeX     \text{LaTeX}
`

// define executes the definition t (\newcommand, \def, ...) found in the formula.
func (p *parser) define(t token) {
	switch t.text {
	case "newcommand", "renewcommand", "providecommand":
		name := p.macroName(t)
		var m macro
		if n, ok := p.in.bracket(); ok {
			if len(n) != 1 || len(n[0].text) != 1 || !isDigit(n[0].text[0]) {
				fail(t.pos, "%s\\%s wants a number of arguments in [ ]", t, name)
			}
			m.args = int(n[0].text[0] - '0')
			if m.standard, ok = p.in.bracket(); ok {
				m.optional = true
			}
		}
		if m.optional && m.args == 0 {
			fail(t.pos, "%s\\%s has a default but no argument", t, name)
		}
		m.body = p.in.argument(t)
		p.checkBody(t, name, m)
		// The command is refused by LaTeX where the name exists; a notebook that is run
		// twice, or defines again what MathJax knows, should still show its formulas.
		if t.text != "providecommand" || !p.known(name) {
			p.in.user[name] = m
		}
	case "def", "gdef", "edef", "xdef":
		name := p.macroName(t)
		var m macro
		for {
			a := p.in.raw()
			if a.char("{") {
				p.in.push(a)
				break
			}
			if a.kind == tokEnd {
				fail(t.pos, "%s\\%s wants a body", t, name)
			}
			if a.kind == tokSpace {
				continue
			}
			if a.kind != tokParam || int(a.text[0]-'0') != m.args+1 {
				fail(a.pos, "%s\\%s: only undelimited arguments #1#2... are understood, got %s", t, name, a)
			}
			m.args++
		}
		m.body = p.in.argument(t)
		p.checkBody(t, name, m)
		p.in.user[name] = m
	case "let":
		name := p.macroName(t)
		a := p.in.raw()
		for a.kind == tokSpace || a.char("=") {
			a = p.in.raw()
		}
		if a.kind == tokEnd {
			fail(t.pos, "%s\\%s wants a token", t, name)
		}
		if m, ok := p.in.lookup(a); ok { // the meaning of today, not the name
			p.in.user[name] = m
		} else if !a.command(name) {
			p.in.user[name] = macro{body: []token{a}}
		}
	case "DeclareMathOperator":
		star := p.star()
		name := p.macroName(t)
		body := append([]token{{tokChar, "{", t.pos}}, p.in.argument(t)...)
		body = append(body, token{tokChar, "}", t.pos})
		head := []token{{tokCommand, "operatorname", t.pos}}
		if star {
			head = append(head, token{tokChar, "*", t.pos})
		}
		p.in.user[name] = macro{body: append(head, body...)}
	}
}

// macroName reads the command that is being defined: \name or {\name}.
func (p *parser) macroName(t token) string {
	arg := p.in.argument(t)
	var name []token
	for _, a := range arg {
		if a.kind != tokSpace {
			name = append(name, a)
		}
	}
	if len(name) != 1 || name[0].kind != tokCommand || name[0].text == "" {
		fail(t.pos, "%s wants the name of a command", t)
	}
	return name[0].text
}

// checkBody refuses a body that uses arguments the macro does not have.
func (p *parser) checkBody(t token, name string, m macro) {
	for _, b := range m.body {
		if b.kind == tokParam && int(b.text[0]-'0') > m.args {
			fail(b.pos, "%s\\%s has %d arguments but uses #%s", t, name, m.args, b.text)
		}
	}
}

// known reports whether the command means something already.
func (p *parser) known(name string) bool {
	if _, ok := p.in.lookup(token{tokCommand, name, 0}); ok {
		return true
	}
	if _, ok := symbols()[name]; ok {
		return true
	}
	_, ok := commands[name]
	return ok
}
