package sensing

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// BestRotation looks for the rotation of the given pair with the least penalty R(UQ, VQ), which the book's
// Theorem 11.1.1 says is Θ(UVᵀ). It is, if UᵀU = VᵀV; in general it is more.
//
// The search turns two columns at a time. In a plane the penalty is a constant plus a sinusoid of four times
// the angle, so the best angle is known, and sweeps over all planes go down until none helps. starts random
// orthogonal matrices precede it, the first the identity; the best end is returned.
func BestRotation(ctx context.Context, f *Factors, starts int, seed uint64) (*Factors, error) {
	const fn = "sensing.BestRotation"
	if err := f.check(fn); err != nil {
		return nil, err
	}
	if starts < 1 {
		return nil, fmt.Errorf("%s: %d starts, want at least 1", fn, starts)
	}
	d1 := f.Width()
	r := rng.Stream(seed, "sensing/rotation")
	var best *Factors
	for s := range starts {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		g := &Factors{mat.DenseCopyOf(f.U), mat.DenseCopyOf(f.V)}
		if s > 0 {
			var qr mat.QR
			qr.Factorize(mat.NewDense(d1, d1, rng.Normals(r, d1*d1)))
			var q mat.Dense
			qr.QTo(&q)
			g = f.rotated(&q)
		}
		for range 500 {
			turned := 0.0
			for j := range d1 {
				for k := j + 1; k < d1; k++ {
					turned = max(turned, g.turn(j, k))
				}
			}
			if turned < 1e-12 {
				break
			}
		}
		if best == nil || g.Penalty() < best.Penalty() {
			best = g
		}
	}
	return best, nil
}

// turn rotates columns j and k of both factors to the least penalty and returns the size of the angle.
// With the columns turned by θ, ‖u_j‖² = α + β cos 2θ + γ sin 2θ and ‖u_k‖² = α - β cos 2θ - γ sin 2θ, and
// with α', β', γ' of V the penalty of the two is
// 2αα' + ββ' + γγ' + (ββ' - γγ') cos 4θ + (βγ' + γβ') sin 4θ.
func (f *Factors) turn(j, k int) float64 {
	parts := func(m *mat.Dense) (b, c float64) {
		x, y := m.ColView(j), m.ColView(k)
		return (mat.Dot(x, x) - mat.Dot(y, y)) / 2, mat.Dot(x, y)
	}
	b, c := parts(f.U)
	b2, c2 := parts(f.V)
	even, odd := b*b2-c*c2, b*c2+c*b2
	size := math.Hypot(even, odd)
	if gain := size + even; gain <= 1e-15*(math.Abs(b)+math.Abs(c))*(math.Abs(b2)+math.Abs(c2)) {
		return 0 // where nothing is to be gained the angle is rounding
	}
	theta := math.Atan2(-odd, -even) / 4
	co, si := math.Cos(theta), math.Sin(theta)
	for _, m := range []*mat.Dense{f.U, f.V} {
		rows, _ := m.Dims()
		for i := range rows {
			x, y := m.At(i, j), m.At(i, k)
			m.Set(i, j, co*x+si*y)
			m.Set(i, k, co*y-si*x)
		}
	}
	return math.Abs(theta)
}
