package feature

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/backends"
)

// GapConfig describes the gap between a trained network and its kernel against the number of training
// points. The zero value is Quick, about 1.8 s of processor time on simd.
type GapConfig struct {
	Sizes []int   // n, increasing; nil means 50, 100, 200
	Rich  float64 // α of the network that learns features; 0 means 0.1
	Lazy  float64 // α of the network that does not; 0 means 100
	Run   Config  // what else; Train and Alphas are set, and Rate to 10/n unless given
}

func (c GapConfig) withDefaults() GapConfig {
	if c.Sizes == nil {
		c.Sizes = []int{50, 100, 200}
	}
	if c.Rich == 0 {
		c.Rich = .1
	}
	if c.Lazy == 0 {
		c.Lazy = 100
	}
	return c
}

// Gap holds the experiment: Results[i] is the dial at size i with the scales Rich and Lazy.
type Gap struct {
	Config  GapConfig
	Results []*Result
}

// RunGap runs the dial at each size. The step size is 10/n, so that a number of steps means the same
// at each: eigenvalues of H grow as n.
func RunGap(ctx context.Context, b backends.Backend, cfg GapConfig) (*Gap, error) {
	cfg = cfg.withDefaults()
	if len(cfg.Sizes) == 0 || !(cfg.Rich > 0) || !(cfg.Lazy > cfg.Rich) {
		return nil, errors.New("feature.RunGap: want at least one size and 0 < Rich < Lazy")
	}
	last := 1
	for _, n := range cfg.Sizes {
		if n <= last {
			return nil, fmt.Errorf("feature.RunGap: size %d after %d, want increasing sizes of at least 2", n, last)
		}
		last = n
	}
	g := &Gap{Config: cfg}
	g.Config.Run.Progress = nil
	for _, n := range cfg.Sizes {
		run := cfg.Run
		run.Train, run.Alphas = n, []float64{cfg.Rich, cfg.Lazy}
		if run.Rate == 0 {
			run.Rate = 10 / float64(n)
		}
		r, err := kept(ctx, b, run)
		if err != nil {
			return nil, fmt.Errorf("feature.RunGap: n = %d: %w", n, err)
		}
		g.Results = append(g.Results, r)
	}
	return g, nil
}

// Rows returns the gap for a table of results: a size a row, test errors averaged over seeds.
func (g *Gap) Rows() (columns []string, rows [][]any) {
	columns = []string{"$n$", fmt.Sprintf("network, $\\alpha=%g$", g.Config.Rich), fmt.Sprintf("network, $\\alpha=%g$", g.Config.Lazy), "its kernel, same steps", "best kernel", "kernel after training"}
	for i, r := range g.Results {
		best, after, own := 0.0, 0.0, 0.0
		for k, b := range r.Kernels {
			best, own, after = best+b.Best(), own+b.Test[len(b.Test)-1], after+r.Tracks[0][k].After
		}
		s := float64(len(r.Kernels))
		rows = append(rows, []any{g.Config.Sizes[i], r.End(0, test), r.End(1, test), own / s, best / s, after / s})
	}
	return columns, rows
}

// Columns of a point, for Mean, End and Slope.
func test(p Point) float64      { return p.Test }
func drift(p Point) float64     { return p.Drift }
func distance(p Point) float64  { return p.Distance }
func alignment(p Point) float64 { return p.Alignment }
func along(p Point) float64     { return p.Share }
