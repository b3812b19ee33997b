package feature

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

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/ntk/finite"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// small is a dial of a fraction of a second.
func small() Config {
	return Config{Alphas: []float64{.3, 30}, Seeds: 2, Inputs: 4, Train: 20, Test: 40, Width: 16, Steps: 40, Seed: 3}
}

func TestTeachers(t *testing.T) {
	z := rng.Normals(rng.Stream(1, "z"), 200000)
	for _, g := range Teachers() {
		y := make([]float64, len(z))
		for i := range y {
			y[i] = g.Value(z[i])
		}
		mean, v := stat.PopMeanVariance(y, nil)
		// Four standard errors: of the mean 1/√n, of the variance √((κ-1)/n) with κ at most 15.
		if math.Abs(mean) > 4/math.Sqrt(2e5) || math.Abs(v-1) > 4*math.Sqrt(14/2e5) {
			t.Errorf("%s: mean %g, variance %g, want 0 and 1", g, mean, v)
		}
	}
	if err := Teacher("sine").Validate(); err == nil || !strings.Contains(err.Error(), "abs") {
		t.Errorf("got %v, want an error that lists the teachers", err)
	}
}

func TestErrors(t *testing.T) {
	b := claimtest.Backend(t)
	for _, tt := range []struct {
		name string
		edit func(*Config)
		want string
	}{
		{"scales out of order", func(c *Config) { c.Alphas = []float64{1, .1} }, "output scale 0.1 after 1"},
		{"a scale of zero", func(c *Config) { c.Alphas = []float64{0} }, "output scale 0"},
		{"no scale", func(c *Config) { c.Alphas = []float64{} }, "no output scales"},
		{"an odd width in pairs", func(c *Config) { c.Width, c.Paired = 15, true }, "even"},
		{"an unknown activation", func(c *Config) { c.Activation = "swoosh" }, "swoosh"},
		{"an unknown teacher", func(c *Config) { c.Teacher = "sine" }, "sine"},
		{"a negative step", func(c *Config) { c.Rate = -1 }, "step size -1"},
		{"a step beyond 2/λ₁", func(c *Config) { c.Rate = 50 }, "2/λ₁"},
		{"negative steps", func(c *Config) { c.Steps = -1 }, "-1 steps"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := small()
			tt.edit(&c)
			if _, err := Run(t.Context(), b, c); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := Run(t.Context(), nil, small()); err == nil {
		t.Error("no backend")
	}
	for _, c := range []GapConfig{{Sizes: []int{20, 10}}, {Rich: 2, Lazy: 1}, {Sizes: []int{}}} {
		if _, err := RunGap(t.Context(), b, c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

// TestKernel: H from this package's formula, from package finite's, and from autodiff's gradients.
func TestKernel(t *testing.T) {
	net := nn.TwoLayer{Inputs: 4, Width: 6, Activation: nn.Softplus}
	r := rng.Stream(5, "kernel")
	p, err := net.Init(r)
	if err != nil {
		t.Fatal(err)
	}
	x := sphere(r, 5, 4)
	h := symmetric(gradients(net, p, x, x))
	want := finite.FirstLayerKernel(net, x, p, 1/math.Sqrt(6))
	var d mat.Dense
	d.Sub(h, want)
	if mat.Norm(&d, 2) > 1e-14 {
		t.Errorf("apart by %g", mat.Norm(&d, 2))
	}
}

// TestDescent compares the graph's descent with the same steps as loops on the host.
func TestDescent(t *testing.T) {
	cfg := small().withDefaults()
	cfg.Seeds, cfg.Steps, cfg.Alphas = 1, 13, []float64{.5}
	res, err := Run(t.Context(), claimtest.Backend(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := draw(rng.Stream(cfg.Seed, "data/0"), cfg.Teacher, cfg.Inputs, cfg.Train, cfg.Test)
	net := cfg.network()
	start, err := net.Init(rng.Stream(cfg.Seed, "init/0"))
	if err != nil {
		t.Fatal(err)
	}
	scale := 1 / math.Sqrt(float64(cfg.Width))
	f0, test0 := net.HostOutput(p.x, start, scale), net.HostOutput(p.testX, start, scale)
	now := &nn.TwoLayerParams{W: mat.DenseCopyOf(start.W), A: start.A}
	for range cfg.Steps {
		u, z := net.HostOutput(p.x, now, scale), net.HostPreActivations(p.x, now)
		g := mat.NewDense(cfg.Width, cfg.Inputs, nil)
		for i := range u {
			residual := .5*(u[i]-f0[i]) - p.y[i]
			for r := range cfg.Width {
				c := residual / .5 * scale * now.A[r] * net.Sigma().Slope(z.At(i, r)) // α/α² of the loss over α²
				for j, v := range p.x.RawRowView(i) {
					g.Set(r, j, g.At(r, j)+c*v)
				}
			}
		}
		g.Scale(cfg.Rate, g)
		now.W.Sub(now.W, g)
	}
	f := net.HostOutput(p.testX, now, scale)
	for i := range f {
		f[i] = .5 * (f[i] - test0[i])
	}
	got := res.Tracks[0][0].Points[len(res.Step)-1]
	if want := square(f, p.testY); math.Abs(got.Test-want) > 1e-12 {
		t.Errorf("test error %.15g, want %.15g", got.Test, want)
	}
	if want := share(now.W, p.beta); math.Abs(got.Share-want) > 1e-12 {
		t.Errorf("share %.15g, want %.15g", got.Share, want)
	}
}

// TestStart: at the first observation nothing has moved, whatever α.
func TestStart(t *testing.T) {
	r, err := Run(t.Context(), claimtest.Backend(t), small())
	if err != nil {
		t.Fatal(err)
	}
	for a := range r.Config.Alphas {
		for k, track := range r.Tracks[a] {
			p, q := track.Points[0], r.Tracks[0][k].Points[0]
			if p != q || p.Distance != 0 || p.Drift > 1e-15 {
				t.Errorf("α = %g, seed %d starts at %+v", r.Config.Alphas[a], k, p)
			}
		}
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&back, r) {
		t.Error("a result must round-trip through JSON")
	}
	f := FigureDial(r)
	if err := f.Validate(); err != nil {
		t.Error(err)
	}
}

// TestBaseline: descent under a fixed kernel, by its closed form, against the steps themselves.
func TestBaseline(t *testing.T) {
	cfg := small().withDefaults()
	p := draw(rng.Stream(1, "data"), Abs, cfg.Inputs, cfg.Train, cfg.Test)
	start, err := cfg.network().Init(rng.Stream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := linearise(t.Context(), cfg, p, start)
	if err != nil {
		t.Fatal(err)
	}
	alpha, u := mat.NewVecDense(cfg.Train, nil), mat.NewVecDense(cfg.Train, nil)
	y := mat.NewVecDense(cfg.Train, p.y)
	const steps = 37
	for range steps {
		var r mat.VecDense
		r.SubVec(y, u)
		alpha.AddScaledVec(alpha, cfg.Rate, &r)
		u.MulVec(l.h, alpha)
	}
	var f, residual mat.VecDense
	f.MulVec(gradients(cfg.network(), start, p.testX, p.x), alpha)
	got := l.test(steps)
	for i := range got {
		if math.Abs(got[i]-f.AtVec(i)) > 1e-12 {
			t.Fatalf("test point %d: %g, want %g", i, got[i], f.AtVec(i))
		}
	}
	residual.SubVec(y, u)
	if want := mat.Dot(&residual, &residual) / float64(cfg.Train); math.Abs(l.train(steps)-want) > 1e-12 {
		t.Errorf("training residual %g, want %g", l.train(steps), want)
	}
}

// TestProcessors: one result for any number of processors.
func TestProcessors(t *testing.T) {
	b := claimtest.Backend(t)
	var first *Result
	for _, p := range []int{1, 3} {
		old := runtime.GOMAXPROCS(p)
		r, err := Run(t.Context(), b, small())
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = r
		}
		if !reflect.DeepEqual(r, first) {
			t.Errorf("GOMAXPROCS = %d gives another result", p)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	c := Config{Steps: 1000000}
	if _, err := Run(ctx, claimtest.Backend(t), c); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestObserved(t *testing.T) {
	for _, steps := range []int{1, 2, 3, 40, 600} {
		o := observed(steps)
		if o[0] != 0 || o[len(o)-1] != steps {
			t.Errorf("%d steps: observed %v", steps, o)
		}
		for i := 1; i < len(o); i++ {
			if o[i] <= o[i-1] {
				t.Errorf("%d steps: observed %v", steps, o)
			}
		}
	}
}

// TestExploreDial draws the whole grid, which trains once.
func TestExploreDial(t *testing.T) {
	if testing.Short() {
		t.Skip("trains fourteen networks")
	}
	e := ExploreDial(claimtest.Backend(t))
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	for k := range e.Grid() {
		f, err := e.Draw(t.Context(), e.Index(k))
		if err != nil {
			t.Fatalf("%v: %v", e.Index(k), err)
		}
		if err := f.Validate(); err != nil {
			t.Fatalf("%v: %v", e.Index(k), err)
		}
		if len(f.Panels) != 4 || f.Caption == "" {
			t.Errorf("%v: %d panels, caption %q", e.Index(k), len(f.Panels), f.Caption)
		}
		if k%12 == 0 || k == e.Default() {
			t.Logf("%v: %s", e.Index(k), f.Caption)
		}
	}
	if _, err := e.Draw(t.Context(), map[string]float64{"alpha": 7, "time": 1}); err == nil {
		t.Error("a setting off the grid was drawn")
	}
	broken := ExploreDial(nil)
	if _, err := broken.Draw(t.Context(), broken.Index(0)); err == nil {
		t.Error("drawn without a backend")
	}
}
