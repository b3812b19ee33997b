//go:build !noasm

package vec

// best returns the level of this machine: all of this kind have NEON.
func best() level { return neon }
