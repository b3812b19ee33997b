package ntk

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/lesson"
	"gonum.org/v1/gonum/floats"
)

// answers are functions that solve the exercises of chapter 9, and mistakes with what must be found.
var answers = []struct {
	exercise, why string
	f             any
	input, got    string // of the counterexample; empty for a right answer
}{
	{"9.1", "the solution", func(rho float64) float64 {
		return (math.Pi - math.Acos(max(-1, min(1, rho)))) / (2 * math.Pi)
	}, "", ""},
	{"9.1", "another form", func(rho float64) float64 { return .25 + math.Asin(max(-1, min(1, rho)))/(2*math.Pi) }, "", ""},
	{"9.1", "the stub", func(rho float64) float64 { return 0 }, "rho = 0", "0"},
	{"9.1", "κ₀ in place of a half of it", Kappa0, "rho = 1", "Phi(rho) = 1"},
	{"9.1", "a wrong constant", func(rho float64) float64 { return .25 + math.Asin(max(-1, min(1, rho)))/6 }, "rho = 1", "Phi(rho) = 0.511799"},
	{"9.1", "H* in place of the average", func(rho float64) float64 { return rho * Kappa0(rho) / 2 }, "rho = -0.5", "Phi(rho) = -0.0833333"},
	{"9.1", "a line through the right points", func(rho float64) float64 { return .25 + rho/4 }, "rho = 0.5", "0.375"},
	{"9.1", "no care of rounding", func(rho float64) float64 { return (math.Pi - math.Acos(rho)) / (2 * math.Pi) }, "rho = 1.0000000000000002", "not a number"},
	{"9.2", "the solution", func(lambda, p []float64, eta float64, steps int) float64 {
		sum := 0.0
		for i, l := range lambda {
			g := 1 - math.Pow(1-eta*l, float64(steps))
			sum += g * g * p[i] * p[i] / l
		}
		return sum
	}, "", ""},
	{"9.2", "the movement of the outputs", func(lambda, p []float64, eta float64, steps int) float64 {
		sum := 0.0
		for i, l := range lambda {
			g := 1 - math.Pow(1-eta*l, float64(steps))
			sum += g * g * p[i] * p[i]
		}
		return sum
	}, "lambda = {0.5}, projection = {1}, eta = 1, steps = 1", "0.25"},
	{"9.2", "C whatever the steps", func(lambda, p []float64, eta float64, steps int) float64 {
		return p[0] * p[0] / lambda[0]
	}, "lambda = {1}, projection = {1}, eta = 1, steps = 0", "1"},
	{"9.2", "the solution that writes into its input", func(lambda, p []float64, eta float64, steps int) float64 {
		sum := 0.0
		for i, l := range lambda {
			p[i] *= 1 - math.Pow(1-eta*l, float64(steps))
			sum += p[i] * p[i] / l
		}
		return sum
	}, "", ""},
	{"9.2/Bound", "the solution", func(c, trace float64, n int) float64 { return 2 * math.Sqrt(c*trace) / float64(n) }, "", ""},
	{"9.2/Bound", "as printed", func(c, trace float64, n int) float64 { return math.Sqrt(2*c*trace) / float64(n) }, "c = 1, trace = 1, n = 1", "1.41421"},
	{"9.2/Bound", "the root over n", func(c, trace float64, n int) float64 { return 2 * math.Sqrt(c*trace/float64(n)) }, "c = 1, trace = 1, n = 1", "1.41421"},
	{"9.3a", "the solution", SeriesHStar, "", ""},
	{"9.3a", "the double factorials shifted by one", shiftedSeries, "z = 1, terms = 1", "0.329577"},
	{"9.3a", "without the linear term", func(z float64, terms int) float64 { return SeriesHStar(z, terms) - z/4 }, "z = 1, terms = 0", "0"},
	{"9.3a", "odd powers", func(z float64, terms int) float64 {
		if terms == 0 {
			return z / 4
		}
		return z/4 + z*z*z/(2*math.Pi)
	}, "z = 1, terms = 1", "0.81831"},
	{"9.3b", "the solution", func(x [][]float64, v []float64) float64 { return form(x, v, .25, true) }, "", ""},
	{"9.3b", "as printed, without xᵀx'", func(x [][]float64, v []float64) float64 { return form(x, v, .25, false) }, "x = {{-1, 0}, {0.6, 0.8}}, v = {1, -1}", "-0.0951672"},
	{"9.3b", "half of K", func(x [][]float64, v []float64) float64 { return form(x, v, .5, true) }, "x = {{1, 0}, {0.6, 0.8}}, v = {1, 1}", "-0.1771"},
	{"9.3b", "an index out of range", func(x [][]float64, v []float64) float64 { return x[len(v)][0] }, "x = {{1}}, v = {0}", "a panic: index out of range [1] with length 1"},
	{"9.3c", "the solution", func(x [][]float64) float64 {
		sum := 0.0
		for _, row := range x {
			sum += floats.Dot(row, row)
		}
		return sum / 2
	}, "", ""},
	{"9.3c", "n/2 whatever the norms", func(x [][]float64) float64 { return float64(len(x)) / 2 }, "x = {{0}}", "0.5"},
	{"9.3c", "a zero row divided by its norm", func(x [][]float64) float64 {
		sum := 0.0
		for _, row := range x {
			n2 := floats.Dot(row, row)
			sum += n2 * (math.Pi - math.Acos(min(1, n2/n2))) / (2 * math.Pi)
		}
		return sum
	}, "x = {{0}}", "not a number"},
	{"9.3d", "the solution", func(beta []float64, n int) float64 {
		return 2 * math.Sqrt2 * floats.Norm(beta, 2) / math.Sqrt(float64(n))
	}, "", ""},
	{"9.3d", "2 in place of 2√2", func(beta []float64, n int) float64 { return 2 * floats.Norm(beta, 2) / math.Sqrt(float64(n)) }, "beta = {1}, n = 1", "2"},
	{"9.3d", "a sum of absolute values", func(beta []float64, n int) float64 {
		return 2 * math.Sqrt2 * floats.Norm(beta, 1) / math.Sqrt(float64(n))
	}, "beta = {1, 1}, n = 1", "5.65685"},
}

// form is vᵀ(H* - c·K)v, with or without the factor xᵀx' in H*.
func form(x [][]float64, v []float64, c float64, factor bool) float64 {
	sum := 0.0
	for i := range x {
		for j := range x {
			z := floats.Dot(x[i], x[j])
			h := Kappa0(z) / 2
			if i == j {
				h = .5
			}
			if factor {
				h *= z
			}
			sum += v[i] * v[j] * (h - c*z)
		}
	}
	return sum
}

// Right answers pass; each mistake is shown on the input that a person would have picked.
func TestCodeOfExercises(t *testing.T) {
	code := map[string]*lesson.Code{}
	right := map[string]bool{}
	for _, e := range Exercises() {
		for k, c := range e.Code {
			if k == 0 {
				code[e.Number] = c
			} else {
				code[e.Number+"/"+c.Name] = c
			}
		}
	}
	for _, a := range answers {
		var c lesson.Checker
		got := code[a.exercise].Check(a.f, &c)
		switch {
		case a.input == "":
			right[a.exercise] = true
			if got != nil {
				t.Errorf("%s, %s: a right answer is refused:\n%v", a.exercise, a.why, got)
			}
			if c.Properties < 2 || c.Inputs < 400 {
				t.Errorf("%s: %d properties on %d inputs, want at least 2 and 400", a.exercise, c.Properties, c.Inputs)
			}
		case got == nil:
			t.Errorf("%s, %s: no counterexample", a.exercise, a.why)
		case got.Input != a.input || got.Got != a.got:
			t.Errorf("%s, %s: input %s, got %s, want input %s, got %s\n%v", a.exercise, a.why, got.Input, got.Got, a.input, a.got, got)
		}
	}
	for name := range code {
		if !right[name] {
			t.Errorf("%s: no right answer among the tests", name)
		}
	}
}

func TestExercisesAreComplete(t *testing.T) {
	for _, e := range Exercises() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		if len(e.Answers) == 0 || len(e.Code) == 0 || e.Erratum == "" {
			t.Errorf("%s: %d answers, %d functions, erratum %q: want all", e.Number, len(e.Answers), len(e.Code), e.Erratum)
		}
	}
}

// The answers in the page against the functions of this package: another route than the one that a
// reader's formula is compared with.
func TestAnswersAgreeWithTheLibrary(t *testing.T) {
	ex := map[string]lesson.Exercise{}
	for _, e := range Exercises() {
		ex[e.Number] = e
	}
	derivative := func(k int) float64 { // of SeriesHStar at 0, by its terms
		const z = 1e-2
		return (SeriesHStar(z, k/2) - SeriesHStar(z, k/2-1)) / math.Pow(z, float64(k))
	}
	for _, c := range []struct {
		why    string
		answer lesson.Answer
		at     func(p []float64) float64
		tol    float64
	}{
		{"Φ(0)", ex["9.1"].Answers[0], func([]float64) float64 { return Kappa0(0) / 2 }, 1e-15},
		{"Φ", ex["9.1"].Answers[1], func(p []float64) float64 { return Kappa0(p[0]) / 2 }, 1e-14},
		{"H*(½)", ex["9.1"].Answers[2], func([]float64) float64 { return must(TwoLayer(nil).At([]float64{1, 0}, []float64{.5, math.Sqrt(.75)})) }, 1e-14},
		{"movement", ex["9.2"].Answers[0], func(p []float64) float64 {
			g := Descent{p[1], int(p[2])}.Gain(p[0])
			return p[0] * g * g * p[3] * p[3]
		}, 1e-12},
		{"its limit", ex["9.2"].Answers[1], func(p []float64) float64 {
			g := Converged{}.Gain(p[0])
			return p[0] * g * g * p[1] * p[1]
		}, 1e-12},
		{"the bound", ex["9.2"].Answers[2], func(p []float64) float64 { return Complexity{N: int(p[2]), C: p[0], Trace: p[1]}.Gap() }, 1e-12},
		{"coefficient of z²", ex["9.3a"].Answers[0], func([]float64) float64 { return derivative(2) }, 1e-12},
		{"coefficient of z⁴", ex["9.3a"].Answers[1], func([]float64) float64 { return derivative(4) }, 1e-8},
		{"4K⁻¹ - H*⁻¹ of one input", ex["9.3b"].Answers[0], func([]float64) float64 { return 4 - 1/must(TwoLayer(nil).At([]float64{1}, []float64{1})) }, 1e-15},
		{"smallest eigenvalue of two", ex["9.3b"].Answers[2], func(p []float64) float64 {
			return math.Min(form([][]float64{{1, 0}, {p[0], math.Sqrt(1 - p[0]*p[0])}}, []float64{math.Sqrt(.5), math.Sqrt(.5)}, .25, true),
				form([][]float64{{1, 0}, {p[0], math.Sqrt(1 - p[0]*p[0])}}, []float64{math.Sqrt(.5), -math.Sqrt(.5)}, .25, true))
		}, 1e-12},
		{"the linear bound", ex["9.3d"].Answers[0], func(p []float64) float64 {
			n := int(p[1])
			return Complexity{N: n, C: math.Pow(single(1, p[0]).Bound(), 2), Trace: p[1] / 2}.Gap()
		}, 1e-12},
	} {
		s, err := c.answer.Sample(c.answer.Reference)
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		for i, p := range s.Points {
			if want := c.at(p); !(math.Abs(s.Values[i]-want) <= c.tol*math.Max(1, math.Abs(want))) {
				t.Errorf("%s at %v: the page has %v, the library %v", c.why, p, s.Values[i], want)
			}
		}
	}
}

func must(v float64, err error) float64 {
	if err != nil {
		panic(err)
	}
	return v
}

func TestPredictions(t *testing.T) {
	all, err := Predictions(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	flips, err := PredictFlips([]int{100, 400, 1600, 6400}, []float64{.092, .053, .030, .015})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(all, flips) {
		if err := p.Validate(); err != nil {
			t.Error(err)
			continue
		}
		// The answer scores 100; the guess to beat is far from it.
		if c := p.Curve; c != nil {
			exact, _ := c.Score(c.Truth())
			obvious, _ := c.Score(c.Baseline)
			if exact < 99.999 || obvious > 70 || obvious == exact {
				t.Errorf("%s: the truth scores %g, the guess to beat %g", p.ID, exact, obvious)
			}
			open := c.Open()
			if open.Validate() != nil || open.Alt == c.Figure.Alt || open.Caption != "" {
				t.Errorf("%s: the figure before the answer: %v, alt %q, caption %q", p.ID, open.Validate(), open.Alt, open.Caption)
			}
		}
		if g := p.Guess; g != nil && (g.Score(g.Answer) != 100 || g.Score(g.Baseline) > 50) {
			t.Errorf("%s: the answer scores %g, the guess to beat %g", p.ID, g.Score(g.Answer), g.Score(g.Baseline))
		}
	}
	if _, err := PredictFlips([]int{100}, []float64{.1}); err == nil {
		t.Error("one width: no error")
	}
	if _, err := PredictOddPower(&Teachers{}); err == nil || !strings.Contains(err.Error(), "powers 2 and 3") {
		t.Errorf("a result without the powers: %v", err)
	}
	if _, err := PredictRandomLabels(nil); err == nil {
		t.Error("no result: no error")
	}
}

// Each break holds with its hypotheses in place and fails as the theory says, at the smallest place.
func TestBreaks(t *testing.T) {
	fails := map[string]map[int]string{ // break -> state -> part of the smallest counterexample
		"9.D1/break":  {1: `$\rho=0$: the formula says 0.2500`},
		"9.R5/break":  {1: "$n=1$: a single image is enough", 2: "$n=1$: a single image is enough", 3: "$n=1$: a single image is enough"},
		"9.T1/break":  {1: `$x_1=1$ and $x_2=2$, with labels $y_1=0$ and $y_2=1$: training ends at outputs 0.4 and 0.8`},
		"9.R4/break":  {1: `$n=1$: a single unit input with label 1 has $\lambda_1=0.5$. With $\eta=4.04`},
		"9.X3b/break": {3: `$n=2$ inputs in $d=1$: rows {{-1}, {1}}, labels {1, 1}. The left side is 4, the right side 0`},
		"9.B2/break":  {1: `above $3p=9$`},
	}
	for _, b := range Breaks() {
		states, err := b.States(context.Background())
		if err != nil {
			t.Error(err)
			continue
		}
		for k, s := range states {
			want, broken := fails[b.ID][k]
			if s.Holds == broken || !strings.Contains(s.Counterexample, want) {
				t.Errorf("%s, %s: holds %t, counterexample %q, want %q", b.ID, b.Words(k), s.Holds, s.Counterexample, want)
			}
			t.Logf("%s, %s: %s | %s", b.ID, b.Words(k), s.Verdict, s.Counterexample)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	b := BreakPower()
	if _, err := b.States(ctx); err == nil {
		t.Error("a done context: no error")
	}
}

// The share of directions at which two gates are open, counted on a grid of directions in the plane of
// the inputs: each of the two ends of the arc may miss one direction.
func TestOpenTogether(t *testing.T) {
	const directions = 100_000
	for _, rho := range []float64{-1, -.9, -.5, 0, .3, .99, 1} {
		both := 0
		for k := range directions {
			sin, cos := math.Sincos(2 * math.Pi * (float64(k) + .5) / directions)
			if cos > 0 && rho*cos+math.Sqrt(1-rho*rho)*sin > 0 { // the inputs are (1, 0) and (ρ, √(1-ρ²))
				both++
			}
		}
		if got, want := openTogether(rho), float64(both)/directions; math.Abs(got-want) > 2./directions {
			t.Errorf("rho = %g: %.6f, want %.6f by counting", rho, got, want)
		}
	}
}
