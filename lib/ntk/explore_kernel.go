package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"github.com/lemma-ml/lemma/lib/linalg"
)

// kernelDeepest is the largest depth of ExploreKernel, kernelPoints the cosines of a curve.
const (
	kernelDeepest = 100
	kernelPoints  = 61
)

// kernelActivations are those of ExploreKernel: on the border between order and chaos, in order, and
// beyond.
var kernelActivations = []Activation{ReLU, GELU, Softplus, Erf, Tanh}

// kernelCurves holds Layers at each cosine.
type kernelCurves struct {
	rho       []float64
	at        [][]Layer // by cosine, then depth
	half, one []Layer   // at 1/2 and 1
	chi       float64   // c_σE[σ'(z)²], the slope of ρ ↦ Σ^{(1)}(ρ) at 1
}

var kernelTables = keep.New(len(kernelActivations), func(ctx context.Context, act int) (*kernelCurves, error) {
	k := Kernel{Depth: kernelDeepest, Activation: kernelActivations[act]}
	c := &kernelCurves{rho: make([]float64, kernelPoints), at: make([][]Layer, kernelPoints)}
	layers := k.Layers
	if a, ok := k.Activation.(*smooth); ok {
		layers = a.layers(k.Depth)
	}
	errs := make([]error, len(c.at))
	err := linalg.Parallel(ctx, len(c.at), 1, func(i, _ int) {
		c.rho[i] = -math.Cos(math.Pi * float64(i) / (kernelPoints - 1)) // denser where the kernel is steep
		c.at[i], errs[i] = layers(c.rho[i])
	})
	if err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	c.half, c.one = c.at[2*(kernelPoints-1)/3], c.at[kernelPoints-1]
	c.chi = c.one[1].SigmaDot
	return c, nil
})

// layers is Kernel.Layers by Mehler's series, whose coefficients are the same in every layer since
// c_σ keeps unit variances: a hundred layers of tanh in microseconds in place of a second.
func (s *smooth) layers(depth int) func(rho float64) ([]Layer, error) {
	value, square, _ := coefficients(s.value, 1)
	slope, steep, _ := coefficients(s.slope, 1)
	return func(rho float64) ([]Layer, error) {
		out := make([]Layer, depth+1)
		out[0] = Layer{rho, 1, rho}
		for h := 1; h <= depth; h++ {
			next := Layer{1, steep / square, 0}
			if rho < 1 { // at 1 the cut series would miss a little, which depth may amplify
				next = Layer{mehler(value, value, out[h-1].Sigma) / square, mehler(slope, slope, out[h-1].Sigma) / square, 0}
			}
			next.Theta = out[h-1].Theta*next.SigmaDot + next.Sigma
			out[h] = next
		}
		return out, nil
	}
}

// ExploreKernel shows what depth does to the kernels of section 9.4: Θ^{(L)} and Σ^{(L)} against the
// cosine of two unit inputs, over their values at cosine 1, and both at cosine 1/2 against depth. ReLU
// kernels flatten, Σ to 1 and Θ to the plateau 1/4; where χ = c_σE[σ'²] > 1, inputs part instead.
func ExploreKernel() figure.Explorer {
	depth := figure.Slide("L", "depth L", 0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50, kernelDeepest).From(3)
	depth.Between, depth.Whole = true, true
	names := make([]string, len(kernelActivations))
	for i, a := range kernelActivations {
		names[i] = a.Name()
	}
	return figure.Explorer{
		ID: "9.A5/kernel", Title: "What depth does to the kernel",
		Try:      "Make the ReLU network deeper: all inputs come to look alike to $\\Sigma$, while $\\Theta$ comes to a plateau at 1/4 with a spike at $\\rho=1$. Then take tanh: now depth drives inputs apart.",
		Controls: []figure.Control{depth, figure.Choose("act", "activation σ", names...)},
		Play:     "L",
		Draw:     drawKernel,
	}
}

func drawKernel(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn = "ntk.ExploreKernel"
	depth, act := at.Int("L"), at.Int("act")
	if depth < 0 || depth > kernelDeepest {
		return outside(fn, "L", at["L"], fmt.Sprintf("0 to %d", kernelDeepest))
	}
	if act < 0 || act >= len(kernelActivations) {
		return outside(fn, "act", at["act"], fmt.Sprintf("one of %d activations", len(kernelActivations)))
	}
	c, err := kernelTables.Get(ctx, act)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	theta, sigma := make([]float64, kernelPoints), make([]float64, kernelPoints)
	for i, layers := range c.at {
		theta[i], sigma[i] = layers[depth].Theta/c.one[depth].Theta, layers[depth].Sigma/c.one[depth].Sigma
	}
	var x, thetaHalf, sigmaHalf []float64
	for i, v := range LogSpace(1, kernelDeepest+1, 34) {
		h := int(math.Round(v)) - 1
		if i > 0 && float64(h+1) == x[len(x)-1] {
			continue
		}
		x = append(x, float64(h+1))
		thetaHalf, sigmaHalf = append(thetaHalf, c.half[h].Theta/c.one[h].Theta), append(sigmaHalf, c.half[h].Sigma/c.one[h].Sigma)
	}
	t0, s0 := c.half[depth].Theta/c.one[depth].Theta, c.half[depth].Sigma/c.one[depth].Sigma
	here := []float64{float64(depth + 1)}
	left := figure.Panel{
		Title: "Kernels of two unit inputs", X: figure.Axis{Label: "cosine ρ"}.Range(-1, 1), Y: figure.Axis{Label: "kernel over its value at ρ = 1"}.Range(-1.02, 1.02),
		Layers: []figure.Layer{
			figure.Line("linear kernel, L = 0", 0, []float64{-1, 1}, []float64{-1, 1}).As(figure.Reference),
			figure.Line("tangent kernel Θ^(L)", 0, c.rho, theta),
			figure.Line("output covariance Σ^(L)", 1, c.rho, sigma),
		},
	}
	right := figure.Panel{
		Title: "Inputs 60° apart, ρ = 1/2", X: figure.Axis{Label: "depth + 1", Scale: figure.Log}, Y: figure.Axis{Label: "kernel over its value at ρ = 1"}.Range(-.03, 1.02),
		Layers: []figure.Layer{
			figure.Line("tangent kernel Θ^(L)", 0, x, thetaHalf), figure.Line("output covariance Σ^(L)", 1, x, sigmaHalf),
			figure.Points("", 0, here, []float64{t0}, nil, nil), figure.Points("", 1, here, []float64{s0}, nil, nil),
		},
	}
	name := kernelActivations[act].Name()
	story := "$<1$: depth pulls all inputs together, both kernels become constant and forget the input"
	switch {
	case act == 0:
		plateau := figure.HRule("plateau 1/4", .25)
		left.Layers, right.Layers = append(left.Layers, plateau), append(right.Layers, plateau)
		story = "exactly: the border between order and chaos; for all $\\rho<1$, $\\Sigma^{(L)}\\to1$ like $1-\\frac{9\\pi^2}{2L^2}$ and $\\Theta^{(L)}(\\rho)/\\Theta^{(L)}(1)\\to\\frac14$"
	case c.chi > 1:
		story = fmt.Sprintf("$>1$: depth gives all inputs that are not parallel the same cosine, %.2f, and leaves a spike at $\\rho=1$", math.Abs(c.half[kernelDeepest].Sigma))
	}
	return figure.Figure{
		ID: "9.A5.kernel", Title: fmt.Sprintf("%s, depth %d", name, depth),
		Alt: fmt.Sprintf("Left: the tangent kernel and the output covariance of a %s network of depth %d against the cosine of its inputs, over their values at cosine 1. At cosine 1/2 they are %.3f and %.3f, at cosine -1 %.3f and %.3f. Right: their values at cosine 1/2 against depth, from 1/2 at depth 0 to %.3f and %.3f at depth %d.",
			name, depth, t0, s0, theta[0], sigma[0], thetaHalf[len(x)-1], sigmaHalf[len(x)-1], kernelDeepest),
		Caption: fmt.Sprintf(`$L=%d$, %s: at $\rho=\frac12$ the tangent kernel is %.4f of its value at 1, the output covariance %.4f. Here $\chi=c_\sigma\mathbb E[\sigma'(z)^2]=%.3f$ %s.`, depth, name, t0, s0, c.chi, story),
		Panels:  []figure.Panel{left, right},
	}, nil
}
