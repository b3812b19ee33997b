package data

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCached(t *testing.T) {
	dir := t.TempDir()
	if Cached("mnist", dir) || Cached("no such set", dir) {
		t.Error("an empty folder holds a data set")
	}
	d, err := lookup("test", "mnist")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "mnist"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, f := range d.files {
		if Cached("mnist", dir) {
			t.Errorf("cached with %d of %d files", i, len(d.files))
		}
		path := filepath.Join(dir, "mnist", f.name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, f.size); err != nil { // a hole of that size
			t.Fatal(err)
		}
	}
	if !Cached("mnist", dir) {
		t.Error("not cached with all files of their sizes")
	}
	if err := os.Truncate(filepath.Join(dir, "mnist", d.files[0].name), 5); err != nil {
		t.Fatal(err)
	}
	if Cached("mnist", dir) {
		t.Error("cached with a file cut short")
	}
}
