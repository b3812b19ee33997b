package figure

import "slices"

// Line returns a theory line through (x, y). The slices are copied.
func Line(name string, series int, x, y []float64) Layer {
	return Layer{Kind: KindLine, Role: Theory, Name: name, Series: series, X: slices.Clone(x), Y: slices.Clone(y)}
}

// Points returns measured points. low and high are the ends of each interval; both may be nil.
func Points(name string, series int, x, y, low, high []float64) Layer {
	return Layer{Kind: KindPoints, Role: Measured, Name: name, Series: series,
		X: slices.Clone(x), Y: slices.Clone(y), Low: slices.Clone(low), High: slices.Clone(high)}
}

// PlusMinus returns the interval ends y-r and y+r for Points and Bars.
func PlusMinus(y, r []float64) (low, high []float64) {
	low, high = make([]float64, len(y)), make([]float64, len(y))
	for i := range y {
		low[i], high[i] = y[i]-r[i], y[i]+r[i]
	}
	return low, high
}

// Band returns the area between low and high.
func Band(name string, series int, x, low, high []float64) Layer {
	return Layer{Kind: KindBand, Role: Theory, Name: name, Series: series,
		X: slices.Clone(x), Low: slices.Clone(low), High: slices.Clone(high)}
}

// Bars returns bars of height y centred at x.
func Bars(name string, series int, x, y []float64) Layer {
	return Layer{Kind: KindBars, Role: Measured, Name: name, Series: series, X: slices.Clone(x), Y: slices.Clone(y)}
}

// Steps returns the piecewise constant function with value y[i] from x[i] on.
func Steps(name string, series int, x, y []float64) Layer {
	return Layer{Kind: KindSteps, Role: Measured, Name: name, Series: series, X: slices.Clone(x), Y: slices.Clone(y)}
}

// Heat returns a heat map with z[row][column] at (x[column], y[row]).
func Heat(name string, x, y []float64, z [][]float64) Layer {
	return Layer{Kind: KindHeat, Role: Measured, Name: name, X: slices.Clone(x), Y: slices.Clone(y), Z: cloneRows(z)}
}

// Contour returns the lines on which z takes the given levels.
func Contour(name string, x, y []float64, z [][]float64, levels []float64) Layer {
	return Layer{Kind: KindContour, Role: Theory, Name: name, X: slices.Clone(x), Y: slices.Clone(y), Z: cloneRows(z), Levels: slices.Clone(levels)}
}

// Annotation returns one text with its left end at (x, y).
func Annotation(x, y float64, text string) Layer {
	return Layer{Kind: KindText, Role: Reference, X: []float64{x}, Y: []float64{y}, Text: []string{text}}
}

// HRule returns a horizontal reference line at y.
func HRule(name string, y float64) Layer {
	return Layer{Kind: KindRule, Role: Reference, Name: name, Y: []float64{y}}
}

// VRule returns a vertical reference line at x.
func VRule(name string, x float64) Layer {
	return Layer{Kind: KindRule, Role: Reference, Name: name, X: []float64{x}}
}

// Coloured returns the layer with the axis of its values: label, scale and, if set, ends.
func (l Layer) Coloured(a Axis) Layer {
	l.Colour = a
	return l
}

// As returns the layer in another role.
func (l Layer) As(r Role) Layer {
	l.Role = r
	return l
}

func cloneRows(z [][]float64) [][]float64 {
	out := make([][]float64, len(z))
	for i := range z {
		out[i] = slices.Clone(z[i])
	}
	return out
}
