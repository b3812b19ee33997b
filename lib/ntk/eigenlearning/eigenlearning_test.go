package eigenlearning

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

func newCube(t *testing.T, bits int, k ntk.Kernel) *Cube {
	t.Helper()
	c, err := NewCube(bits, k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSpectrumRoutes: Krawtchouk sums, a Walsh transform and a dense eigenvalue problem agree, for
// kernels of several depths and cubes of several sizes; the trace is the kernel at equal points.
func TestSpectrumRoutes(t *testing.T) {
	for _, bits := range []int{1, 2, 5, 7} {
		for _, k := range []ntk.Kernel{{}, {Depth: 1}, {Depth: 3}, {Depth: 2, NNGP: true}, ntk.TwoLayer(nil)} {
			c := newCube(t, bits, k)
			levels, gram := c.Spectrum(), c.Gram()
			row := mat.Row(nil, 0, gram)
			Walsh(row)
			trace := 0.0
			var all []float64
			for d, l := range levels {
				for _, s := range c.parities(d) {
					if math.Abs(row[s]/float64(c.Size())-l.Lambda) > 1e-14 {
						t.Errorf("%d bits, %s, degree %d: Walsh %.16g, Krawtchouk %.16g", bits, k, d, row[s]/float64(c.Size()), l.Lambda)
					}
				}
				trace += float64(l.Count) * l.Lambda
				for range l.Count {
					all = append(all, l.Lambda)
				}
			}
			if math.Abs(trace-c.Row[0]) > 1e-13 {
				t.Errorf("%d bits, %s: Σ Count·λ = %g, want k(x,x) = %g", bits, k, trace, c.Row[0])
			}
			dense, err := linalg.EigenvaluesSym(gram)
			if err != nil {
				t.Fatal(err)
			}
			want := 0.0
			for _, l := range all {
				want += l * l
			}
			got := 0.0
			for _, l := range dense {
				got += l * l / float64(c.Size()*c.Size())
			}
			if math.Abs(got-want) > 1e-13 {
				t.Errorf("%d bits, %s: Σλ² = %g dense, %g by levels", bits, k, got, want)
			}
		}
	}
}

// TestSpectrumOfKnownKernels: rows whose eigenvalues are known by hand.
func TestSpectrumOfKnownKernels(t *testing.T) {
	linear := newCube(t, 4, ntk.Kernel{}).Spectrum()
	for k, l := range linear {
		want := 0.0
		if k == 1 { // xᵀx' = (1/d)Σ_j χ_j(x)χ_j(x')
			want = .25
		}
		if math.Abs(l.Lambda-want) > 1e-15 {
			t.Errorf("linear kernel, degree %d: %g, want %g", k, l.Lambda, want)
		}
	}
	shallow := newCube(t, 8, ntk.Kernel{Depth: 1}).Spectrum()
	for k := 3; k <= 7; k += 2 { // one hidden layer without a bias has no odd power beyond the first
		if math.Abs(shallow[k].Lambda) > 1e-16 {
			t.Errorf("depth 1, degree %d: %g, want 0", k, shallow[k].Lambda)
		}
	}
}

func TestWalsh(t *testing.T) {
	f := []float64{1, -2, 3, 5, 0, 0, 4, 7}
	g := append([]float64(nil), f...)
	Walsh(g)
	for s := range g {
		want := 0.0
		for z, v := range f {
			want += sign(z, s) * v
		}
		if g[s] != want {
			t.Errorf("place %d: got %g, want %g", s, g[s], want)
		}
	}
	Walsh(g)
	for i := range g {
		if g[i] != 8*f[i] {
			t.Errorf("twice is 8 times the identity: got %g, want %g", g[i], 8*f[i])
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("six values: no panic")
		}
	}()
	Walsh(make([]float64, 6))
}

// TestSolve: cases that can be solved by hand, and the limits.
func TestSolve(t *testing.T) {
	flat := []Level{{0, 100, 2}}
	tests := []struct {
		name   string
		levels []Level
		n      int
		ridge  float64
		kappa  float64
	}{
		{"one eigenvalue: 100·2/(2+κ) = n", flat, 50, 0, 2},
		{"one example of a hundred", flat, 1, 0, 198},
		{"all but one", flat, 99, 0, 2. / 99},
		{"with a ridge: 200/(2+κ)+δ/κ = n at κ = 2, δ = 2·25", flat, 75, 50, 2},
		{"two eigenvalues: 1/(1+κ)+1/(3+κ) = 1 has κ² + 2κ - 1 = 0", []Level{{0, 1, 1}, {1, 1, 3}}, 1, 0, math.Sqrt(3)},
		{"zero eigenvalues count for nothing", []Level{{0, 100, 2}, {1, 50, 0}}, 50, 0, 2},
		{"as many examples as eigenvalues, with a ridge: κ² - κ - 2 = 0", flat, 100, 100, 2},
	}
	for _, tt := range tests {
		th, err := Solve(tt.levels, tt.n, tt.ridge)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if math.Abs(th.Kappa/tt.kappa-1) > 1e-12 {
			t.Errorf("%s: κ = %.15g, want %.15g", tt.name, th.Kappa, tt.kappa)
		}
		if got, want := th.Sum(tt.levels), float64(tt.n)-tt.ridge/th.Kappa; math.Abs(got-want) > 1e-11 {
			t.Errorf("%s: Σ𝓛 = %g, want n - δ/κ = %g", tt.name, got, want)
		}
	}
	// A flat spectrum of 100, n = 50: 𝓛 = 1/2, Σ𝓛² = 25, overfit 2: the error of one eigenfunction is 2·¼,
	// which is the share (M-n)/M of points off the training set, where nothing is learned.
	th, _ := Solve(flat, 50, 0)
	if got := th.MSE([]float64{1}, 0); math.Abs(got-.5) > 1e-12 {
		t.Errorf("flat spectrum: error %g, want 1/2", got)
	}
	if got := th.MSE([]float64{1}, .25); math.Abs(got-1) > 1e-12 {
		t.Errorf("flat spectrum with noise ¼: error %g, want 2·(¼+¼)", got)
	}
}

func TestFaults(t *testing.T) {
	flat := []Level{{0, 10, 1}}
	gram := newCube(t, 3, ntk.Kernel{Depth: 2}).Gram()
	ctx := context.Background()
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"as many examples as eigenvalues": {second(Solve(flat, 10, 0)), "1 to 9"},
		"no examples":                     {second(Solve(flat, 0, 0)), "n = 0"},
		"negative ridge":                  {second(Solve(flat, 3, -1)), "ridge -1"},
		"no positive eigenvalue":          {second(Solve([]Level{{0, 3, 0}}, 1, 0)), "no positive eigenvalue"},
		"a negative eigenvalue":           {second(Solve([]Level{{0, 3, 1}, {1, 1, -1}}, 1, 0)), "below zero"},
		"a level without functions":       {second(Solve([]Level{{0, 0, 1}}, 1, 0)), "at least once"},
		"a place twice":                   {second(NewFit(gram, []int{1, 1}, 0)), "at most once"},
		"a place outside":                 {second(NewFit(gram, []int{8}, 0)), "0 to 7"},
		"no places":                       {second(NewFit(gram, nil, 0)), "no training points"},
		"an infinite ridge":               {second(NewFit(gram, []int{1}, math.Inf(1))), "ridge"},
		"13 bits":                         {second(NewCube(13, ntk.Kernel{})), "1 to 12"},
		"a kernel that is none":           {second(NewCube(3, ntk.Kernel{Depth: -1})), "depth"},
		"two points of a circle":          {second(Run(ctx, Config{Circle: 2, Sizes: []int{1}, Degrees: []int{0}})), "3 to"},
		"one draw":                        {second(Run(ctx, Config{Draws: 1})), "draws"},
		"a parity of nine bits of eight":  {second(Run(ctx, Config{Degrees: []int{9}})), "degree 9"},
		"more examples than points":       {second(Run(ctx, Config{Sizes: []int{256}})), "n = 256"},
		"no sizes":                        {second(Run(ctx, Config{Sizes: []int{}})), "0 sizes"},
		"noise NaN":                       {second(Run(ctx, Config{Noise: math.NaN()})), "noise"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", name, tt.err, tt.want)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Run(done, Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestLearnabilityRoutes: by predicting each parity, by Walsh transforms, and in closed form
// 𝓛_S = λ_S·χ_SᵀK⁻¹χ_S.
func TestLearnabilityRoutes(t *testing.T) {
	c := newCube(t, 6, ntk.Kernel{Depth: 3})
	gram, levels := c.Gram(), c.Spectrum()
	train := []int{0, 7, 11, 18, 33, 40, 63}
	for _, ridge := range []float64{0, .3} {
		f, err := NewFit(gram, train, ridge)
		if err != nil {
			t.Fatal(err)
		}
		basis := mat.NewDense(c.Size(), c.Size(), nil)
		for s := range c.Size() {
			basis.SetCol(s, c.Parity(s))
		}
		direct, err := f.Learnability(basis)
		if err != nil {
			t.Fatal(err)
		}
		k := mat.NewSymDense(len(train), nil)
		for a, i := range train {
			for b, j := range train {
				if b >= a {
					k.SetSym(a, b, gram.At(i, j))
				}
			}
			k.SetSym(a, a, k.At(a, a)+ridge)
		}
		factor, err := linalg.Cholesky(k)
		if err != nil {
			t.Fatal(err)
		}
		for s, l := range f.walshLearnability() {
			chi := make([]float64, len(train))
			degree := 0
			for a, i := range train {
				chi[a] = sign(i, s)
			}
			for b := s; b > 0; b &= b - 1 {
				degree++
			}
			q, err := factor.Quad(chi)
			if err != nil {
				t.Fatal(err)
			}
			if closed := levels[degree].Lambda * q; math.Abs(l-direct[s]) > 1e-13 || math.Abs(l-closed) > 1e-13 {
				t.Errorf("ridge %g, parity %b: Walsh %.16g, predicted %.16g, closed form %.16g", ridge, s, l, direct[s], closed)
			}
		}
	}
}

// TestFourierLearnability: by transforms against predicting each cosine and sine.
func TestFourierLearnability(t *testing.T) {
	for _, m := range []int{12, 15} { // with and without a highest frequency that has no sine
		d, err := newDomain(Config{Circle: m, Depth: 2, Degrees: []int{0, 1, 2, 3, 4, 5, 6, 7}[:m/2+1]})
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewFit(d.gram, []int{0, 1, 5, 8}, 0)
		if err != nil {
			t.Fatal(err)
		}
		learn, err := f.Learnability(d.targets)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(d.levels))
		for j, l := range learn {
			want[d.group[j]] += l
		}
		for k, got := range d.totals(f)[:len(d.size)] {
			if math.Abs(got-want[k]) > 1e-12 {
				t.Errorf("%d points, frequency %d: %.15g by transforms, %.15g by predictions", m, k, got, want[k])
			}
		}
	}
}

// TestSingular: one hidden layer gives antipodal pairs a kernel matrix without inverse; the sum of the
// learnabilities is then the rank, and interpolation of what can be interpolated still holds.
func TestSingular(t *testing.T) {
	c := newCube(t, 3, ntk.Kernel{Depth: 1})
	all := []int{0, 1, 2, 3, 4, 5, 6, 7}
	f, err := NewFit(c.Gram(), all, 0)
	if err != nil {
		t.Fatal(err)
	}
	if f.Rank != 7 { // all parities but that of three bits
		t.Errorf("rank %d, want 7", f.Rank)
	}
	sum := 0.0
	for s, l := range f.walshLearnability() {
		sum += l
		want := 1.0
		if s == 7 {
			want = 0
		}
		if math.Abs(l-want) > 1e-12 {
			t.Errorf("parity %03b: learnability %g, want %g", s, l, want)
		}
	}
	if math.Abs(sum-f.Conserved()) > 1e-12 {
		t.Errorf("sum %g, want the rank %g", sum, f.Conserved())
	}
}

// TestOffTraining: without a ridge the error sits off the training set.
func TestOffTraining(t *testing.T) {
	c := newCube(t, 5, ntk.Kernel{Depth: 3})
	train := []int{1, 4, 9, 16, 25, 30}
	f, err := NewFit(c.Gram(), train, 0)
	if err != nil {
		t.Fatal(err)
	}
	y := mat.NewDense(32, 1, c.Parity(6))
	p, err := f.Predict(y)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range train {
		if math.Abs(p.At(i, 0)-y.At(i, 0)) > 1e-12 {
			t.Errorf("training point %d: predicted %g, label %g", i, p.At(i, 0), y.At(i, 0))
		}
	}
	if _, err := f.Predict(mat.NewDense(31, 1, nil)); err == nil {
		t.Error("targets of 31 rows on 32 points: no error")
	}
}

// TestRunIsReproducible: the same at any GOMAXPROCS, and plain data.
func TestRunIsReproducible(t *testing.T) {
	for name, cfg := range map[string]Config{
		"cube":   {Bits: 5, Sizes: []int{4, 9}, Draws: 7, Noise: .3, Ridge: .1},
		"circle": {Circle: 24, Sizes: []int{5}, Draws: 5},
	} {
		var results [2]*Result
		for i, procs := range []int{1, 4} {
			old := runtime.GOMAXPROCS(procs)
			r, err := Run(context.Background(), cfg)
			runtime.GOMAXPROCS(old)
			if err != nil {
				t.Fatal(err)
			}
			results[i] = r
		}
		if !reflect.DeepEqual(results[0], results[1]) {
			t.Errorf("%s: results differ between GOMAXPROCS 1 and 4", name)
		}
		raw, err := json.Marshal(results[0])
		if err != nil {
			t.Fatal(err)
		}
		var back Result
		if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(&back, results[0]) {
			t.Errorf("%s: the result changes in a round trip through JSON, %v", name, err)
		}
	}
}

// TestCurve: on the cube with one parity as target, eigenvectors found numerically predict what the
// known levels do; a target of mean square 1 has coefficients that add up to 1.
func TestCurve(t *testing.T) {
	c := newCube(t, 6, ntk.Kernel{Depth: 3})
	r, err := RunCurve(context.Background(), c.Gram(), c.Parity(5), CurveConfig{Draws: 20})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{2, 4, 8, 16, 21, 32}; !reflect.DeepEqual(r.Config.Sizes, want) {
		t.Errorf("sizes %v, want %v", r.Config.Sizes, want)
	}
	total := 0.0
	for _, p := range r.Power {
		total += p
	}
	if math.Abs(total-1) > 1e-12 {
		t.Errorf("squared coefficients add up to %g, want 1", total)
	}
	levels := c.Spectrum()
	for i, n := range r.Config.Sizes {
		th, err := Solve(levels, n, 0)
		if err != nil {
			t.Fatal(err)
		}
		power := make([]float64, len(levels))
		power[2] = 1
		if want := th.MSE(power, 0); math.Abs(r.Predicted[i]-want) > 1e-9 {
			t.Errorf("n = %d: predicted %.12g, by levels %.12g", n, r.Predicted[i], want)
		}
		// Without a ridge all of the error is off the training set.
		if got, want := r.OffSample[i].Mean, r.Measured[i].Mean*64/float64(64-n); math.Abs(got-want) > 1e-9 {
			t.Errorf("n = %d: error off the training set %g, want M/(M-n) times the error, %g", n, got, want)
		}
	}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"a short target":    {second(RunCurve(context.Background(), c.Gram(), []float64{1}, CurveConfig{})), "1 values on 64"},
		"all of the points": {second(RunCurve(context.Background(), c.Gram(), c.Parity(1), CurveConfig{Sizes: []int{64}})), "n = 64"},
		"a target NaN":      {second(RunCurve(context.Background(), mat.NewSymDense(2, []float64{1, 0, 0, 1}), []float64{1, math.NaN()}, CurveConfig{Sizes: []int{1}})), "finite"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", name, tt.err, tt.want)
		}
	}
}

// TestFigures: every figure validates, the limit among them.
func TestFigures(t *testing.T) {
	r, err := Run(context.Background(), Config{Circle: 64, Sizes: []int{4, 8}, Draws: 10})
	if err != nil {
		t.Fatal(err)
	}
	f := FigureLimit(r)
	if err := f.Validate(); err != nil {
		t.Error(err)
	}
}

// TestExploreLearning: every grid point draws, with the same panels, and the words carry the numbers.
func TestExploreLearning(t *testing.T) {
	e := ExploreLearning()
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	for k := range e.Grid() {
		f, err := e.Draw(context.Background(), e.Index(k))
		if err != nil {
			t.Fatalf("%v: %v", e.Index(k), err)
		}
		if err := f.Validate(); err != nil || len(f.Panels) != 3 {
			t.Errorf("%v: %d panels, %v", e.Index(k), len(f.Panels), err)
		}
	}
	f, err := e.Draw(context.Background(), e.Index(e.Default()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"add up to 32.000000", "predicted 0.621"} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("caption %q lacks %q", f.Caption, want)
		}
	}
	shallow, err := e.Draw(context.Background(), map[string]float64{"n": 48, "depth": 1, "target": 2})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(shallow.Caption, "eigenvalue is zero") {
		t.Errorf("caption %q does not say that three bits cannot be learned at depth 1", shallow.Caption)
	}
	if _, err := e.Draw(context.Background(), map[string]float64{"n": 5, "depth": 3}); err == nil {
		t.Error("n = 5 is not on the grid: no error")
	}
}
