package conv

import (
	"math"

	"github.com/lemma-ml/lemma/lib/ntk"
)

// rules is the recursion as written, with its choices open: the claims check that another choice is
// noticed.
type rules struct {
	depth, filter int
	c             float64 // c_σ
	oneVariance   bool    // the mean variance of an image in place of one a position
	bareT         bool    // T is not summed over the filter between layers
	boxLast       bool    // the box sum follows the last layer too
	oneFilterSum  bool    // K is not divided by q²
	divideByZero  bool    // ρ = 0/0 where a patch is blank
	equalPlaces   bool    // pooling averages over equal places alone
}

// tensors holds S or K, and T, of one pair at (p, p'), pixels in reading order.
type tensors struct{ k, t []float64 }

// direct follows the recursion for images x and z (channels × pixels of an h×w image) index by index,
// carrying the variances as kernels of x and of z with themselves. Cost (h·w)²·q² a layer: a route of
// its own to check the fast one by, term for term that of the text.
func (r rules) direct(x, z [][]float64, h, w int) tensors {
	n := h * w
	start := func(a, b [][]float64) []float64 {
		k := make([]float64, n*n)
		for c := range a {
			for p, u := range a[c] {
				for q, v := range b[c] {
					k[p*n+q] += u * v
				}
			}
		}
		return r.box(k, h, w)
	}
	xz, xx, zz := start(x, z), start(x, x), start(z, z)
	t := append([]float64(nil), xz...)
	for layer := 1; layer <= r.depth; layer++ {
		a, b := r.variances(xx, n), r.variances(zz, n)
		k, slope := r.relu(xz, a, b)
		xx, _ = r.relu(xx, a, a)
		zz, _ = r.relu(zz, b, b)
		for e := range t {
			t[e] = slope[e]*t[e] + k[e]
		}
		if xz = k; layer < r.depth || r.boxLast {
			xz, xx, zz = r.box(k, h, w), r.box(xx, h, w), r.box(zz, h, w)
			if !r.bareT {
				t = r.box(t, h, w)
			}
		}
	}
	return tensors{xz, t}
}

// variances reads the diagonal of S(x, x).
func (r rules) variances(s []float64, n int) []float64 {
	v, mean := make([]float64, n), 0.0
	for p := range v {
		v[p] = s[p*n+p]
		mean += v[p] / float64(n)
	}
	if r.oneVariance {
		for p := range v {
			v[p] = mean
		}
	}
	return v
}

// relu returns K = (c_σ/q²)·E[σσ] and K̇ = (c_σ/q²)·E[σ'σ'], 0 where a variance is 0.
func (r rules) relu(s, a, b []float64) (k, slope []float64) {
	n := len(a)
	scale := r.c / 2
	if !r.oneFilterSum {
		scale /= float64(r.filter * r.filter)
	}
	k, slope = make([]float64, n*n), make([]float64, n*n)
	for p, va := range a {
		for q, vb := range b {
			if (va == 0 || vb == 0) && !r.divideByZero {
				continue
			}
			norm := math.Sqrt(va * vb)
			rho := max(-1, min(1, s[p*n+q]/norm))
			k[p*n+q], slope[p*n+q] = scale*norm*ntk.Kappa1(rho), scale*ntk.Kappa0(rho)
		}
	}
	return k, slope
}

// box is the sum over the filter, both positions moving together.
func (r rules) box(k []float64, h, w int) []float64 {
	out, n, f := make([]float64, len(k)), h*w, r.filter/2
	for i := range h {
		for j := range w {
			for ii := range h {
				for jj := range w {
					sum := 0.0
					for a := -f; a <= f; a++ {
						for b := -f; b <= f; b++ {
							if min(i+a, ii+a, j+b, jj+b) >= 0 && max(i, ii)+a < h && max(j, jj)+b < w {
								sum += k[((i+a)*w+j+b)*n+(ii+a)*w+jj+b]
							}
						}
					}
					out[(i*w+j)*n+ii*w+jj] = sum
				}
			}
		}
	}
	return out
}

// readouts returns Σ_p T_{p,p} and the mean of T over all pairs of places.
func readouts(t []float64, places int) (v, gap float64) {
	for p := range places {
		v += t[p*places+p]
	}
	for _, x := range t {
		gap += x / float64(len(t))
	}
	return v, gap
}
