package data

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// TargetKind says what the label column holds.
type TargetKind int

const (
	TargetClass  TargetKind = iota // names or numbers of classes: fills Table.Y and Table.Classes
	TargetNumber                   // numbers to predict: fills Table.Target
)

// HeaderKind says whether the first line of a CSV file names the columns.
type HeaderKind int

const (
	HeaderAuto HeaderKind = iota // see ReadCSV for the rule
	HeaderYes
	HeaderNo
)

// ReadOptions says how to make a [Table] of a file; the zero value reads every column as a feature.
type ReadOptions struct {
	// Label is the column to predict: its name, or its number from 1, or from the end with -1 the
	// last. A name goes before a number. Empty: no label. An NPY array has numbers only.
	Label  string
	Target TargetKind

	// Classes fixes the classes and their numbers, as when a test file must agree with a training
	// file; another label is then an error. nil: the labels found, sorted (numerically when all are
	// numbers, else by bytes), so that the row order does not matter.
	Classes []string

	Drop []string // columns to leave out, named or numbered like Label

	// For CSV alone.
	Header  HeaderKind
	Comma   rune // separator; 0: the likeliest of comma, semicolon, tab and bar
	Comment rune // lines that begin with it are skipped; 0: none
}

// role is what becomes of a column.
type role int

const (
	feature role = iota
	label
	dropped
)

// tableBuilder turns rows of fields, whose place in the file the caller knows, into a Table.
type tableBuilder struct {
	fn, file string
	opt      ReadOptions
	names    []string // of all columns
	named    bool     // the names are the file's own
	roles    []role
	labelAt  int // -1: none
	x        []float64
	n        int
	labels   []string
	target   []float64
}

// newBuilder decides each column's role. Trouble is about the columns as a whole, at the line given.
func newBuilder(fn, file string, opt ReadOptions, names []string, named bool, line int) (*tableBuilder, error) {
	b := &tableBuilder{fn: fn, file: file, opt: opt, names: names, named: named, labelAt: -1, roles: make([]role, len(names))}
	if named {
		first := map[string]int{}
		for i, name := range names {
			if j, ok := first[name]; ok {
				return nil, b.errorAt(line, i, "repeats the name of column %d; rename one of them", j+1)
			}
			first[name] = i
		}
	}
	for _, d := range opt.Drop {
		i, err := b.find("drop", d, line)
		if err != nil {
			return nil, err
		}
		b.roles[i] = dropped
	}
	if opt.Label != "" {
		i, err := b.find("label", opt.Label, line)
		if err != nil {
			return nil, err
		}
		if b.roles[i] == dropped {
			return nil, b.errorAt(line, i, "is both the label and to be dropped")
		}
		b.roles[i], b.labelAt = label, i
	}
	if !slices.Contains(b.roles, feature) {
		return nil, b.errorAt(line, -1, "no feature column is left of %d: %d dropped, label %s", len(names), len(opt.Drop), short(opt.Label))
	}
	return b, nil
}

// find resolves a column's name or number.
func (b *tableBuilder) find(what, key string, line int) (int, error) {
	if b.named {
		if i := slices.Index(b.names, key); i >= 0 {
			return i, nil
		}
	}
	n := len(b.names)
	if i, err := strconv.Atoi(key); err == nil {
		switch {
		case i >= 1 && i <= n:
			return i - 1, nil
		case i <= -1 && i >= -n:
			return n + i, nil
		}
		return 0, b.errorAt(line, -1, "%s column %s, want 1..%d, or -1 for the last", what, key, n)
	}
	if !b.named {
		return 0, b.errorAt(line, -1, "%s column %s, but the columns have no names here; want a number 1..%d, or -1 for the last", what, short(key), n)
	}
	return 0, b.errorAt(line, -1, "no %s column %s; the columns are %s", what, short(key), list(b.names))
}

// list joins names for a message, the first twenty of them.
func list(names []string) string {
	q := make([]string, 0, 21)
	for _, n := range names[:min(20, len(names))] {
		q = append(q, short(n))
	}
	if len(names) > 20 {
		q = append(q, fmt.Sprintf("and %d more", len(names)-20))
	}
	return strings.Join(q, ", ")
}

// errorAt makes a ParseError at a line and a column (from 0; -1 for none).
func (b *tableBuilder) errorAt(line, column int, format string, args ...any) *ParseError {
	e := &ParseError{Func: b.fn, File: b.file, Line: line, Offset: -1, Msg: fmt.Sprintf(format, args...)}
	if column >= 0 && column < len(b.names) {
		e.Column = column + 1
		if b.named {
			e.Name = b.names[column]
		}
	}
	return e
}

// add takes a row of as many fields as there are columns; place gives the line of a field.
func (b *tableBuilder) add(fields []string, place func(column int) int) error {
	for i, s := range fields {
		s = strings.TrimSpace(s)
		switch {
		case b.roles[i] == dropped:
		case b.roles[i] == label && b.opt.Target == TargetClass:
			if s == "" {
				return b.errorAt(place(i), i, "the label is missing")
			}
			b.labels = append(b.labels, s)
		default:
			v, problem := number(s)
			if problem != "" {
				return b.errorAt(place(i), i, "%s", problem)
			}
			if b.roles[i] == label {
				b.target = append(b.target, v)
			} else {
				b.x = append(b.x, v)
			}
		}
	}
	return b.endRow(place)
}

// endRow counts the row.
func (b *tableBuilder) endRow(place func(column int) int) error {
	b.n++
	// A label outside the given classes is told at its line.
	if b.labelAt >= 0 && b.opt.Target == TargetClass && b.opt.Classes != nil {
		if s := b.labels[b.n-1]; classIndex(b.opt.Classes, s) < 0 {
			return b.errorAt(place(b.labelAt), b.labelAt, "row %d: label %s is not one of the classes %s", b.n, short(s), list(b.opt.Classes))
		}
	}
	return nil
}

// number parses a finite decimal number, or says what is wrong.
func number(s string) (v float64, problem string) {
	if s == "" {
		return 0, "the value is missing"
	}
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil && v != 0: // ±Inf with ErrRange
		return 0, fmt.Sprintf("%s is beyond the range of a float64", short(s))
	case err != nil && decimalComma(s):
		return 0, fmt.Sprintf("%s is not a number; write decimals with a point", short(s))
	case err != nil:
		return 0, fmt.Sprintf("%s is not a number", short(s))
	case v-v != 0:
		return 0, fmt.Sprintf("%s is not a finite number", short(s))
	}
	return v, ""
}

func decimalComma(s string) bool {
	if strings.Count(s, ",") != 1 {
		return false
	}
	_, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return err == nil
}

// table finishes: at least one row, labels turned into classes.
func (b *tableBuilder) table() (*Table, error) {
	if b.n == 0 {
		return nil, b.errorAt(0, -1, "the file has no rows of data")
	}
	t := &Table{Name: b.file, Source: b.file}
	for i, name := range b.names {
		if b.roles[i] == feature {
			t.Features = append(t.Features, name)
		}
	}
	t.X = mat.NewDense(b.n, len(t.Features), b.x)
	if b.labelAt < 0 {
		return t, nil
	}
	t.TargetName = b.names[b.labelAt]
	if b.opt.Target == TargetNumber {
		t.Target = b.target
		return t, nil
	}
	t.Classes = slices.Clone(b.opt.Classes)
	if t.Classes == nil {
		t.Classes = classes(b.labels)
	}
	known := map[string]int{} // spellings met, so that each is looked up once
	t.Y = make([]int, b.n)
	for i, s := range b.labels {
		k, ok := known[s]
		if !ok {
			k = classIndex(t.Classes, s)
			known[s] = k
		}
		t.Y[i] = k
	}
	return t, nil
}

// classes lists the distinct labels: as numbers, in order, when all of them are numbers ("1", "1.0"
// and "1e0" are then one class), else as text in byte order.
func classes(labels []string) []string {
	distinct := map[string]bool{}
	for _, s := range labels {
		distinct[s] = true
	}
	values := map[float64]bool{}
	for s := range distinct {
		v, problem := number(s)
		if problem != "" {
			return sortedKeys(distinct)
		}
		values[v+0] = true // -0 is 0
	}
	order := make([]float64, 0, len(values))
	for v := range values {
		order = append(order, v)
	}
	sort.Float64s(order)
	names := make([]string, len(order))
	for i, v := range order {
		names[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return names
}

// classIndex finds a label among the classes, by spelling or by numeric value; -1 if it is not there.
func classIndex(classes []string, s string) int {
	if i := slices.Index(classes, s); i >= 0 {
		return i
	}
	v, problem := number(s)
	if problem != "" {
		return -1
	}
	return slices.IndexFunc(classes, func(c string) bool {
		w, problem := number(c)
		return problem == "" && w == v
	})
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
