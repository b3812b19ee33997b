package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// The target of ExploreCircle, Σ cos kθ over circleTarget, at circlePoints places; it is watched at
// circleTimes, up to frequency circleMost.
var (
	circleTarget = []int{1, 2, 3, 4, 6}
	circleTimes  = []float64{.02, .05, .1, .2, .3, .5, .7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100}
)

const (
	circlePoints = 48
	circleMost   = 8
	circleEta    = .001 // well below 2/(nλ₁), 1/3 with or without a bias: close to gradient flow
)

// circleRun is gradient descent from 0 under H* on the circle.
type circleRun struct {
	lambda []float64   // λ_0..λ_circleMost of the operator
	rate   []float64   // their eigenvalues on the training points, nΣ_j λ_{|k+jn|}: frequencies n apart look alike there
	outs   [][]float64 // u at circleTimes
	left   [][]float64 // amplitudes of y - u in frequencies 0..circleMost, by time
}

var circleRuns = keep.New(2, func(ctx context.Context, bias bool) (*circleRun, error) {
	k := TwoLayer(nil)
	if bias {
		k.Bias, k.BiasValue, k.InputScale = true, 1, 1/math.Sqrt2
	}
	h, err := k.GramContext(ctx, Circle(circlePoints))
	if err != nil {
		return nil, err
	}
	lambda, err := CircleSpectrum(k, 8*circlePoints+circleMost, 4096)
	if err != nil {
		return nil, err
	}
	for f := range lambda {
		if !bias {
			lambda[f] = CircleHStar(f)
		}
	}
	r := &circleRun{lambda: lambda[:circleMost+1]}
	for f := range circleMost + 1 {
		sum := lambda[f]
		for j := circlePoints; j <= 8*circlePoints; j += circlePoints {
			sum += lambda[j+f] + lambda[j-f]
		}
		r.rate = append(r.rate, circlePoints*sum)
	}
	y := make([]float64, circlePoints)
	for i := range y {
		y[i] = circleSum(2*math.Pi*float64(i)/circlePoints, nil)
	}
	residual, g, step := append([]float64(nil), y...), mat.NewVecDense(circlePoints, nil), 0
	for _, t := range circleTimes {
		for ; float64(step)*circleEta < t-circleEta/2; step++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			g.MulVec(h, mat.NewVecDense(circlePoints, residual))
			floats.AddScaled(residual, -circleEta, g.RawVector().Data)
		}
		u, left := make([]float64, circlePoints), make([]float64, circleMost+1)
		floats.SubTo(u, y, residual)
		for f := range left {
			for i, v := range residual {
				left[f] += 2 * v * math.Cos(2*math.Pi*float64(f*i%circlePoints)/circlePoints) / circlePoints
			}
		}
		left[0] /= 2
		r.outs, r.left = append(r.outs, u), append(r.left, left)
	}
	return r, nil
})

// circleSum is Σ_{k in circleTarget} share(k)·cos kθ; a nil share is 1.
func circleSum(theta float64, share func(k int) float64) float64 {
	sum := 0.0
	for _, k := range circleTarget {
		c := 1.0
		if share != nil {
			c = share(k)
		}
		sum += c * math.Cos(float64(k)*theta)
	}
	return sum
}

// ExploreCircle shows a two-layer ReLU kernel learning a sum of frequencies on the circle: each at its
// own rate nλ_k, low ones first, and frequency 3 never, since λ_k = 0 at odd k from 3 on. A bias gives
// it an eigenvalue.
func ExploreCircle() figure.Explorer {
	return figure.Explorer{
		ID: "9.D1/circle", Title: "Low frequencies first, and odd ones from 3 on never",
		Try:      "Press play: frequencies vanish from the residual in the order of their eigenvalues, but frequency 3 stays for ever. Then switch the bias on and play again.",
		Controls: []figure.Control{figure.Slide("t", "time t", circleTimes...).From(13), figure.Switch("bias", "bias: inputs (x, 1)/√2")},
		Play:     "t",
		Draw:     drawCircle,
	}
}

func drawCircle(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn = "ntk.ExploreCircle"
	bias, now := at.On("bias"), -1
	for i, t := range circleTimes {
		if t == at["t"] {
			now = i
		}
	}
	if now < 0 {
		return outside(fn, "t", at["t"], fmt.Sprint("one of ", circleTimes))
	}
	r, err := circleRuns.Get(ctx, bias)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	t := circleTimes[now]
	const fine = 97
	angle, target, learned := make([]float64, fine), make([]float64, fine), make([]float64, fine)
	for i := range angle {
		angle[i] = 2 * math.Pi * float64(i) / (fine - 1)
		target[i] = circleSum(angle[i], nil)
		learned[i] = circleSum(angle[i], func(k int) float64 { return -math.Expm1(-r.rate[k] * t) })
	}
	places := make([]float64, circlePoints)
	for i := range places {
		places[i] = 2 * math.Pi * float64(i) / circlePoints
	}
	var ks, left, seen, rate []float64
	for k := range circleMost + 1 {
		ks, left = append(ks, float64(k)), append(left, math.Abs(r.left[now][k]))
		if l := r.lambda[k]; l > 0 {
			seen, rate = append(seen, float64(k)), append(rate, l)
		}
	}
	var inTarget, theory []float64
	text := ""
	for _, k := range circleTarget {
		v := math.Exp(-r.rate[k] * t)
		inTarget, theory = append(inTarget, float64(k)), append(theory, v)
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%.2f of %d", v, k)
	}
	story := `$\lambda_3=0$: frequency 3 is outside the kernel's functions and is never learned.`
	if bias {
		story = fmt.Sprintf(`With the bias $\lambda_3=%.4f$: frequency 3 is learned too, with time constant $1/(n\lambda_3)=%.1f$.`, r.lambda[3], 1/r.rate[3])
	}
	return figure.Figure{
		ID: "9.D1.circle.learn", Title: fmt.Sprintf("The sum of frequencies 1, 2, 3, 4 and 6 at t = %g", t),
		Alt: fmt.Sprintf("Left: target and learned function on the circle at time %g. Middle: amplitude that is still missing: %s. Right: eigenvalues of the kernel by frequency, falling from %.3f at k = 1; %s",
			t, text, r.lambda[1], map[bool]string{false: "odd ones from 3 on are 0.", true: "with a bias none is 0."}[bias]),
		Caption: fmt.Sprintf(`At $t=%g$ the residual still holds %s. Each shrinks like $e^{-n\lambda_kt}$, on $n=%d$ points. %s`, t, text, circlePoints, story),
		Panels: []figure.Panel{
			{Title: "Function", X: figure.Axis{Label: "angle θ"}.Range(0, 2*math.Pi), Y: figure.Axis{Label: "f(θ)"}.Range(-3.3, 5.3), Layers: []figure.Layer{
				figure.Line("target", 2, angle, target).As(figure.Reference),
				figure.Line("theory: each at its rate", 0, angle, learned),
				figure.Points("gradient descent", 0, places, r.outs[now], nil, nil),
			}},
			{Title: "Residual", X: figure.Axis{Label: "frequency k"}.Range(-.6, circleMost+.6), Y: figure.Axis{Label: "amplitude not yet learned"}.Range(0, 1.05), Layers: []figure.Layer{
				figure.Bars("gradient descent", 0, ks, left),
				figure.Points("theory, e^{-nλt}", 1, inTarget, theory, nil, nil).As(figure.Theory),
			}},
			{Title: "Eigenvalues of the kernel", X: figure.Axis{Label: "frequency k"}.Range(-.6, circleMost+.6), Y: figure.Axis{Label: "λ_{k}", Scale: figure.Log}.Range(5e-4, .4), Layers: []figure.Layer{
				figure.Points("λ_{k} > 0", 1, seen, rate, nil, nil).As(figure.Theory),
			}},
		},
	}, nil
}
