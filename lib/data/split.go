package data

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// StratifiedFolds assigns each example to one of k folds without random numbers: within each class,
// the j-th example (in row order, from 0) goes to fold j mod k. It returns the fold of each example.
// A class with fewer than k examples is missing from some folds; a fold without any example is an
// error, and so is k outside [2,n].
func StratifiedFolds(y []int, k int) ([]int, error) {
	if k < 2 || k > len(y) {
		return nil, fmt.Errorf("data.StratifiedFolds: k=%d folds of n=%d examples, want 2 ≤ k ≤ n", k, len(y))
	}
	seen := map[int]int{}
	size := make([]int, k)
	fold := make([]int, len(y))
	for i, c := range y {
		fold[i] = seen[c] % k
		seen[c]++
		size[fold[i]]++
	}
	for f, s := range size {
		if s == 0 {
			return nil, fmt.Errorf("data.StratifiedFolds: fold %d of k=%d is empty, because no class has more than %d examples; want fewer folds", f, k, f)
		}
	}
	return fold, nil
}

// SplitFold returns the indices outside fold f (train) and in it (test), in row order.
func SplitFold(fold []int, f int) (train, test []int) {
	for i, g := range fold {
		if g == f {
			test = append(test, i)
		} else {
			train = append(train, i)
		}
	}
	return train, test
}

// OneHotMinusMean returns the n×classes matrix with 1 - 1/K in the column of each example's class and
// -1/K elsewhere, K = classes: the one-hot code less the mean of its K entries, so that every row
// sums to 0. For ten classes that is one-hot - 0.1. Decide by the largest entry of a prediction.
func OneHotMinusMean(y []int, classes int) (*mat.Dense, error) {
	return code("data.OneHotMinusMean", y, classes, 1-1/float64(classes), -1/float64(classes))
}

// OneVsRest returns the n×classes matrix with +1 in the column of each example's class and -1
// elsewhere: one binary problem a column.
func OneVsRest(y []int, classes int) (*mat.Dense, error) {
	return code("data.OneVsRest", y, classes, 1, -1)
}

func code(fn string, y []int, classes int, in, out float64) (*mat.Dense, error) {
	if len(y) == 0 || classes < 2 {
		return nil, fmt.Errorf("%s: %d examples of %d classes, want at least 1 and 2", fn, len(y), classes)
	}
	m := mat.NewDense(len(y), classes, nil)
	for i, c := range y {
		if c < 0 || c >= classes {
			return nil, fmt.Errorf("%s: example %d has class %d, want 0..%d", fn, i, c, classes-1)
		}
		row := m.RawRowView(i)
		for j := range row {
			row[j] = out
		}
		row[c] = in
	}
	return m, nil
}

// Argmax returns the column of the largest entry of each row, the first of several. NaN entries are
// never chosen, unless a row holds nothing else.
func Argmax(scores *mat.Dense) []int {
	n, _ := scores.Dims()
	best := make([]int, n)
	for i := range n {
		row := scores.RawRowView(i)
		for j, v := range row {
			if v > row[best[i]] || row[best[i]] != row[best[i]] && v == v {
				best[i] = j
			}
		}
	}
	return best
}
