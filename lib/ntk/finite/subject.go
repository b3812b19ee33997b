package finite

import (
	"math"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// subject is a network under test: graph, parameters of which the first `trained` move, and the
// analytic kernel and gradient from given parameters.
type subject struct {
	name    string
	smooth  bool
	model   nn.Model
	params  []*mat.Dense
	trained int
	kernel  func(p []*mat.Dense) (*mat.SymDense, error)
	grad    func(p []*mat.Dense, r []float64) ([]float64, error) // Σ r_i ∂f(x_i), trained parameters flattened
	gates   func(p []*mat.Dense) *mat.Dense                      // pre-activations of the kinks; nil if smooth
}

// flipped counts the gates that differ between two sets of parameters.
func (s *subject) flipped(p, q []*mat.Dense) int {
	if s.gates == nil {
		return 0
	}
	g := s.gates(p)
	n, m := g.Dims()
	return int(math.Round(flips(g, s.gates(q)) * float64(n*m)))
}

func twoLayerSubject(name string, cfg EvolutionConfig, a nn.Activation, x *mat.Dense, both bool) (*subject, error) {
	_, d := x.Dims()
	net := nn.TwoLayer{Inputs: d, Width: cfg.Width, Activation: a}
	p, err := net.Init(rng.Stream(cfg.Seed, "init/"+name))
	if err != nil {
		return nil, err
	}
	scale := 1 / math.Sqrt(float64(cfg.Width))
	host := func(p []*mat.Dense) *nn.TwoLayerParams {
		return &nn.TwoLayerParams{W: p[0], A: p[1].RawMatrix().Data}
	}
	s := &subject{
		name: name, smooth: a != nn.ReLU, trained: 1,
		params: []*mat.Dense{p.W, mat.NewDense(1, cfg.Width, p.A)},
		model: func(p []*graph.Node, x *graph.Node) *graph.Node {
			return net.Output(x, p[0], p[1], graph.Scalar(x.Graph(), x.DType(), scale))
		},
		kernel: func(p []*mat.Dense) (*mat.SymDense, error) {
			h := FirstLayerKernel(net, x, host(p), scale)
			if both {
				h.AddSym(h, OutputLayerKernel(net, x, host(p), scale))
			}
			return h, nil
		},
		grad: func(p []*mat.Dense, r []float64) ([]float64, error) {
			h := host(p)
			z := net.HostPreActivations(x, h)
			n, m := z.Dims()
			g := make([]float64, m*d, m*d+m)
			for i := range n {
				for k := range m {
					c := scale * h.A[k] * a.Slope(z.At(i, k)) * r[i]
					for j, v := range x.RawRowView(i) {
						g[k*d+j] += c * v
					}
				}
			}
			for k := 0; both && k < m; k++ {
				sum := 0.0
				for i := range n {
					sum += scale * a.Value(z.At(i, k)) * r[i]
				}
				g = append(g, sum)
			}
			return g, nil
		},
	}
	if both {
		s.trained = 2
	}
	if a == nn.ReLU {
		s.gates = func(p []*mat.Dense) *mat.Dense { return net.HostPreActivations(x, host(p)) }
	}
	return s, nil
}

func deepSubject(name string, b backends.Backend, cfg EvolutionConfig, x *mat.Dense) (*subject, error) {
	_, d := x.Dims()
	net := nn.FullyConnected{Inputs: d, Hidden: cfg.Deep, Activation: nn.Tanh}
	w, err := net.Init(rng.Stream(cfg.Seed, "init/"+name))
	if err != nil {
		return nil, err
	}
	layers := func(p []*mat.Dense) (*Layers, error) {
		probe, err := NewProbe(b, net)
		if err != nil {
			return nil, err
		}
		defer probe.Close()
		return probe.Run(x, p)
	}
	return &subject{
		name: name, smooth: true, params: w, trained: len(w),
		model: func(p []*graph.Node, x *graph.Node) *graph.Node { return net.Forward(x, p).Output },
		kernel: func(p []*mat.Dense) (*mat.SymDense, error) {
			l, err := layers(p)
			if err != nil {
				return nil, err
			}
			return l.Total(), nil
		},
		grad: func(p []*mat.Dense, r []float64) ([]float64, error) {
			l, err := layers(p)
			if err != nil {
				return nil, err
			}
			var out []float64
			for h := range l.B {
				var rb, g mat.Dense
				rb.Apply(func(i, _ int, v float64) float64 { return r[i] * v }, l.B[h])
				g.Mul(rb.T(), l.G[h])
				out = append(out, g.RawMatrix().Data...)
			}
			return out, nil
		},
	}, nil
}
