// Package vec has the block kernels of elementwise operations and reductions in assembly.
package vec

//go:generate sh -c "cd gen && go run ."
