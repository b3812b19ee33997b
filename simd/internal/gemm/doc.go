// Package gemm computes sums of products of two arrays of numbers, float32 or float64: matrix products,
// batches of them, their gradients, convolutions.
package gemm
