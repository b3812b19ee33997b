package exec

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/wire"
)

// collector turns the messages of iopub into outputs of cells.
type collector struct {
	most     int // bytes of stream text that a cell keeps
	byID     map[string]*cellOutputs
	displays map[string][]*ipynb.Output // display_id -> outputs that show it, in any cell
	workDir  string                     // the kernel's private folder, taken out of texts
}

// cellOutputs are the outputs of one cell while it runs.
type cellOutputs struct {
	cell    *ipynb.Cell
	outputs []*ipynb.Output
	texts   map[*ipynb.Output]*strings.Builder // streams in the making
	stderr  string                             // the last stream message, if it went to stderr
	clear   bool                               // clear_output(wait): at the next output
	size    int                                // bytes of streams kept
	dropped int                                // bytes of streams not kept
	errors  int                                // error outputs from the kernel
	count   int                                // messages that made or changed an output
}

func newCollector(most int) *collector {
	return &collector{most: most, byID: map[string]*cellOutputs{}, displays: map[string][]*ipynb.Output{}}
}

// start begins the outputs of a cell that runs under a request's id. What an earlier request for
// the same cell left, or still sends, is forgotten.
func (c *collector) start(id string, cell *ipynb.Cell) *cellOutputs {
	maps.DeleteFunc(c.byID, func(_ string, o *cellOutputs) bool { return o.cell == cell })
	o := &cellOutputs{cell: cell, texts: map[*ipynb.Output]*strings.Builder{}}
	c.byID[id] = o
	return o
}

// bundle is the content of display_data, update_display_data and execute_result.
type bundle struct {
	Data           ipynb.Object `json:"data"`
	Metadata       ipynb.Object `json:"metadata"`
	ExecutionCount *int         `json:"execution_count"`
	Transient      struct {
		DisplayID string `json:"display_id"`
	} `json:"transient"`
}

// add takes a message of iopub. It returns the display's bundle where there is one, for the
// page. Messages that are no output, or whose content is malformed, are passed over.
func (c *collector) add(m *wire.Message) *bundle {
	o := c.byID[m.Parent.MsgID]
	switch m.Type() {
	case "update_display_data":
		// An update may belong to a display of an earlier cell, and come in answer to no cell.
		var b bundle
		if m.Decode(&b) != nil {
			return nil
		}
		c.update(&b)
		return &b
	case "stream":
		var s struct{ Name, Text string }
		if o != nil && m.Decode(&s) == nil {
			o.stream(c, s.Name, s.Text)
		}
	case "display_data", "execute_result":
		var b bundle
		if o == nil || m.Decode(&b) != nil {
			return nil
		}
		out := &ipynb.Output{Type: m.Type(), Data: b.Data, Metadata: notNil(b.Metadata)}
		if m.Type() == ipynb.ExecuteResult {
			out.ExecutionCount = b.ExecutionCount
		}
		if id := b.Transient.DisplayID; id != "" {
			c.update(&b)
			c.displays[id] = append(c.displays[id], out)
		}
		o.append(out)
		return &b
	case "error":
		var e struct {
			EName     string   `json:"ename"`
			EValue    string   `json:"evalue"`
			Traceback []string `json:"traceback"`
		}
		if o != nil && m.Decode(&e) == nil {
			o.errors++
			o.append(&ipynb.Output{Type: ipynb.ErrorOutput, EName: e.EName, EValue: e.EValue, Traceback: notNilStrings(e.Traceback)})
		}
	case "clear_output":
		var w struct{ Wait bool }
		if o != nil && m.Decode(&w) == nil {
			if o.clear = w.Wait; !w.Wait {
				o.wipe()
			}
		}
	}
	return nil
}

func (c *collector) update(b *bundle) {
	for _, out := range c.displays[b.Transient.DisplayID] {
		out.Data, out.Metadata = b.Data, notNil(b.Metadata)
	}
}

func notNil(o ipynb.Object) ipynb.Object {
	if o == nil {
		return ipynb.Object{}
	}
	return o
}

func notNilStrings(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (o *cellOutputs) append(out *ipynb.Output) {
	if o.clear {
		o.wipe()
	}
	o.count++
	o.outputs = append(o.outputs, out)
}

func (o *cellOutputs) wipe() {
	o.outputs, o.clear = nil, false
	clear(o.texts)
	o.size, o.dropped = 0, 0
}

// stream appends text to the last output if that is the same stream: one panic of GoNB comes as
// up to twenty messages.
func (o *cellOutputs) stream(c *collector, name, text string) {
	// What GoNB says of a program's end comes after all that the program wrote. If something is
	// written later, the cell went on: with its Go program after a command, say.
	o.stderr = ""
	if name == "stderr" {
		o.stderr = text
	}
	if o.clear {
		o.wipe()
	}
	o.count++
	if room := c.most - o.size; len(text) > room {
		keep := max(room, 0)
		for keep > 0 && keep < len(text) && text[keep]&0xc0 == 0x80 {
			keep-- // not in the middle of a character
		}
		o.dropped += len(text) - keep
		text = text[:keep]
	}
	if text == "" {
		return
	}
	o.size += len(text)
	var last *ipynb.Output
	if n := len(o.outputs); n > 0 {
		last = o.outputs[n-1]
	}
	if last == nil || last.Type != ipynb.Stream || last.Name != name {
		last = &ipynb.Output{Type: ipynb.Stream, Name: name}
		o.outputs = append(o.outputs, last)
		o.texts[last] = &strings.Builder{}
	}
	o.texts[last].WriteString(text)
}

// settle brings the cell's outputs up to date with what was collected.
func (c *collector) settle(o *cellOutputs) {
	for out, b := range o.texts {
		out.Text = c.tidy(b.String())
	}
	for _, out := range o.outputs {
		if out.Type == ipynb.ErrorOutput {
			out.EValue = c.tidy(out.EValue)
			for i := range out.Traceback {
				out.Traceback[i] = c.tidy(out.Traceback[i])
			}
		}
	}
	outs := slices.Clone(o.outputs)
	if o.dropped > 0 {
		outs = append(outs, &ipynb.Output{
			Type: ipynb.Stream, Name: "stderr",
			Text: fmt.Sprintf("[%d more bytes of output were dropped; a cell keeps %d]\n", o.dropped, c.most),
		})
	}
	if outs == nil {
		outs = []*ipynb.Output{}
	}
	o.cell.Outputs = outs
}

// transient are the display_ids under which GoNB shows scripts that are to run once. It empties
// them, unless the program ends first.
var transient = regexp.MustCompile(`^gonb_(?:websocket|transient_js)_`)

// finish settles all cells and removes the displays of scripts, and those that scripts emptied.
func (c *collector) finish() {
	empty := map[*ipynb.Output]bool{}
	for id, outs := range c.displays {
		for _, out := range outs {
			empty[out] = blank(out.Data) || transient.MatchString(id)
		}
	}
	for _, o := range c.byID {
		c.settle(o)
		o.cell.Outputs = slices.DeleteFunc(o.cell.Outputs, func(out *ipynb.Output) bool { return empty[out] })
	}
}

func blank(data ipynb.Object) bool {
	for _, v := range data {
		if string(v) != `""` {
			return false
		}
	}
	return true
}

// tidy takes the name of the kernel's private folder, and that of the module in it, out of a
// text: they are random and of no use to a reader.
func (c *collector) tidy(s string) string {
	if c.workDir == "" {
		return s
	}
	base := filepath.Base(c.workDir)
	if !strings.Contains(s, base) {
		return s
	}
	return strings.NewReplacer(c.workDir+"/", "", c.workDir, "gonb", base, "gonb").Replace(s)
}

// stderrText is what a cell wrote to stderr, without colours.
func (o *cellOutputs) stderrText() string {
	var b strings.Builder
	for _, out := range o.outputs {
		if out.Type == ipynb.Stream && out.Name == "stderr" {
			b.WriteString(o.texts[out].String())
		}
	}
	return uncolour(b.String())
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// uncolour removes the escape sequences by which terminals colour text.
func uncolour(s string) string { return ansi.ReplaceAllString(s, "") }

// dropEnd takes GoNB's note of an interrupted program off the end of stderr: it was not the
// program's doing.
func (o *cellOutputs) dropEnd() {
	if ended.FindString(o.stderr) == "" || len(o.outputs) == 0 {
		return
	}
	last := o.outputs[len(o.outputs)-1]
	b := o.texts[last]
	if b == nil || last.Name != "stderr" {
		return
	}
	rest := strings.TrimSuffix(b.String(), o.stderr)
	b.Reset()
	b.WriteString(rest)
	if rest == "" {
		o.outputs = o.outputs[:len(o.outputs)-1]
		delete(o.texts, last)
	}
}

// addError appends an error output that the executor found, in the form of the kernel's own.
func (o *cellOutputs) addError(name, value string, trace ...string) {
	o.append(&ipynb.Output{Type: ipynb.ErrorOutput, EName: name, EValue: value, Traceback: notNilStrings(trace)})
}

// htmlOf returns the HTML of a bundle, "" where there is none.
func htmlOf(b *bundle) string {
	var s string
	if raw := b.Data["text/html"]; raw != nil {
		json.Unmarshal(raw, &s)
	}
	return s
}

// scriptOf returns the JavaScript of a bundle, "" where there is none.
func scriptOf(b *bundle) string {
	var s string
	for _, mime := range []string{"text/javascript", "application/javascript"} {
		if raw := b.Data[mime]; raw != nil {
			json.Unmarshal(raw, &s)
		}
	}
	return s
}
