package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Chain is the function of Du, Jin, Lee, Jordan, Singh and Póczos (2017) on which gradient descent from
// random starts needs time exponential in the number of saddles: a tube with one saddle in each coordinate,
// to be left in order. The zero value has d = 4, L = 1, γ = 1, τ = e.
//
// With i the first coordinate with |x_i| < 2τ, and signs left out since f is even in each coordinate,
//
//	f = Σ_{j<i} L(x_j-4τ)² + s(x_i, x_{i+1}) + Σ_{j>i+1} L·x_j² - (i-1)ν
//
// where s = -γx_i² + L·x_{i+1}² for x_i ≤ τ, and on τ..2τ s = g₁(x_i) + g₂(x_i)·x_{i+1}² with g₂ falling from
// L to -γ, so that the next saddle opens as this one is left. g₁' is the cubic that joins -2γx and
// 2L(x-4τ) with their slopes, g₂ the quintic smoothstep; ν makes f continuous. f has continuous second
// derivatives where the coordinates after the i-th stay below τ, as those of runs from |x_i| ≤ τ do.
type Chain struct {
	Dim   int     // d, the number of saddles
	L     float64 // half the curvature across
	Gamma float64 // half the curvature down
	Tau   float64 // τ, the half-width of a saddle's quadratic part
}

func (c Chain) filled(fn string) (Chain, error) {
	if c.Dim == 0 {
		c.Dim = 4
	}
	if c.L == 0 {
		c.L = 1
	}
	if c.Gamma == 0 {
		c.Gamma = 1
	}
	if c.Tau == 0 {
		c.Tau = math.E
	}
	if c.Dim < 1 || !(c.L > 0 && c.Gamma > 0 && c.Tau > 0) {
		return c, fmt.Errorf("%s: d = %d, L = %g, γ = %g, τ = %g, want positive numbers", fn, c.Dim, c.L, c.Gamma, c.Tau)
	}
	return c, nil
}

// bridge is g₁ - ν of the chain with its first two derivatives at x in [τ, 2τ], value -γτ² at τ.
func (c Chain) bridge(x float64) (g, dg, ddg float64) {
	// In s = x/τ - 1 the slope is τ(-2γ·H00 - 2γ·H10 - 4L·H01 + 2L·H11), the Hermite cubics.
	s, t := x/c.Tau-1, c.Tau
	a, b := 2*c.Gamma, 2*c.L
	h00, h10, h01, h11 := 1+s*s*(2*s-3), s*(1-s)*(1-s), s*s*(3-2*s), s*s*(s-1)
	d00, d10, d01, d11 := 6*s*(s-1), 1+s*(3*s-4), 6*s*(1-s), s*(3*s-2)
	i00, i10, i01, i11 := s+s*s*s*(s/2-1), s*s*(.5+s*(s/4-2./3)), s*s*s*(1-s/2), s*s*s*(s/4-1./3)
	dg = t * (-a*h00 - a*h10 - 2*b*h01 + b*h11)
	ddg = -a*d00 - a*d10 - 2*b*d01 + b*d11
	g = -c.Gamma*t*t + t*t*(-a*i00-a*i10-2*b*i01+b*i11)
	return g, dg, ddg
}

// fade is g₂ with its first two derivatives.
func (c Chain) fade(x float64) (g, dg, ddg float64) {
	s, k := x/c.Tau-1, c.L+c.Gamma
	g = c.L - k*s*s*s*(10+s*(6*s-15))
	dg = -k * 30 * s * s * (1 - s) * (1 - s) / c.Tau
	ddg = -k * 60 * s * (1 - s) * (1 - 2*s) / (c.Tau * c.Tau)
	return g, dg, ddg
}

// drop is ν, what leaving one saddle gains beyond the well that follows.
func (c Chain) drop() float64 {
	g, _, _ := c.bridge(2 * c.Tau)
	return 4*c.L*c.Tau*c.Tau - g
}

// active is the first coordinate that has not left its saddle, d if all have.
func (c Chain) active(x []float64) int {
	for i, v := range x {
		if math.Abs(v) < 2*c.Tau {
			return i
		}
	}
	return len(x)
}

// Objective returns f. Its minima are at |x_i| = 4τ with f* = -dν; ℓ and ρ are left unknown.
func (c Chain) Objective() (*landscape.Objective, error) {
	c, err := c.filled("saddle.Chain.Objective")
	if err != nil {
		return nil, err
	}
	nu := c.drop()
	return &landscape.Objective{
		Name: fmt.Sprintf("chain of %d saddles", c.Dim), Dim: c.Dim, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: -float64(c.Dim) * nu,
		Value: func(x []float64) float64 {
			i := c.active(x)
			f := -float64(i) * nu
			for j, v := range x {
				v = math.Abs(v)
				switch {
				case j < i:
					f += c.L * (v - 4*c.Tau) * (v - 4*c.Tau)
				case j == i && v <= c.Tau:
					f -= c.Gamma * v * v
				case j == i:
					g, _, _ := c.bridge(v)
					f += g
				case j == i+1 && math.Abs(x[i]) > c.Tau:
					g, _, _ := c.fade(math.Abs(x[i]))
					f += g * v * v
				default:
					f += c.L * v * v
				}
			}
			return f
		},
		Gradient: func(dst, x []float64) {
			i := c.active(x)
			for j, v := range x {
				a, sign := math.Abs(v), math.Copysign(1, v)
				switch {
				case j < i:
					dst[j] = sign * 2 * c.L * (a - 4*c.Tau)
				case j == i && a <= c.Tau:
					dst[j] = -2 * c.Gamma * v
				case j == i:
					_, dg, _ := c.bridge(a)
					if j+1 < len(x) {
						_, df, _ := c.fade(a)
						dg += df * x[j+1] * x[j+1]
					}
					dst[j] = sign * dg
				case j == i+1 && math.Abs(x[i]) > c.Tau:
					g, _, _ := c.fade(math.Abs(x[i]))
					dst[j] = 2 * g * v
				default:
					dst[j] = 2 * c.L * v
				}
			}
		},
		HessVec: func(dst, x, v []float64) {
			i := c.active(x)
			for j := range x {
				dst[j] = 2 * c.L * v[j]
			}
			if i == len(x) {
				return
			}
			a, sign := math.Abs(x[i]), math.Copysign(1, x[i])
			if a <= c.Tau {
				dst[i] = -2 * c.Gamma * v[i]
				return
			}
			_, _, ddg := c.bridge(a)
			dst[i] = ddg * v[i]
			if i+1 < len(x) {
				next := x[i+1]
				g, df, ddf := c.fade(a)
				dst[i] += ddf*next*next*v[i] + sign*2*df*next*v[i+1]
				dst[i+1] = sign*2*df*next*v[i] + 2*g*v[i+1]
			}
		},
	}, nil
}

// Factor is what one saddle more multiplies the steps of gradient descent by, for many saddles: while the
// earlier ones are left, coordinate i shrinks by 1-2ηL a step, and then it must grow by 1+2ηγ a step out of
// what is left: t_{i+1} = t_i·(1 + log(1-2ηL)⁻¹/log(1+2ηγ)) + const.
func (c Chain) Factor(eta float64) (float64, error) {
	c, err := c.filled("saddle.Chain.Factor")
	if err != nil {
		return 0, err
	}
	if !(eta > 0 && 2*eta*c.L < 1) {
		return 0, fmt.Errorf("saddle.Chain.Factor: η = %g, want 0 < η < 1/(2L)", eta)
	}
	return 1 - math.Log1p(-2*eta*c.L)/math.Log1p(2*eta*c.Gamma), nil
}

// Exits runs gradient descent (r = 0) or PGD-I (r > 0) from a uniform start in [-1, 1]^d and returns the step
// at which each saddle was left, |x_i| ≥ 2τ. A chain that is not left within the limit returns those that
// were; steps = 0 means a million. Without noise the waiting coordinates shrink by 1-2ηL a step and are 0 in
// float64 after 745/log(1-2ηL)⁻¹ steps, 7000 for the η = 0.05 of the claims: about 8 saddles, beyond which
// no run gets.
func (c Chain) Exits(ctx context.Context, eta, r float64, steps int, seed uint64) ([]int, error) {
	const fn = "saddle.Chain.Exits"
	c, err := c.filled(fn)
	if err != nil {
		return nil, err
	}
	if _, err := c.Factor(eta); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	o, err := c.Objective()
	if err != nil {
		return nil, err
	}
	if steps == 0 {
		steps = 1_000_000
	}
	start := rng.Stream(seed, "saddle/chain")
	x0 := make([]float64, c.Dim)
	for i := range x0 {
		x0[i] = 2*start.Float64() - 1
	}
	var exits []int
	opt := Options{Eta: eta, Steps: steps, Seed: seed, Until: func(t int, x []float64, _ float64) bool {
		for n := c.active(x); len(exits) < n; {
			exits = append(exits, t)
		}
		return len(exits) == c.Dim
	}}
	if r > 0 {
		_, err = PGD1(ctx, o, x0, r, opt)
	} else {
		_, err = GD(ctx, o, x0, opt)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return exits, nil
}
