package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"

	"github.com/lemma-ml/lemma/jupyter/gomod"
)

// format changes when what is stored, or what the executor makes of a run, changes.
const format = "lemma notebook run 1"

// Cell is what counts of a code cell.
type Cell struct {
	Source string
	Tags   []string // those that steer execution
}

// Inputs is everything that a run's outputs depend on.
type Inputs struct {
	Cells    []Cell
	Params   map[string]string
	Seed     *gomod.Seed
	Gonb, Go string // versions
	Platform string // GOOS/GOARCH
	Backend  string
	Env      []string // settings given to the kernel beyond the user's environment
}

// Key returns the name under which the run's outputs are kept: 64 hexadecimal digits. It reads
// the source of local packages. The order of Params, of tags and of map entries does not count.
func (in Inputs) Key() (string, error) {
	h := sha256.New()
	item(h, format)
	for _, c := range in.Cells {
		tags := slices.Clone(c.Tags)
		slices.Sort(tags)
		raw, err := json.Marshal(tags)
		if err != nil {
			return "", fmt.Errorf("cache.Key: %w", err)
		}
		item(h, "cell", c.Source, string(raw))
	}
	for _, name := range sortedKeys(in.Params) {
		item(h, "parameter", name, in.Params[name])
	}
	item(h, "versions", in.Gonb, in.Go, in.Platform, in.Backend)
	for _, e := range in.Env {
		item(h, "env", e)
	}
	if in.Seed != nil {
		item(h, "go.mod", string(in.Seed.GoMod("notebook")))
		item(h, "go.sum", string(in.Seed.GoSum()))
		if err := sources(h, in.Seed, in.Cells); err != nil {
			return "", fmt.Errorf("cache.Key: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// item adds strings so that no other list of strings gives the same bytes.
func item(h hash.Hash, parts ...string) {
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s,", len(p), p)
	}
	fmt.Fprint(h, ";")
}
