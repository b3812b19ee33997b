package finite

import "github.com/lemma-ml/lemma/lib/figure"

// Explorers returns the figures of this package that a reader can change, in the order of the chapter.
// Their networks are trained on the host in float64, so that none needs a backend.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreLazy(), ExploreLabels()}
}
