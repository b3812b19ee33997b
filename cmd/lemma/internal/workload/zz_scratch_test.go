package workload_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	_ "github.com/lemma-ml/lemma/simd"
)

func cpu() float64 {
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(unsafe.Pointer(&t)), 0)
	return float64(t.Nano())
}

func norm(dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rand.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(x, dims...)
}

func BenchmarkScratch(b *testing.B) {
	backend, err := backends.NewWithConfig("simd:parallelism=1")
	if err != nil {
		b.Fatal(err)
	}
	const columns = 512
	type prog struct {
		name string
		f    func(in []*Node) []*Node
		in   func(rows int) []any
	}
	for _, p := range []prog{
		{"softmax", func(in []*Node) []*Node {
			y := Softmax(in[0], -1)
			return append(Gradient(ReduceAllSum(Mul(y, in[1])), in[0]), y)
		}, func(rows int) []any { return []any{norm(rows, columns), norm(rows, columns)} }},
		{"layer", func(in []*Node) []*Node {
			x, gain, offset, v := in[0], in[1], in[2], in[3]
			centred := Sub(x, ReduceAndKeep(x, ReduceMean, -1))
			variance := ReduceAndKeep(Square(centred), ReduceMean, -1)
			y := Div(centred, Sqrt(AddScalar(variance, 1e-5)))
			y = Add(Mul(y, ExpandLeftToRank(gain, 2)), ExpandLeftToRank(offset, 2))
			return append(Gradient(ReduceAllSum(Mul(y, v)), x, gain, offset), y)
		}, func(rows int) []any {
			return []any{norm(rows, columns), norm(columns), norm(columns), norm(rows, columns)}
		}},
		{"copy", func(in []*Node) []*Node {
			return []*Node{AddScalar(in[0], 1), AddScalar(in[1], 1)}
		}, func(rows int) []any { return []any{norm(rows, columns), norm(rows, columns)} }},
		{"chain", func(in []*Node) []*Node {
			return []*Node{Tanh(Add(Mul(in[0], in[1]), Exp(in[0])))}
		}, func(rows int) []any { return []any{norm(rows, columns), norm(rows, columns)} }},
	} {
		for _, rows := range []int{16, 64, 256, 1024} {
			b.Run(fmt.Sprintf("%s/%d", p.name, rows), func(b *testing.B) {
				runtime.LockOSThread()
				exec := MustNewExec(backend, p.f)
				in := p.in(rows)
				step := func() {
					for _, t := range exec.MustExec(in...) {
						t.MustFinalizeAll()
					}
				}
				for range 10 {
					step()
				}
				best := math.Inf(1)
				for b.Loop() {
					n := 4096 / rows
					t := cpu()
					for range n {
						step()
					}
					best = min(best, (cpu()-t)/float64(n))
				}
				b.ReportMetric(best/float64(rows), "ns/row")
				b.ReportMetric(best/float64(rows)/float64(columns/8)*3.4, "cycles/vector")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
