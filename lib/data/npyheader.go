package data

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// npyHeader is the dictionary at the head of an NPY file (NumPy enhancement proposal 1).
type npyHeader struct {
	descr   string // as "<f8"
	fortran bool
	shape   []int
	count   int   // product of shape
	start   int64 // offset of the first datum
}

const (
	npyMagic     = "\x93NUMPY"
	maxNPYHeader = 1 << 20 // NumPy itself refuses headers beyond 10,000 bytes by default
)

// readNPYHeader reads up to the first datum.
func readNPYHeader(r io.Reader, fail func(offset int64, format string, args ...any) *ParseError) (*npyHeader, error) {
	pre := make([]byte, 8)
	n, err := io.ReadFull(r, pre)
	switch {
	case n == 0 && err == io.EOF:
		return nil, fail(0, "the file is empty")
	case n >= 2 && string(pre[:2]) == "PK":
		return nil, fail(0, "the file is a zip archive (.npz?); save one array with numpy.save")
	case n < 6 || string(pre[:6]) != npyMagic:
		return nil, fail(0, "the file does not begin with the mark of an NPY file")
	case err != nil:
		return nil, fail(int64(n), "the file ends within its first 8 bytes")
	}
	var size [4]byte
	width := 4
	switch pre[6] {
	case 1:
		width = 2
	case 2, 3:
	default:
		return nil, fail(6, "format version %d.%d, want 1, 2 or 3", pre[6], pre[7])
	}
	if _, err := io.ReadFull(r, size[:width]); err != nil {
		return nil, fail(8, "the file ends before the length of its header")
	}
	length := binary.LittleEndian.Uint32(size[:])
	if length > maxNPYHeader {
		return nil, fail(8, "the header claims %d bytes, want at most %d", length, maxNPYHeader)
	}
	text := make([]byte, length)
	if n, err := io.ReadFull(r, text); err != nil {
		return nil, fail(int64(8+width+n), "the file ends within its header of %d bytes", length)
	}
	h, at, problem := parseNPYDict(string(text))
	if problem != "" {
		return nil, fail(int64(8+width+at), "header: %s", problem)
	}
	h.start = int64(8+width) + int64(length)
	h.count = 1
	empty := false
	for _, d := range h.shape {
		empty = empty || d == 0
		if d > 0 && h.count > math.MaxInt/16/d {
			return nil, fail(int64(8+width), "shape %v is beyond any memory", h.shape)
		}
		h.count *= max(d, 1)
	}
	if empty {
		h.count = 0
	}
	return h, nil
}

// parseNPYDict reads the Python dictionary {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4)}
// with its keys in any order. at is the place of the problem.
func parseNPYDict(s string) (h *npyHeader, at int, problem string) {
	p := &dictParser{s: s}
	h = &npyHeader{}
	seen := map[string]bool{}
	p.want("{")
	for p.problem == "" && !p.take("}") {
		key := p.quoted()
		p.want(":")
		if seen[key] {
			p.fail("key %s occurs twice", short(key))
		}
		seen[key] = true
		switch key {
		case "descr":
			if p.peek() != '\'' && p.peek() != '"' {
				p.fail("the array has named fields; save plain numbers")
				break
			}
			h.descr = p.quoted()
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail("unknown key %s", short(key))
		}
		if !p.take(",") && p.peek() != '}' {
			p.fail("want , or }")
		}
	}
	if p.problem == "" && strings.TrimSpace(p.s[p.i:]) != "" {
		p.fail("something follows the dictionary")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			p.fail("key %q is missing", key)
		}
	}
	return h, p.at, p.problem
}

// dictParser walks the header; the first problem sticks.
type dictParser struct {
	s       string
	i, at   int
	problem string
}

func (p *dictParser) fail(format string, args ...any) {
	if p.problem == "" {
		p.problem, p.at = fmt.Sprintf(format, args...), p.i
	}
}

// peek returns the next byte that is not blank, 0 at the end.
func (p *dictParser) peek() byte {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
	if p.i == len(p.s) || p.problem != "" {
		return 0
	}
	return p.s[p.i]
}

func (p *dictParser) take(tok string) bool {
	p.peek()
	if p.problem == "" && strings.HasPrefix(p.s[p.i:], tok) {
		p.i += len(tok)
		return true
	}
	return false
}

func (p *dictParser) want(tok string) {
	if !p.take(tok) {
		p.fail("want %s", tok)
	}
}

func (p *dictParser) quoted() string {
	q := p.peek()
	if q != '\'' && q != '"' {
		p.fail("want a quoted text")
		return ""
	}
	end := strings.IndexByte(p.s[p.i+1:], q)
	if end < 0 {
		p.fail("a quotation does not end")
		return ""
	}
	v := p.s[p.i+1 : p.i+1+end]
	p.i += end + 2
	return v
}

func (p *dictParser) boolean() bool {
	switch {
	case p.take("True"):
		return true
	case p.take("False"):
	default:
		p.fail("want True or False")
	}
	return false
}

func (p *dictParser) tuple() []int {
	var shape []int
	p.want("(")
	for p.problem == "" && !p.take(")") {
		p.peek()
		j := p.i
		for j < len(p.s) && p.s[j] >= '0' && p.s[j] <= '9' {
			j++
		}
		d, err := strconv.Atoi(p.s[p.i:j])
		if err != nil {
			p.fail("shape: want a whole number that fits")
			break
		}
		p.i = j
		p.take("L") // Python 2 wrote 3L
		shape = append(shape, d)
		if !p.take(",") && p.peek() != ')' {
			p.fail("shape: want , or )")
		}
	}
	if len(shape) > 32 {
		p.fail("shape has %d dimensions, want at most 32", len(shape))
	}
	return shape
}
