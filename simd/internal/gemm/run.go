package gemm

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// An Epilogue is called when the rows r0 to r1 of the result, counted over batch and M, are final and
// still in cache: as many as [Plan.Rows] says, together all of C. Calls may come from several goroutines
// at once.
type Epilogue func(r0, r1 int)

// buffer is memory that grows.
type buffer struct {
	p    unsafe.Pointer
	room int // bytes at p
}

// grow makes room for n bytes and returns where they start; what was there is lost.
func (b *buffer) grow(n int) unsafe.Pointer {
	const behind = 64 // bytes that may be written behind the end
	if b.room < n+behind {
		b.room = n + n/8 + behind
		b.p = tensor.Alloc(b.room)
	}
	return b.p
}

// A scratch is what one goroutine needs while it computes a block.
type scratch struct {
	tile           tile
	a, b           buffer
	ma, mc, nb, nc []int // offsets of rows in A and C, of columns in B and C
	ka, kb         []int // offsets of terms in A and B
	parts          []part
	edge           [14 * 32 * 4 / 8]uint64
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// A work is one product of the batch in progress.
type work struct {
	p       *Plan
	a, b, c unsafe.Pointer // of this product
	ep      Epilogue
	bt      int // its place in the batch

	k0, k1, n0, n1   int // what is being computed: these terms, these columns
	mc, nc           int // rows and columns of a block
	mBlocks, nBlocks int
	aDirect, aTable  bool // A is read in place; its terms through a table
	shared           bool // B is packed in packed, otherwise each block packs its own
	packed           buffer
	per              int // panels in a piece of packing

	packPiece, blockPiece func(int) // the methods, made once
}

var works = sync.Pool{New: func() any {
	w := new(work)
	w.packPiece, w.blockPiece = w.packPanels, w.block
	return w
}}

// Run computes the product. The arrays are given by their elements with all indices zero; C must not
// overlap A or B. What C held before does not matter. ep may be nil, and must be if Rows is 0.
// The result is the same bit for bit for every pool.
func (p *Plan) Run(pool *par.Pool, a, b, c unsafe.Pointer, ep Epilogue) {
	if p.batch == 0 || p.m == 0 || p.n == 0 {
		return
	}
	if p.swapped {
		a, b = b, a
	}
	flop := p.FLOP()
	width := min(pool.Width(), 1+int(flop/minFLOP))
	if width > 1 && (p.batch >= 4*width || p.batch%width == 0) {
		// Products of a batch are independent: each is computed by one goroutine, if that shares them evenly.
		per := max(1, p.batch/(8*width))
		pool.For((p.batch+per-1)/per, func(i int) {
			for bt := i * per; bt < min(p.batch, (i+1)*per); bt++ {
				p.product(nil, 1, bt, a, b, c, ep)
			}
		})
	} else {
		for bt := range p.batch {
			p.product(pool, width, bt, a, b, c, ep)
		}
	}
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
	runtime.KeepAlive(c)
}

// minFLOP is how much work a goroutine more is worth: some ten microseconds.
const minFLOP = 1 << 20

// packedBytes limits the packed part of B that goroutines share, sharedCols its columns.
const (
	packedBytes = 4 << 20
	sharedCols  = 4096
)

// product computes product bt of the batch on width goroutines.
func (p *Plan) product(pool *par.Pool, width, bt int, a, b, c unsafe.Pointer, ep Epilogue) {
	w := works.Get().(*work)
	w.p, w.bt, w.ep = p, bt, ep
	w.a = unsafe.Add(a, p.batchA.at(bt))
	w.b = unsafe.Add(b, p.batchB.at(bt))
	w.c = unsafe.Add(c, p.batchC.at(bt))
	switch {
	case p.k == 0:
		w.zero()
	case p.dots:
		w.dots(pool, width)
	default:
		w.tiles(pool, width)
	}
	w.p, w.a, w.b, w.c, w.ep = nil, nil, nil, nil, nil
	works.Put(w)
}

// tiles runs the general algorithm.
func (w *work) tiles(pool *par.Pool, width int) {
	p, kern := w.p, w.p.kern
	up := func(x, unit int) int { return (x + unit - 1) / unit * unit }
	most := p.blockRows()
	panels := (p.n + kern.cols - 1) / kern.cols
	w.mBlocks = (p.m + most - 1) / most
	w.nBlocks = 1
	if width > 1 && w.ep == nil {
		want := 2 * width
		if w.mBlocks == 1 && panels >= want {
			w.nBlocks = want
		} else if w.mBlocks%width != 0 || w.mBlocks < want {
			w.mBlocks = min(up(max(w.mBlocks, want), width), (p.m+kern.rows-1)/kern.rows)
		}
	}
	// Divided columns need no packed A each: few of them meet it.
	w.aDirect = p.aDirect(up(p.n, w.nBlocks*kern.cols) / w.nBlocks / kern.cols)
	w.aTable = w.aDirect && !p.aEven
	w.mc = up((p.m+w.mBlocks-1)/w.mBlocks, p.unit(w.aDirect))
	if w.ep != nil {
		w.mc, _ = p.Rows()
	}
	w.mBlocks = (p.m + w.mc - 1) / w.mc
	w.shared = !p.bDirect && w.mBlocks > 1

	ns, ks := p.n, p.k
	if w.shared {
		ns = min(p.n, sharedCols)
		ks = min(p.k, max(1, packedBytes/(up(ns, kern.cols)*p.bytes)/p.kc)*p.kc)
	}
	for w.k0 = 0; w.k0 < p.k; w.k0 += ks {
		w.k1 = min(p.k, w.k0+ks)
		for w.n0 = 0; w.n0 < p.n; w.n0 += ns {
			w.n1 = min(p.n, w.n0+ns)
			panels := (w.n1 - w.n0 + kern.cols - 1) / kern.cols
			if w.shared {
				w.packed.grow((w.k1 - w.k0) * panels * kern.cols * p.bytes)
				w.per = max(1, 1<<15/(w.k1-w.k0)/kern.cols)
				w.run(pool, width, (panels+w.per-1)/w.per, w.packPiece)
			}
			nBlocks := min(w.nBlocks, panels)
			w.nc = (panels + nBlocks - 1) / nBlocks * kern.cols
			w.nBlocks = (w.n1 - w.n0 + w.nc - 1) / w.nc
			w.run(pool, width, w.mBlocks*w.nBlocks, w.blockPiece)
		}
	}
}

// run does n pieces.
func (w *work) run(pool *par.Pool, width, n int, f func(int)) {
	if width > 1 && n > 1 {
		pool.For(n, f)
		return
	}
	for i := range n {
		f(i)
	}
}

// zero stores the empty sum.
func (w *work) zero() {
	p := w.p
	s := scratches.Get().(*scratch)
	s.nc = p.nC.fill(s.nc, 0, p.n)
	for m := range p.m {
		row := unsafe.Add(w.c, p.mC.at(m))
		for _, off := range s.nc {
			if p.bytes == 4 {
				*(*uint32)(unsafe.Add(row, off)) = 0
			} else {
				*(*uint64)(unsafe.Add(row, off)) = 0
			}
		}
	}
	scratches.Put(s)
}
