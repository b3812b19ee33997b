package conv

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk"
)

// Family is what a kernel knows of an image.
type Family string

// The families: a fully-connected network sees pixels without places, a convolutional one local
// patches, and with pooling it also forgets where they are.
const (
	FC  Family = "FC"
	V   Family = "V"
	GAP Family = "GAP"
)

// Families lists them in this order.
func Families() []Family { return []Family{FC, V, GAP} }

// LatticeConfig describes the ablation on the UCI digits: every family as NNGP and as NTK, at several
// depths and training sizes. Pixels are divided by 16 and rows are not normalised; the first n digits
// train and the last Test digits are predicted by kernel regression on one-hot codes minus 1/10. No
// random number is drawn. The zero value takes about 7 s of one processor.
type LatticeConfig struct {
	Train  []int   // training sizes, increasing; nil means 25, 50, 100
	Test   int     // last digits to predict; 0 means 500
	Depths []int   // numbers of layers, increasing; nil means 1, 2, 3, 5
	Ridge  float64 // relative to the mean diagonal; 0 means 1e-6

	// Shuffle permutes the pixels of all images alike: column p of an image becomes column Shuffle[p].
	// It takes all meaning from places, and leaves inner products as they are. nil leaves them.
	Shuffle []int

	Progress func(done, total int) `json:"-"` // may be nil; in entries of the kernel matrices
}

// LatticePaper is the table of 50, 100 and 200 training digits, about 15 s of one processor. Expected
// at depth 3: FC .818, .856, .862; V .810, .852, .874; GAP .940, .956, .940.
func LatticePaper() LatticeConfig { return LatticeConfig{Train: []int{50, 100, 200}} }

// Lattice is the result.
type Lattice struct {
	Config LatticeConfig
	Truth  []int  // class of each test digit
	Cells  []Cell // by family, NTK before NNGP, depth, training size
}

// Cell is one corner of the lattice.
type Cell struct {
	Family    Family
	NNGP      bool
	Depth     int
	N         int // training digits
	Predicted []int
	Correct   int
	Low, High float64 // Wilson's 95% interval for the accuracy
}

// Accuracy is the share of test digits that are predicted rightly.
func (c *Cell) Accuracy() float64 { return float64(c.Correct) / float64(len(c.Predicted)) }

// Name reads "GAP-NTK, L = 3, n = 50".
func (c *Cell) Name() string {
	kind := "NTK"
	if c.NNGP {
		kind = "NNGP"
	}
	return fmt.Sprintf("%s-%s, L = %d, n = %d", c.Family, kind, c.Depth, c.N)
}

// withDefaults fills in what the zero value stands for, and refuses what cannot be run on total digits
// of d pixels.
func (c LatticeConfig) withDefaults(total, d int) (LatticeConfig, error) {
	if c.Train == nil {
		c.Train = []int{25, 50, 100}
	}
	if c.Test == 0 {
		c.Test = 500
	}
	if c.Depths == nil {
		c.Depths = []int{1, 2, 3, 5}
	}
	if c.Ridge == 0 {
		c.Ridge = 1e-6
	}
	increasing := func(what string, v []int, most int) error {
		for i, x := range v {
			if x < 1 || x > most || i > 0 && x <= v[i-1] {
				return fmt.Errorf("conv.RunLattice: %s %v, want increasing numbers from 1 to %d", what, v, most)
			}
		}
		if len(v) == 0 {
			return fmt.Errorf("conv.RunLattice: no %s, want at least one", what)
		}
		return nil
	}
	if c.Test < 1 || c.Test >= total {
		return c, fmt.Errorf("conv.RunLattice: %d test digits, want 1 to %d", c.Test, total-1)
	}
	if err := increasing("training sizes", c.Train, total-c.Test); err != nil {
		return c, err
	}
	if err := increasing("depths", c.Depths, 100); err != nil {
		return c, err
	}
	if !(c.Ridge > 0) || math.IsInf(c.Ridge, 0) {
		return c, fmt.Errorf("conv.RunLattice: ridge %g, want a number > 0", c.Ridge)
	}
	if c.Shuffle != nil {
		seen := make([]bool, d)
		for _, p := range c.Shuffle {
			if p < 0 || p >= d || seen[p] || len(c.Shuffle) != d {
				return c, fmt.Errorf("conv.RunLattice: shuffle of %d places, want a permutation of 0 to %d", len(c.Shuffle), d-1)
			}
			seen[p] = true
		}
	}
	return c, nil
}

// RunLattice computes the ablation. All convolutional kernels come from one pass over the pairs of
// images, and smaller training sizes are leading parts of the largest.
func RunLattice(ctx context.Context, cfg LatticeConfig) (*Lattice, error) {
	const fn = "conv.RunLattice"
	images, labels, err := Digits()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	if cfg, err = cfg.withDefaults(images.N, images.H*images.W); err != nil {
		return nil, err
	}
	if cfg.Shuffle != nil {
		images = shuffled(images, cfg.Shuffle)
	}
	most := cfg.Train[len(cfg.Train)-1]
	train, err := images.Slice(0, most)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	test, err := images.Slice(images.N-cfg.Test, images.N)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := &Lattice{Config: cfg, Truth: slices.Clone(labels[images.N-cfg.Test:])}
	grams, crosses, err := latticeKernels(ctx, cfg, train, test)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	k := 0
	for _, family := range Families() {
		for _, nngp := range []bool{false, true} {
			for _, depth := range cfg.Depths {
				for _, n := range cfg.Train {
					c := Cell{Family: family, NNGP: nngp, Depth: depth, N: n}
					if c.Predicted, err = regressCodes(ctx, grams[k], crosses[k], labels[:n], cfg.Ridge); err != nil {
						return nil, fmt.Errorf("%s: %s: %w", fn, c.Name(), err)
					}
					c.Correct = ntk.Correct(c.Predicted, r.Truth)
					c.Low, c.High = claim.Wilson(c.Correct, cfg.Test)
					r.Cells = append(r.Cells, c)
				}
				k++
			}
		}
	}
	return r, nil
}

// QuickLattice returns RunLattice at the zero LatticeConfig, computed once in a process and shared with
// ExploreLattice and the claims: not to be changed.
func QuickLattice(ctx context.Context) (*Lattice, error) {
	return lattices.Get(ctx, nil, LatticeConfig{})
}

// latticeKernels returns the kernels among the training images and from the test images to them, in
// the order of the cells.
func latticeKernels(ctx context.Context, cfg LatticeConfig, train, test *Images) ([]*mat.SymDense, []*mat.Dense, error) {
	var grams []*mat.SymDense
	var crosses []*mat.Dense
	for _, nngp := range []bool{false, true} {
		for _, depth := range cfg.Depths {
			k := ntk.Kernel{Depth: depth, NNGP: nngp}
			g, err := k.GramContext(ctx, train.Rows())
			if err != nil {
				return nil, nil, err
			}
			c, err := k.CrossContext(ctx, test.Rows(), train.Rows())
			if err != nil {
				return nil, nil, err
			}
			grams, crosses = append(grams, g), append(crosses, c)
		}
	}
	var ks []Kernel
	for _, pool := range []bool{false, true} {
		for _, nngp := range []bool{false, true} {
			for _, depth := range cfg.Depths {
				ks = append(ks, Kernel{Depth: depth, Pool: pool, NNGP: nngp})
			}
		}
	}
	first := train.N * (train.N + 1) / 2
	total := first + train.N*test.N
	report := func(before int) func(done, _ int) {
		if cfg.Progress == nil {
			return nil
		}
		return func(done, _ int) { cfg.Progress(before+done, total) }
	}
	g, err := Grams(ctx, ks, train, report(0))
	if err != nil {
		return nil, nil, err
	}
	c, err := Crosses(ctx, ks, test, train, report(first))
	if err != nil {
		return nil, nil, err
	}
	return append(grams, g...), append(crosses, c...), nil
}

// regressCodes classifies by kernel regression on one-hot codes minus 1/10 at the first len(labels)
// training images.
func regressCodes(ctx context.Context, gram *mat.SymDense, cross *mat.Dense, labels []int, ridge float64) ([]int, error) {
	n := len(labels)
	codes, err := data.OneHotMinusMean(labels, 10)
	if err != nil {
		return nil, err
	}
	r, err := Fit(ctx, gram.SliceSym(0, n), codes, ridge)
	if err != nil {
		return nil, err
	}
	m, _ := cross.Dims()
	scores, err := r.Predict(cross.Slice(0, m, 0, n))
	if err != nil {
		return nil, err
	}
	return data.Argmax(scores), nil
}

// shuffled returns the images with their pixels permuted.
func shuffled(s *Images, to []int) *Images {
	out := *s
	out.Data = make([]float64, len(s.Data))
	d := s.H * s.W
	for k, v := range s.Data {
		out.Data[k/d*d+to[k%d]] = v
	}
	return &out
}

// At returns a cell, or nil where the lattice has none.
func (r *Lattice) At(f Family, nngp bool, depth, n int) *Cell {
	for i := range r.Cells {
		if c := &r.Cells[i]; c.Family == f && c.NNGP == nngp && c.Depth == depth && c.N == n {
			return c
		}
	}
	return nil
}

// Compare tests one cell against another on the same test digits.
func (r *Lattice) Compare(first, second *Cell) McNemar {
	var one, two int
	for i, y := range r.Truth {
		a, b := first.Predicted[i] == y, second.Predicted[i] == y
		if a && !b {
			one++
		}
		if b && !a {
			two++
		}
	}
	return NewMcNemar(one, two)
}

// inWords names the families as a table does.
var inWords = map[Family]string{FC: "fully connected", V: "convolution", GAP: "with pooling"}

// Rows returns the lattice as rows for a table of results, one row for each depth and training size:
// accuracies to three decimals, then McNemar's p-values of GAP against FC and of V against FC for the
// NTK, and of NTK against NNGP with pooling, to two digits.
func (r *Lattice) Rows() (columns []string, rows [][]any) {
	columns = []string{"digits $n$", "layers $L$"}
	for _, kind := range []string{"NTK", "NNGP"} {
		for _, f := range Families() {
			columns = append(columns, kind+", "+inWords[f])
		}
	}
	columns = append(columns, "$p$, NTK: pooling against fully connected", "$p$, NTK: convolution against fully connected", "$p$, pooling: NTK against NNGP")
	for _, n := range r.Config.Train {
		for _, depth := range r.Config.Depths {
			row := []any{n, depth}
			for _, nngp := range []bool{false, true} {
				for _, f := range Families() {
					row = append(row, fmt.Sprintf("%.3f", r.At(f, nngp, depth, n).Accuracy()))
				}
			}
			fc, v, gap := r.At(FC, false, depth, n), r.At(V, false, depth, n), r.At(GAP, false, depth, n)
			for _, m := range []McNemar{r.Compare(gap, fc), r.Compare(v, fc), r.Compare(gap, r.At(GAP, true, depth, n))} {
				p, _ := strconv.ParseFloat(fmt.Sprintf("%.1e", m.P), 64) // a table writes all digits that are there
				row = append(row, p)
			}
			rows = append(rows, row)
		}
	}
	return columns, rows
}
