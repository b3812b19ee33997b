package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// CompletionConfig is an experiment on f(x) = (1/4)·Σ_{(i,j) observed} (z_i z_j - x_i x_j)²: with some
// entries of zzᵀ hidden, gradient descent from a random start still finds ±z (section 6.4.2). The zero
// value is the setting of the claim.
type CompletionConfig struct {
	Dim   int     // d; 0 means 30
	Share float64 // of entries that are observed, symmetrically; 0 means 0.4
	Spiky bool    // |z_i| is 1 in two places and 0.1 elsewhere, not uniform on (½, 3/2): no incoherence
	Runs  int     // 0 means 20
	Steps int     // at most; 0 means 5000
	Rate  float64 // η times the share; 0 means 0.2
	Seed  uint64
}

// CompletionRun is how one run ended.
type CompletionRun struct {
	Distance   float64 // ‖xxᵀ - zzᵀ‖_F
	Curvature  float64 // smallest eigenvalue of the Hessian
	Steps      int
	Incoherent float64 // d·max z_i²: 1 if z is flat, d if it is a unit vector
}

// RunCompletion makes the runs, each with its own z, mask and start, on all processors. A run ends when
// its distance is below 1e-3 or its gradient below 1e-10. ‖z‖ = 1.
func RunCompletion(ctx context.Context, cfg CompletionConfig) ([]CompletionRun, error) {
	const fn = "landscape.RunCompletion"
	if cfg.Dim == 0 {
		cfg.Dim = 30
	}
	if cfg.Share == 0 {
		cfg.Share = .4
	}
	if cfg.Runs == 0 {
		cfg.Runs = 20
	}
	if cfg.Steps == 0 {
		cfg.Steps = 5000
	}
	if cfg.Rate == 0 {
		cfg.Rate = .2
	}
	if cfg.Dim < 2 || cfg.Runs < 0 || cfg.Steps < 0 {
		return nil, fmt.Errorf("%s: %d dimensions, %d runs and %d steps, want 2 or more and no negative", fn, cfg.Dim, cfg.Runs, cfg.Steps)
	}
	if !(cfg.Share > 0 && cfg.Share <= 1) || !(cfg.Rate > 0) {
		return nil, fmt.Errorf("%s: share %g and rate %g, want a share in (0, 1] and a positive rate", fn, cfg.Share, cfg.Rate)
	}
	runs := make([]CompletionRun, cfg.Runs)
	errs := make([]error, cfg.Runs)
	err := linalg.Parallel(ctx, cfg.Runs, 1, func(i, _ int) { runs[i], errs[i] = completionRun(ctx, cfg, i) })
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return runs, nil
}

func completionRun(ctx context.Context, cfg CompletionConfig, run int) (CompletionRun, error) {
	r := rng.Stream(cfg.Seed, fmt.Sprintf("landscape/completion/%d", run))
	d := cfg.Dim
	z := rng.Signs(r, d)
	for i := range z {
		switch {
		case !cfg.Spiky:
			z[i] *= .5 + r.Float64()
		case i > 1:
			z[i] *= .1
		}
	}
	floats.Scale(1/floats.Norm(z, 2), z)
	seen := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			if r.Float64() < cfg.Share {
				seen.SetSym(i, j, 1)
			}
		}
	}
	x0 := rng.Normals(r, d)
	floats.Scale(1/math.Sqrt(float64(d)), x0)

	o := Completion(z, seen)
	distance := func(x []float64) float64 {
		xx, xz := floats.Dot(x, x), floats.Dot(x, z)
		return math.Sqrt(max(0, 1+xx*xx-2*xz*xz))
	}
	path, err := Descend(ctx, o, x0, cfg.Rate/cfg.Share, cfg.Steps, func(t int, x []float64) bool {
		return t%50 == 0 && (distance(x) < 1e-3 || o.GradientNorm(x) < 1e-10)
	})
	if err != nil {
		return CompletionRun{}, err
	}
	x := path[len(path)-1]
	values, err := linalg.EigenvaluesSym(o.Hessian(x))
	if err != nil {
		return CompletionRun{}, err
	}
	largest := 0.0
	for _, v := range z {
		largest = max(largest, v*v)
	}
	return CompletionRun{Distance: distance(x), Curvature: values[d-1], Steps: len(path) - 1, Incoherent: float64(d) * largest}, nil
}

// Completion is f(x) = ¼·Σ_ij s_ij (z_i z_j - x_i x_j)² with weights s_ij, 1 where an entry is observed and
// 0 elsewhere. With P the product by s in each entry, ∇f = -P(zzᵀ - xxᵀ)x and
// ∇²f·v = P(xvᵀ + vxᵀ)x - P(zzᵀ - xxᵀ)v.
func Completion(z []float64, seen *mat.SymDense) *Objective {
	d := len(z)
	each := func(f func(i, j int, s float64)) {
		for i := range d {
			for j := range d {
				if s := seen.At(i, j); s != 0 {
					f(i, j, s)
				}
			}
		}
	}
	return &Objective{
		Name: "completion of rank one", Dim: d, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: 0,
		Value: func(x []float64) float64 {
			sum := 0.0
			each(func(i, j int, s float64) {
				r := z[i]*z[j] - x[i]*x[j]
				sum += s * r * r
			})
			return sum / 4
		},
		Gradient: func(dst, x []float64) {
			clear(dst)
			each(func(i, j int, s float64) { dst[i] -= s * (z[i]*z[j] - x[i]*x[j]) * x[j] })
		},
		HessVec: func(dst, x, v []float64) {
			clear(dst)
			each(func(i, j int, s float64) {
				dst[i] += s * ((x[i]*v[j]+v[i]*x[j])*x[j] - (z[i]*z[j]-x[i]*x[j])*v[j])
			})
		},
	}
}
