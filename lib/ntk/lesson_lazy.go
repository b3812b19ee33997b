package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// BreakLazy is footnotes 4 and 5 of section 9.2: the output scale 1/√m and weights of size one are what
// keeps the kernel where it starts.
func BreakLazy() lesson.Break {
	return lesson.Break{
		ID: "9.R5/break", Title: "What keeps the kernel still",
		Claim: `A two-layer ReLU network of width $m$ that is trained to fit its labels changes its kernel $H$ by a share that falls with $m$ like $\frac1{\sqrt m}$ or faster, and at $m=1024$ is below 5 %: so in the runs shown, one network a width.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "scale", Held: "the output is scaled by $1/\\sqrt m$", Drop: "scale the output by $1/m$"},
			{Name: "start", Held: "weights start as $w_r\\sim\\mathcal N(0,I)$", Drop: "start with weights 20 times smaller"},
		},
		State: lazyState,
	}
}

// lazyWidths are the widths of the figure; the claim is about the last.
var lazyWidths = []int{16, 64, 256, 1024}

func lazyState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn, n, limit = "ntk.BreakLazy", 10, .05
	power, size := .5, 1.0
	if dropped["scale"] {
		power = 1
	}
	if dropped["start"] {
		size = .05
	}
	drift := func(n, m int, power, size float64) (float64, error) {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("%s: %w", fn, err)
		}
		s, err := digits38(n)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", fn, err)
		}
		return kernelDrift(s.X, s.Y, 1/s.S.Values[0], m, power, size), nil
	}
	var shares []float64
	for _, m := range lazyWidths {
		d, err := drift(n, m, power, size)
		if err != nil {
			return nil, err
		}
		shares = append(shares, d)
	}
	x, last := Floats(lazyWidths), len(lazyWidths)-1
	slope := Slope(x, shares)
	s := &lesson.State{Holds: shares[last] < limit && slope < -.4}
	s.Verdict = fmt.Sprintf("Trained on %d digits, the kernel of a network of width %d changes by %.2g %%; with the width the change goes like $m^{%.2f}$.", n, lazyWidths[last], 100*shares[last], slope)
	if !s.Holds {
		var err error
		if s.Counterexample, err = lazySearch(func(n, m int, as bool) (float64, error) {
			if as {
				return drift(n, m, .5, 1)
			}
			return drift(n, m, power, size)
		}, limit); err != nil {
			return nil, err
		}
	}
	role := figure.Measured
	if !s.Holds {
		role = figure.Wrong
	}
	percent, reference := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		percent[i], reference[i] = 100*shares[i], 100*shares[0]*math.Sqrt(x[0]/x[i])
	}
	s.Figure = figure.Figure{
		ID: "9.R5/break", Title: fmt.Sprintf("Change of the kernel by training, output scale m^{−%g}, weights of size %g", power, size),
		Alt:     fmt.Sprintf("Relative change of H against width on logarithmic axes: %.2g %% at width %d, %.2g %% at width %d.", percent[0], lazyWidths[0], percent[last], lazyWidths[last]),
		Caption: fmt.Sprintf("$\\|H(T)-H(0)\\|_F/\\|H(0)\\|_F$ after %d steps, one network a width, neurons in pairs that cancel at the start.", lazySteps),
		Panels: []figure.Panel{{X: figure.Axis{Label: "width m", Scale: figure.Log}.Range(12, 1400), Y: figure.Axis{Label: "change of H", Unit: "%", Scale: figure.Log}.Range(.2, 200),
			Layers: []figure.Layer{figure.Points("network", 0, x, percent, nil, nil).As(role), figure.Line("m^{−1/2}", 1, x, reference).As(figure.Reference)}}},
	}
	return s, nil
}

// lazySearch looks for the fewest training inputs for which the kernel of the widest network changes
// by more than the limit although it does not with the hypotheses in place. drift takes the
// hypotheses as they are dropped, or all of them in place.
func lazySearch(drift func(n, m int, inPlace bool) (float64, error), limit float64) (string, error) {
	for n := 1; n <= 10; n++ {
		m := lazyWidths[len(lazyWidths)-1]
		d, err := drift(n, m, false)
		if err != nil {
			return "", err
		}
		held, err := drift(n, m, true)
		if err != nil {
			return "", err
		}
		if d > limit && held <= limit {
			words := "a single image is"
			if n > 1 {
				words = fmt.Sprintf("%d images are", n)
			}
			return fmt.Sprintf("$n=%d$: %s enough. Fitting its label changes $H$ by %.2g %% at $m=%d$; with all hypotheses in place it changes by %.2g %%.", n, words, 100*d, m, 100*held), nil
		}
	}
	return "", fmt.Errorf("ntk.BreakLazy: no counterexample with up to 10 inputs")
}

const lazySteps = 200

// kernelDrift trains f(x) = m^{-power}·Σ a_r·σ(w_rᵀx), σ = ReLU, w_r ~ N(0, size²·I) in pairs with
// opposite a, first layer by gradient descent with a step of rate·m^{2·power-1}, so that the kernel
// has the size of section 9.2 whatever the power; it returns ‖H(T) - H(0)‖_F/‖H(0)‖_F.
func kernelDrift(x *mat.Dense, y []float64, rate float64, m int, power, size float64) float64 {
	n, d := x.Dims()
	r := rng.Stream(0, fmt.Sprint("break lazy ", m))
	w := mat.NewDense(m, d, nil)
	for k := 0; k < m; k += 2 {
		row := rng.Normals(r, d)
		floats.Scale(size, row)
		w.SetRow(k, row)
		w.SetRow(k+1, row)
	}
	sign := func(k int) float64 { return 1 - 2*float64(k%2) }
	scale := math.Pow(float64(m), -power)
	step := rate * math.Pow(float64(m), 2*power-1)
	var z, change mat.Dense
	gate := mat.NewDense(m, n, nil)
	gates := func() {
		z.Mul(w, x.T())
		gate.Apply(func(i, j int, _ float64) float64 {
			if z.At(i, j) > 0 {
				return 1
			}
			return 0
		}, gate)
	}
	kernel := func() *mat.Dense { // x_iᵀx_j times the share of neurons with both gates open
		var both, inner mat.Dense
		both.Mul(gate.T(), gate)
		both.Scale(1/float64(m), &both)
		inner.Mul(x, x.T())
		both.MulElem(&both, &inner)
		return &both
	}
	gates()
	start := kernel()
	residual := make([]float64, n)
	pull := mat.NewDense(m, n, nil)
	for range lazySteps {
		for i := range residual {
			u := 0.0
			for k := range m {
				u += scale * sign(k) * gate.At(k, i) * z.At(k, i)
			}
			residual[i] = y[i] - u
		}
		pull.Apply(func(k, i int, g float64) float64 { return step * scale * sign(k) * g * residual[i] }, gate)
		change.Mul(pull, x)
		w.Add(w, &change)
		gates()
	}
	var off mat.Dense
	off.Sub(kernel(), start)
	return mat.Norm(&off, 2) / mat.Norm(start, 2)
}
