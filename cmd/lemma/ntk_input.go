package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/mat"
)

// input says which tables to read and how to prepare them.
type input struct {
	train, test, label, drop string
	scale                    string
	header                   string
	keepConstant             bool
	stdin                    []byte // what came from there, read once; nil before
}

func (in *input) flags(fs *flag.FlagSet, scale, label string) {
	fs.StringVar(&in.train, "train", "", "`file` of examples (required)")
	fs.StringVar(&in.test, "test", "", "`file` of more examples, with the same columns")
	fs.StringVar(&in.label, "label", "", label)
	fs.StringVar(&in.header, "header", "auto", "`answer`: does the first line of a CSV file name the columns? yes, no or auto")
	fs.StringVar(&in.drop, "drop", "", "`columns` to leave out, separated by commas")
	fs.StringVar(&in.scale, "scale", scale, "`how` to scale: standard (columns to mean 0, variance 1, by the training rows), unit (rows to norm 1) or none")
	fs.BoolVar(&in.keepConstant, "keep-constant", false, "accept columns that are constant")
}

// tableIn is a table as read, with the words that name a row of it in an error.
type tableIn struct {
	*data.Table
	labelled bool
}

// builtins lists the names of the embedded tables, as -train takes them.
func builtins() []string {
	var out []string
	for _, n := range data.EmbeddedNames() {
		out = append(out, "@"+n)
	}
	return out
}

// read reads the training table, and the test table if there is one. Everything that is wrong with
// them is told here, before any work.
func (in *input) read(t terminal, kind data.TargetKind, needLabel bool) (train, test *tableIn, err error) {
	if !slices.Contains([]string{"standard", "unit", "none"}, in.scale) {
		return nil, nil, badUsage("-scale %q, want standard, unit or none", in.scale)
	}
	header, ok := map[string]data.HeaderKind{"auto": data.HeaderAuto, "yes": data.HeaderYes, "no": data.HeaderNo}[in.header]
	if !ok {
		return nil, nil, badUsage("-header %q, want yes, no or auto", in.header)
	}
	builtin := strings.HasPrefix(in.train, "@")
	if needLabel && in.label == "" && !builtin {
		return nil, nil, badUsage("-label is required: the column to predict, by name or number (-1 is the last)")
	}
	if in.train == "-" && in.test == "-" {
		return nil, nil, badUsage("-train and -test cannot both be standard input")
	}
	opt := data.ReadOptions{Label: in.label, Target: kind, Header: header}
	if in.drop != "" {
		opt.Drop = strings.Split(in.drop, ",")
	}
	tab, err := in.readTable(t, in.train, opt)
	if err != nil {
		return nil, nil, failure{exitUsage, fmt.Errorf("-train: %w", plain(err))}
	}
	train = &tableIn{tab, tab.Y != nil || tab.Target != nil}
	if kind == data.TargetNumber && builtin && tab.Target == nil && needLabel {
		return nil, nil, badUsage("%s has classes, not numbers; use classify, or regress with a file of your own", in.train)
	}
	if err := in.checkTrain(train, kind, needLabel); err != nil {
		return nil, nil, err
	}
	if in.test == "" {
		return train, nil, nil
	}
	opt.Classes = tab.Classes
	test, err = in.readTest(t, in.test, opt, train)
	if err != nil {
		return nil, nil, failure{exitUsage, fmt.Errorf("-test: %w", plain(err))}
	}
	return train, test, nil
}

// readTable reads a table; what comes from standard input can be read again.
func (in *input) readTable(t terminal, path string, opt data.ReadOptions) (*data.Table, error) {
	switch {
	case path == "-":
		if in.stdin == nil {
			text, err := io.ReadAll(t.In)
			if err != nil {
				return nil, fmt.Errorf("standard input: %w", err)
			}
			in.stdin = append([]byte{}, text...)
		}
		return data.ReadCSV(bytes.NewReader(in.stdin), "standard input", opt)
	case strings.HasPrefix(path, "@"):
		tab, err := data.Embedded(strings.TrimPrefix(path, "@"))
		if err != nil {
			return nil, err
		}
		if opt.Label != "" || len(opt.Drop) > 0 {
			return nil, fmt.Errorf("%s is a built-in table: it has its label, and takes neither -label nor -drop", path)
		}
		return tab, nil
	}
	return data.ReadTable(path, opt)
}

// readTest reads a table with the columns of train, with or without the label among them.
func (in *input) readTest(t terminal, path string, opt data.ReadOptions, train *tableIn) (*tableIn, error) {
	tab, err := in.readTable(t, path, opt)
	if err != nil && opt.Label != "" {
		// A file of new examples has no label column. If it reads without one, and has not the width
		// of the training table with its label, that is what it is.
		bare := opt
		bare.Label, bare.Classes = "", nil
		if features, err2 := in.readTable(t, path, bare); err2 == nil && features.Width() != train.Width()+1 {
			tab, err = features, nil
		}
	}
	if err != nil {
		return nil, err
	}
	labelled := tab.Y != nil || tab.Target != nil
	if tab.Width() == train.Width()-1 && labelled && opt.Label != "" {
		// A label given by number also fits a file without one; the width tells.
		bare := opt
		bare.Label, bare.Classes = "", nil
		if features, err2 := in.readTable(t, path, bare); err2 == nil && features.Width() == train.Width() {
			tab, labelled = features, false
		}
	}
	if tab.Width() != train.Width() {
		return nil, fmt.Errorf("%s has %s, %s has %d; want the same columns", path, plural(tab.Width(), "feature column"), train.Name, train.Width())
	}
	for j, name := range tab.Features {
		if want := train.Features[j]; name != want && !unnamed(name) && !unnamed(want) {
			return nil, fmt.Errorf("%s: feature column %d is %q, and %q in %s; want the same columns in the same order", path, j+1, name, want, train.Name)
		}
	}
	return &tableIn{tab, labelled}, nil
}

// unnamed reports whether a column's name is the one that a file without a header gives it.
func unnamed(name string) bool { return strings.HasPrefix(name, "column ") }

// checkTrain refuses what no kernel method can learn from.
func (in *input) checkTrain(tab *tableIn, kind data.TargetKind, needLabel bool) error {
	n, d := tab.X.Dims()
	if n == 1 {
		return badUsage("-train: %s has one row of data; want at least two", tab.Name)
	}
	if needLabel && kind == data.TargetClass && len(tab.Classes) == 1 {
		return badUsage("-train: %s: column %q holds the single class %q in all %d rows; want at least two classes", tab.Name, tab.TargetName, tab.Classes[0], n)
	}
	if needLabel && kind == data.TargetNumber {
		same := true
		for _, y := range tab.Target {
			same = same && y == tab.Target[0]
		}
		if same {
			return badUsage("-train: %s: column %q is %g in all %d rows; there is nothing to predict", tab.Name, tab.TargetName, tab.Target[0], n)
		}
	}
	if in.keepConstant || strings.HasPrefix(in.train, "@") {
		return nil
	}
	for j := range d {
		col := mat.Col(nil, j, tab.X)
		if slices.Min(col) == slices.Max(col) {
			return badUsage("-train: %s: feature column %d (%s) is %g in all %d rows and tells nothing; leave it out with -drop, or accept it with -keep-constant", tab.Name, j+1, tab.Features[j], col[0], n)
		}
	}
	return nil
}

// scaler returns the preparation of rows that -scale asks for, fitted on the training rows.
func (in *input) scaler(train *mat.Dense) (func(*mat.Dense) (*mat.Dense, error), error) {
	switch in.scale {
	case "standard":
		s, err := data.Standardise(train)
		if err != nil {
			return nil, failure{exitUsage, plain(err)}
		}
		return s.Apply, nil
	case "unit":
		return data.UnitRows, nil
	}
	return func(x *mat.Dense) (*mat.Dense, error) { return x, nil }, nil
}

// prepare scales the training rows, and the test rows in the same way.
func (in *input) prepare(train, test *mat.Dense) (x, z *mat.Dense, err error) {
	apply, err := in.scaler(train)
	if err != nil {
		return nil, nil, err
	}
	if x, err = apply(train); err != nil {
		return nil, nil, failure{exitUsage, fmt.Errorf("-train: %w", plain(err))}
	}
	if test != nil {
		if z, err = apply(test); err != nil {
			return nil, nil, failure{exitUsage, fmt.Errorf("-test: %w", plain(err))}
		}
	}
	return x, z, nil
}

// repeated returns the first two equal rows, counted from 1, or zeros.
func repeated(x *mat.Dense) (first, second int) {
	seen := map[string]int{}
	n, _ := x.Dims()
	for i := range n {
		key := fmt.Sprint(x.RawRowView(i))
		if j, ok := seen[key]; ok {
			return j + 1, i + 1
		}
		seen[key] = i
	}
	return 0, 0
}
