package ntk

import (
	"github.com/lemma-ml/lemma/lib/claim"
	"gonum.org/v1/gonum/mat"
)

// Claims returns the claims of chapter 9 that need no finite network to be trained, in the book's
// order. Those that do are in package finite.
func Claims() []claim.Claim {
	var all []claim.Claim
	for _, section := range [][]claim.Claim{
		evolutionClaims(), twoLayerClaims(), concentrationClaims(), optimisationClaims(), generalisationClaims(),
		teacherClaims(), deepClaims(), practiceClaims(), exerciseClaims(),
	} {
		all = append(all, section...)
	}
	return all
}

// alternatives wraps wrong theories, each the same check with another argument, as alternatives.
func alternatives[T any](check func(T) claim.Check, wrong ...named[T]) []claim.Alternative {
	out := make([]claim.Alternative, len(wrong))
	for i, w := range wrong {
		out[i] = claim.Alternative{Name: w.name, Check: check(w.theory)}
	}
	return out
}

// named is a theory with the words that tell what is wrong with it.
type named[T any] struct {
	name   string
	theory T
}

// maxDiff is the largest |a_ij - b_ij|.
func maxDiff(a, b mat.Matrix) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return max(mat.Max(&d), -mat.Min(&d))
}
