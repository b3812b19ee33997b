package conv

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Every figure of the grid is sound, and all of one explorer have the same panels.
func TestExplorers(t *testing.T) {
	for _, e := range []figure.Explorer{ExploreConv(), ExploreLattice()} {
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
		if testing.Short() && e.ID == "9.+/lattice" {
			continue // 10 s of one processor
		}
		panels := 0
		for k := range e.Grid() {
			f, err := e.Draw(context.Background(), e.Index(k))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Validate(); err != nil {
				t.Error(err)
			}
			if panels == 0 {
				panels = len(f.Panels)
			}
			if len(f.Panels) != panels || f.Caption == "" {
				t.Errorf("%s at %v: %d panels, want %d; caption %q", e.ID, e.Index(k), len(f.Panels), panels, f.Caption)
			}
		}
	}
}

// What the map of a digit and its copy one pixel to the right is there to show: pooling finds it, the
// largest displacement is that of the copy, and without pooling the middle alone is read.
func TestMapShowsTheMove(t *testing.T) {
	e := ExploreConv()
	f, err := e.Draw(context.Background(), e.Index(e.Default()))
	if err != nil {
		t.Fatal(err)
	}
	z := f.Panels[3].Layers[0].Z
	best, at, total := 0.0, [2]int{}, 0.0
	for i, row := range z {
		for j, v := range row {
			if total += v; v > best {
				best, at = v, [2]int{i - 7, j - 7}
			}
		}
	}
	if at != [2]int{0, 1} {
		t.Errorf("the largest displacement is %v rows and columns, want 0 and 1", at)
	}
	x, err := pairOfDigits(1, -1)
	if err != nil {
		t.Fatal(err)
	}
	k := Kernel{Depth: 2, Pool: true}
	m, err := k.Map(context.Background(), x, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	moved := 0.0 // the largest displacement's share of the kernel, entry by entry
	for p := range 64 {
		if p%8 < 7 {
			moved += m.At(p, p+1) / (64 * 64)
		}
	}
	if best != 1 {
		t.Errorf("the largest displacement is drawn as %g, want 1", best)
	}
	var cosines [2]float64
	for i, pool := range []bool{true, false} {
		g, err := Kernel{Depth: 2, Pool: pool}.Gram(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		// Entries are rounded to three digits, 225 of them.
		if pool && math.Abs(total*moved-g.At(0, 1)) > .002*g.At(0, 1) {
			t.Errorf("displacements sum to %g, the kernel is %g", total*moved, g.At(0, 1))
		}
		cosines[i] = cosine(g.At(0, 0), g.At(0, 1), g.At(1, 1))
	}
	if cosines[0] < .99 || cosines[1] > .8 {
		t.Errorf("cosines of a digit with its copy: %.3f pooled, %.3f not", cosines[0], cosines[1])
	}
	if !strings.Contains(f.Caption, "0.999") {
		t.Errorf("the caption does not tell the cosine: %s", f.Caption)
	}
	off := e.Index(e.Default())
	off["pool"] = 0
	if f, err = e.Draw(context.Background(), off); err != nil {
		t.Fatal(err)
	}
	for i, row := range f.Panels[3].Layers[0].Z {
		for j, v := range row {
			if (v != 0) != (i == 7 && j == 7) {
				t.Errorf("without pooling, displacement (%d,%d) contributes %g", i-7, j-7, v)
			}
		}
	}
}

// The captions of the ablation come from the lattice itself.
func TestLatticeCaptions(t *testing.T) {
	r, err := RunLattice(context.Background(), smallLattice())
	if err != nil {
		t.Fatal(err)
	}
	f, err := latticeAt(r, 30, 2, true)
	if err != nil {
		t.Fatal(err)
	}
	gap := r.At(GAP, true, 2, 30)
	for _, want := range []string{interval(gap), r.Compare(gap, r.At(FC, true, 2, 30)).String(), "40 digits"} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("%q is not in the caption %q", want, f.Caption)
		}
	}
	if y := f.Panels[0].Layers[2].Y[0]; y != gap.Accuracy() {
		t.Errorf("GAP is drawn at %g, want %g", y, gap.Accuracy())
	}
	if _, err := latticeAt(r, 31, 2, true); err == nil || !strings.Contains(err.Error(), "n = 31") {
		t.Errorf("a training size off the grid: %v", err)
	}
}
