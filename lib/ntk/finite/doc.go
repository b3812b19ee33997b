// Package finite trains and measures finite networks beside their infinite-width kernels: the
// experimental half of chapter 9 (neural tangent kernels).
//
// # Notation
//
// n training inputs x_i are the rows of X, y the labels, u the outputs on them, ½‖u-y‖² the loss, η
// the step of full-batch gradient descent, t = kη the time after k steps. m is the width, m^(-1/2) the
// scale of its corrections. H(t) is the Gram matrix of gradients of a two-layer network whose first
// layer is trained, H* its limit, λ₁ ≥ … ≥ λ_n the eigenvalues of H*, Θ̂ and Θ^{(L)} the same for L
// hidden layers, all trained. Matrix norms are spectral unless a Frobenius sign stands there.
//
// # Two routes
//
// Networks, losses and gradients live in GoMLX graphs; kernels, their limits and the trajectories
// under them are computed on the host from formulas, in float64. Weights and labels are drawn on the
// host from named streams, so that the same seed gives the same experiment on every backend.
//
// # What is here
//
//	statement                                       function                      claim, test
//	du/dt = -H(t)(u-y)             Lemma 9.1.1      RunEvolution                  9.L1
//	the two-layer network          (9.7)            RunStart                      9.A2
//	H(t) stays near H(0)           Lemma 9.2.3      RunLazy                       9.L3, 9.I4, 9.R1, 9.R2, 9.R5
//	deep networks, small steps     Remarks 3, 4     RunDeep, RunSteps             9.R3, 9.R4
//	true, random, worst labels     Figure 9.1       RunLabels                     9.F1/finite
//	random labels, wide students   Section 9.0      RunStudents                   9.R0
//	L hidden layers                (9.12)           RunWidth, RunOutput           9.A3/networks
//	‖g^{(h)}‖² keeps ‖x‖²          Section 9.4      RunNorms                      9.I5
//	∂f/∂W = b gᵀ, layer kernels    (9.13), (9.14)   RunBackward                   9.I6, 9.I7
//	⟨b,b'⟩ → ΠΣ̇                     (9.17)           RunWidth                      9.I8
//	Θ̂ → Θ^{(L)}                    Section 9.4      RunWidth, EmpiricalKernel     9.A5/empirical
//	outputs become Gaussian        (9.15), (9.16)   RunOutput                     9.A4/output
//	corrections as powers of m     beyond           RunCorrections                9.+/widths
//	any network's J·Jᵀ                              JacobianKernel                TestEmpiricalKernel
//
// ExploreLabels and ExploreLazy are figures that a reader can change, for package widgets to show. Their
// networks are trained on the host by following gates, see gated, which needs no backend.
//
// Each experiment is a pure function of a context, a backend and a Config whose zero value is a quick
// preset; functions named Paper... give the reference's own setting. Results are plain data that
// round-trips through JSON and makes the figures of figures.go.
package finite
