package ntk

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func TestSampleGramConverges(t *testing.T) {
	x := Sphere(5, 3, rng.Stream(1, "x"))
	for _, act := range []Activation{ReLU, Softplus, Tanh} {
		h, _ := TwoLayer(act).Gram(x)
		g, err := SampleGram(act, x, 40000, rng.Stream(1, act.Name()))
		if err != nil {
			t.Fatal(err)
		}
		near(t, act.Name(), maxDiff(h, g), 0, 4*.5/math.Sqrt(40000), "sampling, σ'σ' in [0, 1]")
	}
	// 64 neurons a word: widths around a word's end.
	for _, m := range []int{1, 63, 64, 65} {
		g, _ := SampleGram(nil, x, m, rng.Stream(2, "words"))
		v := g.At(0, 0) * float64(m)
		near(t, fmt.Sprintf("active neurons of %d are a whole number", m), v, math.Round(v), 1e-12, "rounding")
	}
	if _, err := SampleGram(nil, x, 0, rng.Stream(1, "x")); err == nil {
		t.Error("width 0 was accepted")
	}
}

func TestTurnedInputsHaveTheSameInnerProducts(t *testing.T) {
	x := points(3, 4, 9)
	k, _ := Kernel{}.Gram(x)
	y := turned(x, k)
	if _, d := y.Dims(); d != 4 {
		t.Errorf("turned into %d dimensions, want 4", d)
	}
	again, _ := Kernel{}.Gram(y)
	near(t, "largest change of an inner product", maxDiff(k, again), 0, 1e-13, "rounding")
	if wide := points(3, 9, 4); turned(wide, nil) != wide {
		t.Error("inputs that fill the space were turned")
	}
}

func TestVarianceByEnumeration(t *testing.T) {
	// Two orthogonal inputs: entries of H(0) off the diagonal are 0, on it coins of probability 1/2.
	v, err := Variance(mat.NewDense(2, 2, []float64{1, 0, 0, 2}))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Σ K²p(1-p)", v, 1./4+16./4, 1e-14, "rounding")
}

func TestWidthForMakesTheRadius(t *testing.T) {
	m := WidthFor(20, 1.5, .05)
	// General |σ'| <= 1: twice the ReLU radius at that width is ε/n.
	near(t, "entry bound at that width", 2*HoeffdingRadius(20, m, .05), 1.5/20, 1e-4, "the width is rounded up")
}

func TestLegendreAndHarmonics(t *testing.T) {
	p := make([]float64, 4)
	legendre(p, .3, 3) // the usual Legendre polynomials
	near(t, "P_2", p[2], (3*.09-1)/2, 1e-15, "rounding")
	near(t, "P_3", p[3], (5*.027-3*.3)/2, 1e-15, "rounding")
	legendre(p, .3, 2) // Chebyshev's
	near(t, "T_3", p[3], math.Cos(3*math.Acos(.3)), 1e-15, "rounding")
	for k, want := range []float64{1, 5, 14, 30, 55} {
		near(t, fmt.Sprintf("harmonics of degree %d in R⁵", k), Harmonics(k, 5), want, 1e-12, "rounding")
	}
	for k := range 5 {
		near(t, fmt.Sprintf("harmonics of degree %d in R³", k), Harmonics(k, 3), float64(2*k+1), 1e-12, "rounding")
	}
}

// Funk-Hecke's eigenvalues on the circle are those of the Fourier transform, and add up to the
// kernel at ρ = 1.
func TestZonalEigenvalues(t *testing.T) {
	hstar := func(s float64) float64 { return s * Kappa0(s) / 2 }
	z := NewZonal(hstar, 2, 6, 4000)
	for k, l := range z.Mean {
		near(t, fmt.Sprintf("λ_%d", k), l, CircleHStar(k), 1e-6, "midpoint rule")
	}
	five := NewZonal(hstar, 5, 60, 4000)
	sum := 0.0
	for k, l := range five.Mean {
		sum += Harmonics(k, 5) * l
	}
	near(t, "Σ N_k λ_k in R⁵", sum, .5, 1e-2, "degrees beyond 60")
	linear := NewZonal(func(s float64) float64 { return s }, 5, 60, 4000)
	near(t, "squared norm of x₁", SquaredNorm(linear, five, 1e-9), 4, 1e-5, "midpoint rule")
	cubic := NewZonal(func(s float64) float64 { return s * s * s }, 5, 60, 4000)
	if v := SquaredNorm(cubic, five, 1e-9); !math.IsInf(v, 1) {
		t.Errorf("squared norm of x₁³ is %g, want +Inf", v)
	}
}

func TestTeacher(t *testing.T) {
	x := mat.NewDense(2, 2, []float64{1, 0, .6, .8})
	for _, row := range []struct {
		name  string
		t     Teacher
		y     []float64
		bound float64
	}{
		{"linear", Teacher{1, []float64{2}, [][]float64{{1, 1}}}, []float64{2, 2.8}, 4 * math.Sqrt2},
		{"square", Teacher{2, []float64{1, -1}, [][]float64{{1, 0}, {0, 2}}}, []float64{1, .36 - 2.56}, 6 + 24},
		{"cosine", Teacher{0, []float64{1}, [][]float64{{1, 0}}}, []float64{math.Cos(1) - 1, math.Cos(.6) - 1}, 3 * math.Sinh(1)},
		{"cubic", Teacher{3, []float64{1}, [][]float64{{1, 0}}}, []float64{1, .216}, math.Inf(1)},
	} {
		y, err := row.t.Label(x)
		if err != nil || floats.Distance(y, row.y, 2) > 1e-14 {
			t.Errorf("%s: labels %v, %v, want %v", row.name, y, err, row.y)
		}
		if b := row.t.Bound(); b != row.bound && math.Abs(b-row.bound) > 1e-12 {
			t.Errorf("%s: bound %g, want %g", row.name, b, row.bound)
		}
	}
	if _, err := (Teacher{Power: 1, Alpha: []float64{1}, Beta: [][]float64{{1}}}).Label(x); err == nil || !strings.Contains(err.Error(), "β_1 has 1 entries, want 2") {
		t.Errorf("short β: %v", err)
	}
}

func TestComplexityOnRange(t *testing.T) {
	x := Circle(12)
	h, _ := TwoLayer(nil).Gram(x)
	y := mat.Col(nil, 0, x)
	c, err := ComplexityOnRange(h, y)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "C of cos θ", c.C, 12*.5/(12*.125+0), 1e-2, "λ_1 = 1/8 up to aliasing")
	alternating := make([]float64, 12)
	for i := range alternating {
		alternating[i] = math.Cos(2 * math.Pi * 3 * float64(i) / 12) // frequency 3
	}
	if _, err := ComplexityOnRange(h, alternating); err == nil || !strings.Contains(err.Error(), "outside the range") {
		t.Errorf("an odd frequency: %v", err)
	}
	if _, err := ComplexityOf(h, y); err == nil {
		t.Error("a singular kernel was inverted")
	}
}

func TestLabelNoiseAndLosses(t *testing.T) {
	near(t, "no noise", LabelNoise(3, 70, 0), 3, 0, "exact")
	near(t, "all noise", LabelNoise(3, 70, 1), 70, 0, "exact")
	near(t, "ramp", RampLoss([]float64{1, -3, .5}, []float64{1, 1, 1}), 1.5/3, 1e-15, "rounding")
	if e := SignErrors([]float64{.1, -.1, 0, math.NaN()}, []float64{1, 1, 1, 1}); e != 3 {
		t.Errorf("sign errors: %d, want 3: the negative one, the zero and the NaN", e)
	}
	y := Resample(make([]float64, 1000), 1, 4, "s")
	if m := floats.Sum(y); math.Abs(m) > 4*math.Sqrt(1000) {
		t.Errorf("sum of 1000 resampled signs %g", m)
	}
	near(t, "Spearman of a monotone pair", Spearman([]float64{3, 1, 2}, []float64{9, 1, 4}), 1, 1e-15, "rounding")
	near(t, "Slope of x²", Slope([]float64{1, 2, 8}, []float64{3, 12, 192}), 2, 1e-14, "rounding")
}

// Results are plain data: what comes back from JSON draws the same figure.
func TestFiguresFromResults(t *testing.T) {
	ctx := context.Background()
	conv, err := RunConvergence(ctx, ConvergenceConfig{N: 60})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := RunNoise(ctx, NoiseConfig{N: 60, Draws: 4})
	if err != nil {
		t.Fatal(err)
	}
	conc, err := RunConcentration(ctx, ConcentrationConfig{N: 8, Widths: []int{50, 200}, Seeds: 10}, nil)
	if err != nil {
		t.Fatal(err)
	}
	teachers, err := RunTeachers(ctx, TeacherConfig{Sizes: []int{20, 40}})
	if err != nil {
		t.Fatal(err)
	}
	biased, err := RunTeachers(ctx, TeacherConfig{Sizes: []int{20, 40}, Bias: true})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := RunTables(ctx, TableConfig{Tables: []string{"iris", "wine"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	posterior, err := RunPosterior(ctx, PosteriorConfig{})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := RunFrequencies(ctx, FrequencyConfig{Steps: 3000})
	if err != nil {
		t.Fatal(err)
	}
	withBias, err := RunFrequencies(ctx, FrequencyConfig{Steps: 3000, Bias: true})
	if err != nil {
		t.Fatal(err)
	}
	dots := []Dots{{Label: "true", Name: "m = 64", Time: []float64{1, 4}, Loss: []float64{.1, .02}, Low: []float64{.08, .01}, High: []float64{.12, .03}}}
	figures := []figure.Figure{
		Figure91(again(t, conv), dots), Figure91(conv, nil), Figure92(again(t, noise)), FigureConcentration(again(t, conc)),
		FigureTeachers(again(t, teachers)), FigureTeachers(biased), FigurePosterior(again(t, posterior)), FigureTables(tables),
		FigureKernel(4, nil), FigureKernel(3, Erf), FigureKernel(0, nil), FigureCircle(), FigureFrequencies(again(t, plain)), FigureFrequencies(withBias),
	}
	ids := map[string]int{}
	for _, f := range figures {
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
		if ids[f.ID] > 0 && f.ID != "9.F1" && f.ID != "9.A5.relu" {
			t.Errorf("two figures are called %s", f.ID)
		}
		ids[f.ID]++
		if len(f.Alt) < 80 {
			t.Errorf("figure %s: alt text %q says little", f.ID, f.Alt)
		}
		if strings.Contains(f.Alt, "NaN") {
			t.Errorf("figure %s: alt text %q", f.ID, f.Alt)
		}
	}
	points := 0
	for _, l := range figures[0].Panels[0].Layers {
		if l.Role == figure.Measured {
			points += len(l.X)
		}
	}
	if points != 2 {
		t.Errorf("figure 9.1 shows %d measured points, want the 2 dots it was given", points)
	}
}

func again[T any](t *testing.T, v *T) *T {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out := new(T)
	if err := json.Unmarshal(raw, out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(v, out) {
		t.Errorf("%T does not survive JSON", v)
	}
	return out
}

func TestExperimentsAreTheSameForAnyGOMAXPROCS(t *testing.T) {
	run := func() any {
		c, err := RunConcentration(context.Background(), ConcentrationConfig{N: 8, Widths: []int{70}, Seeds: 20}, nil)
		if err != nil {
			t.Fatal(err)
		}
		n, err := RunNoise(context.Background(), NoiseConfig{N: 50, Draws: 6})
		if err != nil {
			t.Fatal(err)
		}
		return []any{*c, *n}
	}
	two := run()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := run(); !reflect.DeepEqual(one, two) {
		t.Error("results depend on GOMAXPROCS")
	}
}

func TestConfigErrors(t *testing.T) {
	ctx := context.Background()
	for name, err := range map[string]error{
		"noise fraction":       second(RunNoise(ctx, NoiseConfig{Fractions: []float64{1.5}})),
		"too many digits":      second(RunNoise(ctx, NoiseConfig{N: 4000})),
		"width 0":              second(RunConcentration(ctx, ConcentrationConfig{Widths: []int{0}}, nil)),
		"one seed":             second(RunConcentration(ctx, ConcentrationConfig{Seeds: 1}, nil)),
		"times the wrong way":  second(RunConvergence(ctx, ConvergenceConfig{First: 5, Last: 1})),
		"one-dimensional":      second(RunTeachers(ctx, TeacherConfig{Dim: 1})),
		"negative power":       second(RunTeachers(ctx, TeacherConfig{Powers: []int{-1}})),
		"labels missing":       second(RunPosterior(ctx, PosteriorConfig{X: []float64{1}})),
		"aliased frequencies":  second(CircleSpectrum(TwoLayer(nil), 8, 16)),
		"frequency 0":          second(RunFrequencies(ctx, FrequencyConfig{Frequencies: []int{0}})),
		"too few points":       second(RunFrequencies(ctx, FrequencyConfig{Points: 16})),
		"equal digits":         second(DigitPair(3, 3, 10)),
		"split beyond the end": second(SplitAt(Circle(3), []float64{1, 1, 1}, 3)),
		"ρ not a number":       second(Kernel{}.Layers(math.NaN())),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
