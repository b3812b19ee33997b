package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/dropout/completion"
)

// triples is a file of (row, column, value), one observed cell a line.
type triples struct {
	name       string
	head       []string // names of the row and column columns, if there is a header
	rows, cols []string // labels, by index
	cells      []completion.Cell
	valued     bool // cells have values; a file of cells to predict may lack them
}

// tripleColumns says where in the file things are: names or numbers, as flags have them.
type tripleColumns struct {
	row, col, value string
	head            []string // what the header of another file calls rows and columns: a line of them is one too
}

// labels numbers names in order of appearance.
type labels struct {
	names []string
	index map[string]int
	fixed string // what the names are of, where new ones are refused
}

func (l *labels) number(name string) (int, error) {
	if i, ok := l.index[name]; ok {
		return i, nil
	}
	if l.fixed != "" {
		return 0, fmt.Errorf("%q is none of the %d %s", name, len(l.names), l.fixed)
	}
	i := len(l.names)
	l.index[name] = i
	l.names = append(l.names, name)
	return i, nil
}

// fixedLabels are the given names and no others.
func fixedLabels(names []string, of string) *labels {
	l := &labels{names: names, index: make(map[string]int, len(names)), fixed: of}
	for i, n := range names {
		l.index[n] = i
	}
	return l
}

// upTo is "1", ..., "n".
func upTo(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

// readTriples reads triples. rows and cols number the labels; where values are optional, a file without
// their column is a list of cells to predict. The first line is a header if its value field is not a
// number, if a column is asked for by a name, or if it has the names of another file's header. Every error names the line.
func readTriples(r io.Reader, file string, at tripleColumns, rows, cols *labels, optional bool) (*triples, error) {
	in := bufio.NewReader(r)
	if b, err := in.Peek(3); err == nil && string(b) == "\xef\xbb\xbf" {
		in.Discard(3)
	}
	c := csv.NewReader(in)
	c.Comma = separator(in)
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	out := &triples{name: file}
	var place [3]int // of row, column and value; -1 where there are no values
	width := 0
	for first := true; ; first = false {
		fields, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				return nil, fmt.Errorf("%s:%d: %w", file, parse.Line, parse.Err)
			}
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := c.FieldPos(0)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		if first {
			width = len(fields)
			header, err := findColumns(fields, at, optional, &place)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, line, err)
			}
			out.valued = place[2] >= 0
			if header {
				out.head = []string{fields[place[0]], fields[place[1]]}
				continue
			}
		}
		if len(fields) != width {
			return nil, fmt.Errorf("%s:%d: the line has %d fields, want %d", file, line, len(fields), width)
		}
		var cell completion.Cell
		for i, l := range []*labels{rows, cols} {
			name := fields[place[i]]
			if name == "" {
				return nil, fmt.Errorf("%s:%d: column %d: the label is missing", file, line, place[i]+1)
			}
			k, err := l.number(name)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: column %d: %w", file, line, place[i]+1, err)
			}
			if i == 0 {
				cell.Row = k
			} else {
				cell.Col = k
			}
		}
		if out.valued {
			text := fields[place[2]]
			v, err := strconv.ParseFloat(text, 64)
			switch {
			case text == "":
				return nil, fmt.Errorf("%s:%d: column %d: the value is missing; leave out the line of a cell that is not known", file, line, place[2]+1)
			case err != nil:
				return nil, fmt.Errorf("%s:%d: column %d: %q is not a number", file, line, place[2]+1, text)
			case math.IsNaN(v) || math.IsInf(v, 0):
				return nil, fmt.Errorf("%s:%d: column %d: %q is not a finite number", file, line, place[2]+1, text)
			}
			cell.Value = v
		}
		out.cells = append(out.cells, cell)
	}
	if len(out.cells) == 0 {
		return nil, fmt.Errorf("%s: no cells, want lines of row, column and value", file)
	}
	out.rows, out.cols = rows.names, cols.names
	return out, nil
}

// separator is the likeliest of tab, semicolon and comma, by the first line.
func separator(in *bufio.Reader) rune {
	head, _ := in.Peek(4096)
	line, _, _ := strings.Cut(string(head), "\n")
	for _, s := range "\t;" {
		if strings.ContainsRune(line, s) {
			return s
		}
	}
	return ','
}

// findColumns places the columns by the first line and says whether it is a header.
func findColumns(fields []string, at tripleColumns, optional bool, place *[3]int) (header bool, err error) {
	for i, want := range []string{at.row, at.col, at.value} {
		what := []string{"-row", "-col", "-value"}[i]
		place[i] = -1
		// A number is a place: in a file without header a label may be that number.
		if n, err := strconv.Atoi(want); err == nil {
			switch {
			case n >= 1 && n <= len(fields):
				place[i] = n - 1
			case i < 2 || !optional:
				return false, fmt.Errorf("%s %d, and the line has %s", what, n, plural(len(fields), "field"))
			}
			continue
		}
		place[i] = slices.Index(fields, want)
		switch {
		case place[i] >= 0:
			header = true
		case i < 2 || !optional:
			return false, fmt.Errorf("no column %q for %s; there are %s", want, what, strings.Join(fields, ", "))
		}
	}
	if place[0] == place[1] || place[0] == place[2] || place[1] == place[2] {
		return false, errors.New("-row, -col and -value want three different columns")
	}
	if len(at.head) == 2 && fields[place[0]] == at.head[0] && fields[place[1]] == at.head[1] {
		header = true
	}
	if !header && place[2] >= 0 {
		if f := fields[place[2]]; f != "" {
			_, err := strconv.ParseFloat(f, 64)
			header = err != nil
		}
	}
	return header, nil
}
