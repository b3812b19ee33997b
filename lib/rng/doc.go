// Package rng gives every experiment its random numbers: one seed, named streams, the same values
// on every machine.
//
//   - Stream(seed, name) is a *rand.Rand for one purpose ("init", "data", "noise"). Another stream
//     drawn from more or less often leaves it alone.
//   - SplitMix is the counter-based generator to which the golden numbers of the project's tests
//     refer: 64-bit SplitMix words, Box-Muller normals, Fisher-Yates permutations.
//
// Nothing here reads the clock or the operating system.
package rng
