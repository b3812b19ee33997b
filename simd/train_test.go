package simd_test

import (
	"testing"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// GoMLX's trainer donates the variables that a step changes, Adam's and the random state among them,
// and gets them back. A net learns two classes, with memory as it was after the first steps.
func TestTrainer(t *testing.T) {
	b := newBackend(t, "")
	ctx := context.New()
	ctx.SetRNGStateFromSeed(1)
	model := func(ctx *context.Context, _ any, in []*Node) []*Node {
		x := activations.Relu(layers.Dense(ctx.In("hidden"), in[0], true, 32))                     // [64, 32]
		x = layers.DropoutNormalize(ctx.In("dropout"), x, Scalar(x.Graph(), x.DType(), 0.1), true) // [64, 32]
		return []*Node{layers.Dense(ctx.In("logits"), x, true, 2)}                                 // [64, 2]
	}
	trainer := train.NewTrainer(b, ctx, model, losses.SparseCategoricalCrossEntropyLogits, optimizers.Adam().Done(), nil, nil)
	s := newSampler(1, false)
	x := s.array(dtypes.Float32, 64, 5)
	labels := make([]int32, 64)
	for i := range labels {
		if x.v[5*i].f*x.v[5*i+1].f > 0 { // no line separates them
			labels[i] = 1
		}
	}
	in := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(x.flat().([]float32), 64, 5)}
	out := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, 64, 1)}
	var loss [2]float64
	var inUse int64
	for k := range 400 {
		metrics, err := trainer.TrainStep(nil, in, out)
		if err != nil {
			t.Fatal(err)
		}
		if k == 0 {
			loss[0] = float64(tensors.ToScalar[float32](metrics[0]))
		}
		loss[1] = float64(tensors.ToScalar[float32](metrics[0]))
		for _, m := range metrics {
			m.MustFinalizeAll()
		}
		if k == 20 {
			inUse = b.Memory().InUse
		}
	}
	if loss[1] > loss[0]/3 {
		t.Errorf("the loss went from %g to %g, want less than a third", loss[0], loss[1])
	}
	if m := b.Memory(); m.InUse != inUse {
		t.Errorf("%d bytes in use after 20 steps, %d after 400", inUse, m.InUse)
	}
}
