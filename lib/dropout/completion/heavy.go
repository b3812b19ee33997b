package completion

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// AddUnit returns the factors with one hidden unit more, t·e_row in U and t·e_col in V: it adds t² to one
// entry of the matrix. If that cell is not among those observed, neither L̂ nor R̂ changes, whatever t is,
// while R grows by t⁴·p(row)q(col): nothing but the max-norm constraint, t² ≤ γ, keeps a heavy row from
// meeting a heavy column there.
func AddUnit(f Factors, row, col int, t float64) (Factors, error) {
	if _, err := f.Width(); err != nil {
		return Factors{}, err
	}
	d2, d1 := f.U.Dims()
	d0, _ := f.V.Dims()
	if row < 0 || row >= d2 || col < 0 || col >= d0 {
		return Factors{}, fmt.Errorf("completion.AddUnit: cell (%d, %d) is outside the %d×%d matrix", row, col, d2, d0)
	}
	u, v := mat.NewDense(d2, d1+1, nil), mat.NewDense(d0, d1+1, nil)
	u.Slice(0, d2, 0, d1).(*mat.Dense).Copy(f.U)
	v.Slice(0, d0, 0, d1).(*mat.Dense).Copy(f.V)
	u.Set(row, d1, t)
	v.Set(col, d1, t)
	return Factors{u, v}, nil
}

// likeliestHidden returns the cell that is likeliest among those never observed.
func (t *Table) likeliestHidden() (row, col int, ok bool) {
	seen := map[[2]int]bool{}
	for _, c := range t.Cells {
		seen[[2]int{c.Row, c.Col}] = true
	}
	best := 0.0
	for i, p := range t.RowProb {
		for k, q := range t.ColProb {
			if !seen[[2]int{i, k}] && p*q > best {
				row, col, best, ok = i, k, p*q, true
			}
		}
	}
	return row, col, ok
}

// Heavy compares runs that differ in start and constraint alone.
type Heavy struct {
	Table         *Table
	Star          [][]float64
	Wild          []Outcome // start of size 1, no constraint
	Capped        []Outcome // the same starts with the max-norm constraint
	Careful       Outcome   // small start and max-norm constraint
	Row, Col      int       // the likeliest cell never observed
	Line          []float64 // t² of a unit that AddUnit puts there, on top of Careful
	LineRisk      []float64
	LineExpected  []float64 // R
	LineObjective []float64 // L̂ + λR̂
}

// heavyWidth is d1 of RunHeavy; λ/d1 is FixedRatio.
const heavyWidth = 20

// RunHeavy fits a table from four starts of size 1 with and without the max-norm constraint, and once
// from a small start; then it adds a unit on the likeliest hidden cell.
func RunHeavy(ctx context.Context, cfg SweepConfig) (*Heavy, error) {
	cfg = cfg.withDefaults()
	t, err := NewTable(cfg.Table)
	if err != nil {
		return nil, err
	}
	rate, err := dropout.Rate(FixedRatio * heavyWidth)
	if err != nil {
		return nil, err
	}
	const starts = 4
	out := &Heavy{Table: t, Star: rowsOf(t.Star), Wild: make([]Outcome, starts), Capped: make([]Outcome, starts)}
	c := Config{Init: 1, Starts: 1, Steps: cfg.Steps, Tolerance: 1e-6}
	var jobs []func() error
	for s := range starts {
		wild := c
		wild.Seed = cfg.Table.Seed*starts + uint64(s)
		capped := wild
		capped.Gamma = cfg.Gamma
		jobs = append(jobs,
			func() error { return into(&out.Wild[s])(measure(ctx, t, heavyWidth, rate, wild)) },
			func() error { return into(&out.Capped[s])(measure(ctx, t, heavyWidth, rate, capped)) })
	}
	p := t.Problem(heavyWidth, rate)
	var careful *Fitted
	jobs = append(jobs, func() error {
		f, err := Fit(ctx, p, Config{Init: cfg.Init, Gamma: cfg.Gamma, Steps: cfg.Steps, Tolerance: 1e-6, Seed: cfg.Table.Seed})
		careful = f
		return err
	})
	if err := all(ctx, jobs); err != nil {
		return nil, err
	}
	if err := into(&out.Careful)(t.look(p, careful, cfg.Init)); err != nil {
		return nil, err
	}
	var ok bool
	if out.Row, out.Col, ok = t.likeliestHidden(); !ok {
		return nil, fmt.Errorf("completion.RunHeavy: every cell of the table is observed, want one that is not")
	}
	wide := *p
	wide.Width++
	for i := range 41 {
		s := float64(i) / 4 // t
		f, err := AddUnit(careful.Factors, out.Row, out.Col, s)
		if err != nil {
			return nil, err
		}
		parts, err := wide.Evaluate(f)
		if err != nil {
			return nil, err
		}
		r, err := Expected(f, t.RowProb, t.ColProb)
		if err != nil {
			return nil, err
		}
		out.Line = append(out.Line, s*s)
		out.LineRisk = append(out.LineRisk, Risk(f.Matrix(), t.Star, t.RowProb, t.ColProb))
		out.LineExpected = append(out.LineExpected, r)
		out.LineObjective = append(out.LineObjective, parts.Loss+p.Lambda()*parts.Penalty)
	}
	return out, nil
}

var heavies = keep.OnHost(RunHeavy)
