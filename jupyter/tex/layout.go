package tex

// contextOf is the context that a style sets.
func contextOf(s style) context {
	switch s {
	case displayStyle:
		return context{display: true}
	case scriptStyle:
		return context{level: 1}
	case scriptScriptStyle:
		return context{level: 2}
	}
	return context{}
}

// openStyle opens an <mstyle>.
func (w *writer) openStyle(s style, color string) {
	w.WriteString("<mstyle")
	switch s {
	case displayStyle:
		w.WriteString(` displaystyle="true" scriptlevel="0"`)
	case textStyle:
		w.WriteString(` displaystyle="false" scriptlevel="0"`)
	case scriptStyle:
		w.WriteString(` displaystyle="false" scriptlevel="1"`)
	case scriptScriptStyle:
		w.WriteString(` displaystyle="false" scriptlevel="2"`)
	}
	if color != "" {
		w.WriteString(` mathcolor="` + color + `"`)
	}
	w.WriteByte('>')
}

func (w *writer) styled(s *styled, c context) {
	inner := c
	if s.style != keep {
		inner = contextOf(s.style)
	}
	before := none
	if s.switchs {
		before = s.before
	}
	if inner == c && s.color == "" { // nothing changes
		w.groupAfter(s.items, before, c)
		return
	}
	w.openStyle(s.style, s.color)
	w.groupAfter(s.items, before, inner)
	w.WriteString("</mstyle>")
}

func (w *writer) phantom(p *phantom, c context) {
	if p.zeroW || p.zeroH {
		w.WriteString("<mpadded")
		if p.zeroW {
			w.WriteString(` width="0"`)
		}
		if p.zeroH {
			w.WriteString(` height="0" depth="0"`)
		}
		w.WriteByte('>')
		defer w.WriteString("</mpadded>")
	}
	switch {
	case p.hidden:
		w.WriteString("<mphantom>")
		defer w.WriteString("</mphantom>")
	case p.shift != "": // lspace of <mpadded> knows no share of the width
		w.WriteString(`<mrow style="transform:translateX(` + p.shift + `)">`)
		defer w.WriteString("</mrow>")
	}
	w.one(p.body, c)
}

func (w *writer) table(t *table, c context) {
	delimited := t.left != "" || t.right != ""
	if delimited {
		w.WriteString("<mrow>")
		w.delimiter(t.left, "prefix")
	}
	cell := context{level: c.level}
	if t.small && c.level == 0 {
		w.WriteString(`<mstyle scriptlevel="1">`)
		cell.level = 1
	}
	w.WriteString("<mtable")
	if t.display {
		w.WriteString(` displaystyle="true"`)
		cell.display = true
	}
	if t.ruled() {
		w.WriteString(` style="border-collapse:collapse"`)
	}
	w.WriteByte('>')
	for i, cells := range t.rows {
		w.WriteString("<mtr>")
		for j := range max(len(cells), len(t.columns)*btoi(t.ruled())) {
			w.WriteString(`<mtd`)
			if css := t.css(i, j); css != "" {
				w.WriteString(` style="` + css + `"`)
			}
			w.WriteByte('>')
			if j < len(cells) {
				before := none
				if t.equations && j%2 == 1 { // amsmath's empty atom in front of the relation
					before = ord
				}
				w.groupAfter(unwrap(cells[j]), before, cell)
			}
			w.WriteString("</mtd>")
		}
		if len(t.tags) > 0 {
			for range len(t.columns) - len(cells) {
				w.WriteString("<mtd></mtd>")
			}
			w.WriteString(`<mtd style="padding-left:2.5em">`)
			if t.tags[i] != nil {
				w.one(t.tags[i], context{})
			}
			w.WriteString("</mtd>")
		}
		w.WriteString("</mtr>")
	}
	w.WriteString("</mtable>")
	if t.small && c.level == 0 {
		w.WriteString("</mstyle>")
	}
	if delimited {
		w.delimiter(t.right, "postfix")
		w.WriteString("</mrow>")
	}
}

// ruled reports whether the table has lines, which every cell then carries.
func (t *table) ruled() bool {
	for _, c := range t.columns {
		if c.line {
			return true
		}
	}
	for _, l := range t.lines {
		if l {
			return true
		}
	}
	return false
}

// css is the style of cell j of row i: columnalign and its kin are not in MathML Core.
func (t *table) css(i, j int) string {
	col := t.columns[min(j, len(t.columns)-1)]
	css := textAlign(col.align)
	padding := ""
	switch {
	case t.small:
		padding = ".1em .25em"
	case t.equations && j%2 == 1:
		padding = ".3em 0 .3em 0"
	case t.equations && j == 0:
		padding = ".3em 0"
	case t.equations:
		padding = ".3em 0 .3em 2em"
	case t.display:
		padding = ".3em .28em"
	case t.left == "{" || t.right == "}":
		padding = ".2em .5em .2em 0"
		if j > 0 {
			padding = ".2em 0 .2em .5em"
		}
	}
	if padding != "" {
		css = joinCSS(css, "padding:"+padding)
	}
	if col.line {
		css = joinCSS(css, "border-left:.06em solid")
	}
	if i < len(t.lines) && t.lines[i] {
		css = joinCSS(css, "border-top:.06em solid")
	}
	if i == len(t.rows)-1 && len(t.lines) > len(t.rows) && t.lines[len(t.rows)] {
		css = joinCSS(css, "border-bottom:.06em solid")
	}
	return css
}

// textAlign is the CSS of a column; a cell is centred by itself. Chromium lays a cell's content out
// as a block, which only the prefixed values move.
func textAlign(align string) string {
	switch align {
	case "left":
		return "text-align:left;text-align:-webkit-left"
	case "right":
		return "text-align:right;text-align:-webkit-right"
	}
	return ""
}

// unwrap returns the members of a cell.
func unwrap(n node) []node {
	if r, ok := n.(*row); ok && r.cls == ord {
		return r.items
	}
	return []node{n}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
