// Package factor holds sections 8.2 and 8.5, which the book leaves empty: what gradient descent prefers
// among the minimizers of a matrix factorisation, and what its preference is in the space of functions.
//
// # Notation
//
// W = W_N···W_1 is a product of N square factors, σ_r its singular values, u_r and v_r its singular
// vectors, a the scale of the start. β is the predictor of a linear network, β̂ its unitary discrete
// Fourier transform, ‖β̂‖_p = (Σ|β̂_d|^p)^{1/p}. f is a function of one variable and ∫|f”| the total
// variation of its slope.
//
// # What is here
//
//	statement                                                  function                         checked by
//	sensing UUᵀ: a small start finds low rank                  RunSensing                       8.A5
//	depth 2 and 3 send the missing entry to infinity           RunProduct, EntryBound           8.A5/product
//	dσ_r/dt = -N(σ_r²)^{1-1/N}⟨∇ℓ, u_r v_rᵀ⟩                   Speed, RunFlow                   8.A5/speed
//	singular values are learned one after the other            ReachTime, RunDepth              8.A5/depth
//	convolutional linear networks: ℓ_{2/L} of the spectrum     RunConv, FourierKKT              8.A7
//	networks of one input: least variation of the slope        RunReLU, LeastCost               8.A7/relu
//	a hypothesis to drop, a guess to make                      BreakFactorization, PredictMissing  TestLessons
//	pictures with sliders                                      Explorers                        TestExplorers
//
// Depth N of a factorisation counts factors; RunConv's L counts convolutions, the last being the
// output's weights. Gradient flow is meant where a formula has dt; descent follows it to the order of its
// step.
//
// # An example
//
//	r, err := factor.RunDepth(ctx, factor.DepthConfig{Depth: 3})
//	at := r.Reach(1, .25)                            // when the second value, 0.5, is half there
//	t, err := factor.ReachTime(1e-3, .25, .5, 3)     // and when it should be
package factor
