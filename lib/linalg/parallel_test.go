package linalg

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestParallel(t *testing.T) {
	for _, c := range []struct {
		name     string
		n, grain int
	}{
		{"no work", 0, 4},
		{"one block", 3, 8},
		{"a short last block", 101, 8},
		{"the default grain", 40, 0},
		{"one index a block", 17, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			hits := make([]int32, c.n)
			err := Parallel(t.Context(), c.n, c.grain, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					atomic.AddInt32(&hits[i], 1)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, h := range hits {
				if h != 1 {
					t.Errorf("index %d was visited %d times", i, h)
				}
			}
		})
	}
	t.Run("a negative n is an error", func(t *testing.T) {
		if err := Parallel(t.Context(), -1, 1, nil); err == nil {
			t.Error("no error")
		}
	})
	t.Run("a context stops it", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var blocks atomic.Int32
		err := Parallel(ctx, 1000, 1, func(lo, hi int) { blocks.Add(1); cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want context.Canceled", err)
		}
		if blocks.Load() > 100 {
			t.Errorf("%d of 1000 blocks ran after the cancel", blocks.Load())
		}
	})
	t.Run("a panic reaches the caller", func(t *testing.T) {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("recovered %v, want boom", r)
			}
		}()
		_ = Parallel(t.Context(), 100, 1, func(lo, hi int) {
			if lo == 7 {
				panic("boom")
			}
		})
		t.Error("no panic")
	})
}

func TestFillSym(t *testing.T) {
	hilbert := func(i int, row []float64) {
		for k := range row {
			row[k] = 1 / float64(2*i+k+1) // 1/(i+j+1), j = i+k
		}
	}
	a, err := FillSym(t.Context(), 70, hilbert)
	if err != nil {
		t.Fatal(err)
	}
	raw := a.RawSymmetric().Data
	for i := range 70 {
		for j := range 70 {
			if got, want := raw[i*70+j], 1/float64(i+j+1); got != want {
				t.Fatalf("entry (%d,%d) = %g, want %g", i, j, got, want)
			}
		}
	}
	if _, err := FillSym(t.Context(), 0, hilbert); err == nil {
		t.Error("n=0: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := FillSym(ctx, 5, hilbert); !errors.Is(err, context.Canceled) {
		t.Errorf("done context: err = %v", err)
	}
}

func TestGram(t *testing.T) {
	for _, c := range []struct {
		name string
		n, d int
	}{
		{"one row", 1, 3},
		{"one column", 5, 1},
		{"smaller than a tile", 20, 7},
		{"not a multiple of the tile", 100, 65},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := gaussian(c.n, c.d, 3)
			g, err := Gram(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			var want mat.Dense
			want.Mul(x, x.T())
			// d additions of products of size ~1: rounding d·eps·|entry|
			if d := maxDiff(g, &want); d > 1e-12 {
				t.Errorf("differs from X·Xᵀ by %g", d)
			}
			cross, err := CrossGram(t.Context(), x, x)
			if err != nil {
				t.Fatal(err)
			}
			if d := maxDiff(g, cross); d != 0 {
				t.Errorf("Gram and CrossGram differ by %g", d)
			}
			raw := g.RawSymmetric().Data
			for i := range c.n {
				for j := range i {
					if raw[i*c.n+j] != raw[j*c.n+i] {
						t.Fatalf("lower (%d,%d) is not the mirror of the upper", i, j)
					}
				}
			}
		})
	}
	t.Run("a view with a wider stride", func(t *testing.T) {
		big := gaussian(40, 20, 5)
		view := big.Slice(3, 30, 2, 11).(*mat.Dense)
		g, err := Gram(t.Context(), view)
		if err != nil {
			t.Fatal(err)
		}
		var want mat.Dense
		want.Mul(view, view.T())
		if d := maxDiff(g, &want); d > 1e-13 {
			t.Errorf("differs by %g", d)
		}
	})
	t.Run("bad input", func(t *testing.T) {
		bad := gaussian(4, 3, 1)
		bad.Set(2, 1, math.NaN())
		_, err := Gram(t.Context(), bad)
		var nf *NonFiniteError
		if !errors.As(err, &nf) || nf.Row != 2 || nf.Col != 1 {
			t.Errorf("NaN: err = %v, want a NonFiniteError at (2,1)", err)
		}
		if _, err := Gram(t.Context(), &mat.Dense{}); err == nil {
			t.Error("empty: no error")
		}
		if _, err := CrossGram(t.Context(), gaussian(2, 3, 1), gaussian(2, 4, 1)); err == nil {
			t.Error("widths 3 and 4: no error")
		}
	})
	t.Run("the same for any GOMAXPROCS", func(t *testing.T) {
		x := gaussian(150, 33, 9)
		one, many := atProcs(func() *mat.SymDense {
			g, err := Gram(t.Context(), x)
			if err != nil {
				t.Error(err)
			}
			return g
		})
		if d := maxDiff(one, many); d != 0 {
			t.Errorf("differs by %g", d)
		}
	})
}

func BenchmarkGram2000x64(b *testing.B) {
	x := gaussian(2000, 64, 1)
	for b.Loop() {
		if _, err := Gram(b.Context(), x); err != nil {
			b.Fatal(err)
		}
	}
}
