package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
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
	Next        bool     // the fit of the exponent has a term b/√m of the next order in the logarithm
	AtMost      bool     // not an equality over these widths: only Slope + 4·SlopeSE ≤ Exponent is claimed
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

// CorrectionsConfig describes the collection. Everything sampled, and the training of
// two hidden layers, is what the claims on its row of the book use, so that after them it is not done
// again; the training of one hidden layer is its own, many networks by the fast host routes, about 6 s
// of one processor. Alone it takes about 14 s of processor time on simd.
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
var corrections = keep.NewRuns(RunCorrections)

// RunCorrections collects the corrections and fits them.
func RunCorrections(ctx context.Context, b backends.Backend, cfg CorrectionsConfig) (*Corrections, error) {
	c := &Corrections{Config: cfg}
	c.Config.Progress = nil
	parts := []func(context.Context, backends.Backend) error{c.outputs, c.kernels, c.concentration, c.trained, c.deep}
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

// Fit fills in Slope and Fitted with their standard errors from Widths, Value, SE, Exponent and Next, by
// weighted least squares: log v = log c + p·log m, with Next + b/√m, for the exponent, and v = c·m^Exponent
// for the coefficient. Each width weighs by the precision of its value. The standard errors are those of
// the values, propagated: the misfit does not inflate them. It wants positive values and standard errors
// and at least two widths, with Next three.
func (c *Correction) Fit() {
	columns := 2
	if c.Next {
		columns = 3
	}
	x, y := mat.NewDense(len(c.Widths), columns, nil), mat.NewVecDense(len(c.Widths), nil)
	top, bottom := 0.0, 0.0
	for i, m := range c.Widths {
		weight := c.Value[i] / c.SE[i] // one over the standard error of log v
		y.SetVec(i, weight*math.Log(c.Value[i]))
		for j, v := range []float64{1, math.Log(m), 1 / math.Sqrt(m)}[:columns] {
			x.Set(i, j, weight*v)
		}
		p := math.Pow(m, c.Exponent) / c.SE[i]
		top, bottom = top+p*c.Value[i]/c.SE[i], bottom+p*p
	}
	var gram, inverse mat.Dense
	var fit, right mat.VecDense
	gram.Mul(x.T(), x)
	right.MulVec(x.T(), y)
	c.Slope, c.SlopeSE = math.NaN(), math.NaN()
	if err := inverse.Inverse(&gram); err == nil {
		fit.MulVec(&inverse, &right)
		c.Slope, c.SlopeSE = fit.AtVec(1), math.Sqrt(inverse.At(1, 1))
	}
	c.Fitted, c.FittedSE = top/bottom, 1/math.Sqrt(bottom)
}

// known is a coefficient that theory gives.
func known(v float64) *float64 { return &v }

// outputs adds what is known exactly of one hidden layer at the start.
func (c *Corrections) outputs(ctx context.Context, b backends.Backend) error {
	r, err := outputs.Get(ctx, b, OutputConfig{Seed: c.Config.Seed})
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
	r, err := widths.Get(ctx, b, WidthConfig{Seed: c.Config.Seed})
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
		kernel := Correction{Quantity: fmt.Sprintf("‖Θ_m-Θ‖_F/‖Θ‖_F, L = %d", depth), Group: KernelDist, Exponent: -.5, Why: "means over neurons, layer by layer"}
		for _, m := range r.Config.Widths {
			p := r.At(depth, m)
			kernel.add(m, p.Kernel.Mean, p.Kernel.SE())
		}
		c.List = append(c.List, kernel)
	}
	back := Correction{Quantity: "‖⟨b,b'⟩-ΠΣ̇‖_F/‖ΠΣ̇‖_F, L = 3, h = 1", Group: KernelDist, Exponent: -.5, Why: "means over neurons, layer by layer"}
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

// The rows on training that alternatives name.
const (
	rowOutputs  = "training outputs to the kernel's"
	rowRMS      = "RMS movement of a weight vector"
	rowMost     = "largest movement"
	rowGates    = "fraction of gates flipped"
	rowReLU     = "‖H(T)-H(0)‖/λ₁, ReLU"
	rowSoftplus = "‖H(T)-H(0)‖/λ₁, softplus"
	rowDeep     = "‖Θ_m(T)-Θ_m(0)‖/λ₁, ReLU, L = 2"
)

// trained adds what changes while one hidden layer is trained. Standard errors come from the networks.
func (c *Corrections) trained(ctx context.Context, b backends.Backend) error {
	relu, err := ladders.Get(ctx, b, reluLadder(c.Config.Seed))
	if err != nil {
		return err
	}
	softplus, err := ladders.Get(ctx, b, softplusLadder(c.Config.Seed))
	if err != nil {
		return err
	}
	for _, q := range []struct {
		from *ladder
		of   func(rung) []float64
		Correction
	}{
		{relu, func(r rung) []float64 { return r.Train },
			Correction{Quantity: rowOutputs, Group: Training, Exponent: -.5, Next: true, Why: "the distance of H(0) to H*"}},
		{relu, func(r rung) []float64 { return r.RMS },
			Correction{Quantity: rowRMS, Group: Training, Exponent: -.5, Next: true, Why: "each moves by m^(-½) times a function of its own start"}},
		{relu, func(r rung) []float64 { return r.Most },
			Correction{Quantity: rowMost, Group: Training, Exponent: -.35, AtMost: true, Why: "m^(-½), less up to √(log m) of a maximum over m neurons"}},
		{relu, func(r rung) []float64 { return r.Flips },
			Correction{Quantity: rowGates, Group: Training, Exponent: -.5, Next: true, Why: "a gate flips if |w·x| is below the movement"}},
		{relu, func(r rung) []float64 { return r.Drift },
			Correction{Quantity: rowReLU, Group: KernelMove, Exponent: -.75, Why: "√m of m gates flip, with random signs: (√m)^½/m"}},
		{softplus, func(r rung) []float64 { return r.Drift },
			Correction{Quantity: rowSoftplus, Group: KernelMove, Exponent: -1, Why: "neurons move by m^(-½) with the sign of a_r, which the kernel does not have: first order cancels in pairs"}},
	} {
		k := q.Correction
		q.from.add(&k, q.of)
		c.List = append(c.List, k)
	}
	return nil
}

// deep adds the drift of the kernel of two hidden layers, the experiment behind 9.R3.
func (c *Corrections) deep(ctx context.Context, b backends.Backend) error {
	r, err := deeps.Get(ctx, b, DeepConfig{Seed: c.Config.Seed})
	if err != nil {
		return err
	}
	k := Correction{Quantity: rowDeep, Group: KernelMove, Exponent: -.25, AtMost: true, Why: "gates of hidden layers flip as those of one do; too few networks to tell -3/4 from -1 or -1/2"}
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
		exponent := fmt.Sprint(k.Exponent)
		if k.AtMost {
			exponent = "at most " + exponent
		}
		rows = append(rows, []any{k.Quantity, exponent, plusMinus(k.Slope, k.SlopeSE), coefficient, plusMinus(k.Fitted, k.FittedSE), k.Why})
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
