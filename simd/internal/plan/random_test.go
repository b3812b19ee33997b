package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
)

// randomGraph is a program of about n operations whose values stay moderate. Comparisons look only at
// values that no rounding has touched, so that all ways to compute them agree.
func randomGraph(r *rand.Rand, n int) *ir.Graph {
	b := newBuilder()
	exact := map[*ir.Node]bool{}
	extents := []int{1, 2, 3, 4, 8, 17}
	var floats, bools, ints []*ir.Node
	keep := func(x *ir.Node, ex bool) {
		exact[x] = ex
		switch x.Shape.DType {
		case dtypes.Float32:
			floats = append(floats, x)
		case dtypes.Bool:
			bools = append(bools, x)
		case dtypes.Int32:
			ints = append(ints, x)
		}
	}
	for range 2 + r.IntN(4) {
		dims := make([]int, r.IntN(4))
		for i := range dims {
			dims[i] = extents[r.IntN(len(extents))]
		}
		t := dtypes.Float32
		if r.IntN(5) == 0 {
			t = dtypes.Int32
		}
		keep(b.paramOf(t, dims...), true)
	}
	if len(floats) == 0 {
		keep(b.param(4, 3), true)
	}
	// recent prefers what was computed last.
	recent := func(list []*ir.Node) *ir.Node {
		if r.IntN(3) > 0 {
			return list[len(list)-1-r.IntN(min(len(list), 4))]
		}
		return list[r.IntN(len(list))]
	}
	// like finds or makes a value of the given shape.
	like := func(list []*ir.Node, s shapes.Shape) *ir.Node {
		var fit []*ir.Node
		for _, x := range list {
			if x.Shape.Equal(s) {
				fit = append(fit, x)
			}
		}
		if len(fit) > 0 && r.IntN(4) > 0 {
			return recent(fit)
		}
		// broadcast what has a suffix, a prefix or nothing of the dimensions
		for range 8 {
			x := recent(list)
			d := x.Shape.Dimensions
			k := len(s.Dimensions) - len(d)
			switch {
			case len(d) == 0:
				y := b.broadcast(x, s.Dimensions)
				exact[y] = exact[x]
				return y
			case k >= 0 && slices.Equal(d, s.Dimensions[k:]):
				axes := make([]int, len(d))
				for i := range axes {
					axes[i] = k + i
				}
				y := b.broadcast(x, s.Dimensions, axes...)
				exact[y] = exact[x]
				return y
			case k >= 0 && slices.Equal(d, s.Dimensions[:len(d)]):
				axes := make([]int, len(d))
				for i := range axes {
					axes[i] = i
				}
				y := b.broadcast(x, s.Dimensions, axes...)
				exact[y] = exact[x]
				return y
			}
		}
		if len(fit) > 0 {
			return fit[0]
		}
		y := b.broadcast(b.sumAll(list[0]), s.Dimensions)
		return y
	}
	for len(b.Nodes) < n {
		switch r.IntN(21) {
		case 18: // wider elements in between
			x := b.convert(recent(floats), dtypes.Float64)
			keep(b.convert(b.op(backends.OpTypeTanh, b.add(x, x)), dtypes.Float32), false)
		case 19:
			if len(ints) > 0 {
				keep(b.convert(recent(ints), dtypes.Float32), true)
				y := b.op(backends.OpTypeTanh, b.convert(b.convert(recent(ints), dtypes.Int8), dtypes.Float32))
				keep(y, false)
			}
		case 20:
			if len(bools) > 0 {
				x := recent(bools)
				var axes []int
				for i := range x.Shape.Dimensions {
					if i == len(x.Shape.Dimensions)-1 || r.IntN(2) == 0 {
						axes = append(axes, i)
					}
				}
				op := []ir.Op{backends.OpTypeReduceLogicalAnd, backends.OpTypeReduceLogicalOr}[r.IntN(2)]
				if len(axes) > 0 {
					keep(b.reduce(op, x, axes...), true)
				}
			}
		case 0, 1:
			x := recent(floats)
			op := []ir.Op{backends.OpTypeNeg, backends.OpTypeAbs}[r.IntN(2)]
			keep(b.op(op, x), exact[x])
		case 2:
			op := []ir.Op{backends.OpTypeTanh, backends.OpTypeLogistic, backends.OpTypeErf, backends.OpTypeSin}[r.IntN(4)]
			keep(b.op(op, recent(floats)), false)
		case 3, 4, 5:
			x := recent(floats)
			y := like(floats, x.Shape)
			op := []ir.Op{backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMax, backends.OpTypeMin}[r.IntN(4)]
			keep(b.op(op, x, y), exact[x] && exact[y] && (op == backends.OpTypeMax || op == backends.OpTypeMin))
		case 6:
			x := recent(floats)
			keep(b.op(backends.OpTypeTanh, b.mul(x, like(floats, x.Shape))), false)
		case 7:
			x := recent(floats)
			y := like(floats, x.Shape)
			if exact[x] && exact[y] {
				keep(b.op(backends.OpTypeGreaterThan, x, y), true)
			}
		case 8:
			if len(bools) > 0 {
				c := recent(bools)
				keep(b.op(backends.OpTypeWhere, c, like(floats, shape(dtypes.Float32, c.Shape.Dimensions...)),
					like(floats, shape(dtypes.Float32, c.Shape.Dimensions...))), false)
			}
		case 9:
			if len(bools) > 0 {
				keep(b.convert(recent(bools), dtypes.Float32), true)
			}
			if len(ints) > 0 {
				x := recent(ints)
				keep(b.add(x, like(ints, x.Shape)), true)
			}
		case 10, 11:
			list := floats
			if len(ints) > 0 && r.IntN(6) == 0 {
				list = ints
			}
			x := recent(list)
			var axes []int
			for i := range x.Shape.Dimensions {
				if r.IntN(2) == 0 {
					axes = append(axes, i)
				}
			}
			if len(axes) == 0 && len(x.Shape.Dimensions) > 0 {
				axes = []int{len(x.Shape.Dimensions) - 1}
			}
			op := []ir.Op{backends.OpTypeReduceSum, backends.OpTypeReduceMax, backends.OpTypeReduceMin}[r.IntN(3)]
			y := b.reduce(op, x, axes...)
			keep(y, exact[x] && op != backends.OpTypeReduceSum || list[0].Shape.DType == dtypes.Int32)
			if r.IntN(2) == 0 { // and back
				var kept []int
				for i := range x.Shape.Dimensions {
					if !slices.Contains(axes, i) {
						kept = append(kept, i)
					}
				}
				if x.Shape.DType == dtypes.Float32 {
					keep(b.sub(x, b.broadcast(y, x.Shape.Dimensions, kept...)), false)
				}
			}
		case 12:
			x := recent(floats)
			keep(b.transpose(x, r.Perm(len(x.Shape.Dimensions))...), exact[x])
		case 13:
			x := recent(floats)
			s := x.Shape.Size()
			var dims []int
			for s > 1 && len(dims) < 4 {
				d := 2
				for s%d != 0 {
					d++
				}
				if r.IntN(2) == 0 && len(dims) > 0 {
					dims[len(dims)-1] *= d
				} else {
					dims = append(dims, d)
				}
				s /= d
			}
			if s > 1 {
				dims = append(dims, s)
			}
			keep(b.reshape(x, dims...), exact[x])
		case 14:
			x := recent(floats)
			d := x.Shape.Dimensions
			attr := ir.Slice{Starts: make([]int, len(d)), Limits: make([]int, len(d)), Strides: make([]int, len(d))}
			dims := make([]int, len(d))
			for i := range d {
				attr.Starts[i] = r.IntN(d[i])
				attr.Limits[i] = attr.Starts[i] + 1 + r.IntN(d[i]-attr.Starts[i])
				attr.Strides[i] = 1 + r.IntN(2)
				dims[i] = (attr.Limits[i] - attr.Starts[i] + attr.Strides[i] - 1) / attr.Strides[i]
			}
			keep(b.Add(backends.OpTypeSlice, shape(dtypes.Float32, dims...), attr, x), exact[x])
		case 15:
			x := recent(floats)
			if k := len(x.Shape.Dimensions); k > 0 {
				keep(b.Add(backends.OpTypeReverse, x.Shape, ir.Axes{Axes: []int{r.IntN(k)}}, x), exact[x])
			}
		case 16:
			x := recent(floats)
			if d := x.Shape.Dimensions; len(d) >= 2 {
				k := d[len(d)-1]
				for _, y := range floats {
					e := y.Shape.Dimensions
					if len(e) == 2 && (e[0] == k || e[1] == k) {
						keep(b.op(backends.OpTypeTanh, b.matmul(x, y, false, e[0] != k)), false)
						break
					}
				}
			}
		case 17:
			x := recent(floats)
			d := slices.Clone(x.Shape.Dimensions)
			if len(d) == 0 {
				break
			}
			switch r.IntN(3) {
			case 2:
				attr := ir.Pad{Axes: make([]backends.PadAxis, len(d))}
				for i := range d {
					attr.Axes[i] = backends.PadAxis{Start: r.IntN(3), End: r.IntN(3)}
					d[i] += attr.Axes[i].Start + attr.Axes[i].End
				}
				if s := shape(dtypes.Float32, d...); s.Size() < 20000 {
					keep(b.Add(backends.OpTypePad, s, attr, x, b.number(0.5)), exact[x])
				}
			case 0:
				y := like(floats, x.Shape)
				axis := r.IntN(len(d))
				d[axis] *= 2
				keep(b.Add(backends.OpTypeConcatenate, shape(dtypes.Float32, d...), ir.Concatenate{Axis: axis}, x, y), exact[x] && exact[y])
			case 1:
				for i := range d {
					d[i] = 1 + r.IntN(d[i])
				}
				in := []*ir.Node{x, like(floats, shape(dtypes.Float32, d...))}
				for range d {
					in = append(in, b.integer(int32(r.IntN(5)-1)))
				}
				keep(b.Add(backends.OpTypeDynamicUpdateSlice, x.Shape, nil, in...), exact[x] && exact[in[1]])
			}
		}
	}
	for range 1 + r.IntN(4) {
		b.Outputs = append(b.Outputs, recent(floats))
	}
	if len(bools) > 0 {
		b.Outputs = append(b.Outputs, recent(bools))
	}
	if len(ints) > 0 {
		b.Outputs = append(b.Outputs, recent(ints))
	}
	return b.Graph
}

func (b builder) sumAll(x *ir.Node) *ir.Node {
	if len(x.Shape.Dimensions) == 0 {
		return x
	}
	axes := make([]int, len(x.Shape.Dimensions))
	for i := range axes {
		axes[i] = i
	}
	return b.sum(x, axes...)
}

// TestRandomGraphs compares plans with everything on, each idea off and everything off.
func TestRandomGraphs(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	graphs := 300
	if testing.Short() {
		graphs = 50
	}
	fell := 0
	for seed := range uint64(graphs) {
		r := rand.New(rand.NewPCG(seed, 2))
		g := randomGraph(r, 5+r.IntN(56))
		name := fmt.Sprintf("graph %d", seed)
		want := execute(t, compile(t, g, "all"), g, nil, seed, false)
		full := compile(t, g)
		fell += len(full.misfits)
		for _, err := range full.misfits {
			t.Logf("%s: %v", name, err)
		}
		got := execute(t, full, g, nil, seed, false)
		near(t, g, name, got, want, 1e-4)
		near(t, g, name+" in parallel", execute(t, full, g, pool, seed, false), got, 0)
		near(t, g, name+" donated", execute(t, full, g, pool, seed, true), got, 0)
		for _, off := range Names() {
			near(t, g, name+" without "+off, execute(t, compile(t, g, off), g, pool, seed, seed%2 == 0), want, 1e-4)
		}
		if t.Failed() {
			t.Fatalf("%s\n%s", g, full)
		}
	}
}
