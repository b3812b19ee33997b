package data

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func TestUnitRows(t *testing.T) {
	for _, c := range []struct {
		name string
		row  []float64
		want []float64 // nil: an error
	}{
		{"3-4-5", []float64{3, -4}, []float64{0.6, -0.8}},
		{"squares that overflow", []float64{3e200, 4e200}, []float64{0.6, 0.8}},
		{"squares that underflow", []float64{3e-200, 4e-200}, []float64{0.6, 0.8}},
		{"subnormal numbers", []float64{3 * 5e-324, 4 * 5e-324}, []float64{0.6, 0.8}},
		{"zero has no direction", []float64{0, 0}, nil},
		{"NaN", []float64{math.NaN(), 1}, nil},
		{"infinity", []float64{math.Inf(1), 1}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := mat.NewDense(2, 2, append([]float64{1, 0}, c.row...))
			u, err := UnitRows(x)
			if c.want == nil {
				if err == nil || !strings.Contains(err.Error(), "row 1") {
					t.Errorf("err = %v, want it to name row 1", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !floats.EqualApprox(u.RawRowView(1), c.want, 1e-15) {
				t.Errorf("got %v, want %v", u.RawRowView(1), c.want)
			}
			if x.At(1, 0) != c.row[0] {
				t.Error("the input was written to")
			}
		})
	}
	if _, err := UnitRows(&mat.Dense{}); err == nil {
		t.Error("empty: no error")
	}
}

func TestStandardise(t *testing.T) {
	x := mat.NewDense(4, 3, []float64{
		1, 0.1, 5,
		2, 0.1, 7,
		3, 0.1, 5,
		4, 0.1, 7,
	})
	s, err := Standardise(x)
	if err != nil {
		t.Fatal(err)
	}
	// Population: the variance of 1,2,3,4 is 5/4, of 5,7,5,7 it is 1; a constant has s.d. 1 by rule.
	if !floats.EqualApprox(s.Mean, []float64{2.5, 0.1, 6}, 1e-15) || !floats.EqualApprox(s.SD, []float64{math.Sqrt(1.25), 1, 1}, 1e-15) {
		t.Errorf("mean %v, s.d. %v", s.Mean, s.SD)
	}
	z, err := s.Apply(x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if z.At(i, 1) != 0 {
			t.Errorf("the constant column became %g, want 0 exactly", z.At(i, 1))
		}
	}
	test, err := s.Apply(mat.NewDense(1, 3, []float64{2.5, 1.1, 8}))
	if err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(test.RawRowView(0), []float64{0, 1, 2}, 1e-15) {
		t.Errorf("test row %v, want it scaled by the training rows", test.RawRowView(0))
	}
	if _, err := s.Apply(mat.NewDense(1, 2, nil)); err == nil {
		t.Error("2 columns: no error")
	}
	if _, err := Standardise(mat.NewDense(2, 1, []float64{math.NaN(), 1})); err == nil {
		t.Error("NaN: no error")
	}
	if _, err := Standardise(&mat.Dense{}); err == nil {
		t.Error("empty: no error")
	}
	b := WithConstant(z, 2)
	if n, d := b.Dims(); n != 4 || d != 4 || b.At(3, 3) != 2 || b.At(3, 0) != z.At(3, 0) {
		t.Errorf("WithConstant: %v", mat.Formatted(b))
	}
}

func TestStratifiedFolds(t *testing.T) {
	for _, c := range []struct {
		name string
		y    []int
		k    int
		want []int
	}{
		{"the k-th of each class goes to fold k mod K", []int{0, 1, 0, 1, 0, 1, 0}, 2, []int{0, 0, 1, 1, 0, 0, 1}},
		{"a class smaller than K", []int{0, 0, 0, 5}, 3, []int{0, 1, 2, 0}},
		{"one class", []int{2, 2, 2}, 3, []int{0, 1, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := StratifiedFolds(c.y, c.k)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
	for name, c := range map[string]struct {
		y []int
		k int
	}{"one fold": {[]int{0, 1}, 1}, "more folds than examples": {[]int{0, 1}, 3}, "an empty fold": {[]int{0, 1, 2}, 2}} {
		if _, err := StratifiedFolds(c.y, c.k); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	a, err := Digits()
	if err != nil {
		t.Fatal(err)
	}
	fold, err := StratifiedFolds(a.Y, 5)
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]bool, a.Len())
	for f := range 5 {
		train, test := SplitFold(fold, f)
		if len(train)+len(test) != a.Len() {
			t.Errorf("fold %d: %d + %d", f, len(train), len(test))
		}
		for _, i := range test {
			if seen[i] {
				t.Fatalf("row %d is tested twice", i)
			}
			seen[i] = true
		}
	}
	if slices.Contains(seen, false) {
		t.Error("a row is never tested")
	}
}

func TestTargets(t *testing.T) {
	m, err := OneHotMinusMean([]int{3, 0}, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if s := floats.Sum(m.RawRowView(i)); math.Abs(s) > 1e-15 {
			t.Errorf("row %d sums to %g, want 0", i, s)
		}
	}
	if m.At(0, 3) != 0.9 || m.At(0, 0) != -0.1 || m.At(1, 0) != 0.9 {
		t.Errorf("%v", mat.Formatted(m))
	}
	if got := Argmax(m); !slices.Equal(got, []int{3, 0}) {
		t.Errorf("Argmax = %v", got)
	}
	if got := Argmax(mat.NewDense(2, 3, []float64{math.NaN(), 1, 1, math.NaN(), math.NaN(), math.NaN()})); !slices.Equal(got, []int{1, 0}) {
		t.Errorf("Argmax with NaN = %v, want [1 0]", got)
	}
	v, err := OneVsRest([]int{1}, 3)
	if err != nil || !slices.Equal(v.RawRowView(0), []float64{-1, 1, -1}) {
		t.Errorf("%v, %v", v, err)
	}
	for _, y := range [][]int{nil, {3}, {-1}} {
		if _, err := OneVsRest(y, 3); err == nil {
			t.Errorf("y=%v: no error", y)
		}
	}
	if _, err := OneHotMinusMean([]int{0}, 1); err == nil {
		t.Error("one class: no error")
	}
}
