package figure_test

import (
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
)

func Example() {
	m := []float64{100, 400, 1600, 6400}
	theory := []float64{.2, .1, .05, .025}
	low, high := figure.PlusMinus([]float64{.21, .098, .052, .024}, []float64{.02, .01, .005, .002})
	f := figure.Figure{
		ID: "9.L2", Title: "Concentration of H(0)",
		Alt: "Error of the kernel against width: measured points fall along the theory line of slope one half.",
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "width m", Scale: figure.Log},
			Y: figure.Axis{Label: "‖H(0) − H*‖_{F}", Scale: figure.Log},
			Layers: []figure.Layer{
				figure.Line("theory", 0, m, theory),
				figure.Points("measured", 0, m, []float64{.21, .098, .052, .024}, low, high),
			},
		}},
	}
	fmt.Println(f.Validate())
	f.Panels[0].Layers[0].Y = f.Panels[0].Layers[0].Y[:3]
	fmt.Println(f.Validate())
	// Output:
	// <nil>
	// figure "9.L2": panel 0, layer 0 (theory): Y has 3 values, want 4 as X
}
