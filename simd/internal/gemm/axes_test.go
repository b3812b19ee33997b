package gemm

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// randomProblem draws lists of axes with storage in a random order, gaps, reversals and repeats.
func randomProblem(r *rand.Rand, dtype dtypes.DType) Problem {
	p := Problem{DType: dtype}
	lists := []*[]Axis{&p.Batch, &p.M, &p.N, &p.K}
	for _, l := range lists {
		total := 1
		for range r.IntN(4) {
			n := []int{1, 2, 3, 5, 8, 17, 33}[r.IntN(7)]
			if total*n > 70 {
				continue
			}
			if r.IntN(40) == 0 {
				n = 0
			}
			total *= max(1, n)
			*l = append(*l, Axis{Size: n})
		}
	}
	// Each array's axes get strides in a random order.
	place := func(set func(x *Axis, stride int), in ...int) {
		var axes []*Axis
		for _, i := range in {
			for j := range *lists[i] {
				axes = append(axes, &(*lists[i])[j])
			}
		}
		if r.IntN(2) == 0 {
			r.Shuffle(len(axes), func(i, j int) { axes[i], axes[j] = axes[j], axes[i] })
		}
		unit := 1 + r.IntN(5)/4
		for i := len(axes) - 1; i >= 0; i-- {
			stride := unit
			unit *= max(1, axes[i].Size)
			if r.IntN(6) == 0 {
				unit += r.IntN(3)
			}
			if r.IntN(10) == 0 {
				stride = -stride
			}
			set(axes[i], stride)
		}
	}
	place(func(x *Axis, s int) { x.A = s }, 0, 1, 3)
	place(func(x *Axis, s int) { x.B = s }, 0, 2, 3)
	place(func(x *Axis, s int) { x.C = s }, 0, 1, 2)
	for _, l := range lists {
		for i := range *l {
			x := &(*l)[i]
			if l != &p.N && r.IntN(8) == 0 {
				x.A = 0
			}
			if l != &p.M && r.IntN(8) == 0 {
				x.B = 0
			}
		}
	}
	return p
}

func TestRandomAxes(t *testing.T) {
	pools := somePools(t)
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(3, 4))
		tries := 300
		if raceEnabled {
			tries = 40
		}
		for range tries {
			check(t, r, level, randomProblem(r, dtype), pools[1:])
		}
	})
}

// batched is n products of row-major matrices.
func batched(dtype dtypes.DType, n, m, k, cols int) Problem {
	p := matrix(dtype, m, cols, k, false, false, false)
	p.Batch = []Axis{{n, m * k, k * cols, m * cols}}
	return p
}

// convolution slides 3×3 windows over square images [batch, side, side, in].
func convolution(dtype dtypes.DType, batch, side, in, out, stride int) Problem {
	const window = 3
	to := (side-window)/stride + 1
	image, row := side*side*in, side*in
	return Problem{
		DType: dtype,
		M:     []Axis{{batch, image, 0, to * to * out}, {to, stride * row, 0, to * out}, {to, stride * in, 0, out}},
		N:     []Axis{{out, 0, 1, 1}},
		K:     []Axis{{window, row, window * in * out, 0}, {window, in, in * out, 0}, {in, 1, out, 0}},
	}
}

// filterGradient sums over all places of the window instead.
func filterGradient(dtype dtypes.DType, batch, side, in, out, stride int) Problem {
	p := convolution(dtype, batch, side, in, out, stride)
	for i, x := range p.K {
		p.K[i] = Axis{x.Size, x.A, 0, x.B}
	}
	for i, x := range p.M {
		p.M[i] = Axis{x.Size, x.A, x.C, 0}
	}
	p.M, p.K = p.K, p.M
	return p
}

// A convolution's sums run over windows: axes of A that share memory.
func TestWindows(t *testing.T) {
	pools := somePools(t)
	eachKernel(t, func(t *testing.T, level string, dtype dtypes.DType) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, in := range []int{1, 3, 16} {
			for stride := 1; stride <= 2; stride++ {
				for _, out := range []int{4, 20} {
					check(t, r, level, convolution(dtype, 3, 12, in, out, stride), pools)
					check(t, r, level, filterGradient(dtype, 3, 12, in, out, stride), pools)
				}
			}
		}
	})
}

func TestLane(t *testing.T) {
	for _, x := range []struct {
		why           string
		dims, strides []int
		want          string
	}{
		{"a dense array is one axis", []int{2, 3, 4}, []int{48, 16, 4}, "24@4"},
		{"axes of size 1 have no say", []int{3, 1, 4}, []int{16, 999, 4}, "12@4"},
		{"a gap stays", []int{3, 4}, []int{20, 4}, "3×4@20,4"},
		{"backwards is still even", []int{3, 4}, []int{-16, -4}, "12@-4"},
		{"repeats merge", []int{3, 4}, []int{0, 0}, "12@0"},
		{"windows overlap", []int{3, 2, 2}, []int{4, 12, 4}, "3×2×2@4,12,4"},
		{"nothing", nil, nil, "1"},
	} {
		l := newLane(x.dims, x.strides)
		if got := l.String(); got != x.want {
			t.Errorf("%s: %s, want %s", x.why, got, x.want)
		}
		n := 1
		for _, d := range x.dims {
			n *= d
		}
		for start := range n {
			for i, off := range l.fill(nil, start, n-start) {
				want, rest := 0, start+i
				for d := len(x.dims) - 1; d >= 0; d-- {
					want += rest % x.dims[d] * x.strides[d]
					rest /= x.dims[d]
				}
				if off != want || l.at(start+i) != want {
					t.Fatalf("%s: element %d at %d by fill, %d by at, want %d", x.why, start+i, off, l.at(start+i), want)
				}
			}
		}
	}
}
