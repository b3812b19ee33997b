package tex

import "strings"

// textStyles are the commands that hold words, and the CSS of their letters.
var textStyles = map[string]string{
	"text": "", "textrm": "", "textnormal": "", "textup": "", "mbox": "", "hbox": "", "textmd": "",
	"textbf": "font-weight:bold", "textit": "font-style:italic", "emph": "font-style:italic", "textsl": "font-style:italic",
	"textsf": "font-family:sans-serif", "texttt": "font-family:monospace", "textsc": "font-variant:small-caps",
	"intertext": "", "shortintertext": "",
}

func (p *parser) textCommand(t token) node { return p.textArg(t, textStyles[t.text]) }

// textArg parses the argument of a text command: words, in which $ and \( begin mathematics.
func (p *parser) textArg(t token, css string) node {
	open := p.in.nextSkip()
	if !open.char("{") {
		if open.kind == tokEnd || p.ends(open) {
			fail(t.pos, "%s wants an argument", t)
		}
		return &row{items: []node{textSymbol(open.text, css, open.pos)}}
	}
	defer p.enter(open.pos)()
	return &row{items: p.words(open, css)}
}

// words reads text up to the } of the { open.
func (p *parser) words(open token, css string) []node {
	var out []node
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, textSymbol(b.String(), css, open.pos))
			b.Reset()
		}
	}
	for {
		t := p.in.next()
		switch t.kind {
		case tokEnd:
			fail(open.pos, "{ is not closed")
		case tokParam:
			fail(t.pos, "#%s outside a macro", t.text)
		case tokSpace:
			b.WriteString("\u00a0") // <mtext> trims ordinary spaces at its ends
			continue
		case tokChar:
			switch t.text {
			case "}":
				flush()
				return out
			case "{":
				flush()
				leave := p.enter(t.pos)
				out = append(out, p.words(t, css)...)
				leave()
			case "$":
				flush()
				out = append(out, p.mathInText(t, func(e token) bool { return e.char("$") }))
			case "~":
				b.WriteString("\u00a0")
			case "`":
				b.WriteString("‘")
			case "'":
				b.WriteString("’")
			default:
				b.WriteString(t.text)
			}
			continue
		}
		switch name := t.text; {
		case name == "(":
			flush()
			out = append(out, p.mathInText(t, func(e token) bool { return e.command(")") }))
		case textStyles[name] != "" || name == "text" || name == "textrm" || name == "mbox" || name == "textnormal":
			flush()
			out = append(out, p.textArg(t, joinCSS(css, textStyles[name])))
		case textChars[name] != "":
			b.WriteString(textChars[name])
		case combining[name] != "":
			letters := plain(p.in.argument(t))
			if letters == "" {
				fail(t.pos, "%s wants a letter", t)
			}
			r := []rune(letters)
			b.WriteString(string(r[:1]) + combining[name] + string(r[1:]))
		case spaces[name] > 0:
			flush()
			out = append(out, &space{spaces[name]})
		case len(name) == 1 && !isLetter(name[0]):
			b.WriteString(name)
		default: // a command of mathematics in a text, such as \alpha or \cite: as LaTeX, refuse
			if e, ok := symbols()[name]; ok && e.tag == "mi" && e.cls == ord {
				b.WriteString(e.text)
				break
			}
			if f, ok := commands[name]; ok {
				flush()
				if n := f(p, t); n != nil {
					out = append(out, n)
				}
				break
			}
			fail(t.pos, "unknown command %s in text", t)
		}
	}
}

// mathInText parses mathematics between the words, up to the token that end recognises.
func (p *parser) mathInText(open token, end func(token) bool) node {
	defer p.enter(open.pos)()
	was := p.font
	p.font = fontDefault
	var items []node
	for {
		t := p.in.nextSkip()
		if end(t) {
			p.font = was
			return &styled{items: joinWords(items), style: textStyle}
		}
		if p.ends(t) {
			fail(open.pos, "%s in text is not closed", open)
		}
		if n := p.atom(t); n != nil {
			items = append(items, p.scripts(n))
		}
	}
}

// textChars are the commands that stand for a character in a text.
var textChars = map[string]string{
	"ldots": "…", "dots": "…", "textellipsis": "…", "textbackslash": `\`, "textendash": "–", "textemdash": "—",
	"ss": "ß", "ae": "æ", "oe": "œ", "o": "ø", "l": "ł", "aa": "å", "AA": "Å", "AE": "Æ", "OE": "Œ", "O": "Ø", "i": "ı",
	"textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">", "textquoteleft": "‘",
	"textquoteright": "’", "textbar": "|", "newline": "\u00a0", `\`: "\u00a0",
}

// combining are the accents of text, as characters that follow their letter.
var combining = map[string]string{
	"'": "\u0301", "`": "\u0300", "^": "\u0302", `"`: "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
	"c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a", "k": "\u0328", "d": "\u0323", "b": "\u0331",
}

func textSymbol(text, css string, pos int) *symbol {
	s := &symbol{tag: "mtext", text: text, pos: pos}
	if css != "" {
		s.attrs = ` style="` + css + `"`
	}
	return s
}

func joinCSS(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ";" + b
}
