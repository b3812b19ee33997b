package landscape

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// Exercises returns the exercise of chapter 6: what section 6.2.1 leaves to the reader.
func Exercises() []lesson.Exercise { return []lesson.Exercise{exerciseConstants()} }

func exerciseConstants() lesson.Exercise {
	slopes := []lesson.Variable{{Name: "a", Low: .01, High: 1}, {Name: "b", Low: 1, High: 5}}
	return lesson.Exercise{
		Number: "6.1", Row: "6.X1", Title: "What makes a single neuron easy",
		Text: `For a generalized linear model $y=\sigma(w_*^\top x)+\epsilon$ the squared loss above its minimum is $L(w)-L(w_*)=\frac12\mathbb E[(\sigma(w^\top x)-\sigma(w_*^\top x))^2]$, and $\langle\nabla L(w),w-w_*\rangle=\mathbb E[\sigma'(\xi)\,\sigma'(w^\top x)\,\Delta^2]$ with $\Delta=(w-w_*)^\top x$ and some $\xi$ between $w^\top x$ and $w_*^\top x$.

Suppose that $0<a\le\sigma'\le b$ wherever $w^\top x$ and $w_*^\top x$ go. Find the largest $\tau$ that this guarantees in $\langle\nabla L(w),w-w_*\rangle\ge\tau(L(w)-L(w_*))$, and, with $\lambda=\lambda_{\min}(\mathbb E[xx^\top])$, the largest $\mu$ in $\langle\nabla L(w),w-w_*\rangle\ge\mu\|w-w_*\|^2$.`,
		Erratum: `The book's display of $\langle\nabla L(w),w-w_*\rangle$ has $\sigma(w^\top x)-\sigma(w^\top x)$, which is 0, and names the intermediate value theorem for what is the mean value theorem.`,
		Hint:    `Write $L(w)-L(w_*)$ with the same $\xi$: by the mean value theorem $\sigma(w^\top x)-\sigma(w_*^\top x)=\sigma'(\xi)\Delta$. Then compare the two expectations term by term.`,
		Solution: `With the same $\xi$ for each $x$, $L(w)-L(w_*)=\frac12\mathbb E[\sigma'(\xi)^2\Delta^2]$.

**Weak quasi-convexity.** Term by term $\sigma'(\xi)\sigma'(w^\top x)\Delta^2=\frac{\sigma'(w^\top x)}{\sigma'(\xi)}\cdot\sigma'(\xi)^2\Delta^2\ge\frac ab\,\sigma'(\xi)^2\Delta^2$. Taking expectations, $\langle\nabla L(w),w-w_*\rangle\ge\frac ab\cdot2(L(w)-L(w_*))$, so $\tau=\frac{2a}b$.

**Restricted secant inequality.** Both slopes are at least $a$, so $\langle\nabla L(w),w-w_*\rangle\ge a^2\,\mathbb E[\Delta^2]=a^2(w-w_*)^\top\mathbb E[xx^\top](w-w_*)\ge a^2\lambda\|w-w_*\|^2$.

For a sigmoid, $b=\frac14$ and $a=\sigma'(RB)$ if $\|x\|\le B$ and $\|w\|,\|w_*\|\le R$: both constants fall exponentially with $RB$, $\mu$ twice as fast. That is the plateau.`,
		Answers: []lesson.Answer{
			{Prompt: "$\\tau$, for slopes between $a$ and $b$", Reference: "2*a/b", Variables: slopes, Right: "The factor 2 comes from the ½ in the loss.",
				Traps: []lesson.Trap{
					{Answer: "a/b", Say: "the loss has a factor ½, which the ratio does not lose."},
					{Answer: "2*a^2/b^2", Say: "one slope is enough: σ'(ξ) stands on both sides, only the other factor differs."},
				}},
			{Prompt: "$\\mu$, with $\\lambda$ (type lambda)", Reference: "a^2*lambda", Variables: []lesson.Variable{slopes[0], {Name: "lambda", Also: "λ", Low: .1, High: 3}}, Right: "Both slopes can be as small as a at once.",
				Traps: []lesson.Trap{{Answer: "a*lambda", Say: "there are two slopes, σ'(ξ) and σ'(w·x)."}}},
			{Prompt: "$\\tau$ for a sigmoid where all pre-activations lie in $[-\\ln 3,\\ln 3]$, so that $a=\\frac3{16}$", Reference: "3/2", Right: "$2\\cdot\\frac3{16}/\\frac14$.",
				Traps: []lesson.Trap{{Answer: "3/4", Say: "this is a/b."}}},
		},
		Code: []*lesson.Code{{
			Task: "The two constants for a sigmoid neuron with $\\|x\\|\\le B$ and $\\|w\\|,\\|w_*\\|\\le R$, $z=RB\\ge0$, and $\\lambda=1$.",
			Name: "Constants", Signature: "func(z float64) (tau, mu float64)",
			Doc:   "Constants returns the constants of weak quasi-convexity and of the restricted secant inequality\nthat slopes between σ'(z) and 1/4 guarantee, for a smallest eigenvalue of 1.",
			Body:  "return 0, 0",
			Check: checkConstantsCode,
		}},
	}
}

func checkConstantsCode(f any, c *lesson.Checker) *lesson.Counterexample {
	constants := f.(func(float64) (float64, float64))
	return lesson.Find(c, lesson.Real("z", 0, 20, 0, 1, math.Log(3), 5),
		lesson.Property[float64]{Name: "both are positive and fall with z", Check: func(z float64) *lesson.Difference {
			t0, m0 := constants(z)
			t1, m1 := constants(z + .5)
			if !(t0 > t1 && t1 > 0 && m0 > m1 && m1 > 0) {
				return &lesson.Difference{Got: fmt.Sprintf("(%s, %s) at z and (%s, %s) at z + 1/2", lesson.Short(t0), lesson.Short(m0), lesson.Short(t1), lesson.Short(m1)), Want: "smaller, positive numbers at z + 1/2"}
			}
			return nil
		}},
		lesson.Property[float64]{Name: "tau² = 64·mu: one is linear in the smallest slope, the other quadratic", Check: func(z float64) *lesson.Difference {
			t, m := constants(z)
			return lesson.Near(t*t, 64*m, 1e-9)
		}},
		lesson.Property[float64]{Name: "the slope of a sigmoid is ¼/cosh²(z/2)", Check: func(z float64) *lesson.Difference {
			t, _ := constants(z)
			h := math.Cosh(z / 2)
			return lesson.Near(t, 2/(h*h), 1e-9)
		}})
}

// Breaks returns the claims of chapter 6 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakQuasi()} }

// promised is the factor 1 - μ/(2L) that PL promises for w² + 3 sin² w.
const promised = .97806

// BreakQuasi is the second erratum: smoothness and one of three conditions do not give a geometric rate.
func BreakQuasi() lesson.Break {
	return lesson.Break{
		ID: "6.C2/break", Title: "Does every condition give a geometric rate?",
		Claim:      `Gradient descent with a small step on a smooth $f$ that satisfies the Polyak-Łojasiewicz condition converges geometrically: $f(w_t)-f^*$ shrinks by a fixed factor at least.`,
		Hypotheses: []lesson.Hypothesis{{Name: "PL", Held: "$\\|\\nabla f\\|^2\\ge\\mu(f-f^*)$ (Polyak-Łojasiewicz)", Drop: "ask for weak quasi-convexity only, as Claim 6.2.2 allows"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			o, eta, start, name := Wavy(3), 1./8, 3., "$w^2+3\\sin^2w$"
			if dropped["PL"] {
				o, eta, start, name = flatPower(), 1./12, 1, "$w^4$"
			}
			path, err := Descend(ctx, o, []float64{start}, eta, 2000, nil)
			if err != nil {
				return nil, fmt.Errorf("landscape.BreakQuasi: %w", err)
			}
			var x, y, line []float64
			worst := 0.0
			for t := 0; t < len(path); t++ {
				v := o.Value(path[t])
				if t > 0 && o.Value(path[t-1]) > 1e-14 {
					worst = max(worst, v/o.Value(path[t-1]))
				}
				if v < 1e-15 {
					break
				}
				x, y = append(x, float64(t+1)), append(y, v)
				line = append(line, max(o.Value(path[0])*math.Pow(promised, float64(t)), 1e-16))
			}
			s := &lesson.State{Holds: worst <= promised, Figure: figure.Figure{
				ID: "6.C2/break", Title: "The value of f against the step",
				Alt:     "f against the step on logarithmic axes, with the line that a factor of 0.978 a step would give.",
				Caption: "A geometric rate bends down on these axes; a power of $t$ is a straight line.",
				Panels: []figure.Panel{{X: figure.Axis{Label: "step", Scale: figure.Log}, Y: figure.Axis{Label: "f - f*", Scale: figure.Log}, Layers: []figure.Layer{
					figure.Line("a factor 0.978 a step", 0, x, line).As(figure.Bound), figure.Points("descent", 1, x, y, nil, nil)}}},
			}}
			if s.Holds {
				s.Verdict = fmt.Sprintf("On %s every step shrinks $f$ by %.3f or better; the condition promises 0.978.", name, worst)
			} else {
				s.Verdict = fmt.Sprintf("%s is convex and smooth, and weakly quasi-convex with $\\tau=4$. Descent crawls: $t^2f(w_t)\\to\\frac94$, and the factor of a step tends to 1 (%.4f here).", name, worst)
				s.Counterexample = "f(w) = w⁴ from w = 1 with step 1/12: f is 1/500,000 only after 1000 steps"
			}
			return s, nil
		},
	}
}
