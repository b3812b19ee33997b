package widgets

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser opens path in a headless Chromium, or skips the test where there is none.
func browser(t *testing.T, path string) (ctx context.Context, complaints *[]string) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on the path")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(stop)
	var mu sync.Mutex
	complaints = new([]string)
	err := chromedp.Listen(ctx, func(e any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := e.(type) {
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "file://"+path) && !strings.HasPrefix(u, "data:") {
				*complaints = append(*complaints, "request for "+u)
			}
		case *runtime.EventExceptionThrown:
			*complaints = append(*complaints, "exception: "+e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			*complaints = append(*complaints, fmt.Sprintf("console: %s", e.Type))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+path)); err != nil {
		t.Fatal(err)
	}
	return ctx, complaints
}

func galleryPage(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Gallery</title><style>body{margin:0 auto;max-width:960px;padding:16px;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#1b1f24}@media screen and (prefers-color-scheme:dark){body{background:#14161a;color:#e8eaed}}</style><main>`)
	for _, f := range gallery() {
		s, err := HTML(f)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(s)
	}
	for _, o := range outcomes() {
		o.Figure = nil
		b.WriteString(ClaimHTML(o))
	}
	b.WriteString(TableHTML([]string{"$n$", "kernel", "error"}, [][]any{{50, "NTK", 0.0573}, {1000, "RBF", 12.5}}))
	path := filepath.Join(t.TempDir(), "gallery.html")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// In a real browser: no request, no complaint, legends switch, values can be read by pointer and by
// keyboard, and nothing is wider than the page, on a desk and on a phone, light, dark and printed.
// With LEMMA_PREVIEW set to a folder, what was seen is kept there.
func TestInBrowser(t *testing.T) {
	ctx, complaints := browser(t, galleryPage(t))
	eval := func(js string) string {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		return out
	}
	const tip = `[].map.call(document.querySelectorAll(".l-tip>*"),e=>e.textContent).join("|")`
	got := eval(`(()=>{let s=document.querySelectorAll(".l-plot svg")[2],b=s.getBoundingClientRect();
		s.dispatchEvent(new PointerEvent("pointermove",{bubbles:true,clientX:b.left+b.width*.37,clientY:b.top+b.height*.42}));return ` + tip + `})()`)
	if !strings.HasPrefix(got, "measured, 100 networks|width m: 400|") {
		t.Errorf("pointing at a measured value reads %q", got)
	}
	got = eval(`(()=>{let p=document.querySelectorAll(".l-plot")[2];for(let k of ["ArrowRight","Home"])p.dispatchEvent(new KeyboardEvent("keydown",{bubbles:true,key:k}));return ` + tip + `})()`)
	if !strings.HasPrefix(got, "measured, 100 networks|width m: 100|") {
		t.Errorf("the Home key reads %q", got)
	}
	got = eval(`(()=>{let k=document.querySelector(".l-key");k.click();let g=k.closest("figure").querySelector('[data-at="0.0"]');
		let off=getComputedStyle(g).display;k.click();return k.getAttribute("aria-pressed")+" "+off+" "+getComputedStyle(g).display})()`)
	if got != "true none inline" {
		t.Errorf("the legend's button: %q, want a layer switched off and on again", got)
	}
	for _, v := range []struct {
		name   string
		width  int64
		medium string
		scheme string
	}{{"desk-light", 1280, "screen", "light"}, {"desk-dark", 1280, "screen", "dark"}, {"phone-light", 390, "screen", "light"}, {"phone-dark", 390, "screen", "dark"}, {"print", 700, "print", "dark"}} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900)); err != nil {
			t.Fatal(err)
		}
		media := emulation.SetEmulatedMediaParams{Media: v.medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		wide := eval(`[].filter.call(document.querySelectorAll("main *"),e=>!e.closest(".l-scroll,.l-tip,.lemma-table")&&e.getBoundingClientRect().right>innerWidth+1).map(e=>e.tagName+"."+e.className).slice(0,5).join(" ")`)
		ink := eval(`getComputedStyle(document.querySelector(".l-plot text")).fill`)
		shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if wide != "" {
			t.Errorf("%s: wider than the page: %v", v.name, wide)
		}
		if dark := ink == "rgb(180, 186, 194)"; dark != (v.scheme == "dark" && v.medium == "screen") {
			t.Errorf("%s: text is %s", v.name, ink)
		}
		if dir := os.Getenv("LEMMA_PREVIEW"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, v.name+".png"), shot, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(*complaints) > 0 {
		t.Errorf("the page is not quiet: %s", strings.Join(*complaints, "; "))
	}
}
