package finite

import (
	"context"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
)

// TestLadder: the host's routes train the networks that RunLazy trains in graphs, in float32.
func TestLadder(t *testing.T) {
	for _, act := range []nn.Activation{nn.ReLU, nn.Softplus} {
		t.Run(string(act), func(t *testing.T) {
			l, err := climb(context.Background(), ladderConfig{Widths: []int{64}, Nets: []int{2}, Train: 20, Steps: 100, Activation: act, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			r, err := RunLazy(context.Background(), claimtest.Backend(t), LazyConfig{Widths: []int{64}, Train: 20, Steps: 100, Seeds: 2, Activation: act, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			for k, run := range r.Widths[0].Runs {
				got := l.Rungs[0]
				pairs := map[string][2]float64{"training outputs": {got.Train[k], run.NoStart}, "drift": {got.Drift[k], run.Drift}}
				if act == nn.ReLU {
					pairs["RMS movement"] = [2]float64{got.RMS[k], run.MoveRMS}
					pairs["largest movement"] = [2]float64{got.Most[k], run.Move}
					pairs["flipped gates"] = [2]float64{got.Flips[k], run.Flips}
				}
				for name, v := range pairs {
					if math.Abs(v[0]-v[1]) > 1e-3*(1+v[1]) || v[0] == 0 {
						t.Errorf("network %d: %s %.6f on the host, %.6f in graphs", k, name, v[0], v[1])
					}
				}
			}
		})
	}
}

// TestCorrectionNext: with the term of the next order the fit finds the power below it.
func TestCorrectionNext(t *testing.T) {
	k := Correction{Exponent: -.5, Next: true}
	for _, m := range []int{100, 400, 1600, 6400} {
		root := math.Sqrt(float64(m))
		v := 3 / root * math.Exp(-2/root)
		k.add(m, v, .01*v)
	}
	k.Fit()
	if math.Abs(k.Slope+.5) > 1e-9 {
		t.Errorf("exponent %.9f, want -0.5", k.Slope)
	}
	k.Next = false
	k.Fit()
	if k.Slope < -.47 {
		t.Errorf("exponent %.3f without the next order, want one that is off", k.Slope)
	}
}
