package tests

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium returns the browser's path, or skips the test and says why.
func chromium(t *testing.T) string {
	t.Helper()
	slow(t)
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium on the PATH; make deps installs it")
	return ""
}

// thisMachine is a flag of a browser that reaches this machine and nothing else.
var thisMachine = chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")

// browser is a headless Chromium whose network is off, with one tab. It keeps what the page asked
// for and what it complained about.
type browser struct {
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

func newBrowser(t *testing.T, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(chromium(t)),
		chromedp.NoSandbox, // containers run tests as root
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), // no name resolves: the network is off
		// Frames without an origin stay in the page's process, where their requests are seen too.
		chromedp.Flag("disable-features", "Translate,IsolateSandboxedIframes"),
	)
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), append(opts, flags...)...)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(func() { stop(); stopAlloc() })
	b := &browser{ctx: ctx}
	err := chromedp.Listen(ctx, func(ev any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, e.Request.URL)
		case *runtime.EventExceptionThrown:
			what := e.ExceptionDetails.Text
			if e.ExceptionDetails.Exception != nil {
				what += " " + e.ExceptionDetails.Exception.Description
			}
			b.complaints = append(b.complaints, what)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
				var args []string
				for _, a := range e.Args {
					args = append(args, string(a.Value)+a.Description)
				}
				b.complaints = append(b.complaints, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(args, " ")))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				b.complaints = append(b.complaints, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
			}
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	}
	if err != nil {
		t.Fatal("starting Chromium: ", err)
	}
	return b
}

// do runs actions.
func (b *browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	get(t, b, chromedp.Steps(actions...))
}

// get runs an action within two minutes and returns its value.
func get[T any](t *testing.T, b *browser, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// open loads a file and forgets what earlier pages did.
func (b *browser) open(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: abs}).String()
	b.mu.Lock()
	b.requests, b.complaints = nil, nil
	b.mu.Unlock()
	b.do(t, chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("body")))
	return address
}

// number evaluates a script that gives a number.
func (b *browser) number(t *testing.T, script string) float64 {
	t.Helper()
	return get(t, b, chromedp.Evaluate[float64](script))
}

// text evaluates a script that gives a text.
func (b *browser) text(t *testing.T, script string) string {
	t.Helper()
	return get(t, b, chromedp.Evaluate[string](script))
}

// quiet fails the test if the page asked for anything but itself (and what it holds: data: and
// blob:) or complained.
func (b *browser) quiet(t *testing.T, address string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if r != address && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "blob:") && r != "about:srcdoc" && r != "about:blank" {
			t.Errorf("%s asked for %.200s", filepath.Base(address), r)
		}
	}
	for _, c := range b.complaints {
		t.Errorf("%s: %.500s", filepath.Base(address), c)
	}
}

// look is one way to look at a page.
type look struct {
	name          string
	width, height int64
	scheme        string // prefers-color-scheme
}

var looks = []look{
	{"desktop-light", 1280, 800, "light"},
	{"desktop-dark", 1280, 800, "dark"},
	{"phone-light", 390, 844, "light"},
	{"phone-dark", 390, 844, "dark"},
}

// through sets the size of the window and the colours that the reader prefers.
func (b *browser) through(t *testing.T, l look) {
	t.Helper()
	b.do(t, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: l.width, Height: l.height, DeviceScaleFactor: 1, Mobile: l.width < 600})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}})
		return err
	}))
}

// shots is the folder for pictures: LEMMA_SHOTS, or one that goes with the test.
func shots(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LEMMA_SHOTS")
	if dir == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// inspect opens a page in every look: it must be quiet, not scroll sideways, show text of sufficient
// contrast to its ground, and leave a picture that is not blank.
func (b *browser) inspect(t *testing.T, path string) {
	t.Helper()
	dir := shots(t)
	grounds := map[string]string{}
	for _, l := range looks {
		b.through(t, l)
		address := b.open(t, path)
		b.do(t, chromedp.Sleep(300*time.Millisecond)) // late scripts would speak now
		b.quiet(t, address)
		if wide := b.number(t, "document.documentElement.scrollWidth"); wide > float64(l.width) {
			t.Errorf("%s, %s: %g pixels wide, want at most %d: %s", filepath.Base(path), l.name, wide, l.width, b.text(t, widest))
		}
		ground, ink := b.text(t, "getComputedStyle(document.body).backgroundColor"), b.text(t, "getComputedStyle(document.body).color")
		if ground == ink {
			t.Errorf("%s, %s: text and ground are both %s", filepath.Base(path), l.name, ink)
		}
		grounds[l.scheme] = ground
		png := get(t, b, chromedp.FullScreenshot(100))
		if len(png) < 10_000 {
			t.Errorf("%s, %s: a picture of %d bytes is blank", filepath.Base(path), l.name, len(png))
		}
		name := strings.TrimSuffix(filepath.Base(path), ".html") + "-" + l.name + ".png"
		if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if grounds["light"] == grounds["dark"] {
		t.Errorf("%s: light and dark have the same ground %s", filepath.Base(path), grounds["light"])
	}
}

// widest describes the elements that reach beyond the window, outermost first.
const widest = `(() => {
	const w = document.documentElement.clientWidth, out = [];
	for (const e of document.body.querySelectorAll('*')) {
		const r = e.getBoundingClientRect();
		if (r.right > w + 1 && r.width > 0 && !e.closest('.scroll, pre, [style*="overflow"]')) out.push(e.tagName + '.' + e.className + ' to ' + Math.round(r.right));
		if (out.length > 5) break;
	}
	return out.join('; ');
})()`
