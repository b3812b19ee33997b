package generic

import (
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
	"github.com/lemma-ml/lemma/simd/internal/window"
)

func init() {
	register(backends.OpTypeSelectAndScatterMax, selectAndScatter)
	register(backends.OpTypeSelectAndScatterMin, selectAndScatter)
	register(backends.OpTypeSelectAndScatterSum, selectAndScatter)
}

// selectAndScatter is the gradient of pooling: for each place of the window it adds one element of
// the source to the element of the operand's shape that the window selects. It selects as XLA does
// with the comparisons ≥ (Max) and ≤ (Min): it goes through the window in row-major order and keeps
// what it has while selected ≥ candidate. So the first of equal elements wins, and a NaN is selected
// and then given up for whatever follows it. A window that covers padding alone selects nothing.
// Sum selects every element of the window: the gradient of a sum. Window and base dilations are not
// defined here.
func selectAndScatter(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	operand, source := in[0], in[1]
	if out.DType.IsFloat16() { // sums are rounded once, at the end
		sum := temp(dtypes.Float32, out.Dims)
		selectAndScatter(pool, n, []tensor.Tensor{widened(pool, operand), widened(pool, source)}, sum)
		convertTo(pool, out, sum)
		return
	}
	w := newPooling(params[ir.Window](n), operand.Dims, source.Dims)
	switch out.DType {
	case dtypes.Float32:
		scatterSelected[float32](pool, n, w, operand, source, out)
	case dtypes.Float64:
		scatterSelected[float64](pool, n, w, operand, source, out)
	case dtypes.Int8:
		scatterSelected[int8](pool, n, w, operand, source, out)
	case dtypes.Int16:
		scatterSelected[int16](pool, n, w, operand, source, out)
	case dtypes.Int32:
		scatterSelected[int32](pool, n, w, operand, source, out)
	case dtypes.Int64:
		scatterSelected[int64](pool, n, w, operand, source, out)
	case dtypes.Uint8:
		scatterSelected[uint8](pool, n, w, operand, source, out)
	case dtypes.Uint16:
		scatterSelected[uint16](pool, n, w, operand, source, out)
	case dtypes.Uint32:
		scatterSelected[uint32](pool, n, w, operand, source, out)
	case dtypes.Uint64:
		scatterSelected[uint64](pool, n, w, operand, source, out)
	default:
		unsupported(n, out)
	}
}

type realNumber interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// pooling divides the axes of a window into outer ones that it leaves alone, those in the middle
// that it slides along, and inner ones that it leaves alone: [outer, middle…, inner].
type pooling struct {
	outer, inner int
	operand      []int // dimensions of the middle axes
	source       []int
	step         []int // elements of the operand between neighbours on a middle axis
	size         []int // extents of the window
	stride, pad  []int
	spanOp       int // elements of the operand for one outer index
	spanSrc      int
}

func newPooling(p ir.Window, operand, source []int) *pooling {
	touched := func(a int) bool {
		return p.Size[a] != 1 || p.Strides[a] != 1 || p.Paddings[a] != [2]int{}
	}
	lo, hi := 0, len(operand)
	for lo < hi && !touched(lo) {
		lo++
	}
	for hi > lo && !touched(hi-1) {
		hi--
	}
	w := &pooling{
		outer: tensor.Size(operand[:lo]), inner: tensor.Size(operand[hi:]),
		operand: operand[lo:hi], source: source[lo:hi], size: p.Size[lo:hi], stride: p.Strides[lo:hi],
		spanOp: tensor.Size(operand[lo:]), spanSrc: tensor.Size(source[lo:]),
	}
	for a := lo; a < hi; a++ {
		w.pad = append(w.pad, p.Paddings[a][0])
		w.step = append(w.step, tensor.Size(operand[a+1:]))
	}
	return w
}

// scatterSelected runs over outer indices, or over parts of the inner axis where there are few: no
// two pieces write to the same elements.
func scatterSelected[T realNumber](pool *par.Pool, n *ir.Node, w *pooling, operand, source, out tensor.Tensor) {
	if source.Size() == 0 || out.Size() == 0 {
		clearFlat(pool, out)
		return
	}
	cost := w.spanSrc * tensor.Size(w.size) // comparisons for an outer index
	const piece = 16 << 10
	per, parts := max(1, piece/max(cost, 1)), 1
	if w.outer < 4*pool.Width() && cost > 2*piece {
		parts = max(1, min(cost/piece, w.inner/16))
	}
	f := selectLines(n.Op, out.DType)
	if size := out.DType.Size(); len(w.source) == 0 {
		f = nil
	} else if f != nil && w.inner*size < 16 {
		if g := window.Bundle(w.outer, w.spanOp, size); g > 0 {
			w.inBundles(pool, g, size, f, operand.Data, out.Data, source.Data, nil)
			return
		}
		f = nil
	}
	if parts > 1 {
		clearFlat(pool, out)
	}
	x, src, dst := tensor.Flat[T](operand), tensor.Flat[T](source), tensor.Flat[T](out)
	pool.For((w.outer+per-1)/per*parts, func(i int) {
		part := i % parts
		c0, c1 := part*w.inner/parts, (part+1)*w.inner/parts
		lo, hi := i/parts*per, min((i/parts+1)*per, w.outer)
		if parts == 1 {
			clear(dst[lo*w.spanOp : hi*w.spanOp]) // while it comes into the cache
		}
		if f != nil {
			l := newLiner(w, out.DType.Size(), f, c0, c1)
			l.x, l.y, l.add, l.scatter = operand.Data, out.Data, source.Data, true
			l.run(lo*w.lines(), hi*w.lines())
			return
		}
		if out.DType.IsFloat() && n.Op != backends.OpTypeSelectAndScatterSum && len(w.source) > 0 {
			newLineSelector(w, n.Op, out.DType, c0, c1, x, src, dst).run(lo, hi)
			return
		}
		s := selecting[T]{w: w, op: n.Op, c0: c0, c1: c1, at: make([]int, len(w.source))}
		if c1-c0 > 1 {
			s.best, s.place = make([]T, c1-c0), make([]int32, c1-c0)
		}
		for o := lo; o < hi; o++ {
			s.x = x[o*w.spanOp : (o+1)*w.spanOp]
			s.source = src[o*w.spanSrc : (o+1)*w.spanSrc]
			s.out = dst[o*w.spanOp : (o+1)*w.spanOp]
			s.run()
		}
	})
}

// selectLines returns the function of package window, nil if it has none.
func selectLines(op ir.Op, dtype dtypes.DType) func(*window.Line) {
	switch op {
	case backends.OpTypeSelectAndScatterMax:
		return window.Scatter(backends.ReduceOpMax, dtype)
	case backends.OpTypeSelectAndScatterMin:
		return window.Scatter(backends.ReduceOpMin, dtype)
	}
	return nil
}

// selecting works through the windows of one outer index, columns c0 to c1-1 of the inner axis.
type selecting[T realNumber] struct {
	w              *pooling
	op             ir.Op
	x, source, out []T
	c0, c1         int
	at             []int // the window's place on the middle axes
	places         []int // offsets in x of the window's elements that are not padding
	best           []T
	place          []int32 // index in places
}

func (s *selecting[T]) run() {
	w := s.w
	clear(s.at)
	for p := 0; p < len(s.source); p += w.inner {
		s.find()
		if len(s.places) > 0 {
			switch src := s.source[p+s.c0 : p+s.c1]; {
			case s.op == backends.OpTypeSelectAndScatterSum:
				for _, at := range s.places {
					out := s.out[at+s.c0 : at+s.c1]
					for c, v := range src {
						out[c] += v
					}
				}
			case len(src) == 1:
				s.one(src[0])
			default:
				s.many(src)
			}
		}
		s.next()
	}
}

// next moves the window on, back to the start after the last place.
func (s *selecting[T]) next() {
	for a := len(s.at) - 1; a >= 0; a-- {
		if s.at[a]++; s.at[a] < s.w.source[a] {
			break
		}
		s.at[a] = 0
	}
}

// find lists where the elements of the window lie, in row-major order.
func (s *selecting[T]) find() {
	w := s.w
	s.places = append(s.places[:0], 0)
	for a, at := range s.at {
		start := at*w.stride[a] - w.pad[a]
		lo, hi := max(start, 0), min(start+w.size[a], w.operand[a])
		k := len(s.places)
		if lo >= hi {
			s.places = s.places[:0]
			return
		}
		// Each place so far becomes hi-lo places; from the back, so that they can be made in place.
		m := hi - lo
		for range k * (m - 1) {
			s.places = append(s.places, 0)
		}
		for i := k - 1; i >= 0; i-- {
			base := s.places[i]
			for j := m - 1; j >= 0; j-- {
				s.places[i*m+j] = base + (lo+j)*w.step[a]
			}
		}
	}
}

// one handles an inner axis of 1.
func (s *selecting[T]) one(v T) {
	at := s.places[0] + s.c0
	best := s.x[at]
	if s.op == backends.OpTypeSelectAndScatterMax {
		for _, p := range s.places[1:] {
			if x := s.x[p+s.c0]; !(best >= x) {
				best, at = x, p+s.c0
			}
		}
	} else {
		for _, p := range s.places[1:] {
			if x := s.x[p+s.c0]; !(best <= x) {
				best, at = x, p+s.c0
			}
		}
	}
	s.out[at] += v
}

// many handles a longer inner axis, row by row.
func (s *selecting[T]) many(src []T) {
	best, place := s.best[:len(src)], s.place[:len(src)]
	copy(best, s.x[s.places[0]+s.c0:])
	clear(place)
	for i, p := range s.places[1:] {
		row := s.x[p+s.c0:][:len(src)]
		if s.op == backends.OpTypeSelectAndScatterMax {
			for c, x := range row {
				if !(best[c] >= x) {
					best[c], place[c] = x, int32(i+1)
				}
			}
		} else {
			for c, x := range row {
				if !(best[c] <= x) {
					best[c], place[c] = x, int32(i+1)
				}
			}
		}
	}
	for c, v := range src {
		s.out[s.places[place[c]]+s.c0+c] += v
	}
}

// clearFlat sets a contiguous tensor to zero bytes.
func clearFlat(pool *par.Pool, t tensor.Tensor) {
	n := t.Size() * t.DType.Size()
	if n == 0 {
		return
	}
	pool.For((n+pieceBytes-1)/pieceBytes, func(i int) {
		lo := i * pieceBytes
		clear(unsafe.Slice((*byte)(unsafe.Add(t.Data, lo)), min(pieceBytes, n-lo)))
	})
}
