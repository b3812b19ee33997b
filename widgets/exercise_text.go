package widgets

import (
	_ "embed"
	"html"
	"regexp"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/svg"
)

//go:embed exercise.css
var exerciseCSS string

//go:embed exercise_core.js
var exerciseCoreJS string

// lessonStyle is the style of predictions, breaks and exercises; cards and figures share its
// variables.
func lessonStyle() string {
	return cardStyle() + `<style data-lemma-once="lemma-lesson">` + exerciseCSS + "</style>\n"
}

// lessonScript is the reader of formulas, which the three share, and one of their own scripts.
func lessonScript(name, source string) string {
	return `<script data-lemma-once="lemma-core">` + exerciseCoreJS + `</script><script data-lemma-once="` + name + `">` + source + "</script>\n"
}

// bare is a figure as HTML without the style and script that the page around it carries once.
func bare(f figure.Figure) (string, error) {
	s, err := HTML(f)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.Replace(strings.Replace(s, svg.Style(), "", 1), svg.Script(), "", 1)), nil
}

// elementID is an id in letters, digits and dashes.
func elementID(kind, id string) string {
	return "lemma-" + kind + "-" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, id)
}

// markdown turns the Markdown of lessons into HTML: paragraphs, lists of one level, fenced code,
// **strong**, *emphasis*, `code` and TeX.
func markdown(text string) string {
	var b strings.Builder
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\t", "    ")), "\n")
	for i := 0; i < len(lines); {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "":
			i++
		case strings.HasPrefix(line, "```"):
			j := i + 1
			for j < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[j]), "```") {
				j++
			}
			b.WriteString("<pre><code>" + html.EscapeString(strings.Join(lines[i+1:j], "\n")) + "</code></pre>\n")
			i = j + 1
		case item.MatchString(line):
			tag := "ul"
			if line[0] >= '0' && line[0] <= '9' {
				tag = "ol"
			}
			b.WriteString("<" + tag + ">")
			for i < len(lines) && item.MatchString(strings.TrimSpace(lines[i])) {
				part := item.ReplaceAllString(strings.TrimSpace(lines[i]), "")
				for i++; i < len(lines) && strings.HasPrefix(lines[i], "  ") && !item.MatchString(strings.TrimSpace(lines[i])); i++ {
					part += "\n" + strings.TrimSpace(lines[i])
				}
				b.WriteString("<li>" + spans(part) + "</li>")
			}
			b.WriteString("</" + tag + ">\n")
		default:
			part := line
			for i++; i < len(lines); i++ {
				next := strings.TrimSpace(lines[i])
				if next == "" || strings.HasPrefix(next, "```") || item.MatchString(next) {
					break
				}
				part += "\n" + next
			}
			b.WriteString("<p>" + spans(part) + "</p>\n")
		}
	}
	return b.String()
}

// item starts an item of a list.
var item = regexp.MustCompile(`^(?:[-*]|[0-9]+\.) +`)

// Marks of emphasis, from Unicode's private use area, which no font or text has.
const (
	strongMark   = '\ue000'
	emphasisMark = '\ue001'
)

// spans is the inline part of markdown. Stars are marks of emphasis where they touch a word, and
// only outside of formulas and code.
func spans(s string) string {
	var b strings.Builder
	r := []rune(s)
	for i := 0; i < len(r); {
		switch {
		case r[i] == '\\' && i+1 < len(r):
			b.WriteString(string(r[i : i+2]))
			i += 2
		case r[i] == '$' || r[i] == '`':
			end := string(r[i])
			if r[i] == '$' && i+1 < len(r) && r[i+1] == '$' {
				end = "$$"
			}
			n := len([]rune(end))
			j := strings.Index(string(r[i+n:]), end)
			if j < 0 {
				b.WriteString(string(r[i:]))
				i = len(r)
				break
			}
			n = n + len([]rune(string(r[i+n:])[:j])) + n
			b.WriteString(string(r[i : i+n]))
			i += n
		case r[i] == '*' && i+1 < len(r) && r[i+1] == '*':
			b.WriteRune(strongMark)
			i += 2
		case r[i] == '*':
			b.WriteRune(emphasisMark)
			i++
		default:
			b.WriteRune(r[i])
			i++
		}
	}
	out := prose(b.String())
	for _, m := range []struct {
		mark rune
		tag  string
	}{{strongMark, "strong"}, {emphasisMark, "em"}} {
		parts := strings.Split(out, string(m.mark))
		if len(parts)%2 == 0 { // one has no partner: it is a star
			last := len(parts) - 1
			parts[last-1] += map[string]string{"strong": "**", "em": "*"}[m.tag] + parts[last]
			parts = parts[:last]
		}
		for k := 1; k < len(parts); k += 2 {
			parts[k] = "<" + m.tag + ">" + parts[k] + "</" + m.tag + ">"
		}
		out = strings.Join(parts, "")
	}
	return out
}

// plainLines is the Markdown of lessons as lines of plain text; formulas stay TeX.
func plainLines(b *strings.Builder, text, indent string) {
	for _, part := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.TrimSpace(part) == "" {
			b.WriteString("\n")
			continue
		}
		for _, line := range fold(part, 92-len(indent)) {
			b.WriteString(indent + line + "\n")
		}
	}
}

// figureScript is the script of figures, for outputs whose figures were written by bare.
func figureScript() string { return svg.Script() + "\n" }
