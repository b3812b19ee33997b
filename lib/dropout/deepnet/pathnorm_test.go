package deepnet

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/mat"
)

// goldenNet is the network of the golden numbers: W1[i,j] = sin(1+48i+j), W2 = cos(0..14).
func goldenNet() Net {
	w1, w2 := mat.NewDense(5, 48, nil), mat.NewDense(3, 5, nil)
	for t := range 5 * 48 {
		w1.Set(t/48, t%48, math.Sin(1+float64(t)))
	}
	for t := range 15 {
		w2.Set(t/5, t%5, math.Cos(float64(t)))
	}
	return Net{Weights: []*mat.Dense{w1, w2}}
}

func TestPathNorm(t *testing.T) {
	n := goldenNet()
	if got := n.PathNorm() / 2; math.Abs(got-90.7706359706993) > 1e-10 {
		t.Errorf("half the path norm = %.13f", got)
	}
	paths := 0.0
	for o := range 3 {
		for j := range 5 {
			for i := range 48 {
				p := n.Weights[1].At(o, j) * n.Weights[0].At(j, i)
				paths += p * p
			}
		}
	}
	if got := n.PathNorm(); math.Abs(got-paths) > 1e-10 {
		t.Errorf("one pass %g, path by path %g", got, paths)
	}
	deep := Net{Weights: append([]*mat.Dense{mat.NewDense(48, 2, nil)}, n.Weights...)}
	if _, err := deep.Expected(nil); err == nil {
		t.Error("three layers of relu: no error")
	}
	deep.Activation = nn.Linear
	if _, err := deep.Expected(nil); err != nil {
		t.Error(err)
	}
	if _, err := n.Expected(mat.NewSymDense(3, nil)); err == nil {
		t.Error("a second moment of three inputs: no error")
	}
}
