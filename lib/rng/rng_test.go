package rng

import (
	"fmt"
	"math"
	"reflect"
	"testing"
)

func TestSplitMixGoldens(t *testing.T) {
	s := NewSplitMix(1)
	for i, want := range []uint64{0x910a2dec89025cc1, 0xbeeb8da1658eec67, 0xf893a2eefb32555e} {
		if got := s.Uint64(); got != want {
			t.Errorf("word %d of seed 1: got %x, want %x", i+1, got, want)
		}
	}
	near := func(name string, got, want []float64) {
		t.Helper()
		for i := range want {
			if math.Abs(got[i]-want[i]) > 5e-9 {
				t.Errorf("%s[%d]: got %.8f, want %.8f", name, i, got[i], want[i])
			}
		}
	}
	s = NewSplitMix(1)
	near("uniforms of seed 1", []float64{s.Float64(), s.Float64(), s.Float64()}, []float64{.56656158, .74578176, .97100275})
	near("normals of seed 1", NewSplitMix(1).Normals(4), []float64{-.03426732, -1.29260853, -2.50006749, .91146659})
	if got, want := NewSplitMix(7).Perm(10), []int{9, 5, 8, 6, 1, 2, 4, 7, 0, 3}; !reflect.DeepEqual(got, want) {
		t.Errorf("permutation of seed 7: got %v, want %v", got, want)
	}
	if got, want := NewSplitMix(77).Perm(1797)[:8], []int{822, 272, 585, 1174, 151, 931, 1747, 891}; !reflect.DeepEqual(got, want) {
		t.Errorf("permutation of seed 77: got %v, want %v", got, want)
	}
	if got, want := NewSplitMix(3).Signs(8), []float64{-1, 1, 1, -1, -1, 1, -1, 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("signs of seed 3: got %v, want %v", got, want)
	}
	five := NewSplitMix(5)
	for i, want := range []int{3, 7, 2, 0, 1, 3} {
		if got := five.IntN(10); got != want {
			t.Errorf("integer %d of seed 5: got %d, want %d", i, got, want)
		}
	}
}

func TestSplitMixMoments(t *testing.T) {
	x := NewSplitMix(1).Normals(100000)
	var m1, m2, m4 float64
	for _, v := range x {
		m1 += v
		m2 += v * v
		m4 += v * v * v * v
	}
	n := float64(len(x))
	m1, m2, m4 = m1/n, m2/n, m4/n
	// Goldens of the portable stream; the tolerance is one unit of their last printed digit.
	if math.Abs(m1+.004147) > 1e-6 || math.Abs(m2-m1*m1-1.002635) > 1e-6 || math.Abs(m4-3.0383) > 2e-3 {
		t.Errorf("mean %.6f, variance %.6f, fourth moment %.4f", m1, m2-m1*m1, m4)
	}
}

func TestStreamsAreIndependentOfEachOther(t *testing.T) {
	a := Stream(0, "init").Uint64()
	if b := Stream(0, "init").Uint64(); a != b {
		t.Error("the same seed and name gave two sequences")
	}
	if Stream(0, "data").Uint64() == a || Stream(1, "init").Uint64() == a {
		t.Error("another name or seed gave the same sequence")
	}
}

func ExampleStream() {
	w := Normals(Stream(42, "init"), 2)
	again := Normals(Stream(42, "init"), 2)
	fmt.Println(w[0] == again[0], w[1] == again[1])
	// Output: true true
}

func ExampleSplitMix() {
	fmt.Printf("%.4f\n", NewSplitMix(1).Normals(2))
	// Output: [-0.0343 -1.2926]
}
