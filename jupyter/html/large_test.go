package html

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// 50 MB of output and 100,000 lines become a page of at most a few hundred kilobytes, and take
// little memory beside the notebook's own.
func TestLargeOutputs(t *testing.T) {
	if testing.Short() {
		t.Skip("50 MB take some seconds")
	}
	line := strings.Repeat("0123456789", 50) + "\n"
	big := strings.Repeat(line, 100_000) // 50 MB
	html := "<table>" + strings.Repeat("<tr><td>1</td></tr>", 2_800_000) + "</table>"
	for _, row := range []struct {
		reason string
		o      *ipynb.Output
	}{
		{"stdout", stream("stdout", big)},
		{"one line", stream("stdout", strings.Repeat("x", 50_000_000))},
		{"text", display("text/plain", big)},
		{"html", display("text/html", html)},
		{"an error", failure("E", big)},
		{"a progress bar", stream("stderr", strings.Repeat("\rstep", 10_000_000))},
	} {
		nb := notebook(md("# T"), code("x", row.o))
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var n counter
		stats, err := Page(&n, nb, PageOptions{})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if total := after.TotalAlloc - before.TotalAlloc; total > 400<<20 {
			t.Errorf("%s: %d MB allocated", row.reason, total>>20)
		}
		if n > 1<<20 {
			t.Errorf("%s: a page of %d bytes", row.reason, n)
		}
		if row.reason != "a progress bar" && stats.LeftOut < 40_000_000 {
			t.Errorf("%s: %d bytes said to be left out", row.reason, stats.LeftOut)
		}
	}
	page, _ := write(t, notebook(md("# T"), code("x", stream("stdout", strings.Repeat("line\n", 100_000)))), PageOptions{})
	if !strings.Contains(page, "99,001 lines (495.0 kB) left out") && !strings.Contains(page, "99,000 lines (495.0 kB) left out") {
		t.Errorf("no note: %s", regexp.MustCompile(`[^>]*left out[^<]*`).FindString(page))
	}
	streams := make([]*ipynb.Output, 100_000)
	for i := range streams {
		streams[i] = stream("stdout", "piece\n")
	}
	page, _ = write(t, notebook(md("# T"), code("x", streams...)), PageOptions{})
	if n := strings.Count(page, `class="output`); n != 1 {
		t.Errorf("100,000 pieces became %d outputs", n)
	}
}

type counter int

func (c *counter) Write(b []byte) (int, error) { *c += counter(len(b)); return len(b), nil }
