package factor

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"

	"github.com/lemma-ml/lemma/lib/rng"
)

// ReLUConfig is a network f(x) = c + Σ a_j·max(w_j x + b_j, 0) of one input, trained by gradient descent
// on ½Σ(f(x_i) - y_i)² + ½·decay·Σ(a_j² + w_j²); biases are free. The zero value is the setting of the
// claim.
type ReLUConfig struct {
	X, Y  []float64 // X strictly increasing; nil means seven points of a zigzag
	Width int       // 0 means 100
	Scale float64   // of the start: a and w are normal with this standard deviation, kinks uniform on the data's range; 0 means 0.1
	Decay float64   // 0 means 1e-3; negative means none
	Rate  float64   // 0 means 0.02
	Steps int       // 0 means 40000
	Seed  uint64    // stream "factor/relu"
}

// Net is the network's parameters.
type Net struct {
	A, W, B []float64
	C       float64
}

// ReLUResult is a trained network with what it costs.
type ReLUResult struct {
	Config    ReLUConfig // with its defaults
	Net       Net
	Variation float64 // ∫|f''|
	Path      float64 // Σ|a_j w_j|, at least Variation
	Residual  float64 // root mean square
}

// Zigzag is seven points whose slopes change sign at nearly each of them.
func Zigzag() (x, y []float64) {
	return []float64{-1, -.7, -.35, 0, .3, .7, 1}, []float64{.1, .5, -.2, .3, .6, -.4, 0}
}

// Value is f(x).
func (n *Net) Value(x float64) float64 {
	out := n.C
	for j, a := range n.A {
		out += a * max(n.W[j]*x+n.B[j], 0)
	}
	return out
}

// Variation is ∫|f”| over the line: the sum over kinks t = -b/w of |Σ a_j|w_j||, neurons of one kink
// together.
func (n *Net) Variation() float64 {
	type kink struct{ at, jump float64 }
	var kinks []kink
	for j, w := range n.W {
		if w != 0 {
			kinks = append(kinks, kink{-n.B[j] / w, n.A[j] * math.Abs(w)})
		}
	}
	slices.SortFunc(kinks, func(a, b kink) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	total, jump := 0.0, 0.0
	for i, k := range kinks {
		jump += k.jump
		if i+1 == len(kinks) || kinks[i+1].at != k.at {
			total += math.Abs(jump)
			jump = 0
		}
	}
	return total
}

// RunReLU trains the network. A step costs O(width·points).
func RunReLU(ctx context.Context, cfg ReLUConfig) (*ReLUResult, error) {
	const fn = "factor.RunReLU"
	if cfg.X == nil && cfg.Y == nil {
		cfg.X, cfg.Y = Zigzag()
	}
	if cfg.Width == 0 {
		cfg.Width = 100
	}
	if cfg.Scale == 0 {
		cfg.Scale = .1
	}
	if cfg.Decay == 0 {
		cfg.Decay = 1e-3
	}
	if cfg.Rate == 0 {
		cfg.Rate = .02
	}
	if cfg.Steps == 0 {
		cfg.Steps = 40000
	}
	if err := checkPoints(fn, cfg.X, cfg.Y); err != nil {
		return nil, err
	}
	if cfg.Width < 1 || cfg.Steps < 0 || !(cfg.Scale > 0) || !(cfg.Rate > 0) {
		return nil, fmt.Errorf("%s: width %d, %d steps, scale %v and rate %v, want 1 or more, 0 or more and positive numbers", fn, cfg.Width, cfg.Steps, cfg.Scale, cfg.Rate)
	}
	decay := max(cfg.Decay, 0)
	x, y, m := cfg.X, cfg.Y, cfg.Width
	src := rng.Stream(cfg.Seed, "factor/relu")
	n := Net{A: rng.Normals(src, m), W: rng.Normals(src, m), B: make([]float64, m)}
	for j := range m {
		n.A[j] *= cfg.Scale
		n.W[j] *= cfg.Scale
		n.B[j] = -n.W[j] * (x[0] + src.Float64()*(x[len(x)-1]-x[0]))
	}
	res := make([]float64, len(x))
	for step := 0; ; step++ {
		sum := 0.0
		for i, v := range x {
			res[i] = n.Value(v) - y[i]
			sum += res[i] * res[i]
		}
		if math.IsNaN(sum) || sum > 1e12 {
			return nil, fmt.Errorf("%s: diverges at step %d with rate %g", fn, step, cfg.Rate)
		}
		if step == cfg.Steps {
			r := &ReLUResult{Config: cfg, Net: n, Variation: n.Variation(), Residual: math.Sqrt(sum / float64(len(x)))}
			for j := range m {
				r.Path += math.Abs(n.A[j] * n.W[j])
			}
			return r, nil
		}
		if step%1000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for j := range m {
			a, w, b := n.A[j], n.W[j], n.B[j]
			ga, gw, gb := decay*a, decay*w, 0.0
			for i, v := range x {
				if h := w*v + b; h > 0 {
					ga += res[i] * h
					gw += res[i] * a * v
					gb += res[i] * a
				}
			}
			n.A[j] -= cfg.Rate * ga
			n.W[j] -= cfg.Rate * gw
			n.B[j] -= cfg.Rate * gb
		}
		for i := range res {
			n.C -= cfg.Rate * res[i]
		}
	}
}

func checkPoints(fn string, x, y []float64) error {
	if len(x) < 2 || len(x) != len(y) {
		return fmt.Errorf("%s: %d inputs and %d outputs, want two or more and as many", fn, len(x), len(y))
	}
	for i := range x {
		if math.IsNaN(x[i]+y[i]) || math.IsInf(x[i]+y[i], 0) || i > 0 && x[i] <= x[i-1] {
			return fmt.Errorf("%s: point %d is (%v, %v), want finite numbers with increasing inputs", fn, i+1, x[i], y[i])
		}
	}
	return nil
}

// LeastVariation is the least ∫|f”| of all functions through the points, Σ|s_{i+1} - s_i| over the
// slopes s_i of the broken line: f' takes the value s_i somewhere in each interval, and the broken line
// changes its slope no more than that.
func LeastVariation(x, y []float64) (float64, error) {
	if err := checkPoints("factor.LeastVariation", x, y); err != nil {
		return 0, err
	}
	total, last := 0.0, math.NaN()
	for i := 1; i < len(x); i++ {
		s := (y[i] - y[i-1]) / (x[i] - x[i-1])
		if i > 1 {
			total += math.Abs(s - last)
		}
		last = s
	}
	return total, nil
}

// LeastCost is the least Σ|a_j w_j| = ½Σ(a_j² + w_j²) of a network of any width through the points, with
// free biases: max(T, (T + |s_1 + s_k|)/2), T = LeastVariation. A network's cost is
// max(∫|f”|, |f'(-∞) + f'(∞)|) at best (Savarese et al. 2019, theorem 3.1), and a kink outside the data
// of size δ lowers the second by δ and raises the first by δ.
func LeastCost(x, y []float64) (float64, error) {
	t, err := LeastVariation(x, y)
	if err != nil {
		return 0, err
	}
	k := len(x) - 1
	first, last := (y[1]-y[0])/(x[1]-x[0]), (y[k]-y[k-1])/(x[k]-x[k-1])
	return max(t, (t+math.Abs(first+last))/2), nil
}

// CostByProgram is LeastCost by a linear program that knows nothing of slopes: the least sum of |c| over
// combinations c of the neurons max(x-t, 0) and max(t-x, 0), with t on a grid of the data's range
// widened by a tenth, all inputs among them, and a free constant. It costs a simplex of 4·(grid+n)
// variables.
func CostByProgram(x, y []float64, grid int) (float64, error) {
	const fn = "factor.CostByProgram"
	if err := checkPoints(fn, x, y); err != nil {
		return 0, err
	}
	if grid < 2 {
		return 0, fmt.Errorf("%s: a grid of %d kinks, want at least 2", fn, grid)
	}
	lo, hi := x[0], x[len(x)-1]
	lo, hi = lo-.1*(hi-lo), hi+.1*(hi-lo)
	knots := slices.Clone(x)
	for i := range grid {
		knots = append(knots, lo+(hi-lo)*float64(i)/float64(grid-1))
	}
	slices.Sort(knots)
	knots = slices.Compact(knots)
	// Columns: the constant and each neuron that is not zero on the data, with both signs.
	var neurons [][]float64
	for _, t := range knots {
		up, down := make([]float64, len(x)), make([]float64, len(x))
		for i, v := range x {
			up[i], down[i] = max(v-t, 0), max(t-v, 0)
		}
		for _, n := range [][]float64{up, down} {
			if slices.Max(n) > 0 {
				neurons = append(neurons, n)
			}
		}
	}
	cols := 2*len(neurons) + 2
	cost := make([]float64, cols)
	a := mat.NewDense(len(x), cols, nil)
	for i := range x {
		for k, n := range neurons {
			a.Set(i, 2*k, n[i])
			a.Set(i, 2*k+1, -n[i])
		}
		a.Set(i, cols-2, 1)
		a.Set(i, cols-1, -1)
	}
	for k := range cols - 2 {
		cost[k] = 1
	}
	value, _, err := lp.Simplex(cost, a, y, 1e-12, nil)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", fn, err)
	}
	return value, nil
}
