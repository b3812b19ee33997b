package landscape

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Constants are the best constants of the three conditions of Definition 6.2.1 over a set of points, with
// f* = f(w*):
//
//	PL:  ‖∇f(w)‖² ≥ μ(f(w) - f*)              Polyak and Łojasiewicz
//	WQC: ⟨∇f(w), w - w*⟩ ≥ τ(f(w) - f*)       weak quasi-convexity
//	RSI: ⟨∇f(w), w - w*⟩ ≥ μ‖w - w*‖²         restricted secant inequality
//
// A condition holds on the set if its constant is positive. Many texts write ½‖∇f‖² ≥ μ'(f - f*):
// μ = 2μ'.
type Constants struct {
	PL, WQC, RSI       float64
	AtPL, AtWQC, AtRSI []float64 // where each is attained
}

// BestConstants returns the least of each ratio over the points, leaving out those with
// f - f* ≤ 1e-14, where they are 0/0. They certify these points only. Errors are a point or minimizer
// of the wrong length, no point that counts, or one with f below f(w*).
func BestConstants(o *Objective, minimizer []float64, points [][]float64) (*Constants, error) {
	const fn = "landscape.BestConstants"
	if err := o.At(fn, minimizer); err != nil {
		return nil, err
	}
	best := o.Value(minimizer)
	c := &Constants{PL: math.Inf(1), WQC: math.Inf(1), RSI: math.Inf(1)}
	g, d := make([]float64, o.Dim), make([]float64, o.Dim)
	for _, w := range points {
		if err := o.At(fn, w); err != nil {
			return nil, err
		}
		gap := o.Value(w) - best
		if gap < -1e-12*max(1, math.Abs(best)) {
			return nil, fmt.Errorf("%s: f(%.6g) = %g is below f(w*) = %g: w* is no minimizer", fn, w, o.Value(w), best)
		}
		if gap <= 1e-14 {
			continue
		}
		o.Gradient(g, w)
		floats.SubTo(d, w, minimizer)
		along := floats.Dot(g, d)
		for _, r := range []struct {
			value float64
			least *float64
			at    *[]float64
		}{{floats.Dot(g, g) / gap, &c.PL, &c.AtPL}, {along / gap, &c.WQC, &c.AtWQC}, {along / floats.Dot(d, d), &c.RSI, &c.AtRSI}} {
			if r.value < *r.least {
				*r.least, *r.at = r.value, w
			}
		}
	}
	if c.AtPL == nil {
		return nil, fmt.Errorf("%s: none of the %d points has a value above the minimum", fn, len(points))
	}
	return c, nil
}

// PLRate is the factor 1 - μ/(2L) by which one step of size 1/L shrinks f - f* at least, for an L-smooth f
// with PL constant μ. Smoothness forces μ ≤ 2L.
func PLRate(mu, l float64) (float64, error) {
	if !(l > 0) || !(mu > 0) || mu > 2*l {
		return 0, fmt.Errorf("landscape.PLRate: μ = %g and L = %g, want 0 < μ ≤ 2L", mu, l)
	}
	return 1 - mu/(2*l), nil
}

// RSIRate is the factor 1 - 2ημ + η²L² by which one step of size η shrinks ‖w - w*‖² at least, for an
// L-smooth f with RSI constant μ; η = μ/L² is best. Smoothness forces μ ≤ L.
func RSIRate(mu, l, eta float64) (float64, error) {
	if !(l > 0) || !(mu > 0) || mu > l || !(eta > 0) {
		return 0, fmt.Errorf("landscape.RSIRate: μ = %g, L = %g and η = %g, want 0 < μ ≤ L and η > 0", mu, l, eta)
	}
	return 1 - 2*eta*mu + eta*eta*l*l, nil
}

// WQCBound is Γ‖w₀ - w*‖²/(τ²T), which the least f - f* among w_0, …, w_{T-1} does not exceed for steps of
// size τ/Γ, if f is weakly quasi-convex with constant τ and ‖∇f‖² ≤ Γ(f - f*) (Hardt, Ma and Recht 2018).
// It falls as 1/T, not geometrically, and w⁴ shows that no better is true.
func WQCBound(tau, gamma, distance2 float64, steps int) (float64, error) {
	if !(tau > 0) || !(gamma > 0) || !(distance2 >= 0) || steps < 1 {
		return 0, fmt.Errorf("landscape.WQCBound: τ = %g, Γ = %g, ‖w₀ - w*‖² = %g, T = %d, want positive constants and steps", tau, gamma, distance2, steps)
	}
	return gamma * distance2 / (tau * tau * float64(steps)), nil
}

// line is an objective of one variable from its value and its first two derivatives.
func line(name string, l, rho, least float64, f, df, ddf func(w float64) float64) *Objective {
	return &Objective{
		Name: name, Dim: 1, Lipschitz: l, HessLipschitz: rho, Min: least,
		Value:    func(x []float64) float64 { return f(x[0]) },
		Gradient: func(dst, x []float64) { dst[0] = df(x[0]) },
		HessVec:  func(dst, x, v []float64) { dst[0] = ddf(x[0]) * v[0] },
	}
}

// Wavy is w² + a·sin²(w), with its minimum 0 at 0: nonconvex for a > 1, with other stationary points from
// a = 1/max(-sin(u)/u) = 4.603 on. It is (2 + 2|a|)-smooth. For a = 3 it is an example of Karimi, Nutini
// and Schmidt (2016).
func Wavy(a float64) *Objective {
	return line(fmt.Sprintf("w² + %g sin² w", a), 2+2*math.Abs(a), 4*math.Abs(a), 0,
		func(w float64) float64 { return w*w + a*math.Sin(w)*math.Sin(w) },
		func(w float64) float64 { return 2*w + a*math.Sin(2*w) },
		func(w float64) float64 { return 2 + 2*a*math.Cos(2*w) })
}

// WavyThreshold is the a from which Wavy has stationary points besides 0: f' = 2w + a·sin 2w has another
// zero iff a > 1/max_u(-sin(u)/u).
var WavyThreshold = 1 / 0.21723362821122166

// Power is sign·wᵏ for a whole k ≥ 2, an example of degenerate points at 0.
func Power(k int, sign float64) *Objective {
	e := float64(k)
	name := fmt.Sprintf("w^%d", k)
	switch sign {
	case 1:
	case -1:
		name = "-" + name
	default:
		name = fmt.Sprintf("%g·%s", sign, name)
	}
	return line(name, math.NaN(), math.NaN(), math.NaN(),
		func(w float64) float64 { return sign * math.Pow(w, e) },
		func(w float64) float64 { return sign * e * math.Pow(w, e-1) },
		func(w float64) float64 { return sign * e * (e - 1) * math.Pow(w, e-2) })
}

// Grid returns the points lo, lo+h, … up to hi of the line.
func Grid(lo, hi, h float64) [][]float64 {
	n := int(math.Round((hi - lo) / h))
	flat := make([]float64, n+1)
	out := make([][]float64, n+1)
	for i := range out {
		flat[i] = lo + (hi-lo)*float64(i)/float64(n)
		out[i] = flat[i : i+1]
	}
	return out
}
