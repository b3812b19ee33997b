package tex

// delimiterNames are the commands and characters that may follow \left and \big, and what they
// draw; "" is the empty delimiter.
var delimiterNames = map[string]string{
	".": "", "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", "<": "⟨", ">": "⟩",
	`\{`: "{", `\}`: "}", `\|`: "‖", `\lbrace`: "{", `\rbrace`: "}", `\lbrack`: "[", `\rbrack`: "]",
	`\langle`: "⟨", `\rangle`: "⟩", `\lang`: "⟨", `\rang`: "⟩", `\lvert`: "|", `\rvert`: "|", `\vert`: "|",
	`\lVert`: "‖", `\rVert`: "‖", `\Vert`: "‖", `\lfloor`: "⌊", `\rfloor`: "⌋", `\lceil`: "⌈", `\rceil`: "⌉",
	`\lgroup`: "⟮", `\rgroup`: "⟯", `\lmoustache`: "⎰", `\rmoustache`: "⎱", `\ulcorner`: "⌜", `\urcorner`: "⌝",
	`\llcorner`: "⌞", `\lrcorner`: "⌟", `\llbracket`: "⟦", `\rrbracket`: "⟧", `\backslash`: `\`,
	`\uparrow`: "↑", `\downarrow`: "↓", `\updownarrow`: "↕", `\Uparrow`: "⇑", `\Downarrow`: "⇓", `\Updownarrow`: "⇕",
	`\lparen`: "(", `\rparen`: ")", `\mid`: "|", `\parallel`: "‖",
	"⟨": "⟨", "⟩": "⟩", "⌊": "⌊", "⌋": "⌋", "⌈": "⌈", "⌉": "⌉", "‖": "‖", "∥": "‖", "∣": "|", "⟦": "⟦", "⟧": "⟧",
}

// delimiter reads the delimiter that t (\left, \big, ...) wants.
func (p *parser) delimiter(t token) string {
	d := p.in.nextSkip()
	if d.char("{") { // \left{ is a mistake that is often made, {(} is not one
		p.in.push(d)
		arg := p.in.argument(t)
		if len(arg) != 1 {
			fail(d.pos, "%s wants a delimiter", t)
		}
		d = arg[0]
	}
	if c, ok := delimiterNames[d.String()]; ok && d.kind != tokEnd {
		return c
	}
	fail(d.pos, "%s wants a delimiter, got %s", t, d)
	return ""
}

// delimiterArg reads a delimiter as the argument of \genfrac: {} for none.
func (p *parser) delimiterArg(t token) string {
	arg := p.in.argument(t)
	if len(arg) == 0 {
		return ""
	}
	if c, ok := delimiterNames[arg[0].String()]; ok && len(arg) == 1 {
		return c
	}
	fail(t.pos, "%s wants a delimiter, got %s", t, plain(arg))
	return ""
}

// left parses \left ... \middle ... \right.
func (p *parser) left(t token) node {
	defer p.enter(t.pos)()
	font, bracket := p.font, p.bracket
	p.bracket = false
	f := &fence{left: p.delimiter(t)}
	for {
		f.parts = append(f.parts, &row{items: p.list()})
		end := p.in.next()
		switch {
		case end.command("middle"):
			f.middle = append(f.middle, p.delimiter(end))
			continue
		case end.command("right"):
			f.right = p.delimiter(end)
			p.font, p.bracket = font, bracket
			return f
		case end.kind == tokEnd, end.char("}"), end.char("&"):
			fail(t.pos, `\left without \right`)
		}
		p.unexpected(end)
	}
}

// delimiterSizes are the heights of the \big family; the suffixes l, r and m add a class.
var delimiterSizes = func() map[string]string {
	out := map[string]string{}
	for name, em := range map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"} {
		for _, suffix := range []string{"", "l", "r", "m"} {
			out[name+suffix] = em
		}
	}
	return out
}()

// big parses \big and its kin.
func (p *parser) big(t token) node {
	text := p.delimiter(t)
	if text == "" {
		return &row{}
	}
	em := delimiterSizes[t.text]
	s := &symbol{tag: "mo", text: text, pos: t.pos}
	s.attrs = ` stretchy="true" symmetric="true" minsize="` + em + `" maxsize="` + em + `"`
	switch t.text[len(t.text)-1] {
	case 'l':
		s.cls = opening
	case 'r':
		s.cls = closing
	case 'm':
		s.cls = rel
	}
	return s
}
