package html

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// finish parses rendered Markdown as a browser would, which balances it, and completes it: ids and
// anchors of headings, boxes around tables, sources of images, and the parts that placeholders
// stand for. A placeholder counts only in text, so nothing of a formula reaches an attribute.
func (m *markdown) finish(s string) string {
	ctx := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(s), ctx)
	if err != nil { // nested beyond what a browser would follow
		return "<pre>" + escape(s) + "</pre>\n"
	}
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.A:
			m.link(n)
		case atom.Img:
			m.image(n)
		case atom.Input:
			if !m.trusted {
				setAttr(n, "disabled", "")
			}
			if attr(n, "type") == "checkbox" && attr(n, "aria-label") == "" {
				setAttr(n, "aria-label", "task")
			}
		}
	}
	for _, n := range slices.Collect(root.Descendants()) {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			m.heading(n)
		case atom.Table:
			wrap(n, "Table")
		}
	}
	m.fill(root)
	var b strings.Builder
	for n := range root.ChildNodes() {
		if err := html.Render(&b, n); err != nil {
			return "<pre>" + escape(s) + "</pre>\n"
		}
	}
	return b.String()
}

// fill puts the parts in place of their placeholders.
func (m *markdown) fill(root *html.Node) {
	for _, n := range slices.Collect(root.Descendants()) {
		if n.Type == html.TextNode && strings.ContainsRune(n.Data, partOpen) && !rawText(n.Parent) {
			n.Type = html.RawNode
			n.Data = m.expand(n.Data, func(part string) string { return part })
		}
	}
}

// rawText reports whether the text of n is no markup to a browser.
func rawText(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Textarea, atom.Title, atom.Xmp, atom.Iframe, atom.Noembed, atom.Noframes, atom.Plaintext, atom.Noscript:
		return true
	}
	return false
}

// expand escapes text and replaces its placeholders by f of their parts.
func (m *markdown) expand(text string, f func(string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, string(partOpen))
		b.WriteString(escape(before))
		if !ok {
			return b.String()
		}
		num, after, _ := strings.Cut(rest, string(partClose))
		if i, err := strconv.Atoi(num); err == nil && i < len(m.parts) {
			b.WriteString(f(m.parts[i]))
		}
		text = after
	}
}

// heading gives n an id of its own and an anchor, and notes it.
func (m *markdown) heading(n *html.Node) {
	text := m.textOf(n)
	id := attr(n, "id")
	if id == "" || m.ids[id] {
		id = m.unique(slug(text))
	}
	m.ids[id] = true
	setAttr(n, "id", id)
	if strings.TrimSpace(text) == "" {
		return
	}
	var inner strings.Builder
	for c := range n.ChildNodes() {
		inner.WriteString(m.inlineHTML(c))
	}
	m.headings = append(m.headings, heading{int(n.Data[1] - '0'), id, text, inner.String()})
	a := element("a", "class", "anchor", "href", "#"+id, "aria-label", "Link to this section")
	a.AppendChild(&html.Node{Type: html.TextNode, Data: "#"})
	n.AppendChild(a)
}

// inlineHTML is n for the table of contents: text, emphasis, code and mathematics.
func (m *markdown) inlineHTML(n *html.Node) string {
	if n.Type == html.TextNode {
		return m.expand(n.Data, func(part string) string { return part })
	}
	var b strings.Builder
	keep := n.DataAtom == atom.Em || n.DataAtom == atom.Code || n.DataAtom == atom.Strong
	if rawText(n) {
		return ""
	}
	if keep {
		b.WriteString("<" + n.Data + ">")
	}
	for c := range n.ChildNodes() {
		b.WriteString(m.inlineHTML(c))
	}
	if keep {
		b.WriteString("</" + n.Data + ">")
	}
	return b.String()
}

// textOf is the text of n, formulas as their source.
func (m *markdown) textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type != html.TextNode || rawText(d.Parent) {
			continue
		}
		s := m.expand(d.Data, sourceOf)
		b.WriteString(html.UnescapeString(s))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// sourceOf is the TeX in a part: its annotations, or what an error box shows.
func sourceOf(part string) string {
	var out strings.Builder
	for rest := part; ; {
		_, after, ok := strings.Cut(rest, `<annotation encoding="application/x-tex">`)
		if !ok {
			break
		}
		src, next, _ := strings.Cut(after, "</annotation>")
		out.WriteString(src)
		rest = next
	}
	if out.Len() > 0 {
		return out.String()
	}
	if _, after, ok := strings.Cut(part, ">"); ok && strings.HasPrefix(part, `<code class="math-error"`) {
		src, _, _ := strings.Cut(after, "</code>")
		return src
	}
	return ""
}

// slug is text as an id: lower case, letters and digits, dashes between.
func slug(text string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		default:
			dash = true
		}
		if b.Len() > 60 {
			break
		}
	}
	if b.Len() == 0 {
		return "section"
	}
	return b.String()
}

// unique is id, with a number where it is taken.
func (m *markdown) unique(id string) string {
	out := id
	for i := 2; m.ids[out]; i++ {
		out = id + "-" + strconv.Itoa(i)
	}
	m.ids[out] = true
	return out
}

// wrap puts a box that scrolls around n.
func wrap(n *html.Node, label string) {
	box := element("div", "class", "scroll", "tabindex", "0", "role", "group", "aria-label", label)
	n.Parent.InsertBefore(box, n)
	n.Parent.RemoveChild(n)
	box.AppendChild(n)
}

func element(tag string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: tag, DataAtom: atom.Lookup([]byte(tag))}
	for i := 0; i < len(attrs); i += 2 {
		n.Attr = append(n.Attr, html.Attribute{Key: attrs[i], Val: attrs[i+1]})
	}
	return n
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func setAttr(n *html.Node, key, val string) {
	for i, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			n.Attr[i].Val = val
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: val})
}

func delAttr(n *html.Node, key string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func escape(s string) string { return html.EscapeString(s) }
