package exec

import (
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

const widgetImports = `import (
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
	"github.com/janpfeifer/gonb/gonbui/widgets"
)

`

// Live widgets wait for a browser. The run answers as one would: first values at once, no
// clicks; a cell that waits for a reader's hand is ended as if the reader had stopped it.
func TestKernelWidgets(t *testing.T) {
	rows := []struct {
		reason, cell string
		status       CellStatus
		want         string // stdout
	}{
		{"a slider has its first value", `%%
s := widgets.Slider(0, 10, 7).Done()
fmt.Println(s.Value())`, CellOK, "7\n"},
		{"select and button in a box", `%%
box := dom.CreateTransientDiv()
sel := widgets.Select([]string{"a", "b", "c"}).SetDefault(2).AppendTo(box).Done()
widgets.Button("Go").AppendTo(box).Done()
fmt.Println(sel.Value())`, CellOK, "2\n"},
		{"a value set by the program", `%%
s := widgets.Slider(0, 10, 7).Done()
s.SetValue(3)
time.Sleep(50 * time.Millisecond)
dom.TransientJavascript(` + "`gonb_comm.send(\"/echo\", 2 * document.getElementById(\"`+s.HtmlId()+`\").value)`" + `)
fmt.Println(<-func() chan int { c := comms.Listen[int]("/echo"); go func() { time.Sleep(100 * time.Millisecond); dom.TransientJavascript("gonb_comm.send(\"/echo\", 6)") }(); return c.C }())`, CellOK, "6\n"},
		{"the page's content is kept", `%%
box := dom.CreateTransientDiv()
dom.SetInnerHtml(box, "<b>one</b>")
dom.Append(box, "<i>two</i>")
fmt.Println(dom.GetInnerHtml(box))
dom.Persist(box)
gonbui.Sync()`, CellOK, "<b>one</b><i>two</i>\n"},
		{"waits for a reader", `%%
s := widgets.Slider(0, 10, 7).Done()
fmt.Println("ready")
for v := range s.Listen().C {
	fmt.Println(v)
}`, CellInteractive, "ready\n"},
		{"computes beside a slider", `%%
s := widgets.Slider(0, 10, 7).Done()
end := time.Now().Add(3 * time.Second)
for time.Now().Before(end) {
}
fmt.Println(s.Value())`, CellOK, "7\n"},
	}
	opt := withSeed(t, options(t))
	opt.WidgetIdle = time.Second
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			imports := widgetImports
			for _, name := range []string{"gonbui", "comms", "dom", "widgets"} {
				if !strings.Contains(row.cell, name+".") {
					imports = strings.Replace(imports, "\t\"github.com/janpfeifer/gonb/gonbui/"+name+"\"\n", "", 1)
				}
			}
			begin := time.Now()
			res, err := run(t, notebook(imports+row.cell, "%%\nfmt.Println(\"after\")"), opt)
			t.Logf("%v", time.Since(begin).Round(time.Millisecond))
			if err != nil {
				t.Fatalf("%v\n%+v", err, res.Notebook.Cells[0].Outputs)
			}
			c := res.Notebook.Cells
			if stdout(c[0]) != row.want || res.Cells[0].Status != row.status || stdout(c[1]) != "after\n" {
				t.Errorf("got %q, %s, then %q; want %q, %s", stdout(c[0]), res.Cells[0].Status, stdout(c[1]), row.want, row.status)
			}
			if e := streamText(c[0], "stderr"); e != "" {
				t.Errorf("stderr %q", e)
			}
			for _, o := range c[0].Outputs {
				if s, ok := o.MIME("text/html"); o.Type == ipynb.DisplayData && ok && (s == "" || strings.Contains(s, "gonb_comm")) {
					t.Errorf("a script's display was left: %q", s)
				}
			}
		})
	}
}
