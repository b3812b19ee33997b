package factor

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
)

// Speed is the factor that depth N puts on the motion of a singular value σ,
//
//	dσ_r/dt = -N·(σ_r²)^{1-1/N}·⟨∇ℓ(W), u_r v_rᵀ⟩,
//
// for gradient flow on the N balanced factors of W: 1 at depth 1, and small where σ is small at depth 2
// and more, so that large singular values run away from small ones. Arora, Cohen, Hu and Luo 2019,
// theorem 3.
func Speed(sigma float64, depth int) float64 {
	return float64(depth) * math.Pow(sigma*sigma, 1-1/float64(depth))
}

// ReachTime is the time at which gradient flow on ½‖W - M‖² takes the singular value of an aligned
// factorisation of depth N from a to σ where M has m: the integral of ds/(Speed(s)·(m-s)), by
// quadrature in log s. It needs 0 < a <= σ < m.
func ReachTime(a, sigma, m float64, depth int) (float64, error) {
	if !(a > 0 && a <= sigma && sigma < m) || depth < 1 {
		return 0, fmt.Errorf("factor.ReachTime: from %v to %v of %v at depth %d, want 0 < a <= σ < m and a depth of at least 1", a, sigma, m, depth)
	}
	f := func(z float64) float64 {
		s := math.Exp(z)
		return s / (Speed(s, depth) * (m - s))
	}
	return quad.Fixed(f, math.Log(a), math.Log(sigma), 200, quad.Legendre{}, 0), nil
}

// AlignedValue is the singular value at time t of that flow, the inverse of ReachTime by bisection. At
// depth 1 it is m + (a-m)·e^{-t}, at depth 2 the logistic curve m/(1 + (m/a - 1)·e^{-2mt}).
func AlignedValue(a, m, t float64, depth int) (float64, error) {
	if !(a > 0 && a < m) || depth < 1 || !(t >= 0) {
		return 0, fmt.Errorf("factor.AlignedValue: from %v towards %v at time %v and depth %d, want 0 < a < m, t >= 0 and a depth of at least 1", a, m, t, depth)
	}
	switch depth {
	case 1:
		return m + (a-m)*math.Exp(-t), nil
	case 2:
		return m / (1 + (m/a-1)*math.Exp(-2*m*t)), nil
	}
	// In z = log(s/(m-s)) the range is the whole line and the time is increasing and smooth.
	lo, hi := math.Log(a/(m-a)), 34.
	for range 60 {
		z := (lo + hi) / 2
		s := m / (1 + math.Exp(-z))
		if s >= m || s <= a {
			if s >= m {
				hi = z
			} else {
				lo = z
			}
			continue
		}
		at, err := ReachTime(a, s, m, depth)
		if err != nil {
			return 0, err
		}
		if at < t {
			lo = z
		} else {
			hi = z
		}
	}
	return m / (1 + math.Exp(-(lo+hi)/2)), nil
}

// DepthConfig is gradient descent on ½‖W_N···W_1 - M‖², M symmetric with the given eigenvalues in a
// fixed rotated basis, from W_k = a^{1/N}·I. The zero value is depth 3.
type DepthConfig struct {
	Depth  int       // N; 0 means 3
	Values []float64 // eigenvalues of M, positive and falling; nil means 1, 0.5, 0.25
	Scale  float64   // a; 0 means 1e-3
	Rate   float64   // η; 0 means 0.01
	Time   float64   // 0 means until the last value has passed 99%, by theory
}

func (c DepthConfig) withDefaults() (DepthConfig, error) {
	if c.Depth == 0 {
		c.Depth = 3
	}
	if c.Values == nil {
		c.Values = []float64{1, .5, .25}
	}
	if c.Scale == 0 {
		c.Scale = 1e-3
	}
	if c.Rate == 0 {
		c.Rate = .01
	}
	if c.Depth < 1 || len(c.Values) == 0 || !(c.Scale > 0) || !(c.Rate > 0 && c.Rate <= .1) {
		return c, fmt.Errorf("factor.RunDepth: depth %d, %d values, scale %v and rate %v, want at least 1, at least 1, a positive number and one in (0, 0.1]", c.Depth, len(c.Values), c.Scale, c.Rate)
	}
	for i, m := range c.Values {
		if !(m > c.Scale) || i > 0 && m > c.Values[i-1] || m > 10 {
			return c, fmt.Errorf("factor.RunDepth: value %d of M is %v, want them falling, above the scale %v and at most 10", i+1, m, c.Scale)
		}
	}
	if c.Time == 0 {
		m := c.Values[len(c.Values)-1]
		t, err := ReachTime(c.Scale, .99*m, m, c.Depth)
		if err != nil {
			return c, err
		}
		c.Time = t
	}
	if !(c.Time > 0 && c.Time/c.Rate <= 1e6) {
		return c, fmt.Errorf("factor.RunDepth: time %v with rate %v, want a positive time and at most 1e6 steps", c.Time, c.Rate)
	}
	return c, nil
}

// DepthResult holds the singular values of the product along the run, Sigma[i][r] at Time[i].
type DepthResult struct {
	Config DepthConfig // with its defaults
	Time   []float64
	Sigma  [][]float64
}

// RunDepth descends with full matrices, in a basis that is not M's own, and records about 400 points. A
// step costs O(N·d³).
func RunDepth(ctx context.Context, cfg DepthConfig) (*DepthResult, error) {
	c, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	d, n := len(c.Values), c.Depth
	q := basis(d)
	target := newSquare(d)
	for i := range d {
		for j := range d {
			for r, m := range c.Values {
				target.data[i*d+j] += m * q[i*d+r] * q[j*d+r]
			}
		}
	}
	w := make([]*square, n)
	for k := range w {
		w[k] = newSquare(d)
		for i := range d {
			w[k].data[i*d+i] = math.Pow(c.Scale, 1/float64(n))
		}
	}
	steps := int(math.Ceil(c.Time / c.Rate))
	every := max(1, steps/400)
	out := &DepthResult{Config: c}
	chain := newChain(w)
	for step := 0; ; step++ {
		p := chain.product()
		if step%every == 0 || step == steps {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s, err := p.singular()
			if err != nil {
				return nil, fmt.Errorf("factor.RunDepth: step %d: %w", step, err)
			}
			out.Time, out.Sigma = append(out.Time, float64(step)*c.Rate), append(out.Sigma, s)
		}
		if step >= steps {
			return out, nil
		}
		for i := range p.data {
			chain.slope.data[i] = p.data[i] - target.data[i]
		}
		chain.descend(c.Rate)
	}
}

// Reach is the time at which singular value r (from 0) of the run passes a level, between records by a
// straight line; NaN if it never does.
func (r *DepthResult) Reach(i int, level float64) float64 {
	for k := 1; k < len(r.Time); k++ {
		a, b := r.Sigma[k-1][i], r.Sigma[k][i]
		if a < level && b >= level {
			return r.Time[k-1] + (level-a)/(b-a)*(r.Time[k]-r.Time[k-1])
		}
	}
	return math.NaN()
}

// basis is a fixed orthogonal matrix without zeros: the reflection I - 2vvᵀ/‖v‖², v = (1, 2, …, d).
func basis(d int) []float64 {
	out, norm := make([]float64, d*d), 0.0
	for i := range d {
		norm += float64((i + 1) * (i + 1))
	}
	for i := range d {
		for j := range d {
			out[i*d+j] = -2 * float64((i+1)*(j+1)) / norm
		}
		out[i*d+i]++
	}
	return out
}

// square is a d×d matrix by rows, for products that are too small for the overhead of a library call.
type square struct {
	d    int
	data []float64
}

func newSquare(d int) *square { return &square{d, make([]float64, d*d)} }

// mul sets s = op(a)·op(b), op a transpose where asked.
func (s *square) mul(a *square, ta bool, b *square, tb bool) {
	d := s.d
	for i := range d {
		for j := range d {
			sum := 0.0
			for k := range d {
				x, y := i*d+k, k*d+j
				if ta {
					x = k*d + i
				}
				if tb {
					y = j*d + k
				}
				sum += a.data[x] * b.data[y]
			}
			s.data[i*d+j] = sum
		}
	}
}

func (s *square) singular() ([]float64, error) {
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(s.d, s.d, s.data), mat.SVDNone) {
		return nil, fmt.Errorf("the singular values of a %d×%d matrix did not converge", s.d, s.d)
	}
	return svd.Values(nil), nil
}

// chain is a product of square factors with room for one step of descent on them.
type chain struct {
	w, left, right, grads []*square // left[k] = W_N···W_{k+1}, right[k] = W_{k-1}···W_1, k from 0
	slope, room           *square   // slope is ∇ℓ at the product, set by the caller
}

func newChain(w []*square) *chain {
	d := w[0].d
	c := &chain{w: w, slope: newSquare(d), room: newSquare(d)}
	for range len(w) + 1 {
		c.left, c.right = append(c.left, newSquare(d)), append(c.right, newSquare(d))
	}
	for range w {
		c.grads = append(c.grads, newSquare(d))
	}
	for i := range d {
		c.left[len(w)].data[i*d+i], c.right[0].data[i*d+i] = 1, 1
	}
	return c
}

// product returns W_N···W_1; it is valid until the next call.
func (c *chain) product() *square {
	n := len(c.w)
	for k := n - 1; k >= 0; k-- {
		c.left[k].mul(c.left[k+1], false, c.w[k], false)
	}
	for k := range n {
		c.right[k+1].mul(c.w[k], false, c.right[k], false)
	}
	return c.left[0]
}

// descend takes one step of the rate after product and a slope.
func (c *chain) descend(rate float64) {
	for k := range c.w {
		c.room.mul(c.left[k+1], true, c.slope, false)
		c.grads[k].mul(c.room, false, c.right[k], true)
	}
	for k := range c.w {
		for i, g := range c.grads[k].data {
			c.w[k].data[i] -= rate * g
		}
	}
}
