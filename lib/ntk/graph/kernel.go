package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Kernel is the graph neural tangent kernel: the tangent kernel of an infinitely wide graph network
// with ReLU, sum readout, every weight N(0, 1) at initialisation and all of them trained. On two
// graphs with features h_u, h'_u' and Ã = c·(A + I), S and T are matrices over pairs of nodes:
//
//	S = T = hᵤᵀh'ᵤ'                                  at the start,
//	S ← ÃSÃ'ᵀ,  T ← ÃTÃ'ᵀ                            when a block begins: every node sums its neighbours,
//	S ← √(s·s')·κ₁(ρ),  T ← T·κ₀(ρ) + S              for each of the block's layers, ρ = S/√(s·s'),
//
// with s, s' the diagonal entries of each graph with itself. The kernel is Σ T over all pairs. The
// zero value, without blocks, is the linear kernel of the summed features. Du et al. 2019, section 3.
type Kernel struct {
	Blocks int // B, how many times nodes hear from their neighbours
	Layers int // R, fully-connected layers in each block; 0 leaves aggregation alone, which is linear

	// Jumping reads out every block and the features themselves, each with its own weights, instead
	// of the last block alone ("jumping knowledge"): the kernel is the sum of Σ T after 0, 1, ..., B
	// blocks.
	Jumping bool

	// Mean averages a node and its neighbours, c_u = 1/(deg u + 1), instead of summing them, c_u = 1.
	Mean bool

	// NNGP is the covariance of the outputs at initialisation, Σ S, in place of the tangent kernel.
	NNGP bool
}

// String names the kernel as a legend does: "GNTK, 2 blocks of 1 layer".
func (k Kernel) String() string {
	if k.Blocks == 0 {
		return "linear kernel of the summed features"
	}
	name, s, l := "GNTK", "s", "s"
	if k.NNGP {
		name = "graph NNGP"
	}
	if k.Blocks == 1 {
		s = ""
	}
	if k.Layers == 1 {
		l = ""
	}
	name += fmt.Sprintf(", %d block%s of %d layer%s", k.Blocks, s, k.Layers, l)
	if k.Jumping {
		name += ", all blocks read"
	}
	if k.Mean {
		name += ", means"
	}
	return name
}

// Validate reports negative numbers of blocks or layers.
func (k Kernel) Validate() error {
	var errs []error
	if k.Blocks < 0 {
		errs = append(errs, fmt.Errorf("graph.Kernel: %d blocks, want >= 0", k.Blocks))
	}
	if k.Layers < 0 {
		errs = append(errs, fmt.Errorf("graph.Kernel: %d layers a block, want >= 0", k.Layers))
	}
	return errors.Join(errs...)
}

// At returns the kernel of two graphs.
func (k Kernel) At(g, h Graph) (float64, error) {
	c, err := k.Cross(context.Background(), []Graph{g}, []Graph{h})
	if err != nil {
		return 0, err
	}
	return c.At(0, 0), nil
}

// Gram returns the matrix of the kernel on the graphs; each pair is computed once. A pair with n and
// n' nodes, m and m' edges costs B·(n·m' + n'·m) additions, twice, and B·R·n·n' arccosines. Pairs run
// on all processors, and the result is the same for any GOMAXPROCS. A cancelled context stops it
// within one block of one pair.
func (k Kernel) Gram(ctx context.Context, graphs []Graph) (*mat.SymDense, error) {
	const fn = "graph.Kernel.Gram"
	if err := k.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if _, err := validateAll(fn, graphs); err != nil {
		return nil, err
	}
	out, err := k.grams(ctx, fn, graphs, k.Blocks)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// grams returns the Gram matrices of the kernels of from, ..., k.Blocks blocks: those of fewer blocks
// are passed on the way to the last.
func (k Kernel) grams(ctx context.Context, fn string, graphs []Graph, from int) ([]*mat.SymDense, error) {
	s, err := k.prepare(ctx, graphs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	n := len(s)
	out := make([]*mat.SymDense, k.Blocks+1-from)
	for b := range out {
		out[b] = mat.NewSymDense(n, nil)
	}
	err = k.pairs(ctx, fn, n, func(i int, work *workspace) error {
		for j := i; j < n; j++ {
			last := 0.0
			err := k.run(ctx, s[i], s[j], work, nil, func(block int, v float64) {
				if last = v; block >= from {
					out[block-from].SetSym(i, j, v)
				}
			})
			if err != nil {
				return err
			}
			if math.IsInf(last, 0) || math.IsNaN(last) {
				return fmt.Errorf("graphs %d and %d: the kernel overflows float64, want smaller features or fewer blocks", i, j)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Cross returns the matrix of the kernel between the graphs x, its rows, and z. Cross(x, x) is
// Gram(x) up to rounding.
func (k Kernel) Cross(ctx context.Context, x, z []Graph) (*mat.Dense, error) {
	const fn = "graph.Kernel.Cross"
	if err := k.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if _, err := validateAll(fn, x, z); err != nil {
		return nil, err
	}
	a, err := k.prepare(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	b, err := k.prepare(ctx, z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	out := mat.NewDense(len(a), len(b), nil)
	err = k.pairs(ctx, fn, len(a), func(i int, work *workspace) error {
		for j := range b {
			v, err := k.pair(ctx, a[i], b[j], work)
			if err != nil {
				return err
			}
			if math.IsInf(v, 0) || math.IsNaN(v) {
				return fmt.Errorf("x[%d] and z[%d]: the kernel overflows float64, want smaller features or fewer blocks", i, j)
			}
			out.Set(i, j, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pairs runs row(i) for i < n on all processors and returns the error of the lowest row.
func (k Kernel) pairs(ctx context.Context, fn string, n int, row func(i int, work *workspace) error) error {
	errs := make([]error, n)
	err := linalg.Parallel(ctx, n, 1, func(lo, hi int) {
		var work workspace
		for i := lo; i < hi; i++ {
			errs[i] = row(i, &work)
		}
	})
	for _, e := range append(errs, err) {
		if e != nil {
			return fmt.Errorf("%s: %w", fn, e)
		}
	}
	return nil
}

// side is a graph made ready: neighbourhoods, and the variances of every layer.
type side struct {
	n        int
	features [][]float64
	around   [][]int     // the node itself and its neighbours, ascending
	weight   []float64   // c_u
	variance [][]float64 // before each of the B·R layers, S_uu
}

func (k Kernel) prepare(ctx context.Context, graphs []Graph) ([]*side, error) {
	out, errs := make([]*side, len(graphs)), make([]error, len(graphs))
	err := linalg.Parallel(ctx, len(graphs), 1, func(lo, hi int) {
		var work workspace
		for i := lo; i < hi; i++ {
			s := newSide(graphs[i], k.Mean)
			// The run of a graph with itself fills the variances layer by layer, just before each is
			// used.
			errs[i] = k.run(ctx, s, s, &work, func(matrix []float64) {
				v := make([]float64, s.n)
				for u := range v {
					v[u] = matrix[u*s.n+u]
				}
				s.variance = append(s.variance, v)
			}, func(int, float64) {})
			out[i] = s
		}
	})
	for _, e := range append(errs, err) { // the first alone: cancellation is every graph's error
		if e != nil {
			return nil, e
		}
	}
	return out, nil
}

func newSide(g Graph, mean bool) *side {
	n := g.Nodes()
	s := &side{n: n, features: g.Features, around: make([][]int, n), weight: make([]float64, n)}
	for u := range n {
		s.around[u] = []int{u}
	}
	for _, e := range g.Edges {
		s.around[e[0]], s.around[e[1]] = append(s.around[e[0]], e[1]), append(s.around[e[1]], e[0])
	}
	for u := range n {
		slices.Sort(s.around[u])
		s.weight[u] = 1
		if mean {
			s.weight[u] = 1 / float64(len(s.around[u]))
		}
	}
	return s
}

// workspace holds the matrices of a pair, kept from pair to pair.
type workspace struct{ s, t, spare []float64 }

func (w *workspace) size(n int) {
	for _, p := range []*[]float64{&w.s, &w.t, &w.spare} {
		if cap(*p) < n {
			*p = make([]float64, n)
		}
		*p = (*p)[:n]
	}
}

// pair is the kernel of two graphs.
func (k Kernel) pair(ctx context.Context, a, b *side, work *workspace) (float64, error) {
	last := 0.0
	err := k.run(ctx, a, b, work, nil, func(_ int, v float64) { last = v })
	return last, err
}

// run goes through the blocks. before, if not nil, sees S ahead of each layer; after sees the kernel of
// 0, 1, ..., k.Blocks blocks.
func (k Kernel) run(ctx context.Context, a, b *side, work *workspace, before func(s []float64), after func(blocks int, v float64)) error {
	work.size(a.n * b.n)
	s, t, spare := work.s, work.t, work.spare
	for u, h := range a.features {
		for v, g := range b.features {
			s[u*b.n+v] = floats.Dot(h, g)
		}
	}
	copy(t, s)
	read := func() float64 {
		if k.NNGP {
			return floats.Sum(s)
		}
		return floats.Sum(t)
	}
	total := read()
	after(0, total)
	layer := 0
	for block := 1; block <= k.Blocks; block++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		aggregate(s, spare, a, b)
		aggregate(t, spare, a, b)
		for range k.Layers {
			if before != nil {
				before(s)
			}
			step(s, t, a.variance[layer], b.variance[layer], a == b)
			layer++
		}
		if k.Jumping {
			total += read()
		} else {
			total = read()
		}
		after(block, total)
	}
	return nil
}

// aggregate replaces m by Ã·m·Ã'ᵀ.
func aggregate(m, spare []float64, a, b *side) {
	for u := range a.n { // rows: spare = Ã·m
		row := spare[u*b.n : (u+1)*b.n]
		clear(row)
		for _, v := range a.around[u] {
			floats.Add(row, m[v*b.n:(v+1)*b.n])
		}
		floats.Scale(a.weight[u], row)
	}
	for u := range a.n { // columns
		from, to := spare[u*b.n:(u+1)*b.n], m[u*b.n:(u+1)*b.n]
		for v := range to {
			sum := 0.0
			for _, w := range b.around[v] {
				sum += from[w]
			}
			to[v] = b.weight[v] * sum
		}
	}
}

// parallel is the distance of ρ from 1 below which two vectors count as parallel. S is a sum over
// neighbours, whose rounding depends on the order of the nodes; near ρ = 1 an error ε of ρ is one of
// √(2ε) in the angle, and nodes that have seen the same would differ in the eighth digit.
const parallel = 1e-14

// step is one fully-connected layer: S ← √(s·s')·κ₁(ρ), T ← T·κ₀(ρ) + S.
func step(s, t, left, right []float64, same bool) {
	n := len(right)
	for u, va := range left {
		for v, vb := range right {
			i := u*n + v
			product := va * vb
			if product == 0 {
				s[i], t[i] = 0, 0 // a node whose sum vanishes sends nothing on
				continue
			}
			root := math.Sqrt(product)
			rho := s[i] / root
			if same && u == v || rho >= 1-parallel {
				s[i] = root // κ₀ = κ₁ = 1
				t[i] += root
				continue
			}
			rho = max(rho, -1)
			angle := math.Acos(rho)
			s[i] = root * (math.Sqrt((1-rho)*(1+rho)) + rho*(math.Pi-angle)) / math.Pi
			t[i] = t[i]*(math.Pi-angle)/math.Pi + s[i]
		}
	}
}
