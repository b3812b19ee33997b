package ipynb

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Object is a JSON object whose values are kept as they were written.
type Object = map[string]json.RawMessage

// CellType says what a cell holds.
type CellType string

// The cell types of nbformat 4.
const (
	Code     CellType = "code"
	Markdown CellType = "markdown"
	Raw      CellType = "raw"
)

// The output types of nbformat 4.
const (
	Stream        = "stream"
	DisplayData   = "display_data"
	ExecuteResult = "execute_result"
	ErrorOutput   = "error"
)

// Notebook is one .ipynb file.
type Notebook struct {
	Cells         []*Cell
	Metadata      Object // kernelspec, language_info, ...
	NBFormat      int    // major version, always 4
	NBFormatMinor int    // 5 where cells have ids
	Extra         Object // unknown top-level fields

	noMetadata bool // the file had no "metadata"
}

// Cell is one cell of a notebook.
type Cell struct {
	ID             string // "" where the file has none (nbformat before 4.5)
	Type           CellType
	Source         string
	Metadata       Object
	Outputs        []*Output       // code cells only
	ExecutionCount *int            // code cells only; nil is null
	Attachments    json.RawMessage // as written; nil where absent
	Extra          Object          // unknown fields

	hasID        bool
	noMetadata   bool
	noOutputs    bool
	noCount      bool
	source       spelling
	sourceAsRead string // Source as it was read, to see whether spelling still holds
}

// Output is one output of a code cell. Which fields count depends on Type: Name and Text for
// "stream"; Data and Metadata for "display_data" and "execute_result" (the latter also
// ExecutionCount); EName, EValue and Traceback for "error". An output of an unknown type keeps
// all its fields in Extra.
type Output struct {
	Type string

	Name string // "stdout" or "stderr"
	Text string

	// Data maps a MIME type to its value. Lists of lines are joined: a textual value is one
	// JSON string (see Output.MIME). JSON types (application/json, */*+json) are kept as is.
	Data     Object
	Metadata Object

	EName, EValue string
	Traceback     []string

	ExecutionCount *int
	Extra          Object // unknown fields

	noMetadata bool
	noCount    bool
	text       spelling
	textAsRead string
	data       map[string]spelling
}

// New returns an empty notebook of format 4.5 for the given kernelspec name, for instance
// "gonb" with language "go".
func New(kernel, language string) *Notebook {
	spec := Object{"name": quote(kernel), "display_name": quote(kernel), "language": quote(language)}
	info := Object{"name": quote(language)}
	return &Notebook{
		NBFormat: 4, NBFormatMinor: 5,
		Metadata: Object{"kernelspec": mustRaw(spec), "language_info": mustRaw(info)},
	}
}

// NewCell returns a cell of the given type without an id; EnsureIDs gives it one.
func NewCell(t CellType, source string) *Cell {
	return &Cell{Type: t, Source: source, Metadata: Object{}}
}

// KernelName is metadata.kernelspec.name, or "" where the notebook does not say.
func (nb *Notebook) KernelName() string {
	var spec struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(nb.Metadata["kernelspec"], &spec) != nil {
		return ""
	}
	return spec.Name
}

// Clone returns a copy that shares no cell, output or map with nb. Raw JSON values are shared;
// they are never changed in place.
func (nb *Notebook) Clone() *Notebook {
	c := *nb
	c.Metadata = maps.Clone(nb.Metadata)
	c.Extra = maps.Clone(nb.Extra)
	c.Cells = make([]*Cell, len(nb.Cells))
	for i, cell := range nb.Cells {
		c.Cells[i] = cell.Clone()
	}
	return &c
}

// Clone returns a copy of the cell that shares no output or map with it.
func (c *Cell) Clone() *Cell {
	d := *c
	d.Metadata = maps.Clone(c.Metadata)
	d.Extra = maps.Clone(c.Extra)
	d.ExecutionCount = clonePtr(c.ExecutionCount)
	if c.Outputs != nil {
		d.Outputs = make([]*Output, len(c.Outputs))
	}
	for i, o := range c.Outputs {
		d.Outputs[i] = o.Clone()
	}
	return &d
}

// Clone returns a copy of the output.
func (o *Output) Clone() *Output {
	d := *o
	d.Data = maps.Clone(o.Data)
	d.Metadata = maps.Clone(o.Metadata)
	d.Extra = maps.Clone(o.Extra)
	d.data = maps.Clone(o.data)
	d.Traceback = slices.Clone(o.Traceback)
	d.ExecutionCount = clonePtr(o.ExecutionCount)
	return &d
}

func clonePtr(p *int) *int {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// Tags returns metadata.tags, or nil where there is none or it is not a list of strings.
func (c *Cell) Tags() []string {
	var tags []string
	if json.Unmarshal(c.Metadata["tags"], &tags) != nil {
		return nil
	}
	return tags
}

// HasTag reports whether metadata.tags holds tag, spelt exactly so.
func (c *Cell) HasTag(tag string) bool { return slices.Contains(c.Tags(), tag) }

// AddTag appends tag to metadata.tags unless it is there already.
func (c *Cell) AddTag(tag string) {
	if c.HasTag(tag) {
		return
	}
	if c.Metadata == nil {
		c.Metadata = Object{}
	}
	c.Metadata["tags"] = mustRaw(append(c.Tags(), tag))
}

// MIME returns the value of a MIME type as text. ok is false where the bundle lacks it or its
// value is not a string (JSON types).
func (o *Output) MIME(mime string) (text string, ok bool) {
	raw, found := o.Data[mime]
	if !found || json.Unmarshal(raw, &text) != nil {
		return "", false
	}
	return text, true
}

// SetMIME sets the value of a MIME type to a text.
func (o *Output) SetMIME(mime, text string) {
	if o.Data == nil {
		o.Data = Object{}
	}
	o.Data[mime] = quote(text)
}

// quote is the JSON string of s, without the HTML escapes of json.Marshal.
func quote(s string) json.RawMessage { return mustRaw(s) }

// mustRaw encodes values that cannot fail: strings, and slices and maps of them.
func mustRaw(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
