// Package xla opens the compute that experiments run on, and says what it chose and why.
//
//	backend, report, err := xla.Open(ctx, "auto")
//
// The name "auto" means, in this order: the configuration in the environment variable GOMLX_BACKEND
// if it is set; a PJRT plugin that is already on the machine, CUDA before TPU before CPU, provided
// its device is there and a first program runs on it; else simd, which needs nothing. Other names ask
// for one thing:
//
//	simd                 the backend in Go and assembly of package simd
//	simd:parallelism=1   the same with an option; simd.New lists them
//	go                   GoMLX's own in Go, many times slower
//	xla                  the best PJRT plugin on the machine
//	xla:cpu  xla:cuda    the plugin of that platform
//	xla:/path/plugin.so  that file
//
// and anything else in GoMLX's form "name:options" whose name is registered. PJRT is reached through
// go-xla, the successor of gopjrt that GoMLX builds on.
//
// Open never downloads, never waits for a network and never panics: an unknown name is an error that
// lists the known ones. Install downloads, when asked to. A program built without cgo cannot load
// plugins; it still finds them, and the report says what stands in the way.
//
//	question                              function
//	open the best there is                Open, MustOpen
//	what was chosen, what passed over     Report
//	which plugins are on this machine     Plugins
//	get a plugin                          Install
package xla
