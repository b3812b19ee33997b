package deepnet

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// GammaHalf returns E max(z,0)² for z = (G - k)/√k, G gamma distributed with shape k > 0: mean 0, variance
// 1, skewness 2/√k. It is 2/e for an exponential law (k = 1) and tends to 1/2 as k → ∞, when z becomes
// symmetric; -z has what is left to 1. A sum of k independent exponential entries is such a z, so that
// k counts the inputs that a unit averages. k outside (0, 1e8] is an error.
func GammaHalf(k float64) (float64, error) {
	if !(k > 0 && k <= 1e8) {
		return 0, fmt.Errorf("deepnet.GammaHalf: shape %g, want a number in (0, 1e8]", k)
	}
	// E[(G-k)²; G > k] with E[G^m; G > k] = Γ(k+m)/Γ(k)·Q(k+m, k); Q(k+1, k) = Q(k, k) + g and so on, with
	// g = k^k e^{-k}/Γ(k+1), it is k·(Q(k, k) + g), without cancellation.
	lg, _ := math.Lgamma(k + 1)
	return mathext.GammaIncRegComp(k, k) + math.Exp(k*math.Log(k)-k-lg), nil
}

// FigureSkew shows E max(z,0)² of sums of k exponential entries of either sign, against k, and the density
// at the given k.
func FigureSkew(k float64) (figure.Figure, error) {
	var shape, up, down []float64
	for s := 1.0; s < 300; s *= 1.25 {
		h, err := GammaHalf(s)
		if err != nil {
			return figure.Figure{}, err
		}
		shape, up, down = append(shape, s), append(up, h), append(down, 1-h)
	}
	here, err := GammaHalf(k)
	if err != nil {
		return figure.Figure{}, err
	}
	var z, density, positive []float64
	lg, _ := math.Lgamma(k)
	for i := range 121 {
		v := -3 + .05*float64(i)
		g := k + v*math.Sqrt(k)
		d := 0.0
		if g > 0 {
			d = math.Sqrt(k) * math.Exp((k-1)*math.Log(g)-g-lg)
		}
		z, density, positive = append(z, v), append(density, d), append(positive, d*max(v, 0)*max(v, 0))
	}
	return figure.Figure{
		ID: "11.E4", Title: "Half of the second moment, once the law is symmetric",
		Alt:     fmt.Sprintf("Left: the density of a standardised sum of %g exponential entries, and the same times max(z,0)². Right: E max(z,0)² falls from 0.736 at one entry towards one half, for the opposite sign it rises to it; at %g it is %.3f.", k, k, here),
		Caption: fmt.Sprintf(`A unit that sums %g centred exponential inputs: $\mathbb E[\max(z,0)^2]=%.4f$, with the opposite sign %.4f. The distance to $\frac12$ falls as $1/\sqrt k$.`, k, here, 1-here),
		Panels: []figure.Panel{
			{X: figure.Axis{Label: "z"}, Y: figure.Axis{Label: "density"}.Range(0, 1.6), Layers: []figure.Layer{
				figure.Line("law of z", 0, z, density), figure.Line("times max(z,0)²", 1, z, positive)}},
			{X: figure.Axis{Label: "entries k in the sum", Scale: figure.Log}, Y: figure.Axis{Label: "E max(z,0)²"}.Range(0, 1), Layers: []figure.Layer{
				figure.HRule("symmetric", .5), figure.Line("z", 0, shape, up), figure.Line("-z", 1, shape, down), figure.Points("here", 2, []float64{k}, []float64{here}, nil, nil)}},
		},
	}, nil
}

// ExploreSkew lets a unit average more and more inputs that are not symmetric.
func ExploreSkew() figure.Explorer {
	return figure.Explorer{
		ID: "11.E4/skew", Title: "How much symmetry does the path norm need?",
		Try:      "One exponential entry gives 0.736 in place of ½, or 0.264 with the other sign. Add entries: the sum becomes symmetric, and Proposition 11.2.2 nearly holds for inputs that do not satisfy it.",
		Controls: []figure.Control{figure.Slide("k", "entries in the sum k", 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)},
		Play:     "k",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			if err := ctx.Err(); err != nil {
				return figure.Figure{}, err
			}
			return FigureSkew(at["k"])
		},
	}
}

// Explorers returns what a reader can move without a backend; ExploreShares needs one.
func Explorers() []figure.Explorer { return []figure.Explorer{ExploreSkew()} }

// BreakPath drops the hypotheses of Proposition 11.2.2 one by one, for the network of the golden numbers
// with |W_1| and independent entries of known law, without sampling.
func BreakPath() lesson.Break {
	return lesson.Break{
		ID: "11.E3/break", Title: "What does the path norm need?",
		Claim: `For one hidden unit of ReLU with weights $w\in\mathbb R^{4}$ and output weight 1 the penalty over $\lambda$ is half the squared path norm, $\mathbb E[\max(w^\top x,0)^2]=\frac12\|w\|^2$.`,
		Hypotheses: []lesson.Hypothesis{
			{Name: "symmetric", Held: "$x$ and $-x$ have one law", Drop: "take entries that are exponential less their mean"},
			{Name: "isotropic", Held: "$\\mathbb E[xx^\\top]=I$", Drop: "make all four entries one and the same variable"},
		},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			// w = (1,1,1,1): the sum of four entries, of variance 4, or four times one entry, of variance 16.
			variance, entries, want := 4.0, 4.0, 2.0
			if dropped["isotropic"] {
				variance, entries = 16, 1
			}
			share := .5
			if dropped["symmetric"] {
				h, err := GammaHalf(entries)
				if err != nil {
					return nil, err
				}
				share = h
			}
			got := share * variance
			s := &lesson.State{Holds: math.Abs(got-want) < 1e-12, Figure: figure.Figure{
				ID: "11.E3/break", Title: "The penalty and half the path norm",
				Alt:     fmt.Sprintf("Two bars: half the path norm, 2, and the penalty, %.3f.", got),
				Caption: `Weights $w=(1,1,1,1)$.`,
				Panels: []figure.Panel{{X: figure.Axis{Label: "what", Categories: []string{"½ path norm²", "R/λ"}}, Y: figure.Axis{Label: "value"}.Range(0, 13), Layers: []figure.Layer{
					figure.Bars("½ path norm²", 0, []float64{0}, []float64{want}), figure.Bars("R/λ", 1, []float64{1}, []float64{got}).As(figure.Measured)}}},
			}}
			if s.Holds {
				s.Verdict = `$w^\top x$ is symmetric with variance $\|w\|^2=4$: the positive half has half of it.`
				return s, nil
			}
			s.Verdict = fmt.Sprintf(`$\mathbb E[\max(w^\top x,0)^2]=%.3f$ in place of 2: %.3f of a variance of %g.`, got, share, variance)
			s.Counterexample = fmt.Sprintf("w = (1,1,1,1): R/λ = %.4f, half the squared path norm 2", got)
			return s, nil
		},
	}
}
