package book

import (
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
)

// explorers lists the explorers of each chapter in the order of the book. A topic package exports
// each as a function ExploreX; adding one is a line here.
var explorers = map[int][]func() figure.Explorer{
	9: {},
}

// Explorers returns the explorers of the chapters, or of the whole book if none is given, in the order
// of the book. They are descriptions: nothing is computed until one is drawn.
func Explorers(chapters ...int) []figure.Explorer {
	if len(chapters) == 0 {
		for i := range titles {
			chapters = append(chapters, i+1)
		}
	}
	var out []figure.Explorer
	for _, n := range chapters {
		for _, f := range explorers[n] {
			out = append(out, f())
		}
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
