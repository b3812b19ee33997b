package book

import (
	"embed"
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
)

//go:embed inventory/*.tsv
var inventories embed.FS

// rows reads the inventory of a chapter; a chapter without one has no rows.
func rows(chapter int) ([]claim.Row, error) {
	name := fmt.Sprintf("inventory/%02d.tsv", chapter)
	text, err := inventories.ReadFile(name)
	if err != nil {
		return nil, nil
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var out []claim.Row
	for i, line := range lines[1:] { // the first line names the columns
		f := strings.Split(line, "\t")
		if len(f) != 4 {
			return nil, fmt.Errorf("book: %s, line %d: got %d columns, want 4", name, i+2, len(f))
		}
		out = append(out, claim.Row{ID: f[0], Kind: claim.Kind(f[1]), Ref: f[2], What: f[3]})
	}
	return out, nil
}
