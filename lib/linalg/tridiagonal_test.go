package linalg

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Q, made by applying the reflectors to the identity, is orthogonal and A·Q = Q·T.
func TestTridiagonal(t *testing.T) {
	team := kernel.NewTeam(t.Context())
	defer team.Close()
	for _, n := range []int{1, 2, 3, 4, 5, 31, 32, 33, 34, 64, 97, 98, 99, 130, 300} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a := symmetric(n, uint64(n))
			work, exponent := unitCopy(team, a)
			r := newTridiagonal(team, work, n)
			z := make([]float64, n*r.ld)
			for i := range n {
				z[i*r.ld+i] = 1
			}
			r.apply(team, z, n, r.ld)
			q := mat.NewDense(n, n, nil)
			for i := range n {
				q.SetCol(i, z[i*r.ld:i*r.ld+n])
			}
			var id, left, right mat.Dense
			id.Mul(q.T(), q)
			if d := maxDiff(&id, mat.NewDiagDense(n, ones(n))); d > 4*eps*float64(n+4) {
				t.Errorf("QᵀQ differs from I by %g", d)
			}
			left.Mul(a, q)
			right.Mul(q, tridiag(r.d, r.e))
			right.Scale(math.Ldexp(1, exponent), &right)
			if d := maxDiff(&left, &right); d > 4*eps*float64(n+4)*mat.Norm(a, 2) {
				t.Errorf("A·Q differs from Q·T by %g", d)
			}
		})
	}
}

func TestReflect(t *testing.T) {
	for _, c := range []struct {
		name string
		x    []float64
	}{
		{"three and four", []float64{3, 4}},
		{"a negative head", []float64{-3, 0, 4}},
		{"a head of zero", []float64{0, 1, -2, 2}},
		{"squares that underflow", []float64{1, 1e-200, 1e-180}},
		{"all of it near underflow", []float64{3e-310, -4e-310, 1e-312}},
		{"a tiny tail beside a large head", []float64{0.5, 5e-324}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := slices.Clone(c.x)
			beta, tau := reflect(v)
			norm := floats.Norm(c.x, 2)
			near(t, "|beta|", math.Abs(beta), norm, 4*eps*norm+5e-324)
			if v[0] != 1 {
				t.Errorf("v[0] = %g, want 1", v[0])
			}
			near(t, "tau·‖v‖²/2", tau*floats.Dot(v, v)/2, 1, 4*eps)
			// H·x = x - tau·v·(vᵀx), in a unit in which nothing underflows
			x := slices.Clone(c.x)
			for i, unit := 0, floats.Norm(x, math.Inf(1)); i < len(x); i++ {
				x[i] /= unit
			}
			along := floats.Dot(v, x)
			for i := 1; i < len(x); i++ {
				near(t, "H·x behind its head", x[i]-tau*v[i]*along, 0, 8*eps)
			}
		})
	}
	t.Run("nothing to reflect", func(t *testing.T) {
		for _, x := range [][]float64{{-2}, {5, 0, 0}, {0, 0}} {
			head := x[0]
			if beta, tau := reflect(x); beta != head || tau != 0 {
				t.Errorf("beta %g, tau %g, want %g and 0", beta, tau, head)
			}
		}
	})
}
