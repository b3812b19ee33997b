package generic

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() { register(backends.OpTypeReduceWindow, reduceWindow) }

// reduceWindow reduces one axis after the other, which gives the same as reducing the windows as a
// whole but for the order of sums, at the cost of the sum of the window's extents for each element
// instead of their product. Padding and the holes of dilation are left out of the reduction.
func reduceWindow(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	p := params[ir.Window](n)
	if out.Size() == 0 {
		return
	}
	x, result := in[0], out
	if isHalf(out.DType) { // rounded once, at the end
		x, result = widened(pool, x), temp(dtypes.Float32, out.Dims)
	}
	reduce := windowOp(n, p.Reduce)
	f := elem.Map(elem.Binary(reduce), x.DType, x.DType)
	if f == nil {
		unsupported(n, out)
	}
	var identity [2]uint64
	elem.Identity(reduce, x.DType, unsafe.Pointer(&identity))

	var axes []int // that change anything
	for a := range out.Dims {
		if p.Size[a] != 1 || p.Strides[a] != 1 || p.BaseDilations[a] != 1 || p.Paddings[a] != [2]int{} {
			axes = append(axes, a)
		}
	}
	if len(axes) == 0 {
		copyFlat(pool, result, x)
	}
	// Outer axes first: their rows are long, and what they leave out the inner ones need not see.
	for i, a := range axes {
		y := result
		if i != len(axes)-1 {
			dims := append([]int(nil), x.Dims...)
			dims[a] = out.Dims[a]
			y = temp(x.DType, dims)
		}
		s := &sliding{
			f: f, size: x.DType.Size(), identity: unsafe.Pointer(&identity),
			n: x.Dims[a], m: y.Dims[a], inner: tensor.Size(x.Dims[a+1:]),
			window: p.Size[a], stride: p.Strides[a], base: p.BaseDilations[a], dilation: p.WindowDilations[a],
			pad: p.Paddings[a][0],
		}
		s.run(pool, y.Data, x.Data, tensor.Size(x.Dims[:a]))
		x = y
	}
	if isHalf(out.DType) {
		convertTo(pool, out, result)
	}
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

// sliding is a window that slides along the middle axis of [outer, n, inner], with result
// [outer, m, inner]: y[j] = f over k of x[(j·stride + k·dilation - pad)/base], where that is a whole
// number in [0, n).
type sliding struct {
	f                              elem.Kernel
	size                           int // bytes of an element
	identity                       unsafe.Pointer
	n, m, inner                    int
	window, stride, base, dilation int
	pad                            int
}

// run reduces; pieces are outer indices, or parts of their rows where those are few and long.
func (s *sliding) run(pool *par.Pool, y, x unsafe.Pointer, outer int) {
	row := s.m * s.inner * s.size * (1 + s.window/2)
	per, parts := 1, 1
	if row < pieceBytes {
		per = pieceBytes/max(row, 1) + 1
	} else if outer < 4*pool.Width() {
		parts = min(row/pieceBytes, s.m)
	}
	pieces := (outer + per - 1) / per
	pool.For(pieces*parts, func(i int) {
		part := i % parts
		var scratch unsafe.Pointer
		if s.gathers() {
			scratch = unsafe.Pointer(&make([][2]uint64, gatherBlockSize)[0])
		}
		for o := i / parts * per; o < min((i/parts+1)*per, outer); o++ {
			dst, src := unsafe.Add(y, o*s.m*s.inner*s.size), unsafe.Add(x, o*s.n*s.inner*s.size)
			s.reduce(dst, src, part*s.m/parts, (part+1)*s.m/parts, scratch)
		}
	})
}

// gatherBlockSize is how many elements are collected at a time from short rows that lie apart.
const gatherBlockSize = 1024

// gathers reports whether rows are collected in scratch memory before they are reduced.
func (s *sliding) gathers() bool { return s.base == 1 && s.stride != 1 && s.inner < 16 }

// reduce computes y[j0:j1] for one outer index.
func (s *sliding) reduce(y, x unsafe.Pointer, j0, j1 int, scratch unsafe.Pointer) {
	line := s.inner * s.size
	fillBytes(s.size, unsafe.Add(y, j0*line), s.identity, (j1-j0)*s.inner)
	switch {
	case !s.gathers() && (s.base != 1 || s.stride != 1):
		for j := j0; j < j1; j++ {
			dst := unsafe.Add(y, j*line)
			for k := range s.window {
				at := j*s.stride + k*s.dilation - s.pad
				if at < 0 || at%s.base != 0 || at/s.base >= s.n {
					continue
				}
				s.f(dst, dst, unsafe.Add(x, at/s.base*line), nil, s.inner)
			}
		}
	case s.stride == 1: // rows of all places at once
		for k := range s.window {
			shift := k*s.dilation - s.pad // position of j = 0
			lo, hi := max(j0, -shift), min(j1, s.n-shift)
			if lo < hi {
				dst := unsafe.Add(y, lo*line)
				s.f(dst, dst, unsafe.Add(x, (lo+shift)*line), nil, (hi-lo)*s.inner)
			}
		}
	default: // short rows that lie apart: collect them first, a block at a time
		per := gatherBlockSize / s.inner
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
}

// ceilDiv returns ⌈a/b⌉ for b > 0.
func ceilDiv(a, b int) int { return -floorDiv(-a, b) }
