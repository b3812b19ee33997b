package plan

import (
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
)

// check runs a graph with everything on, with each idea off and with all off, and compares.
func check(t *testing.T, g *ir.Graph, steps int) {
	t.Helper()
	pool := par.New(3)
	defer pool.Close()
	want := execute(t, compile(t, g, "all"), g, nil, 7, false)
	full := compile(t, g)
	for _, err := range full.misfits {
		t.Errorf("a group fell apart: %v", err)
	}
	if steps > 0 && len(full.Steps()) != steps {
		t.Errorf("%d steps, want %d:\n%s", len(full.Steps()), steps, full)
	}
	got := execute(t, full, g, nil, 7, false)
	near(t, g, "all on", got, want, 1e-5)
	near(t, g, "in parallel", execute(t, full, g, pool, 7, false), got, 0)
	near(t, g, "donated", execute(t, full, g, pool, 7, true), got, 0)
	for _, name := range Names() {
		p := compile(t, g, name)
		near(t, g, "without "+name, execute(t, p, g, nil, 7, false), want, 1e-5)
		near(t, g, "without "+name+", donated", execute(t, p, g, pool, 7, true), want, 1e-5)
	}
}

func TestFusions(t *testing.T) {
	for _, row := range []struct {
		name  string
		steps int
		build func(b builder)
	}{
		{"a chain is one program", 1, func(b builder) {
			x, y := b.param(7, 33), b.param(7, 33)
			b.Outputs = append(b.Outputs, b.op(backends.OpTypeTanh, b.add(b.mul(x, y), b.op(backends.OpTypeExp, x))))
		}},
		{"softmax is one program", 1, func(b builder) {
			b.Outputs = append(b.Outputs, b.softmax(b.param(4, 5, 37)))
		}},
		{"layer norm is one program", 1, func(b builder) {
			b.Outputs = append(b.Outputs, b.norm(b.param(4, 5, 64), b.param(64), b.param(64)))
		}},
		{"two outputs of one program", 1, func(b builder) {
			x := b.param(5, 6)
			e := b.op(backends.OpTypeExp, x)
			b.Outputs = append(b.Outputs, e, b.op(backends.OpTypeNeg, e))
		}},
		{"bias and activation follow the product", 1, func(b builder) {
			x, w, bias := b.param(9, 17), b.param(17, 21), b.param(21)
			h := b.add(b.matmul(x, w, false, false), b.down(bias, []int{9, 21}))
			b.Outputs = append(b.Outputs, b.op(backends.OpTypeMax, h, b.number(0, 9, 21)))
		}},
		{"so do values of rows and columns, in blocks of rows, with the product an output, too", 1, func(b builder) {
			d := []int{100, 1400}
			y := b.matmul(b.param(100, 3), b.param(3, 1400), false, false)
			h := b.mul(b.add(y, b.down(b.param(1400), d)), b.across(b.param(100), d))
			b.Outputs = append(b.Outputs, y, b.op(backends.OpTypeTanh, h), b.convert(h, dtypes.BFloat16))
		}},
		{"and for a batch of products", 1, func(b builder) {
			y := b.matmul(b.param(3, 70, 5), b.param(3, 5, 1400), false, false)
			b.Outputs = append(b.Outputs, b.op(backends.OpTypeExp, b.add(y, b.down(b.param(1400), []int{3, 70, 1400}))))
		}},
		{"but not what reads as much from elsewhere", 2, func(b builder) {
			b.Outputs = append(b.Outputs, b.add(b.matmul(b.param(9, 17), b.param(17, 21), false, false), b.param(9, 21)))
		}},
		{"nor what differs by more than rows", 2, func(b builder) {
			y := b.matmul(b.param(8, 12, 5), b.param(8, 5, 9), false, false)
			b.Outputs = append(b.Outputs, b.add(y, b.broadcast(b.param(12, 9), []int{8, 12, 9}, 1, 2)))
		}},
		{"attention is two products with a softmax between", 3, func(b builder) {
			q, k, v := b.param(2, 3, 8, 16), b.param(2, 3, 8, 16), b.param(2, 3, 8, 16)
			s := b.scale(b.matmul(q, k, false, true), 0.25)
			b.Outputs = append(b.Outputs, b.matmul(b.softmax(s), v, false, false))
		}},
		{"softmax and its gradient are one program", 1, func(b builder) {
			x, dy := b.param(6, 5, 33), b.param(6, 5, 33)
			y := b.softmax(x)
			s := b.sum(b.mul(dy, y), 2)
			b.Outputs = append(b.Outputs, y, b.mul(y, b.sub(dy, b.across(s, []int{6, 5, 33}))))
		}},
		{"layer norm's gradient is one program, sums for gain and bias included", 1, func(b builder) {
			d := []int{40, 24}
			x, dy, gain := b.param(d...), b.param(d...), b.param(24)
			mean := b.scale(b.sum(x, 1), 1.0/24)
			xc := b.sub(x, b.across(mean, d))
			inv := b.op(backends.OpTypeRsqrt, b.add(b.scale(b.sum(b.mul(xc, xc), 1), 1.0/24), b.number(1e-5, 40)))
			xh := b.mul(xc, b.across(inv, d))
			g := b.mul(dy, b.down(gain, d))
			m1, m2 := b.scale(b.sum(g, 1), 1.0/24), b.scale(b.sum(b.mul(g, xh), 1), 1.0/24)
			dx := b.mul(b.across(inv, d), b.sub(b.sub(g, b.across(m1, d)), b.mul(xh, b.across(m2, d))))
			b.Outputs = append(b.Outputs, dx, b.sum(b.mul(dy, xh), 0), b.sum(dy, 0))
		}},
		{"cross-entropy, its gradient and their sums are one program", 1, func(b builder) {
			d := []int{16, 10}
			x, onehot := b.param(d...), b.param(d...)
			shifted := b.sub(x, b.across(b.reduce(backends.OpTypeReduceMax, x, 1), d))
			e := b.op(backends.OpTypeExp, shifted)
			total := b.sum(e, 1)
			loss := b.sub(b.op(backends.OpTypeLog, total), b.sum(b.mul(shifted, onehot), 1))
			grad := b.sub(b.div(e, b.across(total, d)), onehot)
			b.Outputs = append(b.Outputs, b.sum(loss, 0), grad, b.sum(grad, 0))
		}},
		{"a training step of a net with one hidden layer", 10, func(b builder) {
			const n, in, hid = 12, 20, 16
			x, w1, b1, w2, dy := b.param(n, in), b.param(in, hid), b.param(hid), b.param(hid, 4), b.param(n, 4)
			h := b.op(backends.OpTypeTanh, b.add(b.matmul(x, w1, false, false), b.down(b1, []int{n, hid}))) // 1
			y := b.sub(b.matmul(h, w2, false, false), dy)                                                   // 2, 3
			dh := b.mul(b.matmul(y, w2, false, true), b.sub(b.number(1, n, hid), b.mul(h, h)))              // 4, and 5 with its sum over rows
			b.Outputs = append(b.Outputs,
				b.sub(w1, b.scale(b.matmul(x, dh, true, false), 0.1)), // 6, 7
				b.sub(w2, b.scale(b.matmul(h, y, true, false), 0.1)),  // 8, 9
				b.sub(b1, b.scale(b.sum(dh, 0), 0.1)))                 // 10
		}},
		{"what is two outputs is stored twice by one program", 1, func(b builder) {
			y := b.softmax(b.param(6, 20))
			b.Outputs = append(b.Outputs, y, y, b.reshape(y, 2, 60))
		}},
		{"a sum that is two outputs is copied", 2, func(b builder) {
			y := b.sum(b.param(6, 20), 0)
			b.Outputs = append(b.Outputs, y, y)
		}},
		{"scalars that have nothing in common are one program", 1, func(b builder) {
			for range 5 {
				x, y := b.param(), b.param()
				b.Outputs = append(b.Outputs, b.op(backends.OpTypeExp, b.add(x, y)))
			}
		}},
		{"updates of biases of the same size are one program, others not", 2, func(b builder) {
			rate := b.param()
			for _, n := range []int{32, 16, 32, 32} {
				x, dx := b.param(n), b.param(n)
				b.Outputs = append(b.Outputs, b.sub(x, b.mul(dx, b.broadcast(rate, []int{n}))))
			}
		}},
		{"groups that need one another by way of a product stay apart", 3, func(b builder) {
			h := b.op(backends.OpTypeTanh, b.param(8, 8))
			b.Outputs = append(b.Outputs, b.op(backends.OpTypeExp, b.transpose(b.matmul(h, b.param(8, 8), false, false), 1, 0)))
		}},
		{"sums of 16-bit floats are wide", 1, func(b builder) {
			x := b.convert(b.param(6, 300), dtypes.BFloat16)
			s := b.sum(b.mul(x, x), 1)
			b.Outputs = append(b.Outputs, b.convert(s, dtypes.Float32), b.convert(b.sub(x, b.across(s, []int{6, 300})), dtypes.Float32))
		}},
		{"row sums and column sums leave with the values", 1, func(b builder) {
			x := b.param(6, 40)
			y := b.mul(x, x)
			b.Outputs = append(b.Outputs, y, b.sum(y, 0), b.sum(y, 1), b.sum(y, 0, 1))
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBuilder()
			row.build(b)
			check(t, b.Graph, row.steps)
		})
	}
}

// TestEpilogues has products whose result, or work, is just enough or just not for an epilogue.
func TestEpilogues(t *testing.T) {
	for _, row := range []struct {
		name    string
		m, k, n int
		steps   int
	}{
		{"16 MiB", 1 << 13, 128, 512, 1},
		{"more terms", 1 << 13, 129, 512, 2},
		{"fewer rows", 1<<13 - 1, 128, 512, 2},
	} {
		b := newBuilder()
		d := []int{row.m, row.n}
		h := b.add(b.matmul(b.param(row.m, row.k), b.param(row.k, row.n), false, false), b.down(b.param(row.n), d))
		b.Outputs = append(b.Outputs, b.op(backends.OpTypeMax, h, b.number(0, d...)))
		p, err := Compile(b.Graph, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Steps()) != row.steps || strings.Contains(p.String(), "then [8192 512] Add Max") != (row.steps == 1) {
			t.Errorf("%s: %d steps, want %d:\n%s", row.name, len(p.Steps()), row.steps, p)
		}
	}
}

// TestMisfits has groups with a sum over columns of what is the same in all of them, which package loop
// would count once.
func TestMisfits(t *testing.T) {
	b := newBuilder()
	x := b.param(4, 6)
	d := []int{4, 6, 10}
	y := b.op(backends.OpTypeExp, b.across(x, d))
	s := b.sum(y, 2)
	b.Outputs = append(b.Outputs, s, b.mul(b.across(s, d), b.param(4, 6, 10)), b.sum(b.across(x, d), 1, 2))
	want := execute(t, compile(t, b.Graph, "all"), b.Graph, nil, 3, false)
	p := compile(t, b.Graph)
	if len(p.misfits) == 0 {
		t.Error("the sum became a program")
	}
	near(t, b.Graph, "misfit", execute(t, p, b.Graph, nil, 3, true), want, 1e-5)
}
