package widgets

import (
	"fmt"
	"html"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/widgets/num"
)

// Table shows a table of results. A cell is a string, an integer, a float64 (written with four
// digits), a claim.Verdict, or anything that prints itself; columns of numbers are aligned to the
// right. Column names and strings may hold TeX between $ signs. Rows shorter than columns are filled
// with blanks.
func Table(columns []string, rows [][]any) {
	display(TableHTML(columns, rows), TableText(columns, rows))
}

// TableHTML returns the table as HTML, style included.
func TableHTML(columns []string, rows [][]any) string {
	var b strings.Builder
	b.WriteString(cardStyle())
	right := numeric(columns, rows)
	class := func(i int) string {
		if right[i] {
			return ` class="c-num"`
		}
		return ""
	}
	b.WriteString(`<div class="lemma lemma-table" tabindex="0" role="group" aria-label="Table"><table><thead><tr>`)
	for i, c := range columns {
		fmt.Fprintf(&b, `<th scope="col"%s>%s</th>`, class(i), prose(c))
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, r := range rows {
		b.WriteString("<tr>")
		for i := range columns {
			text := ""
			if i < len(r) {
				if v, ok := r[i].(claim.Verdict); ok {
					text = fmt.Sprintf(`<span class="c-mark c-%s">%s</span> %s`, v, verdictIcon(v), verdictWord(v))
				} else if s, ok := r[i].(string); ok {
					text = prose(s)
				} else {
					text = html.EscapeString(cell(r[i]))
				}
			}
			fmt.Fprintf(&b, `<td%s>%s</td>`, class(i), text)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>\n")
	return b.String()
}

// TableText returns the table as plain lines in aligned columns.
func TableText(names []string, rows [][]any) string {
	text := [][]string{names}
	for _, r := range rows {
		line := make([]string, len(names))
		for i := range names {
			if i < len(r) {
				line[i] = cell(r[i])
			}
		}
		text = append(text, line)
	}
	return columns(text, numeric(names, rows))
}

// numeric reports which columns hold only numbers.
func numeric(columns []string, rows [][]any) []bool {
	out := make([]bool, len(columns))
	for i := range columns {
		for k, r := range rows {
			is := false
			if i < len(r) {
				switch r[i].(type) {
				case int, int64, uint64, float64, float32, nil:
					is = true
				}
			}
			out[i] = is && (k == 0 || out[i])
			if !out[i] {
				break
			}
		}
	}
	return out
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return num.Format(v, 4)
	case float32:
		return num.Format(float64(v), 4)
	case int:
		return num.Fixed(float64(v), 0)
	case claim.Verdict:
		return verdictWord(v)
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// Errata shows where the book is wrong, for the claims given: what is printed, what is right, why.
func Errata(claims []*claim.Claim) { display(ErrataHTML(claims), ErrataText(claims)) }

// ErrataHTML returns the errata as HTML, style included.
func ErrataHTML(claims []*claim.Claim) string {
	var b strings.Builder
	b.WriteString(cardStyle())
	b.WriteString(`<div class="lemma lemma-errata">` + "\n")
	for _, c := range claims {
		for _, e := range c.Errata {
			erratumHTML(&b, e)
		}
	}
	b.WriteString("</div>\n")
	return b.String()
}

// ErrataText returns the errata as plain lines.
func ErrataText(claims []*claim.Claim) string {
	var b strings.Builder
	for _, c := range claims {
		for _, e := range c.Errata {
			fmt.Fprintf(&b, "%s  %s (%s)\n", e.Number, e.Where, c.ID)
			for _, part := range [][2]string{{"printed", e.Printed}, {"correct", e.Correct}, {"why", e.Why}} {
				for i, line := range fold(part[1], 84) {
					name := part[0]
					if i > 0 {
						name = ""
					}
					fmt.Fprintf(&b, "  %-8s %s\n", name, line)
				}
			}
		}
	}
	return b.String()
}
