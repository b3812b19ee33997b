package finite

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/mat"
)

// FirstLayerKernel returns the Gram matrix of first-layer gradients of a two-layer network,
//
//	H_ij = xᵢᵀx_j · s²Σ_r a_r²σ'(w_rᵀxᵢ)σ'(w_rᵀx_j),
//
// which at s = 1/√m is the average over neurons of section 9.2. It is computed on the host from the
// weights alone, n²m flops: the analytic route, to which the gradients of the graph are compared.
func FirstLayerKernel(net nn.TwoLayer, x *mat.Dense, p *nn.TwoLayerParams, scale float64) *mat.SymDense {
	z := net.HostPreActivations(x, p)
	sigma := net.Sigma()
	z.Apply(func(_, r int, v float64) float64 { return scale * p.A[r] * sigma.Slope(v) }, z)
	return hadamardGram(x, z)
}

// hadamardGram is (XXᵀ) ∘ (SSᵀ).
func hadamardGram(x, s *mat.Dense) *mat.SymDense {
	var k, h mat.SymDense
	k.SymOuterK(1, x)
	h.SymOuterK(1, s)
	n := h.SymmetricDim()
	for i := range n {
		for j := i; j < n; j++ {
			h.SetSym(i, j, h.At(i, j)*k.At(i, j))
		}
	}
	return &h
}

// OutputLayerKernel returns s²Σ_r σ(w_rᵀxᵢ)σ(w_rᵀx_j), the part that the gradients with respect to the
// output weights a add when they are trained too.
func OutputLayerKernel(net nn.TwoLayer, x *mat.Dense, p *nn.TwoLayerParams, scale float64) *mat.SymDense {
	z := net.HostPreActivations(x, p)
	sigma := net.Sigma()
	z.Apply(func(_, _ int, v float64) float64 { return scale * sigma.Value(v) }, z)
	var h mat.SymDense
	h.SymOuterK(1, z)
	return &h
}

// Layers holds the forward and backward vectors of a fully-connected network at the rows of x:
// G[h] = g^{(h)}, n×d_h, h = 0..L, and B[h-1] = b^{(h)}, n×d_h, h = 1..L+1.
type Layers struct {
	G, B   []*mat.Dense
	Output []float64 // f(x_i)
}

// Kernel returns the tangent kernel of layer h = 1..L+1, ⟨g^{(h-1)},g'^{(h-1)}⟩·⟨b^{(h)},b'^{(h)}⟩, n×n.
func (l *Layers) Kernel(h int) *mat.SymDense {
	return hadamardGram(l.G[h-1], l.B[h-1])
}

// Total returns the empirical tangent kernel Θ̂ = Σ_h ⟨g,g'⟩⟨b,b'⟩ of all layers, without ever holding
// a Jacobian: memory is n·Σd_h instead of n·Σd_h·d_{h-1}.
func (l *Layers) Total() *mat.SymDense {
	sum := l.Kernel(1)
	for h := 2; h <= len(l.B); h++ {
		sum.AddSym(sum, l.Kernel(h))
	}
	return sum
}

// Probe runs fully-connected networks of one shape forward and backward and hands out the vectors of
// every layer. The graph is compiled once for a number of inputs.
type Probe struct {
	net  nn.FullyConnected
	exec *nn.Exec
}

// NewProbe compiles the forward and backward pass. Close it when done.
func NewProbe(b backends.Backend, net nn.FullyConnected) (*Probe, error) {
	if err := net.Validate(); err != nil {
		return nil, err
	}
	layers := len(net.Hidden) + 1
	e, err := nn.NewExec(b, "layers", func(in []*graph.Node) []*graph.Node {
		forward, backward := in[1:1+layers], in[1+layers:]
		t := net.Forward(in[0], forward)
		out := append([]*graph.Node{t.Output}, t.Act[1:]...)
		return append(out, net.Backward(backward, t)...)
	})
	if err != nil {
		return nil, err
	}
	return &Probe{net, e}, nil
}

// Close frees the compiled graph.
func (p *Probe) Close() { p.exec.Close() }

// Run returns the layers at the rows of x for the given weights W^{(1)}, ..., W^{(L+1)}.
func (p *Probe) Run(x *mat.Dense, weights []*mat.Dense) (*Layers, error) {
	return p.RunFresh(x, weights, weights)
}

// RunFresh is Run with other weights in the backward pass: the fresh copy W̃ of the argument behind
// (9.17), under which the gates are independent of the matrices that carry b back.
func (p *Probe) RunFresh(x *mat.Dense, forward, backward []*mat.Dense) (*Layers, error) {
	args := []*tensors.Tensor{nn.Tensor(x)}
	for _, w := range forward {
		args = append(args, nn.Tensor(w))
	}
	for k, w := range backward {
		if w == forward[k] {
			args = append(args, args[1+k]) // one tensor may feed two parameters
			continue
		}
		args = append(args, nn.Tensor(w))
	}
	out, err := p.exec.Run(args...)
	free(args...)
	if err != nil {
		return nil, err
	}
	defer free(out...)
	depth := len(p.net.Hidden)
	l := &Layers{G: []*mat.Dense{x}}
	if l.Output, err = nn.Values(out[0]); err != nil {
		return nil, err
	}
	for k, t := range out[1:] {
		d, err := nn.Dense(t)
		if err != nil {
			return nil, err
		}
		if k < depth {
			l.G = append(l.G, d)
		} else {
			l.B = append(l.B, d)
		}
	}
	return l, nil
}

// EmpiricalKernel returns Θ̂ of a fully-connected network at the rows of x, all layers trained, n×n.
// The network has one output, so no trace over outputs is taken. Cost is one forward and one backward
// pass and n²·Σd_h flops on the host.
func EmpiricalKernel(b backends.Backend, net nn.FullyConnected, weights []*mat.Dense, x *mat.Dense) (*mat.SymDense, error) {
	p, err := NewProbe(b, net)
	if err != nil {
		return nil, fmt.Errorf("finite.EmpiricalKernel: %w", err)
	}
	defer p.Close()
	l, err := p.Run(x, weights)
	if err != nil {
		return nil, fmt.Errorf("finite.EmpiricalKernel: %w", err)
	}
	return l.Total(), nil
}

// JacobianKernel returns J·Jᵀ for any network by autodiff, one example at a time: the generic route,
// with memory n times the number of parameters. layers, if not nil, picks the parameter tensors that
// count as trained.
func JacobianKernel(ctx context.Context, b backends.Backend, f nn.Model, params []*tensors.Tensor, x *mat.Dense, layers ...int) (*mat.SymDense, error) {
	jac, err := nn.Jacobian(ctx, b, f, params, x)
	if err != nil {
		return nil, fmt.Errorf("finite.JacobianKernel: %w", err)
	}
	if layers == nil {
		for k := range params {
			layers = append(layers, k)
		}
	}
	n := len(jac)
	h := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sum := 0.0
			for _, k := range layers {
				for e, v := range jac[i][k] {
					sum += v * jac[j][k][e]
				}
			}
			h.SetSym(i, j, sum)
		}
	}
	return h, nil
}

// free releases tensors that no one will read again, on the host and on the device. A failure to
// release leaves them to the garbage collector.
func free(ts ...*tensors.Tensor) {
	for _, t := range ts {
		if t != nil {
			_ = t.FinalizeAll()
		}
	}
}
