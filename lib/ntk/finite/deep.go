package finite

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// DeepConfig describes the lazy regime of deep networks (Remark 3): fully-connected ReLU networks of
// growing width, all layers trained by gradient descent on digits 3 against 8. The zero value is Quick,
// about 0.5 s of processor time on simd: over nine times the width the drift of the kernel
// falls about sixfold and the distance to the network's own linearisation about fourfold; the distance
// to the trajectory under Θ, two- to threefold, is dominated by Θ̂(0)-Θ.
type DeepConfig struct {
	Depth        int           // L; 0 means 2
	Widths       []int         // m; nil means 48, 144, 432
	Seeds        int           // networks a width; 0 means 8
	Train        int           // n; 0 means 12
	LearningRate float64       // η; 0 means 0.015
	Steps        int           // 0 means 60
	Every        int           // 0 means 10
	Activation   nn.Activation // empty means ReLU
	Seed         uint64        // streams "init/<m>/<k>" derive from it

	// FirstLayerTheory compares with the kernel of the first layer's gradients alone: a wrong theory for
	// networks whose layers are all trained, whose distance does not fall with width.
	FirstLayerTheory bool

	Progress func(done, total int) `json:"-"` // may be nil
}

func (c DeepConfig) withDefaults() DeepConfig {
	setDefault(&c.Depth, 2)
	if c.Widths == nil {
		c.Widths = []int{48, 144, 432}
	}
	setDefault(&c.Seeds, 8)
	setDefault(&c.Train, 12)
	setDefault(&c.LearningRate, 0.015)
	setDefault(&c.Steps, 60)
	setDefault(&c.Every, 10)
	if c.Activation == "" {
		c.Activation = nn.ReLU
	}
	return c
}

// DeepWidth holds the networks of one width. Norms are relative to the largest eigenvalue of Θ^{(L)}.
type DeepWidth struct {
	Width      int
	Drift      Sample // ‖Θ̂(T)-Θ̂(0)‖
	InitError  Sample // ‖Θ̂(0)-Θ^{(L)}‖
	Move       Sample // √(Σ_h‖W^{(h)}(T)-W^{(h)}(0)‖_F²) / √(Σ_h‖W^{(h)}(0)‖_F²)
	TrainError Sample // largest RMS distance over observed steps to the trajectory under Θ^{(L)} from the same u(0)
	OwnError   Sample // the same to the trajectory under the network's own Θ̂(0): its linearisation
	Loss       Sample // ‖u-y‖²/n at the end
}

// Slope fits log(mean) against log(width) and returns the exponent with its standard error, which
// follows from the spread over the networks of each width.
func (r *DeepResult) Slope(f func(DeepWidth) Sample) (slope, se float64) {
	var x, y []float64
	for _, w := range r.Widths {
		x, y = append(x, math.Log(float64(w.Width))), append(y, math.Log(f(w).Mean))
	}
	_, slope = stat.LinearRegression(x, y, nil, false)
	mean, sxx := stat.Mean(x, nil), 0.0
	for i, w := range r.Widths {
		s := f(w)
		d, rel := x[i]-mean, s.SE()/s.Mean
		se, sxx = se+d*d*rel*rel, sxx+d*d
	}
	return slope, math.Sqrt(se) / sxx
}

// DeepResult holds the widths and the eigenvalues of Θ^{(L)}.
type DeepResult struct {
	Config DeepConfig
	Lambda []float64
	Widths []DeepWidth
}

// RunDeep trains the networks.
func RunDeep(ctx context.Context, b backends.Backend, cfg DeepConfig) (*DeepResult, error) {
	cfg = cfg.withDefaults()
	if cfg.Depth < 1 || cfg.Seeds < 2 || cfg.Steps < 1 || cfg.Every < 1 || cfg.Steps%cfg.Every != 0 || len(cfg.Widths) == 0 {
		return nil, errors.New("finite.RunDeep: want depth ≥ 1, at least two seeds and one width, and a number of steps that is a multiple of Every")
	}
	act, err := ntk.ActivationByName(string(cfg.Activation))
	if err != nil {
		return nil, err
	}
	x, y, _, _, err := digitPair(cfg.Train)
	if err != nil {
		return nil, err
	}
	theta, err := ntk.Kernel{Depth: cfg.Depth, Activation: act, FirstLayerOnly: cfg.FirstLayerTheory}.GramContext(ctx, x)
	if err != nil {
		return nil, err
	}
	th, err := newTheory(theta, cfg.LearningRate)
	if err != nil {
		return nil, err
	}
	res := &DeepResult{Config: cfg, Lambda: th.lambda}
	res.Config.Progress = nil
	type one struct{ drift, start, move, err, own, loss float64 }
	runs := make([]one, len(cfg.Widths)*cfg.Seeds)
	probes, descents := make([]*Probe, len(cfg.Widths)), make([]*deepDescent, len(cfg.Widths))
	defer func() {
		for i := range cfg.Widths {
			if probes[i] != nil {
				probes[i].Close()
			}
			if descents[i] != nil {
				descents[i].close()
			}
		}
	}()
	for i, m := range cfg.Widths {
		net := nn.Uniform(64, m, cfg.Depth, cfg.Activation)
		if probes[i], err = NewProbe(b, net); err != nil {
			return nil, err
		}
		if descents[i], err = newDeepDescent(b, net, cfg.Train, cfg.Every); err != nil {
			return nil, err
		}
	}
	err = each(ctx, len(runs), cfg.Progress, func(ctx context.Context, job int) error {
		i, k := job/cfg.Seeds, job%cfg.Seeds
		m := cfg.Widths[i]
		w, err := descents[i].net.Init(rng.Stream(cfg.Seed, fmt.Sprintf("init/%d/%d", m, k)))
		if err != nil {
			return err
		}
		before, err := probes[i].Run(x, w)
		if err != nil {
			return err
		}
		u, final, err := descents[i].run(ctx, w, x, y, cfg.LearningRate, cfg.Steps, cfg.Every)
		if err != nil {
			return err
		}
		after, err := probes[i].Run(x, final)
		if err != nil {
			return err
		}
		r := &runs[job]
		h0 := before.Total()
		if r.drift, err = distance(after.Total(), h0); err != nil {
			return err
		}
		if r.start, err = distance(h0, theta); err != nil {
			return err
		}
		r.drift, r.start = r.drift/th.lambda[0], r.start/th.lambda[0]
		moved, size := 0.0, 0.0
		for h := range w {
			var d mat.Dense
			d.Sub(final[h], w[h])
			moved += math.Pow(mat.Norm(&d, 2), 2)
			size += math.Pow(mat.Norm(w[h], 2), 2)
		}
		r.move = math.Sqrt(moved / size)
		own, err := linearised(h0, cfg.LearningRate)
		if err != nil {
			return err
		}
		for j := range u {
			r.own = max(r.own, rms(u[j], own.outputs(y, u[0], j*cfg.Every)))
			r.err = max(r.err, rms(u[j], th.outputs(y, u[0], j*cfg.Every)))
		}
		r.loss = math.Pow(rms(u[len(u)-1], y), 2)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, m := range cfg.Widths {
		column := func(f func(one) float64) Sample {
			v := make([]float64, cfg.Seeds)
			for k := range v {
				v[k] = f(runs[i*cfg.Seeds+k])
			}
			return sample(v)
		}
		res.Widths = append(res.Widths, DeepWidth{
			Width: m,
			Drift: column(func(r one) float64 { return r.drift }), InitError: column(func(r one) float64 { return r.start }),
			Move: column(func(r one) float64 { return r.move }), TrainError: column(func(r one) float64 { return r.err }),
			OwnError: column(func(r one) float64 { return r.own }),
			Loss:     column(func(r one) float64 { return r.loss }),
		})
	}
	return res, nil
}
