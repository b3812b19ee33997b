package implicitbias

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

func TestBadInput(t *testing.T) {
	ctx := context.Background()
	p := Book()
	z := zeros(3)
	nan := math.NaN()
	for _, row := range []struct {
		why  string
		want string // part of the error
		do   func() error
	}{
		{"no data", "no data", func() error { _, err := NewRegression(nil, nil); return err }},
		{"a label too many", "2 labels for 1 rows", func() error { _, err := NewRegression(mat.NewDense(1, 1, []float64{1}), []float64{1, 2}); return err }},
		{"NaN among the data", "row 0, entry 1 is NaN", func() error { _, err := NewRegression(mat.NewDense(1, 2, []float64{1, nan}), []float64{1}); return err }},
		{"X = 0", "X is zero", func() error { _, err := NewRegression(mat.NewDense(1, 2, nil), []float64{0}); return err }},
		{"a start of the wrong size", "2 entries, want 3", func() error { _, err := Descend(ctx, p, Gradient{}, z[:2], DescentConfig{}); return err }},
		{"a negative step", "η = -1", func() error { _, err := Descend(ctx, p, Gradient{}, z, DescentConfig{Eta: -1}); return err }},
		{"a schedule that ends", "step 3 has size 0", func() error {
			_, err := Descend(ctx, p, Gradient{}, z, DescentConfig{Schedule: func(t int) float64 { return float64(3-t) * 1e-3 }})
			return err
		}},
		{"entropy from 0", "entry 0 is 0", func() error { _, err := Descend(ctx, p, Mirror{Entropy{}}, z, DescentConfig{}); return err }},
		{"p below 1", "p = 0.5", func() error { _, err := Descend(ctx, p, Steepest{.5}, z, DescentConfig{}); return err }},
		{"p below 1 in a norm", "p = 0.9", func() error { _, err := p.LeastNorm(ctx, .9); return err }},
		{"p = NaN", "p = NaN", func() error { _, err := p.LeastNorm(ctx, nan); return err }},
		{"α = 0", "α = 0", func() error { _, err := p.Closest(ctx, Hyperbolic{}, z); return err }},
		{"p = 1 as a potential", "p = 1", func() error { _, err := p.Closest(ctx, SquaredNorm{1}, z); return err }},
		{"λ = 0", "λ = 0", func() error { _, err := p.Penalized(ctx, Quadratic{}, z, 0); return err }},
		{"a solution outside the domain", "is there a solution in its domain", func() error {
			_, err := rows([]float64{-1}, []float64{1, 1}).Closest(ctx, Entropy{}, fill(2, 1))
			return err
		}},
		{"ε = 0", "ε = 0", func() error { _, err := Descend(ctx, p, Boosting{Problem: p}, z, DescentConfig{}); return err }},
		{"β = 1", "β = 1", func() error { _, err := Descend(ctx, p, Momentum{1}, z, DescentConfig{}); return err }},
		{"β₂ above 1", "β₂ = 2", func() error { _, err := Descend(ctx, p, Adam{Beta2: 2}, z, DescentConfig{}); return err }},
		{"an indefinite D", "not positive definite", func() error {
			_, err := p.Closest(ctx, Quadratic{mat.NewSymDense(3, nil)}, z)
			return err
		}},
		{"a D of another size", "order 2, want 3", func() error {
			_, err := p.Closest(ctx, Quadratic{mat.NewSymDense(2, nil)}, z)
			return err
		}},
		{"a matrix that is not symmetric", "symmetric", func() error { return SpectralEntropy{2}.Check([]float64{1, 1, 0, 1}) }},
		{"a factor below 0", "factor -1", func() error { return Scaled{Entropy{}, -1}.Check([]float64{1}) }},
		{"a flow without an end", "an end", func() error { _, err := Flow(ctx, nil, z, FlowConfig{}); return err }},
		{"a point of another parametrization", "want 6", func() error { _, err := Differences(3).NonCommuting([][]float64{z}); return err }},
		{"nothing to discover", "0 dual points", func() error { _, err := Discover(ctx, Squares(1), z[:1], nil); return err }},
		{"as many examples as weights", "fewer examples", func() error { _, err := Identify(ctx, Gradient{}, IdentifyConfig{Examples: 5}); return err }},
		{"rising λ", "want them falling", func() error { _, err := RunFrontier(ctx, p, Quadratic{}, z, []float64{1, 2}); return err }},
		{"steepest descent in ℓ₁ as a figure", "want p > 1", func() error { _, err := RunSteepest(ctx, 1, bookEtas); return err }},
	} {
		if err := row.do(); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want one that says %q", row.why, err, row.want)
		}
	}
	_, err := NewRegression(mat.NewDense(2, 1, []float64{1, 1}), []float64{1, 2})
	var not *NotRealizableError
	if !errors.As(err, &not) {
		t.Errorf("labels that no w has: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := Book()
	for name, do := range map[string]func() error{
		"Descend":   func() error { _, err := Descend(ctx, p, Gradient{}, zeros(3), DescentConfig{}); return err },
		"Flow":      func() error { _, err := Flow(ctx, SteepestFlow(p, 2), zeros(3), FlowConfig{Time: 1}); return err },
		"Closest":   func() error { _, err := p.Closest(ctx, Quadratic{}, zeros(3)); return err },
		"LeastNorm": func() error { _, err := p.LeastNorm(ctx, 1); return err },
		"LassoPath": func() error { _, err := LassoPath(ctx, p); return err },
	} {
		if err := do(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
}

func TestDivergence(t *testing.T) {
	run, err := Descend(context.Background(), Book(), Gradient{}, zeros(3), DescentConfig{Eta: 1})
	if err != nil || run.Status != Diverged || run.Steps == 0 {
		t.Errorf("η = 1: %+v, %v, want divergence with its step", run, err)
	}
}

// LeastNorm against what every least norm satisfies: ∇(½‖w‖_p²) lies in the span of the examples.
func TestLeastNorm(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(5) {
		p := drawn(seed, "least", 3, 7)
		last := 0.0
		for _, q := range []float64{math.Inf(1), 10, 4, 3, 2, 1.5, 4. / 3, 1.1, 1} { // ‖·‖_q grows as q falls
			w, err := p.LeastNorm(ctx, q)
			if err != nil {
				t.Fatalf("seed %d, q = %g: %v", seed, q, err)
			}
			if r := floats.Norm(p.Residual(w), 2); r > 1e-9 {
				t.Errorf("seed %d, q = %g: residual %g", seed, q, r)
			}
			if n := Norm(w, q); n < last-1e-9 {
				t.Errorf("seed %d: least ‖·‖_%g is %g, below %g of a larger exponent", seed, q, n, last)
			} else {
				last = n
			}
			if q == 1 || math.IsInf(q, 1) {
				continue
			}
			g := gradientOf(SquaredNorm{q}, w)
			var out mat.VecDense
			out.MulVec(p.null.T(), mat.NewVecDense(7, g))
			if v := mat.Norm(&out, 2); v > 1e-6*floats.Norm(g, 2) {
				t.Errorf("seed %d, q = %g: the gradient leaves the span by %g", seed, q, v)
			}
		}
	}
}

// The lasso path against cyclic coordinate descent on L(w) + λ‖w‖₁.
func TestLasso(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(12) {
		r := rng.Stream(seed, "lasso")
		const n, d = 4, 7
		x := mat.NewDense(n, d, rng.Normals(r, n*d))
		p, err := NewRegression(x, rng.Normals(r, n))
		if err != nil {
			t.Fatal(err)
		}
		path, err := LassoPath(ctx, p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if v := path.Violation(p); v > 1e-9 {
			t.Errorf("seed %d: the conditions of the lasso are violated by %g", seed, v)
		}
		for _, share := range []float64{.9, .5, .2, .05} {
			lambda := share * path.Lambda[0]
			w := zeros(d)
			g := zeros(d)
			for range 20000 {
				for j := range d {
					p.Gradient(g, w)
					c := mat.Col(nil, j, x)
					h := 2 * floats.Dot(c, c)
					v := w[j] - g[j]/h
					w[j] = math.Copysign(max(math.Abs(v)-lambda/h, 0), v)
				}
				if path := distance(w, path.At(lambda)); path < 1e-9 {
					break
				}
			}
			if e := distance(w, path.At(lambda)); e > 1e-6 {
				t.Errorf("seed %d, λ = %g: coordinate descent is %g away", seed, lambda, e)
			}
		}
		least, err := p.LeastNorm(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		if e := math.Abs(Norm(path.At(0), 1) - Norm(least, 1)); e > 1e-9 {
			t.Errorf("seed %d: ‖w‖₁ at the end of the path and of the linear program differ by %g", seed, e)
		}
	}
}

// Flow is of fourth order with its error under control: x' = -x and the harmonic oscillator.
func TestFlow(t *testing.T) {
	for _, tol := range []float64{1e-6, 1e-9, 1e-12} {
		run, err := Flow(context.Background(), func(dst, x []float64) { dst[0], dst[1] = x[1], -x[0] }, []float64{1, 0}, FlowConfig{Time: 2 * math.Pi, Tolerance: tol})
		if err != nil {
			t.Fatal(err)
		}
		if e := distance(run.End(), []float64{1, 0}); e > float64(run.Steps)*tol || run.Status != Converged || run.Time != 2*math.Pi {
			t.Errorf("tolerance %g: a turn ends %g away after %d steps, %s at %g", tol, e, run.Steps, run.Status, run.Time)
		}
	}
	run, err := Flow(context.Background(), func(dst, x []float64) { dst[0] = x[0] * x[0] }, []float64{1}, FlowConfig{Time: 2})
	if err != nil || run.Status != Diverged || math.Abs(run.Time-1) > 1e-3 {
		t.Errorf("x' = x² from 1: %+v, %v, want divergence at time 1", run, err)
	}
}

// Derivatives of every parametrization by differences, at points without symmetry.
func TestParametrizations(t *testing.T) {
	r := rng.Stream(0, "parametrizations")
	for _, g := range []*Parametrization{
		Linear(mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})), Squares(3), Differences(2), Products(2), Factored(2, 2), Factored(3, 2),
		Isometric(func(w float64) float64 { return 1 + w*w }, []float64{.1, .3}),
	} {
		theta := rng.Normals(r, g.In)
		jac := g.Jacobian(theta)
		const h = 1e-5
		for a := range g.In {
			up, down := added(theta, 0, theta), added(theta, 0, theta)
			up[a] += h
			down[a] -= h
			u, d := g.At(up), g.At(down)
			ju, jd := g.Jacobian(up), g.Jacobian(down)
			for i := range g.Out {
				if e := math.Abs((u[i]-d[i])/(2*h) - jac.At(i, a)); e > 1e-6 {
					t.Errorf("%s: ∂G_%d/∂θ_%d is off by %g", g.Name, i, a, e)
				}
				hess := g.Hessian(i, theta)
				for b := range g.In {
					if e := math.Abs((ju.At(i, b)-jd.At(i, b))/(2*h) - hess.At(a, b)); e > 1e-5 {
						t.Errorf("%s: ∂²G_%d/∂θ_%d∂θ_%d is off by %g", g.Name, i, a, b, e)
					}
				}
			}
		}
	}
}

func TestHyperbolicQ(t *testing.T) {
	for _, row := range []struct {
		z, want float64
		why     string
	}{
		{0, 0, "the minimum"},
		{1e-9, 2.5e-19, "z²/4, where the closed form gives 0"},
		{2, 2 - math.Sqrt(8) + 2*math.Asinh(1), "the closed form"},
		{-2, 2 - math.Sqrt(8) + 2*math.Asinh(1), "even"},
		{1e300, 1e300 * (math.Log(1e300) - 1), "z² would overflow"},
	} {
		if got := hyperbolicQ(row.z); math.Abs(got-row.want) > 1e-12*math.Abs(row.want) {
			t.Errorf("%s: q(%g) = %g, want %g", row.why, row.z, got, row.want)
		}
	}
	if w := gradientOf(Hyperbolic{1e-160}, []float64{1, -1}); math.IsInf(w[0], 0) || math.IsNaN(w[0]) || w[0] != -w[1] {
		t.Errorf("gradient at α = 1e-160: %v", w)
	}
}

func TestTable(t *testing.T) {
	list, err := Table(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range list {
		want := i < 5
		if r.Method == (Steepest{1}).Name() { // coordinate descent sometimes finds the least ‖·‖₁ (Example 1), and does here
			want = true
		}
		if r.Holds != want || r.Attained < r.Optimal*(1-1e-9) {
			t.Errorf("%s: %s attained %g, least %g, holds %v, want %v", r.Method, r.Guess, r.Attained, r.Optimal, r.Holds, want)
		}
	}
	fig := FigureTable(list)
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
}

func TestJSON(t *testing.T) {
	ctx := context.Background()
	s, err := RunSteepest(ctx, 2, []float64{.05})
	if err != nil {
		t.Fatal(err)
	}
	id, err := Identify(ctx, Gradient{}, IdentifyConfig{Problems: 1})
	if err != nil {
		t.Fatal(err)
	}
	fr, err := RunFrontier(ctx, Book(), Quadratic{}, zeros(3), []float64{1, .1})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{s, id, fr} {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		back := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if err := json.Unmarshal(raw, back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(v, back) {
			t.Errorf("%T changes through JSON: %s", v, fmt.Sprint(back))
		}
	}
}
