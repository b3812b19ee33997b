// Package implicitbias holds sections 8.0 and 8.1: which of many solutions an algorithm finds.
//
// # Notation
//
// X is n×d with one example a row, y has n labels, L(w) = Σ(w·x_i - y_i)² (8.1; a sum, with the factor 2 in
// its gradient 2Xᵀ(Xw - y), which figure 8.1 depends on), 𝒢 = {w : Xw = y}. R is a potential, ∇R its
// gradient, also called mirror map, D_R(w, w') = R(w) - R(w') - ⟨∇R(w'), w - w'⟩. ‖·‖_p is a norm, q its
// conjugate, 1/p + 1/q = 1. G is a parametrization w = G(θ), ∂G its d×D Jacobian. Time of a flow has the
// unit of a step size.
//
// # What is here
//
//	statement                                              function                          checked by
//	the problem and its solutions (8.1)                    Regression                        8.A1
//	nearest solution (Proposition 8.1.1)                   Regression.Nearest                8.T1
//	gradient, mirror, natural, steepest, boosting, ...     Method, Descend                   8.I1, 8.A2, 8.A3, 8.R0, 8.R1, 8.R2
//	potentials and divergences                             Potential, Bregman                8.D1
//	the limit of mirror descent (Theorem 8.1.2)            Regression.Closest                8.T2
//	least norms, by linear programs and Newton's method    Regression.LeastNorm              8.E1, 8.E2
//	the path of the lasso                                  LassoPath                         8.E1
//	figure 8.1                                             Figure81, ExploreSteepest         8.F1
//	flows (8.6) to (8.9)                                   Flow                              8.I2
//	parametrizations                                       Parametrization                   8.A4, 8.I3, 8.E3, 8.E4, 8.E5
//	the potential R_α (Theorems 8.1.6 and 8.1.7)           Hyperbolic                        8.T3, 8.I4, 8.R3, 8.T4
//	commuting parametrizations (Definition 8.1.8)          Parametrization.Commutator        8.D2, 8.R4
//	which bias does a method have?                         Identify                          8.+/identify
//	the mirror map of a parametrization, and whether       Discover                          8.+/mirror
//	stopping early against a penalty                       RunFrontier                       8.+/frontier
//	every method against its own geometry                  Table                             TestTable
//	a guess, and hypotheses to drop                        PredictLimit, Breaks              TestLessons
//
// # An example
//
//	p, err := implicitbias.NewRegression(x, y)             // or NotRealizableError
//	m := implicitbias.Mirror{Potential: implicitbias.Entropy{}}
//	run, err := implicitbias.Descend(ctx, p, m, start, implicitbias.DescentConfig{Eta: .02})
//	w, err := p.Closest(ctx, implicitbias.Entropy{}, start) // where theory says it ends
package implicitbias
