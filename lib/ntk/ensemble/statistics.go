package ensemble

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Coverage is the share of outputs inside the central intervals of a law that should hold Level of
// them.
//
// The networks are independent, the places of one network are not: they are a cluster. SE is the
// standard deviation of a network's own share over √N, which is right whatever the dependence within.
// Low and High are the 95% Wilson interval of a proportion from Effective = p(1-p)/SE² independent
// trials.
type Coverage struct {
	Level, Measured, SE, Low, High, Effective float64
}

// Coverage measures a law on the outputs of moment i at all places.
func (r *Result) Coverage(i int, l Law, levels ...float64) []Coverage {
	out := make([]Coverage, len(levels))
	for k, level := range levels {
		mean, sd := stat.MeanStdDev(shares(r.Moments[i].Outputs, l, level), nil)
		n := float64(r.Config.Nets)
		c := Coverage{Level: level, Measured: mean, SE: sd / math.Sqrt(n), Effective: n}
		if c.SE > 0 && mean > 0 && mean < 1 {
			c.Effective = mean * (1 - mean) / (c.SE * c.SE)
		}
		c.Low, c.High = claim.WilsonShare(mean, c.Effective)
		out[k] = c
	}
	return out
}

// shares is each function's share of places inside the interval.
func shares(outputs [][]float64, l Law, level float64) []float64 {
	half := quantile(level)
	out := make([]float64, len(outputs))
	for k, f := range outputs {
		for i, v := range f {
			if math.Abs(v-l.Mean[i]) <= half*l.SD[i] {
				out[k] += 1 / float64(len(f))
			}
		}
	}
	return out
}

// quantile is the half width, in standard deviations, of the central interval of a normal law.
func quantile(level float64) float64 { return distuv.UnitNormal.Quantile((1 + level) / 2) }

// Spread is the standard deviation of one network's share of places inside the central interval, if
// the law is true: 2000 functions are drawn from it. It makes the tolerance of a coverage independent
// of the networks.
func (l Law) Spread(level float64, seed uint64) (float64, error) {
	if l.cov == nil {
		return 0, errors.New("ensemble.Law.Spread: a law without its covariance, want one of Run's")
	}
	const draws = 2000
	places := len(l.Mean)
	full := mat.NewSymDense(places, nil)
	for i := range places {
		for j := i; j < places; j++ {
			full.SetSym(i, j, l.cov.At(i, j))
		}
	}
	// The covariance of a smooth function at many places is singular to rounding: its range is enough.
	p, err := linalg.PSD(full, 1e-12)
	if err != nil {
		return 0, fmt.Errorf("ensemble.Law.Spread: %w", err)
	}
	noise := rng.Stream(seed, "spread")
	functions := make([][]float64, draws)
	var f mat.VecDense
	for k := range functions {
		c := rng.Normals(noise, p.Rank)
		for i := range c {
			c[i] *= math.Sqrt(p.Values[i])
		}
		f.MulVec(p.Vectors, mat.NewVecDense(p.Rank, c))
		functions[k] = append([]float64(nil), f.RawVector().Data...)
		floats.Add(functions[k], l.Mean)
		f.Reset()
	}
	return stat.StdDev(shares(functions, l, level), nil), nil
}

// Mahalanobis returns, for each network of moment i, the squared distance (f-μ)ᵀΣ⁻¹(f-μ) of its
// outputs at the probes from a law: χ² with as many degrees of freedom as probes, if the law is true.
func (r *Result) Mahalanobis(i int, l Law) ([]float64, error) {
	factor, err := l.factor()
	if err != nil {
		return nil, err
	}
	out := make([]float64, r.Config.Nets)
	for k, f := range r.Moments[i].Probes {
		d := append([]float64(nil), f...)
		floats.Sub(d, l.ProbeMean)
		if out[k], err = factor.Quad(d); err != nil {
			return nil, fmt.Errorf("ensemble.Result.Mahalanobis: %w", err)
		}
	}
	return out, nil
}

func (l Law) factor() (*linalg.Factor, error) {
	n := len(l.ProbeMean)
	s := mat.NewSymDense(n, append([]float64(nil), l.Covariance...))
	factor, err := linalg.Cholesky(s)
	if err != nil {
		return nil, fmt.Errorf("ensemble: covariance of the %d probes: %w", n, err)
	}
	return factor, nil
}

// MeanDistance is N·(f̄-μ)ᵀΣ⁻¹(f̄-μ) of the mean over networks at the probes: χ² again, N(μ, Σ/N) being
// the law of the mean.
func (r *Result) MeanDistance(i int, l Law) (float64, error) {
	factor, err := l.factor()
	if err != nil {
		return 0, err
	}
	d := make([]float64, len(l.ProbeMean))
	for _, f := range r.Moments[i].Probes {
		floats.Add(d, f)
	}
	floats.Scale(1/float64(r.Config.Nets), d)
	floats.Sub(d, l.ProbeMean)
	q, err := factor.Quad(d)
	return q * float64(r.Config.Nets), err
}

// probe returns mean and variance over networks at probe j of moment i.
func (r *Result) probe(i, j int) (mean, variance float64) {
	v := make([]float64, r.Config.Nets)
	for k, f := range r.Moments[i].Probes {
		v[k] = f[j]
	}
	return stat.MeanVariance(v, nil)
}

// VarianceInterval is where s²/σ² lies with probability 1-alpha, s² the variance of n independent
// normal draws: the exact interval, (n-1)s²/σ² being χ² with n-1 degrees of freedom.
func VarianceInterval(n int, alpha float64) (low, high float64) {
	d := distuv.ChiSquared{K: float64(n - 1)}
	return d.Quantile(alpha/2) / d.K, d.Quantile(1-alpha/2) / d.K
}

// KolmogorovSmirnov is the largest distance of the sample's distribution function from that of χ² with
// the given degrees of freedom.
func KolmogorovSmirnov(sample []float64, degrees int) float64 {
	s := slices.Clone(sample)
	slices.Sort(s)
	d := distuv.ChiSquared{K: float64(degrees)}
	worst, n := 0.0, float64(len(s))
	for i, v := range s {
		f := d.CDF(v)
		worst = max(worst, f-float64(i)/n, float64(i+1)/n-f)
	}
	return worst
}

// ksCritical is the value of √N times the Kolmogorov-Smirnov distance that a true law exceeds once in
// 16000 samples, as 4 standard errors are: 2·exp(-2x²) = 6.3e-5.
var ksCritical = math.Sqrt(-math.Log(fourSigma/2) / 2)

// fourSigma is the probability outside four standard errors of a normal law.
const fourSigma = 6.334e-5
