package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Stream returns the random stream called name of the given seed: ChaCha8 keyed with
// SHA-256(seed as 8 little-endian bytes, name). Different names or seeds give streams with nothing
// in common; zero is an ordinary seed.
func Stream(seed uint64, name string) *rand.Rand {
	key := binary.LittleEndian.AppendUint64(nil, seed)
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(key, name...))))
}

// Normals returns n standard normal draws from r.
func Normals(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = r.NormFloat64()
	}
	return out
}

// Signs returns n draws that are +1 or -1 with probability 1/2 each.
func Signs(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1 - 2*float64(r.Uint64()>>63)
	}
	return out
}
