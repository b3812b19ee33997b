package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

const eps = 0x1p-52

func normals(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// bothRoutes runs f with the assembly, where there is some, and with plain Go.
func bothRoutes(t *testing.T, f func(t *testing.T)) {
	t.Run("as this machine does it", f)
	t.Run("plain Go", func(t *testing.T) {
		defer UseFallback()()
		f(t)
	})
}

// near compares a sum with its reference; size is the sum of magnitudes of n terms.
func near(t *testing.T, what string, got, want, size float64, n int) {
	t.Helper()
	if d := math.Abs(got - want); !(d <= float64(n+2)*eps*size) {
		t.Errorf("%s = %.17g, want %.17g: off by %g with %d terms of total size %g", what, got, want, d, n, size)
	}
}

func TestRows(t *testing.T) {
	bothRoutes(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for n := range 40 {
			lda := n + r.IntN(5)
			a, x, y := normals(r, 3*lda+n), normals(r, n), normals(r, n+1)
			coef := [4]float64{1.5, -2, 0.25, 3}
			start := [4]float64{1, 2, 3, 4}
			wantSum, size := start, [4]float64{}
			wantY, sizeY := append([]float64(nil), y...), make([]float64, n)
			for q := range 4 {
				for j := range n {
					wantSum[q] += a[q*lda+j] * x[j]
					size[q] += math.Abs(a[q*lda+j] * x[j])
					wantY[j] += coef[q] * a[q*lda+j]
					sizeY[j] += math.Abs(y[j]) + math.Abs(coef[q]*a[q*lda+j])
				}
			}
			both, only, sum, sumOnly := append([]float64(nil), y...), append([]float64(nil), y...), start, start
			DotAxpy4(a, lda, x, both[:n], &coef, &sum)
			Dot4(a, lda, x, &sumOnly)
			Axpy4(a, lda, only[:n], &coef)
			for q := range 4 {
				near(t, "DotAxpy4's sum", sum[q], wantSum[q], size[q]+start[q], n)
				near(t, "Dot4", sumOnly[q], wantSum[q], size[q]+start[q], n)
			}
			for j := range n {
				near(t, "DotAxpy4's row", both[j], wantY[j], sizeY[j], 5)
				near(t, "Axpy4", only[j], wantY[j], sizeY[j], 5)
			}
			if both[n] != y[n] || only[n] != y[n] {
				t.Fatalf("n = %d: the number behind the row changed", n)
			}
		}
	})
}

func TestRotate(t *testing.T) {
	bothRoutes(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for n := range 20 {
			x, y := normals(r, n), normals(r, n)
			u, v := append([]float64(nil), x...), append([]float64(nil), y...)
			Rotate(u, v, 0.6, 0.8)
			for i := range n {
				near(t, "x", u[i], 0.6*x[i]+0.8*y[i], math.Abs(x[i])+math.Abs(y[i]), 2)
				near(t, "y", v[i], 0.6*y[i]-0.8*x[i], math.Abs(x[i])+math.Abs(y[i]), 2)
			}
		}
	})
}

func TestSecular(t *testing.T) {
	bothRoutes(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := range 30 {
			d, z2 := normals(r, n), normals(r, n)
			for i := range z2 {
				z2[i] *= z2[i]
			}
			const origin, tau = 0.3, 1e-3
			var sum, slope, size float64
			for i := range n {
				delta := (d[i] - origin) - tau
				sum += z2[i] / delta
				size += math.Abs(z2[i] / delta)
				slope += z2[i] / delta / delta
			}
			got, gotSlope := Secular(d, z2, origin, tau)
			near(t, "sum", got, sum, size, n+2)
			near(t, "slope", gotSlope, slope, slope, n+4)
		}
		// The difference to the origin comes first: at a pole nothing is lost, however small tau is.
		if got, _ := Secular([]float64{0.7}, []float64{1}, 0.7, -1e-200); got != 1e200 {
			t.Errorf("at the pole: %g, want 1e200", got)
		}
	})
}

func TestGemm(t *testing.T) {
	bothRoutes(t, func(t *testing.T) {
		team := NewTeam(t.Context())
		defer team.Close()
		r := rand.New(rand.NewPCG(7, 8))
		sizes := [][3]int{{1, 1, 1}, {4, 12, 1}, {3, 5, 7}, {5, 13, 2}, {4, 12, 256}, {9, 25, 257}, {100, 250, 30}, {97, 241, 300}, {33, 50, 1100}}
		for range 30 {
			sizes = append(sizes, [3]int{1 + r.IntN(40), 1 + r.IntN(60), r.IntN(50)})
		}
		for _, s := range sizes {
			m, n, k := s[0], s[1], s[2]
			ldc := n + r.IntN(3)
			x, y, c := normals(r, m*(k+1)), normals(r, (k+1)*n), normals(r, m*ldc)
			for layout := range 4 {
				a, b := RowMajor(x, k+1), RowMajor(y, n)
				if layout&1 != 0 {
					a = RowMajor(x, m).T()
				}
				if layout&2 != 0 {
					b = RowMajor(y, k+1).T()
				}
				for _, part := range []Part{Whole, Upper, Lower} {
					got := append([]float64(nil), c...)
					Gemm(team, m, n, k, -2, a, b, got, ldc, part)
					for i := range m {
						for j := range ldc {
							if part == Upper && j < i || part == Lower && j > i {
								continue
							}
							want, size := c[i*ldc+j], math.Abs(c[i*ldc+j])
							for l := 0; l < k && j < n; l++ {
								p := 2 * a.Data[i*a.Row+l*a.Col] * b.Data[l*b.Row+j*b.Col]
								want -= p
								size += math.Abs(p)
							}
							near(t, "entry", got[i*ldc+j], want, size, k+1)
						}
					}
					if t.Failed() {
						t.Fatalf("m, n, k = %v, layout %d, part %d", s, layout, part)
					}
				}
			}
		}
	})
}

// An entry depends on its row and its column alone: a product of parts is a part of the product.
func TestGemmEntryDependsOnItsRowAndColumn(t *testing.T) {
	bothRoutes(t, func(t *testing.T) {
		team := Alone(t.Context())
		r := rand.New(rand.NewPCG(9, 1))
		const m, n, k = 30, 41, 300
		a, b := RowMajor(normals(r, m*k), k), RowMajor(normals(r, k*n), n)
		whole := make([]float64, m*n)
		Gemm(team, m, n, k, 1, a, b, whole, n, Whole)
		for _, p := range [][4]int{{0, 1, 0, 1}, {3, 9, 5, 20}, {29, 30, 40, 41}, {1, 30, 7, 8}} {
			h, w := p[1]-p[0], p[3]-p[2]
			part := make([]float64, h*w)
			Gemm(team, h, w, k, 1, a.From(p[0], 0), b.From(0, p[2]), part, w, Whole)
			for i := range h {
				for j := range w {
					if got, want := part[i*w+j], whole[(p[0]+i)*n+p[2]+j]; got != want {
						t.Fatalf("entry (%d,%d) alone is %.17g, in the whole %.17g", p[0]+i, p[2]+j, got, want)
					}
				}
			}
		}
	})
}

func BenchmarkGemm1024(b *testing.B) {
	team := NewTeam(b.Context())
	defer team.Close()
	const n = 1024
	r := rand.New(rand.NewPCG(1, 1))
	x, y, c := RowMajor(normals(r, n*n), n), RowMajor(normals(r, n*n), n), make([]float64, n*n)
	for b.Loop() {
		Gemm(team, n, n, n, 1, x, y, c, n, Whole)
	}
	b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
