package generic

import (
	"math/bits"
	"unsafe"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Random bits come from Philox-4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3", SC 2011), a block cipher applied to a counter. The state is three uint64:
//
//	state[0]            the key, low word first
//	state[1], state[2]  the counter, low half first
//
// Block j encrypts counter+j (mod 2^128) and gives bytes 16j … 16j+15 of the array, low bytes first.
// So each element depends on the state and on its place alone. Taking b bytes advances the counter
// by ⌈b/16⌉. Arrays drawn one after the other therefore never share a block (within 2^128); states
// with different keys are different permutations of the counters. A state drawn from bits of another
// one, as graph.RNGStateSplit does, has a key of its own.
func init() {
	register(ir.OpRNGBits, rngBits)
	register(ir.OpRNGState, rngState)
}

const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9 // golden ratio
	philoxW1 = 0xBB67AE85 // sqrt(3)-1

	rngBlock = 16 // bytes
)

// rngBits fills out with random bits; a bool takes the lowest bit of its byte.
func rngBits(pool *par.Pool, _ *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	state := tensor.Flat[uint64](in[0])
	size := out.Size() * out.DType.Size()
	data := unsafe.Slice((*byte)(out.Data), size)
	const piece = 1 << 15
	pool.For((size+piece-1)/piece, func(i int) {
		lo := i * piece
		b := data[lo:min(lo+piece, size)]
		philoxFill(b, [3]uint64(state), uint64(lo/rngBlock))
		if out.DType == dtypes.Bool {
			for j := range b {
				b[j] &= 1
			}
		}
	})
}

// rngState advances the counter.
func rngState(_ *par.Pool, n *ir.Node, in []tensor.Tensor, out tensor.Tensor) {
	state, next := tensor.Flat[uint64](in[0]), tensor.Flat[uint64](out)
	blocks := (params[ir.RNGState](n).Bytes + rngBlock - 1) / rngBlock
	low, carry := bits.Add64(state[1], uint64(blocks), 0)
	next[0], next[1], next[2] = state[0], low, state[2]+carry
}

// philoxFill fills b with the blocks from number first on.
func philoxFill(b []byte, state [3]uint64, first uint64) {
	var keys [10][2]uint32
	k0, k1 := uint32(state[0]), uint32(state[0]>>32)
	for i := range keys {
		keys[i] = [2]uint32{k0, k1}
		k0, k1 = k0+philoxW0, k1+philoxW1
	}
	low, carry := bits.Add64(state[1], first, 0)
	high, whole := state[2]+carry, len(b)/rngBlock
	philox(unsafe.Slice((*[4]uint32)(unsafe.Pointer(unsafe.SliceData(b))), whole), &keys, low, high)
	if rest := b[whole*rngBlock:]; len(rest) > 0 {
		var last [1][4]uint32
		low, carry = bits.Add64(low, uint64(whole), 0)
		philox(last[:], &keys, low, high+carry)
		copy(rest, unsafe.Slice((*byte)(unsafe.Pointer(&last)), rngBlock))
	}
}

// philox encrypts counters from (low, high) on with the round keys.
func philox(out [][4]uint32, k *[10][2]uint32, low, high uint64) {
	for i := range out {
		c0, c1, c2, c3 := uint32(low), uint32(low>>32), uint32(high), uint32(high>>32)
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[0][0], k[0][1]) // written out: a loop takes a fifth longer
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[1][0], k[1][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[2][0], k[2][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[3][0], k[3][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[4][0], k[4][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[5][0], k[5][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[6][0], k[6][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[7][0], k[7][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[8][0], k[8][1])
		c0, c1, c2, c3 = round(c0, c1, c2, c3, k[9][0], k[9][1])
		out[i] = [4]uint32{c0, c1, c2, c3}
		if low++; low == 0 {
			high++
		}
	}
}

// round multiplies two of the words and mixes the products' halves with the other two
// and the keys.
func round(c0, c1, c2, c3, k0, k1 uint32) (uint32, uint32, uint32, uint32) {
	p, q := uint64(c0)*philoxM0, uint64(c2)*philoxM1
	return uint32(q>>32) ^ c1 ^ k0, uint32(q), uint32(p>>32) ^ c3 ^ k1, uint32(p)
}
