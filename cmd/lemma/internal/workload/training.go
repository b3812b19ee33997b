package workload

import (
	"fmt"

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
)

// training returns the step of GoMLX's trainer on one batch that stays the same.
func training(backend backends.Backend, model train.ModelFn, optimizer optimizers.Interface, input, labels *tensors.Tensor) (func() error, error) {
	trainer := train.NewTrainer(backend, context.New(), model, losses.SparseCategoricalCrossEntropyLogits, optimizer, nil, nil)
	return func() error {
		metrics, err := trainer.TrainStep(nil, []*tensors.Tensor{input}, []*tensors.Tensor{labels})
		for _, m := range metrics {
			m.MustFinalizeAll()
		}
		return err
	}, nil
}

func optimizer(name string) optimizers.Interface {
	if name == "sgd" {
		return optimizers.StochasticGradientDescent().WithDecay(false).WithLearningRate(1e-3).Done()
	}
	return optimizers.Adam().LearningRate(1e-4).Done()
}

// mlp is a step on a network 784-256-10 with ReLU.
func mlp(method string, floor float64) Workload {
	const batch, in, hidden, out = 128, 784, 256, 10
	return Workload{
		Name: "mlp " + method, What: fmt.Sprintf("MLP 784-256-10, batch 128, a step of %s", method), FloorOne: floor, FloorAll: floor,
		FLOP: 2 * batch * hidden * (2*in + 3*out), // no gradient goes back to the input
		New: func(b backends.Backend) (func() error, error) {
			return training(b, func(ctx *context.Context, _ any, in []*Node) []*Node {
				x := activations.Relu(layers.Dense(ctx.In("1"), in[0], true, hidden))
				return []*Node{layers.Dense(ctx.In("2"), x, true, out)}
			}, optimizer(method), normals[float32](1, batch, in), classes(2, out, batch, 1))
		},
	}
}

// transformer is a step on a language model: token and position embeddings, layers with their norms
// before attention and before the MLP, logits for the next token.
func transformer() Workload {
	const batch, tokens, width, heads, blocks, vocabulary = 16, 64, 128, 4, 2, 256
	const n = batch * tokens
	return Workload{
		Name: "transformer", What: "transformer of 2 layers, d = 128, 4 heads, 16x64 tokens of 256, a step of adam", FloorOne: 1.3, FloorAll: 1.3,
		FLOP: 3 * 2 * n * (blocks*(12*width*width+2*tokens*width) + width*vocabulary),
		New: func(b backends.Backend) (func() error, error) {
			return training(b, func(ctx *context.Context, _ any, in []*Node) []*Node {
				g := in[0].Graph()
				x := layers.Embedding(ctx.In("token"), in[0], dtypes.Float32, vocabulary, width)
				place := layers.Embedding(ctx.In("place"), Iota(g, shapes.Make(dtypes.Int32, tokens), 0), dtypes.Float32, tokens, width)
				x = Add(x, ExpandLeftToRank(place, 3))
				for i := range blocks {
					ctx := ctx.In(fmt.Sprintf("block%d", i))
					h := layers.LayerNormalization(ctx.In("norm1"), x, -1).Done()
					x = Add(x, layers.MultiHeadAttention(ctx.In("attention"), h, h, h, heads, width/heads).UseCausalMask().Done())
					h = layers.LayerNormalization(ctx.In("norm2"), x, -1).Done()
					h = activations.Gelu(layers.Dense(ctx.In("up"), h, true, 4*width))
					x = Add(x, layers.Dense(ctx.In("down"), h, true, width))
				}
				x = layers.LayerNormalization(ctx.In("norm"), x, -1).Done()
				return []*Node{layers.Dense(ctx.In("logits"), x, false, vocabulary)}
			}, optimizer("adam"), classes(1, vocabulary, batch, tokens), classes(2, vocabulary, batch, tokens, 1))
		},
	}
}

// convnet is a step on a small convolutional network.
func convnet() Workload {
	const batch, side, out = 64, 28, 10
	return Workload{
		Name: "convnet", What: "conv 16, conv 32 stride 2, max pool 2, dense 10 on [64, 28, 28, 1], a step of adam", FloorOne: 1, FloorAll: 1,
		FLOP: 2 * batch * (2*28*28*16*9 + 3*14*14*32*16*9 + 3*7*7*32*out),
		New: func(b backends.Backend) (func() error, error) {
			return training(b, func(ctx *context.Context, _ any, in []*Node) []*Node {
				x := activations.Relu(layers.Convolution(ctx.In("conv1"), in[0]).Channels(16).KernelSize(3).PadSame().Done())
				x = activations.Relu(layers.Convolution(ctx.In("conv2"), x).Channels(32).KernelSize(3).PadSame().Strides(2).Done())
				x = MaxPool(x).Window(2).Done()
				x = Reshape(x, batch, -1)
				return []*Node{layers.Dense(ctx.In("dense"), x, true, out)}
			}, optimizer("adam"), normals[float32](1, batch, side, side, 1), classes(2, out, batch, 1))
		},
	}
}
