package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
)

// teacherClaims are the learnable functions of section 9.3.1.
func teacherClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "9.B1", Kind: claim.Bound, Title: "Linear teachers", Ref: "Section 9.3.1",
			Statement: `For $y=\beta^\top x$ on unit inputs $\sqrt{y^\top(H^*)^{-1}y}\le2\|\beta\|$, so that (9.11) is $O(\|\beta\|/\sqrt n)$; the bound is tight as $n\to\infty$.`,
			Source:    "ntk.RunTeachers, ntk.Teacher.Bound",
			Check:     linearTeacher(Teacher.Bound),
			Alternatives: alternatives(linearTeacher,
				named[bound]{"‖β‖ in place of 2‖β‖", func(t Teacher) float64 { return t.Bound() / 2 }},
				named[bound]{"2 in place of 2‖β‖", func(t Teacher) float64 { return 2 * powerSum(t, 0) }}),
		},
		{
			ID: "9.B2", Kind: claim.Bound, Title: "Even-power teachers", Ref: "Section 9.3.1",
			Statement: `For $y=\sum_j\alpha_j(\beta_j^\top x)^p$, $p$ even, $\sqrt{y^\top(H^*)^{-1}y}\le3p\sum_j|\alpha_j|\|\beta_j\|^p$. As $n$ grows it rises to the norm of $y$ in the kernel's space. Odd $p\ge3$ have no finite norm and are not learned.`,
			Source:    "ntk.RunTeachers, ntk.SquaredNorm",
			Check:     evenTeachers(evenLaw{bound: Teacher.Bound}),
			Alternatives: alternatives(evenTeachers,
				named[evenLaw]{"the bound for p = 3 too", evenLaw{Teacher.Bound, true}},
				named[evenLaw]{"‖β‖ in place of ‖β‖^p", evenLaw{bound: func(t Teacher) float64 { return 3 * float64(t.Power) * powerSum(t, 1) }}},
				named[evenLaw]{"without the factor p", evenLaw{bound: func(t Teacher) float64 { return 3 * powerSum(t, t.Power) }}},
				named[evenLaw]{"p in place of 3p", evenLaw{bound: func(t Teacher) float64 { return t.Bound() / 3 }}}),
			Errata: []claim.Erratum{{
				Number: "9.13", Where: "Section 9.3.1, polynomial activation",
				Printed: `two-layer nets with $z^p$, $p$ even; "NTK can learn two-layer polynomial nets"`,
				Correct: `even $p$, and $p=1$, only: an odd $p\ge3$ is not learnable by this kernel without a bias`,
				Why:     `Besides $K/4$ the series of $H^*$ has even powers only, so that the kernel's space holds no odd function beyond the linear ones; $\sqrt C$ diverges with $n$. A constant feature $x\mapsto(x,1)$ repairs it.`,
			}},
		},
		{
			ID: "9.B3", Kind: claim.Bound, Title: "Cosine teachers", Ref: "Section 9.3.1",
			Statement: `For $y=\sum_j\alpha_j(\cos(\beta_j^\top x)-1)$, $\sqrt{y^\top(H^*)^{-1}y}\le3\sum_j|\alpha_j|\|\beta_j\|\sinh\|\beta_j\|$.`,
			Source:    "ntk.RunTeachers, ntk.Teacher.Bound",
			Check:     cosineTeacher(Teacher.Bound),
			Alternatives: alternatives(cosineTeacher,
				named[bound]{"a quarter of the bound", func(t Teacher) float64 { return t.Bound() / 4 }},
				named[bound]{"the bound of the second-order term, ‖β‖²/2", func(t Teacher) float64 { return powerSum(t, 2) / 2 }}),
			Errata: []claim.Erratum{{
				Number: "9.9", Where: "Section 9.3.1, cosine activation",
				Printed: `$O\left(\frac{p\sum_j|\alpha_j|\|\beta_j\|_2\sinh(\|\beta\|_2^2)}{\sqrt n}\right)$`,
				Correct: `$O\left(\frac{\sum_j|\alpha_j|\|\beta_j\|_2\sinh(\|\beta_j\|_2)}{\sqrt n}\right)$`,
				Why:     `There is no $p$ in a cosine. Summing the power bound $3p\|\beta\|^p/p!$ over even $p$ gives $3\|\beta\|\sum_{p\text{ even}}\|\beta\|^{p-1}/(p-1)!=3\|\beta\|\sinh\|\beta\|$, no square. For $\|\beta\|<1$ the printed $\sinh\|\beta\|^2$ is smaller than the bound.`,
			}},
		},
	}
}

// bound is a bound on √C of a teacher's labels, for any training inputs on the unit sphere.
type bound func(Teacher) float64

// powerSum is Σ|α_j|‖β_j‖^q.
func powerSum(t Teacher, q int) float64 {
	sum := 0.0
	for j, beta := range t.Beta {
		sum += math.Abs(t.Alpha[j]) * math.Pow(floats.Norm(beta, 2), float64(q))
	}
	return sum
}

// single is the teacher φ(βᵀx) in R⁵ with the given ‖β‖.
func single(power int, norm float64) Teacher {
	return Teacher{Power: power, Alpha: []float64{1}, Beta: [][]float64{{norm, 0, 0, 0, 0}}}
}

// pairOf is a teacher with two units of different norms and signs in R⁵, neither orthogonal nor parallel.
func pairOf(power int) Teacher {
	return Teacher{Power: power, Alpha: []float64{1, -.5}, Beta: [][]float64{{.5, 0, 0, 0, 0}, {1.2, 1.6, 0, 0, 0}}}
}

// spaceNorm is Σ_j of the norms of α_j·φ(β_jᵀx) in the kernel's space on the sphere of R⁵, by Funk and
// Hecke's eigenvalues: each term is a function of one coordinate.
func spaceNorm(t Teacher) float64 {
	operator := NewZonal(func(s float64) float64 { return s * Kappa0(s) / 2 }, 5, 40, 4000)
	sum := 0.0
	for j, beta := range t.Beta {
		norm := floats.Norm(beta, 2)
		g := NewZonal(func(s float64) float64 { return t.Activation(norm * s) }, 5, 40, 4000)
		sum += math.Abs(t.Alpha[j]) * math.Sqrt(SquaredNorm(g, operator, 1e-9))
	}
	return sum
}

const quadratureCause = "quadrature in the angle"

// addPair adds the evidence for a teacher with two units: √C at 400 inputs against the bound, and
// against the sum of the two norms, which no choice of inputs exceeds.
func addPair(f *claim.Finding, b bound, power int, seed uint64) error {
	t := pairOf(power)
	x := Sphere(400, 5, rng.Stream(seed, "sphere"))
	y, err := t.Label(x)
	if err != nil {
		return err
	}
	h, err := TwoLayer(nil).Gram(x)
	if err != nil {
		return err
	}
	c, err := ComplexityOf(h, y)
	if err != nil {
		return err
	}
	root, norm := math.Sqrt(c.C), spaceNorm(t)
	at := fmt.Sprintf("%s, α = (1, -½), ‖β‖ = (½, 2): √C at n = 400 against ", t)
	f.Add(
		claim.Below(at+"the bound", b(t), root, claim.Rounding(root, 1e6)),
		claim.Below(at+"the sum of the two norms", norm, root, claim.Because(1e-6*norm, quadratureCause)))
	return nil
}

// twoDraws is the tolerance for √C of one draw of inputs against a printed value, itself that of one
// draw: sd is the standard deviation that 200 draws have at that n.
func twoDraws(sd float64) claim.Tolerance {
	return claim.Because(4*math.Sqrt2*sd+1e-3, fmt.Sprintf("4·√2·sd for two draws of the inputs, sd = %g over 200 of them, and the last printed digit", sd))
}

func linearTeacher(b bound) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{1}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		addTeacher(f, r, 0, b)
		for j, n := range r.Config.Sizes {
			f.Add(claim.Equals(fmt.Sprintf("power 1: √C at n = %d against another draw of inputs", n),
				[]float64{1.974, 1.990, 1.995, 1.998, 1.999}[j], r.Root[0][j], twoDraws([]float64{.011, .0023, .0007, .0002, .00005}[j])))
		}
		for _, norm := range []float64{1, 2.5} {
			t := single(1, norm)
			f.Add(claim.Equals(fmt.Sprintf("power 1: the bound against the norm in the kernel's space, ‖β‖ = %g", norm), b(t), spaceNorm(t), claim.Because(1e-6*norm, quadratureCause)))
		}
		if err := addPair(f, b, 1, env.Seed); err != nil {
			return nil, err
		}
		fig := FigureTeachers(r)
		f.Figure = &fig
		return f, nil
	}
}

func (t *Teachers) name(k int) string { return Teacher{Power: t.Config.Powers[k]}.String() }

// addTeacher adds the evidence for teacher k: the bound, and the norm that √C rises to, at every size.
func addTeacher(f *claim.Finding, r *Teachers, k int, b bound) {
	limit := b(single(r.Config.Powers[k], 1))
	for j, n := range r.Config.Sizes {
		f.Add(claim.Below(fmt.Sprintf("%s: √C at n = %d against the bound", r.name(k), n), limit, r.Root[k][j], claim.Rounding(limit, 1e6)),
			claim.Below(fmt.Sprintf("%s: √C at n = %d against the norm it rises to", r.name(k), n), r.Limit[k], r.Root[k][j], claim.Because(1e-6*r.Limit[k], quadratureCause)))
	}
}

// evenLaw is the bound for even powers, and whether it is said to hold for odd ones.
type evenLaw struct {
	bound bound
	odd   bool
}

func evenTeachers(law evenLaw) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{2, 4, 3}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		last := len(r.Config.Sizes) - 1
		addTeacher(f, r, 0, law.bound)
		addTeacher(f, r, 1, law.bound)
		f.Add(
			claim.Equals("power 2: √C at n = 800", 2.319, r.Root[0][last], twoDraws(.00043)),
			claim.Equals("power 4: √C at n = 800", 2.746, r.Root[1][last], twoDraws(.0137)))
		// The norm is what √C rises to. At p = 6 it exceeds 3, so that the factor p is needed.
		for _, p := range []int{2, 4, 6, 8} {
			t := single(p, 1)
			f.Add(claim.Below(fmt.Sprintf("power %d: norm in the kernel's space against the bound", p), law.bound(t), spaceNorm(t), claim.Because(1e-6, quadratureCause)))
		}
		for _, p := range []int{2, 4} {
			if err := addPair(f, law.bound, p, env.Seed); err != nil {
				return nil, err
			}
		}
		growth := r.Root[2][last] / r.Root[2][0]
		f.Add(
			claim.Above("power 3: √C at n = 800 over √C at n = 50", 3, growth, claim.Exact),
			claim.Above("power 3: √C at n = 800 over √C at n = 400, still growing", 1.2, r.Root[2][last]/r.Root[2][last-1], claim.Exact),
			claim.Below("power 2: √C at n = 800 over √C at n = 400, at rest", 1.02, r.Root[0][last]/r.Root[0][last-1], claim.Exact),
			claim.Equals("power 3: norm in the kernel's space (0 stands for infinite)", 0, r.Limit[2], claim.Exact))
		bound := claim.Below("power 3: √C at n = 800 against 3p‖β‖³ = 9, were it a bound", 9, r.Root[2][last], claim.Exact)
		if law.odd {
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
			claim.Below("power 3 with a bias: √C at n = 800 against that norm", b.Limit[0], b.Root[0][last], claim.Because(1e-6*b.Limit[0], quadratureCause)),
			claim.Above("power 3: √C at n = 800 without a bias over √C with one", 2, r.Root[2][last]/b.Root[0][last], claim.Exact))
		f.Note("With a bias √C of the cubic is %.2f at n = 800 and stays below %.2f; without one it is %.2f and has no limit.", b.Root[0][last], b.Limit[0], r.Root[2][last])
		fig := FigureTeachers(r)
		f.Figure = &fig
		return f, nil
	}
}

func cosineTeacher(b bound) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		r, err := RunTeachers(ctx, TeacherConfig{Powers: []int{0}, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		last := len(r.Config.Sizes) - 1
		addTeacher(f, r, 0, b)
		f.Add(
			claim.Equals("cosine: √C at n = 800", 1.105, r.Root[0][last], twoDraws(.00014)),
			claim.Equals("3·sinh 1", 3.5256, r.Bound[0], claim.Digits(1e-4)))
		for _, norm := range []float64{.1, .5, 1, 2} {
			t := single(0, norm)
			f.Add(claim.Below(fmt.Sprintf("cosine: norm in the kernel's space against the bound, ‖β‖ = %g", norm), b(t), spaceNorm(t), claim.Because(1e-6*norm, quadratureCause)))
		}
		if err := addPair(f, b, 0, env.Seed); err != nil {
			return nil, err
		}
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
			claim.Below("cosine, ‖β‖ = 0.05 on the circle: √C against 3‖β‖sinh‖β‖", b(t), root, claim.Exact),
			claim.Below("the same against 3‖β‖sinh(‖β‖²) as printed", 3*.05*math.Sinh(.05*.05), root, claim.Exact).AsPrinted())
		return f, nil
	}
}
