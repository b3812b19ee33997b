package ntk

import (
	"fmt"
	"math"
)

// Training says how, and for how long, a residual is driven down under a constant kernel. Both
// methods act on one eigenvalue λ >= 0.
type Training interface {
	// Remaining is R(λ), the share of the residual that is left: 1 at λ = 0, unless training goes on
	// for ever.
	Remaining(lambda float64) float64

	// Gain is (1 - R(λ))/λ, without cancellation for small λ.
	Gain(lambda float64) float64

	// Check reports an error if training diverges when the largest eigenvalue is the given one.
	Check(largest float64) error
}

var (
	_ Training = Flow{}
	_ Training = Descent{}
	_ Training = Converged{}
)

// Flow is gradient flow on ½Σ(f(x_i) - y_i)² for Time, R(λ) = e^{-λt}: (9.5) and (9.10).
type Flow struct {
	Time float64 // t >= 0
}

// Remaining implements Training.
func (f Flow) Remaining(lambda float64) float64 { return math.Exp(-lambda * f.Time) }

// Gain implements Training.
func (f Flow) Gain(lambda float64) float64 {
	if lambda*f.Time < 1e-300 {
		return f.Time
	}
	return -math.Expm1(-lambda*f.Time) / lambda
}

// Check implements Training: gradient flow never diverges.
func (f Flow) Check(float64) error {
	if !(f.Time >= 0) {
		return fmt.Errorf("ntk.Flow: time %g, want >= 0", f.Time)
	}
	return nil
}

// Descent is gradient descent on ½Σ(f(x_i) - y_i)² with step Rate, R(λ) = (1 - ηλ)^Steps.
type Descent struct {
	Rate  float64 // η; converges for 0 < η < 2/λ_1
	Steps int
}

// Remaining implements Training.
func (d Descent) Remaining(lambda float64) float64 {
	return math.Pow(1-d.Rate*lambda, float64(d.Steps))
}

// Gain implements Training.
func (d Descent) Gain(lambda float64) float64 {
	z := d.Rate * lambda
	switch {
	case z*float64(d.Steps) < 1e-300:
		return d.Rate * float64(d.Steps)
	case z < 1:
		return -math.Expm1(float64(d.Steps)*math.Log1p(-z)) / lambda
	}
	return (1 - d.Remaining(lambda)) / lambda
}

// Check implements Training: η must be in (0, 2/λ_1).
func (d Descent) Check(largest float64) error {
	switch {
	case d.Steps < 0:
		return fmt.Errorf("ntk.Descent: %d steps, want >= 0", d.Steps)
	case !(d.Rate > 0) || math.IsInf(d.Rate, 0):
		return fmt.Errorf("ntk.Descent: step size %g, want a positive number", d.Rate)
	case d.Rate*largest >= 2:
		return fmt.Errorf("ntk.Descent: step size η = %.6g, want less than 2/λ_1 = %.6g: gradient descent diverges", d.Rate, 2/largest)
	}
	return nil
}

// Converged is training to its end, R(λ) = 0 for λ > 0: interpolation, (9.6).
type Converged struct{}

// Remaining implements Training.
func (Converged) Remaining(lambda float64) float64 {
	if lambda > 0 {
		return 0
	}
	return 1
}

// Gain implements Training; it is infinite at λ = 0.
func (Converged) Gain(lambda float64) float64 { return 1 / lambda }

// Check implements Training.
func (Converged) Check(float64) error { return nil }
