package data

import (
	"fmt"
	"strings"
)

// ParseError says what is wrong with a file, and where. Fields that do not apply are zero.
type ParseError struct {
	Func   string // the function that refused, as "data.ReadCSV"
	File   string
	Line   int    // from 1; 0: the file as a whole, or a binary file
	Column int    // from 1; 0: the line as a whole
	Name   string // the column's name, where it has one
	Offset int64  // byte offset in a binary file; -1 where it does not apply
	Msg    string
	Err    error // the underlying error, if any
}

// Error reads "data.ReadCSV: iris.csv:17: column 3 (petal length): "x" is not a number".
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString(e.Func + ": " + e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Offset >= 0 {
		fmt.Fprintf(&b, ": byte %d", e.Offset)
	}
	switch {
	case e.Column > 0 && e.Name != "":
		fmt.Fprintf(&b, ": column %d (%s)", e.Column, e.Name)
	case e.Column > 0:
		fmt.Fprintf(&b, ": column %d", e.Column)
	case e.Name != "":
		fmt.Fprintf(&b, ": %s", e.Name)
	}
	b.WriteString(": " + e.Msg)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *ParseError) Unwrap() error { return e.Err }

// short quotes a value for an error message, cut to a readable length.
func short(s string) string {
	const limit = 40
	r := []rune(s)
	if len(r) > limit {
		return fmt.Sprintf("%q…", string(r[:limit]))
	}
	return fmt.Sprintf("%q", s)
}
