package sensing

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Optimum is the global minimum of the population objective of Gaussian sensing without noise,
//
//	L(U, V) = E_A[L_drop] = ‖M* - UVᵀ‖_F² + λ·Σ_j‖u_j‖²‖v_j‖².
type Optimum struct {
	Spectrum []float64 // singular values of UVᵀ, from WaterFill
	Rank     int       // ρ, how many are above 0
	Tau      float64   // what is taken off those of M*
	Value    float64   // of the objective
	Risk     float64   // ‖M* - UVᵀ‖_F², Σ_i (σ_i - s_i)²
	Factors  *Factors  // equalized
}

// Solve returns the global minimum in closed form. Over all factors with the same product the penalty has
// the minimum ‖UVᵀ‖_*²/d₁ (11.6), and for a given spectrum of the product M* is nearest to it if singular
// vectors are shared (von Neumann), so that WaterFill decides the spectrum and Equalize the factors.
func Solve(star mat.Matrix, width int, lambda float64) (*Optimum, error) {
	const fn = "sensing.Solve"
	sigma, err := spectrum(fn, star, width)
	if err != nil {
		return nil, err
	}
	o := &Optimum{}
	if o.Spectrum, o.Rank, o.Tau, o.Value, err = WaterFill(sigma, width, lambda); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for i, s := range sigma {
		o.Risk += (s - o.Spectrum[i]) * (s - o.Spectrum[i])
	}
	var svd mat.SVD
	if !svd.Factorize(star, mat.SVDThin) {
		return nil, fmt.Errorf("%s: the singular values of M* did not converge", fn)
	}
	var w, y, m mat.Dense
	svd.UTo(&w)
	svd.VTo(&y)
	m.Product(&w, mat.NewDiagDense(len(sigma), append([]float64(nil), o.Spectrum...)), y.T())
	e, err := Equalize(&m, width)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	o.Factors = &e.Factors
	return o, nil
}

// DescentConfig says how the population objective is minimized from random starts. The zero value runs.
type DescentConfig struct {
	Starts     int     // 0 means 8
	Scale      float64 // of the normal entries of the starts; 0 means 1
	Tolerance  float64 // largest entry of the gradient at the end; 0 means 1e-9
	Iterations int     // at most, a start; 0 means 5000
	Seed       uint64
}

// End is where one start led.
type End struct {
	Value      float64
	Spectrum   []float64 // singular values of UVᵀ
	Spread     float64   // standard deviation over mean of ‖u_j‖·‖v_j‖
	Gradient   float64   // largest entry
	Iterations int
	Converged  bool
}

// Descend minimizes the population objective by L-BFGS from random starts, on all processors, and returns
// where each led. It knows nothing of Solve. A value within 1e-11 of the minimum still leaves singular
// values 3e-6 off, hence the tolerance on the gradient.
func Descend(ctx context.Context, star *mat.Dense, width int, lambda float64, cfg DescentConfig) ([]End, error) {
	const fn = "sensing.Descend"
	if _, err := spectrum(fn, star, width); err != nil {
		return nil, err
	}
	if !(lambda >= 0) || math.IsInf(lambda, 1) {
		return nil, fmt.Errorf("%s: strength λ = %g, want a number of at least 0", fn, lambda)
	}
	cfg.Starts = or(cfg.Starts, 8)
	cfg.Scale = or(cfg.Scale, 1)
	cfg.Tolerance = or(cfg.Tolerance, 1e-9)
	cfg.Iterations = or(cfg.Iterations, 5000)
	if cfg.Starts < 1 || !(cfg.Scale > 0) || !(cfg.Tolerance > 0) || cfg.Iterations < 1 {
		return nil, fmt.Errorf("%s: %d starts of scale %g, tolerance %g, %d iterations, want all positive", fn, cfg.Starts, cfg.Scale, cfg.Tolerance, cfg.Iterations)
	}
	d2, d0 := star.Dims()
	ends, errs := make([]End, cfg.Starts), make([]error, cfg.Starts)
	err := linalg.Parallel(ctx, cfg.Starts, 1, func(lo, hi int) {
		for s := lo; s < hi; s++ {
			x := rng.Normals(rng.Stream(cfg.Seed, fmt.Sprintf("sensing/descend/%d", s)), (d2+d0)*width)
			floats.Scale(cfg.Scale, x)
			e, err := minimize(ctx, population(star, width, lambda), x, cfg.Tolerance, cfg.Iterations)
			if err != nil {
				errs[s] = fmt.Errorf("%s: start %d: %w", fn, s, err)
				continue
			}
			f := unflatten(e.x, d2, d0, width)
			ends[s] = End{e.value, singular(f.Product()), spread(f.Shares()), e.gradient, e.iterations, e.converged}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return ends, nil
}

// population is the objective of Descend on U and V, one after the other, row by row.
func population(star *mat.Dense, width int, lambda float64) func(g, x []float64) float64 {
	d2, d0 := star.Dims()
	res := mat.NewDense(d2, d0, nil)
	nu, nv := make([]float64, width), make([]float64, width)
	return func(g, x []float64) float64 {
		f, d := unflatten(x, d2, d0, width), unflatten(g, d2, d0, width)
		res.Mul(f.U, f.V.T())
		res.Sub(res, star)
		d.U.Mul(res, f.V)
		d.V.Mul(res.T(), f.U)
		columnSquares(nu, f.U)
		columnSquares(nv, f.V)
		for i := range d2 {
			u, du := f.U.RawRowView(i), d.U.RawRowView(i)
			for j := range du {
				du[j] = 2*du[j] + 2*lambda*nv[j]*u[j]
			}
		}
		for i := range d0 {
			v, dv := f.V.RawRowView(i), d.V.RawRowView(i)
			for j := range dv {
				dv[j] = 2*dv[j] + 2*lambda*nu[j]*v[j]
			}
		}
		r := res.RawMatrix().Data
		return floats.Dot(r, r) + lambda*floats.Dot(nu, nv)
	}
}

// columnSquares puts the squared norms of the columns of m into dst.
func columnSquares(dst []float64, m *mat.Dense) {
	clear(dst)
	r, _ := m.Dims()
	for i := range r {
		for j, v := range m.RawRowView(i) {
			dst[j] += v * v
		}
	}
}

// unflatten views x as U and V.
func unflatten(x []float64, d2, d0, width int) *Factors {
	return &Factors{mat.NewDense(d2, width, x[:d2*width]), mat.NewDense(d0, width, x[d2*width:])}
}

// spread is the standard deviation of v over its mean; 0 if all are 0.
func spread(v []float64) float64 {
	mean := floats.Sum(v) / float64(len(v))
	if mean == 0 {
		return 0
	}
	s := 0.0
	for _, x := range v {
		s += (x - mean) * (x - mean)
	}
	return math.Sqrt(s/float64(len(v))) / mean
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
