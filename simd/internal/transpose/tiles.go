package transpose

import "unsafe"

// Tiles sets dst[j][i] = src[i][j] for i < r and j < c, the parts of rows and columns that fill whole
// registers, and returns r and c; 0, 0 if not [Has]. Rows of dst are ds bytes apart, those of src ss,
// and elements within them are dense. The arrays must not overlap.
func Tiles(size int, dst, src unsafe.Pointer, ds, ss, rows, columns int) (r, c int) {
	var f func(dst, src *byte, ds, ss, rows, columns int)
	side := 32 / size
	switch size {
	case 4:
		f = words
	case 8:
		f = doubles
	}
	r, c = rows/side*side, columns/side*side
	if f == nil || r == 0 || c == 0 {
		return 0, 0
	}
	f((*byte)(dst), (*byte)(src), ds, ss, r, c)
	return r, c
}

// Has reports whether there is assembly for elements of this size.
func Has(size int) bool { return size == 4 && words != nil || size == 8 && doubles != nil }
