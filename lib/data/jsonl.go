package data

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// DecodeJSONL decodes a file of one JSON value a line into a slice, in order: preference pairs, texts,
// results. Blank lines are skipped. A field that T lacks is an error, as is anything after the value
// on its line; file is the name that errors give, with the line.
func DecodeJSONL[T any](r io.Reader, file string) ([]T, error) {
	var out []T
	err := eachLine("data.DecodeJSONL", r, file, func(line int, text []byte) error {
		var v T
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			return err
		}
		if _, err := d.Token(); err != io.EOF {
			return fmt.Errorf("something follows the value")
		}
		out = append(out, v)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = &ParseError{Func: "data.DecodeJSONL", File: file, Offset: -1, Msg: "the file holds no values"}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ReadJSONL reads a table of one JSON object a line: {"x1": 0.5, "x": [1, 2], "label": "a"}. Numbers
// are features, true and false count as 1 and 0, and arrays of numbers become columns "x[1]", "x[2]".
// The first line names the columns; every other line must have the same ones, in any order. The label
// may be a number, a text or a truth value. See [ReadOptions] for the rest.
func ReadJSONL(r io.Reader, file string, opt ReadOptions) (*Table, error) {
	const fn = "data.ReadJSONL"
	var b *tableBuilder
	at := map[string]int{} // column of each name
	err := eachLine(fn, r, file, func(line int, text []byte) error {
		names, values, err := flatten(text)
		if err != nil {
			return err
		}
		if b == nil {
			if b, err = newBuilder(fn, file, opt, names, true, line); err != nil {
				return err
			}
			for i, n := range names {
				at[n] = i
			}
		}
		row := make([]string, len(b.names))
		have := make([]bool, len(b.names))
		for i, n := range names {
			k, ok := at[n]
			switch {
			case !ok:
				return b.errorAt(line, -1, "field %s is not on the first line; the fields there are %s", short(n), list(b.names))
			case have[k]:
				return b.errorAt(line, k, "the field occurs twice")
			}
			row[k], have[k] = values[i], true
		}
		if k := slices.Index(have, false); k >= 0 {
			return b.errorAt(line, k, "the field is missing")
		}
		for k, v := range row {
			words := b.roles[k] == dropped || b.roles[k] == label && opt.Target == TargetClass
			switch isText := strings.HasPrefix(v, `"`); {
			case isText && !words:
				return b.errorAt(line, k, "the value is the text %s, want a number", short(v[1:]))
			case isText:
				row[k] = v[1:]
			case v == "null":
				row[k] = ""
			case !words:
				row[k] = truth(v)
			}
		}
		return b.add(row, func(int) int { return line })
	})
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, &ParseError{Func: fn, File: file, Offset: -1, Msg: "the file is empty"}
	}
	return b.table()
}

// truth turns JSON's truth values into numbers and leaves the rest.
func truth(v string) string {
	switch v {
	case "true":
		return "1"
	case "false":
		return "0"
	}
	return v
}

// flatten reads one JSON object, in the order written. Texts keep a leading quotation mark, so that
// the text "1" and the number 1 stay apart: only a label may be a text.
func flatten(text []byte) (names, values []string, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return nil, nil, err
	}
	if t != json.Delim('{') {
		return nil, nil, fmt.Errorf("the line begins with %v, want an object {…}", t)
	}
	for d.More() {
		t, err = d.Token()
		if err != nil {
			return nil, nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, nil, fmt.Errorf("%v stands for a name", t)
		}
		var v any
		if err = d.Decode(&v); err != nil {
			return nil, nil, fmt.Errorf("field %s: %w", short(name), err)
		}
		if names, values, err = spread(names, values, name, v); err != nil {
			return nil, nil, err
		}
	}
	if _, err = d.Token(); err != nil { // the closing brace
		return nil, nil, err
	}
	if _, err = d.Token(); err != io.EOF {
		return nil, nil, fmt.Errorf("something follows the object")
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("the object holds no values")
	}
	return names, values, nil
}

// spread appends the columns of one value.
func spread(names, values []string, name string, v any) ([]string, []string, error) {
	switch v := v.(type) {
	case json.Number:
		return append(names, name), append(values, v.String()), nil
	case bool:
		return append(names, name), append(values, fmt.Sprint(v)), nil
	case string:
		return append(names, name), append(values, `"`+v), nil
	case nil:
		return append(names, name), append(values, "null"), nil
	case []any:
		var err error
		for i, e := range v {
			if names, values, err = spread(names, values, fmt.Sprintf("%s[%d]", name, i+1), e); err != nil {
				return nil, nil, err
			}
		}
		return names, values, nil
	}
	return nil, nil, fmt.Errorf("field %s is an object, want a number, a text or an array of numbers", short(name))
}

// eachLine calls f with each line that is not blank; an error of f that does not know its place gets
// one.
func eachLine(fn string, r io.Reader, file string, f func(line int, text []byte) error) error {
	br := bufio.NewReader(r)
	for line := 1; ; line++ {
		text, err := br.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return &ParseError{Func: fn, File: file, Line: line, Offset: -1, Msg: "cannot be read", Err: err}
		}
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		}
		if t := bytes.TrimSpace(text); len(t) > 0 {
			if e := f(line, t); e != nil {
				if p, ok := e.(*ParseError); ok {
					return p
				}
				return &ParseError{Func: fn, File: file, Line: line, Offset: -1, Msg: "bad JSON", Err: e}
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}
