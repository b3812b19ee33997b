package loop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// A softmax over rows of 3 columns.
func ExampleCompile() {
	k, err := Compile(Program{
		Dims:   []int{2, 3},
		Inputs: []Input{{dtypes.Float32, []int{3, 1}}}, // value 0
		Instrs: []Instr{
			{backends.OpTypeReduceMax, dtypes.Float32, []int{0}}, // 1, a row value
			{backends.OpTypeSub, dtypes.Float32, []int{0, 1}},    // 2
			{backends.OpTypeExp, dtypes.Float32, []int{2}},       // 3
			{backends.OpTypeReduceSum, dtypes.Float32, []int{3}}, // 4
			{backends.OpTypeDiv, dtypes.Float32, []int{3, 4}},    // 5
		},
		Outputs: []Output{{Value: 5, Strides: []int{3, 1}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := []float32{0, 0, 0, 100, 100, float32(math.Inf(-1))}
	y := make([]float32, 6)
	k.Run(nil, []unsafe.Pointer{unsafe.Pointer(&x[0])}, []unsafe.Pointer{unsafe.Pointer(&y[0])})
	fmt.Printf("%.3f\n", y)
	// Output: [0.333 0.333 0.333 0.500 0.500 0.000]
}

func TestCompileErrors(t *testing.T) {
	x := Input{f32, []int{4, 1}}
	store := []Output{{Value: 0, Strides: []int{4, 1}}}
	for _, c := range []struct {
		name string
		p    Program
		want string
	}{
		{"no dimensions", Program{}, "Dims is empty"},
		{"negative extent", Program{Dims: []int{-1}}, "Dims[0]=-1, want 0 or more"},
		{"strides of another rank", Program{Dims: []int{2, 4}, Inputs: []Input{{f32, []int{1}}}}, "input 0 has 1 strides, want one for each of 2 dimensions"},
		{"type without kernels", Program{Dims: []int{1}, Inputs: []Input{{dtypes.InvalidDType, []int{1}}}}, "which no kernel takes"},
		{"operand that comes later", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Instrs: []Instr{{exp, f32, []int{1}}}}, "has operand 1, want a value before it, below 1"},
		{"too few operands", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Instrs: []Instr{{add, f32, []int{0}}}}, "has 1 operands, want 2"},
		{"types that differ", Program{Dims: []int{2, 4}, Inputs: []Input{x, {dtypes.Int32, []int{4, 1}}}, Instrs: []Instr{{add, f32, []int{0, 1}}}}, "operand 1 of type Int32, want Float32"},
		{"operation without kernel", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Instrs: []Instr{{backends.OpTypeBitwiseNot, f32, []int{0}}}}, "has no kernel"},
		{"no outputs", Program{Dims: []int{2, 4}, Inputs: []Input{x}}, "no outputs"},
		{"output that is not a value", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Outputs: []Output{{Value: 3, Strides: []int{4, 1}}}}, "output 0 is value 3, want one below 1"},
		{"places that coincide", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Outputs: []Output{{Value: 0, Strides: []int{0, 1}}}}, "stride 0 in dimension 0 of extent 2"},
		{"columns without a place", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Outputs: []Output{{Value: 0, Strides: []int{1, 0}}}}, "stride 0 in dimension 1 of extent 4"},
		{"stride where it reduces", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Outputs: []Output{{Value: 0, Strides: []int{4, 1}, Reduce: sumOp, Over: []bool{true, false}}}}, "is reduced over dimension 0 and has stride 4 there"},
		{"reduced by something else", Program{Dims: []int{2, 4}, Inputs: []Input{x}, Outputs: []Output{{Value: 0, Strides: []int{0, 1}, Reduce: add, Over: []bool{true, false}}}}, "has no kernel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile(c.p)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	k, err := Compile(Program{Dims: []int{2, 4}, Inputs: []Input{x}, Outputs: store})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "0 inputs and 0 outputs, want 1 and 1") {
			t.Errorf("panic with %v", err)
		}
	}()
	k.Run(nil, nil, nil)
}

// normalise is layer norm by its definition.
func normalise(x []float32, gain, bias []float32, eps float64) []float64 {
	n := float64(len(x))
	var mean, variance float64
	for _, v := range x {
		mean += float64(v) / n
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / n
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (float64(v)-mean)/math.Sqrt(variance+eps)*float64(gain[i]) + float64(bias[i])
	}
	return y
}

func TestRowPrograms(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	r := rand.New(rand.NewPCG(1, 2))
	for _, dims := range [][2]int{{1, 1}, {3, 2}, {7, 10}, {5, 64}, {40, 127}, {9, 128}, {6, 512}, {3, 1000}, {2, 2049}, {2, 5000}, {1, 100_000}} {
		rows, columns := dims[0], dims[1]
		x := make([]float32, rows*columns)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		gain, bias := make([]float32, columns), make([]float32, columns)
		for i := range gain {
			gain[i], bias[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
		}
		y := make([]float32, len(x))
		inv, eps := float32(1/float64(columns)), float32(1e-5)
		pointer := func(x *float32) unsafe.Pointer { return unsafe.Pointer(x) }
		run := func(p Program, in []unsafe.Pointer, out ...unsafe.Pointer) {
			k, err := Compile(p)
			if err != nil {
				t.Fatal(err)
			}
			k.Run(pool, in, out)
		}
		run(layerNorm(rows, columns), []unsafe.Pointer{pointer(&x[0]), pointer(&gain[0]), pointer(&bias[0]), pointer(&inv), pointer(&eps)}, pointer(&y[0]))
		for j := range rows {
			for i, want := range normalise(x[j*columns:(j+1)*columns], gain, bias, float64(eps)) {
				if got := float64(y[j*columns+i]); math.Abs(got-want) > 1e-5*(1+math.Abs(want)) { // some roundings of float32
					t.Fatalf("layer norm %v: [%d,%d] is %g, want %g", dims, j, i, got, want)
				}
			}
		}
		copy(y, x) // in place
		run(softmax(rows, columns), []unsafe.Pointer{pointer(&y[0])}, pointer(&y[0]))
		for j := range rows {
			top, sum := math.Inf(-1), 0.0
			for _, v := range x[j*columns : (j+1)*columns] {
				top = max(top, float64(v))
			}
			for _, v := range x[j*columns : (j+1)*columns] {
				sum += math.Exp(float64(v) - top)
			}
			for i, v := range x[j*columns : (j+1)*columns] {
				want := math.Exp(float64(v)-top) / sum
				if got := float64(y[j*columns+i]); math.Abs(got-want) > 2e-6*want { // exp, the sum and the quotient
					t.Fatalf("softmax %v: [%d,%d] is %g, want %g", dims, j, i, got, want)
				}
			}
		}
	}
}

// TestSums holds sums of many positive numbers to an error that grows with the logarithm of their
// number, and to the same bits for every pool.
func TestSums(t *testing.T) {
	const ulp = 0x1p-24
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		name string
		rows int
		cols int
		p    func(r, c int) Program
	}{
		{"a long vector", 1, 3_000_000, func(_, n int) Program { return fullSum(n) }},
		{"many rows of few columns", 500_000, 3, columnSums},
		{"many rows of many columns", 20_000, 130, columnSums},
		{"one column", 1_000_000, 1, columnSums},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := c.rows * c.cols
			x := make([]float32, n)
			for i := range x {
				x[i] = r.Float32()
			}
			k, err := Compile(c.p(c.rows, c.cols))
			if err != nil {
				t.Fatal(err)
			}
			width := c.cols
			if c.rows == 1 {
				width = 1
			}
			want := make([]float64, width)
			for i, v := range x {
				want[i%width] += float64(v)
			}
			var first []float32
			for w := 1; w <= 5; w += 2 {
				pool := par.New(w)
				got := make([]float32, width)
				k.Run(pool, []unsafe.Pointer{unsafe.Pointer(&x[0])}, []unsafe.Pointer{unsafe.Pointer(&got[0])})
				pool.Close()
				if first == nil {
					first = got
				}
				bound := ulp * 2 * math.Log2(float64(n/width))
				for i := range got {
					if e := math.Abs(float64(got[i])-want[i]) / want[i]; e > bound {
						t.Fatalf("sum %d has relative error %g, want at most %g", i, e, bound)
					}
					if math.Float32bits(got[i]) != math.Float32bits(first[i]) {
						t.Fatalf("pool of %d: sum %d is %g, with one goroutine %g", w, i, got[i], first[i])
					}
				}
			}
		})
	}
}

// TestSwap writes each of two arrays with the other.
func TestSwap(t *testing.T) {
	for _, n := range []int{1, 7, 5000} {
		k, err := Compile(Program{
			Dims:    []int{n},
			Inputs:  []Input{{f32, []int{1}}, {f32, []int{1}}},
			Outputs: []Output{{Value: 1, Strides: []int{1}}, {Value: 0, Strides: []int{1}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		x, y := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], y[i] = float32(i), -float32(i)
		}
		p := []unsafe.Pointer{unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0])}
		k.Run(nil, p, p)
		for i := range x {
			if x[i] != -float32(i) || y[i] != float32(i) {
				t.Fatalf("n=%d: [%d] is %g and %g, want %d and %d", n, i, x[i], y[i], -i, i)
			}
		}
	}
}

// TestConcurrent runs one kernel on many goroutines that share a pool.
func TestConcurrent(t *testing.T) {
	p := layerNormGradient(300, 200)
	k, err := compile(p, tuning{block: 64, short: 16, piece: 1000})
	if err != nil {
		t.Fatal(err)
	}
	pool := par.New(3)
	defer pool.Close()
	in, want, _ := arrays(p)
	k.Run(nil, in, want)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, out, _ := arrays(p)
			for range 5 {
				k.Run(pool, in, out)
			}
			for i, o := range p.Outputs {
				n := (p.Dims[0]-1)*o.Strides[0] + p.Dims[1]
				for j := range n {
					if got, want := unsafe.Slice((*float32)(out[i]), n)[j], unsafe.Slice((*float32)(want[i]), n)[j]; got != want {
						t.Errorf("output %d: [%d] is %g, want %g", i, j, got, want)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// underRace is set in tests with the race detector.
var underRace bool

func TestRunAllocatesNothing(t *testing.T) {
	if underRace {
		t.Skip("pools lose what they hold under the race detector")
	}
	for _, p := range []Program{tanhChain(64), softmax(8, 32), layerNormGradient(16, 32), columnSums(64, 8)} {
		k, err := Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		in, out, _ := arrays(p)
		if n := testing.AllocsPerRun(200, func() { k.Run(nil, in, out) }); n > 0.1 {
			t.Errorf("%v: %g allocations a run, want 0", p.Dims, n)
		}
	}
}
