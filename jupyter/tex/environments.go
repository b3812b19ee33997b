package tex

import (
	"strings"
)

// environment says how the cells of an environment are set.
type environment struct {
	columns     string // l, c, r for each column; the last ones repeat
	left, right string // delimiters
	display     bool
	small       bool
	equations   bool
	argument    int // 1: a column specification, 2: a number that is dropped, 3: a position in [ ]
	single      bool
}

var environments = map[string]environment{
	"matrix": {columns: "c"}, "pmatrix": {columns: "c", left: "(", right: ")"},
	"bmatrix": {columns: "c", left: "[", right: "]"}, "Bmatrix": {columns: "c", left: "{", right: "}"},
	"vmatrix": {columns: "c", left: "|", right: "|"}, "Vmatrix": {columns: "c", left: "‖", right: "‖"},
	"smallmatrix": {columns: "c", small: true}, "array": {columns: "c", argument: 1},
	"darray": {columns: "c", argument: 1, display: true}, "subarray": {columns: "c", argument: 1, small: true},
	"cases": {columns: "l", left: "{"}, "dcases": {columns: "l", left: "{", display: true},
	"rcases": {columns: "l", right: "}"}, "drcases": {columns: "l", right: "}", display: true},
	"align": {columns: "rl", display: true, equations: true}, "aligned": {columns: "rl", display: true, equations: true, argument: 3},
	"split": {columns: "rl", display: true, equations: true}, "flalign": {columns: "rl", display: true, equations: true},
	"alignat": {columns: "rl", display: true, equations: true, argument: 2}, "alignedat": {columns: "rl", display: true, equations: true, argument: 2},
	"eqnarray": {columns: "rcl", display: true}, "gather": {columns: "c", display: true},
	"gathered": {columns: "c", display: true, argument: 3}, "multline": {columns: "c", display: true},
	"equation": {single: true, display: true}, "displaymath": {single: true, display: true}, "math": {single: true},
}

// begin parses an environment from its name to its \end.
func (p *parser) begin(t token) node {
	defer p.enter(t.pos)()
	name := plain(p.in.argument(t))
	base := strings.TrimSuffix(name, "*")
	env, ok := environments[base]
	if !ok {
		fail(t.pos, "unknown environment %s", name)
	}
	tab := &table{left: env.left, right: env.right, display: env.display, small: env.small, equations: env.equations}
	if env.left != "" || env.right != "" {
		tab.cls = inner
	}
	spec := env.columns
	switch {
	case env.argument == 1:
		p.in.bracket()
		spec = plain(p.in.argument(t))
	case env.argument == 2:
		p.in.argument(t)
	case env.argument == 3:
		p.in.bracket()
	case base != name && strings.HasSuffix(base, "matrix"): // pmatrix*[r]
		if opt, ok := p.in.bracket(); ok {
			spec = plain(opt)
		}
	}
	font, bracket := p.font, p.bracket
	p.bracket = false
	p.cells(t, name, tab)
	p.font, p.bracket = font, bracket
	tab.columns = p.columns(t, spec, tab, env.argument == 1)
	if base == "multline" { // first line left, last line right; the middle is centred by its columns
		return multline(tab)
	}
	if env.single && len(tab.rows) == 1 && len(tab.rows[0]) == 1 && len(tab.tags) == 0 {
		return &styled{items: tab.rows[0], style: displayStyle, switchs: true}
	}
	return tab
}

// cells parses the rows of an environment into tab, and its \end.
func (p *parser) cells(t token, name string, tab *table) {
	outer := p.tag
	p.tag = nil
	tagged := false
	line := false
	var tags []node
	cells := []node{}
	for {
		next := p.in.nextSkip()
		if next.command("hline") || next.command("hdashline") {
			line = true
			continue
		}
		p.in.push(next)
		font := p.font
		items := p.list()
		p.font = font
		cells = append(cells, &row{items: items})
		end := p.in.next()
		if end.char("&") {
			continue
		}
		over := end.command("end")
		if !over && !end.command(`\`) && !end.command("cr") && !end.command("newline") {
			if end.kind == tokEnd || end.char("}") {
				fail(t.pos, `\begin{%s} without \end`, name)
			}
			p.unexpected(end)
		}
		empty := len(cells) == 1 && len(items) == 0
		if !over || !empty || p.tag != nil { // a \\ before \end begins no row
			tab.rows, tab.lines = append(tab.rows, cells), append(tab.lines, line)
			tags = append(tags, p.tag)
			tagged = tagged || p.tag != nil
			p.tag, cells, line = nil, []node{}, false
		}
		if over {
			if got := plain(p.in.argument(end)); got != name {
				fail(end.pos, `\begin{%s} ended by \end{%s}`, name, got)
			}
			break
		}
		p.rowGap()
	}
	tab.lines = append(tab.lines, line)
	if tagged {
		tab.tags = tags
	}
	p.tag = outer
}

// rowGap drops the star and the length that may follow \\.
func (p *parser) rowGap() {
	if t := p.in.next(); !t.char("*") {
		p.in.push(t)
	}
	// A [ that begins the next row, as in "\\ [0,1]", is not a length: amsmath too wants it close.
	if t := p.in.next(); t.char("[") {
		p.in.push(t)
		p.in.bracket()
	} else {
		p.in.push(t)
	}
}

// columns reads a column specification; short ones repeat to the width of the table.
func (p *parser) columns(t token, spec string, tab *table, explicit bool) []column {
	names := map[rune]string{'l': "left", 'c': "center", 'r': "right"}
	var out []column
	line, depth := false, 0
	for _, c := range spec {
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case depth > 0 || c == ' ' || c == '@' || c == '!':
		case c == '|' || c == ':':
			line = true
		case names[c] != "":
			out = append(out, column{names[c], line})
			line = false
		default:
			fail(t.pos, "column specification %q: only l, c, r and | are understood", spec)
		}
	}
	if len(out) == 0 {
		out = centered(1)
	}
	width := 1
	for _, r := range tab.rows {
		width = max(width, len(r))
	}
	given := len(out)
	for i := given; i < width; i++ {
		if explicit {
			out = append(out, column{align: "center"})
		} else {
			out = append(out, out[i-given])
		}
	}
	if line { // a line on the far right
		out = append(out, column{line: true})
	}
	return out
}

func centered(n int) []column {
	out := make([]column, n)
	for i := range out {
		out[i].align = "center"
	}
	return out
}

// multline sets the first line left and the last line right.
func multline(tab *table) node {
	for i, r := range tab.rows {
		body := r[0]
		switch {
		case i == 0:
			r[0] = &row{items: []node{body, &space{4}}}
		case i == len(tab.rows)-1:
			r[0] = &row{items: []node{&space{4}, body}}
		}
	}
	return tab
}

// substack parses \substack{a \\ b}.
func (p *parser) substack(t token) node {
	open := p.in.nextSkip()
	if !open.char("{") {
		fail(open.pos, `\substack wants a group`)
	}
	defer p.enter(open.pos)()
	tab := &table{small: true, columns: centered(1)}
	for {
		tab.rows = append(tab.rows, []node{&row{items: p.list()}})
		end := p.in.next()
		switch {
		case end.command(`\`), end.command("cr"):
			p.rowGap()
		case end.char("}"):
			return tab
		case end.kind == tokEnd:
			fail(open.pos, "{ is not closed")
		default:
			p.unexpected(end)
		}
	}
}
