package linreg

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/rng"
)

type noiseTheory struct {
	none     bool
	order    float64 // of η; 0 means 1
	gaussian bool
}

func checkNoise(h noiseTheory) claim.Check {
	if h.order == 0 {
		h.order = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const rate, eta = .4, .1
		p := Fixture()
		n, err := p.Noise(rate, eta)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		start := []float64{.3, -.7, 1.1}
		s, err := n.From(start)
		if err != nil {
			return nil, err
		}
		one := n.Next(s)
		mean, second := n.oneStep(start)
		for i := range 3 {
			f.Add(claim.Equals(fmt.Sprintf("one step, mean %d: recursion, and all 8 masks", i+1), one.Mean[i], mean[i], claim.Rounding(1, 64)))
			for j := i; j < 3; j++ {
				f.Add(claim.Equals(fmt.Sprintf("one step, covariance %d%d: recursion, and all 8 masks", i+1, j+1), one.Covariance.At(i, j), second[i*3+j]-mean[i]*mean[j], claim.Rounding(1, 256)))
			}
		}
		const steps, runs = 40, 4000
		for range steps {
			s = n.Next(s)
		}
		if h.none {
			s.Covariance.Zero()
		}
		ends, err := n.Simulate(ctx, start, steps, runs, env.Seed)
		if err != nil {
			return nil, err
		}
		if h.gaussian {
			if ends, err = gaussianRuns(ctx, n, start, steps, runs, env.Seed); err != nil {
				return nil, err
			}
		}
		for i := range 3 {
			var a []float64
			for _, u := range ends {
				a = append(a, u[i])
			}
			m, sd := meanSD(a)
			f.Add(claim.Equals(fmt.Sprintf("%d steps, mean %d: recursion, and %d runs", steps, i+1, runs), s.Mean[i], m, claim.Sampling(sd, runs)))
			for j := i; j < 3; j++ {
				var prod []float64
				for _, u := range ends {
					prod = append(prod, (u[i]-s.Mean[i])*(u[j]-s.Mean[j]))
				}
				m, sd := meanSD(prod)
				f.Add(claim.Equals(fmt.Sprintf("%d steps, covariance %d%d: recursion, and %d runs", steps, i+1, j+1, runs), s.Covariance.At(i, j), m, claim.Sampling(sd, runs)))
			}
		}
		limit, err := n.Limit()
		if err != nil {
			return nil, err
		}
		for range 2000 {
			s = n.Next(s)
		}
		var far mat.Dense
		shift := make([]float64, 3)
		far.Sub(limit.Covariance, s.Covariance)
		floats.SubTo(shift, limit.Mean, s.Mean)
		f.Add(claim.Equals("distance of the mean after 2040 steps from the minimizer of the expected loss", 0, floats.Norm(shift, 2), claim.Because(1e-9, "a geometric rate, 2040 steps")),
			claim.Equals("distance of the covariance then from the solution of the linear system", 0, mat.Norm(&far, 2), claim.Because(1e-9, "a geometric rate, 2040 steps")))
		for _, eta := range []float64{1e-2, 1e-3} {
			small, err := p.Noise(rate, eta)
			if err != nil {
				return nil, err
			}
			l, err := small.Limit()
			if err != nil {
				return nil, err
			}
			xi, err := small.SmallStep()
			if err != nil {
				return nil, err
			}
			xi.ScaleSym(math.Pow(eta, h.order), xi)
			far.Sub(l.Covariance, xi)
			f.Add(claim.Equals(fmt.Sprintf("η = %g: relative distance of the limit from η·Ξ", eta), 0, mat.Norm(&far, 2)/mat.Norm(l.Covariance, 2), claim.Because(2*eta, "second order in η")))
		}
		excess, err := p.excess(n, limit)
		if err != nil {
			return nil, err
		}
		f.Note("At η = %g the iterates cost %.3g more than the minimizer on average, tr(AΣ): what a theory of the expected loss leaves out. It vanishes with η, or by averaging iterates.", eta, excess)
		fig, err := FigureNoise(ctx, rate, eta)
		if err != nil {
			return nil, err
		}
		f.Figure = &fig
		return f, nil
	}
}

// excess is the mean expected loss of iterates in the limit above the least.
func (p *Problem) excess(n *Noise, s State) (float64, error) {
	sum := 0.0
	d := len(s.Mean)
	for i := range d {
		for j := range d {
			v := -n.mean.At(i, j)
			if i == j {
				v++
			}
			sum += v / (2 * n.Step) * s.Covariance.At(i, j)
		}
	}
	return sum, nil
}

// oneStep returns the mean and the second moments after one step, by all masks.
func (n *Noise) oneStep(u []float64) (mean, second []float64) {
	d := len(u)
	mean, second = make([]float64, d), make([]float64, d*d)
	for mask := range uint(1) << d {
		kept := bits.OnesCount(mask)
		w := math.Pow(n.keep, float64(kept)) * math.Pow(n.Rate, float64(d-kept))
		b := make([]float64, d)
		for j := range b {
			b[j] = float64(mask>>j&1) / n.keep
		}
		v := n.move(u, b)
		for i := range d {
			mean[i] += w * v[i]
			for j := range d {
				second[i*d+j] += w * v[i] * v[j]
			}
		}
	}
	return mean, second
}

// move is one step under the mask b.
func (n *Noise) move(u, b []float64) []float64 {
	d := len(u)
	v := make([]float64, d)
	for i := range d {
		g := -n.p.Cross[i]
		for j := range d {
			g += n.p.Moment.At(i, j) * b[j] * u[j]
		}
		v[i] = u[i] - 2*n.Step*b[i]*g
	}
	return v
}

// gaussianRuns is Simulate with masks 1 + √λ·normal.
func gaussianRuns(ctx context.Context, n *Noise, start []float64, steps, runs int, seed uint64) ([][]float64, error) {
	src := rng.Stream(seed, "linreg/gaussian")
	sd := math.Sqrt(n.Rate / n.keep)
	out := make([][]float64, runs)
	for k := range out {
		if k%100 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		u := start
		for range steps {
			b := rng.Normals(src, len(u))
			for j := range b {
				b[j] = 1 + sd*b[j]
			}
			u = n.move(u, b)
		}
		out[k] = u
	}
	return out, nil
}

func meanSD(a []float64) (mean, sd float64) {
	mean = floats.Sum(a) / float64(len(a))
	for _, v := range a {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(a)-1))
}

// Wine is the regression of the path's claim: alcohol from the twelve other measurements of 178 wines.
func Wine() (x *mat.Dense, y []float64, names []string, err error) {
	t, err := data.Wine()
	if err != nil {
		return nil, nil, nil, err
	}
	n, d := t.X.Dims()
	x, y = mat.NewDense(n, d-1, nil), make([]float64, n)
	for i := range n {
		row := t.X.RawRowView(i)
		y[i] = row[0]
		x.SetRow(i, row[1:])
	}
	return x, y, t.Features[1:], nil
}

type pathTheory struct{ ridge, strength bool }

func checkPath(h pathTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		x, y, _, err := Wine()
		if err != nil {
			return nil, err
		}
		r, err := Path(ctx, x, y, Config{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		// Direct solves on centred columns.
		n, d := x.Dims()
		centred, level := mat.DenseCopyOf(x), append([]float64(nil), y...)
		for j := range d {
			m := mat.Sum(x.ColView(j)) / float64(n)
			for i := range n {
				centred.Set(i, j, x.At(i, j)-m)
			}
		}
		floats.AddConst(-floats.Sum(y)/float64(n), level)
		p, err := New(centred, level)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		path := r.Dropout
		if h.ridge {
			path = r.Ridge
		}
		for _, k := range []int{0, 4, 10, 19} {
			rate := r.Dropout[k].Rate
			if h.strength {
				rate = rate / (1 + rate) // whose λ is the rate
			}
			u, err := p.Input(rate)
			if err != nil {
				return nil, err
			}
			worst := 0.0
			for i := range n {
				worst = max(worst, math.Abs(floats.Dot(centred.RawRowView(i), u)-floats.Dot(centred.RawRowView(i), path[k].Coef)))
			}
			f.Add(claim.Equals(fmt.Sprintf("p = %g: largest difference of a prediction from the direct solve", r.Dropout[k].Rate), 0, worst, claim.Because(1e-8, "rounding, with columns of sizes 0.1 to 1000")))
		}
		best := r.Dropout[r.Best]
		f.Add(claim.Above("chosen rate", .01, best.Rate, claim.Exact), claim.Below("chosen rate", .5, best.Rate, claim.Exact),
			claim.Below("cross-validated error over that of least squares", 1, best.CV/r.Dropout[0].CV, claim.Exact),
			claim.Equals("cross-validated error over the best of Tikhonov's path in raw units", 1, best.CV/r.Ridge[r.Ridged].CV, claim.Because(.1, "neither penalty knows the truth")))
		scaled := mat.DenseCopyOf(x)
		for i := range n {
			scaled.Set(i, 0, 1000*x.At(i, 0))
		}
		other, err := Path(ctx, scaled, y, Config{Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("chosen rate with another unit", best.Rate, other.Dropout[other.Best].Rate, claim.Exact),
			claim.Equals("its error with another unit", best.CV, other.Dropout[other.Best].CV, claim.Because(1e-8, "rounding")),
			claim.Above("change of Tikhonov's error at its old best strength, relative to the mean square", .003, math.Abs(other.Ridge[r.Ridged].CV/r.Ridge[r.Ridged].CV-1), claim.Exact))
		f.Note("p = %.2f, error %.4f (standard error %.4f); least squares %.4f; Tikhonov in raw units %.4f. Within one standard error: p = %.2f. Tikhonov's best is a little better here, since the units happen to suit it; in others it is not the same. All margins are small: with 178 rows and 12 columns there is little to regularize.", best.Rate, best.CV, best.SE, r.Dropout[0].CV, r.Ridge[r.Ridged].CV, r.Dropout[r.OneSE].Rate)
		fig := FigurePath(r)
		f.Figure = &fig
		return f, nil
	}
}
