package frontend

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

const kernelID = "0123-abcd"

// recorder is a page and what it sent.
type recorder struct {
	*Page
	sent []string // "type address value"
}

func newRecorder() *recorder {
	r := &recorder{}
	r.Page = New(kernelID, func(msgType string, content any) {
		raw, err := json.Marshal(content)
		if err != nil {
			panic(err)
		}
		var c struct {
			CommID string `json:"comm_id"`
			Target string `json:"target_name"`
			Kernel string `json:"kernel_id"`
			Data   struct {
				Address string
				Value   json.RawMessage
			}
		}
		json.Unmarshal(raw, &c)
		r.sent = append(r.sent, strings.TrimSpace(strings.Join([]string{msgType, c.Target, c.Kernel, c.Data.Address, string(c.Data.Value)}, " ")))
	})
	return r
}

// connected opens the connection as the kernel would.
func connected() *recorder {
	r := newRecorder()
	r.Display("gonb_websocket_1", `<script>let u = "ws://" + h + "/api/kernels/`+kernelID+`/channels"; gonb_comm = 1</script>`)
	r.kernelSays("#comm_open_ack", "true")
	r.sent = nil
	return r
}

func (r *recorder) kernelSays(address, value string) {
	r.Comm(json.RawMessage(fmt.Sprintf(`{"comm_id":%q,"data":{"address":%q,"value":%s}}`, r.commID, address, value)))
}

func (r *recorder) wants(t *testing.T, want ...string) {
	t.Helper()
	if got, want := strings.Join(r.sent, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
	r.sent = nil
}

func TestOpen(t *testing.T) {
	r := newRecorder()
	r.Display("gonb_websocket_1", `<script>connect("/api/kernels/another/channels"); gonb_comm</script>`)
	r.wants(t) // another kernel's
	r.Display("gonb_websocket_1", `<script>connect("/api/kernels/`+kernelID+`/channels")</script>`)
	r.wants(t, "comm_open gonb_comm "+kernelID)
	r.Script(`gonb_comm.send("/a", 1)`)
	r.wants(t) // not acknowledged yet
	r.kernelSays("#comm_open_ack", "true")
	r.wants(t, "comm_msg   /a 1")
}

func TestHeartbeat(t *testing.T) {
	r := connected()
	r.kernelSays("#heartbeat/ping", "true")
	r.wants(t, "comm_msg   #heartbeat/pong true")
	r.Comm(json.RawMessage(`{"comm_id":"another","data":{"address":"#heartbeat/ping","value":true}}`))
	r.Comm(json.RawMessage(`not JSON`))
	r.wants(t)
}

// The scripts are of the form that widgets send: they ask the element for its value, tell it to
// the program, and follow both sides' changes.
func TestWidgets(t *testing.T) {
	r := connected()
	r.Display("", `<input type="range" id="s" min="0" max="10" value="7"/>`)
	r.Display("js", `<script>(() => {
		let c = globalThis?.gonb_comm;
		const el = document.getElementById("s");
		let v = c.newSyncedVariable("/slider", el.value);
		el.addEventListener("change", function() { v.set(el.value); });
		v.subscribe((x) => { el.value = x; el.setAttribute("value", el.value); });
	})();</script>`)
	r.wants(t, `comm_msg   /slider "7"`)
	r.kernelSays("/slider", "3")
	r.wants(t) // no echo of what the program set
	r.Script(`gonb_comm.send("/got", document.getElementById("s").value)`)
	r.wants(t, `comm_msg   /got "3"`)
	r.Script(`{ let el = document.getElementById("s"); el.value = 9; el.dispatchEvent(new Event("change")); }`)
	r.wants(t, `comm_msg   /slider "9"`)
	r.Comm(json.RawMessage(fmt.Sprintf(`{"comm_id":%q,"data":{"address":"/slider","read_request":true}}`, r.commID)))
	r.wants(t, `comm_msg   /slider "9"`)

	r.Display("", `<select id="o"><option value="0">a</option><option value="1" selected>b</option></select><button id="b">Go</button>`)
	r.Script(`gonb_comm.newSyncedVariable("/select", document.getElementById("o").value)`)
	r.Script(`(() => { let n = gonb_comm.newSyncedVariable("/button", 0);
		document.getElementById("b").addEventListener("click", () => n.set(n.get() + 1)); })()`)
	r.Script(`document.getElementById("b").click()`)
	r.wants(t, `comm_msg   /select "1"`, `comm_msg   /button 0`, `comm_msg   /button 1`)
	if r.Failed() != 0 {
		t.Errorf("%d scripts failed", r.Failed())
	}
}

func TestDOM(t *testing.T) {
	r := connected()
	r.Display("box", `<div id="root"></div>`)
	rows := []struct{ reason, script, want string }{
		{"append", `document.getElementById("root").insertAdjacentHTML('beforeend', '<b>1</b>')`, `<b>1</b>`},
		{"prepend", `document.getElementById("root").insertAdjacentHTML('afterbegin', '<i>0</i>')`, `<i>0</i><b>1</b>`},
		{"text is escaped", `document.getElementById("root").innerText = 'a<b'`, `a&lt;b`},
		{"inner", `document.getElementById("root").innerHTML = '<p id="p">x</p><p>y</p>'`, `<p id="p">x</p><p>y</p>`},
		{"beside", `document.getElementById("p").insertAdjacentHTML("afterend", "z")`, `<p id="p">x</p>z<p>y</p>`},
		{"remove", `{ let e = document.getElementById("p"); e.parentNode.removeChild(e); }`, `z<p>y</p>`},
		{"select", `document.querySelector("#root").querySelectorAll("p").forEach(e => e.setAttribute("class", "k"))`, `z<p class="k">y</p>`},
		{"create", `{ let e = document.createElement("em"); e.textContent = "n"; document.getElementById("root").appendChild(e); }`, `z<p class="k">y</p><em>n</em>`},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			r.Script(row.script)
			r.Script(`gonb_comm.send("/html", document.getElementById("root").innerHTML)`)
			raw, _ := json.Marshal(row.want)
			unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
			got := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(strings.Join(r.sent, ""))
			r.sent = nil
			if got != "comm_msg   /html "+unescaped {
				t.Errorf("got %s, want %s", got, unescaped)
			}
		})
	}
	r.Display("box", `gone`) // an update of the display removes what was in it
	r.Script(`gonb_comm.send("/html", document.getElementById("root") === null)`)
	r.wants(t, `comm_msg   /html true`)
}

func TestTimers(t *testing.T) {
	r := connected()
	if _, ok := r.Next(); ok {
		t.Error("a timer without a script")
	}
	r.Script(`setTimeout(() => gonb_comm.send("/late", 2), 50); setTimeout(() => gonb_comm.send("/soon", 1), 10)`)
	due, ok := r.Next()
	if !ok {
		t.Fatal("no timer")
	}
	r.Tick(due.Add(-time.Millisecond))
	r.wants(t)
	r.Tick(due.Add(time.Second))
	r.wants(t, "comm_msg   /soon 1", "comm_msg   /late 2")
	r.Script(`let id = setInterval(() => gonb_comm.send("/tick", 1), 20)`)
	now := time.Now()
	for i := range 3 {
		r.Tick(now.Add(time.Duration(i+1) * time.Second))
	}
	r.Script(`clearInterval(id); gonb_comm`)
	r.Tick(now.Add(time.Hour))
	r.wants(t, "comm_msg   /tick 1", "comm_msg   /tick 1", "comm_msg   /tick 1")
	r.Script(`setTimeout(() => gonb_comm.send("/never", 1), 1)`)
	r.Reset()
	r.Tick(now.Add(time.Hour))
	r.wants(t)
}

func TestHostile(t *testing.T) {
	r := connected()
	r.limit = 50 * time.Millisecond
	rows := []struct{ reason, script string }{
		{"endless loop", `while (true) { document.x = 1 }`},
		{"endless recursion", `(function f() { document.x; f() })()`},
		{"syntax", `document.(`},
		{"throws", `document.getElementById("none").value`},
		{"a node below itself", `{ let a = document.createElement("p"); a.appendChild(a); document.body.appendChild(a); a.appendChild(document.body); throw 1 }`},
		{"a node that it made up", `document.body.appendChild({_n: 1e6}); document.body.removeChild({_n: -5}); throw 1`},
		{"no files, no network", `document.x = require("fs"); fetch("http://example.org")`},
		{"a value that refers to itself", `{ let a = {}; a.a = a; gonb_comm.send("/x", a) }`},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			before := r.Failed()
			r.Script(row.script)
			if r.Failed() != before+1 {
				t.Error("the script was not stopped")
			}
		})
	}
	// The page still works.
	r.sent = nil
	r.Script(`gonb_comm.send("/alive", true)`)
	r.wants(t, "comm_msg   /alive true")
	r.Display("", "<p>"+strings.Repeat("x", maxDisplay))
	if len(inner(r.doc.root)) > maxDisplay {
		t.Error("a large display was kept")
	}
}

func TestQuietNotebook(t *testing.T) {
	r := newRecorder()
	r.Display("", `<p>text</p><script>Plotly.newPlot("x", [])</script><script src="https://example.org/x.js"></script>`)
	if r.vm != nil || r.Activity() != 0 || len(r.sent) != 0 {
		t.Error("a page without widgets started the interpreter")
	}
}
