package hessian

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

var nan = math.NaN()

// DensityConfig tunes Operator.Density; the zero value runs.
type DensityConfig struct {
	Vectors  int                   // random start vectors; 0 means 4
	Steps    int                   // products for each, and nodes at most; 0 means 60
	Seed     uint64                // of the vectors
	Progress func(done, total int) // called after each vector, if not nil
}

// Density is the spectral density of H, μ = (1/d) Σ δ(λ - λ_i), as weighted points: for each random
// vector the Gauss quadrature of its spectral measure, whose expectation μ is. Integrals of polynomials
// of degree up to 2·Steps-1 have no error but the vectors', of relative size about √(2/(d·Vectors)).
type Density struct {
	Dim     int
	Nodes   [][]float64 // of each vector, ascending
	Weights [][]float64 // positive, of sum 1 for each vector
}

// Density estimates the spectral density by Lanczos quadrature from random vectors with entries ±1
// (Golub and Welsch 1969; Ghorbani, Krishnan and Xiao 2019). Cost Vectors·Steps products; memory
// Steps·d doubles. A done context ends it before the next product.
func (o *Operator) Density(ctx context.Context, cfg DensityConfig) (*Density, error) {
	if cfg.Vectors == 0 {
		cfg.Vectors = 4
	}
	if cfg.Steps == 0 {
		cfg.Steps = 60
	}
	if cfg.Vectors < 0 || cfg.Steps < 0 {
		return nil, fmt.Errorf("hessian.Density: %d vectors and %d steps, want both positive", cfg.Vectors, cfg.Steps)
	}
	d := &Density{Dim: o.dim}
	r := rng.Stream(cfg.Seed, "hessian/density")
	for i := range cfg.Vectors {
		v := rng.Signs(r, o.dim)
		var nodes, weights []float64
		err := o.with(func(op func(dst, v []float64)) (err error) {
			nodes, weights, err = linalg.Quadrature(ctx, op, o.dim, cfg.Steps, v)
			return err
		})
		if err != nil {
			return nil, err
		}
		d.Nodes, d.Weights = append(d.Nodes, nodes), append(d.Weights, weights)
		if cfg.Progress != nil {
			cfg.Progress(i+1, cfg.Vectors)
		}
	}
	return d, nil
}

// Mean returns ∫ f dμ, the mean of f over the eigenvalues: f(λ) = λ gives tr H / d.
func (d *Density) Mean(f func(lambda float64) float64) float64 {
	sum := 0.0
	for i, nodes := range d.Nodes {
		for j, x := range nodes {
			sum += d.Weights[i][j] * f(x)
		}
	}
	return sum / float64(len(d.Nodes))
}

// Curve returns the density smoothed by a normal curve of standard deviation width > 0, at each x. Its
// integral over the line is 1.
func (d *Density) Curve(x []float64, width float64) ([]float64, error) {
	if !(width > 0) || math.IsInf(width, 0) {
		return nil, fmt.Errorf("hessian.Curve: width %g, want a positive number", width)
	}
	y := make([]float64, len(x))
	for i, at := range x {
		y[i] = d.Mean(func(lambda float64) float64 {
			z := (at - lambda) / width
			return math.Exp(-z*z/2) / (width * math.Sqrt(2*math.Pi))
		})
	}
	return y, nil
}
