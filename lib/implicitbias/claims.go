package implicitbias

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Claims returns the claims of sections 8.0 and 8.1 and those beyond them.
func Claims() []claim.Claim {
	return slices.Concat(descentClaims(), steepestClaims(), flowClaims(), hyperbolicClaims(), beyondClaims())
}

// zeros is the origin of R^d.
func zeros(d int) []float64 { return make([]float64, d) }

// fill is c·1 in R^d.
func fill(d int, c float64) []float64 {
	w := make([]float64, d)
	floats.AddConst(c, w)
	return w
}

// drawn is a random problem with n examples in R^d: Gaussian rows of norm about 1, labels of a positive
// solution.
func drawn(seed uint64, name string, n, d int) *Regression {
	r := rng.Stream(seed, "implicitbias/"+name)
	x := mat.NewDense(n, d, rng.Normals(r, n*d))
	x.Scale(.4, x)
	w := make([]float64, d)
	for i := range w {
		w[i] = .2 + 1.6*r.Float64()
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = floats.Dot(x.RawRowView(i), w)
	}
	return must(NewRegression(x, y))
}

// entries is evidence that a measured point is the theory's, one coordinate at a time.
func entries(f *claim.Finding, name string, theory, measured []float64, tol claim.Tolerance) {
	for i := range theory {
		f.Add(claim.Equals(name+", "+coordinate(i), theory[i], measured[i], tol))
	}
}

func coordinate(i int) string { return "w" + string(rune('₁'+i)) }

// apart is evidence that two points differ by no more than tol.
func apart(name string, a, b []float64, tol claim.Tolerance) claim.Evidence {
	return claim.Equals(name, 0, distance(a, b), tol)
}

// positive returns a random positive definite matrix with eigenvalues of order 1.
func positive(seed uint64, name string, d int) *mat.SymDense {
	a := mat.NewDense(d, d, rng.Normals(rng.Stream(seed, "implicitbias/"+name), d*d))
	s := mat.NewSymDense(d, nil)
	s.SymOuterK(1/float64(d), a)
	for i := range d {
		s.SetSym(i, i, s.At(i, i)+.3)
	}
	return s
}

// simple is a check without anything to wait for.
func simple(check func(f *claim.Finding, env claim.Env) error) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		if err := check(f, env); err != nil {
			return nil, err
		}
		return f, ctx.Err()
	}
}
