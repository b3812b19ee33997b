package ntk

import "fmt"

// KernelTable returns the recursion at unit inputs as rows for a table of results, one row for each
// cosine ρ: H* of section 9.2, then Σ^{(h)} and Θ^{(h)} for h = 1 to depth. A nil activation means
// ReLU. It returns the error of Kernel.Layers.
func KernelTable(depth int, act Activation, rhos []float64) (columns []string, rows [][]any, err error) {
	k := Kernel{Depth: depth, Activation: act}
	columns = []string{"$\\rho$", "$H^*$"}
	for _, symbol := range []string{"Σ", "Θ"} {
		for h := 1; h <= depth; h++ {
			columns = append(columns, fmt.Sprintf("%s^{(%d)}", symbol, h))
		}
	}
	for _, rho := range rhos {
		layers, err := k.Layers(rho)
		if err != nil {
			return nil, nil, err
		}
		_, slope := k.activation().Moments(1, 1, clip(rho))
		row := []any{rho, rho * slope}
		for _, l := range layers[1:] {
			row = append(row, l.Sigma)
		}
		for _, l := range layers[1:] {
			row = append(row, l.Theta)
		}
		rows = append(rows, row)
	}
	return columns, rows, nil
}

// Rows returns the comparison as rows for a table of results: a method a row, a table a column,
// "correct of n".
func (t *Tables) Rows() (columns []string, rows [][]any) {
	columns = []string{"kernel regression"}
	for _, name := range t.Names {
		columns = append(columns, name)
	}
	for m, method := range t.Config.Methods {
		row := []any{method.Name}
		for i := range t.Names {
			row = append(row, fmt.Sprintf("%d of %d", t.Scores[i][m].Correct, t.Scores[i][m].N))
		}
		rows = append(rows, row)
	}
	return columns, rows
}
