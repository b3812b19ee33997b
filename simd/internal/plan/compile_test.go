package plan

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// recurrent is a net of steps like h = tanh(x·w + h·u), and the gradient of the last h's sum.
func recurrent(steps int) *ir.Graph {
	const batch, width = 16, 32
	b := newBuilder()
	d := []int{batch, width}
	x, w, u := b.param(steps, batch, 8), b.param(8, width), b.param(width, width)
	h := []*ir.Node{b.number(0, d...)}
	var at []*ir.Node
	for i := range steps {
		s := b.Add(backends.OpTypeSlice, shape(x.Shape.DType, 1, batch, 8), ir.Slice{Starts: []int{i, 0, 0}, Limits: []int{i + 1, batch, 8}, Strides: []int{1, 1, 1}}, x)
		at = append(at, b.reshape(s, batch, 8))
		h = append(h, b.op(backends.OpTypeTanh, b.add(b.matmul(at[i], w, false, false), b.matmul(h[i], u, false, false))))
	}
	g := b.number(1, d...)
	var dw, du *ir.Node
	for i := steps - 1; i >= 0; i-- {
		y := h[i+1]
		g = b.mul(g, b.sub(b.number(1, d...), b.mul(y, y)))
		w, u2 := b.matmul(at[i], g, true, false), b.matmul(h[i], g, true, false)
		if dw != nil {
			w, u2 = b.add(dw, w), b.add(du, u2)
		}
		dw, du = w, u2
		g = b.matmul(g, u, false, true)
	}
	b.Outputs = append(b.Outputs, dw, du, b.sum(h[steps], 0, 1))
	return b.Graph
}

// chain is nothing but elementwise operations, one after the other.
func chain(links int) *ir.Graph {
	b := newBuilder()
	x := b.param(64, 64)
	y := x
	for range links {
		y = b.add(b.mul(b.op(backends.OpTypeSin, y), x), b.op(backends.OpTypeCos, y))
	}
	b.Outputs = append(b.Outputs, y)
	return b.Graph
}

// wide has many parameters, each with an update of its own, and a sum over all of them.
func wide(params int) *ir.Graph {
	b := newBuilder()
	total := b.number(0)
	for i := range params {
		x, y := b.param(8, 8+i%7), b.param(8, 8+i%7)
		total = b.add(total, b.sum(b.mul(x, y), 0, 1))
		b.Outputs = append(b.Outputs, b.sub(x, b.scale(y, 0.1)))
	}
	b.Outputs = append(b.Outputs, total)
	return b.Graph
}

var large = []struct {
	name  string
	build func(n int) *ir.Graph
	n     int // for about 2000 nodes
}{{"recurrent", recurrent, 80}, {"chain", chain, 500}, {"wide", wide, 200}}

// TestCompileCost holds what a node costs to compile against what it costs in a graph ten times as
// large: in memory allocated and in searches, which can be counted.
func TestCompileCost(t *testing.T) {
	for _, row := range large {
		var bytes, effort, steps [2]float64
		for i, n := range []int{row.n, 10 * row.n} {
			g := row.build(n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p := compile(t, g, "epilogue")
			runtime.ReadMemStats(&after)
			nodes := float64(len(g.Nodes))
			bytes[i] = float64(after.TotalAlloc-before.TotalAlloc) / nodes
			steps[i] = float64(len(p.Steps())) / nodes
			c := &compiler{}
			if err := c.read(g); err != nil {
				t.Fatal(err)
			}
			c.arrange()
			effort[i] = float64(1<<20+64*len(c.nodes)-c.effort) / nodes
		}
		t.Logf("%s: %.0f and %.0f bytes, %.1f and %.1f of search, %.3f and %.3f steps a node", row.name, bytes[0], bytes[1], effort[0], effort[1], steps[0], steps[1])
		if bytes[1] > 1.5*bytes[0] || bytes[1] > 4096 {
			t.Errorf("%s: %.0f bytes a node, %.0f with ten times as many", row.name, bytes[0], bytes[1])
		}
		if effort[1] > 600 {
			t.Errorf("%s: a node takes %.0f units' nodes of search, %.0f with ten times as many", row.name, effort[0], effort[1])
		}
		if steps[1] > 1.1*steps[0] {
			t.Errorf("%s: %.3f steps a node, %.3f with ten times as many", row.name, steps[0], steps[1])
		}
	}
}

// TestOrder looks whether what a unit needs comes before it, after merges with searches that were
// given up, or not, and with numbers that have no gaps.
func TestOrder(t *testing.T) {
	for _, row := range large {
		checkOrder(t, row.build(row.n/4), 0)
	}
	for seed := range uint64(100) {
		checkOrder(t, tangle(rand.New(rand.NewPCG(seed, 3)), 150), seed)
	}
}

// tangle is a graph of arithmetic on squares whose operands are often transposed, so that groups that
// would fit depend on one another by ways that lead outside.
func tangle(r *rand.Rand, n int) *ir.Graph {
	b := newBuilder()
	values := []*ir.Node{b.param(8, 8), b.param(8, 8)}
	pick := func() *ir.Node {
		x := values[len(values)-1-r.IntN(min(len(values), 20))]
		if r.IntN(4) == 0 {
			x = b.transpose(x, 1, 0)
		}
		return x
	}
	for range n {
		values = append(values, b.op(backends.OpTypeTanh, b.add(pick(), pick())))
	}
	b.Outputs = append(b.Outputs, values[n/2:]...)
	return b.Graph
}

func checkOrder(t *testing.T, g *ir.Graph, seed uint64) {
	t.Helper()
	c := &compiler{}
	if err := c.read(g); err != nil {
		t.Fatal(err)
	}
	c.separate()
	if seed%2 == 1 {
		c.effort = 0
	}
	if seed%3 == 1 { // numbers without gaps
		at := 0
		for u := range c.order.all {
			at++
			u.at = at
		}
	}
	c.fuse()
	count := 0
	last := 0
	for u := range c.order.all {
		if count++; u.at <= last || u.gone {
			t.Fatalf("seed %d: unit %d has number %d after %d", seed, count, u.at, last)
		}
		last = u.at
		for _, n := range u.nodes {
			if n.unit != u {
				t.Fatalf("seed %d: %s is in two units", seed, n)
			}
			for _, o := range n.in {
				if v := o.root.unit; v != nil && v.at > u.at {
					t.Fatalf("seed %d: %s comes before its operand %s", seed, n, o.root)
				}
			}
		}
		if !slices.IsSortedFunc(u.nodes, func(x, y *node) int { return x.id - y.id }) {
			t.Fatalf("seed %d: nodes of a unit are not in order", seed)
		}
	}
	if count != c.order.units {
		t.Errorf("seed %d: %d units in order, want %d", seed, count, c.order.units)
	}
}

// TestPack lays random stores out in both ways: no two that are used at the same time overlap, and
// the arena is not much larger than what is used at once.
func TestPack(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 4))
		n, kinds := 20+r.IntN(300), 1+r.IntN(20)
		var stores []*store
		var live [1000]int
		for range n {
			first := r.IntN(900)
			s := &store{bytes: 1 + 100*r.IntN(kinds), first: first, last: first + r.IntN(1+r.IntN(100))}
			stores = append(stores, s)
			for i := s.first; i <= s.last; i++ {
				live[i] += s.room()
			}
		}
		least := slices.Max(live[:])
		for _, way := range []struct {
			name string
			pack func(stores []*store) int
			most float64
		}{{"largest first", packLargest, 1.35}, {"in time", packInTime, 1.6}} {
			arena := way.pack(slices.Clone(stores))
			if float64(arena) > way.most*float64(least) || arena < least {
				t.Errorf("seed %d, %s: %d bytes, of which %d are used at once", seed, way.name, arena, least)
			}
			for i, s := range stores {
				if s.offset < 0 || s.offset+s.bytes > arena || s.offset%tensor.Align != 0 {
					t.Fatalf("seed %d, %s: %d bytes at %d of %d", seed, way.name, s.bytes, s.offset, arena)
				}
				for _, q := range stores[:i] {
					if s.first <= q.last && q.first <= s.last && s.offset < q.offset+q.bytes && q.offset < s.offset+s.bytes {
						t.Fatalf("seed %d, %s: two stores overlap", seed, way.name)
					}
				}
			}
		}
	}
}

// BenchmarkCompile is the cost of compiling a node, without rewriting, in small and large graphs;
// about 5 µs in all of them.
func BenchmarkCompile(b *testing.B) {
	for _, row := range large {
		for _, size := range []struct {
			name string
			n    int
		}{{"2000", row.n}, {"40000", 20 * row.n}} {
			b.Run(row.name+"/"+size.name, func(b *testing.B) {
				g := row.build(size.n)
				b.ReportAllocs()
				for b.Loop() {
					compile(b, g, "epilogue")
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(g.Nodes)), "ns/node")
			})
		}
	}
}
