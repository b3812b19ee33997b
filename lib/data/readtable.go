package data

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ReadTable reads the table at path in the format that its ending names: .csv, .txt, .tsv (tabs),
// .npy, .jsonl or .ndjson, each also with .gz after it.
func ReadTable(path string, opt ReadOptions) (*Table, error) {
	const fn = "data.ReadTable"
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return nil, fmt.Errorf("%s: %s is a folder, want a file", fn, path)
	}
	var r io.Reader = f
	name := strings.ToLower(path)
	if strings.HasSuffix(name, ".gz") {
		name = strings.TrimSuffix(name, ".gz")
		z, err := gzip.NewReader(bufio.NewReader(f))
		if err != nil {
			return nil, fmt.Errorf("%s: %s: not a gzip file: %w", fn, path, err)
		}
		defer z.Close()
		r = z
	}
	switch ext := filepath.Ext(name); ext {
	case ".tsv":
		if opt.Comma == 0 {
			opt.Comma = '\t'
		}
		return ReadCSV(r, path, opt)
	case ".csv", ".txt":
		return ReadCSV(r, path, opt)
	case ".jsonl", ".ndjson":
		return ReadJSONL(r, path, opt)
	case ".npy":
		a, err := ReadNPY(r, path)
		if err != nil {
			return nil, err
		}
		return a.Table(path, opt)
	default:
		return nil, fmt.Errorf("%s: %s: ending %q, want .csv, .tsv, .txt, .npy, .jsonl or .ndjson (or one of them with .gz)", fn, path, ext)
	}
}
