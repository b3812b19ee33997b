package ensemble

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
)

// net is a fully-connected network of section 9.4 with L hidden layers of width m, trained on the host
// in float64,
//
//	f^{(h)} = W^{(h)}g^{(h-1)},  g^{(h)} = √(c_σ/m)·σ(f^{(h)}),  f(x) = W^{(L+1)}g^{(L)},   (9.12)
//
// every weight N(0, 1) at the start and all of them trained. Hundreds of networks on a handful of
// inputs are bound by memory traffic: a step reads each weight twice and writes it once, in blocks of
// rows that stay in cache, which no sequence of matrix products does.
type net struct {
	act   ntk.Activation
	scale float64       // √(c_σ/m)
	w     [][][]float64 // w[h][r] is row r of W^{(h+1)}
}

// rowBlock rows of a layer are worked on for all inputs before the next are read.
const rowBlock = 32

// newNet draws the weights in the order of nn.FullyConnected.Init.
func newNet(act ntk.Activation, inputs, width, depth int, r *rand.Rand) (*net, error) {
	c, err := ntk.Normalisation(act)
	if err != nil {
		return nil, fmt.Errorf("ensemble: %w", err)
	}
	n := &net{act: act, scale: math.Sqrt(c / float64(width))}
	in := inputs
	for h := range depth + 1 {
		rows := width
		if h == depth {
			rows = 1
		}
		flat := rng.Normals(r, rows*in)
		layer := make([][]float64, rows)
		for i := range layer {
			layer[i] = flat[i*in : (i+1)*in]
		}
		n.w, in = append(n.w, layer), width
	}
	return n, nil
}

// pass holds what one forward pass on n inputs leaves for the backward one: pre[h][i] = f^{(h+1)},
// act[h][i] = g^{(h)} of input i.
type pass struct {
	pre, act [][][]float64
	out      []float64
	back     [][]float64 // b of the layer at hand, input by input
	below    [][]float64 // b of the layer under it
}

func (n *net) newPass(x [][]float64) *pass {
	p := &pass{act: [][][]float64{x}, out: make([]float64, len(x))}
	width := len(n.w[0])
	if len(n.w) == 1 {
		width = 1
	}
	block := func() [][]float64 {
		b := make([][]float64, len(x))
		for i := range b {
			b[i] = make([]float64, width)
		}
		return b
	}
	for range len(n.w) - 1 {
		p.pre, p.act = append(p.pre, block()), append(p.act, block())
	}
	p.back, p.below = block(), block()
	return p
}

// forward fills the pass.
func (n *net) forward(p *pass) {
	last := len(n.w) - 1
	for h := range last {
		for lo := 0; lo < len(n.w[h]); lo += rowBlock {
			rows := n.w[h][lo:min(lo+rowBlock, len(n.w[h]))]
			for i, g := range p.act[h] {
				pre, act := p.pre[h][i][lo:], p.act[h+1][i][lo:]
				for r, row := range rows {
					f := dot(row, g)
					pre[r] = f
					act[r] = n.scale * n.act.Value(f)
				}
			}
		}
	}
	for i, g := range p.act[last] {
		p.out[i] = dot(n.w[last][0], g)
	}
}

// step moves all weights by -η times the gradient of ½Σ(f(x_i)-y_i)², the pass being that of the
// present weights. Rows are read for the layer below before they are changed.
func (n *net) step(p *pass, y []float64, eta float64) {
	last := len(n.w) - 1
	for i := range y {
		p.back[i][0] = p.out[i] - y[i] // the residual times b^{(L+1)} = 1
	}
	for h := last; h >= 0; h-- {
		for i := range y {
			clear(p.below[i])
		}
		for lo := 0; lo < len(n.w[h]); lo += rowBlock {
			rows := n.w[h][lo:min(lo+rowBlock, len(n.w[h]))]
			for i := range y {
				back := p.back[i][lo:]
				for r, row := range rows {
					if h > 0 && back[r] != 0 {
						axpy(p.below[i], back[r], row)
					}
				}
			}
			for i := range y {
				back, g := p.back[i][lo:], p.act[h][i]
				for r, row := range rows {
					if back[r] != 0 {
						axpy(row, -eta*back[r], g)
					}
				}
			}
		}
		if h == 0 {
			break
		}
		for i := range y { // (9.13): √(c_σ/m)·D·Wᵀb
			for r, f := range p.pre[h-1][i] {
				p.below[i][r] *= n.scale * n.act.Slope(f)
			}
		}
		p.back, p.below = p.below, p.back
	}
}

// dot and axpy take short rows, the two columns of an input among them, without a call.
func dot(a, b []float64) float64 {
	if len(a) > 8 {
		return floats.Dot(a, b)
	}
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func axpy(dst []float64, c float64, x []float64) {
	if len(dst) > 8 {
		floats.AddScaled(dst, c, x)
		return
	}
	for i, v := range x {
		dst[i] += c * v
	}
}
