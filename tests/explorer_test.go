package tests

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/jupyter/frontend"
	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/kernel"
	"github.com/lemma-ml/lemma/jupyter/wire"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets"
)

// parabola is a cell that shows an explorer which can draw between its settings.
const parabola = `import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets"
)

%%
fmt.Println("before")
widgets.Explore(figure.Explorer{ID: "test/parabola", Title: "A parabola",
	Controls: []figure.Control{{Kind: figure.Slider, Name: "a", Label: "a", Values: []float64{1, 2, 4}, Between: true, Log: true}},
	Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
		a := at["a"]
		return figure.Figure{ID: "test/parabola", Title: "A parabola", Alt: fmt.Sprintf("A parabola of height %.3f.", a), Caption: fmt.Sprintf("Here $a = %.3f$.", a),
			Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"}, Layers: []figure.Layer{figure.Line("ax²", 0, []float64{0, 0.5, 1}, []float64{0, a / 4, a})}}}}, nil
	}})
fmt.Println("after")`

// liveKernel starts GoNB as Jupyter would, for cells that import the library.
func liveKernel(t *testing.T) *kernel.Kernel {
	t.Helper()
	slow(t)
	if runtime.GOOS == "windows" {
		t.Skip("explorers leave no program behind on Windows")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: ".."})
	if err != nil {
		t.Fatal(err)
	}
	// The second name hides the copy from Close, which would end it as well: it must end by itself.
	env := []string{fmt.Sprintf("JPY_PARENT_PID=%d", os.Getpid()), "LEMMA_KERNEL_ID=none", "XDG_CACHE_HOME=" + filepath.Join(t.TempDir(), "cache")}
	k, err := kernel.Start(ctx, kernel.Config{Tools: tools, GOPROXY: "off", ExtraEnv: append(env, "GOCACHE="+goEnv(t, "GOCACHE"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	seed, err := gomod.FromCheckout("..")
	if err == nil {
		err = seed.WriteTo(k.WorkDir(), "notebook")
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// execute runs a cell and returns the HTML and the text that it showed.
func execute(t *testing.T, k *kernel.Kernel, code string) (html, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	_, err := k.Execute(ctx, code, func(m *wire.Message) {
		var c struct {
			Text string
			Data map[string]any
		}
		if m.Decode(&c) != nil {
			return
		}
		switch m.Type() {
		case "stream", "error":
			text += c.Text
		case "display_data":
			if s, ok := c.Data["text/html"].(string); ok && strings.Contains(s, "lemma-explore") {
				html += s
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return html, text
}

// A cell with an explorer ends at once and leaves a program behind that draws between the settings.
// It wants its token, gives way to a newer run, and ends with the kernel.
func TestExplorerBetweenSettings(t *testing.T) {
	k := liveKernel(t)
	html, text := execute(t, k, parabola)
	if !strings.Contains(text, "before\nafter\n") {
		t.Fatalf("the cell printed %q", text)
	}
	address := regexp.MustCompile(` data-lemma-live="(\d+)\.([0-9a-f]{32})\.[0-9a-f]{64}"`).FindStringSubmatch(html)
	if address == nil {
		t.Fatalf("no address in %.400s", html)
	}
	get := func(port, token string, at string) (int, string, error) {
		client := http.Client{Timeout: 20 * time.Second}
		r, err := client.Get("http://127.0.0.1:" + port + "/frame?token=" + token + "&at=" + url.QueryEscape(at))
		if err != nil {
			return 0, "", err
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		return r.StatusCode, string(body), err
	}
	start := time.Now()
	status, body, err := get(address[1], address[2], `{"a":2.5}`)
	if err != nil || status != 200 {
		t.Fatalf("status %d, %v: %s", status, err, body)
	}
	t.Logf("first figure after %v", time.Since(start))
	var frame [][]string
	if err := json.Unmarshal([]byte(body), &frame); err != nil {
		t.Fatal(err)
	}
	if frame[0][1] != "A parabola of height 2.500." || !strings.Contains(strings.Join(frame[1], ""), `data-v="0,0;0.5,0.625;1,2.5"`) {
		t.Errorf("frame %.600q", frame)
	}
	start = time.Now()
	if status, _, _ := get(address[1], address[2], `{"a":3.2}`); status != 200 {
		t.Errorf("the second figure: status %d", status)
	}
	t.Logf("second figure after %v", time.Since(start))
	for _, c := range []struct {
		why, token, at string
		status         int
	}{
		{"a wrong token", strings.Repeat("0", 32), `{"a":2.5}`, 403},
		{"outside the slider", address[2], `{"a":5}`, 422},
		{"an unknown control", address[2], `{"b":2}`, 422},
		{"no settings", address[2], ``, 422},
	} {
		if status, body, err := get(address[1], c.token, c.at); err != nil || status != c.status {
			t.Errorf("%s: status %d (%v, %s), want %d", c.why, status, err, body, c.status)
		}
	}

	// The same cell again: the older program goes, the newer answers.
	html, _ = execute(t, k, parabola)
	newer := regexp.MustCompile(` data-lemma-live="(\d+)\.([0-9a-f]{32})\.[0-9a-f]{64}"`).FindStringSubmatch(html)
	if newer == nil || newer[2] == address[2] {
		t.Fatalf("the second run's address is %v", newer)
	}
	gone := func(port, token string) bool {
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if status, _, err := get(port, token, `{"a":2}`); err != nil || status == 403 {
				return true
			}
		}
		return false
	}
	if !gone(address[1], address[2]) {
		t.Error("the program of the first run still answers")
	}
	if status, body, err := get(newer[1], newer[2], `{"a":3}`); err != nil || status != 200 {
		t.Errorf("the newer program: status %d, %v: %s", status, err, body)
	}

	// The kernel ends, and with it the program and its entry.
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	if !gone(newer[1], newer[2]) {
		t.Error("the program outlives its kernel")
	}
	t.Logf("gone %v after the kernel", time.Since(start))
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range environs {
		if data, err := os.ReadFile(f); err == nil && strings.Contains(string(data), newer[2]) {
			t.Errorf("%s still runs", filepath.Dir(f))
		}
	}
}

// Where nobody could ask, no program is left behind.
func TestExplorerLeavesNothingBehind(t *testing.T) {
	k := liveKernel(t)
	html, _ := execute(t, k, strings.Replace(parabola, "%%\n", "%%\nos.Setenv(\"LEMMA_LIVE\", \"0\")\n", 1))
	if html == "" || strings.Contains(html, ` data-lemma-live="`) {
		t.Errorf("with LEMMA_LIVE=0 the cell shows %.300q", html)
	}
}

// goEnv is a setting of the go command.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// The script of an explorer does nothing in the small page that stands for a browser while a notebook
// is executed, and does not fail there.
func TestExplorerInFrontend(t *testing.T) {
	e := figure.Explorer{ID: "test/line", Title: "A line", Controls: []figure.Control{figure.Slide("a", "a", 1, 2)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return figure.Figure{ID: "test/line", Title: "A line", Alt: "A line.", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"},
				Layers: []figure.Layer{figure.Line("ax", 0, []float64{0, 1}, []float64{0, at["a"]})}}}}, nil
		}}
	s, err := widgets.ExploreHTML(context.Background(), e)
	if err != nil {
		t.Fatal(err)
	}
	page := frontend.New("kernel", func(string, any) { t.Error("it sends to the kernel") })
	page.Display("", s)
	page.Display("", s)
	if page.Failed() != 0 {
		t.Errorf("%d scripts failed", page.Failed())
	}
}
