package conv

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// fill computes the matrices of all kernels, row-major x.N×z.N; only the upper triangle if half is set.
func fill(ctx context.Context, ks []Kernel, x, z *Images, half bool, out [][]float64, progress func(done, total int)) error {
	groups := map[int][]int{} // filter → kernels
	var filters []int
	for i, k := range ks {
		if groups[k.filter()] == nil {
			filters = append(filters, k.filter())
		}
		groups[k.filter()] = append(groups[k.filter()], i)
	}
	type job struct{ i, j0, count int }
	var jobs []job
	batch := batchSize(x.H * x.W)
	total := 0
	for i := range x.N {
		first := 0
		if half {
			first = i
		}
		for j := first; j < z.N; j += batch {
			jobs = append(jobs, job{i, j, min(batch, z.N-j)})
		}
		total += z.N - first
	}
	total *= len(filters)
	var lock sync.Mutex
	done := 0
	for _, f := range filters {
		p := newPass(f, ks, groups[f], x, z)
		err := linalg.Parallel(ctx, len(jobs), 1, func(lo, hi int) {
			w := p.worker()
			defer p.free(w)
			for _, j := range jobs[lo:hi] {
				if w.pairs(ctx, j.i, j.j0, j.count) != nil {
					return
				}
				for k, to := range p.kernels {
					copy(out[to][j.i*z.N+j.j0:], w.sums[k][:j.count])
				}
				if progress != nil {
					lock.Lock()
					done += j.count
					progress(done, total)
					lock.Unlock()
				}
			}
		})
		if err != nil {
			return err
		}
	}
	for _, o := range out {
		for _, v := range o {
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return fmt.Errorf("an entry of the kernel is %g, want images with smaller values", v)
			}
		}
	}
	return nil
}

// batchSize is the number of images that go through the layers together with one other: many enough
// for long inner loops, few enough for two copies of the planes of S and T to stay in a second-level
// cache of 512 KiB. It has no influence on results.
func batchSize(pixels int) int { return whole(max(8, min(64, 16384/pixels))) }

// pass computes kernels of one filter.
type pass struct {
	filter   int
	ks       []Kernel
	kernels  []int // their indices in the caller's list
	depth    int   // of the deepest
	pool     bool  // any of them pools, so that all displacements are needed
	tangent  bool
	a, b     *side
	batch    int
	mu       sync.Mutex
	idle     []*worker
	pixelsSq float64
}

func newPass(filter int, all []Kernel, which []int, x, z *Images) *pass {
	p := &pass{filter: filter, kernels: which, batch: batchSize(x.H * x.W)}
	for _, i := range which {
		k := all[i]
		p.ks = append(p.ks, k)
		p.depth = max(p.depth, k.Depth)
		p.pool = p.pool || k.Pool
		p.tangent = p.tangent || !k.NNGP && k.Depth > 0
	}
	p.a = newSide(x, filter, p.depth)
	if p.b = p.a; z != x {
		p.b = newSide(z, filter, p.depth)
	}
	p.pixelsSq = float64(x.H*x.W) * float64(x.H*x.W)
	return p
}

// worker is what one goroutine needs.
type worker struct {
	*pass
	plane plane
	sums  [][]float64 // [kernel][image of the batch]
}

func (p *pass) worker() *worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return w
	}
	unit := p.batch
	if p.tangent {
		unit *= 2
	}
	w := &worker{pass: p, sums: make([][]float64, len(p.ks))}
	for k := range w.sums {
		w.sums[k] = make([]float64, p.batch)
	}
	w.plane = plane{a: p.a, b: p.b, tangent: p.tangent, buf: newBuffer(p.a.h, p.a.w, unit, p.filter/2), scale: 1 / float64(p.filter*p.filter)}
	return w
}

func (p *pass) free(w *worker) {
	p.mu.Lock()
	p.idle = append(p.idle, w)
	p.mu.Unlock()
}

// pairs leaves in w.sums the kernels of image i of a with images j0..j0+count-1 of b.
func (w *worker) pairs(ctx context.Context, i, j0, count int) error {
	for k := range w.sums {
		clear(w.sums[k])
	}
	p := &w.plane
	p.of(i, j0, whole(count))
	reach := [2]int{}
	if w.pool {
		reach = [2]int{w.a.h - 1, w.a.w - 1}
	}
	for di := -reach[0]; di <= reach[0]; di++ {
		for dj := -reach[1]; dj <= reach[1]; dj++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			p.at(di, dj)
			p.start()
			w.read(0, di == 0 && dj == 0)
			for h := 1; h <= w.depth; h++ {
				p.layer(h)
				w.read(h, di == 0 && dj == 0)
			}
		}
	}
	for k, kernel := range w.ks {
		unit := w.a.scale[i]
		if kernel.Pool {
			unit /= w.pixelsSq
		}
		for j := range count {
			w.sums[k][j] *= unit * w.b.scale[j0+j]
		}
	}
	return nil
}

// read adds the plane after layer h to the kernels of that depth. Without pooling the readout sees
// equal places alone.
func (w *worker) read(h int, diagonal bool) {
	for k, kernel := range w.ks {
		if kernel.Depth == h && (kernel.Pool || diagonal) {
			w.plane.sum(w.sums[k][:w.plane.count], !kernel.NNGP)
		}
	}
}
