package html

import (
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// link keeps the addresses that only lead somewhere, and says nothing to where they lead.
func (m *markdown) link(n *html.Node) {
	href := attr(n, "href")
	u, err := url.Parse(href)
	switch {
	case err != nil:
		delAttr(n, "href")
	case u.Scheme == "http" || u.Scheme == "https":
		setAttr(n, "rel", "noopener noreferrer")
	case u.Scheme != "" && u.Scheme != "mailto" && !m.trusted:
		delAttr(n, "href")
	}
	delAttr(n, "ping")
}

// image embeds what the notebook or its folder holds. An image from elsewhere becomes a link: a
// page fetches nothing.
func (m *markdown) image(n *html.Node) {
	src := attr(n, "src")
	delAttr(n, "srcset")
	if name, ok := strings.CutPrefix(src, "attachment:"); ok {
		if un, err := url.PathUnescape(name); err == nil {
			name = un
		}
		if uri := m.attachments[name]; uri != "" {
			setAttr(n, "src", uri)
			return
		}
	}
	if strings.HasPrefix(src, "data:image/") {
		return
	}
	if uri := m.local(src); uri != "" {
		setAttr(n, "src", uri)
		return
	}
	label := attr(n, "alt")
	if label == "" {
		label = path.Base(src)
	}
	text := &html.Node{Type: html.TextNode, Data: "[image: " + label + "]"}
	link := element("span", "class", "missing")
	u, err := url.Parse(src)
	inLink := false
	for p := range n.Ancestors() {
		inLink = inLink || p.DataAtom == atom.A
	}
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && !inLink {
		link = element("a", "class", "missing", "href", src, "rel", "noopener noreferrer")
	}
	link.AppendChild(text)
	// In place, for the walk that is under way.
	n.Data, n.DataAtom, n.Attr = link.Data, link.DataAtom, link.Attr
	link.RemoveChild(text)
	n.AppendChild(text)
}

// local reads an image that lies in the notebook's folder or below.
func (m *markdown) local(src string) string {
	u, err := url.Parse(src)
	if err != nil || u.Scheme != "" || u.Host != "" || m.readFile == nil || u.Path == "" || path.IsAbs(u.Path) {
		return ""
	}
	name := path.Clean(u.Path)
	if name == ".." || strings.HasPrefix(name, "../") {
		return ""
	}
	mime := map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
		".webp": "image/webp", ".svg": "image/svg+xml"}[strings.ToLower(path.Ext(name))]
	if mime == "" {
		return ""
	}
	data, err := m.readFile(name)
	if err != nil {
		return ""
	}
	return encodeURI(mime, data)
}
