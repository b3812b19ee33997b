// Package sensing holds sections 11.1 and 11.1.1: matrix sensing with two factors under dropout, the
// penalty that dropout is, and the nuclear norm that it induces.
//
// # Notation
//
// U is d₂×d₁ and V is d₀×d₁, with columns u_j and v_j; d₁ is the width. M = UVᵀ is the product, M* the
// matrix that is sought, A⁽ⁱ⁾ are the n sensing matrices, d₂×d₀, and y_i = ⟨M*, A⁽ⁱ⁾⟩ + noise. p is the
// rate at which units are dropped and λ = p/(1-p). R̂ is the penalty on the sample, R its expectation and
// Θ(M) the least R of all factors with product M; neither contains λ. σ_1 ≥ σ_2 ≥ ... are singular values
// and ‖·‖_* is their sum. F(a; r, c) is the r×c matrix with entries sin(a + 1.7t + 0.3t²), t = ic + j.
package sensing
