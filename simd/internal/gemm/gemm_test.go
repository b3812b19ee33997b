package gemm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// eachKernel runs f for every level that this machine has, and both types.
func eachKernel(t *testing.T, f func(t *testing.T, level string, dtype dtypes.DType)) {
	for _, level := range levels {
		for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
			t.Run(level+" "+dtype.String(), func(t *testing.T) { f(t, level, dtype) })
		}
	}
}

// array is memory for one operand: numbers of either type, with the element of indices zero at off.
type array struct {
	f32 []float32
	f64 []float64
	off int
}

func (x *array) pointer() unsafe.Pointer {
	if x.f32 != nil {
		return unsafe.Pointer(&x.f32[x.off])
	}
	return unsafe.Pointer(&x.f64[x.off])
}

func (x *array) at(i int) float64 {
	if x.f32 != nil {
		return float64(x.f32[x.off+i])
	}
	return x.f64[x.off+i]
}

func (x *array) set(i int, v float64) {
	if x.f32 != nil {
		x.f32[i] = float32(v)
	} else {
		x.f64[i] = v
	}
}

func (x *array) len() int { return max(len(x.f32), len(x.f64)) }

// span returns the smallest and largest offset of an array.
func span(p Problem, of func(Axis) int) (low, high int) {
	for _, list := range [][]Axis{p.Batch, p.M, p.N, p.K} {
		for _, x := range list {
			d := max(0, x.Size-1) * of(x)
			low, high = low+min(0, d), high+max(0, d)
		}
	}
	return
}

func newArray(r *rand.Rand, p Problem, of func(Axis) int) *array {
	low, high := span(p, of)
	x := &array{off: -low}
	if p.DType == dtypes.Float32 {
		x.f32 = make([]float32, high-low+1)
	} else {
		x.f64 = make([]float64, high-low+1)
	}
	for i := range x.len() {
		x.set(i, r.NormFloat64())
	}
	return x
}

func (x *array) clone() *array {
	return &array{append([]float32(nil), x.f32...), append([]float64(nil), x.f64...), x.off}
}

// walk calls f with the offsets of every combination of the axes' indices.
func walk(axes []Axis, f func(a, b, c int)) {
	if len(axes) == 0 {
		f(0, 0, 0)
		return
	}
	x := axes[0]
	for i := range x.Size {
		walk(axes[1:], func(a, b, c int) { f(a+i*x.A, b+i*x.B, c+i*x.C) })
	}
}

// verify compares C with sums in float64, and what lies between its elements with what was there.
func verify(t *testing.T, p Problem, a, b, c, before *array) {
	t.Helper()
	eps := 0x1p-24
	if p.DType == dtypes.Float64 {
		eps = 0x1p-53
	}
	var ka, kb []int
	walk(p.K, func(a, b, _ int) { ka, kb = append(ka, a), append(kb, b) })
	n := len(ka)
	touched := make([]bool, c.len())
	bad := 0
	walk(slices.Concat(p.Batch, p.M, p.N), func(ai, bi, ci int) {
		var sum, magnitude float64
		for i := range ka {
			x := a.at(ai+ka[i]) * b.at(bi+kb[i])
			sum += x
			magnitude += math.Abs(x)
		}
		touched[c.off+ci] = true
		got := c.at(ci)
		if !(math.Abs(got-sum) <= eps*float64(n+2)*magnitude) && bad < 3 {
			bad++
			t.Errorf("element at %d is %g, want %g: %+v", ci, got, sum, p)
		}
	})
	for i, is := range touched {
		if !is && c.at(i-c.off) != before.at(i-c.off) && bad < 3 {
			bad++
			t.Errorf("element at %d, which is not C's, was changed: %+v", i-c.off, p)
		}
	}
}

// check plans, runs and verifies a product, and that pools of other widths give the same.
func check(t *testing.T, r *rand.Rand, level string, p Problem, pools []*par.Pool) {
	t.Helper()
	plan, err := newPlan(p, level)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
	before := c.clone()
	plan.Run(nil, a.pointer(), b.pointer(), c.pointer(), nil)
	verify(t, p, a, b, c, before)
	if t.Failed() {
		t.Fatal(plan)
	}
	for _, pool := range pools {
		other := before.clone()
		plan.Run(pool, a.pointer(), b.pointer(), other.pointer(), nil)
		for i := range c.len() {
			if x, y := c.at(i-c.off), other.at(i-c.off); math.Float64bits(x) != math.Float64bits(y) {
				t.Fatalf("pool of %d: element at %d is %g, alone %g: %s", pool.Width(), i-c.off, y, x, plan)
			}
		}
	}
}

// matrix is the product of two matrices, either of which may be stored transposed.
func matrix(dtype dtypes.DType, m, n, k int, transA, transB, transC bool) Problem {
	p := Problem{DType: dtype}
	am, ak, bk, bn, cm, cn := k, 1, n, 1, n, 1
	if transA {
		am, ak = 1, m
	}
	if transB {
		bk, bn = 1, k
	}
	if transC {
		cm, cn = 1, m
	}
	p.M = []Axis{{m, am, 0, cm}}
	p.N = []Axis{{n, 0, bn, cn}}
	p.K = []Axis{{k, ak, bk, 0}}
	return p
}

func somePools(t *testing.T) []*par.Pool {
	var pools []*par.Pool
	for _, width := range []int{2, 5} {
		p := par.New(width)
		t.Cleanup(p.Close)
		pools = append(pools, p)
	}
	return pools
}

func TestMatrices(t *testing.T) {
	pools := somePools(t)
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(1, 2))
		k := kernels[level][dtype]
		sizes := [][3]int{
			{1, 1, 1}, {1, 1, 100}, {1, 150, 33}, {150, 1, 33}, {2, 300, 40}, {300, 2, 40}, {5, 7, 1}, {40, 50, 2},
			{1, 1, 2000}, {0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 5, 0},
			{k.rows, k.cols, 8}, {k.rows - 1, k.cols - 1, 9}, {k.rows + 1, k.cols + 1, 7},
			{2*k.rows + 1, 3*k.cols - 1, kcMax + 3}, {64, 64, 64}, {130, 160, 340}, {128, 10, 256},
		}
		for range 20 {
			sizes = append(sizes, [3]int{1 + r.IntN(60), 1 + r.IntN(60), 1 + r.IntN(60)})
		}
		for _, s := range sizes {
			for layout := range 8 {
				check(t, r, level, matrix(dtype, s[0], s[1], s[2], layout&1 != 0, layout&2 != 0, layout&4 != 0), pools)
			}
		}
	})
}
