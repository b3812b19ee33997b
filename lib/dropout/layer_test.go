package dropout

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	mlcontext "github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// TestGoMLXConvention: layers.Dropout of GoMLX takes the probability of dropping and scales what is kept
// by 1/(1-p), as Layer does, so that one rate means one thing.
func TestGoMLXConvention(t *testing.T) {
	b := claimtest.Backend(t)
	const p, n = .2, 20000
	ones := make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	for _, training := range []bool{true, false} {
		ctx := mlcontext.New()
		if err := ctx.SetRNGStateFromSeed(7); err != nil {
			t.Fatal(err)
		}
		e, err := mlcontext.NewExec(b, ctx, func(ctx *mlcontext.Context, x *graph.Node) *graph.Node {
			ctx.SetTraining(x.Graph(), training)
			return layers.DropoutStatic(ctx, x, p)
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Exec(tensors.FromFlatDataAndDimensions(ones, n))
		if err != nil {
			t.Fatal(err)
		}
		v, err := nn.Values(out[0])
		if err != nil {
			t.Fatal(err)
		}
		zeros := 0
		for _, x := range v {
			switch {
			case x == 0:
				zeros++
			case training && math.Abs(x-1/(1-p)) > 1e-6, !training && x != 1: // GoMLX keeps the rate in float32
				t.Fatalf("training %v: an entry of 1 became %g", training, x)
			}
		}
		want := 0.0
		if training {
			want = p
		}
		if share := float64(zeros) / n; math.Abs(share-want) > 4*math.Sqrt(want*(1-want)/n) {
			t.Errorf("training %v: %.4f of the entries dropped, want %g", training, share, want)
		}
		e.Finalize()
	}
}

func TestLayerFaults(t *testing.T) {
	b := claimtest.Backend(t)
	for name, l := range map[string]Layer{"rate 1": {Rate: 1}, "rate NaN": {Rate: math.NaN()}, "unknown noise": {Rate: .1, Noise: "cauchy"}} {
		if _, err := l.Draw(rng.Stream(1, "t"), 2, 2); err == nil {
			t.Errorf("%s: Draw: no error", name)
		}
	}
	if _, err := (Layer{Rate: .1}).Draw(rng.Stream(1, "t"), 2, 0); err == nil {
		t.Error("a dimension of 0: no error")
	}
	x := tensors.FromFlatDataAndDimensions(make([]float64, 6), 2, 3)
	for name, c := range map[string]struct {
		build func(x *graph.Node) *graph.Node
		want  string
	}{
		"draws of another shape": {func(x *graph.Node) *graph.Node {
			return Layer{Rate: .5}.Forward(x, graph.Slice(x, graph.AxisRange(0, 1)))
		}, "want the input's"},
		"weights of another width": {func(x *graph.Node) *graph.Node {
			return Regularizer(Squared, 1, x, graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, 2)), nil)
		}, "want [..., d] and [k, d]"},
		"softmax without logits": {func(x *graph.Node) *graph.Node { return Regularizer(Softmax, 1, x, x, nil) }, "wants logits"},
		"DropConnect's softmax without logits": {func(x *graph.Node) *graph.Node {
			return ConnectRegularizer(Softmax, 1, x, x, nil)
		}, "wants logits"},
		"an unknown loss": {func(x *graph.Node) *graph.Node { return Regularizer("hinge", 1, x, x, x) }, "hinge"},
	} {
		e, err := nn.NewExec(b, name, func(in []*graph.Node) []*graph.Node { return []*graph.Node{c.build(in[0])} })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
		e.Close()
	}
}

func TestHeadFaults(t *testing.T) {
	h := randomHead(1, Squared, 3, 4, 2, 1)
	bad := h
	bad.Targets = h.Features
	if err := bad.Validate(); err == nil {
		t.Error("targets of another width: no error")
	}
	if _, err := (Head{}).Penalty(1); err == nil {
		t.Error("an empty head: no error")
	}
	bad = h
	bad.Loss = "hinge"
	if _, err := bad.FirstOrder(1); err == nil {
		t.Error("an unknown loss: no error")
	}
}
