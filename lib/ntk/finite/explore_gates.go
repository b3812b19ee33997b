package finite

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/lemma-ml/lemma/lib/nn"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// gated is full-batch gradient descent on ½‖u-y‖² over the first layer of a two-layer ReLU network,
// on the host in float64, by following its gates G_ir = 1[w_rᵀx_i > 0]. It takes the steps that descent
// takes and ends at the same weights up to rounding, without ever holding them: between two flips of a
// gate the network is linear in its weights. With K = XXᵀ, residual ρ = u - y and S = ηΣ_k ρ(k),
//
//	w_r = w_r(0) - s·a_r·Σ_j c_jr x_j,   c_jr = ηΣ_k ρ_j(k)G_jr(k),
//	z_ir = z_ir(0) - s·a_r·Σ_j K_ij c_jr,
//	u ← u - ηHρ,   H_ij = s²K_ij·Σ_r G_ir G_jr,
//
// where c_jr = G_jr S_j + back_jr, and back changes only when a gate flips. With κ_i the size of the
// mean of row i of K, and since gates are 0 or 1, one step moves z_ir by at most
//
//	s·η·(κ_i·|Σ_j G_jr ρ_j| + max(Σ_j ((K_ij-κ_i)ρ_j)⁺, Σ_j ((K_ij-κ_i)ρ_j)⁻)),
//
// so that a gate is looked at only when the sum of these bounds has reached the distance at which it
// was last seen. In the lazy regime few gates come near: a step costs n² flops and n·m comparisons in
// place of 4·n·d·m flops.
type gated struct {
	n, m, words int
	scale       float64
	a           []float64 // m
	k           []float64 // K, n×n
	h           []float64 // H, n×n
	u, sum      []float64 // u and S
	z           []float64 // m×n: z_ir without the part G_jr S_j of c
	back        []float64 // m×n
	open        []uint64  // m×words: the gates, a bit an input
	first       []uint64  // the gates at the start
	mean        []float64 // n: κ
	travel      []float64 // n: the sum of the second part of the bound, over s
	common      []float64 // m: the sum of η|Σ_j G_jr ρ_j|
	due         []float64 // n×m: the travel_i + κ_i·common_r at which gate (i, r) may flip
}

// newGated starts at the network with weights p on the rows of x.
func newGated(net nn.TwoLayer, x *mat.Dense, p *nn.TwoLayerParams, scale float64) (*gated, error) {
	if err := net.Validate(); err != nil {
		return nil, err
	}
	if net.Sigma() != nn.ReLU {
		return nil, fmt.Errorf("finite: gates of activation %q, want %q, whose slope is 0 or 1", net.Sigma(), nn.ReLU)
	}
	n, _ := x.Dims()
	m := net.Width
	g := &gated{n: n, m: m, words: (n + 63) / 64, scale: scale, a: p.A}
	var k, z mat.Dense
	k.Mul(x, x.T())
	g.k = k.RawMatrix().Data
	z.Mul(p.W, x.T())
	g.z = z.RawMatrix().Data
	g.h, g.u, g.sum, g.travel = make([]float64, n*n), make([]float64, n), make([]float64, n), make([]float64, n)
	g.mean, g.common = make([]float64, n), make([]float64, m)
	for i := range n {
		g.mean[i] = math.Abs(floats.Sum(g.k[i*n:(i+1)*n])) / float64(n)
	}
	g.back, g.due, g.open = make([]float64, m*n), make([]float64, n*m), make([]uint64, m*g.words)
	across := (m + 63) / 64
	column := make([]uint64, n*across) // the gates again, a bit a neuron
	for r := range m {
		for i := range n {
			z := g.z[r*n+i]
			g.due[i*m+r] = math.Abs(z) / scale
			if z > 0 {
				g.open[r*g.words+i/64] |= 1 << (i % 64)
				column[i*across+r/64] |= 1 << (r % 64)
				g.u[i] += scale * g.a[r] * z
			}
		}
	}
	g.first = append([]uint64(nil), g.open...)
	if net.Antisymmetric {
		clear(g.u) // pairs cancel exactly; their sum leaves rounding
	}
	for i := range n {
		for j := range n {
			both := 0
			for w, word := range column[i*across : (i+1)*across] {
				both += bits.OnesCount64(word & column[j*across+w])
			}
			g.h[i*n+j] = scale * scale * g.k[i*n+j] * float64(both)
		}
	}
	return g, nil
}

func (g *gated) isOpen(r, i int) bool { return g.open[r*g.words+i/64]>>(i%64)&1 == 1 }

// each calls f for the inputs whose gate of neuron r is open, in order.
func (g *gated) each(r int, f func(j int)) {
	for w, word := range g.open[r*g.words : (r+1)*g.words] {
		for ; word != 0; word &= word - 1 {
			f(64*w + bits.TrailingZeros64(word))
		}
	}
}

// flip is a gate that has changed sides, and the pre-activation it has now.
type flip struct {
	i, r int
	z    float64
}

// run takes steps of size eta and calls visit at each of the given step numbers, which rise; 0 is the
// start. It ends after the last of them.
func (g *gated) run(ctx context.Context, y []float64, eta float64, steps []int, visit func(step int) error) error {
	n, m := g.n, g.m
	rho, move, part := make([]float64, n), make([]float64, n), make([]float64, n)
	table := make([]float64, 16*16*g.words) // sums over four inputs at a time, for each way their gates may stand
	var near []int
	var held []float64
	var flips []flip
	at := 0
	for step := 0; ; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if step == steps[at] {
			if err := visit(step); err != nil {
				return err
			}
			if at++; at == len(steps) {
				return nil
			}
		}
		floats.SubTo(rho, g.u, y)
		for i := range n {
			move[i] = floats.Dot(g.h[i*n:(i+1)*n], rho)
			sum, size := 0.0, 0.0
			for j, k := range g.k[i*n : (i+1)*n] {
				v := (k - g.mean[i]) * rho[j]
				sum += v
				size += math.Abs(v)
			}
			// (Σ|v| + |Σv|)/2 is the larger of the one-sided sums; the last factor covers rounding.
			g.travel[i] += eta * (size + math.Abs(sum)) / 2 * (1 + 1e-9)
		}
		fill(table, rho)
		for r := range g.common {
			g.common[r] += eta * math.Abs(g.over(table, r)) * (1 + 1e-9)
		}
		floats.AddScaled(g.u, -eta, move)
		floats.AddScaled(g.sum, eta, rho)
		flips = flips[:0]
		for i := range n {
			near, held = near[:0], held[:0]
			now, mean := g.travel[i], g.mean[i]
			for r, t := range g.due[i*m : (i+1)*m] {
				if t <= now+mean*g.common[r] {
					near = append(near, r)
				}
			}
			if len(near) == 0 {
				continue
			}
			for _, r := range near { // apart, so that the waits for memory overlap
				held = append(held, g.z[r*n+i])
			}
			floats.MulTo(part, g.k[i*n:(i+1)*n], g.sum)
			fill(table, part)
			for k, r := range near {
				z := held[k] - g.scale*g.a[r]*g.over(table, r)
				g.due[i*m+r] = now + mean*g.common[r] + math.Abs(z)/g.scale
				if (z > 0) != g.isOpen(r, i) {
					flips = append(flips, flip{i, r, z})
				}
			}
		}
		for _, f := range flips {
			g.flip(f)
		}
	}
}

// fill prepares sums of v over sets of inputs: entry 16q+b is the sum over the inputs 4q..4q+3 whose bit
// is set in b.
func fill(table, v []float64) {
	for q := 0; 4*q < len(v); q++ {
		part := table[16*q : 16*q+16]
		part[0] = 0
		for b := 1; b < 16; b++ {
			j := 4*q + bits.TrailingZeros(uint(b))
			part[b] = part[b&(b-1)]
			if j < len(v) {
				part[b] += v[j]
			}
		}
	}
}

// over is Σ_j G_jr v_j for the v that the table was filled with.
func (g *gated) over(table []float64, r int) float64 {
	sum := 0.0
	for w, word := range g.open[r*g.words : (r+1)*g.words] {
		for q := 16 * w; word != 0; q, word = q+1, word>>4 {
			sum += table[16*q+int(word&15)]
		}
	}
	return sum
}

// flip turns a gate after a step that was taken with it as it stood.
func (g *gated) flip(f flip) {
	n, unit := g.n, g.scale*g.scale
	on := f.z > 0
	// The output moved as if the gate stood: it lacks the new part, or has one too many.
	c := g.scale * g.a[f.r] * f.z
	s := g.sum[f.i]
	if !on {
		c, unit, s = -c, -unit, -s
	}
	g.u[f.i] += c
	if on {
		g.open[f.r*g.words+f.i/64] |= 1 << (f.i % 64)
	}
	g.each(f.r, func(j int) {
		v := unit * g.k[f.i*n+j]
		g.h[f.i*n+j] += v
		if j != f.i {
			g.h[j*n+f.i] += v
		}
	})
	if !on {
		g.open[f.r*g.words+f.i/64] &^= 1 << (f.i % 64)
	}
	// c_jr does not jump: what G_jr S_j gains, back loses.
	g.back[f.r*n+f.i] -= s
	floats.AddScaled(g.z[f.r*n:(f.r+1)*n], g.scale*g.a[f.r]*s, g.k[f.i*n:(f.i+1)*n])
}

// kernel returns H(t).
func (g *gated) kernel() *mat.SymDense {
	return mat.NewSymDense(g.n, append([]float64(nil), g.h...))
}

// flipped is the fraction of gates that stand otherwise than at the start.
func (g *gated) flipped() float64 {
	count := 0
	for i, w := range g.open {
		count += bits.OnesCount64(w ^ g.first[i])
	}
	return float64(count) / float64(g.n*g.m)
}

// moved is max_r ‖w_r-w_r(0)‖ and the root of the mean over r of its square, s²·c_rᵀKc_r.
func (g *gated) moved() (most, root float64) {
	n, total := g.n, 0.0
	c := make([]float64, n)
	for r := range g.m {
		for i := range n {
			c[i] = g.back[r*n+i]
			if g.isOpen(r, i) {
				c[i] += g.sum[i]
			}
		}
		square := 0.0
		for i, v := range c {
			if v != 0 {
				square += v * floats.Dot(g.k[i*n:(i+1)*n], c)
			}
		}
		square *= g.scale * g.scale
		most, total = max(most, square), total+square
	}
	return math.Sqrt(max(most, 0)), math.Sqrt(max(total, 0) / float64(g.m))
}
