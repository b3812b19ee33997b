package ntk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Every training method obeys the same contract: Gain·λ = 1 - Remaining, and Gain is continuous at 0.
func TestTrainingContract(t *testing.T) {
	for _, tr := range []Training{Flow{0}, Flow{.3}, Flow{1e6}, Descent{.1, 0}, Descent{.1, 7}, Descent{1.3, 4}, Converged{}} {
		for _, lambda := range []float64{1e-12, 1e-3, .5, 1, 1.4} {
			near(t, fmt.Sprintf("%#v at λ = %g", tr, lambda), tr.Gain(lambda)*lambda, 1-tr.Remaining(lambda), 1e-15+1e-13*math.Abs(tr.Gain(lambda)*lambda), "rounding")
		}
		if _, ends := tr.(Converged); !ends {
			near(t, fmt.Sprintf("%#v: gain at 0", tr), tr.Gain(0), tr.Gain(1e-200), 1e-12*tr.Gain(0), "continuity")
			near(t, fmt.Sprintf("%#v: remaining at 0", tr), tr.Remaining(0), 1, 0, "exact")
		}
	}
	near(t, "one step of η = 1/λ removes a direction", Descent{2, 1}.Remaining(.5), 0, 0, "exact")
	near(t, "small steps are gradient flow", Descent{1e-6, 1000000}.Remaining(2), Flow{1}.Remaining(2), 1e-5, "O(η)")
}

func TestTrainingErrors(t *testing.T) {
	for _, row := range []struct {
		name string
		tr   Training
		want string
	}{
		{"step at the edge of divergence", Descent{2. / 3, 5}, "less than 2/λ_1 = 0.666667"},
		{"no step", Descent{0, 5}, "want a positive number"},
		{"negative steps", Descent{.1, -1}, "-1 steps"},
		{"negative time", Flow{-1}, "time -1"},
		{"time not a number", Flow{math.NaN()}, "time NaN"},
	} {
		if err := row.tr.Check(3); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
	}
}

func TestSpectrumIsAnOrthonormalView(t *testing.T) {
	h, err := Kernel{Depth: 2}.Gram(points(3, 12, 4))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSpectrum(h)
	if err != nil {
		t.Fatal(err)
	}
	y := rng.Normals(rng.Stream(3, "y"), 12)
	if d := floats.Distance(s.Expand(s.Project(y)), y, 2); d > 1e-13 {
		t.Errorf("Expand does not undo Project: distance %g", d)
	}
	near(t, "all energy is in all directions", s.Energy(y, 12), 1, 1e-15, "rounding")
	near(t, "no energy in none", s.Energy(y, 0), 0, 0, "exact")
	near(t, "v_1 has all its energy in the first", s.Energy(s.Vector(0), 1), 1, 1e-13, "rounding")
	// Loss is the squared norm of Residual, and its mean over signs is RandomLoss: all 2^12 of them.
	mean := 0.0
	for code := range 1 << 12 {
		signs := make([]float64, 12)
		for i := range signs {
			signs[i] = 1 - 2*float64(code>>i&1)
		}
		l, err := s.Loss(Flow{.4}, signs)
		if err != nil {
			t.Fatal(err)
		}
		mean += l / (1 << 12)
	}
	random, _ := s.RandomLoss(Flow{.4})
	near(t, "mean loss over all signs", mean, random, 1e-13, "rounding")
	r, _ := s.Residual(Flow{.4}, y)
	l, _ := s.Loss(Flow{.4}, y)
	near(t, "loss of a residual", l, floats.Dot(r, r)/12, 1e-14, "rounding")
	if _, err := NewSpectrum(mat.NewSymDense(2, []float64{1, 2, 2, 1})); err == nil {
		t.Error("an indefinite matrix was accepted")
	}
}

// Training to the end is regression; for a finite time it also works on a singular kernel.
func TestTrainAgreesWithRegress(t *testing.T) {
	ctx := context.Background()
	x, z := points(5, 15, 4), points(6, 7, 4)
	y := rng.Normals(rng.Stream(5, "y"), 15)
	f0, f0z := rng.Normals(rng.Stream(5, "f0"), 15), rng.Normals(rng.Stream(5, "f0z"), 7)
	k := Kernel{Depth: 2}
	r, err := Regress(ctx, k, x, mat.NewDense(15, 1, append([]float64(nil), y...)), 0)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := r.Predict(z)
	trained, err := Train(ctx, k, x, y, nil, Converged{})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := trained.Predict(z, nil)
	for i := range got {
		near(t, fmt.Sprintf("output %d", i), got[i], want.At(i, 0), 1e-10, "condition of the kernel")
	}
	trained, _ = Train(ctx, k, x, y, f0, Flow{1e9})
	got, _ = trained.Predict(x, f0)
	if d := floats.Distance(got, y, 2); d > 1e-8 {
		t.Errorf("training for very long from f₀ misses the labels by %g", d)
	}
	trained, _ = Train(ctx, k, x, y, f0, Flow{0})
	got, _ = trained.Predict(z, f0z)
	if d := floats.Distance(got, f0z, 2); d != 0 {
		t.Errorf("no training changed the outputs by %g", d)
	}

	double := mat.NewDense(2, 2, []float64{1, 0, 1, 0})
	var singular *linalg.NotPositiveDefiniteError
	if _, err := Train(ctx, k, double, []float64{1, 1}, nil, Converged{}); !errors.As(err, &singular) {
		t.Errorf("a singular kernel trained to the end: %v", err)
	}
	if _, err := Train(ctx, k, double, []float64{1, 1}, nil, Flow{10}); err != nil {
		t.Errorf("a singular kernel trained for a while: %v", err)
	}
	if _, err := Train(ctx, k, x, y[:3], nil, Flow{1}); err == nil || !strings.Contains(err.Error(), "15 inputs, 3 labels") {
		t.Errorf("labels missing: %v", err)
	}
}

func TestPosterior(t *testing.T) {
	ctx := context.Background()
	x := points(7, 9, 3)
	y := mat.NewDense(9, 1, rng.Normals(rng.Stream(7, "y"), 9))
	k := Kernel{Depth: 2, NNGP: true}
	r, err := Regress(ctx, k, x, y, 0)
	if err != nil {
		t.Fatal(err)
	}
	mean, variance, err := r.Posterior(x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		near(t, "no doubt at a training point", variance[i], 0, 1e-10, "rounding")
		near(t, "the mean passes through it", mean.At(i, 0), y.At(i, 0), 1e-9, "rounding")
	}
	// One training point: the posterior is the textbook's k(x,x) - k(x,a)²/(k(a,a) + noise).
	a, b := mat.NewDense(1, 2, []float64{1, 2}), mat.NewDense(1, 2, []float64{-1, .5})
	r, _ = Regress(ctx, k, a, mat.NewDense(1, 1, []float64{3}), .5)
	mean, variance, _ = r.Posterior(b)
	kaa, _ := k.At([]float64{1, 2}, []float64{1, 2})
	kab, _ := k.At([]float64{1, 2}, []float64{-1, .5})
	kbb, _ := k.At([]float64{-1, .5}, []float64{-1, .5})
	near(t, "mean from one point", mean.At(0, 0), 3*kab/(1.5*kaa), 1e-14, "rounding")
	near(t, "variance from one point", variance[0], kbb-kab*kab/(1.5*kaa), 1e-14, "rounding")
	tangent, _ := Regress(ctx, Kernel{Depth: 2}, x, y, 0)
	if _, _, err := tangent.Posterior(x); err == nil || !strings.Contains(err.Error(), "no prior covariance") {
		t.Errorf("posterior of a tangent kernel: %v", err)
	}
}

// When only the last layer is trained the ensemble's law is the Gaussian process posterior.
func TestEnsembleOfLastLayersIsThePosterior(t *testing.T) {
	ctx := context.Background()
	x, z := points(8, 6, 3), points(9, 4, 3)
	y := rng.Normals(rng.Stream(8, "y"), 6)
	mean, cov, err := Ensemble(ctx, Kernel{Depth: 2, FixedLayers: 2}, x, y, z, Converged{})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := Regress(ctx, Kernel{Depth: 2, NNGP: true}, x, mat.NewDense(6, 1, y), 0)
	m, v, _ := r.Posterior(z)
	for i := range 4 {
		near(t, "mean", mean[i], m.At(i, 0), 1e-10, "condition of the kernel")
		near(t, "variance", cov.At(i, i), v[i], 1e-10, "condition of the kernel")
	}
	if _, _, err := Ensemble(ctx, TwoLayer(nil), x, y, z, Converged{}); err == nil {
		t.Error("the law was given for a network outside section 9.4")
	}
}

func TestCancelledContextsStopTheWork(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x := points(1, 40, 3)
	y := mat.NewDense(40, 1, nil)
	for name, err := range map[string]error{
		"Gram":    second(Kernel{Depth: 1}.GramContext(ctx, x)),
		"Cross":   second(Kernel{Depth: 1}.CrossContext(ctx, x, x)),
		"Regress": second(Regress(ctx, Kernel{Depth: 1}, x, y, 1)),
		"study":   second(RunConcentration(ctx, ConcentrationConfig{}, nil)),
		"noise":   second(RunNoise(ctx, NoiseConfig{})),
		"tables":  second(RunTables(ctx, TableConfig{}, nil)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want context.Canceled", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
