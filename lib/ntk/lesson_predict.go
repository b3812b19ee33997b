package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// PredictRandomLabels asks for the loss curve of random labels beside that of the true ones: the
// left half of figure 9.1, from Convergence.RandomMean.
func PredictRandomLabels(r *Convergence) (lesson.Prediction, error) {
	const fn = "ntk.PredictRandomLabels"
	if r == nil || len(r.Loss) == 0 || len(r.RandomMean) != len(r.Time) || len(r.Time) < 2 {
		return lesson.Prediction{}, fmt.Errorf("%s: want the result of RunConvergence", fn)
	}
	n := len(r.Time)
	end := func(v []float64) float64 { return v[n-1] }
	middle := n / 2
	// The scale of the loss is linear: what a reader compares is how much is left.
	return lesson.Prediction{
		ID: "9.F1/predict", Title: "Random labels, the same images",
		Question: `The line shows how fast gradient flow under $H^*$ learns the true labels of digits 3 and 8. Keep the images, replace every label by a fair coin, and train again. Draw the loss $\|u-y\|^2/n$ of the random labels.`,
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "9.F1/predict", Title: "Loss against time for two sets of labels",
				Alt:     fmt.Sprintf("Loss against time on a logarithmic axis. True labels are down to %.3f at time %.3g, random labels still at %.3f; at time %.3g random labels are at %.4f.", r.Loss[0][middle], r.Time[middle], r.RandomMean[middle], r.Time[n-1], end(r.RandomMean)),
				Caption: `Random labels: the mean over all of them, $\frac1n\sum_ie^{-2\lambda_it}$.`,
				Panels: []figure.Panel{{
					X:      figure.Axis{Label: "time t", Scale: figure.Log}.Range(r.Time[0], r.Time[n-1]),
					Y:      figure.Axis{Label: "loss ‖u − y‖²/n"}.Range(0, 1),
					Layers: []figure.Layer{figure.Line("random labels", 1, r.Time, r.RandomMean), figure.Line("true labels", 0, r.Time, r.Loss[0])},
				}},
			},
			Layer: 0, X: everyOther(r.Time), Before: fmt.Sprintf("Loss of the true labels against time on a logarithmic axis, from %.2f down to %.3f at time %.3g.", r.Loss[0][0], r.Loss[0][middle], r.Time[middle]),
			Obvious: "the same curve as true labels", Baseline: everyOther(r.Loss[0]),
		},
		Reading: fmt.Sprintf(`Random labels are learned too, but later. A random vector lies on every eigenvector alike, so its loss is the mean of $e^{-2\lambda_it}$ and waits for the small eigenvalues; true labels have %.0f %% of their energy on the ten largest.`, 100*r.Energy10[0]),
	}, nil
}

// everyOther thins a grid to what a reader wants to draw, ends included.
func everyOther(v []float64) []float64 {
	var out []float64
	for i := 0; i < len(v); i += 2 {
		out = append(out, v[i])
	}
	if len(v)%2 == 0 {
		out = append(out, v[len(v)-1])
	}
	return out
}

// PredictDepth asks where Θ^{(L)}(0)/(L+1) goes with the depth: to 1/4.
func PredictDepth() (lesson.Prediction, error) {
	const most = 1000
	layers, err := Kernel{Depth: most}.Layers(0)
	if err != nil {
		return lesson.Prediction{}, fmt.Errorf("ntk.PredictDepth: %w", err)
	}
	var depth, ratio []float64
	for h := 1; h <= most; h = max(h+1, h*9/8) {
		depth, ratio = append(depth, float64(h)), append(ratio, layers[h].Theta/float64(h+1))
	}
	return lesson.Prediction{
		ID: "9.A5/predict", Title: "Two orthogonal inputs, seen by a very deep network",
		Question: fmt.Sprintf(`For unit inputs the tangent kernel of $L$ ReLU layers has $\Theta^{(L)}(1)=L+1$ on the diagonal. For **orthogonal** inputs, $\rho=0$, the share $\frac{\Theta^{(L)}(0)}{L+1}$ is 0 at $L=0$, %.3f at $L=1$ and %.3f at $L=3$. Where does it go as $L\to\infty$?`, layers[1].Theta/2, layers[3].Theta/4),
		Guess: &lesson.Guess{
			Answer: .25, Shown: "1/4", Worst: .25, Obvious: "to 1, for deep networks see all inputs as the same", Baseline: 1,
			Figure: &figure.Figure{
				ID: "9.A5/predict", Title: "The share of the diagonal at cosine 0",
				Alt:     fmt.Sprintf("Θ^(L)(0)/(L+1) against the depth: it rises from %.3f at one layer above one quarter and settles there, %.4f at %d layers.", ratio[0], ratio[len(ratio)-1], most),
				Caption: `$\frac{\Theta^{(L)}(0)}{L+1}$ by the recursion of section 9.4.`,
				Panels: []figure.Panel{{X: figure.Axis{Label: "depth L", Scale: figure.Log}, Y: figure.Axis{Label: "Θ^{(L)}(0)/(L+1)"}.Range(0, .35),
					Layers: []figure.Layer{figure.Line("Θ^{(L)}(0)/(L+1)", 0, depth, ratio), figure.HRule("1/4", .25)}}},
			},
		},
		Reading: `To $\frac14$. The covariances $\Sigma^{(L)}$ do go to 1, like $1-\frac{9\pi^2}{2L^2}$; but the tangent kernel adds $L+1$ products of derivatives, and $\dot\Sigma^{(h)}\approx1-\frac3h$ lets a term of layer $j$ survive by $\left(\frac jL\right)^3$. The mean of $s^3$ on $[0,1]$ is $\frac14$, for every pair of distinct inputs: a deep kernel tells equal inputs from different ones, and nothing else.`,
	}, nil
}

// PredictOddPower asks for √C of a cubic teacher beside that of a square one, from a result of
// RunTeachers that has the powers 2 and 3 without a bias.
func PredictOddPower(r *Teachers) (lesson.Prediction, error) {
	const fn = "ntk.PredictOddPower"
	even, odd := -1, -1
	if r != nil {
		for k, p := range r.Config.Powers {
			switch p {
			case 2:
				even = k
			case 3:
				odd = k
			}
		}
	}
	if even < 0 || odd < 0 || r.Config.Bias || len(r.Config.Sizes) < 2 {
		return lesson.Prediction{}, fmt.Errorf("%s: want a result of RunTeachers with the powers 2 and 3, at least two sizes and no bias", fn)
	}
	sizes := Floats(r.Config.Sizes)
	last := len(sizes) - 1
	low, high := math.Inf(1), 0.0
	for _, k := range []int{even, odd} {
		for _, v := range r.Root[k] {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	return lesson.Prediction{
		ID: "9.B2/predict", Title: "A cube in place of a square",
		Question: `The complexity $\sqrt C=\sqrt{y^\top(H^*)^{-1}y}$ of a square teacher $y=x_1^2$ hardly grows with the number of inputs, so that $\sqrt{2C/n}$ goes to 0: the kernel learns it. The book says the same of two-layer polynomial networks of every power. Draw $\sqrt C$ for the cube $y=x_1^3$.`,
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "9.B2/predict", Title: "Complexity against the number of training inputs",
				Alt:     fmt.Sprintf("√C against n, both axes logarithmic. The square teacher stays near %.2f. The cube grows from %.2f at n = %g to %.2f at n = %g, about as n^%.2f.", r.Root[even][last], r.Root[odd][0], sizes[0], r.Root[odd][last], sizes[last], Slope(sizes, r.Root[odd])),
				Caption: fmt.Sprintf("Inputs uniform on the sphere in $\\mathbb R^{%d}$, one draw; seed %d.", r.Config.Dim, r.Config.Seed),
				Panels: []figure.Panel{{
					X:      figure.Axis{Label: "training inputs n", Scale: figure.Log}.Range(sizes[0], sizes[last]),
					Y:      figure.Axis{Label: "√C", Scale: figure.Log}.Range(math.Min(1, low), 2*high),
					Layers: []figure.Layer{figure.Line("cube, x_{1}³", 1, sizes, r.Root[odd]), figure.Line("square, x_{1}²", 0, sizes, r.Root[even])},
				}},
			},
			Layer: 0, X: between(sizes, 4), Before: fmt.Sprintf("√C of the square teacher against n, both axes logarithmic: nearly level, %.2f at n = %g and %.2f at n = %g.", r.Root[even][0], sizes[0], r.Root[even][last], sizes[last]),
			Obvious: "level, as for the square", Baseline: onGrid(sizes, r.Root[even], between(sizes, 4)),
		},
		Reading: fmt.Sprintf(`It grows without end, here like $n^{%.2f}$. Besides $\frac K4$ the series of $H^*$ has even powers only: no odd function beyond the linear ones is in the kernel's space. A constant feature $x\mapsto(x,1)$ repairs it.`, Slope(sizes, r.Root[odd])),
	}, nil
}

// between refines a grid evenly in the logarithm: each interval into the given number of parts.
func between(x []float64, parts int) []float64 {
	out := []float64{x[0]}
	for i := 1; i < len(x); i++ {
		for j := 1; j < parts; j++ {
			out = append(out, x[i-1]*math.Pow(x[i]/x[i-1], float64(j)/float64(parts)))
		}
		out = append(out, x[i])
	}
	return out
}

// onGrid interpolates in logarithms.
func onGrid(x, y, at []float64) []float64 {
	out := make([]float64, len(at))
	k := 1
	for i, a := range at {
		for k < len(x)-1 && a > x[k] {
			k++
		}
		f := math.Log(a/x[k-1]) / math.Log(x[k]/x[k-1])
		out[i] = math.Exp((1-f)*math.Log(y[k-1]) + f*math.Log(y[k]))
	}
	return out
}

// PredictCircle asks for the decay of the kernel's eigenvalues on the circle at even frequencies.
func PredictCircle() (lesson.Prediction, error) {
	const most = 16
	var k, lambda, guess, power []float64
	for f := 0; f <= most; f += 2 {
		k, lambda = append(k, float64(f)), append(lambda, CircleHStar(f))
		power = append(power, 1/(math.Pi*math.Pi*math.Max(float64(f*f), 1)))
		guess = append(guess, CircleHStar(0)*math.Pow(CircleHStar(2)/CircleHStar(0), float64(f)/2))
	}
	return lesson.Prediction{
		ID: "9.D1.circle/predict", Title: "Which frequencies the kernel sees",
		Question: fmt.Sprintf(`On the circle the eigenfunctions of $H^*$ are sines and cosines, and $\frac1{\lambda_k}$ is the time to learn frequency $k$. Two eigenvalues are given: $\lambda_0=\frac1{\pi^2}\approx%.3f$ and $\lambda_2\approx%.3f$. Draw $\lambda_k$ at the even frequencies up to %d; the axis is logarithmic.`, lambda[0], lambda[1], most),
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "9.D1.circle/predict", Title: "Eigenvalues of H* on the circle, even frequencies",
				Alt:     fmt.Sprintf("λ_k against k on a logarithmic axis: %.4f at 0, %.4f at 2, %.5f at 4 and %.6f at 16, falling like 1/(π²k²), ever more slowly on this axis.", lambda[0], lambda[1], lambda[2], lambda[len(lambda)-1]),
				Caption: `$\lambda_k=\frac{k^2+1}{\pi^2(k^2-1)^2}$ at even $k$; $\lambda_1=\frac18$, and $\lambda_k=0$ at odd $k\ge3$.`,
				Panels: []figure.Panel{{
					X: figure.Axis{Label: "frequency k, even"}.Range(0, most), Y: figure.Axis{Label: "eigenvalue λ_{k}", Scale: figure.Log}.Range(1e-4, 1),
					Layers: []figure.Layer{figure.Line("λ_{k}", 0, k, lambda), figure.Points("given", 1, k[:2], lambda[:2], nil, nil), figure.Line("1/(π²k²)", 2, k[1:], power[1:]).As(figure.Reference)},
				}},
			},
			Layer: 0, Hide: []int{2}, X: k, Before: fmt.Sprintf("A logarithmic axis with two points: %.3f at frequency 0 and %.3f at frequency 2.", lambda[0], lambda[1]),
			Obvious: "a straight line through the two points", Baseline: guess,
		},
		Reading: `Like $\frac1{\pi^2k^2}$: a power of $k$, not an exponential. The kink of ReLU is what high frequencies live on; a smooth activation has a kernel whose eigenvalues fall faster than any power. At odd $k\ge3$ they are exactly 0: no time is enough, until a bias is added.`,
	}, nil
}

// PredictFlips asks how many gates training flips at the last of some widths, given the first: from a
// measurement of finite networks, flips[i] the share of gates that differ between start and end at
// width widths[i], increasing.
func PredictFlips(widths []int, flips []float64) (lesson.Prediction, error) {
	const fn = "ntk.PredictFlips"
	last := len(widths) - 1
	if last < 1 || len(flips) != len(widths) {
		return lesson.Prediction{}, fmt.Errorf("%s: %d widths and %d shares, want as many and at least two", fn, len(widths), len(flips))
	}
	for i, f := range flips {
		if !(f > 0 && f < 1) || i > 0 && widths[i] <= widths[i-1] {
			return lesson.Prediction{}, fmt.Errorf("%s: share %g at width %d, want shares in (0, 1) and increasing widths", fn, f, widths[i])
		}
	}
	x := Floats(widths)
	percent := make([]float64, len(flips))
	slope := make([]float64, len(flips))
	for i, f := range flips {
		percent[i], slope[i] = 100*f, 100*flips[0]*math.Sqrt(x[0]/x[i])
	}
	return lesson.Prediction{
		ID: "9.L3/predict", Title: "How many gates flip",
		Question: fmt.Sprintf(`A ReLU network of %d neurons is trained to fit its labels; on the way %.1f %% of its gates flip: the sign of $w_r^\top x_i$ changes for that share of pairs of a neuron and a training input. What share flips in a network of %d neurons, trained in the same way?`, widths[0], percent[0], widths[last]),
		Guess: &lesson.Guess{
			Answer: percent[last], Shown: fmt.Sprintf("%.2g", percent[last]), Unit: "%", Ratio: true, Worst: 10,
			Obvious: fmt.Sprintf("as many as at %d", widths[0]), Baseline: percent[0],
			Figure: &figure.Figure{
				ID: "9.L3/predict", Title: "Flipped gates against width", Alt: fmt.Sprintf("The share of flipped gates falls from %.2g %% at width %d to %.2g %% at width %d, close to a line of slope minus one half on logarithmic axes.", percent[0], widths[0], percent[last], widths[last]),
				Panels: []figure.Panel{{X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "flipped gates", Unit: "%", Scale: figure.Log},
					Layers: []figure.Layer{figure.Points("measured", 0, x, percent, nil, nil), figure.Line("m^{−1/2}", 1, x, slope).As(figure.Reference)}}},
			},
		},
		Reading: fmt.Sprintf(`About the share at width %d times $\sqrt{%d/%d}$: each neuron has to move only by $O(1/\sqrt m)$, and only a gate whose $|w_r^\top x_i|$ is as small as that can flip. The kernel, a mean over gates, changes less still.`, widths[0], widths[0], widths[last]),
	}, nil
}

// Predictions returns those of chapter 9 that need no finite network, at their defaults.
func Predictions(ctx context.Context) ([]lesson.Prediction, error) {
	c, err := RunConvergence(ctx, ConvergenceConfig{})
	if err != nil {
		return nil, fmt.Errorf("ntk.Predictions: %w", err)
	}
	t, err := RunTeachers(ctx, TeacherConfig{Powers: []int{2, 3}})
	if err != nil {
		return nil, fmt.Errorf("ntk.Predictions: %w", err)
	}
	var out []lesson.Prediction
	for _, f := range []func() (lesson.Prediction, error){
		func() (lesson.Prediction, error) { return PredictRandomLabels(c) },
		PredictCircle,
		func() (lesson.Prediction, error) { return PredictOddPower(t) },
		PredictDepth,
	} {
		p, err := f()
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
