package finite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// WidthConfig describes the comparison of networks at initialisation with their infinite-width
// kernels: random unit points, fully-connected ReLU networks of growing width, all layers trained. The
// zero value is Quick.
//
// Quick (widths 64, 256, 1024 with 240, 120, 24 networks, about 2 s of processor time on
// simd) finds the mean relative Frobenius error of the empirical kernel near 1.9, 2.6, 3.4 divided
// by √m at depth 1, 2, 3.
type WidthConfig struct {
	Inputs     int           // d; 0 means 10
	Points     int           // n; 0 means 8
	Depths     []int         // L; nil means 1, 2, 3
	Widths     []int         // m; nil means 64, 256, 1024
	Nets       []int         // networks a width; nil means 240, 120, 24
	Activation nn.Activation // empty means ReLU
	Fresh      bool          // a fresh copy of the weights in the backward pass, as in the argument behind (9.17)
	Seed       uint64        // streams "points" and "nets/<L>/<m>/<k>" derive from it

	Progress func(done, total int) `json:"-"` // may be nil
}

// PaperWidth is the setting of the reference table, 200 networks at every width; about 12 s of
// processor time on simd.
func PaperWidth() WidthConfig { return WidthConfig{Nets: []int{200, 200, 200}} }

func (c WidthConfig) withDefaults() WidthConfig {
	setDefault(&c.Inputs, 10)
	setDefault(&c.Points, 8)
	if c.Depths == nil {
		c.Depths = []int{1, 2, 3}
	}
	if c.Widths == nil {
		c.Widths = []int{64, 256, 1024}
	}
	if c.Nets == nil {
		c.Nets = []int{240, 120, 24}
	}
	if c.Activation == "" {
		c.Activation = nn.ReLU
	}
	return c
}

func (c WidthConfig) validate() error {
	var errs []error
	if c.Inputs < 1 || c.Points < 2 {
		errs = append(errs, fmt.Errorf("%d points in R^%d, want at least 2 in at least one dimension", c.Points, c.Inputs))
	}
	if len(c.Widths) == 0 || len(c.Depths) == 0 || len(c.Nets) != len(c.Widths) {
		errs = append(errs, fmt.Errorf("%d depths, %d widths, %d numbers of networks, want at least one and as many numbers as widths", len(c.Depths), len(c.Widths), len(c.Nets)))
	}
	for _, l := range c.Depths {
		if l < 1 {
			errs = append(errs, fmt.Errorf("depth %d, want at least 1", l))
		}
	}
	for i, m := range c.Widths {
		if m < 1 || i < len(c.Nets) && c.Nets[i] < 2 {
			errs = append(errs, fmt.Errorf("width %d or its number of networks is too small", m))
		}
	}
	if err := errors.Join(append(errs, c.Activation.Validate())...); err != nil {
		return fmt.Errorf("finite.RunWidth: %w", err)
	}
	return nil
}

// Sample is the mean of a quantity over networks, its standard deviation and their number.
type Sample struct {
	Mean, SD float64
	N        int
}

// SE is the standard error of the mean.
func (s Sample) SE() float64 { return s.SD / math.Sqrt(float64(s.N)) }

func sample(v []float64) Sample {
	m, sd := stat.MeanStdDev(v, nil)
	return Sample{m, sd, len(v)}
}

// WidthPoint is one depth and width. Errors are ‖Â-A‖_F/‖A‖_F over the points.
type WidthPoint struct {
	Depth, Width int
	Kernel       Sample    // of Θ̂ against Θ^{(L)}
	KernelSquare Sample    // its square, whose mean is known exactly at L = 1
	Forward      []Sample  // of ⟨g^{(h)},g'^{(h)}⟩ against Σ^{(h)}, h = 1..L
	Below        []Sample  // of ⟨g^{(h)},g'^{(h)}⟩ against Σ^{(h-1)}: a wrong index
	Backward     []Sample  // of ⟨b^{(h)},b'^{(h)}⟩ against Π_{h'≥h} Σ̇^{(h')}, h = 1..L
	OffByOne     []Sample  // of ⟨b^{(h)},b'^{(h)}⟩ against the product that starts at h+1: a wrong index
	MeanKernel   []float64 // Θ̂ averaged over the networks, n×n row-major
	MeanBackward []float64 // ⟨b^{(1)},b'^{(1)}⟩ averaged over the networks
}

// WidthResult holds the experiment: Gram is x_iᵀx_j, Theta[L] and Product[L] the limits of Θ̂ and of
// ⟨b^{(1)},b'^{(1)}⟩ by depth, n×n row-major.
type WidthResult struct {
	Config  WidthConfig
	Gram    []float64
	Theta   [][]float64
	Product [][]float64
	Points  []WidthPoint
}

// At returns the measurements at one depth and width, or nil.
func (r *WidthResult) At(depth, width int) *WidthPoint {
	for i := range r.Points {
		if p := &r.Points[i]; p.Depth == depth && p.Width == width {
			return p
		}
	}
	return nil
}

// Slope fits log error against log width at one depth, each width weighted by the precision of its
// mean, and returns the exponent with its standard error.
func (r *WidthResult) Slope(depth int, of func(*WidthPoint) Sample) (slope, se float64) {
	var x, y, w []float64
	for i := range r.Points {
		p := &r.Points[i]
		if p.Depth != depth {
			continue
		}
		s := of(p)
		rel := s.SE() / s.Mean
		x, y, w = append(x, math.Log(float64(p.Width))), append(y, math.Log(s.Mean)), append(w, 1/(rel*rel))
	}
	_, slope = stat.LinearRegression(x, y, w, false)
	mean := stat.Mean(x, w)
	sxx := 0.0
	for i := range x {
		sxx += w[i] * (x[i] - mean) * (x[i] - mean)
	}
	return slope, 1 / math.Sqrt(sxx)
}

// unitPoints draws n uniform points of the unit sphere in R^d.
func unitPoints(r *rand.Rand, n, d int) *mat.Dense {
	x := mat.NewDense(n, d, rng.Normals(r, n*d))
	for i := range n {
		row := x.RawRowView(i)
		norm := mat.Norm(mat.NewVecDense(d, row), 2)
		for j := range row {
			row[j] /= norm
		}
	}
	return x
}

// limits returns Σ^{(0)}, ..., Σ^{(L)} and Σ̇^{(1)}, ..., Σ̇^{(L)} at the rows of x: the first from the
// NNGP kernels of package ntk, Σ̇^{(h)} = c_σ·E[σ'(u)σ'(v)] from their covariances one layer below.
func limits(ctx context.Context, act ntk.Activation, x *mat.Dense, depth int) (sigma, dot []*mat.SymDense, err error) {
	c, err := ntk.Normalisation(act)
	if err != nil {
		return nil, nil, err
	}
	n, _ := x.Dims()
	for h := 0; h <= depth; h++ {
		s, err := ntk.Kernel{Depth: h, Activation: act, NNGP: true}.GramContext(ctx, x)
		if err != nil {
			return nil, nil, err
		}
		sigma = append(sigma, s)
		if h == 0 {
			continue
		}
		prev := sigma[h-1]
		d := mat.NewSymDense(n, nil)
		for i := range n {
			for j := i; j < n; j++ {
				_, slope := act.Moments(prev.At(i, i), prev.At(j, j), prev.At(i, j))
				d.SetSym(i, j, c*slope)
			}
		}
		dot = append(dot, d)
	}
	return sigma, dot, nil
}

// RunWidth draws the networks and compares their kernels with the limits.
func RunWidth(ctx context.Context, b backends.Backend, cfg WidthConfig) (*WidthResult, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	act, err := ntk.ActivationByName(string(cfg.Activation))
	if err != nil {
		return nil, err
	}
	x := unitPoints(rng.Stream(cfg.Seed, "points"), cfg.Points, cfg.Inputs)
	res := &WidthResult{Config: cfg}
	res.Config.Progress = nil
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	res.Gram = flat(&gram)
	done, total := 0, 0
	for _, m := range cfg.Nets {
		total += m * len(cfg.Depths)
	}
	for _, depth := range cfg.Depths {
		theta, err := ntk.Kernel{Depth: depth, Activation: act}.GramContext(ctx, x)
		if err != nil {
			return nil, err
		}
		sigma, dot, err := limits(ctx, act, x, depth)
		if err != nil {
			return nil, err
		}
		// product[h-1] = Π_{h'=h}^{L} Σ̇^{(h')}, h = 1..L+1; the last is the empty product.
		product := make([][]float64, depth+1)
		product[depth] = make([]float64, cfg.Points*cfg.Points)
		for i := range product[depth] {
			product[depth][i] = 1
		}
		for h := depth; h >= 1; h-- {
			product[h-1] = flat(dot[h-1])
			for i := range product[h-1] {
				product[h-1][i] *= product[h][i]
			}
		}
		res.Theta, res.Product = append(res.Theta, flat(theta)), append(res.Product, product[0])
		for wi, m := range cfg.Widths {
			net := nn.Uniform(cfg.Inputs, m, depth, cfg.Activation)
			probe, err := NewProbe(b, net)
			if err != nil {
				return nil, err
			}
			nets := cfg.Nets[wi]
			one := make([]*netError, nets)
			base := done
			err = each(ctx, nets, func(k, _ int) {
				if cfg.Progress != nil {
					cfg.Progress(base+k, total)
				}
			}, func(_ context.Context, k int) error {
				r := rng.Stream(cfg.Seed, fmt.Sprintf("nets/%d/%d/%d", depth, m, k))
				w, err := net.Init(r)
				if err != nil {
					return err
				}
				back := w
				if cfg.Fresh {
					if back, err = net.Init(r); err != nil {
						return err
					}
				}
				l, err := probe.RunFresh(x, w, back)
				if err == nil {
					one[k] = compare(l, res.Theta[len(res.Theta)-1], sigma, product)
				}
				return err
			})
			probe.Close()
			if err != nil {
				return nil, err
			}
			done += nets
			res.Points = append(res.Points, gather(depth, m, one))
		}
	}
	return res, nil
}

// netError is one network's distance from the limits.
type netError struct {
	kernel             float64
	forward, below     []float64
	backward, offByOne []float64
	theta, product     []float64
}

func compare(l *Layers, theta []float64, sigma []*mat.SymDense, product [][]float64) *netError {
	e := &netError{theta: flat(l.Total())}
	e.kernel = frobenius(e.theta, theta)
	inner := func(v *mat.Dense) []float64 {
		var g mat.SymDense
		g.SymOuterK(1, v)
		return flat(&g)
	}
	for h := 1; h < len(l.G); h++ {
		g := inner(l.G[h])
		e.forward = append(e.forward, frobenius(g, flat(sigma[h])))
		e.below = append(e.below, frobenius(g, flat(sigma[h-1])))
		b := inner(l.B[h-1])
		if h == 1 {
			e.product = b
		}
		e.backward = append(e.backward, frobenius(b, product[h-1]))
		e.offByOne = append(e.offByOne, frobenius(b, product[h]))
	}
	return e
}

// frobenius is ‖a-b‖/‖b‖.
func frobenius(a, b []float64) float64 { return rms(a, b) / rms(b, nil) }

func gather(depth, width int, nets []*netError) WidthPoint {
	p := WidthPoint{Depth: depth, Width: width}
	column := func(f func(*netError) float64) Sample {
		v := make([]float64, len(nets))
		for i, e := range nets {
			v[i] = f(e)
		}
		return sample(v)
	}
	p.Kernel = column(func(e *netError) float64 { return e.kernel })
	p.KernelSquare = column(func(e *netError) float64 { return e.kernel * e.kernel })
	for h := range depth {
		p.Forward = append(p.Forward, column(func(e *netError) float64 { return e.forward[h] }))
		p.Below = append(p.Below, column(func(e *netError) float64 { return e.below[h] }))
		p.Backward = append(p.Backward, column(func(e *netError) float64 { return e.backward[h] }))
		p.OffByOne = append(p.OffByOne, column(func(e *netError) float64 { return e.offByOne[h] }))
	}
	mean := func(f func(*netError) []float64) []float64 {
		out := make([]float64, len(f(nets[0])))
		for _, e := range nets {
			for i, v := range f(e) {
				out[i] += v / float64(len(nets))
			}
		}
		return out
	}
	p.MeanKernel = mean(func(e *netError) []float64 { return e.theta })
	p.MeanBackward = mean(func(e *netError) []float64 { return e.product })
	return p
}
