// Package workload measures a GoMLX backend on pieces of work that a user would give it: products of
// matrices, an elementwise chain, softmax and layer norm with their gradients, whole training steps.
// [Torch] does the same work beside it, where Python has PyTorch, so that a comparison is a ratio of
// two times taken in the same minute.
//
//	question                         name
//	which pieces of work             All
//	prepare one on a backend         Workload.New
//	the same in PyTorch              Torch
//	both, alternately                Compare
//
// Both sides hold the same arrays of the same types and build the same network; what is random in
// them does not change the work.
package workload
