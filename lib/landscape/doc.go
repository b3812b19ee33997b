// Package landscape holds chapter 6: what a nonconvex objective looks like where its gradient vanishes, and
// which objectives gradient descent can be trusted with.
//
// # Notation
//
// f is a function from R^d to R, twice differentiable, f* its minimum, w* or x* a minimizer. Points are
// slices of d numbers. λ_1 ≥ … ≥ λ_d are the eigenvalues of a symmetric matrix and v_i its unit
// eigenvectors. The index of a critical point is the number of negative eigenvalues of its Hessian. An
// (ε, γ)-second-order stationary point has ‖∇f‖ ≤ ε and λ_min(∇²f) ≥ -γ.
//
// # What is here
//
//	statement                                             function                          checked by
//	a function with its derivatives and constants         Objective                         TestDerivatives
//	what the Hessian decides (Claim 6.1.4)                Classify                          6.C1, TestClassify
//	PL, weak quasi-convexity, restricted secant (6.2.1)   BestConstants                     6.D4
//	the rates that they give (Claim 6.2.2)                PLRate, RSIRate, WQCBound         6.C2
//	generalized linear models (6.3, 6.4)                  GLM.Loss                          6.A1, 6.I1, 6.I2
//	constants from the slope of σ                         GLM.Guarantee                     6.X1
//	the convex surrogate (6.5)                            GLM.Surrogate                     6.A2
//	networks of ReLU neurons, exactly                     Neurons                           6.I3, 6.T1, 6.R1
//	second-order stationary points (6.3.1, 6.3.2)         Certify                           6.D5, 6.D6, 6.D7
//	¼‖M - xxᵀ‖² and its critical points (6.6, 6.7)        TopEigenvector                    6.A3, 6.I5, 6.C3
//	directions of improvement (6.4.2)                     Objective.Improves                6.D8
//	the sharp constant of Lemma 6.4.3                     Plane, Worst                      6.A4, 6.L1, 6.L2
//	rank r, with the same direction                       Align                             6.R4
//	part of the entries                                   RunCompletion                     6.R3
//	all critical points, and whether one is missing       Census                            6.+/census
//	students wider than their teachers                    RunWidths                         6.+/widths
//	a picture of any objective around a point             SliceAlong, Slice.Figure          TestSlice
//	figure 6.1, and pictures with sliders                 Explorers                         TestExplorers
//
// # An example
//
//	o := landscape.Wavy(3)              // or an Objective of your own
//	path, err := landscape.Descend(ctx, o, start, eta, steps, nil)
//	end := path[len(path)-1]
//	c, err := landscape.Certify(ctx, o, end)             // a minimum, as far as second order tells?
//	s, err := landscape.SliceAlong(ctx, o, end)          // and what it looks like around it
//	fig, err := s.Figure(ctx, o, 1, 49, path)
package landscape
