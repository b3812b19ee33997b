package data

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.txt")
	if err := WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, "old"); return err }); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	err := WriteFile(path, func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("half of the new", 10000))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("err = %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("the old file became %d bytes", len(b))
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Errorf("%d files in the folder, want the old one alone", len(left))
	}
	t.Run("many at once, each whole", func(t *testing.T) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := WriteFile(path, func(w io.Writer) error {
					_, err := io.WriteString(w, strings.Repeat(string(rune('a'+i)), 100_000))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b, err := os.ReadFile(path)
		if err != nil || len(b) != 100_000 || strings.Count(string(b), string(b[:1])) != len(b) {
			t.Errorf("%d bytes, %v; want 100,000 of one letter", len(b), err)
		}
		if n := names(t, dir); n != "out.txt" {
			t.Errorf("left behind: %q", n)
		}
	})
	if err := WriteFile(filepath.Join(dir, "no", "such", "folder"), func(io.Writer) error { return nil }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: err = %v", err)
	}
}

func TestReadTable(t *testing.T) {
	dir := t.TempDir()
	m := mat.NewDense(3, 2, []float64{1, 0.1, 2, 0.25, 3, 1e-9})
	for _, ext := range Formats() {
		path := filepath.Join(dir, "m"+ext)
		if err := WriteMatrix(path, []string{"n", "v"}, m); err != nil {
			t.Fatal(err)
		}
		if ext == ".json" {
			b, err := os.ReadFile(path)
			var rows [][]float64
			if err != nil || json.Unmarshal(b, &rows) != nil || rows[2][1] != 1e-9 {
				t.Errorf("%s: %s, %v", ext, b, err)
			}
			continue
		}
		a, err := ReadTable(path, ReadOptions{})
		if err != nil || !mat.Equal(a.X, m) {
			t.Errorf("%s: %v, %v", ext, a, err)
		}
	}
	z, err := os.Create(filepath.Join(dir, "t.tsv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(z)
	io.WriteString(w, "a\tk\n1,5\tx\n")
	w.Close()
	z.Close()
	if _, err := ReadTable(z.Name(), ReadOptions{Label: "k"}); err == nil || !strings.Contains(err.Error(), "decimals with a point") {
		t.Errorf("tsv.gz: err = %v", err)
	}
	os.WriteFile(filepath.Join(dir, "l.ndjson"), []byte(`{"a": 1}`), 0o644)
	if a, err := ReadTable(filepath.Join(dir, "l.ndjson"), ReadOptions{}); err != nil || a.X.At(0, 0) != 1 {
		t.Errorf("ndjson: %v, %v", a, err)
	}
	os.WriteFile(filepath.Join(dir, "bad.gz"), []byte("not gzip"), 0o644)
	os.WriteFile(filepath.Join(dir, "x.xlsx"), nil, 0o644)
	for path, want := range map[string]string{
		"none.csv": "no such file",
		"x.xlsx":   `ending ".xlsx", want .csv`,
		"bad.gz":   "gzip",
		".":        "folder",
	} {
		if _, err := ReadTable(filepath.Join(dir, path), ReadOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: err = %v, want %q", path, err, want)
		}
	}
	if err := WriteMatrix(filepath.Join(dir, "m.xyz"), nil, m); err == nil || !strings.Contains(err.Error(), ".npy") {
		t.Errorf("unknown ending: err = %v", err)
	}
	nan := mat.NewDense(1, 1, []float64{math.NaN()})
	if err := WriteMatrix(filepath.Join(dir, "nan.json"), nil, nan); err == nil {
		t.Error("NaN as JSON: no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "nan.json")); err == nil {
		t.Error("a failed write left a file")
	}
}
