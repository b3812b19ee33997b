package html

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// mathBlock is mathematics on lines of its own.
type mathBlock struct {
	ast.BaseBlock
	open, close string
	keep        bool   // the delimiters belong to the formula: \begin{align} ... \end{align}
	closed      bool   // the closing delimiter was seen
	rest        string // what stands behind it on its line, such as a full stop
}

var kindMathBlock = ast.NewNodeKind("MathBlock")

func (*mathBlock) Kind() ast.NodeKind              { return kindMathBlock }
func (*mathBlock) IsRaw() bool                     { return true }
func (n *mathBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// formula is the TeX of the block.
func (n *mathBlock) formula(source []byte) string {
	var b strings.Builder
	lines := n.Lines()
	for i := range lines.Len() {
		seg := lines.At(i)
		b.Write(seg.Value(source))
	}
	return strings.TrimSpace(b.String())
}

// mathBlockParser reads blocks that begin a line with $$, \[, \\[ or \begin of an environment of
// mathematics. They may interrupt a paragraph and hold empty lines. A block that never ends is none.
type mathBlockParser struct{}

var _ parser.BlockParser = mathBlockParser{}

func (mathBlockParser) Trigger() []byte { return []byte{'$', '\\'} }

// blockEnvironments may stand in Markdown without any dollar, as MathJax allows.
var blockEnvironments = []string{"equation", "align", "aligned", "gather", "multline", "eqnarray", "alignat", "flalign", "split", "displaymath"}

func (mathBlockParser) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, seg := reader.PeekLine()
	at := bytes.IndexFunc(line, func(r rune) bool { return r != ' ' })
	if at < 0 || at > 3 {
		return nil, parser.NoChildren
	}
	start := line[at:]
	n := &mathBlock{}
	switch {
	case bytes.HasPrefix(start, []byte("$$")):
		n.open, n.close = "$$", "$$"
	case bytes.HasPrefix(start, []byte(`\\[`)):
		n.open, n.close = `\\[`, `\\]`
	case bytes.HasPrefix(start, []byte(`\[`)):
		n.open, n.close = `\[`, `\]`
	default:
		for _, env := range blockEnvironments {
			for _, star := range []string{"", "*"} {
				if bytes.HasPrefix(start, []byte(`\begin{`+env+star+`}`)) {
					n.keep = true
					n.close = `\end{` + env + star + `}`
				}
			}
		}
	}
	if n.close == "" {
		return nil, parser.NoChildren
	}
	from := seg.Start + at
	body := reader.Source()[min(from+len(n.open), len(reader.Source())):]
	end := bytes.Index(body, []byte(n.close))
	if end < 0 || end == 0 && n.open == "$$" {
		return nil, parser.NoChildren
	}
	// On one line with words behind it, it is a span of a paragraph: "$$a$$ holds".
	if first, _, _ := bytes.Cut(body, []byte("\n")); end < len(first) && !n.keep {
		if len(bytes.TrimSpace(first[end+len(n.close):])) > 1 {
			return nil, parser.NoChildren
		}
	}
	n.take(text.NewSegment(from+len(n.open), seg.Stop), reader.Source())
	reader.AdvanceToEOL()
	return n, parser.NoChildren
}

// take adds a line, up to the closing delimiter.
func (n *mathBlock) take(seg text.Segment, source []byte) {
	line := seg.Value(source)
	if i := bytes.Index(line, []byte(n.close)); i >= 0 {
		n.closed = true
		n.rest = strings.TrimSpace(string(line[i+len(n.close):]))
		if n.keep {
			i += len(n.close)
		}
		seg = seg.WithStop(seg.Start + i)
	}
	n.Lines().Append(seg)
}

func (mathBlockParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	n := node.(*mathBlock)
	if n.closed {
		return parser.Close
	}
	_, seg := reader.PeekLine()
	n.take(seg, reader.Source())
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlockParser) Close(ast.Node, text.Reader, parser.Context) {}
func (mathBlockParser) CanInterruptParagraph() bool                 { return true }
func (mathBlockParser) CanAcceptIndentedLine() bool                 { return false }
