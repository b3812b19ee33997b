package deepnet

import (
	"math"

	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Measures is what is seen of a network on some examples.
type Measures struct {
	Penalty     float64   // R̂/λ
	Shares      []float64 // its terms ‖W_k(:,j)‖² â_j², by unit
	HalfPath    float64   // what Proposition 11.2.2 gives for the second moment of the examples
	Loss        float64   // squared loss, summed over outputs
	Variation   float64   // of ‖W_k(:,j)‖·â_j over units: standard deviation over mean
	Correlation float64   // mean |correlation| of two hidden units over the examples
}

// Measure looks at a network on the examples (x, y). HalfPath is NaN unless the network has two layers
// of ReLU.
func Measure(n Net, x, y *mat.Dense) (Measures, error) {
	if err := n.Validate(); err != nil {
		return Measures{}, err
	}
	head := n.Head(x, y)
	shares, err := head.Shares()
	if err != nil {
		return Measures{}, err
	}
	m := Measures{Shares: shares, Penalty: floats.Sum(shares), Loss: head.Value(nil), HalfPath: math.NaN(), Correlation: correlation(head.Features)}
	if expected, err := n.Expected(SecondMoment(x)); err == nil {
		m.HalfPath = expected
	}
	root := make([]float64, len(shares))
	for j, s := range shares {
		root[j] = math.Sqrt(s)
	}
	mean, sd := stat.PopMeanStdDev(root, nil)
	m.Variation = sd / mean
	return m, nil
}

// correlation is the mean of |corr| over pairs of columns; columns that do not vary are left out.
func correlation(a *mat.Dense) float64 {
	n, d := a.Dims()
	var columns [][]float64
	for j := range d {
		c := mat.Col(nil, j, a)
		floats.AddConst(-stat.Mean(c, nil), c)
		if norm := floats.Norm(c, 2); norm > 1e-12*float64(n) {
			floats.Scale(1/norm, c)
			columns = append(columns, c)
		}
	}
	sum, pairs := 0.0, 0
	for i, u := range columns {
		for _, v := range columns[:i] {
			sum += math.Abs(floats.Dot(u, v))
			pairs++
		}
	}
	return sum / math.Max(float64(pairs), 1)
}

// test returns the squared loss and the share of right classes on examples.
func test(n Net, x, y *mat.Dense) (loss, accuracy float64) {
	out := n.Output(x)
	rows, k := y.Dims()
	truth, guess := data.Argmax(y), data.Argmax(out)
	right := 0
	for i := range rows {
		for c := range k {
			d := y.At(i, c) - out.At(i, c)
			loss += d * d
		}
		if truth[i] == guess[i] {
			right++
		}
	}
	return loss / float64(rows), float64(right) / float64(rows)
}
