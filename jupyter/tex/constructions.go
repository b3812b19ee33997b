package tex

import (
	"strconv"
	"strings"
)

func (p *parser) sqrt(t token) node {
	index := p.optional()
	return &radical{body: p.arg(t), index: index}
}

func (p *parser) cfrac(t token) node {
	f := &frac{continued: true}
	if opt, ok := p.in.bracket(); ok {
		switch plain(opt) {
		case "l":
			f.align = "left"
		case "r":
			f.align = "right"
		}
	}
	f.num, f.den = p.arg(t), p.arg(t)
	return f
}

// genfrac parses \genfrac{left}{right}{thickness}{style}{numerator}{denominator}.
func (p *parser) genfrac(t token) node {
	f := &frac{left: p.delimiterArg(t), right: p.delimiterArg(t)}
	if th := strings.TrimSpace(plain(p.in.argument(t))); th != "" {
		f.thickness = trimFloat(parseDimension(t, th))
	}
	switch strings.TrimSpace(plain(p.in.argument(t))) {
	case "0":
		f.style = displayStyle
	case "1":
		f.style = textStyle
	case "2":
		f.style = scriptStyle
	case "3":
		f.style = scriptScriptStyle
	}
	f.num, f.den = p.arg(t), p.arg(t)
	return f
}

// accents are what stands over or under an argument. The characters are those that browsers
// place and stretch well, which are not always the ones named for the purpose.
var accents = map[string]struct {
	text    string
	stretch bool
	under   bool
	limits  bool
}{
	"hat": {text: "^"}, "tilde": {text: "~"}, "bar": {text: "¯"}, "vec": {text: "→"}, "dot": {text: "˙"},
	"ddot": {text: "¨"}, "dddot": {text: "⃛"}, "ddddot": {text: "⃜"}, "acute": {text: "´"}, "grave": {text: "`"},
	"check": {text: "ˇ"}, "breve": {text: "˘"}, "mathring": {text: "˚"},
	"widehat": {text: "^", stretch: true}, "widetilde": {text: "~", stretch: true}, "widecheck": {text: "ˇ", stretch: true},
	"overline": {text: "‾", stretch: true}, "underline": {text: "_", stretch: true, under: true},
	"overrightarrow": {text: "→", stretch: true}, "overleftarrow": {text: "←", stretch: true},
	"overleftrightarrow": {text: "↔", stretch: true}, "underrightarrow": {text: "→", stretch: true, under: true},
	"underleftarrow": {text: "←", stretch: true, under: true}, "underleftrightarrow": {text: "↔", stretch: true, under: true},
	"overbrace": {text: "⏞", stretch: true, limits: true}, "underbrace": {text: "⏟", stretch: true, under: true, limits: true},
	"overparen": {text: "⏜", stretch: true}, "underparen": {text: "⏝", stretch: true, under: true},
	"overbracket": {text: "⎴", stretch: true, limits: true}, "underbracket": {text: "⎵", stretch: true, under: true, limits: true},
	"underbar": {text: "_", stretch: true, under: true},
}

// wide is for operators that stretch sideways. Chromium takes the box of such an operator to be as
// narrow as its unstretched character, and leaves parts of the stretched one unpainted where tiles
// of the screen meet; an invisible shadow makes the box large enough.
const wide = ` style="box-shadow:0 0 0 20em transparent"`

func (p *parser) accent(t token) node {
	a := accents[t.text]
	mark := &symbol{tag: "mo", text: a.text, attrs: ` stretchy="false"`}
	switch {
	case a.stretch:
		mark.attrs = ` stretchy="true"` + wide
	case strings.HasSuffix(t.text, "dot"): // dots sit on the letter: an accent overlaps by its blank
		mark.attrs += ` style="padding-bottom:.12em"`
	case a.text == "→": // the arrow of \vec is smaller than that of a map
		mark.attrs += ` scriptlevel="+1"`
	}
	body := p.arg(t)
	s := &stack{base: &row{items: []node{body}}, limits: a.limits}
	if a.text == "‾" || a.text == "_" {
		// A rule drawn by a border is as long as its argument in every font.
		side := "top"
		if a.under {
			side = "bottom"
		}
		return &box{body, "border-" + side + ":.055em solid;padding-" + side + ":.15em"}
	}
	if a.under {
		s.under, s.accentUnder = mark, true
	} else {
		s.over, s.accent = mark, true
	}
	return s
}

// overset parses \overset{over}{base}; the class is that of the base, and a relation for \stackrel.
func (p *parser) overset(t token) node {
	over := p.arg(t)
	base := p.arg(t)
	cls := classOf(base)
	switch t.text {
	case "stackrel":
		cls = rel
	case "stackbin":
		cls = bin
	}
	return &stack{base: base, over: over, cls: cls}
}

func (p *parser) underset(t token) node {
	under := p.arg(t)
	base := p.arg(t)
	return &stack{base: base, under: under, cls: classOf(base)}
}

func (p *parser) overunderset(t token) node {
	over, under := p.arg(t), p.arg(t)
	base := p.arg(t)
	return &stack{base: base, over: over, under: under, cls: classOf(base)}
}

// classOf is the class of n, seen through the braces of a group with one member.
func classOf(n node) class {
	if r, ok := n.(*row); ok && len(r.items) == 1 && r.cls == ord {
		return classOf(r.items[0])
	}
	return n.class()
}

// arrows are the arrows that grow with what is written on them.
var arrows = map[string]string{
	"xrightarrow": "→", "xleftarrow": "←", "xleftrightarrow": "↔", "xRightarrow": "⇒", "xLeftarrow": "⇐",
	"xLeftrightarrow": "⇔", "xmapsto": "↦", "xhookrightarrow": "↪", "xhookleftarrow": "↩", "xlongequal": "=",
	"xrightharpoonup": "⇀", "xrightharpoondown": "⇁", "xleftharpoonup": "↼", "xleftharpoondown": "↽",
	"xrightleftharpoons": "⇌", "xtwoheadrightarrow": "↠", "xtwoheadleftarrow": "↞",
}

func (p *parser) arrow(t token) node {
	under := p.optional()
	over := p.arg(t)
	pad := func(n node) node {
		if n == nil {
			return nil
		}
		return &row{items: []node{&space{.35}, n, &space{.35}}}
	}
	return &stack{
		base: &symbol{tag: "mo", text: arrows[t.text], cls: rel, pos: t.pos, attrs: ` stretchy="true"` + wide},
		over: pad(over), under: pad(under), cls: rel,
	}
}

func (p *parser) phantom(t token) node {
	return &phantom{body: p.arg(t), hidden: true, zeroW: t.text == "vphantom", zeroH: t.text == "hphantom"}
}

func (p *parser) smash(t token) node {
	p.in.bracket()
	return &phantom{body: p.arg(t), zeroH: true}
}

func (p *parser) lap(t token) node {
	n := &phantom{body: p.arg(t), zeroW: true}
	switch strings.TrimPrefix(t.text, "math") {
	case "llap":
		n.shift = "-100%"
	case "clap":
		n.shift = "-50%"
	}
	return n
}

func (p *parser) boxed(t token) node {
	var body node
	if t.text == "fbox" {
		body = p.textArg(t, "")
	} else {
		body = &styled{items: []node{p.arg(t)}, style: displayStyle}
	}
	return &box{body, "border:.06em solid;padding:.3em"}
}

// strikes are the directions of the lines that \cancel and its kin draw.
var strikes = map[string][]string{
	"cancel": {"to top left"}, "bcancel": {"to top right"}, "xcancel": {"to top left", "to top right"}, "sout": {"to top"},
}

// cancel draws the line as a background: <menclose> is not in MathML Core.
func (p *parser) cancel(t token) node {
	var images []string
	for _, dir := range strikes[t.text] {
		images = append(images, "linear-gradient("+dir+",transparent calc(50% - .03em),currentColor calc(50% - .03em),currentColor calc(50% + .03em),transparent calc(50% + .03em))")
	}
	return &box{p.arg(t), "background:" + strings.Join(images, ",")}
}

func (p *parser) hspace(t token) node {
	p.star()
	return &space{parseDimension(t, strings.TrimSpace(plain(p.in.argument(t))))}
}

// kern reads a length that follows without braces: \kern-3mu.
func (p *parser) kern(t token) node {
	var b strings.Builder
	next := p.in.nextSkip()
	for next.kind == tokChar && strings.Contains("+-.0123456789", next.text) {
		b.WriteString(next.text)
		next = p.in.next()
	}
	for next.kind == tokSpace {
		next = p.in.next()
	}
	second := p.in.next()
	if next.kind != tokChar || second.kind != tokChar {
		fail(t.pos, "%s wants a length such as 3mu", t)
	}
	return &space{parseDimension(t, b.String()+next.text+second.text)}
}

// units are TeX's units of length in em of a 10 pt font.
var units = map[string]float64{
	"em": 1, "ex": .431, "mu": 1. / 18, "pt": .1, "px": .0625, "pc": 1.2, "cm": 2.845, "mm": .2845, "in": 7.227, "bp": .1004, "sp": 0,
}

// parseDimension returns a length in em. Lengths beyond 40 em would push a formula out of its
// page; they are cut there.
func parseDimension(t token, s string) float64 {
	if i := strings.Index(s, "plus"); i > 0 { // glue: its natural length
		s = s[:i]
	}
	s = strings.ReplaceAll(s, " ", "")
	if len(s) > 2 {
		if unit, ok := units[s[len(s)-2:]]; ok {
			if v, err := strconv.ParseFloat(s[:len(s)-2], 64); err == nil && v == v {
				return max(-40, min(40, v*unit))
			}
		}
	}
	fail(t.pos, "%s wants a length such as 1.5em, got %q", t, s)
	return 0
}

// trimFloat writes a length in em with four digits at most.
func trimFloat(em float64) string {
	s := strconv.FormatFloat(em, 'f', 4, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "0" || s == "-0" {
		return "0"
	}
	return s + "em"
}
