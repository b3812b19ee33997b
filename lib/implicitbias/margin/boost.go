package margin

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// BoostConfig describes a run of boosting; the zero value is AdaBoost for 1000 rounds.
type BoostConfig struct {
	Epsilon float64 // every step has this length; 0 means exact line search, as in AdaBoost
	Rounds  int     // 0 means 1000
	Keep    int     // rounds at the end whose shares and learners are kept; 0 means 24
}

// BoostResult is a run of boosting.
type BoostResult struct {
	Config  BoostConfig
	T       []int       // 1, 2, 5, 10, … and the last round
	Margin  []float64   // ℓ₁-normalised margin after T rounds
	W       []float64   // weights of the learners at the end
	Learner []int       // chosen in the last Keep rounds
	Shares  [][]float64 // weights of the points before each of them
}

// Boost does coordinate descent on the exponential loss, whose features are weak learners: each round
// takes the learner of largest |edge| |Σ p_i y_i h_j(x_i)| (the first, where several tie) and moves its
// weight by Epsilon or to the minimum along it. With exact steps this is AdaBoost. A learner that is right
// on every point has no minimum: an error. Cost: n·d a round.
func Boost(ctx context.Context, data *Data, cfg BoostConfig) (*BoostResult, error) {
	if cfg.Rounds == 0 {
		cfg.Rounds = 1000
	}
	if cfg.Keep == 0 {
		cfg.Keep = 24
	}
	if !(cfg.Epsilon >= 0) || math.IsInf(cfg.Epsilon, 0) || cfg.Rounds < 1 || cfg.Keep < 1 {
		return nil, fmt.Errorf("margin.Boost: epsilon %g, %d rounds, %d kept, want epsilon ≥ 0 and positive counts", cfg.Epsilon, cfg.Rounds, cfg.Keep)
	}
	r := &BoostResult{Config: cfg}
	n, d := data.Len(), data.Dim()
	w, p, g, m := make([]float64, d), make([]float64, n), make([]float64, d), make([]float64, n)
	next := 1
	for t := 1; t <= cfg.Rounds; t++ {
		if t%1024 == 1 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		floats.ScaleTo(p, -1, m)
		softmax(p)
		data.Gradient(g, p)
		j := 0
		for k, v := range g {
			// Ties of ±1 learners differ in the last bits; the first of them is meant.
			if math.Abs(v) > math.Abs(g[j])+1e-12 {
				j = k
			}
		}
		if t > cfg.Rounds-cfg.Keep {
			r.Learner, r.Shares = append(r.Learner, j), append(r.Shares, append([]float64(nil), p...))
		}
		step := -math.Copysign(cfg.Epsilon, g[j])
		if cfg.Epsilon == 0 {
			var err error
			if step, err = lineSearch(data, p, j); err != nil {
				return nil, fmt.Errorf("margin.Boost: round %d: %w", t, err)
			}
		}
		w[j] += step
		for i, z := range data.z {
			m[i] += step * z[j]
		}
		if t == next || t == cfg.Rounds {
			r.T, r.Margin = append(r.T, t), append(r.Margin, floats.Min(m)/floats.Norm(w, 1))
			for next <= t {
				next = after(next)
			}
		}
	}
	r.W = w
	return r, nil
}

// after is the next of 1, 2, 5, 10, 20, 50, …
func after(n int) int {
	first := n
	for first >= 10 {
		first /= 10
	}
	if first == 2 {
		return n / 2 * 5
	}
	return n * 2
}

// lineSearch returns the step s along feature j that minimizes Σ p_i exp(-s·z_ij). For entries ±1 it is
// ½·log((1+r)/(1-r)) with the edge r = Σ p_i z_ij; else Newton's method within a bracket.
func lineSearch(data *Data, p []float64, j int) (float64, error) {
	edge, signs := 0.0, true
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, z := range data.z {
		edge += p[i] * z[j]
		signs = signs && math.Abs(z[j]) == 1
		lo, hi = min(lo, z[j]), max(hi, z[j])
	}
	if lo >= 0 || hi <= 0 {
		return 0, fmt.Errorf("margin.lineSearch: feature %d of %q has one sign on all points: the loss has no minimum along it", j, data.Name)
	}
	if signs {
		return .5 * math.Log((1+edge)/(1-edge)), nil
	}
	slope := func(s float64) (f, df float64) { // derivative of the loss along j and its derivative, up to a factor
		e := make([]float64, len(p))
		for i, z := range data.z {
			e[i] = math.Log(p[i]) - s*z[j]
		}
		softmax(e)
		for i, z := range data.z {
			f -= e[i] * z[j]
			df += e[i] * z[j] * z[j]
		}
		return f, df
	}
	a, b := 0.0, math.Copysign(1/max(hi, -lo), edge)
	for f, _ := slope(b); f*edge < 0; f, _ = slope(b) { // still downhill
		a, b = b, 2*b
	}
	s := b
	for range 200 {
		f, df := slope(s)
		if f*edge < 0 {
			a = s
		} else {
			b = s
		}
		t := s - f/df
		if (t-a)*(t-b) > 0 {
			t = (a + b) / 2
		}
		if math.Abs(t-s) <= 0x1p-50*math.Abs(s) {
			break
		}
		s = t
	}
	return s, nil
}

// Period returns the smallest k ≤ 12 for which the kept shares repeat after k rounds, and the largest
// difference that remains; 0 if no k brings it below 1e-3.
func (r *BoostResult) Period() (k int, difference float64) {
	for k = 1; k <= 12 && k < len(r.Shares); k++ {
		difference = 0
		for t := k; t < len(r.Shares); t++ {
			difference = max(difference, floats.Distance(r.Shares[t], r.Shares[t-k], math.Inf(1)))
		}
		if difference < 1e-3 {
			return k, difference
		}
	}
	return 0, difference
}
