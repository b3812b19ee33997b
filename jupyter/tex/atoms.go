package tex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

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
