package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// ExploreConcentration shows Lemma 9.2.2: the random Gram matrix H(0) of a network of width m comes to
// H* like 1/√m. Left one network's |H(0) - H*| entry by entry, on colours that do not change with m;
// right the Frobenius distance of forty networks, the exact root mean square √(ΣK²p(1-p)/m), and what
// Hoeffding's inequality guarantees.
func ExploreConcentration() figure.Explorer {
	widths := make([]float64, 11)
	for i := range widths {
		widths[i] = float64(int(16) << i)
	}
	m := figure.Slide("m", "width m", widths...).From(4)
	m.Between, m.Whole, m.Log = true, true, true
	return figure.Explorer{
		ID: "9.L2/concentration", Title: "The random Gram matrix comes to its limit like 1/√m",
		Try:      "Widen the network: all differences shrink together and the cloud slides down the exact line. The entry of a pair is off by about $|K|\\sqrt{p(1-p)/m}$, where $p$ is the probability that both gates are open: most on the diagonal, $1/(2\\sqrt m)$, and nothing for orthogonal inputs. Four times the width halves the distance; the guarantee is far above but falls in parallel.",
		Controls: []figure.Control{m},
		Play:     "m",
		Draw:     drawConcentration,
	}
}

func drawConcentration(ctx context.Context, at figure.Settings) (figure.Figure, error) {
	const fn, n, networks, delta, least = "ntk.ExploreConcentration", 20, 40, .05, 1e-4
	m := at.Int("m")
	if m < 1 || m > 1<<17 {
		return outside(fn, "m", at["m"], fmt.Sprintf("1 to %d", 1<<17))
	}
	s, err := digits38(n)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	k, err := Kernel{}.Gram(s.X)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	variance, err := Variance(s.X)
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	inputs := turned(s.X, k)
	distance, errs := make([]float64, networks), make([]error, networks)
	z := make([][]float64, n) // of the first network
	err = linalg.Parallel(ctx, networks, 1, func(j, _ int) {
		h, err := SampleGram(ReLU, inputs, m, rng.Stream(0, fmt.Sprintf("width %d network %d", m, j)))
		if err != nil {
			errs[j] = err
			return
		}
		var d mat.Dense
		d.Sub(h, s.H)
		distance[j] = mat.Norm(&d, 2)
		for i := 0; j == 0 && i < n; i++ {
			z[i] = floor(mat.Row(nil, i, &d), least)
		}
	})
	for _, e := range errs {
		if err == nil {
			err = e
		}
	}
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	widths := []float64{16, 16384}
	exact, bound := make([]float64, 2), make([]float64, 2)
	for i, w := range widths {
		exact[i], bound[i] = math.Sqrt(variance/w), HoeffdingRadius(n, int(w), delta)*mat.Norm(k, 2)
	}
	index, here, square := make([]float64, n), make([]float64, networks), 0.0
	for i := range index {
		index[i] = float64(i + 1)
	}
	for j, d := range distance {
		here[j] = float64(m)
		square += d * d / networks
	}
	now := math.Sqrt(variance / float64(m))
	guarantee := HoeffdingRadius(n, m, delta) * mat.Norm(k, 2)
	return figure.Figure{
		ID: "9.L2.concentration", Title: fmt.Sprintf("H(0) at width m = %d", m),
		Alt: fmt.Sprintf("Left: a %d by %d heat map of the entries of H(0) minus H* for one network of width %d, its colours fixed. Right: on logarithmic axes the Frobenius distance of %d such networks, root mean square %.3g, on the exact line, %.3g here; the guarantee is %.3g.",
			n, n, m, networks, math.Sqrt(square), now, guarantee),
		Caption: fmt.Sprintf(`$m=%d$: root mean square of $\|H(0)-H^*\|_F$ over %d networks %.4f, exactly $\sqrt{%.3f/m}=%.4f$; with probability %.2f Hoeffding's inequality promises at most %.3f, %.1f times that. $n=%d$ digits 3 and 8.`,
			m, networks, math.Sqrt(square), variance, now, 1-delta, guarantee, guarantee/now, n),
		Panels: []figure.Panel{
			{Title: "|H(0) - H*|, one network", X: figure.Axis{Label: "input j"}, Y: figure.Axis{Label: "input i"}, Layers: []figure.Layer{
				figure.Heat("|H(0) - H*|", index, index, z).Coloured(figure.Axis{Label: "|H(0)_{ij} - H*_{ij}|", Scale: figure.Log}.Range(least, .5)),
			}},
			{Title: "Distance against width", X: figure.Axis{Label: "width m", Scale: figure.Log}.Range(12, 22000), Y: figure.Axis{Label: "‖H(0) - H*‖_F", Scale: figure.Log}.Range(.03, 20), Layers: []figure.Layer{
				figure.Line("exact root mean square", 0, widths, exact),
				figure.Line("guarantee at δ = 0.05", 1, widths, bound).As(figure.Bound),
				figure.Points("forty networks", 0, here, distance, nil, nil),
			}},
		},
	}, nil
}
