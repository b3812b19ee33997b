package linreg

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Noise is gradient descent with dropout on a regression: with a fresh mask B_k on the inputs at every
// step and all examples,
//
//	u_{k+1} = u_k - 2η·B_k(Ĉ·B_k·u_k - c).
//
// Masks enter bilinearly, so that the mean and the second moment of the iterates obey exact linear
// recursions. The mean tends to the minimizer of the expected loss, (Ĉ + λ·diag Ĉ)⁻¹c; the iterates do
// not: their covariance tends to a limit of order η. Descent on the expected loss itself has none. Clara,
// Langer and Schmidt-Hieber 2023.
type Noise struct {
	p    *Problem
	Rate float64 // of dropping
	Step float64 // η
	keep float64
	mean *mat.Dense // of E u: d×d, I - 2η(Ĉ + λ·diag Ĉ)
	two  *mat.Dense // of vec E uuᵀ: d²×d²
	mix  *mat.Dense // of E u into vec E uuᵀ: d²×d
	add  []float64  // d²
}

// Noise builds the recursions in O(d⁴); more than 12 features, a rate outside [0,1) or a step that is
// not positive is an error.
func (p *Problem) Noise(rate, step float64) (*Noise, error) {
	lambda, err := dropout.Lambda(rate)
	if err != nil {
		return nil, fmt.Errorf("linreg.Noise: %w", err)
	}
	if !(step > 0) || math.IsInf(step, 0) {
		return nil, fmt.Errorf("linreg.Noise: step η = %v, want a positive number", step)
	}
	_, d := p.Dims()
	if d > 12 {
		return nil, fmt.Errorf("linreg.Noise: %d features, want at most 12 for a recursion of d⁴ entries", d)
	}
	q := 1 - rate
	n := &Noise{p: p, Rate: rate, Step: step, keep: q, mean: mat.NewDense(d, d, nil), two: mat.NewDense(d*d, d*d, nil), mix: mat.NewDense(d*d, d, nil), add: make([]float64, d*d)}
	a, c := p.Moment, p.Cross
	for i := range d {
		for j := range d {
			m := 2 * step * a.At(i, j)
			if i == j {
				n.mean.Set(i, i, 1-m*(1+lambda))
			} else {
				n.mean.Set(i, j, -m)
			}
		}
	}
	for i := range d {
		for l := range d {
			row := i*d + l
			n.add[row] = 4 * step * step * c[i] * c[l] * moment(q, i, l)
			for j := range d {
				// 2η·E[(I - 2ηBĈB)·u·(Bc)ᵀ] and its transpose.
				if j == i {
					n.mix.Set(row, j, n.mix.At(row, j)+2*step*c[l])
				}
				if j == l {
					n.mix.Set(row, j, n.mix.At(row, j)+2*step*c[i])
				}
				n.mix.Set(row, j, n.mix.At(row, j)-4*step*step*(a.At(i, j)*c[l]*moment(q, i, j, l)+a.At(l, j)*c[i]*moment(q, l, j, i)))
				for k := range d {
					// E[(I - 2ηBĈB)_ij·(I - 2ηBĈB)_lk]
					v := 4 * step * step * a.At(i, j) * a.At(l, k) * moment(q, i, j, k, l)
					if i == j {
						v -= 2 * step * a.At(l, k) * moment(q, l, k)
					}
					if l == k {
						v -= 2 * step * a.At(i, j) * moment(q, i, j)
					}
					if i == j && l == k {
						v++
					}
					n.two.Set(row, j*d+k, v)
				}
			}
		}
	}
	return n, nil
}

// moment is E[B_i·B_j·…]: every distinct index that stands m times gives E B^m = q^{1-m}.
func moment(q float64, index ...int) float64 {
	distinct := 0
	for i, v := range index {
		fresh := 1
		for _, w := range index[:i] {
			if w == v {
				fresh = 0
			}
		}
		distinct += fresh
	}
	return math.Pow(q, float64(distinct-len(index)))
}

// State is the mean and the covariance of the iterates.
type State struct {
	Mean       []float64
	Covariance *mat.SymDense
}

// From is the state at a start without spread.
func (n *Noise) From(u []float64) (State, error) {
	if len(u) != len(n.p.Cross) {
		return State{}, fmt.Errorf("linreg.Noise.From: %d coefficients, want %d", len(u), len(n.p.Cross))
	}
	return State{append([]float64(nil), u...), mat.NewSymDense(len(u), nil)}, nil
}

// Next is the state one step later, exactly. O(d⁴).
func (n *Noise) Next(s State) State {
	d := len(s.Mean)
	second := mat.NewVecDense(d*d, nil)
	for i := range d {
		for j := range d {
			second.SetVec(i*d+j, s.Covariance.At(i, j)+s.Mean[i]*s.Mean[j])
		}
	}
	m := mat.NewVecDense(d, s.Mean)
	var next, mixed, mean mat.VecDense
	next.MulVec(n.two, second)
	mixed.MulVec(n.mix, m)
	next.AddVec(&next, &mixed)
	mean.MulVec(n.mean, m)
	for i, c := range n.p.Cross {
		mean.SetVec(i, mean.AtVec(i)+2*n.Step*c)
	}
	return n.state(mean.RawVector().Data, func(k int) float64 { return next.AtVec(k) + n.add[k] })
}

func (n *Noise) state(mean []float64, second func(int) float64) State {
	d := len(mean)
	s := State{mean, mat.NewSymDense(d, nil)}
	for i := range d {
		for j := i; j < d; j++ {
			s.Covariance.SetSym(i, j, (second(i*d+j)+second(j*d+i))/2-mean[i]*mean[j])
		}
	}
	return s
}

// Limit is the state that the recursion tends to, by one linear solve. A step so large that second
// moments grow without bound is an error that names it.
func (n *Noise) Limit() (State, error) {
	if r, err := n.Radius(); err != nil {
		return State{}, err
	} else if r >= 1 {
		return State{}, fmt.Errorf("linreg.Noise.Limit: step η = %g multiplies second moments by up to %.4g, want below 1: there is no limit", n.Step, r)
	}
	mean, err := n.p.Input(n.Rate)
	if err != nil {
		return State{}, fmt.Errorf("linreg.Noise.Limit: %w", err)
	}
	d := len(mean)
	var b, x mat.VecDense
	b.MulVec(n.mix, mat.NewVecDense(d, mean))
	for k := range d * d {
		b.SetVec(k, b.AtVec(k)+n.add[k])
	}
	a := mat.NewDense(d*d, d*d, nil)
	a.Scale(-1, n.two)
	for k := range d * d {
		a.Set(k, k, a.At(k, k)+1)
	}
	if err := x.SolveVec(a, &b); err != nil {
		return State{}, fmt.Errorf("linreg.Noise.Limit: %w", err)
	}
	return n.state(mean, x.AtVec), nil
}

// Radius is the spectral radius of the recursion of second moments: they converge where it is below 1.
func (n *Noise) Radius() (float64, error) {
	var e mat.Eigen
	if !e.Factorize(n.two, mat.EigenNone) {
		return 0, fmt.Errorf("linreg.Noise.Radius: eigenvalues did not converge")
	}
	out := 0.0
	for _, v := range e.Values(nil) {
		out = max(out, math.Hypot(real(v), imag(v)))
	}
	return out, nil
}

// Gradients is the covariance of B(Ĉ·B·u - c), half a gradient under a random mask, exactly.
func (n *Noise) Gradients(u []float64) (*mat.SymDense, error) {
	s, err := n.From(u)
	if err != nil {
		return nil, err
	}
	// One step from u moves by -2η times that.
	out := mat.NewSymDense(len(u), nil)
	out.ScaleSym(1/(4*n.Step*n.Step), n.Next(s).Covariance)
	return out, nil
}

// SmallStep is the limit of Covariance/η as η → 0: the solution Ξ of AΞ + ΞA = 2Γ, A = Ĉ + λ·diag Ĉ and
// Γ the covariance of half-gradients at the minimizer.
func (n *Noise) SmallStep() (*mat.SymDense, error) {
	u, err := n.p.Input(n.Rate)
	if err != nil {
		return nil, err
	}
	gamma, err := n.Gradients(u)
	if err != nil {
		return nil, err
	}
	d := len(u)
	a := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			v := -n.mean.At(i, j)
			if i == j {
				v++
			}
			a.SetSym(i, j, v/(2*n.Step))
		}
	}
	values, q, err := linalg.EigenSym(a)
	if err != nil {
		return nil, fmt.Errorf("linreg.Noise.SmallStep: %w", err)
	}
	var half, turned mat.Dense
	half.Mul(q.T(), gamma)
	turned.Mul(&half, q)
	for i := range d {
		for j := range d {
			turned.Set(i, j, 2*turned.At(i, j)/(values[i]+values[j]))
		}
	}
	half.Mul(q, &turned)
	var full mat.Dense
	full.Mul(&half, q.T())
	return linalg.Symmetrize(&full), nil
}

// Simulate makes independent runs of the iterates from a start and returns the last of each; the
// stream is "linreg/noise". O(runs·steps·d²).
func (n *Noise) Simulate(ctx context.Context, start []float64, steps, runs int, seed uint64) ([][]float64, error) {
	d := len(n.p.Cross)
	if len(start) != d || steps < 0 || runs < 1 {
		return nil, fmt.Errorf("linreg.Noise.Simulate: %d coefficients, %d steps and %d runs, want %d, at least 0 and at least 1", len(start), steps, runs, d)
	}
	src := rng.Stream(seed, "linreg/noise")
	out := make([][]float64, runs)
	mask, masked := make([]float64, d), make([]float64, d)
	for k := range out {
		if k%100 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		u := append([]float64(nil), start...)
		for range steps {
			for j := range d {
				mask[j] = 0
				if src.Float64() >= n.Rate {
					mask[j] = 1 / n.keep
				}
				masked[j] = mask[j] * u[j]
			}
			for i := range d {
				if mask[i] == 0 {
					continue
				}
				g := -n.p.Cross[i]
				for j := range d {
					g += n.p.Moment.At(i, j) * masked[j]
				}
				u[i] -= 2 * n.Step * mask[i] * g
			}
		}
		out[k] = u
	}
	return out, nil
}
