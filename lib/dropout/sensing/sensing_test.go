package sensing

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: %.16g, want %.16g within %g", name, got, want, tol)
	}
}

func TestObjective(t *testing.T) {
	ctx := context.Background()
	p, f := golden()
	for rate, want := range map[float64]float64{0: 2.6491233262459972, .3: 4.17157499905589, .5: 6.201510562802415, .9: 34.620608455253766} {
		v, err := p.Objective(f, rate)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "loss", v.Loss, 2.6491233262459972, 1e-13)
		near(t, "penalty", v.Penalty, 3.5523872365564175, 1e-13)
		near(t, "objective", v.Total, want, 1e-12)
		e, err := p.Enumerate(ctx, f, rate)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "enumeration", e.Total, want, 1e-12)
		near(t, "bias", e.Bias, v.Loss, 1e-12)
		g, err := p.Gradient(f, rate)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(g.U, e.Gradient.U, 1e-12) || !mat.EqualApprox(g.V, e.Gradient.V, 1e-12) {
			t.Errorf("rate %g: the mean of the gradients is not the gradient", rate)
		}
	}
	mean, se, err := p.Sample(ctx, f, .5, 100000, rng.Stream(1, "test"))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "sampled", mean, 6.201510562802415, 4*se)
}

func TestTheta(t *testing.T) {
	_, f := golden()
	near(t, "R", f.Penalty(), 4.757188806056489, 1e-13)
	near(t, "n·Var", f.PenaltyVariance(), 20.092421264853257, 1e-12)
	near(t, "nuclear norm", NuclearNorm(f.Product()), 2.2069016395440504, 1e-13)
	for width, want := range map[int]float64{3: 1.6234716155407394, 4: 1.2176037116555545, 7: .6957735495174597} {
		got, err := Theta(f.Product(), width)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Θ", got, want, 1e-13)
		e, err := Equalize(f.Product(), width)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "R of the equalized factors", e.Penalty(), want, 1e-12)
		near(t, "det Q", mat.Det(e.Rotation), 1, 1e-12)
		var qq mat.Dense
		qq.Mul(e.Rotation.T(), e.Rotation)
		for i := range width {
			near(t, "QᵀQ", qq.At(i, i), 1, 1e-12)
			near(t, "‖u‖²", math.Pow(mat.Norm(e.U.ColView(i), 2), 2), e.Share, 1e-12)
			near(t, "‖v‖²", math.Pow(mat.Norm(e.V.ColView(i), 2), 2), e.Share, 1e-12)
		}
		if !mat.EqualApprox(e.Product(), f.Product(), 1e-12) {
			t.Errorf("width %d: ŨṼᵀ is not M", width)
		}
		if len(e.Grams) != width {
			t.Errorf("width %d: %d steps", width, len(e.Grams))
		}
	}
	b, err := BestRotation(context.Background(), f, 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "best rotation", b.Penalty(), 1.6758448, 1e-7)
	d := mat.NewDense(2, 2, []float64{3, 0, 0, 1})
	got, err := Theta(d, 2)
	near(t, "Θ of diag(3, 1)", got, 8, 1e-14)
	if _, err := Theta(d, 1); err == nil {
		t.Error("rank 2 at width 1: no error")
	}
	h, err := EqualizeHadamard(Fixture(1, 6, 5), 8)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "spread of the shares", floats.Max(h.Shares())-floats.Min(h.Shares()), 0, 1e-13)
}

func TestDescend(t *testing.T) {
	ctx := context.Background()
	star := Fixture(1, 6, 5)
	for _, c := range []struct {
		width  int
		lambda float64
	}{{5, 2}, {5, .5}, {8, 2}, {3, 1}} {
		o, err := Solve(star, c.width, c.lambda)
		if err != nil {
			t.Fatal(err)
		}
		p := population(star, c.width, c.lambda)
		x := append(append([]float64(nil), o.Factors.U.RawMatrix().Data...), o.Factors.V.RawMatrix().Data...)
		g := make([]float64, len(x))
		near(t, "value", p(g, x), o.Value, 1e-12)
		near(t, "gradient", floats.Norm(g, math.Inf(1)), 0, 1e-12)
		ends, err := Descend(ctx, star, c.width, c.lambda, DescentConfig{Starts: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range ends {
			t.Logf("%d iterations, gradient %.2g, value - optimum %.2g, spread %.2g, %v", e.Iterations, e.Gradient, e.Value-o.Value, e.Spread, floats.Distance(e.Spectrum, o.Spectrum, 2))
		}
	}
}

// TestHessian: second derivatives against differences of gradients, at a point without symmetry.
func TestHessian(t *testing.T) {
	p, f := golden()
	s := newSample(p, 3, .7)
	x := append(append([]float64(nil), f.U.RawMatrix().Data...), f.V.RawMatrix().Data...)
	n := len(x)
	h := mat.NewSymDense(n, nil)
	s.hessian(h, x)
	up, down := make([]float64, n), make([]float64, n)
	const e = 1e-5
	for i := range n {
		x[i] += e
		s.objective(up, x)
		x[i] -= 2 * e
		s.objective(down, x)
		x[i] += e
		for k := range n {
			near(t, "second derivative", h.At(i, k), (up[k]-down[k])/(2*e), 1e-6)
		}
	}
	v, err := p.Objective(f, .7/1.7)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "objective", s.objective(up, x), v.Total, 1e-12)
	g, err := p.Gradient(f, .7/1.7)
	if err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(up[:12], g.U.RawMatrix().Data, 1e-12) || !floats.EqualApprox(up[12:], g.V.RawMatrix().Data, 1e-12) {
		t.Error("two gradients differ")
	}
	s.lambda = 0
	v0 := s.objective(up, x)
	l0, _ := s.parts(down, x)
	near(t, "loss", v0, l0, 1e-13)
	if !floats.EqualApprox(up, down, 1e-12) {
		t.Error("gradients of the loss by the product and by units differ")
	}
}
