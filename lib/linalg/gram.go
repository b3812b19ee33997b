package linalg

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/mat"
)

// Gram returns K = X·Xᵀ, K_ij = x_iᵀx_j, for the rows x_i of the n×d matrix x. Both triangles of
// the backing array are filled. Each entry is one sum over d in a fixed order that knows nothing of i
// and j, so K is exactly symmetric, equal rows have equal entries, and all is the same for any
// GOMAXPROCS. Cost n²d flops, memory n² doubles beside x.
// A NaN or infinity in x is refused with a *[NonFiniteError]; an overflow in the products is not
// looked for.
func Gram(ctx context.Context, x *mat.Dense) (*mat.SymDense, error) {
	if err := checkDense("linalg.Gram", x); err != nil {
		return nil, err
	}
	n, d := x.Dims()
	data := make([]float64, n*n)
	rows := rowsOf(x)
	err := product(ctx, n, n, d, rows, rows.T(), data, kernel.Upper)
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
	if err := product(ctx, n, m, d, rowsOf(x), rowsOf(z).T(), data, kernel.Whole); err != nil {
		return nil, fmt.Errorf("linalg.CrossGram: %w", err)
	}
	return mat.NewDense(n, m, data), nil
}

// rowsOf is x as the kernels see it.
func rowsOf(x *mat.Dense) kernel.Matrix {
	raw := x.RawMatrix()
	return kernel.RowMajor(raw.Data, raw.Stride)
}

// product adds A·B to the n×m array c.
func product(ctx context.Context, n, m, k int, a, b kernel.Matrix, c []float64, part kernel.Part) error {
	team := newTeam(ctx, float64(n)*float64(m)*float64(k))
	defer team.Close()
	kernel.Gemm(team, n, m, k, 1, a, b, c, m, part)
	return team.Err()
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
