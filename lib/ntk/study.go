package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// ConcentrationConfig describes the concentration of H(0) around H* (Lemma 9.2.2). The zero value
// takes about 2 s on two cores.
type ConcentrationConfig struct {
	N      int     // digits 3 and 8; 0 means 20
	Widths []int   // nil means 100, 1000, 10000
	Seeds  int     // networks a width; 0 means 300
	Delta  float64 // probability left to the Hoeffding event; 0 means 0.05
	Seed   uint64  // network j of width m is the stream "width m network j"
}

// Concentration is the result; index [k] goes with Widths[k].
type Concentration struct {
	Config        ConcentrationConfig
	Variance      float64   // m·E‖H(0) - H*‖_F² in closed form
	Frobenius2    []float64 // mean of ‖H(0) - H*‖_F² over networks
	Frobenius2SD  []float64
	Spectral      []float64 // mean of ‖H(0) - H*‖_2
	SpectralSD    []float64
	WorstSpectral []float64
	Largest       []float64 // mean over networks of the largest |entry|
	Hoeffding     []float64 // the bound on ‖H(0) - H*‖_2 that holds with probability 1 - δ: radius·‖K‖_F
	Violations    []float64 // share of networks with an entry outside its radius
	Frobenius     []float64 // mean of ‖H(0) - H*‖_F
}

// RunConcentration samples networks at initialisation; nothing is trained.
func RunConcentration(ctx context.Context, cfg ConcentrationConfig, progress func(done, total int)) (*Concentration, error) {
	const fn = "ntk.RunConcentration"
	if cfg.N == 0 {
		cfg.N = 20
	}
	if cfg.Widths == nil {
		cfg.Widths = []int{100, 1000, 10000}
	}
	if cfg.Seeds == 0 {
		cfg.Seeds = 300
	}
	if cfg.Delta == 0 {
		cfg.Delta = .05
	}
	if cfg.Seeds < 2 || !(cfg.Delta > 0 && cfg.Delta < 1) {
		return nil, fmt.Errorf("%s: %d seeds, δ = %g, want at least 2 and 0 < δ < 1", fn, cfg.Seeds, cfg.Delta)
	}
	s, err := digits38(cfg.N)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	k, err := Kernel{}.Gram(s.X)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	inputs := turned(s.X, k)
	r := &Concentration{Config: cfg}
	if r.Variance, err = Variance(s.X); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for w, m := range cfg.Widths {
		if m < 1 {
			return nil, fmt.Errorf("%s: width %d, want >= 1", fn, m)
		}
		radius := HoeffdingRadius(cfg.N, m, cfg.Delta)
		square, frob, spectral, largest, outside := make([]float64, cfg.Seeds), make([]float64, cfg.Seeds), make([]float64, cfg.Seeds), make([]float64, cfg.Seeds), make([]float64, cfg.Seeds)
		err := linalg.Parallel(ctx, cfg.Seeds, 4, func(lo, hi int) {
			for j := lo; j < hi; j++ {
				d, err := SampleGram(ReLU, inputs, m, rng.Stream(cfg.Seed, fmt.Sprintf("width %d network %d", m, j)))
				if err != nil {
					panic(err) // width and inputs were checked
				}
				for a := range cfg.N {
					for b := a; b < cfg.N; b++ {
						e := d.At(a, b) - s.H.At(a, b)
						d.SetSym(a, b, e)
						largest[j] = max(largest[j], math.Abs(e))
						if math.Abs(e) > math.Abs(k.At(a, b))*radius {
							outside[j] = 1
						}
					}
				}
				frob[j] = mat.Norm(d, 2)
				square[j] = frob[j] * frob[j]
				if spectral[j], err = linalg.SpectralNorm(d); err != nil {
					panic(err) // finite by construction
				}
			}
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		mean, sd := stat.MeanStdDev(square, nil)
		r.Frobenius2, r.Frobenius2SD = append(r.Frobenius2, mean), append(r.Frobenius2SD, sd)
		mean, sd = stat.MeanStdDev(spectral, nil)
		r.Spectral, r.SpectralSD = append(r.Spectral, mean), append(r.SpectralSD, sd)
		r.WorstSpectral = append(r.WorstSpectral, floats.Max(spectral))
		r.Largest = append(r.Largest, stat.Mean(largest, nil))
		r.Frobenius = append(r.Frobenius, stat.Mean(frob, nil))
		r.Violations = append(r.Violations, stat.Mean(outside, nil))
		r.Hoeffding = append(r.Hoeffding, radius*mat.Norm(k, 2))
		if progress != nil {
			progress(w+1, len(cfg.Widths))
		}
	}
	return r, nil
}

// turned returns inputs with the inner products k of the rows of x in as few dimensions as there are
// rows. Gaussian weights look alike in every orthonormal basis, so that the law of a random network's
// outputs on them is the same, with fewer weights to draw.
func turned(x *mat.Dense, k *mat.SymDense) *mat.Dense {
	n, d := x.Dims()
	if n >= d {
		return x
	}
	f, err := linalg.Cholesky(k)
	if err != nil {
		return x // dependent rows
	}
	out := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range i + 1 {
			out.Set(i, j, f.At(i, j))
		}
	}
	return out
}

// Slope fits y = c·x^s by least squares in logarithms and returns s.
func Slope(x, y []float64) float64 {
	lx, ly := make([]float64, len(x)), make([]float64, len(y))
	for i := range x {
		lx[i], ly[i] = math.Log(x[i]), math.Log(y[i])
	}
	_, s := stat.LinearRegression(lx, ly, nil, false)
	return s
}

// Floats converts integers, for the axes of figures.
func Floats(v []int) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// TeacherConfig describes the teachers of section 9.3.1: √C of their labels as n grows, inputs
// uniform on the unit sphere. The zero value takes about 0.3 s.
type TeacherConfig struct {
	Powers []int  // powers of the teacher (β₁ᵀx)^p, 0 for the cosine; nil means 1, 2, 4, 3, 0
	Sizes  []int  // training sizes; nil means 50, 100, 200, 400, 800
	Dim    int    // 0 means 5
	Bias   bool   // append a constant feature 1 to the inputs that the kernel sees
	Seed   uint64 // stream "sphere"; all sizes are prefixes of one draw
}

// Teachers is the result: Root[k][j] is √C of Powers[k] at Sizes[j].
type Teachers struct {
	Config TeacherConfig
	Root   [][]float64
	Bound  []float64 // Teacher.Bound; 0 where none is known: odd powers from 3 on, or a bias
	Limit  []float64 // the norm in the kernel's function space, which √C rises to; 0 if infinite
}

// RunTeachers computes the curves.
func RunTeachers(ctx context.Context, cfg TeacherConfig) (*Teachers, error) {
	const fn = "ntk.RunTeachers"
	if cfg.Powers == nil {
		cfg.Powers = []int{1, 2, 4, 3, 0}
	}
	if cfg.Sizes == nil {
		cfg.Sizes = []int{50, 100, 200, 400, 800}
	}
	if cfg.Dim == 0 {
		cfg.Dim = 5
	}
	if cfg.Dim < 2 {
		return nil, fmt.Errorf("%s: dimension %d, want >= 2", fn, cfg.Dim)
	}
	largest := 0
	for _, n := range cfg.Sizes {
		if n < 1 {
			return nil, fmt.Errorf("%s: size %d, want >= 1", fn, n)
		}
		largest = max(largest, n)
	}
	all := Sphere(largest, cfg.Dim, rng.Stream(cfg.Seed, "sphere"))
	kernel := TwoLayer(nil)
	kernel.Bias, kernel.BiasValue = cfg.Bias, 1
	beta := make([]float64, cfg.Dim)
	beta[0] = 1
	r := &Teachers{Config: cfg}
	operator := NewZonal(func(t float64) float64 {
		if cfg.Bias { // (x, 1) has norm √2 and inner products t + 1
			return (t + 1) * Kappa0((t+1)/2) / 2
		}
		return t * Kappa0(t) / 2
	}, cfg.Dim, 40, 4000)
	teachers := make([]Teacher, len(cfg.Powers))
	for k, p := range cfg.Powers {
		t := Teacher{Power: p, Alpha: []float64{1}, Beta: [][]float64{beta}}
		if p < 0 {
			return nil, fmt.Errorf("%s: power %d, want >= 0", fn, p)
		}
		teachers[k] = t
		bound := t.Bound()
		limit := math.Sqrt(SquaredNorm(NewZonal(t.Activation, cfg.Dim, 40, 4000), operator, 1e-9))
		if math.IsInf(bound, 1) || cfg.Bias {
			bound = 0
		}
		if math.IsInf(limit, 1) {
			limit = 0
		}
		r.Bound, r.Limit = append(r.Bound, bound), append(r.Limit, limit)
		r.Root = append(r.Root, make([]float64, len(cfg.Sizes)))
	}
	for j, n := range cfg.Sizes {
		x := mat.DenseCopyOf(all.Slice(0, n, 0, cfg.Dim))
		g, err := kernel.GramContext(ctx, x)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		f, err := linalg.CholeskyContext(ctx, g)
		if err != nil {
			return nil, fmt.Errorf("%s: n = %d: %w", fn, n, err)
		}
		for k, t := range teachers {
			y, err := t.Label(x)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			c, err := f.Quad(y)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			r.Root[k][j] = math.Sqrt(c)
		}
	}
	return r, nil
}
