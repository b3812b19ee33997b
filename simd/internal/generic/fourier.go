package generic

import (
	"math"
	"math/bits"
	"sync"
)

// A fourier is a plan for discrete Fourier transforms of one length, safe for concurrent use. Lengths
// whose prime factors are at most 13 are taken apart by them (Stockham's algorithm, which sorts as it
// goes); others become a convolution of a power of two (Bluestein's), so that every length costs
// O(n log n).
type fourier struct {
	n       int
	factors []int
	roots   []complex128 // exp(-2πi·k/n)

	// Bluestein: jk = (j² + k² - (k-j)²)/2 makes the transform a convolution with a chirp.
	chirp  []complex128 // exp(-πi·k²/n)
	filter []complex128 // transform of the conjugate chirp, over the length of inner
	inner  *fourier
}

// plans caches a few plans: making one costs more than a short transform.
var plans struct {
	sync.Mutex
	m map[int]*fourier
}

// fourierOf returns the plan for length n ≥ 1.
func fourierOf(n int) *fourier {
	plans.Lock()
	defer plans.Unlock()
	if f := plans.m[n]; f != nil {
		return f
	}
	f := newFourier(n)
	if n <= 1<<16 { // 1 MiB of roots
		if len(plans.m) >= 16 || plans.m == nil {
			plans.m = map[int]*fourier{}
		}
		plans.m[n] = f
	}
	return f
}

func newFourier(n int) *fourier {
	f := &fourier{n: n}
	rest := n
	for _, p := range []int{4, 2, 3, 5, 7, 11, 13} {
		for rest%p == 0 {
			f.factors = append(f.factors, p)
			rest /= p
		}
	}
	if rest == 1 {
		f.roots = make([]complex128, n)
		for k := range f.roots {
			f.roots[k] = root(k, n)
		}
		return f
	}
	f.chirp = make([]complex128, n)
	for k := range f.chirp {
		// k² modulo 2n, lest the angle lose its digits.
		hi, lo := bits.Mul64(uint64(k), uint64(k))
		f.chirp[k] = root(int(bits.Rem64(hi, lo, uint64(2*n))), 2*n)
	}
	m := 1 << bits.Len(uint(2*n-2)) // at least 2n-1
	f.inner = newFourier(m)
	f.filter = make([]complex128, m)
	f.filter[0] = 1
	for k := 1; k < n; k++ {
		c := complex(real(f.chirp[k]), -imag(f.chirp[k]))
		f.filter[k], f.filter[m-k] = c, c
	}
	f.inner.forward(f.filter, make([]complex128, f.inner.scratch()))
	return f
}

// root returns exp(-2πi·k/n) for 0 ≤ k < n, from an angle of at most π/4, where sine and cosine are
// most exact.
func root(k, n int) complex128 {
	sector := 8 * k / n // eighths of the circle
	angle := func(k int) (sin, cos float64) { return math.Sincos(2 * math.Pi * float64(k) / float64(n)) }
	// quarter(j) is the angle j/4 of a turn less k, or more, scaled to stay in whole numbers.
	diff := func(quarters int) (sin, cos float64) {
		return math.Sincos(2 * math.Pi * float64(4*k-quarters*n) / float64(4*n))
	}
	switch sector {
	case 0:
		s, c := angle(k)
		return complex(c, -s)
	case 1, 2:
		s, c := diff(1) // θ = π/2 + δ: cos θ = -sin δ, sin θ = cos δ
		return complex(-s, -c)
	case 3, 4:
		s, c := diff(2)
		return complex(-c, s)
	case 5, 6:
		s, c := diff(3)
		return complex(s, c)
	}
	s, c := diff(4)
	return complex(c, -s)
}

// scratch returns how much memory forward needs.
func (f *fourier) scratch() int {
	if f.inner != nil {
		return len(f.filter) + f.inner.scratch()
	}
	return f.n
}

// forward replaces x by its transform, unscaled.
func (f *fourier) forward(x, scratch []complex128) {
	if f.inner != nil {
		f.bluestein(x, scratch)
		return
	}
	src, dst := x, scratch[:f.n]
	n, s := f.n, 1
	for _, p := range f.factors {
		switch p {
		case 2:
			f.pass2(dst, src, n, s)
		case 3:
			f.pass3(dst, src, n, s)
		case 4:
			f.pass4(dst, src, n, s)
		default:
			f.pass(dst, src, p, n, s)
		}
		n, s = n/p, s*p
		src, dst = dst, src
	}
	if len(f.factors)%2 == 1 {
		copy(x, src)
	}
}

// A pass splits transforms of length n, interleaved s-fold, into p of length m = n/p:
//
//	y[j + s·(p·q + r)] = exp(-2πi·qr/n) Σ_k x[j + s·(q + m·k)] exp(-2πi·rk/p),  q < m, j < s

func (f *fourier) pass2(y, x []complex128, n, s int) {
	m := n / 2
	for q := range m {
		w := f.roots[q*s]
		a, b := x[s*q:][:s], x[s*(q+m):][:s]
		y0, y1 := y[s*2*q:][:s], y[s*(2*q+1):][:s]
		for j := range a {
			u, v := a[j], b[j]
			y0[j], y1[j] = u+v, mul(u-v, w)
		}
	}
}

func (f *fourier) pass3(y, x []complex128, n, s int) {
	m := n / 3
	const h = 0.86602540378443864676372317075293618 // √3/2
	for q := range m {
		w1, w2 := f.roots[q*s], f.roots[2*q*s]
		a, b, c := x[s*q:][:s], x[s*(q+m):][:s], x[s*(q+2*m):][:s]
		y0, y1, y2 := y[s*3*q:][:s], y[s*(3*q+1):][:s], y[s*(3*q+2):][:s]
		for j := range a {
			sum, diff := b[j]+c[j], b[j]-c[j]
			mid := a[j] - complex(real(sum)/2, imag(sum)/2)
			side := complex(h*imag(diff), -h*real(diff)) // -i·h·diff
			y0[j] = a[j] + sum
			y1[j] = mul(mid+side, w1)
			y2[j] = mul(mid-side, w2)
		}
	}
}

func (f *fourier) pass4(y, x []complex128, n, s int) {
	m := n / 4
	if s == 1 { // the same in one loop
		a, b, c, d := x[:m], x[m:2*m], x[2*m:3*m], x[3*m:4*m]
		for q := range a {
			ac, bd := a[q]+c[q], b[q]+d[q]
			am, bm := a[q]-c[q], b[q]-d[q]
			rot := complex(imag(bm), -real(bm))
			to := y[4*q:][:4]
			to[0] = ac + bd
			to[1] = mul(am+rot, f.roots[q])
			to[2] = mul(ac-bd, f.roots[2*q])
			to[3] = mul(am-rot, f.roots[3*q])
		}
		return
	}
	for q := range m {
		w1, w2, w3 := f.roots[q*s], f.roots[2*q*s], f.roots[3*q*s]
		a, b, c, d := x[s*q:][:s], x[s*(q+m):][:s], x[s*(q+2*m):][:s], x[s*(q+3*m):][:s]
		y0, y1, y2, y3 := y[s*4*q:][:s], y[s*(4*q+1):][:s], y[s*(4*q+2):][:s], y[s*(4*q+3):][:s]
		for j := range a {
			ac, bd := a[j]+c[j], b[j]+d[j]
			am, bm := a[j]-c[j], b[j]-d[j]
			rot := complex(imag(bm), -real(bm)) // -i·(b-d)
			y0[j] = ac + bd
			y1[j] = mul(am+rot, w1)
			y2[j] = mul(ac-bd, w2)
			y3[j] = mul(am-rot, w3)
		}
	}
}

// pass does any factor by the definition, p² steps.
func (f *fourier) pass(y, x []complex128, p, n, s int) {
	m := n / p
	for q := range m {
		for r := range p {
			w := f.roots[q*r*s]
			dst := y[s*(p*q+r):][:s]
			copy(dst, x[s*q:][:s])
			for k := 1; k < p; k++ {
				z := f.roots[r*k%p*(f.n/p)]
				for j, v := range x[s*(q+m*k):][:s] {
					dst[j] += mul(v, z)
				}
			}
			for j, v := range dst {
				dst[j] = mul(v, w)
			}
		}
	}
}

// mul multiplies without the care for infinities that complex multiplication takes in Go.
func mul(a, b complex128) complex128 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}

// bluestein convolves x with the chirp.
func (f *fourier) bluestein(x, scratch []complex128) {
	z, rest := scratch[:len(f.filter)], scratch[len(f.filter):]
	clear(z)
	for k, v := range x {
		z[k] = mul(v, f.chirp[k])
	}
	f.inner.forward(z, rest)
	for k, v := range z {
		w := mul(v, f.filter[k])
		z[k] = complex(real(w), -imag(w)) // conjugate: the next transform is the inverse
	}
	f.inner.forward(z, rest)
	scale := 1 / float64(len(z))
	for k := range x {
		x[k] = mul(complex(real(z[k])*scale, -imag(z[k])*scale), f.chirp[k])
	}
}
