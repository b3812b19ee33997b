package frontend

import (
	_ "embed"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"
	"github.com/lemma-ml/lemma/jupyter/wire"
	"golang.org/x/net/html"
)

//go:embed page.js
var pageScript string

// Limits that keep a page small and quick. A widget's HTML is a few hundred bytes.
const (
	maxDisplay  = 256 << 10 // bytes of one display that is kept
	maxDocument = 8 << 20   // bytes of all displays of a run
	maxTimers   = 1000
)

// Page stands for the browser page of one notebook. It is used from one goroutine.
type Page struct {
	kernelID string
	send     func(msgType string, content any)
	limit    time.Duration // of one script

	size     int // bytes of displays in doc
	displays map[string]*html.Node
	doc      document

	vm      *goja.Runtime
	deliver goja.Callable
	read    goja.Callable
	connect goja.Callable

	commID    string
	open      bool // acknowledged by the kernel
	queue     []map[string]any
	activity  int
	failed    int
	timers    []timer
	nextTimer int64
}

type timer struct {
	id    int64
	due   time.Time
	every time.Duration // 0: once
	f     goja.Callable
}

// New returns an empty page for the kernel with the given id (the UUID in its connection file's
// name). send sends a message to the kernel's shell channel.
func New(kernelID string, send func(msgType string, content any)) *Page {
	return &Page{kernelID: kernelID, send: send, limit: time.Second, displays: map[string]*html.Node{}, doc: newDocument()}
}

// Activity counts what scripts and the kernel said to each other through the connection. It
// stays 0 for a notebook without live widgets.
func (p *Page) Activity() int { return p.activity }

// Failed counts scripts that threw, or ran out of time.
func (p *Page) Failed() int { return p.failed }

var scripts = regexp.MustCompile(`(?is)<script([^>]*)>(.*?)</script>`)

// Display takes the HTML of a display_data or update_display_data; id is its display_id or "".
// The scripts in it that concern the page are run.
func (p *Page) Display(id, text string) {
	if len(text) > maxDisplay {
		return
	}
	if strings.Contains(text, "/api/kernels/"+p.kernelID) {
		p.install()
		return
	}
	p.place(id, scripts.ReplaceAllString(text, ""))
	for _, m := range scripts.FindAllStringSubmatch(text, -1) {
		if attrs := strings.ToLower(m[1]); strings.Contains(attrs, "src=") || strings.Contains(attrs, "application/json") {
			continue
		}
		p.Script(m[2])
	}
}

// place puts HTML where a display is, or at the end.
func (p *Page) place(id, text string) {
	if old := p.displays[id]; id != "" && old != nil {
		p.doc.setInner(old, text)
		return
	}
	if text == "" || p.size+len(text) > maxDocument {
		return
	}
	p.size += len(text)
	box := &html.Node{Type: html.ElementNode, Data: "div"}
	p.doc.root.AppendChild(box)
	p.doc.setInner(box, text)
	if id != "" {
		p.displays[id] = box
	}
}

// Script runs a script if it touches the document or the connection; others (a plotting
// library's, say) have nothing to answer.
func (p *Page) Script(src string) {
	if !strings.Contains(src, "gonb_comm") && !strings.Contains(src, "document.") {
		return
	}
	p.run(func() error {
		_, err := p.runtime().RunString(src)
		return err
	})
}

// run calls f, which runs JavaScript, with the time limit.
func (p *Page) run(f func() error) {
	vm := p.runtime()
	stop := time.AfterFunc(p.limit, func() { vm.Interrupt("time limit") })
	defer func() {
		stop.Stop()
		vm.ClearInterrupt()
		// The script is a stranger's: what it makes the interpreter do must not end the run.
		if recover() != nil {
			p.failed++
		}
	}()
	if f() != nil {
		p.failed++
	}
}

// install opens the connection, as the script that GoNB sends for it would.
func (p *Page) install() {
	p.activity++
	p.open, p.queue = false, nil
	p.commID = wire.NewID()
	vm := p.runtime()
	handlers, err := p.connect(goja.Undefined())
	if err != nil {
		panic(err) // our own script
	}
	obj := handlers.ToObject(vm)
	p.deliver, _ = goja.AssertFunction(obj.Get("deliver"))
	p.read, _ = goja.AssertFunction(obj.Get("read"))
	p.send("comm_open", map[string]any{
		"comm_id": p.commID, "target_name": "gonb_comm", "kernel_id": p.kernelID, "data": map[string]any{},
	})
}

// Comm takes the content of a comm_msg of the kernel.
func (p *Page) Comm(content json.RawMessage) {
	var m struct {
		CommID string `json:"comm_id"`
		Data   struct {
			Address string          `json:"address"`
			Value   json.RawMessage `json:"value"`
			Read    bool            `json:"read_request"`
		} `json:"data"`
	}
	if json.Unmarshal(content, &m) != nil || m.CommID != p.commID || p.commID == "" {
		return
	}
	p.activity++
	switch m.Data.Address {
	case "#comm_open_ack":
		p.open = true
		for _, data := range p.queue {
			p.message(data)
		}
		p.queue = nil
		return
	case "#heartbeat/ping":
		p.message(map[string]any{"address": "#heartbeat/pong", "value": true})
		return
	}
	vm := p.runtime()
	p.run(func() error {
		address := vm.ToValue(m.Data.Address)
		if m.Data.Read {
			_, err := p.read(goja.Undefined(), address)
			return err
		}
		if m.Data.Value == nil {
			return errors.New("no value")
		}
		_, err := p.deliver(goja.Undefined(), address, vm.ToValue(string(m.Data.Value)))
		return err
	})
}

func (p *Page) message(data map[string]any) {
	p.send("comm_msg", map[string]any{"comm_id": p.commID, "data": data})
}

// say sends a value to an address of the kernel; before the connection is open it waits.
func (p *Page) say(address, value string) {
	p.activity++
	data := map[string]any{"address": address, "value": json.RawMessage(value)}
	if !p.open {
		p.queue = append(p.queue, data)
		return
	}
	p.message(data)
}

// Next returns when a timer is due; ok is false where there is none.
func (p *Page) Next() (due time.Time, ok bool) {
	for _, t := range p.timers {
		if !ok || t.due.Before(due) {
			due, ok = t.due, true
		}
	}
	return due, ok
}

// Tick runs the timers that are due, in the order of their times.
func (p *Page) Tick(now time.Time) {
	var due []timer
	p.timers = slices.DeleteFunc(p.timers, func(t timer) bool {
		if t.due.After(now) {
			return false
		}
		due = append(due, t)
		return true
	})
	slices.SortStableFunc(due, func(a, b timer) int { return a.due.Compare(b.due) })
	for _, t := range due {
		if t.every > 0 {
			again := t
			again.due = now.Add(t.every)
			p.timers = append(p.timers, again)
		}
		p.run(func() error {
			_, err := t.f(goja.Undefined())
			return err
		})
	}
}

// Reset forgets timers: a cell has ended and the next one starts with a quiet page.
func (p *Page) Reset() { p.timers = nil }

// runtime makes the interpreter when it is first needed.
func (p *Page) runtime() *goja.Runtime {
	if p.vm != nil {
		return p.vm
	}
	vm := goja.New()
	vm.SetMaxCallStackSize(1000)
	p.vm = vm
	host := vm.NewObject()
	set := func(name string, f any) {
		if err := host.Set(name, f); err != nil {
			panic(err) // host is ours
		}
	}
	p.doc.bind(vm, set)
	set("send", p.say)
	set("onConnect", func(f goja.Callable) { p.connect = f })
	set("timer", func(f goja.Callable, ms float64, repeat bool) int64 {
		if len(p.timers) >= maxTimers {
			return 0
		}
		p.nextTimer++
		d := time.Duration(max(ms, 1) * float64(time.Millisecond))
		t := timer{id: p.nextTimer, due: time.Now().Add(d), f: f}
		if repeat {
			t.every = max(d, 10*time.Millisecond)
		}
		p.timers = append(p.timers, t)
		return t.id
	})
	set("clear", func(id int64) {
		p.timers = slices.DeleteFunc(p.timers, func(t timer) bool { return t.id == id })
	})
	v, err := vm.RunScript("page.js", pageScript)
	if err != nil {
		panic(err) // our own script
	}
	main, _ := goja.AssertFunction(v)
	if _, err := main(goja.Undefined(), host); err != nil {
		panic(err)
	}
	return vm
}
