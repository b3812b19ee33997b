package tex

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
