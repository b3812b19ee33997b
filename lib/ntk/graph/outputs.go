package graph

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// OutputsConfig describes draws of the outputs of graph networks at initialisation. Without gradients
// a draw takes a tenth of a millisecond at width 64, so that there can be thousands.
type OutputsConfig struct {
	Network Network
	Graphs  []Graph
	Draws   int
	Seed    uint64 // streams "outputs/<k>" derive from it
}

// Outputs holds the second moments of the outputs, whose limit is the graph NNGP kernel.
type Outputs struct {
	Config OutputsConfig
	Second [][]float64 // mean of f(G_i)f(G_j)
}

// RunOutputs draws networks and returns the mean of f(G_i)f(G_j) over them. The forward pass runs on
// all processors, and the result is the same for any GOMAXPROCS.
func RunOutputs(ctx context.Context, cfg OutputsConfig) (*Outputs, error) {
	const fn = "graph.RunOutputs"
	if err := cfg.Network.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	d, err := validateAll(fn, cfg.Graphs)
	if err != nil {
		return nil, err
	}
	if d != cfg.Network.Inputs {
		return nil, fmt.Errorf("%s: graphs with %d features a node, want %d", fn, d, cfg.Network.Inputs)
	}
	if cfg.Draws < 1 {
		return nil, fmt.Errorf("%s: %d draws, want at least 1", fn, cfg.Draws)
	}
	n := len(cfg.Graphs)
	all := Union(cfg.Graphs...) // no message passes from graph to graph
	mix, features := fromRows(mixer(all, cfg.Network.Kernel.Mean)), fromRows(all.Features)
	f, errs := make([][]float64, cfg.Draws), make([]error, cfg.Draws)
	err = linalg.Parallel(ctx, cfg.Draws, 32, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			w, err := cfg.Network.Init(rng.Stream(cfg.Seed, fmt.Sprintf("outputs/%d", k)))
			if err != nil {
				errs[k] = err
				return
			}
			nodes := cfg.Network.forward(mix, features, w)
			f[k] = make([]float64, n)
			u := 0
			for i, g := range cfg.Graphs {
				for range g.Nodes() {
					f[k][i] += nodes[u]
					u++
				}
			}
		}
	})
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := &Outputs{Config: cfg, Second: make([][]float64, n)}
	for i := range n {
		r.Second[i] = make([]float64, n)
		for j := range n {
			for k := range f {
				r.Second[i][j] += f[k][i] * f[k][j] / float64(cfg.Draws)
			}
		}
	}
	return r, nil
}

// forward returns each node's term of the output, vᵀh_u of all readouts; parameters as Init returns
// them.
func (n Network) forward(mix, features *mat.Dense, w []*mat.Dense) []float64 {
	nodes, _ := features.Dims()
	out := make([]float64, nodes)
	h, read := features, w[n.Kernel.Blocks*n.Kernel.Layers:]
	readout := func() {
		var term mat.Dense
		term.Mul(h, read[0])
		read = read[1:]
		for u := range out {
			out[u] += term.At(u, 0)
		}
	}
	if n.Kernel.Jumping || n.Kernel.Blocks == 0 {
		readout()
	}
	for b := 1; b <= n.Kernel.Blocks; b++ {
		var sum mat.Dense
		sum.Mul(mix, h)
		h = &sum
		for r := range n.Kernel.Layers {
			var z mat.Dense
			z.Mul(h, w[(b-1)*n.Kernel.Layers+r].T())
			scale := math.Sqrt(2 / float64(n.Width))
			for i, v := range z.RawMatrix().Data {
				z.RawMatrix().Data[i] = scale * max(v, 0)
			}
			h = &z
		}
		if n.Kernel.Jumping || b == n.Kernel.Blocks {
			readout()
		}
	}
	return out
}

func fromRows(rows [][]float64) *mat.Dense {
	out := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		out.SetRow(i, r)
	}
	return out
}
