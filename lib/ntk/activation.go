package ntk

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Activation is a coordinate-wise nonlinearity σ together with the two Gaussian averages that
// every kernel of this package is made of.
type Activation interface {
	// Name is the name by which ActivationByName finds it.
	Name() string

	// Value returns σ(z).
	Value(z float64) float64

	// Slope returns σ'(z). At a kink it returns the value of the subgradient used in training.
	Slope(z float64) float64

	// Moments returns E[σ(u)σ(v)] and E[σ'(u)σ'(v)] for (u, v) ~ N(0, [[a, c], [c, b]]),
	// a, b >= 0 and c² <= ab, without the factor c_σ.
	Moments(a, b, c float64) (value, slope float64)
}

// The activations with a name. ReLU and Erf have closed forms; the others are integrated by
// Gauss-Hermite quadrature, see Smooth.
var (
	ReLU     Activation = relu{}
	Erf      Activation = erf{}
	Tanh     Activation = Smooth("tanh", math.Tanh, func(z float64) float64 { c := math.Cosh(z); return 1 / (c * c) })
	Softplus Activation = Smooth("softplus", softplus, logistic)
	Sigmoid  Activation = Smooth("sigmoid", logistic, func(z float64) float64 { return logistic(z) * logistic(-z) })
	GELU     Activation = Smooth("gelu", gelu, geluSlope)
)

// Activations lists the activations with a name, in the order of their names.
func Activations() []Activation { return []Activation{Erf, GELU, ReLU, Sigmoid, Softplus, Tanh} }

// ActivationByName returns the activation called name, in any case, or an error that lists them.
func ActivationByName(name string) (Activation, error) {
	all := Activations()
	i := slices.IndexFunc(all, func(a Activation) bool { return strings.EqualFold(a.Name(), name) })
	if i < 0 {
		names := make([]string, len(all))
		for k, a := range all {
			names[k] = a.Name()
		}
		return nil, fmt.Errorf("ntk.ActivationByName: no activation %q, want one of %s", name, strings.Join(names, ", "))
	}
	return all[i], nil
}

// Normalisation returns c_σ = 1/E[σ(z)²], z ~ N(0, 1), the factor that keeps the norm of a layer's
// output at the norm of its input (section 9.4, where the printed formula has lost a parenthesis).
// It is an error if the average is zero, infinite or not a number.
func Normalisation(a Activation) (float64, error) {
	second, _ := a.Moments(1, 1, 1)
	c := 1 / second
	if !(c > 0) || math.IsInf(c, 0) {
		return 0, fmt.Errorf("ntk.Normalisation: E[σ(z)²] = %g for activation %s, want a positive number", second, a.Name())
	}
	return c, nil
}

// Kappa0 is the arc-cosine function of degree 0, κ₀(ρ) = (π - arccos ρ)/π, twice the probability
// that two standard normals of correlation ρ are both positive. ρ is clipped to [-1, 1].
func Kappa0(rho float64) float64 { return (math.Pi - math.Acos(clip(rho))) / math.Pi }

// Kappa1 is the arc-cosine function of degree 1, κ₁(ρ) = (√(1-ρ²) + ρ(π - arccos ρ))/π, twice the
// mean product of their positive parts; κ₁' = κ₀. ρ is clipped to [-1, 1].
func Kappa1(rho float64) float64 {
	rho = clip(rho)
	return (math.Sqrt((1-rho)*(1+rho)) + rho*(math.Pi-math.Acos(rho))) / math.Pi
}

func clip(rho float64) float64 { return max(-1, min(1, rho)) }

// cosine returns c/√(ab) clipped to [-1, 1], and 0 where a or b is 0. For a = b = c it is exactly 1,
// which keeps diagonals and repeated rows free of the square-root loss near ρ = 1.
func cosine(a, b, c float64) float64 {
	p := a * b
	if p >= 0x1p-1000 && p <= 0x1p1000 {
		return clip(c / math.Sqrt(p))
	}
	if a == 0 || b == 0 {
		return 0
	}
	return clip(c / math.Sqrt(a) / math.Sqrt(b)) // ab left the range of float64
}

type relu struct{}

func (relu) Name() string            { return "relu" }
func (relu) Value(z float64) float64 { return max(z, 0) }
func (relu) Slope(z float64) float64 {
	if z > 0 {
		return 1
	}
	return 0
}

// Moments of max(z, 0): √(ab)·κ₁(ρ)/2 and κ₀(ρ)/2 (Cho and Saul 2009).
func (relu) Moments(a, b, c float64) (value, slope float64) {
	rho := cosine(a, b, c)
	return math.Sqrt(a) * math.Sqrt(b) * Kappa1(rho) / 2, Kappa0(rho) / 2
}

type erf struct{}

func (erf) Name() string            { return "erf" }
func (erf) Value(z float64) float64 { return math.Erf(z) }
func (erf) Slope(z float64) float64 { return 2 / math.Sqrt(math.Pi) * math.Exp(-z*z) }

// Moments of erf: (2/π)·arcsin(2c/√((1+2a)(1+2b))) and (4/π)/√((1+2a)(1+2b) - 4c²) (Williams 1997).
func (erf) Moments(a, b, c float64) (value, slope float64) {
	p := (1 + 2*a) * (1 + 2*b)
	// 1 + 2a + 2b + 4(ab - c²): the product is rewritten so that large a, b, c do not cancel.
	q := 1 + 2*a + 2*b + 4*max(0, a*b-c*c)
	return 2 / math.Pi * math.Asin(clip(2*c/math.Sqrt(p))), 4 / math.Pi / math.Sqrt(q)
}

func softplus(z float64) float64 { return max(z, 0) + math.Log1p(math.Exp(-math.Abs(z))) }

func logistic(z float64) float64 {
	if z >= 0 {
		return 1 / (1 + math.Exp(-z))
	}
	e := math.Exp(z)
	return e / (1 + e)
}

func gelu(z float64) float64 { return z / 2 * math.Erfc(-z/math.Sqrt2) }

func geluSlope(z float64) float64 {
	return math.Erfc(-z/math.Sqrt2)/2 + z*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)
}
