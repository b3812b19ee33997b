package completion

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/dropout"
)

// Cell is one observed entry: Value at (Row, Col), counted from 0. Weight is how often it was seen; 0
// means once. A cell may also be listed several times.
type Cell struct {
	Row, Col int
	Value    float64
	Weight   float64 `json:",omitempty"`
}

func (c *Cell) weight() float64 {
	if c.Weight == 0 {
		return 1
	}
	return c.Weight
}

// Problem is matrix completion with dropout on the hidden units of UVᵀ. Its two probabilities have
// nothing to do with one another: RowProb and ColProb say how cells are sampled (the book's p and q),
// Rate is the probability of dropping a unit (the book's p as well).
//
//	L_drop(U, V) = L̂ + λR̂,  λ = Rate/(1-Rate),
//	L̂ = Σ_c ω_c (y_c - Σ_j U_ij V_kj)²,  R̂ = Σ_c ω_c Σ_j U_ij² V_kj²,
//
// with c = (i, k) over the cells and ω their weights, scaled to sum to 1. With Decay κ > 0 the objective
// has the term (κ/2)·(Σ_i p_i ‖U_i‖² + Σ_k q_k ‖V_k‖²) too, whose least value over the factors of M is
// κ‖M‖_{p,q}, the weighted trace norm itself (Srebro and Salakhutdinov 2010): the baseline.
type Problem struct {
	Rows, Cols       int       // d2 and d0, the rows of U and of V
	RowProb, ColProb []float64 // positive, each of sum 1
	Cells            []Cell
	Width            int     // d1, hidden units
	Rate             float64 // of dropping a unit, in [0,1)
	Decay            float64 // κ ≥ 0
}

// Validate reports what is wrong with the problem, naming the field and the rule.
func (p *Problem) Validate() error {
	const fn = "completion.Problem"
	if p.Rows < 1 || p.Cols < 1 {
		return fmt.Errorf("%s: %d rows and %d columns, want at least one of each", fn, p.Rows, p.Cols)
	}
	if p.Width < 1 {
		return fmt.Errorf("%s: Width %d, want at least one hidden unit", fn, p.Width)
	}
	if err := CheckLaw("RowProb", p.RowProb, p.Rows); err != nil {
		return fmt.Errorf("%s: %w", fn, err)
	}
	if err := CheckLaw("ColProb", p.ColProb, p.Cols); err != nil {
		return fmt.Errorf("%s: %w", fn, err)
	}
	if _, err := dropout.Lambda(p.Rate); err != nil {
		return fmt.Errorf("%s: Rate %v, want a probability of dropping in [0,1)", fn, p.Rate)
	}
	if !(p.Decay >= 0) || math.IsInf(p.Decay, 0) {
		return fmt.Errorf("%s: Decay %v, want a finite number of at least 0", fn, p.Decay)
	}
	if err := CheckCells(p.Rows, p.Cols, p.Cells); err != nil {
		return fmt.Errorf("%s: %w", fn, err)
	}
	return nil
}

// CheckCells reports a list without cells, a cell outside a rows×cols matrix, a value that is not finite
// and a weight that is not positive.
func CheckCells(rows, cols int, cells []Cell) error {
	if len(cells) == 0 {
		return fmt.Errorf("no cells, want at least one observed entry")
	}
	for n, c := range cells {
		switch {
		case c.Row < 0 || c.Row >= rows || c.Col < 0 || c.Col >= cols:
			return fmt.Errorf("cell %d is at (%d, %d), outside the %d×%d matrix, whose rows and columns count from 0", n, c.Row, c.Col, rows, cols)
		case math.IsNaN(c.Value) || math.IsInf(c.Value, 0):
			return fmt.Errorf("cell %d at (%d, %d) has the value %v, want a finite number", n, c.Row, c.Col, c.Value)
		case !(c.Weight >= 0) || math.IsInf(c.Weight, 0):
			return fmt.Errorf("cell %d at (%d, %d) has the weight %v, want a positive number", n, c.Row, c.Col, c.Weight)
		}
	}
	return nil
}

// Lambda is λ = Rate/(1-Rate) of a valid problem.
func (p *Problem) Lambda() float64 { return p.Rate / (1 - p.Rate) }

// total is the sum of the weights of the cells.
func (p *Problem) total() float64 {
	sum := 0.0
	for i := range p.Cells {
		sum += p.Cells[i].weight()
	}
	return sum
}
