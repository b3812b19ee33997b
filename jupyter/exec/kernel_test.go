package exec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// options returns those of a run in the real kernel; the test is skipped under -short.
func options(t testing.TB) Options {
	t.Helper()
	if testing.Short() {
		t.Skip("runs cells in the real kernel")
	}
	tools, err := kernel.Build(context.Background(), kernel.BuildConfig{ModuleDir: "../.."})
	if err != nil {
		t.Fatal(err)
	}
	if err := prime(tools); err != nil {
		t.Fatal(err)
	}
	return Options{Kernel: kernel.Config{Tools: tools, GOPROXY: "off"}, CellTimeout: 2 * time.Minute}
}

// prime runs one cell with the user's proxy: in a fresh module cache the go.mod files of modules that
// no package of ours needs are missing, and GoNB's go get reads the whole graph. All later runs do
// without a network.
func prime(tools *kernel.Tools) error {
	primed.Do(func() {
		seed, err := gomod.FromCheckout("../..")
		if err != nil {
			primeErr = err
			return
		}
		nb := notebook("import \"github.com/janpfeifer/gonb/gonbui\"\n\n%%\ngonbui.DisplayHTML(\"ready\")")
		_, primeErr = Run(context.Background(), nb, Options{Kernel: kernel.Config{Tools: tools}, Seed: seed, CellTimeout: 5 * time.Minute})
	})
	return primeErr
}

var (
	primed   sync.Once
	primeErr error
)

// withSeed adds the module of this repository.
func withSeed(t testing.TB, opt Options) Options {
	t.Helper()
	seed, err := gomod.FromCheckout("../..")
	if err != nil {
		t.Fatal(err)
	}
	opt.Seed = seed
	return opt
}

// notebook makes a notebook of code cells. A cell that starts with "[tag] " gets the tag.
func notebook(cells ...string) *ipynb.Notebook {
	nb := ipynb.New("gonb", "go")
	for _, src := range cells {
		c := ipynb.NewCell(ipynb.Code, src)
		if tag, rest, ok := strings.Cut(strings.TrimPrefix(src, "["), "] "); ok && strings.HasPrefix(src, "[") {
			c.Source = rest
			c.AddTag(tag)
		}
		nb.Cells = append(nb.Cells, c)
	}
	nb.EnsureIDs()
	return nb
}

// run runs a notebook and asserts that nothing is left of its kernel.
func run(t testing.TB, nb *ipynb.Notebook, opt Options) (*Result, error) {
	t.Helper()
	res, err := Run(context.Background(), nb, opt)
	if left := leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return res, err
}

// leftovers are folders and processes of kernels that this test program owns.
func leftovers() (found []string) {
	owners, _ := filepath.Glob(filepath.Join(os.TempDir(), "lemma-kernel-*", "owner"))
	for _, f := range owners {
		if pid, err := os.ReadFile(f); err == nil && strings.HasPrefix(string(pid), fmt.Sprint(os.Getpid(), " ")) {
			found = append(found, f)
		}
	}
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range environs {
		// The test's own marker is inherited by whatever its kernels start.
		data, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(data), "LEMMA_KERNEL_ID=") && strings.Contains(string(data), ownMarker) {
			found = append(found, f)
		}
	}
	return found
}

var ownMarker = fmt.Sprintf("LEMMA_TEST_RUN=%d", os.Getpid())

func TestMain(m *testing.M) {
	name, value, _ := strings.Cut(ownMarker, "=")
	os.Setenv(name, value)
	os.Exit(m.Run())
}

// stdout is what a cell printed.
func stdout(c *ipynb.Cell) string { return streamText(c, "stdout") }

func streamText(c *ipynb.Cell, name string) string {
	var b strings.Builder
	for _, o := range c.Outputs {
		if o.Type == ipynb.Stream && o.Name == name {
			b.WriteString(o.Text)
		}
	}
	return b.String()
}

// errorOf is a cell's error output, nil if it has none.
func errorOf(c *ipynb.Cell) *ipynb.Output {
	for _, o := range c.Outputs {
		if o.Type == ipynb.ErrorOutput {
			return o
		}
	}
	return nil
}

func TestKernelRun(t *testing.T) {
	opt := options(t)
	var events []string
	opt.Progress = func(e Event) { events = append(events, fmt.Sprintf("%d:%d/%d", e.Phase, e.Done, e.Total)) }
	nb := notebook("x := 1\n_ = x", "%%\nfmt.Println(6 * 7)", "", "[skip-execution] panic(1)", "%%\nfmt.Println(\"a\")\nfmt.Fprintln(os.Stderr, \"b\")")
	nb.Cells[0].Source = "var x = 40"
	nb.Cells[1].Source = "%%\nfmt.Println(x + 2)"
	nb.Cells[3].Outputs = []*ipynb.Output{{Type: ipynb.Stream, Name: "stdout", Text: "kept"}}
	res, err := run(t, nb, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ready after %v, whole run %v", res.Start, res.Elapsed)
	for _, c := range res.Cells {
		t.Logf("cell %d: %s %v", c.Cell, c.Status, c.Elapsed)
	}
	c := res.Notebook.Cells
	if stdout(c[1]) != "42\n" || stdout(c[3]) != "kept" || stdout(c[4]) != "a\n" || streamText(c[4], "stderr") != "b\n" {
		t.Errorf("outputs %q %q %q", stdout(c[1]), stdout(c[3]), stdout(c[4]))
	}
	want := []CellStatus{CellOK, CellOK, CellSkipped, CellSkipped, CellOK}
	for i, s := range want {
		if res.Cells[i].Status != s {
			t.Errorf("cell %d: %s, want %s", i, res.Cells[i].Status, s)
		}
	}
	if c[1].ExecutionCount == nil || *c[1].ExecutionCount != 2 {
		t.Errorf("execution count %v, want 2", c[1].ExecutionCount)
	}
	if len(nb.Cells[1].Outputs) != 0 {
		t.Error("the input was changed")
	}
	if got := strings.Join(events, " "); got != "0:0/5 1:0/5 2:1/5 1:1/5 2:2/5 1:4/5 2:5/5" {
		t.Errorf("events %s", got)
	}
}

// What goes wrong in a cell, and how the run ends. Every row leaves a partial notebook: the
// first cell's output, the error in the second, nothing in the third.
func TestKernelFailures(t *testing.T) {
	rows := []struct {
		reason, cell string
		code         int
		name, value  string
		change       func(*Options)
	}{
		{"panic", "%%\npanic(\"no such luck\")", 1, "panic", "no such luck", nil},
		{"index out of range", "%%\nvar s []int\n_ = s[len(s)]", 1, "panic", "runtime error: index out of range [0] with length 0", nil},
		{"deadlock", "%%\n<-make(chan int)", 1, "fatal error", "all goroutines are asleep - deadlock!", nil},
		{"exit code", "%%\nfmt.Println(\"partial\")\nos.Exit(3)", 1, "exit status 3", "exit status 3", nil},
		{"signal", "%%\nsyscall.Kill(os.Getpid(), syscall.SIGTERM)\nselect {}", 1, "signal: terminated", "signal: terminated", nil},
		{"does not compile", "%%\nvar y int = \"text\"\n_ = y", 1, "compile error", "cannot use \"text\" (untyped string constant) as int value in variable declaration", nil},
		{"does not parse", "%%\nfor {", 1, "compile error", "", nil},
		{"import that is not there", "import \"example.org/none\"\n\n%%\nnone.F()", 1, "ERROR", "example.org/none: cannot find module providing package example.org/none", nil},
		{"a command fails last", "!exit 4", 1, "exit status 4", "exit status 4", nil},
		{"a script fails", "%%bash\nexit 5", 1, "exit status 5", "exit status 5", nil},
		{"asks for input", "%with_inputs\n!read x; echo $x", 1, "input requested", "", nil},
		{"reads standard input", "%%\nvar s string\nfmt.Scanln(&s)\nfmt.Println(s)", 1, "input requested", "", nil},
		{"loops forever", "%%\nfor {\n}", 3, "Timeout", "", func(o *Options) { o.CellTimeout = 3 * time.Second }},
		{"loops and ignores the interrupt", "%%\nsignal.Ignore(os.Interrupt)\nfor {\n}", 3, "Timeout", "", func(o *Options) { o.CellTimeout = 3 * time.Second }},
		{"kills its kernel", "%%\nsyscall.Kill(os.Getppid(), syscall.SIGKILL)\ntime.Sleep(time.Minute)", 4, "KernelDied", "", nil},
		{"stops its kernel", "%%\nsyscall.Kill(os.Getppid(), syscall.SIGSTOP)\ntime.Sleep(time.Minute)", 4, "KernelDied", "", func(o *Options) { o.Kernel.Heartbeat = 2 * time.Second }},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			opt := options(t)
			if row.change != nil {
				row.change(&opt)
			}
			begin := time.Now()
			res, err := run(t, notebook("%%\nfmt.Println(\"first\")", row.cell, "%%\nfmt.Println(\"third\")"), opt)
			t.Logf("%v: %v", time.Since(begin).Round(time.Millisecond), err)
			if got := ExitCode(err); got != row.code {
				t.Errorf("exit code %d, want %d", got, row.code)
			}
			c := res.Notebook.Cells
			if stdout(c[0]) != "first\n" || len(c[2].Outputs) != 0 {
				t.Errorf("the partial result: %q and %d outputs", stdout(c[0]), len(c[2].Outputs))
			}
			out := errorOf(c[1])
			if out == nil {
				t.Fatalf("no error output in the cell; outputs: %+v", c[1].Outputs)
			}
			var ce *CellError
			name, value := out.EName, out.EValue
			if errors.As(err, &ce) {
				name, value = ce.Name, ce.Value
			}
			if (row.name != "" && name != row.name) || !strings.HasSuffix(value, row.value) {
				t.Errorf("got %q: %q, want %q: %q", name, value, row.name, row.value)
			}
			if text := streamText(c[1], "stderr") + out.EValue + strings.Join(out.Traceback, ""); strings.Contains(text, "lemma-kernel-") || strings.Contains(text, "gonb_") {
				t.Errorf("a random name is shown: %s", text)
			}
			if res.Cells[2].Status != CellNotRun {
				t.Errorf("third cell: %s", res.Cells[2].Status)
			}
		})
	}
}
