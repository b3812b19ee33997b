package frontend

import (
	"strings"

	"github.com/dop251/goja"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// document is the page's tree. Scripts name nodes by numbers; 0 is the root.
type document struct {
	root  *html.Node
	nodes []*html.Node
	index map[*html.Node]int
}

func newDocument() document {
	root := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	return document{root: root, nodes: []*html.Node{root}, index: map[*html.Node]int{root: 0}}
}

// number returns the number of a node, -1 for none.
func (d *document) number(n *html.Node) int {
	if n == nil {
		return -1
	}
	i, ok := d.index[n]
	if !ok {
		i = len(d.nodes)
		d.nodes = append(d.nodes, n)
		d.index[n] = i
	}
	return i
}

// parse returns the nodes of a piece of HTML.
func parse(text string) []*html.Node {
	nodes, err := html.ParseFragment(strings.NewReader(text), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return nil // only where reading fails, which a string does not
	}
	return nodes
}

func (d *document) setInner(n *html.Node, text string) {
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	for _, c := range parse(text) {
		n.AppendChild(c)
	}
}

func (d *document) insert(n *html.Node, where, text string) {
	parent, before := n, (*html.Node)(nil)
	switch where {
	case "beforebegin":
		parent, before = n.Parent, n
	case "afterbegin":
		before = n.FirstChild
	case "afterend":
		parent, before = n.Parent, n.NextSibling
	}
	if parent == nil {
		return
	}
	for _, c := range parse(text) {
		parent.InsertBefore(c, before)
	}
}

// walk calls f for n and all below it until f returns true.
func walk(n *html.Node, f func(*html.Node) bool) bool {
	if f(n) {
		return true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if walk(c, f) {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if strings.EqualFold(a.Key, key) {
			return a.Val, true
		}
	}
	return "", false
}

func setAttr(n *html.Node, key, val string) {
	for i := range n.Attr {
		if strings.EqualFold(n.Attr[i].Key, key) {
			n.Attr[i].Val = val
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: strings.ToLower(key), Val: val})
}

func (d *document) byID(id string) (found *html.Node) {
	walk(d.root, func(n *html.Node) bool {
		if v, ok := attr(n, "id"); ok && v == id && n.Type == html.ElementNode {
			found = n
			return true
		}
		return false
	})
	return found
}

// query finds elements below n by "tag", "#id", ".class" or a tag with one of these. Other
// selectors find nothing.
func (d *document) query(n *html.Node, selector string) []int {
	tag, id, class := strings.TrimSpace(selector), "", ""
	if t, rest, ok := strings.Cut(tag, "#"); ok {
		tag, id = t, rest
	} else if t, rest, ok := strings.Cut(tag, "."); ok {
		tag, class = t, rest
	}
	out := []int{}
	if strings.ContainsAny(tag+id+class, " >+~[:,") {
		return out
	}
	walk(n, func(x *html.Node) bool {
		if x == n || x.Type != html.ElementNode || (tag != "" && tag != "*" && !strings.EqualFold(x.Data, tag)) {
			return false
		}
		if v, _ := attr(x, "id"); id != "" && v != id {
			return false
		}
		if v, _ := attr(x, "class"); class != "" && !contains(strings.Fields(v), class) {
			return false
		}
		out = append(out, d.number(x))
		return false
	})
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func outer(n *html.Node) string {
	var b strings.Builder
	if html.Render(&b, n) != nil {
		return ""
	}
	return b.String()
}

func inner(n *html.Node) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(outer(c))
	}
	return b.String()
}

func text(n *html.Node) string {
	var b strings.Builder
	walk(n, func(x *html.Node) bool {
		if x.Type == html.TextNode {
			b.WriteString(x.Data)
		}
		return false
	})
	return b.String()
}

// value is what a browser shows in a form element that nobody touched: the value attribute, for
// a select the selected option or the first, for a range without a value its middle.
func value(n *html.Node) string {
	switch n.Data {
	case "select":
		first, chosen := "", ""
		seen, found := false, false
		walk(n, func(x *html.Node) bool {
			if x.Type != html.ElementNode || x.Data != "option" {
				return false
			}
			v, ok := attr(x, "value")
			if !ok {
				v = text(x)
			}
			if !seen {
				first, seen = v, true
			}
			if _, ok := attr(x, "selected"); ok {
				chosen, found = v, true
			}
			return false
		})
		if found {
			return chosen
		}
		return first
	case "textarea":
		return text(n)
	}
	v, ok := attr(n, "value")
	if kind, _ := attr(n, "type"); !ok && kind == "range" {
		return "50"
	}
	return v
}

// bind gives scripts the functions of the document.
func (d *document) bind(vm *goja.Runtime, set func(name string, f any)) {
	// Numbers come from number; a script that makes one up talks to a node that is nowhere.
	at := func(i int) *html.Node {
		if i < 0 || i >= len(d.nodes) {
			return &html.Node{Type: html.ElementNode, Data: "div"}
		}
		return d.nodes[i]
	}
	set("tag", func(i int) string { return at(i).Data })
	set("inner", func(i int) string { return inner(at(i)) })
	set("outer", func(i int) string { return outer(at(i)) })
	set("text", func(i int) string { return text(at(i)) })
	set("value", func(i int) string { return value(at(i)) })
	set("setInner", func(i int, s string) { d.setInner(at(i), s) })
	set("setText", func(i int, s string) { d.setInner(at(i), html.EscapeString(s)) })
	set("insert", func(i int, where, s string) { d.insert(at(i), where, s) })
	set("parent", func(i int) int { return d.number(at(i).Parent) })
	set("children", func(i int) []int {
		out := []int{}
		for c := at(i).FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode {
				out = append(out, d.number(c))
			}
		}
		return out
	})
	set("byID", func(id string) int { return d.number(d.byID(id)) })
	set("query", func(i int, s string) []int { return d.query(at(i), s) })
	set("create", func(tag string) int {
		return d.number(&html.Node{Type: html.ElementNode, Data: strings.ToLower(tag), DataAtom: atom.Lookup([]byte(strings.ToLower(tag)))})
	})
	set("attr", func(i int, k string) goja.Value {
		if v, ok := attr(at(i), k); ok {
			return vm.ToValue(v)
		}
		return goja.Null()
	})
	set("setAttr", func(i int, k, v string) { setAttr(at(i), k, v) })
	set("removeAttr", func(i int, k string) {
		n := at(i)
		for j := range n.Attr {
			if strings.EqualFold(n.Attr[j].Key, k) {
				n.Attr = append(n.Attr[:j], n.Attr[j+1:]...)
				return
			}
		}
	})
	set("append", func(parent, child int) {
		p, c := at(parent), at(child)
		for x := p; x != nil; x = x.Parent {
			if x == c {
				return // a node cannot be put below itself
			}
		}
		if c.Parent != nil {
			c.Parent.RemoveChild(c)
		}
		p.AppendChild(c)
	})
	set("remove", func(i int) {
		if n := at(i); n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	})
}
