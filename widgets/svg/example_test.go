package svg_test

import (
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/scene"
	"github.com/lemma-ml/lemma/widgets/svg"
)

// A figure as one file: its title and description are there for those who do not see it.
func ExampleDocument() {
	f := &figure.Figure{
		ID: "example", Title: "A line", Alt: "A straight line from the origin to (10, 5).",
		Panels: []figure.Panel{{
			X:      figure.Axis{Label: "x"}.Range(0, 10),
			Y:      figure.Axis{Label: "y"}.Range(0, 5),
			Layers: []figure.Layer{figure.Line("y = x/2", 0, []float64{0, 10}, []float64{0, 5})},
		}},
	}
	s, err := scene.New(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	doc := svg.Document(f, s)
	fmt.Println(strings.HasPrefix(doc, "<svg "), strings.Contains(doc, f.Alt))
	fmt.Println("the same figure, the same bytes:", doc == svg.Document(f, s))
	// Output:
	// true true
	// the same figure, the same bytes: true
}

func ExampleLabel() {
	fmt.Println(svg.Label("‖H(0) − H*‖_{F} < 10^{-3}"))
	// Output: ‖H(0) − H*‖<sub>F</sub> &lt; 10<sup>−3</sup>
}
