package conv

import (
	"context"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

// The p-value against a count of outcomes in whole numbers.
func TestMcNemar(t *testing.T) {
	for n := range 60 {
		for b := range n + 1 {
			sum := new(big.Int)
			for k := range min(b, n-b) + 1 {
				sum.Add(sum, new(big.Int).Binomial(int64(n), int64(k)))
			}
			want, _ := new(big.Rat).SetFrac(sum.Lsh(sum, 1), new(big.Int).Lsh(big.NewInt(1), uint(n))).Float64()
			want = min(1, want)
			m := NewMcNemar(b, n-b)
			if math.Abs(m.P-want) > 1e-13*want || m.P != NewMcNemar(n-b, b).P {
				t.Errorf("%d against %d: p = %v, want %v both ways", b, n-b, m.P, want)
			}
		}
	}
	if p := NewMcNemar(0, 2000).P; p != 0 && p > 1e-300 {
		t.Errorf("2000 to 0: p = %g", p)
	}
	defer func() {
		if recover() == nil {
			t.Error("a negative count was taken")
		}
	}()
	NewMcNemar(-1, 2)
}

func smallLattice() LatticeConfig {
	return LatticeConfig{Train: []int{15, 30}, Test: 40, Depths: []int{1, 2}}
}

func TestLattice(t *testing.T) {
	last := 0
	cfg := smallLattice()
	cfg.Progress = func(done, total int) {
		if last = done; total != 30*31/2+30*40 {
			t.Errorf("progress counts to %d", total)
		}
	}
	r, err := RunLattice(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if last != 30*31/2+30*40 || len(r.Cells) != 3*2*2*2 || len(r.Truth) != 40 {
		t.Errorf("progress ended at %d; %d cells, %d test digits", last, len(r.Cells), len(r.Truth))
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		if r.At(c.Family, c.NNGP, c.Depth, c.N) != c || !(c.Low < c.Accuracy() && c.Accuracy() < c.High) {
			t.Errorf("%s: accuracy %g in [%g, %g]", c.Name(), c.Accuracy(), c.Low, c.High)
		}
	}
	// A smaller training size is the leading part of a larger one.
	one := smallLattice()
	one.Train = []int{15}
	alone, err := RunLattice(context.Background(), one)
	if err != nil {
		t.Fatal(err)
	}
	for i := range alone.Cells {
		c := &alone.Cells[i]
		if !reflect.DeepEqual(c.Predicted, r.At(c.Family, c.NNGP, c.Depth, 15).Predicted) {
			t.Errorf("%s: predictions depend on the other sizes", c.Name())
		}
	}
	// Plain data: through JSON and back.
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Lattice
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	back.Config.Progress, r.Config.Progress = nil, nil
	if !reflect.DeepEqual(&back, r) {
		t.Error("JSON changes the result")
	}
	columns, rows := r.Rows()
	for _, row := range rows {
		if len(row) != len(columns) {
			t.Errorf("%d cells for %d columns", len(row), len(columns))
		}
	}
	fig := FigureLattice(r)
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
	gap, fc := r.At(GAP, false, 2, 30), r.At(FC, false, 2, 30)
	m := r.Compare(gap, fc)
	if m.OnlyFirst-m.OnlySecond != gap.Correct-fc.Correct {
		t.Errorf("%v, and %d against %d right", m, gap.Correct, fc.Correct)
	}
}

// Permuting the pixels of all images alike leaves the fully-connected kernel as it is, and no other.
func TestShuffle(t *testing.T) {
	plain, err := RunLattice(context.Background(), smallLattice())
	if err != nil {
		t.Fatal(err)
	}
	cfg := smallLattice()
	cfg.Shuffle = make([]int, 64)
	for p := range cfg.Shuffle {
		cfg.Shuffle[p] = (p*37 + 11) % 64
	}
	mixed, err := RunLattice(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Families() {
		same := reflect.DeepEqual(plain.At(f, false, 2, 30).Predicted, mixed.At(f, false, 2, 30).Predicted)
		if same != (f == FC) {
			t.Errorf("%s: predictions are the same: %v", f, same)
		}
	}
}

func TestLatticeErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		cfg    LatticeConfig
		want   string
	}{
		{"sizes that fall", LatticeConfig{Train: []int{20, 10}}, "training sizes [20 10], want increasing"},
		{"no sizes", LatticeConfig{Train: []int{}}, "no training sizes"},
		{"more than there are", LatticeConfig{Train: []int{1500}}, "from 1 to 1297"},
		{"no layers", LatticeConfig{Depths: []int{0}}, "depths [0]"},
		{"no test digits", LatticeConfig{Test: -1}, "-1 test digits"},
		{"a negative ridge", LatticeConfig{Ridge: -1}, "ridge -1"},
		{"a shuffle with repeats", LatticeConfig{Shuffle: make([]int, 64)}, "want a permutation"},
		{"a shuffle that is short", LatticeConfig{Shuffle: []int{0, 1}}, "want a permutation"},
	} {
		if _, err := RunLattice(context.Background(), c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunLattice(ctx, smallLattice()); err == nil {
		t.Error("a cancelled run ended well")
	}
}

// The table of 50, 100 and 200 digits, to the accuracies computed independently.
func TestPaperLattice(t *testing.T) {
	if testing.Short() {
		t.Skip("three training sizes, 15 s of one processor")
	}
	r, err := RunLattice(context.Background(), LatticePaper())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range r.Config.Train {
		for row, g := range goldenRows {
			for k, depth := range r.Config.Depths {
				want := goldenAccuracy[n][row][k]
				if got := r.At(g.family, g.nngp, depth, n).Accuracy(); !math.IsNaN(want) && math.Abs(got-want) > border.Value {
					t.Errorf("%s: accuracy %.3f, want %.3f", r.At(g.family, g.nngp, depth, n).Name(), got, want)
				}
			}
		}
		for row, family := range []Family{FC, V} {
			span, known := goldenRange[n]
			if low, high := extremes(r, family, n); known && (math.Abs(low-span[row][0]) > border.Value || math.Abs(high-span[row][1]) > border.Value) {
				t.Errorf("%s-NTK, n = %d: accuracies from %.3f to %.3f, want %.3f to %.3f", family, n, low, high, span[row][0], span[row][1])
			}
		}
	}
}
