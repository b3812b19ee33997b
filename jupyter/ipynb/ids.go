package ipynb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// EnsureIDs gives every cell without one an id and raises the format to 4.5. Ids follow from
// the cell's position, type and source, so the same notebook gets the same ids; ids that are
// there are kept, also where two cells share one.
func (nb *Notebook) EnsureIDs() {
	used := map[string]bool{}
	for _, c := range nb.Cells {
		used[c.ID] = true
	}
	for i, c := range nb.Cells {
		for salt := 0; c.ID == ""; salt++ {
			sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %s", i, salt, c.Type, c.Source))
			if id := hex.EncodeToString(sum[:4]); !used[id] {
				c.ID = id
				used[id] = true
			}
		}
	}
	nb.NBFormatMinor = max(nb.NBFormatMinor, 5)
}
