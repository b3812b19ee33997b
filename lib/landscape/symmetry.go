package landscape

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Neurons is the population loss ½·E[(h_θ(x) - h_θ*(x))²] of section 6.3 for x ~ N(0, I), where
// h_θ(x) = Σ_i relu(⟨w_i, x⟩): a network of k neurons learns one of len(teacher). θ holds the w_i one after
// the other. Value and derivatives are exact, by the arc-cosine kernel
//
//	E[relu(u·x)·relu(v·x)] = ‖u‖‖v‖·(sin φ + (π - φ)·cos φ)/(2π),  φ the angle between u and v
//
// (Cho and Saul 2009).
type Neurons struct {
	teacher *mat.Dense // a neuron a row
	k       int
}

// NewNeurons returns the loss of a student of k neurons.
func NewNeurons(teacher *mat.Dense, k int) (*Neurons, error) {
	if k < 1 {
		return nil, fmt.Errorf("landscape.NewNeurons: %d neurons, want at least 1", k)
	}
	r, _ := teacher.Dims()
	for i := range r {
		if floats.Norm(teacher.RawRowView(i), 2) == 0 {
			return nil, fmt.Errorf("landscape.NewNeurons: neuron %d of the teacher is 0", i)
		}
	}
	return &Neurons{teacher: teacher, k: k}, nil
}

func (n *Neurons) dim() int { _, d := n.teacher.Dims(); return d }

// neuron returns w_i within θ.
func (n *Neurons) neuron(theta []float64, i int) []float64 {
	d := n.dim()
	return theta[i*d : (i+1)*d]
}

// arcCosine is E[relu(u·x)·relu(v·x)].
func arcCosine(u, v []float64) float64 {
	nu, nv := floats.Norm(u, 2), floats.Norm(v, 2)
	if nu == 0 || nv == 0 {
		return 0
	}
	phi := angle(u, v, nu, nv)
	return nu * nv * (math.Sin(phi) + (math.Pi-phi)*math.Cos(phi)) / (2 * math.Pi)
}

// angle between u and v, accurate also where it is small (Kahan).
func angle(u, v []float64, nu, nv float64) float64 {
	minus, plus := 0.0, 0.0
	for i := range u {
		a, b := u[i]/nu, v[i]/nv
		minus += (a - b) * (a - b)
		plus += (a + b) * (a + b)
	}
	return 2 * math.Atan2(math.Sqrt(minus), math.Sqrt(plus))
}

// addGradient adds c·∂/∂u E[relu(u·x)relu(v·x)] = c·(‖v‖ sin φ·u/‖u‖ + (π - φ)·v)/(2π) to dst; u ≠ 0.
func addGradient(dst, u, v []float64, c float64) {
	nu, nv := floats.Norm(u, 2), floats.Norm(v, 2)
	if nv == 0 {
		return
	}
	phi := angle(u, v, nu, nv)
	floats.AddScaled(dst, c*nv*math.Sin(phi)/nu/(2*math.Pi), u)
	floats.AddScaled(dst, c*(math.Pi-phi)/(2*math.Pi), v)
}

// Objective returns the loss; the student's neurons must not be 0. Products with the Hessian are central
// differences of the exact gradient, good to about 1e-9.
func (n *Neurons) Objective() *Objective {
	d := n.dim()
	m, _ := n.teacher.Dims()
	self := 0.0
	for i := range m {
		for j := range m {
			self += arcCosine(n.teacher.RawRowView(i), n.teacher.RawRowView(j)) / 2
		}
	}
	gradient := func(dst, theta []float64) {
		clear(dst)
		for i := range n.k {
			g, u := n.neuron(dst, i), n.neuron(theta, i)
			if floats.Norm(u, 2) == 0 {
				continue // the kink: 0 is one of its subgradients
			}
			floats.AddScaled(g, .5, u) // of ½·E[relu(u·x)²] = ¼‖u‖²
			for j := range n.k {
				if j != i {
					addGradient(g, u, n.neuron(theta, j), 1)
				}
			}
			for j := range m {
				addGradient(g, u, n.teacher.RawRowView(j), -1)
			}
		}
	}
	return &Objective{
		Name: fmt.Sprintf("%d ReLU neurons that learn %d", n.k, m), Dim: n.k * d, Lipschitz: math.NaN(), HessLipschitz: math.NaN(), Min: 0,
		Value: func(theta []float64) float64 {
			sum := self
			for i := range n.k {
				u := n.neuron(theta, i)
				for j := range n.k {
					sum += arcCosine(u, n.neuron(theta, j)) / 2
				}
				for j := range m {
					sum -= arcCosine(u, n.teacher.RawRowView(j))
				}
			}
			return sum
		},
		Gradient: gradient,
		HessVec: func(dst, theta, v []float64) {
			norm := floats.Norm(v, 2)
			if norm == 0 {
				clear(dst)
				return
			}
			h := 1e-6 / norm
			moved, low := append([]float64(nil), theta...), make([]float64, len(dst))
			floats.AddScaled(moved, h, v)
			gradient(dst, moved)
			floats.AddScaled(moved, -2*h, v)
			gradient(low, moved)
			floats.Sub(dst, low)
			floats.Scale(1/(2*h), dst)
		},
	}
}

// Permute returns θ with neuron i where order[i] was.
func (n *Neurons) Permute(theta []float64, order []int) []float64 {
	out := make([]float64, 0, len(theta))
	for _, i := range order {
		out = append(out, n.neuron(theta, i)...)
	}
	return out
}

// Average returns the mean of θ over all permutations: every neuron is the mean w̄ of all, so that the
// network is k·relu(⟨w̄, x⟩), one neuron scaled by k.
func (n *Neurons) Average(theta []float64) []float64 {
	mean := make([]float64, n.dim())
	for i := range n.k {
		floats.AddScaled(mean, 1/float64(n.k), n.neuron(theta, i))
	}
	var out []float64
	for range n.k {
		out = append(out, mean...)
	}
	return out
}
