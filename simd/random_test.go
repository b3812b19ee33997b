package simd_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"
)

// A random program is made of GoMLX's own functions, with the gradient of the sum of its last values
// in all its inputs: the seed says everything, so that it can be built again on another backend and
// in another type. Values stay of order one (what grows goes through tanh), so that a difference of
// two backends is a mistake and not a matter of condition.
type random struct {
	*rand.Rand
	values []*Node
	slices bool // GoMLX's Go backend has no gradient of a slice
	trace  []string
	gaps   []*Node // how near each choice (Max, Min, Where, ReduceMax) came to another result
}

// choose moves y, so that it is seldom just x, and notes the distance of the two, between which an
// operation chooses.
func (r *random) choose(x, y *Node) (*Node, *Node) {
	y = AddScalar(MulScalar(y, .9), r.NormFloat64()/3)
	r.gaps = append(r.gaps, ReduceAllMin(Abs(Sub(x, y))))
	return x, y
}

// pick returns a value made so far, later ones more often and scalars rarely.
func (r *random) pick() *Node {
	n := len(r.values)
	var x *Node
	for range 4 {
		if x = r.values[n-1-min(r.IntN(n), r.IntN(n))]; x.Rank() > 0 {
			break
		}
	}
	return x
}

// fit returns a value of the shape of x: one that there is, or one reduced and broadcast to it.
func (r *random) fit(x *Node) *Node {
	for range 4 {
		if y := r.pick(); y.Shape().Equal(x.Shape()) {
			return y
		}
	}
	y := r.pick()
	switch rank := x.Rank(); {
	case rank == 0 || r.IntN(3) == 0:
		return BroadcastToShape(ReduceAllMean(y), x.Shape())
	default: // a vector along one axis of x
		axis := r.IntN(rank)
		flat := Reshape(y, -1)
		n := x.Shape().Dim(axis)
		for flat.Shape().Dim(0) < n {
			flat = Concatenate([]*Node{flat, flat}, 0)
		}
		if r.slices {
			flat = Slice(flat, AxisRange(0, n))
		} else {
			flat = Gather(flat, Iota(x.Graph(), shapes.Make(dtypes.Int32, n, 1), 0))
		}
		dims := make([]int, rank)
		for i := range dims {
			dims[i] = 1
		}
		dims[axis] = n
		return BroadcastToShape(Reshape(flat, dims...), x.Shape())
	}
}

// axis returns an axis of x, which has some.
func (r *random) axis(x *Node) int { return r.IntN(x.Rank()) }

// step appends one operation.
func (r *random) step() {
	x := r.pick()
	kinds := 24
	if x.Rank() == 0 {
		kinds = 14
	}
	kind := r.IntN(kinds)
	var y *Node
	switch kind {
	case 0:
		y = Add(x, r.fit(x))
	case 1:
		y = Sub(x, r.fit(x))
	case 2:
		y = Tanh(Mul(x, r.fit(x)))
	case 3:
		y = Div(x, AddScalar(Square(r.fit(x)), .5))
	case 4:
		y = Max(r.choose(x, r.fit(x)))
	case 5:
		y = Min(r.choose(x, r.fit(x)))
	case 6:
		y = Tanh(x)
	case 7:
		y = Log1P(Exp(Tanh(x)))
	case 8:
		y = Sqrt(AddScalar(Square(x), .25))
	case 9:
		y = Logistic(MulScalar(x, 2))
	case 10:
		y = Where(GreaterThan(r.choose(x, r.fit(x))), Sin(x), r.fit(x))
	case 11:
		y = Add(Cos(x), Abs(r.fit(x)))
	case 12:
		y = Neg(Erf(x))
	case 13:
		y = MulScalar(x, r.Float64())
	case 14:
		y = ReduceMean(x, r.axis(x))
	case 15:
		a := r.axis(x)
		x = Add(x, MulScalar(Iota(x.Graph(), x.Shape(), a), r.NormFloat64()/9)) // what was broadcast has ties
		top := ReduceAndKeep(x, ReduceMax, a)
		rest := Where(Equal(x, BroadcastToShape(top, x.Shape())), BroadcastToShape(AddScalar(top, -1), x.Shape()), x)
		second := ReduceAndKeep(rest, ReduceMax, a)
		ties := ReduceAndKeep(ConvertDType(Equal(x, BroadcastToShape(top, x.Shape())), x.DType()), ReduceSum, a)
		r.gaps = append(r.gaps, ReduceAllMin(Where(GreaterThan(ties, OnesLike(ties)), ZerosLike(ties), Sub(top, second))))
		y = Sub(x, top)
	case 16:
		y = Softmax(x, r.axis(x))
	case 17:
		y = Tanh(ReduceSum(Mul(x, r.fit(x)), r.axis(x)))
	case 18:
		axes := r.Perm(x.Rank())
		y = TransposeAllDims(x, axes...)
	case 19:
		a := r.axis(x)
		y = Concatenate([]*Node{x, r.fit(x)}, a)
	case 20:
		if !r.slices {
			y = Sub(ReduceAndKeep(x, ReduceMean, r.axis(x)), x)
			break
		}
		a := r.axis(x)
		n := x.Shape().Dim(a)
		from := r.IntN(n)
		ranges := make([]SliceAxisSpec, x.Rank())
		for i := range ranges {
			ranges[i] = AxisRange()
		}
		ranges[a] = AxisRange(from, from+1+r.IntN(n-from))
		y = Slice(x, ranges...)
	case 21:
		y = Reshape(x, -1, x.Shape().Dim(x.Rank()-1))
	case 22: // a product of matrices with itself or with a value that fits
		m := Reshape(x, -1, x.Shape().Dim(x.Rank()-1))
		n := Reshape(r.fit(x), m.Shape().Dim(0), m.Shape().Dim(1))
		y = Tanh(MulScalar(Dot(m, Transpose(n, 0, 1)), .3))
	case 23: // one batch axis kept
		if x.Rank() < 3 {
			y = Dot(Reshape(x, -1), Reshape(r.fit(x), -1))
			y = Tanh(DivScalar(y, 4))
			break
		}
		y = Tanh(MulScalar(Einsum("bij,bkj->bik", Reshape(x, x.Shape().Dim(0), x.Shape().Dim(1), -1), Reshape(r.fit(x), x.Shape().Dim(0), x.Shape().Dim(1), -1)), .3))
	}
	if y.Shape().Size() > 4000 {
		y = ReduceMean(y, 0)
	}
	if y.Rank() > 4 {
		y = Reshape(y, y.Shape().Dim(0), -1)
	}
	r.values = append(r.values, y)
	r.trace = append(r.trace, fmt.Sprintf("%d %s", kind, y.Shape()))
}

// inputs of every random program, in the given type.
func inputs(seed uint64, dtype dtypes.DType) []any {
	r := rand.New(rand.NewPCG(seed, 1))
	var in []any
	for i := range 1 + r.IntN(3) {
		dims := make([]int, r.IntN(4))
		if i == 0 {
			dims = make([]int, 2+r.IntN(2))
		}
		n := 1
		for i := range dims {
			dims[i] = 1 + r.IntN(9)
			n *= dims[i]
		}
		flat := make([]float64, n)
		for i := range flat {
			flat[i] = r.NormFloat64()
		}
		if dtype == dtypes.Float64 {
			in = append(in, tensors.FromFlatDataAndDimensions(flat, dims...))
			continue
		}
		single := make([]float32, n)
		for i := range flat {
			single[i] = float32(flat[i])
		}
		in = append(in, tensors.FromFlatDataAndDimensions(single, dims...))
	}
	return in
}

// cuts says whether the program of a seed may have slices: every other one.
func cuts(seed uint64) bool { return seed%2 == 1 }

// run builds the program of a seed and returns its outputs, flat and in float64, and the least
// distance of two values that it chose between: where that is as small as rounding, another backend
// may choose the other.
func run(backend backends.Backend, seed uint64, dtype dtypes.DType) (out [][]float64, gap float64, trace []string, err error) {
	exec, err := NewExec(backend, func(in []*Node) []*Node {
		r := &random{Rand: rand.New(rand.NewPCG(seed, 2)), values: append([]*Node{}, in...), slices: cuts(seed)}
		for range 5 + r.IntN(56) {
			r.step()
		}
		trace = r.trace
		loss := ReduceAllSum(Tanh(r.values[len(r.values)-1]))
		for range 2 {
			loss = Add(loss, ReduceAllMean(r.pick()))
		}
		results := append(Gradient(loss, in...), loss, r.values[len(r.values)-1])
		gap := ScalarOne(loss.Graph(), dtype)
		for _, g := range r.gaps {
			gap = Min(gap, g)
		}
		results = append(results, gap)
		for i := range results {
			results[i] = ConvertDType(results[i], dtypes.Float64)
		}
		return results
	})
	if err != nil {
		return nil, 0, nil, err
	}
	defer exec.Finalize()
	results, err := exec.Exec(inputs(seed, dtype)...)
	if err != nil {
		return nil, 0, trace, err
	}
	for _, t := range results {
		var flat []float64
		tensors.MustConstFlatData(t, func(v []float64) { flat = append(flat, v...) })
		out = append(out, flat)
		t.MustFinalizeAll()
	}
	return out[:len(out)-1], out[len(out)-1][0], trace, nil
}

// apart is the largest difference of two results, relative to the larger of 1 and the largest value of
// the same output.
func apart(a, b [][]float64) float64 {
	worst := 0.0
	for i := range a {
		scale := 1.0
		for j := range a[i] {
			scale = max(scale, math.Abs(a[i][j]))
		}
		for j := range a[i] {
			d := math.Abs(a[i][j]-b[i][j]) / scale
			if math.IsNaN(d) {
				return math.Inf(1)
			}
			worst = max(worst, d)
		}
	}
	return worst
}

// checkProgram compares the program of a seed on simd, with and without its passes, with GoMLX's Go
// backend in float64. What is left is rounding, enlarged by the condition of up to 60 operations and
// their gradients. It reports whether anything was compared.
func checkProgram(t *testing.T, set map[string]backends.Backend, seed uint64) (compared bool) {
	t.Helper()
	reference := "go"
	if cuts(seed) {
		reference = "passes off"
	}
	want, gap, trace, err := run(set[reference], seed, dtypes.Float64)
	if err != nil {
		t.Fatalf("seed %d, %s: %v\n%v", seed, reference, err, trace)
	}
	for _, c := range []struct {
		name  string
		dtype dtypes.DType
		gap   float64 // a program that chooses between nearer values is left out
		tol   float64
	}{
		{"passes off", dtypes.Float64, 1e-10, 1e-9},
		{"simd", dtypes.Float64, 1e-10, 1e-9},
		{"simd", dtypes.Float32, 1e-3, 1e-2},
	} {
		if gap < c.gap {
			continue
		}
		compared = true
		got, _, _, err := run(set[c.name], seed, c.dtype)
		if err != nil {
			t.Fatalf("seed %d, %s, %s: %v\n%v", seed, c.name, c.dtype, err, trace)
		}
		if d := apart(want, got); d > c.tol {
			t.Errorf("seed %d, %s, %s: differs by %g, at most %g is rounding\n%v", seed, c.name, c.dtype, d, c.tol, trace)
		}
	}
	return compared
}

func openAll(t testing.TB) map[string]backends.Backend {
	set := map[string]backends.Backend{}
	for name, config := range map[string]string{"go": "go:ops_sequential", "simd": "simd", "passes off": "simd:passes=off"} {
		b, err := backends.NewWithConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Finalize)
		set[name] = b
	}
	return set
}

func TestRandomPrograms(t *testing.T) {
	set := openAll(t)
	n := uint64(400)
	if testing.Short() {
		n = 60
	}
	left := 0
	for seed := range n {
		if !checkProgram(t, set, seed) {
			left++
		}
	}
	if left > int(n)/2 {
		t.Errorf("%d of %d programs were left out for choosing between near values: that is no test", left, n)
	}
}

func FuzzRandomPrograms(f *testing.F) {
	set := openAll(f)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkProgram(t, set, seed) })
}
