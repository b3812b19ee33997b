package ntk

import (
	"math"
	"math/rand/v2"

	"github.com/lemma-ml/lemma/lib/lesson"
)

// Exercises returns the exercises of chapter 9 in the book's order: statements in our own words and
// corrected where the book errs, hints, solutions, answers that a page checks and functions that
// lemma check ex checks.
func Exercises() []lesson.Exercise {
	return []lesson.Exercise{exerciseGates(), exerciseMovement(), exerciseSeries(), exerciseOrder(), exerciseTrace(), exerciseLinear()}
}

// gateTolerance is the rounding that a short formula may have, with room for another order of
// operations near ρ = ±1, where the angle loses half of the digits of 1 - ρ.
const gateTolerance = 1e-9

// exerciseGates is Exercise 1, which is Problem 9.2.1.
func exerciseGates() lesson.Exercise {
	rho := []lesson.Variable{{Name: "rho", Also: "ρ", Low: -1, High: 1}}
	return lesson.Exercise{
		Number: "9.1", Row: "9.X1", Title: "How often two ReLU gates are open together",
		Text: `A neuron of a two-layer ReLU network draws its weights from $w\sim\mathcal N(0,I)$. Its gate at an input $x\ne0$ is open if $w^\top x>0$, and $\sigma'(w^\top x)$ is then 1, otherwise 0. Let $\rho=\frac{x^\top x'}{\|x\|\|x'\|}$ be the cosine of two inputs. Show that

$$\Phi(\rho)=\mathbb E_w\left[\sigma'(w^\top x)\,\sigma'(w^\top x')\right]=\frac{\pi-\arccos\rho}{2\pi},$$

and conclude that the kernel of section 9.2 is $H^*(x,x')=x^\top x'\,\Phi(\rho)$.`,
		Erratum: `Problem 9.2.1, its equation (9.8) and Exercise 3 set $H^*_{ij}$ equal to this average and drop the factor $x_i^\top x_j$. With the factor, and only with it, the Taylor series of Exercise 3a comes out.`,
		Hint:    `Only the plane spanned by $x$ and $x'$ matters: $w$ enters through its projection to it. What is the law of the direction of that projection, and for which directions are both gates open?`,
		Solution: `**The plane.** $w^\top x$ and $w^\top x'$ do not change if $w$ is replaced by its orthogonal projection $p$ to a plane that contains $x$ and $x'$. The projection of a standard Gaussian is a standard Gaussian of the plane, which no rotation changes; so the direction of $p$ is uniform on the circle.

**The half circles.** The gate of $x$ is open if the direction of $p$ lies within $\frac\pi2$ of that of $x$: on a half circle. The gate of $x'$ is open on another half circle, turned by the angle $\theta=\arccos\rho$ between the inputs. Two half circles turned by $\theta\in[0,\pi]$ share an arc of length $\pi-\theta$.

**The average.** The product $\sigma'(w^\top x)\sigma'(w^\top x')$ is 1 if both gates are open and 0 otherwise, so that its mean is the probability of that arc,

$$\Phi(\rho)=\frac{\pi-\theta}{2\pi}=\frac{\pi-\arccos\rho}{2\pi}.$$

(On the boundary, where $\sigma'$ is not defined, $w$ lies with probability 0.)

**The kernel.** The gradient of $\frac1{\sqrt m}\sum_ra_r\sigma(w_r^\top x)$ in $w_r$ is $\frac{a_r}{\sqrt m}\sigma'(w_r^\top x)\,x$. With $a_r^2=1$ the inner product of two such gradients, summed over $r$, is $x^\top x'\cdot\frac1m\sum_r\sigma'(w_r^\top x)\sigma'(w_r^\top x')$, an average of $m$ independent terms; as $m\to\infty$ it tends to $x^\top x'\,\Phi(\rho)$.

Two checks: $\Phi(1)=\frac12$, for equal inputs share their gate, open half of the time; and $\Phi(\rho)+\Phi(-\rho)=\frac12$, for of $x'$ and $-x'$ exactly one gate is open.`,
		Answers: []lesson.Answer{
			{Prompt: "$\\Phi(\\rho)$ for orthogonal inputs, $\\rho=0$", Reference: "1/4", Right: "Two independent coins: the gates of orthogonal inputs are independent.",
				Traps: []lesson.Trap{{Answer: "1/2", Say: "1/2 is the chance that one gate is open; both must be."}, {Answer: "0", Say: "0 is H* there, with the factor xᵀx'; this is the average of the gates alone."}}},
			{Prompt: "$\\Phi(\\rho)$ for any $\\rho$", Reference: "(pi - arccos(rho))/(2 pi)", Variables: rho,
				Right: "The arc that two half circles share, over the whole circle.",
				Traps: []lesson.Trap{
					{Answer: "(pi - arccos(rho))/pi", Say: "this is κ₀, twice the probability: the arc is a part of the whole circle, 2π."},
					{Answer: "rho*(pi - arccos(rho))/(2 pi)", Say: "this is H* of unit inputs; the average of the gates has no factor ρ."},
					{Answer: "arccos(rho)/(2 pi)", Say: "this is the chance that the first gate is open and the second is not."},
				}},
			{Prompt: "$H^*(x,x')$ for unit inputs with $\\rho=\\frac12$", Reference: "1/6", Right: "$\\frac12\\cdot\\frac{\\pi-\\pi/3}{2\\pi}=\\frac16$.",
				Traps: []lesson.Trap{{Answer: "1/3", Say: "1/3 is Φ(1/2); the kernel has the factor xᵀx' = 1/2 besides, which the book drops."}}},
		},
		Code: []*lesson.Code{{
			Task: "$\\Phi(\\rho)$ for a cosine $\\rho$. Rounding can put the cosine of two equal inputs a little above 1: such a $\\rho$ counts as 1, and one below $-1$ as $-1$.",
			Name: "Phi", Signature: "func(rho float64) float64",
			Doc:   "Phi returns E[σ'(u)σ'(v)] for ReLU, where u and v are standard normals of correlation rho.\nA rho outside of [-1, 1], as rounding makes it, counts as the nearer end.",
			Body:  "return 0",
			Check: checkGates,
		}},
	}
}

func checkGates(f any, c *lesson.Checker) *lesson.Counterexample {
	phi := f.(func(float64) float64)
	if wrong := lesson.Find(c, lesson.Real("rho", -1, 1, 0, 1, -1, .5, -.5),
		lesson.Property[float64]{Name: "a probability that two gates are open lies between 0 and 1/2", Check: func(rho float64) *lesson.Difference {
			if got := phi(rho); !(got >= -gateTolerance && got <= .5+gateTolerance) {
				return &lesson.Difference{Got: "Phi(rho) = " + lesson.Short(got), Want: "a number of [0, 1/2]"}
			}
			return nil
		}},
		lesson.Property[float64]{Name: "of x' and -x' exactly one gate is open: Phi(rho) + Phi(-rho) = 1/2", Check: func(rho float64) *lesson.Difference {
			return lesson.Near(phi(rho)+phi(-rho), .5, gateTolerance)
		}},
		lesson.Property[float64]{Name: "Phi(rho) is the share of directions at which both gates are open", Check: func(rho float64) *lesson.Difference {
			return lesson.Near(phi(rho), openTogether(rho), gateTolerance)
		}}); wrong != nil {
		return wrong
	}
	beyond := lesson.Gen[float64]{
		Corners: []float64{math.Nextafter(1, 2), math.Nextafter(-1, -2)},
		Draw:    func(r *rand.Rand) float64 { return math.Copysign(1+float64(r.IntN(8)+1)*0x1p-52, r.Float64()-.5) },
		Smaller: func(float64) []float64 { return nil },
		Show:    lesson.Real("rho", -2, 2).Show,
	}
	return lesson.Find(c, beyond, lesson.Property[float64]{Name: "a rho beyond 1 by rounding counts as 1", Check: func(rho float64) *lesson.Difference {
		return lesson.Near(phi(rho), openTogether(math.Copysign(1, rho)), gateTolerance)
	}})
}

// openTogether is the share of the circle in both half circles: the arc from θ - π/2 to π/2. It is the
// solution's formula with another arccosine, precise to rounding; TestOpenTogether counts directions.
func openTogether(rho float64) float64 {
	theta := math.Atan2(math.Sqrt((1-rho)*(1+rho)), rho)
	start, end := theta-math.Pi/2, math.Pi/2
	return (end - start) / (2 * math.Pi)
}
