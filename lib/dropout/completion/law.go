package completion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
)

// CheckLaw reports what keeps prob from being a law of n rows or columns: another length, an entry that
// is not positive and finite, a sum off 1 by more than 1e-12. name is what the error calls it.
//
// A weight of zero is refused, not ignored: a row that is never sampled is never penalised either, so
// that no weight could be divided out of its factors.
func CheckLaw(name string, prob []float64, n int) error {
	if len(prob) != n {
		return fmt.Errorf("%s has %d entries, want %d", name, len(prob), n)
	}
	sum := 0.0
	for i, v := range prob {
		if !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("%s[%d] = %v, want a positive weight: a row or column of weight 0 is never penalised", name, i, v)
		}
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		return fmt.Errorf("%s sums to %v, want 1 within 1e-12", name, sum)
	}
	return nil
}

// PowerLaw returns n probabilities proportional to i^(-s), i = 1..n. n < 1 gives none.
func PowerLaw(n int, s float64) []float64 {
	if n < 1 {
		return nil
	}
	p := make([]float64, n)
	sum := 0.0
	for i := range p {
		p[i] = math.Pow(float64(i+1), -s)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// Empirical returns the laws that a sample suggests: the share of the cells that lie in each row and in
// each column. An empty row or column is an error that names it: nothing can be said about it.
func Empirical(rows, cols int, cells []Cell) (rowProb, colProb []float64, err error) {
	const fn = "completion.Empirical"
	if rows < 1 || cols < 1 {
		return nil, nil, fmt.Errorf("%s: %d rows and %d columns, want at least one of each", fn, rows, cols)
	}
	if err := CheckCells(rows, cols, cells); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	rowProb, colProb = make([]float64, rows), make([]float64, cols)
	total := 0.0
	for i := range cells {
		w := cells[i].weight()
		rowProb[cells[i].Row] += w
		colProb[cells[i].Col] += w
		total += w
	}
	for _, law := range []struct {
		what string
		p    []float64
	}{{"row", rowProb}, {"column", colProb}} {
		for i := range law.p {
			if law.p[i] == 0 {
				return nil, nil, fmt.Errorf("%s: %s %d has no observed cell, want at least one in each: nothing is known about it", fn, law.what, i)
			}
			law.p[i] /= total
		}
	}
	return rowProb, colProb, nil
}

// draw returns one index with the law whose running sums are cum.
func draw(r *rand.Rand, cum []float64) int {
	return min(sort.SearchFloat64s(cum, r.Float64()*cum[len(cum)-1]), len(cum)-1)
}

// running returns the running sums of p.
func running(p []float64) []float64 {
	cum := make([]float64, len(p))
	sum := 0.0
	for i, v := range p {
		sum += v
		cum[i] = sum
	}
	return cum
}

// Sample draws n cells, the row with RowProb and the column with ColProb, independently and with
// repetition: the random indicators of section 11.1.2. value gives the entries.
func Sample(r *rand.Rand, rowProb, colProb []float64, n int, value func(i, k int) float64) []Cell {
	rows, cols := running(rowProb), running(colProb)
	cells := make([]Cell, n)
	for t := range cells {
		i, k := draw(r, rows), draw(r, cols)
		cells[t] = Cell{Row: i, Col: k, Value: value(i, k)}
	}
	return cells
}

// Population returns every cell with the weight RowProb[i]·ColProb[k]: a sample of infinite size.
func Population(rowProb, colProb []float64, value func(i, k int) float64) []Cell {
	cells := make([]Cell, 0, len(rowProb)*len(colProb))
	for i, p := range rowProb {
		for k, q := range colProb {
			cells = append(cells, Cell{Row: i, Col: k, Value: value(i, k), Weight: p * q})
		}
	}
	return cells
}
