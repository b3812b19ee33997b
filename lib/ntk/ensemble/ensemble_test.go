package ensemble

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	_ "github.com/lemma-ml/lemma/simd"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// TestTraining: steps of a network here against the same steps of nn.FullyConnected with gradients by
// GoMLX's autodiff, from the same weights.
func TestTraining(t *testing.T) {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		t.Fatal(err)
	}
	x := withBias([]float64{-1, .3, .8})
	y := []float64{.5, -1, 2}
	const eta, steps = .05, 4
	for _, tt := range []struct {
		name         string
		depth, width int
		act          nn.Activation
		tol          float64
	}{
		{"one hidden layer", 1, 40, nn.ReLU, 1e-12},
		{"three hidden layers, wider than a block of rows", 3, 37, nn.ReLU, 1e-12},
		{"tanh, whose c_σ the two packages integrate to ten digits", 2, 12, nn.Tanh, 1e-9},
		{"softplus, narrow rows", 2, 5, nn.Softplus, 1e-9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			act, err := ntk.ActivationByName(string(tt.act))
			if err != nil {
				t.Fatal(err)
			}
			n, err := newNet(act, 2, tt.width, tt.depth, rng.Stream(1, "weights"))
			if err != nil {
				t.Fatal(err)
			}
			model := nn.Uniform(2, tt.width, tt.depth, tt.act)
			start, err := model.Init(rng.Stream(1, "weights"))
			if err != nil {
				t.Fatal(err)
			}
			e, err := nn.NewExec(b, "steps", func(in []*graph.Node) []*graph.Node {
				w := append([]*graph.Node(nil), in[2:]...)
				for range steps {
					r := graph.Sub(model.Forward(in[0], w).Output, in[1])
					grads := graph.Gradient(graph.MulScalar(graph.ReduceAllSum(graph.Square(r)), .5), w...)
					for h, g := range grads {
						w[h] = graph.Sub(w[h], graph.MulScalar(g, eta))
					}
				}
				return append([]*graph.Node{model.Forward(in[0], w).Output}, w...)
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			dense := mat.NewDense(3, 2, []float64{x[0][0], 1, x[1][0], 1, x[2][0], 1})
			args := []*tensors.Tensor{nn.Tensor(dense), nn.Column(y)}
			for _, w := range start {
				args = append(args, nn.Tensor(w))
			}
			out, err := e.Run(args...)
			if err != nil {
				t.Fatal(err)
			}
			p := n.newPass(x)
			for range steps {
				n.forward(p)
				n.step(p, y, eta)
			}
			n.forward(p)
			want, err := nn.Values(out[0])
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if math.Abs(p.out[i]-want[i]) > tt.tol*(1+math.Abs(want[i])) {
					t.Errorf("output %d: %.15g, want %.15g", i, p.out[i], want[i])
				}
			}
			for h, rows := range n.w {
				want, err := nn.Dense(out[1+h])
				if err != nil {
					t.Fatal(err)
				}
				for r, row := range rows {
					for j, v := range row {
						if math.Abs(v-want.At(r, j)) > tt.tol {
							t.Fatalf("W^(%d)[%d][%d] = %.15g, want %.15g", h+1, r, j, v, want.At(r, j))
						}
					}
				}
			}
		})
	}
}

// TestStart: at step 0 the law is the prior, and networks of any width have its mean and variance.
func TestStart(t *testing.T) {
	r, err := Run(context.Background(), Config{Width: 30, Nets: 400, Steps: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range r.At {
		l := r.Moments[0].Law
		if l.Mean[i] != 0 || math.Abs(l.SD[i]*l.SD[i]-(x*x+1)) > 1e-12 {
			t.Errorf("law at %g: mean %g, variance %g, want 0 and x²+1", x, l.Mean[i], l.SD[i]*l.SD[i])
		}
	}
	low, high := VarianceInterval(400, fourSigma)
	for j := range r.Config.Probes {
		mean, variance := r.probe(0, j)
		want := r.Moments[0].Law.Covariance[j*7]
		if math.Abs(mean) > 4*math.Sqrt(want/400) {
			t.Errorf("probe %d: mean %g", j, mean)
		}
		// Excess kurtosis 15/30 widens the interval of a variance by √(1+¼).
		if q := variance / want; q < low-.1 || q > high+.1 {
			t.Errorf("probe %d: variance over the law's %g, want %g to %g", j, q, low, high)
		}
	}
}

// TestPosterior: the law of networks whose last layer alone is trained, to the end, is the posterior of
// the process; ntk.Regressor computes it another way.
func TestPosterior(t *testing.T) {
	r, err := Run(context.Background(), Config{Width: 8, Nets: 3, Steps: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	k := ntk.Kernel{Depth: 1, NNGP: true, Bias: true, BiasValue: 1}
	g, err := ntk.Regress(context.Background(), k, column(r.Config.X), column(r.Config.Y), 0)
	if err != nil {
		t.Fatal(err)
	}
	mean, variance, err := g.Posterior(column(r.At))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.At {
		if math.Abs(mean.At(i, 0)-r.Posterior.Mean[i]) > 1e-9 || math.Abs(math.Sqrt(variance[i])-r.Posterior.SD[i]) > 1e-5 {
			t.Errorf("at %g: mean %g and %g, s.d. %g and %g", r.At[i], mean.At(i, 0), r.Posterior.Mean[i], math.Sqrt(variance[i]), r.Posterior.SD[i])
		}
	}
}

// TestStatistics: intervals, distances and coverage on samples whose law is known.
func TestStatistics(t *testing.T) {
	if low, high := VarianceInterval(2, .1); math.Abs(low-.00393214) > 1e-7 || math.Abs(high-3.84145882) > 1e-7 {
		t.Errorf("one degree of freedom: [%g, %g], want the 5%% and 95%% quantiles of χ²", low, high)
	}
	if q := quantile(.95); math.Abs(q-1.959964) > 1e-6 {
		t.Errorf("half width of the 95%% interval %g", q)
	}
	// A sample at the quantiles (k+½)/N is ½/N from the law, the least possible.
	if d := KolmogorovSmirnov([]float64{.5753641449, 2.7725887222}, 2); math.Abs(d-.25) > 1e-9 {
		t.Errorf("distance of the quartiles %g, want ¼", d)
	}
	if d := KolmogorovSmirnov([]float64{1e9}, 3); math.Abs(d-1) > 1e-12 {
		t.Errorf("distance of a far point %g, want 1", d)
	}
	// Functions drawn from a law: coverage and spread agree with the law by construction.
	r, err := Run(context.Background(), Config{Width: 8, Nets: 3, Steps: []int{10}})
	if err != nil {
		t.Fatal(err)
	}
	l := r.Moments[0].Law
	if sd, err := l.Spread(.9, 1); err != nil || sd < .05 || sd > .3 {
		t.Errorf("spread of one function's share %g, %v; independent places would have %.3f", sd, err, math.Sqrt(.09/31))
	}
	if _, err := (Law{Mean: []float64{0}}).Spread(.9, 1); err == nil {
		t.Error("a law without covariance: no error")
	}
	factor, err := l.factor()
	if err != nil {
		t.Fatal(err)
	}
	noise := rng.Stream(2, "probes")
	r.Config.Nets = 500
	r.Moments[0].Probes, r.Moments[0].Outputs = nil, nil
	for range 500 {
		d, err := factor.Color(rng.Normals(noise, 6))
		if err != nil {
			t.Fatal(err)
		}
		for j := range d {
			d[j] += l.ProbeMean[j]
		}
		f := make([]float64, len(r.At)) // independent places: the cluster is no cluster
		for i := range f {
			f[i] = l.Mean[i] + l.SD[i]*noise.NormFloat64()
		}
		r.Moments[0].Probes, r.Moments[0].Outputs = append(r.Moments[0].Probes, d), append(r.Moments[0].Outputs, f)
	}
	d, err := r.Mahalanobis(0, l)
	if err != nil {
		t.Fatal(err)
	}
	if mean := stat.Mean(d, nil); math.Abs(mean-6) > 4*math.Sqrt(12./500) {
		t.Errorf("mean squared distance %g, want 6", mean)
	}
	if ks := KolmogorovSmirnov(d, 6) * math.Sqrt(500); ks > ksCritical {
		t.Errorf("√N·KS = %g, want below %g", ks, ksCritical)
	}
	c := r.Coverage(0, l, .9)[0]
	if math.Abs(c.Measured-.9) > 4*math.Sqrt(.09/500/31) || math.Abs(c.Effective/(500*31)-1) > .3 {
		t.Errorf("coverage of independent places %g with %g effective trials, want 0.9 with %d", c.Measured, c.Effective, 500*31)
	}
	if !(c.Low < c.Measured && c.Measured < c.High) {
		t.Errorf("interval [%g, %g] about %g", c.Low, c.High, c.Measured)
	}
}

func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  Config
		want string
	}{
		"two networks":        {Config{Nets: 2}, "three networks"},
		"no labels":           {Config{X: []float64{1}}, "1 inputs and 0 labels"},
		"a label NaN":         {Config{X: []float64{1}, Y: []float64{math.NaN()}}, "finite"},
		"steps back":          {Config{Steps: []int{5, 5}}, "increasing"},
		"no steps":            {Config{Steps: []int{}}, "no step"},
		"range reversed":      {Config{Low: 1, High: -1}, "[1, -1]"},
		"unknown activation":  {Config{Activation: "swoosh"}, "swoosh"},
		"step size too large": {Config{Rate: .3}, "diverges"},
		"a point twice":       {Config{X: []float64{.5, .5}, Y: []float64{1, 2}}, "ensemble.Run"},
	} {
		if _, err := Run(context.Background(), tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, tt.want)
		}
	}
}

func TestCancellation(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, Paper()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// TestReproducible: the same at any GOMAXPROCS, and plain data.
func TestReproducible(t *testing.T) {
	var results [2]*Result
	for i, procs := range []int{1, 4} {
		old := runtime.GOMAXPROCS(procs)
		r, err := Run(context.Background(), Config{Width: 16, Depth: 2, Nets: 7, Steps: []int{2, 5}, Points: 5, Rate: .05, Seed: 3})
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		results[i] = r
	}
	if !reflect.DeepEqual(results[0], results[1]) {
		t.Error("results differ between GOMAXPROCS 1 and 4")
	}
	raw, err := json.Marshal(results[0])
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(raw) {
		t.Errorf("the result changes in a round trip through JSON, %v", err)
	}
	// A figure needs nothing but the plain data.
	f, err := FigureEnsemble(&back, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Validate(); err != nil {
		t.Error(err)
	}
}

// TestExploreEnsemble draws the narrowest width at every time; the grid is the same for all.
func TestExploreEnsemble(t *testing.T) {
	e := ExploreEnsemble()
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	for k := range e.Grid() {
		s := e.Index(k)
		if s.Int("width") > 1 {
			continue
		}
		f, err := e.Draw(context.Background(), s)
		if err != nil {
			t.Fatalf("%v: %v", s, err)
		}
		if err := f.Validate(); err != nil || len(f.Panels) != 2 {
			t.Errorf("%v: %d panels, %v", s, len(f.Panels), err)
		}
		if s.On("posterior") != strings.Contains(f.Caption, "posterior") {
			t.Errorf("%v: caption %q", s, f.Caption)
		}
	}
	if _, err := e.Draw(context.Background(), map[string]float64{"time": .5}); err == nil {
		t.Error("t = 0.5 is not on the grid: no error")
	}
}
