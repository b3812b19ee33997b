package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
)

// teacherClaims are the learnable functions of section 9.3.1.
func teacherClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.B1", Kind: claim.Bound, Title: "Linear teachers", Ref: "Section 9.3.1",
			Statement:    `For $y=\beta^\top x$ on unit inputs $\sqrt{y^\top(H^*)^{-1}y}\le2\|\beta\|$, so that (9.11) is $O(\|\beta\|/\sqrt n)$; the bound is tight as $n\to\infty$.`,
			Source:       "ntk.RunTeachers, ntk.Teacher.Bound",
			Check:        teacher(1, 1, 1, []float64{1.974, 1.990, 1.995, 1.998, 1.999}, .06),
			Alternatives: []claim.Alternative{{Name: "‖β‖ in place of 2‖β‖", Check: teacher(1, .5, 1, []float64{1.974, 1.990, 1.995, 1.998, 1.999}, .06)}},
		},
		{
			ID: "9.B2", Kind: claim.Bound, Title: "Even-power teachers", Ref: "Section 9.3.1",
			Statement:    `For $y=\sum_j\alpha_j(\beta_j^\top x)^p$, $p$ even, $\sqrt{y^\top(H^*)^{-1}y}\le3p\sum_j|\alpha_j|\|\beta_j\|^p$. As $n$ grows it rises to the norm of $y$ in the kernel's space. Odd $p\ge3$ have no finite norm and are not learned.`,
			Source:       "ntk.RunTeachers, ntk.SquaredNorm",
			Check:        evenTeachers(false),
			Alternatives: []claim.Alternative{{Name: "the bound for p = 3 too", Check: evenTeachers(true)}},
			Errata: []claim.Erratum{{
				Number: "9.10", Where: "Section 9.3.1, polynomial activation",
				Printed: `two-layer nets with $z^p$, $p$ even; "NTK can learn two-layer polynomial nets"`,
				Correct: `even $p$, and $p=1$, only: an odd $p\ge3$ is not learnable by this kernel without a bias`,
				Why:     `Besides $K/4$ the series of $H^*$ has even powers only, so that the kernel's space holds no odd function beyond the linear ones; $\sqrt C$ diverges with $n$. A constant feature $x\mapsto(x,1)$ repairs it.`,
			}},
		},
		{
			ID: "9.B3", Kind: claim.Bound, Title: "Cosine teachers", Ref: "Section 9.3.1",
			Statement:    `For $y=\sum_j\alpha_j(\cos(\beta_j^\top x)-1)$, $\sqrt{y^\top(H^*)^{-1}y}\le3\sum_j|\alpha_j|\|\beta_j\|\sinh\|\beta_j\|$.`,
			Source:       "ntk.RunTeachers, ntk.Teacher.Bound",
			Check:        cosineTeacher(1),
			Alternatives: alternatives(cosineTeacher, named[float64]{"a quarter of the bound", .25}),
			Errata: []claim.Erratum{{
				Number: "9.9", Where: "Section 9.3.1, cosine activation",
				Printed: `$O\left(\frac{p\sum_j|\alpha_j|\|\beta_j\|_2\sinh(\|\beta\|_2^2)}{\sqrt n}\right)$`,
				Correct: `$O\left(\frac{\sum_j|\alpha_j|\|\beta_j\|_2\sinh(\|\beta_j\|_2)}{\sqrt n}\right)$`,
				Why:     `There is no $p$ in a cosine. Summing the power bound $3p\|\beta\|^p/p!$ over even $p$ gives $3\|\beta\|\sum_{p\text{ even}}\|\beta\|^{p-1}/(p-1)!=3\|\beta\|\sinh\|\beta\|$, no square. For $\|\beta\|<1$ the printed $\sinh\|\beta\|^2$ is smaller than the bound.`,
			}},
		},
	}
}

// teacher checks one power against scale times its bound, at sizes 50 to 800, and against one other
// draw's values with a spread at n = 50 that shrinks with n.
func teacher(power int, scale, limit float64, other []float64, spread float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{power}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		addTeacher(f, r, 0, scale, other, spread)
		f.Add(claim.Equals(r.name(0)+": norm in the kernel's space, from Funk and Hecke's eigenvalues", 2*limit*scale, r.Limit[0], claim.Because(1e-6, "quadrature in the angle")))
		fig := FigureTeachers(r)
		f.Figure = &fig
		return f, nil
	}
}

func (t *Teachers) name(k int) string { return Teacher{Power: t.Config.Powers[k]}.String() }

// addTeacher adds the evidence for teacher k: the bound at every size, the rise to the limit, and
// agreement with another draw.
func addTeacher(f *claim.Finding, r *Teachers, k int, scale float64, other []float64, spread float64) {
	for j, n := range r.Config.Sizes {
		f.Add(claim.Below(fmt.Sprintf("%s: √C at n = %d against the bound", r.name(k), n), scale*r.Bound[k], r.Root[k][j], claim.Rounding(r.Bound[k], 1e6)),
			claim.Below(fmt.Sprintf("%s: √C at n = %d against the norm it rises to", r.name(k), n), r.Limit[k], r.Root[k][j], claim.Because(1e-6*r.Limit[k], "quadrature in the angle")))
		if other != nil {
			f.Add(claim.Equals(fmt.Sprintf("%s: √C at n = %d against another draw of inputs", r.name(k), n), other[j], r.Root[k][j],
				claim.Because(max(spread*50/float64(n), .002), "spread over draws, falling like 1/n")))
		}
	}
}

func evenTeachers(odd bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{2, 4, 3}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		last := len(r.Config.Sizes) - 1
		addTeacher(f, r, 0, 1, nil, 0)
		addTeacher(f, r, 1, 1, nil, 0)
		f.Add(
			claim.Equals("power 2: √C at n = 800", 2.319, r.Root[0][last], claim.Because(.01, "spread over draws of inputs")),
			claim.Equals("power 4: √C at n = 800", 2.746, r.Root[1][last], claim.Because(.05, "spread over draws of inputs")),
			claim.Below("power 2: the norm against the bound 6", 6, r.Limit[0], claim.Exact),
			claim.Below("power 4: the norm against the bound 12", 12, r.Limit[1], claim.Exact))
		growth := r.Root[2][last] / r.Root[2][0]
		f.Add(
			claim.Above("power 3: √C at n = 800 over √C at n = 50", 3, growth, claim.Exact),
			claim.Above("power 3: √C at n = 800 over √C at n = 400, still growing", 1.2, r.Root[2][last]/r.Root[2][last-1], claim.Exact),
			claim.Below("power 2: √C at n = 800 over √C at n = 400, at rest", 1.02, r.Root[0][last]/r.Root[0][last-1], claim.Exact),
			claim.Equals("power 3: norm in the kernel's space (0 stands for infinite)", 0, r.Limit[2], claim.Exact))
		bound := claim.Below("power 3: √C at n = 800 against 3p‖β‖³ = 9, were it a bound", 9, r.Root[2][last], claim.Exact)
		if odd {
			f.Add(bound)
		} else {
			f.Add(bound.AsPrinted())
		}
		f.Note("Over draws of the inputs √C of the cubic grows between 4 and 10 times from n = 50 to n = 800; this one %.1f times.", growth)
		// A constant feature brings the missing odd powers back.
		b, err := RunTeachers(ctx, TeacherConfig{Powers: []int{3}, Bias: true, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		f.Add(
			claim.Above("power 3 with a bias: norm in the kernel's space, finite", 1, b.Limit[0], claim.Exact),
			claim.Below("power 3 with a bias: √C at n = 800 against that norm", b.Limit[0], b.Root[0][last], claim.Because(1e-6*b.Limit[0], "quadrature in the angle")),
			claim.Above("power 3: √C at n = 800 without a bias over √C with one", 2, r.Root[2][last]/b.Root[0][last], claim.Exact))
		f.Note("With a bias √C of the cubic is %.2f at n = 800 and stays below %.2f; without one it is %.2f and has no limit.", b.Root[0][last], b.Limit[0], r.Root[2][last])
		fig := FigureTeachers(r)
		f.Figure = &fig
		return f, nil
	}
}

func cosineTeacher(scale float64) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{0}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		last := len(r.Config.Sizes) - 1
		addTeacher(f, r, 0, scale, nil, 0)
		f.Add(
			claim.Equals("cosine: √C at n = 800", 1.105, r.Root[0][last], claim.Because(.003, "spread over draws of inputs")),
			claim.Equals("3·sinh 1", 3.5256, r.Bound[0], claim.Digits(1e-4)))
		// At ‖β‖ = 0.05 the printed form, even with the constant 3 and the stray p taken as 1, is below √C.
		x := Circle(24)
		t := Teacher{Alpha: []float64{1}, Beta: [][]float64{{.05, 0}}}
		y, err := t.Label(x)
		if err != nil {
			return nil, err
		}
		h, err := TwoLayer(nil).Gram(x)
		if err != nil {
			return nil, err
		}
		c, err := ComplexityOnRange(h, y) // evenly spaced, H* has no odd frequencies from 3 on
		if err != nil {
			return nil, err
		}
		root := math.Sqrt(c.C)
		f.Add(
			claim.Below("cosine, ‖β‖ = 0.05 on the circle: √C against 3‖β‖sinh‖β‖", scale*t.Bound(), root, claim.Exact),
			claim.Below("the same against 3‖β‖sinh(‖β‖²) as printed", 3*.05*math.Sinh(.05*.05), root, claim.Exact).AsPrinted())
		return f, nil
	}
}
