package ntk

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// On a Gram matrix G = I + 11ᵀ the training matrix is a·I + 11ᵀ, whose inverse is known.
func TestEachFold(t *testing.T) {
	n, ridge := 6, .25
	gram, y, fold := mat.NewSymDense(n, nil), mat.NewDense(n, 1, nil), make([]int, n)
	for i := range n {
		for j := range i {
			gram.SetSym(i, j, 1)
		}
		gram.SetSym(i, i, 2)
		y.Set(i, 0, float64(i*i))
		fold[i] = i % 3
	}
	seen := 0
	err := EachFold(t.Context(), gram, y, fold, 3, ridge, func(f int, test []int, out *mat.Dense) {
		sum := 0.0
		for i := range n {
			if fold[i] != f {
				sum += y.At(i, 0)
			}
		}
		want := sum / (1 + 2*ridge + 4) // 1ᵀ(a·I + 11ᵀ)⁻¹y = Σy/(a + 4), a = 1 + ridge·2
		for row, i := range test {
			seen++
			if fold[i] != f || math.Abs(out.At(row, 0)-want) > 1e-13*want {
				t.Errorf("fold %d, input %d: %g, want %g", f, i, out.At(row, 0), want)
			}
		}
	})
	if err != nil || seen != n {
		t.Errorf("%d inputs, want %d; %v", seen, n, err)
	}
	for _, c := range []struct {
		reason string
		gram   *mat.SymDense
		fold   []int
		want   string
	}{
		{"another number of folds", gram, fold[:5], "folds of 5"},
		{"a fold of nothing", gram, []int{0, 0, 0, 2, 2, 2}, "fold 2: 0 inputs"},
		{"a matrix of zero", mat.NewSymDense(n, nil), fold, "fold 1: the Gram matrix has trace 0"},
	} {
		err := EachFold(t.Context(), c.gram, y, c.fold, 3, ridge, func(int, []int, *mat.Dense) {})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if err := EachFold(done, gram, y, fold, 3, ridge, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a done context: %v", err)
	}
}
