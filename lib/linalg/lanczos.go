package linalg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack"
	lapackgo "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"
)

// LanczosStatus says why [Lanczos] stopped.
type LanczosStatus int

const (
	LanczosConverged LanczosStatus = iota // every residual is within the tolerance
	LanczosStepLimit                      // MaxSteps was reached first; the partial result stands
)

func (s LanczosStatus) String() string {
	switch s {
	case LanczosConverged:
		return "converged"
	case LanczosStepLimit:
		return "step limit"
	}
	return fmt.Sprintf("LanczosStatus(%d)", int(s))
}

// LanczosConfig tunes [Lanczos]; the zero value runs.
type LanczosConfig struct {
	MaxSteps  int       // products with the operator; 0 means min(n, max(20k, 200)), at most n
	Tolerance float64   // residual ‖Av-λv‖ relative to max|λ|; 0 means 1e-10
	Seed      uint64    // of the random start vector
	Start     []float64 // start vector of n entries, not 0; nil means Gaussian from Seed
	Smallest  bool      // the k smallest instead of the k largest (algebraically)
}

// LanczosResult holds the eigenpairs found. Values descend, or ascend when Smallest was asked.
type LanczosResult struct {
	Values    []float64  // k Ritz values
	Vectors   *mat.Dense // n×k, unit columns, largest-magnitude entry positive
	Residuals []float64  // ‖A v_i - λ_i v_i‖, computed with the operator, not estimated
	Steps     int        // dimension of the Krylov space
	Products  int        // applications of the operator in all
	Status    LanczosStatus
}

// Lanczos approximates the k largest eigenvalues, with vectors, of the symmetric operator of
// dimension n that op applies: dst = A·src, with src left alone. By default each is accurate to
// 1e-10·max|λ|: for a symmetric A an eigenvalue lies within the residual of each Ritz value.
//
// Every new vector is orthogonalised twice against all earlier ones, so no ghost copies appear
// (Parlett, The Symmetric Eigenvalue Problem, chapter 13). An exhausted Krylov space is restarted
// with a fresh random direction, so that a multiple eigenvalue shows all its copies once the space
// is large enough; before that, fewer may be seen. MaxSteps = n makes it a dense method. Cost for
// m steps: m products and 4nm² flops; memory m·n doubles.
//
// Reaching MaxSteps is an outcome, not an error: see Status and Residuals. Errors are k outside
// [1,n], a bad start vector, an op that returns a non-finite number or is found not to be
// symmetric, by more than 1e-3 of its size, in its first two steps, and a done context, which is
// looked at before each product. An operator in float32 is welcome, with a Tolerance to match.
func Lanczos(ctx context.Context, op func(dst, src []float64), n, k int, cfg LanczosConfig) (*LanczosResult, error) {
	const fn = "linalg.Lanczos"
	if k < 1 || k > n {
		return nil, fmt.Errorf("%s: k=%d eigenvalues of an operator of dimension %d, want 1 ≤ k ≤ n", fn, k, n)
	}
	if cfg.MaxSteps < 0 || cfg.Tolerance < 0 || math.IsNaN(cfg.Tolerance) {
		return nil, fmt.Errorf("%s: MaxSteps=%d, Tolerance=%g, want neither negative", fn, cfg.MaxSteps, cfg.Tolerance)
	}
	steps, tol := cfg.MaxSteps, cfg.Tolerance
	if steps == 0 {
		steps = max(20*k, 200)
	}
	steps = min(max(steps, k), n)
	if tol == 0 {
		tol = 1e-10
	}
	start := cfg.Start
	if start == nil {
		start = randomUnit(n, cfg.Seed)
	}
	if len(start) != n {
		return nil, fmt.Errorf("%s: start vector has %d entries, want %d", fn, len(start), n)
	}
	if err := checkFiniteVec(fn, start); err != nil {
		return nil, err
	}
	if floats.Norm(start, 2) == 0 {
		return nil, fmt.Errorf("%s: start vector is 0, want a direction", fn)
	}
	s := newSpace(op, n, start, cfg.Seed)
	done, look := false, k
	for !done && s.m < steps {
		if err := s.step(ctx); err != nil {
			return nil, fmt.Errorf("%s: step %d: %w", fn, s.m, err)
		}
		if s.m >= look {
			done, look = s.converged(k, tol, cfg.Smallest), nextLook(s.m)
		}
	}
	r := s.ritz(k, cfg.Smallest)
	scale := max(math.Abs(s.vals[0]), math.Abs(s.vals[s.m-1]))
	av := make([]float64, n)
	r.Status = LanczosConverged
	for i := range k {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		v := mat.Col(nil, i, r.Vectors)
		op(av, v)
		floats.AddScaled(av, -r.Values[i], v)
		r.Residuals[i] = floats.Norm(av, 2)
		if !(r.Residuals[i] <= tol*scale) {
			r.Status = LanczosStepLimit
		}
	}
	r.Products = s.m + k
	return r, nil
}

// nextLook returns the step at which to solve the m×m problem again: each solve costs about m³, so
// the steps between grow with m, and all the solves together cost a few times the last.
func nextLook(m int) int { return m + max(6, m/6) }

var errNonFinite = errors.New("the operator returned a non-finite number")

// space is a growing Krylov space: orthonormal rows q[0..m) of length n, and the tridiagonal
// T = QAQᵀ with diagonal alpha and off-diagonal beta. next is the direction that follows.
type space struct {
	op    func(dst, src []float64)
	n, m  int
	q     [][]float64
	alpha []float64
	beta  []float64 // beta[j] couples j and j+1; 0 where the space was restarted
	next  []float64
	r     *rand.Rand
	vals  []float64 // eigenvalues of T, ascending, after the latest solve
	vecs  []float64 // m×m, eigenvectors in columns
	atM   int       // the m of that solve
}

func newSpace(op func(dst, src []float64), n int, start []float64, seed uint64) *space {
	next := append([]float64(nil), start...)
	floats.Scale(1/floats.Norm(next, 2), next)
	return &space{op: op, n: n, next: next, r: rand.New(rand.NewPCG(seed, 0x6c616e637a6f73))}
}

// step adds next to the space, applies the operator to it and finds the next direction.
func (s *space) step(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v := s.next
	w := make([]float64, s.n)
	s.op(w, v)
	a := floats.Dot(v, w)
	size := floats.Norm(w, 2)
	if !finite(size) {
		return errNonFinite
	}
	if s.m == 1 && !s.symmetric(w, size) {
		return errors.New("the operator is not symmetric")
	}
	s.q = append(s.q, v)
	s.alpha = append(s.alpha, a)
	s.m++
	s.orthogonalise(w)
	b := floats.Norm(w, 2)
	// What is left after two sweeps is of the size of rounding: the space is invariant under A.
	if b <= 1e-13*max(size, s.scale()) {
		b = 0
		w = s.fresh()
	} else {
		floats.Scale(1/b, w)
	}
	s.beta = append(s.beta, b)
	s.next = w
	return nil
}

// symmetric compares q_0ᵀAq_1 with q_1ᵀAq_0 = beta_0, where w = Aq_1. The slack is for operators that
// round to float32, as Hessian-vector products on a device do.
func (s *space) symmetric(w []float64, size float64) bool {
	return math.Abs(floats.Dot(s.q[0], w)-s.beta[0]) <= 1e-3*max(size, s.scale())
}

// orthogonalise removes the space from w, twice: once is not enough when w nearly lies in it.
func (s *space) orthogonalise(w []float64) {
	for range 2 {
		for _, q := range s.q {
			floats.AddScaled(w, -floats.Dot(q, w), q)
		}
	}
}

// fresh returns a random unit vector orthogonal to the space, or nil when the space is everything.
func (s *space) fresh() []float64 {
	if s.m >= s.n {
		return nil
	}
	w := make([]float64, s.n)
	for {
		for i := range w {
			w[i] = s.r.NormFloat64()
		}
		s.orthogonalise(w)
		if norm := floats.Norm(w, 2); norm > 1e-8 {
			floats.Scale(1/norm, w)
			s.orthogonalise(w)
			floats.Scale(1/floats.Norm(w, 2), w)
			return w
		}
	}
}

// scale is a lower bound of max|λ| from the entries of T.
func (s *space) scale() float64 {
	v := 0.0
	for i, a := range s.alpha {
		v = max(v, math.Abs(a))
		if i < len(s.beta) {
			v = max(v, s.beta[i])
		}
	}
	return v
}

// solve finds the eigenvalues and vectors of T by the implicit QL method.
func (s *space) solve() {
	if s.atM == s.m {
		return
	}
	d := append([]float64(nil), s.alpha...)
	e := append([]float64(nil), s.beta[:s.m-1]...)
	z := make([]float64, s.m*s.m)
	work := make([]float64, max(1, 2*s.m-2))
	if ok := (lapackgo.Implementation{}).Dsteqr(lapack.EVTridiag, s.m, d, e, z, s.m, work); !ok {
		// Not observed; NaN makes every test of convergence fail, so the status tells.
		for i := range d {
			d[i] = math.NaN()
		}
	}
	s.vals, s.vecs, s.atM = d, z, s.m
}

// pick returns the column of T's i-th wanted eigenvalue.
func (s *space) pick(i int, smallest bool) int {
	if smallest {
		return i
	}
	return s.m - 1 - i
}

// converged applies the a priori residual β_m·|last entry of T's eigenvector|.
func (s *space) converged(k int, tol float64, smallest bool) bool {
	s.solve()
	bound := tol * max(math.Abs(s.vals[0]), math.Abs(s.vals[s.m-1]))
	last := s.beta[s.m-1]
	for i := range k {
		c := s.pick(i, smallest)
		if !(last*math.Abs(s.vecs[(s.m-1)*s.m+c]) <= bound) {
			return false
		}
	}
	// A restart puts β = 0 here: the space is invariant, yet directions outside it may hold more
	// eigenvalues among the wanted. One converged direction after the restart is asked for.
	return last > 0 || s.m == s.n
}

// ritz assembles the wanted pairs.
func (s *space) ritz(k int, smallest bool) *LanczosResult {
	s.solve()
	r := &LanczosResult{
		Values:    make([]float64, k),
		Vectors:   mat.NewDense(s.n, k, nil),
		Residuals: make([]float64, k),
		Steps:     s.m,
	}
	v := make([]float64, s.n)
	for i := range k {
		c := s.pick(i, smallest)
		clear(v)
		for j, q := range s.q {
			floats.AddScaled(v, s.vecs[j*s.m+c], q)
		}
		floats.Scale(1/floats.Norm(v, 2), v)
		orient(v)
		r.Values[i] = s.vals[c]
		r.Vectors.SetCol(i, v)
	}
	return r
}

// krylovResult holds the Ritz values of a short run, descending.
type krylovResult struct{ values []float64 }

// krylov makes m steps from start and returns the Ritz values: the cheap way to both ends of a
// spectrum. The ends are never outside the spectrum, and never worse than start's Rayleigh quotient.
func krylov(ctx context.Context, op func(dst, src []float64), n int, start []float64, m int) (*krylovResult, error) {
	s := newSpace(op, n, start, 0)
	for s.m < m {
		if err := s.step(ctx); err != nil {
			return nil, err
		}
	}
	s.solve()
	values := append([]float64(nil), s.vals...)
	floats.Reverse(values)
	return &krylovResult{values}, nil
}

// randomUnit returns a Gaussian direction from its seed.
func randomUnit(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0x7374617274))
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	floats.Scale(1/floats.Norm(v, 2), v)
	return v
}

// SymOp returns the operator dst = A·src of a symmetric matrix, for [Lanczos]. It reads the upper
// triangle of a, which must not change meanwhile.
func SymOp(a *mat.SymDense) func(dst, src []float64) { return symOp(a) }

func symOp(a *mat.SymDense) func(dst, src []float64) {
	raw := a.RawSymmetric()
	n, ld := raw.N, raw.Stride
	return func(dst, src []float64) {
		dst, src = dst[:n], src[:n]
		clear(dst)
		for i := 0; i+4 <= n; i += 4 {
			fourRows(raw.Data, ld, i, src, dst)
		}
		for i := n &^ 3; i < n; i++ { // the last rows, of a few numbers each
			for j := i; j < n; j++ {
				v := raw.Data[i*ld+j]
				dst[i] += v * src[j]
				if j > i {
					dst[j] += v * src[i]
				}
			}
		}
	}
}
