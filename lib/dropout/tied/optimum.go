package tied

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout/sensing"
)

// Minimum is the global minimum of (11.11).
type Minimum struct {
	Rank      int        // ρ
	Threshold float64    // τ = λρκ_ρ/(d₁ + λρ)
	Spectrum  []float64  // eigenvalues of UUᵀ, λ_i - τ for i ≤ ρ and 0 after
	Value     float64    // L_θ
	U         *mat.Dense // an equalized U that has it; all others have the same UUᵀ where λ_ρ > λ_{ρ+1}
}

// Minimum returns the global minimum (Theorem 11.3.1, as corrected: see sensing.WaterFill).
func (m *Model) Minimum() *Minimum {
	s, rho, tau, value, err := sensing.WaterFill(m.values, m.d1, m.lambda)
	if err != nil {
		panic(err) // New has checked all that WaterFill asks
	}
	support := make([]int, rho)
	for i := range support {
		support[i] = i
	}
	return &Minimum{Rank: rho, Threshold: tau, Spectrum: s, Value: value, U: m.factor(support, s, nil)}
}

// factor returns an equalized U with UUᵀ = Σ_{i in support} s_i·w_i·w_iᵀ, from the d₁×|support| matrix v of
// orthonormal columns, or from unit vectors where v is nil.
func (m *Model) factor(support []int, s []float64, v *mat.Dense) *mat.Dense {
	u := mat.NewDense(m.d0, m.d1, nil)
	for k, i := range support {
		size := math.Sqrt(s[i])
		for j := range m.d1 {
			z := 0.0
			if v != nil {
				z = v.At(j, k)
			} else if j == k {
				z = 1
			}
			if z != 0 {
				for r := range m.d0 {
					u.Set(r, j, u.At(r, j)+size*z*m.vectors.At(r, i))
				}
			}
		}
	}
	equalize(u, 0, m.d1)
	return u
}

// Equalize turns U into UQ, Q orthogonal, whose columns all have the length ‖U‖_F/√d₁. It is Lemma 11.3.3
// carried to its end: in the plane of the longest and the shortest column it turns by the angle at which
// the longest gets the mean length, which takes at most d₁-1 turns. U is changed. Cost O(d₁(d₀ + d₁)).
func Equalize(u *mat.Dense) {
	_, cols := u.Dims()
	equalize(u, 0, cols)
}

// equalize does it for the columns from lo up to hi.
func equalize(u *mat.Dense, lo, hi int) {
	rows, _ := u.Dims()
	all := norms(u)[lo:hi]
	mean := 0.0
	for _, n := range all {
		mean += n / float64(len(all))
	}
	for range len(all) - 1 {
		i, j := 0, 0
		for k, n := range all {
			if n > all[i] {
				i = k
			}
			if n < all[j] {
				j = k
			}
		}
		over, under := all[i]-mean, all[j]-mean
		if !(over > 1e-16*mean) || !(under < 0) {
			return
		}
		inner := 0.0
		for r := range rows {
			inner += u.At(r, lo+i) * u.At(r, lo+j)
		}
		// under·t² + 2·inner·t + over = 0 for t = tan of the angle: signs differ, so both roots are real.
		root := math.Sqrt(inner*inner - under*over)
		t := over / (-inner + math.Copysign(root, -inner))
		c := 1 / math.Sqrt(1+t*t)
		turn(u, lo+i, lo+j, c, c*t)
		n := norms(u)[lo:hi]
		copy(all, n)
		all[i] = mean
	}
}

// turn replaces columns i and j by c·u_i + s·u_j and c·u_j - s·u_i.
func turn(u *mat.Dense, i, j int, c, s float64) {
	rows, _ := u.Dims()
	for r := range rows {
		a, b := u.At(r, i), u.At(r, j)
		u.Set(r, i, c*a+s*b)
		u.Set(r, j, c*b-s*a)
	}
}

// Rotate returns UQ_δ of Lemma 11.3.3 for columns i and j, √(1-δ²)u_i + δu_j and √(1-δ²)u_j - δu_i, for
// |δ| ≤ 1. It leaves UUᵀ alone and moves U by
//
//	‖U - UQ_δ‖_F² = 2(1 - √(1-δ²))(‖u_i‖² + ‖u_j‖²).
func Rotate(u *mat.Dense, i, j int, delta float64) *mat.Dense {
	q := mat.DenseCopyOf(u)
	turn(q, i, j, math.Sqrt(1-delta*delta), delta)
	return q
}

// Gap returns how far U is from equalized, (max‖u_j‖² - min‖u_j‖²) over the mean, 0 for U = 0.
func Gap(u *mat.Dense) float64 {
	n := norms(u)
	sum := 0.0
	for _, v := range n {
		sum += v
	}
	if sum == 0 {
		return 0
	}
	return (slices.Max(n) - slices.Min(n)) * float64(len(n)) / sum
}
