package implicitbias

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Method is a way to make steps from gradients.
type Method interface {
	Name() string
	// Begin returns the step function of one run from w0, which may hold what the method remembers. Errors
	// are parameters out of range and a start outside its domain.
	Begin(w0 []float64) (Step, error)
}

// Step sets dst to the point after w, where the loss has gradient g, with step size eta. An error ends the
// run.
type Step func(dst, w, g []float64, eta float64) error

var (
	_ Method = Gradient{}
	_ Method = Mirror{}
	_ Method = Natural{}
	_ Method = Steepest{}
	_ Method = Boosting{}
	_ Method = Momentum{}
	_ Method = Adam{}
)

// Gradient is w - η∇L(w), which is also argmin ⟨w, ∇L(w_t)⟩ + ‖w - w_t‖²/(2η), (8.2).
type Gradient struct{}

// Name is "gradient descent".
func (Gradient) Name() string { return "gradient descent" }

// Begin returns the step.
func (Gradient) Begin([]float64) (Step, error) {
	return func(dst, w, g []float64, eta float64) error {
		floats.AddScaledTo(dst, w, -eta, g)
		return nil
	}, nil
}

// Mirror is mirror descent, ∇R(w_{t+1}) = ∇R(w_t) - η∇L(w_t), (8.3). The dual point is carried along, so that
// nothing is lost where ∇R and its inverse lose digits.
type Mirror struct {
	Potential Potential
}

// Name is "mirror descent" with the potential.
func (m Mirror) Name() string { return "mirror descent, " + m.Potential.Name() }

// Begin checks that w0 lies in the domain.
func (m Mirror) Begin(w0 []float64) (Step, error) {
	if err := m.Potential.Check(w0); err != nil {
		return nil, err
	}
	u := make([]float64, len(w0))
	m.Potential.Gradient(u, w0)
	return func(dst, _, g []float64, eta float64) error {
		floats.AddScaled(u, -eta, g)
		m.Potential.Inverse(dst, u)
		return nil
	}, nil
}

// Natural is w - η(∇²R(w))⁻¹∇L(w): natural gradient descent in the metric of a potential, the Euler
// discretization of (8.8). Only its flow is that of Mirror; steps of finite size leave the manifold
// ∇R(w₀) + span{x_i}.
type Natural struct {
	Potential Potential
}

// Name is "natural gradient" with the potential.
func (m Natural) Name() string { return "natural gradient, " + m.Potential.Name() }

// Begin checks that w0 lies in the domain; a step that leaves it is an error.
func (m Natural) Begin(w0 []float64) (Step, error) {
	if err := m.Potential.Check(w0); err != nil {
		return nil, err
	}
	u := make([]float64, len(w0))
	return func(dst, w, g []float64, eta float64) error {
		m.Potential.Gradient(u, w)
		var v mat.VecDense
		v.MulVec(m.Potential.InverseHessian(u), mat.NewVecDense(len(g), g))
		floats.AddScaledTo(dst, w, -eta, v.RawVector().Data)
		return m.Potential.Check(dst)
	}, nil
}

// Steepest is steepest descent in ℓ_p, w + ηΔ with Δ = argmin ⟨∇L, v⟩ + ½‖v‖_p² (8.5), 1 ≤ p ≤ ∞; p = 1 is
// coordinate descent, p = ∞ descent along signs. In a quadratic norm it is Mirror with Quadratic.
type Steepest struct {
	P float64
}

// Name is "steepest descent" with the norm.
func (m Steepest) Name() string { return "steepest descent in " + ell(m.P) }

// Begin refuses p < 1.
func (m Steepest) Begin(w0 []float64) (Step, error) {
	if err := errNorm("implicitbias.Steepest", m.P); err != nil {
		return nil, err
	}
	delta := make([]float64, len(w0))
	return func(dst, w, g []float64, eta float64) error {
		Direction(delta, g, m.P)
		floats.AddScaledTo(dst, w, eta, delta)
		return nil
	}, nil
}

// Direction sets dst to the Δ of steepest descent in ℓ_p, p ≥ 1, for the gradient g: Δ_i =
// -‖g‖_q·sgn(g_i)(|g_i|/‖g‖_q)^{q-1}. For p = 1 it is -g_j·e_j at the largest |g_j|, the lowest j among
// equals, one of the minimizers; for p = ∞ it is -‖g‖₁·sgn(g). It satisfies ⟨Δ, -g⟩ = ‖Δ‖_p² = ‖g‖_q² (8.27).
func Direction(dst, g []float64, p float64) {
	switch {
	case p == 1:
		clear(dst)
		j := largest(g)
		dst[j] = -g[j]
		return
	case math.IsInf(p, 1):
		n := Norm(g, 1)
		for i, v := range g {
			dst[i] = -n * power(v, 0)
		}
		return
	}
	duality(dst, g, conjugate(p))
	floats.Scale(-1, dst)
}

// largest is the lowest index of the largest absolute value.
func largest(g []float64) int {
	j := 0
	for i, v := range g {
		if math.Abs(v) > math.Abs(g[j]) {
			j = i
		}
	}
	return j
}

// Boosting is ε-boosting, forward stagewise selection: the coordinate with the largest |∂L| moves by ε
// against its sign. It stops where |∂_jL| < ε·(XᵀX)_jj, for then no step of size ε lowers L. The step size of
// the run is not used.
type Boosting struct {
	Problem *Regression
	Epsilon float64 // > 0
}

// Name is "ε-boosting".
func (m Boosting) Name() string { return "ε-boosting" }

// Begin refuses ε ≤ 0 and a missing problem.
func (m Boosting) Begin(w0 []float64) (Step, error) {
	if !(m.Epsilon > 0) || m.Problem == nil {
		return nil, fmt.Errorf("implicitbias.Boosting: ε = %g, want a positive number and a problem", m.Epsilon)
	}
	gram := make([]float64, m.Problem.d)
	for j := range gram {
		c := mat.Col(nil, j, m.Problem.x)
		gram[j] = floats.Dot(c, c)
	}
	return func(dst, w, g []float64, _ float64) error {
		copy(dst, w)
		j := largest(g)
		if math.Abs(g[j]) < m.Epsilon*gram[j] {
			return errStop
		}
		dst[j] -= m.Epsilon * power(g[j], 0)
		return nil
	}, nil
}

// Momentum is the heavy ball: v ← βv - η∇L, w ← w + v.
type Momentum struct {
	Beta float64 // in [0, 1)
}

// Name is "heavy ball".
func (Momentum) Name() string { return "heavy ball" }

// Begin refuses β outside [0, 1).
func (m Momentum) Begin(w0 []float64) (Step, error) {
	if !(m.Beta >= 0 && m.Beta < 1) {
		return nil, fmt.Errorf("implicitbias.Momentum: β = %g, want 0 ≤ β < 1", m.Beta)
	}
	v := make([]float64, len(w0))
	return func(dst, w, g []float64, eta float64) error {
		floats.Scale(m.Beta, v)
		floats.AddScaled(v, -eta, g)
		floats.AddTo(dst, w, v)
		return nil
	}, nil
}

// Adam is Adam with bias correction, or AdaGrad where Beta2 is 1 (sums of squares, no forgetting). The zero
// value is Adam with its usual 0.9, 0.999 and 1e-8.
type Adam struct {
	Beta1, Beta2 float64 // 0 means 0.9 and 0.999; Beta2 = 1 is AdaGrad, without Beta1
}

// Name is "Adam" or "AdaGrad".
func (m Adam) Name() string {
	if m.Beta2 == 1 {
		return "AdaGrad"
	}
	return "Adam"
}

// Begin refuses rates outside [0, 1].
func (m Adam) Begin(w0 []float64) (Step, error) {
	b1, b2 := m.Beta1, m.Beta2
	if b1 == 0 {
		b1 = .9
	}
	if b2 == 0 {
		b2 = .999
	}
	if !(b1 > 0 && b1 < 1 && b2 > 0 && b2 <= 1) {
		return nil, fmt.Errorf("implicitbias.Adam: β₁ = %g and β₂ = %g, want them in (0, 1), β₂ = 1 allowed", b1, b2)
	}
	first, second := make([]float64, len(w0)), make([]float64, len(w0))
	t := 0
	return func(dst, w, g []float64, eta float64) error {
		t++
		for i, v := range g {
			if b2 == 1 {
				second[i] += v * v
				dst[i] = w[i] - eta*v/(math.Sqrt(second[i])+1e-12)
				continue
			}
			first[i] = b1*first[i] + (1-b1)*v
			second[i] = b2*second[i] + (1-b2)*v*v
			m, s := first[i]/(1-math.Pow(b1, float64(t))), second[i]/(1-math.Pow(b2, float64(t)))
			dst[i] = w[i] - eta*m/(math.Sqrt(s)+1e-8)
		}
		return nil
	}, nil
}
