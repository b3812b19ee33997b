package linalg

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// tileRows is the number of rows of the second factor kept in cache while the first one streams
// past: 32 rows of 64 doubles are 16 KiB, half of a first-level cache.
const tileRows = 32

// Gram returns K = X·Xᵀ, K_ij = x_iᵀx_j, for the rows x_i of the n×d matrix x. Both triangles of
// the backing array are filled. Each entry is one dot product over d in a fixed order, so K is
// exactly symmetric, and the same for any GOMAXPROCS. Cost n²d flops, memory n² doubles beside x.
// A NaN or infinity in x is refused with a *[NonFiniteError]; an overflow in the products is not
// looked for.
func Gram(ctx context.Context, x *mat.Dense) (*mat.SymDense, error) {
	if err := checkDense("linalg.Gram", x); err != nil {
		return nil, err
	}
	n, _ := x.Dims()
	data := make([]float64, n*n)
	err := Parallel(ctx, n, tileRows, func(lo, hi int) {
		for j0 := lo; j0 < n; j0 += tileRows {
			j1 := min(j0+tileRows, n)
			for i := lo; i < hi; i++ {
				xi := x.RawRowView(i)
				for j := max(i, j0); j < j1; j++ {
					data[i*n+j] = floats.Dot(xi, x.RawRowView(j))
				}
			}
		}
	})
	if err == nil {
		err = mirror(ctx, data, n)
	}
	if err != nil {
		return nil, fmt.Errorf("linalg.Gram: %w", err)
	}
	return mat.NewSymDense(n, data), nil
}

// CrossGram returns the n×m matrix of inner products X·Zᵀ between the rows of the n×d matrix x and
// the m×d matrix z. It has [Gram]'s promises; CrossGram(x, x) equals Gram(x) to the last bit.
func CrossGram(ctx context.Context, x, z *mat.Dense) (*mat.Dense, error) {
	for _, a := range []*mat.Dense{x, z} {
		if err := checkDense("linalg.CrossGram", a); err != nil {
			return nil, err
		}
	}
	n, d := x.Dims()
	m, e := z.Dims()
	if d != e {
		return nil, fmt.Errorf("linalg.CrossGram: x is %d×%d and z is %d×%d, want equal numbers of columns", n, d, m, e)
	}
	data := make([]float64, n*m)
	err := Parallel(ctx, n, tileRows, func(lo, hi int) {
		for j0 := 0; j0 < m; j0 += tileRows {
			j1 := min(j0+tileRows, m)
			for i := lo; i < hi; i++ {
				xi := x.RawRowView(i)
				for j := j0; j < j1; j++ {
					data[i*m+j] = floats.Dot(xi, z.RawRowView(j))
				}
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("linalg.CrossGram: %w", err)
	}
	return mat.NewDense(n, m, data), nil
}

func checkDense(fn string, x *mat.Dense) error {
	if x == nil || x.IsEmpty() {
		return fmt.Errorf("%s: the matrix is empty, want at least one row and one column", fn)
	}
	n, _ := x.Dims()
	for i := range n {
		for j, v := range x.RawRowView(i) {
			if !finite(v) {
				return &NonFiniteError{Func: fn, Row: i, Col: j, Value: v}
			}
		}
	}
	return nil
}
