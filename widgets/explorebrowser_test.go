package widgets

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/lemma-ml/lemma/lib/figure"
)

// explorerPage writes a page of explorers and returns its path.
func explorerPage(t *testing.T, explorers ...figure.Explorer) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Explorers</title><style>body{margin:0 auto;max-width:960px;padding:16px;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#1b1f24}@media screen and (prefers-color-scheme:dark){body{background:#14161a;color:#e8eaed}}</style><main>`)
	for _, e := range explorers {
		s, err := ExploreHTML(context.Background(), e)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(s)
	}
	path := filepath.Join(t.TempDir(), "explorers.html")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// second is the same explorer under another name, with another grid of depths, linked to the first.
func second() figure.Explorer {
	e := waves()
	e.ID, e.Title, e.Play = "test/more", "The same depth, seen again", ""
	e.Controls = []figure.Control{figure.Slide("depth", "depth L", 2, 3, 4, 10)}
	return e
}

// values reads the values of every layer out of the page: name to rows.
const readValues = `(f=>JSON.stringify([].map.call(f.querySelectorAll(".l-plot>svg"),s=>[].map.call(s.querySelectorAll("g[data-v]"),g=>[g.getAttribute("data-name"),g.getAttribute("data-v").split(";").map(r=>r.split(",").map(Number))]))))`

// agrees compares the values that the page holds with those of the Go function at settings.
func agrees(t *testing.T, e figure.Explorer, at figure.Settings, page string) {
	t.Helper()
	f, err := e.Draw(context.Background(), at)
	if err != nil {
		t.Fatal(err)
	}
	var panels [][][2]json.RawMessage
	if err := json.Unmarshal([]byte(page), &panels); err != nil {
		t.Fatalf("%v in %.200s", err, page)
	}
	n := 0
	for i, layers := range panels {
		for _, l := range layers {
			var name string
			var rows [][]float64
			if err := json.Unmarshal(l[0], &name); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(l[1], &rows); err != nil {
				t.Fatal(err)
			}
			want := map[string]figure.Layer{}
			for _, l := range f.Panels[i].Layers {
				want[l.Name] = l
			}
			w, ok := want[name]
			if !ok {
				t.Errorf("at %v the page has a layer %q, Go has not", at, name)
				continue
			}
			for _, r := range rows {
				best := 0
				for k := range w.X {
					if math.Abs(w.X[k]-r[0]) < math.Abs(w.X[best]-r[0]) {
						best = k
					}
				}
				for j, v := range []float64{w.X[best], w.Y[best]} {
					if want := strconv.FormatFloat(v, 'g', 4, 64); want != strconv.FormatFloat(r[j], 'g', 4, 64) {
						t.Errorf("at %v, layer %q: %v, want %s", at, name, r, want)
					}
				}
				n++
			}
		}
	}
	if n == 0 {
		t.Errorf("at %v the page holds no values: %.200s", at, page)
	}
}

// In a real browser, without a kernel: the controls move the picture by keyboard, mouse and touch,
// linked explorers move together, and at each grid point the values are those of the Go function.
func TestExploreInBrowser(t *testing.T) {
	e, other := waves(), second()
	path := explorerPage(t, e, other)
	ctx, complaints := browser(t, path)
	eval := func(js string) string {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		return out
	}
	frame := func() {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new Promise(r=>requestAnimationFrame(()=>requestAnimationFrame(()=>r("")))) `, chromedp.EvalAwaitPromise)); err != nil {
			t.Fatal(err)
		}
	}
	first := func() string { return eval(readValues + `(document.querySelectorAll(".lemma-explore")[0])`) }
	agrees(t, e, e.Index(e.Default()), first())

	// Keyboard: the right arrow on the slider, twice; then the space bar on the switch.
	key := func(name, code string, n int64) {
		t.Helper()
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			p := input.DispatchKeyEventParams{Type: kind, Key: name, Code: code, WindowsVirtualKeyCode: n}
			if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	eval(`(document.querySelector(".e-in").focus(),"")`)
	key("ArrowRight", "ArrowRight", 39)
	key("ArrowRight", "ArrowRight", 39)
	frame()
	agrees(t, e, figure.Settings{"depth": 4, "shape": 0, "data": 0}, first())
	if got := eval(`document.querySelector(".e-in").getAttribute("aria-valuetext")+"|"+document.querySelector("output").textContent`); got != "4 layers|4 layers" {
		t.Errorf("the slider says %q", got)
	}
	if got := eval(`document.querySelector("figcaption").textContent`); !strings.HasPrefix(got, "At depth 4 the amplitude is") {
		t.Errorf("caption %q", got)
	}
	agrees(t, other, figure.Settings{"depth": 4}, eval(readValues+`(document.querySelectorAll(".lemma-explore")[1])`))

	// Mouse: drag the slider's thumb to the right end.
	var box struct{ X, Y, W float64 }
	if err := json.Unmarshal([]byte(eval(`(r=>JSON.stringify({x:r.left,y:r.top+r.height/2,w:r.width}))(document.querySelector(".e-in").getBoundingClientRect())`)), &box); err != nil {
		t.Fatal(err)
	}
	mouse := func(kind input.DispatchMouseEventType, x float64) {
		t.Helper()
		p := input.DispatchMouseEventParams{Type: kind, X: x, Y: box.Y, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1}
		if _, err := chromedp.Call(ctx, input.DispatchMouseEvent, p); err != nil {
			t.Fatal(err)
		}
	}
	thumb := box.X + 8 + (box.W-16)*0.5
	mouse(input.DispatchMouseEventTypeMousePressed, thumb)
	for i := range 12 {
		mouse(input.DispatchMouseEventTypeMouseMoved, thumb+(box.X+box.W-thumb)*float64(i+1)/12)
	}
	mouse(input.DispatchMouseEventTypeMouseReleased, box.X+box.W)
	frame()
	agrees(t, e, figure.Settings{"depth": 12, "shape": 0, "data": 0}, first())
	agrees(t, other, figure.Settings{"depth": 10}, eval(readValues+`(document.querySelectorAll(".lemma-explore")[1])`)) // the nearest it has

	// Touch: a tap on the slider's middle.
	for _, k := range []input.DispatchTouchEventType{input.DispatchTouchEventTypeTouchStart, input.DispatchTouchEventTypeTouchEnd} {
		p := input.DispatchTouchEventParams{Type: k, TouchPoints: []*input.TouchPoint{}}
		if k == input.DispatchTouchEventTypeTouchStart {
			p.TouchPoints = append(p.TouchPoints, &input.TouchPoint{X: box.X + box.W/2, Y: box.Y})
		}
		if _, err := chromedp.Call(ctx, input.DispatchTouchEvent, p); err != nil {
			t.Fatal(err)
		}
	}
	frame()
	if got := eval(`document.querySelector(".e-in").value`); got != "3" {
		t.Errorf("a tap on the middle sets %s, want 3", got)
	}

	// A layer that the legend switched off stays off while the picture moves, and the switch adds one.
	eval(`([].find.call(document.querySelectorAll(".l-key"),k=>k.textContent==="theory").click(),"")`)
	eval(`(document.querySelectorAll("input[type=checkbox].e-in")[0].click(),"")`)
	frame()
	off := eval(`[].map.call(document.querySelector(".l-plot").querySelectorAll("g[data-name]"),g=>g.getAttribute("data-name")+" "+(g.getAttribute("display")||"on")).join(", ")`)
	if off != "measured on, theory none, zero on" {
		t.Errorf("layers: %s", off)
	}
	// Every grid point, set by the controls in turn.
	for k := range e.Grid() {
		eval(fmt.Sprintf(`(()=>{let c=document.querySelector(".lemma-explore").querySelectorAll(".e-in"),i=[%d,%d,%d];
			c.forEach((e,n)=>{if(e.type==="checkbox"){e.checked=!!i[n]}else e.value=i[n];e.dispatchEvent(new Event("input",{bubbles:true}))});return ""})()`, k/4, k/2%2, k%2))
		frame()
		agrees(t, e, e.Index(k), first())
	}
	// The data table follows.
	eval(`(document.querySelector(".l-data").open=true,"")`)
	eval(`(c=>{c.value=0;c.dispatchEvent(new Event("input",{bubbles:true}));return ""})(document.querySelector(".e-in"))`)
	frame()
	if got := eval(`document.querySelector(".l-data tr:nth-child(2)").textContent`); !strings.HasPrefix(got, "measured0.25") {
		t.Errorf("the table's first row: %q", got)
	}
	const rate = `new Promise(r=>{let c=document.querySelector(".e-in"),n=0,t0=performance.now();(function f(){n++;c.value=n%7;c.dispatchEvent(new Event("input",{bubbles:true}));performance.now()-t0<2000?requestAnimationFrame(f):r(String(n/2))})()})`
	if out, err := chromedp.Run(ctx, chromedp.Evaluate[string](rate, chromedp.EvalAwaitPromise)); err == nil {
		t.Logf("%s frames a second", out)
	}
	// The small print says how to draw what is seen.
	eval(`(()=>{let c=document.querySelectorAll(".e-in");c[0].value=3;c[1].value=1;for(let e of [c[0],c[1]])e.dispatchEvent(new Event("input",{bubbles:true}));return ""})()`)
	frame()
	if got, want := eval(`document.querySelector(".l-origin code").textContent`), `lemma draw 0.X/waves -set depth=4 -set 'shape=square < wave' -set data=on`; got != want {
		t.Errorf("the small print says %q, want %q", got, want)
	}
	lookAt(t, ctx, "explorer")
	if len(*complaints) > 0 {
		t.Errorf("the page complained: %v", *complaints)
	}
}

// lookAt keeps pictures of the page in LEMMA_PREVIEW and checks that nothing is wider than the page.
func lookAt(t *testing.T, ctx context.Context, name string) {
	t.Helper()
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
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[].filter.call(document.querySelectorAll("main *"),e=>!e.closest(".l-scroll,.l-tip,.lemma-table")&&e.getBoundingClientRect().right>innerWidth+1).map(e=>e.tagName+"."+e.className).slice(0,5).join(" ")`))
		if err != nil {
			t.Fatal(err)
		}
		if wide != "" {
			t.Errorf("%s: wider than the page: %v", v.name, wide)
		}
		if dir := os.Getenv("LEMMA_PREVIEW"); dir != "" {
			shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"-"+v.name+".png"), shot, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A page with 20 explorers of 200 figures each opens soon and moves at once: what takes time is
// unpacked when the reader comes to it. Times are reported, not asserted.
func TestManyExplorersInBrowser(t *testing.T) {
	var list []figure.Explorer
	for i := range 20 {
		e := moving(fmt.Sprintf("test/many%d", i), 200, 500, func(t float64, n int) figure.Layer {
			x, y := make([]float64, n), make([]float64, n)
			for k := range x {
				x[k] = float64(k) / float64(n-1)
				y[k] = math.Exp(-20*(x[k]-t)*(x[k]-t)) + 0.3*math.Sin(float64(9+i)*x[k]+5*t)
			}
			return figure.Line("curve", i, x, y)
		})
		list = append(list, e)
	}
	path := explorerPage(t, list...)
	if st, err := os.Stat(path); err == nil {
		t.Logf("the page has %d bytes", st.Size())
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
	t.Logf("loaded after %s ms", eval(`(n=>String(Math.round(n.loadEventEnd||n.domContentLoadedEventEnd)))(performance.getEntriesByType("navigation")[0])`))
	t.Logf("first move of the last explorer: %s ms", eval(`(async()=>{let c=[].pop.call([...document.querySelectorAll(".e-in")]),t=performance.now();c.value=150;c.dispatchEvent(new Event("input",{bubbles:true}));await new Promise(r=>requestAnimationFrame(r));return (performance.now()-t).toFixed(1)})()`))
	t.Logf("%s frames a second", eval(`new Promise(r=>{let c=document.querySelector(".e-in"),n=0,t0=performance.now();(function f(){n++;c.value=n%200;c.dispatchEvent(new Event("input",{bubbles:true}));performance.now()-t0<2000?requestAnimationFrame(f):r(String(n/2))})()})`))
	t.Logf("busy for %s ms a frame", eval(`(async()=>{let c=document.querySelector(".e-in"),n=100,t=0;for(let i=0;i<n;i++){c.value=i;c.dispatchEvent(new Event("input",{bubbles:true}));await new Promise(r=>requestAnimationFrame(()=>{let s=performance.now();document.body.getBoundingClientRect();t+=performance.now()-s;r()}))}return (t/n).toFixed(2)})()`))
	agrees(t, list[19], figure.Settings{"t": 150}, eval(readValues+`(document.querySelectorAll(".lemma-explore")[19])`))
	if len(*complaints) > 0 {
		t.Errorf("the page complained: %v", *complaints)
	}
}

// Play goes through the settings and stops at the last; readers who ask for less motion get slow
// steps; what is heard is the settings in words and the alt text, once the picture rests.
func TestPlayInBrowser(t *testing.T) {
	ctx, complaints := browser(t, explorerPage(t, waves()))
	eval := func(js string) string {
		t.Helper()
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](js, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		return out
	}
	const state = `document.querySelector(".e-play").getAttribute("aria-pressed")+" "+document.querySelector(".e-in").value`
	got := eval(`(async()=>{let b=document.querySelector(".e-play"),v=[],c=document.querySelector(".e-in");b.click();
		for(let t=performance.now();b.getAttribute("aria-pressed")==="true"&&performance.now()-t<20000;){if(v[v.length-1]!==c.value)v.push(c.value);await new Promise(requestAnimationFrame)}
		if(v[v.length-1]!==c.value)v.push(c.value);
		return v.join(" ")+"|"+document.querySelector(".e-say").textContent})()`)
	if want := "1 2 3 4 5 6|depth L 12 layers, shape sine, measured values off. A wave of amplitude 0.083."; got != want {
		t.Errorf("play: %q, want %q", got, want)
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	got = eval(`(async()=>{document.querySelector(".e-play").click();await new Promise(r=>setTimeout(r,1000));let a=` + state + `;document.querySelector(".e-play").click();return a+", "+` + state + `})()`)
	if want := "true 0, false 0"; got != want {
		t.Errorf("a second after play with less motion: %q, want %q", got, want)
	}
	got = eval(`(async()=>{let b=document.querySelector(".e-play"),c=document.querySelector(".e-in");b.click();await new Promise(r=>setTimeout(r,100));c.value=3;c.dispatchEvent(new Event("input",{bubbles:true}));await new Promise(r=>setTimeout(r,900));return ` + state + `+"|"+document.querySelector(".e-say").textContent})()`)
	if want := "false 3|depth L 4 layers, shape sine, measured values off. A wave of amplitude 0.250."; got != want {
		t.Errorf("who takes the slider stops the play: %q, want %q", got, want)
	}
	if len(*complaints) > 0 {
		t.Errorf("the page complained: %v", *complaints)
	}
}
