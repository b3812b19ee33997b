// Package linalg is the small dense algebra that the chapters share: symmetric matrices in
// float64 on the host, with gonum's vector kernels underneath.
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
//	A = L·Lᵀ, A⁻¹b, bᵀA⁻¹b, ln det A      Cholesky, Factor                 TestCholesky
//	A = Σ λ_i v_i v_iᵀ                    EigenSym, EigenvaluesSym         TestEigenSym
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
// # Promises
//
// Nothing here adds jitter: a matrix that is not positive definite to working precision is refused
// with a [NotPositiveDefiniteError] that carries an estimate of λ_min. Non-finite input is refused
// with a [NonFiniteError] before any work is done. Every result is the same for any GOMAXPROCS,
// because each entry is computed by one goroutine, in an order that depends on sizes alone.
// Input is never written to.
package linalg
