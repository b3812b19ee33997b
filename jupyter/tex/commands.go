package tex

import (
	"strings"
)

// commands are the commands that take arguments or act on the parser, by name without backslash.
// It is filled by init since the commands call the parser, which looks here.
var commands map[string]func(p *parser, t token) node

func init() {
	commands = map[string]func(p *parser, t token) node{
		"sqrt":    (*parser).sqrt,
		"frac":    func(p *parser, t token) node { return &frac{num: p.arg(t), den: p.arg(t)} },
		"cfrac":   (*parser).cfrac,
		"genfrac": (*parser).genfrac,

		"operatorname": (*parser).operatorname, "operatornamewithlimits": (*parser).operatorname,
		"not": (*parser).not, "dots": (*parser).dots,
		"overset": (*parser).overset, "underset": (*parser).underset, "stackrel": (*parser).overset,
		"stackbin": (*parser).overset, "overunderset": (*parser).overunderset,
		"substack": (*parser).substack,
		"left":     (*parser).left, "begin": (*parser).begin,
		"boxed": (*parser).boxed, "fbox": (*parser).boxed,
		"textcolor": (*parser).textcolor, "colorbox": (*parser).colorbox,
		"phantom": (*parser).phantom, "hphantom": (*parser).phantom, "vphantom": (*parser).phantom,
		"smash": (*parser).smash, "mathllap": (*parser).lap, "mathrlap": (*parser).lap, "mathclap": (*parser).lap,
		"llap": (*parser).lap, "rlap": (*parser).lap, "clap": (*parser).lap,
		"mathstrut": (*parser).strut, "strut": (*parser).strut,
		"tag": (*parser).tagCommand, "label": (*parser).drop, "ref": (*parser).ref, "eqref": (*parser).ref,
		"href":        func(p *parser, t token) node { p.in.argument(t); return p.arg(t) },
		"ensuremath":  (*parser).arg,
		"mathchoice":  func(p *parser, t token) node { d := p.arg(t); p.arg(t); p.arg(t); p.arg(t); return d },
		"hspace":      (*parser).hspace,
		"middle":      func(p *parser, t token) node { p.unexpected(t); return nil },
		"nonumber":    (*parser).nothing,
		"limits":      (*parser).noOperator,
		"nolimits":    (*parser).noOperator,
		"mathnormal":  (*parser).fontCommand,
		"boldsymbol":  (*parser).fontCommand,
		"mathpalette": func(p *parser, t token) node { fail(t.pos, "%s is not understood", t); return nil },
	}
	for name := range fontOf {
		commands[name] = (*parser).fontCommand
	}
	for name := range fontSwitch {
		commands[name] = func(p *parser, t token) node { p.font = fontSwitch[t.text]; return nil }
	}
	for name := range accents {
		commands[name] = (*parser).accent
	}
	for name := range classes {
		commands[name] = (*parser).withClass
	}
	for name := range textStyles {
		commands[name] = (*parser).textCommand
	}
	for name := range delimiterSizes {
		commands[name] = (*parser).big
	}
	for name := range arrows {
		commands[name] = (*parser).arrow
	}
	for name := range strikes {
		commands[name] = (*parser).cancel
	}
	for name := range spaces {
		commands[name] = func(p *parser, t token) node { return &space{spaces[t.text]} }
	}
	for _, name := range strings.Fields("kern mkern hskip mskip") {
		commands[name] = (*parser).kern
	}
	for _, name := range strings.Fields("newcommand renewcommand providecommand def gdef edef xdef let DeclareMathOperator") {
		commands[name] = func(p *parser, t token) node { p.define(t); return nil }
	}
	// Commands that break lines, number, size or protect mean nothing here.
	for _, name := range strings.Fields(`notag allowbreak nobreak relax displaybreak hfill hfil
		noindent centering protect null global long tiny scriptsize footnotesize small normalsize
		large Large LARGE huge Huge goodbreak break sloppy displaylimits`) {
		commands[name] = (*parser).nothing
	}
}

// spaces are the named spaces, in em: thin 3/18, medium 4/18, thick 5/18.
var spaces = map[string]float64{
	",": 3. / 18, ":": 4. / 18, ">": 4. / 18, ";": 5. / 18, "!": -3. / 18,
	" ": 1. / 3, "quad": 1, "qquad": 2, "space": 1. / 3, "enskip": .5, "/": 0,
}

// classes are the commands that change the class of their argument.
var classes = map[string]class{
	"mathop": op, "mathbin": bin, "mathrel": rel, "mathord": ord, "mathopen": opening,
	"mathclose": closing, "mathpunct": punct, "mathinner": inner,
}

// fontOf are the commands with an argument that choose an alphabet, fontSwitch those that choose
// it up to the end of the group.
var fontOf = map[string]font{
	"mathrm": fontRoman, "mathup": fontRoman, "mathit": fontItalic, "mathbf": fontBold, "mathbfup": fontBold,
	"mathbb": fontDouble, "Bbb": fontDouble, "mathds": fontDouble, "mathbbm": fontDouble,
	"mathcal": fontScript, "mathscr": fontScript, "mathfrak": fontFraktur, "frak": fontFraktur,
	"mathsf": fontSans, "mathtt": fontMono, "mathbfit": fontBoldItalic, "symbf": fontBold,
	"mathbfcal": fontBoldScript, "mathbfscr": fontBoldScript, "bm": fontDefault, "pmb": fontDefault,
}

var fontSwitch = map[string]font{
	"rm": fontRoman, "it": fontItalic, "bf": fontBold, "cal": fontScript, "sf": fontSans, "tt": fontMono,
}

// command is the atom of a command.
func (p *parser) command(t token) node {
	if f, ok := commands[t.text]; ok {
		return f(p, t)
	}
	if e, ok := symbols()[t.text]; ok {
		return p.entry(e, t.pos)
	}
	if t.text == "" {
		fail(t.pos, `\ at the end of the formula`)
	}
	fail(t.pos, "unknown command %s", t)
	return nil
}

func (p *parser) nothing(token) node { return nil }
func (p *parser) drop(t token) node  { p.in.argument(t); return nil }
func (p *parser) strut(t token) node {
	return &phantom{body: p.character('(', t.pos), hidden: true, zeroW: true}
}
func (p *parser) noOperator(t token) node {
	fail(t.pos, "%s without an operator", t)
	return nil
}

// ref shows the label itself: a formula does not know the numbers of others.
func (p *parser) ref(t token) node {
	text := plain(p.in.argument(t))
	if t.text == "eqref" {
		text = "(" + text + ")"
	}
	return &symbol{tag: "mtext", text: text, pos: t.pos}
}

// tagCommand keeps \tag{1} for the formula or for the row of a table.
func (p *parser) tagCommand(t token) node {
	star := p.star()
	body := p.textArg(t, "")
	if !star {
		body = &row{items: []node{
			&symbol{tag: "mtext", text: "(", pos: t.pos}, body, &symbol{tag: "mtext", text: ")", pos: t.pos}}}
	}
	if p.tag != nil {
		fail(t.pos, `a second \tag`)
	}
	p.tag = body
	return nil
}

func (p *parser) fontCommand(t token) node {
	was := p.font
	switch t.text {
	case "boldsymbol", "bm", "pmb":
		p.font = embolden(was)
	default:
		p.font = fontOf[t.text]
		if was == fontBoldItalic && p.font != fontDefault { // \boldsymbol{\mathcal{X}}
			p.font = embolden(p.font)
		}
	}
	n := p.arg(t)
	p.font = was
	if s, ok := single(n); ok && s.cls != ord { // \boldsymbol{=} remains a relation
		return s
	}
	return &row{items: []node{n}} // \mathbf x\mathbf y are two letters, not the word xy
}

// single returns the one symbol that n consists of.
func single(n node) (*symbol, bool) {
	for {
		r, ok := n.(*row)
		if !ok || len(r.items) != 1 {
			break
		}
		n = r.items[0]
	}
	s, ok := n.(*symbol)
	return s, ok
}

// operatorname parses a function name; with * it takes limits.
func (p *parser) operatorname(t token) node {
	limits := p.star() || t.text == "operatornamewithlimits"
	was := p.font
	p.font = fontRoman
	n := p.arg(t)
	p.font = was
	if text, ok := words(n); ok {
		s := &symbol{tag: "mi", text: text, cls: op, pos: t.pos, limits: limits}
		if len([]rune(text)) == 1 {
			s.attrs = ` mathvariant="normal"`
		}
		return s
	}
	return &row{items: []node{n}, cls: op, limits: limits}
}

// words returns the text of a tree of symbols and spaces; not ok if there is more in it.
func words(n node) (string, bool) {
	switch n := n.(type) {
	case *symbol:
		switch n.text {
		case "−":
			return "-", true
		case "∗":
			return "*", true
		}
		return n.text, true
	case *space:
		switch {
		case n.em < 0:
			return "", true
		case n.em < .3:
			return "\u2009", true
		}
		return "\u00a0", true
	case *row:
		var b strings.Builder
		for _, item := range n.items {
			s, ok := words(item)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), b.Len() > 0
	}
	return "", false
}

func (p *parser) withClass(t token) node {
	return &row{items: []node{p.arg(t)}, cls: classes[t.text], limits: t.text == "mathop"}
}

// not strikes the next symbol through.
func (p *parser) not(t token) node {
	s, ok := single(p.arg(t))
	if !ok {
		fail(t.pos, `\not wants a symbol`)
	}
	if whole, ok := negations[s.text]; ok {
		s.text = whole
	} else {
		s.text += "\u0338"
	}
	return s
}

// dots chooses the height of \dots by what follows, as amsmath does.
func (p *parser) dots(t token) node {
	next := p.in.peekSkip()
	e, ok := entry{}, false
	if next.kind == tokCommand {
		e, ok = symbols()[next.text]
		if next.text == "int" || next.text == "in" || next.text == "not" {
			ok, e.cls = true, rel
		}
	} else if next.kind == tokChar {
		e, ok = characters()[[]rune(next.text)[0]]
	}
	text := "…"
	if ok && (e.cls == bin || e.cls == rel || e.cls == op && e.tag == "mo") {
		text = "⋯"
	}
	return &symbol{tag: "mi", text: text, cls: inner, pos: t.pos}
}

func (p *parser) textcolor(t token) node {
	color := p.color(t)
	return &styled{items: []node{p.arg(t)}, color: color}
}

func (p *parser) colorbox(t token) node {
	color := p.color(t)
	return &box{p.textArg(t, ""), "background:" + color + ";padding:.15em"}
}

// color reads a colour: a name of CSS or #rgb or #rrggbb, and nothing that could end an attribute.
func (p *parser) color(t token) string {
	name := strings.TrimSpace(plain(p.in.argument(t)))
	hex := strings.TrimPrefix(name, "#")
	valid := name != ""
	for i := range len(hex) {
		c := hex[i]
		if hex == name {
			valid = valid && isLetter(c)
		} else {
			valid = valid && (isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f')
		}
	}
	if !valid || hex != name && len(hex) != 3 && len(hex) != 6 || len(name) > 30 {
		fail(t.pos, "%s wants a colour such as blue or #1a2b3c, got %q", t, name)
	}
	return name
}

// plain returns the characters of toks.
func plain(toks []token) string {
	var b strings.Builder
	for _, t := range toks {
		if t.kind == tokParam {
			b.WriteByte('#')
		}
		b.WriteString(t.text)
	}
	return b.String()
}
