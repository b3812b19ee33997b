// Package feature turns the dial between the kernel regime of chapter 9 and the learning of features:
// one two-layer network, one data set, and an output scale α.
//
// # Notation
//
// f(x) = m^{-1/2} Σ a_r σ(w_rᵀx) is the network of section 9.2, first layer trained, w(0) its start. The
// model is α·(f(x) - f₀(x)), f₀ being f at the start, and gradient descent runs on the square loss over
// α²,
//
//	(1/2α²)·Σ_i (α(f(x_i) - f₀(x_i)) - y_i)²,
//
// so that outputs move at a speed that does not depend on α: du/dt = -H(t)(u - y) with H(t) the kernel
// of f, as in Lemma 9.1.1. To fit labels of size 1 the weights move by O(1/α). Large α is lazy: H(t)
// stays H(0), and the model is kernel regression. Small α is rich: the weights move far and H(t) turns
// towards the labels. Time is t = ηk after k steps.
//
// Labels come from a single-index teacher, y = g(√d·βᵀx) with a unit vector β and x uniform on the unit
// sphere of R^d; g has mean 0 and variance 1 under N(0, 1). A test error is the mean square over the
// variance of the test labels, so that 1 is what a constant reaches. The alignment of a kernel matrix
// with the labels is
//
//	A(t) = yᵀH(t)y / (‖H(t)‖_F·‖y‖²).
//
// # What is here
//
//	statement                                            function      checked by
//	large α is the kernel: drift and distance ~ 1/α      Run           9.+/dial
//	with antisymmetric pairs the drift falls as 1/α²     Run           9.+/dial
//	ReLU, whose gates flip, drifts as α^(-1/2)           Run           9.+/dial
//	small α aligns H and the weights with the teacher    Run           9.+/dial
//	a trained net beats every kernel it could have been  Run, RunGap   9.O1/miniature
//	the dial, to turn and to predict                     ExploreDial, PredictDial, BreakScale
//
// Sources: Chizat, Oyallon and Bach (2019) for the scale α; Damian, Lee and Soltanolkotabi (2022) and
// Bietti, Bruna, Sanford and Song (2022) for single-index teachers; Long (2021) for the kernel after
// training.
package feature
