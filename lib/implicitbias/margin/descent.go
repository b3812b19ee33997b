package margin

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Rule says how long the steps of steepest descent are. B is Data.Reach, L the loss.
type Rule string

// The rules.
const (
	Adaptive Rule = "adaptive" // η_t = 1/(B²L(w_t)): outside Theorem 8.3.2, which bounds η_t, and faster
	Capped   Rule = "capped"   // η_t = min(η₊, 1/(B²L(w_t))), as in Theorem 8.3.2
	Summable Rule = "summable" // the capped step times 2^{-t}: within the printed conditions, and it stalls
)

// Config describes one run of steepest descent; the zero value is gradient descent with the adaptive rule
// for 10,000 steps from 0.
type Config struct {
	Norm  Norm      // 0 means ℓ₂
	Rule  Rule      // "" means Adaptive
	Cap   float64   // η₊ of Capped and Summable; 0 means 1
	Scale float64   // all steps times this; 0 means 1; the theorem needs at most 1
	Start []float64 // w₀; nil means 0
	Steps int       // 0 means 10,000
}

// Row is the state before step T. Everything of the size of L stands as a logarithm.
type Row struct {
	T         int
	W         []float64
	LogLoss   float64 // log L(w_T)
	Length    float64 // ‖w_T‖
	Margin    float64 // min_i y_i⟨w_T, x_i⟩/‖w_T‖; 0 at w = 0
	Gradient  float64 // ‖∇L‖_*/L, at least γ by Proposition 8.3.3
	Below     float64 // right-hand side of (8.31) for the margin min_i y_i⟨w_T, x_i⟩
	Above     float64 // right-hand side of (8.32) for ‖w_T‖
	Bound     float64 // right-hand side of (8.33) for the normalised margin
	Main      float64 // term (I) of (8.33)
	LogSum    float64 // log Σ_{u<T} ‖∇L(w_u)‖_*; -1e300 for none, as JSON has no -∞
	LogSquare float64 // log Σ_{u<T} ‖∇L(w_u)‖_*²
}

// Worst holds, over all steps, the smallest slack of each inequality: negative means violated.
type Worst struct {
	Decrease  float64 // log L(w_t) - log L(w_{t+1})
	Step      float64 // (8.29) of one step, in logarithms
	Telescope float64 // (8.31)
	Norm      float64 // (8.32)
	Quotient  float64 // (8.33)
	Gradient  float64 // the smallest ‖∇L‖_*/L itself
}

// Result is one run.
type Result struct {
	Config Config
	Data   string
	Reach  float64   // B
	Rows   []Row     // at 0 and about ten times per decade, 1, 10, 100, … among them, and at the end
	Worst  Worst     // over every step
	End    []float64 // the last w
	Shares []float64 // of the points in the loss there
}

// Run does steepest descent on the exponential loss of the data. In units of the loss the step is
//
//	w ← w + c·Δ(∇L/L),  c = η_t·L(w_t) ≤ 1/B²,
//
// where Δ is Norm.Steepest, homogeneous of degree 1, so that nothing under- or overflows. The inequalities
// of the proof of Theorem 8.3.2 are evaluated at every step. Cost: n·d a step.
func Run(ctx context.Context, data *Data, cfg Config) (*Result, error) {
	if cfg.Norm == 0 {
		cfg.Norm = Euclidean
	}
	if cfg.Rule == "" {
		cfg.Rule = Adaptive
	}
	if cfg.Cap == 0 {
		cfg.Cap = 1
	}
	if cfg.Scale == 0 {
		cfg.Scale = 1
	}
	if cfg.Steps == 0 {
		cfg.Steps = 10000
	}
	if cfg.Start == nil {
		cfg.Start = make([]float64, data.Dim())
	}
	if err := cfg.Norm.Validate(); err != nil {
		return nil, err
	}
	if cfg.Rule != Adaptive && cfg.Rule != Capped && cfg.Rule != Summable {
		return nil, fmt.Errorf("margin.Run: rule %q, want %q, %q or %q", cfg.Rule, Adaptive, Capped, Summable)
	}
	if !(cfg.Cap > 0) || !(cfg.Scale > 0) || math.IsInf(cfg.Cap, 0) || math.IsInf(cfg.Scale, 0) || cfg.Steps < 1 {
		return nil, fmt.Errorf("margin.Run: cap %g, scale %g, %d steps, want positive numbers", cfg.Cap, cfg.Scale, cfg.Steps)
	}
	if len(cfg.Start) != data.Dim() {
		return nil, fmt.Errorf("margin.Run: start of length %d, %q has %d features", len(cfg.Start), data.Name, data.Dim())
	}
	b := data.Reach(cfg.Norm)
	if b == 0 {
		return nil, fmt.Errorf("margin.Run: all points of %q are 0", data.Name)
	}
	r := &Result{Config: cfg, Data: data.Name, Reach: b}
	w := append([]float64(nil), cfg.Start...)
	p, g, delta := make([]float64, data.Len()), make([]float64, data.Dim()), make([]float64, data.Dim())
	first := data.Tail(p, w) // log L(w₀)
	logL := first
	start := cfg.Norm.Length(w)
	gain, cost, walk := 0.0, 0.0, 0.0               // Σηγ²/L, Ση²B²γ²/2, Σηγ
	logSum, logSquare := math.Inf(-1), math.Inf(-1) // log Σγ, log Σγ²
	inf := math.Inf(1)
	r.Worst = Worst{inf, inf, inf, inf, inf, inf}
	marks, next := marks(cfg.Steps), 0
	for t := 0; ; t++ {
		if t%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		data.Gradient(g, p)
		dual := cfg.Norm.Dual().Length(g)
		length := cfg.Norm.Length(w)
		smallest := data.Smallest(w)
		row := Row{T: t, LogLoss: logL, Length: length, Gradient: dual, Below: gain - cost - first, Above: start + walk, LogSum: max(logSum, -1e300), LogSquare: max(logSquare, -1e300)}
		if t > 0 && length > 0 {
			row.Margin = smallest / length
			row.Main = gain / (walk + start)
			row.Bound = row.Main - (cost+first)/length
			r.Worst.Telescope = min(r.Worst.Telescope, smallest-row.Below)
			r.Worst.Norm = min(r.Worst.Norm, row.Above-length)
			r.Worst.Quotient = min(r.Worst.Quotient, row.Margin-row.Bound)
		}
		r.Worst.Gradient = min(r.Worst.Gradient, dual)
		if t == marks[next] {
			row.W = append([]float64(nil), w...)
			r.Rows = append(r.Rows, row)
			next++
		}
		if t == cfg.Steps {
			break
		}
		c := 1 / (b * b)
		if cfg.Rule != Adaptive {
			c = min(c, cfg.Cap*math.Exp(logL))
		}
		c *= cfg.Scale
		if cfg.Rule == Summable {
			c *= math.Pow(2, -float64(t))
		}
		cfg.Norm.Steepest(delta, g)
		floats.AddScaled(w, c, delta)
		after := data.Tail(p, w)
		gain += c * dual * dual
		cost += c * c * b * b * dual * dual / 2
		walk += c * dual
		logSum, logSquare = logAdd(logSum, logL+math.Log(dual)), logAdd(logSquare, 2*(logL+math.Log(dual)))
		r.Worst.Decrease = min(r.Worst.Decrease, logL-after)
		r.Worst.Step = min(r.Worst.Step, logL-c*dual*dual+c*c*b*b*dual*dual/2-after)
		logL = after
		if math.IsNaN(logL) || math.IsInf(logL, 0) {
			return nil, fmt.Errorf("margin.Run: %q, %s: diverged at step %d", data.Name, cfg.Norm, t+1)
		}
	}
	r.End, r.Shares = w, p
	return r, nil
}

// At returns the row before step t; nil if there is none.
func (r *Result) At(t int) *Row {
	for i := range r.Rows {
		if r.Rows[i].T == t {
			return &r.Rows[i]
		}
	}
	return nil
}

// Last is the row of the end.
func (r *Result) Last() *Row { return &r.Rows[len(r.Rows)-1] }

func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(a, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// marks returns 0, ten numbers per decade, 1, 10, 100, … among them, and n.
func marks(n int) []int {
	out := []int{0}
	for k := 0; ; k++ {
		t := int(math.Round(math.Pow(10, float64(k)/10)))
		if t >= n {
			return append(out, n)
		}
		if t > out[len(out)-1] {
			out = append(out, t)
		}
	}
}
