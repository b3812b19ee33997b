package ntk

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// SampleGram draws a two-layer network of width m at random initialisation, w_r ~ N(0, I), and
// returns the Gram matrix of its first-layer gradients at the rows of x,
//
//	H(0)_ij = xᵢᵀx_j · (1/m)Σ_r σ'(w_rᵀxᵢ)σ'(w_rᵀx_j),
//
// the average of section 9.2 (the signs a_r square to 1 and drop out). A nil activation means ReLU.
// Cost m·n·d + m·n²/2 flops; for ReLU the second term is bit counting, 64 neurons a word.
func SampleGram(a Activation, x *mat.Dense, m int, r *rand.Rand) (*mat.SymDense, error) {
	if m < 1 {
		return nil, fmt.Errorf("ntk.SampleGram: width %d, want >= 1", m)
	}
	k, err := Kernel{}.Gram(x)
	if err != nil {
		return nil, fmt.Errorf("ntk.SampleGram: %w", err)
	}
	if a == nil {
		a = ReLU
	}
	n, d := x.Dims()
	w := make([]float64, d)
	_, gates := a.(relu)
	words := (m + 63) / 64
	open := make([][]uint64, n)     // ReLU: bit r of row i says that neuron r is active on x_i
	slopes := make([]float64, n)    // otherwise: the slopes of one neuron
	sums := mat.NewSymDense(n, nil) // Σ_r of their products
	for i := range open {
		open[i] = make([]uint64, words)
	}
	for neuron := range m {
		for j := range w {
			w[j] = r.NormFloat64()
		}
		for i := range n {
			z := floats.Dot(w, x.RawRowView(i))
			if !gates {
				slopes[i] = a.Slope(z)
			} else if z > 0 {
				open[i][neuron/64] |= 1 << (neuron % 64)
			}
		}
		if !gates {
			sums.SymRankOne(sums, 1, mat.NewVecDense(n, slopes))
		}
	}
	for i := range n {
		for j := i; j < n; j++ {
			sum := sums.At(i, j)
			if gates {
				both := 0
				for q, word := range open[i] {
					both += bits.OnesCount64(word & open[j][q])
				}
				sum = float64(both)
			}
			k.SetSym(i, j, k.At(i, j)*sum/float64(m))
		}
	}
	return k, nil
}

// Variance returns m·E‖H(0) - H*‖_F² for the two-layer ReLU network on the rows of x:
//
//	Σ_ij K_ij²·p_ij(1 - p_ij),  p = κ₀(ρ)/2,
//
// since an entry of H(0) is K_ij = xᵢᵀx_j times the mean of m independent coins of probability p_ij.
// It is exact at every width.
func Variance(x *mat.Dense) (float64, error) {
	k, err := Kernel{}.Gram(x)
	if err != nil {
		return 0, fmt.Errorf("ntk.Variance: %w", err)
	}
	n, sum := k.SymmetricDim(), 0.0
	for i := range n {
		for j := range n {
			p := Kappa0(cosine(k.At(i, i), k.At(j, j), k.At(i, j))) / 2
			sum += k.At(i, j) * k.At(i, j) * p * (1 - p)
		}
	}
	return sum, nil
}

// HoeffdingRadius bounds all n² entries at once: with probability at least 1 - δ every
// |H(0)_ij - H*_ij| is at most |K_ij|·HoeffdingRadius(n, m, δ) for ReLU, whose products σ'σ' have
// values in [0, 1]:
//
//	√(log(2n²/δ)/(2m)).
//
// For |σ'| <= 1 of either sign the products range over [-1, 1] and the radius doubles, to the
// √(2·log(2n²/δ)/m) of the proof of Lemma 9.2.2.
func HoeffdingRadius(n, m int, delta float64) float64 {
	return math.Sqrt(math.Log(2*float64(n)*float64(n)/delta) / (2 * float64(m)))
}

// WidthFor returns the width at which Lemma 9.2.2 guarantees ‖H(0) - H*‖_2 <= ε with probability at
// least 1 - δ for unit inputs and |σ'| <= 1: m = 2n²·log(2n²/δ)/ε², the lemma's Ω made explicit.
func WidthFor(n int, epsilon, delta float64) int {
	nn := float64(n) * float64(n)
	return int(math.Ceil(2 * nn * math.Log(2*nn/delta) / (epsilon * epsilon)))
}
