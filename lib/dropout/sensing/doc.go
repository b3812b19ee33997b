// Package sensing holds sections 11.1 and 11.1.1: matrix sensing with two factors under dropout, the
// penalty that dropout is, and the nuclear norm that it induces.
//
// # Notation
//
// U is d₂×d₁ and V is d₀×d₁, with columns u_j and v_j; d₁ is the width. M = UVᵀ is the product, M* the
// matrix that is sought, A⁽ⁱ⁾ are the n sensing matrices, d₂×d₀, and y_i = ⟨M*, A⁽ⁱ⁾⟩ + noise. p is the
// rate at which units are dropped and λ = p/(1-p). R̂ is the penalty on the sample, R its expectation and
// Θ(M) the least R of all factors with product M; none of them contains λ. σ_1 ≥ σ_2 ≥ ... are singular
// values and ‖·‖_* is their sum. F(a; r, c) is the r×c matrix with entries sin(a + 1.7t + 0.3t²),
// t = ic + j.
//
// # What is here
//
//	statement                                            function                          checked by
//	the loss (11.1), solutions that miss M*              Problem.Objective, Run            11.B1, 11.B2
//	small starts prefer low rank                         Run                               11.B3
//	the objective by all masks, by some masks (11.2)     Problem.Enumerate, Problem.Sample 11.B4
//	it is L̂ + λR̂ (11.3 to 11.5), with gradients          Problem.Objective, .Gradient      11.B5, TestHessian
//	R̂ about R, with its variance                         Factors.PenaltyVariance           11.B6
//	Θ, where there are no factors, its envelope          Theta, Envelope, Mixture          11.B7
//	R = Σ‖u_j‖²‖v_j‖², and for any law of A              Factors.Penalty, .PenaltyUnder    11.C1
//	Θ(M) = ‖M‖_*²/d₁ (11.6)                              Theta                             11.C2, 11.C3
//	equalized factors, what rotations cannot do          Equalize, BestRotation            11.C4, 11.C5
//	sensing as a network of two layers                   Problem                           11.G4
//	the population's minimum: one threshold              WaterFill, Solve, Descend         11.+/waterfill
//	few samples, against that minimum                    Run                               11.+/sensing
//	rank one: the sample does not matter                 Run                               11.+/rankone
//	samples, width and rate                              RunPhase                          ExplorePhase
//	pictures with sliders; what to drop and to predict   Explorers, Breaks, PredictNuclear TestExplorers, TestLessons
//
// Where the book differs: Theorem 11.1.1 is false for a given pair and true for a given product, and (11.6)
// needs the rank of M to be at most d₁.
//
// # An example
//
//	m := sensing.Fixture(1, 6, 5)
//	theta, err := sensing.Theta(m, 8)            // ‖M‖_*²/8
//	e, err := sensing.Equalize(m, 8)             // factors that reach it, and the steps to them
//	o, err := sensing.Solve(m, 8, 2)             // the minimum at λ = 2 with infinitely many samples
//	r, err := sensing.Run(ctx, sensing.Config{}) // and with 100
//	fig := r.Figure()
//
// Sources: Mianjy, Arora and Vidal (2018); Cavazza et al. (2018); Gunasekar et al. (2017) and Li, Ma and
// Zhang (2018) for small starts.
package sensing
