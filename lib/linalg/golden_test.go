package linalg_test

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// The two-layer ReLU kernel of chapter 9 on 200 digits, H_ij = ρ(π-arccos ρ)/2π with ρ = x_iᵀx_j, has
// eigenvalues and quadratic forms that were computed outside this project (claims 9.T1 and 9.T2). They
// pass through every routine here on a matrix that somebody cares about.
func TestKernelOfDigits(t *testing.T) {
	x, y, err := data.D3v8()
	if err != nil {
		t.Fatal(err)
	}
	const n = 200
	x, y = x.Slice(0, n, 0, 64).(*mat.Dense), y[:n]
	k, err := linalg.Gram(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	h, err := linalg.FillSym(t.Context(), n, func(i int, row []float64) {
		for j := range row {
			rho := math.Min(k.At(i, i+j), 1)
			if j == 0 {
				rho = 1
			}
			row[j] = rho * (math.Pi - math.Acos(rho)) / (2 * math.Pi)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want, tol float64) {
		t.Helper()
		if math.Abs(got-want) > tol {
			t.Errorf("%s = %.9g, want %.9g within %g", what, got, want, tol)
		}
	}
	values, vectors, err := linalg.EigenSym(h)
	if err != nil {
		t.Fatal(err)
	}
	// The tolerance is the statement's own; the printed digits allow 5e-7.
	for i, want := range map[int]float64{0: 63.352768, 1: 6.556186, 2: 3.173679, 9: 0.772106, 49: 0.089729, 99: 0.048440, 199: 0.021190} {
		check("eigenvalue", values[i], want, 1e-5)
	}
	check("trace", floats.Sum(values), 100, 1e-10)
	top := 0.0
	for i := range 10 {
		p := floats.Dot(mat.Col(nil, i, vectors), y)
		top += p * p / n
	}
	check("energy of the labels in the top 10 eigenvectors", top, 0.870961, 1e-5)

	norm, err := linalg.SpectralNorm(h)
	if err != nil {
		t.Fatal(err)
	}
	check("SpectralNorm against EigenSym", norm, values[0], 1e-12*values[0])
	r, err := linalg.Lanczos(t.Context(), linalg.SymOp(h), n, 3, linalg.LanczosConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range r.Values {
		check("Lanczos against EigenSym", v, values[i], 1e-9)
	}
	f, err := linalg.Cholesky(h)
	if err != nil {
		t.Fatal(err)
	}
	c, err := f.Quad(y)
	if err != nil {
		t.Fatal(err)
	}
	check("yᵀH⁻¹y", c, 223.239, 1e-3*c)
	inv := f.Inverse()
	check("tr H⁻¹", mat.Trace(inv), 4002.625, 5e-4)
	variance := 0.0 // of yᵀH⁻¹y for random signs
	for i := range n {
		for j := range n {
			if i != j {
				variance += 2 * inv.At(i, j) * inv.At(i, j)
			}
		}
	}
	check("s.d. of the complexity of random labels", math.Sqrt(variance), 202.97, 5e-3)
	logdet := 0.0
	for _, v := range values {
		logdet += math.Log(v)
	}
	check("LogDet against the eigenvalues", f.LogDet(), logdet, 1e-9)
	p, err := linalg.PSD(h, 0)
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.Quad(y)
	if err != nil {
		t.Fatal(err)
	}
	check("Quad of PSD against Cholesky", q, c, 1e-9*c)
}

// Kernel ridge regression on the embedded tables by the protocol of claim 9.E1: folds without random
// numbers, standardisation by the training rows, ±1 one against the rest, K/(tr K/n) + 0.01·I. The
// counts of correct examples were computed outside this project.
func TestKernelRidgeOnTables(t *testing.T) {
	for _, c := range []struct {
		table       string
		linear, rbf int
	}{
		{"iris", 123, 143},
		{"wine", 175, 172},
		{"breast_cancer", 549, 551},
		{"digits", 1686, 1768},
	} {
		t.Run(c.table, func(t *testing.T) {
			if testing.Short() && c.table == "digits" {
				t.Skip("1797 rows take a second or two")
			}
			table, err := data.Embedded(c.table)
			if err != nil {
				t.Fatal(err)
			}
			d := float64(table.Width())
			linear := func(xx, _, _ float64) float64 { return xx }
			rbf := func(xz, xx, zz float64) float64 { return math.Exp(-(xx + zz - 2*xz) / d) }
			// The statement allows ±1: a near tie may fall either way with the rounding.
			if got := ridgeCount(t, table, linear); got < c.linear-1 || got > c.linear+1 {
				t.Errorf("linear kernel: %d right, want %d", got, c.linear)
			}
			if got := ridgeCount(t, table, rbf); got < c.rbf-1 || got > c.rbf+1 {
				t.Errorf("Gaussian kernel: %d right, want %d", got, c.rbf)
			}
		})
	}
}

// ridgeCount returns the number of examples that are classified rightly when in the test fold, for
// the kernel k(xᵀz, xᵀx, zᵀz).
func ridgeCount(t *testing.T, table *data.Table, k func(xz, xx, zz float64) float64) int {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	fold, err := data.StratifiedFolds(table.Y, 5)
	must(err)
	right := 0
	for f := range 5 {
		train, test := data.SplitFold(fold, f)
		a, err := table.Subset(train)
		must(err)
		b, err := table.Subset(test)
		must(err)
		scaler, err := data.Standardise(a.X)
		must(err)
		x, err := scaler.Apply(a.X)
		must(err)
		z, err := scaler.Apply(b.X)
		must(err)
		target, err := data.OneVsRest(a.Y, len(table.Classes))
		must(err)
		gram, err := linalg.Gram(t.Context(), x)
		must(err)
		cross, err := linalg.CrossGram(t.Context(), z, x)
		must(err)
		n := len(train)
		kernel, err := linalg.FillSym(t.Context(), n, func(i int, row []float64) {
			for j := range row {
				row[j] = k(gram.At(i, i+j), gram.At(i, i), gram.At(i+j, i+j))
			}
		})
		must(err)
		scale := mat.Trace(kernel) / float64(n)
		kernel.ScaleSym(1/scale, kernel)
		for i := range n {
			kernel.SetSym(i, i, kernel.At(i, i)+0.01)
		}
		factor, err := linalg.Cholesky(kernel)
		must(err)
		alpha, err := factor.Solve(target)
		must(err)
		for i := range test {
			row := cross.RawRowView(i)
			norm := floats.Dot(z.RawRowView(i), z.RawRowView(i))
			for j := range row {
				row[j] = k(row[j], norm, gram.At(j, j)) / scale
			}
		}
		var scores mat.Dense
		scores.Mul(cross, alpha)
		for i, c := range data.Argmax(&scores) {
			if c == b.Y[i] {
				right++
			}
		}
	}
	return right
}
