// Package ntk is chapter 9: what an ultra-wide network computes, and how gradient descent trains it,
// in closed form. Everything here runs on the host in float64; finite networks that are really
// trained live in package finite beside it.
//
// # Notation
//
// The rows x_1..x_n of an n×d matrix are inputs, y their labels, ρ the cosine of a pair. κ₀ and κ₁
// are the arc-cosine functions Kappa0 and Kappa1. Σ^{(h)} is the covariance of layer h at random
// initialisation, Θ^{(L)} the tangent kernel of L hidden layers, H* the kernel of section 9.2 (one
// hidden layer, first layer trained), H an n×n Gram matrix with eigenvalues λ_1 >= ... >= λ_n and
// eigenvectors v_i, u(t) the outputs on the training inputs, C = yᵀH⁻¹y. Time t is gradient-flow time
// on ½Σ(f(x_i) - y_i)², so that t steps of size η make time ηt. A ridge is relative to the mean of
// the Gram matrix's diagonal.
//
// # From the book to the code
//
//	statement                              function                             checked by
//	H(0), H*, (9.8)                        TwoLayer, SampleGram, Kappa0         9.I2, 9.D1, 9.X1
//	Σ^{(h)}, Θ^{(L)}, c_σ (9.12)-(9.16)    Kernel, Normalisation, Kernel.Layers 9.A3, 9.A4, 9.A5
//	Lemma 9.2.2 and its proof              RunConcentration, HoeffdingRadius    9.L2, 9.I3
//	spectrum of H* on the circle           CircleSpectrum, RunFrequencies       9.D1/circle
//	constant-kernel training (9.5), (9.10) Spectrum, Flow, Descent              9.I1, 9.T1
//	kernel predictor (9.6)                 Train, Regress, Classify             9.A1
//	law of trained ensembles               Ensemble                             9.A1/ensemble
//	figure 9.1                             RunConvergence, Figure91             9.F1
//	complexity (9.11)                      ComplexityOf, Complexity             9.T2, 9.X2
//	figure 9.2                             RunNoise, Figure92                   9.F2
//	teachers of section 9.3.1              Teacher, RunTeachers, SquaredNorm    9.B1, 9.B2, 9.B3
//	UCI tables                             RunTables, CrossValidate             9.E1
//	exercise 3                             SeriesHStar, SeriesArccos            9.X3a-d
//	exercises, predictions, claims to break Exercises, Predictions, Breaks      TestCodeOfExercises, TestBreaks
//
// The third column names the claim, see Claims; unit tests check the same functions at other places.
//
// Explorers lists figures of these statements that a reader can change: ExploreKernel, ExploreCircle,
// ExploreNoise and others, for package widgets to show.
//
// # Use
//
//	k := ntk.Kernel{Depth: 3, Bias: true}
//	c, err := ntk.Classify(ctx, k, x, labels, 0.01)
//	classes, err := c.Predict(test)
//
// Inputs with norms far from 1 are fine for ReLU, which is homogeneous; other activations see the
// scale. Errors name the matrix and the place. A Gram matrix without inverse is never repaired
// silently: it is an error that carries the estimate of its smallest eigenvalue.
package ntk
