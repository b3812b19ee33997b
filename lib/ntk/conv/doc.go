// Package conv has the exact kernels of infinitely wide convolutional ReLU networks on images, with a
// readout weight for each place (CNTK-V) or after global average pooling (CNTK-GAP), as tangent kernels
// of trained networks and as covariances of random ones (NNGP); and the small-data study of section 9.5
// that they are used for.
//
// # Notation
//
// An image x has C₀ channels on H×W places p. A network has L layers of q×q filters, q odd, stride 1,
// zeros beyond the border. K^{(h)}, K̇^{(h)}, S and T are tensors over pairs of places (p, p') of a
// pair of images: K^{(0)} = Σ_α x_α⊗x'_α, box sums an entry's q×q neighbours with both places moving
// together, and from S = T = box(K^{(0)}), for h = 1..L,
//
//	K^{(h)} = (c_σ/q²)·E[σ(u)σ(v)],   K̇^{(h)} = (c_σ/q²)·E[σ'(u)σ'(v)],   c_σ = 2,
//	T ← K̇^{(h)}⊙T + K^{(h)},   and, if h < L,   S ← box(K^{(h)}),  T ← box(T),
//
// (u, v) being normal with the variances of S at their own places and covariance S. The kernel is
// Σ_p T_{p,p} without pooling, the mean of T over all pairs of places with it; K^{(L)} in the place of T
// for NNGP. Where a patch is blank its variance is 0, and so is K. Depth 0 is the linear kernel.
// Arora et al. 2019, "On exact computation with an infinitely wide neural net".
//
// # How it is computed
//
// Layers act on entries, and box moves both places alike: entries with one displacement p' - p never
// meet those with another. So a pair of images falls into (2H-1)(2W-1) small planes that run through
// all layers one after another, many images at a time, within the processor's cache; without pooling only displacement 0
// is read, and the cost is L·H·W a pair in place of L·(H·W)². A layer costs one square root and one
// polynomial an entry (see angle.go). On amd64 its inner loop takes four entries at a time, with the
// same results to the last bit. Everything is float64; κ₀ has an error below 1e-12 at angles above
// 1e-3, growing to 1e-8 at angle 0, where equal patches are exact.
//
// # From the statement to the code
//
//	statement                              function                          checked by
//	the kernel and its readouts            Kernel, Grams, Crosses            9.+/cntk, TestAgainstTheRecursion
//	its tensor for one pair                Kernel.Map, FigureMap             TestPassesAgree
//	networks of C channels, by gradients   RunNetworks                       9.+/cntk, TestNetworksOfOneLayer
//	9.E3, accuracy from few images         RunLattice, LatticePaper          9.E3, TestPaperLattice
//	ablation with paired tests             QuickLattice, Lattice.Compare,
//	                                       NewMcNemar                        9.+/lattice, TestMcNemar
//	predictor (9.6) from a kernel matrix   Fit, CrossValidate                TestRegressionAgreesWithRows
//
// # Use
//
//	images, labels, err := conv.Digits()
//	train, err := images.Slice(0, 50)
//	test, err := images.Slice(1297, 1797)
//	k := conv.Kernel{Depth: 3, Pool: true}
//	g, err := k.Gram(ctx, train)
//	codes, err := data.OneHotMinusMean(labels[:50], 10)
//	fit, err := conv.Fit(ctx, g, codes, 1e-6)
//	cross, err := k.Cross(ctx, test, train)
//	scores, err := fit.Predict(cross)
package conv
