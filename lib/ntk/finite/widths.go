package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/stat"
)

// Correction is one thing that is zero, or constant, at infinite width, followed along widths: measured
// values, the law coefficient·m^exponent that theory gives it, and what a fit finds.
type Correction struct {
	Quantity string    // in words and symbols
	Group    string    // of the figure: one of the Group constants
	Widths   []float64 // m
	Value    []float64
	SE       []float64 // standard error of each value

	Exponent    float64  // theory
	Coefficient *float64 // theory, exact at every width; nil where only the exponent is known
	Slack       float64  // what the next order in 1/√m may add to the exponent over these widths
	Why         string   // where the exponent, or the coefficient, comes from

	Slope, SlopeSE   float64 // exponent of a weighted fit in logarithms
	Fitted, FittedSE float64 // coefficient of a weighted fit with the exponent held at theory's
}

// The groups of corrections.
const (
	AtStart    = "At the start, exact laws"
	KernelDist = "Kernel at the start to its limit"
	Training   = "Training against the kernel's"
	KernelMove = "Kernel during training"
)

// CorrectionsConfig describes the collection. Everything that is trained or sampled is what the claims
// on its row of the book use, so that after them nothing is trained again; alone it takes about 25 s of
// one processor.
type CorrectionsConfig struct {
	Seed uint64 // of all experiments

	Progress func(done, total int) `json:"-"` // may be nil; counts experiments
}

// Corrections is the width as an axis: every finite-width correction of the chapter that is measured
// along widths.
type Corrections struct {
	Config CorrectionsConfig
	List   []Correction
}

// corrections keeps the latest collections for the claim and its alternatives.
var corrections = newMemo(RunCorrections)

// RunCorrections collects the corrections and fits them.
func RunCorrections(ctx context.Context, b backends.Backend, cfg CorrectionsConfig) (*Corrections, error) {
	c := &Corrections{Config: cfg}
	c.Config.Progress = nil
	parts := []func(context.Context, backends.Backend) error{c.outputs, c.kernels, c.concentration, c.lazyReLU, c.lazySmooth, c.deep}
	for i, part := range parts {
		if err := part(ctx, b); err != nil {
			return nil, fmt.Errorf("finite.RunCorrections: %w", err)
		}
		if cfg.Progress != nil {
			cfg.Progress(i+1, len(parts))
		}
	}
	for i := range c.List {
		c.List[i].Fit()
	}
	return c, nil
}

// Find returns the correction of a quantity, or nil.
func (c *Corrections) Find(quantity string) *Correction {
	for i := range c.List {
		if c.List[i].Quantity == quantity {
			return &c.List[i]
		}
	}
	return nil
}

// Fit fills in Slope and Fitted with their standard errors from Widths, Value, SE and Exponent, by
// weighted least squares, in logarithms for the exponent and as they are for the coefficient. Each width
// weighs by the precision of its value. The standard errors are those of the values, propagated: the
// misfit does not inflate them. It wants at least two widths, positive values and standard errors.
func (c *Correction) Fit() {
	x, y, w := make([]float64, len(c.Widths)), make([]float64, len(c.Widths)), make([]float64, len(c.Widths))
	for i, m := range c.Widths {
		rel := c.SE[i] / c.Value[i]
		x[i], y[i], w[i] = math.Log(m), math.Log(c.Value[i]), 1/(rel*rel)
	}
	_, c.Slope = stat.LinearRegression(x, y, w, false)
	mean, sxx := stat.Mean(x, w), 0.0
	top, bottom := 0.0, 0.0
	for i, m := range c.Widths {
		sxx += w[i] * (x[i] - mean) * (x[i] - mean)
		power := math.Pow(m, c.Exponent)
		p := power / c.SE[i]
		top, bottom = top+p*c.Value[i]/c.SE[i], bottom+p*p
	}
	c.SlopeSE = 1 / math.Sqrt(sxx)
	c.Fitted, c.FittedSE = top/bottom, 1/math.Sqrt(bottom)
}

// known is a coefficient that theory gives.
func known(v float64) *float64 { return &v }

// outputs adds what is known exactly of one hidden layer at the start.
func (c *Corrections) outputs(ctx context.Context, b backends.Backend) error {
	r, err := outputs.get(ctx, b, OutputConfig{Seed: c.Config.Seed})
	if err != nil {
		return err
	}
	for _, q := range []struct {
		name        string
		coefficient float64
		of          func(OutputPoint, float64) Estimate
		why         string
	}{
		{"Var Θ_m(x,x)/(E Θ_m(x,x))², L = 1", 3, func(p OutputPoint, m float64) Estimate {
			return Estimate{p.KernelSpread.Value / m, p.KernelSpread.SE / m}
		}, "a mean over neurons of terms with mean 2 and second moment 16"},
		{"excess kurtosis of f(x), L = 1", 15, func(p OutputPoint, _ float64) Estimate { return p.Kurtosis },
			"a scale mixture of normals: three times the relative variance of ‖g‖²"},
		{"Var ‖g‖²/(E‖g‖²)², L = 1", 5, func(p OutputPoint, m float64) Estimate {
			return Estimate{p.HiddenSpread.Value / m, p.HiddenSpread.SE / m}
		}, "a mean over neurons of squares of half-normal variables"},
	} {
		k := Correction{Quantity: q.name, Group: AtStart, Exponent: -1, Coefficient: known(q.coefficient), Why: q.why}
		for _, p := range r.Points {
			e := q.of(p, float64(p.Width))
			k.add(p.Width, e.Value, e.SE)
		}
		c.List = append(c.List, k)
	}
	return nil
}

func (c *Correction) add(m int, value, se float64) {
	c.Widths, c.Value, c.SE = append(c.Widths, float64(m)), append(c.Value, value), append(c.SE, se)
}

// kernels adds the distances of kernels at the start to their limits.
func (c *Corrections) kernels(ctx context.Context, b backends.Backend) error {
	r, err := widths.get(ctx, b, WidthConfig{Seed: c.Config.Seed})
	if err != nil {
		return err
	}
	exact, err := oneLayerSquare(r)
	if err != nil {
		return err
	}
	square := Correction{Quantity: "E‖Θ_m-Θ‖²_F/‖Θ‖²_F, L = 1", Group: AtStart, Exponent: -1, Coefficient: known(exact), Why: "a mean over neurons, second moments in closed form for these points"}
	for _, m := range r.Config.Widths {
		p := r.At(1, m)
		square.add(m, p.KernelSquare.Mean, p.KernelSquare.SE())
	}
	c.List = append(c.List, square)
	for _, depth := range r.Config.Depths {
		kernel := Correction{Quantity: fmt.Sprintf("‖Θ_m-Θ‖_F/‖Θ‖_F, L = %d", depth), Group: KernelDist, Exponent: -.5, Slack: .03, Why: "means over neurons, layer by layer"}
		for _, m := range r.Config.Widths {
			p := r.At(depth, m)
			kernel.add(m, p.Kernel.Mean, p.Kernel.SE())
		}
		c.List = append(c.List, kernel)
	}
	back := Correction{Quantity: "‖⟨b,b'⟩-ΠΣ̇‖_F/‖ΠΣ̇‖_F, L = 3, h = 1", Group: KernelDist, Exponent: -.5, Slack: .03, Why: "means over neurons, layer by layer"}
	for _, m := range r.Config.Widths {
		s := r.At(3, m).Backward[0]
		back.add(m, s.Mean, s.SE())
	}
	c.List = append(c.List, back)
	return nil
}

// concentration adds the law behind Lemma 9.2.2: entries of H(0) are means of Bernoulli variables.
func (c *Corrections) concentration(ctx context.Context, _ backends.Backend) error {
	r, err := ntk.RunConcentration(ctx, ntk.ConcentrationConfig{Widths: []int{64, 256, 1024}, Seeds: 200, Seed: c.Config.Seed}, nil)
	if err != nil {
		return err
	}
	k := Correction{Quantity: bernoulli, Group: AtStart, Exponent: -1, Coefficient: known(r.Variance), Why: "entries are Bernoulli averages: ΣK²p(1-p)"}
	for i, m := range r.Config.Widths {
		k.add(m, r.Frobenius2[i], r.Frobenius2SD[i]/math.Sqrt(float64(r.Config.Seeds)))
	}
	c.List = append(c.List, k)
	return nil
}

const bernoulli = "E‖H(0)-H*‖²_F, n = 20"

// lazyReLU adds the experiment behind 9.I4. The relative spreads over networks were measured on ten
// others; with two or three a width a standard error of their own says little.
func (c *Corrections) lazyReLU(ctx context.Context, b backends.Backend) error {
	r, err := lazy.get(ctx, b, LazyConfig{LastSeeds: 2, ScalePower: .5, Seed: c.Config.Seed})
	if err != nil {
		return err
	}
	maximum := func(run LazyRun, m int) float64 { return run.Move / math.Sqrt(math.Log(float64(m))) }
	for _, q := range []struct {
		name, group     string
		exponent, slack float64
		spread          float64
		of              func(LazyRun, int) float64
		why             string
	}{
		{"training outputs to the kernel's", Training, -.5, .05, .15, plain(trainError), "the distance of H(0) to H*"},
		{"test outputs to the kernel's", Training, -.5, .15, .12, plain(testError), "the distance of H(0) to H*; small eigenvalues reach the limit late"},
		{"RMS movement of a weight vector", Training, -.5, .04, .02, plain(moveRMS), "each moves by m^(-½) times a function of its own start"},
		{"largest movement over √(log m)", Training, -.5, .1, .12, maximum, "a maximum over m neurons, still growing at these widths"},
		{"fraction of gates flipped", Training, -.5, .12, 0, plain(flipped), "a gate flips if |w·x| is below the movement"},
		{"‖H(T)-H(0)‖/λ₁, ReLU", KernelMove, -.75, .12, .28, plain(drift), "√m of m gates flip, with random signs: (√m)^½/m"},
	} {
		k := Correction{Quantity: q.name, Group: q.group, Exponent: q.exponent, Slack: q.slack, Why: q.why}
		for _, w := range r.Widths {
			mean, _ := w.Mean(func(run LazyRun) float64 { return q.of(run, w.Width) })
			spread := q.spread
			if spread == 0 { // a count over neurons
				spread = 1.6 / math.Sqrt(float64(w.Width))
			}
			k.add(w.Width, mean, mean*spread/math.Sqrt(float64(len(w.Runs))))
		}
		c.List = append(c.List, k)
	}
	return nil
}

// plain is a column that does not look at the width.
func plain(of func(LazyRun) float64) func(LazyRun, int) float64 {
	return func(r LazyRun, _ int) float64 { return of(r) }
}

// lazySmooth adds the drift of the kernel for a smooth activation, the experiment behind 9.L3.
func (c *Corrections) lazySmooth(ctx context.Context, b backends.Backend) error {
	r, err := lazy.get(ctx, b, LazyConfig{Widths: []int{64, 256, 1024}, Train: 20, Steps: 200, Seeds: 2, Activation: nn.Softplus, ScalePower: .5, Seed: c.Config.Seed})
	if err != nil {
		return err
	}
	k := Correction{Quantity: "‖H(T)-H(0)‖/λ₁, softplus", Group: KernelMove, Exponent: -1, Slack: .1, Why: "neurons move by m^(-½) with the sign of a_r, which the kernel does not have: first order cancels in pairs"}
	for _, w := range r.Widths {
		mean, _ := w.Mean(drift)
		k.add(w.Width, mean, mean*.1/math.Sqrt(float64(len(w.Runs))))
	}
	c.List = append(c.List, k)
	return nil
}

// deep adds the drift of the kernel of two hidden layers, the experiment behind 9.R3.
func (c *Corrections) deep(ctx context.Context, b backends.Backend) error {
	r, err := deeps.get(ctx, b, DeepConfig{Seed: c.Config.Seed})
	if err != nil {
		return err
	}
	k := Correction{Quantity: "‖Θ_m(T)-Θ_m(0)‖/λ₁, ReLU, L = 2", Group: KernelMove, Exponent: -.75, Slack: .12, Why: "gates of hidden layers flip as those of one do"}
	for _, w := range r.Widths {
		k.add(w.Width, w.Drift.Mean, w.Drift.SE())
	}
	c.List = append(c.List, k)
	return nil
}

// Rows returns the corrections as rows for a table of results.
func (c *Corrections) Rows() (columns []string, rows [][]any) {
	columns = []string{"quantity", "exponent, theory", "measured", "coefficient, theory", "measured", "from"}
	for _, k := range c.List {
		coefficient := "–"
		if k.Coefficient != nil {
			coefficient = fmt.Sprintf("%.4g", *k.Coefficient)
		}
		rows = append(rows, []any{k.Quantity, k.Exponent, plusMinus(k.Slope, k.SlopeSE), coefficient, plusMinus(k.Fitted, k.FittedSE), k.Why})
	}
	return columns, rows
}

// plusMinus writes a value with its standard error to two digits of the error.
func plusMinus(v, se float64) string {
	digits := 0
	if se > 0 {
		digits = max(0, 1-int(math.Floor(math.Log10(se))))
	}
	return fmt.Sprintf("%.*f ± %.*f", digits, v, digits, se)
}
