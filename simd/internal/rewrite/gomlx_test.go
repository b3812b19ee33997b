package rewrite_test

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"

	"github.com/lemma-ml/lemma/simd"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/rewrite"
)

// recorder is a backend that keeps the graphs it is given to compile.
type recorder struct {
	*simd.Backend
	graphs []*ir.Graph
}

type recordingBuilder struct {
	*simd.Builder
	to *recorder
}

func (r *recorder) Builder(name string) backends.Builder {
	return &recordingBuilder{r.Backend.Builder(name).(*simd.Builder), r}
}

// Compile keeps the builder's graph, which only the package itself can reach otherwise.
func (b *recordingBuilder) Compile(outputs []backends.Op, s []*backends.ShardingSpec) (backends.Executable, error) {
	g := (*ir.Graph)(reflect.ValueOf(b.Builder).Elem().FieldByName("graph").UnsafePointer())
	b.to.graphs = append(b.to.graphs, g)
	return b.Builder.Compile(outputs, s)
}

func newRecorder(t testing.TB) *recorder {
	t.Helper()
	b, err := simd.New("")
	if err != nil {
		t.Fatal(err)
	}
	return &recorder{Backend: b.(*simd.Backend)}
}

// step records the training step of a model through a trainer.
func step(t testing.TB, model func(ctx *context.Context, x []*Node) []*Node, opt optimizers.Interface, in ...*tensors.Tensor) *ir.Graph {
	r := newRecorder(t)
	ctx := context.New()
	ctx.SetRNGStateFromSeed(1)
	trainer := train.NewTrainer(r, ctx, func(ctx *context.Context, _ any, x []*Node) []*Node { return model(ctx, x) },
		losses.SparseCategoricalCrossEntropyLogits, opt, nil, nil)
	n := len(in) - 1
	if _, err := trainer.TrainStep(nil, in[:n], in[n:]); err != nil {
		t.Fatal(err)
	}
	var best *ir.Graph
	for _, g := range r.graphs {
		if best == nil || len(g.Nodes) > len(best.Nodes) {
			best = g
		}
	}
	return best
}

func floats(dims ...int) *tensors.Tensor {
	x := tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
	tensors.MustMutableFlatData(x, func(flat []float32) {
		for i := range flat {
			flat[i] = float32(i*7919%1000)/500 - 1
		}
	})
	return x
}

func ints(limit int, dims ...int) *tensors.Tensor {
	x := tensors.FromShape(shapes.Make(dtypes.Int32, dims...))
	tensors.MustMutableFlatData(x, func(flat []int32) {
		for i := range flat {
			flat[i] = int32(i * 7919 % limit)
		}
	})
	return x
}

func mlp(ctx *context.Context, in []*Node) []*Node {
	x := layers.Dense(ctx.In("hidden"), in[0], true, 32)
	x = activations.Relu(x)
	return []*Node{layers.Dense(ctx.In("out"), x, true, 10)}
}

func transformer(ctx *context.Context, in []*Node) []*Node {
	const d, heads, vocab = 16, 2, 11
	x := layers.Embedding(ctx.In("tokens"), in[0], dtypes.Float32, vocab, d)
	for i := range 2 {
		c := ctx.In(fmt.Sprint("layer", i))
		y := layers.LayerNormalization(c.In("norm1"), x, -1).Done()
		y = layers.MultiHeadAttention(c.In("attention"), y, y, y, heads, d/heads).UseCausalMask().Done()
		x = Add(x, y)
		y = layers.LayerNormalization(c.In("norm2"), x, -1).Done()
		y = layers.Dense(c.In("up"), y, true, 4*d)
		y = activations.Gelu(y)
		x = Add(x, layers.Dense(c.In("down"), y, true, d))
	}
	x = layers.LayerNormalization(ctx.In("norm"), x, -1).Done()
	return []*Node{layers.Dense(ctx.In("out"), x, true, vocab)}
}

func convnet(ctx *context.Context, in []*Node) []*Node {
	x := in[0]
	x = activations.Relu(layers.Convolution(ctx.In("conv1"), x).Channels(16).KernelSize(3).PadSame().Done())
	x = activations.Relu(layers.Convolution(ctx.In("conv2"), x).Channels(32).KernelSize(3).PadSame().Strides(2).Done())
	x = MaxPool(x).Window(2).Done()
	x = Reshape(x, x.Shape().Dimensions[0], -1)
	return []*Node{layers.Dense(ctx.In("out"), x, true, 10)}
}

func TestDump(t *testing.T) {
	dir := os.Getenv("DUMP")
	if dir == "" {
		t.Skip()
	}
	for name, g := range map[string]*ir.Graph{
		"mlp_sgd":     step(t, mlp, optimizers.StochasticGradientDescent().Done(), floats(8, 20), ints(10, 8, 1)),
		"mlp_adam":    step(t, mlp, optimizers.Adam().Done(), floats(8, 20), ints(10, 8, 1)),
		"transformer": step(t, transformer, optimizers.Adam().Done(), ints(11, 2, 6), ints(11, 2, 6, 1)),
		"convnet":     step(t, convnet, optimizers.StochasticGradientDescent().Done(), floats(2, 8, 8, 1), ints(10, 2, 1)),
	} {
		os.WriteFile(dir+"/"+name+".before", []byte(g.String()), 0o666)
		h := rewrite.Rewritten(t, g, rewrite.Options{}, 1e-4, false)
		os.WriteFile(dir+"/"+name+".after", []byte(h.String()), 0o666)
		t.Log(name, len(g.Nodes), len(h.Nodes))
	}
}
