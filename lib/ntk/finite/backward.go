package finite

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// BackwardConfig describes the check of (9.13), (9.14) and of the layer kernels: autodiff, one example
// at a time, against vectors computed on the host from the formulas. The zero value is Quick, well
// under a second; every difference is rounding.
type BackwardConfig struct {
	Inputs int    // d; 0 means 6
	Hidden []int  // nil means 9, 5, 7, all different so that a wrong index cannot fit
	Points int    // n; 0 means 4
	Seed   uint64 // streams "backward/<activation>"

	// Variant changes the formula: "" is the book's, the others are wrong.
	Variant Variant
}

// Variant is a way to get the backward vectors wrong.
type Variant string

// The variants of the backward formula.
const (
	Right     Variant = ""               // (9.13)
	NoScale   Variant = "without √(c/d)" // the factor √(c_σ/d_h) dropped
	NoGate    Variant = "without D"      // D^{(h)} dropped
	LateGate  Variant = "D of g"         // σ'(g^{(h)}) in place of σ'(f^{(h)})
	NextInput Variant = "g of layer h"   // g^{(h)} in place of g^{(h-1)} where shapes allow
	NoB       Variant = "without ⟨b,b'⟩" // the layer kernel without its second factor
)

// BackwardCase is one activation.
type BackwardCase struct {
	Activation nn.Activation
	Gradient   []float64 // by layer 1..L+1: largest |∂f/∂W^{(h)} - b gᵀ| over entries and inputs, relative to the largest entry
	Kernel     []float64 // by layer: largest |⟨∂f/∂W^{(h)},∂f'/∂W^{(h)}⟩ - ⟨g,g'⟩⟨b,b'⟩|, relative to the largest entry
	Total      float64   // the same for J·Jᵀ of all layers against the sum
}

// BackwardResult holds the activations.
type BackwardResult struct {
	Config BackwardConfig
	Cases  []BackwardCase
}

// RunBackward compares the two routes for every activation.
func RunBackward(ctx context.Context, b backends.Backend, cfg BackwardConfig) (*BackwardResult, error) {
	setDefault(&cfg.Inputs, 6)
	if cfg.Hidden == nil {
		cfg.Hidden = []int{9, 5, 7}
	}
	setDefault(&cfg.Points, 4)
	res := &BackwardResult{Config: cfg}
	for _, a := range []nn.Activation{nn.ReLU, nn.Tanh, nn.Softplus, nn.Erf} {
		c, err := backwardCase(ctx, b, cfg, a)
		if err != nil {
			return nil, err
		}
		res.Cases = append(res.Cases, *c)
	}
	return res, nil
}

func backwardCase(ctx context.Context, b backends.Backend, cfg BackwardConfig, a nn.Activation) (*BackwardCase, error) {
	net := nn.FullyConnected{Inputs: cfg.Inputs, Hidden: cfg.Hidden, Activation: a}
	r := rng.Stream(cfg.Seed, fmt.Sprintf("backward/%s", a))
	w, err := net.Init(r)
	if err != nil {
		return nil, err
	}
	x := mat.NewDense(cfg.Points, cfg.Inputs, rng.Normals(r, cfg.Points*cfg.Inputs))
	params := make([]*tensors.Tensor, len(w))
	for h := range w {
		params[h] = nn.Tensor(w[h])
	}
	defer free(params...)
	jac, err := nn.Jacobian(ctx, b, func(p []*graph.Node, x *graph.Node) *graph.Node { return net.Forward(x, p).Output }, params, x)
	if err != nil {
		return nil, err
	}
	l := hostLayers(net, w, x, cfg.Variant)
	c := &BackwardCase{Activation: a}
	n := cfg.Points
	total := make([]float64, n*n)
	for h := range w {
		rows, cols := w[h].Dims()
		worst, size := 0.0, 0.0
		for i := range n {
			for p := range rows {
				for q := range cols {
					auto := jac[i][h][p*cols+q]
					worst = max(worst, math.Abs(auto-l.B[h].At(i, p)*l.G[h].At(i, q)))
					size = max(size, math.Abs(auto))
				}
			}
		}
		c.Gradient = append(c.Gradient, worst/size)
		auto := make([]float64, n*n)
		for i := range n {
			for j := range n {
				for e, v := range jac[i][h] {
					auto[i*n+j] += v * jac[j][h][e]
				}
				total[i*n+j] += auto[i*n+j]
			}
		}
		var formula mat.SymDense
		switch {
		case cfg.Variant == NoB:
			formula.SymOuterK(1, l.G[h])
		case cfg.Variant == NextInput && h+1 < len(l.G):
			formula = *hadamardGram(l.G[h+1], l.B[h])
		default:
			formula = *l.Kernel(h + 1)
		}
		c.Kernel = append(c.Kernel, largest(auto, flat(&formula))/largest(auto, nil))
	}
	c.Total = largest(total, flat(l.Total())) / largest(total, nil)
	return c, nil
}

// hostLayers computes g and b of (9.12)-(9.14) on the host, without a graph.
func hostLayers(net nn.FullyConnected, w []*mat.Dense, x *mat.Dense, v Variant) *Layers {
	depth := len(net.Hidden)
	l := &Layers{G: []*mat.Dense{x}, B: make([]*mat.Dense, depth+1)}
	pre := make([]*mat.Dense, depth)
	for h := range depth {
		var f, g mat.Dense
		f.Mul(l.G[h], w[h].T())
		scale := math.Sqrt(net.CSigma() / float64(net.Hidden[h]))
		g.Apply(func(_, _ int, z float64) float64 { return scale * net.Sigma().Value(z) }, &f)
		pre[h] = &f
		l.G = append(l.G, &g)
	}
	n, _ := x.Dims()
	ones := mat.NewDense(n, 1, nil)
	ones.Apply(func(_, _ int, _ float64) float64 { return 1 }, ones)
	l.B[depth] = ones
	for h := depth - 1; h >= 0; h-- {
		var b mat.Dense
		b.Mul(l.B[h+1], w[h+1])
		scale := math.Sqrt(net.CSigma() / float64(net.Hidden[h]))
		if v == NoScale {
			scale = 1
		}
		b.Apply(func(i, j int, z float64) float64 {
			gate := net.Sigma().Slope(pre[h].At(i, j))
			switch v {
			case NoGate:
				gate = 1
			case LateGate:
				gate = net.Sigma().Slope(l.G[h+1].At(i, j)) // σ'(g^{(h)}) instead of σ'(f^{(h)})
			}
			return scale * gate * z
		}, &b)
		l.B[h] = &b
	}
	return l
}
