package rewrite

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/shapeinference"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Check returns an error that names the first node of g that is not well formed: operands come
// before their users, parameters have the type their operation wants, and the shape is what the
// operation makes of its operands (checked for the operations that rules create).
func Check(g *ir.Graph) error {
	at := make(map[*ir.Node]bool, len(g.Nodes))
	params := 0
	for i, n := range g.Nodes {
		if n.ID != i {
			return fmt.Errorf("rewrite.Check: node %d of %s has ID %d", i, g.Name, n.ID)
		}
		for _, x := range n.In {
			if !at[x] {
				return fmt.Errorf("rewrite.Check: %s of %s comes before its operand", n, g.Name)
			}
		}
		at[n] = true
		if n.Op == backends.OpTypeParameter {
			params++
		}
		if err := checkNode(n); err != nil {
			return fmt.Errorf("rewrite.Check: %s of %s: %w", n, g.Name, err)
		}
	}
	for i, p := range g.Params {
		a, ok := p.Attr.(ir.Parameter)
		if !at[p] || !ok || a.Index != i {
			return fmt.Errorf("rewrite.Check: parameter %d of %s is %s", i, g.Name, p)
		}
	}
	if params != len(g.Params) {
		return fmt.Errorf("rewrite.Check: %s has %d parameters among its nodes, want %d", g.Name, params, len(g.Params))
	}
	for i, o := range g.Outputs {
		if !at[o] {
			return fmt.Errorf("rewrite.Check: output %d of %s is not among its nodes", i, g.Name)
		}
	}
	return nil
}

// attrs lists the type of each operation's parameters; others have none.
var attrs = map[ir.Op]any{
	backends.OpTypeParameter:           ir.Parameter{},
	backends.OpTypeConstant:            ir.Constant{},
	backends.OpTypeReverse:             ir.Axes{},
	backends.OpTypeTranspose:           ir.Permutation{},
	backends.OpTypeBroadcastInDim:      ir.BroadcastInDim{},
	backends.OpTypeSlice:               ir.Slice{},
	backends.OpTypeIota:                ir.Iota{},
	backends.OpTypeConcatenate:         ir.Concatenate{},
	backends.OpTypeArgMinMax:           ir.ArgMinMax{},
	backends.OpTypePad:                 ir.Pad{},
	backends.OpTypeDynamicSlice:        ir.DynamicSlice{},
	backends.OpTypeFFT:                 ir.FFT{},
	backends.OpTypeGather:              ir.Gather{},
	backends.OpTypeScatterSum:          ir.Scatter{},
	backends.OpTypeScatterMax:          ir.Scatter{},
	backends.OpTypeScatterMin:          ir.Scatter{},
	backends.OpTypeReduceWindow:        ir.Window{},
	backends.OpTypeSelectAndScatterMax: ir.Window{},
	backends.OpTypeSelectAndScatterMin: ir.Window{},
	backends.OpTypeSelectAndScatterSum: ir.Window{},
	backends.OpTypeDotGeneral:          ir.DotGeneral{},
	backends.OpTypeConvGeneral:         ir.Conv{},
	ir.OpContract:                      ir.Contract{},
	ir.OpRNGState:                      ir.RNGState{},
}

// checkNode checks one node whose operands are well formed.
func checkNode(n *ir.Node) error {
	want := attrs[n.Op]
	if reduction(n.Op) {
		want = ir.Axes{}
	}
	if reflect.TypeOf(n.Attr) != reflect.TypeOf(want) {
		return fmt.Errorf("parameters are %T, want %T", n.Attr, want)
	}
	if ir.Arity(n.Op) > 0 {
		for _, x := range n.In {
			if !slices.Equal(x.Shape.Dimensions, n.Shape.Dimensions) {
				return fmt.Errorf("operand %%%d has shape %s", x.ID, x.Shape)
			}
		}
		return checkTypes(n)
	}
	var got shapes.Shape
	var err error
	switch a := n.Attr.(type) {
	case ir.Constant:
		if !a.Value.Contiguous() || a.Value.DType != n.Shape.DType {
			return fmt.Errorf("value is %s%v with strides %v", a.Value.DType, a.Value.Dims, a.Value.Strides)
		}
		got = shapes.Make(a.Value.DType, a.Value.Dims...)
	case ir.Axes:
		if n.Op == backends.OpTypeReverse {
			got = n.In[0].Shape
			break
		}
		if len(a.Axes) == 0 && n.In[0].Shape.Rank() > 0 || !slices.IsSorted(a.Axes) {
			return fmt.Errorf("axes are %v", a.Axes)
		}
		got, err = shapeinference.ReduceOp(n.In[0].Shape, a.Axes)
	case ir.Permutation:
		got, err = shapeinference.TransposeOp(n.In[0].Shape, a.Axes)
	case ir.BroadcastInDim:
		got, err = n.Shape, shapeinference.BroadcastInDimOp(n.In[0].Shape, n.Shape, a.Axes)
	case ir.Slice:
		got, err = shapeinference.SliceOp(n.In[0].Shape, a.Starts, a.Limits, a.Strides)
	case ir.Concatenate:
		in := make([]shapes.Shape, len(n.In))
		for i, x := range n.In {
			in[i] = x.Shape
		}
		got, err = shapeinference.ConcatenateOp(in, a.Axis)
	case ir.Pad:
		got = n.In[0].Shape.Clone()
		for i, p := range a.Axes {
			d := got.Dimensions[i]
			got.Dimensions[i] = d + p.Start + p.End + max(0, d-1)*p.Interior
		}
	case ir.Conv:
		got, err = shapeinference.ConvGeneralOp(n.In[0].Shape, n.In[1].Shape, a.Axes, a.Strides, a.Paddings,
			a.InputDilations, a.KernelDilations, a.ChannelGroupCount, a.BatchGroupCount)
	case ir.Contract:
		return checkContract(n, a)
	default:
		if n.Op == backends.OpTypeReshape && tensor.Size(n.In[0].Shape.Dimensions) != tensor.Size(n.Shape.Dimensions) {
			return fmt.Errorf("operand has shape %s", n.In[0].Shape)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if !got.Equal(n.Shape) {
		return fmt.Errorf("shape should be %s", got)
	}
	return nil
}

// checkTypes checks the element types of the commonest elementwise operations.
func checkTypes(n *ir.Node) error {
	in, out := n.In, n.Shape.DType
	switch n.Op {
	case backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeDiv, backends.OpTypeMax, backends.OpTypeMin,
		backends.OpTypePow, backends.OpTypeNeg, backends.OpTypeSign, backends.OpTypeSqrt:
	case backends.OpTypeWhere:
		if in[0].Shape.DType != dtypes.Bool {
			return fmt.Errorf("condition has shape %s", in[0].Shape)
		}
		in = in[1:]
	case backends.OpTypeEqual, backends.OpTypeNotEqual, backends.OpTypeLessThan, backends.OpTypeLessOrEqual,
		backends.OpTypeGreaterThan, backends.OpTypeGreaterOrEqual:
		if out != dtypes.Bool {
			return fmt.Errorf("a comparison gives %s", dtypes.Bool)
		}
		out = in[0].Shape.DType
	default:
		return nil
	}
	for _, x := range in {
		if x.Shape.DType != out {
			return fmt.Errorf("operand %%%d has shape %s", x.ID, x.Shape)
		}
	}
	return nil
}

// checkContract checks that every index has an array, every axis of the result one index, and no
// place lies outside of an operand.
func checkContract(n *ir.Node, c ir.Contract) error {
	of := make([]int, n.Shape.Rank()) // indices of each axis of the result
	var last [2][]int                 // the last place reached along each axis of the operands
	for k, x := range n.In {
		last[k] = make([]int, x.Shape.Rank())
		if x.Shape.DType != n.Shape.DType {
			return fmt.Errorf("operand %%%d has shape %s", x.ID, x.Shape)
		}
	}
	for _, i := range c.Indices {
		if i.A.Axis < 0 && i.B.Axis < 0 {
			return fmt.Errorf("index %+v has no operand", i)
		}
		if i.Out.Axis >= 0 {
			of[i.Out.Axis]++
			if i.Out.Step != 1 || i.Size != n.Shape.Dimensions[i.Out.Axis] {
				return fmt.Errorf("index %+v does not fit the result", i)
			}
		}
		for k, t := range []ir.Term{i.A, i.B} {
			if t.Axis >= 0 {
				last[k][t.Axis] += t.Step * (i.Size - 1)
			}
		}
	}
	for axis, count := range of {
		if count != 1 {
			return fmt.Errorf("axis %d of the result has %d indices, want 1", axis, count)
		}
	}
	for k, x := range n.In {
		for axis, place := range last[k] {
			if place >= max(1, x.Shape.Dimensions[axis]) {
				return fmt.Errorf("place %d is outside of axis %d of operand %%%d", place, axis, x.ID)
			}
		}
	}
	return nil
}
