package ipynb

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The functions here cut JSON that json.Valid has accepted into slices of the input. A 50 MB
// output is thus never copied by the reader, and every piece knows its offset in the file.

// value is a piece of a valid JSON text and the offset at which it starts.
type value struct {
	raw []byte
	off int
}

// kind names a value in error messages.
func (v value) kind() string {
	switch v.raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func space(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func skipSpace(b []byte, i int) int {
	for i < len(b) && space(b[i]) {
		i++
	}
	return i
}

// end returns the index after the value that starts at b[i].
func end(b []byte, i int) int {
	switch b[i] {
	case '"':
		return endString(b, i)
	case '{', '[':
		for depth := 0; ; i++ {
			switch b[i] {
			case '"':
				i = endString(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && !space(b[i]) && b[i] != ',' && b[i] != ']' && b[i] != '}' {
		i++
	}
	return i
}

func endString(b []byte, i int) int {
	for i++; ; i++ {
		n := bytes.IndexAny(b[i:], `"\`)
		i += n
		if b[i] == '"' {
			return i + 1
		}
		i++ // the escaped byte
	}
}

// elements calls f for each element of a list.
func (v value) elements(f func(value) error) error {
	b := v.raw
	for i := skipSpace(b, 1); b[i] != ']'; {
		e := end(b, i)
		if err := f(value{b[i:e], v.off + i}); err != nil {
			return err
		}
		if i = skipSpace(b, e); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return nil
}

// members calls f for each member of an object, in the order of the file. Where a key occurs
// twice, both are reported; a map filled from here keeps the last, as encoding/json does.
func (v value) members(f func(key string, val value) error) error {
	b := v.raw
	for i := skipSpace(b, 1); b[i] != '}'; {
		e := end(b, i)
		key, err := value{b[i:e], v.off + i}.str()
		if err != nil {
			return err
		}
		i = skipSpace(b, e)   // at the colon
		i = skipSpace(b, i+1) // at the value
		e = end(b, i)
		if err := f(key, value{b[i:e], v.off + i}); err != nil {
			return err
		}
		if i = skipSpace(b, e); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return nil
}

// object returns the members of an object by key.
func (v value) object() (map[string]value, error) {
	if v.raw[0] != '{' {
		return nil, v.want("an object")
	}
	m := map[string]value{}
	err := v.members(func(k string, x value) error { m[k] = x; return nil })
	return m, err
}

// fields is object for values that are kept as they are.
func (v value) fields() (Object, error) {
	if v.raw[0] != '{' {
		return nil, v.want("an object")
	}
	m := Object{}
	err := v.members(func(k string, x value) error { m[k] = x.raw; return nil })
	return m, err
}

// str decodes a string.
func (v value) str() (string, error) {
	if v.raw[0] != '"' {
		return "", v.want("a string")
	}
	if bytes.IndexByte(v.raw, '\\') < 0 {
		return string(v.raw[1 : len(v.raw)-1]), nil
	}
	var s string
	if err := json.Unmarshal(v.raw, &s); err != nil {
		return "", &placed{v.off, err.Error()}
	}
	return s, nil
}

// integer decodes an integer.
func (v value) integer() (int, error) {
	var n int
	if json.Unmarshal(v.raw, &n) != nil || v.raw[0] == 'n' {
		return 0, &placed{v.off, fmt.Sprintf("got %s, want an integer", clip(v.raw))}
	}
	return n, nil
}

// placed is an error at an offset, before it is known to which file and field it belongs.
type placed struct {
	off int
	msg string
}

func (p *placed) Error() string { return p.msg }

func (v value) want(what string) error {
	return &placed{v.off, fmt.Sprintf("got %s, want %s", v.kind(), what)}
}

func clip(b []byte) string {
	const most = 40
	if len(b) > most {
		return string(b[:most]) + "..."
	}
	return string(b)
}
