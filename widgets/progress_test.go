package widgets

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// bench is a Progress whose clock, width and notebook are the test's.
type bench struct {
	*Progress
	out   bytes.Buffer
	t     time.Time
	shown []string // in the notebook
}

func newBench(m mode, total int) *bench {
	b := &bench{t: time.Unix(1000, 0)}
	b.Progress = NewProgress(&b.out, "verify", total)
	b.mode, b.start = m, b.t
	b.now = func() time.Time { return b.t }
	b.columns = func() int { return 60 }
	b.update = func(id, html string) { b.shown = append(b.shown, id+" "+html) }
	b.flush = func() {}
	return b
}

func (b *bench) after(seconds float64) {
	b.t = b.t.Add(time.Duration(seconds * float64(time.Second)))
}

func TestProgressPipe(t *testing.T) {
	b := newBench(pipe, 40)
	for i := range 41 {
		b.Set(i, fmt.Sprintf("9.T%d", i))
		b.after(0.5)
	}
	b.Done()
	b.Done()
	lines := strings.Split(strings.TrimSpace(b.out.String()), "\n")
	if want := "verify: 4 of 40 (10 %), 9.T4, 18 s left"; lines[0] != want {
		t.Errorf("first line %q, want %q", lines[0], want)
	}
	if want := "verify: 40 of 40 in 20 s"; lines[len(lines)-1] != want {
		t.Errorf("last line %q, want %q", lines[len(lines)-1], want)
	}
	if len(lines) != 11 {
		t.Errorf("%d lines, want one each tenth and one at the end:\n%s", len(lines), b.out.String())
	}
	if strings.Contains(b.out.String(), "\r") {
		t.Error("a carriage return in a pipe")
	}
}

func TestProgressPipeIsPatient(t *testing.T) {
	b := newBench(pipe, 1000)
	for i := range 30 {
		b.Set(i, "")
		b.after(4)
	}
	if n := strings.Count(b.out.String(), "\n"); n != 2 {
		t.Errorf("%d lines in two minutes of 2.9 %% in all, want 2:\n%s", n, b.out.String())
	}
	b.Done()
	if !strings.HasSuffix(b.out.String(), "verify: stopped at 29 of 1000 after 2 min 0 s\n") {
		t.Errorf("stopped early, said %q", b.out.String())
	}
}

func TestProgressTerminal(t *testing.T) {
	b := newBench(terminal, 4)
	b.Set(1, "9.L1, a long name")
	b.after(0.05)
	b.Set(2, "too soon to be shown")
	b.after(2)
	b.Add(1)
	b.after(1)
	b.Set(4, "")
	b.Done()
	out := b.out.String()
	parts := strings.Split(out, "\r")
	if len(parts) != 5 || parts[0] != "" {
		t.Fatalf("drawn %d times, want 4: %q", len(parts)-1, out)
	}
	if !strings.HasPrefix(parts[1], "verify ━━━━━━╌╌╌") || !strings.Contains(parts[1], " 25 %") {
		t.Errorf("first %q", parts[1])
	}
	if !strings.Contains(parts[2], " 75 %") || !strings.Contains(parts[2], "0.7 s left") {
		t.Errorf("second %q, want 75 %% with 0.7 s left", parts[2])
	}
	for i := 2; i < len(parts); i++ {
		if a, b := len([]rune(strings.TrimRight(parts[i-1], " \n"))), len([]rune(strings.TrimRight(parts[i], "\n"))); b < a {
			t.Errorf("line %d is shorter than what it must cover: %q after %q", i, parts[i], parts[i-1])
		}
	}
	if !strings.HasSuffix(strings.TrimRight(out, " \n"), "in 3.0 s") || !strings.HasSuffix(out, "\n") {
		t.Errorf("it ends %q", parts[len(parts)-1])
	}
	for _, p := range parts {
		if len([]rune(strings.TrimRight(p, "\n"))) >= 60 {
			t.Errorf("%q fills the terminal's 60 columns", p)
		}
	}
}

func TestProgressNotebook(t *testing.T) {
	b := newBench(notebook, 10)
	b.id = "progress-1"
	b.Set(2, `<b>&`)
	b.after(1)
	b.Set(5, "9.F1")
	b.after(1)
	b.Set(10, "")
	b.Done()
	if len(b.shown) != 4 {
		t.Fatalf("shown %d times: %q", len(b.shown), b.shown)
	}
	for _, s := range b.shown {
		if !strings.HasPrefix(s, "progress-1 ") {
			t.Errorf("another display: %q", s)
		}
	}
	if !strings.Contains(b.shown[0], "&lt;b&gt;&amp;") || !strings.Contains(b.shown[1], `value="50"`) {
		t.Errorf("shown %q", b.shown[:2])
	}
	if b.shown[3] != "progress-1 " {
		t.Errorf("a finished bar is left behind: %q", b.shown[3])
	}
	if b.out.Len() > 0 {
		t.Errorf("a notebook's progress wrote %q", b.out.String())
	}
}

func TestProgressSaysNothing(t *testing.T) {
	for _, m := range []mode{pipe, terminal, notebook} {
		b := newBench(m, 0)
		b.Set(3, "x")
		b.Add(1)
		b.Done()
		b.Set(1, "after the end")
		c := newBench(m, 5)
		c.Done() // nothing was ever done
		if b.out.Len()+c.out.Len()+len(b.shown)+len(c.shown) > 0 {
			t.Errorf("mode %d: said %q %q %q %q", m, b.out.String(), c.out.String(), b.shown, c.shown)
		}
	}
}

func TestProgressFromManyGoroutines(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out, "work", 800)
	p.mode = pipe
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				p.Add(1)
			}
		})
	}
	wg.Wait()
	p.Done()
	if !strings.Contains(out.String(), "work: 800 of 800") {
		t.Errorf("said %q", out.String())
	}
}
