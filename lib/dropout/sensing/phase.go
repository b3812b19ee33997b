package sensing

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// PhaseConfig describes the experiment of Run for several numbers of samples. The zero value runs, in about
// a second of processor time.
type PhaseConfig struct {
	Size    int       // d₂ = d₀; 0 means 6
	Rank    int       // of M*; 0 means 1
	Width   int       // d₁; 0 means Size
	Samples []int     // n, increasing; nil means 12, 18, 24, 30, 36, 54
	Rates   []float64 // from starts of scale 1; nil means 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9
	Starts  []float64 // scales of starts without dropout; nil means 1, 0.1, 0.01
	Draws   int       // 0 means 2
	Seed    uint64
}

// Phase holds the experiment: Results[i] is that with Samples[i].
type Phase struct {
	Config  PhaseConfig
	Results []*Result
}

// phases keeps what the frames of ExplorePhase share.
var phases = keep.OnHost(RunPhase)

// RunPhase runs the experiment at each number of samples.
func RunPhase(ctx context.Context, cfg PhaseConfig) (*Phase, error) {
	const fn = "sensing.RunPhase"
	cfg.Size = or(cfg.Size, 6)
	cfg.Rank = or(cfg.Rank, 1)
	cfg.Width = or(cfg.Width, cfg.Size)
	cfg.Draws = or(cfg.Draws, 2)
	if cfg.Samples == nil {
		cfg.Samples = []int{12, 18, 24, 30, 36, 54}
	}
	if cfg.Rates == nil {
		cfg.Rates = []float64{.05, .1, .2, .3, .5, .7, .9}
	}
	if cfg.Starts == nil {
		cfg.Starts = []float64{1, .1, .01}
	}
	if len(cfg.Samples) == 0 || len(cfg.Rates) == 0 || len(cfg.Starts) == 0 {
		return nil, errors.New(fn + ": want at least one number of samples, one rate and one start")
	}
	p := &Phase{Config: cfg}
	last := 0
	for _, n := range cfg.Samples {
		if n <= last {
			return nil, fmt.Errorf("%s: %d samples after %d, want increasing numbers of at least 1", fn, n, last)
		}
		last = n
	}
	for _, n := range cfg.Samples {
		run := Config{Size: cfg.Size, Rank: cfg.Rank, Width: cfg.Width, Samples: n, Draws: cfg.Draws, Seed: cfg.Seed, Tolerance: 1e-5}
		for _, s := range cfg.Starts {
			run.Cases = append(run.Cases, Case{0, s})
		}
		for _, r := range cfg.Rates {
			if r == 0 {
				return nil, errors.New(fn + ": rate 0 belongs to the starts")
			}
			run.Cases = append(run.Cases, Case{r, 1})
		}
		r, err := Run(ctx, run)
		if err != nil {
			return nil, fmt.Errorf("%s: n = %d: %w", fn, n, err)
		}
		p.Results = append(p.Results, r)
	}
	return p, nil
}

// Figure shows the risk over rates and numbers of samples as a map, and the row of the number at as curves:
// trained, with infinitely many samples, and without dropout from each scale of start.
func (p *Phase) Figure(at int) (figure.Figure, error) {
	if at < 0 || at >= len(p.Results) {
		return figure.Figure{}, fmt.Errorf("sensing.Phase.Figure: number %d of samples, want one of %d", at, len(p.Results))
	}
	risk := func(t Trained) float64 { return max(t.Risk, 1e-8) }
	names := []string{"0"}
	x := []float64{0}
	for i, r := range p.Config.Rates {
		names, x = append(names, trim(r)), append(x, float64(i+1))
	}
	var y []float64
	var z [][]float64
	for i, r := range p.Results {
		y = append(y, float64(i))
		row := []float64{math.Log10(r.Mean(Case{0, p.Config.Starts[0]}, risk))}
		for _, rate := range p.Config.Rates {
			row = append(row, math.Log10(r.Mean(Case{rate, 1}, risk)))
		}
		z = append(z, row)
	}
	entries := float64(p.Config.Size * p.Config.Size)
	var ratios []string
	for _, n := range p.Config.Samples {
		ratios = append(ratios, fmt.Sprintf("%.2f", float64(n)/entries))
	}
	curves := p.Results[at].Figure()
	left := figure.Panel{
		Title: "log₁₀ of the risk",
		X:     figure.Axis{Label: "rate of dropout p", Categories: names}, Y: figure.Axis{Label: "samples over entries n/d²", Categories: ratios},
		Layers: []figure.Layer{
			figure.Heat("risk", x, y, z).Coloured(figure.Axis{Label: "log₁₀ risk"}.Range(-5, 2)),
			figure.HRule("shown on the right", float64(at)),
		},
	}
	n := p.Config.Samples[at]
	return figure.Figure{
		ID: "11.+/phase", Title: "When dropout finds the matrix",
		Alt:     fmt.Sprintf("Left: a map of the risk over the rate of dropout and the samples. Middle: the risk at n = %d against the rate with the curve of the population. Right: the risk without dropout against the scale of the start.", n),
		Caption: fmt.Sprintf(`$n=%d$ numbers for %g entries, rank %d ($%d$ unknowns), width $d_1=%d$. Without dropout from scale 1 the risk is %.2g, with $p=%g$ it is %.2g.`, n, entries, p.Config.Rank, p.Config.Rank*(2*p.Config.Size-p.Config.Rank), p.Config.Width, p.Results[at].Mean(Case{0, p.Config.Starts[0]}, risk), p.Config.Rates[0], p.Results[at].Mean(Case{p.Config.Rates[0], 1}, risk)),
		Panels:  []figure.Panel{left, wide(curves.Panels[0]), wide(curves.Panels[2])},
	}, nil
}

// wide is the panel with room for all numbers of samples.
func wide(p figure.Panel) figure.Panel {
	p.Y = p.Y.Range(1e-8, 1e3)
	return p
}

// ExplorePhase moves the number of samples and the width.
func ExplorePhase() figure.Explorer {
	return figure.Explorer{
		ID: "11.+/phase", Title: "Samples, width and the rate of dropout",
		Try: "Add samples: at about twice the unknowns of $M_*$ weak dropout finds it, long before there are as many samples as entries ($n/d^2=1$), where plain training from a large start does. Once it does, the points lie on the curve to all digits: for rank one the sample no longer matters. Then widen the factors: plain training gets worse, dropout does not.",
		Controls: []figure.Control{
			figure.Slide("samples", "samples n", 12, 18, 24, 30, 36, 54).From(2),
			figure.Slide("width", "width d₁", 2, 6, 10).From(1),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			p, err := phases.Get(ctx, nil, PhaseConfig{Width: at.Int("width")})
			if err != nil {
				return figure.Figure{}, err
			}
			for i, n := range p.Config.Samples {
				if n == at.Int("samples") {
					return p.Figure(i)
				}
			}
			return figure.Figure{}, fmt.Errorf("sensing.ExplorePhase: %d samples were not run", at.Int("samples"))
		},
	}
}
