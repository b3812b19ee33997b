package generic

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// Long windows that move by one, as those of cumulative sums, share most of their work. The places
// that windows see are divided into blocks of the window's extent w; then any window is the end of one
// block and the beginning of the next (van Herk 1992, Gil and Werman 1993):
//
//	y[j] = end[j] ∘ begin[j+w-1],  begin[t] = x[block's first] ∘ … ∘ x[t],  end[t] = x[t] ∘ … ∘ x[block's last]
//
// which takes three operations for an element, whatever w.

// long reports whether that pays: a call for each row costs more than elements in a dense one.
func (s *sliding) long() bool {
	return s.stride == 1 && s.base == 1 && s.dilation == 1 && s.window > 4 && s.window*min(s.inner, 32) > 256
}

// longBlock is how many columns of the inner axis are done at a time.
const longBlock = 256

func (s *sliding) runLong(pool *par.Pool, y, x unsafe.Pointer) {
	blocks := (s.inner + longBlock - 1) / longBlock
	per := max(1, (pieceBytes/4)/(s.m*min(s.inner, longBlock)*s.size))
	total := s.outer * blocks
	pool.For((total+per-1)/per, func(piece int) {
		rows := s.m + s.window - 1
		m := borrow(2 * rows * min(s.inner, longBlock) * s.size)
		defer m.giveBack()
		for i := piece * per; i < min((piece+1)*per, total); i++ {
			o, c := i/blocks, i%blocks*longBlock
			s.reduceLong(unsafe.Add(y, (o*s.m*s.inner+c)*s.size), unsafe.Add(x, (o*s.n*s.inner+c)*s.size),
				min(longBlock, s.inner-c), m.data())
		}
	})
}

// reduceLong does some columns of one outer index.
func (s *sliding) reduceLong(y, x unsafe.Pointer, columns int, scratch unsafe.Pointer) {
	line, row, w := s.inner*s.size, columns*s.size, s.window
	rows := s.m + w - 1
	begin := func(t int) unsafe.Pointer { return unsafe.Add(scratch, t*row) }
	end := func(t int) unsafe.Pointer { return unsafe.Add(scratch, (rows+t)*row) }
	// at returns row t of what the windows see, nil for padding.
	at := func(t int) unsafe.Pointer {
		if t < s.pad || t-s.pad >= s.n {
			return nil
		}
		return unsafe.Add(x, (t-s.pad)*line)
	}
	for t := range rows {
		s.join(begin(t), begin(max(t-1, 0)), at(t), t%w == 0, false, columns)
	}
	for t := rows - 1; t >= 0; t-- {
		s.join(end(t), end(min(t+1, rows-1)), at(t), t == rows-1 || t%w == w-1, true, columns)
	}
	for j := range s.m {
		dst := unsafe.Add(y, j*line)
		if j%w == 0 {
			copyBytes(dst, begin(j+w-1), row)
		} else {
			s.f(dst, end(j), begin(j+w-1), nil, columns)
		}
	}
}

// join sets dst to sum ∘ x, or x ∘ sum; there is no sum at the first row of a block, and no x in the
// padding.
func (s *sliding) join(dst, sum, x unsafe.Pointer, first, before bool, columns int) {
	switch {
	case first && x == nil:
		fillBytes(s.size, dst, s.identity, columns)
	case first:
		copyBytes(dst, x, columns*s.size)
	case x == nil:
		copyBytes(dst, sum, columns*s.size)
	case before:
		s.f(dst, x, sum, nil, columns)
	default:
		s.f(dst, sum, x, nil, columns)
	}
}
