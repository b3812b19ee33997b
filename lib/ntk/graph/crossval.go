package graph

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
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
	for f := range folds {
		train, test := data.SplitFold(fold, f)
		k, y := mat.NewSymDense(len(train), nil), make([]int, len(train))
		trace := 0.0
		for a, i := range train {
			y[a] = labels[i]
			trace += gram.At(i, i)
			for b := a; b < len(train); b++ {
				k.SetSym(a, b, gram.At(i, train[b]))
			}
		}
		if !(trace > 0) {
			return nil, nil, fmt.Errorf("%s: the Gram matrix has trace %g on the training graphs of fold %d, want > 0", fn, trace, f+1)
		}
		for a := range train {
			k.SetSym(a, a, k.At(a, a)+ridge*trace/float64(len(train)))
		}
		factor, err := linalg.CholeskyContext(ctx, k)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: fold %d: %w", fn, f+1, err)
		}
		alpha, err := factor.SolveContext(ctx, ntk.Codes(y, classes))
		if err != nil {
			return nil, nil, fmt.Errorf("%s: fold %d: %w", fn, f+1, err)
		}
		for _, i := range test {
			score := outputs.RawRowView(i)
			for a, j := range train {
				for c := range score {
					score[c] += gram.At(i, j) * alpha.At(a, c)
				}
			}
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
	}
	s.Low, s.High = ntk.Wilson(s.Correct, s.N)
	return s, outputs, nil
}
