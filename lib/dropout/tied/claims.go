package tied

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Claims returns the claims on section 11.3.
func Claims() []claim.Claim {
	return slices.Concat(modelClaims(), minimumClaims(), saddleClaims(), landscapeClaims())
}

// spectral returns a symmetric matrix with the given eigenvalues in a random basis.
func spectral(r *rand.Rand, values []float64) *mat.SymDense {
	d := len(values)
	var qr mat.QR
	qr.Factorize(mat.NewDense(d, d, rng.Normals(r, d*d)))
	var q mat.Dense
	qr.QTo(&q)
	s := mat.NewSymDense(d, nil)
	for k, v := range values {
		s.SymRankOne(s, v, q.ColView(k))
	}
	return s
}
