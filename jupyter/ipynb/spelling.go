package ipynb

import (
	"bytes"
	"encoding/json"
	"strings"
)

// spelling remembers how a multi-line text stood in the file: as one string, as the usual list
// of lines, or in some other way (an unusual split, a lone surrogate), which is then kept whole.
type spelling struct {
	form   form
	raw    []byte // asRead: the value in the file
	joined []byte // asRead: the JSON string that it stands for
}

type form uint8

const (
	byKind   form = iota // not from a file: what Jupyter would write
	asString             // "a\nb"
	asLines              // ["a\n", "b"]
	asRead               // raw
)

// multiline reads a string or a list of strings. It returns the JSON string of the joined text,
// cut from the file where possible, and the spelling.
func (v value) multiline() (json.RawMessage, spelling, error) {
	switch v.raw[0] {
	case '"':
		if lossy(v.raw) {
			return v.raw, spelling{asRead, v.raw, v.raw}, nil
		}
		return v.raw, spelling{form: asString}, nil
	case '[':
	default:
		return nil, spelling{}, v.want("a string or a list of strings")
	}
	joined := make([]byte, 1, len(v.raw))
	joined[0] = '"'
	usual, last := true, true
	err := v.elements(func(x value) error {
		if x.raw[0] != '"' {
			return x.want("a string")
		}
		inner := x.raw[1 : len(x.raw)-1]
		// The usual split ends every chunk but the last with its only newline.
		if len(inner) == 0 || !last || lossy(inner) {
			usual = false
		}
		if n := nextNewline(inner, 0); n >= 0 && n+2 < len(inner) {
			usual = false
		} else {
			last = n >= 0
		}
		joined = append(joined, inner...)
		return nil
	})
	if err != nil {
		return nil, spelling{}, err
	}
	joined = append(joined, '"')
	if len(joined) == 2 {
		usual = false // [] and [""] both stand for ""
	}
	if !usual {
		return joined, spelling{asRead, v.raw, joined}, nil
	}
	return joined, spelling{form: asLines}, nil
}

// lossy reports whether decoding and encoding s might not give it back: a \u escape may be half
// of a surrogate pair.
func lossy(s []byte) bool {
	return bytes.Contains(s, []byte(`\ud`)) || bytes.Contains(s, []byte(`\uD`))
}

// nextNewline returns the index of the next escaped newline (the two bytes \n) in the inside of
// a JSON string, or -1.
func nextNewline(s []byte, i int) int {
	for i < len(s) {
		n := bytes.IndexByte(s[i:], '\\')
		if n < 0 {
			return -1
		}
		i += n
		if i+1 < len(s) && s[i+1] == 'n' {
			return i
		}
		i += 2
	}
	return -1
}

// jsonType reports whether a MIME type holds JSON, whose lists must not be joined.
func jsonType(mime string) bool {
	mime, _, _ = strings.Cut(mime, ";")
	return mime == "application/json" || strings.HasSuffix(mime, "+json")
}

// linesByKind reports whether Jupyter writes a MIME type as a list of lines.
func linesByKind(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "image/svg+xml" || mime == "application/javascript"
}
