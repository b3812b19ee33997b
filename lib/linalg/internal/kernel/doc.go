// Package kernel holds the inner loops of dense algebra in float64 and what runs them on all
// processors: a matrix product, the passes over a few rows that a tridiagonal reduction makes, the
// sums of a secular equation, and a team of goroutines that stay awake between short pieces of work.
//
// # Notation
//
// Matrices are given by strides ([Matrix]); a row of n numbers is contiguous. Four rows of one
// array lie lda numbers apart. Everything counts in numbers, never in bytes.
//
// # What is here
//
//	what                                        function      checked by
//	C += α·A·B, whole or one triangle of it     Gemm          TestGemm
//	y += Σ c_r a_r and s_r += a_r·x, 4 rows     DotAxpy4      TestRows
//	s_r += a_r·x, 4 rows                        Dot4          TestRows
//	y += Σ c_r a_r, 4 rows                      Axpy4         TestRows
//	Σ z²/(d-λ) and Σ z²/(d-λ)²                  Secular       TestSecular
//	plane rotation of two rows                  Rotate        TestRotate
//	pieces of work on all processors            Team          TestTeam
//
// Package simd has products of matrices of its own (simd/internal/gemm): it must stand without the rest of
// Lemma, and plans a product once for arrays of any form, whereas a decomposition updates parts of one
// matrix, often a triangle alone, in every step.
//
// # Two routes
//
// On amd64 with AVX2 and FMA, found at start-up, the loops are assembly: 4×12 tiles of a product in
// twelve registers, eight multiply-adds for each four numbers of a symmetric product. Everywhere
// else they are plain Go. The two differ in the last bits, because a fused multiply-add rounds once
// and because four partial sums add in another order. On one machine results never differ: the order
// of additions depends on sizes alone. GODEBUG=cpu.avx2=off runs a program by the plain route.
package kernel
