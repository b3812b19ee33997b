package ntk

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// practiceClaims are those of section 9.5 that need fully-connected kernels only.
func practiceClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.E1", Kind: claim.Experiment, Title: "NTK on tables of the UCI repository", Ref: "Section 9.5",
			Statement: `Kernel regression with one NTK, of depth 3 with a bias, is within two points of the best of the compared methods on each of four tables, and has the best average rank among seven kernels. Four tables are too few for "NTK beats all".`,
			Source:    "ntk.RunTables, ntk.CrossValidate, ntk.Tables.AverageRank",
			Check:     tables(nil),
			Alternatives: alternatives(tables,
				named[[]Method]{"the linear kernel in the place of the NTK", []Method{
					{Name: "linear"}, {Name: "RBF", RBF: true}, {Name: "NTK 1"}, {Name: "NTK 3"}, {Name: "NTK 5"}, {Name: "NNGP 3"}, {Name: "NTK 3 with bias"}}}),
		},
		{
			ID: "9.O1", Kind: claim.Remark, Title: "The gap between kernels and trained nets", Ref: "Section 9.5",
			Statement:    `Open problem. What can be checked of it on the fully-connected side: depth does not help the NTK on digits (accuracy .818, .818, .818, .806 at $L=1,2,3,5$ from 50 examples), and its predictions do not change when all images are permuted by one permutation of pixels. Such a kernel cannot use locality.`,
			Source:       "ntk.Regress",
			Check:        locality(func(x *mat.Dense) *mat.Dense { return x }),
			Alternatives: alternatives(locality, named[func(*mat.Dense) *mat.Dense]{"a kernel that sees 2×2 blocks of pixels", blockSums}),
		},
	}
}

// references holds what other methods reach under the same protocol, in correct rows, for the
// comparison in 9.E1: a random forest of 300 trees, and the best of support vector machines (C = 10) on
// the linear, RBF and NTK kernels. They are not recomputed.
var references = map[string]struct{ forest, svm int }{
	"iris": {141, 144}, "wine": {174, 175}, "breast_cancer": {546, 556}, "digits": {1757, 1778},
}

func tables(methods []Method) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := RunTables(ctx, TableConfig{Methods: methods}, env.Report)
		if err != nil {
			return nil, err
		}
		golden := map[string][]float64{
			"iris":          {123, 143, 134, 127, 126, 133, 142},
			"wine":          {175, 172, 174, 175, 175, 173, 176},
			"breast_cancer": {549, 551, 551, 554, 554, 554, 555},
			"digits":        {1686, 1768, 1778, 1776, 1774, 1778, 1772},
		}
		const withBias = 6 // one NTK for all tables, so that none is chosen by its test folds
		f := &claim.Finding{}
		for t, name := range r.Names {
			best := max(references[name].forest, references[name].svm)
			for m, s := range r.Scores[t] {
				f.Add(claim.Equals(fmt.Sprintf("%s: correct of %d, %s", name, s.N, r.Config.Methods[m].Name), golden[name][m], float64(s.Correct), claim.Because(1, "one row may lie on the border")))
				best = max(best, s.Correct)
			}
			chosen := r.Scores[t][withBias]
			f.Add(claim.Above(name+": accuracy of the NTK of depth 3 with a bias, against the best method less two points", float64(best)/float64(chosen.N)-.02, chosen.Accuracy(), claim.Exact))
			f.Note("%s: NTK of depth 3 with bias %d of %d, Wilson interval [%.3f, %.3f]; reference random forest %d, best SVM %d.",
				name, chosen.Correct, chosen.N, chosen.Low, chosen.High, references[name].forest, references[name].svm)
		}
		ranks := r.AverageRank()
		f.Add(claim.Below("average rank of the NTK of depth 3 with a bias, against the best of the other kernels",
			floats.Min(ranks[:withBias]), ranks[withBias], claim.Exact))
		list := make([]string, len(ranks))
		for m, rank := range ranks {
			list[m] = fmt.Sprintf("%s %.2f", r.Config.Methods[m].Name, rank)
		}
		f.Note("Average ranks over the four tables, ties shared: %s.", strings.Join(list, ", "))
		f.Note("No neural network is compared here, and the random forest and the SVMs are fixed reference counts.")
		f.Note("Without a bias the NTK loses on iris: four centred columns, and a kernel that is homogeneous cannot separate by distance from the mean. Use Kernel.Bias on tables.")
		fig := FigureTables(r)
		f.Figure = &fig
		return f, nil
	}
}

// blockSums replaces each 8×8 image by its pixels and the sums of its sixteen 2×2 blocks.
func blockSums(x *mat.Dense) *mat.Dense {
	n, _ := x.Dims()
	out := mat.NewDense(n, 80, nil)
	for i := range n {
		src, dst := x.RawRowView(i), out.RawRowView(i)
		copy(dst, src)
		for p, v := range src {
			dst[64+p/16*4+p%8/2] += v
		}
	}
	return out
}

// locality checks accuracies from few digits and invariance under a permutation of pixels, for the
// kernel on the images as seen through view.
func locality(view func(*mat.Dense) *mat.Dense) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t, err := data.Digits()
		if err != nil {
			return nil, err
		}
		x := t.X
		x.Scale(1./16, x)
		n, d := x.Dims()
		shuffled := mat.NewDense(n, d, nil)
		for to, from := range rng.Stream(env.Seed, "pixels").Perm(d) {
			shuffled.SetCol(to, mat.Col(nil, from, x))
		}
		f := &claim.Finding{}
		depths := []int{1, 2, 3, 5}
		for _, g := range []struct {
			n         int
			low, high float64
			golden    []float64
		}{{50, .806, .818, []float64{.818, .818, .818, .806}}, {100, .848, .858, nil}, {200, .860, .864, nil}} {
			for k, depth := range depths {
				score := func(x *mat.Dense) (*mat.Dense, error) {
					v := view(x)
					_, d := v.Dims()
					targets, err := data.OneHotMinusMean(t.Y[:g.n], 10)
					if err != nil {
						return nil, err
					}
					r, err := Regress(ctx, Kernel{Depth: depth}, mat.DenseCopyOf(v.Slice(0, g.n, 0, d)), targets, 1e-6)
					if err != nil {
						return nil, err
					}
					return r.Predict(mat.DenseCopyOf(v.Slice(n-500, n, 0, d)))
				}
				plain, err := score(x)
				if err != nil {
					return nil, err
				}
				accuracy := float64(Correct(data.Argmax(plain), t.Y[n-500:])) / 500
				at := fmt.Sprintf("NTK of depth %d, n = %d: ", depth, g.n)
				if g.golden != nil {
					f.Add(claim.Equals(at+"accuracy on the last 500 digits", g.golden[k], accuracy, claim.Because(.004, "two digits on the border")))
				} else {
					f.Add(claim.Equals(at+"accuracy on the last 500 digits", (g.low+g.high)/2, accuracy, claim.Because((g.high-g.low)/2+.004, "range over depths, and two digits on the border")))
				}
				if g.n == 50 {
					permuted, err := score(shuffled)
					if err != nil {
						return nil, err
					}
					f.Add(claim.Equals(at+"largest change of a score when pixels are permuted", 0, maxDiff(plain, permuted), claim.Because(1e-7, "rounding of inner products in another order, over the condition number")))
				}
			}
		}
		f.Note("A convolutional network would lose most of its advantage on permuted pixels; the fully-connected kernel cannot notice. Convolutional kernels close much of the gap on few examples (claim 9.E3), not on many: why is open.")
		f.Note("Accuracies have a standard error of about %.3f from 500 test digits.", math.Sqrt(.82*.18/500))
		return f, nil
	}
}
