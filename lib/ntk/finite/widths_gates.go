package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// ladderConfig describes many networks at each of a few widths, trained on the host: RunLazy's, with
// antisymmetric starts, without a graph. Narrow widths cost little and get more networks, so that each
// standard error comes from the networks themselves.
type ladderConfig struct {
	Widths     []int
	Nets       []int // networks of each width, at least two
	Train      int   // n
	Steps      int
	Activation nn.Activation
	Seed       uint64 // streams "init/<m>/<k>"
}

const ladderEta = .05

// reluLadder and softplusLadder are the networks behind the rows on training: about 5 s and 2 s of one
// processor.
func reluLadder(seed uint64) ladderConfig {
	return ladderConfig{Widths: []int{100, 400, 1600, 6400}, Nets: []int{64, 32, 16, 8}, Train: 50, Steps: 400, Activation: nn.ReLU, Seed: seed}
}

func softplusLadder(seed uint64) ladderConfig {
	return ladderConfig{Widths: []int{64, 256, 1024}, Nets: []int{24, 12, 6}, Train: 20, Steps: 200, Activation: nn.Softplus, Seed: seed}
}

// rung is one width, with the values of LazyRun of its networks in the order of their numbers. Softplus
// has no gates: only Train and Drift are measured.
type rung struct {
	Width                          int
	Train, RMS, Most, Flips, Drift []float64
}

type ladder struct {
	Config ladderConfig
	Rungs  []rung
}

// ladders keeps the latest for the claim and its alternatives; the backend is not used.
var ladders = keep.OnHost(climb)

// climb trains the networks.
func climb(ctx context.Context, cfg ladderConfig) (*ladder, error) {
	x, y, h, err := pairKernel(ctx, cfg.Train, cfg.Activation)
	if err != nil {
		return nil, err
	}
	th, err := newTheory(h, ladderEta)
	if err != nil {
		return nil, err
	}
	var steps []int
	for k := 0; k <= cfg.Steps; k += 20 {
		steps = append(steps, k)
	}
	kernel := make([][]float64, len(steps)) // the kernel's trajectory from zero
	for i, k := range steps {
		kernel[i] = th.outputs(y, nil, k)
	}
	l := &ladder{Config: cfg}
	type job struct{ width, net int }
	var jobs []job
	for i, m := range cfg.Widths {
		n := cfg.Nets[i]
		l.Rungs = append(l.Rungs, rung{m, make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)})
		for k := range n {
			jobs = append(jobs, job{i, k})
		}
	}
	err = each(ctx, len(jobs), nil, func(ctx context.Context, j int) error {
		r, k := &l.Rungs[jobs[j].width], jobs[j].net
		net := nn.TwoLayer{Inputs: 64, Width: r.Width, Activation: cfg.Activation, Antisymmetric: true}
		p, err := net.Init(rng.Stream(cfg.Seed, fmt.Sprintf("init/%d/%d", r.Width, k)))
		if err != nil {
			return err
		}
		scale := 1 / math.Sqrt(float64(r.Width))
		var start, end *mat.SymDense
		far := 0.0
		if cfg.Activation == nn.ReLU {
			g, err := newGated(net, x, p, scale)
			if err != nil {
				return err
			}
			start = g.kernel()
			at := 0
			if err := g.run(ctx, y, ladderEta, steps, func(int) error {
				far = max(far, rms(g.u, kernel[at]))
				at++
				return nil
			}); err != nil {
				return err
			}
			end = g.kernel()
			r.Most[k], r.RMS[k] = g.moved()
			r.Flips[k] = g.flipped()
		} else {
			s := newSmooth(net, x, p, scale)
			start = s.kernel()
			for step, at := 0, 0; ; step++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				s.outputs()
				if step == steps[at] {
					far = max(far, rms(s.u, kernel[at]))
					if at++; at == len(steps) {
						break
					}
				}
				s.step(y, ladderEta)
			}
			end = s.kernel()
		}
		r.Train[k] = far
		d, err := distance(end, start)
		r.Drift[k] = d / th.lambda[0]
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// add appends the means of a column with standard errors from the networks' own spread.
func (l *ladder) add(c *Correction, of func(rung) []float64) {
	for _, r := range l.Rungs {
		v := of(r)
		mean, sd := stat.MeanStdDev(v, nil)
		c.add(r.Width, mean, sd/math.Sqrt(float64(len(v))))
	}
}

// smooth is gradient descent on the first layer, followed by its pre-activations alone: a step moves
//
//	z_ri by -ηs·a_r·Σ_j K_ij ρ_j σ'(z_rj),  K = XXᵀ,
//
// so that it costs n²m multiplications and weights are never held.
type smooth struct {
	n, m     int
	scale    float64
	a        []float64
	act      nn.Activation
	k        *mat.Dense // n×n
	z, slope *mat.Dense // m×n
	u        []float64
}

func newSmooth(net nn.TwoLayer, x *mat.Dense, p *nn.TwoLayerParams, scale float64) *smooth {
	n, _ := x.Dims()
	s := &smooth{n: n, m: net.Width, scale: scale, a: p.A, act: net.Sigma(), u: make([]float64, n)}
	s.k, s.z, s.slope = new(mat.Dense), new(mat.Dense), mat.NewDense(s.m, n, nil)
	s.k.Mul(x, x.T())
	s.z.Mul(p.W, x.T())
	s.outputs()
	return s
}

// outputs brings u and the slopes up to date with z.
func (s *smooth) outputs() {
	clear(s.u)
	for r := range s.m {
		z, slope := s.z.RawRowView(r), s.slope.RawRowView(r)
		for i, v := range z {
			s.u[i] += s.scale * s.a[r] * s.act.Value(v)
			slope[i] = s.act.Slope(v)
		}
	}
}

// step takes one step of size eta; outputs must be up to date.
func (s *smooth) step(y []float64, eta float64) {
	rho := make([]float64, s.n)
	floats.SubTo(rho, s.u, y)
	var c, move mat.Dense
	c.Apply(func(r, j int, v float64) float64 { return -eta * s.scale * s.a[r] * rho[j] * v }, s.slope)
	move.Mul(&c, s.k)
	s.z.Add(s.z, &move)
}

// kernel is H(t), s²K times the sums over neurons of products of slopes.
func (s *smooth) kernel() *mat.SymDense {
	h := mat.NewSymDense(s.n, nil)
	h.SymOuterK(s.scale*s.scale, s.slope.T())
	for i := range s.n {
		for j := i; j < s.n; j++ {
			h.SetSym(i, j, h.At(i, j)*s.k.At(i, j))
		}
	}
	return h
}
