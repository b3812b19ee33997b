package kernel

// rows4 checks that four rows of n numbers, lda apart, lie within a.
func rows4(a []float64, lda, n int) { _ = a[:3*lda+n] }

// DotAxpy4 makes one pass over the four rows a_r = a[r·lda : r·lda+n] and does both halves of a
// symmetric product with it: sum[r] += a_r·x and y += Σ coef[r]·a_r, n = len(x) = len(y).
func DotAxpy4(a []float64, lda int, x, y []float64, coef, sum *[4]float64) {
	n := len(x)
	if n == 0 {
		return
	}
	rows4(a, lda, n)
	y = y[:n]
	if fast {
		dotAxpy4AVX2(n, &a[0], lda, &x[0], &y[0], &coef[0], &sum[0])
		return
	}
	a0, a1, a2, a3 := a[:n], a[lda:lda+n], a[2*lda:2*lda+n], a[3*lda:3*lda+n]
	c0, c1, c2, c3 := coef[0], coef[1], coef[2], coef[3]
	var s0, s1, s2, s3 float64
	for j, v := range x {
		p, q, r, s := a0[j], a1[j], a2[j], a3[j]
		s0 += p * v
		s1 += q * v
		s2 += r * v
		s3 += s * v
		y[j] += c0*p + c1*q + c2*r + c3*s
	}
	sum[0] += s0
	sum[1] += s1
	sum[2] += s2
	sum[3] += s3
}

// Dot4 adds the products of four rows with x: sum[r] += a_r·x, a_r = a[r·lda : r·lda+len(x)].
func Dot4(a []float64, lda int, x []float64, sum *[4]float64) {
	n := len(x)
	if n == 0 {
		return
	}
	rows4(a, lda, n)
	if fast {
		dot4AVX2(n, &a[0], lda, &x[0], &sum[0])
		return
	}
	a0, a1, a2, a3 := a[:n], a[lda:lda+n], a[2*lda:2*lda+n], a[3*lda:3*lda+n]
	var s0, s1, s2, s3 float64
	for j, v := range x {
		s0 += a0[j] * v
		s1 += a1[j] * v
		s2 += a2[j] * v
		s3 += a3[j] * v
	}
	sum[0] += s0
	sum[1] += s1
	sum[2] += s2
	sum[3] += s3
}

// Axpy4 adds four rows: y += Σ coef[r]·a_r, a_r = a[r·lda : r·lda+len(y)].
func Axpy4(a []float64, lda int, y []float64, coef *[4]float64) {
	n := len(y)
	if n == 0 {
		return
	}
	rows4(a, lda, n)
	if fast {
		axpy4AVX2(n, &a[0], lda, &y[0], &coef[0])
		return
	}
	a0, a1, a2, a3 := a[:n], a[lda:lda+n], a[2*lda:2*lda+n], a[3*lda:3*lda+n]
	c0, c1, c2, c3 := coef[0], coef[1], coef[2], coef[3]
	for j := range y {
		y[j] += c0*a0[j] + c1*a1[j] + c2*a2[j] + c3*a3[j]
	}
}

// Rotate turns two rows of equal length in their plane: x, y = c·x + s·y, c·y - s·x.
func Rotate(x, y []float64, c, s float64) {
	if len(x) == 0 {
		return
	}
	y = y[:len(x)]
	if fast {
		rotateAVX2(len(x), &x[0], &y[0], c, s)
		return
	}
	for i, u := range x {
		v := y[i]
		x[i] = c*u + s*v
		y[i] = c*v - s*u
	}
}

// Secular returns Σ z2_j/δ_j and Σ z2_j/δ_j² with δ_j = (d_j - origin) - tau. The difference of the
// two stored numbers comes first: with the origin at a pole, tau is the small distance of the root
// from it, and no δ_j loses digits.
func Secular(d, z2 []float64, origin, tau float64) (sum, slope float64) {
	if len(d) == 0 {
		return 0, 0
	}
	z2 = z2[:len(d)]
	if fast {
		var out [2]float64
		secularAVX2(len(d), &d[0], &z2[0], origin, tau, &out[0])
		return out[0], out[1]
	}
	for j, v := range d {
		r := 1 / ((v - origin) - tau)
		q := z2[j] * r
		sum += q
		slope += q * r
	}
	return sum, slope
}
