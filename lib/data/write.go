package data

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// WriteFile creates or replaces the file at path with what write produces. It goes to a temporary file
// in the same folder, which is renamed when write and the disk have succeeded; on any error the old
// file, if there was one, is untouched and the temporary one is gone.
func WriteFile(path string, write func(w io.Writer) error) (err error) {
	f, err := beside(path)
	if err != nil {
		return fmt.Errorf("data.WriteFile: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close() // a second close is harmless
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("data.WriteFile: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("data.WriteFile: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("data.WriteFile: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("data.WriteFile: %w", err)
	}
	return nil
}

// beside opens a new file in path's folder under a name that nobody has. Unlike [os.CreateTemp]'s, it
// has the permissions of an ordinary file, as the user's umask wants them.
func beside(path string) (*os.File, error) {
	for i := 0; ; i++ {
		name := fmt.Sprintf(".%s.%d-%d.tmp", filepath.Base(path), os.Getpid(), i)
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// WriteCSV writes a matrix with an optional header (nil for none), numbers with as many digits as give
// them back exactly. Names with separators, quotation marks or line breaks are quoted.
func WriteCSV(w io.Writer, header []string, m mat.Matrix) error {
	n, d := m.Dims()
	if header != nil && len(header) != d {
		return fmt.Errorf("data.WriteCSV: %d names for %d columns", len(header), d)
	}
	var line []byte
	for j, name := range header {
		if j > 0 {
			line = append(line, ',')
		}
		line = append(line, quote(name)...)
	}
	if header != nil {
		line = append(line, '\n')
	}
	for i := range n {
		for j := range d {
			if j > 0 {
				line = append(line, ',')
			}
			line = strconv.AppendFloat(line, m.At(i, j), 'g', -1, 64)
		}
		line = append(line, '\n')
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("data.WriteCSV: %w", err)
		}
		line = line[:0]
	}
	return nil
}

func quote(s string) string {
	if s == strings.TrimSpace(s) && s != "" && !strings.ContainsAny(s, ",\"\r\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// WriteJSON writes v as indented JSON with a final line break. JSON has no NaN and no infinity: they
// are errors.
func WriteJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("data.WriteJSON: %w", err)
	}
	return nil
}

// Formats lists the endings that [WriteMatrix] knows.
func Formats() []string { return []string{".csv", ".npy", ".json"} }

// WriteMatrix writes m to path, whole or not at all, in the format that the path's ending names: .csv
// (with the header, if not nil), .npy, or .json as an array of rows.
func WriteMatrix(path string, header []string, m mat.Matrix) error {
	var write func(io.Writer) error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		write = func(w io.Writer) error { return WriteCSV(w, header, m) }
	case ".npy":
		write = func(w io.Writer) error { return WriteNPY(w, NewArray(m)) }
	case ".json":
		write = func(w io.Writer) error { return WriteJSON(w, rowsOf(m)) }
	default:
		return fmt.Errorf("data.WriteMatrix: %s: ending %q, want one of %s", path, ext, strings.Join(Formats(), " "))
	}
	if err := WriteFile(path, write); err != nil {
		return fmt.Errorf("data.WriteMatrix: %s: %w", path, err)
	}
	return nil
}

func rowsOf(m mat.Matrix) [][]float64 {
	n, _ := m.Dims()
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = mat.Row(nil, i, m)
	}
	return rows
}
