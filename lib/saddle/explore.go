package saddle

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// ExploreStuck thins the pancake of figure 7.1.
func ExploreStuck() figure.Explorer {
	var steps []float64
	for t := 2.; t <= 50; t += 2 {
		steps = append(steps, t)
	}
	return figure.Explorer{
		ID: "7.F1/steps", Title: "The stuck region, a thin slab",
		Try:      `Let $\mathcal T$ run: every step thins sheet and band by $1+\eta\gamma$. Then raise $d$: the ball's volume moves to its equator, and the same slab holds more of it, as $\sqrt d$.`,
		Controls: []figure.Control{figure.Slide("steps", "steps 𝒯", steps...).From(9), figure.Slide("d", "dimension d", 2, 3, 10, 30, 100, 300).From(2)},
		Play:     "steps",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureStuck(ctx, at.Int("steps"), at.Int("d"))
		},
	}
}

// ExploreRace changes the size of the noise.
func ExploreRace() figure.Explorer {
	var values []float64
	for k := -12.; k <= 0; k++ {
		values = append(values, k)
	}
	return figure.Explorer{
		ID: "7.A1/race", Title: "Escape race",
		Try:      "Turn the noise down by a factor of a million: leaving takes 34 steps more. Turn it up: PGD-I and SGD end far above the minimum, by the square of $r$; PGD-II, which is silent most of the time, by less.",
		Controls: []figure.Control{figure.Slide("r", "log₁₀ of the noise r", values...).From(9)},
		Play:     "r",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			r, err := races.Get(ctx, at["r"])
			if err != nil {
				return figure.Figure{}, err
			}
			return r.Figure()
		},
	}
}

// FigureCoupling shows a pair of runs that start ω apart on either side of the stuck sheet: how far each has
// moved, and the sizes of p and q.
func FigureCoupling(ctx context.Context, logOmega float64) (figure.Figure, error) {
	const fn, gamma, d, steps, radius = "saddle.FigureCoupling", .5, 5, 60, .3
	o, err := Cosine(d, gamma)
	if err != nil {
		return figure.Figure{}, err
	}
	omega := math.Pow(10, logOmega)
	start := []float64{-omega / 3, 3e-3, -2e-3, 1e-3, 2e-3}
	c, err := Couple(ctx, o, make([]float64, d), Pair{Start: start, Omega: omega, Steps: steps, Radius: radius})
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	var t, x1, x2, p, q []float64
	for i := range c.P {
		t = append(t, float64(i))
		x1, x2 = append(x1, c.First[i]), append(x2, c.Second[i])
		p, q = append(p, min(c.P[i], 1e3)), append(q, max(min(c.Q[i], 1e3), 1e-17))
	}
	exit := float64(c.Escape)
	return figure.Figure{
		ID: "7.A3", Title: "Two coupled runs",
		Alt:     fmt.Sprintf("Left: the first coordinates of two runs stay at 0 for a while, then go to π and −π. Right: ‖p‖ grows along a straight line; ‖q‖ stays below half of it until the runs leave, at step %.0f.", exit),
		Caption: fmt.Sprintf(`The runs start $\omega=%.1g$ apart. The first to have moved %g is out after %.0f steps; $\log(%g/\omega)/\log(1+\eta\gamma)$ is %.0f. Until then $\|q\|\le\frac12\|p\|$.`, omega, radius, exit, radius, math.Log(radius/omega)/math.Log1p(gamma)),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "step"}.Range(0, steps), Y: figure.Axis{Label: "x₁"}.Range(-3.5, 3.5), Layers: []figure.Layer{
				figure.Line("x", 0, t, x1).As(figure.Measured), figure.Line("x′", 1, t, x2).As(figure.Measured), figure.HRule("", radius), figure.HRule("exit radius", -radius), figure.VRule("exit", exit)}},
			{X: figure.Axis{Label: "step"}.Range(0, steps), Y: figure.Axis{Label: "norm", Scale: figure.Log}.Range(1e-17, 1e3), Layers: []figure.Layer{
				figure.Line("‖p(t)‖ = (1+ηγ)ᵗηω", 0, t, p), figure.Line("‖q(t)‖", 1, t, q).As(figure.Measured), figure.VRule("exit", exit)}},
		},
	}, nil
}

// ExploreCoupling moves the runs together.
func ExploreCoupling() figure.Explorer {
	var values []float64
	for k := -8.; k <= -1.5; k += .5 {
		values = append(values, k)
	}
	return figure.Explorer{
		ID: "7.A3/omega", Title: "At least one escapes",
		Try:      `Halve the distance as often as you like: the pair stays together a few steps longer, and then parts. That is why the stuck region is thin.`,
		Controls: []figure.Control{figure.Slide("omega", "log₁₀ of the distance ω", values...).From(8)},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			return FigureCoupling(ctx, at["omega"])
		},
	}
}

// Explorers lists the pictures with sliders of chapter 7.
func Explorers() []figure.Explorer {
	return []figure.Explorer{ExploreRace(), ExploreStuck(), ExploreCoupling()}
}
