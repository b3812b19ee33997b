package finite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// StudentsConfig describes the two observations with which chapter 9 opens: an overparametrised
// network fits random labels, and a student is easier to train the wider it is compared with the
// teacher that made the labels. One-hidden-layer ReLU networks, both layers trained. The zero value is
// Quick, about 0.2 s of processor time on simd.
type StudentsConfig struct {
	Teacher      int     // neurons of the teacher; 0 means 4
	Widths       []int   // neurons of the students; nil means 4, 16, 64
	Seeds        int     // teachers, each with one student a width; 0 means 8
	Inputs       int     // d; 0 means 10
	Train        int     // n; 0 means 60
	LearningRate float64 // η; 0 means 0.02
	Steps        int     // 0 means 500
	LabelWidth   int     // network for random labels; 0 means 256
	LabelTrain   int     // digits with random labels; 0 means 20
	LabelSteps   int     // 0 means 600
	LabelRate    float64 // η for random labels; 0 means 0.05
	MeanField    bool    // students with another 1/√m at the output: the gain of width is lost
	Seed         uint64  // streams "teacher/<k>", "student/<m>/<k>", "labels" derive from it

	Progress func(done, total int) `json:"-"` // may be nil
}

func (c StudentsConfig) withDefaults() StudentsConfig {
	setDefault(&c.Teacher, 4)
	if c.Widths == nil {
		c.Widths = []int{4, 16, 64}
	}
	setDefault(&c.Seeds, 8)
	setDefault(&c.Inputs, 10)
	setDefault(&c.Train, 60)
	setDefault(&c.LearningRate, 0.02)
	setDefault(&c.Steps, 500)
	setDefault(&c.LabelWidth, 256)
	setDefault(&c.LabelTrain, 20)
	setDefault(&c.LabelSteps, 600)
	setDefault(&c.LabelRate, 0.05)
	return c
}

// StudentsResult holds the experiment. Loss[i][k] is ‖u-y‖²/n of the student of width i for teacher k
// at the end, the labels having mean square 1.
type StudentsResult struct {
	Config      StudentsConfig
	Loss        [][]float64
	RandomLoss  float64 // ‖u-y‖²/n on random ±1 labels at the end
	RandomStart float64 // the same at the start
	RandomWrong int     // training signs that the network gets wrong at the end
}

// MedianLoss is the median over teachers at width i.
func (r *StudentsResult) MedianLoss(i int) float64 { return median(r.Loss[i]) }

// RunStudents trains the students and the network with random labels.
func RunStudents(ctx context.Context, b backends.Backend, cfg StudentsConfig) (*StudentsResult, error) {
	cfg = cfg.withDefaults()
	if cfg.Teacher < 1 || cfg.Seeds < 1 || len(cfg.Widths) == 0 || cfg.Steps < 1 || cfg.LabelSteps < 1 || !(cfg.LearningRate > 0) || !(cfg.LabelRate > 0) {
		return nil, errors.New("finite.RunStudents: want positive numbers of teacher neurons, students, teachers and steps, and positive learning rates")
	}
	res := &StudentsResult{Config: cfg, Loss: make([][]float64, len(cfg.Widths))}
	res.Config.Progress = nil
	descents := make([]*deepDescent, len(cfg.Widths))
	defer func() {
		for _, d := range descents {
			if d != nil {
				d.close()
			}
		}
	}()
	every := cfg.Steps
	for k := 20; k > 1; k-- {
		if cfg.Steps%k == 0 {
			every = k
			break
		}
	}
	for i, m := range cfg.Widths {
		res.Loss[i] = make([]float64, cfg.Seeds)
		net := nn.Uniform(cfg.Inputs, m, 1, nn.ReLU)
		if cfg.MeanField {
			net.Normalizer = net.CSigma() / float64(m) * float64(cfg.Widths[0])
		}
		var err error
		if descents[i], err = newDeepDescent(b, net, cfg.Train, every); err != nil {
			return nil, err
		}
	}
	students := len(cfg.Widths) * cfg.Seeds
	err := each(ctx, students+1, cfg.Progress, func(ctx context.Context, job int) error {
		if job == students {
			return res.randomLabels(ctx, b, cfg)
		}
		i, k := job/cfg.Seeds, job%cfg.Seeds
		r := rng.Stream(cfg.Seed, fmt.Sprintf("teacher/%d", k))
		x := unitPoints(r, cfg.Train, cfg.Inputs)
		net := nn.TwoLayer{Inputs: cfg.Inputs, Width: cfg.Teacher}
		p, err := net.Init(r)
		if err != nil {
			return err
		}
		y := net.HostOutput(x, p, 1)
		norm := rms(y, nil)
		if norm == 0 {
			return errors.New("finite.RunStudents: the teacher is zero on every input")
		}
		for j := range y {
			y[j] /= norm
		}
		w, err := descents[i].net.Init(rng.Stream(cfg.Seed, fmt.Sprintf("student/%d/%d", cfg.Widths[i], k)))
		if err != nil {
			return err
		}
		u, _, err := descents[i].run(ctx, w, x, y, cfg.LearningRate, cfg.Steps, every)
		if err != nil {
			return err
		}
		res.Loss[i][k] = math.Pow(rms(u[len(u)-1], y), 2)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

func (r *StudentsResult) randomLabels(ctx context.Context, b backends.Backend, cfg StudentsConfig) error {
	x, _, _, _, err := digitPair(cfg.LabelTrain)
	if err != nil {
		return err
	}
	s := rng.Stream(cfg.Seed, "labels")
	y := rng.Signs(s, cfg.LabelTrain)
	net := nn.Uniform(64, cfg.LabelWidth, 1, nn.ReLU)
	w, err := net.Init(s)
	if err != nil {
		return err
	}
	d, err := newDeepDescent(b, net, cfg.LabelTrain, 20)
	if err != nil {
		return err
	}
	defer d.close()
	u, _, err := d.run(ctx, w, x, y, cfg.LabelRate, cfg.LabelSteps/20*20, 20)
	if err != nil {
		return err
	}
	r.RandomStart, r.RandomLoss = math.Pow(rms(u[0], y), 2), math.Pow(rms(u[len(u)-1], y), 2)
	for i, v := range u[len(u)-1] {
		if v*y[i] <= 0 {
			r.RandomWrong++
		}
	}
	return nil
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
