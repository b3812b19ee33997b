package deepnet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Config describes the experiment: networks of ReLU layers on some of the digits, one-hot targets,
// squared loss, one run for each method. All start at the same weights and see the same batches. The
// zero value is Quick: dropout at five rates on 64-128-10.
type Config struct {
	Methods    []Method // nil means no dropout and dropout at the rates 0.1, 0.25, 0.5, 0.75
	Hidden     []int    // d_1, ..., d_{k-1}; nil means 128
	Train      int      // n training digits, drawn at random; 0 means 300. The others are held out
	Validation int      // of the held-out digits decide when to stop; 0 means 300
	Epochs     int      // 0 means 300
	Every      int      // epochs between looks at the network; 0 means 10
	Batch      int      // 0 means 50; divides Train
	Step       float64  // step size; 0 means 0.05
	Seed       uint64   // streams "split", "init", "order", "masks/<rate>/<layers>"

	Progress func(done, total int) `json:"-"` // may be nil; counts epochs of all runs
}

// Dropout returns a method for each rate: masks on the top hidden layer.
func Dropout(rates ...float64) []Method {
	var out []Method
	for _, p := range rates {
		out = append(out, Method{Rate: p})
	}
	return out
}

// Explicit returns a method for each rate: the penalty in place of masks.
func Explicit(rates ...float64) []Method {
	var out []Method
	for _, p := range rates {
		out = append(out, Method{Rate: p, Penalty: true})
	}
	return out
}

func (c Config) withDefaults() Config {
	if c.Methods == nil {
		c.Methods = Dropout(0, .1, .25, .5, .75)
	}
	if c.Hidden == nil {
		c.Hidden = []int{128}
	}
	for _, f := range []struct {
		field *int
		value int
	}{{&c.Train, 300}, {&c.Validation, 300}, {&c.Epochs, 300}, {&c.Every, 10}, {&c.Batch, 50}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	if c.Step == 0 {
		c.Step = .05
	}
	return c
}

func (c Config) validate(digits int) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("deepnet.Run: "+format, args...)) }
	if c.Train < 2 || c.Validation < 1 || c.Train+c.Validation >= digits {
		bad("%d digits to train on and %d to validate, want at least 2 and 1 and some left of %d to test", c.Train, c.Validation, digits)
	}
	if c.Batch < 1 || c.Train%c.Batch != 0 {
		bad("batches of %d, want a divisor of the %d training digits", c.Batch, c.Train)
	}
	if c.Epochs < 1 || c.Every < 1 {
		bad("%d epochs, a look every %d, want both at least 1", c.Epochs, c.Every)
	}
	if !(c.Step > 0) || math.IsInf(c.Step, 0) {
		bad("step size %g, want a positive number", c.Step)
	}
	if len(c.Hidden) == 0 || slices.Min(c.Hidden) < 1 {
		bad("hidden layers %v, want at least one unit each", c.Hidden)
	}
	for i, m := range c.Methods {
		if !(m.L1 >= 0) || !(m.L2 >= 0) || math.IsInf(m.L1+m.L2, 0) {
			bad("method %d: penalties %g and %g, want finite numbers of at least 0", i, m.L1, m.L2)
		}
	}
	return errors.Join(errs...)
}

// Look is a run at the end of some epoch.
type Look struct {
	Epoch      int
	Train      Measures
	Validation float64 // squared loss on the validation digits
}

// Outcome is one run.
type Outcome struct {
	Method   Method
	Looks    []Look  // the first before training
	Loss     float64 // squared loss of the final network on all held-out digits
	Accuracy float64 // its share of right classes there
	Test     Score   // of the final network, on the held-out digits without the validation ones
	Stopped  Score   // of the network at the look with the least validation loss, on the same
}

// Final is the last look.
func (o *Outcome) Final() *Look { return &o.Looks[len(o.Looks)-1] }

// Score is how a network does on the test digits.
type Score struct {
	Epoch                      int
	Validation, Loss, Accuracy float64
}

// Result holds the experiment, outcomes in the order of Config.Methods.
type Result struct {
	Config   Config
	Outcomes []Outcome
}

// Outcome returns the run of a method, or nil.
func (r *Result) Outcome(m Method) *Outcome {
	for i := range r.Outcomes {
		o := &r.Outcomes[i]
		if o.Method.Rate == m.Rate && o.Method.Penalty == m.Penalty && o.Method.L1 == m.L1 && o.Method.L2 == m.L2 && slices.Equal(o.Method.Layers, m.Layers) {
			return o
		}
	}
	return nil
}

// digits is the data of a configuration: entries over 16, less the training mean.
type digits struct{ x, y, vx, vy, tx, ty, hx, hy *mat.Dense }

func newDigits(c Config, table *data.Table) (*digits, error) {
	order := rng.Stream(c.Seed, "split").Perm(table.Len())
	all := mat.DenseCopyOf(table.X)
	all.Scale(1./16, all)
	rows, cols := all.Dims()
	for j := range cols {
		mean := 0.0
		for _, i := range order[:c.Train] {
			mean += all.At(i, j) / float64(c.Train)
		}
		for i := range rows {
			all.Set(i, j, all.At(i, j)-mean)
		}
	}
	targets := mat.NewDense(rows, len(table.Classes), nil)
	for i, k := range table.Y {
		targets.Set(i, k, 1)
	}
	d := &digits{}
	for _, s := range []struct {
		x, y **mat.Dense
		rows []int
	}{
		{&d.x, &d.y, order[:c.Train]},
		{&d.vx, &d.vy, order[c.Train : c.Train+c.Validation]},
		{&d.tx, &d.ty, order[c.Train+c.Validation:]},
		{&d.hx, &d.hy, order[c.Train:]},
	} {
		var err error
		if *s.x, err = data.Rows(all, s.rows); err != nil {
			return nil, err
		}
		if *s.y, err = data.Rows(targets, s.rows); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Run trains a network for each method. A run of the quick preset takes about a third of a second of one
// processor.
func Run(ctx context.Context, b backends.Backend, cfg Config) (*Result, error) {
	cfg = cfg.withDefaults()
	table, err := data.Digits()
	if err != nil {
		return nil, fmt.Errorf("deepnet.Run: %w", err)
	}
	if err := cfg.validate(table.Len()); err != nil {
		return nil, err
	}
	d, err := newDigits(cfg, table)
	if err != nil {
		return nil, fmt.Errorf("deepnet.Run: %w", err)
	}
	widths := append(append([]int{table.Width()}, cfg.Hidden...), len(table.Classes))
	r := &Result{Config: cfg}
	r.Config.Progress = nil
	for k, m := range cfg.Methods {
		start, err := NewNet(rng.Stream(cfg.Seed, "init"), nn.ReLU, widths...)
		if err != nil {
			return nil, err
		}
		o, err := cfg.one(ctx, b, m, start, d, k*cfg.Epochs)
		if err != nil {
			return nil, fmt.Errorf("deepnet.Run: %s: %w", m.Name(), err)
		}
		r.Outcomes = append(r.Outcomes, *o)
	}
	return r, nil
}

// one trains one network; before counts the epochs of the runs before.
func (c Config) one(ctx context.Context, b backends.Backend, m Method, start Net, d *digits, before int) (*Outcome, error) {
	t, err := newTrainer(b, m, start, d.x, d.y, c.Batch, c.Step, c.Seed)
	if err != nil {
		return nil, err
	}
	defer t.close()
	o := &Outcome{Method: m, Stopped: Score{Validation: math.Inf(1)}}
	best := t.net
	for e := 0; ; e++ {
		if e%c.Every == 0 || e == c.Epochs {
			look := Look{Epoch: e}
			if look.Train, err = Measure(t.net, d.x, d.y); err != nil {
				return nil, err
			}
			if look.Validation, _ = test(t.net, d.vx, d.vy); look.Validation < o.Stopped.Validation {
				o.Stopped.Epoch, o.Stopped.Validation = e, look.Validation
				best = Net{Weights: slices.Clone(t.net.Weights), Activation: t.net.Activation} // an epoch makes new matrices
			}
			o.Looks = append(o.Looks, look)
		}
		if e == c.Epochs {
			break
		}
		if err := t.epoch(ctx); err != nil {
			return nil, err
		}
		if c.Progress != nil {
			c.Progress(before+e+1, len(c.Methods)*c.Epochs)
		}
	}
	o.Loss, o.Accuracy = test(t.net, d.hx, d.hy)
	o.Test.Epoch, o.Test.Validation = c.Epochs, o.Final().Validation
	o.Test.Loss, o.Test.Accuracy = test(t.net, d.tx, d.ty)
	o.Stopped.Loss, o.Stopped.Accuracy = test(best, d.tx, d.ty)
	return o, nil
}

// runs keeps results, so that the claims on one experiment train it once.
var runs = keep.NewRuns(Run)

// kept is Run, or its result if it is kept; a zero field and its default are one configuration.
func kept(ctx context.Context, b backends.Backend, cfg Config) (*Result, error) {
	return runs.Get(ctx, b, cfg.withDefaults())
}
