package elem

import "unsafe"

// unary makes a kernel from a function that fills d from x, slices of one length.
func unary[T, U any](f func(d []U, x []T)) Kernel {
	return func(dst, a, _, _ unsafe.Pointer, n int) {
		if n > 0 {
			f(unsafe.Slice((*U)(dst), n), unsafe.Slice((*T)(a), n))
		}
	}
}

// binary makes a kernel from a function that fills d from x and y, slices of one length.
func binary[T, U any](f func(d []U, x, y []T)) Kernel {
	return func(dst, a, b, _ unsafe.Pointer, n int) {
		if n > 0 {
			f(unsafe.Slice((*U)(dst), n), unsafe.Slice((*T)(a), n), unsafe.Slice((*T)(b), n))
		}
	}
}

// ternary makes a kernel from a function that fills d from x, y and z, slices of one length.
func ternary[T any](f func(d, x, y, z []T)) Kernel {
	return func(dst, a, b, c unsafe.Pointer, n int) {
		if n > 0 {
			f(unsafe.Slice((*T)(dst), n), unsafe.Slice((*T)(a), n), unsafe.Slice((*T)(b), n), unsafe.Slice((*T)(c), n))
		}
	}
}

// each makes a kernel that calls f for every element; the call costs some nanoseconds, which is
// little only where f does.
func each[T, U any](f func(T) U) Kernel {
	return unary(func(d []U, x []T) {
		x = x[:len(d)]
		for i := range d {
			d[i] = f(x[i])
		}
	})
}

// each2 is each for functions of two arguments.
func each2[T, U any](f func(x, y T) U) Kernel {
	return binary(func(d []U, x, y []T) {
		x, y = x[:len(d)], y[:len(d)]
		for i := range d {
			d[i] = f(x[i], y[i])
		}
	})
}

// move returns the kernel that copies elements of the given size, or nil for an odd size.
func move(size int) Kernel {
	switch size {
	case 1, 2, 4, 8, 16:
		return func(dst, a, _, _ unsafe.Pointer, n int) {
			if n > 0 {
				copy(unsafe.Slice((*byte)(dst), n*size), unsafe.Slice((*byte)(a), n*size))
			}
		}
	}
	return nil
}

// choose returns the kernel of Where for elements of the given size: a holds conditions.
func choose(size int) Kernel {
	switch size {
	case 1:
		return where[uint8]
	case 2:
		return where[uint16]
	case 4:
		return where[uint32]
	case 8:
		return where[uint64]
	case 16:
		return where[[2]uint64]
	}
	return nil
}

// where has dst as its condition only where elements are bytes, and reads each before it writes.
func where[T any](dst, a, b, c unsafe.Pointer, n int) {
	if n <= 0 {
		return
	}
	d, cond := unsafe.Slice((*T)(dst), n), unsafe.Slice((*uint8)(a), n)
	x, y := unsafe.Slice((*T)(b), n), unsafe.Slice((*T)(c), n)
	cond, x, y = cond[:len(d)], x[:len(d)], y[:len(d)]
	for i := range d {
		v := y[i]
		if cond[i] != 0 {
			v = x[i]
		}
		d[i] = v
	}
}
