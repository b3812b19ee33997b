package linalg

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// symmetric returns (G+Gᵀ)/2 for a Gaussian n×n matrix G: a spectrum without clusters, so that divide
// and conquer has the most to do.
func symmetric(n int, seed uint64) *mat.SymDense {
	g := gaussian(n, n, seed)
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, (g.At(i, j)+g.At(j, i))/2)
		}
	}
	return a
}

func BenchmarkEigenSym(b *testing.B) {
	for _, n := range []int{256, 1024, 2000} {
		a := symmetric(n, 1)
		b.Run(fmt.Sprintf("vectors/%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := EigenSym(a); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("values/%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := EigenvaluesSym(a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEigenSymGonum is gonum's QL iteration on the same matrices; at 1024 it takes ten seconds.
func BenchmarkEigenSymGonum(b *testing.B) {
	for _, n := range []int{256, 512, 1024} {
		if testing.Short() && n > 512 {
			continue
		}
		a := symmetric(n, 1)
		b.Run(fmt.Sprintf("vectors/%d", n), func(b *testing.B) {
			for b.Loop() {
				var e mat.EigenSym
				if !e.Factorize(a, true) {
					b.Fatal("no convergence")
				}
			}
		})
	}
}
