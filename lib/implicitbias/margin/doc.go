// Package margin holds sections 8.3 and 8.4: with an exponential loss on data that can be separated, the
// weights grow without end, and where they point to is what an algorithm prefers. Gradient descent finds the
// direction of largest ℓ₂ margin, steepest descent in another norm that of its norm, AdaBoost not quite the
// ℓ₁ margin, and homogeneous nets a stationary direction of a margin problem that is not convex.
//
// # Notation
//
// x_i in R^d are n points, y_i = ±1 their labels, w weights. L(w) = Σ exp(-y_i⟨w, x_i⟩) is a sum, not a
// mean, and always stands as its logarithm. ‖·‖ is an ℓ_p norm, ‖·‖_* its dual, B = max_i ‖x_i‖_*, and
// γ = max_{‖w‖≤1} min_i y_i⟨w, x_i⟩ the largest margin. p_i is a point's share of the loss. η_t is the step
// size for the gradient of L; the size in units of the loss is c_t = η_t·L(w_t). α is a degree of
// homogeneity, w̄ a direction of length 1.
//
// # What is here
//
//	statement                                            function                   checked by
//	separable data, exponential loss (8.24)              Data.Tail                  8.D3
//	gradient descent and the ℓ₂ margin (Theorem 8.3.1)   Run, HardMargin            8.T5
//	steepest steps (8.27)                                Norm.Steepest              8.I5
//	the margin of a norm (Theorem 8.3.2)                 Run, MaxMargin, Edge       8.T6, TestGoldens
//	AdaBoost                                             Boost                      8.E6
//	‖∇L‖_* ≥ γL (Proposition 8.3.3)                      Edge                       8.P1
//	loss and gradients of a run (Proposition 8.3.4)      Run                        8.P2
//	margin and norm of a run ((8.28) to (8.34))          Result.Worst, Row          8.I6, 8.I7
//	homogeneous predictors (8.35)                        Predictor, Flow            8.A6
//	stationary directions (Definition 8.4.1)             Stationary, NNLS           8.D4, TestNNLS
//	the three assumptions                                Network, Stationary        8.H1
//	limit directions are stationary (Theorem 8.4.5)      Flow                       8.T7
//	expansion of the gradient (Lemma 8.4.6)              Flow                       8.L1
//	the loss sits on the support (Lemma 8.4.7)           Flow                       8.L2
//	the direction as a sum of gradients ((8.39), (8.40)) Flow                       8.I8
//
// # An example
//
//	data := margin.Five()                                 // or margin.NewData of your own
//	best, err := margin.MaxMargin(ctx, data, margin.Sum)  // what ℓ₁ allows
//	run, err := margin.Run(ctx, data, margin.Config{Norm: margin.Sum})
//	fmt.Println(run.Last().Margin, best.Margin)           // and what coordinate descent has reached
package margin
