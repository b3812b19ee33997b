package landscape

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

func diagonal(v ...float64) *mat.SymDense {
	m := mat.NewSymDense(len(v), nil)
	for i, x := range v {
		m.SetSym(i, i, x)
	}
	return m
}

func top(t testing.TB, m *mat.SymDense) *TopEigenvector {
	t.Helper()
	f, err := NewTopEigenvector(m)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// randomPSD is AAᵀ/d of a Gaussian A.
func randomPSD(seed uint64, d int) *mat.SymDense {
	a := mat.NewDense(d, d, rng.Normals(rng.Stream(seed, "psd"), d*d))
	m := mat.NewSymDense(d, nil)
	m.SymOuterK(1/float64(d), a)
	return m
}

// TestDerivatives: the gradient is the derivative of the value, the Hessian that of the gradient, by
// central differences; for a polynomial of degree 4 the error is of second order in the step.
func TestDerivatives(t *testing.T) {
	r := rng.Stream(2, "derivatives")
	z := rng.Normals(r, 6)
	seen := mat.NewSymDense(6, nil)
	for i := range 6 {
		for j := i; j < 6; j += 2 {
			seen.SetSym(i, j, 1)
		}
	}
	for _, o := range []*Objective{top(t, randomPSD(1, 6)).Objective(), Completion(z, seen)} {
		for range 50 {
			x, v := rng.Normals(r, 6), rng.Normals(r, 6)
			const h = 1e-5
			moved := func(s float64) []float64 {
				y := append([]float64(nil), x...)
				floats.AddScaled(y, s, v)
				return y
			}
			g, gp, gm, hv := make([]float64, 6), make([]float64, 6), make([]float64, 6), make([]float64, 6)
			o.Gradient(g, x)
			o.HessVec(hv, x, v)
			o.Gradient(gp, moved(h))
			o.Gradient(gm, moved(-h))
			slope := (o.Value(moved(h)) - o.Value(moved(-h))) / (2 * h)
			if want := floats.Dot(g, v); math.Abs(slope-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("%s: slope %g, ⟨∇f, v⟩ = %g", o.Name, slope, want)
			}
			floats.Sub(gp, gm)
			floats.Scale(1/(2*h), gp)
			if d := floats.Distance(gp, hv, 2); d > 1e-6*(1+floats.Norm(hv, 2)) {
				t.Errorf("%s: differences of gradients are %g from ∇²f·v", o.Name, d)
			}
		}
	}
}

func TestExpand(t *testing.T) {
	f := top(t, randomPSD(3, 6))
	o := f.Objective()
	r := rng.Stream(3, "expand")
	for range 50 {
		x, delta := rng.Normals(r, 6), rng.Normals(r, 6)
		parts := f.Expand(x, delta)
		y := append([]float64(nil), x...)
		floats.Add(y, delta)
		if got, want := floats.Sum(parts[:]), o.Value(y); math.Abs(got-want) > 1e-12*want {
			t.Errorf("expansion %g, value %g", got, want)
		}
		g := make([]float64, 6)
		o.Gradient(g, x)
		if want := floats.Dot(g, delta); math.Abs(parts[1]-want) > 1e-12*(1+math.Abs(want)) {
			t.Errorf("first order %g, ⟨∇f, δ⟩ = %g", parts[1], want)
		}
		if want := o.Curvature(x, delta) * floats.Dot(delta, delta) / 2; math.Abs(parts[2]-want) > 1e-11*(1+math.Abs(want)) {
			t.Errorf("second order %g, ½δᵀ∇²fδ = %g", parts[2], want)
		}
	}
}

// TestCriticalPointGoldens: values and spectra for M = diag(3, 2, 1, ½), turned by a rotation.
func TestCriticalPointGoldens(t *testing.T) {
	var q mat.QR
	q.Factorize(mat.NewDense(4, 4, rng.Normals(rng.Stream(5, "rotation"), 16)))
	var rot, turned mat.Dense
	q.QTo(&rot)
	turned.Product(&rot, diagonal(3, 2, 1, .5), rot.T())
	m := mat.NewSymDense(4, nil)
	for i := range 4 {
		for j := i; j < 4; j++ {
			m.SetSym(i, j, (turned.At(i, j)+turned.At(j, i))/2)
		}
	}
	f := top(t, m)
	o := f.Objective()
	points, err := f.CriticalPoints()
	if err != nil {
		t.Fatal(err)
	}
	spectra := [][]float64{{-3, -2, -1, -.5}, {1, 2, 2.5, 6}, {1, 2, 2.5, 6}, {-1, 1, 1.5, 4}, {-1, 1, 1.5, 4},
		{-2, -1, .5, 2}, {-2, -1, .5, 2}, {-2.5, -1.5, -.5, 1}, {-2.5, -1.5, -.5, 1}}
	values := []float64{3.5625, 1.3125, 1.3125, 2.5625, 2.5625, 3.3125, 3.3125, 3.5, 3.5}
	euler := 0
	for i, p := range points {
		if n := o.GradientNorm(p.X); n > 1e-12 {
			t.Errorf("%s: gradient of norm %g", p.Name, n)
		}
		if v := o.Value(p.X); math.Abs(v-values[i]) > 1e-12 || math.Abs(p.Value-values[i]) > 1e-12 {
			t.Errorf("%s: value %g, by formula %g, want %g", p.Name, v, p.Value, values[i])
		}
		h, err := linalg.EigenvaluesSym(o.Hessian(p.X))
		if err != nil {
			t.Fatal(err)
		}
		floats.Reverse(h)
		if !floats.EqualApprox(h, spectra[i], 1e-10) || !floats.EqualApprox(p.Spectrum, spectra[i], 1e-10) {
			t.Errorf("%s: spectrum %v, by formula %v, want %v", p.Name, h, p.Spectrum, spectra[i])
		}
		if c := o.Curvature(p.X, f.Eigenvector(1)); math.Abs(c-p.Curvature) > 1e-12 {
			t.Errorf("%s: curvature %g along v₁, by formula %g", p.Name, c, p.Curvature)
		}
		euler += 1 - 2*(p.Index()%2)
	}
	if len(points) != 9 || euler != 1 {
		t.Errorf("%d points with alternating sum %d, want 9 and 1", len(points), euler)
	}
}

func TestTopEigenvectorErrors(t *testing.T) {
	if _, err := NewTopEigenvector(diagonal(1, -1)); err == nil || !strings.Contains(err.Error(), "-1") {
		t.Errorf("indefinite: %v", err)
	}
	if _, err := top(t, diagonal(2, 2, 1)).CriticalPoints(); err == nil || !strings.Contains(err.Error(), "eigengap") {
		t.Errorf("no gap: %v", err)
	}
	if _, err := top(t, diagonal(3, 1, 1)).CriticalPoints(); err == nil || !strings.Contains(err.Error(), "2 and 3") {
		t.Errorf("repeated: %v", err)
	}
	if p, err := top(t, diagonal(3, 1, 0, 0)).CriticalPoints(); err != nil || len(p) != 5 {
		t.Errorf("rank 2: %d points, %v, want 5", len(p), err)
	}
}

// TestDescentGoldens: escape from near 0, then a linear rate.
func TestDescentGoldens(t *testing.T) {
	f := top(t, diagonal(3, 2, 1, .5))
	o := f.Objective()
	x0 := []float64{1e-3, 1e-3, 1e-3, 1e-3}
	path, err := Descend(context.Background(), o, x0, .05, 220, nil)
	if err != nil {
		t.Fatal(err)
	}
	escape := 0
	for math.Abs(path[escape][0]) <= math.Sqrt(3)/2 {
		escape++
	}
	if escape != 50 || math.Abs(f.EscapeSteps(x0, .05, .5)-48.4) > .05 {
		t.Errorf("escape at step %d, by formula %g, want 50 and 48.4", escape, f.EscapeSteps(x0, .05, .5))
	}
	gap := func(k int) float64 { return o.Value(path[k]) - f.Min() }
	for k, want := range map[int]float64{50: 1.1161, 100: 1.0947e-4, 200: 3.837e-9} {
		if math.Abs(gap(k)/want-1) > 1e-3 {
			t.Errorf("gap %g at step %d, want %g", gap(k), k, want)
		}
	}
	for k := 150; k < 220; k++ {
		if r := gap(k+1) / gap(k); math.Abs(r/f.Rate(.05)-1) > 2e-3 {
			t.Errorf("step %d shrinks the gap by %g, want %g", k, r, f.Rate(.05))
		}
	}
}

// TestWorst: the grid finds no constant below 1/√2, and one just above.
func TestWorst(t *testing.T) {
	c, at := Worst(.25, 1e-3, 1500)
	if c < SharpConstant-1e-12 || c > SharpConstant+1e-2 || math.Abs(at.P-1/math.Sqrt(8)) > .02 || math.Abs(at.Q-.5) > .02 {
		t.Errorf("least constant %g at %+v, want %g at (%g, 0.5)", c, at, SharpConstant, 1/math.Sqrt(8))
	}
	worst := Plane{1 / math.Sqrt(8), .5}
	for name, v := range map[string][2]float64{
		"f": {worst.Value(), .25}, "gradient along x": {worst.GradientX(), .25 * SharpConstant},
		"gradient along z": {worst.GradientZ(), .25 * SharpConstant}, "curvature along z": {worst.CurvatureZ(), -.25},
	} {
		if math.Abs(v[0]-v[1]) > 1e-15 {
			t.Errorf("%s at the worst point is %g, want %g", name, v[0], v[1])
		}
	}
}

// TestPlane: the formulas in p and q are those of the objective.
func TestPlane(t *testing.T) {
	r := rng.Stream(9, "plane")
	for range 100 {
		z, x := rng.Normals(r, 3), rng.Normals(r, 3)
		floats.Scale(1/floats.Norm(z, 2), z)
		m := mat.NewSymDense(3, nil)
		m.SymRankOne(m, 1, mat.NewVecDense(3, z))
		o := top(t, m).Objective()
		g := make([]float64, 3)
		o.Gradient(g, x)
		a := Plane{P: floats.Dot(x, z), Q: floats.Dot(x, x)}
		got := []float64{a.Value(), a.GradientX(), a.GradientZ(), a.CurvatureX(), a.CurvatureZ()}
		want := []float64{o.Value(x), math.Abs(floats.Dot(g, x)) / floats.Norm(x, 2), math.Abs(floats.Dot(g, z)), o.Curvature(x, x), o.Curvature(x, z)}
		if !floats.EqualApprox(got, want, 1e-12) {
			t.Errorf("by p and q %v, by the objective %v", got, want)
		}
	}
}

func TestAlign(t *testing.T) {
	r := rng.Stream(11, "align")
	largest := 0.0
	for range 200 {
		x, z := mat.NewDense(6, 2, rng.Normals(r, 12)), mat.NewDense(6, 2, rng.Normals(r, 12))
		a, err := Align(x, z)
		if err != nil {
			t.Fatal(err)
		}
		right := a.Square/2 - 1.5*a.Residual + 4*a.Gradient
		if math.Abs(a.Curvature-right) > 1e-8*(1+math.Abs(right)) {
			t.Errorf("∇²f[Δ, Δ] = %g, by the identity %g", a.Curvature, right)
		}
		largest = max(largest, a.Square/a.Residual)
	}
	if largest > 2 {
		t.Errorf("‖ΔΔᵀ‖²/‖N‖² reaches %g, want at most 2", largest)
	}
	t.Logf("‖ΔΔᵀ‖²/‖N‖² reaches %.3f of 2", largest)
	if _, err := Align(mat.NewDense(3, 1, nil), mat.NewDense(3, 2, nil)); err == nil {
		t.Error("different shapes: no error")
	}
}

func TestCompletion(t *testing.T) {
	runs, err := RunCompletion(context.Background(), CompletionConfig{Runs: 4})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range runs {
		if r.Distance >= 1e-3 || r.Curvature < -1e-6 {
			t.Errorf("run %d ended at distance %g with curvature %g", i, r.Distance, r.Curvature)
		}
	}
}
