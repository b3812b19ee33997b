package completion

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Setting is one strength of regularisation to try: a rate of dropping, or the κ of the weighted trace
// norm.
type Setting struct {
	Rate, Decay float64
}

// Score is what a setting reaches on cells that were left out.
type Score struct {
	Setting
	MSE float64 // mean squared error over all cells, each predicted by a fit that did not see it
	SE  float64 // its standard error over the folds
}

// CrossValidate scores settings on the cells of the problem, shuffled by the stream "completion/folds" of
// the seed and cut into folds; its own Rate and Decay are not used. The laws stay those of the problem: a
// row whose cells all fall into one fold is predicted from a small random start, about 0. The fits run
// on all processors, and the same folds serve all settings.
func CrossValidate(ctx context.Context, p *Problem, folds int, cfg Config, settings []Setting) ([]Score, error) {
	const fn = "completion.CrossValidate"
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if _, err := cfg.withDefaults(); err != nil {
		return nil, err
	}
	n := len(p.Cells)
	if folds < 2 || folds > n {
		return nil, fmt.Errorf("%s: %d folds of %d cells, want 2 to %d", fn, folds, n, n)
	}
	for _, s := range settings {
		t := *p
		t.Rate, t.Decay = s.Rate, s.Decay
		if err := t.Validate(); err != nil {
			return nil, err
		}
	}
	order := rng.Stream(cfg.Seed, "completion/folds").Perm(n)
	errs := make([][]float64, len(settings)) // squared error and weight by fold
	weights := make([]float64, folds)
	for i := range errs {
		errs[i] = make([]float64, folds)
	}
	var jobs []func() error
	for f := range folds {
		var train, held []Cell
		for at, c := range order {
			if at%folds == f {
				held = append(held, p.Cells[c])
				weights[f] += p.Cells[c].weight()
			} else {
				train = append(train, p.Cells[c])
			}
		}
		for i, s := range settings {
			t := *p
			t.Cells, t.Rate, t.Decay = train, s.Rate, s.Decay
			jobs = append(jobs, func() error {
				fit, err := Fit(ctx, &t, cfg)
				if err != nil {
					return err
				}
				for _, c := range held {
					u, v := fit.Factors.U.RawRowView(c.Row), fit.Factors.V.RawRowView(c.Col)
					e := -c.Value
					for j := range u {
						e += u[j] * v[j]
					}
					errs[i][f] += c.weight() * e * e
				}
				return nil
			})
		}
	}
	if err := all(ctx, jobs); err != nil {
		return nil, err
	}
	out := make([]Score, len(settings))
	for i, s := range settings {
		out[i].Setting = s
		out[i].MSE = sum(errs[i]) / sum(weights)
		spread := 0.0
		for f := range folds {
			e := errs[i][f]/weights[f] - out[i].MSE
			spread += e * e
		}
		out[i].SE = math.Sqrt(spread / float64(folds*(folds-1)))
	}
	return out, nil
}
