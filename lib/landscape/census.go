package landscape

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// CensusConfig is a search for all critical points of an objective; the zero value runs.
type CensusConfig struct {
	Radius float64 // of the ball of starts around 0; 0 means 3
	Starts int     // 0 means 400
	Seed   uint64
}

// Found is a critical point that Newton's method met.
type Found struct {
	X        []float64
	Value    float64
	Spectrum []float64 // of the Hessian, ascending
	Kind     Kind
	Hits     int // starts that led to it
}

// Index is the number of negative eigenvalues.
func (p *Found) Index() int { return index(p.Spectrum) }

// CensusResult is what a census found.
type CensusResult struct {
	Points []Found // by value
	Euler  int     // Σ (-1)^index over Points; 1 if none is missing
	Lost   int     // starts from which Newton's method did not converge
}

// Complete says whether the census can be whole: for f that tends to infinity in every direction and has
// no degenerate critical point, Σ (-1)^index = 1 (Morse), so that any other sum proves that points are
// missing. A sum of 1 proves nothing.
func (r *CensusResult) Complete() bool {
	return r.Euler == 1 && !slices.ContainsFunc(r.Points, func(p Found) bool { return p.Kind == Degenerate })
}

// Census runs Newton's method on ∇f = 0 from points at random directions and
// distances up to the radius, with steps of at most half its
// radius, and gathers where it ends, points within 1e-6 of each other as one. Few dimensions only: each
// step solves a d×d system.
func Census(ctx context.Context, o *Objective, cfg CensusConfig) (*CensusResult, error) {
	const fn = "landscape.Census"
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if cfg.Radius == 0 {
		cfg.Radius = 3
	}
	if cfg.Starts == 0 {
		cfg.Starts = 400
	}
	if !(cfg.Radius > 0) || cfg.Starts < 0 {
		return nil, fmt.Errorf("%s: radius %g and %d starts, want both positive", fn, cfg.Radius, cfg.Starts)
	}
	r := rng.Stream(cfg.Seed, "landscape/census")
	res := &CensusResult{}
	for range cfg.Starts {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		x := rng.Normals(r, o.Dim)
		floats.Scale(cfg.Radius*r.Float64()/floats.Norm(x, 2), x)
		if !newton(o, x, cfg.Radius) {
			res.Lost++
			continue
		}
		same := func(p Found) bool { return floats.Distance(p.X, x, 2) < 1e-6 }
		if i := slices.IndexFunc(res.Points, same); i >= 0 {
			res.Points[i].Hits++
			continue
		}
		h := o.Hessian(x)
		spectrum, err := linalg.EigenvaluesSym(h)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		slices.Sort(spectrum)
		kind, err := Classify(h, make([]float64, o.Dim), 0, 1e-8)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		res.Points = append(res.Points, Found{X: x, Value: o.Value(x), Spectrum: spectrum, Kind: kind, Hits: 1})
	}
	slices.SortFunc(res.Points, func(a, b Found) int {
		switch {
		case a.Value < b.Value-1e-12:
			return -1
		case a.Value > b.Value+1e-12:
			return 1
		}
		return slices.Compare(a.X, b.X)
	})
	for i := range res.Points {
		res.Euler += 1 - 2*(res.Points[i].Index()%2)
	}
	return res, nil
}

// newton moves x to a zero of the gradient, and says whether it got there.
func newton(o *Objective, x []float64, radius float64) bool {
	g := make([]float64, o.Dim)
	for range 200 {
		o.Gradient(g, x)
		size := floats.Norm(g, 2)
		if size < 1e-12 {
			return true
		}
		var lu mat.LU
		lu.Factorize(o.Hessian(x))
		step := mat.NewVecDense(o.Dim, nil)
		if err := lu.SolveVecTo(step, false, mat.NewVecDense(o.Dim, g)); err != nil {
			if _, bad := err.(mat.Condition); !bad || math.IsInf(float64(err.(mat.Condition)), 1) {
				return false
			}
		}
		s := step.RawVector().Data
		length := floats.Norm(s, 2)
		if math.IsNaN(length) {
			return false
		}
		floats.AddScaled(x, -min(1, radius/2/length), s)
		if length < 1e-14*(1+floats.Norm(x, 2)) {
			return size < 1e-9
		}
	}
	return false
}
