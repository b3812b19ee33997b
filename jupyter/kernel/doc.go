// Package kernel builds, starts, talks to and ends a GoNB kernel: the program that compiles and
// runs the Go cells of a notebook.
//
// A kernel started here leaves nothing behind. It has a folder of its own for connection file,
// sockets and temporary files, a process group of its own, and a marker in its environment by
// which processes that left the group (gopls) are found. Close ends all of them and removes the
// folder. Connections are Unix sockets in that folder, so that kernels running side by side
// cannot take each other's ports and other users of the machine cannot reach them.
//
// What this package knows about GoNB v0.11:
//
//   - an execute request must carry every field, or the kernel ends;
//   - requests on the control channel are answered on shell;
//   - kernel_info waits behind a running cell, so that life is judged by process and heartbeat;
//   - the connection file must be named kernel-UUID.json, or widgets do not connect;
//   - goimports must be on the kernel's PATH; gopls, which only completes and leaks, must not.
//
// Table of concerns:
//
//	concern                                    -> function       -> test
//	gonb and goimports, built once             -> Build          -> TestBuild
//	start, deadline, folder, environment       -> Start          -> TestKernelStart
//	messages of shell, control, stdin, iopub   -> Events, Send   -> TestKernelExecute
//	dead kernel: process and heartbeat         -> Died, Err      -> TestKernelDied
//	interrupt, kill, nothing left behind       -> Interrupt, Close -> TestKernelInterrupt
//	private kernelspec for Jupyter             -> InstallSpec    -> TestInstallSpec
//	kernel for a front end that starts it      -> Serve          -> TestKernelServe
//
// An example:
//
//	tools, err := kernel.Build(ctx, kernel.BuildConfig{ModuleDir: "."})
//	k, err := kernel.Start(ctx, kernel.Config{Tools: tools})
//	defer k.Close()
//	reply, err := k.Execute(ctx, "%%\nfmt.Println(6 * 7)", func(m *wire.Message) { ... })
package kernel
