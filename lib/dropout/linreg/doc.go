// Package linreg holds section 11.4: linear regression with dropout, on its inputs or on the units of
// linear hidden layers, the path over the rate for a table of one's own, and the noise of the iterates.
//
// # Notation
//
// X is n×d, y has n values, Ĉ = XᵀX/n and c = Xᵀy/n, p is the probability that a unit is dropped,
// λ = p/(1-p), and a mask entry is 0 or 1/(1-p). Losses are means over examples. u is the vector of
// coefficients; η is a step of descent on the loss as it stands, with the factor 2 of its gradient.
//
// # What is here
//
//	statement                                                  function                               checked by
//	inputs dropped: λ·uᵀdiag(Ĉ)u (erratum E10)                 InputLoss, EnumerateInput, SampleInput 11.G1
//	its minimizer, and the book's                              Input, Least                           11.G1
//	a hidden layer dropped: shrinkage; Tikhonov                Hidden, Ridge                          11.G2
//	deep linear networks: ∏(1 + λ/d_i)                         Deep, Shrinkage, Enumerate             11.G3
//	what each penalty does not see                             Input, Ridge, Hidden                   11.G5
//	mean and covariance of the iterates                        Noise, Limit, SmallStep, Simulate      11.+/noise
//	path over p, cross-validated, with a ridge baseline        Path                                   11.+/path
//	a hypothesis to drop                                       BreakRescaling                         TestBreaks
//
// # An example
//
//	r, err := linreg.Path(ctx, x, y, linreg.Config{})   // x *mat.Dense, y []float64
//	best := r.Dropout[r.Best]                           // rate, coefficients, cross-validated error
//	yhat, err := best.Predict(x)
//	baseline := r.Ridge[r.Ridged].CV
package linreg
