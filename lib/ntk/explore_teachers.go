package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
)

// teacherDim is the dimension of ExploreTeachers' inputs, teacherMost its largest power.
const (
	teacherDim  = 5
	teacherMost = 6
)

var teacherRuns = keep.New(2, func(ctx context.Context, bias bool) (*Teachers, error) {
	cfg := TeacherConfig{Sizes: []int{50, 100, 200, 400, 700}, Dim: teacherDim, Bias: bias}
	for p := range teacherMost {
		cfg.Powers = append(cfg.Powers, p+1)
	}
	return RunTeachers(ctx, cfg)
})

// ExploreTeachers shows which powers of a linear function the kernel can learn: √C = √(yᵀ(H*)⁻¹y) for
// the labels (β·x)^p against the number of training inputs. It stays below its limit, the function's
// norm in the kernel's space, for p = 1 and even p; for odd p >= 3 it has none. Beside it the reason:
// the degrees the teacher lives on, and the degrees to which the kernel gives an eigenvalue.
func ExploreTeachers() figure.Explorer {
	return figure.Explorer{
		ID: "9.B2/teachers", Title: "Odd powers from 3 on are not learned, unless there is a bias",
		Try: "Walk through the powers: 1 and the even ones level off below their bound, 3 and 5 climb for ever. The right picture says why. Then switch the bias on.",
		Controls: []figure.Control{
			figure.Slide("p", "power p", 1, 2, 3, 4, 5, 6).From(2),
			figure.Switch("bias", "bias: the kernel sees (x, 1)"),
		},
		Draw: drawTeachers,
	}
}

func drawTeachers(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn, least = "ntk.ExploreTeachers", 1e-5
	p, bias := at.Int("p"), at.On("bias")
	if p < 1 || p > teacherMost {
		return outside(fn, "p", at["p"], fmt.Sprintf("1 to %d", teacherMost))
	}
	r, err := teacherRuns.Get(ctx, bias)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	sizes, root := Floats(r.Config.Sizes), r.Root[p-1]
	bound, limit, last := r.Bound[p-1], r.Limit[p-1], len(root)-1
	left := figure.Panel{
		Title: "Complexity", X: figure.Axis{Label: "training inputs n", Scale: figure.Log}.Range(44, 800), Y: figure.Axis{Label: "√(yᵀ(H*)⁻¹y)", Scale: figure.Log}.Range(.8, 60),
		Layers: []figure.Layer{figure.Points("labels of the teacher", 0, sizes, root, nil, nil)},
	}
	ends := []float64{sizes[0], sizes[last]}
	story := "keeps growing: the teacher is not in the kernel's space, and no bound holds"
	if limit > 0 {
		left.Layers = append(left.Layers, figure.Line("limit, the norm in the kernel's space", 0, ends, []float64{limit, limit}))
		story = fmt.Sprintf("stays below its limit %.3f", limit)
	}
	if bound > 0 {
		left.Layers = append(left.Layers, figure.Line("bound of section 9.3.1", 1, ends, []float64{bound, bound}).As(figure.Bound))
		story += fmt.Sprintf(" and the bound %.0f", bound)
	}
	var degrees, eigen, lived, share []float64
	teacher := NewZonal(Teacher{Power: p}.Activation, teacherDim, teacherMost+2, 2000)
	operator := teacherOperator(bias, teacherDim, teacherMost+2)
	total := 0.0
	for k, c := range teacher.Mean {
		total += Harmonics(k, teacherDim) * c * c
	}
	for k, l := range operator.Mean {
		if l > least {
			degrees, eigen = append(degrees, float64(k)), append(eigen, l)
		}
		if v := Harmonics(k, teacherDim) * teacher.Mean[k] * teacher.Mean[k] / total; v > least {
			lived, share = append(lived, float64(k)), append(share, v)
		}
	}
	why := `All its degrees have an eigenvalue.`
	if limit == 0 {
		why = fmt.Sprintf(`Degree %d holds %.0f%% of it and has eigenvalue 0.`, int(lived[len(lived)-1]), 100*share[len(share)-1])
	}
	with := map[bool]string{false: "without a bias", true: "with a bias"}[bias]
	return figure.Figure{
		ID: "9.B2.teachers", Title: fmt.Sprintf("y = (β·x)^%d, %s", p, with),
		Alt: fmt.Sprintf("Left: √C against the number of inputs on logarithmic axes for the teacher of power %d, %s: from %.3g at n = %.0f to %.3g at n = %.0f; it %s. Right: shares of the teacher by degree, at degrees %v, and the kernel's eigenvalues, which are there at degrees %v.",
			p, with, root[0], sizes[0], root[last], sizes[last], story, lived, degrees),
		Caption: fmt.Sprintf(`$p=%d$, %s: $\sqrt C$ goes from %.3f at $n=%.0f$ to %.3f at $n=%.0f$; it %s. %s Inputs uniform on the sphere in $\mathbb R^%d$, $\|\beta\|=1$; the gap is at most $\sqrt{2C/n}$, %.2f at the end.`,
			p, with, root[0], sizes[0], root[last], sizes[last], story, why, teacherDim, math.Sqrt2*root[last]/math.Sqrt(sizes[last])),
		Panels: []figure.Panel{left, {
			Title: "Why: degree by degree", X: figure.Axis{Label: "degree k"}.Range(-.5, teacherMost+2.5), Y: figure.Axis{Label: "λ_{k}, and share of the teacher", Scale: figure.Log}.Range(least, 2),
			Layers: []figure.Layer{
				figure.Points("eigenvalue λ_{k} of the kernel", 1, degrees, eigen, nil, nil).As(figure.Theory),
				figure.Points("share of the teacher in degree k", 0, lived, share, nil, nil),
			},
		}},
	}, nil
}

// teacherOperator is the two-layer ReLU kernel on the sphere by degree, RunTeachers' operator: with a
// bias, (x, 1) has norm √2 and inner products t + 1.
func teacherOperator(bias bool, d, most int) Zonal {
	return NewZonal(func(t float64) float64 {
		if bias {
			return (t + 1) * Kappa0((t+1)/2) / 2
		}
		return t * Kappa0(t) / 2
	}, d, most, 4000)
}
