package deepnet

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/mat"
)

func TestPathNorm(t *testing.T) {
	n := printed()
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
