package margin

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// NNLS returns x ≥ 0 that minimizes ‖Σ_j x_j a_j - b‖₂ and the residual ‖Σ_j x_j a_j - b‖₂, for n columns
// a_j of the length of b. It is the active-set method of Lawson and Hanson 1974, chapter 23, with the
// passive columns solved by QR; it ends with the KKT conditions up to rounding. Columns may depend on each
// other. Cost: a QR decomposition for each column that enters.
func NNLS(columns [][]float64, b []float64) (x []float64, residual float64, err error) {
	n, m := len(columns), len(b)
	scale := 0.0
	for j, a := range columns {
		if len(a) != m {
			return nil, 0, fmt.Errorf("margin.NNLS: column %d has length %d, b has %d", j, len(a), m)
		}
		l := floats.Norm(a, 2)
		if math.IsNaN(l) || math.IsInf(l, 0) {
			return nil, 0, fmt.Errorf("margin.NNLS: column %d is not finite", j)
		}
		scale = max(scale, l)
	}
	if l := floats.Norm(b, 2); m == 0 || math.IsNaN(l) || math.IsInf(l, 0) {
		return nil, 0, fmt.Errorf("margin.NNLS: b has length %d and norm %g, want finite numbers", m, l)
	}
	x = make([]float64, n)
	passive := make([]bool, n)
	r := append([]float64(nil), b...) // b - Ax
	rest := func() {
		copy(r, b)
		for j, a := range columns {
			floats.AddScaled(r, -x[j], a)
		}
	}
	tol := 0x1p-46 * scale * floats.Norm(b, 2) // a dozen roundings of ⟨a_j, r⟩
	for step := 0; ; step++ {
		if step > 3*n+30 {
			return x, floats.Norm(r, 2), fmt.Errorf("margin.NNLS: no end after %d columns entered, of %d", step, n)
		}
		enter, best := -1, tol
		for j, a := range columns {
			if v := floats.Dot(a, r); !passive[j] && v > best {
				enter, best = j, v
			}
		}
		if enter < 0 {
			return x, floats.Norm(r, 2), nil
		}
		passive[enter] = true
		for {
			s, ok := solvePassive(columns, passive, b)
			if !ok { // the new column depends on the others: it cannot lower the residual
				passive[enter] = false
				return x, floats.Norm(r, 2), nil
			}
			alpha := 1.0
			for j := range s {
				if passive[j] && s[j] <= 0 && x[j] != s[j] {
					alpha = min(alpha, x[j]/(x[j]-s[j]))
				}
			}
			for j := range x {
				x[j] += alpha * (s[j] - x[j])
			}
			if alpha == 1 {
				break
			}
			for j := range x {
				if passive[j] && s[j] <= 0 && x[j] <= 0x1p-50*math.Abs(s[j]) {
					x[j], passive[j] = 0, false
				}
			}
		}
		rest()
	}
}

// solvePassive is least squares on the passive columns, 0 elsewhere.
func solvePassive(columns [][]float64, passive []bool, b []float64) ([]float64, bool) {
	var index []int
	for j, p := range passive {
		if p {
			index = append(index, j)
		}
	}
	if len(index) > len(b) {
		return nil, false
	}
	a := mat.NewDense(len(b), len(index), nil)
	for k, j := range index {
		a.SetCol(k, columns[j])
	}
	var qr mat.QR
	qr.Factorize(a)
	if qr.Cond() > 1e13 {
		return nil, false
	}
	var v mat.VecDense
	if err := qr.SolveVecTo(&v, false, mat.NewVecDense(len(b), b)); err != nil {
		return nil, false
	}
	s := make([]float64, len(columns))
	for k, j := range index {
		s[j] = v.AtVec(k)
	}
	return s, true
}
