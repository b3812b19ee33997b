// Package eigenlearning predicts what kernel regression learns from n random examples, from the
// kernel's eigenvalues alone, and measures it: learnability with its exact conservation law, and
// learning curves. It goes beyond chapter 9, whose bounds say how large the error of an infinitely wide
// network can be, not how large it is.
//
// # Notation
//
// The domain is finite, M points with the uniform measure. φ_i are the kernel's eigenfunctions, mean
// square 1, and λ_i the eigenvalues of its operator (Tf)(x) = mean over z of k(x,z)f(z), which are those
// of the M×M Gram matrix over M. A target is Σc_iφ_i. The fit on training points X is
// f̂ = k(·,X)(K+δI)⁻¹y, with an absolute ridge δ; δ = 0 interpolates. The learnability of φ_i is
// 𝓛_i = ⟨φ_i, f̂[φ_i]⟩/⟨φ_i, φ_i⟩, the share of φ_i that comes back when φ_i itself is the target.
//
// # From the statement to the code
//
//	statement                                           function              checked by
//	Σ𝓛_i = n for every training set, exactly            NewFit, Conserved     9.+/conservation
//	Σλ/(λ+κ) + δ/κ = n, 𝓛_i = λ_i/(λ_i+κ)               Solve                 9.+/eigenlearning
//	MSE = n/(n-Σ𝓛²)·(Σ(1-𝓛_i)²c_i² + σ²)                Theory.MSE, Run       9.+/eigenlearning
//	the same on a data set, eigenvectors as basis       RunCurve              9.+/digits-curve
//	parities are the eigenfunctions on the cube         Cube.Spectrum, Walsh  TestSpectrumRoutes
//	the formula is too low on the circle                Config.Circle         9.+/circle-limit
//
// # Why the law is exact
//
// Add up 𝓛_i over an orthonormal basis: Σφ_iφ_iᵀ/M is the identity of the domain, so the sum is the
// trace of the map from labels to outputs on the training points, K(K+δI)⁻¹, which is n without a
// ridge. Nothing about the kernel, the basis or the sample is used: a kernel that learns one function
// better learns another one worse. The learning curve, by contrast, is a theory of averages (Simon et
// al. 2021; Bordelon, Canatar and Pehlevan 2020): it takes eigenfunctions on random points for
// independent Gaussian features. On the 8-cube that costs a few percent, on 357 digits 3 and 8 with
// their true labels 3 to 5 percent up to an eighth of the data and 20 at half of it; on the circle, where the
// error sits in the widest gap between two examples, it is too low by a factor of 2 to 7 at n = 8 to
// 32, and the factor grows with n.
//
// # Use
//
//	cube, err := eigenlearning.NewCube(8, ntk.Kernel{Depth: 3})
//	theory, err := eigenlearning.Solve(cube.Spectrum(), 32, 0)
//	fmt.Println(theory.Learn[2]) // of a parity of two bits
//
//	gram, err := ntk.Kernel{Depth: 2}.Gram(x) // a data set of one's own
//	curve, err := eigenlearning.RunCurve(ctx, gram, y, eigenlearning.CurveConfig{})
package eigenlearning
