package conv

import (
	"context"
	"fmt"
	"math"

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

// study says how the small-data experiment is run, and what is looked at as the pooled kernel.
type study struct {
	lattice LatticeConfig
	pooled  Family
	shuffle bool
}

func experimentClaims() []claim.Claim {
	small := LatticeConfig{Train: []int{50}}
	return []claim.Claim{{
		ID: "9.E3", Kind: claim.Experiment, Title: "Convolutional kernels on few examples", Ref: "Section 9.5",
		Statement: `From 50 digits the CNTK with global average pooling, of two layers or more, classifies at least seven points better than the fully-connected NTK, and convolution without pooling does not help: what helps is that the kernel compares patches wherever they are.`,
		Source:    "conv.RunLattice, conv.FigureLattice",
		Check:     checkOf(study{pooled: GAP}, checkStudy),
		Alternatives: []claim.Alternative{
			{Name: "the kernel without pooling in the place of the one with", Check: checkOf(study{pooled: V}, checkStudy)},
			{Name: "images whose pixels are permuted alike", Check: checkOf(study{lattice: small, pooled: GAP, shuffle: true}, checkStudy)},
		},
	}}
}

func checkStudy(ctx context.Context, env claim.Env, v study) (*claim.Finding, error) {
	cfg := v.lattice
	cfg.Progress = env.Progress
	if v.shuffle {
		cfg.Shuffle = rng.Stream(env.Seed, "pixels").Perm(64)
	}
	r, err := lattices.get(ctx, cfg)
	if err != nil {
		return nil, err
	}
	f := &claim.Finding{}
	accuracies(r, f)
	for _, n := range r.Config.Train {
		for _, depth := range r.Config.Depths {
			fc, pooled := r.At(FC, false, depth, n), r.At(v.pooled, false, depth, n)
			if depth >= 2 && n <= 50 {
				f.Add(claim.Above(fmt.Sprintf("accuracy of GAP-NTK less that of FC-NTK, L = %d, n = %d", depth, n), .07, pooled.Accuracy()-fc.Accuracy(), claim.Exact))
			}
		}
	}
	for _, depth := range r.Config.Depths {
		fc, plain, pooled := r.At(FC, false, depth, 50), r.At(V, false, depth, 50), r.At(GAP, false, depth, 50)
		f.Note("n = 50, L = %d: FC %.3f, V %.3f, GAP %.3f [%.3f, %.3f]; right by one alone, GAP against FC: %v.", depth, fc.Accuracy(), plain.Accuracy(), pooled.Accuracy(), pooled.Low, pooled.High, r.Compare(pooled, fc))
	}
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
				} else if span, ok := goldenRange[n]; ok && row < 2 {
					low, high := span[row][0], span[row][1]
					f.Add(claim.Equals("accuracy of "+c.Name(), (low+high)/2, c.Accuracy(), claim.Because((high-low)/2+border.Value, "range over depths, and two of 500 digits on the border")))
				}
			}
		}
	}
}

// ablation says which cells the tests of the lattice compare, and how p is computed.
type ablation struct {
	better, worse Family
	p             func(m McNemar) float64
}

func latticeClaims() []claim.Claim {
	exact := func(m McNemar) float64 { return m.P }
	return []claim.Claim{{
		ID: "9.+/lattice", Kind: claim.Experiment, Title: "What makes a convolutional kernel good", Ref: "Section 9.5",
		Statement: `On the same test digits, at every training size and every depth from 2 on, pooling is what separates the kernels: GAP beats FC and V with $p<10^{-3}$ in McNemar's exact test, for NTK and NNGP alike, while neither V against FC nor NTK against NNGP differs at $p<0.05$ after Bonferroni's correction.`,
		Source:    "conv.RunLattice, conv.NewMcNemar",
		Check:     checkOf(ablation{GAP, FC, exact}, checkLattice),
		Alternatives: []claim.Alternative{
			{Name: "V in the place of GAP", Check: checkOf(ablation{V, FC, exact}, checkLattice)},
			{Name: "GAP in the place of FC, which should not differ from V", Check: checkOf(ablation{GAP, GAP, exact}, checkLattice)},
			{Name: "a one-sided p-value", Check: checkOf(ablation{GAP, FC, func(m McNemar) float64 { return m.P / 2 }}, checkLattice)},
		},
	}}
}

func checkLattice(ctx context.Context, env claim.Env, v ablation) (*claim.Finding, error) {
	r, err := lattices.get(ctx, LatticeConfig{Progress: env.Progress})
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
	comparisons := 2 * len(r.Config.Depths) * len(r.Config.Train)
	same := .05 / float64(comparisons)
	for _, n := range r.Config.Train {
		for _, depth := range r.Config.Depths {
			for _, nngp := range []bool{false, true} {
				better, worse, plain := r.At(v.better, nngp, depth, n), r.At(v.worse, nngp, depth, n), r.At(V, nngp, depth, n)
				if depth >= 2 {
					f.Add(claim.Below(fmt.Sprintf("McNemar's p, %s against %s", better.Name(), worse.Name()), 1e-3, v.p(r.Compare(better, worse)), claim.Exact))
					f.Add(claim.Above(fmt.Sprintf("accuracy of %s less that of %s", better.Name(), plain.Name()), .05, better.Accuracy()-plain.Accuracy(), claim.Exact))
				}
				f.Add(claim.Above(fmt.Sprintf("McNemar's p, %s against %s", plain.Name(), worse.Name()), same, v.p(r.Compare(plain, worse)), claim.Exact))
			}
			a, b := r.At(GAP, false, depth, n), r.At(GAP, true, depth, n)
			f.Add(claim.Above(fmt.Sprintf("McNemar's p, %s against %s", a.Name(), b.Name()), same, v.p(r.Compare(a, b)), claim.Exact))
		}
	}
	f.Note("No difference found is not the same as none: 500 digits show a difference of two classifiers that disagree on 20 of them from 15 to 5 on.")
	fig := FigureLattice(r)
	f.Figure = &fig
	return f, nil
}
