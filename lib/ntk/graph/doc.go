// Package graph is the graph neural tangent kernel of section 9.5: what an infinitely wide network
// computes on graphs when nodes pass sums to their neighbours.
//
// # Notation
//
// A graph G has nodes u with features h_u and undirected edges; A is its adjacency matrix, Ã = c·(A+I)
// the matrix by which every node sums itself and its neighbours, with c = 1, or 1/(deg u + 1) for
// means. A network has B blocks: one aggregation and R fully-connected ReLU layers of width m each;
// its output is Σ_u vᵀh_u. S and T are the covariance and the tangent kernel of nodes, matrices over
// pairs of a node of G and a node of G'; κ₀ and κ₁ are the arc-cosine functions of package ntk. A
// ridge is relative to the mean of the Gram matrix's diagonal.
//
// # From the book to the code
//
//	statement                                           function                     checked by
//	the graph NTK                        Section 9.5    Kernel                       9.E2
//	k = (BR+1)·walks·walks' for features 1              Kernel                       9.E2
//	its networks, of finite width                       Network, Probe, RunNetworks  9.E2/networks
//	covariance of their outputs                         RunOutputs                   9.E2/networks
//	small families of graphs             Section 9.5    RunStudy, Draw               9.E2
//	the kernels it is compared with                     DegreeHistogram,
//	                                                    WeisfeilerLehman             9.E2, TestWeisfeilerLehman
//	what no message passing sees                        Kernel                       9.E2/blind
//	the same, to try out                                ExploreFamilies, ExplorePairs,
//	                                                    BreakRegular, PredictTriangles
//
// # Use
//
//	graphs := []graph.Graph{graph.Cycle(6), graph.Star(6)}
//	for i := range graphs {
//		graphs[i] = graphs[i].OneHotDegrees(10) // graphs that come without features
//	}
//	gram, err := graph.Kernel{Blocks: 2, Layers: 1}.Gram(ctx, graphs)
//	score, err := graph.CrossValidate(ctx, gram, labels, 5, 0.01)
//
// # Conventions
//
// The kernel grows with the number of nodes and walks; it is not normalised. Degree coefficients and
// jumping knowledge follow Du, Hou, Póczos, Salakhutdinov, Wang and Xu (2019). Networks scale each
// layer by √(2/m), c_σ = 2 of ReLU, as package ntk does. Everything but networks runs on the host in
// float64 and is the same for any GOMAXPROCS.
package graph
