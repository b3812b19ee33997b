// Package tied holds section 11.3: the landscape of a linear autoencoder with tied weights under dropout.
//
// # Notation
//
// U is the d₀×d₁ matrix of weights with columns u_j, one a hidden unit; d₁ is the width. M is symmetric,
// d₀×d₀, with eigenvalues λ_1 ≥ λ_2 ≥ ... and unit eigenvectors w_i; plain λ is the strength p/(1-p) of
// dropout at the rate p. The objective is (11.11),
//
//	L_θ(U) = ‖M - UUᵀ‖_F² + λ·Σ_j‖u_j‖⁴,
//
// a landscape.Objective of d₀·d₁ variables, U by rows. U is equalized if all ‖u_j‖ are the same. A support
// is a set of eigenvectors that the range of U spans; c is the squared norm of the columns of a block.
// ρ and τ belong to the global minimum: UUᵀ has there the eigenvalues λ_i - τ for i ≤ ρ, and 0.
//
// # What is here
//
//	statement                                              function                       checked by
//	the population risk                                    Moments.Risk                   11.F1
//	its mean over masks is (11.11)                         Moments.Dropout                11.F2
//	gradient and Hessian                                   Model.Objective                11.F4
//	the global minimum (Theorem 11.3.1)                    Model.Minimum                  11.F3, TestMinimum
//	the same from random starts                            Restarts                       11.F3, 11.F10, 11.F11
//	UUᵀ ⪯ M where M ⪰ 0 (Lemma 11.3.2)                     Model.Below                    11.F5
//	minima are equalized (Lemma 11.3.3)                    Gap                            11.F6
//	the rotation Q_δ (11.13)                               Rotate                         11.F7
//	all columns of one length by d₁-1 plane rotations      Equalize                       TestEqualize
//	figure 11.1 in closed form                             Plane                          11.F8
//	strict saddles (Definition 11.3.4)                     Family.Global, Model.Down      11.F9
//	non-equalized critical points (Lemma 11.3.6)           Model.Families                 11.F12
//	equalized ones, four cases (Lemma 11.3.7, 11.14-15)    Model.Equalized, Model.Case    11.F13
//	no condition on λ                                      Model.Down                     11.F11, 11.+/lambda-free
//	the condition that the book asks for                   Threshold                      11.F10, 11.F11
//	width                                                  Model.Minimum                  11.F15
//	descent and dropout leave saddles                      SGD                            11.F16, TestSGDMean
//	pictures with controls                                 Explorers                      TestExplorers
//	what a reader predicts and breaks                      PredictRestarts, PredictSaddle,
//	                                                       BreakCondition                 TestPredictions, TestBreak
//
// # All critical points
//
// Multiplying ∇L_θ = 0 by Uᵀ shows that UᵀU commutes with diag(UᵀU): columns of different lengths are
// orthogonal. So the columns fall into blocks of one length each, and the range of a block is spanned by
// eigenvectors of M: with k columns and the support E,
//
//	s_i = λ_i - λc for i in E,   c = Σ_E λ_i/(k + λ|E|),
//
// are its eigenvalues of UUᵀ, and exist if all are above 0 and |E| ≤ k. One block with k = d₁ is an
// equalized point, (11.14). Families lists them all, and Down gives each that is not a global minimum a
// direction along which L_θ curves down, whatever λ > 0, d₁ and the signs of M's eigenvalues.
//
// # An example
//
//	m, err := tied.New(mat.NewDiagDense(5, []float64{4, 2, 1, .5, .1}), 3, 5)
//	best := m.Minimum()                          // ρ, τ, the spectrum, the value, a U that has it
//	families, err := m.Families()                // every other critical point
//	down := m.Down(&families[k], u)              // and the way out of it
package tied
