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
	"gonum.org/v1/gonum/stat"
)

// evolutionClaims are those of section 9.1.
func evolutionClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.I1", Kind: claim.Limit, Title: "Dynamics under a constant kernel", Ref: "Section 9.1.1, Eq. 9.5",
			Statement: `If $H(t)$ stays at $H^*$, then $u(t)-y=e^{-H^*t}(u(0)-y)$: kernel regression by gradient descent with infinitesimal steps, $(I-\eta H^*)^{t/\eta}\to e^{-H^*t}$ with error $O(\eta)$.`,
			Source:    "ntk.Spectrum.Residual, ntk.Flow, ntk.Descent",
			Check:     constantKernel(1),
			Alternatives: alternatives(constantKernel,
				named[float64]{"twice the rate, as for the loss without ½", 2},
				named[float64]{"rate averaged over n inputs", 1. / 20}),
		},
		{
			ID: "9.A1", Kind: claim.Algorithm, Title: "The kernel predictor", Ref: "Section 9.1.1, Eq. 9.6",
			Statement: `Training to the end gives $f(x)=f_0(x)+k(x,X)(H^*)^{-1}(y-f_0(X))$; with $f_0=0$ this is kernel regression.`,
			Source:    "ntk.Train, ntk.Regress",
			Check:     kernelPredictor(true),
			Alternatives: alternatives(kernelPredictor,
				named[bool]{"the initial outputs f₀ left out", false}),
			Errata: []claim.Erratum{{
				Number: "9.4", Where: "Equation 9.6",
				Printed: `$f^*(x)=(k(x,x_1),\dots,k(x,x_n))\,(H^*)^{-1}y$`,
				Correct: `$f^*(x)=f_0(x)+(k(x,x_1),\dots,k(x,x_n))\,(H^*)^{-1}(y-f_0(X))$`,
				Why:     `(9.5) moves the residual $u(0)-y$, not $-y$. The printed form is right only when the network starts from $f_0=0$, as it does with duplicated neurons of opposite sign.`,
			}},
		},
		{
			ID: "9.A1/ensemble", Kind: claim.Algorithm, Title: "The law of an ensemble of trained wide networks", Ref: "Section 9.1.1, Eq. 9.6",
			Statement: `Over initial functions drawn from the Gaussian process $\mathcal N(0,\mathcal K)$, the limit of random networks, the outputs after time $t$ are Gaussian with mean $Ay$ and covariance $\mathcal K+A\mathcal KA^\top-A\mathcal K-\mathcal KA^\top$, $A=\Theta\Theta^{-1}(I-e^{-\Theta t})$, $\mathcal K=\Sigma^{(L)}$; that is not the posterior of a Gaussian process.`,
			Source:    "ntk.Ensemble",
			Check:     ensembleLaw(false),
			Alternatives: alternatives(ensembleLaw,
				named[bool]{"the posterior variance of a Gaussian process with covariance Θ", true}),
		},
	}
}

// constantKernel checks the closed form with its rate multiplied by scale.
func constantKernel(scale float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := digits38(20)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		n := 20
		u := rng.Normals(rng.Stream(env.Seed, "outputs"), n)
		r0 := minus(u, s.Y)
		// The measured route integrates (9.5) in time, without any eigenvectors.
		const horizon, steps = 3.0, 3000
		got := rungeKutta(s.H, r0, horizon, steps)
		want, err := s.S.Residual(Flow{scale * horizon}, r0)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("largest |u(3) - y - e^{-3H}(u(0) - y)|, u(3) by Runge-Kutta", 0, floats.Distance(got, want, math.Inf(1)),
			claim.Because(1e-9, "Runge-Kutta truncation, O(h⁴) at h = 0.001")))

		etas, errs := []float64{.02, .01, .005, .0025}, make([]float64, 4)
		for i, eta := range etas {
			r := append([]float64(nil), r0...)
			h := mat.NewVecDense(n, nil)
			for range int(math.Round(1 / eta)) { // time 1
				h.MulVec(s.H, mat.NewVecDense(n, r))
				floats.AddScaled(r, -eta, h.RawVector().Data)
			}
			want, err := s.S.Residual(Flow{scale}, r0)
			if err != nil {
				return nil, err
			}
			errs[i] = floats.Distance(r, want, 2)
		}
		f.Add(claim.Equals("order in η of the distance of gradient descent from gradient flow at t = 1", 1, Slope(etas, errs),
			claim.Because(.1, "next order, O(η²)")))
		return f, nil
	}
}

// rungeKutta integrates dr/dt = -Hr.
func rungeKutta(h *mat.SymDense, r0 []float64, horizon float64, steps int) []float64 {
	return integrate(r0, horizon, steps, func(slope, at *mat.VecDense) {
		slope.MulVec(h, at)
		slope.ScaleVec(-1, slope)
	})
}

// integrate solves dr/dt = slope(r) by the classical method of order 4.
func integrate(r0 []float64, horizon float64, steps int, derivative func(slope, at *mat.VecDense)) []float64 {
	n := len(r0)
	r := append([]float64(nil), r0...)
	dt := horizon / float64(steps)
	k, sum, at := mat.NewVecDense(n, nil), make([]float64, n), make([]float64, n)
	for range steps {
		clear(sum)
		copy(at, r)
		for stage, weight := range []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6} {
			derivative(k, mat.NewVecDense(n, at))
			slope := k.RawVector().Data
			floats.AddScaled(sum, dt*weight, slope)
			ahead := dt / 2
			if stage == 2 {
				ahead = dt
			}
			floats.AddScaledTo(at, r, ahead, slope)
		}
		floats.Add(r, sum)
	}
	return r
}

// kernelPredictor checks the predictor with, or without, the initial outputs.
func kernelPredictor(initial bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		s, err := digits38(200)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		t, err := Train(ctx, TwoLayer(nil), s.X, s.Y, nil, Converged{})
		if err != nil {
			return nil, err
		}
		out, err := t.Predict(s.TestX, nil)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("wrong signs among 157 test digits, n = 200", 9, float64(SignErrors(out, s.TestY)),
			claim.Because(1, "one digit may lie on the border")))
		if out, err = t.Predict(s.X, nil); err != nil {
			return nil, err
		}
		f.Add(claim.Equals("largest |f(x_i) - y_i| on the training digits", 0, floats.Distance(out, s.Y, math.Inf(1)),
			claim.Rounding(s.S.Values[0]/s.S.Values[199], 100)))

		// The second route trains parameters: a model linear in its weights, whose features are the
		// gradients of a small softplus network at initialisation and whose f₀ is that network.
		few, err := DigitPair(3, 8, 10)
		if err != nil {
			return nil, err
		}
		few.TestX = mat.DenseCopyOf(few.TestX.Slice(0, 20, 0, 64))
		net := newSmallNet(Softplus, 40, 64, env.Seed)
		phi, phiTest := net.features(few.X), net.features(few.TestX)
		f0, f0Test := net.outputs(few.X), net.outputs(few.TestX)
		var gram mat.SymDense
		gram.SymOuterK(1, phi)
		spectrum, err := NewSpectrum(&gram)
		if err != nil {
			return nil, err
		}
		// Time 200/λ_10 leaves e^{-200}: the end of training to all digits.
		w := descendWeights(phi, minus(few.Y, f0), 1/spectrum.Values[0], int(200*spectrum.Values[0]/spectrum.Values[9]))
		var moved mat.VecDense
		moved.MulVec(phiTest, mat.NewVecDense(len(w), w))
		trained := moved.RawVector().Data
		floats.Add(trained, f0Test)

		predict := func(start bool) ([]float64, error) {
			r := few.Y
			if start {
				r = minus(few.Y, f0)
			}
			alpha, err := spectrum.Weights(Converged{}, r)
			if err != nil {
				return nil, err
			}
			var cross mat.Dense
			var g mat.VecDense
			cross.Mul(phiTest, phi.T())
			g.MulVec(&cross, mat.NewVecDense(len(alpha), alpha))
			if start {
				floats.Add(g.RawVector().Data, f0Test)
			}
			return g.RawVector().Data, nil
		}
		full, err := predict(initial)
		if err != nil {
			return nil, err
		}
		printed, err := predict(false)
		if err != nil {
			return nil, err
		}
		const tol = 1e-8
		f.Add(
			claim.Equals("largest distance of the formula from weights trained from f₀ ≠ 0, 20 test digits", 0,
				floats.Distance(trained, full, math.Inf(1)), claim.Because(tol, "rounding, amplified by λ_1/λ_n")),
			claim.Equals("the same for (9.6) as printed", 0,
				floats.Distance(trained, printed, math.Inf(1)), claim.Because(tol, "rounding, amplified by λ_1/λ_n")).AsPrinted())
		return f, nil
	}
}

// smallNet is the network (9.7) on the host, for routes that differentiate or train it by hand.
type smallNet struct {
	act Activation
	w   *mat.Dense // m×d
	a   []float64  // ±1
}

func newSmallNet(act Activation, m, d int, seed uint64) *smallNet {
	return &smallNet{act, mat.NewDense(m, d, rng.Normals(rng.Stream(seed, "init"), m*d)), rng.Signs(rng.Stream(seed, "signs"), m)}
}

// output is f(a, W, x) with w in place of the net's own first layer.
func (s *smallNet) output(w *mat.Dense, x []float64) float64 {
	sum := 0.0
	for r, a := range s.a {
		sum += a * s.act.Value(floats.Dot(w.RawRowView(r), x))
	}
	return sum / math.Sqrt(float64(len(s.a)))
}

func (s *smallNet) outputs(x *mat.Dense) []float64 {
	n, _ := x.Dims()
	out := make([]float64, n)
	for i := range out {
		out[i] = s.output(s.w, x.RawRowView(i))
	}
	return out
}

// features returns the n×md matrix of gradients with respect to the first layer.
func (s *smallNet) features(x *mat.Dense) *mat.Dense {
	n, d := x.Dims()
	m := len(s.a)
	phi := mat.NewDense(n, m*d, nil)
	for i := range n {
		xi, row := x.RawRowView(i), phi.RawRowView(i)
		for r, a := range s.a {
			g := a * s.act.Slope(floats.Dot(s.w.RawRowView(r), xi)) / math.Sqrt(float64(m))
			floats.AddScaled(row[r*d:(r+1)*d], g, xi)
		}
	}
	return phi
}

// descendWeights runs gradient descent on ½‖Φw - r‖² from w = 0.
func descendWeights(phi *mat.Dense, r []float64, eta float64, steps int) []float64 {
	n, p := phi.Dims()
	w := make([]float64, p)
	residual := make([]float64, n)
	for range steps {
		for i := range n {
			residual[i] = floats.Dot(phi.RawRowView(i), w) - r[i]
		}
		for i := range n {
			floats.AddScaled(w, -eta*residual[i], phi.RawRowView(i))
		}
	}
	return w
}

// ensembleLaw compares the law with sampled initial functions; wrong puts a posterior variance in
// its place.
func ensembleLaw(wrong bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		const n, draws = 8, 20000
		x := Sphere(n, 3, rng.Stream(env.Seed, "train"))
		z := Sphere(3, 3, rng.Stream(env.Seed, "test"))
		y := rng.Normals(rng.Stream(env.Seed, "labels"), n)
		k := Kernel{Depth: 2}
		training := Flow{3}
		mean, cov, err := Ensemble(ctx, k, x, y, z, training)
		if err != nil {
			return nil, err
		}
		if wrong {
			g, err := Regress(ctx, Kernel{Depth: 2}, x, mat.NewDense(n, 1, y), 0)
			if err != nil {
				return nil, err
			}
			cross, err := k.Cross(z, x)
			if err != nil {
				return nil, err
			}
			for i := range 3 {
				q, err := g.Quad(cross.RawRowView(i))
				if err != nil {
					return nil, err
				}
				cov.SetSym(i, i, float64(k.Depth+1)-q)
			}
		}
		// Each draw is one initial function at all 11 points, from the prior; then the flow takes it on.
		var all mat.Dense
		all.Stack(x, z)
		prior, err := Kernel{Depth: 2, NNGP: true}.Gram(&all)
		if err != nil {
			return nil, err
		}
		factor, err := linalg.Cholesky(prior)
		if err != nil {
			return nil, err
		}
		gram, err := k.Gram(x)
		if err != nil {
			return nil, err
		}
		s, err := NewSpectrum(gram)
		if err != nil {
			return nil, err
		}
		cross, err := k.Cross(z, x)
		if err != nil {
			return nil, err
		}
		noise := rng.Stream(env.Seed, "functions")
		out := make([][]float64, 3)
		for range draws {
			f0, err := factor.Color(rng.Normals(noise, n+3))
			if err != nil {
				return nil, err
			}
			alpha, err := s.Weights(training, minus(y, f0[:n]))
			if err != nil {
				return nil, err
			}
			for i := range out {
				out[i] = append(out[i], f0[n+i]+floats.Dot(cross.RawRowView(i), alpha))
			}
		}
		f := &claim.Finding{}
		for i := range out {
			m, sd := stat.MeanStdDev(out[i], nil)
			f.Add(
				claim.Equals(fmt.Sprintf("mean at test point %d over %d sampled initial functions, t = 3", i+1, draws), mean[i], m, claim.Sampling(sd, draws)),
				claim.Equals(fmt.Sprintf("variance at test point %d", i+1), cov.At(i, i), sd*sd, claim.Sampling(math.Sqrt2*cov.At(i, i), draws)))
		}
		c := stat.Covariance(out[0], out[1], nil)
		f.Add(claim.Equals("covariance of test points 1 and 2", cov.At(0, 1), c,
			claim.Sampling(math.Sqrt(cov.At(0, 0)*cov.At(1, 1)+cov.At(0, 1)*cov.At(0, 1)), draws)))
		return f, nil
	}
}
