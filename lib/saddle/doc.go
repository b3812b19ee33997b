// Package saddle holds chapter 7: how gradient descent leaves saddle points once it is perturbed, how fast, and
// why the part of a perturbation ball from which it does not is a thin slab.
//
// # Notation
//
// f is a function from R^d to R with ℓ-Lipschitz gradient and ρ-Lipschitz Hessian, f* its minimum, η a step
// size. x̃ is a saddle, H = ∇²f(x̃), -γ = λ_min(H) < 0 and e₁ its unit eigenvector. ε is the accuracy of an
// ε-second-order stationary point (ε-SOSP): ‖∇f‖ ≤ ε and λ_min(∇²f) ≥ -√(ρε). r is the size of a perturbation,
// ηr the radius of the ball of perturbations, 𝒯 the steps between two, κ = ℓ/√(ρε). Norms are Euclidean and
// spectral.
//
// # What is here
//
//	statement                                             function                              checked by
//	functions of which all constants are known            Cosine, Quadratic                     7.D1, 7.D2
//	hard instances: minima and copositivity (7.1)         Quartic, Copositive, Stable           7.R1
//	ε-SOSPs, with certainty (Definitions 7.1.3-7.1.5)     Test                                  7.D3, 7.D4, 7.D5
//	other units: g(x) = a·f(bx) (footnote 1)              Rescale                               7.I1
//	gradient descent, noise always, noise when slow       GD, PGD1, PGD2                        7.N1, 7.A1, 7.A2
//	Theorem 7.2.1 and what it is made of                  PGD2, Patience                        7.T1, 7.R2, 7.C1, 7.C2
//	where noise settles                                   NoiseFloor                            7.A1
//	the law of escape times, and its exact mean           Escape                                7.L1, 7.R3, 7.+/law
//	improve or localize (Lemma 7.3.2)                     Reach, Localize                       7.L2, 7.I2
//	the stuck region: exact, bounded, sampled             Stuck, SlabBound, SlabCoefficient     7.D6, 7.I3, 7.F1
//	coupled runs and their difference in parts            Couple, Averaged                      7.A3, 7.L3, 7.I4-7.I6
//	exponential time without noise (Du et al. 2017)       Chain                                 7.+/chain
//	negative curvature from gradients (NEON)              NegativeCurvature                     7.+/neon
//	a network's saddle                                    RunAudit                              7.+/network
//	all methods at one saddle                             RunRace                               TestRace
//
// # An example
//
//	o, err := saddle.Cosine(1000, .5)                    // or an objective of your own, with its ℓ and ρ
//	res, err := saddle.PGD2(ctx, o, make([]float64, 1000), saddle.Kick{}, saddle.Options{Epsilon: .05, Stop: true})
//	res.Found, res.X, res.Answer.Curvature               // an ε-SOSP, the point, its lowest curvature
package saddle
