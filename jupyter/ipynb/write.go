package ipynb

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// WriteFile writes the notebook to a temporary file beside path and renames it, so that path
// holds either the old or the new notebook, never a part. An existing file keeps its mode.
func (nb *Notebook) WriteFile(path string) (err error) {
	mode := os.FileMode(0o644)
	if st, err := os.Stat(path); err == nil {
		mode = st.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("ipynb.WriteFile: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err = nb.Write(f); err != nil {
		return err
	}
	if err = f.Chmod(mode); err == nil {
		err = f.Close()
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("ipynb.WriteFile: %w", err)
	}
	return nil
}

// Write writes the notebook as Jupyter does: sorted keys, indent 1, UTF-8, a final newline.
func (nb *Notebook) Write(w io.Writer) error {
	p := &printer{w: bufio.NewWriterSize(w, 1<<16)}
	cells := func() {
		p.list(len(nb.Cells), func(i int) { p.cell(nb.Cells[i], nb.NBFormatMinor) })
	}
	m := p.members(nb.Extra)
	m["cells"] = cells
	if !nb.noMetadata || len(nb.Metadata) > 0 {
		m["metadata"] = func() { p.object(nb.Metadata) }
	}
	m["nbformat"] = func() { p.integer(nb.NBFormat) }
	m["nbformat_minor"] = func() { p.integer(nb.NBFormatMinor) }
	p.braces(m)
	p.w.WriteByte('\n')
	if err := p.w.Flush(); err != nil { // a bufio.Writer keeps its first error
		return fmt.Errorf("ipynb.Write: %w", err)
	}
	return p.err
}

// printer writes indented JSON.
type printer struct {
	w     *bufio.Writer
	depth int
	err   error // a raw value that is not JSON
}

// members returns the printers of kept fields, to which the known fields are added.
func (p *printer) members(extra Object) map[string]func() {
	m := make(map[string]func(), len(extra)+8)
	for k, v := range extra {
		m[k] = func() { p.raw(v) }
	}
	return m
}

func (p *printer) cell(c *Cell, minor int) {
	m := p.members(c.Extra)
	m["cell_type"] = func() { p.str(string(c.Type)) }
	if c.hasID || (c.ID != "" && minor >= 5) {
		m["id"] = func() { p.str(c.ID) }
	}
	if !c.noMetadata || len(c.Metadata) > 0 {
		m["metadata"] = func() { p.object(c.Metadata) }
	}
	if c.Attachments != nil {
		m["attachments"] = func() { p.raw(c.Attachments) }
	}
	if c.Type == Code && (!c.noOutputs || len(c.Outputs) > 0) {
		m["outputs"] = func() { p.list(len(c.Outputs), func(i int) { p.output(c.Outputs[i]) }) }
	}
	if c.Type == Code && (!c.noCount || c.ExecutionCount != nil) {
		m["execution_count"] = func() { p.count(c.ExecutionCount) }
	}
	m["source"] = func() { p.text(c.Source, c.source, c.sourceAsRead) }
	p.braces(m)
}

func (p *printer) output(o *Output) {
	m := p.members(o.Extra)
	m["output_type"] = func() { p.str(o.Type) }
	switch o.Type {
	case Stream:
		m["name"] = func() { p.str(o.Name) }
		m["text"] = func() { p.text(o.Text, o.text, o.textAsRead) }
	case DisplayData, ExecuteResult:
		m["data"] = func() { p.bundle(o) }
		if !o.noMetadata || len(o.Metadata) > 0 {
			m["metadata"] = func() { p.object(o.Metadata) }
		}
		if o.Type == ExecuteResult && (!o.noCount || o.ExecutionCount != nil) {
			m["execution_count"] = func() { p.count(o.ExecutionCount) }
		}
	case ErrorOutput:
		m["ename"] = func() { p.str(o.EName) }
		m["evalue"] = func() { p.str(o.EValue) }
		m["traceback"] = func() { p.list(len(o.Traceback), func(i int) { p.str(o.Traceback[i]) }) }
	}
	p.braces(m)
}

func (p *printer) bundle(o *Output) {
	m := make(map[string]func(), len(o.Data))
	for mime, v := range o.Data {
		m[mime] = func() {
			how := o.data[mime]
			switch {
			case how.form == asRead && bytes.Equal(v, how.joined):
				p.raw(how.raw)
			case len(v) < 2 || v[0] != '"' || jsonType(mime):
				p.raw(v)
			case how.form == asLines || (how.form != asString && linesByKind(mime)):
				p.lines(v[1 : len(v)-1])
			default:
				p.raw(v)
			}
		}
	}
	p.braces(m)
}

// text writes a source or a stream text.
func (p *printer) text(s string, how spelling, asWrote string) {
	switch {
	case how.form == asRead && s == asWrote:
		p.raw(how.raw)
	case how.form == asString:
		p.str(s)
	default:
		q := quote(s)
		p.lines(q[1 : len(q)-1])
	}
}

// lines writes the inside of a JSON string as a list of lines that keep their newlines.
func (p *printer) lines(in []byte) {
	var cuts [][]byte
	for len(in) > 0 {
		n := nextNewline(in, 0)
		if n < 0 {
			n = len(in) - 2
		}
		cuts = append(cuts, in[:n+2])
		in = in[n+2:]
	}
	p.list(len(cuts), func(i int) {
		p.w.WriteByte('"')
		p.escaped(cuts[i])
		p.w.WriteByte('"')
	})
}

func (p *printer) integer(n int) { p.w.WriteString(strconv.Itoa(n)) }

func (p *printer) count(n *int) {
	if n == nil {
		p.w.WriteString("null")
		return
	}
	p.integer(*n)
}

func (p *printer) str(s string) { p.value(value{raw: quote(s)}) }

func (p *printer) object(m Object) { p.braces(p.members(m)) }

func (p *printer) newline() {
	p.w.WriteByte('\n')
	for range p.depth {
		p.w.WriteByte(' ')
	}
}

func (p *printer) braces(m map[string]func()) {
	if len(m) == 0 {
		p.w.WriteString("{}")
		return
	}
	p.w.WriteByte('{')
	p.depth++
	for i, k := range sortedKeys(m) {
		if i > 0 {
			p.w.WriteByte(',')
		}
		p.newline()
		p.str(k)
		p.w.WriteString(": ")
		m[k]()
	}
	p.depth--
	p.newline()
	p.w.WriteByte('}')
}

func (p *printer) list(n int, item func(i int)) {
	if n == 0 {
		p.w.WriteString("[]")
		return
	}
	p.w.WriteByte('[')
	p.depth++
	for i := range n {
		if i > 0 {
			p.w.WriteByte(',')
		}
		p.newline()
		item(i)
	}
	p.depth--
	p.newline()
	p.w.WriteByte(']')
}

// raw writes a JSON value in the notebook's layout. Values set by a caller are checked.
func (p *printer) raw(v json.RawMessage) {
	v = bytes.TrimSpace(v)
	if !json.Valid(v) {
		if p.err == nil {
			p.err = fmt.Errorf("ipynb.Write: %q is not a JSON value", clip(v))
		}
		p.w.WriteString("null")
		return
	}
	p.value(value{raw: v})
}

func (p *printer) value(v value) {
	switch v.raw[0] {
	case '{':
		m := map[string]func(){}
		v.members(func(k string, x value) error { // valid JSON: no error possible
			m[k] = func() { p.value(x) }
			return nil
		})
		p.braces(m)
	case '[':
		var items []value
		v.elements(func(x value) error { items = append(items, x); return nil })
		p.list(len(items), func(i int) { p.value(items[i]) })
	case '"':
		p.w.WriteByte('"')
		p.escaped(v.raw[1 : len(v.raw)-1])
		p.w.WriteByte('"')
	default:
		p.w.Write(v.raw)
	}
}

// escaped writes the inside of a JSON string with no more escapes than JSON needs, as Python's
// json.dumps(ensure_ascii=False) does. It works in one pass so that large outputs cost nothing.
func (p *printer) escaped(s []byte) {
	for len(s) > 0 {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			p.w.Write(s)
			return
		}
		p.w.Write(s[:n])
		s = s[n:]
		switch {
		case len(s) >= 2 && s[1] == '/':
			p.w.WriteByte('/')
			s = s[2:]
		case len(s) >= 6 && s[1] == 'u':
			s = s[p.unicode(s):]
		default:
			m := min(2, len(s))
			p.w.Write(s[:m])
			s = s[m:]
		}
	}
}

// unicode writes the \u escape at the start of s and returns the number of bytes used.
func (p *printer) unicode(s []byte) int {
	r := hex4(s)
	if utf16.IsSurrogate(r) {
		if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
			if pair := utf16.DecodeRune(r, hex4(s[6:])); pair != utf8.RuneError {
				p.w.WriteRune(pair)
				return 12
			}
		}
		p.w.Write(s[:6]) // a lone half has no UTF-8 form
		return 6
	}
	switch short := map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}; {
	case short[r] != "":
		p.w.WriteString(short[r])
	case r < 0x20:
		fmt.Fprintf(p.w, `\u%04x`, r)
	default:
		p.w.WriteRune(r)
	}
	return 6
}

func hex4(s []byte) rune {
	n, err := strconv.ParseUint(string(s[2:6]), 16, 32)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
