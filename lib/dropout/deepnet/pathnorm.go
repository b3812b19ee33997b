package deepnet

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/mat"
)

// PathNorm returns the squared l2 path norm, the sum over all paths from an input to an output of the
// product of the squared weights on it,
//
//	Σ_{i_0, ..., i_k} W_k(i_k, i_{k-1})² ⋯ W_1(i_1, i_0)²,
//
// by one pass of squared matrices. Proposition 11.2.2 has k = 2.
func (n Net) PathNorm() float64 {
	_, d := n.Weights[0].Dims()
	v := mat.NewVecDense(d, nil)
	for i := range d {
		v.SetVec(i, 1)
	}
	for _, w := range n.Weights {
		square := mat.DenseCopyOf(w)
		square.MulElem(w, w)
		next := new(mat.VecDense)
		next.MulVec(square, v)
		v = next
	}
	return mat.Sum(v)
}

// Expected returns E R̂/λ of a network with two layers whose inputs have the second moment C [d_0×d_0],
//
//	c Σ_j ‖W_2(:,j)‖² W_1(j,:) C W_1(j,:)ᵀ,
//
// c = 1/2 for ReLU, if the law of the inputs is symmetric (x and -x alike), and c = 1 for the identity,
// for any law. C = nil is the identity: half the squared path norm (Proposition 11.2.2). A linear
// network may have any depth: then W_{k-1}⋯W_1 stands in place of W_1, and the sum is a path norm only
// for k = 2. Other activations and deeper ReLU networks are an error: no such formula holds.
func (n Net) Expected(c *mat.SymDense) (float64, error) {
	const fn = "deepnet.Net.Expected"
	if err := n.Validate(); err != nil {
		return 0, err
	}
	factor := 1.0
	switch {
	case n.sigma() == nn.ReLU && len(n.Weights) == 2:
		factor = .5
	case n.sigma() != nn.Linear:
		return 0, fmt.Errorf("%s: %d layers of %s, want two of relu or linear ones", fn, len(n.Weights), n.sigma())
	}
	below := mat.DenseCopyOf(n.Weights[0])
	for _, w := range n.Weights[1 : len(n.Weights)-1] {
		next := new(mat.Dense)
		next.Mul(w, below)
		below = next
	}
	units, d := below.Dims()
	if c != nil && c.SymmetricDim() != d {
		return 0, fmt.Errorf("%s: second moment of %d inputs, want %d", fn, c.SymmetricDim(), d)
	}
	sum := 0.0
	for j := range units {
		row, out := below.RowView(j), n.Top().ColView(j)
		energy := mat.Dot(row, row)
		if c != nil {
			energy = mat.Inner(row, c, row)
		}
		sum += mat.Dot(out, out) * energy
	}
	return factor * sum, nil
}

// SecondMoment returns XᵀX/n.
func SecondMoment(x *mat.Dense) *mat.SymDense {
	n, _ := x.Dims()
	s := new(mat.SymDense)
	s.SymOuterK(1/float64(n), x.T())
	return s
}

// Whiten returns X Ĉ^{-1/2} with the symmetric root of Ĉ = XᵀX/n, so that the result has the second
// moment I; with center the column means are subtracted first. A Ĉ whose smallest eigenvalue is below
// 1e-12 of its largest is an error.
func Whiten(x *mat.Dense, center bool) (*mat.Dense, error) {
	n, d := x.Dims()
	z := mat.DenseCopyOf(x)
	for j := 0; center && j < d; j++ {
		m := mat.Sum(z.ColView(j)) / float64(n)
		for i := range n {
			z.Set(i, j, z.At(i, j)-m)
		}
	}
	values, vectors, err := linalg.EigenSym(SecondMoment(z))
	if err != nil {
		return nil, fmt.Errorf("deepnet.Whiten: %w", err)
	}
	low, high := math.Inf(1), 0.0
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if !(low > 1e-12*high) {
		return nil, fmt.Errorf("deepnet.Whiten: eigenvalues of XᵀX/n from %g to %g, want full rank", low, high)
	}
	scaled := mat.DenseCopyOf(vectors)
	for j, v := range values {
		for i := range d {
			scaled.Set(i, j, vectors.At(i, j)/math.Sqrt(v))
		}
	}
	root, out := new(mat.Dense), new(mat.Dense)
	root.Mul(scaled, vectors.T())
	out.Mul(z, root)
	return out, nil
}

// Mirror returns the rows of x and of -x, whose law is symmetric.
func Mirror(x *mat.Dense) *mat.Dense {
	out, minus := new(mat.Dense), new(mat.Dense)
	minus.Scale(-1, x)
	out.Stack(x, minus)
	return out
}
