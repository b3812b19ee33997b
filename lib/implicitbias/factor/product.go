package factor

import (
	"context"
	"fmt"
	"math"
)

// ProductConfig is gradient descent on the depth-N product P = W_N···W_1 of 2×2 matrices with three
// entries of [[?,1],[1,0]] known,
//
//	ℓ = ½·((P_12 - 1)² + (P_21 - 1)² + P_22²),
//
// from W_k = a^{1/N}·I. Every completion [[x,1],[1,0]] has nuclear norm at least 2, with the minimum at
// x = 0; descent sends x to infinity instead. The zero value is depth 2, 10,000 steps.
type ProductConfig struct {
	Depth   int     // N; 0 means 2
	Scale   float64 // a; 0 means 0.1
	Rate    float64 // step η; 0 means 0.02
	Steps   int     // 0 means 10000
	Reflect bool    // the first factor starts at diag(a^{1/N}, -a^{1/N}): det P < 0
}

// ProductPoint is the product after a number of steps.
type ProductPoint struct {
	Step    int
	P       [2][2]float64
	Loss    float64
	Nuclear float64
	Ratio   float64 // σ_2/σ_1
}

// Det is the determinant of P.
func (p ProductPoint) Det() float64 { return p.P[0][0]*p.P[1][1] - p.P[0][1]*p.P[1][0] }

// RunProduct returns the product at the start and after 1, 2, 5, 10, ... steps and the last. At depth 2
// without a reflection only W_1 is kept and P = W_1ᵀW_1: W_2 = W_1ᵀ holds along the path, and rounding
// in two independent factors would in time turn the sign of det P, an invariant of the flow, and stop
// the growth of x. A step costs O(N). Arora et al. 2019 (section 3), Razin and Cohen 2020 (theorem 1).
func RunProduct(ctx context.Context, cfg ProductConfig) ([]ProductPoint, error) {
	const fn = "factor.RunProduct"
	if cfg.Depth == 0 {
		cfg.Depth = 2
	}
	if cfg.Scale == 0 {
		cfg.Scale = .1
	}
	if cfg.Rate == 0 {
		cfg.Rate = .02
	}
	if cfg.Steps == 0 {
		cfg.Steps = 10000
	}
	if cfg.Depth < 1 || cfg.Steps < 0 || !(cfg.Scale > 0) || !(cfg.Rate > 0) {
		return nil, fmt.Errorf("%s: depth %d, %d steps, scale %v and rate %v, want at least 1, at least 0 and positive numbers", fn, cfg.Depth, cfg.Steps, cfg.Scale, cfg.Rate)
	}
	n := cfg.Depth
	start := math.Pow(cfg.Scale, 1/float64(n))
	w := make([]two, n)
	for k := range w {
		w[k] = two{{start, 0}, {0, start}}
	}
	if cfg.Reflect {
		w[0][1][1] = -start
	}
	tied := n == 2 && !cfg.Reflect
	var out []ProductPoint
	next := 1
	left, grads := make([]two, n+1), make([]two, n)
	for step := 0; ; step++ {
		if tied {
			w[1] = w[0].t()
		}
		// left[k] = W_N···W_{k+1}; right runs up as W_k···W_1.
		left[n] = two{{1, 0}, {0, 1}}
		for k := n - 1; k >= 0; k-- {
			left[k] = left[k+1].mul(w[k])
		}
		p := left[0]
		g := two{{0, p[0][1] - 1}, {p[1][0] - 1, p[1][1]}} // ∇ℓ(P)
		if step == 0 || step == next || step == cfg.Steps {
			out = append(out, productPoint(step, p))
			if step == next {
				next = following(next)
			}
		}
		if step == cfg.Steps {
			return out, nil
		}
		if step%10000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if math.IsNaN(p[0][0]) || math.Abs(p[0][0]) > 1e9 {
			return nil, fmt.Errorf("%s: the product diverges at step %d with rate %g", fn, step, cfg.Rate)
		}
		right := two{{1, 0}, {0, 1}}
		for k := range w {
			grads[k] = left[k+1].t().mul(g).mul(right.t()) // ∂ℓ/∂W_k = leftᵀ·∇ℓ·rightᵀ
			right = w[k].mul(right)
		}
		for k := range w {
			for i := range 2 {
				for j := range 2 {
					w[k][i][j] -= cfg.Rate * grads[k][i][j]
				}
			}
		}
	}
}

// following is the next of 1, 2, 5, 10, 20, ...
func following(n int) int {
	lead := n
	for lead >= 10 {
		lead /= 10
	}
	if lead == 2 {
		return n / 2 * 5
	}
	return 2 * n
}

func productPoint(step int, p two) ProductPoint {
	e1, e2, e3 := p[0][1]-1, p[1][0]-1, p[1][1]
	out := ProductPoint{Step: step, P: p, Loss: (e1*e1 + e2*e2 + e3*e3) / 2}
	big, small := p.singular()
	out.Nuclear, out.Ratio = big+small, small/big
	return out
}

// two is a 2×2 matrix by rows.
type two [2][2]float64

func (a two) mul(b two) two {
	return two{{a[0][0]*b[0][0] + a[0][1]*b[1][0], a[0][0]*b[0][1] + a[0][1]*b[1][1]},
		{a[1][0]*b[0][0] + a[1][1]*b[1][0], a[1][0]*b[0][1] + a[1][1]*b[1][1]}}
}

func (a two) t() two { return two{{a[0][0], a[1][0]}, {a[0][1], a[1][1]}} }

// singular returns the singular values: their sum squared is ‖A‖² + 2|det|, their difference squared
// ‖A‖² - 2|det|.
func (a two) singular() (big, small float64) {
	norm := a[0][0]*a[0][0] + a[0][1]*a[0][1] + a[1][0]*a[1][0] + a[1][1]*a[1][1]
	det := math.Abs(a[0][0]*a[1][1] - a[0][1]*a[1][0])
	big = (math.Sqrt(norm+2*det) + math.Sqrt(max(norm-2*det, 0))) / 2
	if big == 0 {
		return 0, 0
	}
	return big, det / big
}

// Completion returns the nuclear norm of [[x,1],[1,0]], √(x²+4): its singular values multiply to 1.
func Completion(x float64) float64 { return math.Sqrt(x*x + 4) }

// EntryBound is the least |x| that P_11 can have where det P > 0 and the loss is ℓ < ½: with e = √(2ℓ),
// P_12 and P_21 are at least 1-e and P_22 at most e, so that P_11 > (1-e)²/e. Razin and Cohen 2020,
// theorem 1.
func EntryBound(loss float64) float64 {
	e := math.Sqrt(2 * loss)
	if e >= 1 {
		return 0
	}
	return (1 - e) * (1 - e) / e
}
