package generic

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
	"github.com/lemma-ml/lemma/simd/internal/vec"
	"github.com/lemma-ml/lemma/simd/internal/window"
)

func init() { register(backends.OpTypeReduceWindow, reduceWindow) }

// reduceWindow reduces small windows of floats as a whole; else one axis after the other, which gives
// the same as reducing the windows as a whole but for the order of sums, at the cost of the sum of the
// window's extents for each element instead of their product. Padding and the holes of dilation are
// left out of the reduction.
func reduceWindow(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	p := params[ir.Window](n)
	if out.Size() == 0 {
		return
	}
	x, y := in[0], out
	if out.DType.IsFloat16() { // rounded once, at the end
		x, y = widened(pool, x), temp(dtypes.Float32, out.Dims)
	}
	reduce := windowOp(n, p.Reduce)
	f := vec.Map(elem.Binary(reduce), x.DType, x.DType)
	if f == nil {
		unsupported(n, out)
	}
	var identity [2]uint64
	elem.Identity(reduce, x.DType, unsafe.Pointer(&identity))
	if x.Size() == 0 { // all is padding
		vec.Fill(x.DType.Size())(y.Data, unsafe.Pointer(&identity), y.Size())
		if out.DType.IsFloat16() {
			convertTo(pool, out, y)
		}
		return
	}
	if reduceLines(pool, p, x, y, unsafe.Pointer(&identity)) {
		if out.DType.IsFloat16() {
			convertTo(pool, out, y)
		}
		return
	}

	// Outer axes first: their rows are long, and what they leave out the inner ones need not see.
	var passes []sliding
	dims := append([]int(nil), x.Dims...)
	outer, lead := 1, 1
	for a := range dims {
		if p.Size[a] == 1 && p.Strides[a] == 1 && p.BaseDilations[a] == 1 && p.Paddings[a] == [2]int{} {
			outer *= dims[a]
			continue
		}
		if len(passes) == 0 {
			lead, outer = outer, 1
		}
		passes = append(passes, sliding{
			f: f, size: x.DType.Size(), identity: unsafe.Pointer(&identity),
			outer: outer, n: dims[a], m: out.Dims[a], inner: tensor.Size(dims[a+1:]),
			window: p.Size[a], stride: p.Strides[a], base: p.BaseDilations[a], dilation: p.WindowDilations[a],
			pad: p.Paddings[a][0],
		})
		dims[a] = out.Dims[a]
		outer *= dims[a]
	}
	if len(passes) == 0 {
		copyFlat(pool, y, x)
	} else {
		slide(pool, passes, lead, y.Data, x.Data)
	}
	if out.DType.IsFloat16() {
		convertTo(pool, out, y)
	}
}

// reduceLines reduces windows as a whole if package window can, and it pays.
func reduceLines(pool *par.Pool, p ir.Window, x, y tensor.Tensor, identity unsafe.Pointer) bool {
	if len(x.Dims) == 0 || slices.Max(p.BaseDilations) > 1 || slices.Max(p.WindowDilations) > 1 {
		return false
	}
	w, places := newPooling(p, x.Dims, y.Dims), tensor.Size(p.Size)
	size, f := x.DType.Size(), window.Reduce(p.Reduce, x.DType)
	if len(w.source) == 0 {
		return false
	}
	if !window.Whole(p.Reduce, x.DType, places, w.inner) {
		g := window.Bundle(w.outer, w.spanOp, size)
		if !window.Whole(p.Reduce, x.DType, places, w.inner*g) {
			return false
		}
		w.inBundles(pool, g, size, f, x.Data, y.Data, nil, identity)
		return true
	}
	lines := w.outer * w.lines()
	row := w.spanSrc / w.lines() * size * places // bytes read for a line
	per := max(1, pieceBytes/row)
	pool.For((lines+per-1)/per, func(i int) {
		l := newLiner(w, size, f, 0, w.inner)
		l.x, l.y, l.identity = x.Data, y.Data, identity
		l.run(i*per, min((i+1)*per, lines))
	})
	return true
}

// windowOp returns the reduction of whole axes that goes with that of windows.
func windowOp(n *ir.Node, r backends.ReduceOpType) ir.Op {
	switch r {
	case backends.ReduceOpSum:
		return backends.OpTypeReduceSum
	case backends.ReduceOpProduct:
		return backends.OpTypeReduceProduct
	case backends.ReduceOpMax:
		return backends.OpTypeReduceMax
	case backends.ReduceOpMin:
		return backends.OpTypeReduceMin
	}
	panic(fmt.Errorf("generic.Eval: %s with reduction %v", ir.Name(n.Op), r))
}

// slide runs the passes over each of lead blocks. Where there are blocks for everybody, a processor
// takes some of them through all passes while they are in cache; else all share each pass.
func slide(pool *par.Pool, passes []sliding, lead int, y, x unsafe.Pointer) {
	work, between := 0, 0
	for i := range passes {
		s := &passes[i]
		work += s.output() * (1 + min(s.window, 8)/2)
		if i < len(passes)-1 {
			between = max(between, s.output())
		}
	}
	if lead < 4*pool.Width() && work*lead > 2*pieceBytes && pool.Width() > 1 {
		for i := range passes {
			s := passes[i]
			s.outer *= lead
			dst := y
			if i < len(passes)-1 {
				dst = temp(dtypes.Uint8, []int{s.output()}).Data
			}
			s.run(pool, dst, x)
			x = dst
		}
		return
	}
	from, to := passes[0].input(), passes[len(passes)-1].output()
	per := pieceBytes/max(work, 1) + 1
	pool.For((lead+per-1)/per, func(piece int) {
		lo, hi := piece*per, min((piece+1)*per, lead)
		var buf [2]unsafe.Pointer
		for i := range min(2, len(passes)-1) {
			m := borrow((hi - lo) * between)
			defer m.giveBack()
			buf[i] = m.data()
		}
		src := unsafe.Add(x, lo*from)
		for i := range passes {
			s := passes[i]
			s.outer *= hi - lo
			dst := unsafe.Add(y, lo*to)
			if i < len(passes)-1 {
				dst = buf[i%2]
			}
			s.run(nil, dst, src)
			src = dst
		}
	})
}

// sliding is a window that slides along the middle axis of [outer, n, inner], with result
// [outer, m, inner]: y[j] = f over k of x[(j·stride + k·dilation - pad)/base], where that is a whole
// number in [0, n).
type sliding struct {
	f                              elem.Kernel
	size                           int // bytes of an element
	identity                       unsafe.Pointer
	outer, n, m, inner             int
	window, stride, base, dilation int
	pad                            int
}

// input and output return how many bytes there are.
func (s *sliding) input() int  { return s.outer * s.n * s.inner * s.size }
func (s *sliding) output() int { return s.outer * s.m * s.inner * s.size }

// run reduces; pieces are outer indices, or parts of their rows where those are few and long.
func (s *sliding) run(pool *par.Pool, y, x unsafe.Pointer) {
	if s.base != 1 && s.inner < 16 && s.n > 0 {
		s.runSpread(pool, y, x)
		return
	}
	if s.pad == 0 && s.base == 1 && s.n == s.m*s.stride && (s.window-1)*s.dilation < s.stride {
		// Windows tile the axis, and so the axes outside it: one long one.
		s.n, s.m, s.outer = s.n*s.outer, s.m*s.outer, 1
	}
	if s.long() {
		s.runLong(pool, y, x)
		return
	}
	row := s.m * s.inner * s.size * (1 + s.window/2)
	per, parts := 1, 1
	if row < pieceBytes {
		per = pieceBytes/max(row, 1) + 1
	} else if s.outer < 4*pool.Width() {
		parts = min(row/pieceBytes, s.m)
	}
	pool.For((s.outer+per-1)/per*parts, func(i int) {
		part := i % parts
		var scratch unsafe.Pointer
		if s.collects() {
			m := borrow(collectBlock * s.size)
			defer m.giveBack()
			scratch = m.data()
		}
		for o := i / parts * per; o < min((i/parts+1)*per, s.outer); o++ {
			dst, src := unsafe.Add(y, o*s.m*s.inner*s.size), unsafe.Add(x, o*s.n*s.inner*s.size)
			s.reduce(dst, src, part*s.m/parts, (part+1)*s.m/parts, scratch)
		}
	})
}

// runSpread spreads short rows apart as the dilation of the base says, with the neutral element
// between them: cheaper than to look for what is in a hole at every place.
func (s *sliding) runSpread(pool *par.Pool, y, x unsafe.Pointer) {
	t := *s
	t.n, t.base = (s.n-1)*s.base+1, 1
	m := borrow(t.input())
	defer m.giveBack()
	fillBytes(s.size, m.data(), s.identity, t.input()/s.size)
	var few [3]axis
	spread := newMove(few[:0], s.size, []int{s.outer, s.n, s.inner},
		[]int{t.n * s.inner, s.base * s.inner, 1}, []int{s.n * s.inner, s.inner, 1})
	spread.run(pool, m.data(), x)
	t.run(pool, y, m.data())
}

// collectBlock is how many elements of short rows that lie apart are collected before they are
// reduced.
const collectBlock = 1024

// collects reports whether rows are collected: calls for each would cost more.
func (s *sliding) collects() bool { return s.base == 1 && s.stride != 1 && s.inner < 16 }

// reduce computes y[j0:j1] for one outer index.
func (s *sliding) reduce(y, x unsafe.Pointer, j0, j1 int, scratch unsafe.Pointer) {
	line := s.inner * s.size
	if s.base == 1 && s.stride != 1 && !s.collects() || s.base != 1 {
		for j := j0; j < j1; j++ {
			s.place(unsafe.Add(y, j*line), x, j)
		}
		return
	}
	fillBytes(s.size, unsafe.Add(y, j0*line), s.identity, (j1-j0)*s.inner)
	if s.stride == 1 { // rows of all places at once
		for k := range s.window {
			shift := k*s.dilation - s.pad // position of j = 0
			lo, hi := max(j0, -shift), min(j1, s.n-shift)
			if lo < hi {
				dst := unsafe.Add(y, lo*line)
				s.f(dst, dst, unsafe.Add(x, (lo+shift)*line), nil, (hi-lo)*s.inner)
			}
		}
		return
	}
	per := collectBlock / s.inner
	for b0 := j0; b0 < j1; b0 += per {
		b1 := min(b0+per, j1)
		for k := range s.window {
			shift := k*s.dilation - s.pad
			lo := max(b0, ceilDiv(-shift, s.stride))
			hi := min(b1, floorDiv(s.n-1-shift, s.stride)+1)
			if lo >= hi {
				continue
			}
			src := unsafe.Add(x, (lo*s.stride+shift)*line)
			for c := range s.inner {
				copyStrided(s.size, unsafe.Add(scratch, c*s.size), unsafe.Add(src, c*s.size), hi-lo, line, s.stride*line)
			}
			dst := unsafe.Add(y, lo*line)
			s.f(dst, dst, scratch, nil, (hi-lo)*s.inner)
		}
	}
}

// place reduces the rows of one place to dst.
func (s *sliding) place(dst, x unsafe.Pointer, j int) {
	line := s.inner * s.size
	var first unsafe.Pointer
	rows := 0
	for k := range s.window {
		at := j*s.stride + k*s.dilation - s.pad
		if at < 0 || at%s.base != 0 || at/s.base >= s.n {
			continue
		}
		switch row := unsafe.Add(x, at/s.base*line); rows {
		case 0:
			first = row
		case 1:
			s.f(dst, first, row, nil, s.inner)
		default:
			s.f(dst, dst, row, nil, s.inner)
		}
		rows++
	}
	switch rows {
	case 0:
		fillBytes(s.size, dst, s.identity, s.inner)
	case 1:
		copyBytes(dst, first, line)
	}
}

// ceilDiv returns ⌈a/b⌉ for b > 0.
func ceilDiv(a, b int) int { return -floorDiv(-a, b) }
