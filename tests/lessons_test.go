package tests

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// exercises answers each exercise of the open page, wrongly and rightly, by typing.
func (b *browser) exercises(t *testing.T) (n int) {
	t.Helper()
	ids := get(t, b, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll("section.lemma-exercise"), e => e.id)`))
	for _, id := range ids {
		root := `document.getElementById("` + id + `")`
		number := strings.TrimPrefix(b.text(t, root+`.querySelector(".x-kind").textContent`), "Exercise ")
		n++
		t.Run("exercise "+number, func(t *testing.T) {
			found, err := book.FindExercises(number)
			if err != nil || len(found) != 1 {
				t.Fatalf("%d exercises of number %s, %v", len(found), number, err)
			}
			e := found[0]
			forms := int(b.number(t, root+`.querySelectorAll("form.x-answer").length`))
			if forms != len(e.Answers) {
				t.Fatalf("%d fields for %d answers", forms, len(e.Answers))
			}
			for i, a := range e.Answers {
				form := fmt.Sprintf(`%s.querySelectorAll("form.x-answer")[%d]`, root, i)
				answers := []struct {
					text    string
					verdict lesson.Verdict
				}{{"(" + a.Reference + ")+1", lesson.Wrong}, {"2*(", lesson.Malformed}, {a.Reference, lesson.Right}}
				for _, trap := range a.Traps {
					answers = append(answers, struct {
						text    string
						verdict lesson.Verdict
					}{trap.Answer, lesson.Wrong})
				}
				for _, try := range answers {
					b.click(t, form+`.querySelector("input")`)
					b.do(t, chromedp.Evaluate[chromedp.Void](`void `+form+`.querySelector("input").select()`))
					b.write(t, try.text)
					b.press(t, "Enter", 0)
					if got := b.text(t, form+`.getAttribute("data-verdict") || ""`); got != string(try.verdict) {
						t.Errorf("answer %d: %q is %q, want %q: %s", i+1, try.text, got, try.verdict, b.text(t, form+`.querySelector(".x-reply").textContent`))
					}
					if want := a.Check(try.text).Verdict; want != try.verdict {
						t.Errorf("answer %d: in Go %q is %q, want %q", i+1, try.text, want, try.verdict)
					}
				}
			}
			for _, fold := range []string{".x-hint", ".x-solution"} {
				b.click(t, root+`.querySelector("`+fold+` summary")`)
				if b.number(t, root+`.querySelector("`+fold+`").open && `+root+`.querySelector("`+fold+` .x-text").textContent.trim() ? 1 : 0`) != 1 {
					t.Errorf("the fold %s does not open", fold)
				}
			}
		})
	}
	return n
}

// predictions draws or guesses in each prediction of the open page, reveals the answer and compares
// the score with that of package lesson.
func (b *browser) predictions(t *testing.T) (n int) {
	t.Helper()
	ids := get(t, b, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll("section.lemma-predict"), e => e.id)`))
	for _, id := range ids {
		root := `document.getElementById("` + id + `")`
		n++
		t.Run(id, func(t *testing.T) {
			var want float64
			if b.number(t, root+`.hasAttribute("data-curve") ? 1 : 0`) == 1 {
				want = b.drawCurve(t, root)
			} else {
				want = b.guess(t, root)
			}
			if b.number(t, root+`.querySelector(".p-answer").open ? 1 : 0`) != 1 {
				t.Error("the answer is not shown")
			}
			b.frame(t)
			if got := b.number(t, `+`+root+`.getAttribute("data-score")`); math.Abs(got-want) > 1e-6 {
				t.Errorf("the page scores %g, Go %g", got, want)
			}
			if words := b.text(t, root+`.querySelector(".p-score").textContent`); !strings.Contains(words, fmt.Sprintf("scores %.0f of 100", want)) {
				t.Errorf("the score %g reads %q", want, words)
			}
		})
	}
	return n
}

// drawCurve draws a rising line with the mouse, opens the answer, and returns the score in Go.
func (b *browser) drawCurve(t *testing.T, root string) float64 {
	t.Helper()
	r := b.where(t, root+`.querySelector(".p-pen")`)
	b.drag(t, [2]float64{r.X + 2, r.Y + .7*r.H}, [2]float64{r.X + .5*r.W, r.Y + .4*r.H}, [2]float64{r.X + r.W - 2, r.Y + .3*r.H})
	b.click(t, root+`.querySelector(".p-answer summary")`)
	b.frame(t)
	type axis struct {
		K      string
		Lo, Hi float64
		T      float64
	}
	var q struct {
		Data struct {
			Panel    int
			X, Truth []float64
		}
		Axes  []axis
		Drawn []*float64
	}
	raw := b.text(t, `(r => { const q = JSON.parse(r.getAttribute("data-curve")); return JSON.stringify({data: q, axes: JSON.parse(r.querySelectorAll(".p-open .l-plot")[q.panel].querySelector("svg").getAttribute("data-axes")), drawn: JSON.parse(r.getAttribute("data-drawn") || "[]")}) })(`+root+`)`)
	if err := json.Unmarshal([]byte(raw), &q); err != nil {
		t.Fatal(err)
	}
	scale := func(a axis) figure.Axis {
		return figure.Axis{Label: "a", Scale: figure.Scale(a.K), Threshold: a.T}.Range(a.Lo, a.Hi)
	}
	c := lesson.Curve{X: q.Data.X, Figure: figure.Figure{Panels: []figure.Panel{{X: scale(q.Axes[0]), Y: scale(q.Axes[1]), Layers: []figure.Layer{figure.Line("", 0, q.Data.X, q.Data.Truth)}}}}}
	drawn := make([]float64, len(q.Drawn))
	some := 0
	for i, v := range q.Drawn {
		drawn[i] = math.NaN()
		if v != nil {
			drawn[i] = *v
			some++
		}
	}
	if some < len(q.Data.X)/2 {
		t.Errorf("the stroke left %d values, want most of %d", some, len(q.Data.X))
	}
	score, ok := c.Score(drawn)
	if !ok {
		t.Error("Go has no score for what was drawn")
	}
	return score
}

// guess types a number half as large again as the answer, and returns the score in Go.
func (b *browser) guess(t *testing.T, root string) float64 {
	t.Helper()
	var g lesson.Guess
	if err := json.Unmarshal([]byte(b.text(t, root+`.querySelector("form.p-guess").getAttribute("data-guess")`)), &g); err != nil {
		t.Fatal(err)
	}
	mine := 1.5 * g.Answer
	if mine == 0 {
		mine = g.Worst / 2
	}
	b.click(t, root+`.querySelector("form.p-guess input")`)
	b.write(t, fmt.Sprint(mine))
	b.press(t, "Enter", 0)
	b.frame(t)
	return g.Score(mine)
}

// breaks drops each hypothesis of each claim of the open page: the claim must be seen to change.
func (b *browser) breaks(t *testing.T) (n int) {
	t.Helper()
	ids := get(t, b, chromedp.Evaluate[[]string](`Array.from(document.querySelectorAll("section.lemma-break"), e => e.id)`))
	for _, id := range ids {
		root := `document.getElementById("` + id + `")`
		n++
		t.Run(id, func(t *testing.T) {
			verdict := func() string {
				return b.text(t, `Array.from(`+root+`.querySelectorAll(".b-state:not([hidden]) .b-verdict"), e => e.textContent).join(" | ")`)
			}
			whole := verdict()
			for i := range int(b.number(t, root+`.querySelectorAll(".b-switch input").length`)) {
				b.click(t, fmt.Sprintf(`%s.querySelectorAll(".b-switch")[%d]`, root, i))
				broken := verdict()
				if broken == whole || broken == "" || strings.Contains(broken, " | ") {
					t.Errorf("without hypothesis %d the verdict reads %q, with it %q", i+1, broken, whole)
				}
				b.until(t, 10*time.Second, "a screen reader hears it", root+`.querySelector(".b-say").textContent`)
				b.click(t, fmt.Sprintf(`%s.querySelectorAll(".b-switch")[%d]`, root, i))
				if got := verdict(); got != whole {
					t.Errorf("with hypothesis %d again the verdict reads %q, want %q", i+1, got, whole)
				}
			}
		})
	}
	return n
}
