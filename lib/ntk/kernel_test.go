package ntk

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// near fails the test unless got is within tol of want; the cause says where tol comes from.
func near(t *testing.T, name string, got, want, tol float64, cause string) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %.12g, want %.12g within %.2g (%s)", name, got, want, tol, cause)
	}
}

// pair returns two unit vectors of the plane with inner product rho.
func pair(rho float64) (x, z []float64) {
	return []float64{1, 0}, []float64{rho, math.Sqrt((1 - rho) * (1 + rho))}
}

func points(seed uint64, n, d int) *mat.Dense {
	return mat.NewDense(n, d, rng.Normals(rng.Stream(seed, "points"), n*d))
}

func TestReLUTable(t *testing.T) {
	const tol, cause = 1e-10, "one unit of the last of ten printed digits"
	for _, row := range []struct {
		rho, hstar        float64
		sigma, dot, theta [3]float64
	}{
		{-1, 0, [3]float64{0, .3183098862, .4937310902}, [3]float64{0, .5, .6031152484}, [3]float64{0, .3183098862, .6857086363}},
		{-.5, -.0833333333, [3]float64{.1089977810, .3747014983, .5282793877}, [3]float64{.3333333333, .5347641404, .6222548045}, [3]float64{-.0576688856, .3438622463, .7422493226}},
		{0, 0, [3]float64{.3183098862, .4937310902, .6048257201}, [3]float64{.5, .6031152484, .6643672875}, [3]float64{.3183098862, .6857086363, 1.0603881068}},
		{.5, .1666666667, [3]float64{.6089977810, .6839056509, .7381281923}, [3]float64{.6666666667, .7084281735, .7397200192}, [3]float64{.9423311144, 1.3514795611, 1.7378446792}},
		{.9, .3853951681, [3]float64{.9095383988, .9177411442, .9248508954}, [3]float64{.8564337069, .8635646634, .8699891952}, [3]float64{1.6803287350, 2.3688136627, 2.9856931874}},
		{1, .5, [3]float64{1, 1, 1}, [3]float64{1, 1, 1}, [3]float64{2, 3, 4}},
	} {
		x, z := pair(row.rho)
		h, err := TwoLayer(nil).At(x, z)
		if err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprintf("H*(%g)", row.rho), h, row.hstar, tol, cause)
		layers, err := Kernel{Depth: 3}.Layers(row.rho)
		if err != nil {
			t.Fatal(err)
		}
		for h := 1; h <= 3; h++ {
			at := fmt.Sprintf("layer %d at ρ = %g: ", h, row.rho)
			near(t, at+"Σ", layers[h].Sigma, row.sigma[h-1], tol, cause)
			near(t, at+"Σ̇", layers[h].SigmaDot, row.dot[h-1], tol, cause)
			near(t, at+"Θ", layers[h].Theta, row.theta[h-1], tol, cause)
			theta, _ := Kernel{Depth: h}.At(x, z)
			near(t, at+"Θ by Gram's route", theta, row.theta[h-1], tol, cause)
			sigma, _ := Kernel{Depth: h, NNGP: true}.At(x, z)
			near(t, at+"Σ by Gram's route", sigma, row.sigma[h-1], tol, cause)
		}
	}
}

func TestActivationMoments(t *testing.T) {
	for _, row := range []struct {
		a               Activation
		value, slope, c float64
		tol             float64
		cause           string
	}{
		{Erf, .21634689594, .45015815808, 2.15257886061, 1e-10, "printed digits"},
		{Softplus, .78007816521, .27142832563, 1.08548650299, 1e-9, "80 nodes"},
		{Tanh, .18632441320, .38474702844, 2.53617543322, 1e-8, "80 nodes; poles at ±iπ/2"},
		{ReLU, Kappa1(.5) / 2, 1. / 3, 2, 1e-15, "rounding"},
	} {
		value, slope := row.a.Moments(1, 1, .5)
		c, err := Normalisation(row.a)
		if err != nil {
			t.Fatal(err)
		}
		near(t, row.a.Name()+" E[σσ]", value, row.value, row.tol, row.cause)
		near(t, row.a.Name()+" E[σ'σ']", slope, row.slope, row.tol, row.cause)
		near(t, row.a.Name()+" c_σ", c, row.c, row.tol, row.cause)
	}
}

// A closed form, the product rule and Mehler's series are three routes to the same averages.
func TestMomentsAgreeAcrossRoutes(t *testing.T) {
	general := Smooth("erf by quadrature", math.Erf, erf{}.Slope)
	for _, abc := range [][3]float64{{1, 1, .5}, {1, 1, -.9}, {2, .3, .1}, {.5, 3, 1.2}, {1, 1, 1}, {0, 1, 0}} {
		a, b, c := abc[0], abc[1], abc[2]
		v0, s0 := Erf.Moments(a, b, c)
		v1, s1 := general.Moments(a, b, c)
		near(t, fmt.Sprintf("E[erf erf] at %v", abc), v1, v0, 2e-6, "80 nodes at variance 3")
		near(t, fmt.Sprintf("E[erf' erf'] at %v", abc), s1, s0, 2e-5, "80 nodes at variance 3")
		p, _, _ := coefficients(math.Erf, a)
		q, _, _ := coefficients(math.Erf, b)
		near(t, fmt.Sprintf("Mehler E[erf erf] at %v", abc), mehler(p, q, cosine(a, b, c)), v0, 1e-12, "terms left out")
	}
	for _, act := range []Activation{Tanh, Softplus, Sigmoid, GELU} {
		for _, c := range []float64{-1, -.4, 0, .7, 1} {
			p, _, _ := coefficients(act.Value, 1)
			q, _, _ := coefficients(act.Slope, 1)
			v, s := act.Moments(1, 1, c)
			near(t, fmt.Sprintf("%s, value at %g", act.Name(), c), mehler(p, p, c), v, 1e-8, "80 nodes; poles")
			near(t, fmt.Sprintf("%s, slope at %g", act.Name(), c), mehler(q, q, c), s, 1e-7, "80 nodes; poles")
		}
	}
}

// The series holds up to variances of about 28 for tanh, and says so beyond.
func TestSteepActivations(t *testing.T) {
	general := Smooth("erf by quadrature", math.Erf, erf{}.Slope)
	x := points(9, 6, 3)
	for _, scale := range []float64{.1, 1, 2} {
		x := mat.DenseCopyOf(x)
		x.Scale(scale, x)
		for _, k := range []Kernel{{Depth: 2}, {Depth: 2, NNGP: true}, {Depth: 1, FirstLayerOnly: true, Unscaled: true}} {
			k.Activation = Erf
			closed, err := k.Gram(x)
			if err != nil {
				t.Fatal(err)
			}
			k.Activation = general
			series, err := k.Gram(x)
			if err != nil {
				t.Fatal(err)
			}
			near(t, fmt.Sprintf("%s at scale %g", k, scale), maxDiff(closed, series), 0, 1e-5*mat.Max(closed), "share that the series may miss")
		}
	}
	wide := mat.NewDense(2, 1, []float64{8, -3})
	_, err := Kernel{Depth: 1, Activation: Tanh}.Gram(wide)
	if err == nil || !strings.Contains(err.Error(), "tanh at the variance 64 of x[0] is too steep") {
		t.Errorf("tanh at ‖x‖² = 64: %v", err)
	}
	scaled, err := Kernel{Depth: 1, Activation: Tanh, InputScale: .25}.Gram(wide)
	if err != nil {
		t.Fatal(err)
	}
	same, _ := Kernel{Depth: 1, Activation: Tanh}.Gram(mat.NewDense(2, 1, []float64{2, -.75}))
	near(t, "InputScale", maxDiff(scaled, same), 0, 0, "exact")
}

func TestGramProperties(t *testing.T) {
	x := points(1, 23, 5)
	x.SetRow(3, make([]float64, 5))
	x.SetRow(4, x.RawRowView(7))
	for _, k := range []Kernel{{}, {Depth: 1}, {Depth: 5}, {Depth: 4, NNGP: true}, {Depth: 3, FixedLayers: 2}, {Depth: 3, Bias: true},
		TwoLayer(nil), BothLayers(nil), {Depth: 2, Activation: Erf}, {Depth: 2, Activation: Tanh}, TwoLayer(Softplus), {Depth: 2, Activation: GELU, Bias: true, InputScale: .4}} {
		t.Run(k.String(), func(t *testing.T) {
			g, err := k.Gram(x)
			if err != nil {
				t.Fatal(err)
			}
			c, err := k.Cross(x, x)
			if err != nil {
				t.Fatal(err)
			}
			diag, err := k.Diag(x)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 23 {
				if diag[i] != g.At(i, i) {
					t.Errorf("Diag[%d] = %g, Gram has %g", i, diag[i], g.At(i, i))
				}
				for j := range 23 {
					if math.Abs(g.At(i, j)-c.At(i, j)) > 1e-14*math.Abs(g.At(i, j)) || math.IsNaN(g.At(i, j)) {
						t.Errorf("Gram and Cross differ at %d,%d: %g, %g", i, j, g.At(i, j), c.At(i, j))
					}
					single, err := k.At(x.RawRowView(i), x.RawRowView(j))
					if err != nil || single != c.At(i, j) {
						t.Errorf("At(%d,%d) = %g, %v; Cross has %g", i, j, single, err, c.At(i, j))
					}
				}
				if g.At(4, i) != g.At(7, i) {
					t.Errorf("repeated rows differ in column %d: %g, %g", i, g.At(4, i), g.At(7, i))
				}
			}
			if g.At(4, 7) != g.At(4, 4) {
				t.Errorf("repeated rows: kernel %.17g, with itself %.17g", g.At(4, 7), g.At(4, 4))
			}
			var e mat.EigenSym
			e.Factorize(g, false)
			if low := floats.Min(e.Values(nil)); low < -1e-12*mat.Trace(g) {
				t.Errorf("smallest eigenvalue %g, want a positive semi-definite matrix", low)
			}
			for j := range 23 {
				if k.activation() == ReLU && !k.Bias && g.At(3, j) != 0 {
					t.Errorf("the row of a zero input has %g in column %d", g.At(3, j), j)
				}
			}
		})
	}
}

func TestHomogeneityAndDiagonal(t *testing.T) {
	x, z := []float64{.3, -2, 1}, []float64{1, .5, -.25}
	for depth := range 6 {
		k := Kernel{Depth: depth}
		one, _ := k.At(x, z)
		scaled, _ := k.At([]float64{.9, -6, 3}, []float64{.2, .1, -.05})
		near(t, "Θ(3x, x'/5)", scaled, one*3/5, 1e-14*math.Abs(one), "rounding")
		self, _ := k.At(x, x)
		near(t, "Θ(x, x)", self, float64(depth+1)*floats.Dot(x, x), 0, "exact")
	}
}

func TestFixedLayersLeaveTheirTermsOut(t *testing.T) {
	x, z := pair(.3)
	layers, _ := Kernel{Depth: 3}.Layers(.3)
	// The terms Σ^{(h-1)}·Π_{h'=h}^{L} Σ̇^{(h')} of the book's sum, written out.
	for fixed := range 4 {
		want := 0.0
		for h := fixed + 1; h <= 4; h++ {
			term := layers[h-1].Sigma
			for q := h; q <= 3; q++ {
				term *= layers[q].SigmaDot
			}
			want += term
		}
		got, err := Kernel{Depth: 3, FixedLayers: fixed}.At(x, z)
		if err != nil {
			t.Fatal(err)
		}
		near(t, fmt.Sprintf("%d fixed", fixed), got, want, 1e-15, "rounding")
	}
}

func TestTwoLayerIsNotDepthOne(t *testing.T) {
	for _, act := range Activations() {
		x, z := pair(.4)
		h, _ := TwoLayer(act).At(x, z)
		theta, _ := Kernel{Depth: 1, Activation: act}.At(x, z)
		sigma, _ := Kernel{Depth: 1, Activation: act, NNGP: true}.At(x, z)
		c, _ := Normalisation(act)
		near(t, act.Name()+": Θ¹ = c_σ·H* + Σ¹", theta, c*h+sigma, 1e-12, "rounding")
		both, _ := BothLayers(act).At(x, z)
		near(t, act.Name()+": both layers = Θ¹/c_σ", both, theta/c, 1e-12, "rounding")
	}
}

func TestKernelErrors(t *testing.T) {
	x := points(1, 3, 2)
	bad := points(1, 3, 2)
	bad.Set(1, 1, math.NaN())
	zero := Smooth("zero", func(float64) float64 { return 0 }, func(float64) float64 { return 0 })
	for _, row := range []struct {
		name string
		k    Kernel
		x, z *mat.Dense
		want string
	}{
		{"negative depth", Kernel{Depth: -1}, x, x, "depth -1, want >= 0"},
		{"more layers fixed than there are", Kernel{Depth: 2, FixedLayers: 3}, x, x, "3 fixed layers, want 0 to 2"},
		{"contradictory options", Kernel{Depth: 2, FirstLayerOnly: true, NNGP: true}, x, x, "contradict"},
		{"c_σ infinite", Kernel{Depth: 1, Activation: zero}, x, x, "want a positive number"},
		{"not a number", Kernel{Depth: 1}, bad, x, "x[1,1] = NaN"},
		{"not a number on the right", Kernel{Depth: 1}, x, bad, "z[1,1] = NaN"},
		{"dimension mismatch", Kernel{Depth: 1}, x, points(1, 3, 4), "2 and 4 columns"},
		{"empty", Kernel{Depth: 1}, &mat.Dense{}, x, "x is empty"},
		{"overflow", Kernel{Depth: 1}, mat.NewDense(1, 2, []float64{1e200, 0}), x, "overflows"},
	} {
		if _, err := row.k.Cross(row.x, row.z); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
	}
	if _, err := ActivationByName("swish"); err == nil || !strings.Contains(err.Error(), "erf, gelu, relu, sigmoid, softplus, tanh") {
		t.Errorf("unknown activation: %v", err)
	}
	if a, err := ActivationByName("TanH"); err != nil || a.Name() != "tanh" {
		t.Errorf("ActivationByName(TanH) = %v, %v", a, err)
	}
}

func TestGramIsTheSameForAnyGOMAXPROCS(t *testing.T) {
	x := points(2, 101, 7)
	k := Kernel{Depth: 3}
	two, _ := k.Gram(x)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one, _ := k.Gram(x)
	if !mat.Equal(one, two) {
		t.Error("the Gram matrix depends on GOMAXPROCS")
	}
}

func BenchmarkGram(b *testing.B) {
	x := points(1, 2000, 64)
	k := Kernel{Depth: 5}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Gram(x); err != nil {
			b.Fatal(err)
		}
	}
}
