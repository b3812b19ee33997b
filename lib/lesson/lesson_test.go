package lesson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

// curve is the line y = x on [0, 10] or, logarithmic in y, y = 10^{x-10}.
func curve(scale figure.Scale) *Curve {
	x, y := []float64{0, 2.5, 5, 10}, []float64{0, .25, .5, 1}
	axis := figure.Axis{Label: "y"}.Range(0, 1)
	if scale == figure.Log {
		y = []float64{1e-10, math.Pow(10, -7.5), 1e-5, 1}
		axis = figure.Axis{Label: "y", Scale: scale}.Range(1e-10, 1)
	}
	return &Curve{
		Figure: figure.Figure{ID: "f", Alt: "answer", Caption: "answer", Panels: []figure.Panel{{X: figure.Axis{Label: "x"}.Range(0, 10), Y: axis,
			Layers: []figure.Layer{figure.Line("given", 0, x, y), figure.Line("drawn", 1, x, y), figure.Line("told", 2, x, y)}}}},
		Layer: 1, Hide: []int{2}, X: []float64{0, 2, 4, 6, 8, 10}, Before: "open",
	}
}

func TestCurveScore(t *testing.T) {
	nan := math.NaN()
	for _, scale := range []figure.Scale{figure.Linear, figure.Log} {
		c := curve(scale)
		if err := c.validate(); err != nil {
			t.Fatal(err)
		}
		shift := func(by float64) []float64 { // the truth, moved up by a part of the axis
			out := make([]float64, len(c.X))
			for i := range out {
				out[i] = value(c.panel().Y, c.X[i]/10+by)
			}
			return out
		}
		at := func(places ...float64) []float64 {
			out := make([]float64, len(places))
			for i, p := range places {
				out[i] = value(c.panel().Y, p)
			}
			return out
		}
		for _, row := range []struct {
			why   string
			drawn []float64
			want  float64
			ok    bool
		}{
			{"the truth", c.Truth(), 100, true},
			{"a tenth too high but for the edge, which cuts the last", shift(.1), 100 * (1 - 4*.5/6), true},
			{"level in the middle", at(.5, .5, .5, .5, .5, .5), 0, true},
			{"both ends, the rest between them", at(0, nan, nan, nan, nan, 1), 100, true},
			{"one place only counts for all", at(nan, nan, .4, nan, nan, nan), 0, true},
			{"undrawn ends are level", at(nan, .2, .4, .6, .8, nan), 100 * (1 - 4*.4/6), true},
			{"outside counts as the edge", at(-3, .2, .4, .6, .8, 4), 100, true},
			{"nothing", at(nan, nan, nan, nan, nan, nan), 0, false},
			{"another number of places", at(.5), 0, false},
		} {
			got, ok := c.Score(row.drawn)
			if ok != row.ok || math.Abs(got-row.want) > 1e-9 {
				t.Errorf("%q %s: %g (%t), want %g (%t)", scale, row.why, got, ok, row.want, row.ok)
			}
		}
	}
	c := curve(figure.Log)
	if got, _ := c.Score([]float64{0, -1, 1e-6, 1e-4, 1e-2, 1}); math.Abs(got-100*(1-4*.2/6)) > 1e-9 {
		t.Errorf("zero and negative values on a logarithmic axis: %g, want them on the lower edge", got)
	}
}

func TestCurveOpenHidesTheAnswer(t *testing.T) {
	c := curve(figure.Linear)
	open := c.Open()
	if n := len(open.Panels[0].Layers); n != 1 || open.Panels[0].Layers[0].Name != "given" || open.Alt != "open" || open.Caption != "" {
		t.Errorf("%d layers, alt %q, caption %q", n, open.Alt, open.Caption)
	}
	if len(c.Figure.Panels[0].Layers) != 3 || c.Figure.Alt != "answer" {
		t.Error("the figure with the answer has changed")
	}
}

func TestGuessScore(t *testing.T) {
	for _, c := range []struct {
		why   string
		g     Guess
		guess float64
		want  float64
	}{
		{"exact", Guess{Answer: .25, Worst: .5}, .25, 100},
		{"half of the worst difference", Guess{Answer: .25, Worst: .5}, .5, 50},
		{"on the other side", Guess{Answer: .25, Worst: .5}, 0, 50},
		{"beyond the worst", Guess{Answer: .25, Worst: .5}, 7, 0},
		{"a factor √10 of 10", Guess{Answer: 2, Worst: 10, Ratio: true}, 2 * math.Sqrt(10), 50},
		{"the same below", Guess{Answer: 2, Worst: 10, Ratio: true}, 2 / math.Sqrt(10), 50},
		{"zero has no ratio", Guess{Answer: 2, Worst: 10, Ratio: true}, 0, 0},
		{"nor has a negative number", Guess{Answer: 2, Worst: 10, Ratio: true}, -2, 0},
		{"no number", Guess{Answer: 2, Worst: 10}, math.NaN(), 0},
	} {
		if got := c.g.Score(c.guess); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %g, want %g", c.why, got, c.want)
		}
	}
}

func TestPredictionValidate(t *testing.T) {
	good := func() *Prediction {
		return &Prediction{ID: "p", Title: "t", Question: "q", Reading: "r", Curve: curve(figure.Linear)}
	}
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	for why, c := range map[string]struct {
		change func(*Prediction)
		want   string
	}{
		"neither":             {func(p *Prediction) { p.Curve = nil }, "either a curve or a guess"},
		"both":                {func(p *Prediction) { p.Guess = &Guess{Answer: 1, Worst: 1} }, "either a curve or a guess"},
		"no reading":          {func(p *Prediction) { p.Reading = "" }, "Reading"},
		"no such layer":       {func(p *Prediction) { p.Curve.Layer = 3 }, "is no line"},
		"no such panel":       {func(p *Prediction) { p.Curve.Panel = -1 }, "is no line"},
		"ends from the data":  {func(p *Prediction) { p.Curve.Figure.Panels[0].Y.Max = nil }, "want fixed ends"},
		"places that fall":    {func(p *Prediction) { p.Curve.X = []float64{1, 0} }, "increasing"},
		"places beyond":       {func(p *Prediction) { p.Curve.X = []float64{0, 11} }, "no value at x = 11"},
		"no alt text":         {func(p *Prediction) { p.Curve.Before = "" }, "before it is revealed"},
		"a baseline unnamed":  {func(p *Prediction) { p.Curve.Baseline = make([]float64, 6) }, "obvious guess"},
		"a baseline too long": {func(p *Prediction) { p.Curve.Obvious, p.Curve.Baseline = "o", make([]float64, 7) }, "7 values at 6 places"},
		"a factor below one":  {func(p *Prediction) { p.Curve, p.Guess = nil, &Guess{Answer: 1, Worst: .5, Ratio: true} }, "worst > 1"},
		"a wrong figure":      {func(p *Prediction) { p.Curve.Figure.Alt = "" }, "no alt text"},
	} {
		p := good()
		c.change(p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", why, err, c.want)
		}
	}
}

func TestBreakStates(t *testing.T) {
	picture := curve(figure.Linear).Figure
	b := &Break{ID: "b", Title: "t", Claim: "c", Hypotheses: []Hypothesis{{"one", "h", "drop one"}, {"two", "h", "drop two"}},
		State: func(_ context.Context, d Dropped) (*State, error) {
			s := &State{Holds: !d["one"] || d["two"], Verdict: "v", Figure: picture}
			if !s.Holds {
				s.Counterexample = "x"
			}
			return s, nil
		}}
	states, err := b.States(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []bool{true, false, true, true} {
		if states[k].Holds != want {
			t.Errorf("state %d (%s): holds %t, want %t", k, b.Words(k), states[k].Holds, want)
		}
	}
	if b.Words(0) != "all hypotheses in place" || b.Words(3) != "drop one, drop two" {
		t.Errorf("words %q, %q", b.Words(0), b.Words(3))
	}
	for why, c := range map[string]struct {
		state func(context.Context, Dropped) (*State, error)
		want  string
	}{
		"fails at once": {func(context.Context, Dropped) (*State, error) {
			return &State{Verdict: "v", Counterexample: "x", Figure: picture}, nil
		}, "every hypothesis in place"},
		"never fails": {func(context.Context, Dropped) (*State, error) {
			return &State{Holds: true, Verdict: "v", Figure: picture}, nil
		}, "no state breaks"},
		"fails without showing":  {func(context.Context, Dropped) (*State, error) { return &State{Verdict: "v", Figure: picture}, nil }, "counterexample"},
		"without a figure":       {func(context.Context, Dropped) (*State, error) { return &State{Holds: true, Verdict: "v"}, nil }, "no alt text"},
		"cannot be computed":     {func(context.Context, Dropped) (*State, error) { return nil, errors.New("no") }, "all hypotheses in place: no"},
		"is not there to be run": {nil, "are required"},
	} {
		wrong := *b
		wrong.State = c.state
		if _, err := wrong.States(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("a break that %s: %v, want %q", why, err, c.want)
		}
	}
	many := *b
	many.Hypotheses = make([]Hypothesis, 4)
	if err := many.Validate(); err == nil || !strings.Contains(err.Error(), "want 1 to 3") {
		t.Errorf("four hypotheses: %v", err)
	}
}

func TestAnswerCheck(t *testing.T) {
	xy := &Answer{Prompt: "p", Reference: "x^2 - y", Variables: []Variable{{Name: "x", Low: -2, High: 2}, {Name: "y", Low: 1, High: 9, Whole: true}}}
	exact := &Answer{Prompt: "p", Reference: "0"}
	for _, c := range []struct {
		why, typed string
		a          *Answer
		want       Verdict
	}{
		{"another form", "(x-sqrt(y))(x+sqrt(y))", xy, Right},
		{"right at whole y only", "x^2 - y + sin(pi*y)", xy, Right}, // sin πy vanishes where y is whole: y stands for nothing else
		{"a sign", "x^2 + y", xy, Wrong},
		{"a small term", "x^2 - y + 1e-7", xy, Wrong},
		{"rounding", "x^2 - y + 1e-15", xy, Right},
		{"no value at some points", "x^2 - y + 0*log(x)", xy, Wrong},
		{"zero", "0", exact, Right},
		{"zero by a formula", "1-1", exact, Right},
		{"nearly zero is not zero", "1e-12", exact, Wrong},
	} {
		if got := c.a.Check(c.typed); got.Verdict != c.want {
			t.Errorf("%s: %q is %s (%s), want %s", c.why, c.typed, got.Verdict, got.Text, c.want)
		}
	}
	s, err := xy.Sample(xy.Reference)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Points) != samples {
		t.Fatalf("%d points", len(s.Points))
	}
	for i, p := range s.Points {
		if p[0] < -2 || p[0] > 2 || p[1] < 1 || p[1] > 9 || p[1] != math.Round(p[1]) || s.Values[i] != p[0]*p[0]-p[1] {
			t.Errorf("point %v has the value %g", p, s.Values[i])
		}
	}
	for why, a := range map[string]*Answer{
		"infinite somewhere":          {Prompt: "p", Reference: "log(x)", Variables: []Variable{{Name: "x", Low: -1, High: 1}}},
		"a trap that is right":        {Prompt: "p", Reference: "2x", Variables: xy.Variables[:1], Traps: []Trap{{"x+x", "no"}}},
		"a tolerance without a cause": {Prompt: "p", Reference: "2", Tolerance: .1},
		"no range":                    {Prompt: "p", Reference: "x", Variables: []Variable{{Name: "x"}}},
		"no formula":                  {Prompt: "p", Reference: "2 +"},
		"no prompt":                   {Reference: "2"},
	} {
		if err := a.Validate(); err == nil {
			t.Errorf("%s: no error", why)
		}
	}
}

// A counterexample is made smaller until nothing simpler fails.
func TestFindShrinks(t *testing.T) {
	below := func(limit float64) Property[float64] {
		return Property[float64]{Name: fmt.Sprint("below ", limit), Check: func(x float64) *Difference {
			if x < limit {
				return nil
			}
			return &Difference{Short(x), "less"}
		}}
	}
	for _, c := range []struct {
		why   string
		limit float64
		want  string
	}{
		{"a whole number", 6.5, "x = 7"},
		{"one digit", .3, "x = 1"},
		{"the end of the range", 9.99, "x = 10"},
	} {
		got := Find(&Checker{}, Real("x", -10, 10), below(c.limit))
		if got == nil || got.Input != c.want {
			t.Errorf("%s: %v, want %s", c.why, got, c.want)
		}
	}
	var c Checker
	if got := Find(&c, Real("x", 0, 1, 0, 1), below(2)); got != nil || c.Inputs != 202 || c.Properties != 1 {
		t.Errorf("a property that holds: %v after %d inputs", got, c.Inputs)
	}
	a := Find(&Checker{Seed: 3}, Real("x", -1, 1), below(.5))
	if b := Find(&Checker{Seed: 3}, Real("x", -1, 1), below(.5)); *a != *b {
		t.Error("the same seed finds two counterexamples")
	}
	got := Find(&Checker{}, Real("x", -1, 1, 0), Property[float64]{Name: "returns", Check: func(x float64) *Difference {
		panic(errors.New("one\ntwo"))
	}})
	if got == nil || got.Got != "a panic: one" {
		t.Errorf("a panic: %v", got)
	}
}

func TestSmallerRealsAreSmaller(t *testing.T) {
	for _, x := range []float64{0, 1, -1, .5, 7, 1e9, -2.5e-7, math.Pi, math.Nextafter(1, 2)} {
		for _, s := range SmallerReals(x, -1e10, 1e10) {
			if !simpler(s, x) {
				t.Errorf("%v is offered as simpler than %v", s, x)
			}
		}
	}
	if got := SmallerReals(0, -1, 1); len(got) != 0 {
		t.Errorf("simpler than 0: %v", got)
	}
	if got := fmt.Sprint(SmallerInts(9, 1), SmallerInts(1, 1)); got != "[1 2 3 5 8] []" {
		t.Errorf("smaller than 9 and 1: %s", got)
	}
}

func TestJudge(t *testing.T) {
	code := func(check func(f any, c *Checker) *Counterexample) *Code {
		return &Code{Name: "F", Signature: "func(x float64) float64", Check: check}
	}
	positive := code(func(f any, c *Checker) *Counterexample {
		return Find(c, Real("x", 0, 1, 0), Property[float64]{Name: "positive", Check: func(x float64) *Difference {
			if y := f.(func(float64) float64)(x); !(y > 0) {
				return &Difference{Short(y), "a positive number"}
			}
			return nil
		}})
	})
	release := make(chan struct{})
	defer close(release)
	for _, c := range []struct {
		why   string
		f     func(float64) float64
		right bool
		got   string
	}{
		{"right", func(x float64) float64 { return x + 1 }, true, ""},
		{"wrong", func(x float64) float64 { return x }, false, "0"},
		{"does not return", func(x float64) float64 { <-release; return 1 }, false, "no answer within 150ms"},
	} {
		var b bytes.Buffer
		right, err := Judge(&b, []Trial{{"9.9", c.f, positive}}, Checker{}, Limits{Call: 150 * time.Millisecond})
		if err != nil || right != c.right {
			t.Errorf("%s: right %t, %v", c.why, right, err)
		}
		var last Event
		tried := 0
		for d := json.NewDecoder(&b); d.More(); {
			last = Event{}
			if err := d.Decode(&last); err != nil {
				t.Fatal(err)
			}
			if last.Result == nil {
				tried++
			}
		}
		if last.Result == nil || last.Number != "9.9" || last.Name != "F" || tried == 0 {
			t.Fatalf("%s: %d inputs, last event %+v", c.why, tried, last)
		}
		if w := last.Result.Counterexample; (w == nil) != c.right || w != nil && (w.Got != c.got || w.Input != "x = 0") {
			t.Errorf("%s: %+v", c.why, w)
		}
	}
	var b bytes.Buffer
	right, err := Judge(&b, []Trial{{"9.9", func(x float64) float64 { <-release; return 1 }, positive}, {"9.10", func(x float64) float64 { return 1 }, positive}},
		Checker{}, Limits{Memory: 1})
	if err != nil || right || !strings.Contains(b.String(), "of memory") || strings.Contains(b.String(), "9.10") {
		t.Errorf("too much memory: right %t, %v\n%s", right, err, b.String())
	}
}

func TestStubAndValidate(t *testing.T) {
	check := func(any, *Checker) *Counterexample { return nil }
	e := Exercise{Number: "9.9", Row: "9.X9", Title: "t", Text: "t", Hint: "h", Solution: "s",
		Code: []*Code{{Name: "F", Signature: "func(x float64) float64", Doc: "F returns x.\nAlways.", Body: "return 0", Check: check}}}
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	const want = "package answer\n\n// F returns x.\n// Always.\n//\n// Exercise 9.9: lemma check ex 9.9 answer.go\nfunc F(x float64) float64 {\n\treturn 0 // to be written\n}\n"
	if got := Stub(e); !strings.HasSuffix(got, want) {
		t.Errorf("the stub is\n%s\nwant at its end\n%s", got, want)
	}
}

func TestExerciseValidate(t *testing.T) {
	e := Exercise{Number: "9.9", Answers: []Answer{{}}, Code: []*Code{{Name: "F"}}}
	err := e.Validate()
	for _, want := range []string{"no Row", "no Solution", "answer 1", `code "F"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
}
