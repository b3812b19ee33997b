package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// WidthConfig is an experiment on spurious minima of two-layer networks: students of Teacher + Extra ReLU
// neurons learn orthonormal teachers from random starts, on the exact population loss of Neurons. The
// zero value takes a few seconds.
type WidthConfig struct {
	Teacher int   // neurons of the teacher, and dimension of the inputs; 0 means 8
	Extra   []int // of the student beyond the teacher's; nil means 0, 1, 2
	Runs    int   // random starts for each; 0 means 60
	Seed    uint64
}

// WidthResult counts the runs that end in a spurious minimum: gradient below 1e-7 and loss above 1e-4.
type WidthResult struct {
	Config WidthConfig
	Stuck  []int     // for each Extra
	Ended  []int     // runs that converged at all
	Losses []float64 // the least spurious loss met for each Extra, NaN if none
}

// RunWidths makes the runs on all processors: quasi-Newton (L-BFGS), as only the place where a run ends
// matters.
func RunWidths(ctx context.Context, cfg WidthConfig) (*WidthResult, error) {
	const fn = "landscape.RunWidths"
	if cfg.Teacher == 0 {
		cfg.Teacher = 8
	}
	if cfg.Extra == nil {
		cfg.Extra = []int{0, 1, 2}
	}
	if cfg.Runs == 0 {
		cfg.Runs = 60
	}
	if cfg.Teacher < 1 || cfg.Runs < 1 {
		return nil, fmt.Errorf("%s: %d neurons and %d runs, want at least 1", fn, cfg.Teacher, cfg.Runs)
	}
	teacher := mat.NewDense(cfg.Teacher, cfg.Teacher, nil)
	for i := range cfg.Teacher {
		teacher.Set(i, i, 1)
	}
	res := &WidthResult{Config: cfg}
	for _, extra := range cfg.Extra {
		if extra < 0 {
			return nil, fmt.Errorf("%s: %d extra neurons, want none negative", fn, extra)
		}
		n, err := NewNeurons(teacher, cfg.Teacher+extra)
		if err != nil {
			return nil, err
		}
		o := n.Objective()
		losses, slopes := make([]float64, cfg.Runs), make([]float64, cfg.Runs)
		err = linalg.Parallel(ctx, cfg.Runs, 1, func(i, _ int) {
			start := rng.Normals(rng.Stream(cfg.Seed, fmt.Sprintf("landscape/widths/%d/%d", extra, i)), o.Dim)
			floats.Scale(1/math.Sqrt(float64(cfg.Teacher)), start)
			p := optimize.Problem{Func: o.Value, Grad: o.Gradient}
			end, err := optimize.Minimize(p, start, &optimize.Settings{GradientThreshold: 1e-8, MajorIterations: 4000, Converger: optimize.NeverTerminate{}}, &optimize.LBFGS{})
			if end == nil || err != nil && end.X == nil {
				losses[i], slopes[i] = math.NaN(), math.NaN()
				return
			}
			losses[i], slopes[i] = end.F, o.GradientNorm(end.X)
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		stuck, ended, least := 0, 0, math.NaN()
		for i, l := range losses {
			if !(slopes[i] < 1e-6) {
				if l < 1e-4 {
					ended++ // at the bottom, where widths beyond the teacher's make it flat
				}
				continue
			}
			ended++
			if l > 1e-4 {
				stuck++
				if !(l > least) {
					least = l
				}
			}
		}
		res.Stuck, res.Ended, res.Losses = append(res.Stuck, stuck), append(res.Ended, ended), append(res.Losses, least)
	}
	return res, nil
}
