package dropout

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Claims returns the claims of chapter 11 that are about layers as such.
func Claims() []claim.Claim { return slices.Concat(layerClaims(), lawClaims()) }

func layerClaims() []claim.Claim {
	return []claim.Claim{{
		ID: "11.A1", Kind: claim.Algorithm, Title: "Dropout, forward and backward", Ref: "Section 11.0",
		Statement: `Each unit is multiplied by $B_j\in\{0,\frac1{1-p}\}$, $P(B_j=0)=p$: mean 1, variance $\lambda=\frac p{1-p}$. The backward pass multiplies by the same factor, in evaluation and at $p=0$ nothing is done. The mean over all masks of the loss and of its gradient in every weight are those of loss plus $\lambda\sum_j\|W(:,j)\|^2\hat a_j^2$.`,
		Source:    "dropout.Layer, dropout.Regularizer", NeedsBackend: true,
		Check: checkLayer(layerVariant{}),
		Alternatives: []claim.Alternative{
			{Name: "masks of zeros and ones, without the factor 1/(1-p)", Check: checkLayer(layerVariant{forward: func(l Layer, x, u *graph.Node) *graph.Node {
				return graph.MulScalar(l.Forward(x, u), 1-l.Rate)
			}})},
			{Name: "a backward pass that forgets the mask", Check: checkLayer(layerVariant{forward: func(l Layer, x, u *graph.Node) *graph.Node {
				return graph.Add(x, graph.StopGradient(graph.Sub(l.Forward(x, u), x)))
			}})},
			{Name: "λ = p", Check: checkLayer(layerVariant{lambda: func(p float64) float64 { return p }})},
			{Name: "λ = (1-p)/p: p as the probability of keeping", Check: checkLayer(layerVariant{lambda: func(p float64) float64 { return (1 - p) / p }})},
		},
	}}
}

type layerVariant struct {
	forward func(l Layer, x, u *graph.Node) *graph.Node // nil means Layer.Forward
	lambda  func(p float64) float64                     // nil means Lambda
}

// tiny is a network of tanh units on n examples, small enough for all masks of its hidden layer.
type tiny struct{ x, w1, w2, y *mat.Dense }

func newTiny(seed uint64, n, inputs, units, outputs int) tiny {
	r := rng.Stream(seed, "tiny")
	draw := func(rows, cols int) *mat.Dense { return mat.NewDense(rows, cols, rng.Normals(r, rows*cols)) }
	return tiny{draw(n, inputs), draw(units, inputs), draw(outputs, units), draw(n, outputs)}
}

// tensors are x, w1, w2 and y.
func (t tiny) tensors() []*tensors.Tensor {
	return []*tensors.Tensor{nn.Tensor(t.x), nn.Tensor(t.w1), nn.Tensor(t.w2), nn.Tensor(t.y)}
}

// flat runs the graph and lays its results one after the other.
func flat(e *nn.Exec, in ...*tensors.Tensor) ([]float64, error) {
	out, err := e.Run(in...)
	if err != nil {
		return nil, err
	}
	var v []float64
	for _, o := range out {
		part, err := nn.Values(o)
		if err != nil {
			return nil, err
		}
		v = append(v, part...)
	}
	return v, nil
}

func checkLayer(h layerVariant) claim.Check {
	if h.forward == nil {
		h.forward = Layer.Forward
	}
	if h.lambda == nil {
		h.lambda = func(p float64) float64 { return p / (1 - p) }
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, inputs, units, outputs = 5, 4, 6, 3
		t := newTiny(env.Seed, n, inputs, units, outputs)
		f := &claim.Finding{}
		for _, p := range []float64{.1, .5, .8} {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			layer := Layer{Rate: p}
			// What a pass gives: the loss, then its gradient in all weights.
			build := func(name string, loss func(a, w2, y *graph.Node, more []*graph.Node) *graph.Node) (*nn.Exec, error) {
				return nn.NewExec(env.Backend, name, func(in []*graph.Node) []*graph.Node {
					a := graph.Tanh(graph.DotGeneral(in[0], []int{1}, nil, in[1], []int{1}, nil))
					l := loss(a, in[2], in[3], in[4:])
					g := graph.Gradient(l, in[1], in[2])
					return []*graph.Node{l, g[0], g[1]}
				})
			}
			squared := func(a, w2, y *graph.Node) *graph.Node {
				z := graph.DotGeneral(a, []int{1}, nil, w2, []int{1}, nil)
				return graph.MulScalar(graph.ReduceAllSum(graph.Square(graph.Sub(y, z))), 1./n)
			}
			masked, err := build("masked", func(a, w2, y *graph.Node, more []*graph.Node) *graph.Node {
				return squared(h.forward(layer, a, more[0]), w2, y)
			})
			if err != nil {
				return nil, err
			}
			defer masked.Close()
			closed, err := build("closed", func(a, w2, y *graph.Node, _ []*graph.Node) *graph.Node {
				return graph.Add(squared(a, w2, y), Regularizer(Squared, h.lambda(p), a, w2, nil))
			})
			if err != nil {
				return nil, err
			}
			defer closed.Close()
			want, err := flat(closed, t.tensors()...)
			if err != nil {
				return nil, err
			}
			mean := make([]float64, len(want))
			masks, err := Enumerate(p, units)
			if err != nil {
				return nil, err
			}
			for mask, q := range masks {
				u := make([]float64, 0, n*units) // draws that give this mask to every example
				for range n {
					for _, m := range mask {
						u = append(u, map[bool]float64{true: p / 2, false: (1 + p) / 2}[m == 0])
					}
				}
				v, err := flat(masked, append(t.tensors(), tensors.FromFlatDataAndDimensions(u, n, units))...)
				if err != nil {
					return nil, err
				}
				floats.AddScaled(mean, q, v)
			}
			f.Add(claim.Equals(fmt.Sprintf("loss plus penalty against the mean loss over 64 masks, p = %g", p), want[0], mean[0], claim.Rounding(want[0], 200)))
			scale := floats.Norm(want[1:], 2)
			f.Add(claim.Equals(fmt.Sprintf("distance of the mean gradient over masks to the gradient of loss plus penalty, p = %g", p), 0,
				floats.Distance(want[1:], mean[1:], 2), claim.Rounding(scale, 400)))
		}
		const p, draws = .3, 40000
		var dropped, sum, square float64
		b, err := Bernoulli.Draw(rng.Stream(env.Seed, "masks"), p, draws)
		if err != nil {
			return nil, err
		}
		for _, v := range b {
			if v == 0 {
				dropped++
			}
			sum, square = sum+v, square+v*v
		}
		lambda := p / (1 - p)
		f.Add(claim.Equals("share of units dropped, p = 0.3", p, dropped/draws, claim.Sampling(math.Sqrt(p*(1-p)), draws)),
			claim.Equals("mean factor", 1, sum/draws, claim.Sampling(math.Sqrt(lambda), draws)),
			claim.Equals("second moment of the factor, 1 + λ", 1+lambda, square/draws, claim.Sampling(math.Sqrt(p/math.Pow(1-p, 3)), draws)))
		moved, err := nn.NewExec(env.Backend, "no dropout", func(in []*graph.Node) []*graph.Node {
			x, u := in[0], in[1]
			off := Layer{Rate: .5}.Forward(x, nil)
			none := Layer{}.Forward(x, u)
			l := Layer{Rate: .5}
			auto := graph.Gradient(graph.ReduceAllSum(graph.Mul(l.Forward(x, u), x)), x)[0] // x appears twice
			hand := graph.Add(l.Forward(x, u), l.Backward(x, u))
			return []*graph.Node{graph.ReduceAllMax(graph.Abs(graph.Sub(off, x))), graph.ReduceAllMax(graph.Abs(graph.Sub(none, x))), graph.ReduceAllMax(graph.Abs(graph.Sub(auto, hand)))}
		})
		if err != nil {
			return nil, err
		}
		defer moved.Close()
		u, err := Layer{}.Draw(rng.Stream(env.Seed, "draws"), n, inputs)
		if err != nil {
			return nil, err
		}
		v, err := flat(moved, nn.Tensor(t.x), u)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("change by evaluation", 0, v[0], claim.Exact), claim.Equals("change by training at p = 0", 0, v[1], claim.Exact),
			claim.Equals("Backward against autodiff, p = 0.5", 0, v[2], claim.Rounding(1, 8)))
		return f, nil
	}
}
