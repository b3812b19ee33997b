package simd

import "github.com/lemma-ml/lemma/simd/internal/peak"

// Peak measures the multiply-adds that this machine can do on the given number of threads, in
// GFLOP/s of float32 or float64: the ceiling to compare a product of matrices with. It takes a
// tenth of a second.
func Peak(threads int, double bool) float64 { return peak.Rate(threads, double) / 1e9 }
