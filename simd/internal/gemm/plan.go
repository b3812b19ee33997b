package gemm

import (
	"fmt"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A Plan is how to compute a [Problem]: which operand plays which part, how the arrays are walked, in
// which blocks. It holds no data and may run on many goroutines at once.
type Plan struct {
	kern                   *kernel
	bytes                  int // of a number
	batch, m, n, k         int // sizes after the choices below
	batchA, batchB, batchC lane
	mA, mC, nB, nC, kA, kB lane
	packA, packB           packer

	kc      int  // terms in a block; the only size that the order of additions depends on
	swapped bool // A and B have changed places, and M and N
	rows    bool // C is dense and row-major

	// Operands used in place.
	aEven, bDirect, cDirect bool // aEven: the terms of A are an even distance apart
	aRow, aRun              int  // A's rows are so far apart, for so many of them
	aK, bCol, bK            int
	cRow, cCol              int
	dots                    bool // few rows times columns whose terms lie side by side
}

// Sizes of the blocks: a panel of B, kc × two vectors, stays in the first cache, and a block of A,
// blockBytes, in half of the second.
const (
	kcMax      = 320
	blockBytes = 256 << 10
)

// A is read in place where few panels of B meet it, or where it is small.
const (
	aDirectPanels = 8
	aDirectBytes  = 32 << 10
)

// B is read in place where it is small, or where few tiles meet it: how few depends on how many rows of
// B, which lie a fixed distance apart, share the same lines of the first two caches.
const (
	bDirectBytes = 16 << 10
	bDirectAny   = 2
	bDirect4096  = 6  // if the distance is not a multiple of 4096
	bDirect2048  = 12 // nor of 2048
)

// dotRows is the largest number of rows for which sums of products in place beat tiles.
const dotRows = 3

// New plans a product, or says what is wrong with it. Cost: a few microseconds; to keep a Plan for each
// product of a program is what it is for.
func New(p Problem) (*Plan, error) { return newPlan(p, Level()) }

func newPlan(p Problem, level string) (*Plan, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	plan := &Plan{kern: kernels[level][p.DType], bytes: 4}
	if p.DType == dtypes.Float64 {
		plan.bytes = 8
	}
	unit, ok := rowMajor(p.N, 1)
	if ok {
		unit, ok = rowMajor(p.M, unit)
	}
	if ok {
		_, ok = rowMajor(p.Batch, unit)
	}
	plan.rows = ok

	// A batch axis that B lacks is one of M: more rows share each packed panel of B.
	batch, m := ordered(p.Batch, func(Axis) int { return 0 }), p.M
	for len(batch) > 0 && batch[len(batch)-1].B == 0 {
		m = append([]Axis{batch[len(batch)-1]}, m...)
		batch = batch[:len(batch)-1]
	}
	p.Batch = batch
	p.M = ordered(m, func(x Axis) int { return abs(x.C) })
	p.N = ordered(p.N, func(x Axis) int { return abs(x.C) })
	p.K = ordered(p.K, func(x Axis) int { return abs(x.A) + abs(x.B) })
	if plan.shouldSwap(p) {
		p, plan.swapped = p.swapped(), true
	}
	plan.layOut(p)
	plan.choose()
	return plan, nil
}

// shouldSwap reports whether the product is better computed as Cᵀ = Bᵀ·Aᵀ: the numbers of a tile's row
// should lie side by side in C, and a vector should be A.
func (p *Plan) shouldSwap(q Problem) bool {
	m, n := size(q.M), size(q.N)
	contiguous := func(axes []Axis, of func(Axis) int) int { return strided(axes, p.bytes, of).run(p.bytes) }
	if m == 1 && n == 1 {
		return contiguous(q.K, ofB) == 1 && contiguous(q.K, ofA) > 1
	}
	if m == 1 || n == 1 {
		return n == 1
	}
	byN, byM := contiguous(q.N, ofC), contiguous(q.M, ofC)
	return byM > byN && byN < p.kern.cols
}

// layOut fills in the lanes.
func (p *Plan) layOut(q Problem) {
	lane := func(axes []Axis, of func(Axis) int) lane { return strided(axes, p.bytes, of) }
	p.batch, p.m, p.n, p.k = size(q.Batch), size(q.M), size(q.N), size(q.K)
	p.batchA, p.batchB, p.batchC = lane(q.Batch, ofA), lane(q.Batch, ofB), lane(q.Batch, ofC)
	p.mA, p.mC = lane(q.M, ofA), lane(q.M, ofC)
	p.nB, p.nC = lane(q.N, ofB), lane(q.N, ofC)
	p.kA, p.kB = lane(q.K, ofA), lane(q.K, ofB)
	p.packA = newPacker(p.kern.copies, p.bytes, p.mA, p.kA)
	p.packB = newPacker(p.kern.copies, p.bytes, p.nB, p.kB)
}

// choose decides what is packed and how long blocks are.
func (p *Plan) choose() {
	blocks := max(1, (p.k+kcMax-1)/kcMax)
	p.kc = ((p.k+blocks-1)/blocks + 7) &^ 7

	var ok1, ok2 bool
	p.cRow, ok1 = p.mC.linear()
	p.cCol, ok2 = p.nC.linear()
	cLinear := ok1 && ok2
	p.cDirect = cLinear && (p.cCol == p.bytes || p.n == 1)

	p.aRow, p.aRun = 0, p.m
	if n := len(p.mA.dims); n > 0 {
		p.aRow, p.aRun = p.mA.strides[n-1], p.mA.dims[n-1]
	}
	p.aK, p.aEven = p.kA.linear()

	p.bCol, ok1 = p.nB.linear()
	p.bK, ok2 = p.kB.linear()
	bLinear := ok1 && ok2
	tiles := (p.m + p.kern.rows - 1) / p.kern.rows
	p.bDirect = bLinear && (p.bCol == p.bytes || p.n == 1) &&
		(tiles <= bDirectAny || p.k*p.n*p.bytes <= bDirectBytes ||
			tiles <= bDirect4096 && p.bK%4096 != 0 || tiles <= bDirect2048 && p.bK%2048 != 0)

	p.dots = p.m <= dotRows && bLinear && p.bK == p.bytes && cLinear && p.k >= 8
}

// aDirect reports whether A is better read in place by blocks of so many panels of B.
func (p *Plan) aDirect(panels int) bool {
	switch {
	case panels > aDirectPanels && p.m*p.k*p.bytes > aDirectBytes:
		return false
	case p.aRun < p.m && p.aRun < min(p.kern.rows, 5) && (p.aRun < 3 || panels > 2):
		return false // too many small tiles
	case p.aEven && p.aRow == p.bytes && p.aK%2048 == 0 && p.k > 16 && panels > 1:
		return false // its terms all fall into a few lines of the cache
	}
	return true
}

// blockRows is the largest number of rows of a block of A.
func (p *Plan) blockRows() int {
	return max(p.kern.rows, blockBytes/(p.kc*p.bytes)/p.kern.rows*p.kern.rows)
}

// unit is what the number of a block's rows should be a multiple of.
func (p *Plan) unit(aDirect bool) int {
	if aDirect && p.aRun < p.m && p.aRun <= p.blockRows() {
		return p.aRun // whole rows of an image
	}
	return p.kern.rows
}

// A block of C that an epilogue is called for has about epilogueBytes, but at least epilogueRows: fewer
// would not be worth the panels of B that they meet.
const (
	epilogueBytes = 256 << 10
	epilogueRows  = 48
)

// Rows returns how many rows of C are handed to an [Epilogue] at once, and how many are the last ones of
// each product of the batch (or of several, where B lacks an axis of the batch): 0 if Run takes none, as C
// is not one dense array [Batch, M, N] in row-major order, or not computed in blocks of whole rows.
func (p *Plan) Rows() (block, last int) {
	if !p.rows || p.swapped || p.dots || p.k == 0 || p.n > sharedCols || p.m*p.n == 0 {
		return 0, 0
	}
	unit := p.unit(p.aDirect((p.n + p.kern.cols - 1) / p.kern.cols))
	block = min(p.blockRows(), max(epilogueRows, epilogueBytes/(p.n*p.bytes)))
	block = min(p.m, max(unit, block/unit*unit))
	return block, (p.m-1)%block + 1
}

// FLOP returns the number of multiplications and additions of a Run.
func (p *Plan) FLOP() float64 {
	return 2 * float64(p.batch) * float64(p.m) * float64(p.n) * float64(p.k)
}

// String describes the plan in a line.
func (p *Plan) String() string {
	s := fmt.Sprintf("gemm %d×[%d×%d]·[%d×%d] %s", p.batch, p.m, p.k, p.k, p.n, p.kern.name)
	if p.swapped {
		s += " swapped"
	}
	if p.dots {
		return s + " dots"
	}
	for _, x := range []struct {
		name   string
		direct bool
		pack   packer
	}{{"A", p.aDirect((p.n + p.kern.cols - 1) / p.kern.cols), p.packA}, {"B", p.bDirect, p.packB}} {
		how := "by numbers"
		switch {
		case x.direct:
			how = "in place"
		case x.pack.transpose:
			how = fmt.Sprintf("packed by transposing runs of %d", x.pack.run)
		case x.pack.lanes.run(x.pack.size) > 1:
			how = fmt.Sprintf("packed in strips of %d", x.pack.lanes.run(x.pack.size))
		}
		s += fmt.Sprintf(", %s %s", x.name, how)
	}
	if !p.cDirect {
		s += ", C scattered"
	}
	return s
}
