package ntk

import (
	"math"
	"testing"
)

func TestKernelTable(t *testing.T) {
	columns, rows, err := KernelTable(3, nil, []float64{-1, .5, 1})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float64{ // ρ, H*, Σ¹..Σ³, Θ¹..Θ³, computed outside this package
		{-1, 0, 0, .3183098862, .4937310902, 0, .3183098862, .6857086363},
		{.5, .1666666667, .6089977810, .6839056509, .7381281923, .9423311144, 1.3514795611, 1.7378446792},
		{1, .5, 1, 1, 1, 2, 3, 4},
	}
	if len(columns) != 8 || len(rows) != len(want) {
		t.Fatalf("got %d columns and %d rows, want 8 and 3", len(columns), len(rows))
	}
	for i, row := range want {
		for j, v := range row {
			if got := rows[i][j].(float64); math.Abs(got-v) > 1e-10 {
				t.Errorf("row %d, %s: got %.12f, want %.10f", i, columns[j], got, v)
			}
		}
	}
	if _, _, err := KernelTable(3, nil, []float64{math.NaN()}); err == nil {
		t.Error("a cosine that is not a number was accepted")
	}
}

func TestTablesRows(t *testing.T) {
	r, err := RunTables(t.Context(), TableConfig{Tables: []string{"iris"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	columns, rows := r.Rows()
	if len(columns) != 2 || len(rows) != len(UCIMethods()) {
		t.Fatalf("got %d columns, %d rows", len(columns), len(rows))
	}
	if got := rows[0][1]; got != "123 of 150" {
		t.Errorf("linear kernel on iris: got %v, want 123 of 150", got)
	}
}

func TestAverageRank(t *testing.T) {
	score := func(correct ...int) []Score {
		out := make([]Score, len(correct))
		for m, c := range correct {
			out[m] = Score{N: 100, Correct: c}
		}
		return out
	}
	r := &Tables{Config: TableConfig{Methods: make([]Method, 3)}, Names: []string{"a", "b"},
		Scores: [][]Score{score(90, 80, 90), score(70, 60, 50)}}
	for m, want := range []float64{(1.5 + 1) / 2, (3. + 2) / 2, (1.5 + 3) / 2} {
		if got := r.AverageRank()[m]; got != want {
			t.Errorf("method %d: got %g, want %g", m, got, want)
		}
	}
}
