package deepnet

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Model names a network whose top hidden layer is dropped, of a kind that section 11.2 does not treat but
// whose penalty is the same.
type Model string

// The models, for digits of 8×8.
const (
	// Convnet is a convolution of 8 channels of 3×3, ReLU, means over 2×2, a hidden layer of 64 ReLU
	// units and a readout. Places for masks: "conv", "top".
	Convnet Model = "convnet"
	// Transformer reads the 8 rows of an image as tokens: an embedding of width 16 with a learned
	// position, a block of attention and a layer of 32 ReLU units, both with a residual path, and a
	// readout of all tokens. Places for masks: "block" (the 32 units), "top".
	Transformer Model = "transformer"
)

// places returns where a model can have masks, the top last.
func (m Model) places() []string {
	switch m {
	case Convnet:
		return []string{"conv", "top"}
	case Transformer:
		return []string{"block", "top"}
	}
	return nil
}

// shapes returns the shape of each parameter; the last is W_k. An entry is drawn with variance gain over
// the product of the axes but the one of outputs.
func (m Model) shapes() (shapes [][]int, variance []float64) {
	add := func(v float64, s ...int) { shapes, variance = append(shapes, s), append(variance, v) }
	if m == Convnet {
		add(2./9, 3, 3, 1, 8)
		add(2./128, 64, 128)
		add(1./64, 10, 64)
		return shapes, variance
	}
	add(1./8, 16, 8) // embedding
	add(.01, 8, 16)  // position
	for range 3 {
		add(1./16, 16, 16) // query, key, value
	}
	add(2./16, 32, 16)
	add(1./32, 16, 32)
	add(1./128, 10, 128)
	return shapes, variance
}

// features returns the top hidden layer [n, d] of digits [n, 64]; drop is called at each place but the
// top.
func (m Model) features(w []*graph.Node, x *graph.Node, drop func(place string, a *graph.Node) *graph.Node) *graph.Node {
	n := x.Shape().Dimensions[0]
	relu := func(x *graph.Node) *graph.Node { return graph.MaxScalar(x, 0) }
	if m == Convnet {
		a := relu(graph.Convolve(graph.Reshape(x, n, 8, 8, 1), w[0]).PadSame().Done())
		a = graph.ReduceMean(graph.Reshape(drop("conv", a), n, 4, 2, 4, 2, 8), 2, 4)
		return relu(graph.DotGeneral(graph.Reshape(a, n, 128), []int{1}, nil, w[1], []int{1}, nil))
	}
	dense := func(x, w *graph.Node) *graph.Node { return graph.DotGeneral(x, []int{2}, nil, w, []int{1}, nil) }
	h := dense(graph.Reshape(x, n, 8, 8), w[0])
	h = graph.Add(h, graph.BroadcastToShape(graph.ExpandLeftToRank(w[1], 3), h.Shape()))
	scores := graph.MulScalar(graph.Einsum("bqd,bkd->bqk", dense(h, w[2]), dense(h, w[3])), .25)
	h = graph.Add(h, graph.Einsum("bqk,bkd->bqd", graph.Softmax(scores), dense(h, w[4])))
	h = graph.Add(h, dense(drop("block", relu(dense(h, w[5]))), w[6]))
	return graph.Reshape(h, n, 128)
}

// shape of what drop is called with at a place, without the examples' axis.
func (m Model) shape(place string) []int {
	switch place {
	case "conv":
		return []int{8, 8, 8}
	case "block":
		return []int{8, 32}
	}
	s, _ := m.shapes()
	return s[len(s)-1][1:]
}

// ModelMethod is how a model is trained.
type ModelMethod struct {
	Rate    float64
	Places  []string // of masks; nil means the top
	Penalty bool     // the penalty of the top in place of masks
}

// Name says the method in words.
func (m ModelMethod) Name() string {
	switch {
	case m.Rate == 0:
		return "plain"
	case m.Penalty:
		return fmt.Sprintf("explicit penalty, p = %g", m.Rate)
	case m.Places == nil:
		return fmt.Sprintf("masks on the top, p = %g", m.Rate)
	}
	return fmt.Sprintf("masks on %v, p = %g", m.Places, m.Rate)
}

// ModelsConfig describes the experiment: models on some of the digits, data and descent as in Config. The
// zero value is Quick.
type ModelsConfig struct {
	Models  []Model       // nil means both
	Methods []ModelMethod // nil means plain, masks on the top and the penalty, p = 1/2
	Train   int           // 0 means 300
	Epochs  int           // 0 means 100
	Batch   int           // 0 means 50; divides Train
	Step    float64       // 0 means 0.05
	Seed    uint64        // streams "split", "init/<model>", "order", "masks/<model>/<method>"
}

func (c ModelsConfig) withDefaults() ModelsConfig {
	if c.Models == nil {
		c.Models = []Model{Convnet, Transformer}
	}
	if c.Methods == nil {
		c.Methods = []ModelMethod{{}, {Rate: .5}, {Rate: .5, Penalty: true}}
	}
	if c.Train == 0 {
		c.Train = 300
	}
	if c.Epochs == 0 {
		c.Epochs = 100
	}
	if c.Batch == 0 {
		c.Batch = 50
	}
	if c.Step == 0 {
		c.Step = .05
	}
	return c
}

// ModelOutcome is one run of one model.
type ModelOutcome struct {
	Model    Model
	Method   ModelMethod
	Penalty  float64 // R̂/λ on the training digits
	Train    float64 // squared loss there
	Loss     float64 // squared loss on the held-out digits
	Accuracy float64
}

// ModelsResult holds the experiment, models outside, methods inside.
type ModelsResult struct {
	Config   ModelsConfig
	Outcomes []ModelOutcome
}

// Outcome returns the run of a model with method k of the configuration.
func (r *ModelsResult) Outcome(m Model, k int) *ModelOutcome {
	return &r.Outcomes[slices.Index(r.Config.Models, m)*len(r.Config.Methods)+k]
}

// RunModels trains each model with each method.
func RunModels(ctx context.Context, b backends.Backend, cfg ModelsConfig) (*ModelsResult, error) {
	const fn = "deepnet.RunModels"
	cfg = cfg.withDefaults()
	table, err := data.Digits()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	common := Config{Train: cfg.Train, Epochs: cfg.Epochs, Batch: cfg.Batch, Step: cfg.Step, Seed: cfg.Seed}.withDefaults()
	if err := common.validate(table.Len()); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for _, m := range cfg.Models {
		if m.places() == nil {
			return nil, fmt.Errorf("%s: model %q, want %q or %q", fn, string(m), Convnet, Transformer)
		}
		for _, method := range cfg.Methods {
			for _, p := range method.Places {
				if !slices.Contains(m.places(), p) {
					return nil, fmt.Errorf("%s: masks on %q of a %s, want %q", fn, p, m, m.places())
				}
			}
		}
	}
	d, err := newDigits(common, table)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := &ModelsResult{Config: cfg}
	for _, m := range cfg.Models {
		for _, method := range cfg.Methods {
			o, err := cfg.one(ctx, b, m, method, d)
			if err != nil {
				return nil, fmt.Errorf("%s: %s, %s: %w", fn, m, method.Name(), err)
			}
			r.Outcomes = append(r.Outcomes, *o)
		}
	}
	return r, nil
}

func (c ModelsConfig) one(ctx context.Context, b backends.Backend, m Model, method ModelMethod, d *digits) (*ModelOutcome, error) {
	lambda, err := dropout.Lambda(method.Rate)
	if err != nil {
		return nil, err
	}
	layer := dropout.Layer{Rate: method.Rate}
	var places []string
	if method.Rate > 0 && !method.Penalty {
		if places = method.Places; places == nil {
			places = []string{"top"}
		}
	}
	shapes, variance := m.shapes()
	init := rng.Stream(c.Seed, "init/"+string(m))
	w := make([]*tensors.Tensor, len(shapes))
	for i, s := range shapes {
		size := 1
		for _, k := range s {
			size *= k
		}
		v := rng.Normals(init, size)
		for j := range v {
			v[j] *= math.Sqrt(variance[i])
		}
		w[i] = tensors.FromFlatDataAndDimensions(v, s...)
	}
	defer func() { free(w) }()
	k := len(w)
	epoch, err := nn.NewExec(b, "epoch of a "+string(m), func(in []*graph.Node) []*graph.Node {
		w, draws := slices.Clone(in[:k]), in[k+2:]
		for t := range c.Train / c.Batch {
			part := func(v *graph.Node) *graph.Node { return graph.Slice(v, graph.AxisRange(t*c.Batch, (t+1)*c.Batch)) }
			drop := func(place string, a *graph.Node) *graph.Node {
				if i := slices.Index(places, place); i >= 0 {
					return layer.Forward(a, part(draws[i]))
				}
				return a
			}
			a := drop("top", m.features(w[:k-1], part(in[k]), drop))
			residual := graph.Sub(part(in[k+1]), output(a, w[k-1]))
			loss := graph.MulScalar(graph.ReduceAllSum(graph.Square(residual)), 1/float64(c.Batch))
			if method.Penalty {
				loss = graph.Add(loss, dropout.Regularizer(dropout.Squared, lambda, a, w[k-1], nil))
			}
			for i, g := range graph.Gradient(loss, w...) {
				w[i] = graph.Sub(w[i], graph.MulScalar(g, c.Step))
			}
		}
		return w
	})
	if err != nil {
		return nil, err
	}
	defer epoch.Close()
	order, masks := rng.Stream(c.Seed, "order"), rng.Stream(c.Seed, "masks/"+string(m)+"/"+method.Name())
	for range c.Epochs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := order.Perm(c.Train)
		x, err := data.Rows(d.x, rows)
		if err != nil {
			return nil, err
		}
		y, err := data.Rows(d.y, rows)
		if err != nil {
			return nil, err
		}
		more := []*tensors.Tensor{nn.Tensor(x), nn.Tensor(y)}
		for _, p := range places {
			u, err := layer.Draw(masks, append([]int{c.Train}, m.shape(p)...)...)
			if err != nil {
				return nil, err
			}
			more = append(more, u)
		}
		next, err := epoch.Run(append(slices.Clone(w), more...)...)
		free(more)
		if err != nil {
			return nil, err
		}
		free(w)
		w = next
	}
	look, err := nn.NewExec(b, "features of a "+string(m), func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{m.features(in[:k-1], in[k], func(_ string, a *graph.Node) *graph.Node { return a })}
	})
	if err != nil {
		return nil, err
	}
	defer look.Close()
	top, err := nn.Dense(w[k-1])
	if err != nil {
		return nil, err
	}
	head := func(x, y *mat.Dense) (dropout.Head, error) {
		in := nn.Tensor(x)
		defer free([]*tensors.Tensor{in})
		out, err := look.Run(append(slices.Clone(w), in)...)
		if err != nil {
			return dropout.Head{}, err
		}
		defer free(out)
		a, err := nn.Dense(out[0])
		return dropout.Head{Features: a, Weights: top, Targets: y}, err
	}
	train, err := head(d.x, d.y)
	if err != nil {
		return nil, err
	}
	held, err := head(d.hx, d.hy)
	if err != nil {
		return nil, err
	}
	o := &ModelOutcome{Model: m, Method: method, Train: train.Value(nil), Loss: held.Value(nil)}
	if o.Penalty, err = train.Penalty(1); err != nil {
		return nil, err
	}
	if math.IsNaN(o.Train) || math.IsInf(o.Train, 0) {
		return nil, fmt.Errorf("diverged at step size %g", c.Step)
	}
	out := new(mat.Dense)
	out.Mul(held.Features, top.T())
	right := 0
	guess, truth := data.Argmax(out), data.Argmax(d.hy)
	for i := range guess {
		if guess[i] == truth[i] {
			right++
		}
	}
	o.Accuracy = float64(right) / float64(len(guess))
	return o, nil
}

// modelRuns keeps results of RunModels.
var modelRuns = keep.NewRuns(RunModels)
