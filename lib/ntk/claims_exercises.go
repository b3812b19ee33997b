package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// exerciseClaims are exercises 2 and 3; exercise 1 is 9.X1.
func exerciseClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.X2", Kind: claim.Exercise, Title: "From weight movement to the bound", Ref: "Exercise 2, Eq. 9.11",
			Statement:    `Under gradient descent with constant features $\|W(t)-W(0)\|_F^2=r^\top H^{-1}(I-R)^2r$ with $r=y-u(0)$, which rises to $r^\top H^{-1}r$: the trained net stays in a ball of radius $\sqrt C$, whose Rademacher complexity is at most $\sqrt{C\,\mathrm{tr}H}/n$.`,
			Source:       "ntk.Spectrum.Weights, ntk.Complexity.Rademacher",
			Check:        weightMovement(func(lambda, gain float64) float64 { return lambda * gain * gain }),
			Alternatives: alternatives(weightMovement, named[movement]{"‖r‖² times the squared gain, without H", func(_, gain float64) float64 { return gain * gain }}),
		},
		{
			ID: "9.X3a", Kind: claim.Exercise, Title: "Taylor series of H*", Ref: "Exercise 3a",
			Statement:    `$H^*=\frac K4+\frac1{2\pi}\sum_{\ell\ge1}\frac{(2\ell-3)!!}{(2\ell-2)!!}\frac{K^{\circ2\ell}}{2\ell-1}$ for unit inputs, with entrywise powers and $(-1)!!=0!!=1$.`,
			Source:       "ntk.SeriesHStar, ntk.SeriesArccos",
			Check:        taylor(SeriesHStar),
			Alternatives: alternatives(taylor, named[func(float64, int) float64]{"the double factorials shifted by one", shiftedSeries}),
			Errata: []claim.Erratum{{
				Number: "9.2", Where: "Exercise 3 and 3a",
				Printed: `$\arccos(z)=\frac\pi2-z-\sum_{\ell=1}^\infty\frac{(2\ell-3)!!z}{(2\ell-2)!!}$; $K^\ell$`,
				Correct: `$\arccos z=\frac\pi2-\sum_{\ell\ge1}\frac{(2\ell-3)!!}{(2\ell-2)!!}\frac{z^{2\ell-1}}{2\ell-1}$; $K^{\circ\ell}$, the Hadamard power`,
				Why:     `The powers of $z$ and the denominators are missing, the linear term is there twice, and the printed sum diverges. $H^*$ is a function of single entries of $K$.`,
			}},
		},
		{
			ID: "9.X3b", Kind: claim.Exercise, Title: "H* against K/4", Ref: "Exercise 3b",
			Statement:    `If $n\le d$ and $K=XX^\top$ is invertible, $(H^*)^{-1}\preceq4K^{-1}$. For any $n$ and $y=X\beta$ still $y^\top(H^*)^{-1}y\le4\|\beta\|^2$.`,
			Source:       "ntk.TwoLayer, linalg.PSD",
			Check:        inverseOrder(4),
			Alternatives: alternatives(inverseOrder, named[float64]{"2 in place of 4", 2}),
			Errata: []claim.Erratum{{
				Number: "9.3", Where: "Exercise 3b and 3c",
				Printed: `assume $H^*$ and $K$ are invertible; show $\mathrm{tr}(H^*)\le n$`,
				Correct: `$K=XX^\top$ is invertible only for $n\le d$; beyond, use $K$'s pseudo-inverse on its range, where $y=X\beta$ lies. $\mathrm{tr}(H^*)=\frac n2$ exactly`,
				Why:     `$K$ has rank at most $d$, while the exercise wants $n\to\infty$. $H^*-\frac K4$ is positive semi-definite for every $n$, which is all that the bound on $y^\top(H^*)^{-1}y$ needs.`,
			}},
		},
		{
			ID: "9.X3c", Kind: claim.Exercise, Title: "The trace of H*", Ref: "Exercise 3c",
			Statement:    `For $n$ unit inputs and ReLU $\mathrm{tr}(H^*)=\frac n2\le n$.`,
			Source:       "ntk.Kernel.Diag",
			Check:        trace(.5),
			Alternatives: alternatives(trace, named[float64]{"tr H* = n, as without the ½", 1}),
		},
		{
			ID: "9.X3d", Kind: claim.Exercise, Title: "The bound for a linear teacher", Ref: "Exercise 3d",
			Statement:    `For $y=X\beta$ on unit inputs the corrected bound is $\frac{2\sqrt{y^\top(H^*)^{-1}y\,\mathrm{tr}(H^*)}}n\le\frac{2\sqrt2\|\beta\|}{\sqrt n}$.`,
			Source:       "ntk.ComplexityOf, ntk.Complexity.Gap",
			Check:        linearBound(2 * math.Sqrt2),
			Alternatives: alternatives(linearBound, named[float64]{"√2 in place of 2√2", math.Sqrt2}),
		},
	}
}

// movement is the share of a squared residual that the weights' squared movement has along one
// eigenvector, from λ and the gain (1-R)/λ.
type movement func(lambda, gain float64) float64

func weightMovement(law movement) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, m, d = 20, 100, 64
		s, err := digits38(n)
		if err != nil {
			return nil, err
		}
		net := newSmallNet(ReLU, m, d, env.Seed)
		phi := net.features(s.X)
		var h mat.SymDense
		h.SymOuterK(1, phi)
		spectrum, err := NewSpectrum(&h)
		if err != nil {
			return nil, err
		}
		c, err := ComplexityOf(&h, s.Y)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		eta := 1 / spectrum.Values[0]
		before := 0.0
		for _, steps := range []int{20, 200, 2000} {
			w := descendWeights(phi, s.Y, eta, steps)
			moved := floats.Dot(w, w)
			theory := 0.0
			training := Descent{eta, steps}
			for i, p := range spectrum.Project(s.Y) {
				theory += p * p * law(spectrum.Values[i], training.Gain(spectrum.Values[i]))
			}
			f.Add(
				claim.Equals(fmt.Sprintf("‖W - W(0)‖² after %d steps in parameter space, m = %d", steps, m), theory, moved, claim.Because(1e-9*moved, "rounding over the steps")),
				claim.Below(fmt.Sprintf("‖W - W(0)‖² after %d steps against C = yᵀH⁻¹y", steps), c.C, moved, claim.Rounding(c.C, 1e4)),
				claim.Above(fmt.Sprintf("‖W - W(0)‖² after %d steps against the movement before", steps), before, moved, claim.Exact))
			before = moved
		}
		// The ball's empirical Rademacher complexity: E sup_{‖w‖<=√C} (1/n)Σσ_i⟨w, φ(x_i)⟩ = √C·E‖Φᵀσ‖/n,
		// here over all 2^12 signs of twelve of the inputs, so without sampling.
		const few = 12
		mean, trace := 0.0, 0.0
		for code := range 1 << few {
			sum := make([]float64, m*d)
			for i := range few {
				sign := 1.0
				if code>>i&1 == 1 {
					sign = -1
				}
				floats.AddScaled(sum, sign, phi.RawRowView(i))
			}
			mean += floats.Norm(sum, 2) / (1 << few)
		}
		for i := range few {
			trace += h.At(i, i)
		}
		f.Add(claim.Below("Rademacher complexity of the ball on 12 inputs, all signs, against √(C·tr H)/n", math.Sqrt(c.C*trace)/few, math.Sqrt(c.C)*mean/few, claim.Rounding(1, 100)))
		return f, nil
	}
}

// shiftedSeries has (2ℓ-1)!!/(2ℓ)!! for (2ℓ-3)!!/(2ℓ-2)!!.
func shiftedSeries(z float64, terms int) float64 {
	sum, c := 0.0, 1.0
	for l := 1; l <= terms; l++ {
		c *= float64(2*l-1) / float64(2*l)
		sum += c * math.Pow(z, float64(2*l)) / float64(2*l-1)
	}
	return z/4 + sum/(2*math.Pi)
}

func taylor(series func(z float64, terms int) float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for k, terms := range []int{1, 2, 5, 20} {
			f.Add(claim.Equals(fmt.Sprintf("sum of %d terms at z = 0.7", terms), []float64{.2529859, .2593548, .2613053, .2613858}[k], series(.7, terms), claim.Digits(1e-7)))
		}
		for _, z := range []float64{-.9, -.3, 0, .7, .95} {
			x, y := []float64{1, 0}, []float64{z, math.Sqrt((1 - z) * (1 + z))}
			h, err := TwoLayer(nil).At(x, y)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals(fmt.Sprintf("sum of 400 terms against H*, z = %g", z), h, series(z, 400), claim.Because(1e-14+math.Pow(z*z, 400), "rounding, and the tail z^800")))
		}
		const z = .7
		f.Add(claim.Equals("the arccos series at z = 0.7, 199 terms", math.Acos(z), SeriesArccos(z, 199), claim.Rounding(2, 10)))
		printed, c := math.Pi/2-z, 1.0
		for l := 1; l <= 199; l++ {
			printed -= c * z
			c *= float64(2*l-1) / float64(2*l)
		}
		f.Add(
			claim.Equals("the arccos series as printed, 199 terms", printed, math.Acos(z), claim.Because(1e-3, "rounding")).AsPrinted(),
			// A power of the matrix (1 z; z 1), with eigenvalues 1 ± z, in place of powers of its entries.
			claim.Equals("20 terms with K^ℓ a power of the matrix, entry (1,2) of two inputs, z = 0.7, against H*", (SeriesHStar(1+z, 20)-SeriesHStar(1-z, 20))/2, z*Kappa0(z)/2, claim.Because(1e-3, "tail of the series")).AsPrinted(),
			claim.Equals("H* as printed in Exercise 3, without xᵀx', against its own series, z = 0.7", Kappa0(z)/2, series(z, 199), claim.Because(1e-3, "rounding")).AsPrinted())
		return f, nil
	}
}

// brightness is the linear teacher of Exercise 3 on n digits, y = Xβ with β = 1/8 in each of the 64
// pixels, so that ‖β‖ = 1, with the complexity of its labels.
func brightness(n int) (*solved, Complexity, error) {
	s, err := digits38(n)
	if err != nil {
		return nil, Complexity{}, err
	}
	beta := make([]float64, 64)
	floats.AddConst(1./8, beta)
	y, err := Teacher{Power: 1, Alpha: []float64{1}, Beta: [][]float64{beta}}.Label(s.X)
	if err != nil {
		return nil, Complexity{}, err
	}
	q, err := ComplexityOf(s.H, y)
	return s, q, err
}

func inverseOrder(c float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for k, n := range []int{10, 20} {
			s, err := digits38(n)
			if err != nil {
				return nil, err
			}
			gram, err := Kernel{}.Gram(s.X)
			if err != nil {
				return nil, err
			}
			fk, err := linalg.Cholesky(gram)
			if err != nil {
				return nil, err
			}
			fh, err := linalg.Cholesky(s.H)
			if err != nil {
				return nil, err
			}
			gap := mat.NewSymDense(n, nil)
			gap.ScaleSym(c, fk.Inverse())
			values, err := linalg.EigenvaluesSym(difference(gap, fh.Inverse()))
			if err != nil {
				return nil, err
			}
			low := values[n-1]
			f.Add(
				claim.Above(fmt.Sprintf("smallest eigenvalue of %gK⁻¹ - (H*)⁻¹, n = %d", c, n), 0, low, claim.Exact),
				claim.Equals(fmt.Sprintf("smallest eigenvalue of 4K⁻¹ - (H*)⁻¹, n = %d", n), []float64{.191982, .093128}[k], low, claim.Because(1e-4, "printed digits, condition of K")))
		}
		for _, n := range []int{10, 20, 200} {
			s, q, err := brightness(n)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Below(fmt.Sprintf("yᵀ(H*)⁻¹y for y = Xβ, ‖β‖ = 1, n = %d in 64 dimensions", n), c, q.C, claim.Exact))
			gram, err := Kernel{}.Gram(s.X)
			if err != nil {
				return nil, err
			}
			quarter := mat.NewSymDense(n, nil)
			quarter.ScaleSym(1/c, gram)
			values, err := linalg.EigenvaluesSym(difference(s.H, quarter))
			if err != nil {
				return nil, err
			}
			f.Add(claim.Above(fmt.Sprintf("smallest eigenvalue of H* - K/%g, n = %d", c, n), 0, values[n-1], claim.Rounding(values[0], float64(n))))
			if n > 64 {
				kv, err := linalg.EigenvaluesSym(gram)
				if err != nil {
					return nil, err
				}
				f.Add(claim.Above(fmt.Sprintf("smallest eigenvalue of K, n = %d, assumed positive in print", n), 1e-6, kv[n-1], claim.Exact).AsPrinted())
			}
		}
		return f, nil
	}
}

func trace(share float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, n := range []int{20, 200} {
			x := Sphere(n, 7, rng.Stream(env.Seed, fmt.Sprint("sphere ", n)))
			h, err := TwoLayer(nil).Gram(x)
			if err != nil {
				return nil, err
			}
			values, err := linalg.EigenvaluesSym(h)
			if err != nil {
				return nil, err
			}
			f.Add(
				claim.Equals(fmt.Sprintf("tr H* of %d points of a sphere, by its eigenvalues", n), share*float64(n), floats.Sum(values), claim.Because(1e-12*float64(n), "rounding of norms and eigenvalues")),
				claim.Below(fmt.Sprintf("tr H* of %d points against n", n), float64(n), mat.Trace(h), claim.Exact))
			// The diagonal by sampling: half of all neurons are active on any one input.
			g, err := SampleGram(ReLU, mat.DenseCopyOf(x.Slice(0, 1, 0, 7)), 100000, rng.Stream(env.Seed, "weights"))
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("H(0)_11 of a network of width 100000", share, g.At(0, 0), claim.Sampling(.5, 100000)))
		}
		return f, nil
	}
}

func linearBound(c float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, n := range []int{10, 20} {
			_, q, err := brightness(n)
			if err != nil {
				return nil, err
			}
			want := map[int]float64{10: 1.285718, 20: 1.328260}[n]
			f.Add(
				claim.Equals(fmt.Sprintf("yᵀ(H*)⁻¹y for β = 1/8 in each pixel, n = %d", n), want, q.C, claim.Because(1e-4, "printed digits")),
				claim.Below(fmt.Sprintf("corrected bound against c‖β‖/√n, c = %.3f, n = %d digits", c, n), c/math.Sqrt(float64(n)), q.Gap(), claim.Exact))
		}
		// Tight on the sphere: a fresh draw of 400 points in five dimensions.
		x := Sphere(400, 5, rng.Stream(env.Seed, "sphere"))
		h, err := TwoLayer(nil).Gram(x)
		if err != nil {
			return nil, err
		}
		q, err := ComplexityOf(h, mat.Col(nil, 0, x))
		if err != nil {
			return nil, err
		}
		f.Add(claim.Below("corrected bound against c‖β‖/√n, 400 points of the sphere in R⁵", c/20, q.Gap(), claim.Rounding(1, 1e4)))
		f.Note("The book reaches 2√2‖β‖/√n from its smaller constant and the coarser tr H* <= n: the two slips cancel.")
		return f, nil
	}
}
