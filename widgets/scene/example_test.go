package scene_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// A figure is laid out: values have places on the page, and places have values.
func ExampleNew() {
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
	p := s.Panels[0]
	fmt.Printf("panel of %g by %g\n", p.W, p.H)
	fmt.Println("x = 0 is the left edge of the plot:", p.X.Place(0) == p.Plot.X0)
	fmt.Printf("its middle is x = %g\n", p.X.Value((p.Plot.X0+p.Plot.X1)/2))
	ticks, power := p.X.Ticks(5)
	for _, t := range ticks {
		fmt.Print(t.Label, " ")
	}
	fmt.Println("times ten to the power", power)
	// Output:
	// panel of 560 by 330
	// x = 0 is the left edge of the plot: true
	// its middle is x = 5
	// 0 2 4 6 8 10 times ten to the power 0
}

// A label is cut into runs on the line, raised and lowered.
func ExampleRuns() {
	for _, r := range scene.Runs("λ_{10}^2") {
		fmt.Printf("%s %d\n", r.Text, r.Shift)
	}
	// Output:
	// λ 0
	// 10 -1
	// 2 1
}
