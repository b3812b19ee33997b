package saddle

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/landscape"
)

// Cosine returns f(x) = γcos(x₁) + ½Σ_{i≥2}x_i² on R^d, the saddle of which everything is known: ℓ = 1 (γ
// for d = 1), ρ = γ, f* = -γ at x₁ = ±π, a strict saddle of curvature -γ at 0 with f(0) - f* = 2γ. 0 is an
// ε-SOSP iff ε ≥ γ. The error is for d < 1 or γ outside (0, 1].
func Cosine(d int, gamma float64) (*landscape.Objective, error) {
	if d < 1 || !(gamma > 0 && gamma <= 1) {
		return nil, fmt.Errorf("saddle.Cosine: d = %d and γ = %g, want d ≥ 1 and 0 < γ ≤ 1", d, gamma)
	}
	ell := 1.0
	if d == 1 {
		ell = gamma
	}
	return &landscape.Objective{
		Name: "γcos x₁ + ½Σx²", Dim: d, Lipschitz: ell, HessLipschitz: gamma, Min: -gamma,
		Value: func(x []float64) float64 {
			s := 0.0
			for _, v := range x[1:] {
				s += v * v
			}
			return gamma*math.Cos(x[0]) + s/2
		},
		Gradient: func(dst, x []float64) {
			copy(dst, x)
			dst[0] = -gamma * math.Sin(x[0])
		},
		HessVec: func(dst, x, v []float64) {
			copy(dst, v)
			dst[0] = -gamma * math.Cos(x[0]) * v[0]
		},
	}, nil
}

// Quadratic returns ½Σ c_i x_i², with ℓ = max|c_i| and ρ = 0. f* is 0 if no c_i is negative, else unknown:
// there is none. The error is for no curvature at all, or one that is not a number.
func Quadratic(curvatures ...float64) (*landscape.Objective, error) {
	if len(curvatures) == 0 {
		return nil, fmt.Errorf("saddle.Quadratic: no curvature, want at least one")
	}
	ell, low := 0.0, 0.0
	for i, c := range curvatures {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			return nil, fmt.Errorf("saddle.Quadratic: curvature %d is %g, want a number", i, c)
		}
		ell = max(ell, math.Abs(c))
		if c < 0 {
			low = math.NaN()
		}
	}
	c := append([]float64(nil), curvatures...)
	product := func(dst, v []float64) {
		for i := range v {
			dst[i] = c[i] * v[i]
		}
	}
	return &landscape.Objective{
		Name: "½Σc·x²", Dim: len(c), Lipschitz: ell, HessLipschitz: 0, Min: low,
		Value: func(x []float64) float64 {
			s := 0.0
			for i, v := range x {
				s += c[i] * v * v
			}
			return s / 2
		},
		Gradient: product,
		HessVec:  func(dst, _, v []float64) { product(dst, v) },
	}, nil
}

// Rescale returns g(x) = a·f(bx) for a, b > 0, with ℓ_g = ab²ℓ, ρ_g = ab³ρ and g* = a·f*. Gradients scale by
// ab, so that ε_g = abε asks for the same: √(ρ_g·ε_g) = ab²√(ρε), and the ε-SOSPs of f are those of g at x/b
// (footnote 1 of section 7.1).
func Rescale(f *landscape.Objective, a, b float64) (*landscape.Objective, error) {
	const fn = "saddle.Rescale"
	if err := f.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if !(a > 0 && b > 0) || math.IsInf(a*b*b*b, 0) {
		return nil, fmt.Errorf("%s: a = %g, b = %g, want positive numbers", fn, a, b)
	}
	at := func(x []float64) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = b * v
		}
		return y
	}
	scale := func(dst []float64, c float64) {
		for i := range dst {
			dst[i] *= c
		}
	}
	return &landscape.Objective{
		Name: f.Name + ", rescaled", Dim: f.Dim, Lipschitz: a * b * b * f.Lipschitz, HessLipschitz: a * b * b * b * f.HessLipschitz, Min: a * f.Min,
		Value: func(x []float64) float64 { return a * f.Value(at(x)) },
		Gradient: func(dst, x []float64) {
			f.Gradient(dst, at(x))
			scale(dst, a*b)
		},
		HessVec: func(dst, x, v []float64) {
			f.HessVec(dst, at(x), v)
			scale(dst, a*b*b)
		},
	}, nil
}

// must takes results whose errors are excluded by constants.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
