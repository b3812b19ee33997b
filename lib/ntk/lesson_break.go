package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Breaks returns claims of chapter 9 with hypotheses to drop. None needs a backend; all states of all of
// them take about 4 s.
func Breaks() []lesson.Break {
	return []lesson.Break{BreakFactor(), BreakLazy(), BreakParallel(), BreakStep(), BreakInverse(), BreakPower()}
}

// simple are cosines in the order in which a person would try them.
var simple = []float64{0, 1, -1, .5, -.5, .6, -.6, .8, -.8}

// BreakFactor is the first erratum: H* with and without the factor xᵀx', against networks at random
// initialisation.
func BreakFactor() lesson.Break {
	return lesson.Break{
		ID: "9.D1/break", Title: "The factor that (9.8) drops",
		Claim:      `The Gram matrix of a wide ReLU network at initialisation, $H(0)_{ij}=x_i^\top x_j\cdot\frac1m\sum_r\sigma'(w_r^\top x_i)\sigma'(w_r^\top x_j)$, is close to $H^*$. For unit inputs at cosine $\rho$, $H^*=\rho\,\frac{\pi-\arccos\rho}{2\pi}$.`,
		Hypotheses: []lesson.Hypothesis{{Name: "factor", Held: "$H^*_{ij}$ has the factor $x_i^\\top x_j$", Drop: "drop the factor, as (9.8) prints it"}},
		State:      factorState,
	}
}

func factorState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn, width, grid = "ntk.BreakFactor", 100_000, 41
	formula := func(rho float64) float64 {
		if dropped["factor"] {
			return Kappa0(rho) / 2
		}
		return rho * Kappa0(rho) / 2
	}
	// One network, and one row of its H(0): (1, 0) against unit vectors at each cosine.
	cosines := append([]float64(nil), simple...)
	for i := range grid {
		cosines = append(cosines, -math.Cos(math.Pi*float64(i)/(grid-1)))
	}
	x := mat.NewDense(len(cosines)+1, 2, nil)
	x.SetRow(0, []float64{1, 0})
	for i, rho := range cosines {
		x.SetRow(i+1, []float64{rho, math.Sqrt(math.Max(0, (1-rho)*(1+rho)))})
	}
	h, err := SampleGram(nil, x, width, rng.Stream(0, "break factor"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s := &lesson.State{Holds: true}
	worst := 0.0
	for i, rho := range cosines {
		p := Kappa0(rho) / 2
		se := math.Abs(rho) * math.Sqrt(p*(1-p)/width)
		off := math.Abs(h.At(0, i+1) - formula(rho))
		worst = math.Max(worst, off)
		if off > 4*se+1e-12 && s.Holds {
			s.Holds = false
			s.Counterexample = fmt.Sprintf("$\\rho=%g$: the formula says %.4f, a network of %d neurons has %.4f. The inner product of two gradients that point along orthogonal inputs is 0, whatever the gates do.", rho, formula(rho), width, h.At(0, i+1))
		}
	}
	name := "ρ(π − arccos ρ)/2π"
	s.Verdict = fmt.Sprintf("A network of %d neurons is within %.2g of it at every cosine, which is its sampling error.", width, worst)
	line := figure.Line(name, 0, nil, nil)
	if dropped["factor"] {
		name = "(π − arccos ρ)/2π"
		s.Verdict = fmt.Sprintf("The printed formula is off by up to %.2g; it is right for equal inputs and for opposite ones only.", worst)
		line = line.As(figure.Wrong)
	}
	line.Name = name
	var measured []float64
	for i := range grid {
		k := len(simple) + i
		line.X, line.Y = append(line.X, cosines[k]), append(line.Y, formula(cosines[k]))
		measured = append(measured, h.At(0, k+1))
	}
	s.Figure = figure.Figure{
		ID: "9.D1/break", Title: "H(0) of one wide network against the formula",
		Alt: fmt.Sprintf("Entries of H(0) against the cosine: 0 at −1, %.3f at −1/2, 0 at 0, 1/2 at 1. The formula %s.", h.At(0, 5), map[bool]string{true: "lies on them", false: "lies above them between −1 and 1, at 1/4 for cosine 0"}[s.Holds]),
		Panels: []figure.Panel{{X: figure.Axis{Label: "cosine ρ"}.Range(-1, 1), Y: figure.Axis{Label: "entry of the Gram matrix"}.Range(-.15, .55),
			Layers: []figure.Layer{line, figure.Points(fmt.Sprintf("network, m = %d", width), 1, line.X, measured, nil, nil), figure.HRule("", 0)}}},
	}
	return s, nil
}

// BreakParallel is (9.9) without λ_n > 0: two inputs in one direction with labels that do not fit.
func BreakParallel() lesson.Break {
	return lesson.Break{
		ID: "9.T1/break", Title: "Zero training error needs inputs in different directions",
		Claim: `If no two training inputs are parallel, $\lambda_n(H^*)>0$ and gradient flow brings the training loss to 0, whatever the labels.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "direction", Held: "no two inputs are parallel", Drop: "add an input twice as long as another, with another label"},
			{Name: "bias", Held: "the kernel has no bias", Drop: "append a constant feature 1 to the inputs"},
		},
		State: parallelState,
	}
}

func parallelState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn, n, last = "ntk.BreakParallel", 6, 1e6
	k := TwoLayer(nil)
	k.Bias, k.BiasValue = dropped["bias"], 1
	left := func(x *mat.Dense, y []float64) (lambda, loss float64, s *Spectrum, err error) {
		h, err := k.GramContext(ctx, x)
		if err != nil {
			return 0, 0, nil, err
		}
		if s, err = NewSpectrum(h); err != nil {
			return 0, 0, nil, err
		}
		// What lies on eigenvalues that are zero to rounding stays for ever.
		for i, c := range s.Project(y) {
			if s.Values[i] <= 10*s.rounding() {
				loss += c * c / float64(len(y))
			}
		}
		return s.Values[len(y)-1], loss, s, nil
	}
	x, y := mat.NewDense(n, 2, nil), make([]float64, n)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * (float64(i) + .3) / 7)
		x.SetRow(i, []float64{cos, sin})
		y[i] = 1 - 2*float64(i%2)
	}
	if dropped["direction"] {
		x = mat.DenseCopyOf(x.Grow(1, 0))
		x.SetRow(n, []float64{2 * x.At(0, 0), 2 * x.At(0, 1)})
		y = append(y, -y[0])
	}
	lambda, rest, spectrum, err := left(x, y)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	s := &lesson.State{Holds: rest < 1e-12}
	times := LogSpace(.1, last, 80)
	var loss []float64
	for _, t := range times {
		v, err := spectrum.Loss(Flow{t}, y)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		loss = append(loss, math.Max(v, 1e-12))
	}
	if s.Holds {
		s.Verdict = fmt.Sprintf("$\\lambda_n=%.3g$, and the loss goes to 0.", lambda)
		if dropped["direction"] {
			s.Verdict += " With a constant feature, an input and its double have different directions: $(x,1)$ and $(2x,1)$."
		}
	} else {
		s.Verdict = fmt.Sprintf("$\\lambda_n=0$ to rounding, and a loss of %.3f stays for ever: a ReLU network without bias has $f(2x)=2f(x)$, so the labels must too.", rest)
		s.Counterexample, err = parallelSearch(left)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
	}
	role := figure.Theory
	if !s.Holds {
		role = figure.Wrong
	}
	s.Figure = figure.Figure{
		ID: "9.T1/break", Title: "Training loss under gradient flow",
		Alt:     fmt.Sprintf("Loss against time on logarithmic axes for %d inputs in the plane with alternating labels; at time 10⁶ it is %.2g.", len(y), loss[len(loss)-1]),
		Caption: "Losses below $10^{-12}$ are drawn there.",
		Panels: []figure.Panel{{X: figure.Axis{Label: "time t", Scale: figure.Log}.Range(.1, last), Y: figure.Axis{Label: "loss ‖u − y‖²/n", Scale: figure.Log}.Range(5e-13, 3),
			Layers: []figure.Layer{figure.Line("loss", 0, times, loss).As(role)}}},
	}
	return s, nil
}

// parallelSearch looks through inputs on the line, whole numbers, by size, and labels 0, 1 and -1 for
// the first problem that cannot be fitted.
func parallelSearch(left func(*mat.Dense, []float64) (float64, float64, *Spectrum, error)) (string, error) {
	for size := 1; size <= 4; size++ {
		for a := 1; a <= size; a++ {
			for _, b := range []int{size, -size} {
				for _, ya := range []float64{0, 1} {
					for _, yb := range []float64{0, 1, -1} {
						if a == b {
							continue
						}
						_, rest, s, err := left(mat.NewDense(2, 1, []float64{float64(a), float64(b)}), []float64{ya, yb})
						if err != nil {
							return "", err
						}
						if rest > 1e-9 {
							u, err := s.Residual(Flow{1e9}, []float64{ya, yb})
							if err != nil {
								return "", err
							}
							return fmt.Sprintf("two inputs on the line, $x_1=%d$ and $x_2=%d$, with labels $y_1=%g$ and $y_2=%g$: training ends at outputs %.3g and %.3g, the nearest that fit $f(%d)=%d\\,f(1)$.", a, b, ya, yb, ya-u[0], yb-u[1], b, b), nil
						}
					}
				}
			}
		}
	}
	return "", fmt.Errorf("no counterexample with two whole numbers up to 4")
}

// BreakStep is Remark 4: gradient descent with a step beyond 2/λ_1.
func BreakStep() lesson.Break {
	return lesson.Break{
		ID: "9.R4/break", Title: "Steps below 2/λ₁",
		Claim:      `Gradient descent with step $\eta<\frac2{\lambda_1}$ multiplies the residual by $1-\eta\lambda_i\in(-1,1)$ along every eigenvector, so that no step raises the loss.`,
		Hypotheses: []lesson.Hypothesis{{Name: "step", Held: "$\\eta<2/\\lambda_1$; here $0.95\\cdot2/\\lambda_1$", Drop: "take a step of $1.05\\cdot2/\\lambda_1$"}},
		State:      stepState,
	}
}

func stepState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn, n, steps = "ntk.BreakStep", 50, 60
	unit := .95
	if dropped["step"] {
		unit = 1.05
	}
	run := func(n, steps int, unit float64) (loss []float64, lambda float64, err error) {
		s, err := digits38(n)
		if err != nil {
			return nil, 0, err
		}
		eta := unit * 2 / s.S.Values[0]
		c := s.S.Project(s.Y)
		for k := range steps + 1 {
			sum := 0.0
			for i, l := range s.S.Values {
				sum += c[i] * c[i] * math.Pow(1-eta*l, 2*float64(k)) / float64(n)
			}
			loss = append(loss, sum)
		}
		return loss, s.S.Values[0], nil
	}
	loss, lambda, err := run(n, steps, unit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	rises := func(loss []float64) int {
		for k := 1; k < len(loss); k++ {
			if loss[k] > loss[k-1]*(1+1e-12) {
				return k
			}
		}
		return 0
	}
	s := &lesson.State{Holds: rises(loss) == 0}
	if s.Holds {
		s.Verdict = fmt.Sprintf("On %d digits the loss falls at every step, to %.3f after %d.", n, loss[steps], steps)
	} else {
		s.Verdict = fmt.Sprintf("On %d digits the loss falls at first, while the other directions learn, and then grows along $v_1$ alone, to %.3g after %d steps.", n, loss[steps], steps)
	}
	// The fewest inputs, then the smallest step on a grid of hundredths, then the first step that raises the loss.
search:
	for m := 1; m <= n && !s.Holds; m++ {
		for hundredths := 1; hundredths <= 105; hundredths++ {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			few, top, err := run(m, steps, float64(hundredths)/100)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			if k := rises(few); k > 0 {
				eta := float64(hundredths) / 100 * 2 / top
				s.Counterexample = fmt.Sprintf("$n=%d$: a single unit input with label 1 has $\\lambda_1=%.3g$. With $\\eta=%.3g=%.2f\\cdot2/\\lambda_1$ the residual is multiplied by $1-\\eta\\lambda_1=%.3g$, and step %d raises the loss from %.4g to %.4g.", m, top, eta, float64(hundredths)/100, 1-eta*top, k, few[k-1], few[k])
				break search
			}
		}
	}
	x := make([]float64, len(loss))
	floats.Span(x, 0, steps)
	role := figure.Theory
	if !s.Holds {
		role = figure.Wrong
	}
	s.Figure = figure.Figure{
		ID: "9.R4/break", Title: fmt.Sprintf("Loss of gradient descent on %d digits, η = %.2f·2/λ₁", n, unit),
		Alt:     fmt.Sprintf("Loss against the number of steps on a logarithmic axis, from %.2f at the start to %.3g after %d steps.", loss[0], loss[steps], steps),
		Caption: fmt.Sprintf("$\\lambda_1=%.4g$, so $2/\\lambda_1=%.4f$.", lambda, 2/lambda),
		Panels: []figure.Panel{{X: figure.Axis{Label: "steps"}.Range(0, steps), Y: figure.Axis{Label: "loss ‖u − y‖²/n", Scale: figure.Log}.Range(1e-3, 1e4),
			Layers: []figure.Layer{figure.Line("loss", 0, x, loss).As(role), figure.HRule("loss at the start", loss[0])}}},
	}
	return s, nil
}

// BreakInverse is Exercise 3b beyond n = d, and labels that are not linear.
func BreakInverse() lesson.Break {
	return lesson.Break{
		ID: "9.X3b/break", Title: "More inputs than dimensions",
		Claim: `$y^\top(H^*)^{-1}y\le4\,y^\top K^{+}y$ for unit inputs, where $K=XX^\top$ and $K^+$ is its inverse, or its pseudo-inverse where it has none.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "few", Held: "$n\\le d$, so that $K$ has an inverse", Drop: "take more inputs than dimensions"},
			{Name: "linear", Held: "the labels are linear, $y=X\\beta$", Drop: "take random labels"},
		},
		State: inverseState,
	}
}

func inverseState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn, dim, most = "ntk.BreakInverse", 5, 14
	last := dim
	if dropped["few"] {
		last = most
	}
	both := func(x *mat.Dense, y []float64) (c, bound float64, err error) {
		h, err := TwoLayer(nil).GramContext(ctx, x)
		if err != nil {
			return 0, 0, err
		}
		f, err := linalg.Cholesky(h)
		if err != nil {
			return 0, 0, err
		}
		if c, err = f.Quad(y); err != nil {
			return 0, 0, err
		}
		gram, err := Kernel{}.GramContext(ctx, x)
		if err != nil {
			return 0, 0, err
		}
		r, err := linalg.PSD(gram, 1e-12)
		if err != nil {
			return 0, 0, err
		}
		bound, err = r.Quad(y)
		return c, 4 * bound, err
	}
	all := Sphere(most, dim, rng.Stream(0, "break inverse"))
	signs := rng.Signs(rng.Stream(0, "break labels"), most)
	s := &lesson.State{Holds: true}
	var sizes, c, bound []float64
	for n := 1; n <= last; n++ {
		x := mat.DenseCopyOf(all.Slice(0, n, 0, dim))
		y := append([]float64(nil), signs[:n]...)
		if !dropped["linear"] {
			y = mat.Col(nil, 0, x) // β = (1, 0, ...)
		}
		a, b, err := both(x, y)
		if err != nil {
			return nil, fmt.Errorf("%s: n = %d: %w", fn, n, err)
		}
		sizes, c, bound = append(sizes, float64(n)), append(c, a), append(bound, b)
		s.Holds = s.Holds && a <= b*(1+1e-9)
	}
	switch {
	case s.Holds && dropped["few"]:
		s.Verdict = fmt.Sprintf("The bound holds for every $n$ up to %d in %d dimensions, though $K$ has no inverse beyond %d: linear labels lie in the range of $K$, and the bound stays at $4\\|\\beta\\|^2=4$.", most, dim, dim)
	case s.Holds && dropped["linear"]:
		s.Verdict = fmt.Sprintf("The bound holds: for $n\\le%d$ inputs in general position every label vector is linear.", dim)
	case s.Holds:
		s.Verdict = "The bound holds."
	default:
		s.Verdict = fmt.Sprintf("Beyond $n=%d$ the part of the labels outside of the range of $K$ is invisible to $K^+$; $H^*$ can fit it, and pays: at $n=%d$ the left side is %.1f and the right side %.1f.", dim, last, c[last-1], bound[last-1])
		var err error
		if s.Counterexample, err = inverseSearch(both); err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
	}
	role := figure.Bound
	if !s.Holds {
		role = figure.Wrong
	}
	s.Figure = figure.Figure{
		ID: "9.X3b/break", Title: fmt.Sprintf("Both sides for the first n of %d points in %d dimensions", last, dim),
		Alt: fmt.Sprintf("Left and right side of the inequality against n. At n = %d they are %.3g and %.3g.", last, c[last-1], bound[last-1]),
		Panels: []figure.Panel{{X: figure.Axis{Label: "inputs n"}.Range(.5, float64(last)+.5), Y: figure.Axis{Label: "quadratic forms", Scale: figure.Log}.Range(.05, 500),
			Layers: []figure.Layer{figure.Points("yᵀ(H*)⁻¹y", 0, sizes, c, nil, nil), figure.Line("4·yᵀK⁺y", 1, sizes, bound).As(role)}}},
	}
	if dropped["few"] {
		s.Figure.Panels[0].Layers = append(s.Figure.Panels[0].Layers, figure.VRule("n = d", dim))
	}
	return s, nil
}

// inverseSearch looks for the smallest failure: as few inputs in as few dimensions as possible, unit
// vectors along the axes, labels of ±1.
func inverseSearch(both func(*mat.Dense, []float64) (float64, float64, error)) (string, error) {
	for n := 1; n <= 3; n++ {
		for dim := 1; dim <= 2; dim++ {
			for code := range 1 << n * pow(2*dim, n) {
				x, y := mat.NewDense(n, dim, nil), make([]float64, n)
				rest := code
				for i := range n {
					y[i] = 1 - 2*float64(rest%2)
					rest /= 2
				}
				for i := range n {
					x.Set(i, rest%(2*dim)/2, 1-2*float64(rest%2))
					rest /= 2 * dim
				}
				if repeated(x) {
					continue // H* has no inverse
				}
				c, bound, err := both(x, y)
				if err != nil {
					return "", err
				}
				if c > bound*(1+1e-9) {
					rows := make([][]float64, n)
					for i := range rows {
						rows[i] = x.RawRowView(i)
					}
					return fmt.Sprintf("$n=%d$ inputs in $d=%d$: rows %s, labels %s. The left side is %.3g, the right side %.3g: the labels are orthogonal to the range of $K$.", n, dim, lesson.ShowRows(rows), lesson.ShowVector(y), c, bound), nil
				}
			}
		}
	}
	return "", fmt.Errorf("no counterexample with up to 3 inputs along 2 axes")
}

func pow(base, n int) int {
	out := 1
	for range n {
		out *= base
	}
	return out
}

// repeated says whether two rows are equal.
func repeated(x *mat.Dense) bool {
	n, _ := x.Dims()
	for i := range n {
		for j := range i {
			if floats.Equal(x.RawRowView(i), x.RawRowView(j)) {
				return true
			}
		}
	}
	return false
}

// BreakPower is the polynomial teacher of section 9.3.1 with an odd power.
func BreakPower() lesson.Break {
	return lesson.Break{
		ID: "9.B2/break", Title: "Even powers only",
		Claim: `For labels $y=(\beta^\top x)^p$ with $\|\beta\|=1$ on unit inputs $\sqrt C=\sqrt{y^\top(H^*)^{-1}y}\le3p$, however many inputs there are: the kernel learns the function.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "even", Held: "$p$ is even; here $p=2$", Drop: "take $p=3$"},
			{Name: "bias", Held: "the kernel has no bias", Drop: "append a constant feature 1 to the inputs"},
		},
		State: powerState,
	}
}

func powerState(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
	const fn = "ntk.BreakPower"
	power := 2
	if dropped["even"] {
		power = 3
	}
	bound := float64(3 * power)
	sizes := []int{25, 50, 100, 200, 400, 800}
	root := func(sizes ...int) ([]float64, error) {
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{power}, Sizes: sizes, Bias: dropped["bias"]})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		return r.Root[0], nil
	}
	c, err := root(sizes...)
	if err != nil {
		return nil, err
	}
	last := len(sizes) - 1
	s := &lesson.State{Holds: c[last] <= bound}
	slope := Slope(Floats(sizes[last-1:]), c[last-1:])
	switch {
	case s.Holds && dropped["even"]:
		s.Verdict = fmt.Sprintf("With a bias the kernel has every power: $\\sqrt C$ is %.2f at $n=%d$, where it grows like $n^{%.2f}$ and will level off below its limit.", c[last], sizes[last], slope)
	case s.Holds:
		s.Verdict = fmt.Sprintf("$\\sqrt C$ is %.2f at $n=%d$, below the bound %g, and level.", c[last], sizes[last], bound)
	default:
		s.Verdict = fmt.Sprintf("$\\sqrt C$ grows like $n^{%.2f}$, without end: the kernel's space holds no odd function beyond the linear ones.", slope)
		// The points of a smaller n are the first of a larger one, so √C rises with n: bisection finds the first n beyond the bound.
		low, high := 1, sizes[last]
		for low < high {
			middle := (low + high) / 2
			v, err := root(middle)
			if err != nil {
				return nil, err
			}
			if v[0] > bound {
				high = middle
			} else {
				low = middle + 1
			}
		}
		v, err := root(low)
		if err != nil {
			return nil, err
		}
		s.Counterexample = fmt.Sprintf("of the points that are drawn here, the first $n=%d$ are enough: $y=x_1^3$ has $\\sqrt C=%.3f$, above $3p=%g$; one point fewer is still below.", low, v[0], bound)
	}
	role := figure.Measured
	if !s.Holds {
		role = figure.Wrong
	}
	curve := figure.Points("√C", 0, Floats(sizes), c, nil, nil)
	if role == figure.Wrong {
		curve = figure.Line("√C", 0, Floats(sizes), c).As(role)
	}
	s.Figure = figure.Figure{
		ID: "9.B2/break", Title: fmt.Sprintf("Complexity of the labels x₁^{%d}", power),
		Alt: fmt.Sprintf("√C against the number of inputs, both axes logarithmic: %.2f at n = %d and %.2f at n = %d; the bound is %g.", c[0], sizes[0], c[last], sizes[last], bound),
		Panels: []figure.Panel{{X: figure.Axis{Label: "training inputs n", Scale: figure.Log}.Range(20, 1000), Y: figure.Axis{Label: "√C", Scale: figure.Log}.Range(1, 30),
			Layers: []figure.Layer{curve, figure.Line(fmt.Sprintf("bound 3p = %g", bound), 1, []float64{20, 1000}, []float64{bound, bound}).As(figure.Bound)}}},
	}
	return s, nil
}
