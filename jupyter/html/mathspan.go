package html

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mathSpan is mathematics in a line of text.
type mathSpan struct {
	ast.BaseInline
	src     string
	display bool // $$...$$ or \[...\] inside a paragraph
}

var kindMathSpan = ast.NewNodeKind("MathSpan")

func (*mathSpan) Kind() ast.NodeKind { return kindMathSpan }
func (n *mathSpan) Dump(source []byte, level int) {
	ast.DumpHelper(n, source, level, map[string]string{"src": n.src}, nil)
}

// mathSpanParser reads $...$, $$...$$, \(...\), \[...\] and the forms with two backslashes that
// Jupyter wants since Markdown eats one.
type mathSpanParser struct{}

var _ parser.InlineParser = mathSpanParser{}

func (mathSpanParser) Trigger() []byte { return []byte{'$', '\\'} }

// spans are the delimiters in the order in which they are tried.
var spans = []struct {
	open, close string
	display     bool
}{
	{"$$", "$$", true}, {"$", "$", false},
	{`\\[`, `\\]`, true}, {`\\(`, `\\)`, false}, {`\[`, `\]`, true}, {`\(`, `\)`, false},
}

func (mathSpanParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	for _, s := range spans {
		if !bytes.HasPrefix(line, []byte(s.open)) {
			continue
		}
		l, pos := block.Position()
		block.Advance(len(s.open))
		src, ok := readSpan(block, s.close, map[bool]int{false: 4 << 10, true: 16 << 10}[s.display])
		if ok && (s.open != "$" || plausible(src, block)) && strings.TrimSpace(src) != "" {
			return &mathSpan{src: src, display: s.display}
		}
		block.SetPosition(l, pos)
		if s.open == "$$" { // not a formula, and not an empty $ formula either
			return nil
		}
	}
	return nil
}

// readSpan reads up to close, over lines of the same block, with braces balanced: $a_{\text{$b$}}$
// is one formula. It gives up after limit bytes, so that a page of dollars takes no time.
func readSpan(block text.Reader, close string, limit int) (string, bool) {
	var b strings.Builder
	depth := 0
	for {
		line, _ := block.PeekLine()
		if line == nil || b.Len() > limit {
			return "", false
		}
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case depth <= 0 && bytes.HasPrefix(line[i:], []byte(close)):
				b.Write(line[:i])
				block.Advance(i + len(close))
				return b.String(), true
			case c == '\\':
				i++
			case c == '{':
				depth++
			case c == '}':
				depth--
			}
		}
		b.Write(line)
		block.AdvanceLine()
	}
}

// plausible tells $x$ from "$5 and $10": a formula has space on both sides or on none, and no
// digit behind it.
func plausible(src string, block text.Reader) bool {
	space := func(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
	if src == "" || space(src[0]) != space(src[len(src)-1]) {
		return false
	}
	next := block.Peek()
	return next < '0' || next > '9'
}

// protectTables writes | inside formulas of table rows as \vert: the table parser, which runs
// before any formula is seen, would split the cell there.
func protectTables(src []byte) []byte {
	if !bytes.Contains(src, []byte("|")) || !bytes.Contains(src, []byte("$")) {
		return src
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	var out bytes.Buffer
	table, fence := false, ""
	for i, line := range lines {
		trimmed := strings.TrimSpace(string(line))
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		case table:
			table = trimmed != ""
		default: // a table begins with the line above its rule
			table = i+1 < len(lines) && isRule(string(lines[i+1])) && strings.Contains(trimmed, "|")
		}
		if table && fence == "" {
			line = protectRow(line)
		}
		out.Write(line)
	}
	return out.Bytes()
}

// isRule reports whether line is the rule below a table's head.
func isRule(line string) bool {
	line = strings.TrimSpace(line)
	return strings.Contains(line, "-") && strings.Contains(line, "|") && strings.Trim(line, "|-: \t>") == ""
}

func protectRow(line []byte) []byte {
	var out bytes.Buffer
	in := -1 // where the formula began
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			if in >= 0 && line[i+1] == '|' {
				out.WriteString(`\Vert{}`)
			} else {
				out.Write(line[i : i+2])
			}
			i++
			continue
		case c == '$':
			if in < 0 && !bytes.Contains(line[i+1:], []byte("$")) {
				break
			}
			if in >= 0 {
				in = -1
			} else {
				in = i
			}
		case c == '|' && in >= 0:
			out.WriteString(`\vert{}`)
			continue
		}
		out.WriteByte(line[i])
	}
	return out.Bytes()
}
