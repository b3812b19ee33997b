package ntk

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Sphere returns n independent uniform points of the unit sphere in R^d, one a row.
func Sphere(n, d int, r *rand.Rand) *mat.Dense {
	x := mat.NewDense(n, d, nil)
	for i := range n {
		row := x.RawRowView(i)
		for norm := 0.0; norm == 0; norm = floats.Norm(row, 2) {
			for j := range row {
				row[j] = r.NormFloat64()
			}
		}
		floats.Scale(1/floats.Norm(row, 2), row)
	}
	return x
}

// Circle returns n evenly spaced unit vectors of the plane, the first at angle 0.
func Circle(n int) *mat.Dense {
	x := mat.NewDense(n, 2, nil)
	for i := range n {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		x.SetRow(i, []float64{cos, sin})
	}
	return x
}

// CircleSpectrum returns the eigenvalues λ_0..λ_max of a kernel's integral operator on the unit
// circle with the uniform measure, λ_k = mean of k(θ)cos(kθ), from n evenly spaced angles. λ_k
// belongs to the two functions cos kθ and sin kθ, and 1/λ_k is the time to learn them. The error of
// the sum is that of aliasing, λ_{n-k} + λ_{n+k}.
func CircleSpectrum(k Kernel, max, n int) ([]float64, error) {
	if max < 0 || n <= 2*max {
		return nil, fmt.Errorf("ntk.CircleSpectrum: frequencies up to %d from %d angles, want more than twice as many angles", max, n)
	}
	x := Circle(n)
	row, err := k.Cross(mat.NewDense(1, 2, []float64{1, 0}), x)
	if err != nil {
		return nil, fmt.Errorf("ntk.CircleSpectrum: %w", err)
	}
	out := make([]float64, max+1)
	for f := range out {
		for j := range n {
			// The phase is reduced first, so that large f·j lose no digits.
			out[f] += row.At(0, j) * math.Cos(2*math.Pi*float64(f*j%n)/float64(n))
		}
		out[f] /= float64(n)
	}
	return out, nil
}

// CircleHStar returns λ_k of the two-layer ReLU kernel on the circle in closed form: 1/π² at k = 0,
// 1/8 at 1, (k²+1)/(π²(k²-1)²) at even k, and 0 at odd k >= 3.
func CircleHStar(k int) float64 {
	switch {
	case k == 0:
		return 1 / (math.Pi * math.Pi)
	case k == 1:
		return 1. / 8
	case k%2 == 1:
		return 0
	}
	s := float64(k) * float64(k)
	return (s + 1) / (math.Pi * math.Pi * (s - 1) * (s - 1))
}

// Zonal is a function on the unit sphere of R^d that depends on x₁ alone, or a kernel that depends on
// xᵀx' alone, by its coefficients in Legendre polynomials of dimension d, normalised to P_k(1) = 1.
type Zonal struct {
	Dim  int
	Mean []float64 // E[g(x₁)P_k(x₁)], x uniform on the sphere; for a kernel the eigenvalue λ_k (Funk-Hecke)
}

// NewZonal integrates g against P_0..P_max with the given number of nodes in the angle.
func NewZonal(g func(t float64) float64, d, max, nodes int) Zonal {
	z := Zonal{Dim: d, Mean: make([]float64, max+1)}
	total := 0.0
	p := make([]float64, max+1)
	for i := range nodes { // the midpoint rule in the angle: the weight is sin^{d-2}θ
		theta := math.Pi * (float64(i) + .5) / float64(nodes)
		w := math.Pow(math.Sin(theta), float64(d-2))
		t := math.Cos(theta)
		legendre(p, t, d)
		total += w
		for k := range p {
			z.Mean[k] += w * g(t) * p[k]
		}
	}
	for k := range z.Mean {
		z.Mean[k] /= total
	}
	return z
}

// legendre writes P_0(t)..P_max(t) of dimension d: (k+d-2)P_{k+1} = (2k+d-2)tP_k - kP_{k-1}.
func legendre(p []float64, t float64, d int) {
	p[0] = 1
	if len(p) > 1 {
		p[1] = t
	}
	for k := 1; k+1 < len(p); k++ {
		a, b := float64(k), float64(d-2)
		p[k+1] = ((2*a+b)*t*p[k] - a*p[k-1]) / (a + b)
	}
}

// Harmonics is the number of independent spherical harmonics of degree k in R^d.
func Harmonics(k, d int) float64 {
	if k == 0 {
		return 1
	}
	// (2k+d-2)/k · binomial(k+d-3, k-1)
	n := (2*float64(k) + float64(d) - 2) / float64(k)
	for j := 1; j < k; j++ {
		n *= float64(d-2+j) / float64(j)
	}
	return n
}

// SquaredNorm returns the squared norm Σ_k N_k·E[g·P_k]²/λ_k of the function g in the space of the
// kernel: the limit of C = yᵀH⁻¹y as training inputs fill the sphere, and an upper bound on it for
// any number of them. Coefficients below tol² are no part of g; one above it at an eigenvalue below
// tol makes the norm infinite.
func SquaredNorm(g, kernel Zonal, tol float64) float64 {
	sum := 0.0
	for k, c := range g.Mean {
		n := Harmonics(k, g.Dim)
		switch {
		case n*c*c <= tol*tol:
		case kernel.Mean[k] <= tol:
			return math.Inf(1)
		default:
			sum += n * c * c / kernel.Mean[k]
		}
	}
	return sum
}
