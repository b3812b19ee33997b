package ntk

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Kernel is a kernel of an infinitely wide fully-connected network with L hidden layers, every
// weight N(0, 1) at initialisation (section 9.4). With Σ^{(0)} = xᵀx' and, for h = 1..L,
//
//	Σ^{(h)} = c_σ·E[σ(u)σ(v)],  Σ̇^{(h)} = c_σ·E[σ'(u)σ'(v)],  (u, v) ~ N(0, Λ^{(h)}),   (9.15)
//	Λ^{(h)} = Σ^{(h-1)} on the pair (x, x'),
//
// the tangent kernel is Θ^{(0)} = Σ^{(0)}, Θ^{(h)} = Θ^{(h-1)}·Σ̇^{(h)} + Σ^{(h)}, which is the
// book's sum of products with Σ̇^{(L+1)} = 1. The zero value is the linear kernel xᵀx'.
type Kernel struct {
	Depth       int        // L, the number of hidden layers; 0 is the linear kernel
	Activation  Activation // σ; nil means ReLU
	NNGP        bool       // Σ^{(L)}, the covariance of the output at initialisation, in place of Θ^{(L)}
	FixedLayers int        // weight matrices W^{(1)}..W^{(k)} are not trained: their terms are left out; at most L

	// FirstLayerOnly trains W^{(1)} alone: the kernel is xᵀx'·Π_h Σ̇^{(h)}.
	FirstLayerOnly bool

	// Unscaled sets c_σ = 1, as section 9.2 does.
	Unscaled bool

	// InputScale multiplies every input, the bias included; 0 means 1. ReLU kernels only change by
	// its square; other activations see it, and saturate on inputs of large norm: 1/√d suits
	// standardised columns.
	InputScale float64

	// Bias appends a constant feature to every input, which lets the kernel see the norm of an
	// input and functions that are odd beyond degree 1. BiasValue is that constant; 0 means √d,
	// d the number of columns, as large as all columns of a standardised table together.
	Bias      bool
	BiasValue float64
}

// TwoLayer returns the kernel of section 9.2: one hidden layer, output weights fixed at ±1, the
// first layer trained, no c_σ:
//
//	H*(x, x') = xᵀx'·E_{w~N(0,I)}[σ'(wᵀx)σ'(wᵀx')].
//
// For ReLU that is xᵀx'·κ₀(ρ)/2, the factor xᵀx' being the one that (9.8) drops. A nil activation
// means ReLU. It is not the case L = 1 of section 9.4: Θ^{(1)} = c_σ·H* + Σ^{(1)}.
func TwoLayer(a Activation) Kernel {
	return Kernel{Depth: 1, Activation: a, FirstLayerOnly: true, Unscaled: true}
}

// BothLayers returns xᵀx'·E[σ'σ'] + E[σσ'], the kernel of the same network when the output weights
// are trained as well. A nil activation means ReLU.
func BothLayers(a Activation) Kernel { return Kernel{Depth: 1, Activation: a, Unscaled: true} }

// String names the kernel as a legend does: "NTK, depth 3, relu".
func (k Kernel) String() string {
	name := "NTK"
	switch {
	case k.Depth == 0:
		name = "linear kernel"
	case k.NNGP:
		name = "NNGP"
	case k.FirstLayerOnly && k.Unscaled && k.Depth == 1:
		name = "H*"
	}
	if k.Depth > 0 {
		name += fmt.Sprintf(", depth %d, %s", k.Depth, k.activation().Name())
	}
	if k.Depth > 0 && k.FirstLayerOnly && name[:2] != "H*" {
		name += ", first layer trained"
	}
	if k.FixedLayers > 0 {
		name += fmt.Sprintf(", %d fixed", k.FixedLayers)
	}
	if k.Bias {
		name += ", bias"
	}
	return name
}

func (k Kernel) activation() Activation {
	if k.Activation == nil {
		return ReLU
	}
	return k.Activation
}

// Validate reports what is wrong with the kernel: a negative depth, layers fixed that do not exist,
// contradictory options, an activation without a finite normalisation.
func (k Kernel) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("ntk.Kernel: "+format, args...)) }
	if k.Depth < 0 {
		bad("depth %d, want >= 0", k.Depth)
	}
	if k.FixedLayers < 0 || k.FixedLayers > max(k.Depth, 0) {
		bad("%d fixed layers, want 0 to %d, the depth", k.FixedLayers, max(k.Depth, 0))
	}
	if k.FirstLayerOnly && (k.NNGP || k.FixedLayers > 0) {
		bad("FirstLayerOnly with NNGP or FixedLayers, which contradict it")
	}
	if k.NNGP && k.FixedLayers > 0 {
		bad("FixedLayers with NNGP: the NNGP kernel trains no layer")
	}
	if math.IsNaN(k.BiasValue) || math.IsInf(k.BiasValue, 0) {
		bad("bias value %g, want a finite number", k.BiasValue)
	}
	if math.IsNaN(k.InputScale) || math.IsInf(k.InputScale, 0) {
		bad("input scale %g, want a finite number", k.InputScale)
	}
	if _, err := Normalisation(k.activation()); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// At returns the kernel of one pair of inputs of the same length.
func (k Kernel) At(x, z []float64) (float64, error) {
	if len(x) == 0 || len(x) != len(z) {
		return 0, fmt.Errorf("ntk.Kernel.At: inputs of %d and %d entries, want the same number, at least one", len(x), len(z))
	}
	c, err := k.Cross(mat.NewDense(1, len(x), x), mat.NewDense(1, len(z), z))
	if err != nil {
		return 0, err
	}
	return c.At(0, 0), nil
}

// Gram returns the n×n matrix of the kernel on the rows of x, with both triangles of its backing
// array filled. Each pair is computed once. The diagonal and the entries of repeated rows are exact:
// ρ = 1 there, without the loss √(2ε) that rounding of ρ costs the angle nearby. Rows of zeros give
// rows of zeros under ReLU.
//
// Cost n²d flops and, for ReLU, one arccosine and one square root a pair and layer, on all
// processors; memory n² doubles beside x. The result is the same for any GOMAXPROCS.
func (k Kernel) Gram(x *mat.Dense) (*mat.SymDense, error) {
	return k.GramContext(context.Background(), x)
}

// GramContext is Gram that a context can stop, between blocks of rows.
func (k Kernel) GramContext(ctx context.Context, x *mat.Dense) (*mat.SymDense, error) {
	r, err := k.resolve("ntk.Kernel.Gram")
	if err != nil {
		return nil, err
	}
	s, err := r.side("x", x)
	if err != nil {
		return nil, err
	}
	g, err := linalg.FillSym(ctx, s.n, func(i int, row []float64) { r.row(row, s, i, s, i) })
	if err != nil {
		return nil, fmt.Errorf("ntk.Kernel.Gram: %w", err)
	}
	return g, nil
}

// Cross returns the n×m matrix of the kernel between the rows of x and those of z. Cross(x, x)
// equals Gram(x).
func (k Kernel) Cross(x, z *mat.Dense) (*mat.Dense, error) {
	return k.CrossContext(context.Background(), x, z)
}

// CrossContext is Cross that a context can stop, between blocks of rows.
func (k Kernel) CrossContext(ctx context.Context, x, z *mat.Dense) (*mat.Dense, error) {
	r, err := k.resolve("ntk.Kernel.Cross")
	if err != nil {
		return nil, err
	}
	a, err := r.side("x", x)
	if err != nil {
		return nil, err
	}
	b, err := r.side("z", z)
	if err != nil {
		return nil, err
	}
	if a.d != b.d {
		return nil, fmt.Errorf("ntk.Kernel.Cross: inputs of %d and %d columns, want the same number", a.d, b.d)
	}
	out := mat.NewDense(a.n, b.n, nil)
	err = linalg.Parallel(ctx, a.n, 0, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r.row(out.RawRowView(i), a, i, b, 0)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("ntk.Kernel.Cross: %w", err)
	}
	return out, nil
}

// Diag returns the kernel of each row of x with itself, n numbers at the cost of nL moments.
func (k Kernel) Diag(x *mat.Dense) ([]float64, error) {
	r, err := k.resolve("ntk.Kernel.Diag")
	if err != nil {
		return nil, err
	}
	s, err := r.side("x", x)
	if err != nil {
		return nil, err
	}
	out := make([]float64, s.n)
	for i := range out {
		r.row(out[i:i+1], s, i, s, i)
	}
	return out, nil
}
