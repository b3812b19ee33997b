package ntk

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lemma-ml/lemma/lib/lesson"
)

// exerciseMovement is Exercise 2: from the movement of the weights to (9.11).
func exerciseMovement() lesson.Exercise {
	return lesson.Exercise{
		Number: "9.2", Row: "9.X2", Title: "From the movement of the weights to the generalization bound",
		Text: `In the kernel regime a network is linear in its weights, $f(x)=f_0(x)+\phi(x)^\top(w-w(0))$ with fixed features $\phi$; let $H=\Phi\Phi^\top$, with $\Phi$ the matrix of the rows $\phi(x_i)^\top$, have eigenvalues $\lambda_i>0$ and eigenvectors $v_i$, and let $r=y-u(0)$. Gradient descent on $\frac12\|u-y\|^2$ takes steps $\eta\le\frac1{\lambda_1}$.

1. Show that after $k$ steps $\|w(k)-w(0)\|^2=\sum_i\frac{(1-(1-\eta\lambda_i)^k)^2}{\lambda_i}(v_i^\top r)^2$, and that this rises with $k$ to $C=r^\top H^{-1}r$.
2. Show that the functions $x\mapsto\phi(x)^\top v$ with $\|v\|\le B$ have empirical Rademacher complexity at most $\frac{B\sqrt{\mathrm{tr}H}}n$ on the training inputs.
3. Let the loss be 1-Lipschitz with values in $[0,1]$, and let $B$ be fixed beforehand. Conclude that with probability at least $1-\delta$ every such function, and so the trained network if $\sqrt C\le B$, has

$$L_{\text{test}}-L_{\text{train}}\le\frac{2B\sqrt{\mathrm{tr}H}}n+3\sqrt{\frac{\log(2/\delta)}{2n}}.$$

For $B=\sqrt C$ the first term is $\frac{2\sqrt{C\,\mathrm{tr}H}}n$.`,
		Erratum: `Equation (9.11) prints $\frac{\sqrt{2C\,\mathrm{tr}H}}n$, too small by the factor $\sqrt2$: twice the Rademacher complexity is $\frac{\sqrt{4C\,\mathrm{tr}H}}n$. It also leaves out the term with $\delta$ and takes $u(0)=0$, so that $r=y$.`,
		Hint:    `For 1: one step changes the weights by $\eta\Phi^\top(y-u)$, and $y-u$ shrinks by $1-\eta\lambda_i$ along $v_i$; sum a geometric series. For 2: the supremum over a ball is a norm, $\mathbb E\|\Phi^\top s\|\le\sqrt{\mathbb E\|\Phi^\top s\|^2}$ with random signs $s$. For 3: look up the Rademacher bound of chapter 5, and let a 1-Lipschitz loss contract.`,
		Solution: `**1. Movement.** A step is $w(j+1)=w(j)+\eta\Phi^\top(y-u(j))$. Applying $\Phi$ gives $y-u(j+1)=(I-\eta H)(y-u(j))$, so $y-u(j)=(I-\eta H)^jr$ and

$$\begin{aligned}w(k)-w(0)&=\Phi^\top\eta\sum_{j<k}(I-\eta H)^jr\\&=\Phi^\top H^{-1}\left(I-(I-\eta H)^k\right)r,\end{aligned}$$

a geometric series. Its squared norm is $r^\top(I-R)H^{-1}HH^{-1}(I-R)r$ with $R=(I-\eta H)^k$, which in the eigenvectors of $H$ is the sum of the claim. For $\eta\lambda_i\le1$ each $(1-\eta\lambda_i)^k$ falls from 1 to 0, so each term rises, to $\frac{(v_i^\top r)^2}{\lambda_i}$; these add up to $r^\top H^{-1}r$.

**2. Rademacher complexity.** With independent random signs $s_i$,

$$\begin{aligned}\mathbb E_s\sup_{\|v\|\le B}\frac1n\sum_is_i\phi(x_i)^\top v&=\frac Bn\,\mathbb E_s\|\Phi^\top s\|\\&\le\frac Bn\sqrt{\mathbb E_s\,s^\top\Phi\Phi^\top s}\\&=\frac{B\sqrt{\mathrm{tr}H}}n.\end{aligned}$$

The supremum is Cauchy and Schwarz's with equality, the inequality Jensen's, the last step $\mathbb E\,s_is_j=0$ for $i\ne j$. Adding the fixed function $f_0$ changes nothing: $\mathbb E_s\sum_is_if_0(x_i)=0$.

**3. The bound.** For losses in $[0,1]$, with probability at least $1-\delta$ for every function of a class the test loss exceeds the training loss by at most twice the empirical Rademacher complexity of the losses plus $3\sqrt{\frac{\log(2/\delta)}{2n}}$ (the 3 is the price of the *empirical* complexity). A 1-Lipschitz loss does not raise the complexity (Talagrand's contraction). By 1 the trained network moves its weights by at most $\sqrt C$; with $B\ge\sqrt C$ it is in the class.

The number $C$ depends on the data, so $B=\sqrt C$ is not fixed beforehand. The usual repair takes $B=1,2,3,\dots$ with $\delta_B=\frac{6\delta}{\pi^2B^2}$ and a union bound: $B\le\sqrt C+1$ and $\log\frac1\delta$ grows by $2\log B$ and a constant.`,
		Answers: []lesson.Answer{
			{Prompt: "The part of $\\|w(k)-w(0)\\|^2$ along one eigenvector, with $p=v^\\top r$", Reference: "(1-(1-eta*lambda)^k)^2*p^2/lambda",
				Variables: []lesson.Variable{{Name: "lambda", Also: "λ", Low: .2, High: 2}, {Name: "eta", Also: "η", Low: .05, High: .5}, {Name: "k", Low: 1, High: 12, Whole: true}, {Name: "p", Low: -2, High: 2}},
				Traps: []lesson.Trap{
					{Answer: "(1-(1-eta*lambda)^k)^2*p^2", Say: "this is how far the outputs have moved; the weights have the factor 1/λ besides."},
					{Answer: "(1-(1-eta*lambda)^k)*p^2/lambda", Say: "the squared norm has the gain squared."},
					{Answer: "(1-(1-eta*lambda)^(2k))*p^2/lambda", Say: "square 1 - R, not R."},
				}},
			{Prompt: "Its limit as $k\\to\\infty$", Reference: "p^2/lambda", Variables: []lesson.Variable{{Name: "lambda", Also: "λ", Low: .2, High: 2}, {Name: "p", Low: -2, High: 2}},
				Right: "Directions of small $\\lambda$ are dear: the weights travel far for them.",
				Traps: []lesson.Trap{{Answer: "lambda*p^2", Say: "C has H⁻¹, not H."}}},
			{Prompt: "The bound without the term of $\\delta$, for $C$, $T=\\mathrm{tr}H$ and $n$", Reference: "2 sqrt(C T)/n",
				Variables: []lesson.Variable{{Name: "C", Low: 1, High: 100}, {Name: "T", Low: 1, High: 100}, {Name: "n", Low: 10, High: 500, Whole: true}},
				Traps: []lesson.Trap{
					{Answer: "sqrt(2 C T)/n", Say: "this is (9.11) as printed; twice the Rademacher complexity is larger by √2."},
					{Answer: "sqrt(C T)/n", Say: "this is the Rademacher complexity; the bound is twice that."},
					{Answer: "2 sqrt(C T/n)", Say: "the n stands outside of the root."},
				}},
		},
		Code: []*lesson.Code{
			{
				Task: "How far the weights have moved after some steps of gradient descent: $\\|w(k)-w(0)\\|^2$ from the eigenvalues of $H$ and the projections $v_i^\\top r$.",
				Name: "Movement", Signature: "func(lambda, projection []float64, eta float64, steps int) float64",
				Doc:  "Movement returns the squared distance of the weights from their start after the given number of\nsteps of size eta, with lambda[i] > 0 the eigenvalues of H and projection[i] the coordinate of\ny - u(0) along eigenvector i.",
				Body: "return 0", Check: checkMovement,
			},
			{
				Task: "The corrected (9.11) without its term of $\\delta$.",
				Name: "Bound", Signature: "func(c, trace float64, n int) float64",
				Doc:  "Bound returns the bound on test loss minus training loss for complexity c, trace of H and n\ntraining inputs, without the term that depends on the confidence.",
				Body: "return 0", Check: checkBound,
			},
		},
	}
}

// run is the training of one diagonal problem.
type run struct {
	Lambda, Projection []float64
	Eta                float64
	Steps              int
}

func (r run) clone() run {
	r.Lambda, r.Projection = append([]float64(nil), r.Lambda...), append([]float64(nil), r.Projection...)
	return r
}

// descend runs gradient descent in weights: features √λ_i·e_i have the Gram matrix diag(λ).
func (r run) descend() float64 {
	sum := 0.0
	for i, l := range r.Lambda {
		w := 0.0
		for range r.Steps {
			w += r.Eta * math.Sqrt(l) * (r.Projection[i] - math.Sqrt(l)*w)
		}
		sum += w * w
	}
	return sum
}

// runs makes problems of one to four directions with steps below 1/λ_1.
func runs() lesson.Gen[run] {
	return lesson.Gen[run]{
		Corners: []run{{[]float64{1}, []float64{1}, 1, 1}, {[]float64{1}, []float64{1}, .5, 0}, {[]float64{.5}, []float64{1}, 1, 1}, {[]float64{.5}, []float64{2}, 1, 2}},
		Draw: func(r *rand.Rand) run {
			out := run{Eta: .1 + .4*r.Float64(), Steps: r.IntN(30)}
			for range 1 + r.IntN(4) {
				out.Lambda = append(out.Lambda, .05+1.9*r.Float64())
				out.Projection = append(out.Projection, r.NormFloat64())
			}
			return out
		},
		Smaller: func(in run) []run {
			var all []run
			for i := range in.Lambda {
				if len(in.Lambda) > 1 {
					s := in.clone()
					s.Lambda, s.Projection = append(s.Lambda[:i], s.Lambda[i+1:]...), append(s.Projection[:i], s.Projection[i+1:]...)
					all = append(all, s)
				}
			}
			for _, k := range lesson.SmallerInts(in.Steps, 0) {
				s := in.clone()
				s.Steps = k
				all = append(all, s)
			}
			for i := range in.Lambda {
				for _, v := range lesson.SmallerReals(in.Lambda[i], .05, 2) {
					s := in.clone()
					s.Lambda[i] = v
					all = append(all, s)
				}
				for _, v := range lesson.SmallerReals(in.Projection[i], -8, 8) {
					s := in.clone()
					s.Projection[i] = v
					all = append(all, s)
				}
			}
			for _, v := range lesson.SmallerReals(in.Eta, .1, .5) {
				s := in.clone()
				s.Eta = v
				all = append(all, s)
			}
			return slices.DeleteFunc(all, func(r run) bool { return r.Eta*slices.Max(r.Lambda) > 1 })
		},
		Show: func(in run) string {
			return fmt.Sprintf("lambda = %s, projection = %s, eta = %v, steps = %d", lesson.ShowVector(in.Lambda), lesson.ShowVector(in.Projection), in.Eta, in.Steps)
		},
	}
}

func checkMovement(f any, c *lesson.Checker) *lesson.Counterexample {
	movement := f.(func(lambda, projection []float64, eta float64, steps int) float64)
	at := func(r run) float64 {
		r = r.clone()
		return movement(r.Lambda, r.Projection, r.Eta, r.Steps)
	}
	return lesson.Find(c, runs(),
		lesson.Property[run]{Name: "without steps nothing moves", Check: func(r run) *lesson.Difference {
			r.Steps = 0
			return lesson.Near(at(r), 0, 1e-12)
		}},
		lesson.Property[run]{Name: "residuals twice as large move the weights twice as far: four times the square", Check: func(r run) *lesson.Difference {
			twice := r.clone()
			for i := range twice.Projection {
				twice.Projection[i] *= 2
			}
			want := 4 * at(r)
			return lesson.Near(at(twice), want, 1e-9*(1+math.Abs(want)))
		}},
		lesson.Property[run]{Name: "the distance that gradient descent travels in weights", Check: func(r run) *lesson.Difference {
			want := r.descend()
			return lesson.Near(at(r), want, 1e-9*(1+want))
		}},
		lesson.Property[run]{Name: "after 100 000 steps it is C, the sum of projection²/lambda", Check: func(r run) *lesson.Difference {
			r.Steps = 100_000
			want := 0.0
			for i, l := range r.Lambda {
				want += r.Projection[i] * r.Projection[i] / l
			}
			return lesson.Near(at(r), want, 1e-9*(1+want))
		}})
}

// balls is an input of the bound.
type balls struct {
	C, Trace float64
	N        int
}

func ballInputs() lesson.Gen[balls] {
	return lesson.Gen[balls]{
		Corners: []balls{{1, 1, 1}, {1, 1, 2}, {4, 1, 1}, {1, 4, 1}, {0, 1, 1}},
		Draw: func(r *rand.Rand) balls {
			n := 1 + r.IntN(500)
			return balls{100 * r.Float64(), float64(n) * r.Float64(), n}
		},
		Smaller: func(in balls) []balls {
			var out []balls
			for _, n := range lesson.SmallerInts(in.N, 1) {
				out = append(out, balls{in.C, in.Trace, n})
			}
			for _, v := range lesson.SmallerReals(in.C, 0, 100) {
				out = append(out, balls{v, in.Trace, in.N})
			}
			for _, v := range lesson.SmallerReals(in.Trace, 0, 500) {
				out = append(out, balls{in.C, v, in.N})
			}
			return out
		},
		Show: func(in balls) string { return fmt.Sprintf("c = %v, trace = %v, n = %d", in.C, in.Trace, in.N) },
	}
}

func checkBound(f any, c *lesson.Checker) *lesson.Counterexample {
	bound := f.(func(c, trace float64, n int) float64)
	near := func(got, want float64) *lesson.Difference { return lesson.Near(got, want, 1e-9*(1+math.Abs(want))) }
	return lesson.Find(c, ballInputs(),
		lesson.Property[balls]{Name: "twice the radius √c is twice the bound", Check: func(b balls) *lesson.Difference {
			return near(bound(4*b.C, b.Trace, b.N), 2*bound(b.C, b.Trace, b.N))
		}},
		lesson.Property[balls]{Name: "features twice as long, four times the trace, are twice the bound", Check: func(b balls) *lesson.Difference {
			return near(bound(b.C, 4*b.Trace, b.N), 2*bound(b.C, b.Trace, b.N))
		}},
		lesson.Property[balls]{Name: "at the same c and trace, twice the inputs are half the bound", Check: func(b balls) *lesson.Difference {
			return near(bound(b.C, b.Trace, 2*b.N), bound(b.C, b.Trace, b.N)/2)
		}},
		// For orthogonal features of equal length the complexity of the ball is exactly B·√tr/n.
		lesson.Property[balls]{Name: "twice the Rademacher complexity of the ball, counted over all signs of orthogonal features", Check: func(b balls) *lesson.Difference {
			return near(bound(b.C, b.Trace, b.N), 2*orthogonalComplexity(b))
		}})
}

// orthogonalComplexity is the empirical Rademacher complexity of the ball of radius √C on n inputs with
// orthogonal features of squared length trace/n: for every choice of signs the supremum is
// (√C/n)·‖Φᵀs‖ = (√C/n)·√(Σ s_i²·trace/n).
func orthogonalComplexity(b balls) float64 {
	square := 0.0
	for range b.N {
		square += b.Trace / float64(b.N)
	}
	return math.Sqrt(b.C) * math.Sqrt(square) / float64(b.N)
}
