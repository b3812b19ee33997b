package feature

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Teacher names the function g of a single-index teacher y = g(√d·βᵀx).
type Teacher string

// The teachers. Each has mean 0 and variance 1 under N(0, 1).
const (
	Abs    Teacher = "abs"    // (|z| - √(2/π))/√(1-2/π): two neurons are enough, a kernel needs many inputs
	Square Teacher = "square" // (z²-1)/√2
	Linear Teacher = "linear" // z: in every kernel's reach, and the control
)

// Teachers lists the known names.
func Teachers() []Teacher { return []Teacher{Abs, Square, Linear} }

// Validate returns an error that lists the known names if t is not one of them.
func (t Teacher) Validate() error {
	if !slices.Contains(Teachers(), t) {
		return fmt.Errorf("feature.Teacher: got %q, want one of %v", string(t), Teachers())
	}
	return nil
}

// Value returns g(z). It panics on an unknown name; see Validate.
func (t Teacher) Value(z float64) float64 {
	switch t {
	case Abs:
		return (math.Abs(z) - math.Sqrt(2/math.Pi)) / math.Sqrt(1-2/math.Pi)
	case Square:
		return (z*z - 1) / math.Sqrt2
	case Linear:
		return z
	}
	panic(t.Validate())
}

// problem is one draw of teacher, training and test set.
type problem struct {
	beta  []float64
	x     *mat.Dense // n×d, unit rows
	y     []float64
	testX *mat.Dense
	testY []float64
}

func draw(r *rand.Rand, t Teacher, d, n, test int) *problem {
	p := &problem{beta: sphere(r, 1, d).RawRowView(0), x: sphere(r, n, d), testX: sphere(r, test, d)}
	p.y, p.testY = p.labels(t, p.x), p.labels(t, p.testX)
	return p
}

func (p *problem) labels(t Teacher, x *mat.Dense) []float64 {
	n, d := x.Dims()
	y := make([]float64, n)
	for i := range y {
		y[i] = t.Value(math.Sqrt(float64(d)) * floats.Dot(p.beta, x.RawRowView(i)))
	}
	return y
}

// sphere draws n uniform points of the unit sphere in R^d.
func sphere(r *rand.Rand, n, d int) *mat.Dense {
	x := mat.NewDense(n, d, rng.Normals(r, n*d))
	for i := range n {
		row := x.RawRowView(i)
		floats.Scale(1/floats.Norm(row, 2), row)
	}
	return x
}
