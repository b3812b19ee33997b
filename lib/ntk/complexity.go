package ntk

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Complexity holds the data-dependent measure C = yᵀH⁻¹y of section 9.3.1, the squared norm in the
// kernel's function space of the predictor that interpolates y, and the bounds made of it.
type Complexity struct {
	N     int
	C     float64 // yᵀH⁻¹y
	Trace float64 // tr H
}

// Book is (9.11) as printed, √(2C·tr H)/n. Its constant is too small by √2, see Rademacher.
func (c Complexity) Book() float64 { return math.Sqrt(2*c.C*c.Trace) / float64(c.N) }

// ADH is √(2C/n), the bound of Arora et al. 2019 for unit inputs, whose tr H* is n/2.
func (c Complexity) ADH() float64 { return math.Sqrt(2 * c.C / float64(c.N)) }

// Rademacher bounds the Rademacher complexity of the ball of functions of squared norm C, √(C·tr H)/n.
func (c Complexity) Rademacher() float64 { return math.Sqrt(c.C*c.Trace) / float64(c.N) }

// Gap is the corrected (9.11): twice the Rademacher complexity, 2√(C·tr H)/n, which is ADH when
// tr H = n/2. With probability 1 - δ the gap between test and training value of a loss that is
// 1-Lipschitz and has values in [0, 1] is at most Gap + Confidence(δ).
func (c Complexity) Gap() float64 { return 2 * c.Rademacher() }

// Confidence is the term 3√(log(2/δ)/(2n)) that a bound with probability 1 - δ adds.
func (c Complexity) Confidence(delta float64) float64 {
	return 3 * math.Sqrt(math.Log(2/delta)/(2*float64(c.N)))
}

// ComplexityOf computes C for labels y. A singular h is a *linalg.NotPositiveDefiniteError; for
// labels in its range use ComplexityOnRange. Cost n³/3 flops.
func ComplexityOf(h *mat.SymDense, y []float64) (Complexity, error) {
	f, err := linalg.Cholesky(h)
	if err != nil {
		return Complexity{}, fmt.Errorf("ntk.ComplexityOf: %w", err)
	}
	c := Complexity{N: h.SymmetricDim(), Trace: mat.Trace(h)}
	if c.C, err = f.Quad(y); err != nil {
		return Complexity{}, fmt.Errorf("ntk.ComplexityOf: %w", err)
	}
	return c, nil
}

// ComplexityOnRange computes C with the pseudo-inverse of h, for labels that lie in its range, as those
// of a function in the kernel's space do on any inputs. A part of y outside the range, more than 1e-6 of
// its norm, is an error: C is infinite. Cost 14n³/3 flops.
func ComplexityOnRange(h *mat.SymDense, y []float64) (Complexity, error) {
	const fn = "ntk.ComplexityOnRange"
	r, err := linalg.PSD(h, 0)
	if err != nil {
		return Complexity{}, fmt.Errorf("%s: %w", fn, err)
	}
	inside, err := r.Project(y)
	if err != nil {
		return Complexity{}, fmt.Errorf("%s: %w", fn, err)
	}
	if out := floats.Distance(inside, y, 2); out > 1e-6*floats.Norm(y, 2) {
		return Complexity{}, fmt.Errorf("%s: a part of norm %.3g of the labels, of norm %.3g, is outside the range of the %d×%d matrix of rank %d",
			fn, out, floats.Norm(y, 2), r.N, r.N, r.Rank)
	}
	c := Complexity{N: r.N, Trace: mat.Trace(h)}
	if c.C, err = r.Quad(y); err != nil {
		return Complexity{}, fmt.Errorf("%s: %w", fn, err)
	}
	return c, nil
}

// LabelNoise is what the complexity is for labels of which each is replaced, with probability q, by
// a random sign: E C = (1-q)²·C + (1-(1-q)²)·tr H⁻¹. The labels must be ±1.
func LabelNoise(clean, traceInverse, q float64) float64 {
	keep := (1 - q) * (1 - q)
	return keep*clean + (1-keep)*traceInverse
}

// RampLoss is mean min(1, |f - y|), the loss of figure 9.2 clipped to [0, 1].
func RampLoss(f, y []float64) float64 {
	sum := 0.0
	for i := range f {
		sum += min(1, math.Abs(f[i]-y[i]))
	}
	return sum / float64(len(f))
}

// SignErrors counts the f whose sign is not that of y; f = 0 counts as wrong.
func SignErrors(f, y []float64) int {
	wrong := 0
	for i := range f {
		if !(f[i]*y[i] > 0) {
			wrong++
		}
	}
	return wrong
}
