package loop

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

const f32 = dtypes.Float32

// builder writes programs down.
type builder struct{ Program }

func (b *builder) in(strides ...int) int {
	if len(b.Instrs) > 0 {
		panic("inputs come first")
	}
	b.Inputs = append(b.Inputs, Input{f32, strides})
	return len(b.Inputs) - 1
}

func (b *builder) do(op backends.OpType, args ...int) int {
	b.Instrs = append(b.Instrs, Instr{op, f32, args})
	return len(b.Inputs) + len(b.Instrs) - 1
}

func (b *builder) out(v int, strides ...int) {
	b.Outputs = append(b.Outputs, Output{Value: v, Strides: strides})
}

func (b *builder) sum(v int, over []bool, strides ...int) {
	b.Outputs = append(b.Outputs, Output{Value: v, Strides: strides, Reduce: backends.OpTypeReduceSum, Over: over})
}

const (
	add   = backends.OpTypeAdd
	sub   = backends.OpTypeSub
	mul   = backends.OpTypeMul
	div   = backends.OpTypeDiv
	exp   = backends.OpTypeExp
	tanh  = backends.OpTypeTanh
	rsqrt = backends.OpTypeRsqrt
	sumOp = backends.OpTypeReduceSum
	maxOp = backends.OpTypeReduceMax
)

// tanhChain is tanh(a·b + exp(a)).
func tanhChain(n int) Program {
	b := &builder{Program{Dims: []int{n}}}
	x, y := b.in(1), b.in(1)
	b.out(b.do(tanh, b.do(add, b.do(mul, x, y), b.do(exp, x))), 1)
	return b.Program
}

func softmax(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	x := b.in(c, 1)
	e := b.do(exp, b.do(sub, x, b.do(maxOp, x)))
	b.out(b.do(div, e, b.do(sumOp, e)), c, 1)
	return b.Program
}

// softmaxGradient is (v - Σ v·y)·y.
func softmaxGradient(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	y, v := b.in(c, 1), b.in(c, 1)
	s := b.do(sumOp, b.do(mul, v, y))
	b.out(b.do(mul, b.do(sub, v, s), y), c, 1)
	return b.Program
}

func layerNorm(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	x, gain, bias, inv, eps := b.in(c, 1), b.in(0, 1), b.in(0, 1), b.in(0, 0), b.in(0, 0)
	d := b.do(sub, x, b.do(mul, b.do(sumOp, x), inv))
	s := b.do(rsqrt, b.do(add, b.do(mul, b.do(sumOp, b.do(mul, d, d)), inv), eps))
	b.out(b.do(add, b.do(mul, b.do(mul, d, s), gain), bias), c, 1)
	return b.Program
}

// layerNormGradient gives the gradients of x, gain and bias from x, its rows' means and reciprocal
// deviations, and v.
func layerNormGradient(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	x, v, gain, mean, s, inv := b.in(c, 1), b.in(c, 1), b.in(0, 1), b.in(1, 0), b.in(1, 0), b.in(0, 0)
	h := b.do(mul, b.do(sub, x, mean), s)
	g := b.do(mul, v, gain)
	m1 := b.do(mul, b.do(sumOp, g), inv)
	m2 := b.do(mul, b.do(sumOp, b.do(mul, g, h)), inv)
	b.out(b.do(mul, b.do(sub, b.do(sub, g, m1), b.do(mul, h, m2)), s), c, 1)
	over := []bool{true, false}
	b.sum(b.do(mul, v, h), over, 0, 1)
	b.sum(v, over, 0, 1)
	return b.Program
}

// softmaxBoth is softmax and its gradient, as a graph's rewriting leaves them.
func softmaxBoth(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	x, v, one := b.in(c, 1), b.in(c, 1), b.in(0, 0)
	e := b.do(exp, b.do(sub, x, b.do(maxOp, x)))
	s := b.do(sumOp, e)
	b.out(b.do(div, e, s), c, 1)
	g := b.do(div, v, s)
	t := b.do(sumOp, b.do(mul, v, b.do(mul, e, b.do(div, one, b.do(mul, s, s)))))
	b.out(b.do(mul, b.do(add, g, b.do(backends.OpTypeNeg, t)), e), c, 1)
	return b.Program
}

// layerNormBoth is layer normalisation and its gradients, as a graph's rewriting leaves them.
func layerNormBoth(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	x, inv, eps, gain, bias, v := b.in(c, 1), b.in(0, 0), b.in(0, 0), b.in(0, 1), b.in(0, 1), b.in(c, 1)
	one, half, minus := b.in(0, 0), b.in(0, 0), b.in(0, 0)
	d := b.do(sub, x, b.do(mul, b.do(sumOp, x), inv))
	dev := b.do(backends.OpTypeSqrt, b.do(add, b.do(mul, b.do(sumOp, b.do(mul, d, d)), inv), eps))
	h := b.do(div, d, dev)
	b.out(b.do(add, b.do(mul, h, gain), bias), c, 1)
	g := b.do(mul, v, gain)
	over := []bool{true, false}
	b.sum(v, over, 0, 1)
	b.sum(b.do(mul, v, h), over, 0, 1)
	t := b.do(sumOp, b.do(mul, g, b.do(mul, d, b.do(div, one, b.do(mul, dev, dev)))))
	u := b.do(mul, b.do(backends.OpTypeNeg, t), b.do(mul, b.do(div, one, dev), half))
	w := b.do(mul, b.do(mul, u, inv), d)
	y := b.do(add, b.do(add, b.do(div, g, dev), w), w)
	b.out(b.do(add, y, b.do(mul, b.do(sumOp, y), minus)), c, 1)
	return b.Program
}

// adam is a step of Adam: new moments and parameters in place of the old ones.
func adam(n int) Program {
	b := &builder{Program{Dims: []int{n}}}
	p, m, v, g := b.in(1), b.in(1), b.in(1), b.in(1)
	b1, c1, b2, c2, rate, eps := b.in(0), b.in(0), b.in(0), b.in(0), b.in(0), b.in(0)
	m1 := b.do(add, b.do(mul, m, b1), b.do(mul, g, c1))
	v1 := b.do(add, b.do(mul, v, b2), b.do(mul, b.do(mul, g, g), c2))
	step := b.do(div, b.do(mul, m1, rate), b.do(add, b.do(backends.OpTypeSqrt, v1), eps))
	b.out(b.do(sub, p, step), 1)
	b.out(m1, 1)
	b.out(v1, 1)
	return b.Program
}

// biasAdd stores x + b and the column sums of x.
func biasAdd(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	x, bias := b.in(c, 1), b.in(0, 1)
	b.out(b.do(add, x, bias), c, 1)
	b.sum(x, []bool{true, false}, 0, 1)
	return b.Program
}

func columnSums(r, c int) Program {
	b := &builder{Program{Dims: []int{r, c}}}
	b.sum(b.in(c, 1), []bool{true, false}, 0, 1)
	return b.Program
}

func fullSum(n int) Program {
	b := &builder{Program{Dims: []int{n}}}
	b.out(b.do(sumOp, b.in(1)), 0)
	return b.Program
}

// arrays returns memory for a program's operands, inputs near 1.
func arrays(p Program) (in, out []unsafe.Pointer, bytes int64) {
	make_ := func(strides []int) unsafe.Pointer {
		n := 1
		for d, s := range strides {
			n += (p.Dims[d] - 1) * s
		}
		x := make([]float32, n+16)
		for i := range x {
			x[i] = float32(i%17)/16 + 0.1
		}
		bytes += int64(4 * n)
		return unsafe.Pointer(&x[(64-int(uintptr(unsafe.Pointer(&x[0]))&63))/4&15])
	}
	for _, i := range p.Inputs {
		in = append(in, make_(i.Strides))
	}
	for _, o := range p.Outputs {
		out = append(out, make_(o.Strides))
	}
	return in, out, bytes
}

var benchmarks = []struct {
	name string
	p    Program
}{
	{"tiny chain 64", tanhChain(64)},
	{"chain 1M", tanhChain(1 << 20)},
	{"softmax 1024x512", softmax(1024, 512)},
	{"softmax gradient 1024x512", softmaxGradient(1024, 512)},
	{"softmax 128x10", softmax(128, 10)},
	{"softmax 8192x64", softmax(8192, 64)},
	{"layer norm 1024x512", layerNorm(1024, 512)},
	{"layer norm gradient 1024x512", layerNormGradient(1024, 512)},
	{"layer norm gradient 32x512", layerNormGradient(32, 512)},
	{"layer norm 32x512", layerNorm(32, 512)},
	{"layer norm 4096x64", layerNorm(4096, 64)},
	{"layer norm 8192x16", layerNorm(8192, 16)},
	{"layer norm 1024x128", layerNorm(1024, 128)},
	{"layer norm gradient 1024x128", layerNormGradient(1024, 128)},
	{"bias and column sums 1024x512", biasAdd(1024, 512)},
	{"bias and column sums 65536x8", biasAdd(65536, 8)},
	{"column sums 1024x512", columnSums(1024, 512)},
	{"softmax both 1024x512", softmaxBoth(1024, 512)},
	{"softmax both 8x512", softmaxBoth(8, 512)},
	{"layer norm both 1024x512", layerNormBoth(1024, 512)},
	{"layer norm both 8x512", layerNormBoth(8, 512)},
	{"adam 256K", adam(256 << 10)},
	{"full sum 1M", fullSum(1 << 20)},
	{"transposed add 1024x1024", transposedAdd(1024)},
}

// On one thread of an AMD Zen 3 with AVX2 these take, as a share of what PyTorch 1.13 eager takes for
// the same arrays: the chain of 1M 0.2, softmax 0.65 and its gradient 1.3, layer norm 0.75 and its
// gradient 1.5, bias and column sums 1.1 (65536 x 8: 0.3), column sums 0.8, the full sum 1.0, the
// transposed sum 0.2. Those near 1 move as many bytes as the cache beyond the second level gives.
func BenchmarkKernel(b *testing.B) {
	for _, c := range benchmarks {
		for _, width := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d", c.name, width), func(b *testing.B) {
				k, err := Compile(c.p)
				if err != nil {
					b.Fatal(err)
				}
				pool := par.New(width)
				defer pool.Close()
				in, out, bytes := arrays(c.p)
				b.SetBytes(bytes)
				b.ReportAllocs()
				for b.Loop() {
					k.Run(pool, in, out)
				}
				b.ReportMetric(float64(tensor.Size(c.p.Dims))*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
			})
		}
	}
}

// transposedAdd is x + yᵀ.
func transposedAdd(n int) Program {
	b := &builder{Program{Dims: []int{n, n}}}
	x, y := b.in(n, 1), b.in(1, n)
	b.out(b.do(add, x, y), n, 1)
	return b.Program
}

// BenchmarkCompile compiles a program of 17 instructions and three outputs.
func BenchmarkCompile(b *testing.B) {
	p := layerNormGradient(1024, 512)
	for b.Loop() {
		if _, err := Compile(p); err != nil {
			b.Fatal(err)
		}
	}
}
