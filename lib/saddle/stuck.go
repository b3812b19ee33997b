package saddle

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mathext"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Stuck is the stuck region of section 7.3.2 on the quadratic saddle ½(-γx₁² + Σ_{i≥2}x_i²) with η = 1: the
// points of the unit ball of perturbations from which 𝒯 steps never lead further than S. One step takes every
// x_i, i ≥ 2, to 0 and x₁ grows by 1 + γ, so that u is stuck iff ‖u_⊥‖² + u₁²G² ≤ S², G = (1+γ)^𝒯 - 1.
// The zero value has d = 2, γ = 0.1, S = 1.2, 𝒯 = 20.
type Stuck struct {
	Dim   int     // d
	Gamma float64 // γ
	Reach float64 // S, in radii of the ball
	Steps int     // 𝒯
}

func (s Stuck) filled(fn string) (Stuck, error) {
	if s.Dim == 0 {
		s.Dim = 2
	}
	if s.Gamma == 0 {
		s.Gamma = .1
	}
	if s.Reach == 0 {
		s.Reach = 1.2
	}
	if s.Steps == 0 {
		s.Steps = 20
	}
	if s.Dim < 1 || !(s.Gamma > 0) || !(s.Reach > 0) || s.Steps < 1 || math.IsInf(s.Reach*s.growth(), 0) {
		return s, fmt.Errorf("%s: d = %d, γ = %g, S = %g, 𝒯 = %d, want positive numbers", fn, s.Dim, s.Gamma, s.Reach, s.Steps)
	}
	return s, nil
}

// growth is G.
func (s Stuck) growth() float64 { return math.Expm1(float64(s.Steps) * math.Log1p(s.Gamma)) }

// cuts are where one of 1 - u², S² - G²u² takes over from the other, and where the second vanishes.
func (s Stuck) cuts() (cross, end float64) {
	g := s.growth()
	end = min(1, s.Reach/g)
	c := (s.Reach*s.Reach - 1) / (g*g - 1)
	if !(c > 0) || math.IsInf(c, 0) {
		return 0, end
	}
	return min(math.Sqrt(c), end), end
}

// Probability is the share of the ball that is stuck, by incomplete beta functions: with b = (d+1)/2 and the
// slice at u₁ = u of the ball (1-u²)^{b-1} and of the region (S²-G²u²)^{b-1}, whichever is smaller, over
// B(½, b).
func (s Stuck) Probability() (float64, error) {
	s, err := s.filled("saddle.Stuck.Probability")
	if err != nil {
		return 0, err
	}
	g, b, reach := s.growth(), (float64(s.Dim)+1)/2, s.Reach
	// ∫_{-u}^{u} of the ball's slices, and the rest of the ball; the rest is not 1 minus the first where S^d
	// multiplies it.
	inner := func(u float64) float64 { return mathext.RegIncBeta(.5, b, min(1, u*u)) }
	outer := func(u float64) float64 { return mathext.RegIncBeta(b, .5, max(0, 1-u*u)) }
	ellipsoid := float64(s.Dim)*math.Log(reach) - math.Log(g) // log of its volume over the ball's
	cross := math.Sqrt((reach*reach - 1) / (g*g - 1))
	switch {
	case reach < 1 && reach <= g: // the ellipsoid lies within the ball
		return math.Exp(ellipsoid), nil
	case reach < 1:
		return math.Exp(ellipsoid)*inner(cross*g/reach) + outer(cross), nil
	case reach >= g: // the ball within the ellipsoid
		return 1, nil
	}
	tail := outer(cross * g / reach)
	if tail == 0 {
		return inner(cross), nil
	}
	return inner(cross) + math.Exp(ellipsoid+math.Log(tail)), nil
}

// Integral is Probability by Gauss-Legendre quadrature of the same slices, with u = sin θ over the pieces
// where either is smooth.
func (s Stuck) Integral() (float64, error) {
	s, err := s.filled("saddle.Stuck.Integral")
	if err != nil {
		return 0, err
	}
	g, power := s.growth(), (float64(s.Dim)-1)/2
	slice := func(u float64) float64 {
		return math.Pow(max(0, min(1-u*u, s.Reach*s.Reach-g*g*u*u)), power)
	}
	cross, end := s.cuts()
	sum := 0.0
	for _, piece := range [][2]float64{{0, cross}, {cross, end}} {
		a, b := piece[0], piece[1]
		if b > a {
			// u = a + (b-a)·sin(θ): the square root at the outer end becomes smooth.
			sum += quad.Fixed(func(t float64) float64 {
				return slice(a+(b-a)*math.Sin(t)) * (b - a) * math.Cos(t)
			}, 0, math.Pi/2, 200, nil, 0)
		}
	}
	return 2 * sum / math.Exp(lbeta(.5, power+1)), nil
}

func lbeta(a, b float64) float64 {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return la + lb - lab
}

// Width is 2S/G, at most the length of the stuck region along e₁.
func (s Stuck) Width() (float64, error) {
	s, err := s.filled("saddle.Stuck.Width")
	return 2 * s.Reach / s.growth(), err
}

// SlabCoefficient is Γ(d/2+1)/(√π·Γ(d/2+½)), the share of a unit ball in R^d that a slab through its centre
// takes per unit of width, at most: √(d/2π) for large d.
func SlabCoefficient(d int) float64 {
	a, _ := math.Lgamma(float64(d)/2 + 1)
	b, _ := math.Lgamma(float64(d)/2 + .5)
	return math.Exp(a-b) / math.Sqrt(math.Pi)
}

// SlabBound is the bound of section 7.3.2 on the probability to be stuck if the stuck region is at most ω wide
// and the ball has radius r, both in the same units: min(1, (ω/r)·SlabCoefficient(d)).
func SlabBound(d int, width, r float64) float64 { return min(1, width/r*SlabCoefficient(d)) }

// Shares estimates the probability to be stuck for several 𝒯 from the same n perturbations, by making the
// steps.
func (s Stuck) Shares(ctx context.Context, steps []int, n int, seed uint64) ([]float64, error) {
	const fn = "saddle.Stuck.Shares"
	s, err := s.filled(fn)
	if err != nil {
		return nil, err
	}
	last := 0
	for i, t := range steps {
		if t < 1 || i > 0 && t <= steps[i-1] {
			return nil, fmt.Errorf("%s: times %v, want increasing and positive", fn, steps)
		}
		last = t
	}
	if n < 1 || last == 0 {
		return nil, fmt.Errorf("%s: %d perturbations and %d times, want at least one of each", fn, n, len(steps))
	}
	const grain = 2000
	counts := make([][]int, (n+grain-1)/grain)
	err = linalg.Parallel(ctx, n, grain, func(lo, hi int) {
		r := rng.Stream(seed, fmt.Sprintf("saddle/stuck/%d/%d", s.Dim, lo))
		u := make([]float64, s.Dim)
		count := make([]int, len(steps))
		for range hi - lo {
			UniformBall(r, u, 1)
			across := 0.0
			for _, v := range u[1:] {
				across += v * v
			}
			x, t := u[0], 0
			for k, stop := range steps {
				for ; t < stop; t++ {
					x *= 1 + s.Gamma
				}
				if across+(x-u[0])*(x-u[0]) > s.Reach*s.Reach {
					break // further out at every later time
				}
				count[k]++
			}
		}
		counts[lo/grain] = count
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	out := make([]float64, len(steps))
	for _, c := range counts {
		for k, v := range c {
			out[k] += float64(v) / float64(n)
		}
	}
	return out, nil
}
