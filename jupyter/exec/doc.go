// Package exec runs notebooks in a Go kernel (GoNB) and says how they ended.
//
//	func Run(ctx context.Context, nb *ipynb.Notebook, opt Options) (*Result, error)
//
// Run starts a kernel of its own, executes the code cells in order and stops at the first that
// fails. The input notebook is not changed; Result.Notebook is a copy with the outputs, also
// where the run ended early, with the error in the cell that caused it: a cell's earlier outputs go
// when it starts, so cells that were not reached keep theirs. The returned error says why:
//
//	error                outcome                                     ExitCode
//	nil                  every cell ran                              0
//	*CellError           a cell failed, or asked for input           1
//	*ParameterError      a parameter that the notebook lacks         2
//	*TimeoutError        a cell took longer than CellTimeout         3
//	*kernel.DiedError    the kernel ended by itself or hangs         4
//	*kernel.StartError   the kernel did not start                    4
//
// GoNB reports a cell whose program panics, exits with a code or is interrupted as a success; its
// stderr then ends in "exit status N" or "signal: ...". Run counts these as failures.
//
// Tags of cells: "parameters" (declarations that Options.Params may override), "skip-execution"
// (the cell keeps its outputs and does not run), "raises-exception" (the cell may fail and the
// run goes on).
//
// Several notebooks may be run at the same time; each has its own kernel and folders.
//
//	concern                                          -> where            -> test
//	streams coalesced, display_id, clear_output      -> outputs.go       -> TestOutputs
//	failures that the kernel calls ok                -> failure.go       -> TestFailure, TestKernelFailures
//	parameters as Go declarations                    -> params.go        -> TestParams, TestKernelParams
//	live widgets answered without a browser          -> jupyter/frontend -> TestKernelWidgets
//	cached results                                   -> jupyter/cache    -> TestKernelCache
//
// An example:
//
//	nb, err := ipynb.ReadFile("notebooks/09-ntk.ipynb")
//	...
//	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: "."})
//	seed, err := gomod.FromCheckout(".")
//	res, err := exec.Run(ctx, nb, exec.Options{
//		Kernel: kernel.Config{Tools: tools, Dir: "notebooks"},
//		Seed:   seed,
//	})
//	res.Notebook.WriteFile("out.ipynb") // also after an error
//	os.Exit(exec.ExitCode(err))
package exec
