package ipynb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// Error says where a file is not a notebook that this package reads.
type Error struct {
	File      string // "" where the input is not a file
	Offset    int64  // bytes from the start
	Line, Col int    // from 1; Col counts bytes
	Place     string // field, such as "cells[3].outputs[0].text"; "" for the whole
	Msg       string
}

// Error has the form "ipynb.Read: FILE:LINE:COL (offset N): PLACE: MESSAGE".
func (e *Error) Error() string {
	file := e.File
	if file == "" {
		file = "input"
	}
	s := fmt.Sprintf("ipynb.Read: %s:%d:%d (offset %d): ", file, e.Line, e.Col, e.Offset)
	if e.Place != "" {
		s += e.Place + ": "
	}
	return s + e.Msg
}

// ReadFile reads a notebook from a file. Errors about its contents are of type *Error and name
// the file.
func ReadFile(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("ipynb.ReadFile: %w", err)
	}
	nb, err := Parse(data)
	var e *Error
	if errors.As(err, &e) {
		e.File = path
	}
	return nb, err
}

// Read reads a notebook to the end of r. Errors about its contents are of type *Error.
func Read(r io.Reader) (*Notebook, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("ipynb.Read: %w", err)
	}
	return Parse(data)
}

// Parse reads a notebook from memory. The notebook keeps slices of data, which must not be
// changed afterwards. Cost is linear in len(data), with little memory beyond it.
func Parse(data []byte) (*Notebook, error) {
	body := bytes.TrimPrefix(data, []byte("\ufeff"))
	bom := len(data) - len(body)
	fail := func(off int, place, msg string) error {
		off += bom
		line := 1 + bytes.Count(data[:off], []byte("\n"))
		col := off - bytes.LastIndexByte(data[:off], '\n')
		return &Error{Offset: int64(off), Line: line, Col: col, Place: place, Msg: msg}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, fail(0, "", "the file is empty, want a JSON object")
	}
	if !utf8.Valid(body) {
		return nil, fail(firstInvalid(body), "", "not UTF-8")
	}
	if !json.Valid(body) {
		var v any
		err := json.Unmarshal(body, &v)
		off := 0
		var syn *json.SyntaxError
		if errors.As(err, &syn) {
			off = max(0, int(syn.Offset)-1) // Offset counts the bytes read, the bad one included
		}
		return nil, fail(min(off, len(body)), "", "not JSON: "+err.Error())
	}
	start := skipSpace(body, 0)
	p := parser{}
	nb, err := p.notebook(value{bytes.TrimSpace(body), start})
	var at *placed
	if errors.As(err, &at) {
		return nil, fail(at.off, p.place(), at.msg)
	}
	return nb, err
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// parser remembers where it is, for error messages.
type parser struct {
	cell, output int // from 1; 0 is outside
	field        string
}

func (p *parser) place() string {
	s := p.field
	if p.output > 0 {
		s = fmt.Sprintf("outputs[%d]%s", p.output-1, dot(s))
	}
	if p.cell > 0 {
		s = fmt.Sprintf("cells[%d]%s", p.cell-1, dot(s))
	}
	return s
}

func dot(s string) string {
	if s == "" {
		return ""
	}
	return "." + s
}

func (p *parser) notebook(v value) (*Notebook, error) {
	if v.raw[0] != '{' {
		return nil, v.want("a notebook (an object)")
	}
	m, err := v.object()
	if err != nil {
		return nil, err
	}
	nb := &Notebook{Extra: Object{}, noMetadata: true}
	p.field = "nbformat"
	major, ok := m["nbformat"]
	if !ok {
		return nil, &placed{v.off, "missing: this JSON is not a notebook"}
	}
	if nb.NBFormat, err = major.integer(); err != nil {
		return nil, err
	}
	if nb.NBFormat != 4 {
		return nil, &placed{major.off, fmt.Sprintf("got version %d, want 4; convert it with: jupyter nbconvert --to notebook --nbformat 4", nb.NBFormat)}
	}
	p.field = "nbformat_minor"
	minor, ok := m["nbformat_minor"]
	if !ok {
		return nil, &placed{v.off, "missing"}
	}
	if nb.NBFormatMinor, err = minor.integer(); err != nil {
		return nil, err
	}
	p.field = "metadata"
	if x, ok := m["metadata"]; ok {
		nb.noMetadata = false
		if nb.Metadata, err = x.fields(); err != nil {
			return nil, err
		}
	}
	p.field = "cells"
	cells, ok := m["cells"]
	if !ok {
		return nil, &placed{v.off, "missing"}
	}
	if cells.raw[0] != '[' {
		return nil, cells.want("a list")
	}
	nb.Cells = []*Cell{}
	err = cells.elements(func(x value) error {
		p.cell++
		p.field = ""
		c, err := p.readCell(x)
		nb.Cells = append(nb.Cells, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	for k, x := range m {
		switch k {
		case "nbformat", "nbformat_minor", "metadata", "cells":
		default:
			nb.Extra[k] = x.raw
		}
	}
	return nb, nil
}

func (p *parser) readCell(v value) (*Cell, error) {
	m, err := v.object()
	if err != nil {
		return nil, err
	}
	c := &Cell{noMetadata: true, noOutputs: true, noCount: true, Extra: Object{}}
	t, ok := m["cell_type"]
	if p.field = "cell_type"; !ok {
		return nil, &placed{v.off, "missing"}
	}
	name, err := t.str()
	if err != nil {
		return nil, err
	}
	switch c.Type = CellType(name); c.Type {
	case Code, Markdown, Raw:
	default:
		return nil, &placed{t.off, fmt.Sprintf("got %q, want code, markdown or raw", name)}
	}
	src, ok := m["source"]
	if p.field = "source"; !ok {
		return nil, &placed{v.off, "missing"}
	}
	var joined json.RawMessage
	if joined, c.source, err = src.multiline(); err != nil {
		return nil, err
	}
	if c.Source, err = (value{joined, src.off}).str(); err != nil {
		return nil, err
	}
	c.sourceAsRead = c.Source
	// Fixed order, so that of two faults always the same one is reported.
	for _, k := range sortedKeys(m) {
		x := m[k]
		p.field = k
		code := c.Type == Code
		switch {
		case k == "cell_type" || k == "source":
		case k == "id":
			c.hasID = true
			c.ID, err = x.str()
		case k == "metadata":
			c.noMetadata = false
			c.Metadata, err = x.fields()
		case k == "attachments":
			c.Attachments = x.raw
		case k == "outputs" && code:
			c.noOutputs = false
			c.Outputs, err = p.readOutputs(x)
		case k == "execution_count" && code:
			c.noCount = false
			c.ExecutionCount, err = x.count()
		default:
			c.Extra[k] = x.raw
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (v value) count() (*int, error) {
	if v.raw[0] == 'n' {
		return nil, nil
	}
	n, err := v.integer()
	return &n, err
}

func (p *parser) readOutputs(v value) ([]*Output, error) {
	if v.raw[0] != '[' {
		return nil, v.want("a list")
	}
	outs := []*Output{}
	p.output = 0
	err := v.elements(func(x value) error {
		p.output++
		p.field = ""
		o, err := p.readOutput(x)
		outs = append(outs, o)
		return err
	})
	if err == nil {
		p.output = 0
	}
	return outs, err
}

func (p *parser) readOutput(v value) (*Output, error) {
	m, err := v.object()
	if err != nil {
		return nil, err
	}
	o := &Output{Extra: Object{}, noMetadata: true, noCount: true}
	t, ok := m["output_type"]
	if p.field = "output_type"; !ok {
		return nil, &placed{v.off, "missing"}
	}
	if o.Type, err = t.str(); err != nil {
		return nil, err
	}
	bundle := o.Type == DisplayData || o.Type == ExecuteResult
	need := map[string][]string{Stream: {"name", "text"}, DisplayData: {"data"}, ExecuteResult: {"data"}, ErrorOutput: {"ename", "evalue", "traceback"}}
	for _, k := range need[o.Type] {
		if _, ok := m[k]; !ok {
			p.field = k
			return nil, &placed{v.off, "missing"}
		}
	}
	for _, k := range sortedKeys(m) {
		x := m[k]
		p.field = k
		switch {
		case k == "output_type":
		case k == "name" && o.Type == Stream:
			o.Name, err = x.str()
		case k == "text" && o.Type == Stream:
			var joined json.RawMessage
			if joined, o.text, err = x.multiline(); err == nil {
				o.Text, err = value{joined, x.off}.str()
				o.textAsRead = o.Text
			}
		case k == "data" && bundle:
			err = p.readBundle(o, x)
		case k == "metadata" && bundle:
			o.noMetadata = false
			o.Metadata, err = x.fields()
		case k == "execution_count" && o.Type == ExecuteResult:
			o.noCount = false
			o.ExecutionCount, err = x.count()
		case k == "ename" && o.Type == ErrorOutput:
			o.EName, err = x.str()
		case k == "evalue" && o.Type == ErrorOutput:
			o.EValue, err = x.str()
		case k == "traceback" && o.Type == ErrorOutput:
			o.Traceback, err = x.strs()
		default:
			o.Extra[k] = x.raw
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (p *parser) readBundle(o *Output, v value) error {
	m, err := v.object()
	if err != nil {
		return err
	}
	o.Data = Object{}
	o.data = map[string]spelling{}
	for _, mime := range sortedKeys(m) {
		x := m[mime]
		p.field = fmt.Sprintf("data[%q]", mime)
		// JSON types hold any value. So do, in practice, vendors' types.
		if jsonType(mime) || (x.raw[0] != '"' && x.raw[0] != '[') {
			o.Data[mime] = x.raw
			continue
		}
		joined, how, err := x.multiline()
		if err != nil {
			return err
		}
		o.Data[mime], o.data[mime] = joined, how
	}
	return nil
}

func (v value) strs() ([]string, error) {
	if v.raw[0] != '[' {
		return nil, v.want("a list of strings")
	}
	out := []string{}
	err := v.elements(func(x value) error {
		s, err := x.str()
		out = append(out, s)
		return err
	})
	return out, err
}
