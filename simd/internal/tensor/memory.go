package tensor

import "unsafe"

// Align is what the addresses of arrays are multiples of, in bytes: a cache line, and the widest vector.
const Align = 64

// Alloc returns the address of so many bytes of zeros, a multiple of [Align]; also of none, where it
// must not be read. The memory lives as long as a pointer into it does. It holds no pointers: those
// stored there keep nothing alive.
func Alloc(bytes int) unsafe.Pointer {
	p := unsafe.Pointer(unsafe.SliceData(make([]byte, bytes+Align)))
	return unsafe.Add(p, -uintptr(p)&(Align-1))
}
