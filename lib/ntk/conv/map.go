package conv

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Map returns the entries of the kernel tensor between the pixels of images i (rows) and j (columns)
// of x, in reading order: T^{(L)}, or K^{(L)} for NNGP. Without pooling the kernel is the sum of the
// map's diagonal, with pooling the mean of the map.
func (k Kernel) Map(ctx context.Context, x *Images, i, j int) (*mat.Dense, error) {
	const fn = "conv.Kernel.Map"
	if err := check(fn, []Kernel{k}, x); err != nil {
		return nil, err
	}
	if i < 0 || j < 0 || i >= x.N || j >= x.N {
		return nil, fmt.Errorf("%s: images %d and %d of %d, want 0 to %d", fn, i, j, x.N, x.N-1)
	}
	p := newPass(k.filter(), []Kernel{k}, []int{0}, x, x)
	w := p.worker()
	out := mat.NewDense(x.H*x.W, x.H*x.W, nil)
	scale := p.a.scale[i] * p.a.scale[j]
	w.plane.of(i, j, whole(1))
	for di := 1 - x.H; di < x.H; di++ {
		for dj := 1 - x.W; dj < x.W; dj++ {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			w.plane.at(di, dj)
			w.plane.start()
			for h := 1; h <= k.Depth; h++ {
				w.plane.layer(h)
			}
			for r := range w.plane.h {
				for c := range w.plane.w {
					s, t := w.plane.cell(r, c)
					if t == nil {
						t = s
					}
					out.Set((w.plane.top+r)*x.W+w.plane.left+c, (w.plane.bottom+r)*x.W+w.plane.right+c, t[0]*scale)
				}
			}
		}
	}
	return out, nil
}
