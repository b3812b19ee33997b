package gemm

// A lane says where the elements of one array lie along one of the flattened directions (batch, M, N or
// K) of a product: a mixed-radix counter with a stride for each digit. Everything in bytes.
type lane struct {
	dims, strides []int // outermost first; without axes of size 1, neighbours merged where they can be
}

// newLane merges axes: an outer axis continues an inner one if its stride is the inner's length.
func newLane(dims, strides []int) lane {
	var l lane
	for i := len(dims) - 1; i >= 0; i-- {
		if dims[i] == 1 {
			continue
		}
		if n := len(l.dims); n > 0 && strides[i] == l.strides[n-1]*l.dims[n-1] {
			l.dims[n-1] *= dims[i]
			continue
		}
		l.dims = append(l.dims, dims[i])
		l.strides = append(l.strides, strides[i])
	}
	for i, j := 0, len(l.dims)-1; i < j; i, j = i+1, j-1 {
		l.dims[i], l.dims[j] = l.dims[j], l.dims[i]
		l.strides[i], l.strides[j] = l.strides[j], l.strides[i]
	}
	return l
}

// linear returns the one stride of a lane that has one; 0 for a lane of one element.
func (l lane) linear() (stride int, ok bool) {
	switch len(l.dims) {
	case 0:
		return 0, true
	case 1:
		return l.strides[0], true
	}
	return 0, false
}

// run returns how many elements lie next to each other: the length of the innermost axis if its stride
// is size, otherwise 1.
func (l lane) run(size int) int {
	if n := len(l.dims); n > 0 && l.strides[n-1] == size {
		return l.dims[n-1]
	}
	return 1
}

// at returns the offset of element i.
func (l lane) at(i int) int {
	off := 0
	for d := len(l.dims) - 1; d > 0; d-- {
		off += i % l.dims[d] * l.strides[d]
		i /= l.dims[d]
	}
	if len(l.dims) > 0 {
		off += i * l.strides[0]
	}
	return off
}

// fill returns the offsets of elements start … start+n-1, in dst if it is long enough.
func (l lane) fill(dst []int, start, n int) []int {
	if cap(dst) < n {
		dst = make([]int, max(n, 512))
	}
	dst = dst[:n]
	if len(l.dims) == 0 {
		clear(dst)
		return dst
	}
	last := len(l.dims) - 1
	size, step := l.dims[last], l.strides[last]
	for i := 0; i < n; {
		off := l.at(start + i)
		end := n
		if last > 0 {
			end = min(n, i+size-(start+i)%size)
		}
		for ; i < end; i++ {
			dst[i] = off
			off += step
		}
	}
	return dst
}
