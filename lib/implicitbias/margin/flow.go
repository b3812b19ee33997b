package margin

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// FlowConfig describes a run of normalised gradient descent; the zero value takes 100,000 steps of length
// 0.01.
type FlowConfig struct {
	Step  float64 // length of each step; 0 means 0.01
	Steps int     // 0 means 100,000
	Calm  float64 // if positive, steps are shortened so that no y_i·f_i changes by more than this, to first order
	Slack float64 // of the support set in Stationary; 0 means 1e-3
}

// FlowRow is the state before step T.
type FlowRow struct {
	T        int
	W        []float64
	Length   float64   // g_t = ‖w‖₂
	LogLoss  float64   // log L
	LogTime  float64   // logarithm of the time that gradient flow takes to come here: Σ (length of step)/‖∇L‖; -∞ at 0 is written as -1e300
	Margin   float64   // min y_i·f_i(w)/‖w‖^α
	Shares   []float64 // ℓ_t/‖ℓ_t‖₁, each point's share of the loss
	Residual float64   // of Stationary; 1 while a point is misclassified
	Cosine   float64   // between -∇L and w: 1 in the limit
}

// FlowResult is one run.
type FlowResult struct {
	Config FlowConfig
	Rows   []FlowRow // at 0, about ten times per decade, and the end
}

// Flow follows L(w) = Σ exp(-y_i·f_i(w)) (8.35) by steps of fixed length along -∇L, in the log domain. The
// path is that of gradient flow up to the length of a step; only time is another, which a limit direction
// does not see, and which would have to be exponential in ‖w‖^α. Once a step changes the y_i·f_i by more than
// about 1 the shares of the loss jump from point to point while the direction stays; Calm prevents it, at the
// price that ‖w‖^α grows by a constant a step. Cost: n gradients a step.
func Flow(ctx context.Context, f Predictor, start []float64, cfg FlowConfig) (*FlowResult, error) {
	if cfg.Step == 0 {
		cfg.Step = .01
	}
	if cfg.Steps == 0 {
		cfg.Steps = 100000
	}
	if cfg.Slack == 0 {
		cfg.Slack = 1e-3
	}
	if !(cfg.Step > 0) || math.IsInf(cfg.Step, 0) || cfg.Steps < 1 || !(cfg.Slack > 0) || !(cfg.Calm >= 0) {
		return nil, fmt.Errorf("margin.Flow: step %g, %d steps, slack %g, calm %g, want positive numbers", cfg.Step, cfg.Steps, cfg.Slack, cfg.Calm)
	}
	if len(start) != f.Dim() {
		return nil, fmt.Errorf("margin.Flow: start of length %d, the predictor has %d parameters", len(start), f.Dim())
	}
	r := &FlowResult{Config: cfg}
	w := append([]float64(nil), start...)
	p, g := make([]float64, f.Len()), make([]float64, f.Dim())
	buffer := make([]float64, f.Dim())
	at, next, clock := marks(cfg.Steps), 0, math.Inf(-1)
	for t := 0; t <= cfg.Steps; t++ {
		if t%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		logL := descentDirection(f, g, w, p, buffer)
		length := floats.Norm(g, 2)
		if !(length > 1e-280) || math.IsInf(length, 0) {
			return nil, fmt.Errorf("margin.Flow: ∇L/L has norm %g at step %d: a critical point, such as a point at which all units are dead", length, t)
		}
		if t == at[next] {
			next++
			row := FlowRow{T: t, W: append([]float64(nil), w...), Length: floats.Norm(w, 2), LogLoss: logL, LogTime: max(clock, -1e300), Margin: NormalisedMargin(f, w),
				Shares: append([]float64(nil), p...), Residual: 1, Cosine: floats.Dot(g, w) / (length * floats.Norm(w, 2))}
			if s, err := Stationary(f, w, cfg.Slack); err == nil {
				row.Residual = s.Residual
			}
			r.Rows = append(r.Rows, row)
		}
		step := cfg.Step
		if cfg.Calm > 0 {
			for i := range p {
				f.Gradient(buffer, w, i)
				step = min(step, cfg.Calm/floats.Norm(buffer, 2))
			}
		}
		floats.AddScaled(w, step/length, g)
		clock = logAdd(clock, math.Log(step/length)-logL) // ‖∇L‖ = L·length
	}
	return r, nil
}

// descentDirection fills g with -∇L/L = Σ p_i y_i∇f_i(w) and p with the shares; it returns log L.
func descentDirection(f Predictor, g, w, p, buffer []float64) float64 {
	for i := range p {
		p[i] = -f.Value(w, i)
	}
	logL := softmax(p)
	clear(g)
	for i := range p {
		f.Gradient(buffer, w, i)
		floats.AddScaled(g, p[i], buffer)
	}
	return logL
}

// Last is the row of the end.
func (r *FlowResult) Last() *FlowRow { return &r.Rows[len(r.Rows)-1] }
