package simd_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// A structure is a random program of products, sums, windows, convolutions and what moves elements
// between them, on whole numbers so small that every order of additions is exact. Each value is
// computed twice: by the backend, and here by its definition. Half of the programs of floats have
// infinities and NaN among their inputs.
type structure struct {
	*sampler
	b      backends.Builder
	t      dtypes.DType
	rare   int // one input of so many is infinite or NaN; 0 for none
	ops    []backends.Op
	values []array
	params []array
	trace  []string
}

const (
	structureLimit = 3000 // elements
	largest        = 50   // of floats and parts of complex numbers: 50²·3000 < 2^24
)

// push adds a value of size and elements within the limits.
func (p *structure) push(op backends.Op, err error, v array, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if err != nil {
		panic(fmt.Errorf("%s of %q: %w", what, p.trace, err))
	}
	for _, x := range v.v {
		large := func(f float64) bool { return math.Abs(f) > largest && !math.IsInf(f, 0) }
		if large(x.f) || large(real(x.c)) || large(imag(x.c)) {
			return
		}
	}
	p.ops, p.values = append(p.ops, op), append(p.values, v)
	p.trace = append(p.trace, fmt.Sprintf("%d: %s %s", len(p.ops)-1, what, v))
}

// fresh adds a parameter.
func (p *structure) fresh(dims ...int) int {
	x := build(p.t, dims, func([]int) val {
		k := float64(p.IntN(5) - 2)
		v := val{f: k, c: complex(k, float64(p.IntN(3)-1))}
		switch {
		case p.t.IsInt():
			v = val{i: wrap(p.t, big.NewInt(int64(k)))}
		case p.t.IsComplex():
			v.f = 0
		case p.rare > 0 && p.IntN(p.rare) == 0:
			v = val{f: []float64{math.Inf(1), math.Inf(-1), math.NaN()}[p.IntN(3)]}
		}
		if p.t.IsFloat() {
			v.c = 0
		}
		return v
	})
	op, err := p.b.Parameter(fmt.Sprint("p", len(p.params)), x.shape(), nil)
	p.params = append(p.params, x)
	p.push(op, err, x, "parameter")
	return len(p.ops) - 1
}

func (p *structure) pick() int {
	n := len(p.ops)
	return n - 1 - min(p.IntN(n), p.IntN(n))
}

// mate returns a value of the dimensions of value i: one that there is, one broadcast along some of
// its axes, or a new parameter.
func (p *structure) mate(i int) int {
	dims := p.values[i].dims
	for range 6 {
		if j := p.pick(); slices.Equal(p.values[j].dims, dims) {
			return j
		}
	}
	var axes, of []int
	for a, d := range dims {
		if p.IntN(3) > 0 {
			axes, of = append(axes, a), append(of, d)
		}
	}
	return p.spread(p.fresh(of...), dims, axes)
}

// spread broadcasts value i, whose axes become the given ones.
func (p *structure) spread(i int, dims, axes []int) int {
	x := p.values[i]
	want := build(p.t, dims, func(idx []int) val {
		at := make([]int, len(axes))
		for k, a := range axes {
			at[k] = idx[a]
		}
		return x.at(at)
	})
	op, err := p.b.BroadcastInDim(p.ops[i], want.shape(), axes)
	p.push(op, err, want, "Broadcast(%d at %v)", i, axes)
	return len(p.ops) - 1
}

// step adds an operation.
func (p *structure) step() {
	i := p.pick()
	x, op := p.values[i], p.ops[i]
	rank := len(x.dims)
	if sizeOf(x.dims) > structureLimit/4 {
		return // large enough
	}
	switch p.IntN(12) {
	case 0, 1, 2: // mostly products, to be summed
		j := p.mate(i)
		y := p.values[j]
		name, f, def := "Mul", p.b.Mul, products.step
		switch p.IntN(4) {
		case 0:
			name, f, def = "Add", p.b.Add, sums.step
		case 1:
			name, f, def = "Sub", p.b.Sub, func(t dtypes.DType, a, x val) val {
				if t.IsInt() {
					return val{i: wrap(t, new(big.Int).Sub(a.i, x.i))}
				}
				return val{f: a.f - x.f, c: a.c - x.c}
			}
		}
		r, err := f(op, p.ops[j])
		p.push(r, err, build(p.t, x.dims, func(idx []int) val { return def(p.t, x.at(idx), y.at(idx)) }), "%s(%d, %d)", name, i, j)
	case 3, 4, 5:
		var axes, kept []int
		for a := range rank {
			if p.IntN(2) == 0 {
				axes = append(axes, a)
			} else {
				kept = append(kept, a)
			}
		}
		if len(axes) == 0 {
			return
		}
		want, _ := sums.reduce(x, axes)
		r, err := p.b.ReduceSum(op, axes...)
		n := len(p.ops)
		if p.push(r, err, want, "Sum(%d over %v)", i, axes); len(p.ops) > n && p.IntN(2) == 0 {
			p.spread(n, x.dims, kept)
		}
	case 6:
		perm := p.Perm(rank)
		to := make([]int, rank)
		for k, a := range perm {
			to[k] = x.dims[a]
		}
		r, err := p.b.Transpose(op, perm...)
		p.push(r, err, build(p.t, to, func(idx []int) val {
			at := make([]int, rank)
			for k, a := range perm {
				at[a] = idx[k]
			}
			return x.at(at)
		}), "Transpose(%d, %v)", i, perm)
	case 7:
		p.dot(i)
	case 8:
		p.window(i)
	case 9:
		p.convolution(i)
	case 10, 11:
		p.cut(i)
	}
}

// dot adds a product with a value or a new parameter that shares some axes.
func (p *structure) dot(i int) {
	x := p.values[i]
	var lc, lb, rc, rb, dims []int
	for a, d := range x.dims {
		switch p.IntN(3) {
		case 0:
			lc, rc, dims = append(lc, a), append(rc, len(dims)), append(dims, d)
		case 1:
			lb, rb, dims = append(lb, a), append(rb, len(dims)), append(dims, d)
		}
	}
	for range p.IntN(3) {
		dims = append(dims, 1+p.IntN(4))
	}
	j := p.fresh(dims...)
	for k := range p.ops {
		if slices.Equal(p.values[k].dims, dims) {
			j = k
		}
	}
	want, _ := product(x, p.values[j], lc, lb, rc, rb)
	r, err := p.b.DotGeneral(p.ops[i], lc, lb, p.ops[j], rc, rb)
	p.push(r, err, want, "Dot(%d over %v, batch %v; %d over %v, batch %v)", i, lc, lb, j, rc, rb)
}

// window adds a sum or an extreme of windows.
func (p *structure) window(i int) {
	x := p.values[i]
	kind, def := backends.ReduceOpSum, sums
	if !p.t.IsComplex() {
		switch p.IntN(3) {
		case 0:
			kind, def = backends.ReduceOpMax, maxima
		case 1:
			kind, def = backends.ReduceOpMin, minima
		}
	}
	w := randomWindow(p.sampler, x.dims, p.IntN(2) == 0)
	if sizeOf(w.places) > structureLimit {
		return
	}
	base, dilation, paddings := w.base, w.dilation, w.paddings
	want := build(p.t, w.places, func(place []int) val {
		acc := def.start(p.t)
		w.under(x.dims, place, func(idx []int) { acc = def.step(p.t, acc, x.at(idx)) })
		return acc
	})
	r, err := p.b.ReduceWindow(p.ops[i], kind, w.size, w.strides, base, dilation, paddings)
	p.push(r, err, want, "Window(%d, %v, %+v)", i, kind, w)
}

// convolution adds one of value i, read as axes in any order, with a new kernel. With an infinite
// kernel the zeros of padding count, and those between elements may, so that there it has neither.
func (p *structure) convolution(i int) {
	x := p.values[i]
	rank := len(x.dims)
	if rank < 2 {
		return
	}
	axes := func() (int, int, []int) { q := p.Perm(rank); return q[0], q[1], q[2:] }
	var a backends.ConvolveAxesConfig
	a.InputBatch, a.InputChannels, a.InputSpatial = axes()
	a.KernelInputChannels, a.KernelOutputChannels, a.KernelSpatial = axes()
	a.OutputBatch, a.OutputChannels, a.OutputSpatial = axes()
	kd, od := make([]int, rank), make([]int, rank)
	groups := 1
	if c := x.dims[a.InputChannels]; c > 0 && c%2 == 0 && p.IntN(2) == 0 {
		groups = 2
	}
	kd[a.KernelInputChannels], kd[a.KernelOutputChannels] = x.dims[a.InputChannels]/groups, groups*(1+p.IntN(3))
	od[a.OutputBatch], od[a.OutputChannels] = x.dims[a.InputBatch], kd[a.KernelOutputChannels]
	var strides, base, dilation []int
	var paddings [][2]int
	for k, axis := range a.InputSpatial {
		stride, hole, spread, pad := 1+p.IntN(2), 1+p.IntN(2), 1+p.IntN(2), [2]int{p.IntN(3), p.IntN(3)}
		if p.rare > 0 {
			hole, pad = 1, [2]int{}
		}
		taps := 1 + p.IntN(3)
		room := pad[0] + pad[1] + max(0, (x.dims[axis]-1)*hole+1) - ((taps-1)*spread + 1)
		if room < 0 {
			return
		}
		kd[a.KernelSpatial[k]], od[a.OutputSpatial[k]] = taps, room/stride+1
		strides, base, dilation, paddings = append(strides, stride), append(base, hole), append(dilation, spread), append(paddings, pad)
	}
	if sizeOf(od) > structureLimit || sizeOf(od)*sizeOf(kd) > 30*structureLimit {
		return
	}
	j := p.fresh(kd...)
	want, _ := convolve(x, p.values[j], a, od, strides, paddings, base, dilation, groups, 1)
	r, err := p.b.ConvGeneral(p.ops[i], p.ops[j], a, strides, paddings, base, dilation, groups, 1)
	p.push(r, err, want, "Conv(%d, %d, %+v, strides %v, paddings %v, dilations %v %v, groups %d)", i, j, a, strides, paddings, base, dilation, groups)
}

// cut adds a Slice or a Pad with zeros.
func (p *structure) cut(i int) {
	x := p.values[i]
	rank := len(x.dims)
	to := make([]int, rank)
	if p.IntN(2) == 0 {
		starts, strides := make([]int, rank), make([]int, rank)
		for k, d := range x.dims {
			starts[k], strides[k] = p.IntN(min(2, d+1)), 1+p.IntN(2)
			to[k] = (d - starts[k] + strides[k] - 1) / strides[k]
		}
		r, err := p.b.Slice(p.ops[i], starts, slices.Clone(x.dims), strides)
		p.push(r, err, build(p.t, to, func(idx []int) val {
			at := make([]int, rank)
			for k := range at {
				at[k] = starts[k] + idx[k]*strides[k]
			}
			return x.at(at)
		}), "Slice(%d from %v by %v)", i, starts, strides)
		return
	}
	zero := build(p.t, nil, func([]int) val { return sums.start(p.t) })
	fill, err := p.b.Constant(zero.flat())
	if err != nil {
		panic(err)
	}
	pads := make([]backends.PadAxis, rank)
	for k, d := range x.dims {
		pads[k] = backends.PadAxis{Start: p.IntN(3), End: p.IntN(2), Interior: p.IntN(2) * p.IntN(2)}
		to[k] = pads[k].Start + pads[k].End + d + max(0, d-1)*pads[k].Interior
	}
	if sizeOf(to) > structureLimit {
		return
	}
	r, err := p.b.Pad(p.ops[i], fill, pads...)
	p.push(r, err, build(p.t, to, func(idx []int) val {
		at := make([]int, rank)
		for k, a := range pads {
			j := idx[k] - a.Start
			if j < 0 || j%(a.Interior+1) != 0 || j/(a.Interior+1) >= x.dims[k] {
				return zero.v[0]
			}
			at[k] = j / (a.Interior + 1)
		}
		return x.at(at)
	}), "Pad(%d, %v)", i, pads)
}

// draw builds the program of a seed and returns it with the numbers of the values to be returned.
func (p *structure) draw(b backends.Builder, seed uint64) (outs []int) {
	*p = structure{sampler: &sampler{rand.New(rand.NewPCG(seed, 99)), false}, b: b}
	p.t = numberTypes[p.IntN(len(numberTypes))]
	if p.IntN(2) == 0 {
		p.t = []dtypes.DType{dtypes.Float32, dtypes.Float64}[p.IntN(2)]
	}
	if p.t.IsFloat() && p.IntN(2) == 0 {
		p.rare = 25
	}
	sizes := []int{1, 2, 3, 4, 5, 8, 9, 17, 0}
	dims := make([]int, 2+p.IntN(3))
	for i := range dims {
		dims[i] = sizes[p.IntN(len(sizes)-p.IntN(2))]
	}
	if sizeOf(dims) > structureLimit/4 {
		dims = dims[:2]
	}
	p.fresh(dims...)
	for range 4 + p.IntN(14) {
		p.step()
	}
	outs = []int{len(p.ops) - 1}
	for range p.IntN(3) {
		outs = append(outs, p.pick())
	}
	return outs
}

// checkStructure compares the program of a seed with its definition.
func checkStructure(t *testing.T, seed uint64) {
	t.Helper()
	for _, config := range []string{"passes=off", "parallelism=1", "parallelism=3"} {
		var p structure
		got, want, err := p.execute(backend(config), seed)
		if err != nil {
			t.Errorf("seed %d, %s: %v\n%q", seed, config, err, p.trace)
			return
		}
		for i := range got {
			if p.rare > 0 && config != "passes=off" {
				// A sum is taken before the multiplication by what it does not depend on: ∞·1+∞·0 is NaN,
				// ∞·(1+0) is not.
				for k, v := range want[i].v {
					if math.IsNaN(v.f) {
						got[i].v[k].f = v.f
					}
				}
			}
			if d := differ(got[i], want[i], tolerance{}); d != "" {
				t.Errorf("seed %d, %s, result %d: %s\n%q", seed, config, i, d, p.trace)
				return
			}
		}
	}
}

// execute builds, compiles and runs the program of a seed.
func (p *structure) execute(b backends.Backend, seed uint64) (got, want []array, err error) {
	builder := b.Builder("structure")
	outs := p.draw(builder, seed)
	var ops []backends.Op
	for _, o := range outs {
		ops, want = append(ops, p.ops[o]), append(want, p.values[o])
	}
	e, err := builder.Compile(ops, nil)
	if err != nil {
		return nil, nil, err
	}
	defer e.Finalize()
	var in []backends.Buffer
	donated := make([]bool, len(p.params))
	for i, a := range p.params {
		buf, err := b.BufferFromFlatData(0, a.flat(), a.shape())
		if err != nil {
			return nil, nil, err
		}
		in = append(in, buf)
		donated[i] = true
	}
	results, err := e.Execute(in, donated, 0)
	if err != nil {
		return nil, nil, err
	}
	for i, buf := range results {
		flat, err := b.BufferData(buf)
		if err != nil {
			return nil, nil, err
		}
		got = append(got, read(e.Outputs()[i], flat))
		if err := b.BufferFinalize(buf); err != nil {
			return nil, nil, err
		}
	}
	return got, want, nil
}

func TestStructures(t *testing.T) {
	n := uint64(600)
	if testing.Short() {
		n = 100
	}
	for seed := range n {
		checkStructure(t, seed)
	}
}

func FuzzStructures(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkStructure)
}
