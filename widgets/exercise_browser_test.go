package widgets

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// reader is a person at a browser.
type reader struct {
	t   *testing.T
	ctx context.Context
}

func (r reader) eval(js string) string {
	r.t.Helper()
	out, err := chromedp.Run(r.ctx, chromedp.Evaluate[string](js))
	if err != nil {
		r.t.Fatalf("%s: %v", js, err)
	}
	return out
}

// until evaluates js until it is want, for words that a page says a moment later.
func (r reader) until(js, want string) {
	r.t.Helper()
	got := ""
	for range 400 { // on a busy machine a moment is long
		if got = r.eval(js); strings.Contains(got, want) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Errorf("%s: got %q, want %q", js, got, want)
}

func (r reader) key(name string, times int) {
	r.t.Helper()
	codes := map[string]int64{"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "Delete": 46, "Enter": 13, "PageDown": 34, "PageUp": 33, "Tab": 9, " ": 32}
	for range times {
		down := input.DispatchKeyEventParams{Type: "rawKeyDown", Key: name, Code: name, WindowsVirtualKeyCode: codes[name]}
		if name == "Enter" {
			down.Type, down.Text = "keyDown", "\r"
		}
		if name == " " {
			down.Type, down.Text, down.Code = "keyDown", " ", "Space"
		}
		up := down
		up.Type, up.Text = "keyUp", ""
		for _, e := range []input.DispatchKeyEventParams{down, up} {
			if _, err := chromedp.Call(r.ctx, input.DispatchKeyEvent, e); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

func (r reader) write(text string) {
	r.t.Helper()
	if _, err := chromedp.Call(r.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		r.t.Fatal(err)
	}
}

// box is the rectangle of an element in the viewport, scrolled there.
func (r reader) box(selector string) (x, y, w, h float64) {
	r.t.Helper()
	s := r.eval(fmt.Sprintf(`(()=>{let e=document.querySelector(%q);e.scrollIntoView({block:"center"});let b=e.getBoundingClientRect();return [b.left,b.top,b.width,b.height].join(" ")})()`, selector))
	if _, err := fmt.Sscan(s, &x, &y, &w, &h); err != nil {
		r.t.Fatalf("%s: %q: %v", selector, s, err)
	}
	return x, y, w, h
}

func (r reader) mouse(kind string, x, y float64) {
	r.t.Helper()
	p := input.DispatchMouseEventParams{Type: input.DispatchMouseEventType(kind), X: x, Y: y, Button: "left", Buttons: 1, ClickCount: 1}
	if kind == "mouseReleased" {
		p.Buttons = 0
	}
	if _, err := chromedp.Call(r.ctx, input.DispatchMouseEvent, p); err != nil {
		r.t.Fatal(err)
	}
}

func (r reader) click(selector string) {
	r.t.Helper()
	x, y, w, h := r.box(selector)
	r.mouse("mousePressed", x+w/2, y+h/2)
	r.mouse("mouseReleased", x+w/2, y+h/2)
}

func (r reader) touch(kind string, points ...*input.TouchPoint) {
	r.t.Helper()
	if _, err := chromedp.Call(r.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventType(kind), TouchPoints: points}); err != nil {
		r.t.Fatal(err)
	}
}

// drawing is what a reader drew in the first prediction and its score in the page.
func (r reader) drawing() (drawn []float64, score float64) {
	r.t.Helper()
	var v []*float64
	if err := json.Unmarshal([]byte(r.eval(`document.querySelector("#lemma-predict-test-curve").getAttribute("data-drawn")`)), &v); err != nil {
		r.t.Fatal(err)
	}
	for _, p := range v {
		if p == nil {
			drawn = append(drawn, math.NaN())
		} else {
			drawn = append(drawn, *p)
		}
	}
	score, err := strconv.ParseFloat(r.eval(`document.querySelector("#lemma-predict-test-curve").getAttribute("data-score")`), 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return drawn, score
}

const pageHead = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Lessons</title><style>body{margin:0 auto;max-width:960px;padding:16px;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#1b1f24}@media screen and (prefers-color-scheme:dark){body{background:#14161a;color:#e8eaed}}</style><main>`

func lessonsPage(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lessons.html")
	if err := os.WriteFile(path, []byte(pageHead+lessons(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Lessons in a real browser, by mouse, finger and keyboard: a drawing is scored as Curve.Score scores
// it, a guess as Guess.Score; switches change the state, answers are right, wrong or malformed.
func TestLessonsInBrowser(t *testing.T) {
	ctx, complaints := browser(t, lessonsPage(t))
	r := reader{t, ctx}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	p, g := curvePrediction(), guessPrediction()
	const curve = "#lemma-predict-test-curve "
	scored := func(how string) {
		t.Helper()
		r.until(`document.querySelector("`+curve+`.p-score").textContent`, "Your drawing scores")
		drawn, score := r.drawing()
		want, ok := p.Curve.Score(drawn)
		if !ok || math.Abs(score-want) > 1e-6 {
			t.Errorf("%s: the page scores %v with %g, Go with %g (%v)", how, drawn, score, want, ok)
		}
		base, _ := p.Curve.Score(p.Curve.Baseline)
		said := r.eval(`document.querySelector("` + curve + `.p-score").textContent`)
		if !strings.Contains(said, fmt.Sprintf("scores %.0f of 100", want)) || !strings.Contains(said, fmt.Sprintf("the line of random labels, scores %.0f.", base)) {
			t.Errorf("%s: said %q, want %.0f and %.0f", how, said, want, base)
		}
	}

	// By mouse: a falling line, drawn in big strides; the places between are filled in.
	x, y, w, h := r.box(curve + ".p-pen")
	r.mouse("mousePressed", x+1, y+.05*h)
	for i := 1; i <= 8; i++ {
		f := float64(i) / 8
		r.mouse("mouseMoved", x+1+f*(w-2), y+h*(.05+.85*f))
	}
	r.mouse("mouseReleased", x+w-1, y+.9*h)
	shown := `getComputedStyle(document.querySelector("` + curve + `.p-answer .lemma-fig")).display+document.querySelector("` + curve + `.p-answer").open`
	if got := r.eval(shown); !strings.Contains(got, "false") {
		t.Errorf("the answer is open before it is asked for: %s", got)
	}
	r.click(curve + ".p-answer summary")
	scored("by mouse")
	drawn, _ := r.drawing()
	for i, v := range drawn {
		if want := .95 - .85*p.Curve.X[i]/10; !(math.Abs(v-want) < .03) {
			t.Errorf("place %d is drawn at %g, want about %g", i, v, want)
		}
	}
	if n := r.eval(`String(document.querySelectorAll("` + curve + `.p-answer .p-mine").length)`); n != "1" {
		t.Errorf("%s drawings over the answer, want 1", n)
	}

	// By keyboard: heights at three places only, the rest lies between.
	r.click(curve + ".p-again")
	r.until(`String(document.querySelector("`+curve+`.p-answer").open)`, "false")
	r.key("Home", 1)
	r.key("ArrowUp", 26) // the first press starts at the middle
	r.key("ArrowRight", 6)
	r.key("PageDown", 6)
	r.key("ArrowUp", 2)
	r.key("End", 1)
	r.key("ArrowDown", 30)
	text := r.eval(`document.querySelector("` + curve + `.p-pen").getAttribute("aria-valuetext")`)
	if text != "time t 10: loss 0" {
		t.Errorf("the pen says %q, want its place and height", text)
	}
	r.key("ArrowLeft", 1)
	r.key("ArrowUp", 1)
	r.key("Delete", 1)
	if text := r.eval(`document.querySelector("` + curve + `.p-pen").getAttribute("aria-valuetext")`); text != "time t 9.5: not drawn" {
		t.Errorf("after Delete the pen says %q", text)
	}
	r.click(curve + ".p-answer summary")
	scored("by keyboard")
	drawn, _ = r.drawing()
	if drawn[0] != 1 || math.Abs(drawn[6]-.54) > 1e-9 || drawn[20] != 0 || !math.IsNaN(drawn[3]) || !math.IsNaN(drawn[19]) {
		t.Errorf("drawn by keyboard: %v", drawn)
	}

	// By finger, on a phone.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 800)); err != nil {
		t.Fatal(err)
	}
	r.click(curve + ".p-again")
	x, y, w, h = r.box(curve + ".p-pen")
	before := r.eval(`String(scrollY)`)
	r.touch("touchStart", &input.TouchPoint{X: x + 2, Y: y + .1*h})
	for i := 1; i <= 5; i++ {
		r.touch("touchMove", &input.TouchPoint{X: x + 2 + (w-4)*float64(i)/5, Y: y + .1*h + .8*h*float64(i)/5})
	}
	r.touch("touchEnd")
	if after := r.eval(`String(scrollY)`); after != before {
		t.Errorf("drawing scrolls the page from %s to %s", before, after)
	}
	r.click(curve + ".p-answer summary")
	scored("by finger")
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}

	// A number.
	const guess = "#lemma-predict-test-guess "
	r.click(guess + "input")
	r.write("1/")
	r.key("Enter", 1)
	r.until(`document.querySelector("`+guess+`.p-note").textContent`, "Cannot be read: character 3")
	if got := r.eval(`String(document.querySelector("` + guess + `.p-answer").open)`); got != "false" {
		t.Error("a guess that cannot be read reveals the answer")
	}
	r.write("8")
	r.key("Enter", 1)
	r.until(`document.querySelector("`+guess+`.p-score").textContent`, fmt.Sprintf("Your guess, 0.125, scores %.0f of 100: 0.125 too small.", g.Guess.Score(.125)))
	r.until(`document.querySelector("`+guess+`.p-score").textContent`, fmt.Sprintf("it goes to 0, scores %.0f.", g.Guess.Score(0)))

	// A switch, by keyboard and by mouse.
	const broken = "#lemma-break-test-break "
	seen := `[].filter.call(document.querySelectorAll("` + broken + `.b-state"),e=>getComputedStyle(e).display!="none").map(e=>e.querySelector(".b-verdict").textContent).join("|")`
	r.until(seen, "The claim holds. The loss ends at 0.01.")
	r.eval(`document.querySelector("` + broken + `input").focus(),""`)
	r.key(" ", 1)
	r.until(seen, "The claim fails. The loss grows.")
	r.until(`document.querySelector("`+broken+`.b-say").textContent`, "Smallest counterexample. η=2.1 and λ1=1: after")
	r.click(broken + ".b-switch:nth-of-type(2) .b-drop")
	if got := r.eval(`[].map.call(document.querySelectorAll("` + broken + `.b-state"),(e,i)=>e.hidden?"":i).join("")`); got != "3" {
		t.Errorf("both dropped shows state %s, want 3", got)
	}
	r.click(broken + ".b-switch:nth-of-type(1) .b-drop")
	r.until(`document.querySelector("`+broken+`.b-say").textContent`, "The claim holds.")

	// Answers.
	const exercise = "#lemma-exercise-9-1 "
	for _, c := range []struct{ why, typed, verdict, reply, right string }{
		{"malformed", "1/", "malformed", "Cannot be read: character 3", "true"},
		{"wrong", "0.3", "wrong", "0.3 is too large", "true"},
		{"a trap", "0.5", "wrong", "the chance of one gate", "true"},
		{"right", "1/4", "right", "Right.", "false"},
	} {
		r.eval(`(()=>{let i=document.querySelector("` + exercise + `input");i.focus();i.select();return ""})()`)
		r.write(c.typed)
		r.key("Enter", 1)
		r.until(`document.querySelector("`+exercise+`.x-reply").textContent`, c.reply)
		got := r.eval(`document.querySelector("` + exercise + `.x-answer").getAttribute("data-verdict")+" "+document.querySelector("` + exercise + `.x-right").hidden`)
		if got != c.verdict+" "+c.right {
			t.Errorf("%s: %s, want %s %s", c.why, got, c.verdict, c.right)
		}
	}
	r.write("1") // another answer, not checked yet
	if got := r.eval(`document.querySelector("` + exercise + `.x-reply").textContent+document.querySelector("` + exercise + `.x-right").hidden`); got != "true" {
		t.Errorf("a changed answer still shows %q", got)
	}
	if strings.Contains(r.eval(`location.href`), "?") {
		t.Error("a form was sent")
	}

	for _, v := range []struct {
		name   string
		width  int64
		medium string
		scheme string
	}{{"lessons-desk-light", 1280, "screen", "light"}, {"lessons-desk-dark", 1280, "screen", "dark"}, {"lessons-phone-light", 390, "screen", "light"}, {"lessons-phone-dark", 390, "screen", "dark"}, {"lessons-print", 700, "print", "dark"}} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900)); err != nil {
			t.Fatal(err)
		}
		media := emulation.SetEmulatedMediaParams{Media: v.medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			t.Fatal(err)
		}
		wide := r.eval(`[].filter.call(document.querySelectorAll("main *"),e=>!e.closest(".l-scroll,.l-tip,pre,.c-sr")&&e.getBoundingClientRect().right>innerWidth+1).map(e=>e.tagName+"."+e.className).slice(0,5).join(" ")`)
		if wide != "" {
			t.Errorf("%s: wider than the page: %v", v.name, wide)
		}
		if dir := os.Getenv("LEMMA_PREVIEW"); dir != "" {
			shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, v.name+".png"), shot, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(*complaints) > 0 {
		t.Errorf("the page is not quiet: %s", strings.Join(*complaints, "; "))
	}
}

// In a frame that may run scripts and nothing else, as a foreign notebook's outputs are shown, answers
// are checked all the same.
func TestExerciseInASandbox(t *testing.T) {
	s, err := ExerciseHTML(exerciseOf())
	if err != nil {
		t.Fatal(err)
	}
	// The frame tells what it shows, who has the focus there, and what the field holds.
	s += `<script>setInterval(()=>{let i=document.activeElement;parent.postMessage({reply:document.querySelector(".x-reply").textContent,focus:document.hasFocus()?i.tagName:"none",value:String(i.value)},"*")},20)</script>`
	page := pageHead + `<iframe sandbox="allow-scripts" style="width:100%;height:800px;border:0" srcdoc="` + html.EscapeString(s) + `"></iframe><script>window.heard={};addEventListener("message",e=>window.heard=e.data)</script>`
	path := filepath.Join(t.TempDir(), "sandbox.html")
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, complaints := browser(t, path)
	r := reader{t, ctx}
	r.until(`String(window.heard.focus)`, "none") // the frame is there
	x, y, _, _ := r.box("iframe")
	// The first field of the page is reached by its place in the order of focus. A key that comes before
	// the frame has the focus is lost: then the click and the key are given again.
	focus := ""
	soon := func(want string) bool {
		for i := 0; i < 20 && focus != want; i++ {
			time.Sleep(25 * time.Millisecond)
			focus = r.eval(`String(window.heard.focus)`)
		}
		return focus == want
	}
	for try := 0; try < 20; try++ {
		r.mouse("mousePressed", x+20, y+20)
		r.mouse("mouseReleased", x+20, y+20)
		soon("BODY")
		r.key("Tab", 1)
		if soon("INPUT") {
			break
		}
	}
	if focus != "INPUT" {
		t.Fatalf("the focus is at %q, want it in the field", focus)
	}
	r.write("1/4")
	r.until(`window.heard.value`, "1/4")
	r.key("Enter", 1)
	r.until(`window.heard.reply`, "Right.")
	if len(*complaints) > 0 {
		t.Errorf("the page is not quiet: %s", strings.Join(*complaints, "; "))
	}
}
