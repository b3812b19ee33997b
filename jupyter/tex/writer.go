package tex

import (
	"strings"
)

// writer writes a tree as MathML.
type writer struct {
	strings.Builder
}

// context is the style that surrounds a node: the writer must know what the browser will choose.
type context struct {
	display bool // display style: big operators, limits above and below
	level   int  // 0 in text, 1 in scripts, 2 in scripts of scripts
}

func (c context) script() context { return context{false, c.level + 1} }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// writeMath writes a whole formula.
func writeMath(list []node, src string, display bool) string {
	var w writer
	w.Grow(512 + 4*len(src))
	if display {
		w.WriteString(`<math display="block">`)
	} else {
		w.WriteString(`<math>`)
	}
	w.WriteString(`<semantics>`)
	w.group(list, context{display: display})
	w.annotation(src)
	w.WriteString(`</semantics></math>`)
	return w.String()
}

func (w *writer) annotation(src string) {
	w.WriteString(`<annotation encoding="application/x-tex">`)
	escaper.WriteString(w, strings.TrimSpace(src))
	w.WriteString(`</annotation>`)
}

// group writes items as exactly one element.
func (w *writer) group(items []node, c context) { w.groupAfter(items, none, c) }

func (w *writer) groupAfter(items []node, before class, c context) {
	items = spaceRow(items, before, c.level > 0)
	if len(items) == 1 {
		w.node(items[0], c)
		return
	}
	w.WriteString("<mrow>")
	w.nodes(items, c)
	w.WriteString("</mrow>")
}

// one writes n, which may be a list, as exactly one element.
func (w *writer) one(n node, c context) {
	if n == nil {
		w.WriteString("<mrow></mrow>")
		return
	}
	w.group([]node{n}, c)
}

func (w *writer) nodes(items []node, c context) {
	for _, n := range items {
		w.node(n, c)
	}
}

// node writes a node whose spaces are known, as one element.
func (w *writer) node(n node, c context) {
	switch n := n.(type) {
	case *symbol:
		w.symbol(n)
	case *row:
		w.group(n.items, c)
	case *script:
		w.script(n, c)
	case *frac:
		w.frac(n, c)
	case *radical:
		w.radical(n, c)
	case *fence:
		w.fence(n, c)
	case *stack:
		w.stack(n, c)
	case *styled:
		w.styled(n, c)
	case *space:
		w.space(n.em)
	case *phantom:
		w.phantom(n, c)
	case *box:
		w.WriteString(`<mrow style="` + n.css + `">`)
		w.one(n.body, c)
		w.WriteString(`</mrow>`)
	case *table:
		w.table(n, c)
	}
}

func (w *writer) symbol(s *symbol) {
	w.WriteByte('<')
	w.WriteString(s.tag)
	w.WriteString(s.attrs)
	if s.tag == "mo" {
		if s.rigid {
			w.WriteString(` stretchy="false"`)
		}
		g := gap{edge: true}
		if s.space != nil {
			g = *s.space
		}
		l, r, ok := dictionary(s)
		if !ok || g.left != l || g.right != r || g.edge && l+r > 0 {
			w.WriteString(` lspace="` + mu(g.left) + `" rspace="` + mu(g.right) + `"`)
		}
	}
	w.WriteByte('>')
	escaper.WriteString(w, s.text)
	w.WriteString("</")
	w.WriteString(s.tag)
	w.WriteByte('>')
}

// mu writes a space of TeX's unit in em.
func mu(n int) string { return trimFloat(float64(n) / 18) }

// space writes an explicit space; <mspace> has no negative width, a margin has.
func (w *writer) space(em float64) {
	if em < 0 {
		w.WriteString(`<mspace style="margin-left:` + trimFloat(em) + `"/>`)
		return
	}
	w.WriteString(`<mspace width="` + trimFloat(em) + `"/>`)
}

// hasLimits reports whether scripts of n go above and below in display style.
func hasLimits(n node) (by, always bool) {
	switch n := n.(type) {
	case *symbol:
		return n.limits, false
	case *row:
		if n.cls == ord && len(n.items) == 1 {
			return hasLimits(n.items[0])
		}
		return n.limits, false
	case *stack:
		return n.limits, n.limits
	}
	return false, false
}

func (w *writer) script(s *script, c context) {
	by, always := hasLimits(s.base)
	around := s.limits == limitsAlways || s.limits == limitsByStyle && (always || by && c.display)
	if o := core(s.base); o != nil && o.cls == op && around && !c.display {
		o.attrs += ` movablelimits="false"`
	}
	tag := "m"
	if around {
		tag += map[bool]string{true: "under"}[s.sub != nil] + map[bool]string{true: "over"}[s.sup != nil]
	} else {
		tag += map[bool]string{true: "sub"}[s.sub != nil] + map[bool]string{true: "sup"}[s.sup != nil]
	}
	w.WriteString("<" + tag + ">")
	// As the very base of a script a delimiter of given size stays small in Chromium.
	if o := core(s.base); o != nil && strings.Contains(o.attrs, "minsize") {
		w.WriteString("<mrow>")
		w.one(s.base, c)
		w.WriteString("</mrow>")
	} else {
		w.one(s.base, c)
	}
	if s.sub != nil {
		w.one(s.sub, c.script())
	}
	if s.sup != nil {
		w.one(s.sup, c.script())
	}
	w.WriteString("</" + tag + ">")
}

func (w *writer) frac(f *frac, c context) {
	delimited := f.left != "" || f.right != ""
	if delimited {
		w.WriteString("<mrow>")
		w.delimiter(f.left, "prefix")
	}
	inner := c
	switch f.style {
	case keep:
	default:
		w.openStyle(f.style, "")
		inner = contextOf(f.style)
	}
	w.WriteString("<mfrac")
	if f.thickness != "" {
		w.WriteString(` linethickness="` + f.thickness + `"`)
	}
	w.WriteByte('>')
	part := context{false, inner.level}
	if !inner.display {
		part.level++
	}
	for i, n := range []node{f.num, f.den} {
		switch {
		case f.continued:
			w.openStyle(displayStyle, "")
			if i == 0 && f.align != "" {
				w.WriteString(`<mrow style="text-align:` + f.align + `">`)
				w.one(n, context{display: true})
				w.WriteString(`</mrow>`)
			} else {
				w.one(n, context{display: true})
			}
			w.WriteString("</mstyle>")
		default:
			w.one(n, part)
		}
	}
	w.WriteString("</mfrac>")
	if f.style != keep {
		w.WriteString("</mstyle>")
	}
	if delimited {
		w.delimiter(f.right, "postfix")
		w.WriteString("</mrow>")
	}
}

func (w *writer) radical(r *radical, c context) {
	if r.index == nil {
		w.WriteString("<msqrt>")
		w.one(r.body, c)
		w.WriteString("</msqrt>")
		return
	}
	w.WriteString("<mroot>")
	w.one(r.body, c)
	w.one(r.index, context{false, c.level + 2})
	w.WriteString("</mroot>")
}

// delimiter writes a delimiter that grows with its row.
func (w *writer) delimiter(text, form string) {
	if text == "" {
		return
	}
	w.WriteString(`<mo fence="true" stretchy="true" symmetric="true" form="` + form + `" lspace="0" rspace="0">`)
	escaper.WriteString(w, text)
	w.WriteString(`</mo>`)
}

func (w *writer) fence(f *fence, c context) {
	w.WriteString("<mrow>")
	w.delimiter(f.left, "prefix")
	for i, part := range f.parts {
		if i > 0 {
			w.delimiter(f.middle[i-1], "infix")
		}
		w.one(part, c)
	}
	w.delimiter(f.right, "postfix")
	w.WriteString("</mrow>")
}

func (w *writer) stack(s *stack, c context) {
	tag := "m"
	if s.under != nil {
		tag += "under"
	}
	if s.over != nil {
		tag += "over"
	}
	w.WriteString("<" + tag)
	if s.accent {
		w.WriteString(` accent="true"`)
	}
	if s.accentUnder {
		w.WriteString(` accentunder="true"`)
	}
	w.WriteByte('>')
	w.one(s.base, c)
	for i, n := range []node{s.under, s.over} {
		if n == nil {
			continue
		}
		if i == 0 && s.accentUnder || i == 1 && s.accent {
			w.one(n, c)
		} else {
			w.one(n, c.script())
		}
	}
	w.WriteString("</" + tag + ">")
}
