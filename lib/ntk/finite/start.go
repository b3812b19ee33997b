package finite

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// StartConfig describes the two-layer network of section 9.2 before training: ReLU networks of two
// widths at digits 3 and 8, with and without the antisymmetric pairing. The zero value is Quick, well
// under a second.
type StartConfig struct {
	Widths     []int   // m; nil means 16, 256
	Nets       int     // networks a width; 0 means 400
	Train      int     // n; 0 means 20
	ScalePower float64 // p in s = m^(-p); 0 means 1/2
	SameSign   bool    // pairs of neurons with equal output weights instead of opposite ones
	Seed       uint64  // streams "start/<m>/<k>"
}

// StartPoint holds one width.
type StartPoint struct {
	Width      int
	Square     Sample  // mean over inputs of f(x)², by network with independent neurons
	Mean       Sample  // mean over inputs of f(x)
	Pairing    float64 // largest |f(x)| over antisymmetric networks and inputs
	GraphError float64 // largest difference of the graph's and the host's output
}

// StartResult holds the widths.
type StartResult struct {
	Config StartConfig
	Points []StartPoint
}

// RunStart draws the networks.
func RunStart(ctx context.Context, b backends.Backend, cfg StartConfig) (*StartResult, error) {
	if cfg.Widths == nil {
		cfg.Widths = []int{16, 256}
	}
	setDefault(&cfg.Nets, 400)
	setDefault(&cfg.Train, 20)
	setDefault(&cfg.ScalePower, 0.5)
	if cfg.Nets < 2 {
		return nil, errors.New("finite.RunStart: want at least two networks")
	}
	x, _, _, _, err := digitPair(cfg.Train)
	if err != nil {
		return nil, err
	}
	res := &StartResult{Config: cfg}
	for _, m := range cfg.Widths {
		scale := math.Pow(float64(m), -cfg.ScalePower)
		plain := nn.TwoLayer{Inputs: 64, Width: m}
		paired := plain
		paired.Antisymmetric = true
		d, err := newDescent(b, plain, x, 1) // both kinds have the same graph
		if err != nil {
			return nil, err
		}
		square, mean := make([]float64, cfg.Nets), make([]float64, cfg.Nets)
		p := StartPoint{Width: m}
		for k := range cfg.Nets {
			if err := ctx.Err(); err != nil {
				d.close()
				return nil, err
			}
			r := rng.Stream(cfg.Seed, fmt.Sprintf("start/%d/%d", m, k))
			for _, net := range []nn.TwoLayer{plain, paired} {
				w, err := net.Init(r)
				if err != nil {
					d.close()
					return nil, err
				}
				if net.Antisymmetric && cfg.SameSign {
					for i := range w.A {
						w.A[i] = w.A[i/2*2]
					}
				}
				u, err := d.outputs(x, w, scale)
				if err != nil {
					d.close()
					return nil, err
				}
				if net.Antisymmetric {
					p.Pairing = max(p.Pairing, largest(u, nil))
					continue
				}
				p.GraphError = max(p.GraphError, largest(u, net.HostOutput(x, w, scale)))
				square[k] = math.Pow(rms(u, nil), 2)
				for _, v := range u {
					mean[k] += v / float64(len(u))
				}
			}
		}
		d.close()
		p.Square, p.Mean = sample(square), sample(mean)
		res.Points = append(res.Points, p)
	}
	return res, nil
}
