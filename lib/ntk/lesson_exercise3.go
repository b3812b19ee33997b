package ntk

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lemma-ml/lemma/lib/lesson"
	"gonum.org/v1/gonum/floats"
)

// Exercise 3 shows that the kernel learns linear functions, in four parts.

func exerciseSeries() lesson.Exercise {
	return lesson.Exercise{
		Number: "9.3a", Row: "9.X3a", Title: "The Taylor series of H*",
		Text: `Let all inputs have norm 1, so that $H^*_{ij}=h(K_{ij})$ with $K_{ij}=x_i^\top x_j$ and $h(z)=z\,\frac{\pi-\arccos z}{2\pi}$. Use

$$\arccos z=\frac\pi2-\sum_{\ell\ge1}\frac{(2\ell-3)!!}{(2\ell-2)!!}\,\frac{z^{2\ell-1}}{2\ell-1}$$

with $(-1)!!=0!!=1$ to show that

$$H^*=\frac K4+\frac1{2\pi}\sum_{\ell\ge1}\frac{(2\ell-3)!!}{(2\ell-2)!!}\,\frac{K^{\circ2\ell}}{2\ell-1},$$

where $K^{\circ\ell}$ has the entries $(x_i^\top x_j)^\ell$. Where does the series of the arccosine come from?`,
		Erratum: `The printed series of the arccosine is garbled: the powers of $z$ and the denominators $2\ell-1$ are missing, the linear term is there twice, and the printed sum diverges. $H^*$ is printed without the factor $z$, for which the claimed series would be false. $K^\ell$ in print means the entrywise power $K^{\circ\ell}$.`,
		Hint:    `Multiply the series of the arccosine by $-\frac z{2\pi}$ and add $\frac z2$. For the series itself: $\arccos'z=-(1-z^2)^{-1/2}$, and the binomial series.`,
		Solution: `**The arccosine.** By the binomial series $(1-s)^{-1/2}=\sum_{k\ge0}\frac{(2k-1)!!}{(2k)!!}s^k$ for $|s|<1$. With $s=z^2$, $\arccos'z=-(1-z^2)^{-1/2}$ and $\arccos0=\frac\pi2$, integrating term by term,

$$\arccos z=\frac\pi2-\sum_{k\ge0}\frac{(2k-1)!!}{(2k)!!}\frac{z^{2k+1}}{2k+1},$$

which is the series above with $\ell=k+1$. The coefficients fall like $\ell^{-3/2}$, so that it converges for $|z|\le1$, the ends included.

**The kernel.** Put it into $h(z)=\frac z2-\frac{z\arccos z}{2\pi}$:

$$\begin{aligned}h(z)&=\frac z2-\frac z4+\frac1{2\pi}\sum_{\ell\ge1}\frac{(2\ell-3)!!}{(2\ell-2)!!}\frac{z^{2\ell}}{2\ell-1}\\&=\frac z4+\frac1{2\pi}\sum_{\ell\ge1}\frac{(2\ell-3)!!}{(2\ell-2)!!}\frac{z^{2\ell}}{2\ell-1}.\end{aligned}$$

$H^*$ is $h$ applied to each entry of $K$, hence the entrywise powers.

**What it says.** All coefficients are positive, and besides $\frac z4$ there are only even powers. So the kernel's functions are the linear ones and even ones: for inputs of $d\ge2$ dimensions a teacher $(\beta^\top x)^3$, $\beta\ne0$, has no finite norm, whatever the coefficients. (For $d=1$ the sphere is $\pm1$, where a cube is linear.)`,
		Answers: []lesson.Answer{
			{Prompt: "The coefficient of $z^2$ in $h(z)$", Reference: "1/(2 pi)", Right: "$\\ell=1$: $(-1)!!=0!!=1$.", Traps: []lesson.Trap{{Answer: "1/4", Say: "1/4 is the coefficient of z; that of z² is the term ℓ = 1 of the sum."}, {Answer: "1/pi", Say: "the sum has the factor 1/(2π)."}}},
			{Prompt: "The coefficient of $z^4$", Reference: "1/(12 pi)", Right: "$\\ell=2$: $\\frac1{2\\pi}\\cdot\\frac{1!!}{2!!}\\cdot\\frac13$.", Traps: []lesson.Trap{{Answer: "1/(4 pi)", Say: "the denominator 2ℓ-1 = 3 is missing."}, {Answer: "1/(6 pi)", Say: "2!! = 2 is missing."}, {Answer: "1/(16 pi)", Say: "the double factorials are shifted by one."}}},
			{Prompt: "The coefficient of $z^3$", Reference: "0", Right: "No odd power beyond the first: the kernel cannot learn $(\\beta^\\top x)^3$."},
		},
		Code: []*lesson.Code{{
			Task: "The series of $h(z)$, cut after the given number of terms of the sum: 0 terms are $\\frac z4$ alone.",
			Name: "Partial", Signature: "func(z float64, terms int) float64",
			Doc:   "Partial returns z/4 and the first terms of the sum, for |z| <= 1. With many terms it is\nz(π - arccos z)/(2π).",
			Body:  "return 0",
			Check: checkSeries,
		}},
	}
}

type cut struct {
	Z     float64
	Terms int
}

func checkSeries(f any, c *lesson.Checker) *lesson.Counterexample {
	partial := f.(func(float64, int) float64)
	g := lesson.Gen[cut]{
		Corners: []cut{{0, 0}, {1, 0}, {1, 1}, {1, 2}, {-1, 1}, {.5, 1}, {.5, 2}, {.5, 3}},
		Draw:    func(r *rand.Rand) cut { return cut{2*r.Float64() - 1, r.IntN(40)} },
		Smaller: func(in cut) []cut {
			var out []cut
			for _, n := range lesson.SmallerInts(in.Terms, 0) {
				out = append(out, cut{in.Z, n})
			}
			for _, z := range lesson.SmallerReals(in.Z, -1, 1) {
				out = append(out, cut{z, in.Terms})
			}
			return out
		},
		Show: func(in cut) string { return fmt.Sprintf("z = %v, terms = %d", in.Z, in.Terms) },
	}
	return lesson.Find(c, g,
		lesson.Property[cut]{Name: "0 terms are z/4", Check: func(in cut) *lesson.Difference { return lesson.Near(partial(in.Z, 0), in.Z/4, 1e-12) }},
		lesson.Property[cut]{Name: "all powers in the sum are even: Partial(z) - Partial(-z) = z/2", Check: func(in cut) *lesson.Difference {
			return lesson.Near(partial(in.Z, in.Terms)-partial(-in.Z, in.Terms), in.Z/2, 1e-12)
		}},
		lesson.Property[cut]{Name: "Partial(z, terms) is z/4 and the sum up to ℓ = terms", Check: func(in cut) *lesson.Difference {
			return lesson.Near(partial(in.Z, in.Terms), bySeries(in.Z, in.Terms), 1e-12)
		}},
		lesson.Property[cut]{Name: "300 terms are H* for |z| <= 0.9", Check: func(in cut) *lesson.Difference {
			z := .9 * in.Z
			if d := lesson.Near(partial(z, 300), z*(math.Pi-math.Acos(z))/(2*math.Pi), 1e-12); d != nil {
				return &lesson.Difference{Got: fmt.Sprintf("Partial(%s, 300) = %s", lesson.Short(z), d.Got), Want: d.Want}
			}
			return nil
		}})
}

// bySeries sums the terms with double factorials by logarithms of the gamma function, another way than
// SeriesHStar's recursion: (2ℓ-3)!!/(2ℓ-2)!! = Γ(ℓ-½)/(√π·Γ(ℓ)).
func bySeries(z float64, terms int) float64 {
	sum := z / 4
	for l := 1; l <= terms; l++ {
		a, _ := math.Lgamma(float64(l) - .5)
		b, _ := math.Lgamma(float64(l))
		sum += math.Exp(a-b) / math.Sqrt(math.Pi) * math.Pow(z, float64(2*l)) / float64(2*l-1) / (2 * math.Pi)
	}
	return sum
}

func exerciseOrder() lesson.Exercise {
	return lesson.Exercise{
		Number: "9.3b", Row: "9.X3b", Title: "H* is at least a quarter of K",
		Text: `Let the $n$ inputs have norm 1, $K=XX^\top$ and $H^*$ as in part a. For symmetric matrices $A\succeq B$ means that $A-B$ has no negative eigenvalue.

1. Show $H^*\succeq\frac K4$, for any number of inputs.
2. Let $K$ be invertible, which takes $n\le d$. Show $(H^*)^{-1}\preceq4K^{-1}$.
3. For any $n$, with $H^*$ invertible, let $y=X\beta$. Show $y^\top(H^*)^{-1}y\le4\|\beta\|^2$.`,
		Erratum: `The book assumes that $H^*$ and $K$ are invertible and goes on to let $n\to\infty$. But $K=XX^\top$ has rank at most $d$: for $n>d$ it has no inverse. Part 3 is what survives and all that part d needs.`,
		Hint:    `The entrywise product of two positive semi-definite matrices is positive semi-definite (Schur). For 2 and 3 at once: $y^\top A^{-1}y=\sup_v(2v^\top y-v^\top Av)$.`,
		Solution: `**1.** By part a, $H^*-\frac K4=\frac1{2\pi}\sum_\ell c_\ell K^{\circ2\ell}$ with all $c_\ell>0$. $K=XX^\top$ is positive semi-definite. The entrywise product of positive semi-definite $A=\sum_ka_ka_k^\top$ and $B=\sum_lb_lb_l^\top$ is $\sum_{kl}(a_k\circ b_l)(a_k\circ b_l)^\top\succeq0$, so every $K^{\circ2\ell}\succeq0$, and so is a sum with positive coefficients and its limit.

**2 and 3.** For $A\succ0$ the concave function $2v^\top y-v^\top Av$ of $v$ is largest at $v=A^{-1}y$, where it is $y^\top A^{-1}y$. So if $A\succeq B\succeq0$,

$$\begin{aligned}y^\top A^{-1}y&=\sup_v\left(2v^\top y-v^\top Av\right)\\&\le\sup_v\left(2v^\top y-v^\top Bv\right).\end{aligned}$$

Take $A=H^*$ and $B=\frac K4$. If $K$ is invertible the right side is $4y^\top K^{-1}y$, for every $y$: that is 2. If $y=X\beta$, whatever the rank of $K$, the right side is

$$\begin{aligned}\sup_v\left(2v^\top X\beta-\tfrac14\|X^\top v\|^2\right)&\le\sup_{u\in\mathbb R^d}\left(2u^\top\beta-\tfrac14\|u\|^2\right)\\&=4\|\beta\|^2,\end{aligned}$$

the supremum being at $u=4\beta$: that is 3.`,
		Answers: []lesson.Answer{
			{Prompt: "A single unit input, $n=1$: the number $4K^{-1}-(H^*)^{-1}$", Reference: "2", Right: "$K=1$ and $H^*=\\frac12$.", Traps: []lesson.Trap{{Answer: "3", Say: "H* of a unit input with itself is 1/2, not 1."}}},
			{Prompt: "Two orthogonal unit inputs: the smallest eigenvalue of $H^*-\\frac K4$", Reference: "1/4", Right: "$H^*=\\frac12I$ and $K=I$."},
			{Prompt: "Two unit inputs at cosine $\\rho$: the smallest eigenvalue of $H^*-\\frac K4$", Reference: "1/4 + rho/4 - rho*(pi - arccos(rho))/(2 pi)", Variables: []lesson.Variable{{Name: "rho", Also: "ρ", Low: -1, High: 1}},
				Right: "The entry beside the diagonal is a sum of even powers, never negative; the eigenvalue is 0 only for $\\rho=\\pm1$.",
				Traps: []lesson.Trap{{Answer: "1/2 - abs(rho*(pi - arccos(rho))/(2 pi))", Say: "this is the smallest eigenvalue of H* itself."}, {Answer: "1/4 - rho/4 + rho*(pi - arccos(rho))/(2 pi)", Say: "this is the largest eigenvalue."}}},
		},
		Code: []*lesson.Code{{
			Task: "The quadratic form $v^\\top\\left(H^*-\\frac K4\\right)v$, which part 1 says is never negative.",
			Name: "Excess", Signature: "func(x [][]float64, v []float64) float64",
			Doc:   "Excess returns vᵀ(H* - K/4)v for unit inputs, the rows of x, with one number of v for each.\nRounding can put an inner product a little above 1.",
			Body:  "return 0",
			Check: checkOrder,
		}},
	}
}

// weighted holds inputs with a coefficient for each.
type weighted struct {
	X [][]float64
	V []float64
}

func (p weighted) clone() weighted {
	out := weighted{V: slices.Clone(p.V)}
	for _, row := range p.X {
		out.X = append(out.X, slices.Clone(row))
	}
	return out
}

// without returns the points but the i-th.
func (p weighted) without(i int) weighted {
	p = p.clone()
	p.X = slices.Delete(p.X, i, i+1)
	if len(p.V) > 0 {
		p.V = slices.Delete(p.V, i, i+1)
	}
	return p
}

// withoutColumn returns the points without their j-th coordinate.
func (p weighted) withoutColumn(j int) weighted {
	p = p.clone()
	for i := range p.X {
		p.X[i] = slices.Delete(p.X[i], j, j+1)
	}
	return p
}

// simpleUnits are unit vectors of the plane that a person can check by hand.
var simpleUnits = [][2]float64{{1, 0}, {0, 1}, {-1, 0}, {0, -1}, {.6, .8}, {.8, .6}, {-.6, .8}}

func unitPoints() lesson.Gen[weighted] {
	return lesson.Gen[weighted]{
		Corners: []weighted{
			{[][]float64{{1}}, []float64{1}}, {[][]float64{{1}, {-1}}, []float64{1, 1}}, {[][]float64{{1, 0}, {0, 1}}, []float64{1, 1}},
			{[][]float64{{1, 0}, {.6, .8}}, []float64{1, 1}}, {[][]float64{{1, 0}, {.6, .8}}, []float64{1, -1}}, {[][]float64{{1, 0}, {-.6, .8}}, []float64{1, 1}},
		},
		Draw: func(r *rand.Rand) weighted {
			d, n := 2+r.IntN(3), 1+r.IntN(5)
			var p weighted
			x := Sphere(n, d, r)
			for i := range n {
				p.X = append(p.X, slices.Clone(x.RawRowView(i)))
				p.V = append(p.V, r.NormFloat64())
			}
			return p
		},
		Smaller: func(in weighted) []weighted {
			var out []weighted
			for i := range in.X {
				if len(in.X) > 1 {
					out = append(out, in.without(i))
				}
			}
			for j := range in.X[0] {
				if s := in.withoutColumn(j); len(in.X[0]) > 1 && !slices.ContainsFunc(in.X, func(row []float64) bool { return row[j] != 0 }) {
					out = append(out, s)
				}
			}
			for i, row := range in.X {
				for _, u := range simpleUnits {
					s := in.clone()
					s.X[i] = make([]float64, len(row))
					copy(s.X[i], u[:min(2, len(row))])
					if len(row) > 1 && len(lesson.ShowVector(s.X[i])) < len(lesson.ShowVector(row)) {
						out = append(out, s)
					}
				}
			}
			for _, v := range lesson.SmallerVectors(in.V, 4) {
				s := in.clone()
				s.V = v
				out = append(out, s)
			}
			return out
		},
		Show: func(in weighted) string {
			return fmt.Sprintf("x = %s, v = %s", lesson.ShowRows(in.X), lesson.ShowVector(in.V))
		},
	}
}

func checkOrder(f any, c *lesson.Checker) *lesson.Counterexample {
	excess := f.(func([][]float64, []float64) float64)
	at := func(p weighted) float64 {
		p = p.clone()
		return excess(p.X, p.V)
	}
	return lesson.Find(c, unitPoints(),
		lesson.Property[weighted]{Name: "H* - K/4 has no negative eigenvalue: the form is at least 0", Check: func(p weighted) *lesson.Difference {
			if got := at(p); !(got >= -1e-9*(1+floats.Dot(p.V, p.V))) {
				return &lesson.Difference{Got: lesson.Short(got), Want: "at least 0"}
			}
			return nil
		}},
		lesson.Property[weighted]{Name: "one input alone has the form v²(1/2 - 1/4)", Check: func(p weighted) *lesson.Difference {
			one := weighted{p.X[:1], p.V[:1]}
			return lesson.Near(at(one), one.V[0]*one.V[0]/4, 1e-9*(1+one.V[0]*one.V[0]))
		}},
		lesson.Property[weighted]{Name: "the form is the sum over all pairs of inputs", Check: func(p weighted) *lesson.Difference {
			want := 0.0
			for i := range p.X {
				for j := range p.X {
					z := math.Max(-1, math.Min(1, floats.Dot(p.X[i], p.X[j])))
					if i == j {
						z = 1
					}
					want += p.V[i] * p.V[j] * (z*openTogether(z) - z/4)
				}
			}
			return lesson.Near(at(p), want, 1e-6*(1+floats.Dot(p.V, p.V))) // rounding of z near 1 costs the angle half of the digits
		}})
}

func exerciseTrace() lesson.Exercise {
	return lesson.Exercise{
		Number: "9.3c", Row: "9.X3c", Title: "The trace of H*",
		Text:     `Compute $\mathrm{tr}(H^*)$ for $n$ inputs of norm 1, and for inputs of any norms.`,
		Erratum:  `The book asks for $\mathrm{tr}(H^*)\le n$, which is true and twice as large as the value, $\frac n2$.`,
		Hint:     `What is the cosine of an input with itself?`,
		Solution: `The diagonal entry is $H^*_{ii}=x_i^\top x_i\,\Phi(1)=\frac{\|x_i\|^2}2$: the cosine of an input with itself is 1, and its gate is open half of the time. So $\mathrm{tr}(H^*)=\frac12\sum_i\|x_i\|^2$, for unit inputs $\frac n2$. A zero input has the entry 0.`,
		Answers: []lesson.Answer{
			{Prompt: "$\\mathrm{tr}(H^*)$ for $n$ unit inputs", Reference: "n/2", Variables: []lesson.Variable{{Name: "n", Low: 1, High: 200, Whole: true}},
				Traps: []lesson.Trap{{Answer: "n", Say: "n is the book's bound; a gate is open half of the time, so the value is half of that."}}},
			{Prompt: "$\\mathrm{tr}(H^*)$ for ten inputs of norm 3", Reference: "45", Traps: []lesson.Trap{{Answer: "15", Say: "the entries have the squared norm."}, {Answer: "5", Say: "these inputs have norm 3."}, {Answer: "90", Say: "a gate is open half of the time: there is a factor 1/2."}}},
		},
		Code: []*lesson.Code{{
			Task: "$\\mathrm{tr}(H^*)$ for the rows of $x$, of any norms, the zero row among them.",
			Name: "Trace", Signature: "func(x [][]float64) float64",
			Doc:   "Trace returns the trace of H* on the inputs x, one a row. A row may be zero: its entry is 0.",
			Body:  "return 0",
			Check: checkTrace,
		}},
	}
}

func checkTrace(f any, c *lesson.Checker) *lesson.Counterexample {
	trace := f.(func([][]float64) float64)
	at := func(p weighted) float64 { return trace(p.clone().X) }
	g := lesson.Gen[weighted]{
		Corners: []weighted{{X: [][]float64{{1}}}, {X: [][]float64{{2}}}, {X: [][]float64{{0}}}, {X: [][]float64{{1, 0}, {0, 1}}}, {X: [][]float64{{1, 1}}}},
		Draw: func(r *rand.Rand) weighted {
			d, n := 1+r.IntN(4), 1+r.IntN(5)
			var p weighted
			for range n {
				row := make([]float64, d)
				for j := range row {
					row[j] = 2 * r.NormFloat64()
				}
				p.X = append(p.X, row)
			}
			return p
		},
		Smaller: func(in weighted) []weighted {
			var out []weighted
			for i := range in.X {
				if len(in.X) > 1 {
					out = append(out, in.without(i))
				}
			}
			for j := range in.X[0] {
				if len(in.X[0]) > 1 {
					out = append(out, in.withoutColumn(j))
				}
			}
			for i, row := range in.X {
				for _, v := range lesson.SmallerVectors(row, 20) {
					s := in.clone()
					s.X[i] = v
					out = append(out, s)
				}
			}
			return out
		},
		Show: func(in weighted) string { return "x = " + lesson.ShowRows(in.X) },
	}
	half := func(p weighted) float64 {
		sum := 0.0
		for _, row := range p.X {
			sum += floats.Dot(row, row) / 2
		}
		return sum
	}
	return lesson.Find(c, g,
		lesson.Property[weighted]{Name: "inputs twice as long have four times the trace", Check: func(p weighted) *lesson.Difference {
			twice := p.clone()
			for i := range twice.X {
				floats.Scale(2, twice.X[i])
			}
			want := 4 * at(p)
			return lesson.Near(at(twice), want, 1e-9*(1+math.Abs(want)))
		}},
		lesson.Property[weighted]{Name: "the sum of the squared norms, halved", Check: func(p weighted) *lesson.Difference {
			return lesson.Near(at(p), half(p), 1e-9*(1+half(p)))
		}})
}

func exerciseLinear() lesson.Exercise {
	return lesson.Exercise{
		Number: "9.3d", Row: "9.X3d", Title: "The kernel learns linear functions",
		Text: `Let the labels be linear, $y_i=x_i^\top\beta$, on $n$ inputs of norm 1. Put parts b and c together: with $C=y^\top(H^*)^{-1}y$ the bound of Exercise 2 is

$$\frac{2\sqrt{C\,\mathrm{tr}(H^*)}}n\le\frac{2\sqrt2\,\|\beta\|}{\sqrt n}.$$

How many examples make it 0.1 for $\|\beta\|=1$?`,
		Erratum:  `The book shows the same right side for $\frac{\sqrt{2C\,\mathrm{tr}(H^*)}}n$ and with $\mathrm{tr}(H^*)\le n$. Its constant is too small by $\sqrt2$ and its trace too large by 2: the two slips cancel.`,
		Hint:     `Part b bounds $C$, part c is the trace.`,
		Solution: `By part b, $C\le4\|\beta\|^2$, and by part c, $\mathrm{tr}(H^*)=\frac n2$. So $\frac{2\sqrt{C\,\mathrm{tr}(H^*)}}n\le\frac2n\sqrt{4\|\beta\|^2\cdot\frac n2}=\frac{2\sqrt2\,\|\beta\|}{\sqrt n}$. It is 0.1 at $n=\left(\frac{2\sqrt2}{0.1}\right)^2=800$. The number of examples does not depend on the dimension, only on $\|\beta\|$. And the bound on $C$ is tight: for inputs uniform on the sphere and $n\to\infty$, $\sqrt C\to2\|\beta\|$.`,
		Answers: []lesson.Answer{
			{Prompt: "The right side, with $B=\\|\\beta\\|$", Reference: "2 sqrt(2) B/sqrt(n)", Variables: []lesson.Variable{{Name: "B", Low: .1, High: 5}, {Name: "n", Low: 10, High: 1000, Whole: true}},
				Traps: []lesson.Trap{{Answer: "2 B/sqrt(n)", Say: "this comes from the printed constant √2; the bound has 2."}, {Answer: "4 B/sqrt(n)", Say: "the trace is n/2, not n."}, {Answer: "2 sqrt(2) B/n", Say: "the trace grows with n: only √n is left in the denominator."}}},
			{Prompt: "The number of examples that makes it 0.1 for $\\|\\beta\\|=1$", Reference: "800", Tolerance: .5, Cause: "a whole number is asked for", Traps: []lesson.Trap{{Answer: "400", Say: "this comes from 2‖β‖/√n."}, {Answer: "28.284271247461902", Say: "square it: n stands under a root."}}},
			{Prompt: "$\\sqrt C$ as $n\\to\\infty$ for $\\|\\beta\\|=1$ and inputs uniform on the sphere", Reference: "2", Right: "Part b is tight: nothing of the linear function is left for the even powers to carry."},
		},
		Code: []*lesson.Code{{
			Task: "The bound for a linear teacher.",
			Name: "LinearBound", Signature: "func(beta []float64, n int) float64",
			Doc:   "LinearBound returns the bound on test loss minus training loss, without the term that depends on\nthe confidence, for labels xᵀbeta on n unit inputs.",
			Body:  "return 0",
			Check: checkLinear,
		}},
	}
}

type linear struct {
	Beta []float64
	N    int
}

func checkLinear(f any, c *lesson.Checker) *lesson.Counterexample {
	bound := f.(func([]float64, int) float64)
	at := func(in linear) float64 { return bound(slices.Clone(in.Beta), in.N) }
	g := lesson.Gen[linear]{
		Corners: []linear{{[]float64{1}, 1}, {[]float64{0}, 1}, {[]float64{2}, 1}, {[]float64{1}, 4}, {[]float64{3, 4}, 1}, {[]float64{-1}, 1}},
		Draw: func(r *rand.Rand) linear {
			in := linear{N: 1 + r.IntN(40)}
			for range 1 + r.IntN(4) {
				in.Beta = append(in.Beta, r.NormFloat64())
			}
			return in
		},
		Smaller: func(in linear) []linear {
			var out []linear
			for i := range in.Beta {
				if len(in.Beta) > 1 {
					out = append(out, linear{slices.Delete(slices.Clone(in.Beta), i, i+1), in.N})
				}
			}
			for _, n := range lesson.SmallerInts(in.N, 1) {
				out = append(out, linear{in.Beta, n})
			}
			for _, b := range lesson.SmallerVectors(in.Beta, 8) {
				out = append(out, linear{b, in.N})
			}
			return out
		},
		Show: func(in linear) string { return fmt.Sprintf("beta = %s, n = %d", lesson.ShowVector(in.Beta), in.N) },
	}
	near := func(got, want float64) *lesson.Difference { return lesson.Near(got, want, 1e-9*(1+math.Abs(want))) }
	return lesson.Find(c, g,
		lesson.Property[linear]{Name: "twice the teacher is twice the bound", Check: func(in linear) *lesson.Difference {
			twice := linear{slices.Clone(in.Beta), in.N}
			floats.Scale(2, twice.Beta)
			return near(at(twice), 2*at(in))
		}},
		lesson.Property[linear]{Name: "four times the inputs are half the bound", Check: func(in linear) *lesson.Difference {
			return near(at(linear{in.Beta, 4 * in.N}), at(in)/2)
		}},
		// n orthogonal inputs along β's coordinates and beyond it: H* = I/2, C = 2‖y‖² <= 2‖β‖².
		lesson.Property[linear]{Name: "no less than the bound of Exercise 2 for orthogonal inputs that span the teacher", Check: func(in linear) *lesson.Difference {
			n := max(in.N, len(in.Beta))
			c, trace := 2*floats.Dot(in.Beta, in.Beta), float64(n)/2
			want := 2 * math.Sqrt(c*trace) / float64(n)
			if got := at(linear{in.Beta, n}); !(got >= want-1e-9*(1+want)) {
				return &lesson.Difference{Got: fmt.Sprintf("LinearBound(beta, %d) = %s", n, lesson.Short(got)), Want: "at least " + lesson.Short(want)}
			}
			return nil
		}},
		lesson.Property[linear]{Name: "2√2·‖beta‖/√n", Check: func(in linear) *lesson.Difference {
			return near(at(in), math.Sqrt(8*floats.Dot(in.Beta, in.Beta)/float64(in.N)))
		}})
}
