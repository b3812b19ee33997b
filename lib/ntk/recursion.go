package ntk

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/linalg"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// recursion is a kernel made ready to run: options turned into numbers.
type recursion struct {
	Kernel
	fn    string // the caller, for errors
	act   Activation
	c     float64 // c_σ, or 1
	add   []bool  // whether Σ^{(h)} enters the sum, h = 0..L: the term of W^{(h+1)}
	curve *curve  // the kernel of unit inputs as a function of ρ; ReLU only
}

func (k Kernel) resolve(fn string) (*recursion, error) {
	if err := k.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := &recursion{Kernel: k, fn: fn, act: k.activation(), c: 1, add: make([]bool, k.Depth+1)}
	if !k.Unscaled {
		r.c, _ = Normalisation(r.act) // Validate has seen it succeed
	}
	for h := range r.add {
		switch {
		case k.NNGP:
			r.add[h] = h == k.Depth
		case k.FirstLayerOnly:
			r.add[h] = h == 0
		default:
			r.add[h] = h >= k.FixedLayers
		}
	}
	if _, ok := r.act.(relu); ok {
		r.curve = newCurve(r.unit)
	}
	return r, nil
}

// unit is the ReLU kernel of unit inputs at angle θ: Σ^{(h)} = ρ_h = κ₁(ρ_{h-1}), Σ̇^{(h)} = κ₀(ρ_{h-1}).
// It goes from half-angle to half-angle, sin²(θ_h/2) = (1 - ρ_h)/2, so that inputs close to each
// other do not lose half their digits in 1 - ρ.
func (r *recursion) unit(theta float64) float64 {
	sum := 0.0
	if r.add[0] {
		sum = math.Cos(theta)
	}
	half := math.Sin(theta / 2)
	square := half * half
	for _, add := range r.add[1:] {
		left := math.Pi - theta
		square = min(.5, max(0, (2*left*square+(theta-math.Sin(theta)))/(2*math.Pi)))
		theta = 2 * math.Asin(math.Sqrt(square))
		sum *= left / math.Pi
		if add {
			sum += 1 - 2*square
		}
	}
	if r.Unscaled {
		return math.Ldexp(sum, -r.Depth) // each layer halves, by Σ^{(h)} or by Σ̇^{(h)}
	}
	return sum
}

// side is one of the two sets of inputs of a kernel matrix.
type side struct {
	n, d int
	rows []float64 // n×d, bias included, row-major

	norm, inverse []float64 // ‖x_i‖ and 1/‖x_i‖, with 1/0 = 0

	// sigma[h][i] is Σ^{(h)}(x_i, x_i), h = 0..L; only h = 0 is used for ReLU.
	sigma [][]float64

	square [][]float64 // square[h-1][i] is E[σ'(u)²] of layer h, without c_σ; unused for ReLU

	// value[h-1] and slope[h-1] hold the Hermite coefficients of layer h, a row an input, for activations without closed form. Rows of equal variance share one array.
	value, slope [][][]float64
}

func (s *side) row(i int) []float64 { return s.rows[i*s.d : (i+1)*s.d] }

// side validates x and prepares what depends on single inputs.
func (r *recursion) side(name string, x *mat.Dense) (*side, error) {
	if x == nil || x.IsEmpty() {
		return nil, fmt.Errorf("%s: %s is empty, want at least one row and one column", r.fn, name)
	}
	n, d := x.Dims()
	s := &side{n: n, d: d}
	if r.Bias {
		s.d++
	}
	scale := r.InputScale
	if scale == 0 {
		scale = 1
	}
	bias := r.BiasValue
	if bias == 0 {
		bias = math.Sqrt(float64(d))
	}
	s.rows = make([]float64, n*s.d)
	variance := make([]float64, n)
	for i := range n {
		row := s.row(i)
		for j, v := range x.RawRowView(i) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%s: %s[%d,%d] = %g, want finite inputs", r.fn, name, i, j, v)
			}
			row[j] = scale * v
		}
		if r.Bias {
			row[d] = scale * bias
		}
		variance[i] = floats.Dot(row, row)
		if math.IsInf(variance[i], 0) {
			return nil, fmt.Errorf("%s: ‖%s[%d]‖² overflows float64, want smaller inputs", r.fn, name, i)
		}
	}
	s.sigma = append(s.sigma, variance)
	if r.curve != nil {
		s.norm, s.inverse = make([]float64, n), make([]float64, n)
		for i, v := range variance {
			if s.norm[i] = math.Sqrt(v); v > 0 {
				s.inverse[i] = 1 / s.norm[i]
			}
		}
		return s, nil
	}
	general, isGeneral := r.act.(*smooth)
	for range r.Depth {
		next, square := make([]float64, n), make([]float64, n)
		value, slope := make([][]float64, n), make([][]float64, n)
		missing := make([]float64, n)
		kinds, kind := classes(variance) // inputs of equal variance share the work
		_ = linalg.Parallel(context.Background(), len(kinds), 4, func(lo, hi int) {
			for _, i := range kinds[lo:hi] {
				v := variance[i]
				if !isGeneral {
					next[i], square[i] = r.act.Moments(v, v, v)
					continue
				}
				var lost float64
				value[i], next[i], missing[i] = coefficients(general.value, v)
				slope[i], square[i], lost = coefficients(general.slope, v)
				missing[i] = max(missing[i], lost)
			}
		})
		for i, v := range variance {
			k := kinds[kind[i]]
			if missing[k] > hermiteLoss {
				return nil, fmt.Errorf("%s: %s at the variance %.4g of %s[%d] is too steep for %d Hermite terms, which miss %.2g of its square; want inputs of smaller norm, such as InputScale = 1/√d",
					r.fn, r.act.Name(), v, name, i, hermiteTerms, missing[k])
			}
			next[i], square[i], value[i], slope[i] = next[k], square[k], value[k], slope[k]
		}
		floats.Scale(r.c, next)
		variance = next
		s.sigma, s.square = append(s.sigma, next), append(s.square, square)
		s.value, s.slope = append(s.value, value), append(s.slope, slope)
	}
	return s, nil
}

// classes groups equal values: first[g] is the index of the first value of group g, and of[i] is the
// group of value i.
func classes(values []float64) (first, of []int) {
	seen := map[float64]int{}
	of = make([]int, len(values))
	for i, v := range values {
		g, ok := seen[v]
		if !ok {
			g = len(first)
			seen[v], first = g, append(first, i)
		}
		of[i] = g
	}
	return first, of
}

// segment is the number of inputs of b a pass: few enough for their rows to stay in cache.
const segment = 32

// row writes the kernel of input i of a with inputs j0, j0+1, ... of b.
func (r *recursion) row(dst []float64, a *side, i int, b *side, j0 int) {
	for k := 0; k < len(dst); k += segment {
		part := dst[k:min(k+segment, len(dst))]
		for q := range part {
			part[q] = floats.Dot(a.row(i), b.row(j0+k+q))
		}
		switch {
		case r.Depth == 0: // the linear kernel is the inner product
		case r.curve != nil:
			r.reluSegment(part, a, i, b, j0+k)
		default:
			r.generalSegment(part, a, i, b, j0+k)
		}
	}
}

// reluSegment replaces inner products by kernels. ReLU is homogeneous, so that norms factor out and
// what is left is a function of the angle alone, which the curve takes as sin(θ/2).
func (r *recursion) reluSegment(dst []float64, a *side, i int, b *side, j0 int) {
	va, na, ia := a.sigma[0][i], a.norm[i], a.inverse[i]
	var half [segment]float64
	var equal [segment]bool
	for q, dot := range dst {
		j := j0 + q
		if dot == va && b.sigma[0][j] == va && slices.Equal(a.row(i), b.row(j)) {
			equal[q] = true // the diagonal and repeated rows: the angle is 0
			continue
		}
		rho := dot * (ia * b.inverse[j])
		if math.Abs(rho) > nearlyParallel && va > 0 && b.sigma[0][j] > 0 {
			// Here 1 - ρ has lost digits, up to √(2ε) in the angle. Half the distance of the unit
			// vectors, or of their sum, has not.
			half[q] = halfChord(a.row(i), ia, b.row(j), b.inverse[j], rho > 0)
			continue
		}
		half[q] = math.Copysign(math.Sqrt((1-math.Abs(rho))/2), rho)
	}
	r.curve.apply(half[:len(dst)])
	for q := range dst {
		if equal[q] {
			dst[q] = r.curve.atOne * va // exact, where norms are rounded
		} else {
			dst[q] = half[q] * (na * b.norm[j0+q])
		}
	}
}

// nearlyParallel is the |ρ| above which angles are computed from differences: there 1 - ρ has fewer
// than ten digits.
const nearlyParallel = 1 - 1e-6

// halfChord returns sin(θ/2) of the angle between x and z, whose inverse norms are ix and iz; or, if
// same is false, minus that of the angle between x and -z.
func halfChord(x []float64, ix float64, z []float64, iz float64, same bool) float64 {
	sum := 0.0
	if !same {
		iz = -iz
	}
	for k, v := range x {
		d := v*ix - z[k]*iz
		sum += d * d
	}
	s := min(math.Sqrt(sum)/2, 1/math.Sqrt2)
	if !same {
		return -s
	}
	return s
}

// generalSegment is the recursion for any other activation, pair by pair.
func (r *recursion) generalSegment(dst []float64, a *side, i int, b *side, j0 int) {
	for q, sigma := range dst {
		j := j0 + q
		equal := sigma == a.sigma[0][i] && sigma == b.sigma[0][j] && slices.Equal(a.row(i), b.row(j))
		sum := 0.0
		if r.add[0] {
			sum = sigma
		}
		for h, add := range r.add[1:] {
			va, vb := a.sigma[h][i], b.sigma[h][j]
			var slope float64
			switch p := a.value[h][i]; {
			case equal:
				sigma, slope = a.sigma[h+1][i], a.square[h][i]
			case p != nil:
				rho := cosine(va, vb, sigma)
				sigma, slope = r.c*mehler(p, b.value[h][j], rho), mehler(a.slope[h][i], b.slope[h][j], rho)
			default:
				sigma, slope = r.act.Moments(va, vb, sigma)
				sigma *= r.c
			}
			sum *= r.c * slope
			if add {
				sum += sigma
			}
		}
		dst[q] = sum
	}
}

// Layer is one layer of the recursion at one pair of inputs.
type Layer struct {
	Sigma    float64 // Σ^{(h)}, (9.15)
	SigmaDot float64 // Σ̇^{(h)}; 1 at h = 0, where it is not defined
	Theta    float64 // Θ^{(h)}, the tangent kernel of the network of depth h
}

// Layers returns the L+1 layers of the recursion for unit inputs with inner product ρ, which is
// clipped to [-1, 1]. It goes layer by layer through Activation.Moments, apart from the code that
// fills Gram matrices; k.NNGP and the options about trained layers do not enter.
func (k Kernel) Layers(rho float64) ([]Layer, error) {
	if math.IsNaN(rho) {
		return nil, fmt.Errorf("ntk.Kernel.Layers: ρ is not a number")
	}
	r, err := k.resolve("ntk.Kernel.Layers")
	if err != nil {
		return nil, err
	}
	rho = clip(rho)
	out := make([]Layer, k.Depth+1)
	out[0] = Layer{rho, 1, rho}
	variance := 1.0
	for h := 1; h <= k.Depth; h++ {
		value, slope := r.act.Moments(variance, variance, out[h-1].Sigma)
		out[h] = Layer{Sigma: r.c * value, SigmaDot: r.c * slope}
		out[h].Theta = out[h-1].Theta*out[h].SigmaDot + out[h].Sigma
		second, _ := r.act.Moments(variance, variance, variance)
		variance = r.c * second
	}
	return out, nil
}
