package widgets

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lemma-ml/lemma/lib/figure"
)

// liveTest serves an explorer as a copy does, in this process.
func liveTest(t *testing.T, e figure.Explorer) (*explored, *httptest.Server) {
	t.Helper()
	x, err := explore(context.Background(), e, newLimits(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &liveServer{spec: liveSpec{ID: x.id, Token: "secret", Ranges: x.ranges}, exit: func(int) {}, first: make(chan struct{}), ready: make(chan struct{})}
	go func() {
		<-s.first
		s.explore(second()) // another explorer of the cell is passed by
		s.explore(e)
	}()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	x.live = fmt.Sprintf("%d.secret", server.Listener.Addr().(*net.TCPAddr).Port)
	return x, server
}

// In a browser, with the program of the cell there: a slider between two settings shows what Go says
// there. When the program has gone the nearest setting is shown, and the page says so.
func TestLiveInBrowser(t *testing.T) {
	e := waves()
	x, server := liveTest(t, e)
	path := filepath.Join(t.TempDir(), "live.html")
	if err := os.WriteFile(path, []byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>live</title><main>`+x.html()), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, complaints := browser(t, path)
	eval := func(js string) string {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		return out
	}
	set := func(v string) {
		t.Helper()
		eval(`(async c=>{c.dispatchEvent(new FocusEvent("focus"));c.dispatchEvent(new Event("input",{bubbles:true}));c.value="` + v + `";c.dispatchEvent(new Event("input",{bubbles:true}));await new Promise(r=>setTimeout(r,400));return ""})(document.querySelector(".e-in"))`)
	}
	first := func() string { return eval(readValues + `(document.querySelector(".lemma-explore"))`) }
	if len(*complaints) > 0 {
		t.Errorf("before anything was touched: %v", *complaints)
	}
	set("3.25")
	agrees(t, e, figure.Settings{"depth": 4.5, "shape": 0, "data": 0}, first())
	if got := eval(`document.querySelector("output").textContent`); got != "4.5 layers" {
		t.Errorf("between 4 and 6 the slider says %q", got)
	}
	set("4")
	agrees(t, e, figure.Settings{"depth": 6, "shape": 0, "data": 0}, first())
	asked := 0
	for _, c := range *complaints {
		if !strings.HasPrefix(c, "request for "+server.URL) {
			t.Errorf("the page complained: %s", c)
		}
		asked++
	}
	if asked == 0 || asked > 2 {
		t.Errorf("%d requests for one figure off the grid", asked)
	}
	server.Close()
	set("4.3")
	agrees(t, e, figure.Settings{"depth": 6, "shape": 0, "data": 0}, first())
	if got := eval(`document.querySelector(".e-note").textContent+"|"+document.querySelector(".e-in").value`); got != "No kernel answers: the nearest setting is shown.|4" {
		t.Errorf("without the program the page says %q", got)
	}
}

// A copy ends when the process that it goes with is gone, and when nobody asks.
func TestLiveEnds(t *testing.T) {
	if !canDetach {
		t.Skip("no copies on this system")
	}
	for _, c := range []struct {
		why  string
		idle time.Duration
		kill bool
	}{{"the kernel has ended", time.Hour, true}, {"nobody asks", 50 * time.Millisecond, false}} {
		kernel := exec.Command("sleep", "60")
		if err := kernel.Start(); err != nil {
			t.Skip("no sleep: ", err)
		}
		entry := filepath.Join(t.TempDir(), "7", "entry")
		if err := os.MkdirAll(filepath.Dir(entry), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(entry, []byte("1.token"), 0o600); err != nil {
			t.Fatal(err)
		}
		ended := make(chan int, 1)
		s := &liveServer{spec: liveSpec{Token: "token", Kernel: kernel.Process.Pid, Born: processBirth(kernel.Process.Pid), Entry: entry}, exit: func(n int) { ended <- n }}
		s.touch()
		go s.watch(5*time.Millisecond, c.idle)
		if c.kill {
			select {
			case <-ended:
				t.Errorf("%s: it ended before", c.why)
			case <-time.After(50 * time.Millisecond):
			}
			kernel.Process.Kill()
		}
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: it still runs", c.why)
		}
		if _, err := os.Stat(filepath.Dir(entry)); err == nil {
			t.Errorf("%s: its entry is still there", c.why)
		}
		kernel.Process.Kill()
		kernel.Wait()
	}
}

func TestLiveAllowed(t *testing.T) {
	e := waves()
	e.Controls = append(e.Controls, figure.Control{Kind: figure.Slider, Name: "n", Label: "n", Values: []float64{1, 10}, Between: true, Whole: true})
	good := func() figure.Settings { return figure.Settings{"depth": 2.5, "shape": 1, "data": 0, "n": 4} }
	for _, c := range []struct {
		why  string
		edit func(figure.Settings)
		ok   bool
	}{
		{"between where the control allows it", func(figure.Settings) {}, true},
		{"below the slider", func(s figure.Settings) { s["depth"] = 0.5 }, false},
		{"half an option", func(s figure.Settings) { s["shape"] = 0.5 }, false},
		{"an option too many", func(s figure.Settings) { s["shape"] = 2 }, false},
		{"half a whole number", func(s figure.Settings) { s["n"] = 4.5 }, false},
		{"one is missing", func(s figure.Settings) { delete(s, "n") }, false},
		{"one has another name", func(s figure.Settings) { delete(s, "n"); s["m"] = 4 }, false},
	} {
		s := good()
		c.edit(s)
		if err := allowed(&e, s); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

// Another origin may ask first whether it may ask.
func TestLivePreflight(t *testing.T) {
	_, server := liveTest(t, waves())
	r, err := http.NewRequest(http.MethodOptions, server.URL+"/frame", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Private-Network") != "true" {
		t.Errorf("status %d, headers %v", answer.StatusCode, answer.Header)
	}
}
