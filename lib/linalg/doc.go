// Package linalg is the small dense algebra that the chapters share: symmetric matrices in
// float64 on the host, on all processors, with loops of its own underneath.
//
// # Notation
//
// A is a real symmetric n×n matrix ([gonum.org/v1/gonum/mat.SymDense]), λ_1 ≥ … ≥ λ_n its
// eigenvalues, v_i its unit eigenvectors, X an n×d matrix with one example a row. ‖·‖ of a vector
// is the Euclidean norm, of a matrix the spectral norm.
//
// # What is here
//
//	what                                  function                         checked by
//	Gram matrix X·Xᵀ                      Gram, CrossGram                  TestGram
//	symmetric matrix from its entries     FillSym                          TestFillSym
//	symmetric part, matrix of an operator Symmetrize, OpSym                TestSymmetrize
//	Gauss quadrature of a spectrum        Quadrature                       TestQuadrature
//	A = L·Lᵀ, A⁻¹b, bᵀA⁻¹b, ln det A      Cholesky, Factor                 TestCholesky
//	A = Σ λ_i v_i v_iᵀ                    EigenSym, EigenvaluesSym         TestEigenSym, TestEigenSymSpectra
//	‖A‖                                   SpectralNorm                     TestSpectralNorm
//	A⁺ on the range of a PSD matrix       PSD, Range                       TestPSD
//	extreme eigenvalues of an operator    Lanczos                          TestLanczos
//	loops over rows on all processors     Parallel                         TestParallel
//
// Chapter 9 (neural tangent kernels) leans on all of it: C = yᵀH⁻¹y is [Factor.Quad], figure 9.1
// is [EigenSym], the drift ‖H(t)-H(0)‖ is [SpectralNorm], and exercise 3b with n > d inputs is [PSD].
//
// # An example
//
//	k, err := linalg.Gram(ctx, x)          // kernel of the training rows
//	f, err := linalg.Cholesky(k)           // refuses a singular one, with its λ_min
//	alpha, err := f.SolveVec(y)            // weights of the kernel predictor
//	c, err := f.Quad(y)                    // its complexity yᵀK⁻¹y
//
// # How EigenSym goes
//
//	step                                                     file               checked by
//	A = Q·T·Qᵀ by reflectors, T tridiagonal                  tridiagonal.go     TestTridiagonal, TestReflect
//	T in halves, down to blocks of 32                        divide.go          TestEigenSymSpectra
//	a block: QL steps (values alone: all of T)               ql.go              TestQL
//	two halves joined: a change of rank one                  secular.go         TestSecular
//	vectors of T to vectors of A, 96 reflectors at a time    backtransform.go   TestTridiagonal
//
// All but a seventh of the arithmetic is products of matrices, and runs at their speed: with AVX2 on
// two cores, a matrix of order 1000 takes a fifth of a second and one of order 2000 about one.
//
// # Promises
//
// Nothing here adds jitter: a matrix that is not positive definite to working precision is refused
// with a [NotPositiveDefiniteError] that carries an estimate of λ_min. Non-finite input is refused
// with a [NonFiniteError] before any work is done. Every result is the same for any GOMAXPROCS,
// because each entry is computed by one goroutine, in an order that depends on sizes alone. Between
// machines the last bits may differ: with AVX2 and FMA, found at start-up, the inner loops are
// assembly and round each multiply-add once; elsewhere they are plain Go. Input is never written to.
package linalg
