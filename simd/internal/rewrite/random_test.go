package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// randomProgram writes a program of about n operations on small arrays in which every rule may find
// something: constants that are 0, 1, -1 or 2, repeated operations, views of views, reductions,
// products, masks.
func randomProgram(r *rand.Rand, n int, dtype dtypes.DType) *ir.Graph {
	p := newProg()
	dims := func() []int {
		d := make([]int, r.IntN(4))
		for i := range d {
			d[i] = []int{1, 1, 2, 3, 4}[r.IntN(5)]
			if r.IntN(40) == 0 {
				d[i] = 0
			}
		}
		return d
	}
	pool := []*ir.Node{p.param(dtype, dims()...), p.param(dtype, dims()...), p.param(dtype, 3, 4), p.param(dtype, 4, 3), p.param(dtype)}
	masks := []*ir.Node{p.param(pred, 3, 4), p.param(pred)}
	pick := func() *ir.Node { // late ones more often
		return pool[max(r.IntN(len(pool)), r.IntN(len(pool)))]
	}
	// like returns a node of x's shape.
	like := func(x *ir.Node) *ir.Node {
		var same []*ir.Node
		for _, y := range pool {
			if y.Shape.Equal(x.Shape) {
				same = append(same, y)
			}
		}
		switch r.IntN(6) {
		case 0:
			return p.fill(dtype, float64([]int{0, 1, -1, 2, 3}[r.IntN(5)]), x.Shape.Dimensions...)
		case 1, 2: // something broadcast
			y := pick()
			var axes []int
			a := 0
			for _, d := range y.Shape.Dimensions {
				for a < x.Shape.Rank() && d != 1 && d != x.Shape.Dimensions[a] {
					a++
				}
				if a == x.Shape.Rank() {
					return x
				}
				axes = append(axes, a)
				a++
			}
			return p.broadcast(y, x.Shape.Dimensions, axes)
		}
		return same[r.IntN(len(same))]
	}
	mask := func(x *ir.Node) *ir.Node {
		for _, m := range masks {
			if slices.Equal(m.Shape.Dimensions, x.Shape.Dimensions) && r.IntN(3) > 0 {
				return m
			}
		}
		m := p.op([]ir.Op{backends.OpTypeLessThan, backends.OpTypeEqual, backends.OpTypeNotEqual}[r.IntN(3)], x, like(x))
		masks = append(masks, m)
		return m
	}
	binary := []ir.Op{backends.OpTypeAdd, backends.OpTypeSub, backends.OpTypeMul, backends.OpTypeMax, backends.OpTypeMin}
	unary := []ir.Op{backends.OpTypeNeg, backends.OpTypeAbs, backends.OpTypeSign}
	if dtype.IsFloat() {
		binary = append(binary, backends.OpTypeDiv)
		unary = append(unary, backends.OpTypeTanh, backends.OpTypeLogistic)
	}
	for len(p.Nodes) < n {
		x := pick()
		d := x.Shape.Dimensions
		rank := len(d)
		var y *ir.Node
		switch r.IntN(16) {
		case 0, 1, 2, 3:
			y = p.op(binary[r.IntN(len(binary))], x, like(x))
		case 4:
			y = p.op(unary[r.IntN(len(unary))], x)
		case 5:
			y = p.op(backends.OpTypeWhere, mask(x), x, like(x))
		case 6:
			y = p.transpose(x, r.Perm(rank)...)
		case 7: // another shape: axes of 1 put in and taken out, neighbours merged
			var to []int
			for i := 0; i < rank; i++ {
				if r.IntN(4) == 0 {
					to = append(to, 1)
				}
				v := d[i]
				if i+1 < rank && r.IntN(3) == 0 {
					i++
					v *= d[i]
				}
				if v != 1 || r.IntN(2) == 0 {
					to = append(to, v)
				}
			}
			y = p.reshape(x, to...)
		case 8:
			to := []int{2}
			axes := []int{}
			for i, v := range d {
				if v == 1 {
					v = 1 + r.IntN(3)
				}
				to = append(to, v)
				axes = append(axes, i+1)
			}
			y = p.broadcast(x, to, axes)
		case 9, 10:
			if rank == 0 {
				continue
			}
			axes := r.Perm(rank)[:1+r.IntN(rank)]
			slices.Sort(axes)
			op := []ir.Op{backends.OpTypeReduceSum, backends.OpTypeReduceSum, backends.OpTypeReduceMax}[r.IntN(3)]
			if slices.Contains(d, 0) {
				op = backends.OpTypeReduceSum
			}
			y = p.reduce(op, x, axes...)
		case 11:
			if rank == 0 || slices.Contains(d, 0) {
				continue
			}
			s := ir.Slice{}
			for _, v := range d {
				start := r.IntN(v)
				s.Starts = append(s.Starts, start)
				s.Limits = append(s.Limits, start+1+r.IntN(v-start))
				s.Strides = append(s.Strides, 1+r.IntN(2))
			}
			y = p.slice(x, s.Starts, s.Limits, s.Strides)
		case 12:
			if rank == 0 {
				continue
			}
			y = p.reverse(x, r.IntN(rank))
		case 13:
			var pads []backends.PadAxis
			for _, v := range d {
				pads = append(pads, backends.PadAxis{Start: r.IntN(2) - min(v, 1)*r.IntN(2), End: r.IntN(2), Interior: r.IntN(2)})
			}
			y = p.pad(x, p.constant(dtype, nil, 0), pads...)
		case 14: // a matrix product, or its gradient as GoMLX writes it
			z := pick()
			if rank != 2 || z.Shape.Rank() != 2 || d[1] != z.Shape.Dimensions[0] {
				continue
			}
			if r.IntN(2) == 0 {
				y = p.matmul(x, z)
			} else {
				to := []int{d[0], d[1], z.Shape.Dimensions[1]}
				y = p.reduce(backends.OpTypeReduceSum,
					p.op(backends.OpTypeMul, p.broadcast(x, to, []int{0, 1}), p.broadcast(z, to, []int{1, 2})), r.IntN(3))
			}
		case 15:
			if rank == 0 {
				continue
			}
			y = p.concatenate(r.IntN(rank), x, like(x))
		}
		if y.Shape.Rank() > 5 || y.Shape.Size() > 2000 {
			continue
		}
		pool = append(pool, y)
	}
	return p.returns(pool[len(pool)-1], pool[len(pool)-2], pick())
}

// TestRandomPrograms compares random programs with and without all passes, and without each of them.
func TestRandomPrograms(t *testing.T) {
	off := []map[string]bool{nil}
	for _, name := range Names() {
		off = append(off, map[string]bool{name: true})
	}
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 3))
		dtype, tol := f64, 1e-9
		if seed%3 == 0 {
			dtype, tol = i32, 0
		}
		g := randomProgram(r, 8+r.IntN(50), dtype)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rewritten(t, g, Options{Off: off[int(seed)%len(off)]}, tol, false)
			rewritten(t, g, Options{}, tol, false)
		})
		if t.Failed() {
			break
		}
	}
}
