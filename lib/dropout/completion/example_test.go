package completion_test

import (
	"context"
	"fmt"

	"github.com/lemma-ml/lemma/lib/dropout/completion"
)

// A table of rank one with one cell missing: 0.6·0.5/0.3 = 1.
func ExampleFit() {
	cells := []completion.Cell{
		{Row: 0, Col: 0, Value: .3}, {Row: 0, Col: 1, Value: .5},
		{Row: 1, Col: 0, Value: .6}, // and (1, 1) is not seen
		{Row: 2, Col: 0, Value: .15}, {Row: 2, Col: 1, Value: .25},
	}
	rowProb, colProb, err := completion.Empirical(3, 2, cells)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &completion.Problem{Rows: 3, Cols: 2, RowProb: rowProb, ColProb: colProb, Cells: cells, Width: 2, Rate: .001}
	fit, err := completion.Fit(context.Background(), p, completion.Config{Gamma: 1.5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", fit.Factors.Matrix().At(1, 1))
	// Output: 1.00
}

func ExampleEmpirical() {
	_, _, err := completion.Empirical(2, 1, []completion.Cell{{Row: 0, Col: 0, Value: 1}})
	fmt.Println(err)
	// Output: completion.Empirical: row 1 has no observed cell, want at least one in each: nothing is known about it
}
