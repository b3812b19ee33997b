package linalg

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SolveVec returns A⁻¹b. b has n entries and must be finite; it is left alone. Cost 2n² flops.
func (f *Factor) SolveVec(b []float64) ([]float64, error) {
	const fn = "linalg.Factor.SolveVec"
	if err := f.check(fn, b); err != nil {
		return nil, err
	}
	x := append([]float64(nil), b...)
	f.forward(x)
	f.backward(x)
	return x, nil
}

// Solve returns A⁻¹B for an n×m right-hand side. The columns are solved on all processors, each
// exactly as [Factor.SolveVec] would. Cost 2n²m flops.
func (f *Factor) Solve(b mat.Matrix) (*mat.Dense, error) {
	return f.SolveContext(context.Background(), b)
}

// SolveContext is [Factor.Solve] that a context can stop between columns.
func (f *Factor) SolveContext(ctx context.Context, b mat.Matrix) (*mat.Dense, error) {
	const fn = "linalg.Factor.Solve"
	n, m := b.Dims()
	if n != f.n {
		return nil, fmt.Errorf("%s: right-hand side is %d×%d, want %d rows", fn, n, m, f.n)
	}
	rhs := make([]float64, n*m) // row k is column k of b, so that every solve is contiguous
	for i := range n {
		for k := range m {
			v := b.At(i, k)
			if !finite(v) {
				return nil, &NonFiniteError{Func: fn, Row: i, Col: k, Value: v}
			}
			rhs[k*n+i] = v
		}
	}
	err := Parallel(ctx, m, solveBlock, func(lo, hi int) { f.solveRows(rhs[lo*n : hi*n]) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	x := mat.NewDense(n, m, nil)
	for i := range n {
		row := x.RawRowView(i)
		for k := range row {
			row[k] = rhs[k*n+i]
		}
	}
	return x, nil
}

// solveBlock is the number of right-hand sides that pass over L together: one read of a row of L
// serves them all.
const solveBlock = 8

// solveRows overwrites each row (length n) of rhs by A⁻¹ of it.
func (f *Factor) solveRows(rhs []float64) {
	n := f.n
	for i := range n {
		li, d := f.l[i*n:i*n+i], f.l[i*n+i]
		for o := 0; o < len(rhs); o += n {
			b := rhs[o : o+n]
			b[i] = (b[i] - floats.Dot(b[:i], li)) / d
		}
	}
	for i := n - 1; i >= 0; i-- {
		li, d := f.l[i*n:i*n+i], f.l[i*n+i]
		for o := 0; o < len(rhs); o += n {
			b := rhs[o : o+n]
			b[i] /= d
			floats.AddScaled(b[:i], -b[i], li)
		}
	}
}

// Quad returns the quadratic form bᵀA⁻¹b = ‖L⁻¹b‖². It is never negative; for b = y and A = H* it
// is the complexity C of chapter 9. Cost n² flops.
func (f *Factor) Quad(b []float64) (float64, error) {
	if err := f.check("linalg.Factor.Quad", b); err != nil {
		return 0, err
	}
	x := append([]float64(nil), b...)
	f.forward(x)
	return floats.Dot(x, x), nil
}

// Whiten returns L⁻¹b, which has the identity as covariance when b has A. Cost n² flops.
func (f *Factor) Whiten(b []float64) ([]float64, error) {
	if err := f.check("linalg.Factor.Whiten", b); err != nil {
		return nil, err
	}
	x := append([]float64(nil), b...)
	f.forward(x)
	return x, nil
}

// Color returns L·z: for z of independent standard normals, a sample of N(0, A). Cost n² flops.
func (f *Factor) Color(z []float64) ([]float64, error) {
	if err := f.check("linalg.Factor.Color", z); err != nil {
		return nil, err
	}
	x := make([]float64, f.n)
	for i := range x {
		x[i] = floats.Dot(f.l[i*f.n:i*f.n+i+1], z[:i+1])
	}
	return x, nil
}

// Inverse returns A⁻¹, exactly symmetric, with both triangles of its backing array filled. Cost
// 2n³ flops: use [Factor.Solve] or [Factor.Quad] where they serve.
func (f *Factor) Inverse() *mat.SymDense {
	n := f.n
	data := make([]float64, n*n)
	for i := range n {
		data[i*n+i] = 1
	}
	// Background is never done, so these cannot fail.
	_ = Parallel(context.Background(), n, solveBlock, func(lo, hi int) { f.solveRows(data[lo*n : hi*n]) })
	// The two triangles agree to rounding only; the upper one is kept.
	_ = mirror(context.Background(), data, n)
	return mat.NewSymDense(n, data)
}

func (f *Factor) check(fn string, b []float64) error {
	if len(b) != f.n {
		return fmt.Errorf("%s: right-hand side has %d entries, want %d", fn, len(b), f.n)
	}
	return checkFiniteVec(fn, b)
}
