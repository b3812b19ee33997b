package data

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Table is a set of examples with their labels. X has one example a row and is finite. At most one
// of Y and Target is set: Y for classes, Target for numbers.
type Table struct {
	Name       string
	X          *mat.Dense // n×d
	Y          []int      // class of each row, an index into Classes
	Classes    []string   // names of the classes
	Target     []float64  // number to predict for each row
	TargetName string     // name of the label column, "" if there was none
	Features   []string   // d names
	Source     string     // who made it, and where
	Licence    string
}

// Len returns the number n of examples.
func (t *Table) Len() int {
	n, _ := t.X.Dims()
	return n
}

// Width returns the number d of features.
func (t *Table) Width() int {
	_, d := t.X.Dims()
	return d
}

// Counts returns the number of examples of each class.
func (t *Table) Counts() []int {
	c := make([]int, len(t.Classes))
	for _, k := range t.Y {
		c[k]++
	}
	return c
}

// Subset returns a new table of the rows with the given indices, in that order, each copied. The
// classes keep their numbers, also those that no longer occur. An index outside the table is an
// error, and so is an empty list.
func (t *Table) Subset(rows []int) (*Table, error) {
	x, err := Rows(t.X, rows)
	if err != nil {
		return nil, fmt.Errorf("data.Table.Subset: %w", err)
	}
	s := *t
	s.X = x
	s.Classes, s.Features = slices.Clone(t.Classes), slices.Clone(t.Features)
	s.Y, s.Target = pick(t.Y, rows), pick(t.Target, rows)
	return &s, nil
}

// Pair returns the examples of the classes a and b in row order, with label +1 for a and -1 for b.
// Classes are numbered as in Y.
func (t *Table) Pair(a, b int) (x *mat.Dense, y []float64, err error) {
	if a == b || a < 0 || b < 0 || a >= len(t.Classes) || b >= len(t.Classes) {
		return nil, nil, fmt.Errorf("data.Table.Pair: classes %d and %d of table %q, want two different ones of 0..%d", a, b, t.Name, len(t.Classes)-1)
	}
	var rows []int
	for i, k := range t.Y {
		switch k {
		case a:
			rows, y = append(rows, i), append(y, 1)
		case b:
			rows, y = append(rows, i), append(y, -1)
		}
	}
	x, err = Rows(t.X, rows)
	if err != nil {
		return nil, nil, fmt.Errorf("data.Table.Pair: classes %d and %d: %w", a, b, err)
	}
	return x, y, nil
}

// Rows returns a copy of the rows of x with the given indices, in that order. Repeats are allowed;
// an index outside x and an empty list are errors.
func Rows(x *mat.Dense, rows []int) (*mat.Dense, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("data.Rows: no rows asked for, want at least one")
	}
	n, d := x.Dims()
	out := mat.NewDense(len(rows), d, nil)
	for k, i := range rows {
		if i < 0 || i >= n {
			return nil, fmt.Errorf("data.Rows: row %d of %d, want 0..%d", i, n, n-1)
		}
		out.SetRow(k, x.RawRowView(i))
	}
	return out, nil
}

func pick[T any](s []T, rows []int) []T {
	if s == nil {
		return nil
	}
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = s[i]
	}
	return out
}
