package factor

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// Runs that claims, alternatives and explorers share.
var (
	sensings = keep.OnHost(RunSensing)
	relus    = keep.OnHost(RunReLU)
	convs    = keep.New(64, func(ctx context.Context, c ConvConfig) ([]ConvPoint, error) { return RunConv(ctx, c) })
)

type convTheory struct {
	flat  bool // p = 2 at every depth
	shift int  // of the depth in theory
	steps int
}

func checkConv(h convTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		var shown [][]ConvPoint
		for _, l := range []int{1, 2, 3} {
			flat := 0.
			for draw := range uint64(3) {
				path, err := convs.Get(ctx, ConvConfig{Depth: l, Seed: 3*env.Seed + draw, Steps: h.steps})
				if err != nil {
					return nil, err
				}
				if draw == 0 {
					shown = append(shown, path)
				}
				p := path[len(path)-1]
				at := fmt.Sprintf("depth %d, draw %d: ", l, draw)
				residual := p.KKT
				if h.flat {
					residual = p.Flatter
				}
				if h.shift != 0 {
					if residual, _, err = FourierKKT(p.Beta, p.Examples, l+h.shift); err != nil {
						return nil, err
					}
				}
				f.Add(claim.Equals(at+"residual of the stationarity conditions", 0, residual, claim.Because(.06, "entries of the spectrum that are to vanish do so by a power of the margin")))
				flat += p.Flatter / 3
				if l == 1 {
					// The dual bound of the Euclidean margin is reached.
					f.Add(claim.Equals(at+"margin over its bound", 1, p.Margin/p.Bound, claim.Because(.01, "a step of 0.2% of the margin")))
				}
				if l == 2 {
					f.Add(claim.Below(at+"margin, no larger than its bound", p.Bound, p.Margin, claim.Rounding(1, 64)),
						claim.Above(at+"margin over its bound", .9, p.Margin/p.Bound, claim.Exact))
				}
			}
			if l > 1 {
				f.Add(claim.Above(fmt.Sprintf("depth %d: residual of the conditions for the Euclidean norm, mean of the draws", l), .25, flat, claim.Exact))
			}
		}
		f.Note("Entries of the spectrum that the limit does without vanish slowly at depth 2, so that the margin is still a few percent below its bound when it has grown to millions; at depth 3 they vanish fast, and which ones stay depends on the start: stationary is all that the theorem says.")
		fig := FigureConv(shown)
		f.Figure = &fig
		return f, nil
	}
}

type reluTheory struct {
	small  float64 // scale of the start that is to be small; 0 means 0.03
	ends   bool    // forget the end slopes
	factor float64 // on T; 0 means 1
}

func checkReLU(h reluTheory) claim.Check {
	if h.small == 0 {
		h.small = .03
	}
	if h.factor == 0 {
		h.factor = 1
	}
	least := func(x, y []float64) (float64, error) {
		if h.ends {
			return LeastVariation(x, y)
		}
		c, err := LeastCost(x, y)
		return h.factor * c, err
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		zx, zy := Zigzag()
		slopeX, slopeY := []float64{-1, 0, 1}, []float64{-1, .2, 1.1}
		for _, c := range []struct {
			name string
			x, y []float64
		}{{"zigzag", zx, zy}, {"nearly a line", slopeX, slopeY}, {"four points", []float64{0, 1, 3, 4}, []float64{0, 2, 1, 1.5}}} {
			theory, err := least(c.x, c.y)
			if err != nil {
				return nil, err
			}
			program, err := CostByProgram(c.x, c.y, 21)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(c.name+": least cost, and the linear program's", theory, program, claim.Because(1e-8, "the simplex method")))
		}
		trained := func(name string, cfg ReLUConfig, near float64) (*ReLUResult, error) {
			r, err := relus.Get(ctx, nil, cfg)
			if err != nil {
				return nil, err
			}
			own := make([]float64, len(r.Config.X))
			for i, v := range r.Config.X {
				own[i] = r.Net.Value(v)
			}
			t, err := LeastVariation(r.Config.X, own)
			if err != nil {
				return nil, err
			}
			cost, err := least(r.Config.X, own)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Above(name+": ∫|f''|, at least that of the broken line through its own values", t, r.Variation, claim.Rounding(t, 64)),
				claim.Equals(name+": cost over the least through its own values", 1, r.Path/cost, claim.Because(near, "descent of finite length")))
			return r, nil
		}
		decay, err := trained("decay 0.001", ReLUConfig{Seed: env.Seed}, .02)
		if err != nil {
			return nil, err
		}
		small, err := trained("no decay, small start", ReLUConfig{Seed: env.Seed, Scale: h.small, Decay: -1}, .05)
		if err != nil {
			return nil, err
		}
		if _, err := trained("nearly a line, decay 0.001", ReLUConfig{X: slopeX, Y: slopeY, Seed: env.Seed}, .1); err != nil {
			return nil, err
		}
		large, err := relus.Get(ctx, nil, ReLUConfig{Seed: env.Seed, Scale: 1, Decay: -1, Rate: .005})
		if err != nil {
			return nil, err
		}
		t, err := least(zx, zy)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("decay 0.001: root mean square residual", .02, decay.Residual, claim.Exact),
			claim.Below("no decay, small start: root mean square residual", 1e-6, small.Residual, claim.Exact),
			claim.Above("no decay, large start: ∫|f''| over the least", 2, large.Variation/t, claim.Exact))
		fig := FigureReLU(decay, small, large)
		f.Figure = &fig
		return f, nil
	}
}
