package lesson

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Prediction asks a reader to commit before something is shown: a curve drawn on the axes, or a
// number. Exactly one of Curve and Guess is set.
type Prediction struct {
	ID       string `json:"id"`       // stable name, such as "9.F1/predict"
	Title    string `json:"title"`    // one line, plain text
	Question string `json:"question"` // what to predict, Markdown with TeX
	Curve    *Curve `json:"curve,omitempty"`
	Guess    *Guess `json:"guess,omitempty"`
	Reading  string `json:"reading"` // what the answer says and why, shown after it; Markdown with TeX
}

// Curve is a figure one line of which the reader draws. Until it is revealed the layer is not on the
// page that the reader sees, nor are Alt and Caption of the figure.
//
// The score looks at the places of X: with d the mean distance of the drawing to the line, in
// heights of the axis, it is 100·(1 - 4d), at least 0. A quarter of the picture's height off on
// average scores nothing; a hair's breadth, about 0.01, costs four points.
type Curve struct {
	Figure   figure.Figure `json:"figure"`             // the whole figure, answer included; the panel's axes have fixed ends
	Panel    int           `json:"panel,omitempty"`    // where the reader draws
	Layer    int           `json:"layer,omitempty"`    // the line to draw, of Kind line, X increasing
	Hide     []int         `json:"hide,omitempty"`     // layers of the panel that would give it away and come with it
	X        []float64     `json:"x"`                  // places at which the reader draws, increasing, within the layer's X
	Before   string        `json:"before"`             // alt text of the figure without the line
	Obvious  string        `json:"obvious,omitempty"`  // the guess to beat, in words: "the same as true labels"
	Baseline []float64     `json:"baseline,omitempty"` // that guess at X
}

// Guess is a number to guess.
type Guess struct {
	Answer   float64        `json:"answer"`
	Shown    string         `json:"shown,omitempty"` // how the answer is written; empty means with Short
	Unit     string         `json:"unit,omitempty"`
	Ratio    bool           `json:"ratio,omitempty"`    // compare by ratio: a factor of Worst scores nothing. Else by difference
	Worst    float64        `json:"worst"`              // the difference, or the factor (> 1), that scores nothing
	Obvious  string         `json:"obvious,omitempty"`  // the guess to beat, in words: "it goes to 0"
	Baseline float64        `json:"baseline,omitempty"` // that guess
	Figure   *figure.Figure `json:"figure,omitempty"`   // shown with the answer
}

// Truth returns the hidden line at X, by linear interpolation on the axis.
func (c *Curve) Truth() []float64 {
	l := c.layer()
	if l == nil {
		return nil
	}
	out := make([]float64, len(c.X))
	p := c.panel()
	for i, x := range c.X {
		k, found := slices.BinarySearch(l.X, x)
		switch {
		case found:
			out[i] = l.Y[k]
		case k == 0 || k == len(l.X):
			out[i] = math.NaN()
		default:
			a, b := place(p.X, l.X[k-1]), place(p.X, l.X[k])
			f := (place(p.X, x) - a) / (b - a)
			out[i] = value(p.Y, (1-f)*place(p.Y, l.Y[k-1])+f*place(p.Y, l.Y[k]))
		}
	}
	return out
}

func (c *Curve) panel() *figure.Panel {
	if c.Panel < 0 || c.Panel >= len(c.Figure.Panels) {
		return nil
	}
	return &c.Figure.Panels[c.Panel]
}

func (c *Curve) layer() *figure.Layer {
	p := c.panel()
	if p == nil || c.Layer < 0 || c.Layer >= len(p.Layers) {
		return nil
	}
	return &p.Layers[c.Layer]
}

// Open returns the figure that the reader draws on: without the line, its alt text Before.
func (c *Curve) Open() figure.Figure {
	f := c.Figure
	f.ID += "/open"
	f.Alt, f.Caption = c.Before, ""
	f.Panels = slices.Clone(f.Panels)
	p := &f.Panels[c.Panel]
	var rest []figure.Layer
	for i, l := range p.Layers {
		if i != c.Layer && !slices.Contains(c.Hide, i) {
			rest = append(rest, l)
		}
	}
	p.Layers = rest
	return f
}

// Score returns the score of a drawing, its values at X. NaN is a place not drawn: it counts as on
// the straight line between its neighbours, or at the height of the nearest one at an end. What lies
// outside the axis counts as on its edge. A drawing without any value has no score: ok is false.
func (c *Curve) Score(drawn []float64) (score float64, ok bool) {
	p := c.panel()
	if p == nil || len(drawn) != len(c.X) {
		return 0, false
	}
	x, y := make([]float64, len(c.X)), make([]float64, len(c.X))
	for i := range x {
		x[i], y[i] = place(p.X, c.X[i]), clamp(place(p.Y, drawn[i]))
	}
	if y = filled(x, y); y == nil {
		return 0, false
	}
	d := 0.0
	for i, v := range c.Truth() {
		d += math.Abs(y[i]-clamp(place(p.Y, v))) / float64(len(y))
	}
	return 100 * math.Max(0, 1-4*d), true
}

// filled replaces NaN by interpolation; nil if all are.
func filled(x, y []float64) []float64 {
	out := slices.Clone(y)
	last := -1
	for i, v := range y {
		if math.IsNaN(v) {
			continue
		}
		for k := last + 1; k < i; k++ {
			out[k] = v
			if last >= 0 {
				f := (x[k] - x[last]) / (x[i] - x[last])
				out[k] = (1-f)*y[last] + f*v
			}
		}
		last = i
	}
	if last < 0 {
		return nil
	}
	for k := last + 1; k < len(y); k++ {
		out[k] = y[last]
	}
	return out
}

// place is where a value lies on the axis, 0 at Min and 1 at Max.
func place(a figure.Axis, v float64) float64 {
	lo, hi := forward(a, *a.Min), forward(a, *a.Max)
	return (forward(a, v) - lo) / (hi - lo)
}

// value is the inverse of place.
func value(a figure.Axis, p float64) float64 {
	lo, hi := forward(a, *a.Min), forward(a, *a.Max)
	f := lo + p*(hi-lo)
	if a.Scale == figure.Log {
		return math.Pow(10, f)
	}
	return f
}

func forward(a figure.Axis, v float64) float64 {
	switch {
	case a.Scale != figure.Log:
		return v
	case v <= 0: // below every logarithmic axis
		return math.Inf(-1)
	}
	return math.Log10(v)
}

func clamp(p float64) float64 {
	if math.IsNaN(p) {
		return p
	}
	return math.Max(0, math.Min(1, p))
}

// Score is 100 for the answer and falls to 0 at Worst, linearly in the difference or in the logarithm
// of the ratio.
func (g *Guess) Score(guess float64) float64 {
	off := math.Abs(guess-g.Answer) / g.Worst
	if g.Ratio {
		off = math.Abs(math.Log(guess/g.Answer)) / math.Log(g.Worst)
	}
	if math.IsNaN(off) {
		return 0
	}
	return 100 * math.Max(0, 1-off)
}

// Validate reports what is wrong with the description.
func (p *Prediction) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("prediction %q: "+format, append([]any{p.ID}, args...)...))
	}
	if p.ID == "" || p.Title == "" || p.Question == "" || p.Reading == "" {
		bad("ID, Title, Question and Reading are required")
	}
	if (p.Curve == nil) == (p.Guess == nil) {
		bad("want either a curve or a guess")
	}
	if p.Curve != nil {
		if err := p.Curve.validate(); err != nil {
			bad("%v", err)
		}
	}
	if g := p.Guess; g != nil {
		if !finite(g.Answer) || !(g.Worst > 0) || g.Ratio && (!(g.Worst > 1) || !(g.Answer > 0)) {
			bad("answer %g and worst %g, want finite numbers, worst > 0; by ratio, answer > 0 and worst > 1", g.Answer, g.Worst)
		}
		if g.Figure != nil {
			if err := g.Figure.Validate(); err != nil {
				bad("%v", err)
			}
		}
	}
	return errors.Join(errs...)
}

func (c *Curve) validate() error {
	if err := c.Figure.Validate(); err != nil {
		return err
	}
	p, l := c.panel(), c.layer()
	if l == nil || l.Kind != figure.KindLine {
		return fmt.Errorf("layer %d of panel %d is no line", c.Layer, c.Panel)
	}
	var errs []error
	for _, a := range []figure.Axis{p.X, p.Y} {
		if a.Min == nil || a.Max == nil || a.Scale == figure.SymLog || len(a.Categories) > 0 {
			errs = append(errs, fmt.Errorf("axis %q: want fixed ends on a linear or logarithmic scale", a.Label))
		}
	}
	if c.Before == "" {
		errs = append(errs, errors.New("no alt text of the figure before it is revealed"))
	}
	if len(c.X) < 2 || !increasing(c.X) || !increasing(l.X) {
		errs = append(errs, errors.New("want at least two places, increasing, on a line that increases in x"))
	}
	if len(c.Baseline) > 0 && len(c.Baseline) != len(c.X) || (c.Obvious == "") != (len(c.Baseline) == 0) {
		errs = append(errs, fmt.Errorf("obvious guess %q with %d values at %d places", c.Obvious, len(c.Baseline), len(c.X)))
	}
	if len(errs) == 0 {
		for i, v := range c.Truth() {
			if math.IsNaN(v) {
				errs = append(errs, fmt.Errorf("the line has no value at x = %g", c.X[i]))
			}
		}
	}
	return errors.Join(errs...)
}

func increasing(v []float64) bool {
	for i := range v {
		if math.IsNaN(v[i]) || i > 0 && !(v[i] > v[i-1]) {
			return false
		}
	}
	return true
}
