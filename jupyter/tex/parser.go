package tex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// parser builds the tree of a formula. Its methods stop with fail, see Converter.parse.
type parser struct {
	in    input
	font  font
	depth int
	// In a table a row may carry a tag; the parser of the table takes it from here.
	tag node
	// Inside [ ] a lone ] ends the list.
	bracket bool
}

// enter counts a level of nesting; call the result on the way out.
func (p *parser) enter(pos int) func() {
	if p.depth++; p.depth > maxDepth {
		fail(pos, "nested more than %d deep", maxDepth)
	}
	return func() { p.depth-- }
}

// formula parses all of the input. Rows separated by \\ outside an environment stand below one
// another.
func (p *parser) formula() []node {
	var rows [][]node
	var tag node
	for {
		list := p.list()
		if p.tag != nil {
			tag, p.tag = p.tag, nil
		}
		t := p.in.next()
		if t.kind == tokEnd {
			if rows == nil {
				if tag == nil {
					return list
				}
				return []node{&table{rows: [][]node{{&row{items: list}}}, tags: []node{tag}, columns: centered(1), display: true}}
			}
			if len(list) > 0 {
				rows = append(rows, []node{&row{items: list}})
			}
			break
		}
		if !t.command(`\`) && !t.command("newline") && !t.command("cr") {
			p.unexpected(t)
		}
		p.rowGap()
		rows = append(rows, []node{&row{items: list}})
	}
	out := &table{rows: rows, columns: centered(1), display: true}
	if tag != nil {
		out.tags = make([]node, len(rows))
		out.tags[len(rows)-1] = tag
	}
	return []node{out}
}

// unexpected reports a token that ends a list where that list may not end.
func (p *parser) unexpected(t token) {
	switch {
	case t.kind == tokEnd:
		fail(t.pos, "unexpected end of formula")
	case t.char("}"):
		fail(t.pos, "} without {")
	case t.char("&"):
		fail(t.pos, "& outside an aligned environment")
	case t.command("right"):
		fail(t.pos, `\right without \left`)
	case t.command("end"):
		fail(t.pos, `\end without \begin`)
	}
	fail(t.pos, "unexpected %s", t)
}

// ends reports whether t ends a list of atoms; what it may then be is its caller's business.
func (p *parser) ends(t token) bool {
	switch t.kind {
	case tokEnd:
		return true
	case tokChar:
		return t.text == "}" || t.text == "&" || t.text == "]" && p.bracket
	case tokCommand:
		switch t.text {
		case `\`, "cr", "newline", "right", "middle", "end", "hline", "hdashline":
			return true
		}
	}
	return false
}

// list parses atoms up to a token that ends a list, and leaves that token.
func (p *parser) list() []node {
	var out []node
	for {
		t := p.in.nextSkip()
		if p.ends(t) {
			p.in.push(t)
			return joinWords(out)
		}
		if t.kind == tokCommand {
			switch t.text {
			case "over", "atop", "choose", "brace", "brack":
				return []node{p.infix(t, joinWords(out))}
			case "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle":
				return append(joinWords(out), &styled{items: p.list(), style: styles[t.text], switchs: true})
			case "color":
				color := p.color(t)
				return append(joinWords(out), &styled{items: p.list(), color: color, switchs: true})
			}
		}
		if n := p.atom(t); n != nil {
			out = append(out, p.scripts(n))
		}
	}
}

var styles = map[string]style{
	"displaystyle": displayStyle, "textstyle": textStyle,
	"scriptstyle": scriptStyle, "scriptscriptstyle": scriptScriptStyle,
}

// infix parses {a \over b} from its second half on.
func (p *parser) infix(t token, num []node) node {
	f := &frac{num: &row{items: num}}
	f.den = &row{items: p.list()}
	if t.text != "over" {
		f.thickness = "0"
	}
	switch t.text {
	case "choose":
		f.left, f.right = "(", ")"
	case "brace":
		f.left, f.right = "{", "}"
	case "brack":
		f.left, f.right = "[", "]"
	}
	return f
}

// group parses the rest of a group whose { was t, with fonts local to it.
func (p *parser) group(t token) node {
	defer p.enter(t.pos)()
	font, bracket := p.font, p.bracket
	p.bracket = false
	items := p.list()
	p.font, p.bracket = font, bracket
	if end := p.in.next(); !end.char("}") {
		if end.kind == tokEnd {
			fail(t.pos, "{ is not closed")
		}
		p.unexpected(end)
	}
	return &row{items: items}
}

// arg parses one argument of command t: a group, or a single atom.
func (p *parser) arg(t token) node {
	a := p.in.nextSkip()
	switch {
	case a.char("{"):
		return p.group(a)
	case a.kind == tokEnd, p.ends(a):
		fail(a.pos, "%s wants an argument", t)
	case a.char("^"), a.char("_"):
		fail(a.pos, "%s wants an argument, got %s", t, a)
	}
	defer p.enter(a.pos)()
	if a.kind == tokChar && isDigit(a.text[0]) { // \frac12: one digit each
		return p.digits(a, false)
	}
	n := p.atom(a)
	if n == nil {
		fail(a.pos, "%s wants an argument, got %s", t, a)
	}
	return n
}

// optional parses an optional argument in [ ]; nil if there is none.
func (p *parser) optional() node {
	if !p.in.peekSkip().char("[") {
		return nil
	}
	open := p.in.nextSkip()
	defer p.enter(open.pos)()
	was := p.bracket
	p.bracket = true
	items := p.list()
	p.bracket = was
	if end := p.in.next(); !end.char("]") {
		fail(open.pos, "[ is not closed")
	}
	return &row{items: items}
}

// star reads a * if one follows.
func (p *parser) star() bool {
	if t := p.in.next(); !t.char("*") {
		p.in.push(t)
		return false
	}
	return true
}

// atom parses the atom that starts with t, without its scripts. It is nil for commands that leave
// no trace, such as \label.
func (p *parser) atom(t token) node {
	switch t.kind {
	case tokParam:
		fail(t.pos, "#%s outside a macro", t.text)
	case tokCommand:
		return p.command(t)
	}
	switch c := t.text; c {
	case "{":
		return p.group(t)
	case "^", "_", "'":
		p.in.push(t) // scripts of nothing
		return &row{}
	case "~":
		return &symbol{tag: "mtext", text: "\u00a0", pos: t.pos, cls: none}
	case "$":
		fail(t.pos, "$ inside a formula")
	case "#":
		fail(t.pos, "# outside a macro")
	}
	r, _ := utf8.DecodeRuneInString(t.text)
	if isDigit(t.text[0]) {
		return p.digits(t, true)
	}
	if _, ok := superscripts[r]; ok {
		p.in.push(t)
		return &row{}
	}
	if _, ok := subscripts[r]; ok {
		p.in.push(t)
		return &row{}
	}
	return p.character(r, t.pos)
}

// digits reads a number: digits, with a point where digits follow it.
func (p *parser) digits(t token, whole bool) node {
	text := t.text
	for whole {
		next := p.in.next()
		if next.kind == tokChar && isDigit(next.text[0]) {
			text += next.text
			continue
		}
		if next.char(".") && !strings.Contains(text, ".") {
			after := p.in.next()
			p.in.push(after)
			if after.kind == tokChar && isDigit(after.text[0]) {
				text += "."
				continue
			}
		}
		p.in.push(next)
		break
	}
	s := &symbol{tag: "mn", text: text, pos: t.pos}
	if p.font != fontDefault && p.font != fontRoman {
		s.text = strings.Map(func(r rune) rune { c, _ := alphabet(p.font, r); return c }, text)
	}
	return s
}

// character is the atom of a character typed as such.
func (p *parser) character(r rune, pos int) node {
	if e, ok := characters()[r]; ok {
		return p.entry(e, pos)
	}
	switch {
	case r == utf8.RuneError:
		return &symbol{tag: "mtext", text: "\ufffd", pos: pos}
	case r < 0x80 && unicode.IsLetter(r):
		return letter(r, p.font, pos)
	case unicode.Is(unicode.Greek, r), r >= 0x1D400 && r <= 0x1D7FF, r >= 0x2100 && r <= 0x214F:
		return letter(r, p.font, pos)
	case unicode.IsControl(r):
		return nil
	case unicode.IsLetter(r):
		return &symbol{tag: "mtext", text: string(r), pos: pos}
	case unicode.Is(unicode.Sm, r):
		return &symbol{tag: "mo", text: string(r), pos: pos, rigid: true}
	}
	return &symbol{tag: "mi", text: string(r), pos: pos}
}

// entry is the atom of a symbol in the current font.
func (p *parser) entry(e entry, pos int) node {
	if e.letter {
		r, _ := utf8.DecodeRuneInString(e.text)
		return letter(r, p.font, pos)
	}
	s := &symbol{tag: e.tag, text: e.text, cls: e.cls, pos: pos, limits: e.limits, rigid: e.rigid}
	if p.font == fontBoldItalic { // \boldsymbol reaches operators too, which have no bold alphabet
		s.attrs = ` style="font-weight:bold"`
	}
	return s
}

// scripts parses what follows an atom: primes, sub- and superscripts, \limits.
func (p *parser) scripts(base node) node {
	s := &script{base: base}
	var primes string
	var up []node // what stands in the superscript behind the primes
	for {
		t := p.in.nextSkip()
		switch {
		case t.command("limits"):
			s.limits = limitsAlways
			continue
		case t.command("nolimits"):
			s.limits = limitsNever
			continue
		case t.command("displaylimits"):
			s.limits = limitsByStyle
			continue
		case t.char("'"), t.char("′"):
			if s.sup != nil {
				fail(t.pos, "double superscript")
			}
			primes += "′"
			continue
		case t.char("^"):
			if up != nil {
				fail(t.pos, "double superscript")
			}
			up = []node{p.arg(t)}
			s.sup = up[0]
			continue
		case t.char("_"):
			if s.sub != nil {
				fail(t.pos, "double subscript")
			}
			s.sub = p.arg(t)
			continue
		}
		if r, _ := utf8.DecodeRuneInString(t.text); t.kind == tokChar && r >= 0x80 {
			if p.unicodeScripts(t, superscripts, &s.sup) {
				up = []node{s.sup}
				continue
			}
			if p.unicodeScripts(t, subscripts, &s.sub) {
				continue
			}
		}
		p.in.push(t)
		break
	}
	if primes != "" {
		mark := &symbol{tag: "mo", text: joinPrimes(primes)}
		items := []node{mark}
		if s.sup != nil {
			items = append(items, s.sup)
		}
		s.sup = &row{items: items}
	}
	if s.sub == nil && s.sup == nil {
		return base
	}
	return s
}

// unicodeScripts reads a run of characters such as ⁻¹ into *into, if t is one of them.
func (p *parser) unicodeScripts(t token, set map[rune]string, into *node) bool {
	first := t
	var out []node
	for {
		r, _ := utf8.DecodeRuneInString(t.text)
		ascii, ok := set[r]
		if t.kind != tokChar || !ok {
			break
		}
		c := token{tokChar, ascii, t.pos}
		if isDigit(ascii[0]) {
			out = append(out, p.digits(c, false))
		} else {
			out = append(out, p.atom(c))
		}
		t = p.in.next()
	}
	if out == nil {
		return false
	}
	p.in.push(t)
	if *into != nil {
		fail(first.pos, "double script")
	}
	*into = &row{items: out}
	return true
}

// joinPrimes uses the characters that Unicode has for two, three and four primes.
func joinPrimes(s string) string {
	switch utf8.RuneCountInString(s) {
	case 2:
		return "″"
	case 3:
		return "‴"
	case 4:
		return "⁗"
	}
	return s
}

// joinWords makes one word of neighbouring letters in an upright alphabet: \mathrm{diag} is one
// identifier, spaced and read aloud as a word, not four.
func joinWords(list []node) []node {
	out := list[:0]
	for _, n := range list {
		s, ok := n.(*symbol)
		if ok && len(out) > 0 && s.word() {
			if last, ok := out[len(out)-1].(*symbol); ok && last.word() && last.attrs == s.attrs {
				last.text += s.text
				continue
			}
		}
		out = append(out, n)
	}
	for _, n := range out {
		if s, ok := n.(*symbol); ok && s.word() && utf8.RuneCountInString(s.text) > 1 && s.attrs == ` mathvariant="normal"` {
			s.attrs = "" // several letters are upright by themselves
		}
	}
	return out
}

// word reports whether s is a letter of an alphabet in which words are set.
func (s *symbol) word() bool {
	if s.tag != "mi" || s.cls != ord {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.text)
	switch {
	case s.attrs == ` mathvariant="normal"`:
		return r < 0x80
	case s.attrs != "":
		return false
	}
	for _, f := range []font{fontItalic, fontBold, fontSans, fontBoldSans, fontMono} {
		b := blocks[f]
		if b.upper <= r && r < b.upper+52 {
			return true
		}
	}
	return false
}
