package linreg

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Config says how Path goes. The zero value drops inputs with 20 rates from 0 to 0.99 and cross-validates
// in 5 folds.
type Config struct {
	Rates       []float64 // increasing, in [0,1); nil means the default grid
	Strengths   []float64 // increasing and positive, of the ridge path, in units of the mean square of the columns; nil means 21 from 1e-8 to 100
	Folds       int       // 0 means 5; at most the number of rows
	NoIntercept bool      // false centres X and y; the intercept is never dropped
	Seed        uint64    // stream "linreg/folds" shuffles the rows
}

// Fit is one point of a path.
type Fit struct {
	Rate      float64   // of dropping; 0 on the ridge path
	Strength  float64   // λ: p/(1-p) on dropout's path, the penalty's factor on ridge's
	Coef      []float64 // in the units of the columns
	Intercept float64
	Train     float64 // mean squared error on all rows
	CV        float64 // mean squared error on left-out rows
	SE        float64 // its standard error over folds
}

// Predict returns the values at the rows of x.
func (f *Fit) Predict(x *mat.Dense) ([]float64, error) {
	n, d := x.Dims()
	if d != len(f.Coef) {
		return nil, fmt.Errorf("linreg.Predict: %d columns, want %d", d, len(f.Coef))
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = f.Intercept + floats.Dot(x.RawRowView(i), f.Coef)
	}
	return out, nil
}

// Result holds the paths of one table.
type Result struct {
	Config  Config // with its defaults
	Dropout []Fit  // one for each rate
	Ridge   []Fit  // one for each strength: the baseline, Tikhonov's penalty in the units of the columns
	Best    int    // of Dropout, by CV
	OneSE   int    // the largest rate within one standard error of Best
	Ridged  int    // best of Ridge
}

func (c Config) withDefaults() Config {
	if c.Rates == nil {
		for i := range 19 {
			c.Rates = append(c.Rates, float64(i)/20)
		}
		c.Rates = append(c.Rates, .99)
	}
	if c.Strengths == nil {
		for i := range 21 {
			c.Strengths = append(c.Strengths, math.Pow(10, float64(i)/2-8))
		}
	}
	if c.Folds == 0 {
		c.Folds = 5
	}
	return c
}

// Path returns the coefficients of linear regression with dropped inputs for every rate, their
// cross-validated errors and a ridge path beside them. At each rate the fit is that of Problem.Input on
// centred columns: what infinitely many masks would give, with no sampling. At rate 0 a singular X gives
// the solution of least norm in standardised units, the limit p → 0. Columns without variation, values
// that are not finite, rates out of range or order and too few rows are errors that name the place. One
// eigendecomposition of d×d for each fold and path.
func Path(ctx context.Context, x *mat.Dense, y []float64, cfg Config) (*Result, error) {
	const fn = "linreg.Path"
	cfg = cfg.withDefaults()
	if _, err := New(x, y); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	n, _ := x.Dims()
	for i, p := range cfg.Rates {
		if _, err := dropout.Lambda(p); err != nil {
			return nil, fmt.Errorf("%s: rate %d of the grid: %w", fn, i+1, err)
		}
		if i > 0 && p <= cfg.Rates[i-1] {
			return nil, fmt.Errorf("%s: rate %d of the grid is %v after %v, want them increasing", fn, i+1, p, cfg.Rates[i-1])
		}
	}
	if len(cfg.Rates) == 0 {
		return nil, fmt.Errorf("%s: an empty grid of rates, want at least one", fn)
	}
	for i, v := range cfg.Strengths {
		if !(v > 0) || math.IsInf(v, 0) || i > 0 && v <= cfg.Strengths[i-1] {
			return nil, fmt.Errorf("%s: strength %d of the ridge grid is %v, want finite positive numbers, increasing", fn, i+1, v)
		}
	}
	if cfg.Folds < 2 || cfg.Folds > n || n-(n+cfg.Folds-1)/cfg.Folds < 2 {
		return nil, fmt.Errorf("%s: %d folds of %d rows, want at least 2, no more than rows, and two rows left to fit", fn, cfg.Folds, n)
	}
	fold := make([]int, n)
	for k, i := range rng.Stream(cfg.Seed, "linreg/folds").Perm(n) {
		fold[i] = k % cfg.Folds
	}
	r := &Result{Config: cfg, Dropout: make([]Fit, len(cfg.Rates)), Ridge: make([]Fit, len(cfg.Strengths))}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for k, path := range [][]Fit{r.Dropout, r.Ridge} {
		fits, err := fitAll(ctx, x, y, all, cfg, k == 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		copy(path, fits)
		for i := range path {
			path[i].Train = path[i].mse(x, y, all)
		}
		errs := make([][]float64, len(path)) // [rate][fold]
		for f := range cfg.Folds {
			var train, test []int
			for i, g := range fold {
				if g == f {
					test = append(test, i)
				} else {
					train = append(train, i)
				}
			}
			fits, err := fitAll(ctx, x, y, train, cfg, k == 0)
			if err != nil {
				return nil, fmt.Errorf("%s: fold %d: %w", fn, f+1, err)
			}
			for i := range fits {
				errs[i] = append(errs[i], fits[i].mse(x, y, test))
				path[i].CV += errs[i][f] * float64(len(test)) / float64(n)
			}
		}
		for i, e := range errs {
			sum := 0.0
			for _, v := range e {
				sum += (v - path[i].CV) * (v - path[i].CV)
			}
			path[i].SE = math.Sqrt(sum / float64(cfg.Folds-1) / float64(cfg.Folds))
		}
	}
	r.Best, r.Ridged = least(r.Dropout), least(r.Ridge)
	for i := range r.Dropout {
		if i >= r.Best && r.Dropout[i].CV <= r.Dropout[r.Best].CV+r.Dropout[r.Best].SE {
			r.OneSE = i
		}
	}
	return r, nil
}

// least is the first fit with the smallest CV.
func least(path []Fit) int {
	best := 0
	for i := range path {
		if path[i].CV < path[best].CV {
			best = i
		}
	}
	return best
}

func (f *Fit) mse(x *mat.Dense, y []float64, rows []int) float64 {
	sum := 0.0
	for _, i := range rows {
		e := y[i] - f.Intercept - floats.Dot(x.RawRowView(i), f.Coef)
		sum += e * e
	}
	return sum / float64(len(rows))
}

// fitAll fits the rows at every rate: with scales s_j = √Ĉ_jj (dropout) or the root mean square of them
// all (ridge), the correlations R = S⁻¹ĈS⁻¹ = QΛQᵀ give u = S⁻¹Q(Λ+λ)⁻¹Qᵀ·S⁻¹c for every λ at once.
func fitAll(ctx context.Context, x *mat.Dense, y []float64, rows []int, cfg Config, standard bool) ([]Fit, error) {
	n, d := len(rows), len(x.RawRowView(0))
	centre, level := make([]float64, d), 0.0
	if !cfg.NoIntercept {
		for _, i := range rows {
			floats.AddScaled(centre, 1/float64(n), x.RawRowView(i))
			level += y[i] / float64(n)
		}
	}
	z, cross := mat.NewDense(n, d, nil), make([]float64, d)
	for k, i := range rows {
		row := z.RawRowView(k)
		floats.SubTo(row, x.RawRowView(i), centre)
		floats.AddScaled(cross, (y[i]-level)/float64(n), row)
	}
	c := mat.NewSymDense(d, nil)
	c.SymOuterK(1/float64(n), z.T())
	scale, mean := make([]float64, d), 0.0
	for j := range scale {
		// Rounding leaves a constant column with a trace of variance.
		size := math.Abs(centre[j]) + math.Sqrt(c.At(j, j))
		if scale[j] = math.Sqrt(c.At(j, j)); !(scale[j] > 1e-12*size) {
			return nil, fmt.Errorf("column %d of X does not vary over the %d rows: leave it out", j+1, n)
		}
		mean += c.At(j, j) / float64(d)
	}
	if !standard {
		for j := range scale {
			scale[j] = math.Sqrt(mean)
		}
	}
	b := make([]float64, d)
	for i := range d {
		b[i] = cross[i] / scale[i]
		for j := i; j < d; j++ {
			c.SetSym(i, j, c.At(i, j)/scale[i]/scale[j])
		}
	}
	values, q, err := linalg.EigenSymContext(ctx, c)
	if err != nil {
		return nil, err
	}
	turned := make([]float64, d)
	for j := range d {
		for i := range d {
			turned[j] += q.At(i, j) * b[i]
		}
	}
	var fits []Fit
	if standard {
		for _, p := range cfg.Rates {
			fits = append(fits, Fit{Rate: p, Strength: p / (1 - p)})
		}
	} else {
		for _, s := range cfg.Strengths {
			fits = append(fits, Fit{Strength: s * mean})
		}
	}
	for k := range fits {
		f := &fits[k]
		f.Coef, f.Intercept = make([]float64, d), level
		lambda := f.Strength
		if !standard {
			lambda /= mean
		}
		for j, v := range values {
			if lambda == 0 && v <= 1e-10*values[0] || v+lambda <= 0 {
				continue // a direction that X does not have
			}
			for i := range d {
				f.Coef[i] += q.At(i, j) * turned[j] / (v + lambda)
			}
		}
		for i := range d {
			f.Coef[i] /= scale[i]
		}
		f.Intercept -= floats.Dot(centre, f.Coef)
	}
	return fits, nil
}
