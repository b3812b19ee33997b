package cache

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// Cache is a folder of entries. Several programs may use it at the same time.
type Cache struct {
	dir string
}

// Open returns the cache in dir, made where it is missing; "" means lemma/runs in the user's
// cache folder.
func Open(dir string) (*Cache, error) {
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("cache.Open: no cache folder (set HOME or XDG_CACHE_HOME): %w", err)
		}
		dir = filepath.Join(user, "lemma", "runs")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cache.Open: %w", err)
	}
	return &Cache{dir: dir}, nil
}

// Dir is the folder of the cache.
func (c *Cache) Dir() string { return c.dir }

// Entry is what is kept of a run: a notebook of its code cells with their outputs, and what the
// executor wants to know besides.
type Entry struct {
	Notebook *ipynb.Notebook
	Run      json.RawMessage
}

// runField is the metadata field of the kept notebook that holds Entry.Run.
const runField = "lemma_run"

func (c *Cache) path(key string) string { return filepath.Join(c.dir, key+".ipynb") }

// Get returns the entry of a key. ok is false where there is none; one that cannot be read
// counts as none and is removed. An entry that is used is young again for Prune.
func (c *Cache) Get(key string) (e *Entry, ok bool) {
	nb, err := ipynb.ReadFile(c.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false
	}
	if err != nil || nb.Metadata[runField] == nil {
		os.Remove(c.path(key))
		return nil, false
	}
	now := time.Now()
	os.Chtimes(c.path(key), now, now)
	e = &Entry{Notebook: nb, Run: nb.Metadata[runField]}
	return e, true
}

// Put keeps an entry under a key. Another program sees it as a whole or not at all.
func (c *Cache) Put(key string, e *Entry) error {
	nb := *e.Notebook
	nb.Metadata = ipynb.Object{runField: e.Run}
	if err := nb.WriteFile(c.path(key)); err != nil {
		return fmt.Errorf("cache.Put: %w", err)
	}
	return nil
}

// Prune removes the entries that were used least recently until at most limit bytes are left.
func (c *Cache) Prune(limit int64) error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("cache.Prune: %w", err)
	}
	var infos []fs.FileInfo
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // removed meanwhile, or not ours
		}
		infos = append(infos, info)
		total += info.Size()
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range infos {
		if total <= limit {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, info.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cache.Prune: %w", err)
		}
		total -= info.Size()
	}
	return nil
}
