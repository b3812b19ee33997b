package completion

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Complexity is the Rademacher complexity of the class M_1, by sampling: that of
// M_α = {M : ‖diag(√p)·M·diag(√q)‖_*² ≤ α} is √α times as much.
type Complexity struct {
	Mean, SD float64 // over the draws
	Draws    int
}

// Rademacher samples the complexity of M_1 for n cells,
//
//	E sup_{M in M_1} (1/n)·Σ_t ε_t M_{c_t} = E ‖Σ_t ε_t e_i e_kᵀ/√(p_i q_k)‖₂ / n:
//
// the supremum over a ball of the weighted trace norm is the spectral norm, its dual, of the signs in
// the weighted matrix. Each draw is exact; draws of them give mean and standard deviation.
func Rademacher(ctx context.Context, rowProb, colProb []float64, n, draws int, seed uint64) (Complexity, error) {
	const fn = "completion.Rademacher"
	if n < 1 || draws < 2 {
		return Complexity{}, fmt.Errorf("%s: %d cells and %d draws, want at least 1 and 2", fn, n, draws)
	}
	if err := CheckLaw("RowProb", rowProb, len(rowProb)); err != nil {
		return Complexity{}, fmt.Errorf("%s: %w", fn, err)
	}
	if err := CheckLaw("ColProb", colProb, len(colProb)); err != nil {
		return Complexity{}, fmt.Errorf("%s: %w", fn, err)
	}
	r := rng.Stream(seed, "completion/rademacher")
	z := mat.NewDense(len(rowProb), len(colProb), nil)
	var gram mat.SymDense
	out := Complexity{Draws: draws}
	sum, squares := 0.0, 0.0
	for range draws {
		if err := ctx.Err(); err != nil {
			return Complexity{}, err
		}
		z.Zero()
		for _, c := range Sample(r, rowProb, colProb, n, func(int, int) float64 { return 0 }) {
			sign := 1.0
			if r.Uint64()&1 == 0 {
				sign = -1
			}
			z.Set(c.Row, c.Col, z.At(c.Row, c.Col)+sign/math.Sqrt(rowProb[c.Row]*colProb[c.Col]))
		}
		gram.Reset()
		gram.SymOuterK(1, z.T())
		values, err := linalg.EigenvaluesSym(&gram)
		if err != nil {
			return Complexity{}, fmt.Errorf("%s: %w", fn, err)
		}
		s := math.Sqrt(max(values[0], values[len(values)-1])) / float64(n)
		sum += s
		squares += s * s
	}
	out.Mean = sum / float64(draws)
	out.SD = math.Sqrt(max(0, squares/float64(draws)-out.Mean*out.Mean) * float64(draws) / float64(draws-1))
	return out, nil
}

// ComplexityBound bounds the Rademacher complexity of M_1 by matrix Bernstein (Tropp 2015, Theorem
// 6.1.1), in two terms:
//
//	√(2·max(d2, d0)·log(d2+d0)/n) + log(d2+d0)/(3n·√(min p(i)q(k))).
//
// The weights of a row of the sum have the variance d0 or d2, whatever p and q are; only the second
// term sees how rare the rarest cell is, and NonDegenerate is what keeps it below the first.
func ComplexityBound(rowProb, colProb []float64, n int) (bulk, rare float64, err error) {
	const fn = "completion.ComplexityBound"
	if n < 1 {
		return 0, 0, fmt.Errorf("%s: %d cells, want at least 1", fn, n)
	}
	if err := CheckLaw("RowProb", rowProb, len(rowProb)); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", fn, err)
	}
	if err := CheckLaw("ColProb", colProb, len(colProb)); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", fn, err)
	}
	d2, d0, N := float64(len(rowProb)), float64(len(colProb)), float64(n)
	log := math.Log(d2 + d0)
	bulk = math.Sqrt(2 * max(d2, d0) * log / N)
	rare = log / (3 * N * math.Sqrt(least(rowProb)*least(colProb)))
	return bulk, rare, nil
}
