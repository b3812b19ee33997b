// Package dropout holds what every model of chapter 11 shares: rates, masks, layers, and the penalty
// that dropout is.
//
// # Notation
//
// p in [0,1) is the probability that a unit is dropped, λ = p/(1-p). A mask entry is 0 with probability
// p, else 1/(1-p): mean 1, variance λ. The last hidden layer of a network has d units with activations
// a_j(x_i) on n examples, W [k×d] is the matrix above it, W(:,j) what goes out of unit j. Losses are
// summed over outputs and averaged over examples.
//
// # What is here
//
//	statement                                     function                        checked by
//	λ = p/(1-p)                   Eq. (11.4)      Lambda, Rate                    TestLambda
//	masks, all or some                            Enumerate, Noise.Draw           11.A1, TestEnumerate
//	forward and backward pass     Section 11.0    Layer                           11.A1
//	GoMLX's rate is the same p                    layers.Dropout                  TestGoMLXConvention
//	the penalty in a loss         Prop. 11.2.1    Regularizer                     11.A1, 11.+/layers, 11.+/models
//	DropConnect's                                 ConnectRegularizer              11.+/layers
//	three evaluators on the host  Eq. (11.8)      Head.Penalty, Exact, Estimate   11.E2, 11.+/layers
//	when one unit is missing                      Head.FirstOrder                 11.+/layers
//
// Subpackages: sensing and completion (section 11.1), deepnet (11.2), tied (11.3), linreg (11.4).
//
// # Training with the penalty in place of masks
//
//	lambda, err := dropout.Lambda(0.5)
//	...
//	loss := graph.Add(task, dropout.Regularizer(dropout.Squared, lambda, features, weights, nil))
//
// features may come from any network, a transformer or a convnet as well as an MLP (the examples show all
// three); only what lies above them must be linear. For squared loss this is what masks do on average,
// without their noise; for softmax it is an approximation.
package dropout
