package generic

import (
	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

func init() {
	register(backends.OpTypePad, func(pool *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
		pad(pool, out, in[0], in[1], params[ir.Pad](n).Axes)
	})
}

// pad spreads src in out, which it fills with value elsewhere: element i of an axis goes to
// Start + i·(Interior+1), if that is inside.
func pad(pool *par.Pool, out, src, value tensor.Tensor, axes []backends.PadAxis) {
	rank := len(out.Dims)
	// Elements first[a] to last[a] of each axis fall inside.
	first, at, dims := make([]int, rank), make([]int, rank), make([]int, rank)
	whole := true // nothing to fill
	for a, p := range axes {
		step := p.Interior + 1
		if p.Start < 0 {
			first[a] = (-p.Start + step - 1) / step
		}
		at[a] = p.Start + first[a]*step
		last := src.Dims[a] - 1
		if room := out.Dims[a] - 1 - p.Start; room < last*step {
			last = floorDiv(room, step)
		}
		dims[a] = max(0, last-first[a]+1)
		whole = whole && dims[a] == out.Dims[a]
	}
	if !whole {
		fill := view(value, rank)
		copy(fill.Dims, out.Dims)
		Copy(pool, out, fill)
	}
	dst := boxOf(out, at, dims)
	for a, p := range axes {
		dst.Strides[a] *= p.Interior + 1
	}
	Copy(pool, dst, boxOf(src, first, dims))
}

// floorDiv returns ⌊a/b⌋ for b > 0.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
