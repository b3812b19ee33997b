package tex

import (
	"strings"
	"unicode/utf8"
)

// writePieces writes an inline formula in as many <math> elements as Converter.Inline says.
func writePieces(list []node, src string, limit float64) string {
	if limit <= 0 || width(&row{items: list}) <= limit {
		return writeMath(list, src, false)
	}
	classes := effectiveClasses(list, none)
	cut := map[*symbol]bool{}
	breakAt(list, classes, rel, limit, cut)
	breakAt(list, classes, bin, limit, cut)
	if len(cut) == 0 {
		return writeMath(list, src, false)
	}
	spaced := spaceRow(list, none, false)
	var w writer
	from, at := 0, 0 // of the piece, in spaced and in src
	for i, n := range spaced {
		s, ok := n.(*symbol)
		end := len(src)
		if i < len(spaced)-1 {
			if !ok || !cut[s] {
				continue
			}
			s.space.edge = true
			lex := lexer{src: src, pos: s.pos}
			lex.next()
			end = max(at, lex.pos)
		}
		if from > 0 {
			w.WriteString("<wbr>")
		}
		w.WriteString("<math><semantics><mrow>")
		w.nodes(spaced[from:i+1], context{})
		w.WriteString("</mrow>")
		w.annotation(src[at:end])
		w.WriteString("</semantics></math>")
		from, at = i+1, end
	}
	return w.String()
}

// breakAt marks the operators of a class, outside brackets, behind which list is cut, as far as
// the pieces between the marks so far are wider than limit.
func breakAt(list []node, classes []class, c class, limit float64, cut map[*symbol]bool) {
	start := 0
	for i, n := range list {
		s, ok := n.(*symbol)
		if i < len(list)-1 && (!ok || !cut[s]) {
			continue
		}
		if width(&row{items: list[start : i+1]}) > limit {
			depth := 0
			for j := start; j < i; j++ {
				switch classes[j] {
				case opening:
					depth++
				case closing:
					depth--
				case c:
					if o, ok := list[j].(*symbol); ok && o.tag == "mo" && depth == 0 && j > 0 {
						cut[o] = true
					}
				}
			}
		}
		start = i + 1
	}
}

// width estimates the width of n in em; it is right to some 20 %.
func width(n node) float64 {
	switch n := n.(type) {
	case nil:
		return 0
	case *symbol:
		letters := float64(utf8.RuneCountInString(n.text))
		switch {
		case n.cls == rel:
			return 1.4
		case n.cls == bin:
			return 1.2
		case n.cls == op && n.tag == "mo":
			return 1.3
		case n.tag == "mo" && strings.Contains("()[]{}|,", n.text):
			return .4
		}
		return .52 * letters
	case *row:
		return widths(n.items)
	case *styled:
		return widths(n.items)
	case *script:
		return width(n.base) + .7*max(width(n.sub), width(n.sup))
	case *frac:
		return .2 + .75*max(width(n.num), width(n.den))
	case *radical:
		return .8 + width(n.body)
	case *fence:
		w := .8
		for _, p := range n.parts {
			w += width(p)
		}
		return w
	case *stack:
		return max(width(n.base), .7*width(n.over), .7*width(n.under))
	case *space:
		return n.em
	case *phantom:
		if n.zeroW {
			return 0
		}
		return width(n.body)
	case *box:
		return width(n.body)
	case *table:
		w := 0.
		for _, r := range n.rows {
			w = max(w, widths(r)+float64(len(r)))
		}
		return w
	}
	return 0
}

func widths(list []node) float64 {
	w := 0.
	for _, n := range list {
		w += width(n)
	}
	return w
}
