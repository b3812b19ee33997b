package margin

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/rng"
)

// Data is a data set of two classes.
type Data struct {
	Name string
	X    [][]float64 // n points of d features
	Y    []float64   // n labels, +1 or -1

	z [][]float64 // y_i·x_i
}

// NewData checks and copies n points of d features each and their labels; y may be nil where all are +1.
func NewData(name string, x [][]float64, y []float64) (*Data, error) {
	if len(x) == 0 || len(x[0]) == 0 {
		return nil, fmt.Errorf("margin.NewData: %q is empty, want at least one point of one feature", name)
	}
	if y != nil && len(y) != len(x) {
		return nil, fmt.Errorf("margin.NewData: %d labels for %d points of %q", len(y), len(x), name)
	}
	d := &Data{Name: name}
	for i, row := range x {
		if len(row) != len(x[0]) {
			return nil, fmt.Errorf("margin.NewData: point %d of %q has %d features, the first %d", i, name, len(row), len(x[0]))
		}
		for j, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("margin.NewData: feature %d of point %d of %q is %g, want a finite number", j, i, name, v)
			}
		}
		label := 1.0
		if y != nil {
			label = y[i]
		}
		if label != 1 && label != -1 {
			return nil, fmt.Errorf("margin.NewData: label %d of %q is %g, want 1 or -1", i, name, label)
		}
		z := append([]float64(nil), row...)
		floats.Scale(label, z)
		d.X, d.Y, d.z = append(d.X, append([]float64(nil), row...)), append(d.Y, label), append(d.z, z)
	}
	return d, nil
}

// Five is a set of five points in the plane with labels absorbed, whose margin directions in ℓ₁, ℓ₂ and ℓ∞
// differ: (17/22, 5/22), along (1, 0.3) and (1, 1).
func Five() *Data {
	return must(NewData("five points", [][]float64{{1, .3}, {.5, 2}, {2, 1}, {3, .4}, {.8, 1.5}}, nil))
}

// Boosting is the matrix of eight points and eight weak learners of Rudin, Daubechies and Schapire 2004 on
// which AdaBoost ends with the margin 1/3, where 3/8 is possible. Entries are y·h, right (+1) or wrong (-1).
func Boosting() *Data {
	var x [][]float64
	for _, row := range []string{"-++++--+", "-++--+++", "+-+++-++", "+-++-+++", "+-+-+++-", "++-++++-", "++-+++-+", "++++--+-"} {
		var r []float64
		for _, c := range row {
			r = append(r, map[rune]float64{'+': 1, '-': -1}[c])
		}
		x = append(x, r)
	}
	return must(NewData("eight weak learners", x, nil))
}

// Cloud draws n Gaussian points of d features and labels them by a random hyperplane; points nearer than
// gap·‖x‖/√d to it are drawn again, so that the set is separable. Stream "margin/cloud".
func Cloud(seed uint64, n, d int, gap float64) (*Data, error) {
	if n < 1 || d < 2 || !(gap >= 0 && gap <= 1) {
		return nil, fmt.Errorf("margin.Cloud: n=%d, d=%d, gap=%g, want n ≥ 1, d ≥ 2 and gap in [0, 1]", n, d, gap)
	}
	r := rng.Stream(seed, "margin/cloud")
	normal := rng.Normals(r, d)
	floats.Scale(1/floats.Norm(normal, 2), normal)
	var x [][]float64
	var y []float64
	for len(x) < n {
		p := rng.Normals(r, d)
		s := floats.Dot(p, normal)
		if math.Abs(s) < gap*floats.Norm(p, 2)/math.Sqrt(float64(d)) {
			continue
		}
		x, y = append(x, p), append(y, math.Copysign(1, s))
	}
	return NewData(fmt.Sprintf("cloud of %d points", n), x, y)
}

// Len is the number n of points.
func (d *Data) Len() int { return len(d.z) }

// Dim is the number of features.
func (d *Data) Dim() int { return len(d.z[0]) }

// Smallest is the smallest margin min_i y_i⟨w, x_i⟩, not normalised.
func (d *Data) Smallest(w []float64) float64 {
	m := math.Inf(1)
	for _, z := range d.z {
		m = min(m, floats.Dot(z, w))
	}
	return m
}

// Tail returns log L(w) of the exponential loss (8.24), L(w) = Σ exp(-y_i⟨w, x_i⟩), and fills p [n] with
// each point's share of it. L itself is never formed: after a few thousand steps of a good rule it is
// below the smallest number.
func (d *Data) Tail(p, w []float64) float64 {
	for i, z := range d.z {
		p[i] = -floats.Dot(z, w)
	}
	return softmax(p)
}

// softmax replaces the exponents by their shares and returns the logarithm of the sum of exponentials.
func softmax(p []float64) float64 {
	top := floats.Max(p)
	sum := 0.0
	for i, v := range p {
		p[i] = math.Exp(v - top)
		sum += p[i]
	}
	floats.Scale(1/sum, p)
	return top + math.Log(sum)
}

// Gradient fills g [d] with ∇L/L = -Σ p_i y_i x_i for the shares p of Tail.
func (d *Data) Gradient(g, p []float64) {
	clear(g)
	for i, z := range d.z {
		floats.AddScaled(g, -p[i], z)
	}
}

// Reach is B = max_i ‖x_i‖_*, the largest dual norm of a point.
func (d *Data) Reach(n Norm) float64 {
	b := 0.0
	for _, z := range d.z {
		b = max(b, n.Dual().Length(z))
	}
	return b
}

// must is for constants of this package.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
