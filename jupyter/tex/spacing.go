package tex

import "strings"

// spacing is the space between neighbours of TeX's classes in mu; negative where it vanishes in
// sub- and superscripts. Impossible pairs are 0. The TeXbook, p. 170.
var spacing = [8][8]int{
	//        ord op bin rel open close punct inner
	ord:     {0, 3, -4, -5, 0, 0, 0, -3},
	op:      {3, 3, 0, -5, 0, 0, 0, -3},
	bin:     {-4, -4, 0, 0, -4, 0, 0, -4},
	rel:     {-5, -5, 0, 0, -5, 0, 0, -5},
	opening: {},
	closing: {0, 3, -4, -5, 0, 0, 0, -3},
	punct:   {-3, -3, 0, -3, -3, -3, -3, -3},
	inner:   {-3, 3, -4, -5, -3, 0, -3, -3},
}

// spaceRow puts TeX's spaces into a list of nodes. Where one of two neighbours is an operator to
// MathML, the space becomes its lspace or rspace; elsewhere it becomes an element of its own in the
// list that is returned. before is the class of what stands in front of the list, none for nothing.
func spaceRow(items []node, before class, inScript bool) []node {
	classes := effectiveClasses(items, before)
	width := func(a, b class) int {
		s := spacing[a][b]
		if s < 0 {
			if inScript {
				return 0
			}
			return -s
		}
		return s
	}
	out := make([]node, 0, len(items)+4)
	last, lastAt := before, -1 // class of the last atom and its index in out
	for i, n := range items {
		c := classes[i]
		if s, ok := n.(*styled); ok && s.switchs {
			s.before = last
		}
		if c == none {
			out = append(out, n)
			continue
		}
		o := core(n)
		if o != nil && o.space == nil {
			o.space = &gap{edge: i == 0 || i == len(items)-1}
		}
		if last != none {
			if lastAt >= 0 && isFunction(out[lastAt]) && (c == ord || c == opening || c == inner || c == op) {
				out = append(out, &symbol{tag: "mo", text: application, cls: none, space: &gap{}})
			}
			switch s := width(last, c); {
			case s == 0:
			case lastAt >= 0 && core(out[lastAt]) != nil:
				core(out[lastAt]).space.right = s
			case o != nil:
				o.space.left = s
			default:
				out = append(out, &space{float64(s) / 18})
			}
		}
		last, lastAt = c, len(out)
		out = append(out, n)
	}
	return out
}

// application is Unicode's invisible "function application": with it a screen reader says "log of x".
const application = "\u2061"

// isFunction reports whether n is a named function, perhaps with scripts.
func isFunction(n node) bool {
	switch n := n.(type) {
	case *symbol:
		return n.cls == op && n.tag == "mi"
	case *script:
		return isFunction(n.base)
	}
	return false
}

// effectiveClasses are the classes of items after TeX's rules 5 and 6: a binary operator with
// nothing to operate on, such as a sign, is an ordinary atom. The TeXbook, p. 442.
func effectiveClasses(items []node, before class) []class {
	out := make([]class, len(items))
	last, lastAt := before, -1
	for i, n := range items {
		c := n.class()
		out[i] = c
		if c == none {
			continue
		}
		if c == bin && (last == none || last == bin || last == op || last == rel || last == opening || last == punct) {
			c = ord
		}
		if (c == rel || c == closing || c == punct) && last == bin && lastAt >= 0 {
			out[lastAt] = ord
		}
		out[i] = c
		last, lastAt = c, i
	}
	if last == bin && lastAt >= 0 {
		out[lastAt] = ord
	}
	return out
}

// dictionary returns the spaces that the operator dictionary of MathML Core gives to an infix
// operator (for brackets and big operators: in their usual place), where this package relies on it.
func dictionary(s *symbol) (left, right int, ok bool) {
	switch {
	case strings.Contains("()[]{}⟨⟩⌊⌋⌈⌉"+application, s.text):
		return 0, 0, true
	case strings.Contains("+−±∓", s.text):
		return 4, 4, true
	case strings.Contains("=<>≤≥≠≈≡∼∈⊂⊆→⇒≪≫∝≔", s.text):
		return 5, 5, true
	case s.text == ",":
		return 0, 3, true
	case s.cls == op:
		return 3, 3, true
	}
	return 0, 0, false
}
