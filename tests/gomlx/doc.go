// Package gomlx runs GoMLX's own tests on the backend simd.
//
// The sources of GoMLX are copied from the module cache, with simd among the default backends and
// without XLA, which would want to download a plugin. Every test of pkg/core/graph/... and pkg/ml/...
// is run with GOMLX_BACKEND=go and with GOMLX_BACKEND=simd; what passes on go must pass on simd. What
// passes on simd only is listed, and what fails on both: of GoMLX v0.26.0 TestGradientFFT, which
// compares with the random numbers that XLA draws from its seed, and one case of
// TestGradientBatchNorm, where the gradient is 0 and the numbers compared with are XLA's rounding errors.
//
//	go test ./tests/gomlx -v
//
// takes some minutes; -short skips it. The tests need a few modules that this one does not, which the
// go command downloads; without a network it is skipped.
package gomlx
