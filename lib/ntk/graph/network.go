package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/backends"
	ml "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// Network is the graph network of finite width whose limit is Kernel,
//
//	h_u^{(0)} = features,
//	h_u ← c_u·Σ_{v = u or joined to u} h_v                when a block begins,
//	h_u ← √(2/m)·max(W h_u, 0)                            for each of the block's R layers,
//	f(G) = Σ_u vᵀh_u,
//
// with the readout v of the last block, or, for Kernel.Jumping, the sum of such terms over the
// features and all blocks, a v for each. Every weight is N(0, 1) at initialisation.
type Network struct {
	Kernel Kernel
	Inputs int // features a node
	Width  int // m
}

// Validate reports every fault of the description.
func (n Network) Validate() error {
	var errs []error
	if n.Inputs < 1 || n.Width < 1 {
		errs = append(errs, fmt.Errorf("graph.Network: %d inputs and width %d, want both at least 1", n.Inputs, n.Width))
	}
	return errors.Join(append(errs, n.Kernel.Validate())...)
}

// shapes returns rows and columns of each parameter: the B·R matrices in order, then the readouts.
func (n Network) shapes() [][2]int {
	var out, read [][2]int
	in := n.Inputs
	if n.Kernel.Jumping || n.Kernel.Blocks == 0 {
		read = append(read, [2]int{in, 1})
	}
	for b := 1; b <= n.Kernel.Blocks; b++ {
		for range n.Kernel.Layers {
			out = append(out, [2]int{n.Width, in})
			in = n.Width
		}
		if n.Kernel.Jumping || b == n.Kernel.Blocks {
			read = append(read, [2]int{in, 1})
		}
	}
	return append(out, read...)
}

// Init draws every weight from N(0, 1).
func (n Network) Init(r *rand.Rand) ([]*mat.Dense, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	var w []*mat.Dense
	for _, s := range n.shapes() {
		w = append(w, mat.NewDense(s[0], s[1], rng.Normals(r, s[0]*s[1])))
	}
	return w, nil
}

// Output returns f(G), a scalar, from the matrix Ã [N, N], the features [N, d] and the parameters in
// the order of Init.
func (n Network) Output(mix, features *ml.Node, w []*ml.Node) *ml.Node {
	features.AssertDims(-1, n.Inputs)
	matrices := n.Kernel.Blocks * n.Kernel.Layers
	h, read := features, w[matrices:]
	var f *ml.Node
	readout := func() {
		term := ml.ReduceAllSum(ml.DotGeneral(h, []int{1}, nil, read[0], []int{0}, nil)) // Σ_u vᵀh_u
		if read = read[1:]; f == nil {
			f = term
		} else {
			f = ml.Add(f, term)
		}
	}
	if n.Kernel.Jumping || n.Kernel.Blocks == 0 {
		readout()
	}
	for b := 1; b <= n.Kernel.Blocks; b++ {
		h = ml.DotGeneral(mix, []int{1}, nil, h, []int{0}, nil) // [N, d_h]
		for r := range n.Kernel.Layers {
			z := ml.DotGeneral(h, []int{1}, nil, w[(b-1)*n.Kernel.Layers+r], []int{1}, nil) // [N, m]
			h = ml.MulScalar(ml.MaxScalar(z, 0), math.Sqrt(2/float64(n.Width)))
		}
		if n.Kernel.Jumping || b == n.Kernel.Blocks {
			readout()
		}
	}
	return f
}

// Probe computes tangent kernels of networks of one shape on a fixed list of graphs, by autodiff: it
// knows nothing of the recursion of Kernel. The graphs are built into the compiled function.
type Probe struct {
	net  Network
	n    int
	exec *nn.Exec
}

// NewProbe compiles the gradients. Close it when done.
func NewProbe(b backends.Backend, net Network, graphs []Graph) (*Probe, error) {
	const fn = "graph.NewProbe"
	if err := net.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	d, err := validateAll(fn, graphs)
	if err != nil {
		return nil, err
	}
	if d != net.Inputs {
		return nil, fmt.Errorf("%s: graphs with %d features a node, want %d", fn, d, net.Inputs)
	}
	e, err := nn.NewExec(b, "gradients of graph networks", func(w []*ml.Node) []*ml.Node {
		var rows, outputs []*ml.Node
		for _, g := range graphs {
			f := net.Output(ml.Const(w[0].Graph(), mixer(g, net.Kernel.Mean)), ml.Const(w[0].Graph(), g.Features), w)
			var flat []*ml.Node
			for _, p := range ml.Gradient(f, w...) {
				flat = append(flat, ml.Reshape(p, 1, p.Shape().Size()))
			}
			rows, outputs = append(rows, ml.Concatenate(flat, 1)), append(outputs, ml.Reshape(f, 1))
		}
		j := ml.Concatenate(rows, 0)                               // [graphs, parameters]
		theta := ml.DotGeneral(j, []int{1}, nil, j, []int{1}, nil) // [graphs, graphs]
		return []*ml.Node{theta, ml.Concatenate(outputs, 0)}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return &Probe{net: net, n: len(graphs), exec: e}, nil
}

// mixer is Ã as rows.
func mixer(g Graph, mean bool) [][]float64 {
	s := newSide(g, mean)
	out := make([][]float64, s.n)
	for u := range out {
		out[u] = make([]float64, s.n)
		for _, v := range s.around[u] {
			out[u][v] = s.weight[u]
		}
	}
	return out
}

// Close frees the compiled graph.
func (p *Probe) Close() { p.exec.Close() }

// Run returns the empirical tangent kernel ⟨∂f(G_i), ∂f(G_j)⟩ and the outputs f(G_i) for parameters
// as Network.Init returns them.
func (p *Probe) Run(w []*mat.Dense) (*mat.SymDense, []float64, error) {
	args := make([]*tensors.Tensor, len(w))
	for i, m := range w {
		args[i] = nn.Tensor(m)
	}
	out, err := p.exec.Run(args...)
	free(args)
	if err != nil {
		return nil, nil, fmt.Errorf("graph.Probe.Run: %w", err)
	}
	defer free(out)
	v, err := nn.Values(out[0])
	if err != nil {
		return nil, nil, err
	}
	f, err := nn.Values(out[1])
	if err != nil {
		return nil, nil, err
	}
	return mat.NewSymDense(p.n, v), f, nil
}

func free(ts []*tensors.Tensor) {
	for _, t := range ts {
		_ = t.FinalizeAll() // what cannot be released now is left to the garbage collector
	}
}

// NetworksConfig describes the comparison of finite graph networks with the kernel. The zero value is
// Quick, about 0.2 s of processor time on simd.
type NetworksConfig struct {
	Kernel Kernel  // zero means 2 blocks of 1 layer
	Graphs []Graph // nil means four small graphs with three random features a node
	Widths []int   // m; nil means 16, 32, 64, 128
	Nets   []int   // networks a width; nil means 200 each
	Seed   uint64  // streams "features" and "net/<m>/<k>" derive from it

	Progress func(done, total int) `json:"-"` // may be nil
}

func (c NetworksConfig) withDefaults() NetworksConfig {
	if c.Kernel == (Kernel{}) {
		c.Kernel = Kernel{Blocks: 2, Layers: 1}
	}
	if c.Widths == nil {
		c.Widths = []int{16, 32, 64, 128}
	}
	if c.Nets == nil {
		c.Nets = []int{200, 200, 200, 200}
	}
	if c.Graphs == nil {
		r := rng.Stream(c.Seed, "features")
		c.Graphs = []Graph{Path(3), Complete(3), Star(5), Cycle(6)}
		for _, g := range c.Graphs {
			for u := range g.Features {
				g.Features[u] = rng.Normals(r, 3)
			}
		}
	}
	return c
}

// NetworksPoint holds the networks of one width.
type NetworksPoint struct {
	Width, Nets int
	Error       float64     // mean of ‖Θ̂-Θ‖_F/‖Θ‖_F
	ErrorSE     float64     // its standard error
	Mean        [][]float64 // mean of Θ̂
	SE          [][]float64 // standard error of each entry
	Output      [][]float64 // mean of f(G_i)f(G_j), whose limit is the NNGP kernel
	OutputSE    [][]float64
}

// Networks holds the comparison. Theta and Sigma are the limits, of the tangent kernel and of the
// covariance of outputs.
type Networks struct {
	Config       NetworksConfig
	Theta, Sigma [][]float64
	Points       []NetworksPoint
}

// RunNetworks draws networks of each width and compares their tangent kernels, by autodiff, and the
// second moments of their outputs with the recursion.
func RunNetworks(ctx context.Context, b backends.Backend, cfg NetworksConfig) (*Networks, error) {
	const fn = "graph.RunNetworks"
	cfg = cfg.withDefaults()
	if len(cfg.Widths) == 0 || len(cfg.Widths) != len(cfg.Nets) {
		return nil, fmt.Errorf("%s: %d widths and %d numbers of networks, want as many of one as of the other", fn, len(cfg.Widths), len(cfg.Nets))
	}
	total := 0
	for i, k := range cfg.Nets {
		if k < 2 {
			return nil, fmt.Errorf("%s: %d networks of width %d, want at least 2", fn, k, cfg.Widths[i])
		}
		total += k
	}
	theta, err := cfg.Kernel.Gram(ctx, cfg.Graphs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	prior := cfg.Kernel
	prior.NNGP = true
	sigma, err := prior.Gram(ctx, cfg.Graphs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	res := &Networks{Config: cfg, Theta: rows(theta), Sigma: rows(sigma)}
	res.Config.Progress = nil
	n, done := len(cfg.Graphs), 0
	for i, m := range cfg.Widths {
		net := Network{Kernel: cfg.Kernel, Inputs: len(cfg.Graphs[0].Features[0]), Width: m}
		probe, err := NewProbe(b, net, cfg.Graphs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		p := NetworksPoint{Width: m, Nets: cfg.Nets[i]}
		var distance moments
		kernel, output := make([]moments, n*n), make([]moments, n*n)
		for k := range cfg.Nets[i] {
			if err := ctx.Err(); err != nil {
				probe.Close()
				return nil, err
			}
			w, err := net.Init(rng.Stream(cfg.Seed, fmt.Sprintf("net/%d/%d", m, k)))
			if err != nil {
				probe.Close()
				return nil, err
			}
			h, f, err := probe.Run(w)
			if err != nil {
				probe.Close()
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			var diff mat.Dense
			diff.Sub(h, theta)
			distance.add(mat.Norm(&diff, 2) / mat.Norm(theta, 2))
			for a := range n {
				for c := range n {
					kernel[a*n+c].add(h.At(a, c))
					output[a*n+c].add(f[a] * f[c])
				}
			}
			done++
			if cfg.Progress != nil {
				cfg.Progress(done, total)
			}
		}
		probe.Close()
		p.Error, p.ErrorSE = distance.mean(), distance.se()
		p.Mean, p.SE = table(kernel, n)
		p.Output, p.OutputSE = table(output, n)
		res.Points = append(res.Points, p)
	}
	return res, nil
}

// moments gathers a sample.
type moments struct{ n, sum, square float64 }

func (m *moments) add(v float64) { m.n, m.sum, m.square = m.n+1, m.sum+v, m.square+v*v }
func (m *moments) mean() float64 { return m.sum / m.n }
func (m *moments) se() float64 {
	return math.Sqrt(max(0, m.square/m.n-m.mean()*m.mean()) / (m.n - 1))
}

func table(m []moments, n int) (mean, se [][]float64) {
	for a := range n {
		mean, se = append(mean, nil), append(se, nil)
		for c := range n {
			mean[a], se[a] = append(mean[a], m[a*n+c].mean()), append(se[a], m[a*n+c].se())
		}
	}
	return mean, se
}

func rows(s *mat.SymDense) [][]float64 {
	n := s.SymmetricDim()
	out := make([][]float64, n)
	for i := range out {
		for j := range n {
			out[i] = append(out[i], s.At(i, j))
		}
	}
	return out
}
