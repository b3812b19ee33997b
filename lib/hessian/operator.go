package hessian

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/nn"
)

// Loss is a scalar function of parameters and inputs, as a graph. Inputs (examples, labels) are not
// differentiated.
type Loss func(params, inputs []*Node) *Node

// Operator is the Hessian of a loss at given parameters, as a function on vectors. It is made by New and
// not for use by several goroutines at once.
type Operator struct {
	params, inputs           []*tensors.Tensor
	dim                      int
	value, gradient, product *nn.Exec
	products                 int
}

// New prepares the Hessian of loss at params, tensors of float32 or float64, all of one type. Nothing
// is computed yet; a mistake in loss comes back from the first method that runs it. The tensors must
// not be finalized before Close. Errors are no parameters, or one of another type.
func New(b backends.Backend, loss Loss, params []*tensors.Tensor, inputs ...*tensors.Tensor) (*Operator, error) {
	const fn = "hessian.New"
	if len(params) == 0 {
		return nil, fmt.Errorf("%s: no parameters", fn)
	}
	o := &Operator{params: params, inputs: inputs}
	for i, p := range params {
		t := p.DType()
		if t != dtypes.Float32 && t != dtypes.Float64 || t != params[0].DType() {
			return nil, fmt.Errorf("%s: parameter %d is %s, want all of float32 or all of float64", fn, i, p.Shape())
		}
		o.dim += p.Shape().Size()
	}
	n := len(params)
	scalar := func(params, inputs []*Node) *Node {
		l := loss(params, inputs)
		if !l.IsScalar() {
			panic(fmt.Errorf("%s: the loss has shape %s, want a scalar", fn, l.Shape()))
		}
		return l
	}
	for _, e := range []struct {
		exec **nn.Exec
		name string
		f    func(in []*Node) []*Node
	}{
		{&o.value, "hessian.value", func(in []*Node) []*Node { return []*Node{scalar(in[:n], in[n:])} }},
		{&o.gradient, "hessian.gradient", func(in []*Node) []*Node { return Gradient(scalar(in[:n], in[n:]), in[:n]...) }},
		{&o.product, "hessian.product", func(in []*Node) []*Node {
			p, v, inputs := in[:n], in[n:2*n], in[2*n:]
			var along *Node // ∇L·v
			for i, g := range Gradient(scalar(p, inputs), p...) {
				part := ReduceAllSum(Mul(g, v[i]))
				if along == nil {
					along = part
				} else {
					along = Add(along, part)
				}
			}
			return Gradient(along, p...)
		}},
	} {
		var err error
		if *e.exec, err = nn.NewExec(b, e.name, e.f); err != nil {
			o.Close()
			return nil, err
		}
	}
	return o, nil
}

// Close frees the compiled graphs. The parameters and inputs stay the caller's.
func (o *Operator) Close() {
	for _, e := range []*nn.Exec{o.value, o.gradient, o.product} {
		if e != nil {
			e.Close()
		}
	}
}

// Dim is d, the number of parameters.
func (o *Operator) Dim() int { return o.dim }

// Products is how many products with H have been computed.
func (o *Operator) Products() int { return o.products }

// Value returns L(θ).
func (o *Operator) Value() (float64, error) {
	v := make([]float64, 1)
	err := o.run(o.value, v)
	return v[0], err
}

// Gradient returns ∇L(θ), of length d.
func (o *Operator) Gradient() ([]float64, error) {
	g := make([]float64, o.dim)
	return g, o.run(o.gradient, g)
}

// Product sets dst = H·v, both of length d. The error names the first entry of v or of the result that
// is not finite.
func (o *Operator) Product(dst, v []float64) error {
	const fn = "hessian.Product"
	if len(v) != o.dim || len(dst) != o.dim {
		return fmt.Errorf("%s: vectors have %d and %d entries, want %d", fn, len(dst), len(v), o.dim)
	}
	if i := notFinite(v); i >= 0 {
		return fmt.Errorf("%s: entry %d of the vector is %g", fn, i, v[i])
	}
	direction := make([]*tensors.Tensor, len(o.params))
	for i, p := range o.params {
		n := p.Shape().Size()
		direction[i] = tensorOf(p.Shape(), v[:n])
		v = v[n:]
	}
	defer func() {
		for _, t := range direction {
			t.MustFinalizeAll()
		}
	}()
	if err := o.run(o.product, dst, direction...); err != nil {
		return err
	}
	o.products++
	if i := notFinite(dst); i >= 0 {
		return fmt.Errorf("%s: entry %d of H·v is %g: the loss has no second derivative here, or it overflows", fn, i, dst[i])
	}
	return nil
}

// Dense returns H by d products, for small d. What rounding leaves of asymmetry is averaged away.
func (o *Operator) Dense() (h *mat.SymDense, err error) {
	err = o.with(func(op func(dst, v []float64)) error {
		h = linalg.OpSym(op, o.dim)
		return nil
	})
	return h, err
}

// run executes a graph on the parameters, the extra tensors and the inputs, and lays its results into
// dst, one after the other.
func (o *Operator) run(e *nn.Exec, dst []float64, extra ...*tensors.Tensor) error {
	out, err := e.Run(slices.Concat(o.params, extra, o.inputs)...)
	defer func() {
		for _, t := range out {
			t.MustFinalizeAll()
		}
	}()
	if err != nil {
		return err
	}
	for _, t := range out {
		err := t.ConstFlatData(func(flat any) {
			switch flat := flat.(type) {
			case []float64:
				dst = dst[copy(dst, flat):]
			case []float32:
				for i, x := range flat {
					dst[i] = float64(x)
				}
				dst = dst[len(flat):]
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tensorOf returns a tensor of a float shape with the values v.
func tensorOf(shape shapes.Shape, v []float64) *tensors.Tensor {
	if shape.DType == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(v, shape.Dimensions...)
	}
	single := make([]float32, len(v))
	for i, x := range v {
		single[i] = float32(x)
	}
	return tensors.FromFlatDataAndDimensions(single, shape.Dimensions...)
}

// notFinite returns the index of the first NaN or infinity, or -1.
func notFinite(v []float64) int {
	return slices.IndexFunc(v, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
}
