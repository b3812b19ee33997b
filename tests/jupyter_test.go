package tests

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// classic skips the test where Jupyter Notebook of version 6 or older, whose page the test drives, is
// not installed.
func classic(t *testing.T) {
	t.Helper()
	slow(t)
	out, err := exec.Command("jupyter-notebook", "--version").Output()
	if err != nil {
		t.Skip("no Jupyter Notebook on the PATH; make deps installs it")
	}
	var major int
	if _, err := fmt.Sscanf(string(out), "%d.", &major); err != nil || major > 6 {
		t.Skipf("Jupyter Notebook %s: the test drives the page of version 6", bytes.TrimSpace(out))
	}
}

// labProcess is a running lemma lab.
type labProcess struct {
	address string // with the token
	temp    string // its folder for temporary files
	cmd     *exec.Cmd
	errs    *locked
	ended   chan struct{}
}

// locked is a buffer that may be read while a program writes it.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// startLab starts lemma lab with a data folder of its own, so that what one trusts another does not,
// and waits until it says its address.
func startLab(t *testing.T, args ...string) *labProcess {
	t.Helper()
	l := &labProcess{errs: &locked{}, ended: make(chan struct{}), temp: t.TempDir()}
	l.cmd = exec.Command(lemmaPath(t), append([]string{"lab", "-no-browser", "-with", "notebook"}, args...)...)
	l.cmd.Dir = ".."
	data := t.TempDir()
	l.cmd.Env = append(os.Environ(), "JUPYTER_DATA_DIR="+filepath.Join(data, "data"), "JUPYTER_CONFIG_DIR="+filepath.Join(data, "config"), "JUPYTER_TOKEN=", "TMPDIR="+l.temp)
	l.cmd.Stderr = l.errs
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		lines.Scan()
		first <- lines.Text()
		for lines.Scan() {
		}
		l.cmd.Wait()
		close(l.ended)
	}()
	t.Cleanup(func() { l.end(t) })
	select {
	case l.address = <-first:
	case <-time.After(3 * time.Minute):
	}
	if !strings.HasPrefix(l.address, "http://127.0.0.1:") {
		t.Fatalf("lemma lab says %q\n%s", l.address, l.errs)
	}
	return l
}

// end interrupts it, as Ctrl-C does.
func (l *labProcess) end(t *testing.T) {
	t.Helper()
	select {
	case <-l.ended:
		return
	default:
	}
	l.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-l.ended:
	case <-time.After(40 * time.Second):
		l.cmd.Process.Kill()
		<-l.ended
		t.Errorf("lemma lab goes on 40 s after Ctrl-C\n%s", l.errs)
	}
}

// dialCell is a cell with an explorer small enough to be compiled and computed in seconds: y = m·x.
const dialCell = `import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets"
)

func dial() figure.Explorer {
	slope := figure.Slide("m", "slope m", 1, 2, 4)
	slope.Between = true
	return figure.Explorer{ID: "test/dial", Title: "A line", Controls: []figure.Control{slope},
		Draw: func(_ context.Context, at figure.Settings) (figure.Figure, error) {
			m := at["m"]
			return figure.Figure{ID: "test", Title: "A line", Alt: fmt.Sprintf("A line of slope %g.", m), Caption: fmt.Sprintf("The slope is %g.", m),
				Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"},
					Layers: []figure.Layer{figure.Line("line", 0, []float64{0, 1, 2}, []float64{0, m, 2 * m})}}}}, nil
		}}
}

%%
widgets.Explore(dial())`

const showCell = `%%
f, err := dial().Draw(context.Background(), figure.Settings{"m": 3})
if err != nil {
	panic(err)
}
widgets.Show(f)`

// until evaluates a script until it gives true, and fails the test when it does not within the limit.
func (b *browser) until(t *testing.T, limit time.Duration, what, script string) {
	t.Helper()
	last := ""
	for stop := time.Now().Add(limit); time.Now().Before(stop); time.Sleep(100 * time.Millisecond) {
		// A page that is being loaded has nothing to say.
		ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!(`+script+`)`))
		cancel()
		if err == nil && ok {
			return
		}
		if err != nil {
			last = err.Error()
		}
	}
	if dir := os.Getenv("LEMMA_SHOTS"); dir != "" {
		os.WriteFile(filepath.Join(dir, "until.png"), get(t, b, chromedp.FullScreenshot(100)), 0o644)
	}
	t.Fatalf("not within %v: %s %s", limit, what, last)
}

// lineEnd is where the explorer's line ends, at x = 2: twice its slope.
const lineEnd = `(v => v.length ? +v[v.length-1].split(",")[1] : NaN)((document.querySelector(".lemma-explore .l-plot>svg g[data-name=line]") || {getAttribute: () => ""}).getAttribute("data-v").split(";"))`

// A reader in Jupyter: a notebook is opened and run without a set-up cell, its slider moves also
// between the grid's values, falls back when the kernel is restarted, and the saved file shows every
// figure to somebody who does not trust it.
func TestJupyter(t *testing.T) {
	classic(t)
	b := newBrowser(t, thisMachine)
	dir := t.TempDir()
	path := filepath.Join(dir, "dial.ipynb")
	nb := ipynb.New("gonb", "go")
	nb.Cells = append(nb.Cells, ipynb.NewCell(ipynb.Markdown, "# A notebook"), code(dialCell), code(showCell))
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	l := startLab(t, path)
	b.through(t, looks[0])
	b.do(t, chromedp.Navigate(l.address))
	const idle = `window.Jupyter && Jupyter.notebook && Jupyter.notebook._fully_loaded && Jupyter.notebook.kernel && Jupyter.notebook.kernel.is_connected()`
	b.until(t, 2*time.Minute, "the kernel is there", idle)
	if got := b.text(t, "Jupyter.notebook.kernel.name"); got != "gonb" {
		t.Fatalf("the kernel is %q, want gonb", got)
	}
	b.do(t, chromedp.Evaluate[chromedp.Void](`void Jupyter.notebook.execute_all_cells()`))
	b.until(t, 5*time.Minute, "the cells have run", `Jupyter.notebook.get_cells().filter(c => c.cell_type == "code").every(c => c.input_prompt_number > 0)`)
	if n := b.number(t, `document.querySelectorAll("figure.lemma-fig").length`); n != 2 {
		t.Fatalf("%g figures after running all cells, want 2: %s", n, b.text(t, `Array.from(document.querySelectorAll(".output_area"), e => e.textContent).join("\n")`))
	}
	b.until(t, 20*time.Second, "the slider can be moved", `document.querySelector(".lemma-explore .e-in:not([disabled])")`)
	if got := b.number(t, lineEnd); got != 2 {
		t.Errorf("at first the line ends at %g, want 2", got)
	}
	// By keyboard: an arrow goes to the next value, with the shift key a tenth of the way.
	b.do(t, chromedp.Evaluate[chromedp.Void](`void document.querySelector(".lemma-explore .e-in").focus()`))
	b.press(t, "ArrowRight", 0)
	b.until(t, 20*time.Second, "the next value of the grid", lineEnd+` == 4`)
	b.press(t, "ArrowRight", shift)
	b.until(t, time.Minute, "a value off the grid, 2 + 0.1·(4 - 2)", `Math.abs(`+lineEnd+` - 2*2.2) < 1e-9`)
	if caption := b.text(t, `document.querySelector(".lemma-explore figcaption").textContent`); !strings.Contains(caption, "The slope is 2.2.") {
		t.Errorf("off the grid the caption reads %q", caption)
	}

	b.do(t, chromedp.Evaluate[chromedp.Void](`void Jupyter.notebook.save_notebook()`))
	b.until(t, 20*time.Second, "the notebook is saved", `!Jupyter.notebook.dirty`)
	b.do(t, chromedp.Evaluate[chromedp.Void](`void (window.was = Jupyter.notebook.kernel.ws, Jupyter.notebook.kernel.restart())`))
	b.until(t, time.Minute, "the kernel is restarted", `Jupyter.notebook.kernel.ws !== window.was && Jupyter.notebook.kernel.is_connected()`)
	b.do(t, chromedp.Evaluate[chromedp.Void](`void document.querySelector(".lemma-explore .e-in").focus()`))
	b.press(t, "ArrowRight", shift)
	b.until(t, time.Minute, "the nearest setting is shown and told", `document.querySelector(".lemma-explore .e-note") && `+lineEnd+` == 4`)
	b.press(t, "ArrowRight", 0)
	b.until(t, 20*time.Second, "the grid still moves", lineEnd+` == 8`)
	l.end(t)
	if left, err := os.ReadDir(l.temp); err != nil || len(left) > 0 {
		t.Errorf("lemma lab left %v behind (%v)", left, err)
	}
	if !strings.Contains(l.errs.String(), "have ended") || l.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("exit code %d\n%s", l.cmd.ProcessState.ExitCode(), l.errs)
	}

	// Somebody else gets the file: Jupyter does not trust it, and cleans its HTML.
	other := filepath.Join(t.TempDir(), "untrusted.ipynb")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	l = startLab(t, other)
	b.do(t, chromedp.Navigate("about:blank")) // without a question about leaving
	b.do(t, chromedp.Navigate(l.address))
	b.until(t, 2*time.Minute, "the notebook is loaded", `window.Jupyter && Jupyter.notebook && Jupyter.notebook._fully_loaded`)
	if b.number(t, `Jupyter.notebook.trusted ? 1 : 0`) != 0 {
		t.Error("the notebook is trusted, and the test proves nothing")
	}
	const shown = `Array.from(document.querySelectorAll(".cell.code_cell")).map(c => Array.from(c.querySelectorAll(".output_area img, .output_area svg")).some(e => {
		const r = e.getBoundingClientRect();
		return r.width > 100 && r.height > 100 && (e.tagName != "IMG" || e.complete && e.naturalWidth > 0) && getComputedStyle(e).visibility != "hidden";
	}))`
	b.do(t, chromedp.Sleep(2*time.Second))
	if dir := os.Getenv("LEMMA_SHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "untrusted.png"), get(t, b, chromedp.FullScreenshot(100)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var pictures []bool
	if err := json.Unmarshal([]byte(b.text(t, "JSON.stringify("+shown+")")), &pictures); err != nil {
		t.Fatal(err)
	}
	if len(pictures) != 2 {
		t.Fatalf("%d cells of code, want 2", len(pictures))
	}
	for i, ok := range pictures {
		if !ok {
			t.Errorf("untrusted, the figure of cell %d is not shown: %.300s", i+1, b.text(t, fmt.Sprintf(`document.querySelectorAll(".cell.code_cell")[%d].querySelector(".output").innerHTML`, i)))
		}
	}
}

// What Jupyter serves it serves to those who know the token, and at this machine's own address.
func TestLabKeepsOthersOut(t *testing.T) {
	classic(t)
	l := startLab(t, t.TempDir())
	where, token, ok := strings.Cut(l.address, "?token=")
	if !ok || len(token) < 16 {
		t.Fatalf("address %q has no token", l.address)
	}
	base := where[:strings.LastIndex(where, "/")]
	for _, c := range []struct {
		address string
		code    int
	}{{base + "/api/contents?token=" + token, 200}, {base + "/api/contents", 403}, {base + "/api/contents?token=x" + token, 403}} {
		r, err := http.Get(c.address)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != c.code {
			t.Errorf("%.60s: status %d, want %d", c.address, r.StatusCode, c.code)
		}
	}
	if args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", l.cmd.Process.Pid)); err == nil && bytes.Contains(args, []byte(token)) {
		t.Error("the token is on lemma's command line")
	}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range lines {
		if args, err := os.ReadFile(f); err == nil && bytes.Contains(args, []byte(token)) {
			t.Errorf("the token is on a command line: %q", args)
		}
	}
}
