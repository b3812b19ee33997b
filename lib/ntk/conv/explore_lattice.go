package conv

import (
	"context"
	"fmt"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/ntk"
)

// ExploreLattice is the ablation on the digits: the three families at a depth and a training size, as
// NTK or as NNGP, with intervals, McNemar's tests and the curves over depth. The first figure computes
// QuickLattice, about 7 s of one processor; the others read it.
func ExploreLattice() figure.Explorer {
	cfg, err := LatticeConfig{}.withDefaults(1797, 64)
	if err != nil {
		panic(err) // the defaults are constant
	}
	return figure.Explorer{
		ID: "9.+/lattice", Title: "What makes a convolutional kernel good",
		Try: "Change one thing at a time and read the tests: between families, only pooling moves the accuracy by more than chance, from two layers on.",
		Controls: []figure.Control{
			figure.Slide("n", "training digits n", ntk.Floats(cfg.Train)...).From(1),
			figure.Slide("depth", "layers L", ntk.Floats(cfg.Depths)...).From(2),
			figure.Switch("nngp", "random networks (NNGP)"),
		},
		Play: "depth",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			r, err := QuickLattice(ctx)
			if err != nil {
				return figure.Figure{}, err
			}
			return latticeAt(r, at.Int("n"), at.Int("depth"), at.On("nngp"))
		},
	}
}

// latticeAt draws the families at one corner of the lattice, and beside it over depth.
func latticeAt(r *Lattice, n, depth int, nngp bool) (figure.Figure, error) {
	var f figure.Figure
	if !slices.Contains(r.Config.Train, n) || !slices.Contains(r.Config.Depths, depth) {
		return f, fmt.Errorf("conv: no lattice at n = %d, L = %d, want one of %v and one of %v", n, depth, r.Config.Train, r.Config.Depths)
	}
	kind := "NTK"
	if nngp {
		kind = "NNGP"
	}
	fc, v, gap := r.At(FC, nngp, depth, n), r.At(V, nngp, depth, n), r.At(GAP, nngp, depth, n)
	low := latticeFloor(r)
	left := figure.Panel{Title: fmt.Sprintf("%s, L = %d, n = %d", kind, depth, n), X: figure.Axis{Label: "family"}, Y: figure.Axis{Label: "test accuracy"}.Range(low, 1)}
	right := figure.Panel{Title: fmt.Sprintf("%s, n = %d", kind, n), X: depths(r), Y: figure.Axis{Label: "test accuracy"}.Range(low, 1)}
	for series, family := range Families() {
		c := r.At(family, nngp, depth, n)
		left.X.Categories = append(left.X.Categories, string(family))
		left.Layers = append(left.Layers, figure.Points("", series, []float64{float64(series)}, []float64{c.Accuracy()}, []float64{c.Low}, []float64{c.High}))
		var y []float64
		for _, d := range r.Config.Depths {
			y = append(y, r.At(family, nngp, d, n).Accuracy())
		}
		right.Layers = append(right.Layers, figure.Line(string(family), series, count(len(y)), y))
	}
	right.Layers = append(right.Layers, figure.VRule("", float64(slices.Index(r.Config.Depths, depth))))
	against := r.Compare(gap, fc)
	verdict := "pooling makes a difference that chance does not explain"
	if against.P >= .001 {
		verdict = "with so few layers pooling is not surely better"
	}
	f = figure.Figure{
		ID: "9.+.lattice", Title: "Accuracy by family", Panels: []figure.Panel{left, right},
		Alt: fmt.Sprintf("%s of depth %d from %d digits: accuracy %.3f fully connected, %.3f convolutional, %.3f convolutional and pooled, on %d test digits. Beside it the three over depth.", kind, depth, n, fc.Accuracy(), v.Accuracy(), gap.Accuracy(), len(r.Truth)),
		Caption: fmt.Sprintf("FC %s; V %s; GAP %s, with Wilson intervals from %d digits. McNemar's exact tests on the same digits, right by one alone: GAP against FC %v; GAP against V %v; V against FC %v; NTK against NNGP with pooling %v. Here %s.",
			interval(fc), interval(v), interval(gap), len(r.Truth), against, r.Compare(gap, v), r.Compare(v, fc), r.Compare(r.At(GAP, false, depth, n), r.At(GAP, true, depth, n)), verdict),
	}
	return f, nil
}

func interval(c *Cell) string { return fmt.Sprintf("%.3f [%.3f, %.3f]", c.Accuracy(), c.Low, c.High) }
