package widgets

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
)

// gallery is one figure for each kind of layer and scale; the golden files and the preview use it.
func gallery() []*figure.Figure {
	r := rand.New(rand.NewPCG(1, 2))
	grid := func(lo, hi float64, n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = lo + (hi-lo)*float64(i)/float64(n-1)
		}
		return x
	}
	apply := func(x []float64, f func(float64) float64) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = f(x[i])
		}
		return y
	}
	noisy := func(y []float64, rel float64) (out, spread []float64) {
		for _, v := range y {
			out = append(out, v*(1+rel*r.NormFloat64()))
			spread = append(spread, 2*rel*math.Abs(v))
		}
		return out, spread
	}

	// Training speed for three label sets, and the spectrum behind it.
	t := grid(0, 500, 251)
	few := grid(0, 500, 11)
	var left []figure.Layer
	for i, c := range []struct {
		name string
		a, k float64
	}{{"true labels", 0.1, 0.02}, {"random labels", 0.55, 0.0022}, {"worst labels", 0.9, 0.0009}} {
		f := func(x float64) float64 { return (1-c.a)*math.Exp(-x*c.k*6) + c.a*math.Exp(-x*c.k) }
		y, s := noisy(apply(few, f), 0.02)
		low, high := figure.PlusMinus(y, s)
		left = append(left, figure.Line(c.name, i, t, apply(t, f)), figure.Points(c.name, i, few, y, low, high))
	}
	k := grid(1, 200, 200)
	lambda := apply(k, func(x float64) float64 { return 63 * math.Pow(x, -1.5) })
	proj, _ := noisy(apply(k, func(x float64) float64 { return 12 * math.Pow(x, -0.9) }), 0.5)
	for i := range proj {
		proj[i] = math.Abs(proj[i]) + 1e-3
	}
	rnd, _ := noisy(apply(k, func(float64) float64 { return 1 }), 0.6)
	for i := range rnd {
		rnd[i] = math.Abs(rnd[i]) + 1e-2
	}
	pair := &figure.Figure{ID: "9.F1", Title: "Labels along the top eigenvectors are learned first",
		Alt:     "Left: squared loss against gradient descent steps for true, random and worst labels; true labels fall fastest, worst hardly. Right: eigenvalues of the kernel and the projections of the labels, falling over the index.",
		Caption: "Finite network of $m = 16384$ neurons (points) beside $\\|(I-\\eta H^*)^t y\\|^2/n$ (lines), $n = 200$ digits 3 and 8.",
		Panels: []figure.Panel{
			{Title: "Loss", X: figure.Axis{Label: "steps t"}, Y: figure.Axis{Label: "‖u(t) − y‖²/n"}, Layers: left},
			{Title: "Spectrum and projections", X: figure.Axis{Label: "index i", Scale: figure.Log}, Y: figure.Axis{Label: "value", Scale: figure.Log},
				Layers: []figure.Layer{figure.Line("eigenvalues λ_{i}", 3, k, lambda), figure.Points("|v_{i}ᵀy|, true labels", 0, k, proj, nil, nil), figure.Points("|v_{i}ᵀy|, random labels", 1, k, rnd, nil, nil)}},
		}}

	// Convergence in width, with a bound, a slope and the printed erratum.
	m := []float64{100, 200, 400, 800, 1600, 3200, 6400, 12800}
	err := apply(m, func(x float64) float64 { return 1.9 / math.Sqrt(x) })
	y, s := noisy(err, 0.08)
	low, high := figure.PlusMinus(y, s)
	fineM := []float64{80, 16000}
	width := &figure.Figure{ID: "9.A5", Title: "The empirical kernel approaches its limit as m^{-1/2}",
		Alt: "Relative error of the empirical kernel against width on logarithmic axes: measured points follow the theory line of slope minus one half, below the bound; the printed constant lies too low.",
		Panels: []figure.Panel{{X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "relative error ‖Θ̂ − Θ‖_{F}/‖Θ‖_{F}", Scale: figure.Log},
			Layers: []figure.Layer{
				figure.Band("two standard deviations", 0, m, apply(err, func(x float64) float64 { return x * 0.8 }), apply(err, func(x float64) float64 { return x * 1.2 })),
				figure.Line("theory 1.9·m^{-1/2}", 0, fineM, apply(fineM, func(x float64) float64 { return 1.9 / math.Sqrt(x) })),
				figure.Line("Hoeffding bound", 0, fineM, apply(fineM, func(x float64) float64 { return 6 / math.Sqrt(x) })).As(figure.Bound),
				figure.Line("as printed: m^{-1}", 0, fineM, apply(fineM, func(x float64) float64 { return 40 / x })).As(figure.Wrong),
				figure.Points("measured, 100 networks", 0, m, y, low, high),
				figure.HRule("float32 rounding", 0.012),
			}}}}

	// Grouped bars over categories.
	bars := &figure.Figure{ID: "9.E1", Title: "Accuracy on four tables",
		Alt: "Grouped bars: accuracy of a linear kernel, RBF, NTK and a random forest on iris, wine, breast cancer and digits; all above 0.8.",
		Panels: []figure.Panel{{X: figure.Axis{Label: "data set", Categories: []string{"iris", "wine", "breast cancer", "digits"}}, Y: figure.Axis{Label: "accuracy"}.Range(0, 1.05),
			Layers: []figure.Layer{
				bar("linear", 0, []float64{.82, .983, .965, .938}, .03), bar("RBF", 1, []float64{.953, .966, .968, .984}, .025),
				bar("NTK, 3 layers", 2, []float64{.847, .983, .974, .988}, .025), bar("random forest", 3, []float64{.94, .978, .960, .978}, .03),
				figure.HRule("chance, digits", 0.1),
			}}}}

	// A heat map with contours and a diverging one.
	gx, gy := grid(-2, 2, 61), grid(-1.5, 1.5, 46)
	z := make([][]float64, len(gy))
	d := make([][]float64, 16)
	for i, b := range gy {
		for _, a := range gx {
			z[i] = append(z[i], (a*a-1)*(a*a-1)+b*b+0.3*a*b)
		}
	}
	dx, dy := grid(0, 15, 16), grid(0, 15, 16)
	for i := range dy {
		for j := range dx {
			d[i] = append(d[i], math.Cos(float64(i-j)/3)*math.Exp(-math.Abs(float64(i-j))/6)-0.15)
		}
	}
	heat := &figure.Figure{ID: "7.F1", Title: "A saddle between two minima, and a kernel matrix",
		Alt: "Left: heat map with level lines of a double well. Right: a banded kernel matrix with positive diagonal.",
		Panels: []figure.Panel{
			{Title: "Loss surface", X: figure.Axis{Label: "θ_{1}"}, Y: figure.Axis{Label: "θ_{2}"}, Layers: []figure.Layer{figure.Heat("loss", gx, gy, z), figure.Contour("levels", gx, gy, z, nil), figure.Annotation(0, 0, "saddle"), figure.Points("minima", 1, []float64{-1, 1}, []float64{.15, -.15}, nil, nil)}},
			{Title: "Kernel matrix", X: figure.Axis{Label: "column j"}, Y: figure.Axis{Label: "row i"}, Layers: []figure.Layer{figure.Heat("K_{ij}", dx, dy, d)}},
		}}

	// Steps, a noisy trace of many points with a gap, symlog.
	n := 5000
	tx, ty := grid(0, 1, n), make([]float64, n)
	walk := 0.0
	for i := range ty {
		walk += r.NormFloat64() / math.Sqrt(float64(n))
		ty[i] = walk
		if i > 3000 && i < 3300 {
			ty[i] = math.NaN()
		}
	}
	sx := grid(-3, 3, 25)
	cloud, cloudY := make([]float64, 3000), make([]float64, 3000)
	for i := range cloud {
		cloud[i] = r.NormFloat64()
		cloudY[i] = 0.6*cloud[i] + 0.5*r.NormFloat64()
	}
	misc := &figure.Figure{ID: "x.misc", Title: "Steps, a path with a gap, a cloud and a symmetric logarithm", Columns: 2,
		Alt: "Four panels: an empirical distribution function as steps, a random walk with a gap, a cloud of 3000 points with its regression line, and a cubic on a symmetric logarithmic axis.",
		Panels: []figure.Panel{
			{Title: "Distribution", X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "F(x)"}, Layers: []figure.Layer{
				figure.Steps("empirical, n = 25", 0, sx, apply(sx, func(x float64) float64 { return 0.5 * (1 + math.Erf(x/1.3)) })),
				figure.Line("Φ(x)", 0, grid(-3, 3, 121), apply(grid(-3, 3, 121), func(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }))}},
			{Title: "Random walk", X: figure.Axis{Label: "time", Unit: "s"}, Y: figure.Axis{Label: "W(t)"}, Layers: []figure.Layer{figure.Line("one path", 1, tx, ty).As(figure.Measured), figure.HRule("", 0), figure.VRule("start of the gap", 0.6)}},
			{Title: "Cloud", X: figure.Axis{Label: "x_{1}"}, Y: figure.Axis{Label: "x_{2}"}, Layers: []figure.Layer{figure.Points("samples", 2, cloud, cloudY, nil, nil), figure.Line("regression", 3, []float64{-3, 3}, []float64{-1.8, 1.8})}},
			{Title: "Symlog", X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "x³", Scale: figure.SymLog}, Layers: []figure.Layer{figure.Line("x³", 4, grid(-30, 30, 241), apply(grid(-30, 30, 241), func(x float64) float64 { return x * x * x }))}},
		}}
	six := &figure.Figure{ID: "x.six", Title: "Six series", Alt: "Six measured series with their theory lines, one colour and marker each.",
		Panels: []figure.Panel{{X: figure.Axis{Label: "depth L"}, Y: figure.Axis{Label: "Θ^{(L)}/(L+1)"}}}}
	for i := range 6 {
		x := grid(0, 10, 11)
		yy := apply(x, func(v float64) float64 { return float64(i) + math.Sin(v/2+float64(i)/2)*0.4 })
		meas, _ := noisy(yy, 0.03)
		name := fmt.Sprintf("ρ = %.1f", float64(i)/5)
		six.Panels[0].Layers = append(six.Panels[0].Layers, figure.Line(name, i, x, yy), figure.Points(name, i, x, meas, nil, nil))
	}
	return []*figure.Figure{pair, width, bars, heat, misc, six}
}

func bar(name string, series int, y []float64, r float64) figure.Layer {
	l := figure.Bars(name, series, []float64{0, 1, 2, 3}, y)
	l.Low, l.High = figure.PlusMinus(y, []float64{r, r, r, r})
	return l
}

// outcomes are one card of each verdict.
func outcomes() []claim.Outcome {
	c := &claim.Claim{ID: "9.T1", Kind: claim.Theorem, Title: "Each eigen-direction decays at its own rate", Ref: "§9.3, (9.9)", Source: "ntk.Flow",
		Statement: `Under gradient flow with a constant kernel, $v_i^\top(u(t)-y)=e^{-\lambda_i t}\,v_i^\top(u(0)-y)$ for every eigenpair $(\lambda_i,v_i)$ of $H^*$; if $\lambda_n>0$ the training error goes to zero.`,
		Check:     func(context.Context, claim.Env) (*claim.Finding, error) { return nil, nil },
		Errata: []claim.Erratum{{Number: "9.10", Where: "section 9.3", Printed: `$u-y=\sum_i v_i^\top(u-y)$`, Correct: `$u-y=\sum_i v_i v_i^\top(u-y)$`,
			Why: "A vector cannot equal a sum of numbers; the projection needs the eigenvector again."}}}
	holds := claim.Outcome{Claim: c, Verdict: claim.Holds, Seconds: 0.412, Notes: []string{"The late-time lag on small eigenvalues is finite width: it shrinks as $m$ grows."},
		Evidence: []claim.Evidence{
			claim.Equals("$\\lambda_1$ of $H^*$, n = 200", 63.352768, 63.3527684, claim.Because(1e-5, "golden value, six decimals")),
			claim.Equals("decay of the first component at t = 3", math.Exp(-3), 0.0497871, claim.Rounding(1, 1e10)),
			claim.Below("training error at t = 500", 0.0335, 0.0309, claim.Sampling(0.01, 400)),
			claim.Equals("sum without the factor $v_i$", 2.31, 14.72, claim.Because(0.01, "rounding")).AsPrinted(),
			{Name: "generalization bound", Theory: 1.4941, Measured: 0.057, Relation: claim.AtMost, Tolerance: claim.Exact, Trivial: 1},
		},
		Power: []claim.Power{{Name: "half the rate, $e^{-\\lambda_i t/2}$", Verdict: claim.Fails, By: "decay of the first component at t = 3"}, {Name: "eigenvectors of $K$ in place of $H^*$", Verdict: claim.Holds, Survived: true}}}
	holds.Figure = gallery()[1]
	fails := claim.Outcome{Claim: &claim.Claim{ID: "9.B2", Title: "Even powers are learnable", Ref: "§9.3.1", Statement: `$\sqrt{y^\top (H^*)^{-1}y}\le 3p\,\|\beta\|^p$ for even $p$.`}, Seed: 7, Verdict: claim.Fails, Seconds: 3.2,
		Evidence: []claim.Evidence{claim.Below("p = 2, n = 800", 6, 6.319, claim.Exact)}}
	unsure := claim.Outcome{Claim: &claim.Claim{ID: "9.E3", Title: "Convolutional kernels", Ref: "§9.5", Statement: `The CNTK with pooling beats the fully connected kernel on 50 images.`}, Verdict: claim.Inconclusive, Seconds: 75, Err: fmt.Errorf("claim 9.E3: needs a backend, got none")}
	return []claim.Outcome{holds, fails, unsure}
}

// TestPreview writes the gallery as a page to the folder in LEMMA_PREVIEW, to be looked at.
func TestPreview(t *testing.T) {
	dir := os.Getenv("LEMMA_PREVIEW")
	if dir == "" {
		t.Skip("LEMMA_PREVIEW is not set")
	}
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Gallery</title><style>body{margin:0 auto;max-width:960px;padding:16px;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#1b1f24}@media (prefers-color-scheme:dark){body{background:#14161a;color:#e8eaed}}</style><main>`)
	for _, f := range gallery() {
		s, err := HTML(f)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", f.ID, len(s))
		b.WriteString(s)
		if err := WriteFile(f, filepath.Join(dir, f.ID+".png")); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(f, filepath.Join(dir, f.ID+".svg")); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range outcomes() {
		b.WriteString(ClaimHTML(o))
		fmt.Println(ClaimText(o))
	}
	b.WriteString(TableHTML([]string{"$n$", "kernel", "error", "verdict"}, [][]any{{50, "NTK", 0.0573, claim.Holds}, {1000, "RBF", 12.5, claim.Fails}}))
	if err := os.WriteFile(filepath.Join(dir, "gallery.html"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
