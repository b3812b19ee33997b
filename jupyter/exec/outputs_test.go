package exec

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
	"github.com/lemma-ml/lemma/jupyter/wire"
)

// canonical encodes a JSON value with sorted keys.
func canonical(t *testing.T, data []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// says makes a message of the kernel in answer to a request.
func says(parent, msgType, content string) *wire.Message {
	return &wire.Message{
		Header: wire.Header{MsgType: msgType}, Parent: wire.Header{MsgID: parent}, Content: json.RawMessage(content),
	}
}

func TestOutputs(t *testing.T) {
	type msg struct{ parent, kind, content string }
	stream := func(name, text string) msg {
		raw, _ := json.Marshal(map[string]string{"name": name, "text": text})
		return msg{"1", "stream", string(raw)}
	}
	show := func(kind, parent, id, html string) msg {
		return msg{parent, kind, `{"data":{"text/html":"` + html + `"},"metadata":{},"transient":{"display_id":"` + id + `"}}`}
	}
	rows := []struct {
		reason        string
		msgs          []msg
		first, second string // outputs of two cells, as "type:text" joined by "|"
	}{
		{"nothing", nil, "", ""},
		{"one stream in pieces", []msg{stream("stdout", "a"), stream("stdout", "b\n"), stream("stdout", "c")}, "stdout:ab\nc", ""},
		{"two streams keep their order", []msg{stream("stdout", "a"), stream("stderr", "b"), stream("stdout", "c")}, "stdout:a|stderr:b|stdout:c", ""},
		{"a display between", []msg{stream("stdout", "a"), show("display_data", "1", "", "x"), stream("stdout", "c")}, "stdout:a|display_data:x|stdout:c", ""},
		{"update in the same cell", []msg{show("display_data", "1", "i", "x"), show("update_display_data", "1", "i", "y")}, "display_data:y", ""},
		{"update from a later cell", []msg{show("display_data", "1", "i", "x"), show("update_display_data", "2", "i", "y")}, "display_data:y", ""},
		{"a display shown twice", []msg{show("display_data", "1", "i", "x"), show("display_data", "2", "i", "y")}, "display_data:y", "display_data:y"},
		{"update of an unknown display", []msg{show("update_display_data", "1", "i", "y")}, "", ""},
		{"update in answer to no cell", []msg{show("display_data", "1", "i", "x"), show("update_display_data", "comm", "i", "y")}, "display_data:y", ""},
		{"an emptied display goes", []msg{show("display_data", "1", "i", "script"), stream("stdout", "a"), show("update_display_data", "1", "i", "")}, "stdout:a", ""},
		{"a script that was not emptied goes", []msg{show("display_data", "1", "gonb_transient_js_1", "script")}, "", ""},
		{"an empty display without an id stays", []msg{show("display_data", "1", "", "")}, "display_data:", ""},
		{"clear at once", []msg{stream("stdout", "a"), {"1", "clear_output", `{"wait":false}`}}, "", ""},
		{"clear at the next output", []msg{stream("stdout", "a"), {"1", "clear_output", `{"wait":true}`}, stream("stdout", "b")}, "stdout:b", ""},
		{"clear that waits for ever", []msg{stream("stdout", "a"), {"1", "clear_output", `{"wait":true}`}}, "stdout:a", ""},
		{"clear, then a display", []msg{stream("stdout", "a"), {"1", "clear_output", `{"wait":true}`}, show("display_data", "1", "", "x")}, "display_data:x", ""},
		{"a late message of an earlier cell", []msg{{"2", "stream", `{"name":"stdout","text":"2"}`}, stream("stdout", "late")}, "stdout:late", "stdout:2"},
		{"somebody else's message", []msg{{"0", "stream", `{"name":"stdout","text":"?"}`}}, "", ""},
		{"malformed contents", []msg{{"1", "stream", `{"text":1}`}, {"1", "display_data", `[]`}, {"1", "error", `7`}, {"1", "clear_output", `"x"`}, {"1", "update_display_data", `0`}}, "", ""},
		{"an error", []msg{{"1", "error", `{"ename":"E","evalue":"v","traceback":["t"]}`}}, "error:E v", ""},
		{"a result", []msg{{"1", "execute_result", `{"data":{"text/html":"r"},"execution_count":4}`}}, "execute_result:r", ""},
	}
	text := func(c *ipynb.Cell) string {
		var parts []string
		for _, o := range c.Outputs {
			switch o.Type {
			case ipynb.Stream:
				parts = append(parts, o.Name+":"+o.Text)
			case ipynb.ErrorOutput:
				parts = append(parts, "error:"+o.EName+" "+o.EValue)
			default:
				s, _ := o.MIME("text/html")
				parts = append(parts, o.Type+":"+s)
			}
		}
		return strings.Join(parts, "|")
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			c := newCollector(1 << 20)
			one, two := ipynb.NewCell(ipynb.Code, ""), ipynb.NewCell(ipynb.Code, "")
			c.start("1", one)
			c.start("2", two)
			for _, m := range row.msgs {
				c.add(says(m.parent, m.kind, m.content))
			}
			c.finish()
			if text(one) != row.first || text(two) != row.second {
				t.Errorf("got %q and %q, want %q and %q", text(one), text(two), row.first, row.second)
			}
		})
	}
}

func TestOutputLimit(t *testing.T) {
	c := newCollector(5)
	cell := ipynb.NewCell(ipynb.Code, "")
	c.start("1", cell)
	for _, s := range []string{"abc", "dé", "x"} { // é would be cut in two
		raw, _ := json.Marshal(map[string]string{"name": "stdout", "text": s})
		c.add(says("1", "stream", string(raw)))
	}
	c.finish()
	if len(cell.Outputs) != 2 || cell.Outputs[0].Text != "abcdx" && cell.Outputs[0].Text != "abcd" || !strings.Contains(cell.Outputs[1].Text, "more bytes of output were dropped; a cell keeps 5") {
		t.Errorf("got %+v and %+v", cell.Outputs[0], cell.Outputs[1])
	}
}

func TestTidy(t *testing.T) {
	c := newCollector(1 << 20)
	c.workDir = "/tmp/lemma-kernel-1/tmp/gonb_12ab34cd"
	rows := []struct{ reason, in, want string }{
		{"a position", "\t/tmp/lemma-kernel-1/tmp/gonb_12ab34cd/main.go:9 +0x2d", "\tmain.go:9 +0x2d"},
		{"the module's name", "# gonb_12ab34cd\n", "# gonb\n"},
		{"the folder itself", "in /tmp/lemma-kernel-1/tmp/gonb_12ab34cd: no", "in gonb: no"},
		{"nothing", "gonb_", "gonb_"},
	}
	for _, row := range rows {
		if got := c.tidy(row.in); got != row.want {
			t.Errorf("%s: got %q, want %q", row.reason, got, row.want)
		}
	}
}

func TestFailure(t *testing.T) {
	rows := []struct {
		reason      string
		reply       kernel.Reply
		stderr      []string
		name, value string // "" where the cell did not fail
	}{
		{"well", kernel.Reply{Status: "ok"}, nil, "", ""},
		{"talks of an exit status", kernel.Reply{Status: "ok"}, []string{"exit status 3 is what it says\n"}, "", ""},
		{"a command before failed", kernel.Reply{Status: "ok"}, []string{"exit status 3\n", "then well\n"}, "", ""},
		{"a command failed, then the program ran well", kernel.Reply{Status: "ok"}, []string{"exit status 1\n", "stdout:42\n"}, "", ""},
		{"exit code, as v0.11.3 says it", kernel.Reply{Status: "ok"}, []string{"bad\n", "exit status 3\n"}, "exit status 3", "exit status 3"},
		{"interrupted, as v0.11.3 says it", kernel.Reply{Status: "ok"}, []string{"^C\nsignal: interrupt\n"}, "signal: interrupt", "signal: interrupt"},
		{"core dumped", kernel.Reply{Status: "ok"}, []string{"signal: segmentation fault (core dumped)\n"}, "signal: segmentation fault (core dumped)", "signal: segmentation fault (core dumped)"},
		{"panic in pieces, as v0.11.3 says it", kernel.Reply{Status: "ok", ExecutionCount: 2}, []string{"log\npan", "ic: oh\n\ngoroutine 1 [running]:\n \x1b[7m[[ Cell [2] Line 5 ]]\x1b[0m /tmp/main.go:9\n", "exit status 2\n"}, "panic", "line 5: oh"},
		{"panic in an earlier cell's function", kernel.Reply{Status: "ok", ExecutionCount: 2}, []string{"panic: oh\n [[ Cell [1] Line 5 ]] \n", "exit status 2\n"}, "panic", "line 5 of In[1]: oh"},
		{"panic, as v0.11.4 says it", kernel.Reply{Status: "error", EName: "ERROR", EValue: "exit status 2", ExecutionCount: 1}, []string{"panic: oh\n"}, "panic", "oh"},
		{"exit code, as v0.11.4 says it", kernel.Reply{Status: "error", EName: "ERROR", EValue: "exit status 3"}, nil, "exit status 3", "exit status 3"},
		{"compile error with positions", kernel.Reply{Status: "error", EName: "ERROR", EValue: "# gonb_1\n./main.go:15:13: undefined: f\n", Traceback: []string{"Cell[3]: Line 4\n\nf()\n\n\x1b[31mundefined: f\x1b[0m"}, ExecutionCount: 3}, nil, "compile error", "line 4: undefined: f"},
		{"terse compile error", kernel.Reply{Status: "error", EName: "ERROR", EValue: "failed to run \"go build\": exit status 1"}, nil, "ERROR", `failed to run "go build": exit status 1`},
		{"aborted", kernel.Reply{Status: "aborted"}, nil, "aborted", "the kernel did not run the cell"},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			c := newCollector(1 << 20)
			o := c.start("1", ipynb.NewCell(ipynb.Code, ""))
			for _, s := range row.stderr {
				name := "stderr"
				if rest, ok := strings.CutPrefix(s, "stdout:"); ok {
					name, s = "stdout", rest
				}
				o.stream(c, name, s)
			}
			e := judge(&row.reply, o)
			switch {
			case e == nil && row.name == "":
			case e == nil:
				t.Error("the failure was not seen")
			case e.Name != row.name || e.Value != row.value:
				t.Errorf("got %q, %q; want %q, %q", e.Name, e.Value, row.name, row.value)
			}
		})
	}
}

// The display that GoNB makes of compile errors for Jupyter, reduced to its tags.
func TestFailureFromHTML(t *testing.T) {
	c := newCollector(1 << 20)
	o := c.start("1", ipynb.NewCell(ipynb.Code, ""))
	html := `<style>.gonb-err-location {}</style><div><span class="gonb-cell-line-info">Cell[2]: Line 4</span>
<span class="gonb-err-location">./main.go:15:13: </span> undefined: f &lt;x&gt;
<div class="gonb-err-context">
func main() {
</div>
<br/></div>`
	raw, _ := json.Marshal(map[string]any{"data": map[string]string{"text/html": html}, "metadata": map[string]any{}})
	c.add(says("1", "display_data", string(raw)))
	e := judge(&kernel.Reply{Status: "error", EName: "ERROR", EValue: `failed to run "go build": exit status 1`, ExecutionCount: 2}, o)
	if e == nil || e.Name != "compile error" || e.Value != "line 4: undefined: f <x>" || strings.Contains(e.Detail, "func main") {
		t.Errorf("got %+v", e)
	}
}

// A cell that is run again shows the second run alone.
func TestOutputsAgain(t *testing.T) {
	c := newCollector(1 << 20)
	cell := ipynb.NewCell(ipynb.Code, "")
	c.start("1", cell)
	c.add(says("1", "stream", `{"name":"stdout","text":"first"}`))
	c.start("2", cell)
	c.add(says("1", "stream", `{"name":"stdout","text":"late"}`))
	c.add(says("2", "stream", `{"name":"stdout","text":"second"}`))
	c.finish()
	if got := stdout(cell); got != "second" {
		t.Errorf("got %q", got)
	}
}

func TestTimes(t *testing.T) {
	nb := notebook("a", "b", "c", "d")
	nb.Cells[1].Metadata["lemma"] = json.RawMessage(`{"open":true,"seconds":9}`)
	nb.Cells[2].Metadata["lemma"] = json.RawMessage(`"not an object"`)
	r := &runner{nb: nb, opt: Options{Times: true}, res: &Result{Notebook: nb, Cells: []CellResult{
		{0, CellSkipped, 0}, {1, CellOK, 1234567 * time.Microsecond}, {2, CellFailed, time.Second}, {3, CellNotRun, 0},
	}}}
	r.times()
	want := []string{"", `{"open":true,"seconds":1.235}`, `{"seconds":1}`, ""}
	for i, w := range want {
		if got := string(nb.Cells[i].Metadata["lemma"]); got != w {
			t.Errorf("cell %d: got %s, want %s", i, got, w)
		}
	}
}
