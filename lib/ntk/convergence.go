package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
)

// ConvergenceConfig describes the left half of figure 9.1: the speed of training under the constant
// kernel H* for three sets of labels. The zero value is the book's comparison on 200 digits.
type ConvergenceConfig struct {
	N      int     // training digits 3 and 8; 0 means 200
	Times  int     // points a curve, evenly spaced in log t; 0 means 61
	First  float64 // first time; 0 means 0.1
	Last   float64 // last time; 0 means 100
	Noise  float64 // fraction of the true labels replaced by random signs in the "true" curve; 0 is the book's
	Seed   uint64  // random labels: streams "labels" and "noise"
	Digits [2]int  // the two classes; the zero value means 3 and 8
}

// Convergence is the result. Losses are ‖u - y‖²/n from u(0) = 0.
type Convergence struct {
	Config      ConvergenceConfig
	Time        []float64
	Labels      []string    // "true", "random", "worst"
	Loss        [][]float64 // [label][time]
	RandomMean  []float64   // mean loss over random labels
	Eigenvalues []float64   // λ_1 >= ... >= λ_n of H*
	Projections [][]float64 // [label][i], |v_iᵀy|/‖y‖
	Energy10    []float64   // [label], share of ‖y‖² in the first 10 eigenvectors
	Energy50    []float64
}

// withDefaults fills in what the zero value stands for.
func (c ConvergenceConfig) withDefaults() ConvergenceConfig {
	if c.N == 0 {
		c.N = 200
	}
	if c.Times == 0 {
		c.Times = 61
	}
	if c.First == 0 {
		c.First = .1
	}
	if c.Last == 0 {
		c.Last = 100
	}
	if c.Digits == [2]int{} {
		c.Digits = [2]int{3, 8}
	}
	return c
}

// ThreeLabels returns the label sets that figure 9.1 compares, each with ‖y‖² = n: the true ones, one
// draw of random signs, and the worst case √n·v_n.
func ThreeLabels(s *Spectrum, y []float64, seed uint64) (names []string, labels [][]float64) {
	n := s.N()
	worst := s.Vector(n - 1)
	floats.Scale(math.Sqrt(float64(n)), worst)
	return []string{"true", "random", "worst"}, [][]float64{y, rng.Signs(rng.Stream(seed, "labels"), n), worst}
}

// RunConvergence computes the curves. Cost 14n³/3 flops.
func RunConvergence(ctx context.Context, cfg ConvergenceConfig) (*Convergence, error) {
	cfg = cfg.withDefaults()
	if cfg.Times < 2 || !(cfg.First > 0) || !(cfg.Last > cfg.First) || !(cfg.Noise >= 0 && cfg.Noise <= 1) {
		return nil, fmt.Errorf("ntk.RunConvergence: %d times from %g to %g, noise %g: want at least 2, 0 < first < last, noise in [0, 1]",
			cfg.Times, cfg.First, cfg.Last, cfg.Noise)
	}
	split, err := DigitPair(cfg.Digits[0], cfg.Digits[1], cfg.N)
	if err != nil {
		return nil, fmt.Errorf("ntk.RunConvergence: %w", err)
	}
	h, err := TwoLayer(nil).GramContext(ctx, split.X)
	if err != nil {
		return nil, fmt.Errorf("ntk.RunConvergence: %w", err)
	}
	s, err := NewSpectrum(h)
	if err != nil {
		return nil, fmt.Errorf("ntk.RunConvergence: %w", err)
	}
	y := split.Y
	if cfg.Noise > 0 {
		y = Resample(y, cfg.Noise, cfg.Seed, "noise")
	}
	r := &Convergence{Config: cfg, Eigenvalues: s.Values, Time: LogSpace(cfg.First, cfg.Last, cfg.Times)}
	var labels [][]float64
	r.Labels, labels = ThreeLabels(s, y, cfg.Seed)
	r.Loss = make([][]float64, len(labels))
	for k, l := range labels {
		for _, t := range r.Time {
			loss, err := s.Loss(Flow{t}, l)
			if err != nil {
				return nil, fmt.Errorf("ntk.RunConvergence: %w", err)
			}
			r.Loss[k] = append(r.Loss[k], loss)
		}
		p := s.Project(l)
		for i := range p {
			p[i] = math.Abs(p[i]) / floats.Norm(l, 2)
		}
		r.Projections = append(r.Projections, p)
		r.Energy10 = append(r.Energy10, s.Energy(l, 10))
		r.Energy50 = append(r.Energy50, s.Energy(l, 50))
	}
	for _, t := range r.Time {
		m, err := s.RandomLoss(Flow{t})
		if err != nil {
			return nil, fmt.Errorf("ntk.RunConvergence: %w", err)
		}
		r.RandomMean = append(r.RandomMean, m)
	}
	return r, nil
}

// Resample returns labels of which each is replaced, with probability q, by a random sign drawn from
// the stream of that name.
func Resample(y []float64, q float64, seed uint64, stream string) []float64 {
	r := rng.Stream(seed, stream)
	out := make([]float64, len(y))
	for i, v := range y {
		// Both draws are made for each label, so that a larger q changes a superset of them.
		u, sign := r.Float64(), 1-2*float64(r.Uint64()>>63)
		if out[i] = v; u < q {
			out[i] = sign
		}
	}
	return out
}

// LogSpace returns n numbers from first to last, evenly spaced in their logarithms.
func LogSpace(first, last float64, n int) []float64 {
	return floats.LogSpan(make([]float64, n), first, last)
}
