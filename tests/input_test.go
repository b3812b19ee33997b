package tests

import (
	"encoding/json"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// shift is the modifier of a key.
const shift = 8

// keyNumbers are the numbers that a browser goes by.
var keyNumbers = map[string]int64{"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "Space": 32, "Enter": 13, "Tab": 9}

// press presses a key and lets it go.
func (b *browser) press(t *testing.T, code string, modifiers int64) {
	t.Helper()
	key, text := code, ""
	switch code {
	case "Space":
		key, text = " ", " "
	case "Enter":
		text = "\r"
	}
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: key, Code: code, WindowsVirtualKeyCode: keyNumbers[code], Modifiers: modifiers}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = text
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p); err != nil {
			t.Fatal(err)
		}
	}
}

// write types a text into the element that has the focus.
func (b *browser) write(t *testing.T, text string) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		t.Fatal(err)
	}
}

// rect is the place of an element in the window.
type rect struct{ X, Y, W, H float64 }

// where scrolls the element that a script gives into the middle of the window and returns its place,
// once it stays there: what was said or drawn before may move it a little later.
func (b *browser) where(t *testing.T, element string) rect {
	t.Helper()
	var r rect
	for range 20 {
		b.do(t, chromedp.Evaluate[chromedp.Void](`void `+element+`.scrollIntoView({block: "center", behavior: "instant"})`))
		b.frame(t)
		raw := b.text(t, `(e => { const r = e.getBoundingClientRect(); return JSON.stringify({x: r.left, y: r.top, w: r.width, h: r.height}) })(`+element+`)`)
		before := r
		if err := json.Unmarshal([]byte(raw), &r); err != nil {
			t.Fatal(err)
		}
		if r == before {
			break
		}
	}
	return r
}

// drag presses the mouse at the first point, moves it through the others and lets it go at the last.
func (b *browser) drag(t *testing.T, points ...[2]float64) {
	t.Helper()
	mouse := func(kind input.DispatchMouseEventType, p [2]float64) {
		t.Helper()
		q := input.DispatchMouseEventParams{Type: kind, X: p[0], Y: p[1], Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1}
		if _, err := chromedp.Call(b.ctx, input.DispatchMouseEvent, q); err != nil {
			t.Fatal(err)
		}
	}
	mouse(input.DispatchMouseEventTypeMousePressed, points[0])
	at := points[0]
	for _, to := range points[1:] {
		const steps = 8
		for i := range steps {
			f := float64(i+1) / steps
			mouse(input.DispatchMouseEventTypeMouseMoved, [2]float64{at[0] + f*(to[0]-at[0]), at[1] + f*(to[1]-at[1])})
		}
		at = to
	}
	mouse(input.DispatchMouseEventTypeMouseReleased, at)
}

// click clicks the middle of the element that a script gives.
func (b *browser) click(t *testing.T, element string) {
	t.Helper()
	r := b.where(t, element)
	b.drag(t, [2]float64{r.X + r.W/2, r.Y + r.H/2})
}

// frame waits until what was set has been drawn.
func (b *browser) frame(t *testing.T) {
	t.Helper()
	get(t, b, chromedp.Evaluate[string](`new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(""))))`, chromedp.EvalAwaitPromise))
}
