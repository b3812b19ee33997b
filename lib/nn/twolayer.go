package nn

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// TwoLayer is the network of section 9.2,
//
//	f(x) = s·Σ_{r=1}^m a_r σ(w_rᵀx),   s = 1/√m in (9.7),
//
// with output weights a_r = ±1 that stay fixed and first-layer weights w_r that are trained. The scale
// s is an argument of the graph functions, so that other scalings can be compared.
type TwoLayer struct {
	Inputs     int        // d
	Width      int        // m
	Activation Activation // σ; empty means ReLU
	InitScale  float64    // standard deviation of the entries of w_r at initialisation; 0 means 1

	// Antisymmetric draws m/2 neurons and adds each again with the opposite output weight, so that
	// f is exactly 0 at initialisation while the kernel is that of m/2 distinct neurons. Neurons 2k
	// and 2k+1 are a pair. Width must then be even.
	Antisymmetric bool
}

// TwoLayerParams are the weights of a TwoLayer.
type TwoLayerParams struct {
	W *mat.Dense // m×d, one neuron a row
	A []float64  // m
}

// Sigma is the activation with its default filled in.
func (t TwoLayer) Sigma() Activation {
	if t.Activation == "" {
		return ReLU
	}
	return t.Activation
}

// Validate reports every fault of the description.
func (t TwoLayer) Validate() error {
	var errs []error
	if t.Inputs < 1 || t.Width < 1 {
		errs = append(errs, fmt.Errorf("nn.TwoLayer: %d inputs and width %d, want both at least 1", t.Inputs, t.Width))
	}
	if t.Antisymmetric && t.Width%2 != 0 {
		errs = append(errs, fmt.Errorf("nn.TwoLayer: width %d, want an even one for antisymmetric initialisation", t.Width))
	}
	if !(t.InitScale >= 0) {
		errs = append(errs, fmt.Errorf("nn.TwoLayer: initial scale %g, want > 0", t.InitScale))
	}
	return errors.Join(append(errs, t.Sigma().Validate())...)
}

// Init draws w_r ~ N(0, InitScale²·I), neuron by neuron, then a_r uniform on ±1.
func (t TwoLayer) Init(r *rand.Rand) (*TwoLayerParams, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	scale := t.InitScale
	if scale == 0 {
		scale = 1
	}
	distinct := t.Width
	if t.Antisymmetric {
		distinct = t.Width / 2
	}
	w, a := rng.Normals(r, distinct*t.Inputs), rng.Signs(r, distinct)
	for i := range w {
		w[i] *= scale
	}
	if !t.Antisymmetric {
		return &TwoLayerParams{W: mat.NewDense(t.Width, t.Inputs, w), A: a}, nil
	}
	p := &TwoLayerParams{W: mat.NewDense(t.Width, t.Inputs, nil), A: make([]float64, t.Width)}
	for k := range distinct {
		row := w[k*t.Inputs : (k+1)*t.Inputs]
		p.W.SetRow(2*k, row)
		p.W.SetRow(2*k+1, row)
		p.A[2*k], p.A[2*k+1] = a[k], -a[k]
	}
	return p, nil
}

// PreActivations returns w_rᵀx_i, [n, m], for x [n, d] and w [m, d].
func (t TwoLayer) PreActivations(x, w *graph.Node) *graph.Node {
	x.AssertDims(-1, t.Inputs)
	w.AssertDims(t.Width, t.Inputs)
	return graph.DotGeneral(x, []int{1}, nil, w, []int{1}, nil) // [n, m]
}

// Output returns f(x_i), [n, 1], for x [n, d], w [m, d], a [1, m] and the scalar scale s.
func (t TwoLayer) Output(x, w, a, scale *graph.Node) *graph.Node {
	return t.OutputFrom(t.PreActivations(x, w), a, scale)
}

// OutputFrom is Output from the pre-activations z [n, m].
func (t TwoLayer) OutputFrom(z, a, scale *graph.Node) *graph.Node {
	a.AssertDims(1, t.Width)
	u := graph.DotGeneral(t.Sigma().Apply(z), []int{1}, nil, a, []int{1}, nil) // [n, 1]
	return graph.Mul(u, scale)
}

// WeightGradient returns Σ_i c_i ∂f(x_i)/∂w, [m, d], for coefficients c [n, 1] and pre-activations
// z [n, m]: row r is s·a_r Σ_i c_i σ'(w_rᵀx_i) x_i. With c = u - y it is the gradient of ½‖u-y‖².
// It equals autodiff and costs one matrix product.
func (t TwoLayer) WeightGradient(x, z, a, scale, c *graph.Node) *graph.Node {
	x.AssertDims(-1, t.Inputs)
	z.AssertDims(-1, t.Width)
	c.AssertDims(-1, 1)
	g := graph.DotGeneral(t.Sigma().ApplySlope(z), []int{0}, nil, graph.Mul(c, x), []int{0}, nil) // [m, d]
	return graph.Mul(g, graph.Mul(graph.Transpose(a, 0, 1), scale))
}

// HostOutput returns f(x_i) for the rows of x on the host, with scale s. It is the second route to
// the graph's numbers.
func (t TwoLayer) HostOutput(x *mat.Dense, p *TwoLayerParams, scale float64) []float64 {
	z := t.HostPreActivations(x, p)
	n, m := z.Dims()
	u := make([]float64, n)
	for i := range n {
		row, sum := z.RawRowView(i), 0.0
		for r := range m {
			sum += p.A[r] * t.Sigma().Value(row[r])
		}
		u[i] = scale * sum
	}
	return u
}

// HostPreActivations returns w_rᵀx_i, n×m, on the host.
func (t TwoLayer) HostPreActivations(x *mat.Dense, p *TwoLayerParams) *mat.Dense {
	var z mat.Dense
	z.Mul(x, p.W.T())
	return &z
}
