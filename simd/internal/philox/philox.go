package philox

import (
	"math"
	"math/bits"
	"unsafe"
)

// BlockSize is the number of bytes that one value of the counter gives.
const BlockSize = 16

// A State says what comes next:
//
//	state[0]            the key, low word first
//	state[1], state[2]  the counter, low half first
//
// States with different keys are different permutations of the counters.
type State [3]uint64

// After returns the state after so many bytes: the counter moves by ⌈bytes/16⌉, so that arrays drawn one
// after the other never share a block (within 2^128).
func (s State) After(bytes int) State {
	return s.skip(uint64(bytes+BlockSize-1) / BlockSize)
}

// skip adds to the counter.
func (s State) skip(blocks uint64) State {
	low, carry := bits.Add64(s[1], blocks, 0)
	return State{s[0], low, s[2] + carry}
}

const (
	m0 = 0xD2511F53
	m1 = 0xCD9E8D57
	w0 = 0x9E3779B9 // golden ratio
	w1 = 0xBB67AE85 // sqrt(3)-1

	rounds = 10
)

// keys are those of the rounds, each in the low halves of four words, zeros in the high ones: as
// assembly adds them.
type keys [rounds][2][4]uint64

// Fill fills b with the stream from block number first on.
func (s State) Fill(b []byte, first uint64) {
	s = s.skip(first)
	var k keys
	k0, k1 := uint32(s[0]), uint32(s[0]>>32)
	for i := range k {
		a, b := uint64(k0), uint64(k1)
		k[i] = [2][4]uint64{{a, a, a, a}, {b, b, b, b}}
		k0, k1 = k0+w0, k1+w1
	}
	whole := unsafe.Slice((*[4]uint32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/BlockSize)
	for len(whole) > 0 {
		n := len(whole)
		if left := math.MaxUint64 - s[1]; uint64(n-1) > left {
			n = int(left) + 1 // until the low half overflows
		}
		done := current.fill(whole[:n], &k, s[1], s[2])
		blocks(whole[done:n], &k, s[1]+uint64(done), s[2])
		whole, s = whole[n:], s.skip(uint64(n))
	}
	if rest := b[len(b)/BlockSize*BlockSize:]; len(rest) > 0 {
		var last [1][4]uint32
		blocks(last[:], &k, s[1], s[2])
		copy(rest, unsafe.Slice((*byte)(unsafe.Pointer(&last)), BlockSize))
	}
}

// blocks encrypts counters from (low, high) on, of which low does not overflow.
func blocks(out [][4]uint32, k *keys, low, high uint64) {
	var w [rounds][2]uint32 // dense
	for i := range w {
		w[i] = [2]uint32{uint32(k[i][0][0]), uint32(k[i][1][0])}
	}
	for i := range out {
		c0, c1, c2, c3 := uint32(low), uint32(low>>32), uint32(high), uint32(high>>32)
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[0][0], w[0][1]) // written out: a loop takes a fifth longer
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[1][0], w[1][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[2][0], w[2][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[3][0], w[3][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[4][0], w[4][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[5][0], w[5][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[6][0], w[6][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[7][0], w[7][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[8][0], w[8][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, w[9][0], w[9][1])
		out[i] = [4]uint32{c0, c1, c2, c3}
		low++
	}
}

// round multiplies two of the words and mixes the products' halves with the other two
// and the keys.
func round(c0, c1, c2, c3, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	p, q := uint64(c0)*m0, uint64(c2)*m1
	return uint32(q>>32) ^ c1 ^ k0, uint32(q), uint32(p>>32) ^ c3 ^ k1, uint32(p)
}
