package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// NoiseConfig describes figure 9.2: the complexity measure against test losses while the training
// labels become noise; test labels stay clean. The zero value runs in about 0.1 s.
type NoiseConfig struct {
	N         int       // training digits 3 and 8; 0 means 200
	Fractions []float64 // probabilities of a random label; nil means 0, .1, .2, .4, .6, .8, 1
	Draws     int       // draws of the noise a fraction; 0 means 50
	Seed      uint64    // draw j of the noise is the stream "noise j"
}

// Noise is the result. Index [k] goes with Fractions[k]; pairs of mean and standard deviation are
// over draws.
type Noise struct {
	Config     NoiseConfig
	Clean      Complexity // of the true labels
	Inverse    float64    // tr H⁻¹, the mean of C over random labels
	Theory     []float64  // √(2·E C/n)
	ADH, ADHSD []float64  // √(2C/n)
	Error      []float64  // share of wrong signs on the test set
	ErrorSD    []float64
	Ramp       []float64 // mean min(1, |f - y|) on the test set
	RampSD     []float64
}

// RunNoise runs the experiment on digits 3 and 8.
func RunNoise(ctx context.Context, cfg NoiseConfig) (*Noise, error) {
	if cfg.N == 0 {
		cfg.N = 200
	}
	s, err := DigitPair(3, 8, cfg.N)
	if err != nil {
		return nil, fmt.Errorf("ntk.RunNoise: %w", err)
	}
	return RunNoiseOn(ctx, cfg, s)
}

// RunNoiseOn runs the experiment on another pair of classes with unit rows; cfg.N is not read.
func RunNoiseOn(ctx context.Context, cfg NoiseConfig, s *Split) (*Noise, error) {
	const fn = "ntk.RunNoise"
	cfg.N, _ = s.X.Dims()
	if cfg.Fractions == nil {
		cfg.Fractions = []float64{0, .1, .2, .4, .6, .8, 1}
	}
	if cfg.Draws == 0 {
		cfg.Draws = 50
	}
	for _, q := range cfg.Fractions {
		if !(q >= 0 && q <= 1) {
			return nil, fmt.Errorf("%s: fraction %g, want in [0, 1]", fn, q)
		}
	}
	h, err := TwoLayer(nil).GramContext(ctx, s.X)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	f, err := linalg.CholeskyContext(ctx, h)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	cross, err := TwoLayer(nil).CrossContext(ctx, s.TestX, s.X)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := &Noise{Config: cfg, Inverse: mat.Trace(f.Inverse())}
	if r.Clean, err = ComplexityOf(h, s.Y); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	n := float64(cfg.N)
	for _, q := range cfg.Fractions {
		adh, wrong, ramp := make([]float64, cfg.Draws), make([]float64, cfg.Draws), make([]float64, cfg.Draws)
		err := linalg.Parallel(ctx, cfg.Draws, 1, func(lo, hi int) {
			for j := lo; j < hi; j++ {
				y := Resample(s.Y, q, cfg.Seed, fmt.Sprint("noise ", j))
				alpha, err := f.SolveVec(y)
				if err != nil {
					panic(err) // sizes are right and labels finite
				}
				out := make([]float64, len(s.TestY))
				for i := range out {
					out[i] = floats.Dot(cross.RawRowView(i), alpha)
				}
				adh[j] = math.Sqrt(2 * floats.Dot(y, alpha) / n)
				wrong[j] = float64(SignErrors(out, s.TestY)) / float64(len(out))
				ramp[j] = RampLoss(out, s.TestY)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		r.Theory = append(r.Theory, math.Sqrt(2*LabelNoise(r.Clean.C, r.Inverse, q)/n))
		for _, c := range []struct {
			draws    []float64
			mean, sd *[]float64
		}{{adh, &r.ADH, &r.ADHSD}, {wrong, &r.Error, &r.ErrorSD}, {ramp, &r.Ramp, &r.RampSD}} {
			m, sd := stat.MeanStdDev(c.draws, nil)
			if cfg.Draws == 1 {
				sd = 0
			}
			*c.mean, *c.sd = append(*c.mean, m), append(*c.sd, sd)
		}
	}
	return r, nil
}

// Spearman returns the rank correlation of two lists without ties: 1 if both rise together.
func Spearman(x, y []float64) float64 { return stat.Correlation(ranks(x), ranks(y), nil) }

func ranks(x []float64) []float64 {
	at := make([]int, len(x))
	sorted := append([]float64(nil), x...)
	floats.Argsort(sorted, at)
	out := make([]float64, len(x))
	for rank, i := range at {
		out[i] = float64(rank)
	}
	return out
}
