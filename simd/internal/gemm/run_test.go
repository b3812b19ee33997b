package gemm

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

func TestMistakes(t *testing.T) {
	f := dtypes.Float32
	for _, x := range []struct {
		why  string
		p    Problem
		want string
	}{
		{"integers are for others", Problem{DType: dtypes.Int32}, "Int32, want Float32 or Float64"},
		{"sizes count", Problem{DType: f, M: []Axis{{-1, 1, 0, 1}}}, "M[0] has size -1"},
		{"B has no m", Problem{DType: f, M: []Axis{{2, 1, 1, 1}}}, "M[0] has strides A=1, B=1, C=1"},
		{"A has no n", Problem{DType: f, N: []Axis{{2, 1, 1, 1}}}, "N[0]"},
		{"C has no k", Problem{DType: f, K: []Axis{{2, 1, 1, 1}}}, "K[0]"},
		{"C has every batch", Problem{DType: f, Batch: []Axis{{2, 1, 1, 0}}}, "Batch[0]"},
		{"C has every m", Problem{DType: f, M: []Axis{{1, 0, 0, 0}, {2, 1, 0, 0}}}, "M[1]"},
	} {
		if _, err := New(x.p); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got error %v, want one with %q", x.why, err, x.want)
		}
	}
}

// An epilogue hears of every row of C once, after it is final, in blocks of Rows.
func TestEpilogue(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, x := range []struct {
			why  string
			p    Problem
			rows bool // whether it takes an epilogue
		}{
			{"one tile", batched(dtype, 1, 4, 7, 5), true},
			{"many blocks, many terms", batched(dtype, 1, 300, 700, 1500), true},
			{"narrow", batched(dtype, 1, 9000, 9, 10), true},
			{"batch", batched(dtype, 5, 120, 40, 1400), true},
			{"batch that B lacks: its rows are rows of one product", sharedB(batched(dtype, 5, 120, 40, 1400)), true},
			{"convolution", convolution(dtype, 6, 30, 3, 40, 1), true},
			{"a column: A and B change places", batched(dtype, 1, 300, 64, 1), false},
			{"sums of nothing", batched(dtype, 2, 30, 0, 40), false},
			{"columns in parts", batched(dtype, 1, 60, 5, 5000), false},
			{"a transposed result", matrix(dtype, 50, 60, 7, false, false, true), false},
		} {
			plan, err := newPlan(x.p, level)
			if err != nil {
				t.Fatal(err)
			}
			per, last := plan.Rows()
			if per > 0 != x.rows {
				t.Fatalf("%s: Rows is %d", x.why, per)
			}
			if per == 0 {
				continue
			}
			batch, m, n := size(x.p.Batch), size(x.p.M), size(x.p.N)
			if batch*m != plan.batch*plan.m { // rows of one product or of several
				t.Fatalf("%s: %d×%d rows became %d×%d", x.why, batch, m, plan.batch, plan.m)
			}
			a, b, c := newArray(r, x.p, ofA), newArray(r, x.p, ofB), newArray(r, x.p, ofC)
			for _, pool := range []*par.Pool{nil, pool} {
				seen := make([]float64, batch*m*n)
				var mu sync.Mutex
				plan.Run(pool, a.pointer(), b.pointer(), c.pointer(), func(r0, r1 int) {
					mu.Lock()
					defer mu.Unlock()
					if at := r0 % plan.m; at%per != 0 || r1-r0 != per && (r1-r0 != last || r1%plan.m != 0) {
						t.Errorf("%s: rows %d to %d are not %d of %d, nor the last %d", x.why, r0, r1, per, plan.m, last)
					}
					for i := r0 * n; i < r1*n; i++ {
						if seen[i] != 0 {
							t.Errorf("%s: element %d is reported twice", x.why, i)
						}
						seen[i] = 1 + math.Abs(c.at(i))
					}
				})
				for i, v := range seen {
					if v != 1+math.Abs(c.at(i)) {
						t.Fatalf("%s: element %d was %g when it was reported, and is %g", x.why, i, v-1, c.at(i))
					}
				}
			}
		}
	})
}

// sharedB takes B out of the batch.
func sharedB(p Problem) Problem {
	p.Batch[0].B = 0
	return p
}

// Zeros are multiplied like other numbers: 0·∞ and 0·NaN are NaN, and nothing else is touched by them.
func TestNotFinite(t *testing.T) {
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(9, 1))
		for _, s := range [][3]int{{1, 1, 9}, {1, 40, 9}, {40, 1, 9}, {13, 35, 20}, {70, 150, 90}} {
			for layout := range 4 {
				m, n, k := s[0], s[1], s[2]
				p := matrix(dtype, m, n, k, layout&1 != 0, layout&2 != 0, false)
				plan, err := newPlan(p, level)
				if err != nil {
					t.Fatal(err)
				}
				a, b, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
				for i := range b.len() {
					b.set(i, 0)
				}
				row, at := m/2, k/3
				a.set(row*p.M[0].A+at*p.K[0].A, math.Inf(1))
				b.set(at*p.K[0].B+(n-1)*p.N[0].B, 2)
				plan.Run(nil, a.pointer(), b.pointer(), c.pointer(), nil)
				for i := range m {
					for j := range n {
						got := c.at(i*n + j)
						switch {
						case i == row && j == n-1:
							if !math.IsInf(got, 1) {
								t.Errorf("%v: ∞·2 + 0 = %g, want +Inf", s, got)
							}
						case i == row:
							if !math.IsNaN(got) {
								t.Errorf("%v: ∞·0 = %g, want NaN", s, got)
							}
						case math.IsNaN(got) || math.IsInf(got, 0):
							t.Errorf("%v: element (%d,%d) = %g, want a number", s, i, j, got)
						}
					}
				}
			}
		}
	})
}

// An element depends on its row of A and its column of B alone, so that products of parts of A are parts
// of the product, at least where the same algorithm serves both.
func TestRowsAreIndependent(t *testing.T) {
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(2, 3))
		const m, n, k = 97, 70, 400
		p := matrix(dtype, m, n, k, false, false, false)
		whole, _ := newPlan(p, level)
		a, b, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
		whole.Run(nil, a.pointer(), b.pointer(), c.pointer(), nil)
		for _, rows := range []int{5, 13, 40} {
			q := matrix(dtype, rows, n, k, false, false, false)
			part, _ := newPlan(q, level)
			d := newArray(r, q, ofC)
			part.Run(nil, a.pointer(), b.pointer(), d.pointer(), nil)
			for i := range rows * n {
				if d.at(i) != c.at(i) {
					t.Fatalf("%d rows: element %d is %g, in the whole %g", rows, i, d.at(i), c.at(i))
				}
			}
		}
	})
}

// A product that runs again allocates nothing.
func TestAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range [][3]int{{2, 2, 2}, {100, 100, 100}, {300, 200, 400}, {1, 300, 300}} {
		p := matrix(dtypes.Float32, s[0], s[1], s[2], false, true, false)
		plan, err := New(p)
		if err != nil {
			t.Fatal(err)
		}
		a, b, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
		x, y, z := a.pointer(), b.pointer(), c.pointer()
		plan.Run(nil, x, y, z, nil)
		// The garbage collector may empty the pools of scratch memory now and then.
		if n := testing.AllocsPerRun(200, func() { plan.Run(nil, x, y, z, nil) }); n >= 1 && !raceEnabled {
			t.Errorf("%v: %g allocations, want none", s, n)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	r := rand.New(rand.NewPCG(4, 4))
	p := matrix(dtypes.Float32, 150, 140, 130, false, false, false)
	plan, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	a, b, want := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
	plan.Run(nil, a.pointer(), b.pointer(), want.pointer(), nil)
	var wg sync.WaitGroup
	for range 8 {
		c := newArray(rand.New(rand.NewPCG(1, 1)), p, ofC)
		wg.Go(func() {
			for range 5 {
				plan.Run(pool, a.pointer(), b.pointer(), c.pointer(), nil)
			}
			for i := range c.len() {
				if c.at(i) != want.at(i) {
					t.Errorf("element %d is %g, want %g", i, c.at(i), want.at(i))
					return
				}
			}
		})
	}
	wg.Wait()
}
