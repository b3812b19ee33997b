package exec

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/cache"
)

// heap starts to watch the program's heap. The function that it returns ends that and says by how
// many MiB the heap that is taken from the system grew at most.
func heap() func() int64 {
	sys := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapSys-m.HeapReleased) >> 20
	}
	runtime.GC()
	debug.FreeOSMemory()
	before := sys()
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		peak := before
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				peak = max(peak, sys())
			case <-stop:
				most <- max(peak, sys()) - before
				return
			}
		}
	}()
	return func() int64 { close(stop); return <-most }
}

func TestKernelManyLines(t *testing.T) {
	opt := options(t)
	grown := heap()
	begin := time.Now()
	res, err := run(t, notebook("%%\nfor i := range 100000 {\n\tfmt.Println(\"line\", i)\n}"), opt)
	if err != nil {
		t.Fatal(err)
	}
	mib := grown()
	t.Logf("100,000 lines: %v, heap from the system %d MiB", time.Since(begin), mib)
	c := res.Notebook.Cells[0]
	if len(c.Outputs) != 1 || strings.Count(c.Outputs[0].Text, "\n") != 100000 || !strings.HasSuffix(c.Outputs[0].Text, "line 99999\n") {
		t.Errorf("%d outputs, %d lines", len(c.Outputs), strings.Count(stdout(c), "\n"))
	}
	if mib > 300 {
		t.Errorf("heap grew by %d MiB, want under 300", mib)
	}
}

func TestKernelLargeOutput(t *testing.T) {
	opt := withSeed(t, options(t))
	opt.MaxOutput = 1 << 20
	grown := heap()
	begin := time.Now()
	res, err := run(t, notebook(
		"import \"github.com/janpfeifer/gonb/gonbui\"\n%%\ngonbui.DisplayHTML(strings.Repeat(\"x\", 50<<20))\ngonbui.Sync()",
		"%%\nfmt.Print(strings.Repeat(\"é\", 1<<20))"), opt)
	if err != nil {
		t.Fatal(err)
	}
	mib := grown()
	t.Logf("50 MiB: %v, heap from the system %d MiB", time.Since(begin), mib)
	if n := len(res.Notebook.Cells[0].Outputs[0].Data["text/html"]); n != 50<<20+2 {
		t.Errorf("the display has %d bytes, want %d", n, 50<<20+2)
	}
	if mib > 400 {
		t.Errorf("heap grew by %d MiB, want under 400", mib)
	}
	outs := res.Notebook.Cells[1].Outputs
	if len(outs) != 2 || len(outs[0].Text) != 1<<20 || outs[1].Text != "[1048576 more bytes of output were dropped; a cell keeps 1048576]\n" {
		t.Errorf("%d outputs; note %q", len(outs), outs[len(outs)-1].Text)
	}
}

// Two notebooks at the same time keep apart, and give what each gives alone.
func TestKernelParallel(t *testing.T) {
	opt := options(t)
	var jobs []Job
	for i := range 3 {
		jobs = append(jobs, Job{notebook(fmt.Sprintf("var id = %d", i), "%%\ntime.Sleep(300 * time.Millisecond)\nfmt.Println(id)"), opt})
	}
	begin := time.Now()
	for i, o := range RunAll(context.Background(), jobs, 2) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		if got, want := stdout(o.Result.Notebook.Cells[1]), fmt.Sprintln(i); got != want {
			t.Errorf("notebook %d printed %q", i, got)
		}
	}
	t.Logf("three notebooks, two at a time: %v", time.Since(begin))
	if left := leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKernelCancel(t *testing.T) {
	opt := options(t)
	ctx, cancel := context.WithCancel(context.Background())
	opt.Progress = func(e Event) {
		if e.Phase == CellStart && e.Done == 1 {
			time.AfterFunc(500*time.Millisecond, cancel)
		}
	}
	begin := time.Now()
	res, err := Run(ctx, notebook("%%\nfmt.Println(1)", "%%\nfor {\n}"), opt)
	if err != context.Canceled || ExitCode(err) != 2 || stdout(res.Notebook.Cells[0]) != "1\n" {
		t.Errorf("got %v, first cell %q", err, stdout(res.Notebook.Cells[0]))
	}
	t.Logf("ended after %v", time.Since(begin))
	if left := leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A cell imports a package of this module with no set-up cell and no network.
func TestKernelOfflineImport(t *testing.T) {
	opt := withSeed(t, options(t))
	opt.Kernel.ExtraEnv = []string{"GOPROXY=off"}
	res, err := run(t, notebook("import \"github.com/lemma-ml/lemma/jupyter/ipynb\"\n\n%%\nfmt.Println(ipynb.Code)",
		"import \"gonum.org/v1/gonum/floats\"\n\n%%\nfmt.Println(floats.Sum([]float64{1, 2}))"), opt)
	if err != nil {
		t.Fatalf("%v\n%+v", err, res.Notebook.Cells[0].Outputs)
	}
	if got := stdout(res.Notebook.Cells[0]) + stdout(res.Notebook.Cells[1]); got != "code\n3\n" {
		t.Errorf("got %q", got)
	}
	for _, c := range res.Cells {
		t.Logf("cell with import: %v", c.Elapsed)
	}
}

func TestKernelParams(t *testing.T) {
	opt := options(t)
	opt.Params = map[string]string{"width": "128", "rate": "0.5", "name": "deep net", "on": "true", "wait": "2s", "c": "7", "k": "[]int{4, 5}"}
	params := `[parameters] var (
	width = 64
	depth int = 3
	rate = 0.1
	name, on = "none", false
)
var wait time.Duration = time.Second
var area = width * depth
var k = []int{1}
const c = 5
const (
	d = 2
	e = 3
)`
	cells := []string{params, "%%\nfmt.Println(width, depth, rate, name, on, wait, area, k, c, d, e)"}
	res, err := run(t, notebook(cells...), opt)
	if err != nil {
		t.Fatalf("%v\n%+v", err, res.Notebook.Cells)
	}
	if got, want := stdout(res.Notebook.Cells[2]), "128 3 0.5 deep net true 2s 384 [4 5] 7 2 3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	opt.Params = map[string]string{"e": "9", "d": "8"}
	res, err = run(t, notebook(cells...), opt)
	if err != nil {
		t.Fatalf("%v\n%+v", err, res.Notebook.Cells)
	}
	if got, want := stdout(res.Notebook.Cells[2]), "64 3 0.1 none false 1s 192 [1] 5 8 9\n"; got != want {
		t.Errorf("constants of a block: got %q, want %q", got, want)
	}
}

func TestKernelTags(t *testing.T) {
	opt := options(t)
	res, err := run(t, notebook("[raises-exception] %%\npanic(1)", "[raises-exception] %%\nvar x int = \"\"\n_ = x", "%%\nfmt.Println(\"on\")"), opt)
	if err != nil {
		t.Fatal(err)
	}
	c := res.Notebook.Cells
	if errorOf(c[0]) == nil || errorOf(c[1]) == nil || stdout(c[2]) != "on\n" || res.Cells[0].Status != CellAllowed {
		t.Errorf("statuses %v, then %q", res.Cells, stdout(c[2]))
	}
	_, err = run(t, notebook("[raises-exception] %%\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\nselect {}"), opt)
	if ExitCode(err) != 4 {
		t.Errorf("a dead kernel cannot be allowed: got %v", err)
	}
}

func TestKernelDisplays(t *testing.T) {
	opt := withSeed(t, options(t))
	res, err := run(t, notebook(
		"import \"github.com/janpfeifer/gonb/gonbui\"\n\n%%\ngonbui.UpdateHTML(\"shared\", \"<p>old</p>\")\ngonbui.Sync()",
		"import \"github.com/janpfeifer/gonb/gonbui\"\n\n%%\ngonbui.UpdateHTML(\"shared\", \"<p>new</p>\")\ngonbui.Sync()"), opt)
	if err != nil {
		t.Fatal(err)
	}
	c := res.Notebook.Cells
	if s, _ := c[0].Outputs[0].MIME("text/html"); s != "<p>new</p>" || len(c[1].Outputs) != 0 {
		t.Errorf("first cell shows %q, second has %d outputs", s, len(c[1].Outputs))
	}
}

func TestKernelCache(t *testing.T) {
	opt := withSeed(t, options(t))
	var err error
	if opt.Cache, err = cache.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	nb := notebook("import \"github.com/lemma-ml/lemma/jupyter/ipynb\"\n\n%%\nfmt.Println(ipynb.Code, time.Now().UnixNano())", "%%\npanic(2)")
	first, err1 := run(t, nb, opt)
	begin := time.Now()
	second, err2 := run(t, nb, opt)
	took := time.Since(begin)
	t.Logf("run %v, cached %v", first.Elapsed, took)
	if !second.Cached || stdout(second.Notebook.Cells[0]) != stdout(first.Notebook.Cells[0]) {
		t.Errorf("cached %v, output %q after %q", second.Cached, stdout(second.Notebook.Cells[0]), stdout(first.Notebook.Cells[0]))
	}
	if ExitCode(err1) != 1 || err2 == nil || err1.Error() != err2.Error() {
		t.Errorf("errors %v and %v", err1, err2)
	}
	a, b := errorOf(first.Notebook.Cells[1]), errorOf(second.Notebook.Cells[1])
	if b == nil || a.EName != b.EName || a.EValue != b.EValue || !slices.Equal(a.Traceback, b.Traceback) {
		t.Errorf("error output %+v after %+v", b, a)
	}
	opt.Force = true
	if third, _ := run(t, nb, opt); third.Cached || stdout(third.Notebook.Cells[0]) == stdout(first.Notebook.Cells[0]) {
		t.Error("Force took the cached result")
	}
	opt.Force = false
	opt.CellTimeout = 2 * time.Second
	loop := notebook("%%\nfor {\n}")
	for range 2 {
		if res, err := run(t, loop, opt); ExitCode(err) != 3 || res.Cached {
			t.Errorf("a timeout was cached: %v, %v", err, res.Cached)
		}
	}
}
