package data

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// UnitRows returns x with every row divided by its Euclidean norm. A row of zeros has no direction:
// it is an error that names the row, and so is a row that is not finite. A norm that overflows or
// underflows is avoided by scaling with the largest entry first.
func UnitRows(x *mat.Dense) (*mat.Dense, error) {
	if x == nil || x.IsEmpty() {
		return nil, fmt.Errorf("data.UnitRows: the matrix is empty, want at least one row")
	}
	out := mat.DenseCopyOf(x)
	n, _ := out.Dims()
	for i := range n {
		row := out.RawRowView(i)
		norm := floats.Norm(row, 2)
		if norm > 1e150 || norm < 1e-150 {
			if big := floats.Norm(row, math.Inf(1)); big > 0 && !math.IsInf(big, 1) {
				for j := range row {
					row[j] /= big
				}
				norm = floats.Norm(row, 2)
			}
		}
		if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
			return nil, fmt.Errorf("data.UnitRows: row %d has norm %g, want a positive finite one", i, norm)
		}
		for j := range row {
			row[j] /= norm
		}
	}
	return out, nil
}

// Scaler holds the means and standard deviations of the columns it was fitted on.
type Scaler struct {
	Mean []float64
	SD   []float64 // population (1/n); 1 for a constant column
}

// Standardise fits a Scaler on the training rows: column means, and population standard deviations
// √(Σ(x-mean)²/n) in two passes. A constant column gets the standard deviation 1, so that it becomes
// 0 on the training rows. Fit on the training rows alone, then [Scaler.Apply] to both.
func Standardise(train *mat.Dense) (*Scaler, error) {
	if train == nil || train.IsEmpty() {
		return nil, fmt.Errorf("data.Standardise: the matrix is empty, want at least one row")
	}
	n, d := train.Dims()
	s := &Scaler{Mean: make([]float64, d), SD: make([]float64, d)}
	col := make([]float64, n)
	for j := range d {
		mat.Col(col, j, train)
		// By comparison, not by variance: the mean of a constant 0.1 is not 0.1 to the last bit.
		if constant(col) {
			s.Mean[j], s.SD[j] = col[0], 1
			continue
		}
		mean := floats.Sum(col) / float64(n)
		floats.AddConst(-mean, col)
		s.Mean[j], s.SD[j] = mean, floats.Norm(col, 2)/math.Sqrt(float64(n))
		if v := s.SD[j]; v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("data.Standardise: column %d has mean %g and standard deviation %g, want finite ones", j+1, mean, v)
		}
	}
	return s, nil
}

func constant(v []float64) bool {
	for _, x := range v {
		if x != v[0] {
			return false
		}
	}
	return true
}

// Apply returns (x - Mean)/SD. x needs as many columns as the Scaler was fitted on.
func (s *Scaler) Apply(x *mat.Dense) (*mat.Dense, error) {
	n, d := x.Dims()
	if d != len(s.Mean) {
		return nil, fmt.Errorf("data.Scaler.Apply: matrix has %d columns, want %d as in the training rows", d, len(s.Mean))
	}
	out := mat.NewDense(n, d, nil)
	for i := range n {
		src, dst := x.RawRowView(i), out.RawRowView(i)
		for j, v := range src {
			dst[j] = (v - s.Mean[j]) / s.SD[j]
		}
	}
	return out, nil
}

// WithConstant returns x with one more column, everywhere c. With c = √d on standardised data it is
// the bias feature that chapter 9 gives to tables.
func WithConstant(x *mat.Dense, c float64) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d+1, nil)
	for i := range n {
		row := out.RawRowView(i)
		copy(row, x.RawRowView(i))
		row[d] = c
	}
	return out
}
