package finite

import (
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// CorrectionsFigure draws every correction against width, four groups of them, both axes logarithmic:
// measured points and the power of theory, with its exact coefficient where one is known and the fitted
// one elsewhere.
func CorrectionsFigure(c *Corrections) *figure.Figure {
	f := &figure.Figure{
		ID: "9.widths", Title: "The width as an axis: what every infinite-width statement misses", Columns: 2,
		Alt:     "Log-log plots against the width of the corrections to infinite width, in four groups. Points lie on the lines of theory's powers.",
		Caption: `Points: measured, with two standard errors. Solid lines: exact laws. Grey lines: the power of theory through the points, coefficient fitted.`,
	}
	for _, group := range []string{AtStart, KernelDist, Training, KernelMove} {
		p := figure.Panel{Title: group, X: figure.Axis{Label: "width m", Scale: figure.Log}, Y: figure.Axis{Label: "correction", Scale: figure.Log}}
		series := 0
		for _, k := range c.List {
			if k.Group != group {
				continue
			}
			x := []float64{k.Widths[0], k.Widths[len(k.Widths)-1]}
			coefficient := k.Fitted
			if k.Coefficient != nil {
				coefficient = *k.Coefficient
			}
			y := []float64{coefficient * math.Pow(x[0], k.Exponent), coefficient * math.Pow(x[1], k.Exponent)}
			line := figure.Line("", series, x, y)
			if k.Coefficient == nil {
				line = line.As(figure.Reference)
			}
			low, high := clipLow(k.Value, scale(k.SE, 2))
			if !k.AtMost {
				p.Layers = append(p.Layers, line)
			}
			p.Layers = append(p.Layers, figure.Points(k.Quantity, series, k.Widths, k.Value, low, high))
			theory := "theory"
			if k.AtMost {
				theory = "claimed at most"
			}
			f.Alt += fmt.Sprintf(" %s: slope %.2f, %s %.2f.", k.Quantity, k.Slope, theory, k.Exponent)
			series++
		}
		f.Panels = append(f.Panels, p)
	}
	return f
}
