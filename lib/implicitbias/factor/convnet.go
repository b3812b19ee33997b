package factor

import (
	"context"
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// ConvConfig is a linear network of circular convolutions over the full width D,
//
//	f(x) = ⟨β, x⟩,  β = w_1 ⋆ w_2 ⋆ … ⋆ w_L,  w_l in R^D,
//
// trained with the exponential loss Σ exp(-y_n⟨β, x_n⟩) on separable examples. In unitary Fourier
// coordinates β̂ = D^{(L-1)/2}·∏ŵ_l entry by entry, and the least Σ‖w_l‖² that makes β is L·‖β̂‖_{2/L}^{2/L}
// up to that constant: the margin is maximized in the ℓ_{2/L} norm of the spectrum. The zero value is
// depth 2.
type ConvConfig struct {
	Width    int     // D; 0 means 8
	Depth    int     // L; 0 means 2
	Examples int     // n; 0 means 4, at most 10
	Scale    float64 // standard deviation of the start; 0 means 0.3
	Steps    int     // 0 means 40000
	Seed     uint64  // streams "factor/conv" (data) and "factor/conv/init"
}

// ConvPoint is the predictor after a number of steps.
type ConvPoint struct {
	Step    int
	Norm    float64   // ‖β̂‖_p, p = 2/L
	Margin  float64   // min y_n⟨β, x_n⟩ / ‖β̂‖_p, to be maximized
	KKT     float64   // residual at depth L
	Flatter float64   // the same residual at depth 1: least Euclidean norm
	Bound   float64   // no predictor has a larger Margin at depth 2 and below; NaN beyond
	Power   []float64 // |β̂_d| / max, d = 0..D-1

	Beta     []complex128   `json:"-"` // β̂
	Examples [][]complex128 `json:"-"` // y_n·x̂_n, the same at all points
}

// RunConv trains by gradient descent with a step that lowers the logarithm of the loss by about ¼, and
// later by 0.2% of the smallest margin, so that margins in the millions come within reach; all is done
// in the logarithm, where nothing underflows. It returns about 4 points per decade of steps, from where
// the predictor separates on. Gunasekar, Lee, Soudry and Srebro 2018, theorem 2. A step costs O(D(L+n)).
func RunConv(ctx context.Context, cfg ConvConfig) ([]ConvPoint, error) {
	const fn = "factor.RunConv"
	if cfg.Width == 0 {
		cfg.Width = 8
	}
	if cfg.Depth == 0 {
		cfg.Depth = 2
	}
	if cfg.Examples == 0 {
		cfg.Examples = 4
	}
	if cfg.Scale == 0 {
		cfg.Scale = .3
	}
	if cfg.Steps == 0 {
		cfg.Steps = 40000
	}
	if cfg.Width < 2 || cfg.Depth < 1 || cfg.Depth > 10 || cfg.Examples < 1 || cfg.Examples > 10 || cfg.Examples > cfg.Width || cfg.Steps < 1 || !(cfg.Scale > 0) {
		return nil, fmt.Errorf("%s: width %d, depth %d, %d examples, %d steps and scale %v, want a width of 2 or more, a depth from 1 to 10, 1 to 10 examples but no more than the width, 1 step or more and a positive scale", fn, cfg.Width, cfg.Depth, cfg.Examples, cfg.Steps, cfg.Scale)
	}
	d, l, n := cfg.Width, cfg.Depth, cfg.Examples
	src := rng.Stream(cfg.Seed, "factor/conv")
	z := make([][]complex128, n) // spectra of y_n·x_n
	for i := range z {
		x := rng.Normals(src, d)
		if src.Float64() < .5 {
			floats.Scale(-1, x)
		}
		z[i] = DFT(x)
	}
	src = rng.Stream(cfg.Seed, "factor/conv/init")
	w := make([][]complex128, l)
	for k := range w {
		x := rng.Normals(src, d)
		floats.Scale(cfg.Scale, x)
		w[k] = DFT(x)
	}
	scale := complex(math.Pow(float64(d), float64(l-1)/2), 0)
	beta, grad, margins := make([]complex128, d), make([]complex128, d), make([]float64, n)
	others := make([][]complex128, l)
	for k := range others {
		others[k] = make([]complex128, d)
	}
	var out []ConvPoint
	next := 10.
	for step := 0; ; step++ {
		for i := range d {
			beta[i] = scale
			for k := range w {
				beta[i] *= w[k][i]
			}
		}
		for i := range z {
			margins[i] = inner(beta, z[i])
		}
		if low := floats.Min(margins); low > 0 && float64(step) >= next || step == cfg.Steps {
			if !(low > 0) {
				return nil, fmt.Errorf("%s: after %d steps the smallest margin is still %g, want more steps", fn, step, low)
			}
			p, err := convPoint(step, l, beta, z, margins)
			if err != nil {
				return nil, fmt.Errorf("%s: step %d: %w", fn, step, err)
			}
			out = append(out, p)
			for next <= float64(step) {
				next *= math.Pow(10, .25)
			}
		}
		if step == cfg.Steps {
			return out, nil
		}
		if step%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		// -∇ log Σ exp(-margin) is the mean of z under weights exp(-margin).
		low, sum := floats.Min(margins), 0.0
		clear(grad)
		for i := range z {
			e := math.Exp(low - margins[i])
			sum += e
			for j := range d {
				grad[j] += complex(e, 0) * z[i][j]
			}
		}
		norm := 0.0
		for k := range w {
			for j := range d {
				o := scale
				for m := range w {
					if m != k {
						o *= w[m][j]
					}
				}
				others[k][j] = cmplx.Conj(o) * grad[j] / complex(sum, 0)
				norm += real(others[k][j])*real(others[k][j]) + imag(others[k][j])*imag(others[k][j])
			}
		}
		if norm == 0 || math.IsNaN(norm) {
			return nil, fmt.Errorf("%s: no direction of descent at step %d", fn, step)
		}
		eta := complex(max(.25, .002*low)/norm, 0)
		for k := range w {
			for j := range d {
				w[k][j] += eta * others[k][j]
			}
		}
	}
}

// DFT is the unitary discrete Fourier transform, Σ_j x_j·e^{-2πijk/D}/√D.
func DFT(x []float64) []complex128 {
	d := len(x)
	out := make([]complex128, d)
	for k := range out {
		for j, v := range x {
			out[k] += complex(v, 0) * cmplx.Rect(1, -2*math.Pi*float64(j*k%d)/float64(d))
		}
		out[k] /= complex(math.Sqrt(float64(d)), 0)
	}
	return out
}

// inner is the inner product of two real vectors by their spectra.
func inner(a, b []complex128) float64 {
	sum := 0.0
	for i := range a {
		sum += real(a[i])*real(b[i]) + imag(a[i])*imag(b[i])
	}
	return sum
}

// SpectralNorm is ‖β̂‖_{2/L}: the Euclidean norm at depth 1, the ℓ_1 norm at depth 2, a quasi-norm
// beyond.
func SpectralNorm(beta []complex128, depth int) float64 {
	p := 2 / float64(depth)
	sum := 0.0
	for _, b := range beta {
		sum += math.Pow(cmplx.Abs(b), p)
	}
	return math.Pow(sum, 1/p)
}

func convPoint(step, depth int, beta []complex128, z [][]complex128, margins []float64) (ConvPoint, error) {
	p := ConvPoint{Step: step, Norm: SpectralNorm(beta, depth), Bound: math.NaN(), Beta: slices.Clone(beta), Examples: z}
	p.Margin = floats.Min(margins) / p.Norm
	var alpha []float64
	var err error
	if p.KKT, alpha, err = FourierKKT(beta, z, depth); err != nil {
		return p, err
	}
	if p.Flatter, _, err = FourierKKT(beta, z, 1); err != nil {
		return p, err
	}
	if depth <= 2 {
		p.Bound = MarginBound(alpha, z, depth)
	}
	top := 0.0
	for _, b := range beta {
		top = max(top, cmplx.Abs(b))
	}
	for _, b := range beta {
		p.Power = append(p.Power, cmplx.Abs(b)/top)
	}
	return p, nil
}

// FourierKKT measures how far β̂ is from a first-order stationary point of
//
//	min ‖β̂‖_{2/L}  subject to  y_n⟨β, x_n⟩ >= 1:
//
// there are α_n >= 0, zero off the support vectors, with β̂ = |β̂|^{2-2/L}·Σ α_n y_n x̂_n entry by entry
// (a form without a division, and without a demand where β̂ = 0; MarginBound adds what depth 2 asks
// there). z holds the spectra y_n·x̂_n. It returns the least relative residual over α and that α;
// support vectors are those within 2% of the smallest margin. Cost: 2ⁿ least squares of n unknowns.
func FourierKKT(beta []complex128, z [][]complex128, depth int) (residual float64, alpha []float64, err error) {
	n, d := len(z), len(beta)
	if n == 0 || n > 10 || depth < 1 {
		return 0, nil, fmt.Errorf("factor.FourierKKT: %d examples at depth %d, want 1 to 10 and at least 1", n, depth)
	}
	margins := make([]float64, n)
	for i := range z {
		if len(z[i]) != d {
			return 0, nil, fmt.Errorf("factor.FourierKKT: example %d has %d entries, want %d", i, len(z[i]), d)
		}
		margins[i] = inner(beta, z[i])
	}
	low := floats.Min(margins)
	if !(low > 0) {
		return 0, nil, fmt.Errorf("factor.FourierKKT: smallest margin %v, want a predictor that separates", low)
	}
	var support []int
	for i, m := range margins {
		if m <= 1.02*low {
			support = append(support, i)
		}
	}
	a, b := mat.NewDense(2*d, n, nil), make([]float64, 2*d)
	norm := SpectralNorm(beta, 1)
	for j := range d {
		b[2*j], b[2*j+1] = real(beta[j])/norm, imag(beta[j])/norm
		weight := math.Pow(cmplx.Abs(beta[j])/norm, 2-2/float64(depth))
		for i := range n {
			a.Set(2*j, i, weight*real(z[i][j]))
			a.Set(2*j+1, i, weight*imag(z[i][j]))
		}
	}
	alpha, residual, err = nonNegative(a, b, support)
	return residual, alpha, err
}

// nonNegative minimizes ‖A·α - b‖ over α >= 0 that vanish off the support, by looking at every subset:
// for a handful of examples that is exact and cheap.
func nonNegative(a *mat.Dense, b []float64, support []int) (best []float64, residual float64, err error) {
	rows, n := a.Dims()
	best, residual = make([]float64, n), floats.Norm(b, 2)
	rest := make([]float64, rows)
	for mask := 1; mask < 1<<len(support); mask++ {
		var cols []int
		for k, i := range support {
			if mask>>k&1 == 1 {
				cols = append(cols, i)
			}
		}
		sub := mat.NewDense(rows, len(cols), nil)
		for k, i := range cols {
			sub.SetCol(k, mat.Col(nil, i, a))
		}
		var x mat.VecDense
		if err := x.SolveVec(sub, mat.NewVecDense(rows, b)); err != nil {
			if _, ok := err.(mat.Condition); !ok {
				return nil, 0, err
			}
			continue // a degenerate subset: a smaller one gives the same products
		}
		if floats.Min(x.RawVector().Data) < 0 {
			continue
		}
		copy(rest, b)
		for k, i := range cols {
			floats.AddScaled(rest, -x.AtVec(k), mat.Col(nil, i, a))
		}
		if r := floats.Norm(rest, 2); r < residual {
			residual = r
			clear(best)
			for k, i := range cols {
				best[i] = x.AtVec(k)
			}
		}
	}
	return best, residual, nil
}

// MarginBound bounds the margin of every predictor: for α >= 0, min_n y_n⟨β, x_n⟩ <= ⟨β̂, Σα_n z_n⟩/Σα_n
// <= ‖β̂‖_p·‖Σα_n z_n‖_*/Σα_n, with the dual norm of p = 2/L: Euclidean at depth 1, the largest modulus
// at depth 2. It is tight at the maximizer's own α. Beyond depth 2 there is no such norm: +Inf.
func MarginBound(alpha []float64, z [][]complex128, depth int) float64 {
	sum := floats.Sum(alpha)
	if depth > 2 || !(sum > 0) {
		return math.Inf(1)
	}
	norm := 0.0
	for j := range z[0] {
		var g complex128
		for i, a := range alpha {
			g += complex(a, 0) * z[i][j]
		}
		if depth == 2 {
			norm = max(norm, cmplx.Abs(g))
		} else {
			norm = math.Hypot(norm, cmplx.Abs(g))
		}
	}
	return norm / sum
}
