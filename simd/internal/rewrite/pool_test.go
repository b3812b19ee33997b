package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/shapeinference"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/window"
)

// windows returns one of stride its size, along the middle axes of [batch, …, channels].
func windows(size ...int) ir.Window {
	ones := slices.Repeat([]int{1}, len(size))
	return ir.Window{Size: size, Strides: slices.Clone(size), BaseDilations: ones, WindowDilations: ones, Paddings: make([][2]int, len(size))}
}

func (p *prog) reduceWindow(x *ir.Node, w ir.Window) *ir.Node {
	s, err := shapeinference.ReduceWindowOp(x.Shape, w.Size, w.Strides, w.BaseDilations, w.WindowDilations, w.Paddings)
	if err != nil {
		panic(err)
	}
	return p.Add(backends.OpTypeReduceWindow, s, w, x)
}

func TestPooling(t *testing.T) {
	become(t, 0, []rewriting{
		{"greatest of a window", func(p *prog) *ir.Node {
			w := windows(1, 3, 1)
			w.Reduce = backends.ReduceOpMax
			return p.reduceWindow(p.param(f32, 2, 9, 3), w)
		}, "Max(Max(Slice[2,3,3](p0), Slice[2,3,3](p0)), Slice[2,3,3](p0))"},
		{"padding never wins", func(p *prog) *ir.Node {
			w := windows(1, 2, 1)
			w.Reduce, w.Paddings[1] = backends.ReduceOpMin, [2]int{1, 0}
			return p.reduceWindow(p.param(f32, 2, 9, 3), w)
		}, "Min(Slice[2,5,3](Pad(p0, +Inf)), Slice[2,5,3](Pad(p0, +Inf)))"},
		{"a window along the last axis", func(p *prog) *ir.Node {
			w := windows(1, 2)
			w.Reduce = backends.ReduceOpMax
			return p.reduceWindow(p.param(f32, 2, 8), w)
		}, "ReduceWindow(p0)"},
		{"a large window", func(p *prog) *ir.Node {
			w := windows(1, 17, 1)
			w.Reduce = backends.ReduceOpMax
			return p.reduceWindow(p.param(f32, 2, 34, 4), w)
		}, "ReduceWindow(p0)"},
	})
	if window.Reduce(backends.ReduceOpMax, f32) != nil {
		become(t, 0, []rewriting{{"runs of channels, which package window does", func(p *prog) *ir.Node {
			w := windows(1, 3, 1)
			w.Reduce = backends.ReduceOpMax
			return p.reduceWindow(p.param(f32, 2, 9, 4), w)
		}, "ReduceWindow(p0)"}})
	}
	become(t, 1e-6, []rewriting{
		{"gradient of a sum", func(p *prog) *ir.Node { // as GoMLX writes it
			x := p.pad(p.param(f32, 2, 4, 3), p.fill(f32, 0), backends.PadAxis{}, backends.PadAxis{Interior: 2, Start: 1, End: 1}, backends.PadAxis{})
			w := windows(1, 3, 1)
			w.Reduce, w.Strides[1], w.Paddings[1] = backends.ReduceOpSum, 1, [2]int{1, 1}
			return p.reduceWindow(x, w)
		}, "Reshape[2,12,3](Broadcast[2,4,3,3](p0))"},
	})
}

// TestRandomPooling compares poolings with the reference, for NaN and infinities, too.
func TestRandomPooling(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	kinds := []backends.ReduceOpType{backends.ReduceOpMax, backends.ReduceOpMin, backends.ReduceOpSum}
	for k := range 300 {
		rank := 2 + r.IntN(3)
		var dims []int
		w := windows(slices.Repeat([]int{1}, rank)...)
		w.WindowDilations = slices.Clone(w.WindowDilations)
		w.Reduce = kinds[r.IntN(3)]
		overlap := r.IntN(2) == 0
		for a := range rank {
			if a < rank-1 {
				w.Size[a] = 1 + r.IntN(3)
				w.Strides[a] = w.Size[a]
				if overlap {
					w.Strides[a] = 1 + r.IntN(3)
					w.WindowDilations[a] = 1 + r.IntN(2)
					w.Paddings[a] = [2]int{r.IntN(3), r.IntN(3)}
				}
			}
			dims = append(dims, 6+r.IntN(3))
		}
		p := newProg()
		x := p.param(f32, dims...)
		y := p.reduceWindow(x, w)
		g := p.returns(y)
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			tol := 0.0
			if w.Reduce == backends.ReduceOpSum {
				tol = 1e-6
			}
			rewritten(t, g, Options{}, tol, tol == 0)
		})
		if t.Failed() {
			t.Logf("%v %+v", dims, w)
			break
		}
	}
}
