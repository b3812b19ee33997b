package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Escape is the way out of a saddle: a uniform perturbation in a ball, then growth along one direction. The
// zero value runs: γ = ½, η = 1, R = 1e-3, δ₀ = 0.1, d = 10.
type Escape struct {
	Dim    int     // d
	Gamma  float64 // γ, the curvature is -γ
	Eta    float64 // η
	Radius float64 // R, of the ball of perturbations: ηr for a perturbation of size r
	Target float64 // δ₀: escaped when |x₁| ≥ δ₀
	Sine   bool    // growth x₁ + ηγ·sin x₁, as on Cosine, in place of (1+ηγ)x₁
}

func (e Escape) filled(fn string) (Escape, error) {
	for _, p := range []struct {
		v *float64
		d float64
	}{{&e.Gamma, .5}, {&e.Eta, 1}, {&e.Radius, 1e-3}, {&e.Target, .1}} {
		if *p.v == 0 {
			*p.v = p.d
		}
	}
	if e.Dim == 0 {
		e.Dim = 10
	}
	if steps := math.Log(e.Target/e.Radius) / math.Log1p(e.Eta*e.Gamma); steps > 1e6 {
		return e, fmt.Errorf("%s: ηγ = %g takes %.2g steps from R = %g to δ₀ = %g, want at most a million", fn, e.Eta*e.Gamma, steps, e.Radius, e.Target)
	}
	if e.Dim < 1 || !(e.Gamma > 0 && e.Eta > 0 && e.Radius > 0 && e.Target > e.Radius) || e.Sine && !(e.Target < 1.5 && e.Eta*e.Gamma <= 1) {
		return e, fmt.Errorf("%s: d = %d, γ = %g, η = %g, R = %g, δ₀ = %g, want positive numbers, R < δ₀; on the cosine δ₀ < 1.5 and ηγ ≤ 1", fn, e.Dim, e.Gamma, e.Eta, e.Radius, e.Target)
	}
	return e, nil
}

// step is one step of the escaping coordinate.
func (e Escape) step(x float64) float64 {
	if e.Sine {
		return x + e.Eta*e.Gamma*math.Sin(x)
	}
	return x * (1 + e.Eta*e.Gamma)
}

// MeanLog is E log(|u₁|/R) = ½(ψ(½) - ψ(d/2+1)) for u uniform in a ball of R^d: u₁²/R² ~ Beta(½, (d+1)/2).
func MeanLog(d int) float64 { return (mathext.Digamma(.5) - mathext.Digamma(float64(d)/2+1)) / 2 }

// Law is the law of escape times, T̄ = (log(δ₀/R) - ½(ψ(½) - ψ(d/2+1)))/log(1+ηγ) + ½: the mean number of
// steps on a quadratic, where ½ stands for the mean of rounding up to a whole number. It is the polylog(d) of
// Theorem 7.2.1 with its constants.
func (e Escape) Law() (float64, error) {
	e, err := e.filled("saddle.Escape.Law")
	if err != nil {
		return 0, err
	}
	return (math.Log(e.Target/e.Radius)-MeanLog(e.Dim))/math.Log1p(e.Eta*e.Gamma) + .5, nil
}

// Tenfold is what ten times the dimension costs for large d: ½log(10)/log(1+ηγ) steps.
func (e Escape) Tenfold() (float64, error) {
	e, err := e.filled("saddle.Escape.Tenfold")
	if err != nil {
		return 0, err
	}
	return math.Ln10 / 2 / math.Log1p(e.Eta*e.Gamma), nil
}

// Mean is the mean number of steps without approximation: Σ_t P(|u₁| < a_t), where a_t is the place from
// which t steps lead to δ₀. Probabilities are incomplete beta functions.
func (e Escape) Mean() (float64, error) {
	e, err := e.filled("saddle.Escape.Mean")
	if err != nil {
		return 0, err
	}
	sum, a := 0.0, e.Target
	for {
		p := e.Below(a)
		sum += p
		if p < 1e-17 {
			return sum, nil
		}
		a = e.back(a)
	}
}

// Below is P(|u₁| < a) for u uniform in the ball.
func (e Escape) Below(a float64) float64 {
	if a >= e.Radius {
		return 1
	}
	z := a / e.Radius
	return mathext.RegIncBeta(.5, (float64(e.Dim)+1)/2, z*z)
}

// back inverts step, by Newton's method from above: step is increasing and concave on [0, π/2].
func (e Escape) back(y float64) float64 {
	x := y / (1 + e.Eta*e.Gamma)
	if !e.Sine {
		return x
	}
	for range 50 {
		d := (x + e.Eta*e.Gamma*math.Sin(x) - y) / (1 + e.Eta*e.Gamma*math.Cos(x))
		x -= d
		if math.Abs(d) < 1e-16*y {
			break
		}
	}
	return x
}

// Sample runs n escapes from perturbations drawn in all d coordinates and returns the steps that each took.
func (e Escape) Sample(ctx context.Context, n int, seed uint64) ([]float64, error) {
	const fn = "saddle.Escape.Sample"
	e, err := e.filled(fn)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, fmt.Errorf("%s: %d perturbations, want at least 1", fn, n)
	}
	out := make([]float64, n)
	const grain = 50
	err = linalg.Parallel(ctx, n, grain, func(lo, hi int) {
		r := rng.Stream(seed, fmt.Sprintf("saddle/escape/%d/%d", e.Dim, lo))
		u := make([]float64, e.Dim)
		for i := lo; i < hi; i++ {
			UniformBall(r, u, e.Radius)
			x := math.Abs(u[0])
			for x < e.Target && x > 0 {
				x = e.step(x)
				out[i]++
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return out, nil
}

// meanError returns the mean of v and its standard error.
func meanError(v []float64) (mean, se float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		se += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(se / float64(len(v)-1) / float64(len(v)))
}
