package widgets

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/lemma-ml/lemma/jupyter/tex"
	"github.com/lemma-ml/lemma/widgets/num"
	"github.com/lemma-ml/lemma/widgets/svg"
)

// prose turns text with TeX between $ signs (or $$ for display) into HTML with MathML. A formula
// that cannot be read is shown as its source, marked. \$ is a dollar sign.
func prose(text string) string {
	c := tex.New(nil)
	var b strings.Builder
	for text != "" {
		i := dollar(text)
		if i < 0 {
			b.WriteString(plainHTML(text))
			break
		}
		b.WriteString(plainHTML(text[:i]))
		mark := "$"
		if strings.HasPrefix(text[i:], "$$") {
			mark = "$$"
		}
		rest := text[i+len(mark):]
		j := strings.Index(rest, mark)
		if j < 0 { // a lone dollar sign
			b.WriteString(plainHTML(text[i:]))
			break
		}
		b.WriteString(formula(c, rest[:j], mark == "$$"))
		text = rest[j+len(mark):]
	}
	return b.String()
}

// lineWidth is the width in em beyond which an inline formula may be broken: a phone's.
const lineWidth = 18

func formula(c *tex.Converter, src string, display bool) string {
	var s string
	var err error
	if display {
		s, err = c.Convert(src, true)
	} else {
		s, err = c.Inline(src, lineWidth)
	}
	if err != nil {
		return tex.ErrorBox(src, err)
	}
	if gonbui.IsNotebook { // an untrusted notebook takes the elements out and leaves their text: once is enough
		s = annotation.ReplaceAllString(s, "")
	}
	return s
}

// annotation is the source of a formula beside it.
var annotation = regexp.MustCompile(`<annotation [^>]*>[^<]*</annotation>`)

// dollar returns the place of the first dollar sign that is not escaped, or -1.
func dollar(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '$':
			return i
		}
	}
	return -1
}

// plainHTML writes the text between formulas: x_1 and H⁻¹ with raised and lowered letters, 1e-05 as a
// power of ten, `code` as code.
func plainHTML(s string) string {
	s = strings.ReplaceAll(s, `\$`, "$")
	var b strings.Builder
	for i, part := range strings.Split(s, "`") {
		switch {
		case i%2 == 0:
			b.WriteString(svg.Label(powers(part)))
		case i == strings.Count(s, "`"): // a backtick without its partner
			b.WriteString("`" + svg.Label(powers(part)))
		default:
			b.WriteString("<code>" + html.EscapeString(part) + "</code>")
		}
	}
	return b.String()
}

var exponent = regexp.MustCompile(`\b([0-9]+(?:\.[0-9]+)?)e([+-]?[0-9]+)\b`)

// powers writes numbers such as 1e-05 and 2.99e+03 as a reader would.
func powers(s string) string {
	return exponent.ReplaceAllStringFunc(s, func(n string) string {
		v, err := strconv.ParseFloat(n, 64)
		if err != nil {
			return n
		}
		m, _, _ := strings.Cut(n, "e")
		return num.Format(v, len(strings.Replace(m, ".", "", 1)))
	})
}

// fold breaks text into lines of at most width characters at its spaces.
func fold(text string, width int) []string {
	var lines []string
	line, n := "", 0
	for _, word := range strings.Fields(text) {
		w := len([]rune(word))
		if n > 0 && n+1+w > width {
			lines, line, n = append(lines, line), "", 0
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+word, n+w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
