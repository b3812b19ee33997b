package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// ExploreTaylor is Exercise 3a to be touched: partial sums of the series of H* for unit inputs against
// the closed form zκ₀(z)/2. Its only odd term is the linear one, which is why the kernel learns no
// other odd function. The switch drops the factor xᵀx' as (9.8) does: no number of terms reaches that.
func ExploreTaylor() figure.Explorer {
	terms := figure.Slide("terms", "terms of the sum", 0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100).From(2)
	terms.Between, terms.Whole = true, true
	return figure.Explorer{
		ID: "9.X3a/taylor", Title: "The series of H* has one odd term and all even ones",
		Try:      "Add terms: the sum comes to the curve, last at the ends, where $1-|z|$ is small. Then drop the factor $x^\\top x'$ as (9.8) prints it: now no number of terms is enough.",
		Controls: []figure.Control{terms, figure.Switch("drop", "drop the factor xᵀx'")},
		Play:     "terms",
		Draw:     drawTaylor,
	}
}

func drawTaylor(_ context.Context, at figure.Settings) (figure.Figure, error) {
	terms, drop := at.Int("terms"), at.On("drop")
	if terms < 0 || terms > 10000 {
		return outside("ntk.ExploreTaylor", "terms", at["terms"], "0 to 10000")
	}
	const points, least = 81, 1e-12
	target := func(z float64) float64 {
		if drop {
			return Kappa0(z) / 2
		}
		return z * Kappa0(z) / 2
	}
	z, closed, sum, gap := make([]float64, points), make([]float64, points), make([]float64, points), make([]float64, points)
	for i := range z {
		z[i] = -math.Cos(math.Pi * float64(i) / (points - 1))
		closed[i], sum[i] = target(z[i]), SeriesHStar(z[i], terms)
		gap[i] = math.Abs(sum[i] - closed[i])
	}
	const probe = .7
	got, want := SeriesHStar(probe, terms), target(probe)
	role, formula, name, verdict := figure.Theory, `z\kappa_0(z)/2`, "H* in closed form", fmt.Sprintf("off by %.1e", math.Abs(got-want))
	if drop {
		role, formula, name = figure.Wrong, `\kappa_0(z)/2`, "E[σ'σ'] alone, as (9.8) prints"
		verdict = fmt.Sprintf("off by %.3f, and at $z=0$ by 1/4: the series belongs to the kernel with the factor", math.Abs(got-want))
	}
	return figure.Figure{
		ID: "9.X3a.taylor", Title: fmt.Sprintf("%d terms of the series of H*", terms),
		Alt: fmt.Sprintf("Left: %s and the partial sum of %d terms against the inner product z of unit inputs. Right: their distance on a logarithmic axis: %.2g at z = 0.7, %.2g at z = 1 and %.2g at z = -1.",
			name, terms, math.Abs(got-want), gap[points-1], gap[0]),
		Caption: fmt.Sprintf(`With %d terms $z/4+\frac1{2\pi}\sum_\ell\frac{(2\ell-3)!!}{(2\ell-2)!!}\frac{z^{2\ell}}{2\ell-1}$ is %.7f at $z=0.7$, where $%s$ is %.7f: %s. All coefficients are positive; the linear term is the only odd one.`, terms, got, formula, want, verdict),
		Panels: []figure.Panel{
			{Title: "Sum and closed form", X: figure.Axis{Label: "inner product z"}.Range(-1, 1), Y: figure.Axis{Label: "kernel"}.Range(-.27, .52), Layers: []figure.Layer{
				figure.Line(name, 0, z, closed).As(role),
				figure.Line("partial sum", 1, z, sum),
			}},
			{Title: "Distance", X: figure.Axis{Label: "inner product z"}.Range(-1, 1), Y: figure.Axis{Label: "|sum - closed form|", Scale: figure.Log}.Range(least, 1), Layers: []figure.Layer{
				figure.Line("", 1, z, floor(gap, least)),
			}},
		},
	}, nil
}
