package factor

import (
	"context"
	"errors"
	"math"
	"math/cmplx"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
	"gonum.org/v1/gonum/floats"
)

func TestReachTimeInvertsAlignedValue(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for _, s := range []float64{.002, .1, .4, .49} {
			at, err := ReachTime(1e-3, s, .5, n)
			if err != nil {
				t.Fatal(err)
			}
			back, err := AlignedValue(1e-3, .5, at, n)
			if err != nil || math.Abs(back/s-1) > 1e-9 {
				t.Errorf("depth %d: the value at the time of %v is %v, %v", n, s, back, err)
			}
		}
	}
}

func TestDFTIsUnitaryAndTurnsConvolutionIntoProducts(t *testing.T) {
	a, b := []float64{1, -2, .5, 3, 0}, []float64{.2, 1, 1, -1, 4}
	fa, fb := DFT(a), DFT(b)
	if got, want := inner(fa, fb), floats.Dot(a, b); math.Abs(got-want) > 1e-12 {
		t.Errorf("inner product of spectra %v, of vectors %v", got, want)
	}
	conv := make([]float64, 5)
	for i := range a {
		for j := range b {
			conv[(i+j)%5] += a[i] * b[j]
		}
	}
	for k, c := range DFT(conv) {
		if want := fa[k] * fb[k] * complex(math.Sqrt(5), 0); cmplx.Abs(c-want) > 1e-12 {
			t.Errorf("entry %d of the convolution's spectrum is %v, want %v", k, c, want)
		}
	}
}

// One example: the Euclidean maximizer is the example, the ℓ_1 maximizer puts all on its largest
// frequency.
func TestFourierKKTKnowsTheSolutions(t *testing.T) {
	z := DFT([]float64{1, -2, .5, 3, 0, 2})
	flat, _, err := FourierKKT(z, [][]complex128{z}, 1)
	if err != nil || flat > 1e-12 {
		t.Errorf("depth 1 at the example: residual %v, %v", flat, err)
	}
	top := 0
	for i := range z {
		if cmplx.Abs(z[i]) > cmplx.Abs(z[top]) {
			top = i
		}
	}
	sparse := make([]complex128, len(z))
	for _, i := range []int{top, (len(z) - top) % len(z)} {
		sparse[i] = z[i]
	}
	for depth := 2; depth <= 4; depth++ {
		r, alpha, err := FourierKKT(sparse, [][]complex128{z}, depth)
		if err != nil || r > 1e-12 {
			t.Errorf("depth %d at the largest frequency: residual %v, %v", depth, r, err)
		}
		if depth == 2 {
			if got, want := MarginBound(alpha, [][]complex128{z}, 2), inner(sparse, z)/SpectralNorm(sparse, 2); math.Abs(got-want) > 1e-12 {
				t.Errorf("bound %v, margin %v", got, want)
			}
		}
	}
}

func TestVariation(t *testing.T) {
	for _, c := range []struct {
		reason string
		net    Net
		want   float64
	}{
		{"no neuron", Net{}, 0},
		{"one kink", Net{A: []float64{2}, W: []float64{-3}, B: []float64{1}}, 6},
		{"a kink that cancels: a straight line", Net{A: []float64{1, -1}, W: []float64{1, -1}, B: []float64{0, 0}}, 0},
		{"a constant neuron has no kink", Net{A: []float64{5, 1}, W: []float64{0, 1}, B: []float64{1, 0}}, 1},
	} {
		if got := c.net.Variation(); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
}

func TestLeastCostOfALine(t *testing.T) {
	x, y := []float64{-1, 2}, []float64{-3, 3}
	if v, err := LeastVariation(x, y); err != nil || v != 0 {
		t.Errorf("variation of a line: %v, %v", v, err)
	}
	if c, err := LeastCost(x, y); err != nil || math.Abs(c-2) > 1e-12 {
		t.Errorf("cost of a line of slope 2: %v, %v, want 2", c, err)
	}
	if c, err := CostByProgram(x, y, 5); err != nil || math.Abs(c-2) > 1e-9 {
		t.Errorf("the program's cost of a line of slope 2: %v, %v, want 2", c, err)
	}
}

func TestBadInput(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		want string
		run  func() error
	}{
		{"45 examples", func() error { _, err := RunConv(ctx, ConvConfig{Examples: 45, Width: 50}); return err }},
		{"depth -1", func() error { _, err := RunProduct(ctx, ProductConfig{Depth: -1}); return err }},
		{"scale", func() error { _, err := RunSensing(ctx, SensingConfig{Scales: []float64{-1}}); return err }},
		{"scale", func() error { _, err := RunDepth(ctx, DepthConfig{Values: []float64{1e-9}}); return err }},
		{"share of 2", func() error { _, err := RunFlow(ctx, FlowConfig{Observed: 2}); return err }},
		{"point 2", func() error {
			_, err := RunReLU(ctx, ReLUConfig{X: []float64{1, 1}, Y: []float64{0, 0}})
			return err
		}},
		{"point 1", func() error { _, err := LeastCost([]float64{math.NaN(), 1}, []float64{0, 0}); return err }},
		{"grid of 1", func() error { _, err := CostByProgram([]float64{0, 1}, []float64{0, 0}, 1); return err }},
		{"smallest margin", func() error { _, _, err := FourierKKT(DFT([]float64{1}), [][]complex128{{-1}}, 2); return err }},
		{"want 0 < a", func() error { _, err := ReachTime(0, 1, 2, 2); return err }},
	} {
		if err := c.run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
	}
}

func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, run := range map[string]func() error{
		"sensing": func() error { _, err := RunSensing(ctx, SensingConfig{}); return err },
		"product": func() error { _, err := RunProduct(ctx, ProductConfig{}); return err },
		"depth":   func() error { _, err := RunDepth(ctx, DepthConfig{}); return err },
		"flow":    func() error { _, err := RunFlow(ctx, FlowConfig{}); return err },
		"conv":    func() error { _, err := RunConv(ctx, ConvConfig{}); return err },
		"relu":    func() error { _, err := RunReLU(ctx, ReLUConfig{}); return err },
	} {
		if err := run(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want a cancelled context", name, err)
		}
	}
}

func TestLessons(t *testing.T) {
	lessontest.Breaks(t, Breaks())
	p, err := PredictMissing(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	if s := p.Guess.Score(10); s < 95 {
		t.Errorf("the guess 10 scores %v", s)
	}
}

// Descent in Fourier coordinates keeps the predictor real, and its margin is what the record says.
func TestConvolutionKeepsItsPredictorReal(t *testing.T) {
	for depth := 1; depth <= 4; depth++ {
		path, err := RunConv(context.Background(), ConvConfig{Depth: depth, Seed: 5, Steps: 3000})
		if err != nil {
			t.Fatal(err)
		}
		p := path[len(path)-1]
		low := math.Inf(1)
		for _, z := range p.Examples {
			low = min(low, inner(p.Beta, z))
		}
		if math.Abs(low/p.Norm-p.Margin) > 1e-12 || low <= 0 {
			t.Errorf("depth %d: margin %v from the predictor, %v told", depth, low/p.Norm, p.Margin)
		}
		for k := range p.Beta {
			if c := p.Beta[(len(p.Beta)-k)%len(p.Beta)] - cmplx.Conj(p.Beta[k]); cmplx.Abs(c) > 1e-9*p.Norm {
				t.Errorf("depth %d: the predictor is not real at frequency %d", depth, k)
			}
		}
	}
}

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 1) }
