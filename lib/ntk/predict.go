package ntk

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Regressor is kernel regression fitted to data: for ridge 0 the predictor (9.6), which an infinitely
// wide network that starts from f₀ = 0 ends at,
//
//	f(x) = k(x, X)·(K + ridge·(tr K/n)·I)⁻¹·Y.
//
// It is not changed by use and may be shared by goroutines.
type Regressor struct {
	Kernel Kernel
	Ridge  float64 // relative to the mean of K's diagonal
	X      *mat.Dense
	Alpha  *mat.Dense // n×c, the weights of the n kernel functions for each output
	Scale  float64    // tr K/n, the unit of Ridge
	factor *linalg.Factor
}

// Regress fits the n×c outputs y at the rows of x (n×d). The ridge is relative: ridge·tr(K)/n is
// added to the diagonal of the Gram matrix; 0 interpolates, and then a singular K is a
// *linalg.NotPositiveDefiniteError with an estimate of λ_min. Nothing is ever added unasked.
// Cost n²d + n³/3 flops, memory 2n² doubles.
func Regress(ctx context.Context, k Kernel, x, y *mat.Dense, ridge float64) (*Regressor, error) {
	const fn = "ntk.Regress"
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		return nil, fmt.Errorf("%s: ridge %g, want a number >= 0", fn, ridge)
	}
	if err := checkOutputs(fn, x, y); err != nil {
		return nil, err
	}
	g, err := k.GramContext(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	n := g.SymmetricDim()
	r := &Regressor{Kernel: k, Ridge: ridge, X: x, Scale: mat.Trace(g) / float64(n)}
	addDiagonal(g, ridge*r.Scale)
	if r.factor, err = linalg.CholeskyContext(ctx, g); err != nil {
		var singular *linalg.NotPositiveDefiniteError
		if errors.As(err, &singular) && ridge == 0 {
			return nil, fmt.Errorf("%s: the %s has no inverse on these %d inputs (repeated rows?), want a ridge > 0: %w", fn, k, n, err)
		}
		return nil, fmt.Errorf("%s: n = %d: %w", fn, n, err)
	}
	if r.Alpha, err = r.factor.SolveContext(ctx, y); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return r, nil
}

func checkOutputs(fn string, x, y *mat.Dense) error {
	if x == nil || y == nil || x.IsEmpty() || y.IsEmpty() {
		return fmt.Errorf("%s: no inputs or no outputs, want at least one row of each", fn)
	}
	n, _ := x.Dims()
	if m, _ := y.Dims(); m != n {
		return fmt.Errorf("%s: %d inputs and %d outputs, want the same number", fn, n, m)
	}
	return nil
}

func addDiagonal(g *mat.SymDense, v float64) {
	for i := range g.SymmetricDim() {
		g.SetSym(i, i, g.At(i, i)+v)
	}
}

// Predict returns the m×c outputs at the rows of z (m×d).
func (r *Regressor) Predict(z *mat.Dense) (*mat.Dense, error) {
	cross, err := r.Kernel.Cross(z, r.X)
	if err != nil {
		return nil, fmt.Errorf("ntk.Regressor.Predict: %w", err)
	}
	var out mat.Dense
	out.Mul(cross, r.Alpha)
	return &out, nil
}

// Posterior returns mean and variance at the rows of z of the Gaussian process whose prior
// covariance is the kernel, given the outputs with noise of variance Ridge·Scale:
//
//	k(x,x) - k(x,X)(K + Ridge·Scale·I)⁻¹k(X,x).
//
// The kernel must be NNGP, the one that is the covariance of random networks: a tangent kernel is
// no such thing, see Ensemble. Rounding below 0 is clipped to 0.
func (r *Regressor) Posterior(z *mat.Dense) (mean *mat.Dense, variance []float64, err error) {
	const fn = "ntk.Regressor.Posterior"
	if !r.Kernel.NNGP && r.Kernel.Depth > 0 {
		return nil, nil, fmt.Errorf("%s: the %s is no prior covariance, want a kernel with NNGP set, or Ensemble", fn, r.Kernel)
	}
	cross, err := r.Kernel.Cross(z, r.X)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	if variance, err = r.Kernel.Diag(z); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	for i := range variance {
		q, err := r.factor.Quad(cross.RawRowView(i))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", fn, err)
		}
		variance[i] = max(0, variance[i]-q)
	}
	mean = &mat.Dense{}
	mean.Mul(cross, r.Alpha)
	return mean, variance, nil
}

// Quad returns C = yᵀ(K + ridge)⁻¹y of one column of outputs; see Complexity.
func (r *Regressor) Quad(y []float64) (float64, error) { return r.factor.Quad(y) }

// Trained is an infinitely wide network after some training: the predictor
//
//	f(x) = f₀(x) + k(x,X)·H⁻¹(I - R(H))(y - f₀(X)),
//
// with R the training's Remaining. (9.6) is the case f₀ = 0, Converged.
type Trained struct {
	Kernel   Kernel
	X        *mat.Dense
	Alpha    []float64 // α of f - f₀ = k(·, X)·α
	Spectrum *Spectrum
}

// Train trains on labels y at the rows of x, from the initial outputs u0 there; nil means 0, which
// is exact for antisymmetric initialisation. A step size that diverges and, for Converged, a
// singular Gram matrix are errors. Cost n²d + 14n³/3 flops.
func Train(ctx context.Context, k Kernel, x *mat.Dense, y, u0 []float64, tr Training) (*Trained, error) {
	const fn = "ntk.Train"
	g, err := k.GramContext(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if n := g.SymmetricDim(); len(y) != n || u0 != nil && len(u0) != n {
		return nil, fmt.Errorf("%s: %d inputs, %d labels, %d initial outputs, want the same number", fn, n, len(y), len(u0))
	}
	s, err := NewSpectrum(g)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	t := &Trained{Kernel: k, X: x, Spectrum: s}
	if t.Alpha, err = s.Weights(tr, minus(y, u0)); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return t, nil
}

// minus returns y - u, where a nil u is 0.
func minus(y, u []float64) []float64 {
	r := make([]float64, len(y))
	copy(r, y)
	if u != nil {
		floats.Sub(r, u)
	}
	return r
}

// Predict returns f at the rows of z, given the initial outputs f0 there; nil means 0.
func (t *Trained) Predict(z *mat.Dense, f0 []float64) ([]float64, error) {
	cross, err := t.Kernel.Cross(z, t.X)
	if err != nil {
		return nil, fmt.Errorf("ntk.Trained.Predict: %w", err)
	}
	m, _ := cross.Dims()
	if f0 != nil && len(f0) != m {
		return nil, fmt.Errorf("ntk.Trained.Predict: %d inputs and %d initial outputs, want the same number", m, len(f0))
	}
	out := make([]float64, m)
	for i := range out {
		out[i] = floats.Dot(cross.RawRowView(i), t.Alpha)
		if f0 != nil {
			out[i] += f0[i]
		}
	}
	return out, nil
}
