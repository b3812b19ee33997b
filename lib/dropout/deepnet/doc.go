// Package deepnet is dropout on the top hidden layer of deep networks, section 11.2: the penalty that it
// is, what it becomes for symmetric inputs, and what it does to networks trained on digits.
//
// # Notation
//
// f_w(x) = W_k σ(W_{k-1} ⋯ σ(W_1 x)) without biases, W_h of d_h×d_{h-1}; inputs are the rows of X. a_{k-1}
// are the activations of the top hidden layer, â_j² the mean of a_{j,k-1}(x_i)² over the examples, and
// R̂ = λ Σ_j ‖W_k(:,j)‖² â_j² with λ = p/(1-p) inside, as in section 11.2 (in section 11.1 it is outside).
// Losses are squared, summed over outputs and averaged over examples. C = XᵀX/n is a second moment.
//
// # What is here
//
//	statement                                              function                     checked by
//	descent on the objective        Eq. (11.8)             Net.Head, dropout.Layer      11.E1
//	R̂ is the penalty                Proposition 11.2.1     Net.Penalty                  11.E2
//	half the path norm              Proposition 11.2.2     Net.PathNorm, Net.Expected   11.E3
//	E max(z,0)² = ½E z²             its proof              HalfMoment, GammaHalf        11.E4
//	linear networks: factor 1       Section 11.2           Net.Expected                 11.E5
//	where masks are put             Section 11.2           Method.Layers                11.E6
//	masks end where the penalty ends  Section 11.3         Run                          11.F14
//	balance, co-adaptation          Section 11.0           Measure                      11.A2
//	other regularizers              Section 11.0           Table                        11.A3
//	a convnet, a transformer        beyond the book        RunModels                    11.+/models, 11.E6/conv
//
// # What was found
//
// On digits masks and the explicit penalty end at one R̂/λ. Dropout lowers the squared loss of held-out
// digits, not the share of wrong classes, and an l2 penalty does better. It levels out what hidden
// units carry; their correlations do not fall. In two hidden layers one layer of masks beats both at p = 1/2.
//
// # An example
//
//	r, err := deepnet.Run(ctx, backend, deepnet.Config{Methods: append(deepnet.Dropout(0, .5), deepnet.Explicit(.5)...)})
//	for _, o := range r.Outcomes {
//		fmt.Println(o.Method.Name(), o.Final().Train.Penalty, o.Loss)
//	}
package deepnet
