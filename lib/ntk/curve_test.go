package ntk

import (
	"fmt"
	"math"
	"testing"
)

// The Chebyshev route of Gram matrices against the recursion layer by layer.
func TestCurveEqualsRecursion(t *testing.T) {
	var x [segment]float64
	for _, depth := range []int{0, 1, 2, 3, 5, 10, 30, 60, 200} {
		r, err := Kernel{Depth: depth}.resolve("test")
		if err != nil {
			t.Fatal(err)
		}
		// Layers itself loses ε/θ in the angle, which the depth multiplies.
		l := float64(depth + 1)
		tol := 1e-15 * l * l * l
		for i := range x {
			x[i] = math.Cos(math.Pi * (float64(i) + .3) / segment)
		}
		rho := x
		r.curve.apply(x[:])
		for i := range x {
			layers, _ := Kernel{Depth: depth}.Layers(rho[i])
			near(t, fmt.Sprintf("Θ^{(%d)}(%g)", depth, rho[i]), x[i], layers[depth].Theta, tol, "rounding through the layers")
		}
		if depth > 1 && depth <= 30 && r.curve.positive == nil {
			t.Errorf("depth %d: no series within %d terms", depth, curveLimit)
		}
		t.Logf("depth %d: %d and %d terms", depth, len(r.curve.positive), len(r.curve.negative))
	}
}

// Near ρ = 1, Θ^{(L)} = (L+1) - L(L+1)/(2π)·θ + O(θ²): Σ̇ loses θ/π a layer, Σ only θ².
func TestCurveNearOne(t *testing.T) {
	for _, depth := range []int{1, 2, 5, 12} {
		r, _ := Kernel{Depth: depth}.resolve("test")
		for _, theta := range []float64{1e-3, 1e-5} {
			x := []float64{math.Cos(theta)}
			r.curve.apply(x)
			l := float64(depth)
			slope := (l + 1 - x[0]) / theta
			near(t, fmt.Sprintf("slope at depth %d, θ = %g", depth, theta), slope, l*(l+1)/(2*math.Pi), 3*l*l*l*theta+1e-10/theta, "second order; cosine rounds ρ")
		}
	}
}
