package rewrite_test

import (
	"fmt"
	"os"
	"path/filepath"
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

// record builds a graph of a scalar function of its inputs and its gradients by all of them, and
// returns it as the builder gave it to be compiled.
func record(t *testing.T, f func(x []*Node) *Node, in ...*tensors.Tensor) *ir.Graph {
	t.Helper()
	r := newRecorder(t)
	args := make([]any, len(in))
	for i, x := range in {
		args[i] = x
	}
	exec, err := NewExec(r, func(x []*Node) []*Node {
		y := f(x)
		return append(Gradient(ReduceAllSum(Mul(y, Sin(y))), x...), y)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	if _, err := exec.Exec(args...); err != nil {
		t.Fatal(err)
	}
	return r.graphs[len(r.graphs)-1]
}

// TestGradients rewrites the gradients of products and convolutions as GoMLX writes them: what
// multiplies is left to contractions, and no array is larger than the operands and the result.
func TestGradients(t *testing.T) {
	einsum := func(equation string) func(x []*Node) *Node {
		return func(x []*Node) *Node { return Einsum(equation, x[0], x[1]) }
	}
	conv := func(f func(c *ConvolutionBuilder) *ConvolutionBuilder) func(x []*Node) *Node {
		return func(x []*Node) *Node { return f(Convolve(x[0], x[1])).Done() }
	}
	for _, row := range []struct {
		name      string
		f         func(x []*Node) *Node
		in        []*tensors.Tensor
		contracts int
		largest   int // elements of an array
	}{
		{"Dot of matrices", func(x []*Node) *Node { return Dot(x[0], x[1]) }, []*tensors.Tensor{floats(8, 20), floats(20, 30)}, 3, 600},
		{"Dot of a matrix and a vector", func(x []*Node) *Node { return Dot(x[0], x[1]) }, []*tensors.Tensor{floats(8, 20), floats(20)}, 1, 160},
		{"Dot of vectors", func(x []*Node) *Node { return Dot(x[0], x[1]) }, []*tensors.Tensor{floats(20), floats(20)}, 1, 20},
		{"DotGeneral with a batch", func(x []*Node) *Node {
			return DotGeneral(x[0], []int{2}, []int{0}, x[1], []int{1}, []int{2})
		}, []*tensors.Tensor{floats(3, 5, 7), floats(6, 7, 3)}, 3, 126},
		{"DotGeneral over two axes", func(x []*Node) *Node {
			return DotGeneral(x[0], []int{2, 0}, nil, x[1], []int{1, 2}, nil)
		}, []*tensors.Tensor{floats(3, 5, 7), floats(6, 7, 3)}, 3, 126},
		{"attention scores", einsum("bqhd,bkhd->bhqk"), []*tensors.Tensor{floats(2, 5, 3, 4), floats(2, 6, 3, 4)}, 3, 180},
		{"attention values", einsum("bhqk,bkhd->bqhd"), []*tensors.Tensor{floats(2, 3, 5, 6), floats(2, 6, 3, 4)}, 3, 180},
		{"outer product", einsum("i,j->ij"), []*tensors.Tensor{floats(20), floats(30)}, 1, 600},
		{"an index that is summed before", func(x []*Node) *Node {
			return Dot(ReduceSum(x[0], 1), x[1])
		}, []*tensors.Tensor{floats(8, 3, 20), floats(20, 30)}, 3, 600},
		{"written as a product and a sum", func(x []*Node) *Node {
			return ReduceSum(Mul(InsertAxes(x[0], -1), InsertAxes(x[1], 0)), 1)
		}, []*tensors.Tensor{floats(8, 20), floats(20, 30)}, 3, 600},
		{"scaled", func(x []*Node) *Node {
			return ReduceSum(MulScalar(Mul(InsertAxes(x[0], -1), InsertAxes(x[1], 0)), 0.3), 1)
		}, []*tensors.Tensor{floats(8, 20), floats(20, 30)}, 3, 600},
		{"convolution", conv(func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.NoPadding() }),
			[]*tensors.Tensor{floats(2, 9, 8, 3), floats(3, 3, 3, 4)}, 3, 880},
		{"padded convolution", conv(func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.PadSame() }),
			[]*tensors.Tensor{floats(2, 9, 8, 3), floats(3, 3, 3, 4)}, 3, 880},
		{"strides: a contraction for each phase", conv(func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.PadSame().Strides(2) }),
			[]*tensors.Tensor{floats(2, 9, 8, 3), floats(3, 3, 3, 4)}, 6, 600},
		{"strides larger than the kernel", conv(func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.NoPadding().Strides(3) }),
			[]*tensors.Tensor{floats(2, 9, 8, 3), floats(2, 2, 3, 4)}, 6, 600},
		{"dilations", conv(func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.PadSame().Dilations(2) }),
			[]*tensors.Tensor{floats(2, 9, 8, 3), floats(3, 3, 3, 4)}, 3, 1248},
		{"groups of channels", conv(func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.PadSame().ChannelGroupCount(2) }),
			[]*tensors.Tensor{floats(2, 9, 8, 4), floats(3, 3, 2, 6)}, 5, 960},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := record(t, row.f, row.in...)
			h := rewrite.Rewritten(t, g, rewrite.Options{}, 2e-5, false)
			contracts, largest := 0, 0
			for _, n := range h.Nodes {
				switch n.Op {
				case ir.OpContract:
					contracts++
				case backends.OpTypeDotGeneral, backends.OpTypeConvGeneral:
					t.Errorf("%s is left", n)
				}
				largest = max(largest, n.Shape.Size())
			}
			if contracts != row.contracts || largest > row.largest {
				t.Errorf("%d contractions and arrays of up to %d elements, want %d and %d\n%s", contracts, largest, row.contracts, row.largest, h)
			}
		})
	}
}

// steps records the training steps of four small models.
func steps(t testing.TB) map[string]*ir.Graph {
	sgd := optimizers.StochasticGradientDescent().Done()
	return map[string]*ir.Graph{
		"perceptron, SGD":  step(t, mlp, sgd, floats(8, 20), ints(10, 8, 1)),
		"perceptron, Adam": step(t, mlp, optimizers.Adam().Done(), floats(8, 20), ints(10, 8, 1)),
		"transformer":      step(t, transformer, optimizers.Adam().Done(), ints(11, 2, 6), ints(11, 2, 6, 1)),
		"convolutions":     step(t, convnet, sgd, floats(2, 8, 8, 1), ints(10, 2, 1)),
	}
}

// TestTrainingSteps rewrites whole training steps and counts what is left.
func TestTrainingSteps(t *testing.T) {
	want := map[string]map[ir.Op]int{
		"perceptron, SGD":  {ir.OpContract: 5, backends.OpTypeTranspose: 0, backends.OpTypeIota: 0},
		"perceptron, Adam": {ir.OpContract: 5, backends.OpTypeTranspose: 0, backends.OpTypeIota: 0},
		// 4 projections, scores, values and 2 layers in each of two blocks, and the output: three
		// contractions each; no transposes; 5 of 10 masks a block are needless.
		"transformer": {ir.OpContract: 51, backends.OpTypeTranspose: 0, backends.OpTypeWhere: 10, backends.OpTypeIota: 0},
		// 2 for the first layer, 2+4 for the second and its four phases, 3 for the last.
		"convolutions": {ir.OpContract: 11, backends.OpTypeTranspose: 0, backends.OpTypePad: 3, backends.OpTypeConcatenate: 3},
	}
	dump := os.Getenv("LEMMA_REWRITE_DUMP") // a directory to look at programs
	for name, g := range steps(t) {
		t.Run(name, func(t *testing.T) {
			h := rewrite.Rewritten(t, g, rewrite.Options{}, 1e-4, false)
			got := map[ir.Op]int{}
			for _, n := range h.Nodes {
				got[n.Op]++
			}
			for op, count := range want[name] {
				if got[op] != count {
					t.Errorf("%d %s, want %d", got[op], ir.Name(op), count)
				}
			}
			if dump != "" {
				os.WriteFile(filepath.Join(dump, name+".before"), []byte(g.String()), 0o666)
				os.WriteFile(filepath.Join(dump, name+".after"), []byte(h.String()), 0o666)
			}
			t.Logf("%d nodes became %d", len(g.Nodes), len(h.Nodes))
		})
	}
}

// BenchmarkRun takes about 8 ms for the step of the transformer, which has 2,000 nodes.
func BenchmarkRun(b *testing.B) {
	for name, g := range steps(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				rewrite.Run(g, rewrite.Evaluate, rewrite.Options{})
			}
		})
	}
}
