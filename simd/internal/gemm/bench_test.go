package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

func bench(b *testing.B, p Problem, pool *par.Pool) {
	plan, err := New(p)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	x, y, c := newArray(r, p, ofA), newArray(r, p, ofB), newArray(r, p, ofC)
	b.ReportAllocs()
	for b.Loop() {
		plan.Run(pool, x.pointer(), y.pointer(), c.pointer(), nil)
	}
	b.ReportMetric(plan.FLOP()*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkMatrix multiplies row-major matrices [m,k]·[k,n]. Floors, as shares of the peak of one core's
// multiply-adds (two vectors a cycle): 0.9 for squares from 64 on, 0.85 for the others except those with
// ten columns, 0.55.
func BenchmarkMatrix(b *testing.B) {
	pool := par.New(2)
	defer pool.Close()
	run := func(dtype dtypes.DType, m, k, n int) {
		for i, pool := range []*par.Pool{nil, pool} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d/%d", dtype, m, k, n, i+1), func(b *testing.B) {
				bench(b, matrix(dtype, m, n, k, false, false, false), pool)
			})
		}
	}
	for _, n := range []int{2, 16, 64, 128, 256, 512, 1024, 2048} {
		run(dtypes.Float32, n, n, n)
	}
	for _, s := range [][3]int{{64, 784, 256}, {128, 784, 256}, {784, 128, 256}, {1024, 128, 512}, {1024, 512, 128}, {128, 256, 10}} {
		run(dtypes.Float32, s[0], s[1], s[2])
	}
	for _, n := range []int{512, 1024, 2048} {
		run(dtypes.Float64, n, n, n)
	}
}

// BenchmarkShapes has what programs are made of besides: vectors, heads of attention, convolutions.
func BenchmarkShapes(b *testing.B) {
	f := dtypes.Float32
	for _, x := range []struct {
		name string
		p    Problem
	}{
		{"matrix by vector", matrix(f, 1024, 1, 1024, false, false, false)},
		{"vector by matrix", matrix(f, 1, 1024, 1024, false, false, false)},
		{"dot", matrix(f, 1, 1, 4096, false, false, false)},
		{"outer", matrix(f, 512, 512, 1, false, false, false)},
		{"32 of 64x64x64", batched(f, 32, 64, 64, 64)},
		{"64 of 64x32x64", batched(f, 64, 64, 32, 64)},
		{"convolution 3x3, 1 to 16 channels", convolution(f, 64, 30, 1, 16, 1)},
		{"convolution 3x3, 16 to 32 channels, stride 2", convolution(f, 64, 30, 16, 32, 2)},
		{"its filter's gradient", filterGradient(f, 64, 30, 16, 32, 2)},
	} {
		b.Run(x.name, func(b *testing.B) { bench(b, x.p, nil) })
	}
}
