package tied

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Plane is the problem of figure 11.1, inputs of one dimension and width 2,
//
//	f(w) = (m - w₁² - w₂²)² + λ(w₁⁴ + w₂⁴),   m > 0,
//
// whose critical points have closed forms.
type Plane struct{ M, Lambda float64 }

// NewPlane checks that m > 0 and λ ≥ 0 are finite.
func NewPlane(m, lambda float64) (*Plane, error) {
	if !(m > 0) || math.IsInf(m, 1) || !(lambda >= 0) || math.IsInf(lambda, 1) {
		return nil, fmt.Errorf("tied.NewPlane: m = %g and λ = %g, want a positive number and one of at least 0", m, lambda)
	}
	return &Plane{m, lambda}, nil
}

// Model returns the problem as (11.11).
func (p *Plane) Model() *Model {
	m, err := New(mat.NewDiagDense(1, []float64{p.M}), 2, p.Lambda)
	if err != nil {
		panic(err) // NewPlane has checked
	}
	return m
}

// Value returns f(w).
func (p *Plane) Value(a, b float64) float64 {
	r := p.M - a*a - b*b
	return r*r + p.Lambda*(a*a*a*a+b*b*b*b)
}

// Spot is a set of critical points of a Plane on which f is the same.
type Spot struct {
	Points     [][2]float64
	Value      float64
	Curvatures [2]float64 // eigenvalues of the Hessian, rising
}

// Minima returns the four points |w₁| = |w₂| = √(m/(2+λ)). For λ = 0 the minima are the whole circle
// |w|² = m, and these are four of them.
func (p *Plane) Minima() Spot {
	w := math.Sqrt(p.M / (2 + p.Lambda))
	return Spot{
		Points: [][2]float64{{w, w}, {-w, w}, {-w, -w}, {w, -w}},
		Value:  p.M * p.M * p.Lambda / (2 + p.Lambda), Curvatures: [2]float64{8 * p.M * p.Lambda / (2 + p.Lambda), 8 * p.M},
	}
}

// Saddles returns the four points on the axes at distance √(m/(1+λ)), which are minima for λ = 0.
func (p *Plane) Saddles() Spot {
	w := math.Sqrt(p.M / (1 + p.Lambda))
	return Spot{
		Points: [][2]float64{{w, 0}, {0, w}, {-w, 0}, {0, -w}},
		Value:  p.M * p.M * p.Lambda / (1 + p.Lambda), Curvatures: [2]float64{-4 * p.M * p.Lambda / (1 + p.Lambda), 8 * p.M},
	}
}

// Origin returns 0, a local maximum.
func (p *Plane) Origin() Spot {
	return Spot{Points: [][2]float64{{0, 0}}, Value: p.M * p.M, Curvatures: [2]float64{-4 * p.M, -4 * p.M}}
}
