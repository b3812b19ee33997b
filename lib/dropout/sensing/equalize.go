package sensing

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Equalized is a factorization in which every unit carries the same share, and how it came about.
type Equalized struct {
	Factors             // Ũ = ÛQ and Ṽ = V̂Q, with ŨṼᵀ = M
	Balanced *Factors   // Û = WΣ^{1/2} and V̂ = YΣ^{1/2}, from M = WΣYᵀ, filled up with 0 to the width
	Rotation *mat.Dense // Q, orthogonal with determinant 1
	Share    float64    // ‖M‖_*/d₁, what ‖ũ_j‖² and ‖ṽ_j‖² are for every j
	// Grams[k] is (Q_k)ᵀÛᵀÛQ_k after k steps, the first diag(Σ, 0): its first k diagonal entries are Share.
	Grams []*mat.SymDense
}

// Equalize returns factors of M with the given width d₁ for which ‖ũ_j‖² = ‖ṽ_j‖² = ‖M‖_*/d₁ for every j,
// so that R(Ũ, Ṽ) = ‖M‖_*²/d₁ = Θ(M): what is true of Theorem 11.1.1. The theorem claims as much of any
// given pair, by a rotation; that holds for balanced pairs, UᵀU = VᵀV, only, and the proof silently
// takes the balanced pair of M in place of the given one.
//
// The rotation is built as in the proof. ÛᵀÛ less its mean has trace 0, so the average of its unit
// eigenvectors, scaled to length 1, is a direction in which it vanishes; that becomes the first axis, and
// the rest of the matrix, whose trace is 0 again, is treated likewise. Cost O(d₁⁴), for widths up to 64 or
// so. The error of a rank above the width is an *InfeasibleError.
func Equalize(m mat.Matrix, width int) (*Equalized, error) {
	const fn = "sensing.Equalize"
	b, s, err := balanced(fn, m, width)
	if err != nil {
		return nil, err
	}
	gram := mat.NewSymDense(width, nil)
	for i, v := range s[:min(width, len(s))] {
		gram.SetSym(i, i, v)
	}
	q := mat.NewDense(width, width, nil)
	for i := range width {
		q.Set(i, i, 1)
	}
	e := &Equalized{Balanced: b, Share: floats.Sum(s) / float64(width), Grams: []*mat.SymDense{gram}}
	for k := range width - 1 {
		tail := mat.NewSymDense(width-k, nil)
		for i := range width - k {
			for j := i; j < width-k; j++ {
				tail.SetSym(i, j, gram.At(k+i, k+j))
			}
		}
		w, err := level(tail)
		if err != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, k, err)
		}
		step := mat.NewDense(width, width, nil)
		for i := range k {
			step.Set(i, i, 1)
		}
		step.Slice(k, width, k, width).(*mat.Dense).Copy(firstAxis(w))
		var next, g mat.Dense
		next.Mul(q, step)
		q = &next
		g.Product(step.T(), gram, step)
		gram = linalg.Symmetrize(&g)
		e.Grams = append(e.Grams, gram)
	}
	if mat.Det(q) < 0 {
		for i := range width {
			q.Set(i, width-1, -q.At(i, width-1))
		}
	}
	e.Rotation = q
	e.Factors = *b.rotated(q)
	return e, nil
}

// balanced returns Û and V̂ of the width, and the singular values.
func balanced(fn string, m mat.Matrix, width int) (*Factors, []float64, error) {
	if _, err := spectrum(fn, m, width); err != nil {
		return nil, nil, err
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, nil, fmt.Errorf("%s: the singular values of M did not converge", fn)
	}
	s := svd.Values(nil)
	r := rank(s)
	if r > width {
		return nil, nil, fmt.Errorf("%s: %w", fn, &InfeasibleError{r, width})
	}
	var w, y mat.Dense
	svd.UTo(&w)
	svd.VTo(&y)
	d2, d0 := m.Dims()
	f := &Factors{mat.NewDense(d2, width, nil), mat.NewDense(d0, width, nil)}
	for i := r; i < len(s); i++ {
		s[i] = 0 // rounding, the root of which would be 1e-8
	}
	for j := range r {
		root := math.Sqrt(s[j])
		for i := range d2 {
			f.U.Set(i, j, root*w.At(i, j))
		}
		for i := range d0 {
			f.V.Set(i, j, root*y.At(i, j))
		}
	}
	return f, s[:min(width, len(s))], nil
}

// level returns a unit vector w with wᵀGw = tr(G)/m: the average of the eigenvectors of G, scaled. Signs of
// eigenvectors are arbitrary; the entry of largest size is made positive, so that every machine takes the
// same step.
func level(g *mat.SymDense) ([]float64, error) {
	_, vectors, err := linalg.EigenSym(g)
	if err != nil {
		return nil, err
	}
	m := g.SymmetricDim()
	w := make([]float64, m)
	for j := range m {
		largest := 0.0
		for i := range m {
			// The margin keeps entries that are equal but for rounding from taking turns.
			if x := vectors.At(i, j); math.Abs(x) > math.Abs(largest)*(1+1e-9) {
				largest = x
			}
		}
		for i := range m {
			w[i] += math.Copysign(1, largest) * vectors.At(i, j)
		}
	}
	floats.Scale(1/floats.Norm(w, 2), w)
	return w, nil
}

// firstAxis returns an orthogonal matrix whose first column is the unit vector w: the reflection that
// exchanges it with the first unit vector.
func firstAxis(w []float64) *mat.Dense {
	m := len(w)
	h := mat.NewDense(m, m, nil)
	for i := range m {
		h.Set(i, i, 1)
	}
	v := append([]float64(nil), w...)
	v[0]--
	n := floats.Dot(v, v)
	if n < 1e-30 {
		return h
	}
	x := mat.NewVecDense(m, v)
	h.RankOne(h, -2/n, x, x)
	return h
}

// EqualizeHadamard is Equalize for a width that is a power of two, by another route and in O(d₁²) a
// column: Q is Sylvester's Hadamard matrix over √d₁. All its entries are ±1/√d₁, so that the diagonal of
// QᵀDQ is constant for every diagonal D.
func EqualizeHadamard(m mat.Matrix, width int) (*Factors, error) {
	const fn = "sensing.EqualizeHadamard"
	if width < 1 || width&(width-1) != 0 {
		return nil, fmt.Errorf("%s: width %d, want a power of two", fn, width)
	}
	b, _, err := balanced(fn, m, width)
	if err != nil {
		return nil, err
	}
	q := mat.NewDense(width, width, []float64(nil))
	for i := range width {
		for j := range width {
			sign := 1.0
			for x := i & j; x != 0; x &= x - 1 {
				sign = -sign
			}
			q.Set(i, j, sign/math.Sqrt(float64(width)))
		}
	}
	return b.rotated(q), nil
}
