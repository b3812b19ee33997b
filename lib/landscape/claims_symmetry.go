package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

// symmetryClaims are the claims on section 6.3 and beyond the book.
func symmetryClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "6.I3", Kind: claim.Identity, Title: "Hidden neurons may be permuted", Ref: "Section 6.3",
			Statement:    `For $h_\theta(x)=\sum_i\sigma(\langle w_i,x\rangle)$ and every permutation $\pi$ of the neurons, $f(\theta)=f(\pi(\theta))$.`,
			Source:       "landscape.Neurons.Permute",
			Check:        checkPermutation(false),
			Alternatives: []claim.Alternative{{Name: "entries permuted across neurons", Check: checkPermutation(true)}},
		},
		{
			ID: "6.T1", Kind: claim.Theorem, Title: "Symmetry excludes convexity", Ref: "Section 6.3",
			Statement: `If a minimizer $\theta^*$ has neurons that differ, the objective is not convex: the mean of its permutations has all neurons equal to $\bar w=\frac1k\sum w_i$ and computes $k\,\sigma(\bar w^\top x)$, one neuron scaled by $k$, with positive loss. For two orthonormal ReLU neurons that is 0.09084506.`,
			Source:    "landscape.Neurons.Average",
			Check:     checkAverage(false),
			Alternatives: []claim.Alternative{
				{Name: "a teacher of two equal neurons", Check: checkAverage(true)},
			},
			Errata: []claim.Erratum{{
				Number: "6.8", Where: "Section 6.3, the averaging argument",
				Printed: `$h_{\bar\theta}$ behaves "equivalent to a neural network with a single neuron"`,
				Correct: `it is $k\,\sigma(\langle\bar w,x\rangle)$ with $\bar w=\frac1k\sum_iw_i$: a single neuron scaled by $k$`,
				Why:     `All $k$ neurons are $\bar w$. For a $\sigma$ that is not homogeneous the factor $k$ cannot be moved into the weight.`,
			}},
		},
		{
			ID: "6.R1", Kind: claim.Remark, Title: "Symmetric objectives have saddles", Ref: "Section 6.3, footnote 6",
			Statement:    `Descent on the loss of two ReLU neurons that learn two others, started where both student neurons are equal, ends where they still are: a critical point with positive loss and a direction down.`,
			Source:       "landscape.Neurons, landscape.Certify",
			Check:        checkSymmetricSaddle(0),
			Alternatives: []claim.Alternative{{Name: "neurons that differ at the start", Check: checkSymmetricSaddle(.3)}},
		},
		{
			ID: "6.D5", Kind: claim.Definition, Title: "Second-order stationary points", Ref: "Definition 6.3.1",
			Statement:    `$\nabla f(w)=0$ and $\nabla^2f(w)\succeq0$: necessary for a minimum, not sufficient ($w^3$ at 0). Of the nine critical points of $\frac14\|M-xx^\top\|^2$ two have it.`,
			Source:       "landscape.Certify",
			Check:        checkSecondOrder(0, 0),
			Alternatives: []claim.Alternative{{Name: "curvature down to -1 allowed", Check: checkSecondOrder(0, 1)}},
		},
		{
			ID: "6.D6", Kind: claim.Definition, Title: "Approximate second-order stationary points", Ref: "Definition 6.3.2",
			Statement: `$\|\nabla f(w)\|\le\epsilon$ and $\lambda_{\min}(\nabla^2f(w))\ge-\gamma$. A Lanczos estimate of $\lambda_{\min}$ is never below it, so that it refutes the second condition for certain and confirms it up to its residual.`,
			Source:    "landscape.Certify, landscape.Certificate.SecondOrder",
			Check:     checkCertificate(1),
			Alternatives: []claim.Alternative{
				{Name: "the largest eigenvalue in place of the smallest", Check: checkCertificate(-1)},
			},
		},
		{
			ID: "6.D7", Kind: claim.Definition, Title: "Locally optimizable functions", Ref: "Definition 6.3.3",
			Statement: `$f$ is locally optimizable if for every $\tau>0$ some $\epsilon,\gamma$, polynomial in $\tau$, make every $(\epsilon,\gamma)$-second-order stationary point satisfy $f\le f^*+\tau$. The rank-one objective (6.8) is, with $\epsilon=\tau/\sqrt2$ and $\gamma=\frac14$; the tilted double well is not.`,
			Source:    "landscape.Certify",
			Check:     checkOptimizable(false),
			Alternatives: []claim.Alternative{
				{Name: "the tilted double well", Check: checkOptimizable(true)},
			},
		},
		{
			ID: "6.R2", Kind: claim.Remark, Title: "Problems known to be locally optimizable", Ref: "Section 6.3",
			Statement: `Matrix sensing (by rank-one factors, from Gaussian measurements) and matrix completion are on the list: descent from random starts finds the global minimum. Two-layer networks are on it only with conditions: 8 ReLU neurons that learn 8 orthonormal ones have spurious minima.`,
			Source:    "landscape.RunCompletion, landscape.RunWidths",
			Check:     checkList(8),
			Alternatives: []claim.Alternative{
				{Name: "the spurious minima expected for a teacher of 2 neurons", Check: checkList(2)},
			},
		},
		{
			ID: "6.+/census", Kind: claim.Experiment, Title: "A census that notices what is missing", Ref: "beyond Section 6.4",
			Statement:    `For an $f$ that tends to infinity with nondegenerate critical points, $\sum(-1)^{\text{index}}=1$. Newton's method from many starts finds the three critical points of the tilted double well and the nine of a fourfold well; leaving out any one breaks the sum.`,
			Source:       "landscape.Census",
			Check:        checkCensus(false),
			Alternatives: []claim.Alternative{{Name: "starts from one well only", Check: checkCensus(true)}},
		},
		{
			ID: "6.+/widths", Kind: claim.Experiment, Title: "More neurons than needed, fewer traps", Ref: "beyond Section 6.3",
			Statement: `Of 60 random starts with as many student as teacher neurons (8, orthonormal) some end in spurious minima; with one neuron more, or two, fewer do.`,
			Source:    "landscape.RunWidths",
			Check:     checkWidths([]int{0, 1, 2}),
			Alternatives: []claim.Alternative{
				{Name: "no neuron more", Check: checkWidths([]int{0, 0, 0})},
			},
		},
	}
}

// twoNeurons is the teacher e₁, e₂ in R² and a student of two neurons.
func twoNeurons() *Neurons { return must(NewNeurons(mat.NewDense(2, 2, []float64{1, 0, 0, 1}), 2)) }

func checkPermutation(across bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := rng.Stream(env.Seed, "landscape/permutation")
		n, err := NewNeurons(mat.NewDense(3, 4, rng.Normals(r, 12)), 5)
		if err != nil {
			return nil, err
		}
		o := n.Objective()
		worst := 0.0
		for range 100 {
			theta := rng.Normals(r, o.Dim)
			moved := n.Permute(theta, r.Perm(5))
			if across {
				moved = make([]float64, len(theta))
				for i, k := range r.Perm(len(theta)) {
					moved[i] = theta[k]
				}
			}
			worst = max(worst, math.Abs(o.Value(moved)/o.Value(theta)-1))
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("largest relative change of the loss under 100 permutations of 5 neurons", 0, worst, claim.Rounding(1, 1024)))
		return f, nil
	}
}

func checkAverage(equal bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		n := twoNeurons()
		theta := []float64{1, 0, 0, 1}
		if equal {
			n = must(NewNeurons(mat.NewDense(2, 2, []float64{1, 0, 1, 0}), 2))
			theta = []float64{1, 0, 1, 0}
		}
		o := n.Objective()
		mean := n.Average(theta)
		f := &claim.Finding{}
		f.Add(claim.Equals("loss at θ*", 0, o.Value(theta), claim.Rounding(1, 64)),
			claim.Equals("loss at its mean over permutations", .09084506, o.Value(mean), claim.Digits(1e-8)))
		const draws = 200_000
		r := rng.Stream(env.Seed, "landscape/average")
		var sum, square float64
		for i := range draws {
			if i%10000 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			x := rng.Normals(r, 2)
			d := 2*max(0, floats.Dot(mean[:2], x)) - max(0, floats.Dot(theta[:2], x)) - max(0, floats.Dot(theta[2:], x))
			sum += d * d / 2 / draws
			square += d * d * d * d / 4 / draws
		}
		f.Add(claim.Equals("the same by sampling, as 2·relu(⟨w̄, x⟩)", o.Value(mean), sum, claim.Sampling(math.Sqrt(square-sum*sum), draws)))
		half := append([]float64(nil), theta...)
		floats.Add(half, n.Permute(theta, []int{1, 0}))
		floats.Scale(.5, half)
		f.Add(claim.Above("loss halfway between θ* and its mirror image, above both ends", .01, o.Value(half), claim.Exact))
		return f, nil
	}
}

func checkSymmetricSaddle(apart float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		n := twoNeurons()
		o := n.Objective()
		start := []float64{.9 + apart, .2, .9, .2 + apart}
		path, err := Descend(ctx, o, start, .2, 3000, nil)
		if err != nil {
			return nil, err
		}
		x := path[len(path)-1]
		c, err := Certify(ctx, o, x)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("distance of the two neurons at the end", 0, floats.Distance(x[:2], x[2:], 2), claim.Rounding(1, 64)),
			claim.Equals("gradient there", 0, c.Gradient, claim.Because(1e-8, "3000 steps of a geometric rate")),
			claim.Above("loss there", .05, o.Value(x), claim.Exact),
			claim.Below("least curvature there", -.01, c.Curvature, claim.Because(1e-6, "differences of gradients")))
		f.Note("Where the neurons coincide the loss is f = %.6f; the way down parts them.", o.Value(x))
		return f, nil
	}
}

func checkSecondOrder(epsilon, gamma float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t := exampleM()
		o := t.Objective()
		points, err := t.CriticalPoints()
		if err != nil {
			return nil, err
		}
		count := 0.0
		for _, p := range points {
			c, err := Certify(ctx, o, p.X)
			if err != nil {
				return nil, err
			}
			if yes, _ := c.SecondOrder(epsilon+1e-10, gamma+1e-10); yes {
				count++
			}
		}
		cube := Power(3, 1)
		c, err := Certify(ctx, cube, []float64{0})
		if err != nil {
			return nil, err
		}
		yes, _ := c.SecondOrder(epsilon, gamma)
		f := &claim.Finding{}
		f.Add(claim.Equals("critical points that are second-order stationary, of nine", 2, count, claim.Exact),
			claim.Equals("whether 0 is one of w³", 1, indicator(yes), claim.Exact),
			claim.Below("value of w³ at -0.1, below that at 0", 0, cube.Value([]float64{-.1}), claim.Exact))
		return f, nil
	}
}

func checkCertificate(sign float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "landscape/certificate")
		const d = 300 // Lanczos, not all eigenvalues
		c := make([]float64, d)
		for i := range c {
			c[i] = .5 + r.Float64()
		}
		c[7] = -.2
		o := quadratic(c...)
		if sign < 0 {
			flip, inner := *o, o
			flip.HessVec = func(dst, x, v []float64) {
				inner.HessVec(dst, x, v)
				floats.Scale(-1, dst)
			}
			o = &flip
		}
		x := rng.Normals(r, d)
		floats.Scale(1e-4/floats.Norm(x, 2), x)
		cert, err := Certify(ctx, o, x)
		if err != nil {
			return nil, err
		}
		g := make([]float64, d)
		quadratic(c...).Gradient(g, x)
		f := &claim.Finding{}
		f.Add(claim.Equals("λ_min of a quadratic form in R³⁰⁰", -.4, sign*cert.Curvature, claim.Because(1e-7, "the residual that ends Lanczos")),
			claim.Equals("‖∇f‖", floats.Norm(g, 2), cert.Gradient, claim.Rounding(1e-4, 64)),
			claim.Equals("|entry 7| of the direction", 1, math.Abs(cert.Direction[7]), claim.Because(1e-6, "the residual that ends Lanczos")))
		for _, t := range []struct {
			epsilon, gamma float64
			want           bool
		}{{1, .5, true}, {1, .3, false}, {1e-6, .5, false}} {
			yes, certain := cert.SecondOrder(t.epsilon, t.gamma)
			f.Add(claim.Equals(fmt.Sprintf("whether it is an (%g, %g)-second-order stationary point", t.epsilon, t.gamma), indicator(t.want), indicator(yes), claim.Exact),
				claim.Equals("whether that is certain", 1, indicator(certain), claim.Exact))
		}
		return f, nil
	}
}

func checkOptimizable(well bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		o, _, err := rankOne(&env, "landscape/optimizable")
		if err != nil {
			return nil, err
		}
		low := 0.0
		if well {
			o = Obstacles(.3)[0].Objective
			low = o.Value(minimumOf(o))
		}
		r := rng.Stream(env.Seed, "landscape/optimizable/points")
		f := &claim.Finding{}
		for _, tau := range []float64{.05, .2} {
			worst, met := 0.0, 0
			for range 40 {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				path, err := Descend(ctx, o, rng.Normals(r, o.Dim), .05, 600, nil)
				if err != nil {
					return nil, err
				}
				for k := 0; k < len(path); k += 10 { // points of all heights, dense near stationary ones
					c, err := Certify(ctx, o, path[k])
					if err != nil {
						return nil, err
					}
					if yes, _ := c.SecondOrder(SharpConstant*tau, .25); yes {
						met++
						worst = max(worst, o.Value(path[k])-low)
					}
				}
			}
			f.Add(claim.Below(fmt.Sprintf("largest f - f* of (τ/√2, ¼)-second-order stationary points, τ = %g", tau), tau, worst, claim.Exact),
				claim.Above("such points met", 50, float64(met), claim.Exact))
		}
		return f, nil
	}
}

// minimumOf returns the lower of the two minima of a double well.
func minimumOf(o *Objective) []float64 {
	a, b := []float64{-1, 0}, []float64{1, 0}
	newton(o, a, .5)
	newton(o, b, .5)
	if o.Value(b) < o.Value(a) {
		return b
	}
	return a
}

func checkList(teacher int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r := rng.Stream(env.Seed, "landscape/sensing")
		const d, n = 8, 60
		z := rng.Normals(r, d)
		floats.Scale(1/floats.Norm(z, 2), z)
		a := make([]*mat.SymDense, n)
		y := make([]float64, n)
		for i := range a {
			a[i] = mat.NewSymDense(d, nil)
			for p := range d {
				for q := p; q < d; q++ {
					a[i].SetSym(p, q, r.NormFloat64())
				}
			}
			v := mat.NewVecDense(d, z)
			y[i] = mat.Inner(v, a[i], v)
		}
		found := 0.0
		const runs = 10
		for range runs {
			x := rng.Normals(r, d)
			floats.Scale(1/math.Sqrt(d), x)
			for t := range 3000 {
				if t%100 == 0 && ctx.Err() != nil {
					return nil, ctx.Err()
				}
				g := mat.NewVecDense(d, nil)
				v := mat.NewVecDense(d, x)
				for i := range a {
					var ax mat.VecDense
					ax.MulVec(a[i], v)
					g.AddScaledVec(g, (mat.Dot(v, &ax)-y[i])/n, &ax)
				}
				floats.AddScaled(x, -.05, g.RawVector().Data)
			}
			if math.Abs(math.Abs(floats.Dot(x, z))-1) < 1e-4 && math.Abs(floats.Norm(x, 2)-1) < 1e-4 {
				found++
			}
		}
		completion, err := RunCompletion(ctx, CompletionConfig{Runs: 10, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		done := 0.0
		for _, c := range completion {
			if c.Distance < 1e-3 {
				done++
			}
		}
		w, err := RunWidths(ctx, WidthConfig{Teacher: teacher, Extra: []int{0}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		f.Add(claim.Above("matrix sensing, 60 Gaussian measurements of zzᵀ in R^(8×8): runs of 10 that find ±z", 9, found, claim.Exact),
			claim.Above("matrix completion: runs of 10 that find ±z", 9, done, claim.Exact),
			claim.Above("two-layer network: runs of 60 that end in a spurious minimum", 1, float64(w.Stuck[0]), claim.Exact))
		return f, nil
	}
}

func checkCensus(oneWell bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := CensusConfig{Radius: 2, Starts: 200, Seed: env.Seed}
		if oneWell {
			cfg.Radius = .2
		}
		four := plane("fourfold well",
			func(a, b float64) float64 { return (a*a-1)*(a*a-1) + (b*b-1)*(b*b-1) },
			func(a, b float64) (float64, float64) { return 4 * a * (a*a - 1), 4 * b * (b*b - 1) },
			func(a, b float64) (float64, float64, float64) { return 12*a*a - 4, 0, 12*b*b - 4 })
		f := &claim.Finding{}
		for _, t := range []struct {
			o      *Objective
			points float64
		}{{Obstacles(.3)[0].Objective, 3}, {four, 9}} {
			r, err := Census(ctx, t.o, cfg)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("critical points of the "+t.o.Name, t.points, float64(len(r.Points)), claim.Exact),
				claim.Equals("Σ (-1)^index", 1, float64(r.Euler), claim.Exact))
			unnoticed := 0.0
			for i := range r.Points {
				if r.Euler-(1-2*(r.Points[i].Index()%2)) == 1 {
					unnoticed++
				}
			}
			f.Add(claim.Equals("points whose absence the sum would not show", 0, unnoticed, claim.Exact))
		}
		return f, nil
	}
}

func checkWidths(extra []int) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := RunWidths(ctx, WidthConfig{Extra: extra, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		low, _ := claim.Wilson(r.Stuck[0], r.Ended[0])
		f.Add(claim.Above("runs of 60 that converge", 58, float64(r.Ended[0]), claim.Exact))
		for i := 1; i < len(extra); i++ {
			_, high := claim.Wilson(r.Stuck[i], r.Ended[i])
			f.Add(claim.Below(fmt.Sprintf("upper end of the 95%% interval of the stuck share with %d more neurons (%d of %d), against the lower end with none (%d of %d)", extra[i], r.Stuck[i], r.Ended[i], r.Stuck[0], r.Ended[0]), low, high, claim.Exact))
		}
		return f, nil
	}
}
