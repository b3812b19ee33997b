package kernel

// A tile of a product is tileRows×tileCols: twelve registers of four numbers hold it.
const (
	tileRows = 4
	tileCols = 12
)

// tile adds to the 4×12 block at c, rows ldc apart, the product of 4×k by k×12. Entry (r, t) of the
// first is a[r·ars + t·acs]; the second is packed, row after row.
func tile(k int, a []float64, ars, acs int, b, c []float64, ldc int) {
	_ = a[3*ars+(k-1)*acs]
	_ = b[tileCols*k-1]
	_ = c[3*ldc+tileCols-1]
	if fast {
		tileAVX2(k, &a[0], ars, acs, &b[0], &c[0], ldc)
		return
	}
	tileGo(k, a, ars, acs, b, c, ldc)
}

// tileGo is [tile] in Go, by 4×4 blocks: sixteen sums are what a compiler keeps in registers.
func tileGo(k int, a []float64, ars, acs int, b, c []float64, ldc int) {
	for j := 0; j < tileCols; j += 4 {
		var s00, s01, s02, s03, s10, s11, s12, s13 float64
		var s20, s21, s22, s23, s30, s31, s32, s33 float64
		p := 0
		for t := range k {
			row := b[t*tileCols+j : t*tileCols+j+4 : t*tileCols+j+4]
			b0, b1, b2, b3 := row[0], row[1], row[2], row[3]
			v := a[p]
			s00 += v * b0
			s01 += v * b1
			s02 += v * b2
			s03 += v * b3
			v = a[p+ars]
			s10 += v * b0
			s11 += v * b1
			s12 += v * b2
			s13 += v * b3
			v = a[p+2*ars]
			s20 += v * b0
			s21 += v * b1
			s22 += v * b2
			s23 += v * b3
			v = a[p+3*ars]
			s30 += v * b0
			s31 += v * b1
			s32 += v * b2
			s33 += v * b3
			p += acs
		}
		add4(c[j:], s00, s01, s02, s03)
		add4(c[ldc+j:], s10, s11, s12, s13)
		add4(c[2*ldc+j:], s20, s21, s22, s23)
		add4(c[3*ldc+j:], s30, s31, s32, s33)
	}
}

func add4(c []float64, s0, s1, s2, s3 float64) {
	c = c[:4]
	c[0] += s0
	c[1] += s1
	c[2] += s2
	c[3] += s3
}
