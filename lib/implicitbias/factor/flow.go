package factor

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// FlowConfig looks at the speed of the singular values of W = W_N···W_1 under gradient flow on a
// matrix-completion loss, where singular vectors turn and nothing is aligned. The zero value is depth 3
// in five dimensions.
type FlowConfig struct {
	Dim        int     // d; 0 means 5
	Depth      int     // N; 0 means 3
	Observed   float64 // share of entries; 0 means 0.6
	Unbalanced float64 // first factor times this, last over it; 0 means 1: balanced
	Points     int     // times looked at; 0 means 5
	Seed       uint64  // streams "factor/flow"
}

// FlowPoint is one time: speeds of all singular values.
type FlowPoint struct {
	Time       float64
	Sigma      []float64
	Measured   []float64 // by differences along the flow of the factors
	Projection []float64 // -⟨∇ℓ(W), u_r v_rᵀ⟩: the speed at depth 1
	Imbalance  float64   // largest ‖W_{k+1}ᵀW_{k+1} - W_kW_kᵀ‖_F
}

// RunFlow integrates the flow by small steps of Euler's method and measures the speeds by central
// differences over 2·10⁻⁴. W has singular values between ½ and 3/2 at the start.
func RunFlow(ctx context.Context, cfg FlowConfig) ([]FlowPoint, error) {
	const fn, h, between = "factor.RunFlow", 1e-4, 400
	if cfg.Dim == 0 {
		cfg.Dim = 5
	}
	if cfg.Depth == 0 {
		cfg.Depth = 3
	}
	if cfg.Observed == 0 {
		cfg.Observed = .6
	}
	if cfg.Unbalanced == 0 {
		cfg.Unbalanced = 1
	}
	if cfg.Points == 0 {
		cfg.Points = 5
	}
	if cfg.Dim < 2 || cfg.Depth < 1 || cfg.Points < 1 || !(cfg.Observed > 0 && cfg.Observed <= 1) || !(cfg.Unbalanced > 0) {
		return nil, fmt.Errorf("%s: %d dimensions, depth %d, %d points, a share of %v and a factor of %v, want 2, 1, 1 or more, a share in (0, 1] and a positive factor", fn, cfg.Dim, cfg.Depth, cfg.Points, cfg.Observed, cfg.Unbalanced)
	}
	d, n := cfg.Dim, cfg.Depth
	src := rng.Stream(cfg.Seed, "factor/flow")
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(d, d, rng.Normals(src, d*d)), mat.SVDFull) {
		return nil, fmt.Errorf("%s: no singular vectors of the start", fn)
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	w := make([]*square, n) // W_1 = S^{1/N}Vᵀ, W_k = S^{1/N}, W_N = U·S^{1/N}
	for k := range w {
		w[k] = newSquare(d)
		for i := range d {
			w[k].data[i*d+i] = math.Pow(1.5-float64(i)/float64(d-1), 1/float64(n))
		}
	}
	turned := newSquare(d)
	turned.mul(w[0], false, &square{d, mat.DenseCopyOf(v.T()).RawMatrix().Data}, false)
	w[0] = turned
	turned = newSquare(d)
	turned.mul(&square{d, mat.DenseCopyOf(&u).RawMatrix().Data}, false, w[n-1], false)
	w[n-1] = turned
	for i := range w[0].data {
		w[0].data[i] *= cfg.Unbalanced
	}
	for i := range w[n-1].data {
		w[n-1].data[i] /= cfg.Unbalanced
	}
	target, mask := rng.Normals(src, d*d), make([]float64, d*d)
	for i := range mask {
		if src.Float64() < cfg.Observed {
			mask[i] = 1
		}
	}
	c := newChain(w)
	slope := func(p *square) {
		for i, x := range p.data {
			c.slope.data[i] = mask[i] * (x - target[i])
		}
	}
	var out []FlowPoint
	for range cfg.Points {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		before, err := c.product().singular()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		slope(c.left[0])
		c.descend(h)
		p := c.product()
		slope(p)
		point := FlowPoint{Time: float64(len(out)) * between * h, Imbalance: imbalance(w)}
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(d, d, p.data), mat.SVDFull) {
			return nil, fmt.Errorf("%s: no singular vectors at time %g", fn, point.Time)
		}
		point.Sigma = svd.Values(nil)
		svd.UTo(&u)
		svd.VTo(&v)
		for r := range d {
			sum := 0.0
			for i := range d {
				for j := range d {
					sum -= c.slope.data[i*d+j] * u.At(i, r) * v.At(j, r)
				}
			}
			point.Projection = append(point.Projection, sum)
		}
		c.descend(h)
		after, err := c.product().singular()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		for r := range d {
			point.Measured = append(point.Measured, (after[r]-before[r])/(2*h))
		}
		out = append(out, point)
		for range between - 2 {
			slope(c.product())
			c.descend(h)
		}
	}
	return out, nil
}

// imbalance is the largest ‖W_{k+1}ᵀW_{k+1} - W_kW_kᵀ‖_F, constant along the flow.
func imbalance(w []*square) float64 {
	worst := 0.0
	d := w[0].d
	a, b := newSquare(d), newSquare(d)
	for k := 1; k < len(w); k++ {
		a.mul(w[k], true, w[k], false)
		b.mul(w[k-1], false, w[k-1], true)
		sum := 0.0
		for i := range a.data {
			sum += (a.data[i] - b.data[i]) * (a.data[i] - b.data[i])
		}
		worst = max(worst, math.Sqrt(sum))
	}
	return worst
}
