package ntk

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Explorers returns the figures of this package that a reader can change, in the order of the chapter.
// Each teaches one idea; together they take about 5 s on two cores.
func Explorers() []figure.Explorer {
	return []figure.Explorer{
		ExploreConcentration(), ExploreCircle(), ExploreDirections(), ExploreStep(), ExploreNoise(CachedPairs("")...),
		ExploreTeachers(), ExploreTaylor(), ExploreKernel(), ExplorePosterior(),
	}
}

// outside is the error of a Draw that was asked for a setting it has no figure for.
func outside(fn, name string, got float64, want string) (figure.Figure, error) {
	return figure.Figure{}, fmt.Errorf("%s: %s = %g, want %s", fn, name, got, want)
}

// floor returns sizes |v| for a logarithmic axis that ends at lowest: what lies below is put there.
func floor(v []float64, lowest float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = max(math.Abs(x), lowest)
	}
	return out
}
