package data

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func TestEmbedded(t *testing.T) {
	for _, c := range []struct {
		name    string
		n, d    int
		counts  []int // spec: class counts
		classes string
		first   []float64 // the first features of the first row
		last    []float64 // the first features of the last row
	}{
		{"digits", 1797, 64, []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, "0 1 2 3 4 5 6 7 8 9", []float64{0, 0, 5, 13}, []float64{0, 0, 10, 14}},
		{"iris", 150, 4, []int{50, 50, 50}, "setosa versicolor virginica", []float64{5.1, 3.5, 1.4, 0.2}, []float64{5.9, 3.0, 5.1, 1.8}},
		{"wine", 178, 13, []int{59, 71, 48}, "class_0 class_1 class_2", []float64{14.23, 1.71}, []float64{14.13, 4.1}},
		{"breast_cancer", 569, 30, []int{212, 357}, "malignant benign", []float64{17.99, 10.38}, []float64{7.76, 24.54}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := Embedded(c.name)
			if err != nil {
				t.Fatal(err)
			}
			if a.Name != c.name || a.Len() != c.n || a.Width() != c.d || len(a.Y) != c.n || len(a.Features) != c.d {
				t.Errorf("%s: %d×%d, %d labels, %d names", a.Name, a.Len(), a.Width(), len(a.Y), len(a.Features))
			}
			if !slices.Equal(a.Counts(), c.counts) {
				t.Errorf("counts %v, want %v", a.Counts(), c.counts)
			}
			if strings.Join(a.Classes, " ") != c.classes {
				t.Errorf("classes %v", a.Classes)
			}
			if got := a.X.RawRowView(0)[:len(c.first)]; !slices.Equal(got, c.first) {
				t.Errorf("first row %v, want %v", got, c.first)
			}
			if got := a.X.RawRowView(c.n - 1)[:len(c.last)]; !slices.Equal(got, c.last) {
				t.Errorf("last row %v, want %v", got, c.last)
			}
			if !strings.Contains(a.Source, "UCI") || !strings.Contains(a.Licence, "CC BY 4.0") {
				t.Errorf("attribution %q, %q", a.Source, a.Licence)
			}
			if s := slices.Clone(a.Features); len(slices.Compact(slices.Sorted(slices.Values(s)))) != c.d {
				t.Error("two features share a name")
			}
			// The copy is the caller's: scaling it leaves the next one alone.
			a.X.Scale(100, a.X)
			a.Y[0] = 99
			a.Classes[0] = "changed"
			b, err := Embedded(c.name)
			if err != nil {
				t.Fatal(err)
			}
			if b.X.At(0, 3) != c.first[min(3, len(c.first)-1)] && len(c.first) > 3 || b.Y[0] == 99 || b.Classes[0] == "changed" {
				t.Error("a caller's change reached the next caller")
			}
		})
	}
	if _, err := Embedded("nothing"); err == nil || !strings.Contains(err.Error(), "breast_cancer") {
		t.Errorf("unknown name: %v", err)
	}
	for _, name := range EmbeddedNames() {
		if _, err := Embedded(name); err != nil {
			t.Error(err)
		}
	}
}

// An altered file must not load, whatever the alteration.
func TestEmbeddedChecksum(t *testing.T) {
	raw, err := files.ReadFile("tables/iris.csv")
	if err != nil {
		t.Fatal(err)
	}
	e := embeddedTable{name: "iris", rows: 150, headed: true, features: make([]string, 4), sum: "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449"}
	if _, err := e.parse(raw); err != nil {
		t.Fatalf("the file itself: %v", err)
	}
	altered := slices.Clone(raw)
	altered[40] ^= 1
	for name, b := range map[string][]byte{"one bit": altered, "cut": raw[:1000], "empty": nil, "longer": append(slices.Clone(raw), '\n')} {
		if _, err := e.parse(b); err == nil || !strings.Contains(err.Error(), "SHA-256") {
			t.Errorf("%s: err = %v, want it to tell of the checksum", name, err)
		}
	}
}

func TestD3v8(t *testing.T) {
	x, y, err := D3v8()
	if err != nil {
		t.Fatal(err)
	}
	n, d := x.Dims()
	if n != 357 || d != 64 || len(y) != 357 {
		t.Fatalf("%d×%d with %d labels, want 357×64", n, d, len(y))
	}
	if got := floats.Sum(y); got != 183-174 {
		t.Errorf("labels sum to %g, want 9: 183 threes are +1, 174 eights -1", got)
	}
	digits, err := Digits()
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for i, c := range digits.Y {
		if c != 3 && c != 8 {
			continue
		}
		if (c == 3) != (y[k] == 1) {
			t.Fatalf("row %d is digit %d with label %g", k, c, y[k])
		}
		row := x.RawRowView(k)
		if math.Abs(floats.Norm(row, 2)-1) > 1e-15 {
			t.Fatalf("row %d has norm %g", k, floats.Norm(row, 2))
		}
		raw := digits.X.RawRowView(i)
		if math.Abs(floats.Dot(row, raw)-floats.Norm(raw, 2)) > 1e-12 {
			t.Fatalf("row %d is not a multiple of digit %d", k, i)
		}
		k++
	}
}

func TestPair(t *testing.T) {
	a, err := Iris()
	if err != nil {
		t.Fatal(err)
	}
	x, y, err := a.Pair(2, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := x.Dims(); n != 100 || y[0] != -1 || y[99] != 1 {
		t.Errorf("n=%d, first label %g, last %g; want 100, -1 (setosa comes first), +1", n, y[0], y[99])
	}
	for _, p := range [][2]int{{0, 0}, {-1, 1}, {0, 3}} {
		if _, _, err := a.Pair(p[0], p[1]); err == nil {
			t.Errorf("Pair(%d,%d): no error", p[0], p[1])
		}
	}
}

func TestSubset(t *testing.T) {
	a, err := Wine()
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.Subset([]int{177, 0})
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 2 || s.X.At(0, 0) != 14.13 || s.X.At(1, 0) != 14.23 || s.Y[0] != 2 || len(s.Classes) != 3 {
		t.Errorf("%v, %v", mat.Formatted(s.X), s.Y)
	}
	for _, rows := range [][]int{nil, {178}, {-1}} {
		if _, err := a.Subset(rows); err == nil {
			t.Errorf("rows %v: no error", rows)
		}
	}
}
