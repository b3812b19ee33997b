package completion

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Table is a matrix of low rank of which some cells are seen.
type Table struct {
	Star             *mat.Dense `json:"-"`
	RowProb, ColProb []float64
	Cells            []Cell
}

// TableConfig describes one; the zero value is the quick preset.
type TableConfig struct {
	Rows, Cols int     // 0 means 30 and 20
	Rank       int     // of M*; 0 means 2
	Samples    int     // n; 0 means 400
	Skew       float64 // cells are drawn with probabilities ∝ i^(-Skew) in rows and columns; 0 means ½
	Seed       uint64  // streams "completion/table" and "completion/cells"
}

func (c TableConfig) withDefaults() (TableConfig, error) {
	for _, f := range []struct {
		v *int
		d int
	}{{&c.Rows, 30}, {&c.Cols, 20}, {&c.Rank, 2}, {&c.Samples, 400}} {
		if *f.v == 0 {
			*f.v = f.d
		}
		if *f.v < 1 {
			return c, fmt.Errorf("completion.TableConfig: %d, want a positive number of rows, columns, rank and samples", *f.v)
		}
	}
	if c.Skew == 0 {
		c.Skew = .5
	}
	if !(c.Skew > 0) || c.Skew > 100 {
		return c, fmt.Errorf("completion.TableConfig: Skew %v, want a number in (0,100], or 0 for ½", c.Skew)
	}
	return c, nil
}

// NewTable draws a product of Gaussian factors, scaled to a largest |entry| of 1, and n of its cells.
func NewTable(c TableConfig) (*Table, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	r := rng.Stream(c.Seed, "completion/table")
	a := mat.NewDense(c.Rows, c.Rank, rng.Normals(r, c.Rows*c.Rank))
	b := mat.NewDense(c.Rank, c.Cols, rng.Normals(r, c.Rank*c.Cols))
	t := &Table{Star: new(mat.Dense), RowProb: PowerLaw(c.Rows, c.Skew), ColProb: PowerLaw(c.Cols, c.Skew)}
	t.Star.Mul(a, b)
	t.Star.Scale(1/math.Max(mat.Max(t.Star), -mat.Min(t.Star)), t.Star)
	t.Cells = Sample(rng.Stream(c.Seed, "completion/cells"), t.RowProb, t.ColProb, c.Samples, t.Star.At)
	return t, nil
}

// Problem is completion of the table with dropout.
func (t *Table) Problem(width int, rate float64) *Problem {
	rows, cols := t.Star.Dims()
	return &Problem{Rows: rows, Cols: cols, RowProb: t.RowProb, ColProb: t.ColProb, Cells: t.Cells, Width: width, Rate: rate}
}

// SweepConfig is the experiment of section 11.1.2 that the book announces: one table, several rates.
// The zero value takes about half a second.
type SweepConfig struct {
	Table TableConfig
	Width int     // d1; 0 means 20
	Gamma float64 // max-norm; 0 means 1.2
	Init  float64 // 0 means 0.01
	Steps int     // at most, for each rate; 0 means 3000
}

func (c SweepConfig) withDefaults() SweepConfig {
	if c.Width == 0 {
		c.Width = 20
	}
	if c.Gamma == 0 {
		c.Gamma = 1.2
	}
	if c.Init == 0 {
		c.Init = .01
	}
	if c.Steps == 0 {
		c.Steps = 3000
	}
	return c
}

// Rates are the rates of the sweep.
func Rates() []float64 { return []float64{0, .05, .1, .3, .5, .7, .9} }

// Outcome is one fit to a table, measured against what is hidden.
type Outcome struct {
	Rate, Init float64
	Width      int
	Parts
	Risk      float64 // Σ p q (M* - UVᵀ)²
	Predicted float64 // risk at the population optimum
	Expected  float64 // R
	Induced   float64 // Θ(UVᵀ)
	Bound     Bound   // δ = 0.05
	Estimate  [][]float64
	Steps     int
	Status    Status
}

// Sweep is a sweep over the rates.
type Sweep struct {
	Table *Table
	Star  [][]float64
	Zero  float64   // risk of predicting 0
	Runs  []Outcome // one a rate, in the order of Rates
	Wild  Outcome   // no dropout, from a start of size 1
}

// delta is the δ of every bound that an experiment reports.
const delta = .05

// measure fits one problem and looks at it from outside.
func measure(ctx context.Context, t *Table, width int, rate float64, cfg Config) (*Outcome, error) {
	p := t.Problem(width, rate)
	fit, err := Fit(ctx, p, cfg)
	if err != nil {
		return nil, err
	}
	return t.look(p, fit, cfg.Init)
}

func (t *Table) look(p *Problem, fit *Fitted, init float64) (*Outcome, error) {
	o := &Outcome{Rate: p.Rate, Init: init, Width: p.Width, Parts: fit.Parts, Steps: fit.Steps, Status: fit.Status}
	m := fit.Factors.Matrix()
	o.Risk = Risk(m, t.Star, t.RowProb, t.ColProb)
	o.Estimate = rowsOf(m)
	best, err := Best(t.Star, t.RowProb, t.ColProb, p.Width, p.Lambda())
	if err != nil {
		return nil, err
	}
	o.Predicted = best.Risk
	if o.Expected, err = Expected(fit.Factors, t.RowProb, t.ColProb); err != nil {
		return nil, err
	}
	if o.Induced, err = Induced(m, t.RowProb, t.ColProb, p.Width); err != nil {
		return nil, err
	}
	b, err := Generalization(p, fit.Factors, t.Star, delta)
	if err != nil {
		return nil, err
	}
	o.Bound = *b
	return o, nil
}

func rowsOf(m *mat.Dense) [][]float64 {
	n, _ := m.Dims()
	out := make([][]float64, n)
	for i := range out {
		out[i] = append([]float64(nil), m.RawRowView(i)...)
	}
	return out
}

// RunSweep fits the table at each of Rates, on all processors.
func RunSweep(ctx context.Context, cfg SweepConfig) (*Sweep, error) {
	cfg = cfg.withDefaults()
	t, err := NewTable(cfg.Table)
	if err != nil {
		return nil, err
	}
	rates := Rates()
	out := &Sweep{Table: t, Star: rowsOf(t.Star), Runs: make([]Outcome, len(rates))}
	out.Zero = Risk(mat.NewDense(len(t.RowProb), len(t.ColProb), nil), t.Star, t.RowProb, t.ColProb)
	c := Config{Init: cfg.Init, Gamma: cfg.Gamma, Steps: cfg.Steps, Tolerance: 1e-6, Seed: cfg.Table.Seed}
	jobs := make([]func() error, 0, len(rates)+1)
	for i, rate := range rates {
		jobs = append(jobs, func() error { return into(&out.Runs[i])(measure(ctx, t, cfg.Width, rate, c)) })
	}
	wild := c
	wild.Init, wild.Starts = 1, 1
	jobs = append(jobs, func() error { return into(&out.Wild)(measure(ctx, t, cfg.Width, 0, wild)) })
	return out, all(ctx, jobs)
}

// into stores a result that comes with an error.
func into(dst *Outcome) func(*Outcome, error) error {
	return func(o *Outcome, err error) error {
		if err == nil {
			*dst = *o
		}
		return err
	}
}

// all runs the jobs on all processors.
func all(ctx context.Context, jobs []func() error) error {
	errs := make([]error, len(jobs))
	if err := linalg.Parallel(ctx, len(jobs), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			errs[i] = jobs[i]()
		}
	}); err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// sweeps keeps what several claims and every frame of an explorer look at.
var sweeps = keep.OnHost(RunSweep)

// Widths is a sweep over the width: at one strength λ, and at one λ/d1.
type Widths struct {
	Star         [][]float64
	Widths       []int
	Fixed, Ratio []Outcome
}

// The strengths of RunWidths: λ of its first sweep, λ/d1 of its second.
const (
	FixedLambda = 1.
	FixedRatio  = .05
)

// RunWidths fits one table with 5, 10, 20 and 40 hidden units.
func RunWidths(ctx context.Context, cfg SweepConfig) (*Widths, error) {
	cfg = cfg.withDefaults()
	t, err := NewTable(cfg.Table)
	if err != nil {
		return nil, err
	}
	out := &Widths{Star: rowsOf(t.Star), Widths: []int{5, 10, 20, 40}}
	n := len(out.Widths)
	out.Fixed, out.Ratio = make([]Outcome, n), make([]Outcome, n)
	c := Config{Init: cfg.Init, Gamma: cfg.Gamma, Steps: cfg.Steps, Tolerance: 1e-6, Seed: cfg.Table.Seed}
	var jobs []func() error
	for i, d1 := range out.Widths {
		for _, s := range []struct {
			dst    *Outcome
			lambda float64
		}{{&out.Fixed[i], FixedLambda}, {&out.Ratio[i], FixedRatio * float64(d1)}} {
			rate, err := dropout.Rate(s.lambda)
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, func() error { return into(s.dst)(measure(ctx, t, d1, rate, c)) })
		}
	}
	return out, all(ctx, jobs)
}

var widths = keep.OnHost(RunWidths)
