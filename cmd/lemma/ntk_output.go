package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/mat"
)

// formatFlag defines -format, which goes with -o.
func (o *ntkOptions) formatFlag(fs *flag.FlagSet) {
	fs.StringVar(&o.format, "format", "", "`kind` of output: csv, npy or json (default: from -o, else a text for people)")
}

// checkFormat settles the output's format from -format and -o, or refuses them: also an output that
// would go over an input, or into a folder that is not there.
func (o *ntkOptions) checkFormat() error {
	ending := strings.TrimPrefix(strings.ToLower(filepath.Ext(o.out)), ".")
	if o.out != "" {
		for _, in := range []string{o.train, o.test} {
			if in != "" && same(in, o.out) {
				return badUsage("-o %s would overwrite the input", o.out)
			}
		}
		if err := hasFolder("-o", o.out); err != nil {
			return err
		}
		if info, err := os.Stat(o.out); err == nil && info.IsDir() {
			return badUsage("-o %s is a folder, want a file", o.out)
		}
		if o.format == "" {
			o.format = ending
		} else if ending != o.format && slices.Contains([]string{"csv", "npy", "json"}, ending) {
			return badUsage("-o %s and -format %s contradict each other", o.out, o.format)
		}
	}
	switch o.format {
	case "", "csv", "json":
		return nil
	case "npy":
		if o.out == "" {
			return badUsage("-format npy needs -o file: it is binary")
		}
		return nil
	}
	if o.out != "" {
		return badUsage("-o %s: want an ending .csv, .npy or .json, or -format", o.out)
	}
	return badUsage("-format %q, want csv, npy or json", o.format)
}

// emit writes a result in the format asked for, to -o or to standard output. Rows are for CSV, the
// matrix for NPY (texts have no place there), doc for JSON. It reports whether there was anything to
// do: without -o and -format a text for people is printed instead.
func (o *ntkOptions) emit(t terminal, header []string, rows [][]string, m mat.Matrix, doc any) (bool, error) {
	write := func(w io.Writer) error {
		switch o.format {
		case "csv":
			if rows == nil {
				return data.WriteCSV(w, header, m)
			}
			return writeRows(w, header, rows)
		case "npy":
			return data.WriteNPY(w, data.NewArray(m))
		default:
			return data.WriteJSON(w, doc)
		}
	}
	switch {
	case o.out != "":
		if err := data.WriteFile(o.out, write); err != nil {
			return true, err
		}
		fmt.Fprintf(t.Err, "wrote %s\n", o.out)
		return false, nil // the text for people is printed too
	case o.format != "":
		return true, write(t.Out)
	}
	return false, nil
}

// writeRows writes texts as CSV.
func writeRows(w io.Writer, header []string, rows [][]string) error {
	for _, row := range append([][]string{header}, rows...) {
		for j, cell := range row {
			if j > 0 {
				io.WriteString(w, ",")
			}
			if strings.ContainsAny(cell, ",\"\r\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			io.WriteString(w, cell)
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf returns a matrix as JSON has it.
func rowsOf(m mat.Matrix) [][]float64 {
	n, _ := m.Dims()
	out := make([][]float64, n)
	for i := range out {
		out[i] = mat.Row(nil, i, m)
	}
	return out
}
