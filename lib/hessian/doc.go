// Package hessian looks at the curvature of any loss that is written as a GoMLX graph: products of its
// Hessian with vectors, its extreme eigenpairs, and its whole spectrum as a density.
//
// # Notation
//
// L is a scalar function of parameters θ, a list of tensors read as one vector of R^d, tensor after
// tensor in row-major order. H = ∇²L(θ), λ_1 ≥ … ≥ λ_d its eigenvalues.
//
// # What is here
//
//	what                                        function                     checked by
//	L(θ), ∇L(θ)                                 Operator.Value, Gradient     TestAgainstFormulas
//	H·v = ∇(∇L·v), compiled once                Operator.Product             TestAgainstFormulas, TestAgainstDifferences
//	H entry by entry, for small d               Operator.Dense               TestAgainstFormulas
//	ends of the spectrum, with residuals        Operator.Top, Bottom         TestExtremes
//	density of eigenvalues by random vectors    Operator.Density             TestDensity
//	the curve of a density                      Density.Curve                TestCurve
//
// # An example
//
//	op, err := hessian.New(backend, loss, params, x, y)  // loss(params, inputs) as a graph
//	defer op.Close()
//	low, err := op.Bottom(ctx, 1)        // is this point a saddle? λ_d and its direction
//	d, err := op.Density(ctx, hessian.DensityConfig{})
//
// A product costs about as much as two gradients (Pearlmutter 1994) and memory like a gradient's.
// Autodiff cannot check itself: the tests compare with Hessians that are known as formulas, of least
// squares and of logistic regression, and with differences of gradients.
package hessian
