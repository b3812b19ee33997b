package tied

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/mat"
)

// Moments are the second moments of isotropic inputs x, E xxᵀ = I, and targets y: all that the population
// risk of the tied autoencoder knows of them.
type Moments struct {
	Y  *mat.SymDense // C_y = E yyᵀ, d₀×d₀
	YX *mat.Dense    // C_yx = E yxᵀ, d₀×d₀
}

// Symmetrize returns M = (C + Cᵀ)/2 for a square matrix.
func Symmetrize(c *mat.Dense) (*mat.SymDense, error) {
	n, k := c.Dims()
	if n != k {
		return nil, fmt.Errorf("tied.Symmetrize: matrix of %d×%d, want a square one", n, k)
	}
	return linalg.Symmetrize(c), nil
}

// Empirical returns the moments of the rows of x and y, n×d₀ each. Errors are shapes that differ, and inputs
// that are not white: XᵀX/n must be I to 1e-9 in every entry.
func Empirical(x, y *mat.Dense) (*Moments, error) {
	const fn = "tied.Empirical"
	n, d := x.Dims()
	if a, b := y.Dims(); a != n || b != d || n == 0 {
		return nil, fmt.Errorf("%s: inputs of %d×%d and targets of %d×%d, want one shape", fn, n, d, a, b)
	}
	var c, yx mat.Dense
	c.Mul(x.T(), x)
	for i := range d {
		for j := range d {
			want := 0.0
			if i == j {
				want = 1
			}
			if got := c.At(i, j) / float64(n); !(math.Abs(got-want) <= 1e-9) {
				return nil, fmt.Errorf("%s: entry (%d, %d) of XᵀX/n is %g, want %g: the inputs must be white", fn, i, j, got, want)
			}
		}
	}
	yx.Mul(y.T(), x)
	yx.Scale(1/float64(n), &yx)
	cy := mat.NewSymDense(d, nil)
	cy.SymOuterK(1/float64(n), y.T())
	return &Moments{Y: cy, YX: &yx}, nil
}

// Risk returns E‖y - Px‖² = Tr C_y - 2⟨C_yx, P⟩ + ‖P‖_F² for a d₀×d₀ matrix P, UUᵀ or one with a mask in it.
func (c *Moments) Risk(p mat.Matrix) float64 {
	r := mat.Trace(c.Y)
	n, _ := p.Dims()
	for i := range n {
		for j := range n {
			v := p.At(i, j)
			r += v * (v - 2*c.YX.At(i, j))
		}
	}
	return r
}

// Constant is what the risk of UUᵀ has beyond ‖M - UUᵀ‖_F²: Tr C_y - ‖M‖_F². The book prints ‖C_yx‖_F² in
// place of ‖M‖_F², which is the same for a symmetric C_yx alone.
func (c *Moments) Constant() float64 {
	m, err := Symmetrize(c.YX)
	if err != nil {
		panic(err) // YX is square
	}
	f := mat.Norm(m, 2)
	return mat.Trace(c.Y) - f*f
}

// maskLimit is the largest width whose masks are enumerated.
const maskLimit = 20

// Dropout returns the mean of E‖y - UBUᵀx‖² over all 2^d₁ masks B, whose diagonal entries are 0 with
// probability p and else 1/(1-p), by enumeration. Errors are a rate p outside [0,1), and a width above 20.
func (c *Moments) Dropout(u *mat.Dense, p float64) (float64, error) {
	const fn = "tied.Dropout"
	rows, width := u.Dims()
	switch {
	case !(p >= 0 && p < 1):
		return 0, fmt.Errorf("%s: rate %v, want a probability of dropping in [0,1)", fn, p)
	case width > maskLimit:
		return 0, fmt.Errorf("%s: width %d means 2^%d masks, want at most %d units", fn, width, width, maskLimit)
	}
	mean := 0.0
	masked, prod := mat.NewDense(rows, width, nil), mat.NewDense(rows, rows, nil)
	for bits := range 1 << width {
		weight := 1.0
		for j := range width {
			keep := 0.0
			if bits>>j&1 == 1 {
				keep = 1 / (1 - p)
				weight *= 1 - p
			} else {
				weight *= p
			}
			for i := range rows {
				masked.Set(i, j, keep*u.At(i, j))
			}
		}
		if weight > 0 {
			prod.Mul(masked, u.T())
			mean += weight * c.Risk(prod)
		}
	}
	return mean, nil
}
