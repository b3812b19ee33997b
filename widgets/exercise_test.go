package widgets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dop251/goja"
	"golang.org/x/net/html"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// curvePrediction, guessPrediction, breakOf and exerciseOf are small lessons for the tests of
// pages.
func curvePrediction() lesson.Prediction {
	x, y, flat, places := make([]float64, 41), make([]float64, 41), make([]float64, 41), make([]float64, 21)
	for i := range x {
		x[i] = float64(i) / 4
		y[i], flat[i] = math.Exp(-x[i]/3), 1-x[i]/20
	}
	base := make([]float64, len(places))
	for i := range places {
		places[i] = float64(i) / 2
		base[i] = 1 - places[i]/20
	}
	return lesson.Prediction{
		ID: "test/curve", Title: "The loss of true labels", Question: "Random labels take the **grey** line. Draw the loss $\\|u-y\\|^2/n$ of the true labels.",
		Curve: &lesson.Curve{
			Figure: figure.Figure{ID: "test/curve", Title: "Loss against time", Alt: "The loss of true labels falls to 0.04 at time 10.", Caption: "True labels lie on the first eigenvectors.", Panels: []figure.Panel{{
				X: figure.Axis{Label: "time t"}.Range(0, 10), Y: figure.Axis{Label: "loss"}.Range(0, 1),
				Layers: []figure.Layer{figure.Line("true labels", 0, x, y), figure.Line("random labels", 1, x, flat).As(figure.Reference)},
			}}},
			Layer: 0, X: places, Before: "Loss against time. Random labels fall from 1 to 0.5 in a straight line.", Obvious: "the line of random labels", Baseline: base,
		},
		Reading: "True labels are learned *much* faster.",
	}
}

func guessPrediction() lesson.Prediction {
	return lesson.Prediction{
		ID: "test/guess", Title: "Depth without end", Question: "Where does $\\Theta^{(L)}(0)/(L+1)$ go as $L\\to\\infty$?",
		Guess:   &lesson.Guess{Answer: .25, Shown: "1/4", Worst: .5, Obvious: "it goes to 0"},
		Reading: "To $\\frac14$: each layer adds what the next one keeps.",
	}
}

func breakOf() lesson.Break {
	return lesson.Break{
		ID: "test/break", Title: "Steps below 2/λ", Claim: "Gradient descent with step $\\eta<2/\\lambda_1$ brings the loss down.",
		Hypotheses: []lesson.Hypothesis{
			{Name: "step", Held: "$\\eta<2/\\lambda_1$", Drop: "drop the limit on the step"},
			{Name: "convex", Held: "the loss is convex", Drop: "drop convexity"},
		},
		State: func(_ context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			s := &lesson.State{Holds: !dropped["step"], Verdict: "The loss ends at 0.01."}
			y := []float64{1, .5, .25}
			if !s.Holds {
				s.Verdict, s.Counterexample, y = "The loss grows.", "$\\eta=2.1$ and $\\lambda_1=1$: after one step the loss is 1.21.", []float64{1, 1.2, 1.5}
			}
			s.Figure = figure.Figure{ID: "test/break", Title: "Loss", Alt: fmt.Sprintf("The loss ends at %g.", y[2]), Panels: []figure.Panel{{
				X: figure.Axis{Label: "step"}, Y: figure.Axis{Label: "loss"}.Range(0, 2), Layers: []figure.Layer{figure.Line("loss", 0, []float64{0, 1, 2}, y)},
			}}}
			return s, nil
		},
	}
}

func exerciseOf() lesson.Exercise {
	rho := []lesson.Variable{{Name: "rho", Also: "ρ", Low: -1, High: 1}}
	return lesson.Exercise{
		Number: "9.1", Row: "9.X1", Title: "The kernel of ReLU",
		Text:    "For unit vectors $x,x'$ at cosine $\\rho$ and $w\\sim N(0,I)$ prove\n\n$$\\mathbb E[\\sigma'(w^\\top x)\\sigma'(w^\\top x')]=\\frac{\\pi-\\arccos\\rho}{2\\pi}.$$\n\n- Look at the plane of $x$ and $x'$.\n- Only the angle matters.",
		Erratum: "It calls this $H^*_{ij}$; the factor $x_i^\\top x_j$ is missing.", Hint: "Draw the two half planes.", Solution: "Both gates are open on an angle of $\\pi-\\arccos\\rho$.\n\n```\nreturn (math.Pi - math.Acos(rho)) / (2 * math.Pi)\n```",
		Answers: []lesson.Answer{
			{Prompt: "$\\mathbb E[\\sigma'\\sigma']$ at $\\rho=0$", Reference: "1/4", Right: "A quarter of the plane.", Traps: []lesson.Trap{{Answer: "1/2", Say: "that is the chance of one gate."}}},
			{Prompt: "for any $\\rho$", Reference: "(pi-arccos(rho))/(2pi)", Variables: rho, Traps: []lesson.Trap{{Answer: "rho*(pi-arccos(rho))/(2pi)", Say: "this is H*, with the factor ρ."}}},
			{Prompt: "its value at $\\rho=1/2$, to three digits", Reference: "1/3", Tolerance: .001, Cause: "three digits"},
		},
		Code: []*lesson.Code{{Task: "The average at cosine ρ.", Name: "Phi", Signature: "func(rho float64) float64", Doc: "Phi returns it.", Body: "return 0",
			Check: func(any, *lesson.Checker) *lesson.Counterexample { return nil }}},
	}
}

// lessons are the four widgets as one page.
func lessons(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, f := range []func() (string, error){
		func() (string, error) { return PredictHTML(curvePrediction()) },
		func() (string, error) { return PredictHTML(guessPrediction()) },
		func() (string, error) { return BreakHTML(breakOf()) },
		func() (string, error) { return ExerciseHTML(exerciseOf()) },
	} {
		s, err := f()
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(s)
	}
	return b.String()
}

// script runs the reader of formulas in a JavaScript machine.
func script(t *testing.T) *goja.Runtime {
	t.Helper()
	vm := goja.New()
	if _, err := vm.RunString("var window=globalThis,document={};" + exerciseCoreJS); err != nil {
		t.Fatal(err)
	}
	return vm
}

// The page reads formulas as package lesson does: the same values, the same errors at the same places.
func TestScriptReadsFormulas(t *testing.T) {
	data, err := os.ReadFile("../lib/lesson/testdata/expr.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Why, In string
		Vars    []string
		At      []float64
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	vm := script(t)
	for _, c := range cases {
		e, err := lesson.ParseExpr(c.In, c.Vars...)
		want := ""
		var value float64
		if err != nil {
			want = err.Error()
		} else {
			value = e.Eval(c.At...)
			want = lesson.Short(value)
		}
		got, err := vm.RunString(fmt.Sprintf(`(function(){try{return lemmaExpr.short(lemmaExpr.parse(%s,%s)(%s))}catch(e){return String(e)}})()`,
			mustJSON(c.In), mustJSON(append([]string{}, c.Vars...)), mustJSON(append([]float64{}, c.At...))))
		if err != nil || got.String() != want {
			t.Errorf("%s: %q is %q in the page (%v), %q in Go", c.Why, c.In, got, err, want)
		}
	}
	for _, v := range []float64{0, 1, -1, .1, 1. / 3, 123456, 1234567, 12345678, 123456789, 1e-4, 1.5e-5, 1e-6, 1.23456789e-7, -2.5e300, math.Pi * 1e5, .30000000000000004} {
		got, err := vm.RunString(fmt.Sprintf("lemmaExpr.short(%v)", v))
		if err != nil || got.String() != lesson.Short(v) {
			t.Errorf("%v is written %q in the page (%v), %q in Go", v, got, err, lesson.Short(v))
		}
	}
}

// The same on formulas that nobody thought of: random words of the language, most of them malformed.
func TestScriptReadsRandomFormulas(t *testing.T) {
	words := []string{"1", "2.5", ".", "1e3", "0", "x", "y", "rho", "ρ", "π", "pi", "e", "xy", "sqrt", "sin", "max", "log", "arccos", "(", ")", "(", ")", "+", "-", "*", "/", "^", "**", ",", "√", "²", "⁻¹", "−", "·", " ", " ", "ж", "_"}
	r := rand.New(rand.NewPCG(7, 7))
	vm := script(t)
	vars := []string{"x", "y", "rho", "ρ"}
	at := []float64{.5, 2, .25, .25}
	read := 0
	for range 4000 {
		var b strings.Builder
		for range 1 + r.IntN(7) {
			b.WriteString(words[r.IntN(len(words))])
		}
		in := b.String()
		want := ""
		var value float64
		e, err := lesson.ParseExpr(in, vars...)
		if err != nil {
			want = err.Error()
		} else {
			read++
			value = e.Eval(at...)
			want = lesson.Short(value)
		}
		got, err := vm.RunString(fmt.Sprintf(`(function(){try{return lemmaExpr.short(lemmaExpr.parse(%s,%s)(%s))}catch(e){return String(e)}})()`, mustJSON(in), mustJSON(vars), mustJSON(at)))
		if err != nil || got.String() != want {
			t.Errorf("%q is %q in the page (%v), %q in Go", in, got, err, want)
		}
	}
	if read < 200 {
		t.Errorf("only %d of 4000 formulas could be read", read)
	}
}

// What a reader hears in the page is what Answer.Check says.
func TestScriptChecksAnswers(t *testing.T) {
	vm := script(t)
	e := exerciseOf()
	for _, c := range []struct {
		why    string
		answer int
		typed  string
		want   lesson.Verdict
	}{
		{"a fraction", 0, "1/4", lesson.Right},
		{"a decimal", 0, ".25", lesson.Right},
		{"a trap", 0, "0.5", lesson.Wrong},
		{"too small", 0, "0.2", lesson.Wrong},
		{"too large", 0, "3", lesson.Wrong},
		{"rounded by its reader", 0, "0.2499", lesson.Wrong},
		{"no number", 0, "0/0", lesson.Wrong},
		{"nothing", 0, " ", lesson.Malformed},
		{"malformed", 0, "1/", lesson.Malformed},
		{"a decimal comma", 0, "0,25", lesson.Malformed},
		{"the formula", 1, "(pi - arccos(rho))/(2 pi)", lesson.Right},
		{"the formula in Greek", 1, "(π−arccos(ρ))/(2π)", lesson.Right},
		{"another form", 1, "1/2 - acos(rho)/2/π", lesson.Right},
		{"another form by symmetry", 1, "1/4+arcsin(rho)/(2pi)", lesson.Right},
		{"a trap, a formula", 1, "rho/2*(1-arccos(rho)/pi)", lesson.Wrong},
		{"a wrong formula", 1, "(pi+arccos(rho))/(2pi)", lesson.Wrong},
		{"close, not equal", 1, "1/4+arcsin(rho)/6.283185", lesson.Wrong},
		{"undefined at some points", 1, "sqrt(rho)", lesson.Wrong},
		{"an unknown variable", 1, "theta/2", lesson.Malformed},
		{"three digits are enough", 2, "0.333", lesson.Right},
		{"two are not", 2, "0.33", lesson.Wrong},
	} {
		a := &e.Answers[c.answer]
		want := a.Check(c.typed)
		if want.Verdict != c.want {
			t.Errorf("%s: %q is %s (%s), want %s", c.why, c.typed, want.Verdict, want.Text, c.want)
		}
		q, err := checkOf(a)
		if err != nil {
			t.Fatal(err)
		}
		got, err := vm.RunString(fmt.Sprintf(`(function(){var r=lemmaExpr.check(%s,%s);return r.verdict+": "+r.text})()`, mustJSON(q), mustJSON(c.typed)))
		if err != nil || got.String() != string(want.Verdict)+": "+want.Text {
			t.Errorf("%s: the page says %q (%v), Go %q", c.why, got, err, want)
		}
	}
}

var (
	voidElement = regexp.MustCompile(`^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$`)
	rawScript   = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`)
)

// wellFormed reports the first tag that does not close what is open, the first id used twice, and the first
// reference to an id that is not there.
func wellFormed(s string) error {
	z := html.NewTokenizer(strings.NewReader(rawScript.ReplaceAllString(s, "")))
	var open []string
	ids, refs := map[string]bool{}, map[string]bool{}
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if len(open) > 0 {
				return fmt.Errorf("<%s> is not closed", open[len(open)-1])
			}
			for r := range refs {
				if !ids[r] {
					return fmt.Errorf("no element has the id %s", r)
				}
			}
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			for _, a := range tok.Attr {
				switch a.Key {
				case "id":
					if ids[a.Val] {
						return fmt.Errorf("the id %s is used twice", a.Val)
					}
					ids[a.Val] = true
				case "for", "aria-labelledby", "aria-describedby":
					for _, r := range strings.Fields(a.Val) {
						refs[r] = true
					}
				}
			}
			if kind == html.StartTagToken && !voidElement.MatchString(tok.Data) {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			tok := z.Token()
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				return fmt.Errorf("</%s> closes %v", tok.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func TestLessonsAreWellFormed(t *testing.T) {
	page := lessons(t)
	if err := wellFormed(page); err != nil {
		t.Error(err)
	}
	if strings.Contains(page, "math-error") {
		t.Error("a formula cannot be read")
	}
	for _, name := range []string{"lemma-core", "lemma-predict", "lemma-break", "lemma-exercise"} {
		if !strings.Contains(page, `<script data-lemma-once="`+name+`">`) {
			t.Errorf("the script %s is missing", name)
		}
	}
}

// Without scripts every question, hint, solution, answer and state can be read; and what is to be
// predicted is not on the page outside of a fold.
func TestLessonsWithoutScript(t *testing.T) {
	page := rawScript.ReplaceAllString(lessons(t), "")
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all, outside strings.Builder
	var visit func(n *html.Node, folded bool)
	visit = func(n *html.Node, folded bool) {
		if n.Type == html.TextNode {
			all.WriteString(n.Data)
			if !folded {
				outside.WriteString(n.Data)
			}
		}
		for _, a := range n.Attr {
			if a.Key == "hidden" {
				return
			}
			if a.Key == "open" {
				folded = false
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, folded || n.Data == "details" && c.Data != "summary" && !strings.Contains(fmt.Sprint(n.Attr), "open"))
		}
	}
	visit(doc, false)
	for _, want := range []string{"Draw the loss", "True labels are learned", "Draw the two half planes", "Both gates are open", "The loss grows", "after one step the loss is 1.21", "each layer adds"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("without script, %q cannot be read", want)
		}
	}
	for _, secret := range []string{"True labels are learned", "falls to 0.04", "first eigenvectors", "each layer adds", "Both gates are open"} {
		if strings.Contains(outside.String(), secret) {
			t.Errorf("%q stands outside of a fold", secret)
		}
	}
}

func TestLessonsAsText(t *testing.T) {
	_, text := inNotebook(t, func() {
		Predict(curvePrediction())
		Predict(guessPrediction())
		BreakIt(breakOf())
		Exercise(exerciseOf())
	})
	for _, want := range []string{"Predict: The loss of true labels", "  Answer\n    1/4", "drop the limit on the step: the claim fails. The loss grows.", "smallest counterexample:", "Exercise 9.1", "func Phi(rho float64) float64", "lemma check ex 9.1 answer.go", "-solution"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

func TestWrongLessonsAreRefused(t *testing.T) {
	panics := func(f func()) (err error) {
		defer func() { err, _ = recover().(error) }()
		f()
		return nil
	}
	p := curvePrediction()
	p.Curve.Layer = 9
	e := exerciseOf()
	e.Answers[0].Reference = "1/"
	b := breakOf()
	b.State = func(context.Context, lesson.Dropped) (*lesson.State, error) { return nil, errors.New("cannot") }
	for why, c := range map[string]struct {
		f    func()
		want string
	}{
		"a curve of no layer":        {func() { Predict(p) }, "layer 9 of panel 0 is no line"},
		"an answer without a value":  {func() { Exercise(e) }, "something is missing at the end"},
		"a state that has no figure": {func() { BreakIt(b) }, "all hypotheses in place: cannot"},
	} {
		if err := panics(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", why, err, c.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"paragraphs", "a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>\n"},
		{"a list", "x:\n- a\n- b\n  more", "<p>x:</p>\n<ul><li>a</li><li>b\nmore</li></ul>\n"},
		{"a numbered list", "1. a\n2. b", "<ol><li>a</li><li>b</li></ol>\n"},
		{"emphasis", "**a** and *b*", "<p><strong>a</strong> and <em>b</em></p>\n"},
		{"a lone star", "2 * 3", "<p>2 * 3</p>\n"},
		{"code keeps its stars", "`a*b*c`", "<p><code>a*b*c</code></p>\n"},
		{"a fence", "```\na < *b*\n```", "<pre><code>a &lt; *b*</code></pre>\n"},
		{"tags are text", "<b>", "<p>&lt;b&gt;</p>\n"},
	} {
		if got := markdown(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	if got := markdown("$a*b*c$ *d*"); strings.Count(got, "<em>") != 1 || !strings.Contains(got, "<math") {
		t.Errorf("stars in a formula: %s", got)
	}
}
