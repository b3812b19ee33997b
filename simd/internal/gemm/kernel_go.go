package gemm

import "unsafe"

// plain returns the kernel in plain Go: tiles of 4×4 numbers.
func plain[T float32 | float64]() *kernel {
	var zero T
	k := &kernel{name: "go 4x4", bytes: int(unsafe.Sizeof(zero)), rows: 4, cols: 4}
	for kind := range kinds {
		for rows := 1; rows <= k.rows; rows++ {
			k.tile[0][kind] = append(k.tile[0][kind], func(t *tile) { plainTiles[T](t, rows) })
			k.tile[1][kind] = append(k.tile[1][kind], func(t *tile) { plainTable[T](t, rows) })
		}
	}
	k.copies = &copies{
		strip64: plainStrip[[8]uint64], strip32: plainStrip[[4]uint64], strip16: plainStrip[[2]uint64],
		strip8: plainStrip[uint64], strip4: plainStrip[uint32],
		transpose4: func(dst unsafe.Pointer, step int, src unsafe.Pointer, lanes *int, n int) {
			plainTranspose[T](dst, step, src, unsafe.Slice(lanes, 4), n)
		},
		transpose2: func(dst unsafe.Pointer, step int, src unsafe.Pointer, lanes *int, n int) {
			plainTranspose[T](dst, step, src, unsafe.Slice(lanes, 2), n)
		},
		dots4: func(n int, x, b unsafe.Pointer, bRow int, c unsafe.Pointer, cRow int) {
			for r := range 4 {
				plainDot[T](n, x, unsafe.Add(b, r*bRow), unsafe.Add(c, r*cRow))
			}
		},
		dots1: func(n int, x, b unsafe.Pointer, _ int, c unsafe.Pointer, _ int) { plainDot[T](n, x, b, c) },
	}
	return k
}

// get is the number at p + i bytes.
func get[T any](p unsafe.Pointer, i int) T { return *(*T)(unsafe.Add(p, i)) }

// plainTiles computes t.tiles tiles of so many rows.
func plainTiles[T float32 | float64](t *tile, rows int) {
	for i := range t.tiles {
		a, c := unsafe.Add(t.a, i*t.aTile), unsafe.Add(t.c, i*t.cTile)
		r0 := 0
		if t.cols == 4 {
			for ; r0+2 <= rows; r0 += 2 {
				plain2x4[T](t, unsafe.Add(a, r0*t.aRow), unsafe.Add(c, r0*t.cRow))
			}
		}
		for r := r0; r < rows; r++ {
			for j := range t.cols {
				var s T
				ar, b := r*t.aRow, j*int(unsafe.Sizeof(s))
				for range t.k {
					s += get[T](a, ar) * get[T](t.b, b)
					ar += t.aK
					b += t.bK
				}
				to := (*T)(unsafe.Add(c, r*t.cRow+j*int(unsafe.Sizeof(s))))
				if t.add != 0 {
					s += *to
				}
				*to = s
			}
		}
	}
}

// plainTable computes tiles whose terms of A are found in a table.
func plainTable[T float32 | float64](t *tile, rows int) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	table := unsafe.Slice((*int)(t.table), t.k)
	for i := range t.tiles {
		a, c := unsafe.Add(t.a, i*t.aTile), unsafe.Add(t.c, i*t.cTile)
		for r := range rows {
			for j := 0; j < t.cols; j += 4 {
				var s [4]T
				cols := min(4, t.cols-j)
				ar, b := r*t.aRow, j*size
				if cols == 4 {
					for _, off := range table {
						x, y := get[T](a, ar+off), (*[4]T)(unsafe.Add(t.b, b))
						s[0] += x * y[0]
						s[1] += x * y[1]
						s[2] += x * y[2]
						s[3] += x * y[3]
						b += t.bK
					}
				} else {
					for _, off := range table {
						x := get[T](a, ar+off)
						for l := range cols {
							s[l] += x * get[T](t.b, b+l*size)
						}
						b += t.bK
					}
				}
				for l := range cols {
					to := (*T)(unsafe.Add(c, r*t.cRow+(j+l)*size))
					if t.add != 0 {
						s[l] += *to
					}
					*to = s[l]
				}
			}
		}
	}
}

// plain2x4 keeps eight sums in registers: sixteen, with what they need besides, are more than amd64 has.
func plain2x4[T float32 | float64](t *tile, a, c unsafe.Pointer) {
	var c00, c01, c02, c03, c10, c11, c12, c13 T
	row, ai, bi, aK, bK, tb := t.aRow, 0, 0, t.aK, t.bK, t.b
	for range t.k {
		b := (*[4]T)(unsafe.Add(tb, bi))
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		x, y := get[T](a, ai), get[T](a, ai+row)
		c00 += x * b0
		c01 += x * b1
		c02 += x * b2
		c03 += x * b3
		c10 += y * b0
		c11 += y * b1
		c12 += y * b2
		c13 += y * b3
		ai += aK
		bi += bK
	}
	sums := [2][4]T{{c00, c01, c02, c03}, {c10, c11, c12, c13}}
	for r := range sums {
		to := (*[4]T)(unsafe.Add(c, r*t.cRow))
		for j, s := range sums[r] {
			if t.add != 0 {
				s += to[j]
			}
			to[j] = s
		}
	}
}

func plainStrip[T any](dst unsafe.Pointer, step int, src unsafe.Pointer, offs *int, n int) {
	for i, off := range unsafe.Slice(offs, n) {
		*(*T)(unsafe.Add(dst, i*step)) = get[T](src, off)
	}
}

func plainTranspose[T any](dst unsafe.Pointer, step int, src unsafe.Pointer, lanes []int, n int) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	for l, off := range lanes {
		for i := range n {
			*(*T)(unsafe.Add(dst, i*step+l*size)) = get[T](src, off+i*size)
		}
	}
}

// plainDot adds in eight lanes, which hides the latency of an addition and rounds less.
func plainDot[T float32 | float64](n int, x, b, c unsafe.Pointer) {
	xs, bs := unsafe.Slice((*T)(x), n), unsafe.Slice((*T)(b), n)
	var s [8]T
	i := 0
	for ; i+8 <= n; i += 8 {
		p, q := (*[8]T)(xs[i:]), (*[8]T)(bs[i:])
		s[0] += p[0] * q[0]
		s[1] += p[1] * q[1]
		s[2] += p[2] * q[2]
		s[3] += p[3] * q[3]
		s[4] += p[4] * q[4]
		s[5] += p[5] * q[5]
		s[6] += p[6] * q[6]
		s[7] += p[7] * q[7]
	}
	sum := ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
	for ; i < n; i++ {
		sum += xs[i] * bs[i]
	}
	*(*T)(c) = sum
}
