package linalg

import "gonum.org/v1/gonum/mat"

// Symmetrize returns the symmetric part (A + Aᵀ)/2: A itself, without what rounding left of asymmetry, if A
// is symmetric on paper. It panics with mat.ErrSquare if a is not square. Cost n²; a is left alone.
func Symmetrize(a mat.Matrix) *mat.SymDense {
	n, c := a.Dims()
	if n != c {
		panic(mat.ErrSquare)
	}
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return s
}

// OpSym returns the symmetric n×n matrix of an operator dst = A·src, by n products and [Symmetrize]: the
// converse of [SymOp].
func OpSym(op func(dst, src []float64), n int) *mat.SymDense {
	rows := mat.NewDense(n, n, nil)
	unit := make([]float64, n)
	for i := range n {
		unit[i] = 1
		op(rows.RawRowView(i), unit)
		unit[i] = 0
	}
	return Symmetrize(rows)
}
