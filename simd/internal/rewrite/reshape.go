package rewrite

import (
	"slices"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// viewReshape drops reshapes to the same dimensions, joins two in a row, and moves a reshape below a
// broadcast, where it is smaller.
func viewReshape(e *editor, n *ir.Node) *ir.Node {
	x := n.In[0]
	if x.Shape.Equal(n.Shape) {
		return x
	}
	switch x.Op {
	case backends.OpTypeReshape:
		return e.reshape(x.In[0], n.Shape.Dimensions)
	case backends.OpTypeBroadcastInDim:
		return reshapeOfBroadcast(e, n, x)
	}
	return nil
}

// reshapeOfBroadcast returns a broadcast of a reshape in place of a reshape of a broadcast; nil if
// an axis of the result mixes repeated and other axes.
func reshapeOfBroadcast(e *editor, n, b *ir.Node) *ir.Node {
	gs := groups(b.Shape.Dimensions, n.Shape.Dimensions)
	if gs == nil {
		return nil
	}
	kept := make([]bool, len(b.Shape.Dimensions)) // axes that come from the operand
	y := b.In[0]
	for i, a := range b.Attr.(ir.BroadcastInDim).Axes {
		kept[a] = y.Shape.Dimensions[i] == b.Shape.Dimensions[a]
	}
	var dims, axes []int
	for _, g := range gs {
		var some, all = false, true
		for i := g.from0; i < g.from1; i++ {
			if b.Shape.Dimensions[i] != 1 {
				some = some || kept[i]
				all = all && kept[i]
			}
		}
		if some && !all {
			return nil
		}
		if some {
			for i := g.to0; i < g.to1; i++ {
				dims = append(dims, n.Shape.Dimensions[i])
				axes = append(axes, i)
			}
		}
	}
	return e.broadcast(e.reshape(y, dims), n.Shape, axes)
}

// A group says that the axes from0 to from1-1 of one shape hold the same elements, in the same
// order, as the axes to0 to to1-1 of another.
type group struct{ from0, from1, to0, to1 int }

// groups splits a reshape into the smallest reshapes of neighbouring axes. It returns nil for arrays
// without elements.
func groups(from, to []int) []group {
	if tensor.Size(from) == 0 {
		return nil
	}
	gs := []group{}
	for i, j := 0, 0; i < len(from) || j < len(to); {
		g := group{from0: i, to0: j}
		p, q := 1, 1
		for {
			switch {
			case p == q && p != 1, i == len(from) && j == len(to):
			case i < len(from) && (p < q || p == q):
				p *= from[i]
				i++
				continue
			case j < len(to):
				q *= to[j]
				j++
				continue
			}
			break
		}
		g.from1, g.to1 = i, j
		gs = append(gs, g)
	}
	return gs
}

// onesOnly reports whether a reshape between these dimensions only adds and removes axes of
// dimension 1.
func onesOnly(from, to []int) bool { return slices.Equal(squeeze(from), squeeze(to)) }

// squeeze returns the dimensions other than 1.
func squeeze(dims []int) []int {
	return slices.DeleteFunc(slices.Clone(dims), func(d int) bool { return d == 1 })
}

// alignOnes maps the axes of dimensions other than 1 to their equals in other dimensions, which
// differ only in axes of dimension 1; these map to -1.
func alignOnes(from, to []int) []int {
	axes := make([]int, len(from))
	j := 0
	for i, d := range from {
		if d == 1 {
			axes[i] = -1
			continue
		}
		for to[j] == 1 {
			j++
		}
		axes[i] = j
		j++
	}
	return axes
}
