// Package cache keeps the outputs of notebook runs by the content of what was run.
//
// Two runs are equal, and the second may take the outputs of the first, if they agree in
//
//   - the code cells in their order, with the tags that steer execution (prose is left out);
//   - the parameters;
//   - the go.mod and go.sum that the cells see;
//   - the source of the packages of local modules that the cells use, directly or through
//     other local packages, with the files that they embed; test files are left out;
//   - the versions of GoNB and Go, the platform, the compute backend, and the environment
//     settings given to the kernel.
//
// What a cell reads besides (files, the network, the clock) is not seen; run such notebooks with
// force. Failures of cells are kept as failures. Timeouts and dead kernels are not kept: they may
// be the machine's fault.
//
// The local packages are found by reading import declarations, not with "go list", which takes
// most of a second; build constraints are therefore ignored and all files of a package count.
//
//	concern                               -> function        -> test
//	what makes runs equal                 -> Inputs.Key      -> TestKey
//	source of local packages              -> (sources.go)    -> TestSources
//	entries, whole or not at all          -> Get, Put        -> TestGetPut
//	old entries go                        -> Prune           -> TestPrune
package cache
