package rng

import "math"

// SplitMix is the counter-based SplitMix64 generator (Steele, Lea, Flood 2014). Word k = 1, 2, ...
// of seed s mixes s + k·0x9E3779B97F4A7C15. It exists for portable golden numbers: every draw below
// is defined down to the word it consumes, so another language can repeat it. Experiments use
// Stream.
type SplitMix struct {
	state uint64
}

// NewSplitMix returns the generator with the given seed, before its first word.
func NewSplitMix(seed uint64) *SplitMix { return &SplitMix{state: seed} }

// Uint64 returns the next word. It makes SplitMix a math/rand/v2 Source.
func (s *SplitMix) Uint64() uint64 {
	s.state += 0x9E3779B97F4A7C15
	z := s.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Float64 returns (word >> 11)·2⁻⁵³, uniform on [0, 1).
func (s *SplitMix) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Normals returns n standard normals by Box-Muller: a pair of words (u1, u2) yields
// r·cos 2πu2 then r·sin 2πu2 with r = √(-2 ln(1-u1)). For odd n the last sine is dropped, so the
// call consumes 2⌈n/2⌉ words.
func (s *SplitMix) Normals(n int) []float64 {
	out := make([]float64, 0, n+1)
	for len(out) < n {
		u1, u2 := s.Float64(), s.Float64()
		r := math.Sqrt(-2 * math.Log(1-u1))
		sin, cos := math.Sincos(2 * math.Pi * u2)
		out = append(out, r*cos, r*sin)
	}
	return out[:n]
}

// Signs returns n signs: +1 where the uniform draw is at least 1/2, else -1.
func (s *SplitMix) Signs(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = -1
		if s.Float64() >= 0.5 {
			out[i] = 1
		}
	}
	return out
}

// IntN returns ⌊uN⌋ for one uniform draw u. It panics if n <= 0.
func (s *SplitMix) IntN(n int) int {
	if n <= 0 {
		panic("rng.SplitMix.IntN: n must be positive")
	}
	return int(s.Float64() * float64(n))
}

// Perm returns a permutation of 0..n-1 by Fisher-Yates: for i = n-1 down to 1, swap entries i and
// ⌊u(i+1)⌋.
func (s *SplitMix) Perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i >= 1; i-- {
		j := s.IntN(i + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}
