package tied

import (
	"context"
	"math"
	"reflect"
	"runtime"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// TestSGDMean: the mean gradient of a step of dropout is that of (11.11), for an M that is not diagonal and
// more than one input.
func TestSGDMean(t *testing.T) {
	m, err := New(turned(t, 7, 2, 1, -.5), 2, .8)
	if err != nil {
		t.Fatal(err)
	}
	o := m.Objective()
	x := rng.Normals(rng.Stream(7, "tied/test/sgd"), o.Dim)
	g := make([]float64, o.Dim)
	o.Gradient(g, x)
	const batches = 40
	sum, square := make([]float64, o.Dim), make([]float64, o.Dim)
	for b := range batches {
		path, err := SGD(context.Background(), m, x, SGDConfig{Eta: 1, Steps: 1, Batch: 1000, Seed: uint64(b)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range sum {
			d := x[i] - path[1][i]
			sum[i], square[i] = sum[i]+d/batches, square[i]+d*d/batches
		}
	}
	for i := range sum {
		se := math.Sqrt((square[i] - sum[i]*sum[i]) / batches)
		if math.Abs(sum[i]-g[i]) > 4*se {
			t.Errorf("entry %d: mean %g ± %g, gradient %g", i, sum[i], se, g[i])
		}
	}
}

// TestSGDWithoutDropout: at λ = 0 and in one dimension nothing is random, and a step is one of descent.
func TestSGDWithoutDropout(t *testing.T) {
	m, err := New(mat.NewDiagDense(1, []float64{1.3}), 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{.4, -.2, .7}
	path, err := SGD(context.Background(), m, x, SGDConfig{Eta: .01, Steps: 1, Batch: 2})
	if err != nil {
		t.Fatal(err)
	}
	g := make([]float64, 3)
	m.Objective().Gradient(g, x)
	for i := range x {
		if want := x[i] - .01*g[i]; math.Abs(path[1][i]-want) > 1e-15 {
			t.Errorf("entry %d is %g after a step, want %g", i, path[1][i], want)
		}
	}
}

// TestScale: (cM, √c·U) has c² times the value, so that minimum and families scale; an M of zeros has one
// critical value.
func TestScale(t *testing.T) {
	for _, c := range []float64{1e-6, 1, 1e6} {
		values := []float64{3 * c, c, -2 * c}
		m, err := New(turned(t, 8, values...), 2, 1.5)
		if err != nil {
			t.Fatal(err)
		}
		one, err := New(turned(t, 8, 3, 1, -2), 2, 1.5)
		if err != nil {
			t.Fatal(err)
		}
		a, err := m.Families()
		if err != nil {
			t.Fatal(err)
		}
		b, err := one.Families()
		if err != nil {
			t.Fatal(err)
		}
		if len(a) != len(b) {
			t.Fatalf("scale %g: %d families, at 1 there are %d", c, len(a), len(b))
		}
		for k := range a {
			if math.Abs(a[k].Value-c*c*b[k].Value) > 1e-12*c*c*b[k].Value || a[k].Global != b[k].Global {
				t.Errorf("scale %g, %s: value %g, want %g", c, a[k].Name(2), a[k].Value, c*c*b[k].Value)
			}
		}
	}
	zero, err := New(mat.NewDiagDense(2, []float64{0, 0}), 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	families, err := zero.Families()
	if err != nil || len(families) != 1 || !families[0].Global || zero.Down(&families[0], zero.Point(&families[0], nil)) != nil {
		t.Errorf("M = 0: families %+v, %v", families, err)
	}
}

// TestProcessors: the same ends on one processor and on all.
func TestProcessors(t *testing.T) {
	m, err := New(turned(t, 8, 3, 1, -2), 2, 1.5)
	if err != nil {
		t.Fatal(err)
	}
	many, err := Restarts(context.Background(), m, RestartConfig{Starts: 9})
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, err := Restarts(context.Background(), m, RestartConfig{Starts: 9})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one, many) {
		t.Error("the ends depend on the number of processors")
	}
}
