package html

import (
	"io"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// highlighter colours code of one language with the class names of Pygments, which style.css knows.
type highlighter struct {
	lexer  chroma.Lexer // nil writes plain text
	magics bool         // lines that begin with % or ! are for the kernel
}

// newHighlighter takes a name or alias that chroma knows.
func newHighlighter(lang string) highlighter {
	h := highlighter{magics: lang == "go" || strings.HasPrefix(lang, "python") || lang == "ipython"}
	if lang == "ipython" || lang == "ipython3" {
		lang = "python"
	}
	if lang != "" {
		h.lexer = lexers.Get(lang)
	}
	if h.lexer != nil {
		h.lexer = chroma.Coalesce(h.lexer)
	}
	return h
}

// maxHighlight is the code above which colours are left out: lexers are slow.
const maxHighlight = 200_000

// write writes code as HTML. A line of GoNB or IPython magic (%%, %cd, !ls) is none of the language
// and stands apart, unless a raw string is open there.
func (h highlighter) write(w io.Writer, code string) {
	if h.lexer == nil || len(code) > maxHighlight {
		io.WriteString(w, escape(code))
		return
	}
	var pending strings.Builder
	open := false // inside `...`
	for i, line := range strings.SplitAfter(code, "\n") {
		if h.magics && !open && isMagic(line) {
			h.lex(w, pending.String())
			pending.Reset()
			text := strings.TrimSuffix(line, "\n")
			io.WriteString(w, `<span class="cp">`+escape(text)+`</span>`+line[len(text):])
			if i == 0 && strings.HasPrefix(line, "%%") && !strings.HasPrefix(strings.TrimLeft(line, "%"), "\n") && cellMagic(line) {
				io.WriteString(w, escape(strings.TrimPrefix(code, line))) // the cell is of another language
				return
			}
			continue
		}
		open = open != (strings.Count(line, "`")%2 == 1)
		pending.WriteString(line)
	}
	h.lex(w, pending.String())
}

// isMagic reports whether line speaks to the kernel.
func isMagic(line string) bool {
	switch {
	case len(line) < 2:
		return false
	case line[0] == '%':
		return line[1] == '%' || 'a' <= line[1] && line[1] <= 'z'
	}
	return line[0] == '!' && line[1] != '='
}

// cellMagic reports whether the whole cell below line is not in the notebook's language.
func cellMagic(line string) bool {
	for _, name := range []string{"%%bash", "%%sh", "%%script", "%%writefile", "%%html", "%%javascript"} {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return false
}

func (h highlighter) lex(w io.Writer, code string) {
	if code == "" {
		return
	}
	it, err := h.lexer.Tokenise(&chroma.TokeniseOptions{State: "root", EnsureLF: false}, code)
	if err != nil {
		io.WriteString(w, escape(code))
		return
	}
	for t := it(); t != chroma.EOF; t = it() {
		class := classOf(t.Type)
		if class == "" || strings.TrimSpace(t.Value) == "" {
			io.WriteString(w, escape(t.Value))
			continue
		}
		io.WriteString(w, `<span class="`+class+`">`+escape(t.Value)+`</span>`)
	}
}

// classOf is the class of a kind of token; "" for what is not coloured.
func classOf(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordType:
		return "kt"
	case t == chroma.KeywordConstant:
		return "kc"
	case t.InCategory(chroma.Keyword):
		return "k"
	case t == chroma.NameFunction, t == chroma.NameFunctionMagic:
		return "nf"
	case t == chroma.NameBuiltin, t == chroma.NameBuiltinPseudo:
		return "nb"
	case t == chroma.NameClass, t == chroma.NameNamespace:
		return "nn"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "m"
	case t == chroma.CommentPreproc:
		return "cp"
	case t.InCategory(chroma.Comment):
		return "c"
	}
	return ""
}
