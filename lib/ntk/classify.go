package ntk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/lemma-ml/lemma/lib/data"
	"gonum.org/v1/gonum/mat"
)

// Classifier is kernel regression on class codes: one output a class, +1 for its own inputs and -1
// for all others; the largest output wins, the first of them in a tie.
type Classifier struct {
	Regressor *Regressor
	Classes   []int // the labels, ascending; output k stands for Classes[k]
}

// Classify fits labels, any integers, at the rows of x. With a ridge (see Regress) it is the
// classifier of the UCI study; codes ±1 and one-hot codes minus their mean order the classes alike.
// Fewer than two classes is an error.
func Classify(ctx context.Context, k Kernel, x *mat.Dense, labels []int, ridge float64) (*Classifier, error) {
	classes := distinct(labels)
	if len(classes) < 2 {
		return nil, fmt.Errorf("ntk.Classify: labels of %d classes %v, want at least 2", len(classes), classes)
	}
	r, err := Regress(ctx, k, x, Codes(labels, classes), ridge)
	if err != nil {
		return nil, fmt.Errorf("ntk.Classify: %w", err)
	}
	return &Classifier{r, classes}, nil
}

func distinct(labels []int) []int {
	set := map[int]bool{}
	for _, l := range labels {
		set[l] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Codes returns the n×c matrix with +1 where the label is the class of the column and -1 elsewhere.
func Codes(labels, classes []int) *mat.Dense {
	y := mat.NewDense(len(labels), len(classes), nil)
	for i, l := range labels {
		for k, c := range classes {
			y.Set(i, k, -1)
			if l == c {
				y.Set(i, k, 1)
			}
		}
	}
	return y
}

// Scores returns the m×c outputs at the rows of z, columns as Classes.
func (c *Classifier) Scores(z *mat.Dense) (*mat.Dense, error) { return c.Regressor.Predict(z) }

// Predict returns the classes of the rows of z.
func (c *Classifier) Predict(z *mat.Dense) ([]int, error) {
	s, err := c.Scores(z)
	if err != nil {
		return nil, err
	}
	return decide(s, c.Classes), nil
}

// decide picks the class of the largest score of each row.
func decide(scores *mat.Dense, classes []int) []int {
	out := data.Argmax(scores)
	for i, k := range out {
		out[i] = classes[k]
	}
	return out
}

// Correct counts equal entries of two lists of the same length.
func Correct(got, want []int) int {
	n := 0
	for i := range got {
		if got[i] == want[i] {
			n++
		}
	}
	return n
}
