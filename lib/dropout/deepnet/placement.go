package deepnet

import (
	"github.com/lemma-ml/lemma/lib/dropout"
	"gonum.org/v1/gonum/mat"
)

// fromLayer is the mean squared loss of the layers above the first hidden one on its activations below,
// unit j multiplied by mask[j].
func (n Net) fromLayer(below *mat.Dense, mask []float64, y *mat.Dense) float64 {
	a := mat.DenseCopyOf(below)
	a.Apply(func(_, j int, v float64) float64 { return v * mask[j] }, a)
	upper := Net{Weights: n.Weights[1:], Activation: n.Activation}
	return upper.Head(a, y).Value(nil)
}

// linearised is what Proposition 11.2.1 would give for masks on the first hidden layer of three layers of
// ReLU if the gates of the second stayed as they are: mean_i Σ_j ‖W_3 D_i W_2(:,j)‖² a_j(x_i)².
func (n Net) linearised(below *mat.Dense) float64 {
	rows, _ := below.Dims()
	upper := Net{Weights: n.Weights[1:], Activation: n.Activation}
	gates := upper.Layer(1, below)
	units, _ := n.Weights[1].Dims()
	k, _ := n.Top().Dims()
	sum := 0.0
	for i := range rows {
		open := mat.NewDiagDense(units, nil)
		for r := range units {
			if gates.At(i, r) > 0 {
				open.SetDiag(r, 1)
			}
		}
		w := new(mat.Dense)
		w.Product(n.Top(), open, n.Weights[1])
		one := dropout.Head{Features: mat.NewDense(1, below.RawMatrix().Cols, below.RawRowView(i)), Weights: w, Targets: mat.NewDense(1, k, nil)}
		p, _ := one.Penalty(1) // shapes fit by construction
		sum += p / float64(rows)
	}
	return sum
}
