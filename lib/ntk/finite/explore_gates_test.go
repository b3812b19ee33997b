package finite

import (
	"context"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// plainDescent is gradient descent as one would write it down.
func plainDescent(net nn.TwoLayer, x *mat.Dense, p *nn.TwoLayerParams, y []float64, scale, eta float64, steps int) *nn.TwoLayerParams {
	w := &nn.TwoLayerParams{W: mat.DenseCopyOf(p.W), A: p.A}
	for range steps {
		z := net.HostPreActivations(x, w)
		n, m := z.Dims()
		u := net.HostOutput(x, w, scale)
		for i := range n {
			for r := range m {
				if z.At(i, r) > 0 {
					floats.AddScaled(w.W.RawRowView(r), -eta*scale*w.A[r]*(u[i]-y[i]), x.RawRowView(i))
				}
			}
		}
	}
	return w
}

// TestGated: following gates takes the steps that gradient descent takes.
func TestGated(t *testing.T) {
	for _, test := range []struct {
		name     string
		n, width int
		steps    int
		paired   bool
		negative bool // inputs of both signs, so that K has negative entries
	}{
		{"narrow, many flips", 50, 16, 200, true, false},
		{"more inputs than a word has bits", 130, 32, 60, true, false},
		{"outputs that start away from zero", 50, 64, 100, false, false},
		{"inner products of both signs", 40, 32, 200, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, y, _, _, err := digitPair(test.n)
			if err != nil {
				t.Fatal(err)
			}
			if test.negative {
				x = mat.NewDense(test.n, 64, rng.Normals(rng.Stream(1, "inputs"), test.n*64))
				x.Scale(.125, x)
			}
			net := nn.TwoLayer{Inputs: 64, Width: test.width, Antisymmetric: test.paired}
			p, err := net.Init(rng.Stream(7, "init"))
			if err != nil {
				t.Fatal(err)
			}
			scale, eta := 1/math.Sqrt(float64(test.width)), .03
			g, err := newGated(net, x, p, scale)
			if err != nil {
				t.Fatal(err)
			}
			if err := g.run(context.Background(), y, eta, []int{test.steps}, func(int) error { return nil }); err != nil {
				t.Fatal(err)
			}
			end := plainDescent(net, x, p, y, scale, eta, test.steps)
			if d := largest(g.u, net.HostOutput(x, end, scale)); d > 1e-9 {
				t.Errorf("outputs differ by %.3g from plain gradient descent", d)
			}
			before, after := net.HostPreActivations(x, p), net.HostPreActivations(x, end)
			if got, want := g.flipped(), flips(before, after); got != want || want == 0 {
				t.Errorf("%.6f of the gates have flipped, want %.6f > 0", got, want)
			}
			most, root := g.moved()
			wantMost, wantRoot := movement(end.W, p.W)
			if math.Abs(most-wantMost) > 1e-9 || math.Abs(root-wantRoot) > 1e-9 {
				t.Errorf("movement %.9f and %.9f, want %.9f and %.9f", most, root, wantMost, wantRoot)
			}
			d, err := distance(g.kernel(), FirstLayerKernel(net, x, end, scale))
			if err != nil || d > 1e-9 {
				t.Errorf("H(t) is off by %.3g, %v", d, err)
			}
		})
	}
}

// BenchmarkGated trains the largest network of ExploreLabels.
func BenchmarkGated(b *testing.B) {
	p, err := labelProblems.Get(context.Background(), exploreTrain)
	if err != nil {
		b.Fatal(err)
	}
	for s, kind := range LabelNames {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				if _, err := trainLabels(context.Background(), p, labelKey{width: 4096, set: s}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestGatedAgainstGraph: the networks of the explorers are those that RunLabels and RunLazy train in
// graphs, in float32.
func TestGatedAgainstGraph(t *testing.T) {
	r, err := RunLabels(context.Background(), claimtest.Backend(t), LabelsConfig{Widths: []int{64}, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for s, kind := range LabelNames {
		if kind == "random" {
			continue // another draw there
		}
		run, err := labelNets.Get(context.Background(), labelKey{width: 64, set: s, seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		_, want, err := r.At(kind, 64, 50)
		if err != nil {
			t.Fatal(err)
		}
		if got := run.at(50); math.Abs(got-want) > 1e-3 { // a gate that rounding turns a step earlier
			t.Errorf("%s labels: loss %.6f after 50 steps, the graph's %.6f", kind, got, want)
		}
	}
}
