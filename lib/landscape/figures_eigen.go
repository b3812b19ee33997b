package landscape

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
	"gonum.org/v1/gonum/floats"
)

// figureDescent shows f - f* against the step, with the time of escape and the rate.
func figureDescent(t *TopEigenvector, path [][]float64, eta float64) *figure.Figure {
	o := t.Objective()
	steps, gaps, line := make([]float64, 0, len(path)), make([]float64, 0, len(path)), make([]float64, 0, len(path))
	anchor := len(path) * 3 / 4
	for k, x := range path {
		steps = append(steps, float64(k))
		gaps = append(gaps, o.Value(x)-t.Min())
		line = append(line, (o.Value(path[anchor])-t.Min())*math.Pow(t.Rate(eta), float64(k-anchor)))
	}
	escape := t.EscapeSteps(path[0], eta, .5)
	return &figure.Figure{
		ID: "6.A3", Title: "Out of the saddle at 0, then straight to the minimum",
		Alt:     "The gap f - f* is flat for about fifty steps and then falls on a straight line on a logarithmic axis, parallel to the predicted rate.",
		Caption: fmt.Sprintf(`Gradient descent on $\frac14\|M-xx^\top\|^2$, $M=\mathrm{diag}(3,2,1,\frac12)$, from near the saddle at 0. The saddle holds it for %.0f steps, as the formula says; then each step shrinks the gap by %.4g.`, escape, t.Rate(eta)),
		Panels: []figure.Panel{{
			X: figure.Axis{Label: "step"}, Y: figure.Axis{Label: "f - f*", Scale: figure.Log},
			Layers: []figure.Layer{
				figure.Line("rate (1 - η(λ₁ - λ₂))²", 0, steps[60:], line[60:]),
				figure.Points("measured", 0, every(steps, 4), every(gaps, 4), nil, nil),
				figure.VRule("predicted escape", escape),
			},
		}},
	}
}

func every(v []float64, n int) []float64 {
	var out []float64
	for i := 0; i < len(v); i += n {
		out = append(out, v[i])
	}
	return out
}

// figureCritical shows the critical points of f for M with two leading eigenvalues in the plane of v₁ and
// v₂, and what a census found in all dimensions as value against index.
func figureCritical(t *TopEigenvector, found *CensusResult) *figure.Figure {
	o := t.Objective()
	const side = 61
	at := make([]float64, side)
	for i := range at {
		at[i] = -2.4 + 4.8*float64(i)/(side-1)
	}
	z := make([][]float64, side)
	v1, v2 := t.Eigenvector(1), t.Eigenvector(2)
	for j, b := range at {
		z[j] = make([]float64, side)
		for i, a := range at {
			x := make([]float64, o.Dim)
			for k := range x {
				x[k] = a*v1[k] + b*v2[k]
			}
			z[j][i] = math.Log10(o.Value(x) - t.Min() + .1)
		}
	}
	plane := figure.Panel{
		Title: "the plane of v₁ and v₂", X: figure.Axis{Label: "⟨x, v₁⟩"}, Y: figure.Axis{Label: "⟨x, v₂⟩"},
		Layers: []figure.Layer{figure.Contour("f", at, at, z, nil).Coloured(figure.Axis{Label: "log₁₀(f - f* + 0.1)"})},
	}
	for i, c := range []struct {
		name string
		x, y []float64
	}{
		{"minima", []float64{math.Sqrt(t.Eigenvalue(1)), -math.Sqrt(t.Eigenvalue(1))}, []float64{0, 0}},
		{"saddles", []float64{0, 0}, []float64{math.Sqrt(t.Eigenvalue(2)), -math.Sqrt(t.Eigenvalue(2))}},
		{"0", []float64{0}, []float64{0}},
	} {
		plane.Layers = append(plane.Layers, figure.Points(c.name, i, c.x, c.y, nil, nil))
	}
	byIndex := figure.Panel{Title: "all critical points", X: figure.Axis{Label: "index: directions that lead down"}, Y: figure.Axis{Label: "f"}}
	points, err := t.CriticalPoints()
	if err == nil {
		var x, y []float64
		for i := range points {
			x, y = append(x, float64(points[i].Index())), append(y, points[i].Value)
		}
		// The theory's points come in pairs on one place each; a line joins them in the order of values.
		order, sorted := make([]int, len(x)), make([]float64, len(x))
		floats.ArgsortStable(x, order)
		for k, i := range order {
			sorted[k] = y[i]
		}
		byIndex.Layers = append(byIndex.Layers, figure.Line("by formula", 0, x, sorted))
	}
	var x, y []float64
	for i := range found.Points {
		x, y = append(x, float64(found.Points[i].Index())), append(y, found.Points[i].Value)
	}
	byIndex.Layers = append(byIndex.Layers, figure.Points("found by Newton's method", 0, x, y, nil, nil))
	return &figure.Figure{
		ID: "6.C3", Title: "Nine critical points, two of them minima",
		Alt:     "Left: contours of f with minima on the first axis, saddles on the second and a maximum in the middle of this plane. Right: the value of f grows with the number of directions that lead down.",
		Caption: `Every critical point but $\pm\sqrt{\lambda_1}v_1$ has a direction that leads down; the higher the value, the more of them.`,
		Panels:  []figure.Panel{plane, byIndex},
	}
}

// lemmaTests are the tests of Lemma 6.4.3 in the order in which Certificate tries them.
var lemmaTests = []string{"gradient along x", "gradient along z", "curvature along x", "curvature along z"}

// figureLemma maps the half-plane of p = ⟨x, z⟩ and q = ‖x‖² by the test that certifies an improvement at
// scale τ, and the region f ≤ τ where none is needed.
func figureLemma(tau float64) *figure.Figure {
	const side = 90
	p, q := make([]float64, side), make([]float64, side)
	for i := range side {
		p[i] = 1.5 * (float64(i) + .5) / side
		q[i] = 2 * (float64(i) + .5) / side
	}
	z := make([][]float64, side)
	bare := 0
	for j := range q {
		z[j] = make([]float64, side)
		for i := range p {
			a := Plane{P: p[i], Q: q[j]}
			switch {
			case p[i]*p[i] > q[j]:
				z[j][i] = math.NaN()
			default:
				by := a.Certificate(SharpConstant*tau, .25)
				for k, name := range lemmaTests {
					if name == by {
						z[j][i] = float64(k + 1)
					}
				}
				if by == "" && a.Value() > tau {
					bare++
				}
			}
		}
	}
	// The line f = τ is q² = 4τ - 1 + 2p², where that is not negative and q ≥ p².
	var lx, ly []float64
	for i := range 400 {
		x := 1.5 * float64(i) / 399
		if s := 4*tau - 1 + 2*x*x; s >= x*x*x*x {
			lx, ly = append(lx, x), append(ly, math.Sqrt(s))
		}
	}
	layers := []figure.Layer{
		figure.Heat("", p, q, z).Coloured(figure.Axis{Label: "test"}.Range(0, 4)),
	}
	if len(lx) > 1 {
		layers = append(layers, figure.Line("f = τ", 0, lx, ly))
	}
	return &figure.Figure{
		ID: "6.L1", Title: "Which test shows the way down",
		Alt:     "The half-plane of p and q, coloured by the first test that certifies an improvement. Points without any lie inside the region f ≤ τ around the solution p = q = 1.",
		Caption: fmt.Sprintf(`At $\tau=%.2g$ and $c=1/\sqrt2$: every point outside $f\le\tau$ is certified (%d are not). The uncertified rest (0) lies around the solution $p=q=1$ and shrinks with $\tau$. Tests in the order in which they are tried: 1 slope along $x$, 2 slope along $z$, 3 curvature along $x$, 4 curvature along $z$.`, tau, bare),
		Panels:  []figure.Panel{{X: figure.Axis{Label: "p = ⟨x, z⟩"}, Y: figure.Axis{Label: "q = ‖x‖²"}, Layers: layers}},
	}
}
