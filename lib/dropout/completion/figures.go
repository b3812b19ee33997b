package completion

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// count returns 1, ..., n as numbers.
func count(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i + 1)
	}
	return x
}

// heat is a panel with a matrix, its rows from 1 upwards.
func heat(title string, m [][]float64, most float64, more ...figure.Layer) figure.Panel {
	rows, cols := len(m), len(m[0])
	z := make([][]float64, rows)
	for i := range z {
		z[i] = make([]float64, cols)
		for k := range z[i] {
			z[i][k] = min(max(m[i][k], -most), most)
		}
	}
	return figure.Panel{
		Title: title, X: figure.Axis{Label: "column k"}.Range(.5, float64(cols)+.5), Y: figure.Axis{Label: "row i"}.Range(.5, float64(rows)+.5),
		Layers: append([]figure.Layer{figure.Heat("", count(cols), count(rows), z).Coloured(figure.Axis{Label: "entry"}.Range(-most, most))}, more...),
	}
}

// sampled is M* where it was observed, NaN elsewhere.
func sampled(t *Table) [][]float64 {
	m := make([][]float64, len(t.RowProb))
	for i := range m {
		m[i] = make([]float64, len(t.ColProb))
		for k := range m[i] {
			m[i][k] = math.NaN()
		}
	}
	for _, c := range t.Cells {
		m[c.Row][c.Col] = c.Value
	}
	return m
}

// figureSweep shows M*, what was observed, the estimate at one of the rates and the error of each row.
func figureSweep(s *Sweep, at int) *figure.Figure {
	o := s.Runs[at]
	seen := sampled(s.Table)
	hidden := 0
	for _, row := range seen {
		for _, v := range row {
			if math.IsNaN(v) {
				hidden++
			}
		}
	}
	// per-row error Σ_k q_k (M* - M)², against how often the row is drawn
	rows := make([]float64, len(s.Star))
	for i := range rows {
		for k, q := range s.Table.ColProb {
			e := s.Star[i][k] - o.Estimate[i][k]
			rows[i] += q * e * e
		}
		rows[i] = max(math.Sqrt(rows[i]), 1e-5)
	}
	most := 1.
	return &figure.Figure{
		ID: "11.D8", Title: fmt.Sprintf("Completion with dropout at rate %g", o.Rate), Columns: 2,
		Alt: "Heat maps of the matrix, of the cells that were observed and of the estimate; and the error of each row against the probability of the row.",
		Caption: fmt.Sprintf(`Rate %g: risk %.2g (%.2g on an infinite sample, %.2g for predicting 0), training error %.2g, $\alpha=%.3f$, $\gamma=%.3f$. %d of the %d cells are hidden.`,
			o.Rate, o.Risk, o.Predicted, s.Zero, o.Loss, o.Bound.Alpha, o.Bound.Gamma, hidden, len(s.Star)*len(s.Star[0])),
		Panels: []figure.Panel{
			heat("M*", s.Star, most), heat("observed", seen, most), heat("UVᵀ", o.Estimate, most),
			{Title: "error of a row", X: figure.Axis{Label: "p(i)"}.Range(0, s.Table.RowProb[0]*1.05), Y: figure.Axis{Label: "root mean squared error", Scale: figure.Log}.Range(1e-4, 1),
				Layers: []figure.Layer{figure.Points("row", 0, s.Table.RowProb, rows, nil, nil), figure.HRule("predicting 0", math.Sqrt(s.Zero))}},
		},
	}
}

// figureTerms draws the terms of the bound against the rate, with the risk and what it would be on an
// infinite sample.
func figureTerms(s *Sweep) *figure.Figure {
	var x, total, second, third, risk, train, pred []float64
	for _, o := range s.Runs {
		x = append(x, o.Rate)
		total, second, third = append(total, o.Bound.Total()), append(second, o.Bound.Complexity), append(third, o.Bound.Confidence)
		risk, train = append(risk, o.Risk), append(train, max(o.Loss, 1e-7))
		pred = append(pred, max(o.Predicted, 1e-7))
	}
	return &figure.Figure{
		ID: "11.D3", Title: "The bound and what it bounds",
		Alt:     "Against the rate, on a logarithmic axis: the bound and its two terms fall slowly and lie between 0.1 and 0.7; the risk lies two to four orders below, and rises with the rate from 0.05 on.",
		Caption: fmt.Sprintf("Constants 1, $\\delta=%g$. The second term falls with the rate, as the book says; the risk, on data without noise, rises from the smallest rate on. The bound is above the risk of predicting 0, %.2g.", delta, s.Zero),
		Panels: []figure.Panel{{X: figure.Axis{Label: "rate"}, Y: figure.Axis{Label: "mean squared error", Scale: figure.Log}.Range(1e-7, 2), Layers: []figure.Layer{
			figure.Line("bound", 0, x, total).As(figure.Bound), figure.Line("second term", 1, x, second).As(figure.Bound), figure.Line("third term", 2, x, third).As(figure.Bound),
			figure.Points("risk", 3, x, risk, nil, nil), figure.Line("risk on an infinite sample", 3, x, pred), figure.Points("training error", 4, x, train, nil, nil), figure.HRule("predicting 0", s.Zero)}}},
	}
}

// figureWidths draws d1·R̂ against the width.
func figureWidths(w *Widths) *figure.Figure {
	var x, fixed, ratio []float64
	for i, d1 := range w.Widths {
		x = append(x, float64(d1))
		fixed, ratio = append(fixed, w.Fixed[i].Bound.Alpha), append(ratio, w.Ratio[i].Bound.Alpha)
	}
	level := make([]float64, len(x))
	for i := range level {
		level[i] = ratio[2]
	}
	return &figure.Figure{
		ID: "11.D6", Title: "What the width does to the penalty",
		Alt:     "Against the width: d1 times the penalty rises at a fixed strength and is level at a fixed strength per unit.",
		Caption: `$d_1\hat R$ at the minimizer. At $\lambda=1$ it grows with the width; at $\lambda/d_1=0.05$ it does not.`,
		Panels: []figure.Panel{{X: figure.Axis{Label: "width d1", Scale: figure.Log}, Y: figure.Axis{Label: "d1·R̂"}, Layers: []figure.Layer{
			figure.Points("λ = 1", 0, x, fixed, nil, nil), figure.Points("λ/d1 = 0.05", 1, x, ratio, nil, nil), figure.Line("level", 1, x, level)}}},
	}
}

// figureHeavy shows the estimate with a unit of size t² = Line[at] on a hidden cell, and what that does to
// objective and risk.
func figureHeavy(h *Heavy, at int) *figure.Figure {
	t2 := h.Line[at]
	m := make([][]float64, len(h.Star))
	for i := range m {
		m[i] = append([]float64(nil), h.Careful.Estimate[i]...)
	}
	m[h.Row][h.Col] += t2
	mark := figure.Points("hidden cell", 1, []float64{float64(h.Col + 1)}, []float64{float64(h.Row + 1)}, nil, nil)
	return &figure.Figure{
		ID: "11.D7", Title: "A heavy row meets a heavy column",
		Alt:     "A heat map of the estimate with one cell marked; beside it the objective, level, and the risk, rising, against the size of a unit on that cell.",
		Caption: fmt.Sprintf(`A hidden unit adds $t^2=%.3g$ to the cell (%d, %d), never observed: objective %.4g, risk %.3g. The max-norm constraint allows $t^2\le\gamma$.`, t2, h.Row+1, h.Col+1, h.LineObjective[at], h.LineRisk[at]),
		Panels: []figure.Panel{
			heat("UVᵀ, colours cut at ±2", m, 2, mark),
			{X: figure.Axis{Label: "t², added to the cell"}, Y: figure.Axis{Label: "objective, R and risk", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Line("objective L̂ + λR̂", 0, h.Line, h.LineObjective), figure.Line("R", 2, h.Line, h.LineExpected), figure.Line("risk", 1, h.Line, h.LineRisk),
				figure.VRule("here", t2)}},
		},
	}
}
