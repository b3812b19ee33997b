package ntk

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Dots are measured losses of a finite network to be drawn over figure 9.1: the mean over seeds of
// ‖u - y‖²/n at some times t = η·steps, with the ends of an interval.
type Dots struct {
	Label     string // "true", "random" or "worst"; decides the colour
	Name      string // legend entry, such as "m = 4096"; empty means none
	Time      []float64
	Loss      []float64
	Low, High []float64 // nil means no interval
}

// Figure91 draws figure 9.1: left the losses of the three label sets, theory as lines and the dots of
// finite networks, if any, as points; right the eigenvalues of H* and the projections of the labels.
func Figure91(r *Convergence, dots []Dots) figure.Figure {
	left := figure.Panel{
		Title: "Loss during training",
		X:     figure.Axis{Label: "time t = η·steps", Scale: figure.Log},
		Y:     figure.Axis{Label: "‖u(t) - y‖²/n", Scale: figure.Log}.Range(lossFloor, 2),
	}
	series := map[string]int{}
	for k, label := range r.Labels {
		series[label] = k
		x, y := aboveFloor(r.Time, r.Loss[k])
		left.Layers = append(left.Layers, figure.Line(label+" labels", k, x, y))
	}
	x, y := aboveFloor(r.Time, r.RandomMean)
	left.Layers = append(left.Layers, figure.Line("random labels, mean over draws", series["random"], x, y).As(figure.Reference))
	for _, d := range dots {
		if len(d.Time) > 0 {
			left.Layers = append(left.Layers, figure.Points(d.Name, series[d.Label], d.Time, d.Loss, d.Low, d.High))
		}
	}
	n := len(r.Eigenvalues)
	index := make([]float64, n)
	for i := range index {
		index[i] = float64(i + 1)
	}
	right := figure.Panel{
		Title: "Eigenvalues of H* and projections of the labels",
		X:     figure.Axis{Label: "index i", Scale: figure.Log},
		Y:     figure.Axis{Label: "λ_{i}, and |v_{i}ᵀy|/‖y‖", Scale: figure.Log}.Range(1e-4, 200),
		Layers: []figure.Layer{
			figure.Line("eigenvalues λ_{i}", len(r.Labels), index, r.Eigenvalues),
		},
	}
	for k, label := range r.Labels {
		if label == "worst" {
			right.Layers = append(right.Layers, figure.Points("worst labels: v_{n} alone", k, index[n-1:], []float64{1}, nil, nil))
			continue
		}
		var x, y []float64
		for i, p := range r.Projections[k] {
			if p >= 1e-4 {
				x, y = append(x, index[i]), append(y, p)
			}
		}
		right.Layers = append(right.Layers, figure.Points(label+" labels", k, x, y, nil, nil))
	}
	alt := fmt.Sprintf("Left: training loss of the kernel H* on %d digits against time. True labels fall first, to %.3g at t = %.3g; random labels to %.3g, worst labels to %.3g. "+
		"Right: eigenvalues of H* fall from %.3g to %.3g; %.0f%% of the true labels' energy is in the first ten eigenvectors, %.0f%% of the random ones'.",
		n, r.Loss[0][len(r.Time)-1], r.Time[len(r.Time)-1], r.Loss[1][len(r.Time)-1], r.Loss[2][len(r.Time)-1],
		r.Eigenvalues[0], r.Eigenvalues[n-1], 100*r.Energy10[0], 100*r.Energy10[1])
	if len(dots) > 0 {
		alt += " Points are finite networks; they lag behind the lines late, where eigenvalues are small."
	}
	return figure.Figure{
		ID: "9.F1", Title: "Labels along the top eigenvectors train fast", Alt: alt,
		Caption: "Lines: $\\frac1n\\sum_ie^{-2\\lambda_it}(v_i^\\top y)^2$. Digits 3 against 8, unit inputs, $u(0)=0$.",
		Panels:  []figure.Panel{left, right},
	}
}

// lossFloor is the smallest loss that figure 9.1 shows.
const lossFloor = 5e-6

// aboveFloor cuts a falling curve where it leaves the picture.
func aboveFloor(x, y []float64) (xs, ys []float64) {
	for i := range x {
		if y[i] >= lossFloor {
			xs, ys = append(xs, x[i]), append(ys, y[i])
		}
	}
	return xs, ys
}

// Figure92 draws figure 9.2: the complexity measure, the ramp loss and the share of errors against
// the noise in the training labels. Points are means over draws, their intervals ± one standard
// deviation between draws.
func Figure92(r *Noise) figure.Figure {
	q := r.Config.Fractions
	points := func(name string, series int, y, sd []float64) figure.Layer {
		low, high := figure.PlusMinus(y, sd)
		for i := range low {
			low[i] = max(0, low[i])
		}
		return figure.Points(name, series, q, y, low, high)
	}
	x := figure.Axis{Label: "probability q of a random training label"}.Range(-.03, 1.03)
	last := len(q) - 1
	fine, theory := make([]float64, 101), make([]float64, 101)
	for i := range fine {
		fine[i] = float64(i) / 100
		theory[i] = math.Sqrt(2 * LabelNoise(r.Clean.C, r.Inverse, fine[i]) / float64(r.Config.N))
	}
	return figure.Figure{
		ID: "9.F2", Title: "The complexity measure follows the test error as labels become noise",
		Alt: fmt.Sprintf("Left: the complexity √(2C/n) rises from %.2f with clean labels to %.2f with random ones, measured means on the theory curve; all values are above 1, so that as a bound it is vacuous. "+
			"Right: over the same noise the test ramp loss rises from %.2f to %.2f and the share of errors from %.3f to %.2f.",
			r.ADH[0], r.ADH[last], r.Ramp[0], r.Ramp[last], r.Error[0], r.Error[last]),
		Caption: "Line: $\\sqrt{2\\,\\mathbb E\\,C/n}$ with $\\mathbb E\\,C=(1-q)^2C+(1-(1-q)^2)\\,\\mathrm{tr}(H^*)^{-1}$. Test labels are clean.",
		Panels: []figure.Panel{
			{
				Title: "Complexity", X: x, Y: figure.Axis{Label: "√(2·yᵀ(H*)⁻¹y/n)"}.Range(0, 7),
				Layers: []figure.Layer{
					figure.Line("theory", 0, fine, theory),
					points("measured", 0, r.ADH, r.ADHSD),
					figure.HRule("1: no loss exceeds it", 1),
				},
			},
			{
				Title: "Test loss", X: x, Y: figure.Axis{Label: "loss on clean test digits"}.Range(0, 1),
				Layers: []figure.Layer{
					points("mean min(1, |f - y|)", 1, r.Ramp, r.RampSD),
					points("share of errors", 2, r.Error, r.ErrorSD),
					figure.HRule("chance", .5),
				},
			},
		},
	}
}

// FigureConcentration draws ‖H(0) - H*‖ against the width: measured norms, the exact root mean square
// and the Hoeffding bound.
func FigureConcentration(r *Concentration) figure.Figure {
	m := Floats(r.Config.Widths)
	exact := make([]float64, len(m))
	frob, frobLow, frobHigh := make([]float64, len(m)), make([]float64, len(m)), make([]float64, len(m))
	spectralLow, spectralHigh := make([]float64, len(m)), make([]float64, len(m))
	for k := range m {
		exact[k] = math.Sqrt(r.Variance / m[k])
		se := 4 * r.Frobenius2SD[k] / math.Sqrt(float64(r.Config.Seeds))
		frob[k] = math.Sqrt(r.Frobenius2[k])
		frobLow[k], frobHigh[k] = math.Sqrt(max(r.Frobenius2[k]-se, r.Frobenius2[k]/10)), math.Sqrt(r.Frobenius2[k]+se)
		se = 4 * r.SpectralSD[k] / math.Sqrt(float64(r.Config.Seeds))
		spectralLow[k], spectralHigh[k] = max(r.Spectral[k]-se, r.Spectral[k]/10), r.Spectral[k]+se
	}
	last := len(m) - 1
	return figure.Figure{
		ID: "9.L2", Title: "H(0) concentrates around H* like 1/√m",
		Alt: fmt.Sprintf("Distance of the random Gram matrix from its limit against the width on logarithmic axes: the root mean square Frobenius norm lies on the exact line and falls from %.3g at m = %.0f to %.3g at m = %.0f; the spectral norm is a little smaller; the Hoeffding bound is %.0f times larger.",
			frob[0], m[0], frob[last], m[last], r.Hoeffding[last]/r.Spectral[last]),
		Caption: fmt.Sprintf("Means over %d networks with four standard errors; $n=%d$ digits. The bound holds for all entries at once with probability $%g$.", r.Config.Seeds, r.Config.N, 1-r.Config.Delta),
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "‖H(0) - H*‖", Scale: figure.Log},
			Layers: []figure.Layer{
				figure.Line("√(ΣK²p(1-p)/m), exact", 0, m, exact),
				figure.Points("root mean square of ‖·‖_F", 0, m, frob, frobLow, frobHigh),
				figure.Points("mean of ‖·‖_2", 1, m, r.Spectral, spectralLow, spectralHigh),
				figure.Line("Hoeffding and union bound", 2, m, r.Hoeffding).As(figure.Bound),
			},
		}},
	}
}

// FigureTeachers draws √C against the number of training inputs for each teacher, with bounds and
// limits where there are some.
func FigureTeachers(r *Teachers) figure.Figure {
	n := Floats(r.Config.Sizes)
	panel := figure.Panel{
		X: figure.Axis{Label: "training inputs n", Scale: figure.Log},
		Y: figure.Axis{Label: "√(yᵀ(H*)⁻¹y)", Scale: figure.Log},
	}
	alt := "√C against the number of training inputs on logarithmic axes."
	last := len(n) - 1
	for k := range r.Root {
		name := r.name(k)
		panel.Layers = append(panel.Layers, figure.Points(name, k, n, r.Root[k], nil, nil))
		if r.Limit[k] > 0 {
			panel.Layers = append(panel.Layers, figure.Line(name+": limit", k, []float64{n[0], n[last]}, []float64{r.Limit[k], r.Limit[k]}))
		}
		if r.Bound[k] > 0 && r.Bound[k] > 1.001*r.Limit[k] {
			panel.Layers = append(panel.Layers, figure.Line(name+": bound", k, []float64{n[0], n[last]}, []float64{r.Bound[k], r.Bound[k]}).As(figure.Bound))
		}
		alt += fmt.Sprintf(" %s goes from %.3g to %.3g", name, r.Root[k][0], r.Root[k][last])
		switch {
		case r.Limit[k] > 0:
			alt += fmt.Sprintf(", below its limit %.3g.", r.Limit[k])
		case r.Root[k][last] > 3*r.Root[k][0]:
			alt += " and keeps growing: it is not learned."
		default:
			alt += "."
		}
	}
	id, title := "9.B", "Which teachers the kernel can learn"
	if r.Config.Bias {
		id, title = "9.B.bias", title+", with a bias"
	}
	return figure.Figure{
		ID: id, Title: title, Alt: alt,
		Caption: fmt.Sprintf("Limit: the norm in the kernel's function space, infinite for odd powers from 3 on. Inputs uniform on the sphere in $\\mathbb R^%d$, $\\|\\beta\\|=1$. The gap is at most $\\sqrt2$ times the value over $\\sqrt n$.", r.Config.Dim),
		Panels:  []figure.Panel{panel},
	}
}
