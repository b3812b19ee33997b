package ntk

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

func TestClassifyKeepsTheLabels(t *testing.T) {
	ctx := context.Background()
	x := mat.NewDense(4, 2, []float64{1, 0, .9, .1, 0, 1, .1, .9})
	c, err := Classify(ctx, Kernel{Depth: 2}, x, []int{7, 7, -2, -2}, 1e-3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Predict(mat.NewDense(2, 2, []float64{2, .2, .3, 5}))
	if err != nil || got[0] != 7 || got[1] != -2 {
		t.Errorf("got %v, %v, want [7 -2]", got, err)
	}
	if _, err := Classify(ctx, Kernel{Depth: 2}, x, []int{3, 3, 3, 3}, 1); err == nil || !strings.Contains(err.Error(), "1 classes [3], want at least 2") {
		t.Errorf("one class: %v", err)
	}
	if _, err := Classify(ctx, Kernel{Depth: 2}, x, []int{1, 2}, 1); err == nil || !strings.Contains(err.Error(), "4 inputs and 2 outputs") {
		t.Errorf("labels missing: %v", err)
	}
}

// Leave-one-out from one factorisation against fitting n times.
func TestLeaveOneOut(t *testing.T) {
	ctx := context.Background()
	const n = 11
	x := points(4, n, 3)
	y := mat.NewDense(n, 2, rng.Normals(rng.Stream(4, "y"), 2*n))
	k := Kernel{Depth: 2}
	const ridge = .1
	got, err := LeaveOneOut(ctx, k, x, y, ridge)
	if err != nil {
		t.Fatal(err)
	}
	diag, _ := k.Diag(x)
	total := 0.0
	for _, v := range diag {
		total += v
	}
	for i := range n {
		var rest []int
		part := 0.0
		for j := range n {
			if j != i {
				rest, part = append(rest, j), part+diag[j]
			}
		}
		// The ridge is relative to the mean diagonal, which changes with the row that leaves.
		r, err := Regress(ctx, k, rowsOf(x, rest), rowsOf(y, rest), ridge*(total/n)/(part/(n-1)))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := r.Predict(rowsOf(x, []int{i}))
		for c := range 2 {
			near(t, fmt.Sprintf("row %d, output %d", i, c), got.At(i, c), p.At(0, c), 1e-11, "rounding")
		}
	}
}

func TestCrossValidateValues(t *testing.T) {
	ctx := context.Background()
	const n = 60
	x := points(10, n, 2)
	y := make([]float64, n)
	for i := range y {
		y[i] = 5 + 2*x.At(i, 0) - x.At(i, 1)
	}
	f, err := CrossValidateValues(ctx, Validation{Kernel: Kernel{}, Ridge: 1e-9}, x, y)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "R² of the linear kernel on a linear function", f.R2, 1, 2e-3, "means of training parts")
	constant := make([]float64, n)
	if f, err = CrossValidateValues(ctx, Validation{Kernel: Kernel{Depth: 1}}, x, constant); err != nil || !math.IsNaN(f.R2) || f.RMSE != 0 {
		t.Errorf("constant values: %+v, %v", f, err)
	}
	for name, call := range map[string]func() error{
		"more folds than rows": func() error {
			return second(CrossValidateValues(ctx, Validation{Folds: 99}, x, y))
		},
		"values missing": func() error { return second(CrossValidateValues(ctx, Validation{}, x, y[:3])) },
		"labels missing": func() error { return second(CrossValidate(ctx, Validation{}, x, []int{1, 2})) },
		"one class":      func() error { return second(CrossValidate(ctx, Validation{}, x, make([]int, n))) },
		"negative ridge": func() error {
			return second(CrossValidate(ctx, Validation{Ridge: -1}, x, append([]int{1}, make([]int, n-1)...)))
		},
	} {
		if call() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The counts of the UCI table on the two smallest tables; claim 9.E1 has all four.
func TestTablesGoldens(t *testing.T) {
	r, err := RunTables(context.Background(), TableConfig{Tables: []string{"iris", "wine"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range [][]int{{123, 143, 134, 127, 126, 133, 142}, {175, 172, 174, 175, 175, 173, 176}} {
		for m, s := range r.Scores[k] {
			if s.Correct < want[m]-1 || s.Correct > want[m]+1 {
				t.Errorf("%s, %s: %d correct, want %d ± 1", r.Names[k], r.Config.Methods[m].Name, s.Correct, want[m])
			}
			sum := 0
			for _, c := range s.PerFold {
				sum += c
			}
			if sum != s.Correct {
				t.Errorf("%s: folds add up to %d of %d", r.Names[k], sum, s.Correct)
			}
		}
	}
	if _, err := RunTables(context.Background(), TableConfig{Tables: []string{"mnist"}}, nil); err == nil {
		t.Error("an unknown table was accepted")
	}
}
