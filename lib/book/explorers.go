package book

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/dropout/completion"
	"github.com/lemma-ml/lemma/lib/dropout/deepnet"
	"github.com/lemma-ml/lemma/lib/dropout/linreg"
	"github.com/lemma-ml/lemma/lib/dropout/sensing"
	"github.com/lemma-ml/lemma/lib/dropout/tied"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/implicitbias"
	"github.com/lemma-ml/lemma/lib/implicitbias/factor"
	"github.com/lemma-ml/lemma/lib/implicitbias/margin"
	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/ntk/conv"
	"github.com/lemma-ml/lemma/lib/ntk/eigenlearning"
	"github.com/lemma-ml/lemma/lib/ntk/ensemble"
	"github.com/lemma-ml/lemma/lib/ntk/finite"
	"github.com/lemma-ml/lemma/lib/ntk/graph"
	"github.com/lemma-ml/lemma/lib/saddle"
)

// explorers lists what the topic packages of each chapter offer: their lists, or single explorers.
// Adding one is a word here, or nothing where its package has a list.
var explorers = map[int][]func() []figure.Explorer{
	6:  {landscape.Explorers},
	7:  {saddle.Explorers},
	8:  {implicitbias.Explorers, factor.Explorers, margin.Explorers},
	9:  {ntk.Explorers, finite.Explorers, each(eigenlearning.ExploreLearning, ensemble.ExploreEnsemble), each(graph.ExploreFamilies, graph.ExplorePairs), each(conv.ExploreConv, conv.ExploreLattice)},
	11: {dropout.Explorers, deepnet.Explorers, sensing.Explorers, tied.Explorers, completion.Explorers, linreg.Explorers},
}

// each is a list of single explorers.
func each(list ...func() figure.Explorer) func() []figure.Explorer {
	return func() []figure.Explorer {
		out := make([]figure.Explorer, len(list))
		for i, f := range list {
			out[i] = f()
		}
		return out
	}
}

// Explorers returns the explorers of the chapters, or of the whole book if none is given, in the order
// of their inventories. They are descriptions: nothing is computed until one is drawn.
func Explorers(chapters ...int) []figure.Explorer {
	if len(chapters) == 0 {
		for i := range titles {
			chapters = append(chapters, i+1)
		}
	}
	var out []figure.Explorer
	for _, n := range chapters {
		var list []figure.Explorer
		for _, f := range explorers[n] {
			list = append(list, f()...)
		}
		place := map[string]int{}
		inventory, _ := rows(n) // Registry tells what is wrong with it
		for k, row := range inventory {
			place[row.ID] = k
		}
		at := func(e figure.Explorer) int {
			row, _, _ := strings.Cut(e.ID, "/")
			return place[row]
		}
		slices.SortStableFunc(list, func(a, b figure.Explorer) int { return at(a) - at(b) })
		out = append(out, list...)
	}
	return out
}

// Explorer returns the explorer of an ID, such as "9.F1/width". The error for one that does not exist
// lists those whose IDs begin alike, or all.
func Explorer(id string) (figure.Explorer, error) {
	var alike, all []string
	row, _, _ := strings.Cut(id, "/")
	for _, e := range Explorers() {
		if e.ID == id {
			return e, nil
		}
		if strings.HasPrefix(e.ID, row) {
			alike = append(alike, e.ID)
		}
		all = append(all, e.ID)
	}
	if len(alike) > 0 {
		all = alike
	}
	return figure.Explorer{}, fmt.Errorf("book.Explorer: no explorer %q; there are %s", id, strings.Join(all, ", "))
}
