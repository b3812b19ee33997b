package linalg

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// NonFiniteError says that a matrix holds a NaN or an infinity. Row and Col count from 0.
type NonFiniteError struct {
	Func     string // the function that refused, as "linalg.Cholesky"
	Row, Col int
	Value    float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("%s: entry (%d,%d) is %g, want a finite matrix", e.Func, e.Row, e.Col, e.Value)
}

// NotPositiveDefiniteError says that a symmetric matrix has no Cholesky factor, or one without a
// correct digit, at float64's precision.
//
// Pivot is the row at which the elimination met a pivot ≤ 0, or -1 when there was no such row: the
// factorisation went through and λ_min/λ_max fell below n·2⁻⁵², or [PSD] refused. MinEigenvalue and MaxEigenvalue are estimates. With
// Pivot ≥ 0, MinEigenvalue is the Rayleigh quotient of a vector, hence an upper bound on the true
// λ_min (up to rounding). The remedy is the caller's choice: a ridge λ·I with λ > -λ_min, fewer
// repeated inputs, or the pseudo-inverse of [PSD].
type NotPositiveDefiniteError struct {
	Func          string
	N             int
	Pivot         int
	MinEigenvalue float64
	MaxEigenvalue float64
}

func (e *NotPositiveDefiniteError) Error() string {
	how := "singular to working precision"
	switch {
	case e.Pivot >= 0:
		how = fmt.Sprintf("not positive definite (pivot of row %d is not positive)", e.Pivot)
	case e.MinEigenvalue < 0:
		how = "not positive semi-definite"
	}
	return fmt.Sprintf("%s: the %d×%d matrix is %s: estimated λ_min %.3g, λ_max %.3g; add a ridge or drop repeated rows",
		e.Func, e.N, e.N, how, e.MinEigenvalue, e.MaxEigenvalue)
}

// CheckFinite returns a *[NonFiniteError] for the first entry of the upper triangle that is NaN or
// infinite, scanning by rows, and nil when there is none. Cost n²/2.
func CheckFinite(a *mat.SymDense) error { return checkFinite("linalg.CheckFinite", a) }

func checkFinite(fn string, a *mat.SymDense) error {
	raw := a.RawSymmetric()
	for i := range raw.N {
		row := raw.Data[i*raw.Stride : i*raw.Stride+raw.N]
		for j := i; j < raw.N; j++ {
			if !finite(row[j]) {
				return &NonFiniteError{Func: fn, Row: i, Col: j, Value: row[j]}
			}
		}
	}
	return nil
}

func checkFiniteVec(fn string, b []float64) error {
	for i, v := range b {
		if !finite(v) {
			return &NonFiniteError{Func: fn, Row: i, Value: v}
		}
	}
	return nil
}

// checkSym is the door of every function on a symmetric matrix: it is not nil, not empty, finite.
func checkSym(fn string, a *mat.SymDense) error {
	if a == nil || a.IsEmpty() {
		return fmt.Errorf("%s: the matrix is empty, want n ≥ 1", fn)
	}
	return checkFinite(fn, a)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
