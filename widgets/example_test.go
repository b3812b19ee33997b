package widgets_test

import (
	"context"
	"fmt"
	"math"
	"os"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets"
)

func halves() *figure.Figure {
	m := []float64{100, 400, 1600}
	return &figure.Figure{ID: "9.A5", Title: "Error falls as m^{-1/2}", Alt: "Measured points along a line of slope minus one half.",
		Panels: []figure.Panel{{X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "error", Scale: figure.Log},
			Layers: []figure.Layer{figure.Line("theory", 0, m, []float64{.2, .1, .05}), figure.Points("measured", 0, m, []float64{.19, .11, .05}, nil, nil)}}}}
}

// In a notebook's cell Show draws the figure; elsewhere it says what the figure shows.
func ExampleShow() {
	widgets.Show(halves())
	// Output:
	// Error falls as m^(−1/2)
	//   Measured points along a line of slope minus one half.
}

func ExampleClaimText() {
	c := &claim.Claim{ID: "9.X3", Title: "Trace of the kernel", Ref: "Exercise 3c", Statement: "$\\mathrm{tr}\\,H^* = n/2$ for unit inputs."}
	o := claim.Outcome{Claim: c, Verdict: claim.Holds, Seconds: 0.002,
		Evidence: []claim.Evidence{claim.Equals("n = 200", 100, 100, claim.Rounding(100, 4))}}
	fmt.Print(widgets.ClaimText(o))
	// Output:
	// ✓ Holds  9.X3: Trace of the kernel (Exercise 3c)
	//   $\mathrm{tr}\,H^* = n/2$ for unit inputs.
	//      compared  theory  measured   tolerance  cause
	//   ✓  n = 200      100       100  ±8.9×10⁻¹⁴  float64 rounding, 4 units of 2⁻⁵² at scale 100
	//   seed 0 · 2 ms · lemma verify 9.X3 -seed 0
}

func ExampleTable() {
	widgets.Table([]string{"kernel", "n", "error"}, [][]any{
		{"NTK, 3 layers", 200, 0.0573},
		{"RBF", 1797, 0.125},
	})
	// Output:
	// kernel            n   error
	// NTK, 3 layers   200  0.0573
	// RBF            1797   0.125
}

func ExampleProgress() {
	claims := []string{"9.L1", "9.T1"}
	p := widgets.NewProgress(os.Stderr, "verify", len(claims))
	defer p.Done()
	for i, id := range claims {
		p.Set(i, id)
		// check the claim, with p.Add for parts of the work
		p.Set(i+1, id)
	}
}

// The command that a card prints for repeating the check.
func ExampleCommand() {
	o := claim.Run(context.Background(), &claim.Claim{ID: "9.T1", Check: func(context.Context, claim.Env) (*claim.Finding, error) {
		return &claim.Finding{}, nil
	}}, claim.Env{Seed: 7})
	fmt.Println(widgets.Command(o))
	// Output: lemma verify 9.T1 -seed 7
}

// A slider over a Go function. In a notebook Explore shows the figure with its slider.
func ExampleExplore() {
	e := figure.Explorer{
		ID: "example/decay", Title: "Exponential decay", Try: "Raise the rate: the curve falls sooner.",
		Controls: []figure.Control{figure.Slide("rate", "rate k", 0.5, 1, 2, 4).From(1)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			var t, y []float64
			for i := range 41 {
				t = append(t, float64(i)/10)
				y = append(y, math.Exp(-at["rate"]*t[i]))
			}
			half := math.Ln2 / at["rate"]
			return figure.Figure{
				ID: "example/decay", Title: "Exponential decay", Alt: fmt.Sprintf("The curve falls to one half by %.3f.", half),
				Panels: []figure.Panel{{X: figure.Axis{Label: "time t"}, Y: figure.Axis{Label: "value"}, Layers: []figure.Layer{figure.Line("e^{−kt}", 0, t, y)}}},
			}, nil
		},
	}
	text, err := widgets.ExploreText(context.Background(), e)
	fmt.Print(text, err)
	// Output:
	// Exponential decay
	//   Raise the rate: the curve falls sooner.
	//   rate k: 0.5, 1, 2, 4 (here 1)
	//   The curve falls to one half by 0.693.
	// <nil>
}
