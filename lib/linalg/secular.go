package linalg

import (
	"math"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
)

// secular is the equation of a rank-one change: the eigenvalues of diag(d) + ρ·z·zᵀ, ρ > 0, d strictly
// ascending and no z_j zero, are the roots of
//
//	f(λ) = 1/ρ + Σ_j z_j²/(d_j - λ),
//
// one in each (d_i, d_{i+1}) and one in (d_{k-1}, d_{k-1} + ρ‖z‖²).
type secular struct {
	d, z2 []float64 // z2 holds the squares
	rho   float64
	size  float64 // Σ z2
}

// root is λ = d[pole] + tau, kept in two parts: each d_j - λ is then known to the last digit or two,
// which the vectors need.
type root struct {
	pole int
	tau  float64
}

// minus returns d_j - λ.
func (s *secular) minus(j int, r root) float64 { return (s.d[j] - s.d[r.pole]) - r.tau }

// solve finds the root i.
//
// f is replaced by a function with two poles, at the ends of the interval, that has f's value and
// slope at the last point; its root is the next point (R.-C. Li, Solving secular equations stably and
// efficiently, LAPACK Working Note 89, 1993). The weight of the nearer pole is first taken as it is
// ("fixed weight", fast when that pole rules); where that gains less than a factor ten, both are
// fitted ("middle way"). Where two steps gain less than a factor four, or one leaves the bracket, the
// bracket is halved: there is always an end.
func (s *secular) solve(i int) root {
	k := len(s.d)
	if k == 1 {
		return root{0, s.rho * s.z2[0]}
	}
	last := i == k-1
	left := min(i, k-2) // the poles of the model are left and left+1
	r, low, high := s.start(i)
	origin := s.d[r.pole]
	inv := 1 / s.rho
	gap := s.d[left+1] - s.d[left]
	before, previous := math.Inf(1), math.Inf(1) // |f| two steps and one step ago
	middle := last
	for step := 0; ; step++ {
		psi, dpsi := kernel.Secular(s.d[:left+1], s.z2[:left+1], origin, r.tau)
		phi, dphi := kernel.Secular(s.d[left+1:], s.z2[left+1:], origin, r.tau)
		f, df := inv+psi+phi, dpsi+dphi
		if f < 0 {
			low = max(low, r.tau)
		} else {
			high = min(high, r.tau)
		}
		// What rounding may have done to f: to the terms, and to tau in them.
		if math.Abs(f) <= eps*(8*(math.Abs(psi)+math.Abs(phi))+inv+math.Abs(r.tau)*df) || step == 200 {
			return r
		}
		size := math.Abs(f)
		slow := size > before/4
		if size > previous/10 {
			middle = !middle || last
		}
		before, previous = previous, size
		near, far := s.minus(left, r), s.minus(left+1, r)
		var c float64
		switch {
		case middle:
			c = f - near*dpsi - far*dphi
		case r.pole == left:
			c = f - far*df + gap*(s.z2[left]/near)/near
		default:
			c = f - near*df - gap*(s.z2[left+1]/far)/far
		}
		a, b := (near+far)*f-near*far*df, near*far*f
		eta := quadratic(c, a, b, last)
		if !(f*eta < 0) {
			eta = -f / df // Newton's step points the right way
		}
		next := r.tau + eta
		if slow || !(next > low && next < high) {
			next = between(low, high)
			before, previous = math.Inf(1), math.Inf(1)
		}
		if next == r.tau || next <= low || next >= high {
			return r
		}
		r.tau = next
	}
}

// quadratic returns the root of c·η² - a·η + b = 0 that the model means: for an inner interval the one
// between its poles, for the last one the one beyond both.
func quadratic(c, a, b float64, last bool) float64 {
	if last {
		c = math.Abs(c)
	}
	root := math.Sqrt(math.Abs(a*a - 4*b*c))
	if last {
		if a >= 0 {
			return (a + root) / (2 * c)
		}
		return 2 * b / (a - root)
	}
	if a <= 0 {
		return (a - root) / (2 * c)
	}
	return 2 * b / (a + root)
}

// between halves a bracket: the exponent while the ends differ much, the distance afterwards.
func between(low, high float64) float64 {
	switch {
	case low > 0 && high > 4*low:
		return math.Sqrt(low) * math.Sqrt(high)
	case high < 0 && low < 4*high:
		return -math.Sqrt(-low) * math.Sqrt(-high)
	}
	return low + (high-low)/2
}

// start chooses the nearer pole by the sign of f half way, returns the bracket for tau, and solves the
// equation with the other poles' part as it is there.
func (s *secular) start(i int) (r root, low, high float64) {
	k := len(s.d)
	inv := 1 / s.rho
	if i == k-1 {
		high = s.rho * s.size * (1 + 4*eps*float64(k))
		half := high / 2
		psi, _ := kernel.Secular(s.d[:k-2], s.z2[:k-2], s.d[k-1], half)
		gap := s.d[k-1] - s.d[k-2]
		c := inv + psi
		y, z := s.z2[k-2], s.z2[k-1]
		a, b := -c*gap+y+z, z*gap
		tau := half
		if c > 0 {
			if disc := math.Sqrt(a*a + 4*b*c); a < 0 {
				tau = 2 * b / (disc - a)
			} else {
				tau = (a + disc) / (2 * c)
			}
		}
		if !(tau > 0 && tau < high) {
			tau = half
		}
		return root{k - 1, tau}, 0, high
	}
	gap := s.d[i+1] - s.d[i]
	half := gap / 2
	psi, _ := kernel.Secular(s.d[:i], s.z2[:i], s.d[i], half)
	phi, _ := kernel.Secular(s.d[i+2:], s.z2[i+2:], s.d[i], half)
	c := inv + psi + phi
	y, z := s.z2[i], s.z2[i+1]
	if c-y/half+z/half >= 0 {
		tau := quadratic(c, c*gap+y+z, y*gap, false)
		if !(tau > 0 && tau < half) {
			tau = half
		}
		return root{i, tau}, 0, half * (1 + 4*eps)
	}
	// The mirror image: -tau is the distance from the right pole.
	tau := -quadratic(-c, -c*gap+y+z, z*gap, false)
	if !(tau < 0 && tau > -half) {
		tau = -half
	}
	return root{i + 1, tau}, -half * (1 + 4*eps), 0
}
