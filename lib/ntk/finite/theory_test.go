package finite

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// TestTheory compares the closed form with the iteration u ← u - ηH(u-y), f ← f - ηk(u-y).
func TestTheory(t *testing.T) {
	n, r := 6, rng.Stream(1, "theory")
	a := mat.NewDense(n, n, rng.Normals(r, n*n))
	var h mat.SymDense
	h.SymOuterK(1, a)
	h.SetSym(0, 0, h.At(0, 0)+1)
	y, u0, f0 := rng.Normals(r, n), rng.Normals(r, n), rng.Normals(r, 2)
	cross := mat.NewDense(2, n, rng.Normals(r, 2*n))
	lambda := mat.Norm(&h, 2) // at least λ₁
	for _, eta := range []float64{0.3 / lambda, 1.9 / lambda} {
		th, err := newTheory(&h, eta)
		if err != nil {
			t.Fatal(err)
		}
		for _, start := range []bool{true, false} {
			u, f := make([]float64, n), make([]float64, 2)
			s0, g0 := []float64(nil), []float64(nil)
			if start {
				copy(u, u0)
				copy(f, f0)
				s0, g0 = u0, f0
			}
			for k := 0; k <= 40; k++ {
				if d := largest(th.outputs(y, s0, k), u); d > 1e-12 {
					t.Errorf("η = %g, step %d: outputs differ from the iteration by %g", eta, k, d)
				}
				if d := largest(th.predict(cross, y, s0, g0, k), f); d > 1e-11 {
					t.Errorf("η = %g, step %d: prediction differs from the iteration by %g", eta, k, d)
				}
				res := make([]float64, n)
				for i := range res {
					res[i] = u[i] - y[i]
				}
				for i := range n {
					for j := range n {
						u[i] -= eta * h.At(i, j) * res[j]
					}
				}
				for i := range f {
					for j := range n {
						f[i] -= eta * cross.At(i, j) * res[j]
					}
				}
			}
		}
	}
	for _, eta := range []float64{0, -1, math.NaN(), 2 / th1(&h)} {
		if _, err := newTheory(&h, eta); err == nil {
			t.Errorf("step %g: no error", eta)
		}
	}
}

func th1(h *mat.SymDense) float64 {
	th, err := newTheory(h, 1e-9)
	if err != nil {
		panic(err)
	}
	return th.lambda[0]
}

// TestTheoryNullDirection: where λ = 0 the prediction grows as kη and the output does not move.
func TestTheoryNullDirection(t *testing.T) {
	h := mat.NewSymDense(2, []float64{1, 0, 0, 0})
	th, err := newTheory(h, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	y := []float64{0, 3}
	if u := th.outputs(y, nil, 10); math.Abs(u[1]) > 1e-15 {
		t.Errorf("output moved to %g in a direction with eigenvalue 0", u[1])
	}
	if f := th.predict(mat.NewDense(1, 2, []float64{0, 1}), y, nil, nil, 10); math.Abs(f[0]-10*0.5*3) > 1e-12 {
		t.Errorf("prediction %g, want kηy = 15", f[0])
	}
}
