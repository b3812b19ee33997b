package completion

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

func small() *Problem {
	f, p, q := goldenPair()
	return &Problem{Rows: 4, Cols: 3, RowProb: p, ColProb: q, Width: 3, Rate: .3, Cells: Sample(rng.Stream(1, "t"), p, q, 25, f.Matrix().At)}
}

func TestBadProblems(t *testing.T) {
	for _, c := range []struct {
		reason, want string
		edit         func(*Problem)
	}{
		{"a rate of 1", "Rate 1, want a probability of dropping in [0,1)", func(p *Problem) { p.Rate = 1 }},
		{"a rate that is no number", "Rate NaN", func(p *Problem) { p.Rate = math.NaN() }},
		{"a zero weight", "RowProb[0] = 0, want a positive weight", func(p *Problem) { p.RowProb = []float64{0, .3, .3, .4} }},
		{"weights that do not sum to 1", "ColProb sums to 0.8", func(p *Problem) { p.ColProb = []float64{.3, .3, .3} }},
		{"a law of another length", "ColProb has 2 entries, want 3", func(p *Problem) { p.ColProb = []float64{.5, .5} }},
		{"a cell outside the matrix", "(4, 0), outside the 4×3 matrix", func(p *Problem) { p.Cells[3].Row = 4 }},
		{"a negative column", "(0, -1), outside", func(p *Problem) { p.Cells[0] = Cell{Col: -1} }},
		{"a value that is no number", "the value NaN, want a finite number", func(p *Problem) { p.Cells[0].Value = math.NaN() }},
		{"a negative weight of a cell", "the weight -1", func(p *Problem) { p.Cells[0].Weight = -1 }},
		{"no cells", "no cells", func(p *Problem) { p.Cells = nil }},
		{"no units", "Width 0", func(p *Problem) { p.Width = 0 }},
		{"no rows", "0 rows", func(p *Problem) { p.Rows = 0 }},
		{"a negative decay", "Decay -1", func(p *Problem) { p.Decay = -1 }},
	} {
		p := small()
		c.edit(p)
		if _, err := Fit(context.Background(), p, Config{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
	for _, c := range []Config{{Init: -1}, {Gamma: math.NaN()}, {Steps: -1}, {Tolerance: math.NaN()}, {Starts: -1}, {Init: math.Inf(1)}} {
		if _, err := Fit(context.Background(), small(), c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func TestBadArguments(t *testing.T) {
	f, p, q := goldenPair()
	m := f.Matrix()
	if _, _, err := Empirical(2, 2, []Cell{{Value: 1}, {Col: 1}}); err == nil || !strings.Contains(err.Error(), "row 1 has no observed cell") {
		t.Errorf("an empty row: %v", err)
	}
	if _, _, err := Empirical(2, 2, []Cell{{Value: 1}, {Row: 1}}); err == nil || !strings.Contains(err.Error(), "column 1 has no observed cell") {
		t.Errorf("an empty column: %v", err)
	}
	if _, err := Equalized(m, p, q, 2); err == nil || !strings.Contains(err.Error(), "rank") {
		t.Errorf("a rank above the width: %v", err)
	}
	if v, err := Induced(m, p, q, 2); err == nil || !math.IsInf(v, 1) {
		t.Errorf("a rank above the width: %v, %v", v, err)
	}
	if _, err := Equalized(m, []float64{0, .3, .3, .4}, q, 3); err == nil {
		t.Error("a zero weight in the equalizer: no error")
	}
	if v, err := Induced(mat.NewDense(4, 3, nil), p, q, 1); err != nil || v != 0 {
		t.Errorf("Θ(0) = %v, %v, want 0", v, err)
	}
	if _, err := Generalization(small(), f, nil, 1); err == nil {
		t.Error("δ = 1: no error")
	}
	if _, err := CrossValidate(context.Background(), small(), 26, Config{}, []Setting{{}}); err == nil {
		t.Error("more folds than cells: no error")
	}
}

// The gradient against central differences, at a point without symmetry, with dropout and decay at once.
func TestGradient(t *testing.T) {
	p := small()
	p.Decay = .7
	p.Cells[2].Weight = 3
	o := newObjective(p)
	x := rng.Normals(rng.Stream(2, "x"), o.dim())
	g, scratch := make([]float64, len(x)), make([]float64, len(x))
	o.value(g, x)
	for i := range x {
		const h = 1e-5
		at := x[i]
		x[i] = at + h
		up := o.value(scratch, x)
		x[i] = at - h
		down := o.value(scratch, x)
		x[i] = at
		if d := (up - down) / (2 * h); math.Abs(d-g[i]) > 1e-8*(1+math.Abs(d)) {
			t.Errorf("entry %d: %g by differences, gradient %g", i, d, g[i])
		}
	}
}

// Weights count as repetitions.
func TestWeightsAreMultiplicity(t *testing.T) {
	f, _, _ := goldenPair()
	a, b := small(), small()
	a.Cells[0].Weight = 3
	b.Cells = append(b.Cells, b.Cells[0], b.Cells[0])
	x, err := a.Evaluate(f)
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.Evaluate(f)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(x.Loss-y.Loss) > 1e-15 || math.Abs(x.Penalty-y.Penalty) > 1e-15 {
		t.Errorf("weight 3: %v, three times: %v", x, y)
	}
}

// The baseline through factors and as a convex problem reach the same value.
func TestBaseline(t *testing.T) {
	table, err := NewTable(TableConfig{Rows: 8, Cols: 6, Samples: 60, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	const kappa = .02
	p := table.Problem(6, 0)
	p.Decay = kappa
	fit, err := Fit(context.Background(), p, Config{Init: .3, Tolerance: 1e-9})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Convex(context.Background(), p, kappa, 50_000)
	if err != nil {
		t.Fatal(err)
	}
	value := func(m mat.Matrix) float64 {
		norm, err := TraceNorm(m, p.RowProb, p.ColProb)
		if err != nil {
			t.Fatal(err)
		}
		s := kappa * norm
		for _, c := range p.Cells {
			e := m.At(c.Row, c.Col) - c.Value
			s += e * e / float64(len(p.Cells))
		}
		return s
	}
	if a, b := value(fit.Factors.Matrix()), value(m); math.Abs(a-b) > 1e-7 {
		t.Errorf("%s after %d steps: %.12g through factors, %.12g convex", fit.Status, fit.Steps, a, b)
	}
}

func TestProjectIsIdempotent(t *testing.T) {
	r := rng.Stream(4, "p")
	for range 2000 {
		x := rng.Normals(r, 5)
		gamma := r.Float64() * 3
		projectRow(x, gamma)
		y := append([]float64(nil), x...)
		projectRow(y, gamma)
		if square(x) > gamma || !reflect.DeepEqual(x, y) {
			t.Fatalf("‖x‖² = %v for γ = %v, then %v", square(x), gamma, square(y))
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Fit(ctx, small(), Config{}); err == nil {
		t.Error("no error from a cancelled fit")
	}
}

func TestSweepRoundTrips(t *testing.T) {
	s, err := RunSweep(context.Background(), SweepConfig{Table: TableConfig{Rows: 8, Cols: 6, Samples: 40}, Width: 4, Steps: 50})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Sweep
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	back.Table.Star = s.Table.Star // kept as rows in Sweep.Star
	if !reflect.DeepEqual(*s, back) {
		t.Error("JSON changes the result")
	}
	fig := figureSweep(&back, 4)
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
}

// Cross-validation prefers some dropout on data of low rank, and is the same on every run.
func TestCrossValidate(t *testing.T) {
	table, err := NewTable(TableConfig{Rows: 20, Cols: 12, Samples: 150, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := table.Problem(8, 0)
	list := []Setting{{}, {Rate: .1}, {Rate: .99}, {Decay: .01}}
	a, err := CrossValidate(context.Background(), p, 4, Config{Gamma: 1.5, Steps: 800, Tolerance: 1e-5}, list)
	if err != nil {
		t.Fatal(err)
	}
	b, err := CrossValidate(context.Background(), p, 4, Config{Gamma: 1.5, Steps: 800, Tolerance: 1e-5}, list)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("two runs differ: %v and %v, %v", a, b, err)
	}
	if !(a[1].MSE < a[0].MSE && a[1].MSE < a[2].MSE) {
		t.Errorf("rate 0.1 should beat 0 and 0.99: %+v", a)
	}
}
