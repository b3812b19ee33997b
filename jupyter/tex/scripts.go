package tex

import "unicode/utf8"

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
