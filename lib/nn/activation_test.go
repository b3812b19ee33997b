package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

// TestActivation compares three routes to σ and σ': the host, the graph, and autodiff of the graph.
func TestActivation(t *testing.T) {
	b := claimtest.Backend(t)
	z := []float64{-40, -3.1, -0.7, -1e-3, 1e-3, 0.4, 2.2, 40}
	for _, a := range Activations() {
		e, err := NewExec(b, "activation", func(in []*graph.Node) []*graph.Node {
			v := a.Apply(in[0])
			return []*graph.Node{graph.AddScalar(v, 0), a.ApplySlope(in[0]), graph.Gradient(graph.ReduceAllSum(v), in[0])[0]}
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Run(Row(z))
		if err != nil {
			t.Fatal(err)
		}
		value, slope := make([]float64, len(z)), make([]float64, len(z))
		for i := range z {
			value[i], slope[i] = a.Value(z[i]), a.Slope(z[i])
		}
		for k, want := range [][]float64{value, slope, slope} {
			got, err := Values(out[k])
			if err != nil {
				t.Fatal(err)
			}
			if d := apart(got, want); d > roundoff {
				t.Errorf("%s, output %d: graph %v, host %v, apart %g", a, k, got, want, d)
			}
		}
		e.Close()
	}
}

func TestActivationNames(t *testing.T) {
	if err := Activation("swoosh").Validate(); err == nil {
		t.Error("an unknown name must be an error")
	}
	defer func() {
		if _, ok := recover().(error); !ok {
			t.Error("Value of an unknown name must panic with an error")
		}
	}()
	Activation("swoosh").Value(1)
}

func TestNormalizer(t *testing.T) {
	for _, c := range []struct {
		a    Activation
		want float64
	}{
		{ReLU, 2}, // E[max(z,0)²] = 1/2
		{Linear, 1},
		{Erf, 2.15257886061},
		{Softplus, 1.08548650299},
		{Tanh, 2.53617543322},
	} {
		if got := c.a.Normalizer(); math.Abs(got-c.want) > 1e-10 {
			t.Errorf("%s: c_σ = %.12g, want %.12g", c.a, got, c.want)
		}
	}
}

func ExampleActivation_Normalizer() {
	fmt.Printf("relu %g, tanh %.6f\n", ReLU.Normalizer(), Tanh.Normalizer())
	// Output: relu 2, tanh 2.536175
}
