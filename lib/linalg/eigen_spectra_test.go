package linalg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/lemma-ml/lemma/lib/linalg/internal/kernel"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// tridiag returns the symmetric matrix with d on the diagonal and e beside it.
func tridiag(d, e []float64) *mat.SymDense {
	a := mat.NewSymDense(len(d), nil)
	for i, v := range d {
		a.SetSym(i, i, v)
		if i > 0 {
			a.SetSym(i-1, i, e[i-1])
		}
	}
	return a
}

// filled returns n numbers f(0), …, f(n-1).
func filled(n int, f func(i int) float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = f(i)
	}
	return x
}

// wilkinson returns W⁺ of odd order n: |i-n/2| on the diagonal, 1 beside it. Its largest eigenvalues
// come in pairs that agree to more digits than a float64 has.
func wilkinson(n int) (d, e []float64) {
	return filled(n, func(i int) float64 { return math.Abs(float64(i - n/2)) }), filled(n-1, func(int) float64 { return 1 })
}

// glued returns copies of W⁺ of order 21 with a small number beside the diagonal between them: clusters
// of as many eigenvalues as there are copies, which the coupling hardly parts.
func glued(copies int, glue float64) *mat.SymDense {
	var d, e []float64
	for c := range copies {
		x, y := wilkinson(21)
		d = append(d, x...)
		if c > 0 {
			e = append(e, glue)
		}
		e = append(e, y...)
	}
	return tridiag(d, e)
}

// checkEigen compares a decomposition with its definition. The bounds are those of a backward stable
// algorithm, p(n)·2⁻⁵²·‖A‖ with p linear, and leave a factor of a few above what is seen.
func checkEigen(t *testing.T, a *mat.SymDense) (values []float64, vectors *mat.Dense) {
	t.Helper()
	before := mat.NewSymDense(a.SymmetricDim(), nil)
	before.CopySym(a)
	n := a.SymmetricDim()
	values, vectors, err := EigenSym(a)
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(a, before) {
		t.Error("the matrix was written to")
	}
	norm := max(math.Abs(values[0]), math.Abs(values[n-1]))
	tol := 4 * eps * float64(n+4)
	if !slices.IsSortedFunc(values, func(x, y float64) int { return -cmpFloat(x, y) }) {
		t.Error("the values do not descend")
	}
	var id, av mat.Dense
	id.Mul(vectors.T(), vectors)
	worst := 0.0
	for i := range n {
		for j := range n {
			want := 0.0
			if i == j {
				want = 1
			}
			worst = max(worst, math.Abs(id.At(i, j)-want))
		}
	}
	if !(worst <= tol) {
		t.Errorf("VᵀV differs from I by %.3g = %.3g·n·2⁻⁵²", worst, worst/eps/float64(n))
	}
	av.Mul(a, vectors)
	worst = 0
	for i := range n {
		row, v := av.RawRowView(i), vectors.RawRowView(i)
		for j := range n {
			worst = max(worst, math.Abs(row[j]-v[j]*values[j]))
		}
	}
	if !(worst <= tol*norm) {
		t.Errorf("AV differs from VΛ by %.3g = %.3g·n·2⁻⁵²·‖A‖", worst, worst/eps/float64(n)/norm)
	}
	if d := math.Abs(floats.Sum(values) - mat.Trace(a)); !(d <= tol*norm*math.Sqrt(float64(n))) {
		t.Errorf("the sum of the values differs from the trace by %.3g = %.3g·n·2⁻⁵²·‖A‖", d, d/eps/float64(n)/norm)
	}
	only, err := EigenvaluesSym(a)
	if err != nil {
		t.Fatal(err)
	}
	if d := floats.Distance(only, values, math.Inf(1)); !(d <= tol*norm) {
		t.Errorf("EigenvaluesSym differs by %.3g = %.3g·n·2⁻⁵²·‖A‖", d, d/eps/float64(n)/norm)
	}
	return values, vectors
}

func cmpFloat(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func TestEigenSymSpectra(t *testing.T) {
	descending := func(v []float64) []float64 { slices.Sort(v); slices.Reverse(v); return v }
	spectrum := func(v []float64) func() (*mat.SymDense, []float64) {
		return func() (*mat.SymDense, []float64) { return withSpectrum(v, 7), descending(slices.Clone(v)) }
	}
	fixed := func(a *mat.SymDense, v []float64) func() (*mat.SymDense, []float64) {
		return func() (*mat.SymDense, []float64) { return a, v }
	}
	ranked := func(n, d int) func() (*mat.SymDense, []float64) {
		return func() (*mat.SymDense, []float64) {
			a := mat.NewSymDense(n, nil)
			a.SymOuterK(1, gaussian(n, d, 3))
			return a, nil
		}
	}
	cosines := func(n int) []float64 {
		return filled(n, func(i int) float64 { return 2 - 2*math.Cos(math.Pi*float64(n-i)/float64(n+1)) })
	}
	for _, c := range []struct {
		name string
		make func() (*mat.SymDense, []float64) // the matrix and its eigenvalues, nil: not known
	}{
		{"the identity: everything deflates", fixed(mat.NewSymDense(150, tile(150, func(i, j int) float64 { return b2f(i == j) })), ones(150))},
		{"zero", fixed(mat.NewSymDense(130, nil), make([]float64, 130))},
		{"all ones: rank one", fixed(mat.NewSymDense(140, tile(140, func(i, j int) float64 { return 1 })), append([]float64{140}, make([]float64, 139)...))},
		{"diagonal, in no order", fixed(tridiag(filled(100, func(i int) float64 { return float64(i * 37 % 100) }), make([]float64, 99)), filled(100, func(i int) float64 { return float64(99 - i) }))},
		{"a projector: two values, each many times", spectrum(append(ones(90), make([]float64, 110)...))},
		{"a Gram matrix of rank 5", ranked(200, 5)},
		{"a Gram matrix of full rank", ranked(200, 400)},
		{"three clusters of width 1e-12", spectrum(filled(180, func(i int) float64 { return float64(i%3) + 1e-12*float64(i) }))},
		{"one cluster of width 1e-15", spectrum(filled(150, func(i int) float64 { return 1 + 1e-15*float64(i) }))},
		{"graded from 1 to 1e-16", spectrum(filled(160, func(i int) float64 { return math.Pow(10, -16*float64(i)/159) }))},
		{"graded, of both signs", spectrum(filled(161, func(i int) float64 { return math.Pow(-0.8, float64(i)) }))},
		{"arithmetic", spectrum(filled(170, func(i int) float64 { return float64(i + 1) }))},
		{"pairs ±λ", spectrum(filled(180, func(i int) float64 { return float64(1+i/2) * float64(1-2*(i%2)) }))},
		{"all but one value equal", spectrum(append(ones(149), 1e-3))},
		{"the Laplacian's cosines", fixed(laplacian(333), cosines(333))},
		{"Wilkinson's W21+", fixed(tridiag(wilkinson(21)), nil)},
		{"Wilkinson's matrix of order 201", fixed(tridiag(wilkinson(201)), nil)},
		{"glued Wilkinson matrices", fixed(glued(15, 1e-8), nil)},
		{"glued more weakly", fixed(glued(15, 1e-14), nil)},
		{"glued and left apart", fixed(glued(12, 0), nil)},
		{"Clement's matrix: values n-1, n-3, …", fixed(clement(150), filled(150, func(i int) float64 { return float64(149 - 2*i) }))},
		{"graded down the diagonal", fixed(graded(150, false), nil)},
		{"graded up the diagonal", fixed(graded(150, true), nil)},
		{"an arrow", fixed(mat.NewSymDense(120, tile(120, func(i, j int) float64 { return b2f(i == 0 || j == 0) + b2f(i == j)*float64(i) })), nil)},
		{"Hilbert's matrix: nearly singular", fixed(mat.NewSymDense(100, tile(100, func(i, j int) float64 { return 1 / float64(i+j+1) })), nil)},
		{"specks on a field of zeros", fixed(specks(130), nil)},
		{"random", fixed(symmetric(257, 4), nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, want := c.make()
			values, _ := checkEigen(t, a)
			if want == nil {
				return
			}
			n := len(values)
			norm := max(math.Abs(want[0]), math.Abs(want[n-1]))
			if d := floats.Distance(values, want, math.Inf(1)); !(d <= 8*eps*float64(n)*norm) {
				t.Errorf("the values are off by %.3g = %.3g·n·2⁻⁵²·‖A‖", d, d/eps/float64(n)/norm)
			}
		})
	}
}

// The two largest eigenvalues of W21+ agree to fourteen digits (Wilkinson, The Algebraic Eigenvalue
// Problem, 1965, p. 309).
func TestEigenSymWilkinson(t *testing.T) {
	values, vectors := checkEigen(t, tridiag(wilkinson(21)))
	near(t, "λ_1", values[0], 10.746194182903393, 3e-14)
	near(t, "λ_2", values[1], 10.746194182903322, 3e-14)
	near(t, "λ_21", values[20], -1.1254415221199852, 3e-14)
	// One vector of the pair is even about the middle, one odd: mirroring maps their plane to itself.
	for _, i := range []int{0, 1} {
		inside := 0.0
		for _, j := range []int{0, 1} {
			dot := 0.0
			for k := range 21 {
				dot += vectors.At(k, i) * vectors.At(20-k, j)
			}
			inside += dot * dot
		}
		near(t, "part of the mirrored vector in the plane", inside, 1, 1e-12)
	}
}

func TestEigenSymOfAView(t *testing.T) {
	big := symmetric(120, 3)
	view := big.SliceSym(13, 90).(*mat.SymDense)
	own := mat.NewSymDense(77, nil)
	own.CopySym(view)
	values, vectors := checkEigen(t, view)
	want, wantVectors := checkEigen(t, own)
	if !floats.Equal(values, want) || !mat.Equal(vectors, wantVectors) {
		t.Error("a view and its copy differ")
	}
	// Below the diagonal of the backing array there may be anything.
	raw := own.RawSymmetric()
	for i := range raw.N {
		for j := range i {
			raw.Data[i*raw.Stride+j] = math.NaN()
		}
	}
	if values, vectors = checkEigen(t, own); !floats.Equal(values, want) || !mat.Equal(vectors, wantVectors) {
		t.Error("the lower triangle was read")
	}
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func tile(n int, f func(i, j int) float64) []float64 {
	return filled(n*n, func(k int) float64 { return f(k/n, k%n) })
}

// clement returns Clement's matrix made symmetric: 0 on the diagonal, √(i(n-i)) beside it, with the
// eigenvalues n-1, n-3, …, 1-n.
func clement(n int) *mat.SymDense {
	return tridiag(make([]float64, n), filled(n-1, func(i int) float64 { return math.Sqrt(float64((i + 1) * (n - i - 1))) }))
}

// graded returns a dense matrix whose entries fall by 1e20 along the diagonal, or rise.
func graded(n int, rising bool) *mat.SymDense {
	g := symmetric(n, 11)
	for i := range n {
		for j := i; j < n; j++ {
			at := float64(i+j) / 2 / float64(n-1)
			if rising {
				at = 1 - at
			}
			g.SetSym(i, j, g.At(i, j)*math.Pow(1e-20, at))
		}
	}
	return g
}

// specks returns zeros with a few numbers near the smallest float64 and one 1.
func specks(n int) *mat.SymDense {
	a := mat.NewSymDense(n, nil)
	r := rand.New(rand.NewPCG(1, 9))
	for range n {
		a.SetSym(r.IntN(n), r.IntN(n), math.Ldexp(1, -r.IntN(1074)))
	}
	a.SetSym(n/2, n/2, 1)
	return a
}

// Every size up to two leaves and some odd ones beyond, against gonum's QL iteration.
func TestEigenSymSizes(t *testing.T) {
	sizes := filled(70, func(i int) float64 { return float64(i + 1) })
	sizes = append(sizes, 95, 96, 97, 98, 127, 128, 129, 191, 255, 257, 300)
	if !testing.Short() {
		sizes = append(sizes, 511, 513, 700)
	}
	for _, s := range sizes {
		n := int(s)
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a := symmetric(n, uint64(n))
			values, vectors := checkEigen(t, a)
			var e mat.EigenSym
			if !e.Factorize(a, true) {
				t.Fatal("gonum did not converge")
			}
			want := e.Values(nil)
			slices.Reverse(want)
			norm := max(math.Abs(want[0]), math.Abs(want[n-1]))
			if d := floats.Distance(values, want, math.Inf(1)); !(d <= 8*eps*float64(n+4)*norm) {
				t.Errorf("gonum's values are %.3g away", d)
			}
			// A vector is as certain as its distance from the others allows.
			var up mat.Dense
			e.VectorsTo(&up)
			for i := range n {
				gap := math.Inf(1)
				if i > 0 {
					gap = values[i-1] - values[i]
				}
				if i < n-1 {
					gap = min(gap, values[i]-values[i+1])
				}
				v, w := mat.Col(nil, i, vectors), mat.Col(nil, n-1-i, &up)
				if floats.Dot(v, w) < 0 {
					floats.Scale(-1, w)
				}
				if d := floats.Distance(v, w, 2); !(d <= 8*eps*float64(n+4)*(1+norm/gap)) {
					t.Errorf("vector %d is %.3g away from gonum's, with a gap of %.3g", i, d, gap)
				}
			}
		})
	}
}

func TestEigenSymOfRandomSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 24))
	for range 40 {
		n := 1 + r.IntN(220)
		seed := r.Uint64()
		var a *mat.SymDense
		kind := r.IntN(4)
		switch kind {
		case 0:
			a = symmetric(n, seed)
		case 1: // integers: many exact ties and zeros
			a = mat.NewSymDense(n, nil)
			for i := range n {
				for j := i; j < n; j++ {
					a.SetSym(i, j, float64(r.IntN(3)-1))
				}
			}
		case 2: // sparse, hence in many blocks
			a = mat.NewSymDense(n, nil)
			for range n {
				a.SetSym(r.IntN(n), r.IntN(n), r.NormFloat64())
			}
		case 3: // low rank and a multiple of the identity
			a = mat.NewSymDense(n, nil)
			a.SymOuterK(1, gaussian(n, 1+r.IntN(n), seed))
			for i := range n {
				a.SetSym(i, i, a.At(i, i)+0.5)
			}
		}
		t.Run(fmt.Sprintf("n = %d, kind %d, seed %d", n, kind, seed), func(t *testing.T) { checkEigen(t, a) })
	}
}

// The kernel matrices that the project decomposes: rows of unit norm, the ReLU kernel of chapter 9.
func TestEigenSymOfKernels(t *testing.T) {
	for _, c := range []struct {
		n, d   int
		repeat bool
	}{{120, 10, false}, {300, 64, false}, {200, 3, true}} {
		t.Run(fmt.Sprintf("%d rows of %d columns, repeated %v", c.n, c.d, c.repeat), func(t *testing.T) {
			x := gaussian(c.n, c.d, 8)
			for i := range c.n {
				if c.repeat && i%2 == 1 {
					x.SetRow(i, x.RawRowView(i-1))
				} else {
					floats.Scale(1/floats.Norm(x.RawRowView(i), 2), x.RawRowView(i))
				}
			}
			h, err := FillSym(t.Context(), c.n, func(i int, row []float64) {
				for k := range row {
					rho := min(1, max(-1, floats.Dot(x.RawRowView(i), x.RawRowView(i+k))))
					row[k] = rho * (math.Pi - math.Acos(rho)) / (2 * math.Pi)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			values, _ := checkEigen(t, h)
			if c.repeat { // each repeated row is a zero
				if v := math.Abs(values[c.n/2]); v > 4*eps*float64(c.n)*values[0] {
					t.Errorf("eigenvalue %d is %g, want 0", c.n/2, v)
				}
			}
		})
	}
}

func TestEigenSymLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("the check of order 2000 takes several seconds")
	}
	for _, c := range []struct {
		name string
		a    *mat.SymDense
	}{
		{"random, 1024", symmetric(1024, 1)},
		{"random, 2000", symmetric(2000, 2)},
		{"a Gram matrix of rank 64, 1500", func() *mat.SymDense {
			a := mat.NewSymDense(1500, nil)
			a.SymOuterK(1, gaussian(1500, 64, 3))
			return a
		}()},
	} {
		t.Run(c.name, func(t *testing.T) { checkEigen(t, c.a) })
	}
}

func TestEigenSymScales(t *testing.T) {
	a := symmetric(90, 5)
	want, vectors := checkEigen(t, a)
	for _, k := range []int{-1000, -300, -3, 1, 300, 1000} {
		scaledUp := mat.NewSymDense(90, nil)
		scaledUp.ScaleSym(math.Ldexp(1, k), a)
		got, v, err := EigenSym(scaledUp)
		if err != nil {
			t.Fatal(err)
		}
		if !mat.Equal(v, vectors) {
			t.Errorf("2^%d·A has other vectors than A", k)
		}
		for i := range got {
			if got[i] != math.Ldexp(want[i], k) {
				t.Fatalf("2^%d·A: value %d is %g, want exactly 2^%d·%g", k, i, got[i], k, want[i])
			}
		}
	}
	t.Run("the smallest number there is", func(t *testing.T) {
		const least = 5e-324
		values, vectors, err := EigenSym(mat.NewSymDense(2, []float64{2 * least, least, least, 2 * least}))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "λ_1", values[0], 3*least, least)
		near(t, "λ_2", values[1], least, least)
		near(t, "v_1", vectors.At(0, 0), 1/math.Sqrt2, 2*eps)
	})
	for _, s := range []float64{1e300, 1e-300, 1e-322, math.MaxFloat64 / 200} {
		b := mat.NewSymDense(90, nil)
		b.ScaleSym(s/mat.Max(a), a)
		values, v, err := EigenSym(b)
		if err != nil {
			t.Fatalf("scale %g: %v", s, err)
		}
		if !finite(floats.Sum(values)) || !finite(mat.Sum(v)) {
			t.Errorf("scale %g: not finite", s)
		}
	}
	t.Run("a value beyond the largest float64 is refused", func(t *testing.T) {
		b := mat.NewSymDense(90, filled(90*90, func(int) float64 { return 1e308 }))
		if _, _, err := EigenSym(b); err == nil {
			t.Error("no error")
		}
		if _, err := EigenvaluesSym(b); err == nil {
			t.Error("values: no error")
		}
	})
}

func TestEigenSymSameForAnyGOMAXPROCS(t *testing.T) {
	for _, n := range []int{63, 64, 200, 400} {
		a := symmetric(n, 6)
		type both struct {
			values  []float64
			vectors *mat.Dense
			only    []float64
		}
		one, many := atProcs(func() both {
			v, m, err := EigenSym(a)
			if err != nil {
				t.Error(err)
			}
			only, err := EigenvaluesSym(a)
			if err != nil {
				t.Error(err)
			}
			return both{v, m, only}
		})
		if !floats.Equal(one.values, many.values) || !mat.Equal(one.vectors, many.vectors) || !floats.Equal(one.only, many.only) {
			t.Errorf("n = %d: the results differ", n)
		}
	}
}

// The plain Go loops, which run where there is no AVX2, keep the same promises.
func TestEigenSymWithoutAssembly(t *testing.T) {
	a := symmetric(210, 2)
	want, _ := checkEigen(t, a)
	defer kernel.UseFallback()()
	for _, b := range []*mat.SymDense{a, symmetric(5, 1), glued(8, 1e-9), withSpectrum(append(ones(60), make([]float64, 50)...), 2)} {
		checkEigen(t, b)
	}
	got, _ := checkEigen(t, a)
	if d := floats.Distance(got, want, math.Inf(1)); d > 4*eps*210*want[0] {
		t.Errorf("the two routes differ by %g", d)
	}
}

// countdown is a context that is done once it has been asked left times.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestEigenSymStops(t *testing.T) {
	a := symmetric(300, 3)
	solve := func(stop int64) (asked int64, err error) {
		ctx := &countdown{Context: t.Context()}
		ctx.left.Store(stop)
		_, _, err = EigenSymContext(ctx, a)
		return stop - ctx.left.Load(), err
	}
	all, err := solve(math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if all < 8 {
		t.Fatalf("a whole solution asks its context %d times, want more", all)
	}
	for _, stop := range []int64{0, 1, all / 4, all / 2} { // at once, in the reduction, later, later still
		asked, err := solve(stop)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("done after %d of %d questions: err = %v, want the context's", stop, all, err)
		}
		if most := stop + all/16; asked > most { // each step of a panel asks, each of its goroutines
			t.Errorf("done after %d of %d questions: it went on to ask %d times", stop, all, asked)
		}
	}
}
