// Package nn holds the small networks that the chapters train, as functions from graph nodes to
// graph nodes, with their parameters as plain matrices on the host.
//
// # Notation
//
// X is an n×d matrix, one example a row. A hidden layer has pre-activations f^{(h)} = W^{(h)}g^{(h-1)}
// and activations g^{(h)} = √(c_σ/d_h)·σ(f^{(h)}); in graphs they are [n, d_h], again one example a
// row. c_σ = 1/E[σ(z)²] for z ~ N(0, 1). Weights are N(0, 1) at initialisation and the scaling sits in
// the forward pass (the parametrisation under which the tangent kernel has a limit).
//
// # What is here
//
//	what                                            function                     checked by
//	σ and σ' on the host and in the graph, c_σ      Activation                   TestActivation
//	f(x) = m^{-1/2} Σ a_r σ(w_rᵀx)     (9.7)        TwoLayer                     TestTwoLayer
//	its first-layer gradient as two products        TwoLayer.WeightGradient      TestWeightGradient
//	L hidden layers                    (9.12)       FullyConnected               TestForward
//	b^{(h)}, D^{(h)}, ∂f/∂W^{(h)} = b gᵀ (9.13)     FullyConnected.Backward      TestBackward
//	matrices in and out of the graph                Tensor, Dense                TestTensor
//	per-example gradients by autodiff               Jacobian                     TestJacobianOfLinear
//
// # Why explicit gradients beside autodiff
//
// GoMLX builds the gradient of a matrix product as ReduceSum(Mul(...)) over n·d_h·d_{h-1} numbers. simd
// makes products of matrices of it, and autodiff takes 1.0 to 1.26 times as long there as the functions
// here, which write products (BenchmarkGradient); GoMLX's own backend go takes up to 19 times as long,
// and on GPUs XLA leaves the gradients of weights as reductions (gomlx/gomlx#428). A test holds each
// function to autodiff. Functions on nodes panic with an error value on a wrong shape, functions on host
// values return errors.
package nn
