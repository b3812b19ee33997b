//go:build race

package gemm

// raceEnabled says that the race detector, which makes sync.Pool forget at random, is on.
const raceEnabled = true
