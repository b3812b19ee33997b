package ntk

import (
	"fmt"
	"math"
	"testing"
)

// The Chebyshev route of Gram matrices against the recursion layer by layer.
func TestCurveEqualsRecursion(t *testing.T) {
	var x [segment]float64
	for _, depth := range []int{1, 2, 3, 5, 10, 30, 60, 200} {
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
		for i, v := range rho {
			x[i] = math.Copysign(math.Sqrt((1-math.Abs(v))/2), v)
		}
		r.curve.apply(x[:])
		for i := range x {
			layers, _ := Kernel{Depth: depth}.Layers(rho[i])
			near(t, fmt.Sprintf("Θ^{(%d)}(%g)", depth, rho[i]), x[i], layers[depth].Theta, tol, "rounding through the layers")
		}
		if depth <= 30 && r.curve.positive == nil {
			t.Errorf("depth %d: no series within %d terms", depth, curveLimit)
		}
		t.Logf("depth %d: %d and %d terms", depth, len(r.curve.positive), len(r.curve.negative))
	}
}

// Near ρ = 1, Θ^{(L)} = (L+1) - L(L+1)/(2π)·θ + O(θ²): Σ̇ loses θ/π a layer, Σ only θ². At an angle of
// 1e-9, cos θ rounds to 1; the kernel still sees the angle.
func TestGramNearOne(t *testing.T) {
	for _, depth := range []int{1, 2, 5, 12} {
		for _, theta := range []float64{1e-3, 1e-5, 1e-9} {
			for _, scale := range []float64{1, 3} {
				sin, cos := math.Sincos(theta)
				v, err := Kernel{Depth: depth}.At([]float64{1, 0}, []float64{scale * cos, scale * sin})
				if err != nil {
					t.Fatal(err)
				}
				l := float64(depth)
				slope := (l + 1 - v/scale) / theta
				near(t, fmt.Sprintf("slope at depth %d, θ = %g, norm %g", depth, theta, scale), slope, l*(l+1)/(2*math.Pi), 3*l*l*l*theta+l*l*1e-15/theta, "second order; rounding of Θ")
			}
		}
		// Near ρ = -1 the first layer does not vary to first order, Θ^{(1)} = θ²/2·..., so compare sides.
		a, _ := Kernel{Depth: depth}.At([]float64{1, 0}, []float64{-math.Cos(1e-7), math.Sin(1e-7)})
		b, _ := Kernel{Depth: depth}.At([]float64{1, 0}, []float64{-1, 0})
		near(t, fmt.Sprintf("continuity at ρ = -1, depth %d", depth), a, b, l2(depth)*1e-7, "slope of Σ̇ at π")
	}
}

func l2(depth int) float64 { return float64((depth + 1) * (depth + 1)) }
