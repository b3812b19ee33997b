package eigenlearning

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/lemma-ml/lemma/lib/ntk"
	"gonum.org/v1/gonum/mat"
)

// maxBits keeps the domain, and its Gram matrix of 4^d doubles, small: 12 bits are 4096 points.
const maxBits = 12

// Level is one eigenvalue λ of a kernel's operator, (Tf)(x) = mean over the M points z of k(x,z)f(z),
// with the number of eigenfunctions that share it. Σ Count·Lambda is the mean of k(x,x).
type Level struct {
	Degree int // bits of the parities of this level; frequency on the circle
	Count  int
	Lambda float64
}

// Cube is the d-cube, M = 2^d points x = (±1, ..., ±1)/√d of the unit sphere, with a kernel. Point z
// has -1 at bit j where bit j of z is set. A kernel of inner products sees the Hamming distance h
// alone, k(1-2h/d), so its eigenfunctions are the M parities χ_S(x) = Π_{j∈S} sign(x_j), and its
// eigenvalue depends on |S| alone.
type Cube struct {
	Bits int
	Row  []float64 // kernel at Hamming distance 0..d
}

// NewCube evaluates the kernel at the d+1 distances. It wants 1 to 12 bits and a kernel of inner
// products, without a bias.
func NewCube(bits int, k ntk.Kernel) (*Cube, error) {
	if bits < 1 || bits > maxBits {
		return nil, fmt.Errorf("eigenlearning.NewCube: %d bits, want 1 to %d", bits, maxBits)
	}
	x := mat.NewDense(bits+1, bits, nil)
	for h := range bits + 1 {
		for j := range bits {
			v := 1 / math.Sqrt(float64(bits))
			if j < h {
				v = -v
			}
			x.Set(h, j, v)
		}
	}
	row, err := k.Cross(mat.DenseCopyOf(x.Slice(0, 1, 0, bits)), x)
	if err != nil {
		return nil, fmt.Errorf("eigenlearning.NewCube: %w", err)
	}
	return &Cube{Bits: bits, Row: row.RawRowView(0)}, nil
}

// Size is M = 2^d.
func (c *Cube) Size() int { return 1 << c.Bits }

// Gram is the M×M matrix of the kernel.
func (c *Cube) Gram() *mat.SymDense {
	m := c.Size()
	g := mat.NewSymDense(m, nil)
	for i := range m {
		for j := i; j < m; j++ {
			g.SetSym(i, j, c.Row[bits.OnesCount(uint(i^j))])
		}
	}
	return g
}

// Spectrum returns the d+1 levels, |S| = 0..d, by the sum over distances
//
//	λ_k = 2^{-d} Σ_h k(1-2h/d)·K_h(k),
//
// K_h(k) the Krawtchouk polynomial: the sum of χ_S over the points at distance h, |S| = k. The second
// route is Walsh of the kernel's first row, the third a dense eigenvalue problem; see the tests.
func (c *Cube) Spectrum() []Level {
	out := make([]Level, c.Bits+1)
	for k := range out {
		sum := 0.0
		for h, v := range c.Row {
			sum += v * krawtchouk(c.Bits, h, k)
		}
		out[k] = Level{Degree: k, Count: int(binomial(c.Bits, k)), Lambda: math.Ldexp(sum, -c.Bits)}
	}
	return out
}

// krawtchouk is K_h(k) = Σ_j (-1)^j C(k,j) C(d-k,h-j): j of the h flipped bits lie in S.
func krawtchouk(d, h, k int) float64 {
	sum := 0.0
	for j := 0; j <= min(h, k); j++ {
		term := binomial(k, j) * binomial(d-k, h-j)
		if j%2 == 1 {
			term = -term
		}
		sum += term
	}
	return sum
}

// binomial is C(n,k), exact in float64 for n up to 50.
func binomial(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	b := 1.0
	for j := 1; j <= k; j++ {
		b = b * float64(n-k+j) / float64(j)
	}
	return math.Round(b)
}

// Parity returns χ_S at the M points, S the set bits of s: +1 or -1.
func (c *Cube) Parity(s int) []float64 {
	out := make([]float64, c.Size())
	for z := range out {
		out[z] = sign(z, s)
	}
	return out
}

// sign is χ_S(z).
func sign(z, s int) float64 { return 1 - 2*float64(bits.OnesCount(uint(z&s))&1) }

// parities lists the sets of k bits.
func (c *Cube) parities(k int) []int {
	var out []int
	for s := range c.Size() {
		if bits.OnesCount(uint(s)) == k {
			out = append(out, s)
		}
	}
	return out
}

// Walsh replaces f, of length 2^d, by its Walsh-Hadamard transform Σ_z χ_S(z)f(z), S = 0..2^d-1, in
// d·2^d additions. Twice is 2^d times the identity. It panics on another length.
func Walsh(f []float64) {
	n := len(f)
	if n == 0 || n&(n-1) != 0 {
		panic(fmt.Errorf("eigenlearning.Walsh: %d values, want a power of two", n))
	}
	for h := 1; h < n; h *= 2 {
		for i := 0; i < n; i += 2 * h {
			for j := i; j < i+h; j++ {
				a, b := f[j], f[j+h]
				f[j], f[j+h] = a+b, a-b
			}
		}
	}
}
