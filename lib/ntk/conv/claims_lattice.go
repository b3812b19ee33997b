package conv

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// goldenAccuracy holds accuracies on the last 500 digits, computed independently; NaN where none is
// known. Index [n][row][depth of 1, 2, 3, 5], rows FC-NTK, V-NTK, GAP-NTK, GAP-NNGP.
var goldenAccuracy = map[int][4][4]float64{
	50:  {{.818, .818, .818, .806}, {.812, .816, .810, .810}, {.856, .932, .940, .934}, {.864, .924, .948, .946}},
	100: {{math.NaN(), math.NaN(), math.NaN(), math.NaN()}, {math.NaN(), math.NaN(), math.NaN(), math.NaN()}, {.884, .952, .956, .950}, {math.NaN(), math.NaN(), math.NaN(), math.NaN()}},
	200: {{math.NaN(), math.NaN(), math.NaN(), math.NaN()}, {.878, .874, .874, .866}, {.922, .950, .940, .926}, {math.NaN(), math.NaN(), math.NaN(), math.NaN()}},
}

// goldenRange holds lowest and highest accuracy over the depths where only they are known, for FC and V.
var goldenRange = map[int][2][2]float64{
	100: {{.848, .858}, {.848, .858}},
	200: {{.860, .864}, {.866, .878}},
}

// goldenRows are the cells of the rows of goldenAccuracy.
var goldenRows = []struct {
	family Family
	nngp   bool
}{{FC, false}, {V, false}, {GAP, false}, {GAP, true}}

// border is the tolerance of an accuracy: two of 500 digits may lie on the border between two classes.
var border = claim.Because(.004, "two of 500 digits on the border")

// study says how the small-data experiment is run, what is looked at as the convolutional kernel with
// and without pooling, and from which depth on pooling is said to help.
type study struct {
	lattice       LatticeConfig
	plain, pooled Family
	from          int
	shuffle       bool
}

func experimentClaims() []claim.Claim {
	small := LatticeConfig{Train: []int{50}}
	return []claim.Claim{{
		ID: "9.E3", Kind: claim.Experiment, Title: "Convolutional kernels on few examples", Ref: "Section 9.5",
		Statement: `From 50 digits the CNTK with global average pooling, of two layers or more, classifies at least seven points better than the fully-connected NTK, and convolution without pooling does not help, its accuracy being within a point of the fully-connected one: what helps is that the kernel compares patches wherever they are.`,
		Source:    "conv.RunLattice, conv.FigureLattice",
		Check:     checkOf(study{plain: V, pooled: GAP, from: 2}, checkStudy),
		Alternatives: []claim.Alternative{
			{Name: "the kernel without pooling in the place of the one with", Check: checkOf(study{plain: V, pooled: V, from: 2}, checkStudy)},
			{Name: "the kernel with pooling in the place of the one without", Check: checkOf(study{plain: GAP, pooled: GAP, from: 2}, checkStudy)},
			{Name: "seven points from one layer on", Check: checkOf(study{plain: V, pooled: GAP, from: 1}, checkStudy)},
			{Name: "images whose pixels are permuted alike", Check: checkOf(study{lattice: small, plain: V, pooled: GAP, from: 2, shuffle: true}, checkStudy)},
		},
	}}
}

func checkStudy(ctx context.Context, env claim.Env, v study) (*claim.Finding, error) {
	cfg := v.lattice
	cfg.Progress = env.Progress
	if v.shuffle {
		cfg.Shuffle = rng.Stream(env.Seed, "pixels").Perm(64)
	}
	r, err := lattices.Get(ctx, nil, cfg)
	if err != nil {
		return nil, err
	}
	f := &claim.Finding{}
	accuracies(r, f)
	for _, n := range r.Config.Train {
		for _, depth := range r.Config.Depths {
			fc, pooled := r.At(FC, false, depth, n), r.At(v.pooled, false, depth, n)
			if depth >= v.from && n <= 50 {
				f.Add(claim.Above(fmt.Sprintf("accuracy of GAP-NTK less that of FC-NTK, L = %d, n = %d", depth, n), .07, pooled.Accuracy()-fc.Accuracy(), claim.Exact))
			}
		}
	}
	for _, depth := range r.Config.Depths {
		fc, plain, pooled := r.At(FC, false, depth, 50), r.At(v.plain, false, depth, 50), r.At(GAP, false, depth, 50)
		f.Add(claim.Below(fmt.Sprintf("accuracy of V-NTK less that of FC-NTK either way, L = %d, n = 50", depth), .01, math.Abs(plain.Accuracy()-fc.Accuracy()), claim.Exact))
		f.Note("n = 50, L = %d: FC %.3f, V %.3f, GAP %.3f [%.3f, %.3f]; right by one alone, GAP against FC: %v.", depth, fc.Accuracy(), plain.Accuracy(), pooled.Accuracy(), pooled.Low, pooled.High, r.Compare(pooled, fc))
	}
	f.Note("From 200 digits V comes to be ahead of FC, by .002 to .018; that training size takes 12 s and is compared with its golden values by TestPaperLattice.")
	f.Note("A single test set of 500 digits by writers that the training set does not hold; an accuracy near .9 has a standard error of .013.")
	fig := FigureLattice(r)
	f.Figure = &fig
	return f, nil
}

// accuracies compares with what was computed independently.
func accuracies(r *Lattice, f *claim.Finding) {
	for _, n := range r.Config.Train {
		golden, known := goldenAccuracy[n]
		if !known || r.Config.Test != 500 {
			continue
		}
		for row, g := range goldenRows {
			for k, depth := range []int{1, 2, 3, 5} {
				c := r.At(g.family, g.nngp, depth, n)
				if c == nil {
					continue
				}
				if want := golden[row][k]; !math.IsNaN(want) {
					f.Add(claim.Equals("accuracy of "+c.Name(), want, c.Accuracy(), border))
				}
			}
		}
		if span, ok := goldenRange[n]; ok {
			for row, family := range []Family{FC, V} {
				low, high := extremes(r, family, n)
				f.Add(claim.Equals(fmt.Sprintf("lowest accuracy of %s-NTK over depths, n = %d", family, n), span[row][0], low, border),
					claim.Equals(fmt.Sprintf("highest accuracy of %s-NTK over depths, n = %d", family, n), span[row][1], high, border))
			}
		}
	}
}

// extremes returns the lowest and the highest accuracy of a family's NTK over the depths.
func extremes(r *Lattice, family Family, n int) (low, high float64) {
	low = 1
	for _, depth := range r.Config.Depths {
		a := r.At(family, false, depth, n).Accuracy()
		low, high = min(low, a), max(high, a)
	}
	return low, high
}

// ablation says which family is better than the others, from which depth on, and how p is computed.
type ablation struct {
	better Family
	from   int
	p      func(m McNemar) float64
}

func latticeClaims() []claim.Claim {
	exact := func(m McNemar) float64 { return m.P }
	return []claim.Claim{{
		ID: "9.+/lattice", Kind: claim.Experiment, Title: "What makes a convolutional kernel good", Ref: "Section 9.5",
		Statement: `On the same test digits, at every training size and every depth from 2 on, pooling is what separates the kernels: GAP beats FC and V with $p<10^{-3}$ in McNemar's exact test, for NTK and NNGP alike, while neither V against FC nor NTK against NNGP, in any of the three families, differs at $p<0.05$ after Bonferroni's correction for 45 tests.`,
		Source:    "conv.RunLattice, conv.NewMcNemar",
		Check:     checkOf(ablation{GAP, 2, exact}, checkLattice),
		Alternatives: []claim.Alternative{
			{Name: "V in the place of GAP", Check: checkOf(ablation{V, 2, exact}, checkLattice)},
			{Name: "from depth 1 on", Check: checkOf(ablation{GAP, 1, exact}, checkLattice)},
			{Name: "a one-sided p-value", Check: checkOf(ablation{GAP, 2, func(m McNemar) float64 { return m.P / 2 }}, checkLattice)},
		},
	}}
}

func checkLattice(ctx context.Context, env claim.Env, v ablation) (*claim.Finding, error) {
	r, err := lattices.Get(ctx, nil, LatticeConfig{Progress: env.Progress})
	if err != nil {
		return nil, err
	}
	f := &claim.Finding{}
	// The test itself, against counts that can be enumerated by hand.
	for _, g := range []struct {
		one, two int
		p        float64
	}{{0, 0, 1}, {1, 0, 1}, {5, 0, 2. / 32}, {1, 9, 22. / 1024}, {3, 3, 1}, {2, 10, 158. / 4096}} {
		m := NewMcNemar(g.one, g.two)
		f.Add(claim.Equals(fmt.Sprintf("p-value of %d against %d, by counting outcomes", g.one, g.two), g.p, min(1, v.p(m)), claim.Rounding(1, 256)))
	}
	others := []Family{FC, V, GAP} // all but the better one
	others = slices.DeleteFunc(others, func(o Family) bool { return o == v.better })
	type pair struct{ a, b *Cell }
	var alike []pair // said not to differ
	for _, n := range r.Config.Train {
		for _, depth := range r.Config.Depths {
			if depth < v.from {
				continue
			}
			for _, nngp := range []bool{false, true} {
				better := r.At(v.better, nngp, depth, n)
				for _, o := range others {
					worse := r.At(o, nngp, depth, n)
					f.Add(claim.Below(fmt.Sprintf("McNemar's p, %s against %s", better.Name(), worse.Name()), 1e-3, v.p(r.Compare(better, worse)), claim.Exact),
						claim.Above(fmt.Sprintf("accuracy of %s less that of %s", better.Name(), worse.Name()), .05, better.Accuracy()-worse.Accuracy(), claim.Exact))
				}
				alike = append(alike, pair{r.At(others[0], nngp, depth, n), r.At(others[1], nngp, depth, n)})
			}
			for _, family := range Families() {
				alike = append(alike, pair{r.At(family, false, depth, n), r.At(family, true, depth, n)})
			}
		}
	}
	least := 1.
	for _, c := range alike {
		p := v.p(r.Compare(c.a, c.b))
		least = min(least, p)
		f.Add(claim.Above(fmt.Sprintf("McNemar's p, %s against %s", c.a.Name(), c.b.Name()), .05/float64(len(alike)), p, claim.Exact))
	}
	f.Note("The smallest p of the %d tests that are said to find nothing is %.3f: none is below 0.05 even without the correction.", len(alike), least)
	f.Note("No difference found is not the same as none: 500 digits show a difference of two classifiers that disagree on 20 of them from 15 to 5 on.")
	fig := FigureLattice(r)
	f.Figure = &fig
	return f, nil
}
