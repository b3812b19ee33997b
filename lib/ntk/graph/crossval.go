package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

// tie is how close two scores may be and still count as equal. A kernel that cannot tell two graphs
// apart gives them the same score; rounding, which depends on the order of the nodes, must not decide.
const tie = 1e-8

// CrossValidate classifies each graph by kernel regression (codes ±1, ridge times the mean of the
// training diagonal) on the other folds, given the Gram matrix of all of them. Folds are
// data.StratifiedFolds: no random numbers. Scores that agree to 1e-8 are a tie, which the smaller
// label wins. Cost folds·n³/3 flops.
func CrossValidate(ctx context.Context, gram *mat.SymDense, labels []int, folds int, ridge float64) (*ntk.Score, error) {
	s, _, err := crossValidate(ctx, gram, labels, folds, ridge)
	return s, err
}

// crossValidate returns the outputs at each graph too, a column a class in ascending order.
func crossValidate(ctx context.Context, gram *mat.SymDense, labels []int, folds int, ridge float64) (*ntk.Score, *mat.Dense, error) {
	const fn = "graph.CrossValidate"
	n := gram.SymmetricDim()
	if len(labels) != n {
		return nil, nil, fmt.Errorf("%s: %d graphs and %d labels, want the same number", fn, n, len(labels))
	}
	if !(ridge > 0) || math.IsInf(ridge, 0) {
		return nil, nil, fmt.Errorf("%s: ridge %g, want a positive number: Gram matrices of graphs are often singular", fn, ridge)
	}
	classes := slices.Compact(slices.Sorted(slices.Values(labels)))
	if len(classes) < 2 {
		return nil, nil, fmt.Errorf("%s: labels of %d classes, want at least 2", fn, len(classes))
	}
	fold, err := data.StratifiedFolds(labels, folds)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	outputs := mat.NewDense(n, len(classes), nil)
	s := &ntk.Score{Predicted: make([]int, n), N: n, PerFold: make([]int, folds)}
	err = ntk.EachFold(ctx, gram, ntk.Codes(labels, classes), fold, folds, ridge, func(f int, test []int, out *mat.Dense) {
		for row, i := range test {
			score := out.RawRowView(row)
			outputs.SetRow(i, score)
			best := 0
			for c, v := range score {
				if v > score[best]+tie {
					best = c
				}
			}
			s.Predicted[i] = classes[best]
			if s.Predicted[i] == labels[i] {
				s.PerFold[f]++
			}
		}
		s.Correct += s.PerFold[f]
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fn, err)
	}
	s.Low, s.High = claim.Wilson(s.Correct, s.N)
	return s, outputs, nil
}
