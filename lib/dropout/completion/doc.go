// Package completion holds section 11.1.2: a matrix of which some cells are seen, two factors trained with
// dropout on its hidden units, the weighted trace norm that this induces, and the bound on what is not seen.
//
// # Notation
//
// U is d2×d1 and V is d0×d1; column j of both is hidden unit j, d1 the width, M = UVᵀ. M* is sought. A cell
// (i, k) is drawn with probability p(i)q(k): p and q are RowProb and ColProb. The rate of dropping a unit,
// for which the book writes p as well, is Rate, and λ = Rate/(1-Rate). L̂ and R̂ are means over the cells,
// with multiplicity; R is the expectation of R̂, Θ(M) the least R over the factors of M; none contains λ.
// ‖M‖_{p,q} = ‖diag(√p)·M·diag(√q)‖_* is the weighted trace norm. α = d1·R̂; γ is the largest squared norm
// of a row of U or V. Logarithms are natural.
//
// # What is here
//
//	statement                                          function                      checked by
//	completion as sensing (11.1.2)                     Problem.Evaluate, Sample      11.D1
//	R, its variance, Θ = ‖M‖²_{p,q}/d1 (11.7)          Expected, Variance, Induced   11.D2
//	factors that attain Θ                              Equalized                     11.D2
//	the minimum on an infinite sample                  Best                          11.D2/optimum
//	the bound with its assumptions (Theorem 11.1.2)    Generalization                11.D3
//	Rademacher complexity of M_α                       Rademacher, ComplexityBound   11.D4, 11.D5
//	R̂ ≈ R ≈ Θ, and what the width does                 RunWidths                     11.D6
//	the max-norm constraint, and what it is for        Factors.Project, RunHeavy     11.D7
//	rate against α and the bound                       RunSweep                      11.D8
//	the leading term, the number of samples            Bound, SampleSize             11.D9
//	fitting cells of one's own                         Fit, Empirical                ExampleFit
//	choosing a rate on cells left out                  CrossValidate                 TestCrossValidate
//	weighted trace norm as a baseline                  Problem.Decay, Convex         TestBaseline
//
// # An example
//
//	rowProb, colProb, err := completion.Empirical(rows, cols, cells)
//	p := &completion.Problem{Rows: rows, Cols: cols, RowProb: rowProb, ColProb: colProb, Cells: cells, Width: 10, Rate: 0.3}
//	fit, err := completion.Fit(ctx, p, completion.Config{Gamma: 2})
//	m := fit.Factors.Matrix()                                          // the hidden cells
//	b, err := completion.Generalization(p, fit.Factors, nil, 0.05)     // and what Theorem 11.1.2 says of them
package completion
