// Package ensemble holds the exact law of an ensemble of wide networks against networks that are really
// trained: means, variances, joint law and coverage of predictive intervals (section 9.1.1 and beyond).
//
// # Notation
//
// Θ is the tangent kernel of the network, 𝒦 the covariance of its outputs at the start (NNGP), X the n
// training inputs, y their labels, z other inputs. Training is k steps of full-batch gradient descent
// of step η on ½Σ(f(x_i)-y_i)², t = ηk. With A = Θ(z,X)Θ⁻¹(I-(I-ηΘ)^k) the outputs at z over random
// initialisation are Gaussian in the limit of infinite width,
//
//	mean μ = A·y,  covariance Σ = 𝒦(z,z) + A𝒦(X,X)Aᵀ - A𝒦(X,z) - 𝒦(z,X)Aᵀ   (Lee et al. 2019, Eq. 16).
//
// ntk.Ensemble computes it; here it is tested. Nothing is fitted: the steps of the law are those of the
// networks.
//
// # What is measured, and against what
//
//	statement                                 function                     tolerance
//	mean at a place                           Result.Probes                4σ/√N, σ the law's
//	variance at a place                       VarianceInterval             exact χ² interval, N-1 degrees
//	joint law of six places                   Mahalanobis, MeanDistance    χ² with 6 degrees
//	shape of the joint law                    KolmogorovSmirnov            2.28/√N
//	50, 90, 95% predictive intervals          Coverage                     4·sd/√N, sd from Law.Spread
//	the posterior of the process is another   Result.Posterior             refuted as an alternative
//
// All are in claim 9.+/ensemble. Networks are independent; outputs of one network at several places are
// not, so a network is a cluster: a coverage is the mean over networks of each one's share of places,
// and its interval is Wilson's with the effective number of trials that the spread of shares implies.
//
// # What finite networks do
//
// At m = 4096 and 200 networks no test sees a difference up to t = 3. Narrow networks lag behind: the
// mean over networks of exp(-Θ_m t) is above exp(-Θt), and where the law's spread goes to zero, at the training
// points at late times, the spread of the kernels is all that is left. Three hidden layers of width 512
// agree in the mean and cover too little.
//
// Networks are trained on the host in float64 (net.go says why); TestTraining checks them against
// GoMLX's autodiff.
//
// # Use
//
//	r, err := ensemble.Run(ctx, ensemble.Config{})
//	c := r.Coverage(0, r.Moments[0].Law, .5, .9, .95)
package ensemble
