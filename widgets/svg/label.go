package svg

import (
	_ "embed"
	"html"
	"strings"

	"github.com/lemma-ml/lemma/widgets/scene"
)

// Label writes a label with its raised and lowered runs as HTML.
func Label(label string) string {
	var b strings.Builder
	for _, r := range scene.Runs(label) {
		text := html.EscapeString(r.Text)
		switch {
		case r.Shift > 0:
			text = "<sup>" + text + "</sup>"
		case r.Shift < 0:
			text = "<sub>" + text + "</sub>"
		}
		b.WriteString(text)
	}
	return b.String()
}
