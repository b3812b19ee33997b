package plan

import (
	"slices"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// A view says which elements of a dense array a node's value consists of: the element with indices i
// is number offset + Σ i[k]·strides[k].
type view struct {
	offset        int
	dims, strides []int
}

func dense(dims []int) view { return view{dims: dims, strides: tensor.RowMajor(dims)} }

// contiguous reports whether the elements follow each other in row-major order from offset on.
func (v view) contiguous() bool {
	return tensor.Tensor{Dims: v.dims, Strides: v.strides}.Contiguous()
}

// through composes views: what op, one of those that only rename elements, makes of v. ok is false if
// the operation is not of that kind or the result is not strided, as a reshape that would have to
// copy.
func (v view) through(n *ir.Node) (w view, ok bool) {
	dims := n.Shape.Dimensions
	w = view{offset: v.offset, dims: dims, strides: make([]int, len(dims))}
	if tensor.Size(dims) == 0 {
		return w, false // nothing to see, nothing gained
	}
	switch attr := n.Attr.(type) {
	case ir.Permutation:
		for i, a := range attr.Axes {
			w.strides[i] = v.strides[a]
		}
	case ir.BroadcastInDim:
		for i, a := range attr.Axes {
			if v.dims[i] != 1 {
				w.strides[a] = v.strides[i]
			}
		}
	case ir.Slice:
		for i := range dims {
			w.offset += attr.Starts[i] * v.strides[i]
			w.strides[i] = attr.Strides[i] * v.strides[i]
		}
	case ir.Axes: // Reverse
		copy(w.strides, v.strides)
		for _, a := range attr.Axes {
			w.offset += (dims[a] - 1) * v.strides[a]
			w.strides[a] = -v.strides[a]
		}
	default: // Identity, Reshape, Bitcast
		if slices.Equal(dims, v.dims) {
			copy(w.strides, v.strides)
			break
		}
		w.strides, ok = reshape(v.dims, v.strides, dims)
		return w, ok
	}
	return w, true
}

// reshape returns the strides that show the elements of dims and strides, in row-major order, as an
// array of dimensions to, which has as many. There may be none.
func reshape(dims, strides, to []int) ([]int, bool) {
	dims, strides = merge(dims, strides)
	out := make([]int, len(to))
	k := len(dims) - 1
	room := 1 // of dims[k], what the axes of to have not used; its stride follows
	stride := 0
	for i := len(to) - 1; i >= 0; i-- {
		d := to[i]
		if d == 1 {
			continue
		}
		if room == 1 {
			if k < 0 {
				return nil, false
			}
			room, stride = dims[k], strides[k]
			k--
		}
		if room%d != 0 {
			return nil, false
		}
		out[i] = stride
		stride *= d
		room /= d
	}
	return out, true
}

// merge joins neighbouring axes that one axis with one stride can stand for and leaves out those of
// dimension 1.
func merge(dims, strides []int) (d, s []int) {
	for i := range dims {
		if dims[i] == 1 {
			continue
		}
		if k := len(d) - 1; k >= 0 && s[k] == strides[i]*dims[i] {
			d[k] *= dims[i]
			s[k] = strides[i]
			continue
		}
		d = append(d, dims[i])
		s = append(s, strides[i])
	}
	return d, s
}

// repeats returns how v repeats its elements if it is a dense array of which each element occurs
// times times in a row: 1 for a contiguous view from element 0.
func (v view) repeats(times int) bool {
	if v.offset != 0 {
		return false
	}
	d, s := merge(v.dims, v.strides)
	if times != 1 {
		k := len(d) - 1
		if k < 0 || d[k] != times || s[k] != 0 {
			return false
		}
		d, s = d[:k], s[:k]
	}
	return len(d) == 0 || len(d) == 1 && s[0] == 1
}
