package pack

import "math/bits"

// A bit is coded with the probability, in units of 1/2048, that it is zero; it moves a sixteenth of
// the way to what came. The arithmetic is that of a carry-free binary range coder with 32 bits.
const (
	one  = 11 // log2 of the unit
	pace = 4
	top  = 1 << 24
)

// perContext is the number of probabilities of one context of numbers.
const perContext = 256

// bitCoder writes bits (decoding false) or reads them.
type bitCoder struct {
	decoding bool
	p        []uint16 // probabilities
	recent   []int    // by context: how large the last number was, 0 to 2

	span  uint32
	low   uint64 // of the writer
	cache byte
	held  int
	out   []byte

	code uint32 // of the reader
	in   []byte
}

func newWriter() *bitCoder { return &bitCoder{span: 0xffffffff, held: 1} }

func newReader(data []byte) *bitCoder {
	c := &bitCoder{decoding: true, span: 0xffffffff, in: data}
	for range 5 {
		c.code = c.code<<8 | uint32(c.next())
	}
	return c
}

func (c *bitCoder) next() byte {
	if len(c.in) == 0 {
		return 0
	}
	b := c.in[0]
	c.in = c.in[1:]
	return b
}

// bit codes one bit under probability i; a reader ignores b and returns what it reads.
func (c *bitCoder) bit(i int, b bool) bool {
	p := &c.p[i]
	bound := (c.span >> one) * uint32(*p)
	if c.decoding {
		b = c.code >= bound
	}
	if !b {
		c.span = bound
		*p += (1<<one - *p) >> pace
	} else {
		c.span -= bound
		*p -= *p >> pace
		if c.decoding {
			c.code -= bound
		} else {
			c.low += uint64(bound)
		}
	}
	for c.span < top {
		c.span <<= 8
		if c.decoding {
			c.code = c.code<<8 | uint32(c.next())
		} else {
			c.shift()
		}
	}
	return b
}

// shift moves the highest byte out, holding back those that a carry may still change.
func (c *bitCoder) shift() {
	if c.low < 0xff000000 || c.low >= 1<<32 {
		carry := byte(c.low >> 32)
		for ; c.held > 0; c.held-- {
			c.out = append(c.out, c.cache+carry)
			c.cache = 0xff
		}
		c.cache = byte(c.low >> 24)
	}
	c.held++
	c.low = c.low << 8 & 0xffffffff
}

func (c *bitCoder) finish() []byte {
	for range 5 {
		c.shift()
	}
	return c.out
}

// number codes a whole number of up to 31 bits in a context: whether it is zero, its sign, its
// length, and its digits, of which the two highest are foretold.
func (c *bitCoder) number(context, v int) int {
	for context >= len(c.recent) {
		c.recent = append(c.recent, 0)
		for range perContext {
			c.p = append(c.p, 1<<(one-1))
		}
	}
	at, h := context*perContext, c.recent[context]
	if !c.bit(at+h, v != 0) {
		c.recent[context] = 0
		return 0
	}
	negative := c.bit(at+3+h, v < 0)
	m := max(v, -v)
	n := 0
	for want := bits.Len(uint(m)) - 1; n < 30 && c.bit(at+8+32*(h/2)+n, n < want); n++ {
	}
	c.recent[context] = 1
	if n > 0 {
		c.recent[context] = 2
	}
	out, before := 1, 0
	for i := n - 1; i >= 0; i-- {
		q := at + 72 + n
		switch {
		case i == n-2:
			q = at + 104 + 2*n + before
		case i < n-2:
			q = at + 168 + i
		}
		before = 0
		if c.bit(q, m>>i&1 == 1) {
			before = 1
		}
		out = 2*out + before
	}
	if negative {
		return -out
	}
	return out
}
