package hessian

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	_ "github.com/lemma-ml/lemma/simd"
)

// leastSquares is (1/n)·‖Xw - y‖², whose Hessian is (2/n)·XᵀX whatever w and y.
func leastSquares(params, inputs []*Node) *Node {
	return ReduceAllMean(Square(Sub(Dot(inputs[0], params[0]), inputs[1])))
}

// logistic is the mean of log(1 + e^{-y·Xw}), with Hessian (1/n)·Xᵀ diag(s(1-s)) X, s = σ(Xw).
func logistic(params, inputs []*Node) *Node {
	return ReduceAllMean(Log1P(Exp(Neg(Mul(inputs[1], Dot(inputs[0], params[0]))))))
}

type problem struct {
	x    *mat.Dense
	w, y []float64
}

func newProblem(n, d int) problem {
	r := rng.Stream(7, "hessian test")
	p := problem{x: mat.NewDense(n, d, rng.Normals(r, n*d)), w: rng.Normals(r, d), y: rng.Signs(r, n)}
	return p
}

func (p problem) operator(t *testing.T, loss Loss) *Operator {
	t.Helper()
	op, err := New(claimtest.Backend(t), loss, []*tensors.Tensor{nn.Column(p.w)}, nn.Tensor(p.x), nn.Column(p.y))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(op.Close)
	return op
}

// weighted returns Xᵀ diag(c) X.
func (p problem) weighted(c func(i int) float64) *mat.SymDense {
	n, d := p.x.Dims()
	h := mat.NewSymDense(d, nil)
	for i := range n {
		h.SymRankOne(h, c(i), p.x.RowView(i))
	}
	return h
}

func (p problem) known() map[string]struct {
	loss Loss
	h    *mat.SymDense
} {
	n, _ := p.x.Dims()
	return map[string]struct {
		loss Loss
		h    *mat.SymDense
	}{
		"least squares": {leastSquares, p.weighted(func(int) float64 { return 2 / float64(n) })},
		"logistic": {logistic, p.weighted(func(i int) float64 {
			s := 1 / (1 + math.Exp(-mat.Dot(p.x.RowView(i), mat.NewVecDense(len(p.w), p.w))))
			return s * (1 - s) / float64(n)
		})},
	}
}

func TestAgainstFormulas(t *testing.T) {
	p := newProblem(20, 6)
	for name, k := range p.known() {
		op := p.operator(t, k.loss)
		h, err := op.Dense()
		if err != nil {
			t.Fatal(err)
		}
		if !mat.EqualApprox(h, k.h, 1e-12) {
			t.Errorf("%s: Hessian\n%v, formula\n%v", name, mat.Formatted(h), mat.Formatted(k.h))
		}
	}
}

// network is a two-layer network with two parameter tensors: nothing about its Hessian is symmetric by
// construction.
func network(params, inputs []*Node) *Node {
	return ReduceAllMean(Square(Sub(Dot(Tanh(Dot(inputs[0], params[0])), params[1]), inputs[1])))
}

// TestAgainstDifferences: central differences of gradients converge to the product at second order.
func TestAgainstDifferences(t *testing.T) {
	p := newProblem(15, 4)
	r := rng.Stream(3, "network")
	theta := rng.Normals(r, 4*5+5)
	v := rng.Normals(r, len(theta))
	at := func(theta []float64) *Operator {
		op, err := New(claimtest.Backend(t), network, []*tensors.Tensor{
			nn.Tensor(mat.NewDense(4, 5, append([]float64(nil), theta[:20]...))), nn.Column(append([]float64(nil), theta[20:]...)),
		}, nn.Tensor(p.x), nn.Column(p.y))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(op.Close)
		return op
	}
	hv := make([]float64, len(theta))
	if err := at(theta).Product(hv, v); err != nil {
		t.Fatal(err)
	}
	var off []float64
	for _, h := range []float64{1e-2, 5e-3} {
		g := make([][]float64, 2)
		for i, s := range []float64{h, -h} {
			moved := append([]float64(nil), theta...)
			floats.AddScaled(moved, s, v)
			var err error
			if g[i], err = at(moved).Gradient(); err != nil {
				t.Fatal(err)
			}
		}
		floats.Sub(g[0], g[1])
		floats.Scale(1/(2*h), g[0])
		off = append(off, floats.Distance(g[0], hv, 2)/floats.Norm(hv, 2))
	}
	if off[1] > 1e-3 || math.Abs(off[0]/off[1]-4) > .1 {
		t.Errorf("differences are off by %v, want a quarter at half the step", off)
	}
}

func TestExtremes(t *testing.T) {
	p := newProblem(40, 12)
	k := p.known()["logistic"]
	values, err := linalg.EigenvaluesSym(k.h)
	if err != nil {
		t.Fatal(err)
	}
	op := p.operator(t, k.loss)
	top, err := op.Top(context.Background(), 2)
	if err != nil {
		t.Fatal(err)
	}
	bottom, err := op.Bottom(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := []float64{top.Values[0], top.Values[1], bottom.Values[0]}
	if want := []float64{values[0], values[1], values[11]}; !floats.EqualApprox(got, want, 1e-10) {
		t.Errorf("got %v, want %v", got, want)
	}
	if op.Products() == 0 {
		t.Error("no product was counted")
	}
}

// TestDensity: mass 1, moments equal to those of the known spectrum within the vectors' error, and two
// clusters of known sizes found as such.
func TestDensity(t *testing.T) {
	const d, big = 200, 50 // eigenvalues 2 (fifty times) and 0.5
	x := mat.NewDense(d, d, nil)
	for i := range d {
		lambda := .5
		if i < big {
			lambda = 2
		}
		x.Set(i, i, math.Sqrt(lambda*d/2))
	}
	p := problem{x: x, w: make([]float64, d), y: make([]float64, d)}
	op := p.operator(t, leastSquares)
	density, err := op.Density(context.Background(), DensityConfig{Vectors: 3, Steps: 8})
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range density.Weights {
		if math.Abs(floats.Sum(w)-1) > 1e-12 {
			t.Errorf("vector %d: weights of sum %g", i, floats.Sum(w))
		}
		if len(w) != 2 || !floats.EqualApprox(density.Nodes[i], []float64{.5, 2}, 1e-10) {
			t.Errorf("vector %d: nodes %v, want .5 and 2", i, density.Nodes[i])
		}
	}
	// H is diagonal here and entries ±1 have square 1: the share of each cluster is exact.
	if share := density.Mean(func(l float64) float64 {
		if l > 1 {
			return 1
		}
		return 0
	}); math.Abs(share-big/float64(d)) > 1e-10 {
		t.Errorf("share of eigenvalues above 1 is %g, want %g", share, big/float64(d))
	}
}

func TestCurve(t *testing.T) {
	d := &Density{Dim: 2, Nodes: [][]float64{{-1, 1}, {0}}, Weights: [][]float64{{.25, .75}, {1}}}
	var x []float64
	for i := -600; i <= 600; i++ {
		x = append(x, float64(i)/100)
	}
	y, err := d.Curve(x, .2)
	if err != nil {
		t.Fatal(err)
	}
	if mass := floats.Sum(y) / 100; math.Abs(mass-1) > 1e-9 {
		t.Errorf("mass %g, want 1", mass)
	}
	if _, err := d.Curve(x, 0); err == nil {
		t.Error("width 0: no error")
	}
}

func TestErrors(t *testing.T) {
	b := claimtest.Backend(t)
	one := nn.Column([]float64{1})
	if _, err := New(b, leastSquares, nil); err == nil {
		t.Error("no parameters: no error")
	}
	if _, err := New(b, leastSquares, []*tensors.Tensor{tensors.FromScalar(int32(1))}); err == nil || !strings.Contains(err.Error(), "float") {
		t.Errorf("integers: %v", err)
	}
	if _, err := New(nil, leastSquares, []*tensors.Tensor{one}); err == nil {
		t.Error("no backend: no error")
	}
	op, err := New(b, func(p, _ []*Node) *Node { return p[0] }, []*tensors.Tensor{one})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := op.Value(); err == nil || !strings.Contains(err.Error(), "scalar") {
		t.Errorf("a loss that is no scalar: %v", err)
	}
	op, err = New(b, func(p, _ []*Node) *Node { return ReduceAllSum(Sqrt(Sub(p[0], p[0]))) }, []*tensors.Tensor{one})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := op.Top(context.Background(), 1); err == nil || !strings.Contains(err.Error(), "second derivative") {
		t.Errorf("√0: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := newProblem(5, 3)
	if _, err := p.operator(t, leastSquares).Density(ctx, DensityConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
