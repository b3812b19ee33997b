package completion

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout/sensing"
)

// Equalized returns factors of M with the given width whose R is Θ(M), each hidden unit carrying the same
// share of it: the equalized factors Ũ, Ṽ of the weighted matrix, with the weights divided out,
// U = diag(1/√p)·Ũ and V = diag(1/√q)·Ṽ. A rank above the width is an error, as is a weight of 0. Cost
// O(width⁴).
func Equalized(m mat.Matrix, rowProb, colProb []float64, width int) (Factors, error) {
	const fn = "completion.Equalized"
	w, err := Weighted(m, rowProb, colProb)
	if err != nil {
		return Factors{}, fmt.Errorf("%s: %w", fn, err)
	}
	e, err := sensing.Equalize(w, width)
	if err != nil {
		return Factors{}, fmt.Errorf("%s: %w", fn, err)
	}
	var u, v mat.Dense
	u.Apply(func(i, _ int, x float64) float64 { return x / math.Sqrt(rowProb[i]) }, e.U)
	v.Apply(func(k, _ int, x float64) float64 { return x / math.Sqrt(colProb[k]) }, e.V)
	return Factors{&u, &v}, nil
}

// Optimum is the best that dropout on an infinite sample can do.
type Optimum struct {
	Matrix    *mat.Dense // UVᵀ
	Spectrum  []float64  // singular values of the weighted UVᵀ
	Rho       int        // how many are positive
	Threshold float64    // τ, what is taken off each of them
	Value     float64    // of the objective L + λR
	Risk      float64    // L
}

// Best returns the global minimum of the population objective
//
//	Σ_ik p_i q_k (M*_ik - M_ik)² + λR(U, V),  M = UVᵀ,
//
// over factors with width hidden units: the singular values of the weighted matrix diag(√p)·M*·diag(√q)
// are lowered by one threshold (sensing.WaterFill).
func Best(star mat.Matrix, rowProb, colProb []float64, width int, lambda float64) (*Optimum, error) {
	const fn = "completion.Best"
	w, err := Weighted(star, rowProb, colProb)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	var svd mat.SVD
	if !svd.Factorize(w, mat.SVDThin) {
		return nil, fmt.Errorf("%s: the singular values were not found", fn)
	}
	sigma := svd.Values(nil)
	s, rho, tau, value, err := sensing.WaterFill(sigma, width, lambda)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	out := &Optimum{Spectrum: s, Rho: rho, Threshold: tau, Value: value, Matrix: new(mat.Dense)}
	for i := range s {
		out.Risk += (sigma[i] - s[i]) * (sigma[i] - s[i])
	}
	var a, b, us mat.Dense
	svd.UTo(&a)
	svd.VTo(&b)
	us.Mul(&a, mat.NewDiagDense(len(s), s))
	out.Matrix.Mul(&us, b.T())
	out.Matrix.Apply(func(i, k int, v float64) float64 { return v / math.Sqrt(rowProb[i]*colProb[k]) }, out.Matrix)
	return out, nil
}

// Risk returns the population risk Σ_ik p_i q_k (M*_ik - M_ik)².
func Risk(m, star mat.Matrix, rowProb, colProb []float64) float64 {
	sum := 0.0
	for i, p := range rowProb {
		for k, q := range colProb {
			e := m.At(i, k) - star.At(i, k)
			sum += p * q * e * e
		}
	}
	return sum
}

// Convex minimises the baseline Σ_c ω_c (y_c - M_c)² + κ·‖diag(√p)·M·diag(√q)‖_* over all matrices, a
// convex problem, by accelerated proximal gradient steps (Beck and Teboulle 2009): each shrinks the
// singular values of the weighted matrix. It stops when the singular values of a step move by less
// than 1e-10, or after steps of them. A step costs a singular value decomposition; Fit with Decay finds
// the same minimum through factors if its width suffices.
func Convex(ctx context.Context, p *Problem, kappa float64, steps int) (*mat.Dense, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if !(kappa > 0) || math.IsInf(kappa, 0) || steps < 1 {
		return nil, fmt.Errorf("completion.Convex: κ = %v and %d steps, want positive numbers", kappa, steps)
	}
	// In Z = diag(√p)·M·diag(√q) cell (i,k) has the prediction Z_ik/√(p_i q_k).
	scale := make([]float64, len(p.Cells))
	heavy := make(map[[2]int]float64)
	total, lipschitz := p.total(), 0.0
	for c, cell := range p.Cells {
		scale[c] = 1 / math.Sqrt(p.RowProb[cell.Row]*p.ColProb[cell.Col])
		at := [2]int{cell.Row, cell.Col}
		heavy[at] += 2 * cell.weight() / total * scale[c] * scale[c]
		lipschitz = max(lipschitz, heavy[at])
	}
	z, prev, y := mat.NewDense(p.Rows, p.Cols, nil), mat.NewDense(p.Rows, p.Cols, nil), mat.NewDense(p.Rows, p.Cols, nil)
	t := 1.0
	for range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := mat.DenseCopyOf(y)
		for c, cell := range p.Cells {
			res := y.At(cell.Row, cell.Col)*scale[c] - cell.Value
			next.Set(cell.Row, cell.Col, next.At(cell.Row, cell.Col)-2*cell.weight()/total*res*scale[c]/lipschitz)
		}
		if err := shrink(next, kappa/lipschitz); err != nil {
			return nil, err
		}
		prev, z = z, next
		var diff mat.Dense
		diff.Sub(z, prev)
		// A restart where momentum points uphill (O'Donoghue and Candès 2015) makes it converge at a rate.
		var back mat.Dense
		back.Sub(y, z)
		dot := 0.0
		for i, v := range back.RawMatrix().Data {
			dot += v * diff.RawMatrix().Data[i]
		}
		tn := (1 + math.Sqrt(1+4*t*t)) / 2
		momentum := (t - 1) / tn
		if t = tn; dot > 0 {
			t, momentum = 1, 0
		}
		y.Scale(momentum, &diff)
		y.Add(y, z)
		if mat.Norm(&diff, 2) < 1e-10*(1+mat.Norm(z, 2)) {
			break
		}
	}
	z.Apply(func(i, k int, v float64) float64 { return v / math.Sqrt(p.RowProb[i]*p.ColProb[k]) }, z)
	return z, nil
}

// shrink lowers the singular values of a by tau, to 0 at most.
func shrink(a *mat.Dense, tau float64) error {
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		return errors.New("completion.Convex: the singular values were not found")
	}
	s := svd.Values(nil)
	for i := range s {
		s[i] = max(s[i]-tau, 0)
	}
	var u, v, us mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	us.Mul(&u, mat.NewDiagDense(len(s), s))
	a.Mul(&us, v.T())
	return nil
}
