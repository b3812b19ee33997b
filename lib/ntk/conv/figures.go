package conv

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
)

// FigureLattice draws accuracy against depth, a panel for each training size, with 95 % intervals.
func FigureLattice(r *Lattice) figure.Figure {
	f := figure.Figure{
		ID: "9.E3", Title: "Small data: what convolution and pooling bring",
		Caption: "Last " + fmt.Sprint(r.Config.Test) + " of the UCI digits, kernel regression on the first $n$. FC: fully connected. V: convolutional with a readout weight for each place. GAP: averaged over places first. Bars are Wilson intervals; curves share their test digits, so that differences are surer than the bars suggest: see McNemar's tests.",
	}
	low := latticeFloor(r)
	for _, n := range r.Config.Train {
		p := figure.Panel{Title: fmt.Sprintf("n = %d", n), X: depths(r), Y: figure.Axis{Label: "test accuracy"}.Range(low, 1)}
		for series, family := range Families() {
			for _, nngp := range []bool{false, true} {
				var x, y, lo, hi []float64
				for i, depth := range r.Config.Depths {
					c := r.At(family, nngp, depth, n)
					x, y, lo, hi = append(x, float64(i)+aside(series)), append(y, c.Accuracy()), append(lo, c.Low), append(hi, c.High)
				}
				name := string(family) + ", NTK"
				if nngp {
					p.Layers = append(p.Layers, figure.Line(string(family)+", NNGP", series, x, y).As(figure.Bound))
					continue
				}
				p.Layers = append(p.Layers, figure.Line("", series, x, y), figure.Points(name, series, x, y, lo, hi))
			}
		}
		f.Panels = append(f.Panels, p)
	}
	last, n := r.Config.Depths[len(r.Config.Depths)-1], r.Config.Train[0]
	least := math.Inf(1)
	for _, n := range r.Config.Train {
		least = min(least, r.At(GAP, false, last, n).Accuracy()-max(r.At(FC, false, last, n).Accuracy(), r.At(V, false, last, n).Accuracy()))
	}
	f.Alt = fmt.Sprintf("%d panels of test accuracy against depth, one for each number of training digits. At depth %d the pooled convolutional NTK is above the other two by at least %.3f in all of them; at n = %d it reaches %.3f, the fully-connected one %.3f, the convolutional one without pooling %.3f.",
		len(r.Config.Train), last, least, n, r.At(GAP, false, last, n).Accuracy(), r.At(FC, false, last, n).Accuracy(), r.At(V, false, last, n).Accuracy())
	return f
}

// depths is the axis of the depths of a lattice, evenly spaced.
func depths(r *Lattice) figure.Axis {
	a := figure.Axis{Label: "depth L"}
	for _, depth := range r.Config.Depths {
		a.Categories = append(a.Categories, fmt.Sprint(depth))
	}
	return a
}

// aside moves the families apart, so that their intervals do not cover each other.
func aside(series int) float64 { return .08 * float64(series-1) }

// latticeFloor is where the axis of accuracies begins: below every interval.
func latticeFloor(r *Lattice) float64 {
	low := 1.0
	for i := range r.Cells {
		low = min(low, r.Cells[i].Low)
	}
	return math.Floor(low*20) / 20
}

// FigureMap draws two images, the kernel's entries between all pairs of their pixels, and what each
// displacement of the second image against the first contributes, over the largest of these. The images are 0 and 1 of x; names
// are what to call them.
func FigureMap(ctx context.Context, x *Images, k Kernel, names [2]string) (figure.Figure, error) {
	var f figure.Figure
	m, err := k.Map(ctx, x, 0, 1)
	if err != nil {
		return f, err
	}
	h, w := x.H, x.W
	grey := func(i int) figure.Panel {
		z, rows := make([][]float64, h), make([]string, h) // axes run upwards, rows of an image down
		for up := range z {
			r := h - 1 - up
			z[up], rows[up] = make([]float64, w), fmt.Sprint(r)
			for c := range w {
				for ch := range x.C {
					z[up][c] += x.Data[((i*x.C+ch)*h+r)*w+c] / float64(x.C)
				}
			}
		}
		return figure.Panel{Title: names[i], X: figure.Axis{Label: "column"}, Y: figure.Axis{Label: "row", Categories: rows},
			Layers: []figure.Layer{figure.Heat("pixel", count(w), count(h), z).Coloured(figure.Axis{Label: "pixel"})}}
	}
	places := h * w
	pairs := make([][]float64, places)
	for p := range pairs {
		pairs[p] = make([]float64, places)
		for q := range places {
			if k.Pool || p == q {
				pairs[p][q] = digits(m.At(p, q), 3)
			}
		}
	}
	shifts := byShift(m, h, w)
	unit := 1.0
	if k.Pool {
		unit = float64(places) * float64(places)
	}
	total, zero := 0.0, shifts[h-1][w-1]/unit
	for _, row := range shifts {
		for j := range row {
			row[j] = digits(row[j]/unit, 3)
			total += row[j]
		}
	}
	reads := "the diagonal of the map, pixels at equal places, and nothing else"
	if k.Pool {
		reads = fmt.Sprintf("the whole map; equal places are %.0f %% of it", 100*zero/total)
	} else {
		for i, row := range shifts {
			for j := range row {
				if i != h-1 || j != w-1 {
					row[j] = 0
				}
			}
		}
		total = zero
	}
	most := 0.0
	for _, row := range shifts {
		most = max(most, slices.Max(row))
	}
	if most > 0 { // two blank images contribute nothing anywhere
		for _, row := range shifts {
			for j := range row {
				row[j] = digits(row[j]/most, 3)
			}
		}
	}
	f = figure.Figure{
		ID: "9.+.map", Title: "Where a convolutional kernel looks", Columns: 2,
		Alt:     fmt.Sprintf("%s and %s as grey images, a map of the %v between all pairs of their pixels, and a map of its sums by displacement over the largest of them. The kernel is %.4g.", names[0], names[1], k, total),
		Caption: fmt.Sprintf("%v of %s and %s: %.4g. The readout sees %s.", k, names[0], names[1], total, reads),
		Panels: []figure.Panel{
			grey(0), grey(1),
			{Title: "pixel pairs", X: figure.Axis{Label: "pixel of " + names[1]}, Y: figure.Axis{Label: "pixel of " + names[0]},
				Layers: []figure.Layer{figure.Heat("T", count(places), count(places), pairs).Coloured(figure.Axis{Label: "T"})}},
			{Title: "by displacement", X: figure.Axis{Label: "columns to the right"}, Y: figure.Axis{Label: "rows up"},
				Layers: []figure.Layer{figure.Heat("contribution", around(w), around(h), shifts).Coloured(figure.Axis{Label: "of the largest"}.Range(0, 1))}},
		},
	}
	return f, nil
}

// byShift sums a map over pairs of pixels of each displacement: entry [h-1-di][w-1+dj] for di rows down
// and dj columns to the right.
func byShift(m *mat.Dense, h, w int) [][]float64 {
	out := make([][]float64, 2*h-1)
	for i := range out {
		out[i] = make([]float64, 2*w-1)
	}
	for p := range h * w {
		for q := range h * w {
			out[h-1-(q/w-p/w)][w-1+q%w-p%w] += m.At(p, q)
		}
	}
	return out
}

// cosine is b/√(ac), and 0 where a or c is 0.
func cosine(a, b, c float64) float64 {
	if a == 0 || c == 0 {
		return 0
	}
	return b / math.Sqrt(a*c)
}

// count is 0, 1, ..., n-1.
func count(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i)
	}
	return out
}

// around is 1-n, ..., n-1.
func around(n int) []float64 {
	out := count(2*n - 1)
	for i := range out {
		out[i] -= float64(n - 1)
	}
	return out
}

// digits rounds to n significant digits: a page ships these numbers.
func digits(v float64, n int) float64 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, float64(n-1)-math.Floor(math.Log10(math.Abs(v))))
	return math.Round(v*unit) / unit
}
