package finite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// LabelsConfig describes the finite side of figure 9.1: two-layer ReLU networks, antisymmetric, first
// layer trained, on n digits 3 against 8 with three sets of labels: the true ones, random signs, and
// √n times the eigenvector of H* of the smallest eigenvalue (the worst case). The zero value is Quick.
//
// Quick (m = 256, 1024, 4096, 50 steps, about 1.6 s of processor time on simd) ends with
// loss fractions ‖u-y‖²/n near .08, .83, .97 at m = 4096, each within .02 of the kernel's .0765, .82,
// .959 and further off at smaller widths.
type LabelsConfig struct {
	Widths       []int   // m, even; nil means 256, 1024, 4096
	Train        int     // n; 0 means 200
	LearningRate float64 // η; 0 means 0.02
	Steps        int     // 0 means 50
	Every        int     // steps between observations; 0 means 10
	Seed         uint64  // streams "init/<m>" and "labels" derive from it

	Progress func(done, total int) `json:"-"` // may be nil
}

// PaperLabels is the setting of the reference table, 500 steps, which shows the late-time lag on small
// eigenvalues: at m = 4096 true .0787, .0335, .0159, random .84, .66, .53, worst .968, .929, .899 at 50,
// 200, 500 steps. It takes about 15 s of processor time on simd.
func PaperLabels() LabelsConfig { return LabelsConfig{Steps: 500, Every: 50} }

func (c LabelsConfig) withDefaults() LabelsConfig {
	if c.Widths == nil {
		c.Widths = []int{256, 1024, 4096}
	}
	setDefault(&c.Train, 200)
	setDefault(&c.LearningRate, 0.02)
	setDefault(&c.Steps, 50)
	setDefault(&c.Every, 10)
	return c
}

func (c LabelsConfig) validate() error {
	var errs []error
	for _, m := range c.Widths {
		if m < 2 || m%2 != 0 {
			errs = append(errs, fmt.Errorf("width %d, want an even number of neurons", m))
		}
	}
	if len(c.Widths) == 0 || c.Steps < 1 || c.Every < 1 || c.Steps%c.Every != 0 {
		errs = append(errs, fmt.Errorf("%d widths, %d steps observed every %d, want positive numbers and a multiple", len(c.Widths), c.Steps, c.Every))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("finite.RunLabels: %w", err)
	}
	return nil
}

// LabelNames names the label sets in the order of LabelsResult.Sets.
var LabelNames = []string{"true", "random", "worst"}

// LabelSet is the training of one set of labels: fractions ‖u-y‖²/n at the observed steps.
type LabelSet struct {
	Name     string
	Energy   []float64   // (vᵢᵀy)²/n by eigenvector, sums to 1
	Theory   []float64   // under the kernel, (I-ηH*)^k
	Curve    []float64   // the same after every step 0, 1, ..., Steps
	Measured [][]float64 // by width, then step
}

// LabelsResult holds the experiment: Steps are the observed steps, Lambda the eigenvalues of H*.
type LabelsResult struct {
	Config LabelsConfig
	Lambda []float64
	Steps  []int
	Sets   []LabelSet
}

// RunLabels trains one network for each width and label set; the label sets share the initialisation.
func RunLabels(ctx context.Context, b backends.Backend, cfg LabelsConfig) (*LabelsResult, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	x, digits, _, _, err := digitPair(cfg.Train)
	if err != nil {
		return nil, err
	}
	h, err := ntk.TwoLayer(ntk.ReLU).GramContext(ctx, x)
	if err != nil {
		return nil, err
	}
	th, err := newTheory(h, cfg.LearningRate)
	if err != nil {
		return nil, err
	}
	res := &LabelsResult{Config: cfg, Lambda: th.lambda}
	res.Config.Progress = nil
	for k := 0; k <= cfg.Steps; k += cfg.Every {
		res.Steps = append(res.Steps, k)
	}
	n := float64(cfg.Train)
	worst := mat.Col(nil, cfg.Train-1, th.v)
	for i := range worst {
		worst[i] *= math.Sqrt(n)
	}
	labels := [][]float64{digits, rng.Signs(rng.Stream(cfg.Seed, "labels"), cfg.Train), worst}
	for s, y := range labels {
		set := LabelSet{Name: LabelNames[s], Energy: th.project(y, nil), Measured: make([][]float64, len(cfg.Widths))}
		for i := range set.Energy {
			set.Energy[i] *= set.Energy[i] / n
		}
		for k := range cfg.Steps + 1 {
			fraction := 0.0
			for i, e := range set.Energy {
				fraction += e * math.Pow(1-cfg.LearningRate*th.lambda[i], 2*float64(k))
			}
			set.Curve = append(set.Curve, fraction)
			if k%cfg.Every == 0 {
				set.Theory = append(set.Theory, fraction)
			}
		}
		res.Sets = append(res.Sets, set)
	}
	err = each(ctx, len(cfg.Widths)*len(labels), cfg.Progress, func(ctx context.Context, job int) error {
		i, s := job/len(labels), job%len(labels)
		m := cfg.Widths[i]
		net := nn.TwoLayer{Inputs: 64, Width: m, Antisymmetric: true}
		p, err := net.Init(rng.Stream(cfg.Seed, fmt.Sprintf("init/%d", m)))
		if err != nil {
			return err
		}
		d, err := newDescent(b, net, x, cfg.Every)
		if err != nil {
			return err
		}
		defer d.close()
		t, err := d.run(ctx, p, labels[s], 1/math.Sqrt(float64(m)), cfg.LearningRate, cfg.Steps, cfg.Every, nil)
		if err != nil {
			return err
		}
		for _, u := range t.U {
			res.Sets[s].Measured[i] = append(res.Sets[s].Measured[i], math.Pow(rms(u, labels[s]), 2))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// At returns theory and the measurement at the given width for one label set after k steps.
func (r *LabelsResult) At(set string, width, k int) (theory, measured float64, err error) {
	s := slices.IndexFunc(r.Sets, func(l LabelSet) bool { return l.Name == set })
	i, j := slices.Index(r.Config.Widths, width), slices.Index(r.Steps, k)
	if s < 0 || i < 0 || j < 0 {
		return 0, 0, fmt.Errorf("finite: labels %q, width %d, step %d were not run: have %v, %v, %v", set, width, k, LabelNames, r.Config.Widths, r.Steps)
	}
	return r.Sets[s].Theory[j], r.Sets[s].Measured[i][j], nil
}

// curveOf returns the kernel's curve of one label set, by step.
func (r *LabelsResult) curveOf(set string) []float64 {
	for _, s := range r.Sets {
		if s.Name == set {
			return s.Curve
		}
	}
	return nil
}

// Dots returns the measurements as the dots that ntk.Figure91 draws over the kernel's curves, at times
// t = η·steps, for the given widths (none means the widest).
func (r *LabelsResult) Dots(widths ...int) ([]ntk.Dots, error) {
	if len(widths) == 0 {
		widths = r.Config.Widths[len(r.Config.Widths)-1:]
	}
	var out []ntk.Dots
	for _, m := range widths {
		i := slices.Index(r.Config.Widths, m)
		if i < 0 {
			return nil, fmt.Errorf("finite.LabelsResult.Dots: width %d was not run: have %v", m, r.Config.Widths)
		}
		for _, set := range r.Sets {
			d := ntk.Dots{Label: set.Name, Name: fmt.Sprintf("%s labels, m = %d", set.Name, m)}
			for j, k := range r.Steps {
				if k > 0 { // time stands on a logarithmic axis
					d.Time, d.Loss = append(d.Time, r.Config.LearningRate*float64(k)), append(d.Loss, set.Measured[i][j])
				}
			}
			out = append(out, d)
		}
	}
	return out, nil
}
