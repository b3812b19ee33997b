package widgets

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/pack"
)

// liveTest serves an explorer as a copy does, in this process.
func liveTest(t *testing.T, e figure.Explorer) (*explored, *httptest.Server) {
	t.Helper()
	x, err := explore(context.Background(), e, newLimits(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &liveServer{spec: liveSpec{ID: x.id, Token: "token", Secret: liveSecret, Ranges: x.ranges}, exit: func(int) {}, first: make(chan struct{}), ready: make(chan struct{})}
	go func() {
		<-s.first
		s.explore(second()) // another explorer of the cell is passed by
		s.explore(e)
	}()
	server := httptest.NewUnstartedServer(nil)
	server.Config = s.server()
	server.Start()
	t.Cleanup(server.Close)
	x.live = liveAt(server)
	return x, server
}

// liveSecret signs the answers of the tests' copies.
var liveSecret = strings.Repeat("5e", 32)

// liveAt is what the page holds for a copy that listens where server does.
func liveAt(server *httptest.Server) string {
	return fmt.Sprintf("%d.token.%s", server.Listener.Addr().(*net.TCPAddr).Port, liveSecret)
}

// livePage writes a page of explorers with their addresses.
func livePage(t *testing.T, head string, explorers ...*explored) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><meta charset="utf-8"><title>live</title>` + head + `<main>`)
	for _, x := range explorers {
		b.WriteString(x.html())
	}
	path := filepath.Join(t.TempDir(), "live.html")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// liveSlide moves the first slider of the n-th explorer as a reader does, and waits until the page
// has come to rest: on the grid, or between with the figure that was asked for.
func liveSlide(t *testing.T, ctx context.Context, n int, v string) {
	t.Helper()
	js := fmt.Sprintf(`(async f=>{let c=f.querySelector(".e-in"),input=()=>c.dispatchEvent(new Event("input",{bubbles:true}));
		input();c.value=%q;input();
		for(let i=0,x=f.lemmaExplorer;i<1000&&(x.due||x.asking||x.pos.some(v=>v%%1)&&x.grid>=0);i++)await new Promise(r=>setTimeout(r,20));
		return ""})(document.querySelectorAll(".lemma-explore")[%d])`, v, n)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("slider %d to %s: %v", n, v, err)
	}
}

// In a browser, with the program of the cell there: a slider between two settings shows what Go says
// there. When the program has gone the nearest setting is shown, and the page says so.
func TestLiveInBrowser(t *testing.T) {
	e := waves()
	x, server := liveTest(t, e)
	ctx, complaints := browser(t, livePage(t, "", x))
	eval := func(js string) string {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		return out
	}
	set := func(v string) { t.Helper(); liveSlide(t, ctx, 0, v) }
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

// By the time a saved notebook is read another user may listen at the copy's port, and answer every
// request as it likes. Nothing of that is shown.
func TestLiveForgedInBrowser(t *testing.T) {
	foreign := func(frame pack.Frame) []byte {
		frame[0][0] = `<b class="foreign">foreign</b><img src="x" onerror="window.foreign=1">`
		body, err := json.Marshal(frame)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	mac := func(secret string, parts ...[]byte) string {
		s := liveServer{spec: liveSpec{Secret: secret}}
		return hex.EncodeToString(s.sign(parts[0], parts[1]))
	}
	rows := []struct {
		why    string
		status int
		sign   func(nonce, body []byte) string
	}{
		{"no signature", 200, nil},
		{"no hexadecimal digits", 200, func(nonce, body []byte) string { return "a signature" }},
		{"signed by another secret", 200, func(nonce, body []byte) string { return mac(strings.Repeat("00", 32), nonce, body) }},
		{"signed by the token", 200, func(nonce, body []byte) string { return mac(hex.EncodeToString([]byte("token")), nonce, body) }},
		{"signed for another request", 200, func(nonce, body []byte) string { return mac(liveSecret, make([]byte, liveNonce), body) }},
		{"signed for another body", 200, func(nonce, body []byte) string { return mac(liveSecret, nonce, body[1:]) }},
		{"half of the right signature", 200, func(nonce, body []byte) string { return mac(liveSecret, nonce, body)[:32] }},
		{"an error without a signature", 422, nil},
	}
	var list []*explored
	var urls []string
	for i, row := range rows {
		e := waves()
		e.ID, e.Link = fmt.Sprintf("test/forged%d", i), ""
		x, err := explore(context.Background(), e, newLimits(nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		frame := make(pack.Frame, len(x.frame))
		for n := range frame {
			for _, part := range x.frame[n] {
				frame[n] = append(frame[n], pack.Plain(part))
			}
		}
		body := foreign(frame)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.String(), liveSecret) {
				t.Errorf("%s: the secret was sent", row.why)
			}
			nonce, err := hex.DecodeString(r.URL.Query().Get("nonce"))
			if err != nil || len(nonce) != liveNonce {
				t.Errorf("%s: nonce %q", row.why, r.URL.Query().Get("nonce"))
			}
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Expose-Headers", liveHeader)
			if row.sign != nil {
				w.Header().Set(liveHeader, row.sign(nonce, body))
			}
			w.WriteHeader(row.status)
			w.Write(body)
		}))
		t.Cleanup(server.Close)
		x.live = liveAt(server)
		list, urls = append(list, x), append(urls, server.URL)
	}
	ctx, complaints := browser(t, livePage(t, "", list...))
	for i, row := range rows {
		liveSlide(t, ctx, i, "3.25")
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`(f=>(f.querySelector(".e-note")||{}).textContent+"|"+f.querySelector(".e-in").value+"|"+f.outerHTML.includes("foreign")+"|"+window.foreign)(document.querySelectorAll(".lemma-explore")[%d])`, i)))
		if err != nil {
			t.Fatal(err)
		}
		if want := "No kernel answers: the nearest setting is shown.|3|false|undefined"; got != want {
			t.Errorf("%s: the page says %q, want %q", row.why, got, want)
		}
		values, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(readValues+`(document.querySelectorAll(".lemma-explore")[%d])`, i)))
		if err != nil {
			t.Fatal(err)
		}
		agrees(t, *list[i].e, figure.Settings{"depth": 4, "shape": 0, "data": 0}, values)
	}
	// Each was asked once, so that each had its chance.
	for i, row := range rows {
		n := 0
		for _, c := range *complaints {
			if strings.HasPrefix(c, "request for "+urls[i]) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d requests, want 1", row.why, n)
		}
	}
	if len(*complaints) != len(rows) {
		t.Errorf("the page complained: %v", *complaints)
	}
}

// A page whose browser cannot check a signature asks for nothing and keeps to the grid.
func TestLiveUnsafePageInBrowser(t *testing.T) {
	x, _ := liveTest(t, waves())
	ctx, complaints := browser(t, livePage(t, `<script>Object.defineProperty(crypto,"subtle",{value:undefined})</script>`, x))
	liveSlide(t, ctx, 0, "3.25")
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector(".e-note").textContent+"|"+document.querySelector(".e-in").value+"|"+document.querySelector(".e-in").step`))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Figures between the settings need a page of https or localhost: the nearest setting is shown.|3|1"; got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
	if len(*complaints) > 0 {
		t.Errorf("the page complained: %v", *complaints)
	}
}

// Each answer is signed for the request it answers, refusals as well.
func TestLiveSigns(t *testing.T) {
	_, server := liveTest(t, waves())
	const between, outside = `{"depth":2.5,"shape":0,"data":0}`, `{"depth":99,"shape":0,"data":0}`
	one, two := strings.Repeat("01", liveNonce), strings.Repeat("02", liveNonce)
	seen := map[string]string{}
	for _, c := range []struct {
		why, nonce, at string
		status         int
		signed         bool
	}{
		{"a figure", one, between, 200, true},
		{"the same for another request", two, between, 200, true},
		{"settings that cannot be", one, outside, 422, true},
		{"who brings no nonce has no page to guard", "", between, 200, false},
		{"a short nonce", one[2:], between, 400, false},
		{"a long nonce", one + "01", between, 400, false},
		{"no hexadecimal digits", strings.Repeat("x", 2*liveNonce), between, 400, false},
	} {
		r, err := http.Get(server.URL + "/frame?token=token&nonce=" + c.nonce + "&at=" + url.QueryEscape(c.at))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		got := r.Header.Get(liveHeader)
		if err != nil || r.StatusCode != c.status || (got != "") != c.signed {
			t.Errorf("%s: status %d, signature %q (%v), want status %d, signed %v", c.why, r.StatusCode, got, err, c.status, c.signed)
		}
		if !c.signed {
			continue
		}
		secret, _ := hex.DecodeString(liveSecret)
		nonce, _ := hex.DecodeString(c.nonce)
		mac := hmac.New(sha256.New, secret)
		mac.Write(append(nonce, body...))
		if want := hex.EncodeToString(mac.Sum(nil)); got != want {
			t.Errorf("%s: signature %s, want %s", c.why, got, want)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%s has the signature of %s", c.why, other)
		}
		seen[got] = c.why
	}
}

// A copy ends when the process that it goes with is gone, and when nobody asks, and not before.
func TestLiveEnds(t *testing.T) {
	if !canDetach {
		t.Skip("no copies on this system")
	}
	for _, c := range []struct {
		why string
		end func(*liveServer, *os.Process)
	}{
		{"the kernel has ended", func(_ *liveServer, kernel *os.Process) { kernel.Kill() }},
		{"nobody asks", func(s *liveServer, _ *os.Process) { s.asked.Store(time.Now().Add(-2 * time.Hour).UnixNano()) }},
	} {
		kernel := exec.Command("sleep", "60")
		if err := kernel.Start(); err != nil {
			t.Skip("no sleep: ", err)
		}
		entry := filepath.Join(t.TempDir(), "7", "entry")
		if err := os.MkdirAll(filepath.Dir(entry), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := writeBeside(entry, "1.token"); err != nil {
			t.Fatal(err)
		}
		ended := make(chan int, 1)
		s := &liveServer{spec: liveSpec{Token: "token", Kernel: kernel.Process.Pid, Born: processBirth(kernel.Process.Pid), Entry: entry}, exit: func(n int) { ended <- n }}
		s.touch()
		tick := make(chan time.Time)
		go s.watch(tick, time.Hour)
		for range 3 { // the next tick is taken when the one before was looked at
			select {
			case tick <- time.Time{}:
			case <-ended:
				t.Fatalf("%s: it ended before", c.why)
			}
		}
		c.end(s, kernel.Process)
		deadline := time.After(10 * time.Second)
		for done := false; !done; {
			select {
			case tick <- time.Time{}: // a process that is killed takes a moment to go
			case <-ended:
				done = true
			case <-deadline:
				t.Fatalf("%s: it still runs", c.why)
			}
		}
		if _, err := os.Stat(filepath.Dir(entry)); err == nil {
			t.Errorf("%s: its entry is still there", c.why)
		}
		kernel.Process.Kill()
		kernel.Wait()
	}
}

// Where the kernel has gone already nothing is started that would have to notice it.
func TestLiveWantsAKernel(t *testing.T) {
	gone := exec.Command("sleep", "0")
	if err := gone.Run(); err != nil {
		t.Skip("no sleep: ", err)
	}
	for _, pid := range []int{gone.Process.Pid, 1} {
		if address, err := startLive(&explored{id: "x"}, pid); err == nil || address != "" {
			t.Errorf("process %d: address %q, error %v", pid, address, err)
		}
	}
}

// An entry is written beside its place, so that nobody reads half of one, and for its user only.
func TestLiveEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "entry")
	for _, want := range []string{"1.first", "2.second"} {
		if err := writeBeside(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	st, err := os.Stat(path)
	if err != nil || canDetach && st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if err := writeBeside(filepath.Join(path, "below"), "x"); err == nil {
		t.Error("written below a file")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
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
